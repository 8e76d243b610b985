"""The `candor` command: which commands there are, what each is for, and where it stands."""

from __future__ import annotations

import click

from candor import __version__
from service.commands.errors import LazyCommand, LazyGroup

ENTRIES = (
    LazyCommand("api", "service.commands.run:api", "Run the API server alone, with the Redis at CANDOR_REDIS_URL."),
    LazyCommand("ask", "service.commands.ask:ask", "Find people who would answer a question."),
    LazyCommand(
        "attack",
        "candor.evaluation.attack:command",
        "Tell what each attack gains, in points and places.",
    ),
    LazyCommand("demo", "service.commands.run:demo", "Score a made-up community and show four of its people."),
    LazyCommand("disputes", "service.commands.people:disputes", "List what people contest in scores, and decide."),
    LazyCommand(
        "evaluate",
        "candor.evaluation.evaluate:command",
        "Measure how well rankings find the people named as experts later.",
    ),
    LazyCommand("import", "service.commands.importing:import_dump", "Turn the dump of a community into records."),
    LazyCommand("keys", "service.commands.access:keys", "Make, list and revoke API keys."),
    LazyCommand("repair", "service.commands.run:repair", "Find what cannot be read of Valkey's log, and cut it out."),
    LazyCommand("score", "service.commands.score:score", "Score accounts on topics."),
    LazyCommand(
        "store",
        "service.commands.access:store_group",
        "Let the store be used with this machine's data directory.",
    ),
    LazyCommand(
        "subject",
        "service.commands.people:subject",
        "Show, erase or suppress an account, for everybody who uses this service.",
    ),
    LazyCommand("topics", "service.commands.topics:topics", "Import topics from other vocabularies, and list topics."),
    LazyCommand("up", "service.commands.run:up", "Run Valkey, the API server and the workers until Ctrl-C."),
    LazyCommand(
        "verify",
        "service.commands.verify:verify",
        "Recompute a score document, a list of them, a signed score, or the answer to a question.",
    ),
    LazyCommand("worker", "service.commands.run:worker", "Run the workers alone, with the Redis at CANDOR_REDIS_URL."),
)


@click.group(cls=LazyGroup, entries=ENTRIES)
@click.version_option(__version__, prog_name="candor")
def main() -> None:
    """Topic influence scores that show their work.

    Settings come from the environment, CANDOR_… ; data is kept in ./.candor unless CANDOR_DATA_DIR says otherwise.
    """
