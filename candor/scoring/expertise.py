"""Expertise: from votes to status, numbers and how fragile they are, for one account or many at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from candor.scoring.arrays import sum_by
from candor.scoring.document import Robustness
from candor.scoring.evidence import Evidence
from candor.scoring.points import expertise_numbers, points_of
from candor.scoring.votes import add_up, with_corrupt_seeds, without_largest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from numpy.typing import NDArray

    from candor.scoring.document import ExpertiseStatus
    from candor.scoring.method import Method, Profile
    from candor.scoring.points import Numbers
    from candor.scoring.question import OptedOut
    from candor.scoring.trust import View
    from candor.scoring.votes import Totals, Votes

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

NUMBERED = ("ok", "face_value")
NOTE_VOTES = (
    "the most points that fully trusted people who cheat could add by their own acts, by how many they are; accounts "
    "they vouch for could add more"
)
NOTE_SEEDS = (
    "the most points that trusted people who cheat could add, whatever they do and through however many accounts, by "
    "how many they are. Trusted people who vouched for a cheater count as cheaters too. Not included: cheaters can "
    "also raise the weight of the account's endorsers"
)


@dataclass(frozen=True)
class Support:
    """How many people are behind a number, how many of them have standing, and their standing summed."""

    people: int
    with_standing: int
    standing_sum: float


@dataclass(frozen=True, eq=False)
class Supports:
    """The same for many."""

    people: Ints
    with_standing: Ints
    standing_sum: Floats

    @classmethod
    def of(cls, one: Support) -> Supports:
        """Make the supports of one."""
        return cls(np.array([one.people]), np.array([one.with_standing]), np.array([one.standing_sum]))

    @property
    def first(self) -> Support:
        """The support of the first."""
        return Support(int(self.people[0]), int(self.with_standing[0]), float(self.standing_sum[0]))


@dataclass(frozen=True)
class Evaluation:
    """One account on one topic under one view: the evidence, the numbers made of it, and who is behind them.

    `without` are the votes without the largest voices on the topic, by how many of them.
    """

    evidence: Evidence
    without: dict[int, Votes]
    numbers: Numbers
    support: Support

    @property
    def votes(self) -> Votes:
        """The votes about the account."""
        return self.evidence.votes

    @property
    def totals(self) -> Totals:
        """What they add up to."""
        return self.evidence.totals


def evaluate(votes: Votes, view: View, profile: Profile, method: Method) -> Evaluation:
    """Score one account by the votes about it."""
    evidence = Evidence(votes, add_up(votes, method.voice), method)
    return Evaluation(
        evidence=evidence,
        without={people: without_largest(votes, people, view) for people in (1, method.voice.halved)},
        numbers=expertise_numbers(evidence, profile),
        support=supports(votes, method).first,
    )


def supports(votes: Votes, method: Method) -> Supports:
    """Count who is behind each subject."""
    voices = votes.on_topic
    trusted = np.flatnonzero(voices.standing >= method.status.standing_each)
    trusted = trusted[np.lexsort((voices.standing[trusted], voices.subject[trusted]))]
    return Supports(
        people=np.bincount(voices.subject, minlength=votes.subjects),
        with_standing=np.bincount(voices.subject[trusted], minlength=votes.subjects),
        standing_sum=sum_by(voices.subject[trusted], voices.standing[trusted], votes.subjects),
    )


def status_of(root_kind: str, support: Support, method: Method, *, opted_out: OptedOut | None) -> ExpertiseStatus:
    """Return the first status that holds."""
    status = opted_out.status if opted_out else str(statuses(root_kind, Supports.of(support), method)[0])
    return cast("ExpertiseStatus", status)


def statuses(root_kind: str, support: Supports, method: Method) -> NDArray[np.str_]:
    """Return the first status that holds for each who did not opt out."""
    rule = method.status
    if root_kind == "none":
        return np.full(support.people.size, "no_trust_root")
    enough = (support.with_standing >= rule.people) & (support.standing_sum >= rule.standing_sum)
    given = np.where(enough, "ok", "unverified") if root_kind != "network" else np.full(enough.size, "face_value")
    return np.where(support.people < rule.people, "not_enough_evidence", given)


def robustness(evaluation: Evaluation, profile: Profile) -> Robustness:
    """Return how fragile the number is, in points."""
    halved = evaluation.evidence.method.voice.halved
    return Robustness(
        largest_voice_points=float(points_of_largest(evaluation, profile, people=1)),
        largest_five_points=float(points_of_largest(evaluation, profile, people=halved)),
        points_per_corrupt_standing=_floats(points_of_corrupt(evaluation.evidence, profile)),
        note=NOTE_VOTES if evaluation.votes.attribution is None else NOTE_SEEDS,
    )


def points_of_largest(evaluation: Evaluation, profile: Profile, people: int) -> Decimal:
    """Points that depend on the `people` largest voices on the topic: the score less what it is without them."""
    evidence, votes = evaluation.evidence, evaluation.without[people]
    left = Evidence(votes, add_up(votes, evidence.method.voice), evidence.method)
    return points_of(evidence, profile) - points_of(left, profile)


def points_of_corrupt(evidence: Evidence, profile: Profile) -> dict[str, Decimal]:
    """Points that people who turn corrupt could add at most, by how many they are.

    Each is a seed and has as many voices as it likes; where everybody is trusted, each has the most one voice can be.
    """
    votes, method = evidence.votes, evidence.method

    def _with(people: int) -> Totals:
        if votes.attribution is None or votes.recent_attribution is None:
            return add_up(votes, method.voice, people)
        seeds = votes.attribution, votes.recent_attribution
        return with_corrupt_seeds(evidence.totals, *seeds, method.voice, people)

    before = points_of(evidence, profile)
    return {
        str(people): points_of(evidence.of(_with(people)), profile) - before
        for people in method.robustness.corrupt_people
    }


def _floats(points: Mapping[str, Decimal]) -> dict[str, float]:
    return {name: float(value) for name, value in points.items()}
