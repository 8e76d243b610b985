"""The queue under fire: workers, launchers and Redis are killed, and no accepted job is lost or done twice."""

# ruff: noqa: T201 -- the measured seconds are worth seeing

from __future__ import annotations

import os
import random
import signal
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from candor.store.models import Job
    from tests.integration.conftest import Launched, Stack


def documents_of(stack: Stack, job: Job) -> list[str]:
    """The ids of the job's documents, each of which must be in the store."""
    ids = [result.score_id for result in job.results]
    assert all(stack.store.scores.get(job.owner, score_id) for score_id in ids)
    return ids


def test_a_job_whose_worker_is_killed_is_finished_by_another(running: Stack) -> None:
    job = running.submit("sleep-1")
    os.kill(running.until_running(job), signal.SIGKILL)
    killed_s = time.monotonic()
    ended = running.until_ended(job)
    print(f"worker killed: finished after {time.monotonic() - killed_s:.1f} s")
    assert (ended.status, ended.attempts, len(documents_of(running, ended))) == ("succeeded", 2, 1)


def test_a_job_whose_launcher_is_killed_with_its_workers_is_finished_by_another_launcher(running: Stack) -> None:
    launchers = running.launcher, running.launch()
    job = running.submit("sleep-1.1")
    worker = running.until_running(job)
    next(launched for launched in launchers if worker in launched.pids()).kill_all()
    killed_s = time.monotonic()
    ended = running.until_ended(job)
    print(f"launcher killed with its workers: finished after {time.monotonic() - killed_s:.1f} s")
    assert (ended.status, len(documents_of(running, ended))) == ("succeeded", 1)


def test_workers_whose_launcher_is_killed_finish_their_job_and_end(running: Stack) -> None:
    job = running.submit("sleep-1.2")
    worker = running.until_running(job)
    os.kill(running.launcher.process.pid, signal.SIGKILL)
    assert running.until_ended(job).attempts == 1
    running.until(lambda: not running.runs(worker))


def test_workers_left_without_launcher_and_redis_end_at_once(running: Stack) -> None:
    launched = running.launcher
    job = running.submit("sleep-3")
    running.until_running(job)
    workers = launched.pids()
    for pid in (running.server.pid, launched.process.pid):
        os.kill(pid, signal.SIGKILL)
    running.until(lambda: not any(running.runs(pid) for pid in workers))
    running.server.start()
    running.store.jobs.cancel("local", job.id)


def test_nothing_accepted_is_lost_and_no_worker_is_gone_when_redis_is_away_for_8_s(running: Stack) -> None:
    launched = running.launcher
    workers = launched.pids()
    jobs = [running.submit("sleep-3.1"), *(running.submit(f"sleep-0.0{number}") for number in range(10, 20))]
    running.until_running(jobs[0])
    os.kill(running.server.pid, signal.SIGKILL)
    time.sleep(8)
    running.server.start()
    back_s = time.monotonic()
    ended = [running.until_ended(job) for job in jobs]
    print(f"Redis away for 8 s: all finished {time.monotonic() - back_s:.1f} s after its return")
    assert {job.status for job in ended} == {"succeeded"}
    begun = sum(job.attempts for job in ended)  # a busy machine may keep a worker from its lease for three seconds more
    assert len(jobs) <= begun <= len(jobs) + 1, running.log()
    running.until(lambda: launched.pids() == workers)


def test_sigterm_lets_the_job_in_hand_finish_and_leaves_the_others_queued(running: Stack) -> None:
    in_hand, waiting = running.submit("sleep-1.3"), running.submit("sleep-0.01")
    running.until_running(in_hand)
    assert running.launcher.stop() == 0
    assert running.job(in_hand).status == "succeeded"
    assert running.job(waiting).status == "queued"
    running.launch()
    assert running.until_ended(waiting).status == "succeeded"


def test_a_job_that_outlasts_the_grace_goes_back_without_counting_the_attempt(running: Stack) -> None:
    running.launcher.stop()
    launched = running.launch(CANDOR_GRACE_S="1")
    job = running.submit("sleep-2")
    running.until_running(job)
    assert launched.stop() == 0
    assert (running.job(job).status, running.job(job).attempts) == ("queued", 0)
    running.launch()
    assert running.until_ended(job).status == "succeeded"


def test_sigterm_to_a_worker_lets_it_finish_its_job_and_another_takes_its_place(running: Stack) -> None:
    in_hand, following = running.submit("sleep-1.4"), running.submit("sleep-0.02")
    worker = running.until_running(in_hand)
    os.kill(worker, signal.SIGTERM)
    assert running.until_ended(following).status == "succeeded"
    assert (running.job(in_hand).status, running.job(in_hand).attempts) == ("succeeded", 1)
    assert worker not in running.launcher.pids()


