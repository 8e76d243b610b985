"""`candor import`: the dump of a community becomes records in a file, or a data set of a service."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

import click
import msgspec

from candor.client import Client
from candor.formats.compression import UnreadableError
from candor.formats.dumps.dump import Run
from candor.formats.dumps.recognised import looks_like
from candor.formats.dumps.registry import FORMATS
from candor.formats.dumps.uploaded import UploadedFile
from candor.names.networks import UnknownNetworkError, network_name
from candor.scoring.canonical_names import People
from candor.scoring.gaps import left_out_words
from service.commands.errors import CommandError, say, usage_error
from service.commands.job_body import as_options, renames
from service.commands.score import check_profile
from service.schemas.job_requests import PROFILES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.scoring.activity import Activity

STDOUT = "-"
_NAME_THEM = "Name the people you trust in a file of your own: README.md shows one."


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """The options of the command line, as they were given."""

    name: str
    files: tuple[Path, ...]
    network: str
    output: str
    dataset: str | None
    server: str | None
    key: str | None
    profile: str | None
    pairs: tuple[str, ...]
    root: str | None
    day_first: bool | None
    charset: str | None


@click.command("import")
@click.argument("name", metavar="FORMAT", type=click.Choice(sorted(FORMATS)))
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, allow_dash=True, path_type=Path)
)
@click.option("--network", required=True, help="Where it is from: stackexchange:SITE, git:NAME, custom:NAME …")
@click.option("--output", default=STDOUT, show_default=True, metavar="FILE", help="Where the records go, as NDJSON.")
@click.option("--dataset", metavar="ID", help="Make this data set of them instead, at --server.")
@click.option("--server", metavar="URL", help="The service that keeps the data set.")
@click.option("--key", envvar="CANDOR_KEY", metavar="ck_…", help="Key for --server; better in CANDOR_KEY.")
@click.option("--profile", type=click.Choice(PROFILES), help="Which weights; for custom: networks, which need one.")
@click.option("--map", "pairs", multiple=True, metavar="FROM=TO", help="Rename types, or name columns: see `score`.")
@click.option(
    "--day-first/--month-first",
    default=None,
    help="Of records: what 02/03/2026 begins with, where no row tells.",
)
@click.option("--charset", help="Of records: how a table's letters are written, where not UTF-8: windows-1252 …")
@click.option("--trust-root", "root", metavar="FILE", help="Write here whom the source trusts, as a trust root.")
def import_dump(**given: Any) -> None:
    """Turn the dump of a community into records. The page /guides/formats of the service says what becomes what."""
    options = ImportOptions(**given)
    if options.day_first is not None and options.name != "records":
        raise usage_error("--day-first and --month-first are for records, whose tables write times as they like")
    if options.charset is not None and options.name != "records":
        raise usage_error("--charset is for records: what is in a dump says itself how it is written")
    try:
        named, pairs = network_name(options.network), renames(options.pairs)
        run = Run(named, pairs, day_first=options.day_first, charset=options.charset)
    except UnknownNetworkError as error:
        raise usage_error(str(error)) from None
    if options.root is not None and FORMATS[options.name].facts.trusted.startswith("none"):
        label = FORMATS[options.name].facts.label
        raise usage_error(
            f"nothing was read: a {label} never says whom it trusts. Leave out --trust-root. {_NAME_THEM}"
        )
    if (options.dataset is None) != (options.server is None):
        raise usage_error("--dataset and --server go together")
    try:
        with ExitStack() as opened:
            files = [_from_stdin(opened) if str(path) == STDOUT else path for path in options.files]
            _send(options, FORMATS[options.name].records(files, run), run)
    except UnreadableError as error:
        words = as_options(str(error))
        raise usage_error(f"{options.name}: {_meant(options) or words}") from None
    _tell(run, options.root)


def _meant(options: ImportOptions) -> str | None:
    """Say which other format the first file looks like."""
    path = options.files[0]
    if str(path) == STDOUT or path.is_dir():
        return None
    with path.open("rb") as file:
        form = looks_like(file)
    if form in {None, options.name}:
        return None
    return f"this looks like what is called '{FORMATS[form].facts.label}' here: candor import {form}"


def _from_stdin(opened: ExitStack) -> Path:
    """Return what comes on stdin as a file, which can be read more than once."""
    file = cast("BinaryIO", opened.enter_context(tempfile.TemporaryFile()))  # noqa: SIM115 it is closed with the stack
    shutil.copyfileobj(sys.stdin.buffer, file)
    file.flush()
    return cast("Path", UploadedFile(file, "stdin.json", file.tell(), sys.maxsize))


def _send(options: ImportOptions, records: Iterator[Activity], run: Run) -> None:
    """Write the records where they are to go. Raises UnreadableError, ClientError, OSError."""
    if options.dataset is not None and options.server is not None:
        check_profile(run.network, options.profile)
        client = Client(options.server, options.key, on_message=say)
        client.upload(options.dataset, records, network=run.network, profile=options.profile, skip_bad=True)
        if (names := People(run.network).names(run.trusted)) and (
            root := client.add_trusted(options.dataset, run.network, names)
        ):
            say(f"Kept {len(names):,} people whom the source trusts as the trust root {root}; name it to use it.")
        return
    with _once_whole(options.output) as file:
        if not (count := _write(records, file)):
            label, counted = FORMATS[options.name].facts.label, "; ".join(left_out_words(run.left_out))
            first = f"the first that is malformed: {run.first_fault}; " if run.first_fault else ""
            raise UnreadableError(
                f"there is no record in it that can be read as {label}{counted and f': {counted}'}; {first}"
                "the page /guides/formats of the service says which files are read"
            )
    say(f"Wrote {count:,} records.")


@contextmanager
def _once_whole(output: str) -> Iterator[IO[bytes]]:
    """Open a file that takes its name, and the place of an earlier one, once all is written; a pipe as it is."""
    path = Path(output).resolve()
    if output == STDOUT or (path.exists() and not path.is_file()):
        with click.open_file(output, "wb") as file:
            yield file
        return
    beside = path.with_name(f"{path.name}.part")
    try:
        with beside.open("wb") as file:
            yield file
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _write(records: Iterator[Activity], file: IO[bytes]) -> int:
    encode, count = msgspec.json.Encoder().encode, 0
    for record in records:
        told = {name: value for name, value in msgspec.structs.asdict(record).items() if value is not None}
        file.write(encode(told) + b"\n")
        count += 1
    return count


def _tell(run: Run, root: str | None) -> None:
    """Say what was left out, and write down whom the source trusts where that is asked for."""
    left_out = ", ".join(f"{count:,} {reason}" for reason, count in sorted(run.left_out.items()) if count)
    if left_out:
        say(f"Left out: {left_out}.")
    if run.first_fault:
        say(f"The first that is malformed: {run.first_fault}.")
    if root is None:
        return
    if not run.trusted:
        raise CommandError(
            f"the records are all read, but the source names nobody whom it trusts: {root} was not written. "
            f"{_NAME_THEM}"
        )
    accounts = [{"account": account} for account in People(run.network).names(run.trusted)]
    written = {"kind": "accounts", "network": run.network, "accounts": accounts}
    Path(root).write_bytes(msgspec.json.format(msgspec.json.encode(written), indent=1) + b"\n")
    say(f"Wrote {len(accounts):,} people whom the source trusts to {root}.")
