"""Topics of one's own on which nobody in a community was ranked yet: they may have been made for another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.auth import owner
from service.context import context

if TYPE_CHECKING:
    from collections.abc import Iterable

    from candor.scoring.topics import Topic

_WORDS_SHOWN = 8


def unranked_topics(dataset_id: str) -> dict[str, Topic]:
    """Return the caller's own topics of which a data set has no board, by id.

    Their words occur in any community, where they may mean something else; with a board somebody asked for them here.
    """
    store = context().store
    ranked = {facts.topic.id for facts in store.boards.of_dataset(owner(), dataset_id)}
    return {topic.id: topic for topic in store.topics.readable(owner()) if topic.id not in ranked}


def own_names(topics: Iterable[tuple[str, str]]) -> dict[str, Topic]:
    """Return the caller's own topics among some, given by id and label as they were, with their names in languages."""
    asked, store = set(topics), context().store
    return {topic.id: topic for topic in store.topics.readable(owner()) if (topic.id, topic.label) in asked}


def words_of(topic: Topic) -> str:
    """Return what a topic is looked for by, the first words of many."""
    words = [*topic.terms, *(f"#{tag}" for tag in topic.hashtags)]
    return ", ".join([*words[:_WORDS_SHOWN], *(["…"] if words[_WORDS_SHOWN:] else [])])
