"""Schemas of boards: who knows about a topic in a community, ranked."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from service.schemas.accounts import SideSchema
from service.schemas.base import Instant, PageQuerySchema, PageSchema, shown, text

KINDS = ("person", "organisation", "bot", "unknown")
STATUSES = ("ok", "face_value", "unverified", "not_enough_evidence", "no_trust_root")
_SIDE = {
    "status": "ok",
    "score": 71.227605,
    "interval": {"low": 63.0, "high": 77.4, "level": 0.9},
    "contributions": {"acknowledged_help": 29.964352, "specialised_help": 14.74, "still_recognised": 26.523253},
}
_BOARD = {
    "id": "bd_3f",
    "topic": "space-technology",
    "dataset": "space",
    "as_of": "2026-11-01T00:00:00Z",
    "window_days": 1825,
    "method": "1.3.0",
    "trust_root": {"id": "astronomers", "kind": "accounts", "digest": "sha256:11e0…", "size": 41},
    "people": 1,
    "compared": 1,
    "largest_difference": 0.041893,
}
EXPERTS_EXAMPLE: dict[str, Any] = {
    "board": _BOARD,
    "data": [
        {
            "rank": 1,
            "account": "u19",
            "kind": "person",
            "name": "Ada",
            "standing": "exact",
            "expertise": _SIDE,
            "interest": {
                "status": "not_enough_evidence",
                "score": None,
                "interval": None,
                "contributions": {"activity_share": 3.1, "active_weeks": 1.2},
            },
            "people": 61,
            "people_with_standing": 40,
            "reachability": {"value": 0.62, "n": 29},
            "document_url": "/v1/boards/bd_3f/documents/u19",
        }
    ],
    "next_cursor": None,
    "has_more": False,
}


class ExpertsQuerySchema(PageQuerySchema):
    """Which board, and whom of it to show."""

    dataset = text("Id of the data set that was ranked.", required=True)
    trust_root = text(
        "Under which root: its id, `network`, `none`, or the digest of one that has no id.", required=True
    )
    method = text("Version of the method; the current one by default.", load_default=None)
    kind = fields.String(
        load_default=None, validate=validate.OneOf(KINDS), metadata={"description": "Only accounts of this kind."}
    )
    status = fields.String(
        load_default=None,
        validate=validate.OneOf(STATUSES),
        metadata={"description": "Only accounts whose expertise has this status."},
    )
    reachability = fields.Float(
        load_default=None,
        validate=validate.Range(min=0, max=1),
        metadata={"description": "Only accounts that answered at least this share of who addressed them by name."},
    )


class BoardRootSchema(ma.Schema):
    """The trust root as it was when the board was asked for."""

    id = shown(fields.String, "Its id, if it has one.", allow_none=True)
    kind = shown(fields.String, "accounts, network or none.")
    digest = shown(fields.String, "Digest of what it says.")
    size = shown(fields.Integer, "How many accounts it names.")


class BoardSchema(ma.Schema):
    """What is known of a board beside its rows."""

    id = shown(fields.String, "Its id.")
    topic = shown(fields.String, "Id of the topic.")
    dataset = shown(fields.String, "Id of the data set.")
    as_of = shown(Instant, "Only what happened before this time was read.")
    window_days = shown(fields.Integer, "How many days back.")
    method = shown(fields.String, "Version of the method.")
    trust_root = fields.Nested(BoardRootSchema, required=True, metadata={"description": "Whose word counted."})
    people = shown(fields.Integer, "Accounts on it: all that did something on the topic or were taken up.")
    compared = shown(fields.Integer, "How many of the first were recomputed exactly.")
    largest_difference = shown(
        fields.Float, "Points: the largest difference among these between exact and shared standing."
    )


class ReachSchema(ma.Schema):
    """How often the account answers people."""

    value = shown(
        fields.Float, "Of those who addressed it by name, the share it answered; null without any.", allow_none=True
    )
    n = shown(fields.Integer, "How many people addressed it by name.")


class ExpertSchema(ma.Schema):
    """One account on a board."""

    rank = shown(fields.Integer, "Place by the lower end of the interval; those without a number stand behind.")
    account = shown(fields.String, "The account's id on its network.")
    kind = shown(fields.String, "person, organisation, bot or unknown.")
    name = shown(fields.String, "Its name, if a record says so.", allow_none=True)
    standing = shown(
        fields.String, "exact: expertise is that of its document; shared: from one flow of standing for everybody."
    )
    expertise = fields.Nested(SideSchema, required=True, metadata={"description": "Does the account know about it?"})
    interest = fields.Nested(SideSchema, required=True, metadata={"description": "Does the account care about it?"})
    people = shown(fields.Integer, "People who took up something of the account on the topic.")
    people_with_standing = shown(fields.Integer, "Those of them whom the root gives standing.")
    reachability = fields.Nested(ReachSchema, required=True, metadata={"description": "Does it answer people?"})
    document_url = shown(fields.String, "POST here for the whole explanation: a job that makes its document.")


class ExpertsSchema(PageSchema):
    """A page of a board."""

    board = fields.Nested(BoardSchema, required=True, metadata={"description": "The board."})
    data = fields.List(fields.Nested(ExpertSchema), required=True, metadata={"description": "The accounts, by rank."})
