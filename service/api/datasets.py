"""Data sets: a community's activities, streamed in."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import msgspec
from flask import Response, request

from candor.formats import MEDIA_TYPES as ARCHIVES
from candor.formats.rows import MEDIA_TYPES as RECORDS
from candor.store.client import DamagedValueError
from service.api.dataset_response import EXAMPLE, FOLLOWING_EXAMPLE, DatasetResponse, dataset_response
from service.auth import owner
from service.body import read_chunks
from service.context import context
from service.following import asked_source, nothing_yet, source_of
from service.http import match_checker, tagged
from service.named_dataset import check_dataset, check_network, faults_of_id, unknown_dataset
from service.paging import Listed, Page, page_of
from service.problems import ProblemError, invalid
from service.resource import Resource
from service.sample import SAMPLE, find_dataset, keep_sample, refuse_change
from service.schemas.base import PageQuerySchema
from service.schemas.datasets import CONTENT_ENCODING, NDJSON_EXAMPLE, PUT_BODY, STREAMS, UPLOAD_BODY
from service.schemas.parameters import ETAG_HEADER, IF_MATCH, IF_NEW, IF_NONE_MATCH
from service.schemas.queries import AppendQuerySchema, DatasetQuerySchema
from service.uploads import Upload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.scoring.table import Table
    from candor.store.models import Dataset
    from candor.store.sources import AskedSource

resource = Resource("datasets", "A community's activities, to score many accounts from.")
_ROWS_AT_ONCE = 1_000
_OF_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@resource.operation("GET", "/v1/datasets", scope="read", problems=("invalid",))
@resource.query(PageQuerySchema)
@resource.response(200, Page[DatasetResponse], description="Your data sets, by id.", example=Page(data=[EXAMPLE]))
def list_datasets(query: dict[str, Any]) -> Listed[DatasetResponse]:
    """List your data sets, and the built-in `sample`."""
    keep_sample()
    sources = context().store.sources.all_of(owner())
    kept = {dataset.id: dataset for dataset in context().store.datasets.all_of(owner())}
    known = {**{name: nothing_yet(source) for name, source in sources.items()}, **kept}

    def _shown(dataset: Dataset) -> DatasetResponse:
        return dataset_response(dataset, sources.get(dataset.id))

    return page_of([known[name] for name in sorted(known)], lambda dataset: dataset.id, query, _shown)


@resource.operation(
    "PUT",
    "/v1/datasets/<dataset_id>",
    scope="write",
    problems=(
        *("precondition_failed", "too_large", "unsupported_media_type", "invalid_records", "invalid_archive"),
        *("timeout", "built_in"),
    ),
    requestBody=PUT_BODY,
    parameters=[CONTENT_ENCODING, IF_MATCH, IF_NEW],
)
@resource.query(DatasetQuerySchema)
@resource.response(200, DatasetResponse, description="The data set was replaced.", example=EXAMPLE, headers=ETAG_HEADER)
@resource.other_response(
    201, DatasetResponse, description="The data set was made.", example=EXAMPLE, headers=ETAG_HEADER
)
def write_dataset(query: dict[str, Any], dataset_id: str) -> Response:
    """Upload activities, a community's dump (`format`) or an export, replacing what there was; or follow a `source`.

    The body is streamed. When records are wrong the first hundred faults are listed and nothing is stored, unless
    `skip_bad` is set; an upload without any record to keep is refused, too. Of an export, what is not addressed to
    everybody is dropped and counted. Uploading the same again changes nothing but how long it is kept.

    With a `source` in JSON instead, workers read it step by step, within its `max_requests`, as politely as accounts,
    and `GET /v1/datasets/{id}` says how far they are. What the id held stays until something was read. The same source
    sent again goes on where it was; records uploaded under the id end it.

    What an id holds is replaced by something of the same network only; delete it first where you mean another.
    """
    _check_type(query)
    refuse_change(dataset_id)
    if asked := asked_source():
        return _follow(dataset_id, asked)
    check_dataset(query, dataset_id)
    request.max_content_length = context().settings.max_upload_bytes
    existed = context().store.datasets.is_kept(owner(), dataset_id)
    dataset = Upload(query, dataset_id, _check_match, charset=_charset()).keep(read_chunks(request), request.mimetype)
    context().store.sources.delete(owner(), dataset_id)
    return tagged(_bytes(dataset), status=200 if existed else 201)


def _follow(dataset_id: str, asked: AskedSource) -> Response:
    """Let a data set follow a source. Raises ProblemError."""
    if faults := faults_of_id(dataset_id):
        raise invalid(*faults)
    before = _known(dataset_id)
    _check_match(before)
    check_network(context().store.datasets.get(owner(), dataset_id), asked.network, "/source/network")
    source = context().store.sources.follow(owner(), dataset_id, asked)
    there = before if before is not None else nothing_yet(source)
    return tagged(_bytes(there), status=201 if before is None else 200)


@resource.operation(
    "POST", "/v1/datasets/<dataset_id>/refresh", scope="write", problems=("not_found", "follows_nothing")
)
@resource.response(202, DatasetResponse, description="It is read again.", example=FOLLOWING_EXAMPLE)
def refresh_dataset(dataset_id: str) -> Response:
    """Read what a data set follows again now, from where the last reading stopped."""
    dataset, source = _known(dataset_id), source_of(dataset_id)
    if dataset is None:
        raise unknown_dataset(dataset_id)
    if source is None:
        raise ProblemError("follows_nothing", f"The data set {dataset_id!r} follows no source: records were uploaded.")
    context().store.sources.refresh(source)
    return Response(_bytes(dataset), 202, mimetype="application/json")


@resource.operation(
    "GET",
    "/v1/datasets/<dataset_id>",
    scope="read",
    problems=("not_found", "precondition_failed"),
    parameters=[IF_NONE_MATCH],
)
@resource.response(200, DatasetResponse, description="What is known of it.", example=EXAMPLE, headers=ETAG_HEADER)
@resource.other_response(304, description="You have it already.", headers=ETAG_HEADER)
def read_dataset(dataset_id: str) -> Response:
    """Say what is known of a data set."""
    dataset = _known(dataset_id)
    if dataset is None:
        raise unknown_dataset(dataset_id)
    return tagged(_bytes(dataset))


@resource.operation(
    "DELETE",
    "/v1/datasets/<dataset_id>",
    scope="write",
    problems=("not_found", "precondition_failed", "built_in"),
    parameters=[IF_MATCH],
)
@resource.response(204, description="The data set is gone.")
def delete_dataset(dataset_id: str) -> None:
    """Delete a data set, and follow its source no longer. Scores made from it stay."""
    refuse_change(dataset_id)
    followed, is_kept = source_of(dataset_id) is not None, context().store.datasets.is_kept(owner(), dataset_id)
    before = None
    with contextlib.suppress(DamagedValueError):  # which nothing but this and a new upload can put right
        before = context().store.datasets.get(owner(), dataset_id)
    if followed and not is_kept:
        _check_match(_known(dataset_id))
    elif not context().store.datasets.delete(owner(), dataset_id, _check_match):
        raise unknown_dataset(dataset_id)
    context().store.sources.delete(owner(), dataset_id)
    if before is not None:
        context().store.question_words.delete(before)


@resource.operation(
    "POST",
    "/v1/datasets/<dataset_id>/records",
    scope="write",
    problems=(
        *("not_found", "precondition_failed", "too_large", "unsupported_media_type", "invalid_records"),
        *("invalid_archive", "timeout", "built_in"),
    ),
    requestBody=UPLOAD_BODY,
    parameters=[CONTENT_ENCODING, IF_MATCH],
)
@resource.query(AppendQuerySchema)
@resource.response(
    200, DatasetResponse, description="The data set with the records.", example=EXAMPLE, headers=ETAG_HEADER
)
def append_records(query: dict[str, Any], dataset_id: str) -> Response:
    """Add records to a data set: one with the id of another takes its place, the same again changes nothing.

    What is sent and how it is refused is as for a whole data set; `counts` adds up. A record that says that it is
    private, hidden or deleted takes the earlier one with its id out, as DELETE does, also when it comes alone. Its
    digest says from which digests it was made. A table without a `map` that has all columns which the `map` of the data
    set names is read by that; of a workbook or a Parquet file the 400 proposes it.
    """
    _check_type(query)
    refuse_change(dataset_id)
    before = context().store.datasets.get(owner(), dataset_id)
    if before is None:
        raise unknown_dataset(dataset_id)
    request.max_content_length = context().settings.max_upload_bytes
    given = {**query, "network": before.network}
    upload = Upload(given, dataset_id, _check_match, add=True, charset=_charset())
    dataset = upload.keep(read_chunks(request), request.mimetype)
    return tagged(_bytes(dataset))


@resource.operation("GET", "/v1/datasets/<dataset_id>/records", scope="read", problems=("not_found",))
@resource.response(
    200,
    {"type": "string"},
    content_type=RECORDS[0],
    description="The records, one a line, as they can be sent again.",
    example=NDJSON_EXAMPLE,
)
def read_records(dataset_id: str) -> Response:
    """Read all records of a data set, oldest first, without those of people who are suppressed."""
    if dataset_id == SAMPLE:
        keep_sample()
    try:
        table = context().store.datasets.activities(owner(), dataset_id)
    except LookupError:
        raise unknown_dataset(dataset_id) from None
    return Response(_written(table), mimetype=RECORDS[0])


def _written(table: Table) -> Iterator[bytes]:
    """Write records as lines, some at a time; what a field does not say is left out."""
    encode = msgspec.json.Encoder().encode
    for begin in range(0, len(table), _ROWS_AT_ONCE):
        records = table[begin : begin + _ROWS_AT_ONCE]
        told = (
            {name: value for name, value in msgspec.structs.asdict(each).items() if value is not None}
            for each in records
        )
        yield b"".join(encode(each) + b"\n" for each in told)


@resource.operation(
    "DELETE",
    "/v1/datasets/<dataset_id>/records/<anything:record_id>",
    scope="write",
    problems=("not_found", "precondition_failed", "built_in"),
    parameters=[IF_MATCH],
)
@resource.response(204, description="The record is gone.")
def delete_record(dataset_id: str, record_id: str) -> None:
    """Take one record out of a data set; what was about it stays.

    It stays out when the same is uploaded or added again, unless that says `restore=true`.
    """
    refuse_change(dataset_id)
    try:
        context().store.datasets.remove(owner(), dataset_id, record_id, _check_match)
    except LookupError:
        raise ProblemError("not_found", f"You have no record {record_id!r} in a data set {dataset_id!r}.") from None


def _check_type(query: dict[str, Any]) -> None:
    if query["format"] is not None:  # which says what it is, whatever it is sent as
        return
    accepted = tuple(dict.fromkeys((*RECORDS, *ARCHIVES)))
    if request.mimetype not in accepted:
        detail = f"Send one of {', '.join(accepted)}, not {request.mimetype or 'nothing'}."
        if request.mimetype in _OF_FORMS:
            detail = (
                "Send the file as it is: curl --data-binary @FILE -H 'Content-Type: text/csv'. The types are "
                f"{', '.join(accepted)}."
            )
        raise ProblemError("unsupported_media_type", detail, headers={"Accept": ", ".join(accepted)})
    if request.mimetype in (STREAMS, "application/zip") and (encoding := request.headers.get("Content-Encoding")):
        detail = f"An archive is compressed as it is; {encoding} is understood for records only."
        raise ProblemError("unsupported_media_type", detail, headers={"Accept-Encoding": "identity"})


def _charset() -> str | None:
    """Return how the letters of what was sent are written, as its media type says."""
    return request.mimetype_params.get("charset")


def _bytes(dataset: Dataset) -> bytes:
    return msgspec.json.encode(dataset_response(dataset, source_of(dataset.id)))


_check_match = match_checker(_bytes)


def _known(dataset_id: str) -> Dataset | None:
    """Return what is known of a data set, also of one that follows a source and has nothing of it yet."""
    dataset = find_dataset(dataset_id)
    if dataset is None and (source := source_of(dataset_id)):
        return nothing_yet(source)
    return dataset
