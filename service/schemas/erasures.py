"""Schema of an erasure."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from service.schemas.base import InstantField, shown
from service.schemas.problems import StoredProblemSchema

ERASURE_EXAMPLE: dict[str, Any] = {
    "id": "er_8c1f0d6e5b3a49d2",
    "status": "succeeded",
    "created_at": "2026-11-01T09:00:00Z",
    "finished_at": "2026-11-01T09:00:02Z",
    "erased": {
        "documents": 3,
        "redacted": 41,
        "histories": 3,
        "disputes": 0,
        "boards": 2,
        "datasets": 1,
        "jobs": 3,
        "trust_roots": 0,
        "vouches": 12,
        "cached_responses": 0,
        "idempotent_responses": 0,
    },
    "error": None,
    "urls": {"self": "/v1/erasures/er_8c1f0d6e5b3a49d2"},
}


class ErasureUrlsSchema(ma.Schema):
    """Where the erasure is."""

    self = shown(fields.String, "Its own address.")


class ErasureSchema(ma.Schema):
    """An erasure: how far it is and what was changed. It does not say of whom."""

    id = shown(fields.String, "Its id.")
    status = shown(fields.String, "queued, running, succeeded or failed.")
    created_at = shown(InstantField, "When it was asked for; the account is suppressed from then on.")
    finished_at = shown(InstantField, "When it ended, or null.", allow_none=True)
    erased = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={
            "description": "How much was changed so far: the account's own score `documents` deleted, those of others "
            "`redacted`; the `histories` of its scores and the `disputes`; the `boards`, `datasets`, `jobs` and "
            "`trust_roots` it was taken out of; the `vouches`, the `cached_responses` of networks and the "
            "`idempotent_responses` kept for repeated requests, forgotten."
        },
    )
    error = fields.Nested(
        StoredProblemSchema, required=True, allow_none=True, metadata={"description": "Why it failed, or null."}
    )
    urls = fields.Nested(ErasureUrlsSchema, required=True, metadata={"description": "Addresses that belong to it."})
