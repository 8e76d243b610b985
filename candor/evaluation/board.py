"""Anybody's expertise on one topic at once: score, lower limit and status, over the shared flow of standing.

Nobody's vouches are left out (a document leaves out the scored account's own); all else is the method as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace as asked

from candor.scoring.columns import NAMING, Columns, TextColumns, inherit, of_types, own_topics
from candor.scoring.evidence import Evidence
from candor.scoring.expertise import statuses, supports
from candor.scoring.points import expertise_of_many
from candor.scoring.record_columns import build_columns
from candor.scoring.totals import add_up

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from candor.scoring.activity import Activity
    from candor.scoring.arrays import Bools, Floats, Ints
    from candor.scoring.question import Question
    from candor.scoring.trust import View
    from candor.scoring.world import World


@dataclass(frozen=True, eq=False)
class SharedScores:
    """One row a subject: score and limits in points, whatever its status."""

    score: Floats
    low: Floats
    high: Floats
    status: NDArray[np.str_]


def shared_scores(world: World, subjects: Ints, topic: int, view: View | None = None) -> SharedScores:
    """Score `subjects` (ascending person numbers) on the topic under the world's root, seen by nobody in particular."""
    votes = world.votes(subjects, topic, view or world.shared_view)
    evidence = Evidence(votes, add_up(votes, world.method), world.method)
    numbers = expertise_of_many(evidence, np.ones(subjects.size, np.bool_), world.profile)
    return SharedScores(
        numbers.score, numbers.low, numbers.high, statuses(world.root.kind, supports(votes, world.method), world.method)
    )


@dataclass(frozen=True, eq=False)
class Joined:
    """The columns of both, and the row in them of each row of the community's own."""

    columns: Columns
    row: Ints


def joined(
    base: Columns, own: Bools, row_of: Mapping[str, int], records: Sequence[Activity], question: Question
) -> Joined:
    """Return what build_columns makes of both, if none of `base` names an object among the records.

    `own` are the topics that each row of `base` has by itself, `row_of` gives the row of each id in it. Of one instant,
    records of `base` come first. Account records are read in `base` only.
    """
    more = build_columns(records, asked(question, accounts=(), vouches=()))
    first, rows = len(base.records), len(base.records) + len(more.records)
    place = np.argsort(np.argsort(np.concatenate((base.published, more.published)), kind="stable"), kind="stable")
    people, number = _numbered(base, more)
    to, theirs = _contributions(base, more, row_of)
    actor = np.concatenate((base.actor, number[more.actor]))
    target = np.where((theirs >= 0) & ~of_types(more.type, *NAMING), actor[theirs], number[more.target])
    object_row = _moved(np.concatenate((base.object_row, theirs)), place)
    order = np.argsort(place)
    shifted = np.where(base.contribution < first, base.contribution, base.contribution + rows - first)
    contribution = np.concatenate((shifted, to))[order]
    outside = np.flatnonzero(contribution >= rows)
    text = _text_columns(base.text, more.text, first, place, order)
    topics = np.concatenate((own, own_topics(more.text, len(more.records), question.topics)))[order]
    types, both = np.concatenate((base.type, more.type))[order], [*base.records, *more.records]
    columns = replace(
        base,
        type=types,
        published=np.concatenate((base.published, more.published))[order],
        positive=np.concatenate((base.positive, more.positive))[order],
        records=[both[row] for row in order.tolist()],
        people=tuple(people),
        person_of=people,
        actor=actor[order],
        target=np.concatenate((base.target, target))[order],
        object_row=object_row[order],
        outside=(outside, contribution[outside]),
        topics=inherit(topics, object_row[order], types, text),
        undefined=[*base.undefined, *more.undefined],
        text=text,
    )
    return Joined(columns, place[:first])


def _numbered(base: Columns, more: Columns) -> tuple[dict[str, int], Ints]:
    """Return the numbers of all people by name, and those of the people of `more` in order, with -1 for nobody."""
    people = dict(base.person_of)
    return people, np.array([people.setdefault(name, len(people)) for name in more.people] + [-1], np.int64)


def _contributions(base: Columns, more: Columns, row_of: Mapping[str, int]) -> tuple[Ints, Ints]:
    """Return the contribution of each record of `more` among the rows of both or behind them, and its object's row."""
    first, rows = len(base.records), len(base.records) + len(more.records)
    known = np.array([row_of.get(name, -1) for name in more.undefined], np.int64)
    outside = np.arange(rows + len(base.undefined), rows + len(base.undefined) + known.size)
    to = np.concatenate((np.arange(first, rows), np.where(known >= 0, known, outside)))[more.contribution]
    object_row = np.where(to < rows, to, -1)
    object_row[(more.contribution == np.arange(rows - first)) & (more.object_row < 0)] = -1
    return to, object_row


def _moved(rows: Ints, place: Ints) -> Ints:
    return np.where(rows >= 0, place[rows], -1)


def _text_columns(base: TextColumns, more: TextColumns, first: int, place: Ints, order: Ints) -> TextColumns:
    texts: Any = [*base.texts, *more.texts]
    sets = int(base.tags.max(initial=-1)) + 1
    tags = np.concatenate((base.tags, np.where(more.tags >= 0, more.tags + sets, -1)))[order]
    ordered = [texts[row] for row in order.tolist()]
    return TextColumns(
        texts=ordered,
        text_rows=np.sort(place[np.concatenate((base.text_rows, more.text_rows + first))]),
        tags=tags,
        tag_set=lambda set_: base.tag_set(set_) if set_ < sets else more.tag_set(set_ - sets),
        spoken=lambda _: ((row, text) for row, text in enumerate(ordered) if text),
    )
