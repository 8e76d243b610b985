"""Gather: the records a job is scored from, out of its own body, a data set or the networks its accounts are on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scoring.records import RecordReader
from store.job_problems import DATASET_CHANGED, INPUTS_GONE
from store.models import Fetch
from worker.errors import GatherError
from worker.material import Material, question_of
from worker.networks import Networks

if TYPE_CHECKING:
    from collections.abc import Callable

    from scoring.activity import Activity
    from store.models import Job
    from worker.desk import Desk

FOR_A_LIST = Fetch(max_requests=100, max_posts=0)


def gather(desk: Desk, job: Job, tell: Callable[[int, int], None]) -> list[Material]:
    """Return the material of a job, one for each network. `tell` hears of posts read and requests made.

    Raises GatherError when there is none, WaitingError when a host asks to wait.
    """
    if job.request.fetch is not None:
        return Networks(desk, job, job.request.fetch, tell).materials()
    try:
        activities = _inline(desk, job) if job.request.dataset is None else _of_dataset(desk, job, job.request.dataset)
    except LookupError as error:
        raise GatherError(INPUTS_GONE) from error
    names = {account: account.account for account in job.request.accounts}
    network = job.request.accounts[0].network
    more: dict[str, Any] = {}
    if job.request.trust_root.kind == "list":
        root, gaps = Networks(desk, job, FOR_A_LIST, tell).trust_root(network)
        more = {"trust_root": root, "gaps": gaps}
    return [Material(question_of(desk, job, network, names.values(), **more), activities, names)]


def _inline(desk: Desk, job: Job) -> list[Activity]:
    reader = RecordReader()
    reader.feed(desk.store.jobs.activities(job).splitlines())
    return reader.activities


def _of_dataset(desk: Desk, job: Job, dataset_id: str) -> list[Activity]:
    dataset = desk.store.datasets.get(job.owner, dataset_id)
    if dataset is not None and job.request.dataset_digest not in {None, dataset.digest}:
        raise GatherError(DATASET_CHANGED)
    return desk.store.datasets.activities(job.owner, dataset_id)
