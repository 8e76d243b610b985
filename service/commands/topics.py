"""`candor topics`: brings in topics from other vocabularies, and lists what is there."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from candor.scoring.topic_import import TopicFault, read_topics
from candor.scoring.topics import load_catalogue
from candor.settings import read_settings
from candor.store.models import LOCAL_OWNER
from service.commands.access import OWNER_HELP
from service.commands.errors import say, usage_error
from service.store_at_hand import NoStoreError, store_at_hand

if TYPE_CHECKING:
    from candor.scoring.topics import Topic

MAX_TOLD = 20


@click.group()
def topics() -> None:
    """Import topics from other vocabularies, and list topics."""


@topics.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--owner", default=LOCAL_OWNER, show_default=True, help=OWNER_HELP)
def import_topics(file: Path, owner: str) -> None:
    """Import SKOS as JSON (as IPTC publishes it) or CSV with labels by language (as the Klout ontology)."""
    faults: list[TopicFault] = []
    found = _read(file, faults)
    built_in = [topic for topic in found if topic.id in load_catalogue()]
    faults += [TopicFault(topic.id, "is in the built-in catalogue, which stays as it is") for topic in built_in]
    with store_at_hand(read_settings(os.environ), may_begin=True) as store:
        kept = {topic.id: topic for topic in found if topic.id not in load_catalogue()}
        new = store.topics.put_all(owner, kept)
    for fault in faults[:MAX_TOLD]:
        say(f"{fault.where}: {fault.detail}")
    if (more := len(faults) - MAX_TOLD) > 0:
        say(f"and {more:,} more that became no topic")
    say(f"Imported {len(kept):,} topics for {owner}: {new:,} new, {len(kept) - new:,} replaced.")


@topics.command("list")
@click.option("--owner", default=LOCAL_OWNER, show_default=True, help=OWNER_HELP)
def list_topics(owner: str) -> None:
    """List the built-in topics and the owner's own: id, label, where it is from."""
    own: list[Topic] = []
    with suppress(NoStoreError), store_at_hand(read_settings(os.environ)) as store:
        own = store.topics.list(owner)
    for topic, origin in [*((topic, "built-in") for topic in load_catalogue().values()), *((t, owner) for t in own)]:
        click.echo(f"{topic.id}\t{topic.label}\t{origin}")


def _read(path: Path, faults: list[TopicFault]) -> list[Topic]:
    try:
        found = list(read_topics(path, on_fault=faults.append))
    except OSError as error:
        raise usage_error(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise usage_error(f"{path}: {error}") from None
    if not found:
        raise usage_error(f"{path} holds no topic" + (f": {faults[0].where}: {faults[0].detail}" if faults else ""))
    return found
