"""The simple rankings that expertise must beat: counts, shares and PageRank, by person and topic."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from candor.scoring.columns import Columns

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

CONTRIBUTIONS = ("note", "question", "answer", "reply", "quote", "reshare", "accept", "review", "test", "report")
"""Who did one of these on a topic is a candidate: likes and lists are not enough."""
ACTIVITY = tuple(name for name in CONTRIBUTIONS if name != "accept")
"""What the rankings by activity count: accepting is the asker's click."""

DAMPING = 0.85
TOLERANCE = 1e-12
MOST_ROUNDS = 200


@dataclass(frozen=True, eq=False)
class Counts:
    """Counts by person, over the records chosen by `inside` (those on a topic, or all)."""

    columns: Columns
    inside: Bools

    def done(self, *types: str) -> Floats:
        """Count what each person did, of these types or of any."""
        return self._by(self.columns.actor, self._rows(*types))

    def received(self, *types: str) -> Floats:
        """Count what was done to each person's records, by others or by nobody known; votes against do not count."""
        columns, rows = self.columns, self._rows(*types)
        rows = rows[(columns.actor[rows] != columns.target[rows])]
        rows = rows[~columns.is_type("vote")[rows] | columns.positive[rows]]
        return self._by(columns.target, rows)

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

    def _rows(self, *types: str) -> Ints:
        return np.flatnonzero(self.inside & self.columns.is_type(*types) if types else self.inside)

    def _by(self, person: Ints, rows: Ints) -> Floats:
        rows = rows[person[rows] >= 0]
        return np.bincount(person[rows], minlength=self._people).astype(np.float64)

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
        settled = np.abs(following - rank).sum() < TOLERANCE
        rank = following
        if settled:
            break
    return rank


def _topic_share(here: Counts, everywhere: Counts) -> Floats:
    part, whole = here.done(*CONTRIBUTIONS), everywhere.done(*CONTRIBUTIONS)
    return np.divide(part, whole, out=np.zeros(part.size), where=whole > 0)


BASELINES: tuple[tuple[str, Callable[[Counts, Counts], Floats]], ...] = (
    ("activity anywhere", lambda _, everywhere: everywhere.done(*ACTIVITY)),
    ("activity on topic", lambda here, _: here.done(*ACTIVITY)),
    ("notes on topic", lambda here, _: here.done("note")),
    ("questions asked", lambda here, _: here.done("question")),
    ("answers on topic", lambda here, _: here.done("answer")),
    ("likes and votes received", lambda here, _: here.received("like", "vote")),
    ("likes and votes anywhere", lambda _, everywhere: everywhere.received("like", "vote")),
    ("accepted help", lambda here, _: here.received("accept")),
    ("distinct people helped", lambda here, _: here.people_helped),
    ("reviews received", lambda here, _: here.received("review")),
    ("reviews given", lambda here, _: here.done("review")),
    ("reviews given and notes", lambda here, _: here.done("review", "note")),
    ("reports and tests", lambda here, _: here.done("report", "test")),
    ("PageRank", lambda here, _: here.pagerank),
    ("topic share", _topic_share),
    ("help times share", lambda here, everywhere: here.done("answer", "review") * _topic_share(here, everywhere)),
)
"""Each simple ranking: its name, and a person's figure from the counts on the topic and those over everything."""
