"""What a job costs: one account, one topic and 200 inline records, against a no-op on the same worker class."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from rq import Queue

from candor.scoring.record_counts import Counts
from candor.scoring.topics import tag_topic
from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.store import open_store
from candor.store.embedded import EmbeddedServer
from candor.store.models import AccountName, AskedRoot, Job, JobRequest, Progress
from lab.speed.community import END, community
from lab.speed.processes import cpu_seconds, line_with
from lab.speed.rows import Pair, in_turn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.store import Store

JOBS = 200
RECORDS = 200
ROUNDS = 5
OWNER = "bench"
ROOT = TrustRoot(kind="accounts", accounts=(RootAccount(account="u0"), RootAccount(account="u1")))


@contextmanager
def worker() -> Iterator[tuple[Store, int]]:
    """Run a store and its workers; yield it and the process id of the interactive one."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedServer(Path(folder) / "valkey") as server:
        argv = [sys.executable, "-m", "worker"]
        environ = {**os.environ, "CANDOR_REDIS_URL": server.url, "CANDOR_DATA_DIR": folder, "CANDOR_WORKERS": "2"}
        log = Path(folder) / "log"
        with log.open("wb") as said, subprocess.Popen(argv, stderr=said, env=environ) as launcher:
            line_with(log, '"ready"')
            children = Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children").read_text().split()
            arguments = {int(pid): Path(f"/proc/{pid}/cmdline").read_text() for pid in children}
            try:
                pid = next(pid for pid, argv in arguments.items() if "interactive" in argv)
                yield open_store(server.url, Path(folder)), pid
            finally:
                launcher.terminate()


def run_noops(store: Store) -> None:
    """Run no-op jobs through the same queue, one worker, no record of ours."""
    queue = Queue("interactive", connection=store.redis, serializer="json")
    jobs = [queue.enqueue("math.sqrt", 4.0, job_id=uuid.uuid4().hex) for _ in range(JOBS)]
    while not jobs[-1].is_finished:
        time.sleep(0.01)


def run_jobs(store: Store, records: bytes) -> None:
    """Run inline jobs of one account and one topic."""
    request = JobRequest(
        accounts=(AccountName(network="custom:bench", account="u0"),),
        topics=(tag_topic("tag:topic"),),
        trust_root=AskedRoot.of(ROOT),
        as_of=END,
        window_days=1825,
        profile="qa",
        network="custom:bench",
        queue="interactive",
        inline=True,
        received=Counts(records=RECORDS),
    )
    for _ in range(JOBS):
        job = Job(
            id=f"job_{uuid.uuid4().hex}",
            owner=OWNER,
            request=request,
            progress=Progress(done=0, total=1, stage="queued"),
            created_at=END,
        )
        store.jobs.create(job, records, ROOT)
    store.jobs.wait(OWNER, job.id, 60)


def rounds() -> list[Pair]:
    """Measure the CPU of the worker for one job of each kind, in turn."""
    records = b"\n".join(map(msgspec.json.encode, islice(community(RECORDS * 2), RECORDS)))
    with worker() as (store, pid):
        run_noops(store)
        return in_turn(
            lambda: cpu_seconds(pid, lambda: run_noops(store)) / JOBS,
            lambda: cpu_seconds(pid, lambda: run_jobs(store, records)) / JOBS,
            ROUNDS,
        )
