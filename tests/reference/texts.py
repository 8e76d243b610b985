"""Words of a text, and the topics it speaks of: rules taken from scoring/, since matching is checked elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.scoring.topics import Matcher
from candor.scoring.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from candor.scoring.activity import Activity
    from candor.scoring.topics import Topic


def shingles(text: str, size: int) -> frozenset[tuple[str, ...]]:
    """Every run of so many words of a text; none if it has fewer."""
    found = words(text)
    return frozenset(tuple(found[i : i + size]) for i in range(len(found) - size + 1))


def own_topics(records: Iterable[Activity], topics: Iterable[Topic]) -> dict[str, frozenset[str]]:
    """The topics that each record with an id is on by its own text and tags."""
    topics = tuple(topics)
    matcher = Matcher(topics)
    return {
        record.id: frozenset(topics[index].id for index in matcher.match(record.content, record.tags))
        for record in records
        if record.id is not None
    }
