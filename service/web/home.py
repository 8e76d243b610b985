"""The first page: asking for a score, and what was asked before."""

from __future__ import annotations

import re
import secrets
import unicodedata
from typing import TYPE_CHECKING, Any, cast

from flask import request
from marshmallow import ValidationError

from candor import sample
from candor.names.networks import NETWORKS
from candor.scoring.topics import load_catalogue
from service.auth import owner
from service.body import faults_of
from service.context import context, request_id
from service.problems import Fault, ProblemError, invalid, problem_document
from service.sample import SAMPLE, keep_sample
from service.schemas.job_requests import PROFILES
from service.schemas.queries import DatasetQuerySchema
from service.uploads import Upload, check_dataset
from service.web.progress import submit, to_progress
from service.web.rendering import current_words, render_page
from service.web.sample_card import sample_card

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    from flask import Response
    from werkzeug.datastructures import FileStorage
    from werkzeug.wrappers import Response as AnyResponse

    from candor.scoring.topics import Topic
    from candor.store.models import Dataset

SAMPLE_ACCOUNTS = (sample.EXPERT, sample.ENTHUSIAST, sample.BRAND, sample.RING_CENTRE)
EXPORTS = {"mastodon": "Mastodon", "x": "X", "linkedin": "LinkedIn", "instagram": "Instagram"}
OWN_TOPIC = "own"
NAMED_ROOT = "named"
OF_NETWORKS = ("network", "site", "account")
FIELDS = (
    *(*OF_NETWORKS, "kind", "file", "community", "profile", "member", "dataset", "person"),
    *("topic", "label", "terms", "trust_root", "trusted", "as_of"),
)
RECENT_JOBS = 8
_SHOWN_IN_THE_FORM = ("invalid", "invalid_records", "invalid_archive", "cannot_fetch", "malformed", "too_large")
_CHUNK = 64 * 1024
_LONGEST_SLUG = 40


def show_home() -> Response:
    """Show the form, empty or as links of ours fill it in."""
    return _form(request.args, None)


def submit_form() -> AnyResponse:
    """Submit what the form says, and follow the job; or show the form again with what is wrong."""
    try:
        return to_progress(submit(_job_body(request.form, request.files)))
    except ValidationError as error:
        return _form(request.form, invalid(*faults_of(error.messages)))
    except ProblemError as error:
        if error.code not in _SHOWN_IN_THE_FORM:
            raise
        return _form(request.form, error)


def submit_sample() -> AnyResponse:
    """Rank everybody in the sample and explain one of its people, or four."""
    if not context().settings.on_loopback:
        raise ProblemError("not_found", "The sample is for trying Candor on one's own machine.")
    submit(_sample_job())
    people = (sample.EXPERT,) if request.form.get("open") == "card" else SAMPLE_ACCOUNTS
    return to_progress(submit(_sample_job(*people)))


def _form(values: Any, error: ProblemError | None) -> Response:
    problem = None if error is None else problem_document(error.code, error.detail, error.errors, request_id())
    store = context().store
    keep_sample()
    read = {facts.family for facts in store.connectors.all()}
    jobs, _ = store.jobs.list(owner(), limit=RECENT_JOBS)
    return render_page(
        "home.html",
        200 if problem is None else problem.status,
        values=values,
        problem=problem,
        networks=[network for network in NETWORKS if network.id in read],
        exports=EXPORTS,
        profiles=PROFILES,
        topics=_topics(),
        datasets=store.datasets.all_of(owner()),
        roots=store.trust_roots.facts(owner()),
        at_field={} if error is None else _at_fields(error.errors, values, with_networks=bool(read)),
        card=sample_card(current_words().language),
        jobs=[job for job in jobs if not job.is_part and job.request.finding is None],
        with_sample=context().settings.on_loopback,
    )


def _topics() -> list[Topic]:
    own = context().store.topics.list(owner())
    return [*own, *(topic for topic in load_catalogue().values() if topic.id not in {one.id for one in own})]


def _sample_job(*accounts: str) -> dict[str, Any]:
    """Return the body of a job about some people of the sample; about everybody when none is named."""
    return {
        "accounts": [{"network": sample.NETWORK, "account": account} for account in accounts],
        "topics": [sample.TOPIC],
        "trust_root": SAMPLE,
        "dataset": SAMPLE,
        "as_of": sample.AS_OF.isoformat(),
    }


