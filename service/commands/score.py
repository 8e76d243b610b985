"""`candor score`: scores records here, or through a service; both give the same bytes."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
import msgspec

from candor.names.networks import network_of
from candor.scoring.document import ScoreDocument, encode
from candor.scoring.method import load_method
from candor.scoring.score import score
from service.commands.client import Client
from service.commands.question import ROOT_WORDS, instant, job_body, question, renames
from service.commands.records import read_records
from service.commands.show import show
from service.commands.source import Asked, Export, Fetched, Records, read_export
from service.commands.trouble import misuse, say
from service.stack import temporary_stack
from service.stop import stoppable

if TYPE_CHECKING:
    from candor.scoring.question import Question
    from candor.settings import Settings
    from service.commands.source import Source


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of the command line, as they were given."""

    source: str | None
    archive: str | None
    network: str | None
    topics: tuple[str, ...]
    accounts: tuple[str, ...]
    trust_root: str
    profile: str | None
    pairs: tuple[str, ...]
    granted_rights: bool
    method: str
    as_of: str | None
    window_days: int
    skip_bad: bool
    as_json: bool
    server: str | None
    key: str | None
    in_process: bool


def run(options: Options, settings: Settings) -> None:
    """Score where it is asked for and print the documents: as a JSON list, byte for byte, or as text."""
    export = None if options.archive is None else _export(options)
    asked = check(options if export is None else _of_export(options, export))
    source = export or _source(options)
    if options.in_process:
        documents = score_here(asked, source, settings.operator_contact)
    elif options.server is not None:
        documents = score_there(asked, source, options.server, options.key)
    else:
        documents = score_in_a_stack(asked, source, settings)
    if options.as_json:
        click.echo(b"[" + b",\n".join(documents) + b"]")
    else:
        decode = msgspec.json.Decoder(ScoreDocument).decode
        click.echo("\n".join(show(decode(document)) for document in documents), nl=False)


def _source(options: Options) -> Source:
    if options.source is None:
        return Fetched()
    return Records(read_records(options.source, renames(options.pairs), skip_bad=options.skip_bad))


def _export(options: Options) -> Export:
    for name, given in (
        ("--activities", options.source),
        ("--map", options.pairs),
        ("--skip-bad", options.skip_bad),
        ("--granted-rights", options.granted_rights),
    ):
        if given:
            raise misuse(f"{name} is for records, and --archive for an export: they exclude each other")
    return read_export(str(options.archive))


def _of_export(options: Options, export: Export) -> Options:
    """Fill in what an export says itself. Raises Trouble where it is of another network."""
    network, account = export.reading.network, export.reading.account
    if options.network not in {None, network}:
        raise misuse(f"this is an export of {network}, not of {options.network}")
    return replace(options, network=network, accounts=options.accounts or tuple(filter(None, (account,))))


def check(options: Options) -> Asked:
    """Return what is asked. Raises Trouble for all that can be known to be wrong before any record is read."""
    if options.server is not None and options.in_process:
        raise misuse("--server and --in-process exclude each other")
    if options.server is not None and not options.server.startswith(("http://", "https://")):
        raise misuse(f"--server takes an address that begins with http:// or https://, not {options.server!r}")
    if options.network is None:
        raise misuse("--network is missing")
    if not options.accounts:
        raise misuse("--account is missing")
    body = job_body(
        options.network,
        options.accounts,
        options.topics,
        trust_root=options.trust_root,
        as_of=instant(options.as_of, datetime.now(UTC)),
        window_days=options.window_days,
        method=options.method,
    )
    check_profile(options.network, options.profile)
    if options.in_process and body["trust_root"] not in ROOT_WORDS and body["trust_root"]["kind"] == "list":
        raise misuse("--in-process reads no lists: name the accounts, or leave it out")
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


def as_question(asked: Asked, contact: str | None, gaps: tuple[str, ...] = ()) -> Question:
    """Return what is asked of the method. Raises Trouble when a topic is unknown here."""
    said = question(asked.body, profile=asked.profile, granted_rights=asked.granted_rights, contact=contact)
    return msgspec.structs.replace(said, gaps=gaps)


def score_here(asked: Asked, source: Source, contact: str | None) -> list[bytes]:
    """Score in this process and return the documents. Raises Trouble when the profile does not fit the network."""
    activities, asking = source.read(), as_question(asked, contact, source.gaps)
    method = load_method(asked.body["method"])
    try:
        return [encode(document) for document in score(activities, asking, method, on_progress=Progress())]
    except ValueError as error:
        raise misuse(str(error)) from None


def score_there(asked: Asked, source: Source, url: str, key: str | None) -> list[bytes]:
    """Have a service score and return the documents."""
    client = Client(url, key)
    with source.sent(client, asked) as said:
        return client.run({**asked.body, **said}, Progress())


def score_in_a_stack(asked: Asked, source: Source, settings: Settings) -> list[bytes]:
    """Have a service of our own score, which lives as long as this call."""
    say("Starting Valkey, the interface and two workers for this one job.")
    with stoppable(), temporary_stack(settings) as stack:
        return score_there(asked, source, stack.url, None)


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
