"""Two scores side by side, and what puts one above the other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from flask import redirect, request
from msgspec.structs import replace

from candor.scoring.comparison import NotComparableError, compare
from service.api.scores import read_document
from service.drawing import SIDES
from service.drawing.provenance import rough_document
from service.problems import Fault, ProblemError, invalid
from service.rounding import add_up
from service.web.rendering import current_words, render_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from werkzeug.wrappers import Response as AnyResponse

    from candor.scoring.comparison import Difference, SideCompared
    from candor.scoring.document import ScoreDocument
    from service.words import Words

PLACES = 2


def show_comparison() -> AnyResponse:
    """Compare the two scores named; other than two lead back to the job that they were ticked on, with their ticks.

    Raises ProblemError when they are not two, or were not made the same way.
    """
    named = list(dict.fromkeys(request.args.getlist("score")))
    if len(named) != len("ab") and (job := request.args.get("job")):
        again = urlencode({"choose": "two", "score": named}, doseq=True)
        return redirect(f"/progress/{quote(job, safe='')}?{again}", 303)
    if len(named) != len("ab"):
        raise ProblemError("invalid", "A comparison is of two: go back, tick two boxes and no more, and ask again.")
    a, b = (read_document(score_id) for score_id in named)
    try:
        compared = compare(a, b)
    except NotComparableError as error:
        raise invalid(Fault("/score", str(error))) from None
    weights = {f.id: f.weight for side in SIDES for f in getattr(a, side).features}
    sides = {side: getattr(compared, side) for side in SIDES}
    return render_page(
        "compare.html",
        a=a,
        b=b,
        signed=_signed,
        compared=sides,
        features={side: _rounded(of.by_feature) for side, of in sides.items()},
        kinds={side: [row for row in _rounded(of.by_kind) if row.a or row.b] for side, of in sides.items()},
        difference=_difference,
        said={side: [_with_names(line, (a, b)) for line in of.words] for side, of in sides.items()},
        side_names=SIDES,
        weights=weights,
        rough=[rough_document(document, current_words()) for document in (a, b)],
    )


def _rounded(rows: Sequence[Difference]) -> list[Difference]:
    """Round the points of each row so that both columns, and their differences, add up to the sums shown."""
    ours, theirs = (add_up([getattr(row, of) for row in rows], PLACES) for of in "ab")
    return [
        replace(row, a=a, b=b, difference=round(a - b, PLACES)) for row, a, b in zip(rows, ours, theirs, strict=True)
    ]


def _difference(side: SideCompared, places: int) -> float | None:
    """Return the difference of the scores as they are shown."""
    return None if side.a is None or side.b is None else round(side.a, places) - round(side.b, places)


def _with_names(line: str, documents: tuple[ScoreDocument, ...]) -> str:
    """Say a sentence about two accounts with their names."""
    for account in (document.account for document in documents):
        line = re.sub(rf"(?<!\S){re.escape(account.account)}(?!\S)", lambda _, to=account: to.name or to.account, line)  # type: ignore[misc]
    return line


def _signed(value: float | None, places: int, words: Words) -> str:
    """Write a difference with its sign."""
    if value is None:
        return "–"
    return ("+" if value > 0 else "−" if value < 0 else "") + words.number(abs(value), places)
