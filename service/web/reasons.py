"""Reasons: what tells most about a score of expertise, each with a post that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.scoring.document import Act, Expertise, Voice

MOST = 3
LEAST_SHOWN = 0.05  # points: less would be written as 0.0


@dataclass(frozen=True)
class Reason:
    """A kind of recognition, its points over all parts, and the supporter who counts most by it, with one act."""

    kind: str
    points: float
    voice: Voice | None
    act: Act | None


def telling_reasons(expertise: Expertise) -> list[Reason]:
    """Return the kinds that give most points, the largest first; none where there is no number."""
    if expertise.score is None:
        return []
    points: dict[str, float] = {}
    for share in (share for feature in expertise.features for share in feature.by_kind or ()):
        points[share.kind] = points.get(share.kind, 0.0) + share.contribution
    most = sorted(points.items(), key=lambda pair: -pair[1])[:MOST]
    return [_reason(expertise, kind, given) for kind, given in most if given >= LEAST_SHOWN]


def _reason(expertise: Expertise, kind: str, points: float) -> Reason:
    shown = max(_acts(expertise, kind), key=lambda pair: (pair[1].url is not None, pair[1].strength), default=None)
    return Reason(kind, points, *(shown or (None, None)))


def _acts(expertise: Expertise, kind: str) -> Iterator[tuple[Voice, Act]]:
    for voice in expertise.evidence:
        if voice.scope == "on_topic":
            yield from ((voice, act) for act in voice.acts if act.kind == kind and act.credited)
