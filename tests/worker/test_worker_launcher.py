"""The launcher: which queues its workers serve, and what it does with those that live too long or die too soon."""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

from candor.store import drafts, open_store
from candor.store.job_problems import TIMED_OUT
from candor.store.storage import empty_file
from worker import launcher as slot_module
from worker.__main__ import main
from worker.launcher import OVERTIME_S, Launcher, WorkerSlot, queues_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from candor.store import Store
    from tests.conftest import Log, NewJob

SLEEPS = (sys.executable, "-c", "import time; time.sleep(60)")
FAILS = (sys.executable, "-c", "raise SystemExit(3)")


@pytest.fixture
def slot() -> Iterator[WorkerSlot]:
    """A slot whose worker sleeps."""
    made = WorkerSlot(SLEEPS, "launcher", "interactive")
    made.start()
    yield made
    made.signal(9)
    made.wait(10)


@pytest.mark.parametrize(("workers", "interactive", "batch"), [(2, 1, 1), (3, 2, 1), (4, 2, 2), (9, 5, 4)])
def test_each_queue_has_a_worker_and_the_interactive_one_no_fewer(workers: int, interactive: int, batch: int) -> None:
    queues = queues_for(workers)
    assert (queues.count("interactive"), queues.count("batch")) == (interactive, batch)


@pytest.mark.parametrize(
    "environ", [{}, *({"CANDOR_REDIS_URL": "redis://db", "CANDOR_WORKERS": said} for said in ("many", "1"))]
)
def test_without_a_server_or_with_a_wrong_setting_nothing_is_launched(environ: dict[str, str], capfd, caplog) -> None:
    assert main(environ) == 1
    assert "CANDOR_" in capfd.readouterr().err + caplog.text  # as another test in this process may have it


def test_a_worker_that_overruns_its_limit_is_ended_and_its_job_failed(
    store: Store, new_job: NewJob, slot: WorkerSlot
) -> None:
    launcher = Launcher(store, SLEEPS, (), grace_s=1)
    launcher._slots = [slot]
    job = new_job()
    store.jobs.create(job, b"")
    store.workers.hold(slot.name, job.id)
    limit_s = store.queue.time_limits_s["interactive"] + OVERTIME_S
    launcher._watch(0.0)
    launcher._watch(limit_s - 1)
    assert not store.jobs.find(job.id).ended
    launcher._watch(limit_s + 1)
    assert store.jobs.find(job.id).error == TIMED_OUT
    assert slot.wait(10)


def test_a_worker_too_busy_to_renew_its_lease_keeps_it_while_it_lives(
    store: Store, new_job: NewJob, slot: WorkerSlot
) -> None:
    launcher = Launcher(store, SLEEPS, (), grace_s=1)
    launcher._slots = [slot]
    job = new_job()
    store.workers.hold(slot.name, job.id)
    store.redis.expire(f"candor:job:{job.id}:lease", 1)
    launcher._watch(0.0)
    assert store.redis.ttl(f"candor:job:{job.id}:lease") > 1


def test_a_dead_worker_is_followed_at_once_by_one_of_another_name(slot: WorkerSlot) -> None:
    first = slot.name
    slot.signal(9)
    assert slot.wait(10)
    assert slot.died() == -9
    slot.start_when_due()
    assert slot.name != first
    assert slot.died() is None


def test_after_three_quick_deaths_the_next_worker_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    slot = WorkerSlot(FAILS, "launcher", "batch")
    now_s = [0.0]
    monkeypatch.setattr(slot_module.time, "monotonic", lambda: now_s[0])
    names = set()
    for _ in range(4):
        slot.start_when_due()
        names.add(slot.name)
        assert slot.wait(20)
        assert slot.died() == 3
    assert len(names) == 4
    slot.start_when_due()
    assert slot.name in names
    now_s[0] += 1.0
    slot.start_when_due()
    assert slot.name not in names
    assert slot.wait(20)


def test_what_a_dead_worker_had_in_hand_goes_back_at_once(store: Store, new_job: NewJob, slot: WorkerSlot) -> None:
    launcher = Launcher(store, SLEEPS, (), grace_s=1)
    launcher._slots = [slot]
    job = new_job()
    store.jobs.create(job, b"")
    store.queue.remove("interactive", job.id)
    store.workers.hold(slot.name, job.id)
    slot.signal(9)
    slot.wait(10)
    launcher._replace_the_dead()
    assert store.queue.waiting() == {job.id}


