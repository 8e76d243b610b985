"""What `candor score` scores from: records, somebody's own export, or whatever a service fetches."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from candor.formats import ArchiveError, Reading, read_archive
from service.commands.trouble import misuse, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from candor.scoring.activity import Activity
    from service.commands.client import Client

MAX_INLINE = 10_000


@dataclass(frozen=True)
class Asked:
    """What is to be scored: a job's body without records, and what a source must say of itself."""

    body: dict[str, Any]
    profile: str | None
    granted_rights: bool

    @property
    def network(self) -> str:
        """The network that the records come from."""
        network: str = self.body["accounts"][0]["network"]
        return network


class Source(Protocol):
    """Where the records are."""

    @property
    def gaps(self) -> tuple[str, ...]:
        """What they do not show."""

    def read(self) -> Sequence[Activity]:
        """Return the records. Raises Trouble where a service is needed to have them."""

    def sent(self, client: Client, asked: Asked) -> AbstractContextManager[dict[str, Any]]:
        """Give the part of a job's body that says where the records are, which holds while the block lasts."""


@dataclass(frozen=True)
class Records:
    """Records as a community keeps them. Many go as a data set, which is deleted afterwards."""

    activities: Sequence[Activity]
    gaps: tuple[str, ...] = ()

    def read(self) -> Sequence[Activity]:
        """See Source."""
        return self.activities

    @contextmanager
    def sent(self, client: Client, asked: Asked) -> Iterator[dict[str, Any]]:
        """See Source."""
        profile, rights = asked.profile, asked.granted_rights
        if len(self.activities) <= MAX_INLINE:
            records = msgspec.to_builtins(self.activities)
            yield {"activities": records, "profile": profile, "granted_rights": rights}
            return
        say(f"Uploading {len(self.activities):,} records.")
        with client.dataset(self.activities, network=asked.network, profile=profile, granted_rights=rights) as name:
            yield {"dataset": name}


@dataclass(frozen=True)
class Export:
    """Somebody's own export; a service reads the file again, as a data set that is deleted afterwards."""

    path: Path
    reading: Reading

    @property
    def gaps(self) -> tuple[str, ...]:
        """What such an export does not show."""
        return (self.reading.shows,)

    def read(self) -> Sequence[Activity]:
        """See Source."""
        return self.reading.activities

    @contextmanager
    def sent(self, client: Client, asked: Asked) -> Iterator[dict[str, Any]]:
        """See Source."""
        with client.archive(self.path, asked.network) as name:
            yield {"dataset": name}


@dataclass(frozen=True)
class Fetched:
    """The accounts' own network, which workers read."""

    gaps: tuple[str, ...] = ()

    def read(self) -> Sequence[Activity]:
        """See Source."""
        raise misuse("--in-process reads no network: give --activities or --archive, or leave --in-process out")

    @contextmanager
    def sent(self, client: Client, asked: Asked) -> Iterator[dict[str, Any]]:
        """See Source."""
        del client, asked
        yield {}


def read_export(path: str) -> Export:
    """Read an export, telling on stderr what was seen. Raises Trouble."""
    say(f"Reading {path}.")
    try:
        with Path(path).open("rb") as file:
            reading = read_archive(file)
    except OSError as error:
        raise misuse(f"the archive can not be read from {path}: {error.strerror}") from None
    except ArchiveError as error:
        raise misuse(f"{path}: {error}") from None
    left_out = ", ".join(f"{count:,} {reason}" for reason, count in reading.left_out.items())
    say(
        f"Read {len(reading.activities):,} records of {reading.network}"
        + (f"; left out: {left_out}." if left_out else ".")
    )
    return Export(Path(path), reading)
