"""The method's page, with every feature and kind of recognition, and the calculator that plays with its curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from flask import redirect, request

from candor.scoring.method import UnknownMethodError, known_versions, load_method
from candor.scoring.published import published
from service.api.scores import read_document
from service.auth import require
from service.drawing import SIDES, Look, draw_published_curve, name_of
from service.drawing.provenance import most_voices, trusted_people
from service.problems import ProblemError
from service.schemas.job_requests import PROFILES
from service.web.rendering import current_words, render_page
from service.web.seeds import has_seeds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from candor.scoring.document import ScoreDocument
    from candor.scoring.published import PublishedMethod

CURVE = 420  # pixels
ROOT_SIZES = (10, 4, 20, 50, 100)  # the first unless another is chosen
WIDEST = 3  # how far the sliders go, in 90 % points
CONSTANTS = ("window", "standing", "voice", "backing", "copies", "topics", "status", "interval", "robustness")


@dataclass(frozen=True)
class Quantity:
    """What a slider changes: `value` in its unit, `most` where the slider ends."""

    side: str
    id: str
    unit: str
    value: float
    most: float


@dataclass(frozen=True)
class Start:
    """Where the sliders of expertise begin: trusted people behind the account, and supporters, in voices."""

    behind: int
    on_topic: float = 0.0
    other_topics: float = 0.0
    recent: float = 0.0


@dataclass(frozen=True)
class FeatureRow:
    """A feature that the quantities make: control points and raw value in its unit, weight in points."""

    side: str
    id: str
    label: str
    question: str
    unit: str
    p50: float
    p90: float
    weight: float
    raw: float


@dataclass(frozen=True)
class RootLimits:
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
    """Show the calculator: with the values of a score, which takes a key, or with those of an example."""
    score_id, profile = request.args.get("score"), request.args.get("profile")
    if score_id is not None:
        require("read")
    document = None if score_id is None else read_document(score_id)
    profile = profile if profile in PROFILES else PROFILES[0]
    people = request.args.get("people", "")
    size = int(people) if people in map(str, ROOT_SIZES) else ROOT_SIZES[0]
    parts = list(_example(profile) if document is None else _of_score(document))
    limits = _limits((size,)) if document is None else _limits_of(document)
    start = _example_start(parts, size) if document is None else _start_of(document)
    return render_page(
        "calculator.html",
        quantities=list(_quantities(parts, start, limits)),
        parts=parts,
        limits=limits,
        voice=load_method().voice,
        backing=load_method().backing,
        trusted=limits.rows[-1][1] if limits else None,
        of=document and name_of(document),
        profiles=PROFILES,
        profile=profile,
        sizes=ROOT_SIZES,
        size=size,
    )


def _quantities(parts: list[FeatureRow], start: Start, limits: RootLimits | None) -> Iterator[Quantity]:
    """Yield one quantity for each slider: supporters make the parts of expertise, each part of interest is its own."""
    there = {part.id: part for part in parts}
    made = {"on_topic": "acknowledged_help", "other_topics": "specialised_help", "recent": "still_recognised"}
    if limits and "acknowledged_help" in there:
        yield Quantity("expertise", "behind", "people", start.behind, limits.rows[-1][1])
    for name, part_id in made.items():
        if part := there.get(part_id):
            value = getattr(start, name)
            yield Quantity("expertise", name, "voices", value, max(WIDEST * part.p90, value))
    for part in parts:
        if part.side == "interest":
            end = 1.0 if part.unit == "share" else max(WIDEST * part.p90, part.raw)
            yield Quantity("interest", part.id, part.unit, part.raw, end)


def _example_start(parts: list[FeatureRow], size: int) -> Start:
    """Return where the sliders of an example begin: with so many trusted people behind it, all help on the topic."""
    raw = {part.id: part.raw for part in parts}
    on_topic, recognised = raw.get("acknowledged_help", 0.0), raw.get("still_recognised", 0.0)
    recent = recognised**2 / on_topic if on_topic else 0.0  # as √(A·R) is what counts, and R is no more than 30·A
    return Start(size, on_topic=on_topic, recent=recent)


def _start_of(document: ScoreDocument) -> Start:
    expertise, totals = document.expertise, document.expertise.totals
    listed = sum(backer.scope == "on_topic" for backer in expertise.backers)
    return Start(
        behind=trusted_people(document) if expertise.backers_rest else listed,
        on_topic=totals.on_topic,
        other_topics=max(0.0, totals.all_topics - totals.on_topic),
        recent=totals.recent,
    )


def _constants(method: PublishedMethod) -> Iterator[tuple[str, str]]:
    """Yield the name and the value of each constant, as the JSON has them."""
    for section in CONSTANTS:
        for name, value in msgspec.structs.asdict(getattr(method, section)).items():
            if value is not None:
                yield f"{section}.{name}", msgspec.json.encode(value).decode()


def _of_score(document: ScoreDocument) -> Iterator[FeatureRow]:
    for side in SIDES:
        for f in getattr(document, side).features:
            if f.weight:
                yield FeatureRow(side, f.id, f.label, f.question, f.unit, f.curve.p50, f.curve.p90, f.weight, f.raw)


def _limits_of(document: ScoreDocument) -> RootLimits | None:
    """Return what the root of a document allows; None where nobody's trust bounds voices."""
    if document.method.version != load_method().version or not has_seeds(document):
        return None
    return _limits((trusted_people(document),))


def _limits(sizes: tuple[int, ...]) -> RootLimits:
    rule = load_method().backing
    some = ((behind, size) for size in sizes for behind in sorted({min(1, size), (size + 1) // 2, size}))
    return RootLimits(rule.alone, tuple((behind, size, most_voices(rule, size, behind)) for behind, size in some))


def _example(profile: str) -> Iterator[FeatureRow]:
    """Yield the parts of a profile, each where its curve gives half of the points."""
    for f in published(load_method()).features:
        if f.weights.get(profile):
            facts = f.facts
            yield FeatureRow(
                f.side, facts.id, facts.label, facts.question, facts.unit, f.p50, f.p90, f.weights[profile], raw=f.p50
            )
