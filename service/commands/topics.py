"""`candor topics`: brings in topics from other vocabularies, and lists what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from candor.scoring.catalogue import load_catalogue
from candor.scoring.topic_import import Fault, read_topics
from service.commands.store import store_at_hand
from service.commands.trouble import misuse, say

if TYPE_CHECKING:
    from pathlib import Path

    from candor.scoring.topics import Topic
    from candor.settings import Settings

MOST_TOLD = 20


def import_file(settings: Settings, path: Path, owner: str) -> None:
    """Keep every topic of a vocabulary as one of the owner's own; what became none is told on stderr.

    Raises Trouble when the file can not be read or holds no topic.
    """
    faults: list[Fault] = []
    topics = _read(path, faults)
    built_in = [topic for topic in topics if topic.id in load_catalogue()]
    faults += [Fault(topic.id, "is in the built-in catalogue, which stays as it is") for topic in built_in]
    with store_at_hand(settings) as store:
        kept = [topic for topic in topics if topic.id not in load_catalogue()]
        new = sum(store.topics.put(owner, topic.id, topic) for topic in kept)
    for fault in faults[:MOST_TOLD]:
        say(f"{fault.where}: {fault.detail}")
    if (more := len(faults) - MOST_TOLD) > 0:
        say(f"and {more:,} more that became no topic")
    say(f"Imported {len(kept):,} topics for {owner}: {new:,} new, {len(kept) - new:,} replaced.")


def show_all(settings: Settings, owner: str) -> None:
    """Print the topics, one a line: id, label, where it is from."""
    with store_at_hand(settings) as store:
        own = store.topics.list(owner)
    for topic, origin in [*((topic, "built-in") for topic in load_catalogue().values()), *((t, owner) for t in own)]:
        click.echo(f"{topic.id}\t{topic.label}\t{origin}")


def _read(path: Path, faults: list[Fault]) -> list[Topic]:
    try:
        topics = list(read_topics(path, on_fault=faults.append))
    except OSError as error:
        raise misuse(f"{path} can not be read: {error.strerror}") from None
    except ValueError as error:
        raise misuse(f"{path}: {error}") from None
    if not topics:
        raise misuse(f"{path} holds no topic" + (f": {faults[0].where}: {faults[0].detail}" if faults else ""))
    return topics
