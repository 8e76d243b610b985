"""Bringing a community on the first page: a file that becomes a data set, or a source that one follows."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from flask import current_app, redirect, request
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from candor.formats.dumps.registry import FORMATS
from candor.formats.encodings import CHARSETS
from candor.formats.preview import Preview, preview_of
from candor.names.followed import PARTS, WHOLE
from candor.names.networks import network_label, network_of
from candor.scoring.activity import MAPPED
from candor.store.sealed import no_check
from service.auth import owner
from service.body import read_chunks
from service.context import context
from service.named_dataset import check_dataset
from service.problems import Fault, invalid
from service.sample import SAMPLE, refuse_change
from service.schemas.datasets import FollowBodySchema
from service.schemas.queries import UPLOADED, AppendQuerySchema, DatasetQuerySchema, read_renames
from service.uploads import OtherFormatError, Upload
from service.web.short_names import NAMELESS, short_slug

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    from werkzeug.datastructures import FileStorage
    from werkzeug.wrappers import Response as AnyResponse

    from candor.store.models import Dataset
    from service.problems import ProblemError

_OWN = "own_"
EXPORTS = {
    f"{_OWN}{network_id}": network_label(network_id)
    for network_id in ("mastodon", "x", "linkedin", "instagram", "reddit", "youtube")
}
"""Somebody's own exports by the value of the choice, which no dump of a community has."""
DUMPS = {name: FORMATS[name].facts.label for name in FORMATS if name in UPLOADED}
_WITH_TAGS = "stackexchange"
_FOLLOWED = (
    *(family for family in PARTS if family in WHOLE),
    *(f"{family}:{part}" for family, parts in PARTS.items() if family != _WITH_TAGS for part in parts),
)
_PLACE = re.compile(r"\b(?:NAME|SITE|HOST)\b")
IN_THE_FORM = ("invalid", "invalid_records", "invalid_archive", "cannot_fetch", "malformed", "too_large")
"""What a form can be shown again with."""
COLUMNS = (
    *("id", "actor", "name", "published", "content", "title", "object", "thread", "accepted", "tags", "type"),
    *("answer_content", "answer_actor", "answer_published", "answer_id"),
)
_MOST_PREVIEW = 16 * 2**20
_CHUNK = 64 * 1024


def bring() -> AnyResponse:
    """Keep a file, or follow a source, and go on to the topic. Raises ProblemError or ValidationError."""
    fields = {name: value.strip() for name, value in request.form.items()}
    if fields.get("bring") == "source":
        return redirect(f"/?dataset={_follow(fields)}", 303)
    dataset = _upload(fields, request.files.get("file"))
    whose = None if dataset.archive is None else dataset.archive.account
    return redirect("/?" + urlencode({"dataset": dataset.id} | ({"person": whose} if whose else {})), 303)


def _upload(fields: Mapping[str, str], file: FileStorage | None) -> Dataset:
    """Keep the file as a data set, as PUT /v1/datasets/{id} does."""
    file, kind = _chosen(file), fields.get("kind", "")
    query: dict[str, Any] = DatasetQuerySchema().load(_query(kind, fields))
    query["map"], charset = _how_read(kind, fields, file)
    query |= _as_ticked(kind, fields)
    given = "" if kind in EXPORTS else fields.get("community", "")
    dataset_id = short_slug(query["network"].partition(":")[2] or given or kind.removeprefix(_OWN), NAMELESS)
    if kind in EXPORTS or dataset_id == SAMPLE:
        dataset_id += f"-{secrets.token_hex(3)}"
    check_dataset(query, dataset_id)
    _refuse_other(query["network"], dataset_id)
    check = no_check if fields.get("replace") else _refuse_taken
    if not fields.get("replace") and context().store.sources.get(owner(), dataset_id):
        raise invalid(_taken())
    kept = _keep(Upload(query, dataset_id, check, file=file.filename, charset=charset), kind, file)
    context().store.sources.delete(owner(), dataset_id)
    return kept


def add_file(there: Dataset, fields: Mapping[str, str], file: FileStorage | None) -> Dataset:
    """Add the records of a file to a data set, as POST /v1/datasets/{id}/records does. Raises as `bring` does."""
    refuse_change(there.id)
    file, kind = _chosen(file), fields.get("kind", "")
    said = {"format": kind} if kind in DUMPS else {"account": fields["member"]} if fields.get("member") else {}
    query: dict[str, Any] = AppendQuerySchema().load(said)
    columns, charset = _how_read(kind, fields, file)
    query |= {"map": columns, "network": there.network, **_as_ticked(kind, fields)}
    upload = Upload(query, there.id, add=True, file=file.filename, charset=charset)
    return _keep(upload, kind, file)


def own_export(network: str) -> dict[str, str]:
    """Return the choice of an own export from a network, by its value."""
    return {kind: label for kind, label in EXPORTS.items() if kind == f"{_OWN}{network}"}


def with_kind(values: Mapping[str, str], error: ProblemError) -> MultiDict[str, str]:
    """Return what was filled in, with the kind that the file looks like where that is another."""
    filled = MultiDict(values)
    if isinstance(error, OtherFormatError):
        filled["kind"] = error.format
    return filled


def show_columns() -> AnyResponse:
    """Tell what the beginning of a file in the body holds, as the form asks while somebody fills it in."""
    request.max_content_length = _MOST_PREVIEW
    found = _preview(read_chunks(request), request.args.get("charset"))
    return cast("AnyResponse", current_app.json.response(found._asdict()))


