"""What reads a whole community, or a part of one, step by step, from where it stopped."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from worker.connectors.source import Connector, Profile, UnknownAccountError
from worker.outbound import OutboundError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from candor.scoring.activity import Activity
    from candor.store.sources import AskedSource
    from worker.connectors.source import Source


class Step(NamedTuple):
    """Records that came together, and where to go on after them; `complete` when nothing is left to read."""

    records: list[Activity]
    cursor: dict[str, Any]
    complete: bool = False


class Community(Connector):
    """A connector that reads what everybody did in one place, so that a data set can follow it.

    `trusted` are the accounts that the place itself gives a part in looking after it, as far as was read; `objecting`
    are those that were shown with a sign that they do not want to be read.
    """

    def __init__(self, source: Source, network: str) -> None:
        super().__init__(source, network)
        self.trusted: dict[str, None] = {}
        self.objecting: set[str] = set()

    @abstractmethod
    def steps(self, asked: AskedSource, cursor: dict[str, Any], since: datetime) -> Iterator[Step]:
        """Yield what happened from `since` on, beginning where a cursor stands (empty: at the beginning).

        A step may bring again what an earlier one brought. Without a complete step at the end something could not be
        read, and the gaps say what. Raises BudgetSpentError and WaitingError: the cursor of the last step holds.
        """

    def needs(self, host: str) -> bool:
        """Say whether reading is to wait until this host answers again; else what it keeps is left out, with a gap."""
        del host
        return True

    def profiles(self, names: Collection[str]) -> Iterator[Profile]:
        """Yield who these accounts are and whether they may be read; one that cannot be asked about is a gap."""
        for name in names:
            try:
                yield self.profile(name)
            except UnknownAccountError:
                continue
            except OutboundError as error:
                self.source.gaps.add("accounts", error.words)


def as_cursor(place: msgspec.Struct) -> dict[str, Any]:
    """Write a place as a cursor that can be kept."""
    cursor: dict[str, Any] = msgspec.to_builtins(place)
    return cursor
