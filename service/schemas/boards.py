"""Which board a query asks for, and whom of it."""

from __future__ import annotations

from marshmallow import fields, validate

from service.schemas.base import PageQuerySchema, text

KINDS = ("person", "organisation", "bot", "unknown")
STATUSES = ("ok", "face_value", "unverified", "not_enough_evidence", "no_trust_root")


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
