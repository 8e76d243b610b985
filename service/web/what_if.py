"""The calculator: what the published curves and weights would make of other values. Its numbers are no scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request

from scoring.method import load_method
from scoring.published import published
from service.documents import read_document
from service.drawing import SIDES
from service.schemas.job_requests import PROFILES
from service.web.rendering import page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Response

    from scoring.document import ScoreDocument


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


def show_calculator() -> Response:
    """Show the calculator: with the values of a score, or with none."""
    score_id, profile = request.args.get("score"), request.args.get("profile")
    if score_id is not None:
        document = read_document(score_id)
        of = document.account.name or document.account.account
        return page("calculator.html", sliders=list(_of_score(document)), of=of, profiles=PROFILES, profile=None)
    profile = profile if profile in PROFILES else PROFILES[0]
    return page("calculator.html", sliders=list(_of_method(profile)), of=None, profiles=PROFILES, profile=profile)


def _of_score(document: ScoreDocument) -> Iterator[Slider]:
    for side in SIDES:
        for f in getattr(document, side).features:
            yield Slider(side, f.id, f.label, f.unit, f.curve.p50, f.curve.p90, f.weight, f.raw)


def _of_method(profile: str) -> Iterator[Slider]:
    for f in published(load_method()).features:
        if profile in f.weights:
            yield Slider(f.side, f.facts.id, f.facts.label, f.facts.unit, f.p50, f.p90, f.weights[profile], 0.0)
