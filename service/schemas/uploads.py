"""What an upload may be: its media types, with an example of each that is taken as it stands."""

from __future__ import annotations

from typing import Any

from candor.formats.rows import MEDIA_TYPES as RECORDS
from candor.formats.workbook import MEDIA_TYPE as WORKBOOK
from service.schemas.sources import SOURCE_EXAMPLE

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
    "the dump of a community, one file or a zip of them.",
    "content": {
        RECORDS[0]: {"schema": {"type": "string"}, "example": NDJSON_EXAMPLE},
        "application/json": {"schema": _RECORD_BODY, "example": _RECORD_EXAMPLE},
        "text/csv": {"schema": {"type": "string"}, "example": CSV_EXAMPLE},
        **{
            kind: {"schema": _ARCHIVE_BODY, "examples": {"file": {"externalValue": f"/docs/{name}"}}}
            for kind, name in _FILES.items()
        },
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