def _preview(chunks: Iterator[bytes], charset: str | None) -> Preview:
    settings = context().settings
    return preview_of(chunks, settings.max_inflated_bytes, charset, settings.data_dir)


def _how_read(kind: str, fields: Mapping[str, str], file: FileStorage) -> tuple[dict[str, str], str | None]:
    """Return what the columns of a table stand for and its charset: as the form says, else as they are probably meant.

    Columns that nobody named are taken where their names tell who wrote what and when.
    """
    named = _map(kind, fields)
    charset = chosen if (chosen := fields.get("charset")) in CHARSETS else None
    if kind in EXPORTS or kind in DUMPS or not MAPPED.isdisjoint(named.keys() - {"visibility"}):
        return named, charset
    found = _preview(_chunks(cast("BinaryIO", file.stream)), charset)
    file.stream.seek(0)
    is_told = found.fields.keys() >= {"actor", "published"} and not found.fields.keys().isdisjoint({"content", "title"})
    return (found.fields | named if is_told else named), found.charset


def _chosen(file: FileStorage | None) -> FileStorage:
    if file is None or not file.filename:
        raise invalid(Fault("/file", "missing: choose a file"))
    return file


def _keep(upload: Upload, kind: str, file: FileStorage) -> Dataset:
    body = cast("BinaryIO", file.stream)
    return upload.keep_export(body) if kind in EXPORTS else upload.keep(_chunks(body), file.mimetype)


def _map(kind: str, fields: Mapping[str, str]) -> dict[str, str]:
    """Return in which column of a table each field is, and what its words mean; nothing of any other file."""
    if kind in EXPORTS or kind in DUMPS:
        return {}
    return {name: column for name in COLUMNS if (column := fields.get(f"column_{name}"))} | _types(fields)


def _as_ticked(kind: str, fields: Mapping[str, str]) -> dict[str, bool]:
    """Return whether the day comes before the month and what is wrong stays out, where somebody said it of records."""
    said = {"day_first": fields["day_first"] == "true"} if fields.get("day_first") else {}
    return said | ({"skip_bad": True} if fields.get("skip_bad") and kind not in EXPORTS else {})


def _types(fields: Mapping[str, str]) -> dict[str, str]:
    """Return which type of ours each word of a table stands for. Raises ValidationError at the field."""
    pairs = [pair.strip() for pair in fields.get("types", "").split(",") if pair.strip()]
    try:
        return read_renames(pairs)
    except ValidationError as error:
        raise ValidationError({"types": error.messages}) from None


def _is_taken(dataset_id: str) -> bool:
    store = context().store
    return bool(store.datasets.get(owner(), dataset_id) or store.sources.get(owner(), dataset_id))


def _refuse_taken(there: Dataset | None) -> None:
    if there is not None:
        raise invalid(_taken(there.records))


def _refuse_other(network: str, dataset_id: str) -> None:
    """Refuse a name that is written as that of another community is. Raises ProblemError 422."""
    there = context().store.datasets.get(owner(), dataset_id)
    if there is not None and there.network != network:
        other = network_label(there.network)
        words = f"in addresses and lists this name is written {dataset_id}, as “{other}” is already: give another name"
        raise invalid(Fault("/community", words))


def _taken(records: int = 0) -> Fault:
    """Say that a community has that name; how many records go with it is said where it has some."""
    kept = f", whose {records} records would go" if records else ""
    return Fault(
        "/community",
        f"there is a community of that name{kept}: "
        "add the file to it further up, choose to replace it, or give another name",
    )


def _query(kind: str, fields: Mapping[str, str]) -> dict[str, str]:
    """Say what the file is, as the query of an upload does."""
    if kind in EXPORTS:
        return {"network": kind.removeprefix(_OWN)} | ({"account": fields["member"]} if fields.get("member") else {})
    form = FORMATS[kind].facts.network if kind in DUMPS else "custom:NAME"
    network = _PLACE.sub(lambda _: fields.get("community") or "upload", form.partition(",")[0].rpartition(" ")[2])
    profile = {} if kind in DUMPS and network_of(network).profile else {"profile": fields.get("profile") or "forum"}
    return {"network": network, **profile, **({"format": kind} if kind in DUMPS else {})}


def _follow(fields: Mapping[str, str]) -> str:
    """Follow a source under a new id, and return that."""
    source, name = fields.get("source", ""), fields.get("source_site", "")
    if source not in followed():
        raise invalid(Fault("/source", "missing: choose what to follow"))
    if not name:
        raise invalid(Fault("/source_site", "missing: name what to follow"))
    family, _, part = source.partition(":")
    given = {"network": family, part: name} if part else {"network": f"{family}:{name}"}
    if source == _WITH_TAGS and fields.get("tag"):
        given["tag"] = fields["tag"]
    asked = FollowBodySchema().load({"source": given})["source"]
    dataset_id = short_slug(name.rpartition("://")[2], family)
    if dataset_id == SAMPLE or _is_taken(dataset_id):
        dataset_id += f"-{secrets.token_hex(3)}"
    context().store.sources.follow(owner(), dataset_id, asked)
    return dataset_id


def followed() -> list[str]:
    """Return what a data set can follow here and now: families of networks, and parts of them as FAMILY:PART."""
    read = {facts.family for facts in context().store.connectors.all()}
    return [each for each in _FOLLOWED if each.partition(":")[0] in read]


def _chunks(body: BinaryIO) -> Iterator[bytes]:
    while chunk := body.read(_CHUNK):
        yield chunk
