"""A generated question-and-answer community of any size, with a fixed seed: heavy-tailed, one tag in ten on topic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.activity import Activity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

END = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = 1_000
EVENTS_PER_PERSON = 100
TAGS = (("topic",), *((f"other-{number}",) for number in range(19)))
TOPICS = 10


@dataclass(frozen=True)
class Drawn:
    """What chance decided: by thread who asks, answers and replies, its tag, its day, and whether it is accepted."""

    who: NDArray[np.int64]
    tag: NDArray[np.int64]
    day: NDArray[np.float64]
    accepted: NDArray[np.bool_]


def draw(events: int, seed: int = 1, topics: int = TOPICS) -> Drawn:
    """Draw the threads of a community of about `events` records, each on one of the first `topics` of TAGS."""
    rng = np.random.default_rng(seed)
    people = max(10, events // EVENTS_PER_PERSON)
    threads = events // 4
    who = (people * rng.random((threads, 3)) ** 3).astype(np.int64)
    tag = rng.integers(0, topics, threads)
    return Drawn(who, tag, np.sort(rng.random(threads) * DAYS), rng.random(threads) < 0.8)


def community(events: int, seed: int = 1, topics: int = TOPICS) -> Iterator[Activity]:
    """Yield about `events` records: a question, an answer, a reply under it, and often an accept, over and over."""
    drawn = draw(events, seed, topics)
    rows = zip(drawn.who.tolist(), drawn.tag.tolist(), drawn.day.tolist(), drawn.accepted.tolist(), strict=True)
    for number, (people, tag, day, accepted) in enumerate(rows):
        at = END - timedelta(days=DAYS - day + 1)
        name = [f"u{person}" for person in people]
        yield Activity(id=f"q{number}", actor=name[0], type="question", published=at, tags=TAGS[tag])
        yield Activity(
            id=f"a{number}", actor=name[1], type="answer", object=f"q{number}", published=at + timedelta(hours=1)
        )
        yield Activity(
            id=f"r{number}", actor=name[2], type="reply", object=f"a{number}", published=at + timedelta(hours=2)
        )
        if accepted:
            yield Activity(
                id=f"c{number}", actor=name[0], type="accept", object=f"a{number}", published=at + timedelta(hours=3)
            )