def test_a_launcher_outlives_a_worker_that_cannot_be_started(
    store: Store, slot: WorkerSlot, monkeypatch: pytest.MonkeyPatch
) -> None:
    launcher = Launcher(store, SLEEPS, (), grace_s=1)
    launcher._slots = [slot]
    before = slot.pid

    def refuse(*_: object, **__: object) -> None:
        raise BlockingIOError(errno.EAGAIN, "no process left")

    slot.signal(9)
    slot.wait(10)
    with monkeypatch.context() as no_process:
        no_process.setattr(slot_module.subprocess, "Popen", refuse)
        launcher._replace_the_dead()
    later_s = time.monotonic() + slot_module.LONGEST_PAUSE_S
    monkeypatch.setattr(slot_module.time, "monotonic", lambda: later_s)
    launcher._replace_the_dead()
    assert slot.pid != before


def half_written(data_dir: Path, pid: int) -> list[Path]:
    """What a process leaves that is killed while it writes a part and a table."""
    mine, its = drafts.of_process(), drafts.of_process().replace(str(os.getpid()), str(pid))
    (data_dir / "cache" / its).mkdir(parents=True)
    (data_dir / "datasets").mkdir(parents=True)
    made = [
        data_dir / "datasets" / empty_file(data_dir / "datasets", "part.parquet").name.replace(mine, its),
        data_dir / "cache" / its / "spill",
        data_dir / "cache" / its / "key-1234",
    ]
    for path in made:
        path.write_bytes(b"somebody's words")
    return made


def test_what_a_dead_worker_left_half_written_goes_with_its_death(
    store: Store, data_dir: Path, slot: WorkerSlot
) -> None:
    launcher = Launcher(store, SLEEPS, (), grace_s=1)
    launcher._slots = [slot]
    left = half_written(data_dir, slot.pid)
    ours = empty_file(data_dir / "datasets", "other.parquet")
    slot.signal(9)
    slot.wait(10)
    launcher._replace_the_dead()
    assert [path for path in left if path.exists()] == []
    assert ours.exists()


def test_what_processes_left_that_ended_before_goes_when_a_launcher_starts(
    store: Store, data_dir: Path, slot: WorkerSlot
) -> None:
    left = half_written(data_dir, slot.pid)
    store.drop_drafts()
    assert [path for path in left if not path.exists()] == []
    slot.signal(9)
    slot.wait(10)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    launcher = Launcher(store, SLEEPS, (), grace_s=1)
    launcher._stop(signal.SIGTERM, None)
    launcher.run(lambda: None)
    for number, handler in handlers.items():
        signal.signal(number, handler)
    assert [path for path in left if path.exists()] == []


def test_a_part_half_written_on_another_machine_stays(store: Store, data_dir: Path) -> None:
    other = data_dir / "datasets" / f"part.parquet.elsewhere~1{drafts.DRAFT}"
    other.parent.mkdir(parents=True)
    other.touch()
    store.drop_drafts()
    assert other.exists()


def test_a_launcher_says_that_it_stops_why_and_when_it_has(store: Store, slot: WorkerSlot, log: Log) -> None:
    launcher = Launcher(store, SLEEPS, (), grace_s=0)
    launcher._slots = [slot]
    launcher._stop(signal.SIGTERM, None)
    launcher._end()
    events = [line["event"] for line in log.lines()]
    assert events[0] == "stopping: jobs in hand may finish"
    assert log.lines()[0]["signal"] == "SIGTERM"
    assert events[-1] == "stopped"


def test_without_redis_the_launcher_goes_on(tmp_path: Path, slot: WorkerSlot) -> None:
    store = open_store(f"unix://{tmp_path}/nobody.sock", tmp_path)
    launcher = Launcher(store, SLEEPS, (), grace_s=1)
    launcher._slots = [slot]
    slot.signal(9)
    slot.wait(10)
    launcher._replace_the_dead()
    assert slot.died() is None
    store.close()


def test_with_a_disk_that_cannot_be_written_to_the_launcher_goes_on(
    store: Store, data_dir: Path, slot: WorkerSlot, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    looks = []
    launcher = Launcher(store, SLEEPS, (), grace_s=1)

    def refuse(*_: object, **__: object) -> None:
        looks.append(1)
        if len(looks) > 2:
            launcher._stop(signal.SIGTERM, None)
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    half_written(data_dir, slot.pid)
    slot.signal(9)
    slot.wait(10)
    monkeypatch.setattr(drafts, "delete", refuse)
    monkeypatch.setattr(store, "drop_erased", refuse)
    monkeypatch.setattr(slot_module, "LOOK_S", 0.0)
    monkeypatch.setattr(slot_module, "REAP_S", 0.0)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    launcher.run(lambda: None)
    for number, handler in handlers.items():
        signal.signal(number, handler)
    assert len(looks) > 2
    assert log.lines("files cannot be looked after now")


def test_the_time_of_death_is_not_the_time_it_is_noticed(slot: WorkerSlot) -> None:
    started_s = time.monotonic()
    assert not slot.wait(0.05)
    assert time.monotonic() - started_s < 10
