"""Two scores side by side, and what puts one above the other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from flask import redirect, request

from candor.scoring.comparison import NotComparableError, compare
from service.api.scores import read_document
from service.drawing import SIDES
from service.drawing.rough import rough_document
from service.problems import Fault, ProblemError, invalid
from service.web.rendering import current_words, render_page

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from candor.scoring.document import ScoreDocument
    from service.words import Words


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
    return render_page(
        "compare.html",
        a=a,
        b=b,
        signed=_signed,
        compared=compared,
        said={side: [_with_names(line, (a, b)) for line in getattr(compared, side).words] for side in SIDES},
        side_names=SIDES,
        weights=weights,
        rough=[rough_document(document, current_words()) for document in (a, b)],
    )


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
