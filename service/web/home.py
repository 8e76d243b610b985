"""The first page: asking for a score, and what was asked before."""

from __future__ import annotations

import re
import secrets
import unicodedata
from typing import TYPE_CHECKING, Any, cast

from flask import request
from marshmallow import ValidationError
from msgspec.structs import replace

from candor import sample
from candor.names.networks import NETWORKS
from candor.scoring.topics import load_catalogue
from service.api.datasets import check_dataset, keep_export, keep_records
from service.arguments import faults_of
from service.auth import owner
from service.body import lines_of
from service.context import context, request_id
from service.problems import Fault, ProblemError, invalid, problem_body
from service.schemas.datasets import DatasetQuerySchema
from service.schemas.job_requests import PROFILES
from service.web.progress import follow, submit
from service.web.rendering import page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    from flask import Response
    from werkzeug.datastructures import FileStorage
    from werkzeug.wrappers import Response as AnyResponse

    from candor.scoring.topics import Topic
    from candor.store.models import Dataset


DATASET = "sample"
ROOT = "sample-moderators"
CAST = (sample.EXPERT, sample.ENTHUSIAST, sample.BRAND, sample.RING_CENTRE)

EXPORTS = ("mastodon", "x", "linkedin", "instagram")
OWN_TOPIC = "own"
_CHUNK = 64 * 1024
_LONGEST_SLUG = 40

RECENT = 8

_OF_THE_FORM = ("invalid", "invalid_records", "invalid_archive", "cannot_fetch", "malformed", "too_large")


def put() -> None:
    """Keep the records as a data set and the people named as a trust root; doing it twice changes nothing."""
    query: dict[str, Any] = DatasetQuerySchema().load({"network": sample.NETWORK, "profile": sample.PROFILE})
    with sample.records_path().open("rb") as lines:
        keep_records(query, DATASET, lines)
    context().store.trust_roots.put(owner(), ROOT, replace(sample.trust_root(), id=ROOT))


def sample_people() -> dict[str, Any]:
    """Return the body of a job about four of its people."""
    return _body([{"network": sample.NETWORK, "account": account} for account in CAST])


def everybody() -> dict[str, Any]:
    """Return the body of a job that ranks everybody."""
    return _body([])


def _body(accounts: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "accounts": accounts,
        "topics": [sample.TOPIC],
        "trust_root": ROOT,
        "dataset": DATASET,
        "as_of": sample.AS_OF.isoformat(),
    }


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


def show_home() -> Response:
    """Show the form, empty or as links of ours fill it in."""
    return _form(request.args, None)


def ask() -> AnyResponse:
    """Submit what the form says, and follow the job; or show the form again with what is wrong."""
    try:
        return follow(submit(job_asked(request.form, request.files)))
    except ValidationError as error:
        return _form(request.form, invalid(*faults_of(error.messages)))
    except ProblemError as error:
        if error.code not in _OF_THE_FORM:
            raise
        return _form(request.form, error)


def ask_about_sample() -> AnyResponse:
    """Put the made-up community in, rank everybody in it and explain four of its people."""
    if not context().settings.on_loopback:
        raise ProblemError("not_found", "The sample is for trying Candor on one's own machine.")
    put()
    submit(everybody())
    return follow(submit(sample_people()))


def _form(values: Any, error: ProblemError | None) -> Response:
    problem = None if error is None else problem_body(error.code, error.detail, error.errors, request_id())
    store = context().store
    read = {facts.family for facts in store.connectors.all()}
    jobs, _ = store.jobs.list(owner(), limit=RECENT)
    return page(
        "home.html",
        200 if problem is None else problem["status"],
        values=values,
        problem=problem,
        networks=[network for network in NETWORKS if network.id in read],
        profiles=PROFILES,
        topics=_topics(),
        roots=store.trust_roots.list(owner()),
        jobs=[job for job in jobs if not job.is_part],
        with_sample=context().settings.on_loopback,
    )


def _topics() -> list[Topic]:
    own = context().store.topics.list(owner())
    return [*own, *(topic for topic in load_catalogue().values() if topic.id not in {one.id for one in own})]
