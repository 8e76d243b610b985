"""Cases: for each topic of the truth the candidates, who of them is an expert, and every ranking's figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import ndtr

from candor.evaluation.baselines import BASELINES, CONTRIBUTIONS, Counts
from candor.evaluation.board import board
from candor.scoring.columns import NOBODY
from candor.scoring.curves import NORMAL_Q90
from candor.scoring.expertise import NUMBERED
from candor.scoring.features import INTEREST
from candor.scoring.interest import own_acts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from candor.evaluation.truth import Truth
    from candor.scoring.world import World

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

Candidates = Literal["all", "experts", "askers"]

LEAST_EXPERTS, LEAST_OTHERS = 1, 5
LEAST_QUESTIONS = 2
EXPERTISE, PLAIN = "expertise, lower limit", "expertise, plain score"
FACE_VALUE, FACE_VALUE_PLAIN = "at face value, lower limit", "at face value, plain score"
INTEREST_SCORE = "interest"


@dataclass(frozen=True, eq=False)
class Case:
    """One topic: its candidates as rows, who of them is an expert, and their figures by ranking.

    `people` are person numbers of the world; `activity` counts acts on the topic, `followers` is NaN where nobody said;
    `numbered` says who got a number under the declared root.
    """

    topic: str
    people: Ints
    positive: Bools
    figures: dict[str, Floats]
    activity: Floats
    followers: Floats
    numbered: Bools


def cases(world: World, truth: Truth, which: Candidates, least_activity: int) -> Iterator[Case]:
    """Yield a case for each topic with at least one expert and five others among the candidates."""
    columns = world.columns
    everywhere = Counts(columns, np.ones(len(columns.records), np.bool_))
    tagged = _rows_by_tag(world)
    for number, topic in enumerate(world.topics):
        name = str(topic.tag)
        inside = columns.topics[:, number].copy()
        inside[tagged.get(name, [])] = True
        here = Counts(columns, inside)
        people = _candidates(world, truth, name, here, which=which, least_activity=least_activity)
        positive = _known(world, people, truth.pairs, name)
        if positive.sum() >= LEAST_EXPERTS and (~positive).sum() >= LEAST_OTHERS:
            yield _case(world, number, people, positive, (here, everywhere))


def _rows_by_tag(world: World) -> dict[str, list[int]]:
    """Index records by their tags. To be a candidate takes one of them, however many others stand beside it."""
    rows: dict[str, list[int]] = {}
    for row, record in enumerate(world.columns.records):
        for tag in record.tags or ():
            rows.setdefault(tag, []).append(row)
    return rows


def _candidates(
    world: World, truth: Truth, topic: str, here: Counts, *, which: Candidates, least_activity: int
) -> Ints:
    """Return whoever did something on the topic, ascending, without those known as experts on it before.

    `askers`: its experts, and who asked at least twice and more often than answered, and never was one; `experts`: who
    is an expert on any topic.
    """
    people = np.flatnonzero(here.done(*CONTRIBUTIONS) >= max(1, least_activity))
    chosen = (people != world.columns.person_of[NOBODY]) & ~_known(world, people, truth.ever - truth.pairs, topic)
    if which == "experts":
        chosen &= np.array([world.columns.people[person] in truth.accounts for person in people.tolist()], np.bool_)
    elif which == "askers":
        questions, answers = here.done("question")[people], here.done("answer")[people]
        asks = (questions >= LEAST_QUESTIONS) & (questions > answers) & ~_known(world, people, truth.ever, topic)
        chosen &= asks | _known(world, people, truth.pairs, topic)
    return np.asarray(people[chosen], np.int64)


def _known(world: World, people: Ints, pairs: frozenset[tuple[str, str]], topic: str) -> Bools:
    return np.array([(world.columns.people[person], topic) in pairs for person in people.tolist()], np.bool_)


def _case(
    world: World,
    topic: int,
    people: Ints,
    positive: Bools,
    counts: tuple[Counts, Counts],
) -> Case:
    declared, face_value = (board(under, people, topic) for under in (world, world.at_face_value))
    statuses = declared.status
    figures = {
        EXPERTISE: declared.low,
        PLAIN: declared.score,
        FACE_VALUE: face_value.low,
        FACE_VALUE_PLAIN: face_value.score,
        INTEREST_SCORE: interest(world, people, topic),
        **{label: figure(*counts)[people] for label, figure in BASELINES},
    }
    return Case(
        topic=str(world.topics[topic].tag),
        people=people,
        positive=positive,
        figures=figures,
        activity=counts[0].done(*CONTRIBUTIONS)[people],
        followers=np.array([_followers(world, person) for person in people.tolist()]),
        numbered=np.array([status in NUMBERED for status in statuses], np.bool_),
    )


def interest(world: World, people: Ints, topic: int) -> Floats:
    """Return everybody's interest in points, without the rounding of a document."""
    method = world.method
    own = own_acts(world.columns, topic, people, method)
    score = np.zeros(people.size)
    for feature in INTEREST:
        weight = world.profile.interest.get(feature.FACTS.id)
        if weight is not None:
            p50, p90 = method.control_points[feature.FACTS.id]
            raw = feature.measure(own, method.interval.z)[0]
            with np.errstate(divide="ignore"):
                score += weight * ndtr(np.log(raw / p50) * NORMAL_Q90 / np.log(p90 / p50))
    return score


def _followers(world: World, person: int) -> float:
    account = world.columns.accounts.get(person)
    return float("nan") if account is None or account.followers is None else float(account.followers)
