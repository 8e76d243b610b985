"""`candor score`: scores records here, or through a service; both give the same bytes."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
import msgspec

from scoring.document import ScoreDocument, encode
from scoring.method import load_method
from scoring.networks import network_of
from scoring.score import score
from service.commands.client import Client
from service.commands.question import instant, job_body, question, renames
from service.commands.records import read_records
from service.commands.show import show
from service.commands.trouble import misuse, say
from service.stack import temporary_stack
from service.stop import stoppable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring.activity import Activity
    from scoring.question import Question
    from service.settings import Settings

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


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of the command line, as they were given."""

    source: str
    network: str
    topics: tuple[str, ...]
    accounts: tuple[str, ...]
    trust_root: str
    profile: str | None
    pairs: tuple[str, ...]
    granted_rights: bool
    as_of: str | None
    window_days: int
    skip_bad: bool
    as_json: bool
    server: str | None
    key: str | None
    in_process: bool


def run(options: Options, settings: Settings) -> None:
    """Score where it is asked for and print the documents: as a JSON list, byte for byte, or as text."""
    asked = check(options)
    activities = read_records(options.source, renames(options.pairs), skip_bad=options.skip_bad)
    if options.in_process:
        documents = score_here(asked, activities, settings.operator_contact)
    elif options.server is not None:
        documents = score_there(asked, activities, options.server, options.key)
    else:
        documents = score_in_a_stack(asked, activities, settings)
    if options.as_json:
        click.echo(b"[" + b",\n".join(documents) + b"]")
    else:
        decode = msgspec.json.Decoder(ScoreDocument).decode
        click.echo("\n".join(show(decode(document)) for document in documents), nl=False)


def check(options: Options) -> Asked:
    """Return what is asked. Raises Trouble for all that can be known to be wrong before any record is read."""
    if options.server is not None and options.in_process:
        raise misuse("--server and --in-process exclude each other")
    if options.server is not None and not options.server.startswith(("http://", "https://")):
        raise misuse(f"--server takes an address that begins with http:// or https://, not {options.server!r}")
    body = job_body(
        options.network,
        options.accounts,
        options.topics,
        trust_root=options.trust_root,
        as_of=instant(options.as_of, datetime.now(UTC)),
        window_days=options.window_days,
    )
    check_profile(options.network, options.profile)
    asked = Asked(body, options.profile, options.granted_rights)
    if options.server is None:
        as_question(asked, None)
    return asked


def check_profile(network: str, profile: str | None) -> None:
    """Raise Trouble unless the network gets its profile from exactly one side."""
    fixed = network_of(network).profile
    if fixed is None and profile is None:
        raise misuse(f"{network} has no profile of its own: choose one with --profile")
    if fixed is not None and profile is not None:
        raise misuse(f"{network} always uses {fixed}: --profile is for custom: networks only")


def as_question(asked: Asked, contact: str | None) -> Question:
    """Return what is asked of the method. Raises Trouble when a topic is unknown here."""
    return question(asked.body, profile=asked.profile, granted_rights=asked.granted_rights, contact=contact)


def score_here(asked: Asked, activities: Sequence[Activity], contact: str | None) -> list[bytes]:
    """Score in this process and return the documents. Raises Trouble when the profile does not fit the network."""
    try:
        return [
            encode(document)
            for document in score(activities, as_question(asked, contact), load_method(), on_progress=Progress())
        ]
    except ValueError as error:
        raise misuse(str(error)) from None


def score_there(asked: Asked, activities: Sequence[Activity], url: str, key: str | None) -> list[bytes]:
    """Have a service score and return the documents; many records go as a data set, which is deleted afterwards."""
    client = Client(url, key)
    with ExitStack() as until_done:
        if len(activities) > MAX_INLINE:
            say(f"Uploading {len(activities):,} records.")
            source: dict[str, Any] = {
                "dataset": until_done.enter_context(
                    client.dataset(
                        activities, network=asked.network, profile=asked.profile, granted_rights=asked.granted_rights
                    )
                )
            }
        else:
            source = {
                "activities": msgspec.to_builtins(activities),
                "profile": asked.profile,
                "granted_rights": asked.granted_rights,
            }
        return client.run({**asked.body, **source}, Progress())


def score_in_a_stack(asked: Asked, activities: Sequence[Activity], settings: Settings) -> list[bytes]:
    """Have a service of our own score, which lives as long as this call."""
    say("Starting Valkey, the interface and two workers for this one job.")
    with stoppable(), temporary_stack(settings) as stack:
        return score_there(asked, activities, stack.url, None)


class Progress:
    """Tells on stderr how many documents are done, when that changes."""

    def __init__(self) -> None:
        self._told = -1

    def __call__(self, done: int, total: int) -> None:
        """Tell it, on one line if a person watches."""
        if done == self._told:
            return
        self._told = done
        if sys.stderr.isatty():
            sys.stderr.write(f"\rScored {done} of {total}." + ("\n" if done == total else ""))
            sys.stderr.flush()
        elif done == total:
            say(f"Scored {done} of {total}.")
