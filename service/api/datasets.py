"""Data sets: a community's activities, streamed in."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from flask import request
from msgspec import Meta, Struct

from candor.formats import MEDIA_TYPES as ARCHIVES
from candor.formats import ArchiveError, is_archive, read_archive
from candor.formats.compression import TooLargeError, UnreadableError, peek
from candor.formats.rows import MEDIA_TYPES as RECORDS
from candor.formats.rows import records_in
from candor.names.networks import network_of
from candor.scoring.activity import Instant
from candor.scoring.records import Counts
from candor.store.models import ArchiveFacts, BadDatasetError
from service.auth import owner
from service.body import kept_body, read_chunks
from service.components import fill
from service.context import context
from service.etags import check_match, tagged
from service.problems import Fault, ProblemError, invalid
from service.resource import Resource
from service.schemas.base import SLUG
from service.schemas.parameters import ETAG_HEADER, IF_MATCH, IF_NEW, IF_NONE_MATCH
from service.schemas.queries import DatasetQuerySchema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    from flask import Response

    from candor.store.models import Dataset

resource = Resource("datasets", "A community's activities, to score many accounts from.")
_STREAMS = "application/activity+json"
_HEAD_BYTES = 64 * 1024
_DATASET_BODY_EXAMPLE = (
    '{"id":"a1","actor":"u7","type":"question","published":"2026-10-01T12:00:00Z","content":"Which hops?"}\n'
    '{"id":"a2","actor":"u19","type":"answer","object":"a1","published":"2026-10-01T13:00:00Z","content":"Saaz."}\n'
)
_CSV_EXAMPLE = (
    "id,actor,type,object,published,content\n"
    "a1,u7,question,,2026-10-01T12:00:00Z,Which hops?\n"
    "a2,u19,answer,a1,2026-10-01T13:00:00Z,Saaz.\n"
)
_ARRAY_BODY = {
    "type": "array",
    "description": "Records. Times may also be seconds, milli-, micro- or nanoseconds since 1970, or lack their zone.",
    "items": {"type": "object", "additionalProperties": True},
}
_ARRAY_EXAMPLE = [
    {"id": "a1", "actor": "u7", "type": "question", "published": "2026-10-01T12:00:00Z", "content": "Which hops?"}
]
_ARCHIVE_BODY = {"type": "string", "format": "binary"}
_FILES = (
    *("application/vnd.apache.parquet", "application/octet-stream", "application/zstd"),
    *("application/zip", "application/gzip"),
)
_STREAMS_EXAMPLE = {
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
_BODY = {
    "required": True,
    "description": "Records, as in `activities` of a job: NDJSON, a JSON array, CSV or Parquet, also packed as gzip or "
    "zstd. Or somebody's own export: of Mastodon (zip, tar.gz or its `outbox.json`), X, LinkedIn or Instagram (zip). "
    "What it is, its content decides.",
    "content": {
        RECORDS[0]: {"schema": {"type": "string"}, "example": _DATASET_BODY_EXAMPLE},
        "application/json": {"schema": _ARRAY_BODY, "example": _ARRAY_EXAMPLE},
        "text/csv": {"schema": {"type": "string"}, "example": _CSV_EXAMPLE},
        **{kind: {"schema": _ARCHIVE_BODY, "example": "(the file)"} for kind in _FILES},
        _STREAMS: {"schema": _STREAMS_BODY, "example": _STREAMS_EXAMPLE},
    },
}
_OF_RECORDS = ("granted_rights", "map", "skip_bad")
_ONE_EXPORT = threading.Lock()
_ENCODING = {
    "in": "header",
    "name": "Content-Encoding",
    "description": "gzip or zstd, if the body is.",
    "schema": {"type": "string", "enum": ["gzip", "zstd", "identity"]},
}


class DatasetResponse(Struct, frozen=True, kw_only=True):
    """What is known of a data set."""

    id: Annotated[str, Meta(description="Its id.")]
    network: Annotated[str, Meta(description="The network its records come from.")]
    profile: Annotated[str | None, Meta(description="Which weights are used; null where the network has its own.")]
    granted_rights: Annotated[bool, Meta(description="Whether the source vouches for the right to take changes.")]
    digest: Annotated[str, Meta(description="Digest of its records, whatever their order.")]
    records: Annotated[int, Meta(description="Records kept.")]
    counts: Annotated[Counts, Meta(description="What was seen while reading.")]
    bytes: Annotated[int, Meta(description="Bytes of the file that holds it, compressed.")]
    created_at: Annotated[Instant, Meta(description="When it was uploaded.")]
    archive: Annotated[
        ArchiveFacts | None, Meta(description="The export that it came from; null for records of a community.")
    ]
    redacted_at: Annotated[
        Instant | None,
        Meta(
            description="When somebody was last erased from it: then it has another digest than it was uploaded with. "
            "Null before."
        ),
    ]


_EXAMPLE = DatasetResponse(
    id="beer-2026",
    network="custom:beer",
    profile="qa",
    granted_rights=False,
    digest="sha256:0c41…",
    records=2,
    counts=Counts(records=2),
    bytes=211,
    created_at=datetime(2026, 11, 1, 9, tzinfo=UTC),
    archive=None,
    redacted_at=None,
)


@resource.operation(
    "PUT",
    "/v1/datasets/<dataset_id>",
    scope="write",
    problems=(
        *("precondition_failed", "too_large", "unsupported_media_type", "invalid_records", "invalid_archive"),
        "timeout",
    ),
    requestBody=_BODY,
    parameters=[_ENCODING, IF_MATCH, IF_NEW],
)
@resource.query(DatasetQuerySchema)
@resource.response(
    200, DatasetResponse, description="The data set was replaced.", example=_EXAMPLE, headers=ETAG_HEADER
)
@resource.other_response(
    201, DatasetResponse, description="The data set was made.", example=_EXAMPLE, headers=ETAG_HEADER
)
def write_dataset(query: dict[str, Any], dataset_id: str) -> Response:
    """Upload a community's activities, or somebody's own export, replacing what the id held.

    The body is streamed. When records are wrong the first hundred faults are listed and nothing is stored, unless
    `skip_bad` is set; an upload without any record to keep is refused, too. Of an export, what is not addressed to
    everybody is dropped and counted. Uploading the same again changes nothing but how long it is kept.
    """
    _check_type()
    check_dataset(query, dataset_id)
    request.max_content_length = context().settings.max_upload_bytes
    existed = context().store.datasets.get(owner(), dataset_id) is not None
    dataset = keep_upload(query, dataset_id, read_chunks(request), request.mimetype)
    return tagged(_bytes(dataset), status=200 if existed else 201)


def keep_upload(query: dict[str, Any], dataset_id: str, chunks: Iterator[bytes], media_type: str) -> Dataset:
    """Keep records or an export, whichever the content is, as a data set. Raises ProblemError."""
    try:
        return _keep_upload(query, dataset_id, chunks, media_type)
    except TooLargeError as error:
        raise ProblemError("too_large", _sentence(error)) from None
    except UnreadableError as error:
        raise ProblemError("malformed", _sentence(error)) from None


def _keep_upload(query: dict[str, Any], dataset_id: str, chunks: Iterator[bytes], media_type: str) -> Dataset:
    settings = context().settings
    head, chunks = peek(chunks, _HEAD_BYTES)
    if is_archive(head, media_type):
        if meant := [name for name in _OF_RECORDS if query[name]]:
            raise invalid(*(Fault(f"/{name}", "is for records, not for an export") for name in meant))
        with kept_body(chunks, settings.data_dir) as body:
            return keep_export(query, dataset_id, body)
    folder = settings.data_dir / "datasets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return keep_records(query, dataset_id, records_in(chunks, settings.max_inflated_bytes, query["map"], folder=folder))


@resource.operation(
    "GET",
    "/v1/datasets/<dataset_id>",
    scope="read",
    problems=("not_found", "precondition_failed"),
    parameters=[IF_NONE_MATCH],
)
@resource.response(200, DatasetResponse, description="What is known of it.", example=_EXAMPLE, headers=ETAG_HEADER)
@resource.other_response(304, description="You have it already.", headers=ETAG_HEADER)
def read_dataset(dataset_id: str) -> Response:
    """Say what is known of a data set."""
    dataset = context().store.datasets.get(owner(), dataset_id)
    if dataset is None:
        raise _unknown(dataset_id)
    return tagged(_bytes(dataset))


@resource.operation(
    "DELETE",
    "/v1/datasets/<dataset_id>",
    scope="write",
    problems=("not_found", "precondition_failed"),
    parameters=[IF_MATCH],
)
@resource.response(204, description="The data set is gone.")
def delete_dataset(dataset_id: str) -> None:
    """Delete a data set. Scores made from it stay."""
    if not context().store.datasets.delete(owner(), dataset_id, _check_match):
        raise _unknown(dataset_id)


def keep_export(query: dict[str, Any], dataset_id: str, body: BinaryIO) -> Dataset:
    """Keep the records of somebody's own export as a data set; a process reads one at a time. Raises ProblemError."""
    with _ONE_EXPORT:
        return _keep_export(query, dataset_id, body)


