"""The page of a job: how far it is, what it waits for, and what it has made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec
from flask import redirect, request

from candor.scoring.trust_root import root_names
from service.api.boards import explain
from service.auth import owner
from service.context import context
from service.problems import ProblemError
from service.schemas.job_requests import JobBodySchema
from service.submission import Submission, preferred_wait_s, wait_for
from service.web.rendering import own_path, render_page

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from candor.scoring.topics import Topic
    from candor.store.models import Job, JobResult

EXPLAIN_WAIT_S = 10
STAGES = ("queued", "gathering", "scoring", "saving")
RESULTS_SHOWN = 100


class _Account(msgspec.Struct, frozen=True):
    kind: str
    name: str | None


class _Side(msgspec.Struct, frozen=True):
    status: str
    score: float | None


class Summary(msgspec.Struct, frozen=True):
    """What a list of scores shows of each."""

    account: _Account
    expertise: _Side
    interest: _Side


@dataclass(frozen=True)
class ResultRow:
    """A result with the address it leads to, its topic, and a summary where it is a score."""

    result: JobResult
    url: str | None
    topic: Topic | None
    summary: Summary | None


def submit(body: dict[str, Any]) -> str:
    """Submit a job as POST /v1/jobs does, and return its id. Raises ProblemError, or marshmallow's ValidationError."""
    return context().store.jobs.create(*Submission(owner(), JobBodySchema().load(body)).accept()).id


def explained() -> Job:
    """Return the job that explains the account of a board that a form names, once it has ended or after some seconds.

    Raises ProblemError 404 where the board or the account is not there.
    """
    return wait_for(explain(request.form.get("board", ""), request.form.get("account", "")), EXPLAIN_WAIT_S)[0]


def to_progress(job_id: str, then: str | None = None) -> AnyResponse:
    """Redirect to the progress of a job; one that succeeds leads to the page `then`, a path of ours."""
    query = "" if then is None else "?" + urlencode({"next": then})
    return redirect(f"/progress/{job_id}{query}", 303)


def result_url(result: JobResult) -> str | None:
    """Return the address of what a job made: a card, or a map of everybody."""
    if result.score_id is not None:
        return f"/card/{result.score_id}"
    return None if result.board_id is None else f"/map?board={result.board_id}"


def map_url(job: Job, topic: str) -> str:
    """Return the address of the page that shows everybody in a job's data set on a topic."""
    root = root_names(job.request.trust_root)[0]
    return "/map?" + urlencode({"dataset": job.request.dataset, "topic": topic, "trust_root": root})


def show_progress(job_id: str) -> AnyResponse:
    """Show a job, after the time the caller would wait; a single result, or what a page asks for, leads there."""
    job = context().store.jobs.get(owner(), job_id)
    if job is None:
        raise ProblemError("not_found", "There is no such job.")
    job, _ = wait_for(job, 0 if job.ended else preferred_wait_s())
    urls = [url for result in job.results if (url := result_url(result)) is not None]
    if job.status == "succeeded" and (then := own_path(request.args.get("next"))) is not None:
        return redirect(then, 303)
    if job.status == "succeeded" and len(urls) == len(job.results) == 1:
        return redirect(urls[0], 303)
    return render_page(
        "progress.html",
        job=job,
        stages=_stages(job),
        rows=[_row(result, job) for result in job.results[:RESULTS_SHOWN]],
        maps=_maps(job) if job.request.accounts else [],
        ticked=request.args.getlist("score"),
        choose="choose" in request.args,
        can_be_repeated=_can_be_repeated(job),
    )


def cancel_job(job_id: str) -> AnyResponse:
    """Cancel a job, and show what became of it."""
    if context().store.jobs.cancel(owner(), job_id) is None:
        raise ProblemError("not_found", "There is no such job.")
    return to_progress(job_id)


def try_again(job_id: str) -> AnyResponse:
    """Submit what a job asked again, of its data set as it is now. Raises ProblemError."""
    job = context().store.jobs.get(owner(), job_id)
    if job is None:
        raise ProblemError("not_found", "There is no such job.")
    if not _can_be_repeated(job):
        return to_progress(job_id)
    asked = job.request
    try:
        root = context().store.job_roots.get(owner(), asked.trust_root)
    except LookupError:
        raise ProblemError("not_found", "Whom this request trusted is no longer kept: choose them again.") from None
    accounts = [{"network": each.network, "account": each.account} for each in asked.accounts]
    body = {
        "accounts": accounts,
        "topics": [topic.id for topic in asked.topics],
        "dataset": asked.dataset,
        "as_of": asked.as_of.isoformat(),
        "window_days": asked.window_days,
        "fetch": asked.fetch and msgspec.to_builtins(asked.fetch),
    }
    given = JobBodySchema().load({name: said for name, said in body.items() if said is not None})
    given |= {"topics": list(asked.topics), "trust_root": root}
    return to_progress(context().store.jobs.create(*Submission(owner(), given).accept()).id)


def _can_be_repeated(job: Job) -> bool:
    """Say whether a job has something left to make: its records are there still, and nobody in it has left."""
    asked, made = job.request, all(result.problem is None for result in job.results)
    is_whole = job.status == "succeeded" and made
    is_kept = not asked.inline and asked.finding is None and not any(each.erased for each in asked.accounts)
    return job.ended and is_kept and not is_whole


def _stages(job: Job) -> list[tuple[str, str]]:
    """Say of each stage whether it is over, under way or still to come; waiting belongs to gathering."""
    now = "gathering" if job.progress.stage == "waiting" else job.progress.stage
    reached = STAGES.index(now) if now in STAGES else len(STAGES)
    return [
        (stage, "over" if place < reached else "now" if place == reached else "later")
        for place, stage in enumerate(STAGES)
    ]


def _maps(job: Job) -> list[tuple[str, Topic]]:
    """List the maps of everybody in the data set that a job was about."""
    if job.request.dataset is None or not job.ended:
        return []
    return [(map_url(job, topic.id), topic) for topic in job.request.topics]


def _row(result: JobResult, job: Job) -> ResultRow:
    topic = next((topic for topic in job.request.topics if topic.id == result.topic), None)
    return ResultRow(result, result_url(result), topic, _summary(result))


def name_of_asked(job: Job) -> str | None:
    """Return what the one person calls themselves whom a job was about, once there is a score."""
    if len(job.request.accounts) != 1 or not job.results:
        return None
    summary = _summary(job.results[0])
    return None if summary is None else summary.account.name


def _summary(result: JobResult) -> Summary | None:
    stored = None if result.score_id is None else context().store.scores.get(owner(), result.score_id)
    return None if stored is None else msgspec.json.decode(stored.body, type=Summary)
