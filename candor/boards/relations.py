"""Relations: a community's columns as the tables that the queries read. What is text becomes numbers here, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from candor.scoring.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from candor.scoring.columns import Columns
    from candor.scoring.method import Method
    from candor.scoring.question import Contested
    from candor.scoring.trust_root import TrustRoot

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Relation = Mapping[str, NDArray[Any]]


def records(columns: Columns) -> Relation:
    """Return the records; a list without an id is known by its owner and name, and that by its first record."""
    contribution = columns.contribution.copy()
    first_of: dict[tuple[int, str | None], int] = {}
    for row in columns.rows("list").tolist():
        if columns.records[row].object is None:
            named = (int(columns.actor[row]), columns.records[row].content)
            contribution[row] = first_of.setdefault(named, row)
    return {
        "rec": np.arange(columns.type.size),
        "type": columns.type,
        "actor": columns.actor,
        "target": columns.target,
        "object": columns.object_row,
        "contribution": contribution,
        "published": columns.published,
        "positive": columns.positive,
    }


def threads(columns: Columns) -> Relation:
    """Return the thread of every record where somebody is addressed by name, else none: nothing asks for it then.

    Following references to their end is the one step that is made here, at one machine: it takes as many rounds as the
    longest thread has powers of two, each over all records.
    """
    rows = columns.rows("mention", "question")
    addressed = bool(((columns.target[rows] >= 0) & (columns.actor[rows] >= 0)).any())
    return numbers(rec=np.arange(columns.type.size), thread=columns.thread) if addressed else numbers(rec=[], thread=[])


def kinds(method: Method) -> Relation:
    """Return the kinds of recognition with their strengths."""
    return {
        "kind": np.arange(len(KINDS)),
        "q": np.array([method.kinds[kind.id] for kind in KINDS], np.float64),
        **{
            name: np.array([getattr(kind, field) for kind in KINDS])
            for name, field in (("soft", "soft"), ("by_recogniser", "by_recogniser"), ("vouch", "vouch"))
        },
        "named": np.array([not kind.face_value_only for kind in KINDS]),
    }


def root(weights: Floats) -> Relation:
    """Return the people of the root with their weights."""
    people = np.flatnonzero(weights)
    return {"person": people, "weight": weights[people]}


def named(declared: TrustRoot, person_of: Mapping[str, int], topic_id: str | None) -> Relation:
    """Return whom the root names for the topic, or for any topic when it is None."""
    chosen = (each for each in declared.accounts if each.topics and (topic_id is None or topic_id in each.topics))
    return numbers(person=sorted({person_of[each.account] for each in chosen if each.account in person_of}))


def contested(columns: Columns, disputes: Iterable[Contested]) -> Relation:
    """Return which recognition the scores of some people leave out: of one contribution, or (-1) of any."""
    rows = [line for each in disputes for line in _contested(columns, each)]
    return numbers(
        recognised=[row[0] for row in rows], recogniser=[row[1] for row in rows], contribution=[row[2] for row in rows]
    )


def _contested(columns: Columns, dispute: Contested) -> list[tuple[int, int, int]]:
    by, account = (columns.person_of.get(name, -1) for name in (dispute.by, dispute.account))
    if by < 0 or account < 0:
        return []
    if not dispute.of:
        return [(account, by, -1)]
    own = np.flatnonzero((columns.actor == account) | (columns.actor == by))
    numbers_of = np.unique(np.concatenate((own, columns.contribution[own])))
    return [(account, by, each) for each in numbers_of.tolist() if columns.contribution_id(each) == dispute.of]


def pairs(known: Ints) -> Relation:
    """Return who vouched for whom, as known from before."""
    return numbers(voucher=known[:, 0], vouched=known[:, 1])


def numbers(**values: Any) -> Relation:  # noqa: ANN401 # lists or arrays of whole numbers, by name
    """Return a relation of whole numbers, empty ones included."""
    return {name: np.asarray(column, np.int64) for name, column in values.items()}
