"""The built-in topics, read from catalogue.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

import msgspec

from candor.scoring.topics import Topic, check_topic


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A topic as it stands in the file; its name in English is its label."""

    labels: dict[str, str]
    terms: dict[str, tuple[str, ...]]
    hashtags: tuple[str, ...]


@cache
def load_catalogue() -> dict[str, Topic]:
    """Return the built-in topics by id, in the order of the file. Not to be changed: it is read once."""
    text = resources.files("candor.scoring").joinpath("catalogue.toml").read_text("utf-8")
    entries = msgspec.convert(tomllib.loads(text), dict[str, _Entry])
    return {topic_id: _topic(topic_id, entry) for topic_id, entry in entries.items()}


def _topic(topic_id: str, entry: _Entry) -> Topic:
    terms = tuple(dict.fromkeys(term for spoken in entry.terms.values() for term in spoken))
    topic = Topic(id=topic_id, label=entry.labels["en"], terms=terms, hashtags=entry.hashtags, labels=entry.labels)
    check_topic(topic)
    return topic
