"""Interest: does the account care? Counted from its own acts alone, whatever others did."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.columns import of_types
from candor.scoring.credit import sum_by
from candor.scoring.stretches import ROWS_AT_ONCE, each

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from candor.scoring.columns import Columns
    from candor.scoring.method import Method

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

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


@dataclass(frozen=True, eq=False)
class OwnActs:
    """Own acts by subject: decayed sums, but `weeks` and `last_year`, which are plain counts."""

    on_topic: Floats
    all: Floats
    weeks: Floats
    questions: Floats
    conversation: Floats
    likes: Floats
    reshares: Floats
    last_year: Ints

    def take(self, chosen: Ints | Bools) -> OwnActs:
        """Return the acts of the chosen subjects."""
        return OwnActs(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


@dataclass(frozen=True, eq=False)
class Everywhere:
    """Own acts by subject, whatever their topic: a decayed sum, and how many there were in the last year."""

    all: Floats
    last_year: Ints


def own_acts(
    columns: Columns, topic: int, subjects: Ints, method: Method, everywhere: Everywhere | None = None
) -> OwnActs:
    """Count what each of `subjects` (ascending person numbers) did itself, on the topic and altogether.

    `everywhere` is what acts_everywhere gives, where it is known already.
    """
    acts = everywhere or acts_everywhere(columns, subjects, method)
    rows = np.flatnonzero(columns.topics[:, topic])
    rows, who = _of(columns, subjects, rows)
    age_days = columns.age_days(rows)
    weight = 0.5 ** (age_days / method.window.recent_half_life_days)
    types = columns.type[rows]

    def decayed(*names: str) -> Floats:
        of_type = of_types(types, *names)
        return sum_by(who[of_type], weight[of_type], subjects.size)

    week = np.ceil(age_days / WEEK_DAYS).astype(np.int64) - 1
    lately = week < YEAR_WEEKS
    active = np.unique(who[lately] * YEAR_WEEKS + week[lately]) // YEAR_WEEKS
    return OwnActs(
        on_topic=sum_by(who, weight, subjects.size),
        all=acts.all,
        weeks=np.bincount(active, minlength=subjects.size).astype(np.float64),
        questions=decayed("question"),
        conversation=decayed("reply", "answer"),
        likes=decayed("like"),
        reshares=decayed("reshare"),
        last_year=acts.last_year,
    )


def acts_everywhere(columns: Columns, subjects: Ints, method: Method) -> Everywhere:
    """Count the own acts of `subjects` (ascending person numbers), some rows at a time, which fit a cache."""
    size = columns.type.size
    stretches = [np.arange(at, min(at + ROWS_AT_ONCE, size)) for at in range(0, size, ROWS_AT_ONCE)]

    def _counted(stretch: Ints) -> tuple[Floats, Ints]:
        rows, who = _of(columns, subjects, stretch)
        age_days = columns.age_days(rows)
        weight = 0.5 ** (age_days / method.window.recent_half_life_days)
        lately = who[age_days <= method.status.own_acts_days]
        return sum_by(who, weight, subjects.size), np.bincount(lately, minlength=subjects.size)

    parts = each(_counted, stretches or [np.arange(0)])
    decayed, lately = zip(*parts, strict=True)
    return Everywhere(all=np.sum(decayed, axis=0), last_year=np.sum(lately, axis=0))


def _of(columns: Columns, subjects: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Return which of the rows are own acts of the subjects, and whose, by place among them."""
    place = np.full(len(columns.people) + 1, -1)  # the last stands for -1: nobody
    place[subjects] = np.arange(subjects.size)
    who = np.where(of_types(columns.type[rows], *OWN_ACTS), place[columns.actor[rows]], -1)
    return rows[who >= 0], who[who >= 0]