def _job_body(form: Mapping[str, str], files: Mapping[str, FileStorage]) -> dict[str, Any]:
    """Return the body of the job that a form asks for. Raises ProblemError, or marshmallow's ValidationError."""
    fields = {name: value.strip() for name, value in form.items()}
    body = {"topics": [_topic(fields)], "as_of": _as_of(fields)}
    where = fields.get("where")
    if where == "file":
        dataset = _upload(fields, files.get("file"))
        whose = None if dataset.archive is None else dataset.archive.account
        return (
            body
            | _of_dataset(dataset.id, dataset.network, fields.get("member") or whose)
            | _root(fields, dataset.network)
        )
    if where == "dataset":
        dataset_id = fields.get("dataset", "")
        kept = context().store.datasets.get(owner(), dataset_id)
        if kept is None:
            raise invalid(Fault("/dataset", f"there is no data set {dataset_id!r}" if dataset_id else "missing"))
        return body | _of_dataset(kept.id, kept.network, fields.get("person")) | _root(fields, kept.network)
    network = ":".join(filter(None, (fields.get("network"), fields.get("site"))))
    return body | {"accounts": [{"network": network, "account": fields.get("account", "")}]} | _root(fields, network)


def _root(fields: Mapping[str, str], network: str) -> dict[str, Any]:
    """Return whom the form trusts: a root that is kept, or the people named in it."""
    if fields.get("trust_root") != NAMED_ROOT:
        return {"trust_root": fields.get("trust_root") or "none"}
    named = [{"account": name.strip()} for name in fields.get("trusted", "").split(",") if name.strip()]
    return {"trust_root": {"kind": "accounts", "network": network, "accounts": named}}


def _at_fields(faults: tuple[Fault, ...], values: Mapping[str, Any], *, with_networks: bool) -> dict[str, str]:
    """Return what is wrong by the field of the form where it can be corrected; the rest by no field."""
    where = str(values.get("where"))
    person = {"network": "account", "file": "member", "dataset": "person"}.get(where, "account")
    network = {"network": "network", "file": "community", "dataset": "dataset"}.get(where, "network")
    found: dict[str, str] = {}
    for fault in faults:
        part, _, rest = fault.pointer.removeprefix("/").partition("/")
        name = {
            "accounts": network if rest.endswith("network") else person,
            "topics": "terms" if values.get("topic") == OWN_TOPIC else "topic",
            "network": network,
            "account": person,
            "trust_root": "trusted" if rest or values.get("trust_root") == NAMED_ROOT else "trust_root",
        }.get(part, part)
        found.setdefault(name if name in FIELDS and (with_networks or name not in OF_NETWORKS) else "", fault.detail)
    return found


def _of_dataset(dataset_id: str, network: str, account: str | None) -> dict[str, Any]:
    """Ask about one person in a data set, or about everybody."""
    accounts = [{"network": network, "account": account}] if account else []
    return {"dataset": dataset_id, "accounts": accounts}


def _topic(fields: Mapping[str, str]) -> str | dict[str, Any]:
    topic = fields.get("topic", "")
    if topic != OWN_TOPIC:
        return topic
    terms = [term.strip() for term in fields.get("terms", "").split(",") if term.strip()]
    label = fields.get("label") or (terms[0] if terms else "")
    return {"id": _slug(label, "topic"), "label": label, "terms": terms}


def _as_of(fields: Mapping[str, str]) -> str | None:
    day = fields.get("as_of")
    return f"{day}T00:00:00Z" if day else None


def _upload(fields: Mapping[str, str], file: FileStorage | None) -> Dataset:
    """Keep the file as a data set, as PUT /v1/datasets/{id} does."""
    if file is None or not file.filename:
        raise invalid(Fault("/file", "missing: choose a file"))
    kind = fields.get("kind", "")
    is_export = kind in EXPORTS
    named = {"network": kind} if is_export else {"network": f"custom:{fields.get('community') or 'upload'}"}
    profile = {} if is_export else {"profile": fields.get("profile") or "forum"}
    whose = {"account": fields["member"]} if is_export and fields.get("member") else {}
    query: dict[str, Any] = DatasetQuerySchema().load(named | profile | whose)
    dataset_id = f"{_slug(query['network'].partition(':')[2] or kind, 'upload')}-{secrets.token_hex(3)}"
    check_dataset(query, dataset_id)
    body = cast("BinaryIO", file.stream)
    if is_export:
        return Upload(query, dataset_id).keep_export(body)
    return Upload(query, dataset_id).keep(_chunks(body), file.mimetype)


def _chunks(body: BinaryIO) -> Iterator[bytes]:
    while chunk := body.read(_CHUNK):
        yield chunk


def _slug(name: str, otherwise: str) -> str:
    """Make an id of a name: plain letters and digits, joined by hyphens."""
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:_LONGEST_SLUG].strip("-") or otherwise
