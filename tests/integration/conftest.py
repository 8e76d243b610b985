"""Fixtures for whole stacks: a Valkey of the test's own, launchers with slow workers, and ways to kill each."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from candor.store import Store, open_store
from candor.store.embedded import EmbeddedServer
from tests.installed import environ
from tests.integration.shell import Shell
from tests.integration.waiting import PATIENCE_S, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from candor.store.models import Job
    from tests.conftest import NewJob

LAUNCHER = str(Path(__file__).with_name("slow_launcher.py"))


def runs(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class Launched:
    """A launcher in a process group of its own, with its workers."""

    def __init__(self, store: Store, settings: dict[str, str], log: Path, command: list[str]) -> None:
        self._store = store
        before = store.workers.alive()
        with log.open("ab") as said:
            self.process = subprocess.Popen(command, stderr=said, env={**environ(), **settings}, start_new_session=True)
        until(lambda: len(store.workers.alive() - before) >= 2)
        self._prefix = min(store.workers.alive() - before).rpartition(".")[0]
        until(lambda: len(self.pids()) >= 2)  # RQ knows a worker's process a moment after it is heard of

    def pids(self) -> set[int]:
        """The workers that run now."""
        ours = [name for name in self._store.workers.alive() if name.startswith(self._prefix)]
        found = (self._store.redis.hget(f"rq:worker:{name}", "pid") for name in ours)
        return {int(pid) for pid in found if pid is not None and runs(int(pid))}

    def kill_all(self) -> None:
        """kill -9 the launcher and its workers, all at once."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; return the exit status."""
        self.process.terminate()
        return self.process.wait(PATIENCE_S)


class Stack:
    """A server, a store on it, and what was launched."""

    def __init__(self, folder: Path, bin_dir: Path, new_job: NewJob, posts: bytes, storage: str | None = None) -> None:
        self.server = EmbeddedServer(folder / "valkey")
        self.server.start()
        self.data_dir = folder / "data"
        self.store = open_store(self.server.url, self.data_dir, patient=True, storage=storage)
        self.store.identity.check()
        self.launched: list[Launched] = []
        self._log = folder / "launchers.log"
        self._command = [str(bin_dir / "python"), LAUNCHER]
        self._settings = {"CANDOR_REDIS_URL": self.server.url, "CANDOR_DATA_DIR": str(self.data_dir)}
        if storage is not None:
            self._settings["CANDOR_STORAGE"] = storage
        self._new_job = new_job
        self._posts = posts

    def launch(self, **settings: str) -> Launched:
        """Start a launcher and wait for its two workers."""
        self.launched.append(Launched(self.store, {**self._settings, **settings}, self._log, self._command))
        return self.launched[-1]

    @property
    def launcher(self) -> Launched:
        """The launcher that runs."""
        (running,) = (launched for launched in self.launched if launched.process.poll() is None)
        return running

    def at_work(self) -> None:
        """Have the server and one launcher run, whatever was killed."""
        if self.server.pid is None:
            self.server.start()
        running = [launched for launched in self.launched if launched.process.poll() is None]
        for spare in running[1:]:
            spare.stop()
        if not running:
            self.launch()

    def submit(self, *topics: str, accounts: tuple[str, ...] = ("u1",)) -> Job:
        """Create a job over the topics."""
        job = self._new_job(*topics, accounts=accounts)
        self.store.jobs.create(job, self._posts)
        return job

    def submit_whole(self, *topics: str) -> Job:
        """Create a job that ranks everybody in a data set on the topics."""
        facts = {"network": "custom:demo", "profile": "forum", "granted_rights": False}
        dataset = self.store.datasets.put("local", "posts", lines=self._posts.splitlines(), **facts)
        job = self._new_job(*topics, accounts=(), dataset=dataset.id, dataset_digest=dataset.digest)
        self.store.jobs.create(job)
        return job

    def log(self) -> str:
        """What the launchers and their workers have logged so far."""
        return self._log.read_text()

    def job(self, job: Job) -> Job:
        """Read the job again."""
        found = self.store.jobs.find(job.id)
        assert found is not None
        return found

    def until(self, condition: Callable[[], object]) -> None:
        """Wait for the condition."""
        until(condition)

    def runs(self, pid: int) -> bool:
        """Whether there is such a process."""
        return runs(pid)

    def worker_of(self, queue: str) -> int:
        """Return the process id of the worker on a queue."""
        workers = [self.store.redis.hgetall(f"rq:worker:{name}") for name in self.store.workers.alive()]
        pids = (int(facts[b"pid"]) for facts in workers if facts.get(b"queues") == queue.encode())
        return next(pid for pid in pids if runs(pid))

    def until_running(self, job: Job) -> int:
        """Wait until a worker has the job in hand; return its process id."""
        until(lambda: self.job(job).status == "running")
        (worker,) = (worker for worker in self.store.workers.alive() if self.store.workers.held_by(worker) == job.id)
        return int(self.store.redis.hget(f"rq:worker:{worker}", "pid"))

    def until_ended(self, job: Job) -> Job:
        """Wait until the job has ended; return it."""
        until(lambda: self.job(job).ended)
        return self.job(job)

    def close(self) -> None:
        """End everything."""
        for launched in self.launched:
            launched.kill_all()
        self.store.close()
        self.server.stop()


@pytest.fixture
def stack(tmp_path: Path, bin_dir: Path, new_job: NewJob, posts: bytes) -> Iterator[Stack]:
    """A server and a store; nothing launched yet."""
    made = Stack(tmp_path, bin_dir, new_job, posts)
    yield made
    made.close()


@pytest.fixture(scope="module")
def lasting_stack(
    tmp_path_factory: pytest.TempPathFactory, bin_dir: Path, new_job: NewJob, posts: bytes
) -> Iterator[Stack]:
    made = Stack(tmp_path_factory.mktemp("stack"), bin_dir, new_job, posts)
    yield made
    made.close()


@pytest.fixture
def running(lasting_stack: Stack) -> Stack:
    """A stack with a launcher and two workers, shared by the tests of a file: what one has killed is started again."""
    lasting_stack.at_work()
    return lasting_stack


@pytest.fixture
def shell(tmp_path: Path, bin_dir: Path) -> Iterator[Shell]:
    """A user's shell, whose commands are ended with the test."""
    made = Shell(tmp_path, bin_dir)
    yield made
    made.close()
