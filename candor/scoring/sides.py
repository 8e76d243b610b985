"""Sides: expertise and interest as a document has them, made of an evaluation and of own acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.scoring.curves import curve, in_points, share_out
from candor.scoring.document import (
    Coverage,
    Curve,
    Expertise,
    FaceValue,
    Feature,
    Interest,
    Interval,
    KindShare,
    Reasons,
)
from candor.scoring.document import VoiceTotals as TotalsPart
from candor.scoring.expertise import NUMBERED, Supports, are_little, status_of
from candor.scoring.explain import (
    backer_rows,
    expertise_needs,
    expertise_reasons,
    interest_needs,
    interest_reasons,
    kinds_of,
    voice_rows,
)
from candor.scoring.features import expertise_features, interest_features
from candor.scoring.points import interest_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from candor.scoring.document import InterestStatus
    from candor.scoring.expertise import Evaluation
    from candor.scoring.features.feature import FeatureFacts
    from candor.scoring.interest import OwnActs
    from candor.scoring.method import Method, Profile
    from candor.scoring.points import Numbers
    from candor.scoring.question import OptedOut
    from candor.scoring.world import World

WARNING = "Everyone counts equally here, fake accounts included: easy to manipulate."
NOT_VOUCHED = "the data does not say who was allowed to merge"


def expertise_side(
    world: World,
    declared: Evaluation,
    face: Evaluation,
    copies: int,
    *,
    opted_out: OptedOut | None,
    granted_rights: bool,
) -> Expertise:
    """Write expertise out, under the declared root and at face value. Of an account that opted out nothing is said.

    `copies` is how many of its posts that others took up repeat earlier texts.
    """
    method, support = world.method, declared.support
    status = status_of(world.root.kind, support, method, opted_out=opted_out)
    is_score = status in NUMBERED
    features = _expertise_features(declared, world.profile)
    evidence = voice_rows(declared.votes, world.columns, world.index.acts)
    unknown = dict(world.network.unknown)
    if not granted_rights:
        unknown.setdefault("took", NOT_VOUCHED)
    return Expertise(
        status=status,
        score=in_points(declared.numbers.score) if is_score else None,
        little_evidence=is_score and bool(are_little(Supports.of(support), world.root, method)[0]),
        interval=_interval(declared.numbers, method) if is_score else None,
        coverage=Coverage(unknown=unknown),
        at_face_value=None if opted_out else _face_value(face, world.profile, method),
        features=() if opted_out else features,
        totals=_totals(declared),
        people=support.people,
        people_with_standing=support.with_standing,
        standing_sum=support.standing_sum,
        evidence=evidence,
        evidence_shown="all",
        evidence_total=sum(voice.scope == "on_topic" for voice in evidence),
        evidence_rest=0.0,
        backers=backer_rows(declared.votes, declared.without.values(), world.columns.people),
        reasons=Reasons(up=(), down=()) if opted_out else expertise_reasons(declared, features, copies),
        needs=opted_out.reason if opted_out else expertise_needs(status),
    )


def interest_side(own: OwnActs, profile: Profile, method: Method, *, opted_out: OptedOut | None) -> Interest:
    """Write interest out. Of an account that opted out nothing is said."""
    numbers = interest_numbers(own, profile, method)
    acts = int(own.last_year[0])
    enough: InterestStatus = "ok" if acts >= method.status.own_acts else "not_enough_evidence"
    status = opted_out.status if opted_out else enough
    on_topic, trials = float(own.on_topic[0]), float(own.all[0])
    features = tuple(
        _feature(
            feature.facts,
            numbers,
            profile.interest[feature.id],
            method,
            n_effective=trials if feature.facts.unit == "share" else numbers.raw[feature.id],
            kinds=None,
            sample=(on_topic, trials) if feature.facts.unit == "share" else None,
        )
        for feature in interest_features(profile)
        if not opted_out
    )
    return Interest(
        status=status,
        score=in_points(numbers.score) if status == "ok" else None,
        interval=_interval(numbers, method) if status == "ok" else None,
        features=features,
        own_acts=acts,
        reasons=Reasons(up=(), down=()) if opted_out else interest_reasons(features),
        needs=opted_out.reason if opted_out else interest_needs(status, acts, method),
    )


def _face_value(face: Evaluation, profile: Profile, method: Method) -> FaceValue:
    enough = face.support.people > 0
    return FaceValue(
        status="face_value" if enough else "not_enough_evidence",
        score=in_points(face.numbers.score) if enough else None,
        interval=_interval(face.numbers, method) if enough else None,
        features=_expertise_features(face, profile),
        totals=_totals(face),
        warning=WARNING,
    )


def _expertise_features(evaluation: Evaluation, profile: Profile) -> tuple[Feature, ...]:
    totals, features = evaluation.totals, expertise_features(profile)
    return tuple(
        _feature(
            feature.facts,
            evaluation.numbers,
            profile.expertise[feature.id],
            evaluation.evidence.method,
            n_effective=float((totals.n_recent if feature.scope == "recent" else totals.n_effective)[0]),
            kinds=kinds,
        )
        for feature, kinds in zip(features, kinds_of(features, evaluation.evidence), strict=True)
    )


def _feature(
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
        contribution=in_points(points),
        n_effective=n_effective,
        by_kind=None
        if kinds is None
        else tuple(
            KindShare(kind=kind, voices=kinds[kind], contribution=in_points(shares[kind]))
            for kind in sorted(kinds, key=lambda kind: (-kinds[kind], kind))
        ),
        hits=sample[0] if sample else None,
        trials=sample[1] if sample else None,
    )


def _interval(numbers: Numbers, method: Method) -> Interval:
    return Interval(low=numbers.low, high=numbers.high, level=method.interval.level)


def _totals(evaluation: Evaluation) -> TotalsPart:
    totals, votes = evaluation.totals, evaluation.votes
    here, late = votes.attribution, votes.recent_attribution
    return TotalsPart(
        on_topic=float(totals.on_topic[0]),
        all_topics=float(totals.all_topics[0]),
        recent=float(totals.recent[0]),
        all_kinds=float(totals.all_kinds[0]),
        help=float(totals.help[0]),
        posts=float(totals.posts[0]),
        backed=None if totals.backed is None else float(totals.backed[0]),
        recent_backed=None if totals.recent_backed is None else float(totals.recent_backed[0]),
        trusted_people=None if here is None else int(here.seeds[0]),
        most_per_trusted=None if here is None else float(here.limit[0]),
        recent_most_per_trusted=None if late is None else float(late.limit[0]),
    )
