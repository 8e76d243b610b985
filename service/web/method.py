"""The method's page, with every feature and kind of recognition, and the calculator that plays with its curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from flask import redirect, request

from candor.scoring.method import UnknownMethodError, known_versions, load_method
from candor.scoring.published import published
from service.api.scores import read_document
from service.drawing import SIDES, Look, draw_published_curve, name_of
from service.problems import ProblemError
from service.schemas.job_requests import PROFILES
from service.web.rendering import current_words, render_page
from service.web.seeds import has_seeds, most_voices, trusted_people

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from candor.scoring.document import ScoreDocument
    from candor.scoring.published import PublishedMethod

CURVE = 420  # pixels
ROOT_SIZES = (10, 100)
CONSTANTS = ("window", "standing", "voice", "backing", "copies", "topics", "status", "interval", "robustness")


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
    """What may rest on one person of a root whom no other backs up, and what a root allows, in voices.

    `rows` say how many of how many stand behind an account in full, and what these allow together.
    """

    alone: float
    rows: tuple[tuple[int, int, float], ...]


def show_newest_method() -> AnyResponse:
    """Lead to the version that scores are made with."""
    return redirect(f"/method/{load_method().version}", 303)


def show_method(version: str) -> Response:
    """Show a version of the method. Raises ProblemError 404."""
    try:
        method = published(load_method(version))
    except UnknownMethodError:
        raise ProblemError("not_found", f"There is no method {version!r}.") from None
    words = current_words()
    curves = {
        f.facts.id: draw_published_curve(f, Look(words, CURVE, name=f"curve-{f.facts.id}")) for f in method.features
    }
    return render_page(
        "method.html",
        method=method,
        versions=known_versions(),
        curves=curves,
        sides=SIDES,
        constants=list(_constants(method)),
    )


def show_calculator() -> Response:
    """Show the calculator: with the values of a score, or with none."""
    score_id, profile = request.args.get("score"), request.args.get("profile")
    if score_id is not None:
        document = read_document(score_id)
        of = name_of(document)
        sliders, limits = list(_of_score(document)), _limits(document)
        return render_page("calculator.html", sliders=sliders, limits=limits, of=of, profiles=PROFILES, profile=None)
    profile = profile if profile in PROFILES else PROFILES[0]
    sliders, limits = list(_of_method(profile)), _limits(None)
    return render_page("calculator.html", sliders=sliders, limits=limits, of=None, profiles=PROFILES, profile=profile)


def _constants(method: PublishedMethod) -> Iterator[tuple[str, str]]:
    """Yield the name and the value of each constant, as the JSON has them."""
    for section in CONSTANTS:
        for name, value in msgspec.structs.asdict(getattr(method, section)).items():
            if value is not None:
                yield f"{section}.{name}", msgspec.json.encode(value).decode()


def _of_score(document: ScoreDocument) -> Iterator[Slider]:
    for side in SIDES:
        for f in getattr(document, side).features:
            yield Slider(side, f.id, f.label, f.unit, f.curve.p50, f.curve.p90, f.weight, f.raw)


def _limits(document: ScoreDocument | None) -> Limits | None:
    """Return what the root of a document allows, or roots of some sizes; None where nobody's trust bounds voices."""
    rule = load_method().backing
    if document is not None and (document.method.version != load_method().version or not has_seeds(document)):
        return None
    sizes = ROOT_SIZES if document is None else (trusted_people(document),)
    some = ((behind, size) for size in sizes for behind in sorted({min(1, size), (size + 1) // 2, size}))
    return Limits(rule.alone, tuple((behind, size, most_voices(rule, size, behind)) for behind, size in some))


def _of_method(profile: str) -> Iterator[Slider]:
    for f in published(load_method()).features:
        if profile in f.weights:
            yield Slider(f.side, f.facts.id, f.facts.label, f.facts.unit, f.p50, f.p90, f.weights[profile], 0.0)
