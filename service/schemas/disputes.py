"""Schemas of disputes: what is contested, why, and what the operator decided."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from service.schemas.base import InstantField, PageQuerySchema, PageSchema, identifier, shown, text
from service.schemas.job_requests import AccountSchema

STATUSES = ("open", "accepted", "rejected")
DISPUTE_BODY_EXAMPLE = {
    "by": "u7",
    "of": None,
    "reason": "This account is run by the same person.",
    "contact": "somebody@example.org",
}
DISPUTE_EXAMPLE: dict[str, Any] = {
    "id": "dsp_0d9a4c1f7b2e",
    "status": "open",
    "score_id": "sc_3f",
    "account": {"network": "custom:space", "account": "u19"},
    "topic": "space-technology",
    **DISPUTE_BODY_EXAMPLE,
    "created_at": "2026-11-02T09:00:00Z",
    "decided_at": None,
    "note": None,
    "urls": {
        "self": "/v1/disputes/dsp_0d9a4c1f7b2e",
        "score": "/v1/scores/sc_3f",
        "decision": "/v1/disputes/dsp_0d9a4c1f7b2e/decision",
    },
}
DISPUTES_EXAMPLE = {"data": [DISPUTE_EXAMPLE], "next_cursor": None, "has_more": False}
DECISION_BODY_EXAMPLE = {"decision": "accepted", "note": "Both accounts post from the same feed."}
DECIDED_EXAMPLE = {
    **DISPUTE_EXAMPLE,
    "status": "accepted",
    "decided_at": "2026-11-03T10:00:00Z",
    "note": DECISION_BODY_EXAMPLE["note"],
}


class DisputeBodySchema(ma.Schema):
    """A piece of evidence to contest."""

    by = identifier("Whose word is contested: `by` of a voice in the score's evidence.", required=True)
    of = identifier(
        "Only what that person did about this: `of` of one of the acts there. Null: all of it.",
        load_default=None,
        allow_none=True,
    )
    reason = text("Why it should not count, in words.", most=2_000, required=True)
    contact = text("Whom to answer; null for nobody.", most=500, load_default=None, allow_none=True)


class DisputeUrlsSchema(ma.Schema):
    """Addresses that belong to a dispute."""

    self = shown(fields.String, "The dispute itself.")
    score = shown(fields.String, "The score whose evidence is contested.")
    decision = shown(fields.String, "POST here to decide.")


class DisputeSchema(ma.Schema):
    """A piece of evidence that somebody contests."""

    id = shown(fields.String, "Its id.")
    status = shown(fields.String, "open, accepted (the next score leaves the evidence out) or rejected.")
    score_id = shown(fields.String, "Id of the score.")
    account = fields.Nested(AccountSchema, required=True, metadata={"description": "Whose score it is."})
    topic = shown(fields.String, "Id of the score's topic.")
    by = shown(fields.String, "Whose word is contested.")
    of = shown(fields.String, "Only what that person did about this; null for all of it.", allow_none=True)
    reason = shown(fields.String, "Why it should not count.")
    contact = shown(fields.String, "Whom to answer, or null.", allow_none=True)
    created_at = shown(InstantField, "When it was made.")
    decided_at = shown(InstantField, "When it was decided, or null.", allow_none=True)
    note = shown(fields.String, "What the operator said when deciding, or null.", allow_none=True)
    urls = fields.Nested(DisputeUrlsSchema, required=True, metadata={"description": "Addresses that belong to it."})


class DisputePageSchema(PageSchema):
    """A page of disputes."""

    data = fields.List(
        fields.Nested(DisputeSchema), required=True, metadata={"description": "The disputes, oldest first."}
    )


class DisputeQuerySchema(PageQuerySchema):
    """Which disputes."""

    status = fields.String(
        load_default=None,
        validate=validate.OneOf(STATUSES),
        metadata={"description": "Only those that are open, accepted or rejected."},
    )


class DecisionBodySchema(ma.Schema):
    """What the operator decides."""

    decision = fields.String(
        required=True,
        validate=validate.OneOf(STATUSES[1:]),
        metadata={"description": "accepted: the next score of the account on the topic leaves the evidence out."},
    )
    note = text("Why, in words; null for nothing.", most=2_000, load_default=None, allow_none=True)
