"""Schemas of health: does the service live, can it work?"""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from service.schemas.base import shown

LIVE_EXAMPLE = {"status": "ok"}
READY_EXAMPLE = {"status": "ok", "workers": 2, "queues": {"interactive": 0, "batch": 3}}


class LiveSchema(ma.Schema):
    """The process answers."""

    status = shown(fields.String, "Always ok.")


class ReadySchema(LiveSchema):
    """The service can do its work."""

    workers = shown(fields.Integer, "Job workers heard of within the last ten seconds.")
    queues = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "Jobs waiting in each queue."},
    )
