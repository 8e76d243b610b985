"""The command line that the launcher and each of its workers share; workers are started with the launcher's own.

The address of Redis, which may hold a password, and tokens come from the environment instead, since everybody on a
machine can read its command lines.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from candor.store import Store, open_store
from candor.store.models import Retention
from candor.telemetry.logs import FORMATS, LEVELS
from worker.connectors.source import Access
from worker.outbound import Transport
from worker.webhooks import LIMITS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from candor.telemetry.logs import LogFormat

TOKENS = {
    "CANDOR_GITHUB_TOKEN": "api.github.com",
    "CANDOR_X_TOKEN": "api.x.com",
    "CANDOR_STACKEXCHANGE_KEY": "api.stackexchange.com",
}
MASTODON_TOKENS = "CANDOR_MASTODON_TOKENS"
REDIS_URL = "CANDOR_REDIS_URL"


@dataclass(frozen=True)
class Options:
    """Where things are kept and for how long, how many workers, whom to write to, and how long to wait at the end.

    `access` holds the operator's tokens and where test networks are; `test_hosts` (HOST:PORT) may be asked although
    they are not public.
    """

    redis_url: str
    data_dir: Path
    workers: int
    contact: str | None
    grace_s: float
    retention: Retention
    test_hosts: frozenset[str] = frozenset()
    access: Access = field(default_factory=Access)
    log_level: str = "info"
    log_format: LogFormat = "auto"

    def open_store(self, *, patient: bool) -> Store:
        """Open the store these options name."""
        return open_store(self.redis_url, self.data_dir, retention=self.retention, patient=patient)

    def transport(self) -> Transport:
        """Make the way out to networks."""
        return Transport(contact=self.contact, test_hosts=self.test_hosts)

    def webhook_transport(self) -> Transport:
        """Make the way out to webhooks, which wait less and read nothing."""
        return Transport(contact=self.contact, test_hosts=self.test_hosts, limits=LIMITS)


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    arguments = argparse.ArgumentParser(
        prog="python -m worker", description=f"Run workers for the jobs in {REDIS_URL}."
    )
    arguments.add_argument("--data-dir", required=True, type=Path, help="directory of the data sets")
    arguments.add_argument("--workers", type=int, default=2, help="processes; at least two, one for each queue")
    arguments.add_argument("--contact", help="whom a person scored can write to; stands on every score")
    arguments.add_argument("--grace-s", type=float, default=10.0, help="seconds a job may take to finish at the end")
    arguments.add_argument("--test-host", action="append", default=[], help="HOST:PORT that tests may ask")
    arguments.add_argument("--test-place", action="append", default=[], help="HOST=URL: where tests find a host")
    arguments.add_argument("--log-level", choices=LEVELS, default="info", help="the least that is logged")
    arguments.add_argument("--log-format", choices=FORMATS, default="auto", help="auto: text on a terminal, else json")
    for name in Retention.__struct_fields__:
        default = getattr(Retention(), name)
        arguments.add_argument(f"--{name.replace('_', '-')}", type=int, default=default, help="days to keep them")
    return arguments


def parse(argv: Sequence[str], environ: Mapping[str, str]) -> Options:
    """Read the command line and the environment; argparse ends the process with a message when they are wrong."""
    arguments = parser()
    values = vars(arguments.parse_args(argv))
    redis_url = environ.get(REDIS_URL, "").strip()
    if not redis_url:
        arguments.error(f"{REDIS_URL} is not set")
    kept = {name: values.pop(name) for name in Retention.__struct_fields__}
    places = dict(place.split("=", 1) for place in values.pop("test_place"))
    return Options(
        redis_url=redis_url,
        test_hosts=frozenset(values.pop("test_host")),
        access=Access(tokens=tokens(environ), places=places),
        retention=msgspec.convert(kept, Retention),
        **values,
    )


def tokens(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the operator's tokens by the host they are for."""
    found = {host: token for name, host in TOKENS.items() if (token := environ.get(name, "").strip())}
    listed = (pair.strip().partition("=") for pair in environ.get(MASTODON_TOKENS, "").split(","))
    return found | {host: token for host, _, token in listed if token}
