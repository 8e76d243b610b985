"""Comparisons: which features put one account above another."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from candor.scoring.comparison import Comparison, Difference, NotComparableError, SideCompared, compare
from service.documents import read_document
from service.problems import Fault, invalid
from service.resource import Resource
from service.schemas.base import BoundedList, text

resource = Resource("comparisons", "Two scores side by side.")


class ComparisonQuerySchema(ma.Schema):
    """Which two scores."""

    score = BoundedList(
        text("Id of a score."),
        least=2,
        most=2,
        required=True,
        metadata={"description": "The two scores, one after the other."},
    )


_EXPERTISE_EXAMPLE = SideCompared(
    a=71.2,
    b=61.2,
    difference=10.0,
    overlap=True,
    by_feature=(
        Difference(
            id="acknowledged_help",
            label="Acknowledged help",
            a=29.964352,
            b=20.0,
            difference=9.964352,
            raw_a=23.0,
            raw_b=8.0,
            unit="voices",
        ),
    ),
    by_kind=(Difference(id="accepted", label="accepted answers and changes", a=19.0, b=10.0, difference=9.0),),
    words=("u19 stands 10.0 points above u7 on expertise", "their intervals overlap: the order may be chance"),
)
_EXAMPLE = Comparison(
    score_a="sc_3f",
    score_b="sc_40",
    account_a="u19",
    account_b="u7",
    topic="space-technology",
    expertise=_EXPERTISE_EXAMPLE,
    interest=SideCompared(
        a=40.0,
        b=40.0,
        difference=0.0,
        overlap=True,
        by_feature=(),
        by_kind=(),
        words=("u19 and u7 are level on interest",),
    ),
)


@resource.operation("GET", "/v1/comparisons", scope="read", problems=("not_found", "invalid"))
@resource.query(ComparisonQuerySchema)
@resource.response(200, Comparison, description="What makes the difference.", example=_EXAMPLE)
def compare_scores(query: dict[str, Any]) -> Comparison:
    """Say in words and figures which features put one account above another.

    Scores under different trust roots, profiles or versions of the method are not compared, nor those on different
    topics, networks or times.
    """
    a, b = (read_document(score_id) for score_id in query["score"])
    try:
        return compare(a, b)
    except NotComparableError as error:
        raise invalid(Fault("/score", str(error))) from None
