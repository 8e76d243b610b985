"""The same generated community as columns, so that generating is not the bottleneck: 11 million events in seconds.

`python -m lab.speed.columns EVENTS FILE` writes them as an upload would.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from candor.scoring.activity import TYPE_CODE
from candor.scoring.columns import microseconds
from candor.scoring.table import Sparse, Table, Texts
from candor.store.column_file import write_columns
from lab.speed.community import DAYS, END, TAGS, draw

HOUR_US = 3_600_000_000
KINDS = (("question", "q"), ("answer", "a"), ("reply", "r"), ("accept", "c"))


def community_table(events: int, seed: int = 1) -> Table:
    """Return what lab.speed.community.community yields, as a table; times are whole microseconds."""
    drawn = draw(events, seed)
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
    ids = np.char.add(np.array([letter for _, letter in KINDS])[order // threads], (order % threads).astype(np.str_))
    none = np.zeros(0, np.int64)
    return Table(
        acts=order.size,
        type=codes[order // threads],
        published=published[order],
        actor=np.concatenate(by)[order].astype(np.int32),
        target=np.full(order.size, -1, np.int32),
        object=np.concatenate((nothing, question, answer, answer))[order].astype(np.int32),
        tags=np.where(order < threads, drawn.tag[order % threads], -1).astype(np.int32),
        visibility=np.full(order.size, -1, np.int8),
        people=texts(np.char.add("u", np.arange(people).astype(np.str_))),
        objects=texts(np.zeros(0, "U1")),
        tag_sets=texts(np.array([f'["{tag}"]' for (tag,) in TAGS])),
        ids=texts(ids),
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


if __name__ == "__main__":
    write_table(community_table(int(sys.argv[1])), Path(sys.argv[2]))
