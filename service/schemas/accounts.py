"""Schemas of an account's newest scores."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from service.schemas.base import Instant, PageQuerySchema, PageSchema, shown, text

ACCOUNT_SCORES_EXAMPLE: dict[str, Any] = {
    "data": [
        {
            "score_id": "sc_3f",
            "score_url": "/v1/scores/sc_3f",
            "topic": "space-technology",
            "as_of": "2026-11-01T00:00:00Z",
            "expertise": {
                "status": "ok",
                "score": 71.227605,
                "interval": {"low": 63.0, "high": 77.4, "level": 0.9},
                "contributions": {
                    "acknowledged_help": 29.964352,
                    "specialised_help": 14.74,
                    "still_recognised": 26.523253,
                },
            },
            "interest": {
                "status": "not_enough_evidence",
                "score": None,
                "interval": None,
                "contributions": {
                    "activity_share": 3.1,
                    "active_weeks": 1.2,
                    "questions_asked": 0.0,
                    "conversation": 0.4,
                },
            },
        }
    ],
    "next_cursor": None,
    "has_more": False,
}

_SIDES = {side: ACCOUNT_SCORES_EXAMPLE["data"][0][side] for side in ("expertise", "interest")}
HISTORY_EXAMPLE: dict[str, Any] = {
    "data": [
        {
            "score_id": "sc_3f",
            "score_url": "/v1/scores/sc_3f",
            "as_of": "2026-11-01T00:00:00Z",
            "method": "1.0.0",
            "trust_root": "astronomers",
            "digests": {
                "inputs": "sha256:41c0…",
                "method": "sha256:9d2e…",
                "root": "sha256:8a02…",
                "topic": "sha256:77b1…",
            },
            **_SIDES,
            "changed": ["inputs"],
            "difference": {
                "expertise": {
                    "score": 4.2,
                    "contributions": {"acknowledged_help": 4.0, "specialised_help": 0.0, "still_recognised": 0.2},
                },
                "interest": {
                    "score": None,
                    "contributions": {
                        "activity_share": 0.1,
                        "active_weeks": 0.0,
                        "questions_asked": 0.0,
                        "conversation": 0.0,
                    },
                },
            },
        }
    ],
    "next_cursor": None,
    "has_more": False,
}


class HistoryQuerySchema(PageQuerySchema):
    """Whose steps: an account's on one topic."""

    topic = text("Id of the topic.", required=True)


class LimitsSchema(ma.Schema):
    """Limits of a score."""

    low = shown(fields.Float, "Lower limit, 0 to 100.")
    high = shown(fields.Float, "Upper limit, 0 to 100.")
    level = shown(fields.Float, "Share of cases that the interval is meant to cover.")


class SideSchema(ma.Schema):
    """Expertise or interest with the parts that it is the sum of."""

    status = shown(fields.String, "ok, or why there is no number.")
    score = shown(fields.Float, "0 to 100, or null.", allow_none=True)
    interval = fields.Nested(
        LimitsSchema, required=True, allow_none=True, metadata={"description": "Its limits, or null."}
    )
    contributions = fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        required=True,
        metadata={"description": "Points by feature; they add up to the score."},
    )


class ScoreRowSchema(ma.Schema):
    """The newest score on one topic."""

    score_id = shown(fields.String, "Its id.")
    score_url = shown(fields.String, "Where the whole explanation is.")
    topic = shown(fields.String, "Id of the topic.")
    as_of = shown(Instant, "The time it speaks of.")
    expertise = fields.Nested(SideSchema, required=True, metadata={"description": "Does the account know about it?"})
    interest = fields.Nested(SideSchema, required=True, metadata={"description": "Does the account care about it?"})


class AccountScoresSchema(PageSchema):
    """A page of an account's newest scores."""

    data = fields.List(fields.Nested(ScoreRowSchema), required=True, metadata={"description": "The scores, by topic."})


class DigestsSchema(ma.Schema):
    """What a score was made from."""

    inputs = shown(fields.String, "Digest of the records.")
    method = shown(fields.String, "Digest of the method.")
    root = shown(fields.String, "Digest of the trust root.")
    topic = shown(fields.String, "Digest of the topic as it was then.")


class SideChangeSchema(ma.Schema):
    """What a step added to expertise or interest."""

    score = shown(fields.Float, "Points; null unless both steps have a number.", allow_none=True)
    contributions = fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        required=True,
        metadata={"description": "Points by feature; they add up to the difference of the scores."},
    )


class StepDifferenceSchema(ma.Schema):
    """What a step added to both numbers."""

    expertise = fields.Nested(SideChangeSchema, required=True, metadata={"description": "What expertise gained."})
    interest = fields.Nested(SideChangeSchema, required=True, metadata={"description": "What interest gained."})


class HistoryStepSchema(ma.Schema):
    """One score of an account on a topic, and how it differs from the one before."""

    score_id = shown(fields.String, "Id of the score.")
    score_url = shown(fields.String, "Where the whole explanation is.")
    as_of = shown(Instant, "The time it speaks of.")
    method = shown(fields.String, "Version of the method.")
    trust_root = shown(fields.String, "Id of the trust root, or null when it has none.", allow_none=True)
    digests = fields.Nested(DigestsSchema, required=True, metadata={"description": "What it was made from."})
    expertise = fields.Nested(SideSchema, required=True, metadata={"description": "Does the account know about it?"})
    interest = fields.Nested(SideSchema, required=True, metadata={"description": "Does the account care about it?"})
    changed = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "Which digests differ from the step before: inputs, method, root, topic. Empty on the first "
            "step, and where only the time is another."
        },
    )
    difference = fields.Nested(
        StepDifferenceSchema,
        required=True,
        allow_none=True,
        metadata={"description": "What was gained since the step before; null on the first."},
    )


class HistorySchema(PageSchema):
    """A page of an account's history on one topic."""

    data = fields.List(
        fields.Nested(HistoryStepSchema), required=True, metadata={"description": "The steps, oldest first."}
    )
