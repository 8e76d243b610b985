"""Schemas of networks: what each source can and can not show."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from service.schemas.base import Instant, shown

NETWORKS_EXAMPLE = {
    "data": [
        {
            "id": "stackexchange",
            "label": "Stack Exchange",
            "argument": "site",
            "profile": "qa",
            "unknown": {"listed": "there are no public lists of people here"},
            "connector": {
                "terms": "the public API",
                "limits": "300 requests a day",
                "consent": ["deleted"],
                "unseen": {"votes": "who voted is shown to nobody"},
                "operator_adds": "a key raises the limits",
                "tried": None,
            },
        }
    ],
    "hosts": [
        {
            "host": "api.stackexchange.com",
            "state": "circuit_open",
            "asked_at": "2026-11-01T09:00:00Z",
            "until": "2026-11-01T09:02:00Z",
            "why": "answered 503",
        }
    ],
    "next_cursor": None,
    "has_more": False,
}


class ConnectorSchema(ma.Schema):
    """How a network is read."""

    terms = shown(fields.String, "Under whose terms it is asked.")
    limits = shown(fields.String, "How much it allows to be asked.")
    consent = fields.List(
        fields.String(), required=True, metadata={"description": "What is taken for a no, or for an account gone."}
    )
    unseen = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "What can not be seen there, with the reason: unknown, not zero."},
    )
    operator_adds = shown(fields.String, "What a token of the operator's opens, if anything.", allow_none=True)
    tried = shown(
        fields.String, "Against what it has been tried, where that is less than the network itself.", allow_none=True
    )


class HostSchema(ma.Schema):
    """A host that is not asked at the moment."""

    host = shown(fields.String, "Its name, as in its addresses.")
    state = shown(fields.String, "waiting: a limit holds; circuit_open: it failed again and again.")
    asked_at = shown(Instant, "When it was last asked.")
    until = shown(Instant, "When it may be asked again.", allow_none=True)
    why = shown(fields.String, "The limit, or the last failure.", allow_none=True)


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
    connector = fields.Nested(
        ConnectorSchema,
        required=True,
        allow_none=True,
        metadata={"description": "How the workers read it; null where records must be brought."},
    )


class NetworkPageSchema(ma.Schema):
    """All networks, on one page."""

    data = fields.List(fields.Nested(NetworkSchema), required=True, metadata={"description": "The networks."})
    hosts = fields.List(
        fields.Nested(HostSchema),
        required=True,
        metadata={"description": "Hosts that are not asked at the moment, the last asked first."},
    )
    next_cursor = shown(fields.String, "Always null: there is one page.", allow_none=True)
    has_more = shown(fields.Boolean, "Always false.")
