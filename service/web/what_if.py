"""The calculator: what the published curves and weights would make of other values. Its numbers are no scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request

from candor.scoring.method import load_method
from candor.scoring.published import published
from service.documents import read_document
from service.drawing import SIDES
from service.schemas.job_requests import PROFILES
from service.web.backing import is_rooted, most_voices
from service.web.rendering import page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Response

    from candor.scoring.document import ScoreDocument

ROOT_SIZES = (10, 100)


@dataclass(frozen=True)
class Slider:
    """A feature to play with: control points and raw value in its unit, weight in points."""

    side: str
    id: str
    label: str
    unit: str
    p50: float
    p90: float
    weight: float
    raw: float


@dataclass(frozen=True)
class Limits:
    """What one person of a root is worth at most, and the most voices there can be by the root's size, in voices."""

    backer_most: float
    halved: int
    most: dict[int, float]


def show_calculator() -> Response:
    """Show the calculator: with the values of a score, or with none."""
    score_id, profile = request.args.get("score"), request.args.get("profile")
    if score_id is not None:
        document = read_document(score_id)
        of = document.account.name or document.account.account
        sliders, limits = list(_of_score(document)), _limits(document)
        return page("calculator.html", sliders=sliders, limits=limits, of=of, profiles=PROFILES, profile=None)
    profile = profile if profile in PROFILES else PROFILES[0]
    sliders, limits = list(_of_method(profile)), _limits(None)
    return page("calculator.html", sliders=sliders, limits=limits, of=None, profiles=PROFILES, profile=profile)


def _of_score(document: ScoreDocument) -> Iterator[Slider]:
    for side in SIDES:
        for f in getattr(document, side).features:
            yield Slider(side, f.id, f.label, f.unit, f.curve.p50, f.curve.p90, f.weight, f.raw)


def _limits(document: ScoreDocument | None) -> Limits | None:
    """Return what the root of a document allows, or roots of some sizes; None where nobody's trust bounds voices."""
    rule = load_method().voice
    if document is not None and (document.method.version != load_method().version or not is_rooted(document)):
        return None
    sizes = ROOT_SIZES if document is None else (document.trust_root.size,)
    return Limits(rule.backer_most, rule.halved, {size: most_voices(rule, size) for size in sizes})


def _of_method(profile: str) -> Iterator[Slider]:
    for f in published(load_method()).features:
        if profile in f.weights:
            yield Slider(f.side, f.facts.id, f.facts.label, f.facts.unit, f.p50, f.p90, f.weights[profile], 0.0)
