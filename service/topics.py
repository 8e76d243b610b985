"""Topics by their ids: those of the catalogue, an owner's own, and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.scoring.catalogue import load_catalogue
from candor.scoring.topics import TAG_PREFIX, tag_topic
from service.context import context

if TYPE_CHECKING:
    from candor.scoring.topics import Topic


def resolve_topic(owner: str, topic_id: str) -> Topic:
    """Return the topic of that id: of the catalogue, of the owner's own, or `tag:NAME`. Raises ValueError."""
    if topic_id.startswith(TAG_PREFIX):
        return tag_topic(topic_id)
    topic = load_catalogue().get(topic_id) or context().store.topics.get(owner, topic_id)
    if topic is None:
        raise ValueError(f"there is no topic {topic_id!r}")
    return topic
