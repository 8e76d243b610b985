"""Cases: for each topic of the truth the candidates, who of them is an expert, and every ranking's figures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import ndtr

from candor.evaluation.baselines import ActCounts, simple_rankings
from candor.evaluation.metrics import auc, average_precision
from candor.scoring.columns import OPTED_OUT
from candor.scoring.curves import NORMAL_Q90
from candor.scoring.everybody import Everybody, evaluate_some
from candor.scoring.expertise import NUMBERED
from candor.scoring.features import interest_features
from candor.scoring.interest import own_acts
from candor.scoring.measured import ActivityBand, SizeBand, WithNumber

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from candor.evaluation.inputs import Truth
    from candor.scoring.arrays import Bools, Floats, Ints
    from candor.scoring.everybody import Experts
    from candor.scoring.world import World


Candidates = Literal["all", "experts", "askers"]

LEAST_EXPERTS, LEAST_OTHERS = 1, 5
LEAST_QUESTIONS = 2
LISTED, RAW = "expertise, as listed", "expertise, raw score"
FACE_VALUE, FACE_VALUE_RAW = "at face value, as listed", "at face value, raw score"
INTEREST_SCORE = "interest"
OURS = (LISTED, RAW, FACE_VALUE, FACE_VALUE_RAW, INTEREST_SCORE)
"""Our own rankings; every other one of a case is a simple one."""
BEFORE_ANY_SCORE = 1000.0  # more than any score: who is in an earlier class of a board stands before all of later ones

THIRDS = ("least", "middle", "most")

LEAST_PEOPLE = 5
ABOUT_EQUAL = 1.25


@dataclass(frozen=True, eq=False)
class Case:
    """One topic: its candidates as rows, who of them is an expert, and their figures by ranking.

    `people` are person numbers of the world; `activity` counts acts on the topic, `followers` is NaN where nobody said;
    `numbered` says who got a number under the declared root, `numbered_at_face_value` who gets one where everybody is
    trusted.
    """

    topic: str
    number: int
    people: Ints
    positive: Bools
    figures: dict[str, Floats]
    activity: Floats
    followers: Floats
    numbered: Bools
    numbered_at_face_value: Bools

    @property
    def simple(self) -> tuple[str, ...]:
        """Names of the simple rankings."""
        return tuple(name for name in self.figures if name not in OURS)

    def under(self, everybody: Everybody) -> Case:
        """Return the case with expertise as it is under the root of a world that differs in nothing else."""
        declared = experts(everybody, self.people, self.number)
        ours = {LISTED: as_listed(declared), RAW: declared.numbers.score}
        return replace(self, figures={**self.figures, **ours}, numbered=np.isin(declared.status, NUMBERED))


def cases(world: World, truth: Truth, which: Candidates, least_activity: int) -> Iterator[Case]:
    """Yield a case for each topic with at least one expert and five others among the candidates."""
    columns = world.columns
    everywhere = ActCounts(columns, np.ones(len(columns.records), np.bool_))
    tagged = _rows_by_tag(world)
    face_value = Everybody(world.at_face_value)
    declared = face_value if world.root.kind == "network" else Everybody(world)
    for number, topic in enumerate(world.topics):
        name = str(topic.tag)
        inside = columns.topics[:, number].copy()
        inside[tagged.get(name, [])] = True
        here = ActCounts(columns, inside)
        people = _candidates(world, truth, name, here, which=which, least_activity=least_activity)
        positive = _known(world, people, truth.pairs, name)
        if is_case(positive):
            yield _case((declared, face_value), number, people, positive, (here, everywhere))


def _rows_by_tag(world: World) -> dict[str, list[int]]:
    """Index records by their tags. To be a candidate takes one of them, however many others stand beside it."""
    rows: dict[str, list[int]] = {}
    for row, record in enumerate(world.columns.records):
        for tag in record.tags or ():
            rows.setdefault(tag, []).append(row)
    return rows


def _candidates(
    world: World, truth: Truth, topic: str, here: ActCounts, *, which: Candidates, least_activity: int
) -> Ints:
    """Return whoever did something on the topic, ascending, without those known as experts on it before.

    `askers`: its experts, and who asked at least twice and more often than answered, and never was one; `experts`: who
    is an expert on any topic.
    """
    people = np.flatnonzero(here.contributions >= max(1, least_activity))
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
    roots: tuple[Everybody, Everybody],
    topic: int,
    people: Ints,
    positive: Bools,
    counts: tuple[ActCounts, ActCounts],
) -> Case:
    world = roots[0].world
    face_value = experts(roots[1], people, topic)
    declared = face_value if roots[0] is roots[1] else experts(roots[0], people, topic)
    figures = {
        LISTED: as_listed(declared),
        RAW: declared.numbers.score,
        FACE_VALUE: as_listed(face_value),
        FACE_VALUE_RAW: face_value.numbers.score,
        INTEREST_SCORE: interest(world, people, topic),
        **{name: figure[people] for name, figure in simple_rankings(*counts).items()},
    }
    return Case(
        topic=str(world.topics[topic].tag),
        number=topic,
        people=people,
        positive=positive,
        figures=figures,
        activity=counts[0].contributions[people],
        followers=np.array([_followers(world, person) for person in people.tolist()]),
        numbered=np.isin(declared.status, NUMBERED),
        numbered_at_face_value=np.isin(face_value.status, NUMBERED),
    )


def experts(everybody: Everybody, people: Ints, topic: int) -> Experts:
    """Score people (ascending) from the flow of standing that all share, as a board does below its first rows."""
    world = everybody.world
    votes = world.votes(people, topic, world.shared_view, in_full=False, include_recent=False)
    return evaluate_some(world, votes, everybody.recent.take(people))


def as_listed(found: Experts) -> Floats:
    """Return figures that order people as a served board does: with a number, without, without any evidence.

    Each by score. A served board breaks ties by name, and makes its first rows each from a flow of its own.
    """
    classes = 2.0 * np.isin(found.status, NUMBERED) + (found.status != "not_enough_evidence")
    return np.asarray(classes * BEFORE_ANY_SCORE + found.numbers.score)


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


def by_size(found: Sequence[Case]) -> tuple[SizeBand, ...]:
    """Cut the topics into thirds by how many candidates they have; the smallest first."""
    ranked = sorted(found, key=lambda case: (case.positive.size, case.topic))
    places = np.array_split(np.arange(len(ranked)), len(THIRDS))
    return tuple(
        _of_size(third, [ranked[place] for place in some.tolist()])
        for third, some in zip(THIRDS, places, strict=True)
        if some.size
    )


def _of_size(third: str, some: Sequence[Case]) -> SizeBand:
    ours, best, name = mean_accuracy(some)
    sizes = [case.positive.size for case in some]
    return SizeBand(third, len(some), min(sizes), max(sizes), ours, best, name)


def mean_accuracy(some: Sequence[Case]) -> tuple[float, float, str]:
    """Return MAP of expertise as listed, and of the best simple ranking with its name."""
    means = {
        name: float(np.mean([average_precision(case.figures[name], case.positive) for case in some]))
        for name in (LISTED, *some[0].simple)
    }
    ours = means.pop(LISTED)
    best = max(means, key=means.__getitem__)
    return ours, means[best], best


def among_numbered(found: Sequence[Case]) -> tuple[WithNumber, ...]:
    """Rank the people with a number alone, under the declared root and at face value."""
    return (
        _among(found, LISTED, [case.numbered for case in found]),
        _among(found, FACE_VALUE, [case.numbered_at_face_value for case in found]),
    )


def _among(found: Sequence[Case], ranking: str, numbered: Sequence[Bools]) -> WithNumber:
    experts = sum(int(case.positive.sum()) for case in found)
    left = [
        average_precision(case.figures[ranking][some], case.positive[some])
        for case, some in zip(found, numbered, strict=True)
        if is_case(case.positive[some])
    ]
    return WithNumber(
        ranking=ranking,
        share=float(np.mean([some.mean() for some in numbered])),
        experts=sum(int(case.positive[some].sum()) for case, some in zip(found, numbered, strict=True)) / experts,
        topics=len(left),
        map=float(np.mean(left)) if left else None,
    )


def is_case(positive: Bools) -> bool:
    """Say whether there is an expert to be found among five others."""
    return bool(positive.sum() >= LEAST_EXPERTS and (~positive).sum() >= LEAST_OTHERS)


def by_activity(found: Sequence[Case]) -> tuple[ActivityBand, ...]:
    """Cut the candidates of each topic into thirds by how much they did there; AUC is a mean over topics."""
    rows = []
    for number, third in enumerate(THIRDS):
        inside = [_third(case, number) for case in found]
        both = [
            (case.figures[LISTED][some], case.positive[some])
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
        "interest": [(case.figures[LISTED], case.figures[INTEREST_SCORE]) for case in found],
        "followers": [(case.figures[LISTED], case.followers) for case in found],
        "acts on the topic": [(case.figures[LISTED], case.activity) for case in found],
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
        difference = case.figures[LISTED][expert][:, None] - case.figures[LISTED][other][None, :]
        above += float(np.where(difference > 0, 1.0, np.where(difference == 0, 0.5, 0.0))[equal].sum())
        pairs += float(equal.sum())
    return (above / pairs if pairs else None), int(pairs)


def _spearman(left: Floats, right: Floats) -> float | None:
    known = ~np.isnan(left) & ~np.isnan(right)
    if known.sum() < LEAST_PEOPLE:
        return None
    if np.ptp(left[known]) == 0 or np.ptp(right[known]) == 0:
        return None
    from scipy.stats import spearmanr  # noqa: PLC0415 # as in candor.evaluation.metrics

    return float(spearmanr(left[known], right[known]).statistic)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
