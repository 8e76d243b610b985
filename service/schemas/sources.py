"""Schema of what a data set is to follow."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from candor.names.followed import PART_NAMES, PARTS, WHOLE, kept_name
from candor.store.sources import AskedSource
from service.schemas.base import WholeNumber, network_name, text

SOURCE_EXAMPLE = {"source": {"network": "stackexchange:space", "tag": "orbital-mechanics", "every": 1440}}


def _part(description: str) -> fields.String:
    return text(description, most=1_000, load_default=None, allow_none=True)


class FollowedSourceSchema(ma.Schema):
    """A network, or a part of one, and how it is to be read."""

    network = network_name(
        "What to read: `discourse:HOST` or `stackexchange:SITE`; or one part of `github`, `mastodon` or `bluesky`, "
        "which another field names.",
        required=True,
    )
    tag = _part("Only questions with this tag, of a Stack Exchange site.")
    repository = _part("A public repository on GitHub: `OWNER/NAME`.")
    organisation = _part("All public repositories of an organisation, or of a person, on GitHub, but no forks.")
    hashtag = _part("Posts with a hashtag, as a Mastodon server shows them: `#HASHTAG@HOST`.")
    instance = _part("What the people of a Mastodon server post to everybody: its `HOST`.")
    list = _part("Posts of people on a list: `HOST/lists/ID` of Mastodon, an `at://` address or page of Bluesky.")
    starter_pack = _part("Posts of the people in a starter pack of Bluesky: its `at://` address or page.")
    search = _part("Posts that Bluesky's search finds.")
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
        part = _part_of(given["network"].partition(":")[0], given)
        return AskedSource(
            network=given["network"],
            part=part[0] if part else None,
            name=part[1] if part else None,
            every_minutes=given["every"],
            max_requests=given["max_requests"],
            window_days=given["window_days"],
        )


def _part_of(family: str, given: dict[str, Any]) -> tuple[str, str] | None:
    """Return which part of a network is asked for, and its one name. Raises marshmallow's ValidationError."""
    if family not in PARTS:
        raise ma.ValidationError(f"cannot be followed; what can: {', '.join(PARTS)}", "network")
    named = [name for name in PART_NAMES if given[name] is not None]
    for name in named:
        if name not in PARTS[family]:
            raise ma.ValidationError(f"{family} has no {name.replace('_', ' ')} to follow", name)
    if len(named) > 1:
        raise ma.ValidationError(f"one of {', '.join(named)}, not several", named[1])
    if not named:
        if family in WHOLE:
            return None
        raise ma.ValidationError(f"of {family} say which: {', '.join(PARTS[family])}", "network")
    try:
        return named[0], kept_name(family, named[0], given[named[0]])
    except ValueError as error:
        raise ma.ValidationError(str(error), named[0]) from None


class FollowBodySchema(ma.Schema):
    """What a data set is to follow."""

    source = fields.Nested(
        FollowedSourceSchema, required=True, metadata={"description": "What to read, and how often."}
    )
