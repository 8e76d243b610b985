"""Schemas of networks: what each source can and can not show."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from service.schemas.base import shown

NETWORKS_EXAMPLE = {
    "data": [
        {
            "id": "stackexchange",
            "label": "Stack Exchange",
            "argument": "site",
            "profile": "qa",
            "unknown": {"listed": "there are no public lists of people here"},
        }
    ],
    "next_cursor": None,
    "has_more": False,
}


class NetworkSchema(ma.Schema):
    """A family of networks."""

    id = shown(fields.String, "The name before the colon.")
    label = shown(fields.String, "Its name.")
    argument = shown(fields.String, "What stands behind the colon; null when nothing does.", allow_none=True)
    profile = shown(fields.String, "Which weights are used; null where the caller chooses.", allow_none=True)
    unknown_kinds = fields.Dict(
        data_key="unknown",
        attribute="unknown",
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "Kinds of recognition that the source can not show, with the reason."},
    )


class NetworkPageSchema(ma.Schema):
    """All networks, on one page."""

    data = fields.List(fields.Nested(NetworkSchema), required=True, metadata={"description": "The networks."})
    next_cursor = shown(fields.String, "Always null: there is one page.", allow_none=True)
    has_more = shown(fields.Boolean, "Always false.")
