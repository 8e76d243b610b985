"""A generated question-and-answer community of any size, with a fixed seed: heavy-tailed, one tag in ten on topic.

As records, or as columns so that generating is not the bottleneck: 11 million events in seconds.
`python -m lab.speed.community EVENTS FILE` writes the columns as an upload would.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.activity import TYPE_CODE, Activity
from candor.scoring.columns import microseconds
from candor.scoring.record_digest import DIGEST_BYTES
from candor.scoring.table import Sparse, Table, Texts
from candor.store.column_file import ColumnFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

END = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = 1_000
EVENTS_PER_PERSON = 100
TAGS = (("topic",), *((f"other-{number}",) for number in range(19)))
TOPICS = 10
IDS_AT_ONCE = 1_000_000
HOUR_US = 3_600_000_000
KINDS = (("question", "q"), ("answer", "a"), ("reply", "r"), ("accept", "c"))


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


def community_table(events: int, topics: int = TOPICS) -> Table:
    """Return what `community` yields, as a table; times are whole microseconds."""
    drawn = draw(events, topics=topics)
    threads = drawn.tag.size
    begin = microseconds(END) + np.rint((drawn.day - DAYS - 1) * 24 * HOUR_US).astype(np.int64)
    by = (drawn.who[:, 0], drawn.who[:, 1], drawn.who[:, 2], drawn.who[:, 0])
    kept = np.concatenate((np.ones(3 * threads, np.bool_), drawn.accepted))
    published = np.concatenate([begin + step * HOUR_US for step in range(4)])
    order = np.flatnonzero(kept)[np.argsort(published[kept], kind="stable")]
    place = np.full(4 * threads, -1)
    place[order] = np.arange(order.size)
    nothing = np.full(threads, -1)
    question, answer = place[:threads], place[threads : 2 * threads]
    people = int(drawn.who.max(initial=0)) + 1
    codes = np.array([TYPE_CODE[name] for name, _ in KINDS], np.int8)
    none = np.zeros(0, np.int64)
    return Table(
        acts=order.size,
        digest="sha256:made-up",
        type=codes[order // threads],
        published=published[order],
        actor=np.concatenate(by)[order].astype(np.int32),
        target=np.full(order.size, -1, np.int32),
        object=np.concatenate((nothing, question, answer, answer))[order].astype(np.int32),
        tags=np.where(order < threads, drawn.tag[order % threads], -1).astype(np.int32),
        visibility=np.full(order.size, -1, np.int8),
        digests=np.zeros((order.size, DIGEST_BYTES), np.uint8),
        people=texts(np.char.add("u", np.arange(people).astype(np.str_))),
        objects=texts(np.zeros(0, "U1")),
        tag_sets=texts(np.array([f'["{tag}"]' for (tag,) in TAGS])),
        ids=_ids(order, threads),
        contents=texts(np.zeros(0, "U1")),
        urls=texts(np.zeros(0, "U1")),
        more=texts(np.zeros(0, "U1")),
        values=Sparse(none, none.astype(np.float64)),
        offset=Sparse(none, none),
    )


def texts(words: np.ndarray) -> Texts:
    """Put ASCII words behind each other."""
    raw = words.astype(np.bytes_)
    letters = raw.view(np.uint8).reshape(raw.size, -1) if raw.size else np.zeros((0, 1), np.uint8)
    return Texts(np.arange(raw.size), np.cumsum(np.char.str_len(raw)), letters[letters > 0])


def _ids(order: NDArray[np.int64], threads: int) -> Texts:
    """Write the ids of records, a million at a time: as strings they would take more memory than all else."""
    letters = np.array([letter for _, letter in KINDS])
    parts = [
        texts(np.char.add(letters[some // threads], (some % threads).astype(np.str_)))
        for some in np.split(order, range(IDS_AT_ONCE, order.size, IDS_AT_ONCE))
    ]
    before = np.cumsum([0, *(part.data.size for part in parts[:-1])])
    ends = np.concatenate([part.end + first for part, first in zip(parts, before, strict=True)])
    return Texts(np.arange(order.size), ends, np.concatenate([part.data for part in parts]))


@contextmanager
def write_columns(path: Path) -> Iterator[ColumnFile]:
    """Give a file for columns, which is closed with the block."""
    with path.open("wb") as file:
        columns = ColumnFile(file)
        yield columns
        columns.close()


def write_table(table: Table, path: Path) -> None:
    """Write a table's columns into a file."""
    with write_columns(path) as file:
        file.add("acts", "<i8", np.array([table.acts]))
        for name in ("type", "published", "actor", "target", "object", "tags", "visibility"):
            column = getattr(table, name)
            file.add(name, column.dtype.str, column)
        for name in ("people", "objects", "tag_sets", "ids", "contents", "urls", "more"):
            texts = getattr(table, name)
            file.add_texts(name, texts, np.arange(len(texts)), texts.row)
        for name in ("values", "offset"):
            numbers = getattr(table, name)
            file.add_sparse(name, numbers, np.arange(numbers.row.size), numbers.row)
        file.add_digests(table.digests)


if __name__ == "__main__":
    write_table(community_table(int(sys.argv[1])), Path(sys.argv[2]))
