"""Schemas of what is asked about questions: the question itself, of which data set, as of when."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from service.schemas.base import BoundedList, InstantField, WholeNumber
from service.schemas.base import text as short_text

MOST_PEOPLE = 50
MOST_TAGS = 20
LONGEST_TEXT = 20_000
QUESTION_BODY_EXAMPLE = {
    "text": "What restarts a cubesat that hangs?",
    "tags": ["cubesat"],
    "dataset": "sample",
    "trust_root": "sample",
    "limit": 5,
    "as_of": "2026-11-01T00:00:00Z",
}


class OpeningsQuerySchema(ma.Schema):
    """Of what time the answer is to speak."""

    as_of = InstantField(
        load_default=None,
        metadata={"description": "Only what happened before this time is read; now by default."},
    )


class PersonOpeningsQuerySchema(OpeningsQuerySchema):
    """Of which data set, and of what time."""

    dataset = short_text("Id of the data set.", required=True)


class QuestionBodySchema(ma.Schema):
    """A question to a community."""

    text = fields.String(
        load_default=None,
        allow_none=True,
        validate=[
            validate.Length(min=1, max=LONGEST_TEXT),
            validate.Predicate("strip", error="Not all of it may be blank."),
        ],
        metadata={"description": "The question in its own words; it may be left out where there are tags."},
    )
    tags = BoundedList(
        short_text("A tag."), most=MOST_TAGS, load_default=list, metadata={"description": "Tags of the question."}
    )
    dataset = short_text("Id of the data set that holds the community.", required=True)
    trust_root = short_text(
        "Whose trust counts: the id of a trust root, `network` or `none`. People whom it reaches come first, and "
        "expertise under it is shown beside; it does not enter the sum.",
        load_default=None,
        allow_none=True,
    )
    limit = WholeNumber(
        load_default=5,
        validate=validate.Range(min=1, max=MOST_PEOPLE),
        metadata={"description": "How many people are named at most."},
    )
    as_of = InstantField(
        load_default=None,
        allow_none=True,
        metadata={"description": "Only what happened before this time is read; now by default."},
    )

    @ma.validates_schema
    def _something_is_asked(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if not data.get("text") and not data.get("tags"):
            raise ma.ValidationError("missing: a text, or tags", "text")
