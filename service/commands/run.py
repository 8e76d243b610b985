"""`candor up`, `api`, `worker`, `demo` and `repair`: the service, one of its processes, a trial of it, its log."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any, NoReturn

import click
import msgspec

from candor import sample
from candor.client import Client
from candor.errors import OperatorError
from candor.scoring.document import ScoreDocument
from candor.scoring.records import RecordReader
from candor.settings import log_format_in, read_settings, require_server
from candor.store.repair import Repair
from candor.telemetry import logs
from service.commands.errors import CommandError, command_error, say
from service.commands.text import table, wrapped
from service.stack import WORKER_COMMAND, Stack, Stopped, gunicorn_arguments, raise_on_signal, temporary_stack
from service.store_at_hand import check_store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from candor.settings import Settings


log = logs.logger(__name__)
POLL_S = 0.2
MOST_SHOWN = 20
CAST = {
    sample.EXPERT: "an expert",
    sample.ENTHUSIAST: "an enthusiast",
    sample.BRAND: "a brand",
    sample.RING_CENTRE: "centre of a ring",
}
ROOT = "moderators"


class Service(click.Command):
    """A command that runs until it is stopped: what ends it is the last line of its log, JSON as the others there."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; errors in sentences are logged where its log is JSON."""
        try:
            return super().invoke(ctx)
        except (OperatorError, OSError, CommandError) as error:
            told = command_error(error)
            if told is None or logs.is_text(log_format_in(os.environ)):
                raise
            raise _LoggedError(told, self.name or "") from None


class _LoggedError(CommandError):
    """An error that is a line of the log."""

    def __init__(self, told: CommandError, process: str) -> None:
        super().__init__(told.message, told.exit_code)
        self._process = process

    def show(self, file: IO[Any] | None = None) -> None:
        """Log it; the settings themselves may be what is wrong."""
        logs.configure(self._process, "info", "json", file)
        log.critical("stopped by an error", why=self.message)


@click.command(cls=Service)
def up() -> None:
    """Run Valkey, the API server and the workers until Ctrl-C.

    CANDOR_PORT chooses the port, CANDOR_DATA_DIR where everything is kept; CANDOR_REDIS_URL names another Redis to use.
    """
    # The parts restart what dies below them (gunicorn its web processes, the launcher its workers), and what has been
    # accepted is on disk: when one of them ends by itself the rest is of no use, and whoever starts this again goes on.
    # Valkey alone is started again here: it ends whenever the disk is full.
    settings = read_settings(os.environ)
    tell, warn = _ways_to_tell(settings)
    try:
        tell("Candor is starting, which takes up to half a minute.")
        with raise_on_signal(), Stack(settings) as stack:
            tell(f"Candor is up: {stack.url} (docs: {stack.url}/docs). Ctrl-C stops it.")
            while (ended := stack.tend(warn)) is None:
                time.sleep(POLL_S)
    except Stopped:
        tell("Candor has stopped.")
        return
    raise CommandError(f"{ended}; everything else was stopped. Nothing accepted is lost: start it again.")


def _ways_to_tell(settings: Settings) -> tuple[Callable[[str], object], Callable[[str], object]]:
    """Return how to tell and to warn whoever runs the service: in sentences, or in lines of JSON as its logs are."""
    if logs.is_text(settings.log_format):
        return say, say
    logs.configure("up", settings.log_level, settings.log_format)
    return log.info, log.warning


@click.command()
@click.option("--yes", is_flag=True, help="Cut it out. The log as it was stays beside it, under another name.")
def repair(*, yes: bool) -> None:
    """Find what cannot be read of Valkey's log, and cut it out."""
    settings = read_settings(os.environ)
    if settings.redis_url is not None:
        raise CommandError("CANDOR_REDIS_URL names a server of its own: repair its log with its own tools")
    kept = Repair(settings.data_dir / "valkey")
    with kept.alone():
        damage = kept.look()
        if not damage.lost:
            click.echo(f"{damage.path} is whole: {damage.size:,} bytes.")
            return
        for start, stop in damage.pieces:
            click.echo(f"{damage.path} cannot be read from byte {start:,} to {stop:,} of {damage.size:,}.")
        lost = list(damage.writes())
        click.echo(f"In there are at least {len(lost):,} writes, which would be lost{':' if lost else '.'}")
        for command, key in lost[:MOST_SHOWN]:
            click.echo(f"  {command} {key}")
        if not yes:
            raise CommandError("nothing was changed; `candor repair --yes` cuts it out")
        kept.cut(damage)
    say(f"Cut out. The log as it was is {damage.copy()}; delete it once all is well: it holds what was kept then.")


