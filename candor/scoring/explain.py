"""Put a score into words: what lifts it, what holds it down, what a missing number needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.document import Reasons
from candor.scoring.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.scoring.document import ExpertiseStatus, Feature, InterestStatus
    from candor.scoring.expertise import Judged, Support
    from candor.scoring.method import Method
    from candor.scoring.world import World

LABELS = {kind.id: kind.label for kind in KINDS}
SMALL_SHARE = 0.05
SHOWN_FROM = 0.05


def expertise_reasons(judged: Judged, world: World) -> Reasons:
    """Say in words what lifts expertise and what holds it down."""
    return Reasons(up=tuple(_lifts(judged)), down=tuple(_holds_down(judged, world)))


def interest_reasons(features: tuple[Feature, ...]) -> Reasons:
    """Say in words which features lift interest and which give little."""
    lifting = sorted((f for f in features if f.contribution >= SHOWN_FROM), key=lambda f: (-f.contribution, f.id))
    up = tuple(f"{_points(f.contribution)} from {f.label.lower()}: {_amount(f.raw, f.unit)}" for f in lifting)
    down = tuple(f"hardly any points from {f.label.lower()}" for f in features if f.contribution < SHOWN_FROM)
    return Reasons(up=up, down=down)


def expertise_needs(status: ExpertiseStatus, support: Support, method: Method) -> str | None:
    """Say what a number would take, or None where there is one."""
    rule = method.status
    if status == "no_trust_root":
        return "a trust root: without one, no reputation can resist invented accounts"
    if status == "not_enough_evidence":
        return f"{_people(rule.people - support.people)} who took up something of the account on this topic"
    if status == "unverified":
        return _trust_needed(support, method)
    return None


def interest_needs(status: InterestStatus, acts: int, method: Method) -> str | None:
    """Say what a number would take, or None where there is one."""
    if status == "not_enough_evidence":
        return f"{method.status.own_acts - acts} more acts of its own within a year"
    return None


def _trust_needed(support: Support, method: Method) -> str:
    rule = method.status
    missing = max(0, rule.people - support.with_standing)
    if support.standing_sum + missing >= rule.standing_sum:
        return f"{_people(missing)} whom your root trusts" if missing else "people with more standing"
    return (
        f"people whom your root trusts: those behind the account have standing {support.standing_sum:.2f} together "
        f"({support.with_standing} have enough to count); {rule.standing_sum:g} and {rule.people} people are needed"
    )


def _lifts(judged: Judged) -> list[str]:
    by_kind: dict[str, float] = {}
    for feature in judged.features:
        for share in feature.by_kind or ():
            by_kind[share.kind] = by_kind.get(share.kind, 0.0) + share.contribution
    ordered = sorted(by_kind.items(), key=lambda item: (-item[1], item[0]))
    return [f"{_points(points)} from {LABELS[kind]}" for kind, points in ordered if points >= SHOWN_FROM]


def _holds_down(judged: Judged, world: World) -> list[str]:
    totals, support = judged.totals, judged.support
    a, b, recent = float(totals.on_topic[0]), float(totals.all_topics[0]), float(totals.recent[0])
    voices = float(totals.voices[0])
    reasons = []
    if a <= 0:
        return ["nobody whom the root trusts took up anything of the account on this topic"]
    if silent := support.people - support.with_standing:
        reasons.append(f"hardly any standing under this root: {silent} of the {support.people} people behind it")
    if a < voices:
        reasons += _few_behind(judged, world)
    elif a < totals.all_kinds[0]:
        reasons.append("endorsements of few posts or lists count no more than those posts and lists allow")
    if b - a > voices:
        reasons.append(f"most of what others took up is on other topics: {b - a:.1f} voices against {voices:.1f} here")
    if world.profile.expertise["still_recognised"] and recent < SMALL_SHARE * a:
        reasons.append("hardly anybody took anything up in the last months")
    if judged.heard.on_topic.given.sum() > judged.heard.on_topic.received.sum():
        reasons.append(
            "recognition is mutual: the account gave these people more than it received, which lowers their voices"
        )
    return reasons


def _few_behind(judged: Judged, world: World) -> Iterator[str]:
    """Say how many of the root are behind the voices, where what they allow differs in a figure one can read."""
    backing = judged.heard.backing
    allowed, alone = f"{judged.totals.on_topic[0]:.2f}", f"{judged.totals.voices[0]:.2f}"
    if backing is not None and allowed != alone:
        behind = np.count_nonzero(backing.trust)
        yield (
            f"all of it rests on {behind} of the {world.root.size} people of your root, who allow {allowed} voices; "
            f"by the voices alone it would be {alone}"
        )


def _points(points: float) -> str:
    return f"{points:.1f} point" if round(points, 1) == 1 else f"{points:.1f} points"


def _people(count: int) -> str:
    return "one more person" if count == 1 else f"{count} more people"


def _amount(raw: float, unit: str) -> str:
    return f"{100 * raw:.0f} % at least" if unit == "share" else f"{raw:.1f} {unit}"
