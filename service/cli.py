"""The `candor` command: declarations only; what the commands do stands in commands/."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from candor.evaluation import attack, evaluate
from candor.scoring.method import VERSIONS
from candor.scoring.verify import command as verify_command
from candor.settings import read_settings
from service.auth import ALL_SCOPES, LOCAL_OWNER
from service.commands import demo as demo_command
from service.commands import disputes as dispute_commands
from service.commands import keys as key_commands
from service.commands import score as score_command
from service.commands import subject as subject_commands
from service.commands import topics as topic_commands
from service.commands import up as up_command
from service.commands.processes import run_api, run_worker
from service.commands.trouble import Sentences
from service.schemas.disputes import STATUSES
from service.schemas.job_requests import MAX_ACCOUNTS, MAX_TOPICS, PROFILES

if TYPE_CHECKING:
    from candor.store.models import Scope

OWNER_HELP = "Whose. On loopback, where no key is asked for, everything belongs to `local`."


@click.group(cls=Sentences)
@click.version_option(package_name="candor")
def main() -> None:
    """Topic influence scores that show their work.

    Settings come from the environment, CANDOR_… ; data is kept in ./.candor unless CANDOR_DATA_DIR says otherwise.
    """


@main.command()
@click.option("--activities", "source", metavar="FILE", help="Records as NDJSON, also gzip; - for stdin.")
@click.option("--archive", metavar="FILE", help="Somebody's own export instead: of Mastodon, X, LinkedIn or Instagram.")
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
    help=f"Whom to score; up to {MAX_ACCOUNTS}. With an export, whose it is if not said.",
)
@click.option(
    "--trust-root",
    default="none",
    show_default=True,
    metavar="FILE|network|none",
    help="Whose word counts: a root's JSON file, everybody's (easy to game), or nobody's (no expertise number).",
)
@click.option("--profile", type=click.Choice(PROFILES), help="Which weights; for custom: networks, which need one.")
@click.option("--map", "pairs", multiple=True, metavar="FROM=TO", help="Rename a record type of the source.")
@click.option(
    "--granted-rights", is_flag=True, help="Your word that whoever accepts changes was given that right by others."
)
@click.option("--method", type=click.Choice(VERSIONS), default=VERSIONS[0], show_default=True, help="Which version.")
@click.option("--as-of", metavar="TIME", help="Read only what happened before; a date or a time, now by default.")
@click.option(
    "--window-days", type=click.IntRange(1, 36_500), default=1825, show_default=True, help="How far back to read."
)
@click.option("--skip-bad", is_flag=True, help="Score without the records that are wrong.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print the score documents, with all their evidence, as a JSON list."
)
@click.option("--server", metavar="URL", help="Have this service score instead of one started for the purpose.")
@click.option("--key", envvar="CANDOR_KEY", metavar="ck_…", help="Key for --server; better in CANDOR_KEY.")
@click.option("--in-process", is_flag=True, help="Score in this process, without queue and interface.")
def score(**given: Any) -> None:
    """Score accounts on topics: what others took up of theirs, and how much they care.

    Without --activities and --archive the accounts are fetched from their network. Documents go to stdout, everything
    else to stderr. Without --server and --in-process the whole stack is started for this one job; all three give the
    same documents.
    """
    score_command.run(score_command.Options(**given), read_settings(os.environ))


@main.command()
@click.argument("file", metavar="FILE")
def verify(file: str) -> None:
    """Recompute a score document, or a list of them, from itself alone; - for stdin."""
    sys.exit(verify_command.main([file]))


@main.command()
def up() -> None:
    """Run Valkey, the interface and the workers until Ctrl-C. CANDOR_REDIS_URL names another server."""
    up_command.up(read_settings(os.environ))


@main.command()
def demo() -> None:
    """Score a made-up community and show four of its people."""
    demo_command.demo(read_settings(os.environ))


@main.command()
def api() -> None:
    """Run the interface alone, on the server at CANDOR_REDIS_URL."""
    run_api(read_settings(os.environ))


@main.command()
def worker() -> None:
    """Run workers alone, on the server at CANDOR_REDIS_URL."""
    run_worker(read_settings(os.environ))


@main.group()
def keys() -> None:
    """Make, list and revoke API keys."""


@keys.command("create")
@click.option("--name", required=True, help="What the key is for.")
@click.option("--owner", default=LOCAL_OWNER, show_default=True, help=OWNER_HELP)
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(ALL_SCOPES),
    multiple=True,
    default=("read", "write"),
    show_default=True,
    help="What it may do.",
)
@click.option("--expires-days", type=click.IntRange(1, 36_500), help="Days until it expires; never by default.")
def create_key(name: str, owner: str, scopes: tuple[Scope, ...], expires_days: int | None) -> None:
    """Make a key; its secret goes to stdout, this once."""
    key_commands.create(read_settings(os.environ), owner, name, scopes, expires_days)


@keys.command("list")
@click.option("--owner", help="Only this owner's.")
def list_keys(owner: str | None) -> None:
    """List the keys, without their secrets."""
    key_commands.show_all(read_settings(os.environ), owner)


@keys.command("revoke")
@click.argument("key_id", metavar="KEY_ID")
def revoke_key(key_id: str) -> None:
    """Make a key worthless at once."""
    key_commands.revoke(read_settings(os.environ), key_id)


@main.group()
def topics() -> None:
    """Bring in topics from other vocabularies, and list them."""


@topics.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--owner", default=LOCAL_OWNER, show_default=True, help=OWNER_HELP)
def import_topics(file: Path, owner: str) -> None:
    """Import SKOS as JSON (as IPTC publishes it) or CSV with labels by language (as the Klout ontology)."""
    topic_commands.import_file(read_settings(os.environ), file, owner)


@topics.command("list")
@click.option("--owner", default=LOCAL_OWNER, show_default=True, help=OWNER_HELP)
def list_topics(owner: str) -> None:
    """List the built-in topics and the owner's own."""
    topic_commands.show_all(read_settings(os.environ), owner)


