"""`candor score`: scores accounts or ranks a community, here or through a service, with the same bytes."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
import msgspec

from candor.client import Client
from candor.formats.tables import MEDIA_TYPES, Form
from candor.names.networks import network_name, network_of
from candor.scoring.document import ScoreDocument, encode
from candor.scoring.gaps import add_absent_gaps
from candor.scoring.method import load_method
from candor.scoring.record_columns import build_columns
from candor.scoring.score import score as score_accounts
from candor.scoring.table import Table
from candor.scoring.window import window_of
from candor.settings import read_settings
from service.commands import community
from service.commands.community import STDOUT
from service.commands.errors import say, usage_error
from service.commands.job_body import ROOT_WORDS, job_body, parse_instant, question, renames
from service.commands.sources import (
    Export,
    HowWritten,
    LiveNetwork,
    ScoreRequest,
    UploadedRecords,
    read_export,
    read_record_table,
    read_records,
    written_options,
)
from service.commands.text import show
from service.schemas.job_requests import MAX_ACCOUNTS, MAX_TOPICS, PROFILES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.scoring.board_row import TitledRow
    from candor.scoring.question import Question
    from candor.settings import Settings
    from service.commands.sources import ScoreSource


@dataclass(frozen=True, kw_only=True)
class ScoreOptions:
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
    method: str | None
    as_of: str | None
    window_days: int
    day_first: bool | None
    charset: str | None
    skip_bad: bool
    as_json: bool
    form: Form | None
    output: str
    server: str | None
    key: str | None
    in_process: bool


@click.command()
@click.option(
    "--activities",
    "source",
    metavar="FILE",
    help="Records: NDJSON, JSON, CSV or Parquet, also gzip or zstd; - for stdin.",
)
@click.option(
    "--archive",
    metavar="FILE",
    help="Somebody's own export instead: of Mastodon, X, LinkedIn, Instagram, Reddit, YouTube, Discourse.",
)
@click.option("--network", help="Which: stackexchange:travel, mastodon, custom:NAME …; an export says it itself.")
@click.option(
    "--topic",
    "topics",
    required=True,
    multiple=True,
    help=f"An id of the catalogue, tag:NAME, or a topic's JSON file; up to {MAX_TOPICS}.",
)
@click.option(
    "--account",
    "accounts",
    multiple=True,
    help=f"Whom to score; up to {MAX_ACCOUNTS}. With an export, whose it is if not said. Nobody: rank everybody.",
)
@click.option(
    "--trust-root",
    default="none",
    show_default=True,
    metavar="FILE|network|none",
    help="Who is trusted: a JSON file, everyone equally (easy to manipulate), or nobody (no expertise score).",
)
@click.option("--profile", type=click.Choice(PROFILES), help="Which weights; for custom: networks, which need one.")
@click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar="FROM=TO",
    help="Rename a record type of the source (like=review), or say in which column a field is (actor=user_id).",
)
@written_options
@click.option("--granted-rights", is_flag=True, help="Say that whoever merges changes was given that right by others.")
@click.option("--method", metavar="VERSION", help="Which version of the method; the newest by default.")
@click.option("--as-of", metavar="TIME", help="Read only what happened before; a date or a time, now by default.")
@click.option(
    "--window-days", type=click.IntRange(1, 36_500), default=1825, show_default=True, help="How far back to read."
)
@click.option("--skip-bad", is_flag=True, help="Score without the records that are wrong.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print the score documents, with all their evidence, as a JSON list."
)
@click.option(
    "--format",
    "form",
    type=click.Choice([*MEDIA_TYPES]),
    help="Write boards whole, in this form; documents as json or ndjson.",
)
@click.option("--output", default=STDOUT, show_default=True, metavar="FILE", help="Where it goes.")
@click.option("--server", metavar="URL", help="Use this service instead of starting one.")
@click.option("--key", envvar="CANDOR_KEY", metavar="ck_…", help="Key for --server; better in CANDOR_KEY.")
@click.option("--in-process", is_flag=True, help="Score in this process, without a server.")
def score(**given: Any) -> None:
    """Score accounts on topics: how far others used their help, and how keen they are.

    Without --account everybody in the records is ranked. Without --activities and --archive the accounts are fetched
    from their network. Documents and boards go to stdout, everything else to stderr. Without --server and --in-process
    the whole stack is started for this one job; all three give the same.
    """
    options = ScoreOptions(**given)
    with _uncollected() if options.in_process else nullcontext():
        run(options, read_settings(os.environ))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no circles of garbage meanwhile: among a million records that are all in use there are none."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def run(options: ScoreOptions, settings: Settings) -> None:
    """Score where it is asked for and print the documents: as a JSON list, byte for byte, or as text."""
    if options.as_json:
        options = replace(options, form="json")
    export = None if options.archive is None else _export(options)
    asked = checked_request(options if export is None else _of_export(options, export))
    source = export or _source(options, asked.network)
    if not asked.body["accounts"]:
        community.write(rank(options, asked, source, settings), options.form, options.output)
        return
    if options.in_process:
        documents = score_here(asked, source, settings.operator_contact)
    elif options.server is not None:
        documents = score_there(asked, source, options.server, options.key)
    else:
        documents = score_in_a_stack(asked, source, settings)
    with click.open_file(options.output, "wb") as file:
        file.write(_written(documents, options.form))
        file.flush()


def _written(documents: list[bytes], form: Form | None) -> bytes:
    if form == "json":
        return b"[" + b",\n".join(documents) + b"]\n"
    if form == "ndjson":
        return b"".join(document + b"\n" for document in documents)
    decode = msgspec.json.Decoder(ScoreDocument).decode
    return "\n".join(show(decode(document)) for document in documents).encode()


def rank(options: ScoreOptions, asked: ScoreRequest, source: ScoreSource, settings: Settings) -> Iterator[TitledRow]:
    """Rank everybody where it is asked for."""
    if options.in_process:
        asking = as_question(asked, settings.operator_contact, source.gaps, community=True)
        yield from community.rank_here(source, asking, asked.body["method"])
    elif options.server is not None:
        yield from community.rank_there(source, asked, Client(options.server, options.key, on_message=say))
    else:
        with _stack(settings) as url:
            yield from community.rank_there(source, asked, Client(url, on_message=say))


def _source(options: ScoreOptions, network: str) -> ScoreSource:
    if options.source is None:
        return LiveNetwork()
    read = read_record_table if options.in_process else read_records
    written = HowWritten(renames(options.pairs), options.day_first, options.charset)
    return UploadedRecords(read(options.source, network, written, skip_bad=options.skip_bad))


def _export(options: ScoreOptions) -> Export:
    for name, given in (
        ("--activities", options.source),
        ("--map", options.pairs),
        ("--day-first", options.day_first is not None),
        ("--charset", options.charset),
        ("--skip-bad", options.skip_bad),
        ("--granted-rights", options.granted_rights),
    ):
        if given:
            raise usage_error(f"{name} is for records, and --archive for an export: they exclude each other")
    return read_export(str(options.archive), options.accounts[0] if len(options.accounts) == 1 else None)


def _of_export(options: ScoreOptions, export: Export) -> ScoreOptions:
    """Fill in what an export says itself. Raises CommandError where it is of another network."""
    network, account = export.reading.network, export.reading.account
    if options.network not in {None, network}:
        raise usage_error(f"this is an export of {network}, not of {options.network}")
    return replace(options, network=network, accounts=options.accounts or tuple(filter(None, (account,))))


def checked_request(options: ScoreOptions) -> ScoreRequest:
    """Return what is asked. Raises CommandError for all that can be known to be wrong before any record is read."""
    if options.server is not None and options.in_process:
        raise usage_error("--server and --in-process exclude each other")
    if options.server is not None and not options.server.startswith(("http://", "https://")):
        raise usage_error(f"--server takes an address that begins with http:// or https://, not {options.server!r}")
    if options.network is None:
        raise usage_error("--network is missing")
    if not options.accounts and options.source is None:
        raise usage_error("--account is missing; everybody can be ranked in --activities only")
    if options.accounts and options.form in {"csv", "parquet", "xlsx"}:
        raise usage_error(f"a document is no table: --format {options.form} is for everybody, without --account")
    body = job_body(
        options.network,
        options.accounts,
        options.topics,
        trust_root=options.trust_root,
        as_of=parse_instant(options.as_of, datetime.now(UTC)),
        window_days=options.window_days,
        method=options.method,
    )
    check_profile(options.network, options.profile)
    if options.in_process and body["trust_root"] not in ROOT_WORDS and body["trust_root"]["kind"] == "list":
        raise usage_error("--in-process reads no lists: name the accounts, or leave it out")
    asked = ScoreRequest(body, network_name(options.network), options.profile, options.granted_rights)
    if options.server is None:
        as_question(asked, None)
    return asked


def check_profile(network: str, profile: str | None) -> None:
    """Raise CommandError unless the network gets its profile from exactly one side."""
    fixed = network_of(network).profile
    if fixed is None and profile is None:
        raise usage_error(f"{network} has no profile of its own: choose one with --profile")
    if fixed is not None and profile is not None:
        raise usage_error(f"{network} always uses {fixed}: --profile is for custom: networks only")


def as_question(
    asked: ScoreRequest, contact: str | None, gaps: tuple[str, ...] = (), *, community: bool = False
) -> Question:
    """Return what is asked of the method. Raises CommandError when a topic is unknown here."""
    said = question(
        asked.body, network=asked.network, profile=asked.profile, granted_rights=asked.granted_rights, contact=contact
    )
    return msgspec.structs.replace(said, gaps=gaps, community=community)


def score_here(asked: ScoreRequest, source: ScoreSource, contact: str | None) -> list[bytes]:
    """Score in this process and return the documents. Raises CommandError when the profile does not fit the network."""
    activities, asking = source.read(), as_question(asked, contact, source.gaps, community=source.community)
    try:
        method = load_method(asked.body["method"])
        columns = (
            window_of(activities, asking)
            if isinstance(activities, Table)
            else build_columns(activities, asking, distinct=True)  # whoever read them saw to that
        )
        asking = add_absent_gaps(asking, columns)
        return [encode(document) for document in score_accounts(columns, asking, method, on_progress=ProgressLine())]
    except ValueError as error:
        raise usage_error(str(error)) from None


def score_there(asked: ScoreRequest, source: ScoreSource, url: str, key: str | None) -> list[bytes]:
    """Have a service score and return the documents."""
    client = Client(url, key, on_message=say)
    with source.sent(client, asked) as said:
        return client.documents(client.wait(client.ask(**{**asked.body, **said}), ProgressLine()))


def score_in_a_stack(asked: ScoreRequest, source: ScoreSource, settings: Settings) -> list[bytes]:
    """Have a service of our own score, which lives as long as this call."""
    with _stack(settings) as url:
        return score_there(asked, source, url, None)


@contextmanager
def _stack(settings: Settings) -> Iterator[str]:
    from service.stack import raise_on_signal, temporary_stack  # noqa: PLC0415 # in this process none is needed

    say("Starting Valkey, the API server and two workers for this one job.")
    with raise_on_signal(), temporary_stack(settings) as stack:
        yield stack.url


class ProgressLine:
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
