"""A table without some people: the rule by which somebody is taken out of a data set, over columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from candor.scoring.activity import POSTS, TYPE_CODE
from candor.scoring.record_counts import ASKING_CODES, References
from candor.scoring.record_digest import DIGEST_BYTES, record_digests
from candor.scoring.records import MAX_EXAMPLES
from candor.scoring.redaction import leads_to

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from candor.scoring.table import Table, Texts
    from candor.store.column_file import ColumnFile

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

_POST_CODES = [TYPE_CODE[name] for name in POSTS]


@dataclass(frozen=True)
class Rest:
    """What is left of a table: how many records, their digest, and which of them act on which.

    `gone` are digests of the records that are not in it, or not as they were; `anew` are the rows of the latter in it.
    """

    records: int
    digest: str
    references: References
    gone: NDArray[np.uint8]
    anew: Ints


def write_without(table: Table, people: Collection[str], file: ColumnFile, links: Collection[str] = ()) -> Rest:
    """Write the columns of a table without the people; return what is left. The rule is that of `without_people`."""
    size = len(table)
    stray = _at(_lead_to(table.objects, people, links), np.where(table.object < size, -1, table.object - size))
    named = np.fromiter((name in people for name in table.people.all()), np.bool_, len(table.people))
    theirs = _at(named, table.actor)
    about = _at(named, table.target) | _at(theirs, np.where(table.object < size, table.object, -1))
    post = np.isin(table.type, _POST_CODES)
    kept = ~theirs & (post | ~about)
    more_lost = _lost_via(table, kept, people) | _lost_threads(table, people, links)
    url_lost = np.zeros(size, np.bool_)
    url_lost[table.urls.row[_lead_to(table.urls, people, links)]] = True
    number = np.where(kept, np.cumsum(kept) - 1, -1)
    left = int(kept.sum())
    target = np.where(about, -1, table.target)[kept]
    used_people, persons = renumbered(np.concatenate((table.actor[kept], target)))
    used_tags, tags = renumbered(table.tags[kept])
    left_object = np.where(about | stray, -1, table.object)[kept]
    known = left_object < size
    used_objects, unknown = renumbered(np.where(known, -1, left_object - size))
    there = np.where(left_object >= 0, number[np.where(known, left_object, -1)], -1)
    acting = np.where(known, there, unknown + left)
    examples = tuple(table.objects.at(int(each)) for each in used_objects[:MAX_EXAMPLES])
    answering, strays = np.count_nonzero((acting >= 0) & (acting < left)), np.count_nonzero(acting >= left)
    for name, dtype, column in (
        ("acts", "<i8", np.array([kept[: table.acts].sum()])),
        ("type", "i1", table.type[kept]),
        ("published", "<i8", table.published[kept]),
        ("actor", "<i4", persons[:left]),
        ("target", "<i4", persons[left:]),
        ("tags", "<i4", tags),
        ("visibility", "i1", table.visibility[kept]),
        ("object", "<i4", acting),
    ):
        file.add(name, dtype, column)
    for name, chosen in (("people", used_people), ("tag_sets", used_tags), ("objects", used_objects)):
        file.add_list(name, getattr(table, name), chosen)
    _write_of_some(table, kept, number, {"more": more_lost, "urls": url_lost}, file)
    gone = (table.object >= 0) & (table.object < size) & ~_at(kept, np.minimum(table.object, size))
    lost = kept & (about | stray | gone)
    digest = file.add_digests(_digests_without(table, lost, about, more_lost & kept, url_lost)[kept])
    changed = lost | (kept & (more_lost | url_lost))
    asks = bool(np.isin(table.type[kept], ASKING_CODES).any())
    references = References(int(answering), int(strays), examples, asks)
    return Rest(left, digest, references, np.asarray(table.digests[~kept | changed]), number[changed])


def _write_of_some(table: Table, kept: Bools, number: Ints, lost_in: dict[str, Bools], file: ColumnFile) -> None:
    """Write the columns that only some records have; `number` is the row of each from now on."""
    for name in ("ids", "contents", "urls", "more", "values", "offset"):
        part = getattr(table, name)
        chosen = np.flatnonzero((kept & ~lost_in[name] if name in lost_in else kept)[part.row])
        add = file.add_sparse if name in {"values", "offset"} else file.add_texts
        add(name, part, chosen, number[part.row[chosen]])


def _lead_to(written: Texts, people: Collection[str], links: Collection[str]) -> Bools:
    return np.fromiter((leads_to(each, people, links) for each in written.all()), np.bool_, len(written))


def _lost_via(table: Table, kept: Bools, people: Collection[str]) -> Bools:
    """Say of which acts that are kept the reshare that led there is gone, or names the people."""
    lost = np.zeros(len(table), np.bool_)
    rows = [row for row in table.more.row.tolist() if row < table.acts and kept[row]]
    if rows:
        gone = {table.ids.get(row) for row in np.flatnonzero(~kept).tolist()}
        via = ((row, table.via_of(row)) for row in rows)
        lost[[row for row, by in via if by is not None and (by in gone or leads_to(by, people))]] = True
    return lost


def _lost_threads(table: Table, people: Collection[str], links: Collection[str]) -> Bools:
    """Say of which posts the thread is called after the people."""
    lost = np.zeros(len(table), np.bool_)
    lost[[row for row, thread in table.threads() if leads_to(thread, people, links)]] = True
    return lost


def _digests_without(table: Table, lost: Bools, about: Bools, more_lost: Bools, url_lost: Bools) -> NDArray[np.uint8]:
    """Return the digests of the records, of those anew that no longer say where they are, or what they were about."""
    digests, rows = np.array(table.digests), np.flatnonzero(lost | more_lost | url_lost)
    left = []
    for row in rows.tolist():
        record = table.record(row)
        record = msgspec.structs.replace(record, object=None) if lost[row] else record
        record = msgspec.structs.replace(record, target_actor=None) if about[row] else record
        if more_lost[row]:
            record = msgspec.structs.replace(record, via=None, in_thread=None, thread_number=None)
        left.append(msgspec.structs.replace(record, url=None) if url_lost[row] else record)
    digests[rows] = np.frombuffer(record_digests(left), np.uint8).reshape(-1, DIGEST_BYTES)
    return digests


def _at(flags: Bools, where: NDArray[Any]) -> Bools:
    """Look flags up by number; -1 has none."""
    return np.asarray(np.append(flags, False)[where])


def renumbered(numbers: NDArray[Any]) -> tuple[Ints, Ints]:
    """Return the numbers that occur, and each as its place among them; -1 stays."""
    occurs = np.zeros(int(numbers.max(initial=-1)) + 2, np.bool_)  # the last is that of -1
    occurs[numbers] = True
    occurs[-1] = False
    place = np.cumsum(occurs) - 1
    place[-1] = -1
    return np.flatnonzero(occurs), place[numbers]
