"""Schemas of an account's newest scores."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from service.schemas.base import Instant, PageSchema, shown

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
