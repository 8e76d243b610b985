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
from candor.formats import ArchiveError, read_archive
from candor.names.networks import network_of
from candor.scoring.activity import Instant
from candor.scoring.records import Counts
from candor.store.models import ArchiveFacts, BadDatasetError
from service.auth import owner
from service.body import kept_body, read_lines
from service.components import fill
from service.context import context
from service.etags import check_match, tagged
from service.problems import Fault, ProblemError, invalid
from service.resource import Resource
from service.schemas.base import SLUG
from service.schemas.parameters import ETAG_HEADER, IF_MATCH, IF_NEW, IF_NONE_MATCH
from service.schemas.queries import DatasetQuerySchema

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO

    from flask import Response

    from candor.scoring.activity import Activity
    from candor.store.models import Dataset

resource = Resource("datasets", "A community's activities, to score many accounts from.")
_RECORDS = ("application/x-ndjson", "application/jsonl")
_STREAMS = "application/activity+json"
_DATASET_BODY_EXAMPLE = (
    '{"id":"a1","actor":"u7","type":"question","published":"2026-10-01T12:00:00Z","content":"Which hops?"}\n'
    '{"id":"a2","actor":"u19","type":"answer","object":"a1","published":"2026-10-01T13:00:00Z","content":"Saaz."}\n'
)
_ARCHIVE_BODY = {"type": "string", "format": "binary"}
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
    "description": "One record a line, as in `activities` of a job. Or somebody's own export: of Mastodon (zip, tar.gz "
    "or its `outbox.json`), X, LinkedIn or Instagram (zip).",
    "content": {
        _RECORDS[0]: {"schema": {"type": "string"}, "example": _DATASET_BODY_EXAMPLE},
        **{kind: {"schema": _ARCHIVE_BODY, "example": "(the file)"} for kind in ARCHIVES if kind != _STREAMS},
        _STREAMS: {"schema": _STREAMS_BODY, "example": _STREAMS_EXAMPLE},
    },
}
_OF_RECORDS = ("granted_rights", "map", "skip_bad")
_ONE_EXPORT = threading.Lock()
_ENCODING = {
    "in": "header",
    "name": "Content-Encoding",
    "description": "gzip, if the body is.",
    "schema": {"type": "string", "enum": ["gzip", "identity"]},
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
    """Upload a community's activities as NDJSON, or somebody's own export, replacing what the id held.

    The body is streamed. When lines are wrong the first hundred faults are listed and nothing is stored, unless
    `skip_bad` is set. Of an export, what is not addressed to everybody is dropped and counted. Uploading the same again
    changes nothing but how long it is kept.
    """
    _check_type(query)
    check_dataset(query, dataset_id)
    settings = context().settings
    request.max_content_length = settings.max_upload_bytes
    existed = context().store.datasets.get(owner(), dataset_id) is not None
    if request.mimetype in ARCHIVES:
        with kept_body(request, settings.data_dir) as body:
            dataset = keep_export(query, dataset_id, body)
    else:
        dataset = keep_records(query, dataset_id, read_lines(request, settings.max_inflated_bytes))
    return tagged(_bytes(dataset), status=200 if existed else 201)


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
        reading = read_archive(body)
    except ArchiveError as error:
        raise ProblemError("invalid_archive", f"{str(error).capitalize()}.") from None
    if reading.network != query["network"]:
        raise invalid(Fault("/network", f"this is an export of {reading.network}"))
    facts = ArchiveFacts(account=reading.account, left_out=reading.left_out, shows=reading.shows)
    return keep_records(query, dataset_id, reading.activities, facts)


def keep_records(
    query: dict[str, Any], dataset_id: str, lines: Iterable[bytes | Activity], archive: ArchiveFacts | None = None
) -> Dataset:
    """Keep lines of NDJSON as a data set. Raises ProblemError with the first hundred faults, and keeps nothing then."""
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
        detail = f"Nothing was stored; faults: {error.total}. Pointers begin with the number of the line."
        faults = tuple(Fault(f"/{bad.line}{bad.pointer}", bad.detail) for bad in error.bad)
        raise ProblemError("invalid_records", detail, faults) from None


def _check_type(query: dict[str, Any]) -> None:
    accepted = (*_RECORDS, *ARCHIVES)
    if request.mimetype not in accepted:
        detail = f"Send one of {', '.join(accepted)}, not {request.mimetype or 'nothing'}."
        raise ProblemError("unsupported_media_type", detail, headers={"Accept": ", ".join(accepted)})
    if request.mimetype in ARCHIVES and (meant := [name for name in _OF_RECORDS if query[name]]):
        raise invalid(*(Fault(f"/{name}", "is for records, not for an export") for name in meant))


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
