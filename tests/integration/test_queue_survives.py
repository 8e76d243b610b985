"""The queue under fire: workers, launchers and Redis are killed, and no accepted job is lost or done twice."""

# ruff: noqa: T201 -- the measured seconds are worth seeing

from __future__ import annotations

import os
import random
import signal
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from candor.store.models import Job
    from tests.integration.conftest import Stack


def documents_of(stack: Stack, job: Job) -> list[str]:
    """The ids of the job's documents, each of which must be in the store."""
    ids = [result.score_id for result in job.results]
    assert all(stack.store.scores.get(job.owner, score_id) for score_id in ids)
    return ids


def test_a_job_whose_worker_is_killed_is_finished_by_another(stack: Stack) -> None:
    stack.launch()
    job = stack.submit("sleep-1")
    os.kill(stack.until_running(job), signal.SIGKILL)
    killed_s = time.monotonic()
    ended = stack.until_ended(job)
    print(f"worker killed: finished after {time.monotonic() - killed_s:.1f} s")
    assert (ended.status, ended.attempts, len(documents_of(stack, ended))) == ("succeeded", 2, 1)


def test_a_job_whose_launcher_is_killed_with_its_workers_is_finished_by_another_launcher(stack: Stack) -> None:
    launchers = stack.launch(), stack.launch()
    job = stack.submit("sleep-1")
    worker = stack.until_running(job)
    next(launched for launched in launchers if worker in launched.pids()).kill_all()
    killed_s = time.monotonic()
    ended = stack.until_ended(job)
    print(f"launcher killed with its workers: finished after {time.monotonic() - killed_s:.1f} s")
    assert (ended.status, len(documents_of(stack, ended))) == ("succeeded", 1)


def test_workers_whose_launcher_is_killed_finish_their_job_and_end(stack: Stack) -> None:
    launched = stack.launch()
    job = stack.submit("sleep-1")
    worker = stack.until_running(job)
    os.kill(launched.process.pid, signal.SIGKILL)
    assert stack.until_ended(job).attempts == 1
    stack.until(lambda: not stack.runs(worker))


def test_workers_left_without_launcher_and_redis_end_at_once(stack: Stack) -> None:
    launched = stack.launch()
    job = stack.submit("sleep-3")
    stack.until_running(job)
    workers = launched.pids()
    for pid in (stack.server.pid, launched.process.pid):
        os.kill(pid, signal.SIGKILL)
    stack.until(lambda: not any(stack.runs(pid) for pid in workers))


def test_nothing_accepted_is_lost_and_no_worker_is_gone_when_redis_is_away_for_8_s(stack: Stack) -> None:
    launched = stack.launch()
    workers = launched.pids()
    jobs = [stack.submit("sleep-3"), *(stack.submit(f"sleep-0.0{number}") for number in range(1, 20))]
    stack.until_running(jobs[0])
    os.kill(stack.server.pid, signal.SIGKILL)
    time.sleep(8)
    stack.server.start()
    back_s = time.monotonic()
    ended = [stack.until_ended(job) for job in jobs]
    print(f"Redis away for 8 s: all finished {time.monotonic() - back_s:.1f} s after its return")
    assert {(job.status, job.attempts) for job in ended} == {("succeeded", 1)}
    stack.until(lambda: launched.pids() == workers)


def test_sigterm_lets_the_job_in_hand_finish_and_leaves_the_others_queued(stack: Stack) -> None:
    launched = stack.launch()
    in_hand, waiting = stack.submit("sleep-1"), stack.submit("sleep-0.01")
    stack.until_running(in_hand)
    assert launched.stop() == 0
    assert stack.job(in_hand).status == "succeeded"
    assert stack.job(waiting).status == "queued"
    stack.launch()
    assert stack.until_ended(waiting).status == "succeeded"


def test_a_job_that_outlasts_the_grace_goes_back_without_counting_the_attempt(stack: Stack) -> None:
    launched = stack.launch(CANDOR_GRACE_S="1")
    job = stack.submit("sleep-2")
    stack.until_running(job)
    assert launched.stop() == 0
    assert (stack.job(job).status, stack.job(job).attempts) == ("queued", 0)
    stack.launch()
    assert stack.until_ended(job).status == "succeeded"


def test_sigterm_to_a_worker_lets_it_finish_its_job_and_another_takes_its_place(stack: Stack) -> None:
    launched = stack.launch()
    in_hand, following = stack.submit("sleep-1"), stack.submit("sleep-0.01")
    worker = stack.until_running(in_hand)
    os.kill(worker, signal.SIGTERM)
    assert stack.until_ended(following).status == "succeeded"
    assert (stack.job(in_hand).status, stack.job(in_hand).attempts) == ("succeeded", 1)
    assert worker not in launched.pids()


