"""A job as it is answered: how far it is, what it made and what was asked."""

from __future__ import annotations

import contextlib
import itertools
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Meta, Struct

from candor.scoring.activity import Instant
from candor.scoring.gaps import NO_RECORD, TRUSTED_ABSENT
from candor.scoring.made_from import TrustRootRef
from candor.scoring.method import load_method
from candor.scoring.record_counts import Counts, References
from candor.store.client import DamagedValueError
from candor.store.models import FetchBudget, JobStatus, Problem, Progress
from service.board_notes import note_of
from service.components import fill
from service.context import context
from service.link_notes import note_on_links_of
from service.missing_accounts import missing_accounts

if TYPE_CHECKING:
    from candor.store.models import AccountName, BoardFacts, Job, JobRequest, JobResult


class Account(Struct, frozen=True, kw_only=True):
    """An account on a network."""

    network: Annotated[str, Meta(description="The network, such as `stackexchange:travel` or `custom:beer`.")]
    account: Annotated[str, Meta(description="The account's id there.")]


class JobResultResponse(Struct, frozen=True, kw_only=True):
    """What the job made for one account, or for everybody, on one topic."""

    account: Annotated[Account | None, Meta(description="The account; null for everybody.")]
    topic: Annotated[str, Meta(description="Id of the topic.")]
    score_id: Annotated[str | None, Meta(description="Id of the score, or null.")]
    score_url: Annotated[str | None, Meta(description="Where the score is, or null.")]
    board_id: Annotated[str | None, Meta(description="Id of the board of everybody, or null.")]
    board_url: Annotated[str | None, Meta(description="Where this very board is, or null.")]
    problem: Annotated[Problem | None, Meta(description="Why there is none, or null.")]
    reused: Annotated[
        bool, Meta(description="Whether the score was there before (`max_age_s`), and nothing was fetched.")
    ]


class JobRequestResponse(Struct, frozen=True, kw_only=True):
    """What was asked, defaults filled in."""

    accounts: Annotated[tuple[Account, ...], Meta(description="Whom to score.")]
    topics: Annotated[tuple[str, ...], Meta(description="Ids of the topics.")]
    trust_root: Annotated[
        TrustRootRef,
        Meta(description="Whose word counts, as it was when the job was accepted; a list is read when the job runs."),
    ]
    as_of: Annotated[Instant, Meta(description="Only what happened before this time is read.")]
    window_days: Annotated[int, Meta(description="How many days back.")]
    network: Annotated[
        str | None, Meta(description="The network that the records come from; null where they are several.")
    ]
    profile: Annotated[str | None, Meta(description="The weights asked for; null where the network has its own.")]
    method: Annotated[str | None, Meta(description="Version of the method.")]
    granted_rights: Annotated[bool, Meta(description="Whether the source vouches for the right to take changes.")]
    dataset: Annotated[str | None, Meta(description="The data set read, or null.")]
    fetch: Annotated[FetchBudget | None, Meta(description="How much may be read from networks; null where nothing is.")]
    max_age_s: Annotated[
        int | None, Meta(description="How old a score may be that is answered again, in seconds; null: none is.")
    ]
    webhook: Annotated[str | None, Meta(description="The webhook that is told when the job has ended, or null.")]


class JobUrls(Struct, frozen=True, kw_only=True):
    """Addresses that belong to a job."""

    self: Annotated[str, Meta(description="The job itself.")]
    cancel: Annotated[str, Meta(description="POST here to cancel it.")]


