"""The method's page: each feature with its curve, weights and weaknesses, and each kind of recognition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from flask import redirect

from candor.scoring.method import UnknownMethodError, known_versions, load_method
from candor.scoring.published import published
from service.drawing import SIDES, Look, published_curve
from service.problems import ProblemError
from service.web.language import spoken
from service.web.rendering import page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from candor.scoring.published import PublishedMethod

CONSTANTS = ("window", "standing", "voice", "copies", "topics", "status", "interval", "robustness")


def show_newest_method() -> AnyResponse:
    """Lead to the version that scores are made with."""
    return redirect(f"/method/{load_method().version}", 303)


def show_method(version: str) -> Response:
    """Show a version of the method. Raises ProblemError 404."""
    try:
        method = published(load_method(version))
    except UnknownMethodError:
        raise ProblemError("not_found", f"There is no method {version!r}.") from None
    words = spoken()
    curves = {f.facts.id: published_curve(f, Look(words, 420, name=f"curve-{f.facts.id}")) for f in method.features}
    return page(
        "method.html",
        method=method,
        versions=known_versions(),
        curves=curves,
        sides=SIDES,
        constants=list(_constants(method)),
    )


def _constants(method: PublishedMethod) -> Iterator[tuple[str, str]]:
    """Yield the name and the value of each constant, as the JSON has them."""
    for section in CONSTANTS:
        for name, value in msgspec.structs.asdict(getattr(method, section)).items():
            if value is not None:
                yield f"{section}.{name}", msgspec.json.encode(value).decode()
