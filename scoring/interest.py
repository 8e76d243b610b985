"""Interest: does the account care? Counted from its own acts alone, whatever others did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scoring.credit import sum_by

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring.columns import Columns
    from scoring.method import Method

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

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


def own_acts(columns: Columns, topic: int, subjects: Ints, method: Method) -> OwnActs:
    """Count what each of `subjects` (ascending person numbers) did itself, on the topic and altogether."""
    rows = np.flatnonzero(columns.is_type(*OWN_ACTS) & np.isin(columns.actor, subjects))
    who = np.searchsorted(subjects, columns.actor[rows])
    age_days = columns.age_days(rows)
    weight = 0.5 ** (age_days / method.window.recent_half_life_days)
    on_topic = columns.topics[rows, topic]

    def decayed(*types: str) -> Floats:
        chosen = on_topic & (columns.is_type(*types)[rows] if types else True)
        return sum_by(who[chosen], weight[chosen], subjects.size)

    week = np.ceil(age_days / WEEK_DAYS).astype(np.int64) - 1
    lately = on_topic & (week < YEAR_WEEKS)
    active = np.unique(who[lately] * YEAR_WEEKS + week[lately]) // YEAR_WEEKS
    return OwnActs(
        on_topic=decayed(),
        all=sum_by(who, weight, subjects.size),
        weeks=np.bincount(active, minlength=subjects.size).astype(np.float64),
        questions=decayed("question"),
        conversation=decayed("reply", "answer"),
        likes=decayed("like"),
        reshares=decayed("reshare"),
        last_year=np.bincount(who[age_days <= method.status.own_acts_days], minlength=subjects.size),
    )