class JobResponse(Struct, frozen=True, kw_only=True):
    """A scoring job."""

    id: Annotated[str, Meta(description="Its id.")]
    status: Annotated[
        JobStatus,
        Meta(description="queued, running, succeeded, failed or canceled; the last three are final."),
    ]
    created_at: Annotated[Instant, Meta(description="When it was accepted.")]
    started_at: Annotated[Instant | None, Meta(description="When a worker took it, or null.")]
    finished_at: Annotated[Instant | None, Meta(description="When it ended, or null.")]
    progress: Annotated[Progress, Meta(description="How far it is.")]
    results: Annotated[tuple[JobResultResponse, ...], Meta(description="A score or a problem per account and topic.")]
    error: Annotated[Problem | None, Meta(description="Why the job failed, or null.")]
    received: Annotated[
        Counts | None, Meta(description="What was seen while reading `activities`; null where there are none.")
    ]
    references: Annotated[
        References | None, Meta(description="Which of these `activities` act on which; null where there are none.")
    ]
    result_url: Annotated[
        str | None,
        Meta(description="Where the list is that the job makes of a data set; null where it makes scores or boards."),
    ]
    note: Annotated[
        str | None,
        Meta(
            description="What to know of the request, in words: that it trusts nobody; once it has ended, that none of "
            "the trusted accounts, or not all of them, are in the records, or that one of the first three accounts "
            "asked about is not; else null."
        ),
    ]
    request: Annotated[JobRequestResponse, Meta(description="What was asked.")]
    urls: Annotated[JobUrls, Meta(description="Addresses that belong to it.")]


_MOST_LOOKED_AT = 3
"""Of so many accounts that a job is about the scores are looked at for its note: a page of jobs reads them all."""
_TRUSTS_NOBODY = (
    "No trust root is named, so nobody is trusted and there is no expertise score, only interest. Say whose word "
    "counts with `trust_root`: the id of a trust root, one as an object, or `network` for everybody alike."
)
ACCOUNT_EXAMPLE = Account(network="custom:space", account="u19")
COUNTS_EXAMPLE = Counts(records=3)
JOB_EXAMPLE = JobResponse(
    id="job_5b0c2f6d1f7a4c0e9a43",
    status="succeeded",
    created_at=datetime(2026, 11, 1, 9, tzinfo=UTC),
    started_at=datetime(2026, 11, 1, 9, 0, 1, tzinfo=UTC),
    finished_at=datetime(2026, 11, 1, 9, 0, 2, tzinfo=UTC),
    progress=Progress(done=1, total=1, stage="done"),
    results=(
        JobResultResponse(
            account=ACCOUNT_EXAMPLE,
            topic="space-technology",
            score_id="sc_3f",
            score_url="/v1/scores/sc_3f",
            board_id=None,
            board_url=None,
            problem=None,
            reused=False,
        ),
    ),
    error=None,
    received=COUNTS_EXAMPLE,
    references=References(answering=2),
    result_url=None,
    note=None,
    request=JobRequestResponse(
        accounts=(ACCOUNT_EXAMPLE,),
        topics=("space-technology",),
        trust_root=TrustRootRef(id=None, kind="network", digest="sha256:11e0…", size=0),
        as_of=datetime(2026, 11, 1, tzinfo=UTC),
        window_days=1825,
        network="custom:space",
        profile="qa",
        method=load_method().version,
        granted_rights=False,
        dataset=None,
        fetch=None,
        max_age_s=None,
        webhook=None,
    ),
    urls=JobUrls(self="/v1/jobs/job_5b0c2f6d1f7a4c0e9a43", cancel="/v1/jobs/job_5b0c2f6d1f7a4c0e9a43/cancel"),
)


def job_response(job: Job) -> JobResponse:
    """Return a job as it is answered."""
    url = job_url(job.id)
    return fill(
        JobResponse,
        job,
        results=tuple(_result(result) for result in job.results),
        received=job.request.received,
        references=job.request.references,
        result_url=finding_url(job.request),
        note=_note(job),
        request=_request(job.request),
        urls=JobUrls(self=url, cancel=f"{url}/cancel"),
    )


class _Inputs(Struct):
    gaps: tuple[str, ...]


class _Score(Struct):
    """What is read of a score here."""

    inputs: _Inputs


