"""Interest: does the account care? Counted from its own acts alone, whatever others did."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from candor.scoring.arrays import ROWS_AT_ONCE, distinct, map_chunks, sum_by, where_true
from candor.scoring.columns import of_types
from candor.scoring.portable import halvings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from candor.scoring.arrays import Bools, Floats, Ints
    from candor.scoring.columns import Columns
    from candor.scoring.method import Method


OWN_ACTS = (
    "note",
    "question",
    "answer",
    "reply",
    "quote",
    "reshare",
    "accept",
    "review",
    "test",
    "report",
    "list",
    "like",
)
WEEK_DAYS = 7
YEAR_WEEKS = 52
NEVER = -(2**63)


@dataclass(frozen=True, eq=False)
class OwnActs:
    """Own acts by subject: decayed sums, but `weeks` and `last_year`, which are plain counts.

    `counts` are decayed sums on the topic by types of record, `z` is the quantile of the Wilson limits. `latest_on` is
    when the last act on the topic was, `latest` when the last of any was, and `answered_on` when the last answer to
    somebody on the topic was: in microseconds since 1970 UTC, or NEVER.
    """

    on_topic: Floats
    all: Floats
    weeks: Floats
    counts: dict[tuple[str, ...], Floats]
    last_year: Ints
    latest_on: Ints
    latest: Ints
    answered_on: Ints
    z: float

    def count(self, *types: str) -> Floats:
        """Return the decayed number of records of these types on the topic; a feature says in `types` that it asks."""
        if types not in self.counts:
            raise LookupError(f"records of {', '.join(types)} were not counted: the feature's `types` must name them")
        return self.counts[types]

    def take(self, chosen: Ints | Bools) -> OwnActs:
        """Return the acts of the chosen subjects."""
        return OwnActs(
            on_topic=self.on_topic[chosen],
            all=self.all[chosen],
            weeks=self.weeks[chosen],
            counts={types: count[chosen] for types, count in self.counts.items()},
            last_year=self.last_year[chosen],
            latest_on=self.latest_on[chosen],
            latest=self.latest[chosen],
            answered_on=self.answered_on[chosen],
            z=self.z,
        )


@dataclass(frozen=True, eq=False)
class Everywhere:
    """Own acts by subject, whatever their topic: a decayed sum, how many were in the last year, and when the last."""

    all: Floats
    last_year: Ints
    latest: Ints


def own_acts(
    columns: Columns,
    topic: int,
    subjects: Ints,
    method: Method,
    *,
    counting: Iterable[tuple[str, ...]],
    everywhere: Everywhere | None = None,
    answering: Bools | None = None,
) -> OwnActs:
    """Count what each of `subjects` (ascending person numbers) did itself, on the topic and altogether.

    `counting` names the types of record to count, as features ask; `everywhere` is what acts_everywhere gives, and
    `answering` what are_answers gives for each row, where they are known already: rows cut out of others do not tell.
    """
    acts = everywhere or acts_everywhere(columns, subjects, method)
    rows, who = _of(columns, subjects, _on_topic(columns, topic, subjects))
    age_days = columns.age_days(rows)
    weight = halvings(age_days / method.window.recent_half_life_days)
    types = columns.type[rows]

    def decayed(*names: str) -> Floats:
        of_type = of_types(types, *names)
        return sum_by(who[of_type], weight[of_type], subjects.size)

    week = np.ceil(age_days / WEEK_DAYS).astype(np.int64) - 1
    recent, answers = week < YEAR_WEEKS, are_answers(columns, rows) if answering is None else answering[rows]
    active = distinct(who[recent] * YEAR_WEEKS + week[recent]) // YEAR_WEEKS
    return OwnActs(
        on_topic=sum_by(who, weight, subjects.size),
        all=acts.all,
        weeks=np.bincount(active, minlength=subjects.size).astype(np.float64),
        counts={names: decayed(*names) for names in counting if names},
        last_year=acts.last_year,
        latest_on=_latest(columns, rows, who, subjects.size),
        latest=acts.latest,
        answered_on=_latest(columns, rows[answers], who[answers], subjects.size),
        z=method.interval.z,
    )


def are_answers(columns: Columns, rows: Ints) -> Bools:
    """Say which rows answer somebody: answers, and replies straight under somebody else's question or note."""
    types, under = columns.type[rows], columns.object_row[rows]
    to_others = (under >= 0) & of_types(columns.type[under], "question", "note")
    to_others &= columns.actor[under] != columns.actor[rows]
    return of_types(types, "answer") | (of_types(types, "reply") & to_others)


def acted_on(columns: Columns, topic: int) -> Bools:
    """Say of everybody whether they did something of their own on the topic."""
    everybody = np.arange(len(columns.people))
    acted = np.zeros(everybody.size, np.bool_)
    acted[_of(columns, everybody, where_true(columns.topics[:, topic]))[1]] = True
    return acted


def acts_everywhere(columns: Columns, subjects: Ints, method: Method) -> Everywhere:
    """Count the own acts of `subjects` (ascending person numbers), some rows at a time, which fit a cache."""
    size = columns.type.size
    chunks: list[Any] = [slice(at, min(at + ROWS_AT_ONCE, size)) for at in range(0, max(size, 1), ROWS_AT_ONCE)]
    if subjects.size == 1:
        rows = columns.acts_of(int(subjects[0]))
        ends = rows.searchsorted([chunk.stop for chunk in chunks]).tolist()
        chunks = [rows[first:last] for first, last in pairwise([0, *ends])]

    def _counted(chunk: slice | Ints) -> tuple[Floats, Ints, Ints]:
        rows, who = _of(columns, subjects, chunk)
        age_days = columns.age_days(rows)
        weight = halvings(age_days / method.window.recent_half_life_days)
        recent = who[age_days <= method.status.own_acts_days]
        counted = np.bincount(recent, minlength=subjects.size)
        return sum_by(who, weight, subjects.size), counted, _latest(columns, rows, who, subjects.size)

    parts = map_chunks(_counted, chunks)
    if len(parts) == 1:
        return Everywhere(*parts[0])
    decayed, recent, latest = zip(*parts, strict=True)
    return Everywhere(all=np.sum(decayed, axis=0), last_year=np.sum(recent, axis=0), latest=np.max(latest, axis=0))


def _on_topic(columns: Columns, topic: int, subjects: Ints) -> Ints:
    """Return the rows on the topic, of one subject alone its own."""
    if subjects.size != 1:
        return where_true(columns.topics[:, topic])
    rows = columns.acts_of(int(subjects[0]))
    on_topic: Ints = rows[columns.topics[rows, topic]]
    return on_topic


def _latest(columns: Columns, rows: Ints | slice, who: Ints, subjects: int) -> Ints:
    """Return when each subject last did one of these rows, which are in order of time."""
    latest = np.full(subjects, NEVER)
    latest[who] = columns.published[rows]  # of one subject's rows the last remains
    return latest


def _of(columns: Columns, subjects: Ints, rows: Ints | slice) -> tuple[Ints, Ints]:
    """Return which of the rows are own acts of the subjects, and whose, by place among them."""
    if subjects.size == 1:
        who = np.where(columns.actor[rows] == subjects[0], 0, -1)
    else:
        place = np.full(len(columns.people) + 1, -1)  # the last stands for -1: nobody
        place[subjects] = np.arange(subjects.size)
        who = place.take(columns.actor[rows], mode="wrap")
    who[~of_types(columns.type[rows], *OWN_ACTS)] = -1
    own = who >= 0
    return where_true(own) + rows.start if isinstance(rows, slice) else rows[own], who[own]
