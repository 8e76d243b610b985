"""Interest: does the account care? Counted from its own acts alone, whatever others did."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from scoring.credit import sum_by

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring.columns import Columns
    from scoring.method import Method

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
    """Own acts whatever their topic: the rows, whose they are, their age and weight, and their sums by subject."""

    rows: Ints
    who: Ints
    age_days: Floats
    weight: Floats
    all: Floats
    last_year: Ints


def own_acts(
    columns: Columns, topic: int, subjects: Ints, method: Method, everywhere: Everywhere | None = None
) -> OwnActs:
    """Count what each of `subjects` (ascending person numbers) did itself, on the topic and altogether.

    `everywhere` is what acts_everywhere gives, where it is known already.
    """
    acts = everywhere or acts_everywhere(columns, subjects, method)
    chosen = np.flatnonzero(columns.topics[acts.rows, topic])
    rows, who, weight = acts.rows[chosen], acts.who[chosen], acts.weight[chosen]

    def decayed(*types: str) -> Floats:
        of_type = columns.is_type(*types)[rows]
        return sum_by(who[of_type], weight[of_type], subjects.size)

    week = np.ceil(acts.age_days[chosen] / WEEK_DAYS).astype(np.int64) - 1
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
    """Find the own acts of `subjects` (ascending person numbers)."""
    place = np.full(len(columns.people) + 1, -1)  # the last stands for -1: nobody
    place[subjects] = np.arange(subjects.size)
    rows = columns.rows(*OWN_ACTS)
    who = place[columns.actor[rows]]
    rows, who = rows[who >= 0], who[who >= 0]
    age_days = columns.age_days(rows)
    weight = 0.5 ** (age_days / method.window.recent_half_life_days)
    return Everywhere(
        rows=rows,
        who=who,
        age_days=age_days,
        weight=weight,
        all=sum_by(who, weight, subjects.size),
        last_year=np.bincount(who[age_days <= method.status.own_acts_days], minlength=subjects.size),
    )
