"""What a data set is made of: the media types of an upload, with an example of each as it is taken, or a source."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from candor.formats.rows import MEDIA_TYPES as RECORDS
from candor.formats.workbook import MEDIA_TYPE as WORKBOOK
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


STREAMS = "application/activity+json"
NDJSON_EXAMPLE = (
    '{"id":"a1","actor":"u7","type":"question","published":"2026-10-01T12:00:00Z","content":"Which hops?"}\n'
    '{"id":"a2","actor":"u19","type":"answer","object":"a1","published":"2026-10-01T13:00:00Z","content":"Saaz."}\n'
)
CSV_EXAMPLE = (
    "id,actor,type,object,published,content\n"
    "a1,u7,question,,2026-10-01T12:00:00Z,Which hops?\n"
    "a2,u19,answer,a1,2026-10-01T13:00:00Z,Saaz.\n"
)
_RECORD_BODY = {
    "type": "object",  # an array is taken as well, but clients made for Python break on a body that may be one
    "description": "A record; an array of records is taken as well. Times may also be seconds, milli-, micro- or "
    "nanoseconds since 1970, or lack their zone.",
    "additionalProperties": True,
}
_RECORD_EXAMPLE = {
    "id": "a1",
    "actor": "u7",
    "type": "question",
    "published": "2026-10-01T12:00:00Z",
    "content": "Which hops?",
}
EXAMPLE_FILE = "x-example-file"
"""Where the example of a body is that no text can hold: generators of clients take `externalValue` for a file here."""
_ARCHIVE_BODY = {"type": "string", "format": "binary"}
_FILES = {
    "application/vnd.apache.parquet": "example.parquet",
    WORKBOOK: "example.xlsx",
    "application/octet-stream": "example.parquet",
    "application/zstd": "example.ndjson.zst",
    "application/gzip": "example.ndjson.gz",
    "application/zip": "example.zip",
}
STREAMS_EXAMPLE: dict[str, Any] = {
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
_STREAMS_BODY = {
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
UPLOAD_BODY: dict[str, Any] = {
    "required": True,
    "description": "Records, as in `activities` of a job: NDJSON, a JSON array, CSV, Parquet or an Excel workbook, "
    "also packed as gzip or zstd. Or somebody's own export: of Mastodon (zip, tar.gz or its `outbox.json`), X, "
    "LinkedIn, Instagram, Reddit, YouTube or a Discourse forum (zip). What it is, its content decides. With `format`, "
    "the dump of a community, one file or a zip of them. [Which files are read](/guides/formats), and what becomes of "
    "them, is a page. Files to try: "
    + ", ".join(f"[{name}](/docs/{name})" for name in dict.fromkeys(_FILES.values()))
    + ".",
    "content": {
        RECORDS[0]: {"schema": {"type": "string"}, "example": NDJSON_EXAMPLE},
        "application/json": {"schema": _RECORD_BODY, "example": _RECORD_EXAMPLE},
        "text/csv": {"schema": {"type": "string"}, "example": CSV_EXAMPLE},
        **{kind: {"schema": _ARCHIVE_BODY, EXAMPLE_FILE: f"/docs/{name}"} for kind, name in _FILES.items()},
        STREAMS: {"schema": _STREAMS_BODY, "example": STREAMS_EXAMPLE},
    },
}
PUT_BODY: dict[str, Any] = {
    **UPLOAD_BODY,
    "description": f"{UPLOAD_BODY['description']} Or, as JSON, a `source` to follow.",
    "content": {
        **UPLOAD_BODY["content"],
        "application/json": {
            "schema": {"anyOf": [{"$ref": "#/components/schemas/FollowBody"}, _RECORD_BODY]},
            "examples": {"record": {"value": _RECORD_EXAMPLE}, "source": {"value": SOURCE_EXAMPLE}},
        },
    },
}
CONTENT_ENCODING = {
    "in": "header",
    "name": "Content-Encoding",
    "description": "gzip or zstd, if the body is.",
    "schema": {"type": "string", "enum": ["gzip", "zstd", "identity"]},
}
