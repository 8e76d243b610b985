"""From the form to the body of a job, as a program would send it; a file becomes a data set on the way."""

from __future__ import annotations

import re
import secrets
import unicodedata
from typing import TYPE_CHECKING, Any, cast

from service.api.datasets import check_dataset, keep_export, keep_records
from service.auth import owner
from service.body import lines_of
from service.context import context
from service.problems import Fault, invalid
from service.schemas.datasets import DatasetQuerySchema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    from werkzeug.datastructures import FileStorage

    from candor.store.models import Dataset

EXPORTS = ("mastodon", "x", "linkedin", "instagram")
OWN_TOPIC = "own"
_CHUNK = 64 * 1024
_LONGEST_SLUG = 40


def job_asked(form: Mapping[str, str], files: Mapping[str, FileStorage]) -> dict[str, Any]:
    """Return the body of the job that a form asks for. Raises ProblemError, or marshmallow's ValidationError."""
    said = {name: value.strip() for name, value in form.items()}
    body = {"topics": [_topic(said)], "trust_root": said.get("trust_root") or "none", "as_of": _as_of(said)}
    where = said.get("where")
    if where == "file":
        dataset = _upload(said, files.get("file"))
        whole = None if dataset.archive is None else dataset.archive.account
        return body | _of_dataset(dataset.id, dataset.network, said.get("member") or whole)
    if where == "dataset":
        dataset_id = said.get("dataset", "")
        kept = context().store.datasets.get(owner(), dataset_id)
        if kept is None:
            raise invalid(Fault("/dataset", f"there is no data set {dataset_id!r}"))
        return body | _of_dataset(kept.id, kept.network, said.get("person"))
    network = ":".join(filter(None, (said.get("network"), said.get("site"))))
    return body | {"accounts": [{"network": network, "account": said.get("account", "")}]}


def _of_dataset(dataset_id: str, network: str, account: str | None) -> dict[str, Any]:
    """Ask about one person in a data set, or about everybody."""
    accounts = [{"network": network, "account": account}] if account else []
    return {"dataset": dataset_id, "accounts": accounts}


def _topic(said: Mapping[str, str]) -> str | dict[str, Any]:
    topic = said.get("topic", "")
    if topic != OWN_TOPIC:
        return topic
    terms = [term.strip() for term in said.get("terms", "").split(",") if term.strip()]
    label = said.get("label") or (terms[0] if terms else "")
    return {"id": _slug(label, "topic"), "label": label, "terms": terms}


def _as_of(said: Mapping[str, str]) -> str | None:
    day = said.get("as_of")
    return f"{day}T00:00:00Z" if day else None


def _upload(said: Mapping[str, str], file: FileStorage | None) -> Dataset:
    """Keep the file as a data set, as PUT /v1/datasets/{id} does."""
    if file is None or not file.filename:
        raise invalid(Fault("/file", "missing: choose a file"))
    kind = said.get("kind", "")
    is_export = kind in EXPORTS
    named = {"network": kind} if is_export else {"network": f"custom:{said.get('community') or 'upload'}"}
    profile = {} if is_export else {"profile": said.get("profile") or "forum"}
    query: dict[str, Any] = DatasetQuerySchema().load(named | profile)
    dataset_id = f"{_slug(query['network'].partition(':')[2] or kind, 'upload')}-{secrets.token_hex(3)}"
    check_dataset(query, dataset_id)
    body = cast("BinaryIO", file.stream)
    if is_export:
        return keep_export(query, dataset_id, body)
    limit = context().settings.max_inflated_bytes
    return keep_records(query, dataset_id, lines_of(_chunks(body), limit, inflate=file.filename.endswith(".gz")))


def _chunks(body: BinaryIO) -> Iterator[bytes]:
    while chunk := body.read(_CHUNK):
        yield chunk


def _slug(name: str, otherwise: str) -> str:
    """Make an id of a name: plain letters and digits, joined by hyphens."""
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:_LONGEST_SLUG].strip("-") or otherwise
