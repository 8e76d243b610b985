"""The simple rankings that expertise must beat: counts, plain, faded and times share, and PageRank, by person."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from candor.scoring.columns import of_types

if TYPE_CHECKING:
    from collections.abc import Mapping

    from candor.scoring.arrays import Bools, Floats, Ints
    from candor.scoring.columns import Columns


CONTRIBUTIONS = ("note", "question", "answer", "reply", "quote", "reshare", "accept", "review", "test", "report")
"""Who did one of these on a topic is a candidate: likes and lists are not enough."""
ACTIVITY = tuple(name for name in CONTRIBUTIONS if name != "accept")
"""What the rankings by activity count: accepting is the asker's click."""

DAMPING = 0.85
TOLERANCE = 1e-12
MOST_ROUNDS = 200

HALF_LIVES = (365, 730)
"""Days after which a record counts half in a faded count."""


@dataclass(frozen=True, eq=False)
class ActCounts:
    """Counts by person, over the records chosen by `inside` (those on a topic, or all)."""

    columns: Columns
    inside: Bools

    def done(self, *types: str, half_life: int | None = None) -> Floats:
        """Count what each person did of these types; with a half-life in days, each record by its age."""
        return self._by(self.columns.actor, self._rows(*types), half_life)

    def received(self, *types: str, half_life: int | None = None) -> Floats:
        """Count what was done to each person's records, by others or by nobody known; votes against do not count."""
        columns, rows = self.columns, self._rows(*types)
        rows = rows[(columns.actor[rows] != columns.target[rows])]
        rows = rows[~of_types(columns.type[rows], "vote") | columns.positive[rows]]
        return self._by(columns.target, rows, half_life)

    @cached_property
    def contributions(self) -> Floats:
        """Count what each person did that makes a candidate of it."""
        return self.done(*CONTRIBUTIONS)

    @cached_property
    def helped(self) -> tuple[Ints, Ints]:
        """Pairs (helper, helped), a pair once an act: answers to askers, and reviews for authors."""
        columns, rows = self.columns, self._rows("answer", "review")
        rows = rows[(columns.actor[rows] >= 0) & (columns.target[rows] >= 0)]
        rows = rows[columns.actor[rows] != columns.target[rows]]
        return columns.actor[rows], columns.target[rows]

    @property
    def people_helped(self) -> Floats:
        """Count the different people each person answered or reviewed."""
        pairs = np.unique(self.helped[0] * self._people + self.helped[1])
        return np.bincount(pairs // self._people, minlength=self._people).astype(np.float64)

    @property
    def pagerank(self) -> Floats:
        """PageRank (Page et al. 1999) from who was helped to who helped, over those on either side."""
        helper, helped = self.helped
        inside, place = np.unique(np.concatenate((helper, helped)), return_inverse=True)
        rank = np.zeros(self._people)
        if inside.size:
            towards, by = place[: helper.size], place[helper.size :]
            graph = csr_array((np.ones(by.size), (towards, by)), shape=(inside.size, inside.size))
            rank[inside] = _pagerank(graph)
        return rank

    @cached_property
    def _inside(self) -> Ints:
        return np.flatnonzero(self.inside)

    def _rows(self, *types: str) -> Ints:
        return self._inside[of_types(self.columns.type[self._inside], *types)]

    def _by(self, person: Ints, rows: Ints, half_life: int | None) -> Floats:
        rows = rows[person[rows] >= 0]
        each = None if half_life is None else 0.5 ** (self.columns.age_days(rows) / half_life)
        return np.bincount(person[rows], each, self._people).astype(np.float64)

    @property
    def _people(self) -> int:
        return len(self.columns.people)


def _pagerank(graph: csr_array) -> Floats:
    people = graph.shape[0]
    given = np.asarray(graph.sum(axis=0)).ravel()
    share = np.divide(1.0, given, out=np.zeros(people), where=given > 0)
    rank = np.full(people, 1 / people)
    for _ in range(MOST_ROUNDS):
        lost = rank[given == 0].sum() / people
        following = (1 - DAMPING) / people + DAMPING * (graph @ (share * rank) + lost)
        converged = np.abs(following - rank).sum() < TOLERANCE
        rank = following
        if converged:
            break
    return rank


def topic_share(here: ActCounts, everywhere: ActCounts) -> Floats:
    """Return which share of what each person did was on the topic."""
    part, whole = here.contributions, everywhere.contributions
    return np.divide(part, whole, out=np.zeros(part.size), where=whole > 0)


def simple_rankings(here: ActCounts, everywhere: ActCounts) -> dict[str, Floats]:
    """Return each person's figure in every simple ranking, from the counts on the topic and those over everything."""
    share = topic_share(here, everywhere)
    fading = {name: figure for half_life in (None, *HALF_LIVES) for name, figure in _counts(here, half_life).items()}
    helped = {"distinct people helped": here.people_helped}
    return {
        "activity anywhere": everywhere.done(*ACTIVITY),
        **fading,
        **helped,
        **{f"{name} x share": figure * share for name, figure in {**fading, **helped}.items()},
        "questions asked": here.done("question"),
        "likes and votes received": here.received("like", "vote"),
        "likes and votes anywhere": everywhere.received("like", "vote"),
        "reviews received": here.received("review"),
        "reports and tests": here.done("report", "test"),
        "PageRank": here.pagerank,
        "topic share": share,
    }


def _counts(here: ActCounts, half_life: int | None) -> Mapping[str, Floats]:
    counts = {
        "activity on topic": here.done(*ACTIVITY, half_life=half_life),
        "notes on topic": here.done("note", half_life=half_life),
        "answers on topic": here.done("answer", half_life=half_life),
        "accepted help": here.received("accept", half_life=half_life),
        "reviews given": here.done("review", half_life=half_life),
        "reviews given and notes": here.done("review", "note", half_life=half_life),
    }
    return counts if half_life is None else {f"{name}, {half_life} d": figure for name, figure in counts.items()}
