"""Columns made of the records of a question, which are sorted, checked and numbered: those of a table have theirs."""

from __future__ import annotations

from functools import cache
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from msgspec.structs import replace

from candor.scoring.activity import TYPE_CODE, Activity
from candor.scoring.arrays import changes, where_true
from candor.scoring.columns import (
    DAY_US,
    EPOCH,
    NAMING,
    OPTED_OUT,
    Columns,
    TextColumns,
    inherit,
    microseconds,
    of_types,
    own_topics,
)
from candor.scoring.record_digest import digest_of_records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from candor.scoring.arrays import Ints
    from candor.scoring.question import Question


DAY_S, SECOND_US = 86_400, 1_000_000


class ConflictingRecordsError(ValueError):
    """One id stands for two different records."""


def build_columns(activities: Iterable[Activity], question: Question, *, distinct: bool = False) -> Columns:
    """Sort, check and number the activities before `as_of` and within the window.

    Every account asked about gets a number, and everybody in the snapshot of vouches. `distinct` says that each id is
    known to stand once.

    Raises ConflictingRecordsError when one id has two contents.
    """
    end = microseconds(question.as_of)
    given = list(activities) if distinct else _distinct(activities)
    records, published, types, newest, ignored = _within_window(given, end, question.window_days)
    objects = [record.object for record in records]
    object_row = _numbers({record.id: row for row, record in enumerate(records) if record.id}, objects)
    people, (actor, target) = _people(records)
    of_object = (object_row >= 0) & ~of_types(types, *NAMING)
    target = np.where(of_object, actor[object_row], target) if records else target
    outside, undefined = _outside(objects, object_row)
    text = _text_columns(records)
    number_also(people, newest, question)
    ignored["undefined_objects"] = outside[0].size
    return Columns(
        records=records,
        people=tuple(people),
        person_of=people,
        type=types,
        actor=actor,
        target=target,
        object_row=object_row,
        outside=outside,
        published=published,
        positive=np.array([record.value or 0.0 for record in records], np.float64) > 0,
        topics=inherit(own_topics(text, len(records), question.topics), object_row, types, text),
        as_of=end,
        accounts={people[name]: record for name, record in newest.items()},
        ignored={reason: count for reason, count in ignored.items() if count},
        undefined=undefined,
        text=text,
        digest=cache(lambda: digest_of_records(_not_private(given) if ignored["private"] else given)),
    )


def _not_private(activities: Iterable[Activity]) -> list[Activity]:
    return [record for record in activities if record.visibility != "private"]


def number_also(people: dict[str, int], described: Iterable[str], question: Question) -> None:
    """Number who is described, asked about or in the snapshot of vouches, and who opted out, where no record did."""
    vouching = (name for pair in sorted(set(question.vouches)) for name in pair)
    for name in (*described, *question.accounts, OPTED_OUT, *vouching):
        people.setdefault(name, len(people))


def _type_codes(records: Sequence[Activity]) -> NDArray[np.int8]:
    return np.array([TYPE_CODE[record.type] for record in records], np.int8)


def _people(records: Sequence[Activity]) -> tuple[dict[str, int], tuple[Ints, Ints]]:
    """Number people in order of appearance, and return who acted in each record and towards whom, -1 for nobody."""
    actors, targets = [record.actor for record in records], [record.target_actor for record in records]
    names = filter(None, dict.fromkeys(chain.from_iterable(zip(actors, targets, strict=True))))
    people = {name: number for number, name in enumerate(names)}
    return people, (_numbers(people, actors), _numbers(people, targets))


def _numbers(number: dict[str, int], names: Sequence[str | None]) -> Ints:
    """Return the number of each name, -1 where it has none."""
    get: Callable[[Any, int], int] = number.get
    return np.fromiter(map(get, names, repeat(-1)), np.int64, len(names))