def _keep_export(query: dict[str, Any], dataset_id: str, body: BinaryIO) -> Dataset:
    try:
        reading = read_archive(body, query["account"])
        if reading.network != query["network"]:
            raise invalid(Fault("/network", f"this is an export of {reading.network}"))
        reading.check_not_empty()
    except ArchiveError as error:
        raise ProblemError("invalid_archive", f"Nothing was stored: {error}.") from None
    facts = ArchiveFacts(account=reading.account, left_out=reading.left_out, shows=reading.shows, notes=reading.notes)
    return keep_records(query, dataset_id, reading.activities, facts)


def keep_records(
    query: dict[str, Any], dataset_id: str, lines: Iterable[object], archive: ArchiveFacts | None = None
) -> Dataset:
    """Keep records as a data set. Raises ProblemError with the first hundred faults, and keeps nothing then."""
    try:
        return context().store.datasets.put(
            owner(),
            dataset_id,
            network=query["network"],
            profile=query["profile"],
            granted_rights=query["granted_rights"],
            lines=lines,
            rename=query["map"],
            skip_bad=query["skip_bad"],
            archive=archive,
            check=_check_match,
        )
    except BadDatasetError as error:
        faults = tuple(Fault(f"/{bad.line}{bad.pointer}", bad.detail) for bad in error.bad)
        raise ProblemError("invalid_records", _why_refused(error), faults) from None