def _with_names(note: str | None, facts: BoardFacts, job: Job) -> str | None:
    """Return the note of a board, with the accounts that it counts as absent."""
    if not facts.absent or job.request.dataset is None:
        return note
    named = None
    with contextlib.suppress(LookupError, DamagedValueError):  # the root is kept as long as jobs under it are
        root = context().store.job_roots.get(job.owner, job.request.trust_root)
        named = missing_accounts(job.owner, job.request.dataset, [each.account for each in root.accounts])
    return " ".join(filter(None, (note, named and f"Missing: {named}.")))


def _note(job: Job) -> str | None:
    """Return what to know of a request; of whom is absent, what its first board or its first scores say."""
    if job.request.finding is not None:
        return None
    if job.results and (board := job.results[0].board_id) is not None and job.request.trust_root.kind != "none":
        facts = context().store.boards.readable(job.owner, board)
        return None if facts is None else _with_names(note_of(facts), facts, job)
    notes = [_TRUSTS_NOBODY] if job.request.trust_root.kind == "none" else []
    first: dict[AccountName | None, str] = {}
    for result in job.results:
        if result.score_id is not None:
            first.setdefault(result.account, result.score_id)
    for account, score_id in itertools.islice(first.items(), _MOST_LOOKED_AT):
        gaps = _gaps_of(job.owner, score_id)
        if not notes and (absent := next((gap for gap in gaps if gap.startswith(TRUSTED_ABSENT)), None)):
            notes.append(f"{absent[:1].upper()}{absent[1:]}.")
        if account is not None and (unknown := next((gap for gap in gaps if gap.startswith(NO_RECORD)), None)):
            notes.append(f'"{account.account}": {unknown}.')
    if job.results:
        notes += filter(None, [note_on_links_of(job.owner, job.request)])
    return " ".join(notes) or None


def _gaps_of(owner: str, score_id: str) -> tuple[str, ...]:
    try:
        stored = context().store.scores.get(owner, score_id)
    except DamagedValueError:  # the score itself says so where it is read
        return ()
    return () if stored is None else msgspec.json.decode(stored.body, type=_Score).inputs.gaps


def job_url(job_id: str) -> str:
    """Return where a job is."""
    return f"/v1/jobs/{job_id}"


def finding_url(request: JobRequest) -> str | None:
    """Return where the list that a job makes is asked for again as it was; None where it makes none.

    It is made of what the job keeps, so that it names nobody whom the job does not.
    """
    finding = request.finding
    if finding is None:
        return None
    dataset, message = f"/v1/datasets/{request.dataset}", _in_path(finding.message or "")
    account = "".join(f"/v1/accounts/{_in_path(each.network)}/{_in_path(each.account)}" for each in request.accounts)
    topic = "".join(f"/v1/topics/{_in_path(each.id)}" for each in request.topics[:1])
    named = {"dataset": str(request.dataset)}
    place, query = {
        "messages": (f"{topic}/messages", named),
        "message": (f"{dataset}/messages/{message}", {}),
        "account_topics": (f"{account}/topics", named),
        "dataset_topics": (f"{dataset}/topics", {}),
        "question": (f"/v1/questions/{finding.id}", {}),
        "dataset_questions": (f"{dataset}/questions", {}),
        "account_questions": (f"{account}/questions", named),
    }[finding.kind]
    query = {**query, **finding.query}
    return f"{place}?{urlencode(query)}" if query else place


def _in_path(text: str) -> str:
    return quote(text, safe=":@!$'()*,")


def _result(result: JobResult) -> JobResultResponse:
    return fill(
        JobResultResponse,
        result,
        account=None if result.account is None else fill(Account, result.account),
        score_url=None if result.score_id is None else f"/v1/scores/{result.score_id}",
        board_url=None if result.board_id is None else f"/v1/boards/{result.board_id}",
    )


def _request(request: JobRequest) -> JobRequestResponse:
    return fill(
        JobRequestResponse,
        request,
        accounts=tuple(fill(Account, account) for account in request.accounts),
        topics=tuple(topic.id for topic in request.topics),
        trust_root=fill(TrustRootRef, request.trust_root),
    )
