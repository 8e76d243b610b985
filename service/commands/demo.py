"""`candor demo`: scores the made-up community over HTTP, with a stack of its own, and shows four of its people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import msgspec

from candor import sample
from candor.scoring.document import ScoreDocument
from candor.scoring.records import RecordReader
from service.commands.client import Client
from service.commands.demo_table import table
from service.commands.trouble import say
from service.stack import temporary_stack
from service.stop import stoppable

if TYPE_CHECKING:
    from candor.settings import Settings

CAST = {
    sample.EXPERT: "an expert",
    sample.ENTHUSIAST: "an enthusiast",
    sample.BRAND: "a brand",
    sample.RING_CENTRE: "centre of a ring",
}
ROOT = "moderators"


def demo(settings: Settings) -> None:
    """Run the demo from start to end; nothing of it stays."""
    say("Starting Valkey, the interface and two workers in a directory of their own.")
    with stoppable(), temporary_stack(settings) as stack:
        say(f"The interface is at {stack.url} until the demo ends. Uploading the sample and asking for four scores.")
        documents = ask(Client(stack.url))
    click.echo(table(documents, list(CAST.values())))
    click.echo(
        f"\nTo look around yourself: `candor up` keeps all of it running, and http://127.0.0.1:{settings.port}/docs "
        "shows\nthe whole interface. Everybody in the sample is made up."
    )


def ask(client: Client) -> list[ScoreDocument]:
    """Upload the sample and its trust root, and return the scores of the cast."""
    reader = RecordReader()
    with sample.records_path().open("rb") as lines:
        reader.feed(lines)
    client.put_trust_root(ROOT, _root())
    with client.dataset(
        reader.activities, network=sample.NETWORK, profile=sample.PROFILE, granted_rights=False
    ) as dataset:
        body = {
            "accounts": [{"network": sample.NETWORK, "account": account} for account in CAST],
            "topics": [sample.TOPIC],
            "trust_root": ROOT,
            "as_of": sample.AS_OF.isoformat(),
            "dataset": dataset,
        }
        made = client.run(body, lambda _done, _total: None)
    decode = msgspec.json.Decoder(ScoreDocument).decode
    return [decode(document) for document in made]


def _root() -> dict[str, Any]:
    root: dict[str, Any] = msgspec.to_builtins(sample.trust_root())
    return {name: root[name] for name in ("kind", "network", "accounts")}