def test_a_job_that_takes_too_long_fails_and_its_worker_goes_on(
    running: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running.store.queue, "time_limits_s", {"interactive": 1, "batch": 1})
    runaway, following = running.submit("sleep-30"), running.submit("sleep-0.03")
    worker = running.until_running(runaway)
    ended = running.until_ended(runaway)
    assert ended.error is not None
    assert (ended.status, ended.error.code) == ("failed", "timed_out")
    assert running.until_ended(following).status == "succeeded"
    assert running.runs(worker)


def test_a_job_that_kills_its_workers_fails_after_three_attempts_while_others_go_on(running: Stack) -> None:
    poison, harmless = running.submit("poison"), running.submit("sleep-0.04")
    ended = running.until_ended(poison)
    assert ended.error is not None
    assert (ended.status, ended.error.code, ended.attempts) == ("failed", "worker_died", 3)
    assert running.until_ended(harmless).status == "succeeded"


def test_one_account_never_waits_behind_a_community_that_is_ranked(running: Stack) -> None:
    batch = running.worker_of("batch")
    os.kill(batch, signal.SIGSTOP)  # ranking, for as long as we like
    community = running.submit_whole("sleep-0.05", "sleep-0.06", "sleep-0.07")
    clicks = [running.submit(f"sleep-0.0{number}") for number in range(20, 24)]
    assert {running.until_ended(click).status for click in clicks} == {"succeeded"}
    assert not running.job(community).ended
    os.kill(batch, signal.SIGCONT)
    assert running.until_ended(community).status == "succeeded"


def test_a_running_job_stops_when_it_is_canceled_and_its_worker_goes_on(running: Stack) -> None:
    job, following = running.submit(*(f"sleep-0.{number}" for number in range(31, 60))), running.submit("sleep-0.08")
    running.until_running(job)
    canceled = running.store.jobs.cancel("local", job.id)
    assert canceled is not None
    assert canceled.status == "canceled"
    assert running.until_ended(following).status == "succeeded"
    assert running.job(job) == canceled


def test_a_saved_job_that_never_reached_its_queue_is_found(running: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running.store.queue, "push_new", lambda *_: None)
    job = running.submit("sleep-0.09")
    assert running.until_ended(job).status == "succeeded"


@pytest.fixture(scope="module")
def crowd(lasting_stack: Stack) -> Iterator[Launched]:
    """Four workers, to be killed at random."""
    for launched in lasting_stack.launched:
        launched.stop()
    launched = lasting_stack.launch(CANDOR_WORKERS="4")
    yield launched
    launched.stop()


def kill_until_all_ended(stack: Stack, crowd: Launched, jobs: Sequence[Job], most: int) -> list[Job]:
    """Kill so many workers, one after the other, until the jobs have ended; return the jobs."""
    chance, kills, left, started_s = random.Random(7), 0, jobs, time.monotonic()
    while left := [job for job in left if not stack.job(job).ended]:
        assert time.monotonic() - started_s < 180
        if kills < most and (alive := sorted(crowd.pids())):
            os.kill(chance.choice(alive), signal.SIGKILL)
            kills += 1
        time.sleep(0.3)
    print(f"{len(jobs)} jobs, {kills} kills: {time.monotonic() - started_s:.1f} s")
    assert kills
    assert stack.store.redis.scard("candor:jobs:active") == 0
    return [stack.job(job) for job in jobs]


def test_100_jobs_end_exactly_once_each_while_workers_are_killed(lasting_stack: Stack, crowd: Launched) -> None:
    jobs = [lasting_stack.submit(f"sleep-0.0{100 + number}") for number in range(100)]
    ended = kill_until_all_ended(lasting_stack, crowd, jobs, 5)
    assert {job.status for job in ended} == {"succeeded"}
    assert all(len(documents_of(lasting_stack, job)) == 1 for job in ended)


def test_everybody_is_ranked_once_on_each_topic_while_workers_are_killed(lasting_stack: Stack, crowd: Launched) -> None:
    job = lasting_stack.submit_whole(*(f"topic-{number}" for number in range(6)))
    (ended,) = kill_until_all_ended(lasting_stack, crowd, [job], 3)
    boards = {result.board_id for result in ended.results}
    assert (ended.status, ended.progress.done, len(boards)) == ("succeeded", 6, 6)
    assert all(lasting_stack.store.boards.get(job.owner, result.board_id) for result in ended.results)