@main.group()
def subject() -> None:
    """See, erase or keep out an account, over all owners. Its id is the one that records or jobs use."""


@subject.command("show")
@click.argument("network")
@click.argument("account")
def show_subject(network: str, account: str) -> None:
    """Print everything that is kept of an account, as JSON."""
    subject_commands.show(read_settings(os.environ), network, account)


@subject.command("erase")
@click.argument("network")
@click.argument("account")
def erase_subject(network: str, account: str) -> None:
    """Erase an account from everything, and keep it out."""
    subject_commands.erase(read_settings(os.environ), network, account)


@subject.command("suppress")
@click.argument("network")
@click.argument("account")
def suppress_subject(network: str, account: str) -> None:
    """Keep an account out from now on; what is kept of it stays until its time is over."""
    subject_commands.suppress(read_settings(os.environ), network, account)


@subject.command("allow")
@click.argument("network")
@click.argument("account")
def allow_subject(network: str, account: str) -> None:
    """Let an account that was kept out in again."""
    subject_commands.allow(read_settings(os.environ), network, account)


@main.group()
def disputes() -> None:
    """See what of scores' evidence is contested, and decide."""


@disputes.command("list")
@click.option("--owner", help="Only this owner's.")
@click.option("--status", type=click.Choice(STATUSES), help="Only those.")
def list_disputes(owner: str | None, status: str | None) -> None:
    """List disputes, oldest first."""
    dispute_commands.show_all(read_settings(os.environ), owner, status)


@disputes.command("accept")
@click.argument("dispute_id", metavar="DISPUTE_ID")
@click.option("--note", help="Why, in words; whoever may read the dispute reads it.")
def accept_dispute(dispute_id: str, note: str | None) -> None:
    """Have the next score of the account on the topic leave the evidence out."""
    dispute_commands.decide(read_settings(os.environ), dispute_id, accept=True, note=note)


@disputes.command("reject")
@click.argument("dispute_id", metavar="DISPUTE_ID")
@click.option("--note", help="Why, in words; whoever may read the dispute reads it.")
def reject_dispute(dispute_id: str, note: str | None) -> None:
    """Let the evidence count."""
    dispute_commands.decide(read_settings(os.environ), dispute_id, accept=False, note=note)


main.add_command(evaluate.command)
main.add_command(attack.command)