@click.command(cls=Service)
def api() -> None:
    """Run the API server alone, with the Redis at CANDOR_REDIS_URL."""
    settings = _settings()
    check_store(settings)
    _become(["-m", "gunicorn", *gunicorn_arguments(settings)], settings)


@click.command(cls=Service)
def worker() -> None:
    """Run the workers alone, with the Redis at CANDOR_REDIS_URL."""
    _become(WORKER_COMMAND, _settings())


def _settings() -> Settings:
    settings = read_settings(os.environ)
    require_server(settings)
    return replace(settings, data_dir=settings.data_dir.resolve())


def _become(argv: Sequence[str], settings: Settings) -> NoReturn:
    """Become Python with these arguments, which is not to look for modules in the directory where the user stands."""
    os.chdir("/")
    environ = {**os.environ, **settings.environment(), "PYTHONSAFEPATH": "1"}
    os.execve(sys.executable, [sys.executable, *argv], environ)  # noqa: S606 ours


@click.command()
def demo() -> None:
    """Score a made-up community and show four of its people."""
    settings = read_settings(os.environ)
    say("Starting Valkey, the API server and two workers in a directory of their own.")
    with raise_on_signal(), temporary_stack(settings) as stack:
        say(f"The API is at {stack.url} until the demo ends. Uploading the sample and asking for four scores.")
        documents, told = score_cast(Client(stack.url, on_message=say))
    click.echo(table(documents, list(CAST.values())))
    click.echo("\n".join(wrapped(told, "")))
    click.echo(
        f"\nTo look around yourself: `candor up` keeps all of it running, and http://127.0.0.1:{settings.port}/docs "
        "shows\nthe whole interface. Everybody in the sample is made up."
    )


def score_cast(client: Client) -> tuple[list[ScoreDocument], str]:
    """Upload the sample and its trust root, and return the scores of the cast and the story of a message."""
    reader = RecordReader(sample.NETWORK)
    with sample.records_path().open("rb") as lines:
        reader.feed(lines)
    client.put_trust_root(ROOT, _root())
    facts: dict[str, Any] = {"network": sample.NETWORK, "profile": sample.PROFILE, "granted_rights": False}
    with client.uploaded(reader.activities, **facts) as dataset:
        body = {
            "accounts": [{"network": sample.NETWORK, "account": account} for account in CAST],
            "topics": [sample.TOPIC],
            "trust_root": ROOT,
            "as_of": sample.AS_OF.isoformat(),
            "dataset": dataset,
        }
        made = client.documents(client.wait(client.ask(**body)))
        told = tell_story(client, dataset=dataset, trust_root=ROOT, as_of=sample.AS_OF.isoformat())
    decode = msgspec.json.Decoder(ScoreDocument).decode
    return [decode(document) for document in made], told


def _root() -> dict[str, Any]:
    root: dict[str, Any] = msgspec.to_builtins(sample.trust_root())
    return {name: root[name] for name in ("kind", "network", "accounts")}


def tell_story(client: Client, **asked: str) -> str:
    """Tell how a message went from a member with six followers to somebody trusted, and where a like-bait post stands.

    `asked` names data set, trust root and time.
    """
    rows = list(client.messages(sample.TOPIC, **asked))
    hers = next(row for row in rows if row["author"]["account"] == sample.NEWCOMER)
    bait = max(rows, key=lambda row: row["likes"])
    message, steps = client.message(hers["message_url"])
    reached = _name(steps[message["first_trusted"]])
    passers = [_name(steps[place]) for place in message["through"][1:]]
    return (
        f"What was said that mattered? {_name(hers)}, a made-up member with six followers, says something true. "
        f"{' and then '.join(passers)}, one of the six, passes it on, and so it reaches {reached}, who "
        "runs a radio show and is trusted here: the show tries it and takes it over. Of "
        f"{len(rows):,} messages hers is number {hers['rank']:,}, with {hers['people']:,} people and {hers['likes']:,} "
        f"likes; a post by {_name(bait)} that asked for likes got {bait['likes']:,} and is number {bait['rank']:,}, as "
        f"{'nobody' if not bait['people'] else 'hardly anybody'} took it up."
    )


def _name(said: dict[str, Any]) -> str:
    author = said["author"]
    return str(author["name"] or author["account"])
