"""Cases: for each topic of the truth the candidates, who of them is an expert, and every ranking's figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import ndtr
from scipy.stats import spearmanr

from candor.evaluation.baselines import BASELINES, CONTRIBUTIONS, Counts
from candor.evaluation.board import board
from candor.evaluation.metrics import auc, average_precision
from candor.scoring.columns import OPTED_OUT
from candor.scoring.curves import NORMAL_Q90
from candor.scoring.expertise import NUMBERED
from candor.scoring.features import interest_features
from candor.scoring.interest import own_acts
from candor.scoring.published import ActivityBand, SizeBand

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from candor.evaluation.inputs import Truth
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

THIRDS = ("least", "middle", "most")

LEAST_PEOPLE = 5
ABOUT_EQUAL = 1.25


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
    chosen = (people != world.columns.person_of[OPTED_OUT]) & ~_known(world, people, truth.ever - truth.pairs, topic)
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
    features = interest_features(world.profile)
    own = own_acts(world.columns, topic, people, method, counting=[feature.types for feature in features])
    score = np.zeros(people.size)
    for feature in features:
        p50, p90 = method.control_points[feature.id]
        raw = feature.measure(own)[0]
        with np.errstate(divide="ignore"):
            curve = ndtr(np.log(raw / p50) * NORMAL_Q90 / np.log(p90 / p50))
        score += world.profile.interest[feature.id] * curve
    return score


def _followers(world: World, person: int) -> float:
    account = world.columns.accounts.get(person)
    return float("nan") if account is None or account.followers is None else float(account.followers)


def by_size(found: Sequence[Case], simple: Sequence[str]) -> tuple[SizeBand, ...]:
    """Cut the topics into thirds by how many candidates they have; the smallest first."""
    ranked = sorted(found, key=lambda case: (case.positive.size, case.topic))
    places = np.array_split(np.arange(len(ranked)), len(THIRDS))
    return tuple(
        _of_size(third, [ranked[place] for place in some.tolist()], simple)
        for third, some in zip(THIRDS, places, strict=True)
        if some.size
    )


def _of_size(third: str, some: Sequence[Case], simple: Sequence[str]) -> SizeBand:
    means = {
        name: float(np.mean([average_precision(case.figures[name], case.positive) for case in some]))
        for name in (PLAIN, *simple)
    }
    best = max(simple, key=means.__getitem__)
    sizes = [case.positive.size for case in some]
    return SizeBand(third, len(some), min(sizes), max(sizes), means[PLAIN], means[best], best)


def by_activity(found: Sequence[Case]) -> tuple[ActivityBand, ...]:
    """Cut the candidates of each topic into thirds by how much they did there; AUC is a mean over topics."""
    rows = []
    for number, third in enumerate(THIRDS):
        inside = [_third(case, number) for case in found]
        both = [
            (case.figures[PLAIN][some], case.positive[some])
            for case, some in zip(found, inside, strict=True)
            if case.positive[some].any() and not case.positive[some].all()
        ]
        area = float(np.mean([auc(scores, positive) for scores, positive in both])) if both else None
        experts = sum(int(positive.sum()) for _, positive in both)
        rows.append(ActivityBand(third, len(both), experts, area))
    return tuple(rows)


def _third(case: Case, number: int) -> NDArray[np.int64]:
    order = np.argsort(case.activity, kind="stable")
    return np.array_split(order, len(THIRDS))[number]


def rank_correlations(found: Sequence[Case]) -> dict[str, float | None]:
    """Return Spearman's correlation of expertise with interest, with followers and with acts on the topic.

    None where no topic has five people of whom both are known.
    """
    pairs = {
        "interest": [(case.figures[EXPERTISE], case.figures[INTEREST_SCORE]) for case in found],
        "followers": [(case.figures[EXPERTISE], case.followers) for case in found],
        "acts on the topic": [(case.figures[EXPERTISE], case.activity) for case in found],
    }
    return {name: _mean([_spearman(*sides) for sides in both]) for name, both in pairs.items()}


def above_at_equal_volume(found: Sequence[Case]) -> tuple[float | None, int]:
    """Return how often an expert stands above another of about equal volume, ties half, and of how many pairs.

    About as many: within a quarter more.
    """
    above = pairs = 0.0
    for case in found:
        expert, other = np.flatnonzero(case.positive), np.flatnonzero(~case.positive)
        ratio = case.activity[expert][:, None] / case.activity[other][None, :]
        equal = (ratio <= ABOUT_EQUAL) & (ratio >= 1 / ABOUT_EQUAL)
        difference = case.figures[EXPERTISE][expert][:, None] - case.figures[EXPERTISE][other][None, :]
        above += float(np.where(difference > 0, 1.0, np.where(difference == 0, 0.5, 0.0))[equal].sum())
        pairs += float(equal.sum())
    return (above / pairs if pairs else None), int(pairs)


def _spearman(left: Floats, right: Floats) -> float | None:
    known = ~np.isnan(left) & ~np.isnan(right)
    if known.sum() < LEAST_PEOPLE:
        return None
    if np.ptp(left[known]) == 0 or np.ptp(right[known]) == 0:
        return None
    return float(spearmanr(left[known], right[known]).statistic)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
