"""Comparisons: which features put one account above another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from candor.scoring.comparison import NotComparableError, compare
from service.auth import owner
from service.context import context
from service.documents import decode_document
from service.problems import Fault, ProblemError, invalid
from service.resource import Resource
from service.schemas.comparisons import COMPARISON_EXAMPLE, ComparisonQuerySchema, ComparisonSchema

if TYPE_CHECKING:
    from candor.scoring.comparison import Comparison
    from candor.scoring.document import ScoreDocument

resource = Resource("comparisons", "Two scores side by side.")


@resource.operation("GET", "/v1/comparisons", scope="read", problems=("not_found", "invalid"))
@resource.query(ComparisonQuerySchema)
@resource.answer(200, ComparisonSchema, description="What makes the difference.", example=COMPARISON_EXAMPLE)
def compare_scores(query: dict[str, Any]) -> Comparison:
    """Say in words and figures which features put one account above another.

    Scores under different trust roots, profiles or versions of the method are not compared, nor those on different
    topics, networks or times.
    """
    a, b = (_read(score_id) for score_id in query["score"])
    try:
        return compare(a, b)
    except NotComparableError as error:
        raise invalid(Fault("/score", str(error))) from None


def _read(score_id: str) -> ScoreDocument:
    stored = context().store.scores.get(owner(), score_id)
    if stored is None:
        raise ProblemError("not_found", f"There is no score {score_id!r}, or it is no longer kept.")
    return decode_document(stored.body)
