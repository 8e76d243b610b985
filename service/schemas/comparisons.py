"""Schemas of comparisons: which features put one account above another."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from service.schemas.base import BoundedList, shown, text

_FEATURE = {
    "id": "acknowledged_help",
    "label": "Acknowledged help",
    "a": 29.964352,
    "b": 20.0,
    "difference": 9.964352,
    "raw_a": 23.0,
    "raw_b": 8.0,
    "unit": "voices",
}
_KIND = {
    "id": "accepted",
    "label": "accepted answers and changes",
    "a": 19.0,
    "b": 10.0,
    "difference": 9.0,
    "raw_a": None,
    "raw_b": None,
    "unit": None,
}
_SIDE = {
    "a": 71.2,
    "b": 61.2,
    "difference": 10.0,
    "overlap": True,
    "by_feature": [_FEATURE],
    "by_kind": [_KIND],
    "words": ["u19 stands 10.0 points above u7 on expertise", "their intervals overlap: the order may be chance"],
}
COMPARISON_EXAMPLE: dict[str, Any] = {
    "score_a": "sc_3f",
    "score_b": "sc_40",
    "account_a": "u19",
    "account_b": "u7",
    "topic": "space-technology",
    "expertise": _SIDE,
    "interest": _SIDE | {"by_kind": []},
}


class ComparisonQuerySchema(ma.Schema):
    """Which two scores."""

    score = BoundedList(
        text("Id of a score."),
        least=2,
        most=2,
        required=True,
        metadata={"description": "The two scores, one after the other."},
    )


class DifferenceSchema(ma.Schema):
    """What one feature, or one kind of recognition, gives each of the two."""

    id = shown(fields.String, "Id of the feature or kind.")
    label = shown(fields.String, "What it is called.")
    a = shown(fields.Float, "Points of the first.")
    b = shown(fields.Float, "Points of the second.")
    difference = shown(fields.Float, "The first less the second, in points.")
    raw_a = shown(fields.Float, "The first's raw value, in the feature's unit; null for kinds.", allow_none=True)
    raw_b = shown(fields.Float, "The second's raw value, in the feature's unit; null for kinds.", allow_none=True)
    unit = shown(fields.String, "Unit of the raw values; null for kinds.", allow_none=True)


class SideComparedSchema(ma.Schema):
    """Expertise or interest of both."""

    a = shown(fields.Float, "Score of the first, 0 to 100, or null.", allow_none=True)
    b = shown(fields.Float, "Score of the second, 0 to 100, or null.", allow_none=True)
    difference = shown(
        fields.Float, "Points: the first less the second; null unless both have a number.", allow_none=True
    )
    overlap = shown(fields.Boolean, "Whether the intervals overlap; null unless both have one.", allow_none=True)
    by_feature = fields.List(
        fields.Nested(DifferenceSchema),
        required=True,
        metadata={"description": "By feature; the differences add up to the whole."},
    )
    by_kind = fields.List(
        fields.Nested(DifferenceSchema),
        required=True,
        metadata={"description": "The same by kind of recognition, the largest first; empty for interest."},
    )
    words = fields.List(fields.String(), required=True, metadata={"description": "The same in words."})


class ComparisonSchema(ma.Schema):
    """Two accounts side by side on one topic."""

    score_a = shown(fields.String, "Id of the first score.")
    score_b = shown(fields.String, "Id of the second score.")
    account_a = shown(fields.String, "The first account.")
    account_b = shown(fields.String, "The second account.")
    topic = shown(fields.String, "Id of the topic.")
    expertise = fields.Nested(SideComparedSchema, required=True, metadata={"description": "Who knows more?"})
    interest = fields.Nested(SideComparedSchema, required=True, metadata={"description": "Who cares more?"})
