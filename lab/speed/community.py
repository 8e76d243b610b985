"""A generated question-and-answer community of any size, with a fixed seed: heavy-tailed, one tag in ten on topic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from scoring.activity import Activity

if TYPE_CHECKING:
    from collections.abc import Iterator

END = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = 1_000
EVENTS_PER_PERSON = 100
TAGS = (("topic",), *((f"other-{number}",) for number in range(9)))


def community(events: int, seed: int = 1) -> Iterator[Activity]:
    """Yield about `events` records: a question, an answer, a reply under it, and often an accept, over and over."""
    rng = np.random.default_rng(seed)
    people = max(10, events // EVENTS_PER_PERSON)
    threads = events // 4
    who = (people * rng.random((threads, 3)) ** 3).astype(int).tolist()
    tags = rng.integers(0, len(TAGS), threads).tolist()
    start = np.sort(rng.random(threads) * DAYS).tolist()
    accepted = (rng.random(threads) < 0.8).tolist()
    for number, ((asker, answerer, third), tag, day) in enumerate(zip(who, tags, start, strict=True)):
        at = END - timedelta(days=DAYS - day + 1)
        name = [f"u{person}" for person in (asker, answerer, third)]
        yield Activity(id=f"q{number}", actor=name[0], type="question", published=at, tags=TAGS[tag])
        yield Activity(
            id=f"a{number}", actor=name[1], type="answer", object=f"q{number}", published=at + timedelta(hours=1)
        )
        yield Activity(
            id=f"r{number}", actor=name[2], type="reply", object=f"a{number}", published=at + timedelta(hours=2)
        )
        if accepted[number]:
            yield Activity(
                id=f"c{number}", actor=name[0], type="accept", object=f"a{number}", published=at + timedelta(hours=3)
            )
