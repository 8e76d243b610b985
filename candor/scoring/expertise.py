"""Expertise: from votes to status, numbers and how fragile they are, for one account or many at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from candor.scoring.arrays import order_by, sum_by, where_true
from candor.scoring.curves import in_points
from candor.scoring.document import Robustness
from candor.scoring.evidence import Evidence
from candor.scoring.points import expertise_numbers, points_of, points_of_each
from candor.scoring.totals import add_up, with_corrupt_people, with_corrupt_seeds
from candor.scoring.votes import without_largest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from candor.scoring.arrays import Bools, Floats, Ints
    from candor.scoring.document import ExpertiseStatus
    from candor.scoring.method import Method, Profile
    from candor.scoring.points import Numbers
    from candor.scoring.question import OptedOut
    from candor.scoring.totals import Totals
    from candor.scoring.trust import View
    from candor.scoring.trust_root import TrustRoot
    from candor.scoring.voices import Voices
    from candor.scoring.votes import Votes


NUMBERED = ("ok", "face_value")
LARGEST = (1, 5)
"""How many of the largest voices robustness takes away."""
NOTE_VOTES = (
    "the most points that people who cheat could add by their own acts, by how many they are; everybody counts in full "
    "here, so invented accounts could add more"
)
NOTE_SEEDS = (
    "the most points that so many of the trusted people could add if they cheated, whatever they do and through "
    "however many accounts. Trusted people who vouched for one of these accounts count as cheaters too. Not included: "
    "cheaters can also vouch for people who really recognised the account, and so raise what they count"
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

    def take(self, chosen: Ints) -> Supports:
        """Return the supports of the chosen."""
        return Supports(self.people[chosen], self.with_standing[chosen], self.standing_sum[chosen])

    @property
    def first(self) -> Support:
        """The support of the first."""
        return Support(int(self.people[0]), int(self.with_standing[0]), float(self.standing_sum[0]))


@dataclass(frozen=True)
class Evaluation:
    """One account on one topic under one view: the evidence, the numbers made of it, and who is behind them.

    `without` has the votes without the largest voices on the topic, by how many of them.
    """

    evidence: Evidence
    numbers: Numbers
    support: Support
    view: View
    without: Mapping[int, Votes]

    @property
    def votes(self) -> Votes:
        """The votes about the account."""
        return self.evidence.votes

    @property
    def totals(self) -> Totals:
        """What they add up to."""
        return self.evidence.totals


def evaluate(
    votes: Votes, subject: int, view: View, profile: Profile, method: Method, *, most: Sequence[int] = ()
) -> Evaluation:
    """Score one account by the votes about it, and find what is left without so many of its largest voices."""
    whole, *left = without_largest(votes, most, subject, view)
    evidence = Evidence(whole, add_up(whole, method), method)
    return Evaluation(
        evidence=evidence,
        numbers=expertise_numbers(evidence, profile),
        support=supports(whole, method).first,
        view=view,
        without=dict(zip(most, left, strict=True)),
    )


def supports(votes: Votes, method: Method) -> Supports:
    """Count who is behind each subject."""
    return supports_of(votes.on_topic, votes.subjects, method)


def supports_of(voices: Voices, subjects: int, method: Method) -> Supports:
    """Count who is behind each of so many subjects by the voices on a topic."""
    trusted = where_true(voices.standing >= method.status.standing_each)
    trusted = trusted[voices.standing[trusted].argsort()]
    trusted = trusted[order_by(voices.subject[trusted])]
    return Supports(
        people=np.bincount(voices.subject, minlength=subjects),
        with_standing=np.bincount(voices.subject[trusted], minlength=subjects),
        standing_sum=sum_by(voices.subject[trusted], voices.standing[trusted], subjects),
    )


def status_of(root_kind: str, support: Support, method: Method, *, opted_out: OptedOut | None) -> ExpertiseStatus:
    """Return the first status that holds."""
    status = opted_out.status if opted_out else str(statuses(root_kind, Supports.of(support), method)[0])
    return cast("ExpertiseStatus", status)


def statuses(root_kind: str, support: Supports, method: Method) -> NDArray[np.str_]:
    """Return the first status that holds for each who stayed. Little evidence gives a number, none does not."""
    if root_kind == "none":
        return np.full(support.people.size, "no_trust_root")
    trusted = support.standing_sum >= method.status.standing_each
    given = np.where(trusted, "ok", "unverified") if root_kind != "network" else np.full(trusted.size, "face_value")
    return np.where(support.people == 0, "not_enough_evidence", given)


def are_numbered(status: NDArray[np.str_]) -> Bools:
    """Say which statuses give a number."""
    numbered: Bools = np.logical_or.reduce([status == each for each in NUMBERED])
    return numbered


def are_little(support: Supports, root: TrustRoot, method: Method) -> Bools:
    """Say of many whether a number is rough because few people recognised the account, or few are in the root."""
    few = method.status.few_people
    if root.kind == "network":
        return support.people < few
    return (np.minimum(support.people, support.with_standing) < few) | (root.size < few)


def robustness(evaluation: Evaluation, profile: Profile) -> Robustness:
    """Return how fragile the number is, in points."""
    one, five = (in_points(points_of_largest(evaluation, profile, people)) for people in LARGEST)
    return Robustness(
        largest_voice_points=one,
        largest_five_points=five,
        points_per_corrupt_standing={
            people: in_points(more) for people, more in points_of_corrupt(evaluation, profile).items()
        },
        note=NOTE_VOTES if evaluation.votes.attribution is None else NOTE_SEEDS,
    )


def points_of_largest(evaluation: Evaluation, profile: Profile, people: int) -> int:
    """Return what depends on the `people` largest voices on the topic, in millionths: the score less that without."""
    evidence, votes = evaluation.evidence, evaluation.without[people]
    left = Evidence(votes, add_up(votes, evidence.method), evidence.method)
    return evaluation.numbers.score - points_of(left, profile)


def points_of_corrupt(evaluation: Evaluation, profile: Profile) -> dict[str, int]:
    """Return what people who turn corrupt could add at most, in millionths of a point, by how many they are.

    Each is a seed and has as many voices as it likes; where everybody is trusted, each has the most one voice can be.
    """
    evidence, votes, method = evaluation.evidence, evaluation.votes, evaluation.evidence.method
    corrupt = np.array(method.robustness.corrupt_people)
    if votes.attribution is None or votes.recent_attribution is None:
        totals = with_corrupt_people(evidence.totals, corrupt * method.voice.most)
    else:
        totals = with_corrupt_seeds(evidence.totals, votes.attribution, votes.recent_attribution, corrupt)
    points = points_of_each(evidence.of(totals), profile)
    names = map(str, method.robustness.corrupt_people)
    return {people: each - evaluation.numbers.score for people, each in zip(names, points, strict=True)}
