"""Expertise: status, score and breakdown of one account on one topic, from what others took up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from candor.scoring.credit import sum_by
from candor.scoring.curves import curve, share_out
from candor.scoring.document import (
    Backer,
    Coverage,
    Curve,
    Expertise,
    FaceValue,
    Feature,
    Interval,
    KindShare,
    Reasons,
    Voice,
)
from candor.scoring.document import Totals as TotalsPart
from candor.scoring.evidence import backers_written_out, kinds_of_late, kinds_on_topic, written_out
from candor.scoring.explain import expertise_needs, expertise_reasons
from candor.scoring.features import EXPERTISE
from candor.scoring.hearing import hear, without_largest
from candor.scoring.points import Numbers, expertise_numbers
from candor.scoring.totals import Heard, Totals, add_up

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from candor.scoring.document import ExpertiseStatus
    from candor.scoring.features.facts import FeatureFacts
    from candor.scoring.method import Method
    from candor.scoring.question import Withheld
    from candor.scoring.world import View, World

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

WARNING = "Everybody's word counts in full here, invented accounts included: easy to game."
NUMBERED = ("ok", "face_value")
NOT_VOUCHED = "the source does not vouch that taking changes is a right others gave"


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
class Judged:
    """One account on one topic under one view: what was heard, and the numbers made of it.

    `quieter` is what would be heard without the largest voices on the topic, by how many of them.
    """

    heard: Heard
    quieter: dict[int, Heard]
    totals: Totals
    numbers: Numbers
    features: tuple[Feature, ...]
    support: Support


def judge(world: World, subject: int, topic: int, view: View) -> Judged:
    """Hear everybody out and add up."""
    heard = hear(world, np.array([subject]), topic, view)
    totals = add_up(heard, world.method.voice)
    numbers = expertise_numbers(totals, world.profile, world.method)
    kinds = {
        "acknowledged_help": kinds_on_topic(world, heard.on_topic, totals),
        "still_recognised": kinds_of_late(world, heard.recent, totals),
    }
    kinds["specialised_help"] = kinds["acknowledged_help"]
    effective = {"still_recognised": float(totals.n_recent[0])}
    features = tuple(
        written_feature(
            feature.FACTS,
            numbers,
            world.profile.expertise[feature.FACTS.id],
            world.method,
            n_effective=effective.get(feature.FACTS.id, float(totals.n_effective[0])),
            kinds=kinds[feature.FACTS.id],
        )
        for feature in EXPERTISE
    )
    quieter = {people: without_largest(world, heard, people, view) for people in (1, world.method.voice.halved)}
    return Judged(heard, quieter, totals, numbers, features, supports(heard, world.method).first)


def expertise(
    world: World, subject: int, topic: int, *, withheld: Withheld | None, granted_rights: bool
) -> tuple[Expertise, Judged]:
    """Return the expertise part of a document, and what it was made from. Of a withheld account nothing is said."""
    judged = judge(world, subject, topic, world.view(subject))
    at_face_value = world.at_face_value
    face = judge(at_face_value, subject, topic, at_face_value.view(subject))
    status = status_of(world.root.kind, judged.support, world.method, withheld=withheld)
    is_score = status in NUMBERED
    evidence = _evidence(world, judged.heard)
    unknown = dict(world.network.unknown)
    if not granted_rights:
        unknown.setdefault("took", NOT_VOUCHED)
    part = Expertise(
        status=status,
        score=float(judged.numbers.score) if is_score else None,
        interval=interval(judged.numbers, world.method) if is_score else None,
        coverage=Coverage(unknown=unknown),
        at_face_value=None if withheld else _face_value(face, world.method),
        features=() if withheld else judged.features,
        totals=_totals(judged.totals),
        people=judged.support.people,
        people_with_standing=judged.support.with_standing,
        standing_sum=judged.support.standing_sum,
        evidence=evidence,
        evidence_shown="all",
        evidence_total=sum(voice.scope == "on_topic" for voice in evidence),
        evidence_rest=0.0,
        backers=_backers(world, judged),
        reasons=expertise_reasons(judged, world) if not withheld else Reasons(up=(), down=()),
        needs=withheld.reason if withheld else expertise_needs(status, judged.support, world.method),
    )
    return part, judged


def written_feature(
    facts: FeatureFacts,
    numbers: Numbers,
    weight: float,
    method: Method,
    *,
    n_effective: float,
    kinds: Mapping[str, float] | None,
    sample: tuple[float, float] | None = None,
) -> Feature:
    """Write one feature out, with its points shared among kinds of recognition and its sample where there are any."""
    raw, points = numbers.raw[facts.id], numbers.contributions[facts.id]
    p50, p90 = method.control_points[facts.id]
    shares = share_out(points, dict(kinds or {}))
    return Feature(
        id=facts.id,
        label=facts.label,
        question=facts.question,
        raw=raw,
        unit=facts.unit,
        curve=Curve(kind="lognormal", p50=p50, p90=p90),
        weight=weight,
        value=round(curve(raw, p50, p90), 6),
        contribution=float(points),
        n_effective=n_effective,
        by_kind=None
        if kinds is None
        else tuple(
            KindShare(kind=kind, voices=kinds[kind], contribution=float(shares[kind]))
            for kind in sorted(kinds, key=lambda kind: (-kinds[kind], kind))
        ),
        hits=sample[0] if sample else None,
        trials=sample[1] if sample else None,
    )


def interval(numbers: Numbers, method: Method) -> Interval:
    """Write the limits out."""
    return Interval(low=numbers.low, high=numbers.high, level=method.interval.level)


def supports(heard: Heard, method: Method) -> Supports:
    """Count who is behind each subject."""
    voices = heard.on_topic
    trusted = np.flatnonzero(voices.standing >= method.status.standing_each)
    trusted = trusted[np.lexsort((voices.standing[trusted], voices.subject[trusted]))]
    return Supports(
        people=np.bincount(voices.subject, minlength=heard.subjects),
        with_standing=np.bincount(voices.subject[trusted], minlength=heard.subjects),
        standing_sum=sum_by(voices.subject[trusted], voices.standing[trusted], heard.subjects),
    )


def status_of(root_kind: str, support: Support, method: Method, *, withheld: Withheld | None) -> ExpertiseStatus:
    """Return the first status that holds."""
    status = withheld.status if withheld else str(statuses(root_kind, Supports.of(support), method)[0])
    return cast("ExpertiseStatus", status)


def statuses(root_kind: str, support: Supports, method: Method) -> NDArray[np.str_]:
    """Return the first status that holds for each who did not decline."""
    rule = method.status
    if root_kind == "none":
        return np.full(support.people.size, "no_trust_root")
    enough = (support.with_standing >= rule.people) & (support.standing_sum >= rule.standing_sum)
    given = np.where(enough, "ok", "unverified") if root_kind != "network" else np.full(enough.size, "face_value")
    return np.where(support.people < rule.people, "not_enough_evidence", given)


def _face_value(face: Judged, method: Method) -> FaceValue:
    enough = face.support.people >= method.status.people
    return FaceValue(
        status="face_value" if enough else "not_enough_evidence",
        score=float(face.numbers.score) if enough else None,
        interval=interval(face.numbers, method) if enough else None,
        features=face.features,
        totals=_totals(face.totals),
        warning=WARNING,
    )


def _totals(totals: Totals) -> TotalsPart:
    return TotalsPart(
        on_topic=float(totals.on_topic[0]),
        all_topics=float(totals.all_topics[0]),
        recent=float(totals.recent[0]),
        all_kinds=float(totals.all_kinds[0]),
        help=float(totals.help[0]),
        posts=float(totals.posts[0]),
        backed=None if totals.backed is None else float(totals.backed[0]),
        recent_backed=None if totals.recent_backed is None else float(totals.recent_backed[0]),
    )


def _evidence(world: World, heard: Heard) -> tuple[Voice, ...]:
    return (
        *written_out(world, heard.on_topic, "on_topic"),
        *written_out(world, heard.other_topics, "other_topics"),
        *written_out(world, heard.recent, "recent"),
    )


def _backers(world: World, judged: Judged) -> tuple[Backer, ...]:
    heard, quieter = judged.heard, judged.quieter.values()
    return (
        *backers_written_out(world, heard.backing, [left.backing for left in quieter], "on_topic"),
        *backers_written_out(world, heard.recent_backing, [left.recent_backing for left in quieter], "recent"),
    )