def _distinct(activities: Iterable[Activity]) -> list[Activity]:
    seen: dict[str, Activity] = {}
    kept = []
    for activity in activities:
        if activity.id is None or seen.setdefault(activity.id, activity) is activity:
            kept.append(activity)
        elif seen[activity.id] != activity:
            raise ConflictingRecordsError(f"the id {activity.id!r} stands for two different records")
    return kept


def _within_window(
    activities: Sequence[Activity], end: int, window_days: int
) -> tuple[list[Activity], Ints, NDArray[np.int8], dict[str, Activity], dict[str, int]]:
    """Return the records inside, in order, when each was and of which type; what accounts say; how many are left out.

    These are counted by reason.
    """
    start = end - window_days * DAY_US
    at = _times(activities)
    private = np.array([activity.visibility == "private" for activity in activities], np.bool_)
    types = _type_codes(activities)
    account = of_types(types, "account")
    acts, late, early = ~(private | account), at >= end, at < start
    ignored = {"private": private, "not_before_as_of": acts & late, "outside_window": acts & early}
    rows = _in_order(where_true(acts & ~late & ~early), at, activities)
    said = where_true(account & ~private).tolist()  # of any date: who declines today is not scored as of yesterday
    claims = sorted((int(at[row]), msgspec.json.encode(activities[row]), row) for row in said)
    return (
        [activities[row] for row in rows.tolist()],
        at[rows],
        types[rows],
        merged(activities[row] for _, _, row in claims),
        {reason: int(np.count_nonzero(those)) for reason, those in ignored.items()},
    )


def _times(activities: Sequence[Activity]) -> Ints:
    """Return when each was, in microseconds since 1970 UTC: dividing by one takes longer."""
    since_1970 = [activity.published - EPOCH for activity in activities]
    return np.array([(at.days * DAY_S + at.seconds) * SECOND_US + at.microseconds for at in since_1970], np.int64)


def _in_order(rows: Ints, at: Ints, activities: Sequence[Activity]) -> Ints:
    """Sort rows by (time, id)."""
    rows = rows[at[rows].argsort(kind="stable")]
    begins = np.append(where_true(changes(at[rows])), rows.size)
    for place in where_true(begins[1:] - begins[:-1] > 1).tolist():
        same = slice(begins[place], begins[place + 1])
        rows[same] = sorted(rows[same].tolist(), key=lambda row: activities[row].id or "")
    return rows


def merged(claims: Iterable[Activity]) -> dict[str, Activity]:
    """Merge account records, oldest first, into one an account: a newer one that does not say a thing leaves it be."""
    merged: dict[str, Activity] = {}
    for claim in claims:
        name = str(claim.actor)
        stated = {field: value for field in claim.__struct_fields__ if (value := getattr(claim, field)) is not None}
        merged[name] = replace(merged.get(name, claim), **stated)
    return dict(sorted(merged.items()))


def _outside(objects: Sequence[str | None], object_row: Ints) -> tuple[tuple[Ints, Ints], tuple[str, ...]]:
    """Return which rows act on objects that nobody defined, those numbered beyond the last row, and the objects."""
    undefined: dict[str, int] = {}
    rows = [row for row in where_true(object_row < 0).tolist() if objects[row]]
    numbers = [undefined.setdefault(str(objects[row]), len(undefined)) for row in rows]
    return (np.array(rows, np.int64), np.array(numbers, np.int64) + len(objects)), tuple(undefined)


def _text_columns(records: Sequence[Activity]) -> TextColumns:
    texts, tags = [record.content for record in records], [record.tags for record in records]
    sets = [tag_set for tag_set in dict.fromkeys(tags) if tag_set is not None]
    number = {tag_set: place for place, tag_set in enumerate(sets)}
    return TextColumns(
        texts,
        where_true(np.fromiter(map(bool, texts), np.bool_, len(texts))),
        np.array([-1 if each is None else number[each] for each in tags], np.int32),
        sets.__getitem__,
        lambda _: ((row, text) for row, text in enumerate(texts) if text),
    )
