"""Gather: the records a job is scored from, out of its own body, a data set or the networks its accounts are on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.scoring.records import RecordReader
from candor.scoring.without import people_in, without
from candor.store.job_problems import DATASET_CHANGED, INPUTS_GONE, SUPPRESSED
from candor.store.models import Fetch
from worker.errors import GatherError
from worker.material import Material, question_of
from worker.networks import Networks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from candor.scoring.activity import Activity
    from candor.store.models import Job
    from worker.context import WorkerContext

FOR_A_LIST = Fetch(max_requests=100, max_posts=0)


def gather(context: WorkerContext, job: Job, tell: Callable[[int, int], None]) -> list[Material]:
    """Return the material of a job, one for each network. `tell` hears of posts read and requests made.

    Raises GatherError when there is none, WaitingError when a host asks to wait.
    """
    if job.request.fetch is not None:
        return Networks(context, job, job.request.fetch, tell).materials()
    try:
        activities, gaps = _inline(context, job) if job.request.dataset is None else _of_dataset(context, job)
    except LookupError as error:
        raise GatherError(INPUTS_GONE) from error
    network = job.request.network or job.request.accounts[0].network
    kept_out = _kept_out(context, job, network)
    out = {each for each in job.request.accounts if each.erased or each.account in kept_out}
    names = {each: each.account for each in job.request.accounts if each not in out}
    problems = dict.fromkeys(out, SUPPRESSED)
    root = job.request.trust_root.without(kept_out)
    if root.kind == "list":
        root, missing = Networks(context, job, FOR_A_LIST, tell).trust_root(network)
        gaps += missing
    question = question_of(context, job, network, names.values(), trust_root=root, gaps=gaps)
    return [Material(question, activities, names, problems)]


def _kept_out(context: WorkerContext, job: Job, network: str) -> set[str]:
    """Return whom the job names, itself or by its trust root, although they are kept out by now."""
    asked = [each.account for each in job.request.accounts]
    trusted = [each.account for each in job.request.trust_root.accounts]
    return context.store.suppression.among(network, asked + trusted)


def _inline(context: WorkerContext, job: Job) -> tuple[Sequence[Activity], tuple[str, ...]]:
    reader = RecordReader()
    reader.feed(context.store.jobs.activities(job).splitlines())
    network = job.request.network or job.request.accounts[0].network
    kept_out = context.store.suppression.among(network, people_in(reader.activities))
    return without(reader.activities, kept_out), ()


def _of_dataset(context: WorkerContext, job: Job) -> tuple[Sequence[Activity], tuple[str, ...]]:
    """Return the records, and of an export what it does not show."""
    name = str(job.request.dataset)
    dataset = context.store.datasets.get(job.owner, name)
    if dataset is not None and job.request.dataset_digest not in {None, dataset.digest}:
        raise GatherError(DATASET_CHANGED)
    gaps = () if dataset is None or dataset.archive is None else (dataset.archive.shows,)
    return context.store.datasets.activities(job.owner, name), gaps
