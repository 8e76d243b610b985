"""Schema of a problem document."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from service.schemas.base import shown


class FaultSchema(ma.Schema):
    """One thing that is wrong."""

    pointer = shown(fields.String, "JSON pointer (RFC 6901) to what is wrong: in the body, or `/name` of a parameter.")
    detail = shown(fields.String, "What is wrong with it.")


class StoredProblemSchema(ma.Schema):
    """A problem met while a job ran (RFC 9457)."""

    type = shown(fields.String, "Address of the page that says what the problem means.")
    title = shown(fields.String, "The problem in a few words.")
    status = shown(fields.Integer, "HTTP status that fits the problem.")
    detail = shown(fields.String, "What happened this time.")
    code = shown(fields.String, "Stable name of the problem, for programs.")


class ProblemSchema(StoredProblemSchema):
    """Every error is one of these (RFC 9457)."""

    request_id = shown(fields.String, "Tell the operator this; also in the header `X-Request-Id`.")
    errors = fields.List(
        fields.Nested(FaultSchema), metadata={"description": "What exactly is wrong, at most a hundred entries."}
    )