def test_a_job_that_takes_too_long_fails_and_its_worker_goes_on(stack: Stack) -> None:
    stack.launch()
    stack.store.queue.time_limits_s = {"interactive": 1, "batch": 1}
    runaway, following = stack.submit("sleep-30"), stack.submit("sleep-0.01")
    worker = stack.until_running(runaway)
    ended = stack.until_ended(runaway)
    assert ended.error is not None
    assert (ended.status, ended.error.code) == ("failed", "timed_out")
    assert stack.until_ended(following).status == "succeeded"
    assert stack.runs(worker)


def test_a_job_that_kills_its_workers_fails_after_three_attempts_while_others_go_on(stack: Stack) -> None:
    stack.launch()
    poison, harmless = stack.submit("poison"), stack.submit("sleep-0.01")
    ended = stack.until_ended(poison)
    assert ended.error is not None
    assert (ended.status, ended.error.code, ended.attempts) == ("failed", "worker_died", 3)
    assert stack.until_ended(harmless).status == "succeeded"


def test_one_account_never_waits_behind_a_community_that_is_ranked(stack: Stack) -> None:
    stack.launch()
    batch = stack.worker_of("batch")
    os.kill(batch, signal.SIGSTOP)  # ranking, for as long as we like
    community = stack.submit_whole("sleep-0.01", "sleep-0.02", "sleep-0.03")
    clicks = [stack.submit(f"sleep-0.0{number}") for number in range(4, 9)]
    assert {stack.until_ended(click).status for click in clicks} == {"succeeded"}
    assert not stack.job(community).ended
    os.kill(batch, signal.SIGCONT)
    assert stack.until_ended(community).status == "succeeded"


def test_a_running_job_stops_when_it_is_canceled_and_its_worker_goes_on(stack: Stack) -> None:
    stack.launch()
    job, following = stack.submit(*(f"sleep-0.{number}" for number in range(31, 60))), stack.submit("sleep-0.01")
    stack.until_running(job)
    canceled = stack.store.jobs.cancel("local", job.id)
    assert canceled is not None
    assert canceled.status == "canceled"
    assert stack.until_ended(following).status == "succeeded"
    assert stack.job(job) == canceled


def test_a_saved_job_that_never_reached_its_queue_is_found(stack: Stack) -> None:
    job = stack.submit("sleep-0.01")
    stack.store.queue.remove("interactive", job.id)
    stack.launch()
    assert stack.until_ended(job).status == "succeeded"


def test_200_jobs_end_exactly_once_each_while_workers_are_killed(stack: Stack) -> None:
    chance = random.Random(7)
    launched = stack.launch(CANDOR_WORKERS="4")
    jobs = [stack.submit(f"sleep-0.0{10 + number % 40}") for number in range(200)]
    started_s, kills = time.monotonic(), 0
    while not all(stack.job(job).ended for job in jobs):
        assert time.monotonic() - started_s < 180
        if kills < 8 and (alive := sorted(launched.pids())):
            os.kill(chance.choice(alive), signal.SIGKILL)
            kills += 1
        time.sleep(0.3)
    print(f"200 jobs, {kills} kills: {time.monotonic() - started_s:.1f} s")
    ended = [stack.job(job) for job in jobs]
    assert {job.status for job in ended} == {"succeeded"}
    assert all(len(documents_of(stack, job)) == 1 for job in ended)
    assert stack.store.redis.scard("candor:jobs:active") == 0


def test_everybody_is_ranked_once_on_each_topic_while_workers_are_killed(stack: Stack) -> None:
    chance = random.Random(11)
    launched = stack.launch(CANDOR_WORKERS="4")
    job = stack.submit_whole(*(f"topic-{number}" for number in range(20)))
    kills = 0
    while not stack.job(job).ended:
        if kills < 5 and (alive := sorted(launched.pids())):
            os.kill(chance.choice(alive), signal.SIGKILL)
            kills += 1
        time.sleep(0.3)
    ended = stack.job(job)
    print(f"20 topics, {kills} kills")
    boards = {result.board_id for result in ended.results}
    assert (ended.status, ended.progress.done, len(boards)) == ("succeeded", 20, 20)
    assert all(stack.store.boards.get(job.owner, result.board_id) for result in ended.results)
    assert stack.store.redis.scard("candor:jobs:active") == 0