def _why_refused(error: BadDatasetError) -> str:
    counts = error.counts
    if not counts.records:
        return "Nothing was stored: there is no record in the upload."
    if not error.total:
        return f"Nothing was stored: none of {counts.records} records can be kept, {counts.private} are private."
    return (
        f"Nothing was stored: {counts.bad} of {counts.records} records are wrong; faults: {error.total}. Pointers "
        "begin with the number of the line, or of the record where records are not lines."
    )


def _sentence(error: Exception) -> str:
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."


def _check_type() -> None:
    accepted = tuple(dict.fromkeys((*RECORDS, *ARCHIVES)))
    if request.mimetype not in accepted:
        detail = f"Send one of {', '.join(accepted)}, not {request.mimetype or 'nothing'}."
        raise ProblemError("unsupported_media_type", detail, headers={"Accept": ", ".join(accepted)})
    if request.mimetype in (_STREAMS, "application/zip") and (encoding := request.headers.get("Content-Encoding")):
        detail = f"An archive is compressed as it is; {encoding} is understood for records only."
        raise ProblemError("unsupported_media_type", detail, headers={"Accept-Encoding": "identity"})


def check_dataset(query: dict[str, Any], dataset_id: str) -> None:
    """Refuse an id that is no slug, and a profile where the network has its own or none. Raises ProblemError."""
    faults = []
    if len(dataset_id) > 200 or not re.fullmatch(SLUG, dataset_id):
        faults.append(Fault("/dataset_id", "an id is a slug of at most 200 characters: a-z, 0-9, joined by - _ ."))
    fixed = network_of(query["network"]).profile
    if fixed is not None and query["profile"] is not None:
        faults.append(Fault("/profile", f"{query['network']} always uses {fixed}"))
    if fixed is None and query["profile"] is None:
        faults.append(Fault("/profile", "missing: choose qa, forum or microblog for a custom: network"))
    if faults:
        raise invalid(*faults)


def _check_match(current: Dataset | None) -> None:
    check_match(None if current is None else _bytes(current))


def _bytes(dataset: Dataset) -> bytes:
    return msgspec.json.encode(fill(DatasetResponse, dataset))


def _unknown(dataset_id: str) -> ProblemError:
    return ProblemError("not_found", f"You have no data set {dataset_id!r}.")
