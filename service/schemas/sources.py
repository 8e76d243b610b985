"""Schema of what a data set is to follow."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from candor.store.sources import PARTS, AskedSource
from service.schemas.base import WholeNumber, network_name, text

SOURCE_EXAMPLE = {"source": {"network": "stackexchange:space", "tag": "orbital-mechanics", "every": 1440}}


class FollowedSourceSchema(ma.Schema):
    """A network, or a part of one, and how it is to be read."""

    network = network_name("What to read: `discourse:HOST` or `stackexchange:SITE`.", required=True)
    tag = text("Only questions with this tag, of a Stack Exchange site.", most=100, load_default=None, allow_none=True)
    every = WholeNumber(
        load_default=None,
        allow_none=True,
        validate=validate.Range(min=5, max=43_200),
        metadata={"description": "How many minutes after a reading the next begins; null: on request."},
    )
    max_requests = WholeNumber(
        load_default=1_000,
        validate=validate.Range(min=1, max=20_000),
        metadata={"description": "How many requests a reading makes at most. The next goes on where it stopped."},
    )
    window_days = WholeNumber(
        load_default=1825,
        validate=validate.Range(min=1, max=36_500),
        metadata={"description": "How many days back to begin."},
    )

    @ma.post_load
    def _as_asked(self, given: dict[str, Any], **_kwargs: Any) -> AskedSource:
        family = given["network"].partition(":")[0]
        if family not in PARTS:
            raise ma.ValidationError(f"cannot be followed; what can: {', '.join(PARTS)}", "network")
        if given["tag"] is not None and "tag" not in PARTS[family]:
            raise ma.ValidationError(f"{family} has no tags to follow", "tag")
        return AskedSource(
            network=given["network"],
            part=None if given["tag"] is None else "tag",
            name=given["tag"],
            every_minutes=given["every"],
            max_requests=given["max_requests"],
            window_days=given["window_days"],
        )


class FollowBodySchema(ma.Schema):
    """What a data set is to follow."""

    source = fields.Nested(
        FollowedSourceSchema, required=True, metadata={"description": "What to read, and how often."}
    )
