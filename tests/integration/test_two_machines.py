"""Two machines, as far as Candor can tell: launchers that share nothing but the Redis and the data directory."""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec
import pytest
import requests

from candor.scoring.method import load_method
from candor.scoring.score import score
from candor.scoring.topics import Topic
from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.store import open_store
from candor.store.jobs import part_id
from candor.store.models import AskedRoot
from lab.speed.community import community
from tests.integration.waiting import PATIENCE_S
from worker import jobs
from worker.context import CURRENT, WorkerContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from candor.scoring.board_row import BoardRow
    from candor.store.models import Job
    from tests.conftest import NewJob
    from tests.integration.conftest import Stack
    from tests.integration.shell import Shell

TOPICS = tuple(Topic(id=f"other-{n}", label=f"Other {n}", hashtags=(f"other-{n}",)) for n in range(6))
ROOT = TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=f"u{n}") for n in range(10)))


@pytest.fixture
def everybody(stack: Stack, new_job: NewJob) -> Callable[[str], Job]:
    """Submits a job about everybody in a community of an owner's, on six topics."""
    lines = [msgspec.json.encode(activity) for activity in community(5_000)]

    def submit(owner: str) -> Job:
        facts = {"network": "custom:demo", "profile": "qa", "granted_rights": False}
        town = stack.store.datasets.put(owner, "town", lines=lines, **facts)
        job = new_job(owner=owner, accounts=(), dataset=town.id, dataset_digest=town.digest)
        request = msgspec.structs.replace(job.request, topics=TOPICS, trust_root=AskedRoot.of(ROOT), profile="qa")
        job = msgspec.structs.replace(job, request=request)
        stack.store.jobs.create(job, root=ROOT)
        return job

    return submit


@pytest.fixture
def rank_here(stack: Stack) -> Iterator[Callable[[Job], None]]:
    """Runs a job in this process alone."""

    def run(job: Job) -> None:
        for name in (job.id, *(part_id(job.id, number) for number in range(len(TOPICS)))):
            jobs.score(job.owner, name)

    token = CURRENT.set(WorkerContext(stack.store, load_method(), score))
    yield run
    CURRENT.reset(token)


def parts_of(stack: Stack, job: Job) -> list[Job]:
    """The parts that the job has by now."""
    found = (stack.store.jobs.find(part_id(job.id, number)) for number in range(len(TOPICS)))
    return [part for part in found if part is not None]


def until_a_part_is_in_hand(stack: Stack, job: Job) -> int:
    """Wait until a worker has a part of the job in hand; return its process id."""
    workers, at_it = stack.store.workers, []
    parts = {part_id(job.id, number) for number in range(len(TOPICS))}
    stack.until(lambda: at_it.extend(each for each in workers.alive() if workers.held_by(each) in parts) or at_it)
    return int(stack.store.redis.hget(f"rq:worker:{at_it[0]}", "pid"))


def boards_of(stack: Stack, job: Job) -> list[list[BoardRow]]:
    """The rows of the job's boards, topic by topic."""
    boards = [stack.store.boards.get(job.owner, result.board_id) for result in stack.job(job).results]
    return [list(stack.store.boards.rows(board)) for board in boards]


def test_two_machines_share_the_topics_of_a_job_and_rank_as_one_process_does(
    stack: Stack, everybody: Callable[[str], Job], rank_here: Callable[[Job], None]
) -> None:
    rank_here(alone := everybody("alone"))
    machines = stack.launch(), stack.launch()
    job = everybody("both")
    busy = until_a_part_is_in_hand(stack, job)
    os.kill(busy, signal.SIGSTOP)
    before = sum(part.ended for part in parts_of(stack, job))
    stack.until(lambda: sum(part.ended for part in parts_of(stack, job)) > before + 1)  # so the other machine is at it
    os.kill(busy, signal.SIGCONT)
    assert stack.until_ended(job).status == "succeeded"
    assert [busy in launched.pids() for launched in machines].count(True) == 1
    assert [part.attempts for part in parts_of(stack, job)] == [1] * len(TOPICS)
    assert boards_of(stack, job) == boards_of(stack, alone)


@pytest.fixture
def in_use(shell: Shell, redis_url: str) -> dict[str, str]:
    """The variables of a machine whose data directory the store is used with."""
    with closing(open_store(redis_url, shell.folder / "first")) as store:
        store.identity.check()
    return {"CANDOR_REDIS_URL": redis_url, "CANDOR_DATA_DIR": str(shell.folder / "first")}


@pytest.mark.parametrize("command", [("api",), ("worker",), ("up",), ("keys", "create", "--name=second")])
def test_a_machine_without_the_shared_directory_does_not_start(
    shell: Shell, in_use: dict[str, str], command: tuple[str, ...]
) -> None:
    status, _, said = shell.run(*command, **{**in_use, "CANDOR_DATA_DIR": str(shell.folder / "second")})
    assert status == 1
    assert "the secret in" in said
    assert "mount it here" in said


def test_a_machine_that_only_copied_the_secret_does_not_start(shell: Shell, in_use: dict[str, str]) -> None:
    (shell.folder / "second").mkdir()
    shutil.copy(shell.folder / "first" / "secret", shell.folder / "second")
    status, _, said = shell.run("api", **{**in_use, "CANDOR_DATA_DIR": str(shell.folder / "second")})
    assert status == 1
    assert "the data directory" in said


def test_the_interface_is_not_ready_once_another_machine_has_adopted_the_store(
    shell: Shell, in_use: dict[str, str]
) -> None:
    _, url = shell.up(**in_use)
    assert requests.get(f"{url}/readyz", timeout=PATIENCE_S).status_code == 200
    status, _, said = shell.run("store", "adopt", **{**in_use, "CANDOR_DATA_DIR": str(shell.folder / "second")})
    assert status == 0
    assert "suppress again who was" in said
    assert "another secret or data directory" in requests.get(f"{url}/readyz", timeout=PATIENCE_S).json()["detail"]
