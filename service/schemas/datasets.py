"""What an upload is: the query beside a data set, and examples of what may be in its body."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from candor.scoring.activity import RECORD_TYPES
from service.schemas.base import network_name
from service.schemas.job_requests import PROFILES

DATASET_BODY_EXAMPLE = (
    '{"id":"a1","actor":"u7","type":"question","published":"2026-10-01T12:00:00Z","content":"Which hops?"}\n'
    '{"id":"a2","actor":"u19","type":"answer","object":"a1","published":"2026-10-01T13:00:00Z","content":"Saaz."}\n'
)
ARCHIVE_BODY = {"type": "string", "format": "binary"}
STREAMS_EXAMPLE = {
    "type": "OrderedCollection",
    "orderedItems": [
        {
            "type": "Create",
            "actor": "https://social.example/users/ada",
            "published": "2026-10-01T12:00:00Z",
            "to": ["https://www.w3.org/ns/activitystreams#Public"],
            "object": {"id": "https://social.example/users/ada/1", "type": "Note", "content": "A rocket engine test"},
        }
    ],
}
STREAMS_BODY = {
    "type": "object",
    "description": "A collection of ActivityStreams 2.0. What is not known in it is ignored.",
    "additionalProperties": True,
    "required": ["orderedItems"],
    "properties": {
        "orderedItems": {
            "type": "array",
            "description": "The activities of one actor, such as Create, Announce and Like.",
            "items": {
                "type": "object",
                "additionalProperties": True,
                "required": ["type"],
                "properties": {"type": {"type": "string", "description": "What was done."}},
            },
        }
    },
}


class RenameField(fields.Field[Any]):
    """Pairs FROM:TO, separated by commas, that rename record types of a source to ours."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> dict[str, str]:
        renamed = {}
        for pair in str(value).split(","):
            source, colon, ours = pair.partition(":")
            if not (source and colon and ours in RECORD_TYPES):
                raise ma.ValidationError(f"{pair!r} is not FROM:TO with TO one of {', '.join(RECORD_TYPES)}")
            renamed[source] = ours
        return renamed


class DatasetQuerySchema(ma.Schema):
    """What the records of an upload are."""

    network = network_name("The network the records come from.", required=True)
    profile = fields.String(
        load_default=None,
        validate=validate.OneOf(PROFILES),
        metadata={"description": "Which weights to use; required for `custom:` networks, not allowed for others."},
    )
    granted_rights = fields.Boolean(
        load_default=False,
        metadata={"description": "Your word that whoever accepts changes does so by a right that others gave."},
    )
    skip_bad = fields.Boolean(
        load_default=False, metadata={"description": "Keep the good records although others are wrong."}
    )
    map = RenameField(
        load_default=dict,
        metadata={"description": "Renames record types, such as `like:review`; several with commas.", "type": "string"},
    )
