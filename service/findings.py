"""Findings: lists made of a data set by a job when first asked for, and kept for the next who asks."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from flask import request

from candor.scoring.made_from import TrustRootRef
from candor.scoring.method import load_method
from candor.scoring.trust_root import FACE_VALUE, NO_ROOT
from candor.store.job_dedup import dedup_key
from candor.store.models import QUESTION_KINDS, AskedRoot, FindingRequest, Job, JobRequest, Progress
from service.api.job_response import JOB_EXAMPLE, JobResponse, job_response, job_url
from service.api.jobs import POLL_AFTER_S, PREFER, RETRY_HEADER
from service.auth import owner
from service.components import fill
from service.context import context, request_id
from service.idempotency import new_job_id
from service.job_inputs import reject_unknown
from service.named_dataset import unknown_dataset
from service.paging import cut
from service.problems import Fault, ProblemError, invalid, no_trust_root
from service.sample import find_dataset, find_root
from service.schemas.base import show_instant
from service.submission import MOST_INTERACTIVE_RECORDS, preferred_wait_s, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from marshmallow import Schema

    from candor.questions.answering import QuestionRequest
    from candor.scoring.topics import Topic
    from candor.scoring.trust_root import TrustRoot
    from candor.store.models import AccountName, FindingFacts, FindingKind
    from service.resource import Resource, View

Row = TypeVar("Row", bound=msgspec.Struct)
MADE_HEADERS = {"Location": {"description": "Where the job is.", "schema": {"type": "string"}}, **RETRY_HEADER}
_GIVEN_BACK = ("trust_root", "as_of", "method", "limit")


def find(
    kind: FindingKind,
    query: dict[str, Any],
    *,
    topics: tuple[Topic, ...] = (),
    account: AccountName | None = None,
    message: str | None = None,
    question: QuestionRequest | None = None,
) -> FindingFacts | Job:
    """Return the finding that a query asks for, or the job that makes it; waits as long as the caller prefers to.

    Without `as_of` one made earlier today serves, as long as neither the data set nor what is left out of it has
    changed. Raises ProblemError.
    """
    asked, root = _asked(kind, query, topics=topics, account=account, message=message, question=question)
    facts = context().store.findings.get(owner(), _id(asked))
    if facts is not None:
        return facts
    if account is not None:
        _reject_stranger(query["dataset"], account)
    job, _ = wait_for(_job(asked, root), preferred_wait_s())
    if job.error is not None:
        raise ProblemError(job.error.code, job.error.detail)
    return context().store.findings.get(owner(), _id(asked)) or job


def _reject_stranger(dataset_id: str, account: AccountName) -> None:
    """Refuse an account that is not in the data set, before there is a job: only who never was here would get one."""
    try:
        is_known = context().store.datasets.has_person(owner(), dataset_id, account.account)
    except LookupError:
        raise unknown_dataset(dataset_id) from None
    reject_unknown(account.network, account.account, is_known=is_known)


def kept(kind: FindingKind, query: dict[str, Any], topics: tuple[Topic, ...]) -> FindingFacts | None:
    """Return the finding that a query asks for where it was made already, and never make it."""
    try:
        asked, _ = _asked(kind, query, topics=topics, account=None, message=None, question=None)
    except ProblemError:
        return None
    return context().store.findings.get(owner(), _id(asked))


def made_by_job(
    resource: Resource,
    rule: str,
    query: type[Schema],
    kind: Any,
    *,
    description: str,
    example: Any,
    made: str = "A job makes the list: ask again.",
) -> Callable[[View], View]:
    """Route an address to a view that answers with what a query asks for, or with the job that makes it."""

    def _decorate(view: View) -> View:
        view = resource.other_response(202, JobResponse, description=made, example=JOB_EXAMPLE, headers=MADE_HEADERS)(
            view
        )
        view = resource.response(200, kind, description=description, example=example)(view)
        route = resource.operation(
            "GET", rule, scope="read", problems=("not_found", "invalid", "queue_full"), parameters=[PREFER]
        )
        return route(resource.query(query)(view))

    return _decorate


def page_rows(facts: FindingFacts, kind: type[Row], query: dict[str, Any]) -> tuple[list[Row], str | None]:
    """Return the rows of a page of a finding, and where the next begins, None on the last."""
    return cut(lambda first: context().store.findings.rows(facts, kind, first), query)


def made_from(facts: FindingFacts) -> dict[str, Any]:
    """Return what every page of a finding says of the whole."""
    asked = facts.request
    return {
        "dataset": str(asked.dataset),
        "as_of": asked.as_of,
        "method": facts.method,
        "trust_root": fill(TrustRootRef, asked.trust_root),
        "total": facts.total,
    }


def accepted(job: Job) -> tuple[JobResponse, int, dict[str, str]]:
    """Answer with the job that makes what was asked for."""
    return job_response(job), 202, {"Location": job_url(job.id), "Retry-After": POLL_AFTER_S}


def _asked(
    kind: FindingKind,
    query: dict[str, Any],
    *,
    topics: tuple[Topic, ...],
    account: AccountName | None,
    message: str | None,
    question: QuestionRequest | None,
) -> tuple[JobRequest, TrustRoot]:
    store, now = context().store, context().now()
    dataset = find_dataset(query["dataset"])
    if dataset is None:
        raise unknown_dataset(query["dataset"])
    if account is not None and account.network != dataset.network:
        raise invalid(Fault("/network", f"the data set is of {dataset.network}"))
    root = root_of(query["trust_root"], dataset.network)
    as_of: datetime = query.get("as_of") or now
    about = JobRequest(
        accounts=() if account is None else (account,),
        topics=topics,
        trust_root=AskedRoot.of(root),
        as_of=as_of,
        network=dataset.network,
        profile=dataset.profile,
        granted_rights=dataset.granted_rights,
        method=query["method"] or load_method().version,
        dataset=dataset.id,
        dataset_digest=dataset.digest,
        queue="interactive" if dataset.records <= MOST_INTERACTIVE_RECORDS else "batch",
    )
    name = _name(kind, about, query.get("as_of"), message=message, question=question)
    finding = FindingRequest(
        kind=kind,
        id=name,
        query=_given(kind, query),
        message=message,
        question=question,
        suppressions=store.suppression.version(),
    )
    return msgspec.structs.replace(about, finding=finding), root


def _name(
    kind: FindingKind,
    about: JobRequest,
    as_of: datetime | None,
    *,
    message: str | None,
    question: QuestionRequest | None,
) -> str:
    """Name a finding after all that it is made from; without `as_of` it is the same for the whole day."""
    store = context().store
    changed: list[object] = [store.suppression.version(), store.disputes.decisions(owner())]
    if kind in {"account_topics", "dataset_topics"}:
        changed += store.topics.list(owner())
    day = context().now().replace(hour=0, minute=0, second=0, microsecond=0)
    dated = msgspec.structs.replace(about, as_of=as_of or day)
    dated_question = question and msgspec.structs.replace(question, as_of=dated.as_of)
    made_from = msgspec.json.encode([kind, owner(), message, dated_question, dated, as_of is None, *changed])
    return f"fi_{hashlib.sha256(made_from).hexdigest()[:32]}"


def _given(kind: FindingKind, query: dict[str, Any]) -> dict[str, str]:
    """Return what the list's address is given beside its path: what the caller left open stays open."""
    if kind == "question":
        return {}
    names = ("as_of",) if kind in QUESTION_KINDS else _GIVEN_BACK
    given = {name: query[name] for name in names if query.get(name) and name in request.args}
    return {name: show_instant(value) if name == "as_of" else str(value) for name, value in given.items()}


def _id(asked: JobRequest) -> str:
    return str(asked.finding and asked.finding.id)


def _job(asked: JobRequest, root: TrustRoot) -> Job:
    """Return the job that makes a finding: the one under way, or a new one."""
    jobs, name = context().store.jobs, f"job_{_id(asked)[3:27]}"
    there = jobs.get(owner(), name)
    if there is not None and not there.ended:
        return there
    if context().store.jobs.count_open() >= context().settings.max_open_jobs:
        raise ProblemError("queue_full", "There are too many open jobs.", headers={"Retry-After": "5"})
    job = Job(
        id=name if there is None else new_job_id(),
        owner=owner(),
        request=asked,
        progress=Progress(done=0, total=1, stage="queued"),
        created_at=context().now(),
        request_id=request_id(),
        dedup_key=dedup_key(owner(), asked, None, dated=True),
    )
    return jobs.create(job, None, root)


def root_of(named: str, network: str) -> TrustRoot:
    """Return the root of that id, kind or digest, without who is left out of the service. Raises ProblemError 422."""
    if named in {"network", "none"}:
        return FACE_VALUE if named == "network" else NO_ROOT
    store = context().store
    found = find_root(named)
    if found is None and named.startswith("sha256:"):
        try:
            found = store.job_roots.get(owner(), AskedRoot(id=None, kind="accounts", digest=named, size=1))
        except LookupError:
            found = None
    if found is None:
        raise invalid(
            Fault("/trust_root", no_trust_root(named, (each.id for each in store.trust_roots.facts(owner()))))
        )
    if found.network not in {None, network}:
        raise invalid(Fault("/trust_root", f"the root names accounts on {found.network}, the data set is of {network}"))
    return found.without(store.suppression.among(network, (account.account for account in found.accounts)))
