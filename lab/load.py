"""`python -m lab.load`: what the service carries, what half of that does to it in two minutes, and three times as much.

What it carries is measured again before it is asked for too much: on a machine that others use it is not the same.
Needs wrk (Debian: apt-get install wrk) and Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from candor.settings import Settings
from lab.chaos.acknowledged import Recorder, body, jobs_counted
from service.stack import temporary_stack

if TYPE_CHECKING:
    from collections.abc import Sequence

MIX = Path(__file__).with_name("load.lua")
SCORES = 100
CONNECTIONS, TOO_MANY, TOO_MUCH = 64, 512, 3
REFUSALS = ("429", "503")
ENOUGH, COMPLETED, FLAT = 99.5, 80.0, 10.0
"""Per cent: of requests that succeed at half load, of capacity that is done past it, that memory may grow by."""


@dataclass(frozen=True)
class LoadRun:
    """What wrk saw, jobs that ended meanwhile, and memory of interface and workers in MiB by when it was looked at."""

    connections: int
    seconds: float
    status: dict[str, int]
    broken: int
    unexplained: int
    p50_ms: float
    p99_ms: float
    jobs_created: float
    jobs_ended: float
    memory_mib: list[float] = field(default_factory=list)

    @property
    def answered(self) -> int:
        """Requests that were answered as asked."""
        return sum(count for status, count in self.status.items() if status < "400")

    @property
    def per_second(self) -> float:
        """Requests answered as asked, per second."""
        return self.answered / self.seconds

    @property
    def carried_per_second(self) -> float:
        """As many as could be asked for ever: more jobs must not come than end."""
        return self.per_second * min(1.0, self.jobs_ended / max(1.0, self.jobs_created))

    @property
    def succeeded(self) -> float:
        """Per cent of requests that were answered as asked."""
        return 100 * self.answered / max(1, sum(self.status.values()) + self.broken)

    @property
    def grown(self) -> float:
        """Per cent by which memory grew between the first and the last quarter of the time."""
        quarter = max(1, len(self.memory_mib) // 4)
        first, last = self.memory_mib[:quarter], self.memory_mib[-quarter:]
        return 100 * (sum(last) / len(last) / (sum(first) / len(first)) - 1) if first else 0.0


class Load:
    """A running service, something to read in it, and wrk."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._paths, self._body = folder / "paths", folder / "body"
        recorder = Recorder(url)
        with recorder.asking(SCORES):
            pass
        recorder.wait_for_all()
        jobs = [f"/v1/jobs/{job}" for job in recorder.jobs.values()]
        results = [requests.get(url + job, timeout=10).json()["results"][0] for job in jobs]
        self._paths.write_text("\n".join([*jobs, *(result["score_url"] for result in results), "/v1/topics"]) + "\n")
        self._body.write_text(json.dumps(body("NAME", 1, None)))

    def run(self, connections: int, seconds: int, pause_ms: float = 0.0) -> LoadRun:
        """Ask over so many connections, each with a pause of so long on average between two requests."""
        created, ended = self._jobs()
        stopped = threading.Event()
        memory: list[float] = []
        watch = threading.Thread(target=_watch, args=(memory, stopped))
        watch.start()
        try:
            result = self._wrk(connections, seconds, pause_ms)
        finally:
            stopped.set()
            watch.join()
        created_then, ended_then = self._jobs()
        status: Counter[str] = Counter()
        for each in result["threads"]:
            status.update(each["status"])
        return LoadRun(
            connections=connections,
            seconds=result["seconds"],
            status=dict(sorted(status.items())),
            broken=result["broken"] + result["timeouts"],
            unexplained=sum(each["unexplained"] for each in result["threads"]),
            p50_ms=result["p50_ms"],
            p99_ms=result["p99_ms"],
            jobs_created=created_then - created,
            jobs_ended=ended_then - ended,
            memory_mib=memory,
        )

    def until_idle(self) -> None:
        """Wait until no job waits."""
        while sum(self._insist("/readyz").json()["queues"].values()):
            time.sleep(0.5)

    def _insist(self, path: str) -> requests.Response:
        """Ask until not refused."""
        while not (answer := requests.get(f"{self._url}{path}", timeout=30)).ok:
            time.sleep(0.5)
        return answer

    def _wrk(self, connections: int, seconds: int, pause_ms: float) -> Any:  # noqa: ANN401 JSON
        argv = ["-t2", f"-c{connections}", f"-d{seconds}s", "--timeout=20s", f"-s{MIX}", self._url]
        said = subprocess.run(
            [str(shutil.which("wrk")), *argv, "--", f"{pause_ms:.0f}", str(self._paths), str(self._body)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        return json.loads(said.partition("RESULT ")[2])

    def _jobs(self) -> tuple[float, float]:
        return jobs_counted(self._insist("/metrics").text)


def main(argv: Sequence[str]) -> int:
    """Measure and evaluate; the status is 0 when everything is as it should be."""
    arguments = argparse.ArgumentParser(prog="python -m lab.load", description=__doc__)
    arguments.add_argument("--seconds", type=int, default=120, help="how long half the load lasts")
    arguments.add_argument("--json", action="store_true", help="print everything as JSON as well")
    given = arguments.parse_args(argv)
    if shutil.which("wrk") is None:
        print("wrk is not installed: apt-get install wrk (Debian, Ubuntu), brew install wrk", file=sys.stderr)
        return 2
    with temporary_stack(Settings(workers=4, address_connections=0)) as stack, tempfile.TemporaryDirectory() as folder:
        load = Load(stack.url, Path(folder))
        most = load.run(CONNECTIONS, 20)
        load.until_idle()
        half = load.run(CONNECTIONS, given.seconds, pause_ms=1000 * CONNECTIONS / (most.carried_per_second / 2))
        load.until_idle()
        again = load.run(CONNECTIONS, 20)
        load.until_idle()
        past = load.run(TOO_MANY, 30, pause_ms=1000 * TOO_MANY / (TOO_MUCH * again.per_second))
    for name, run in (("capacity", most), ("half of it", half), ("capacity", again), ("too much", past)):
        print(
            f"{name:11} {run.connections:4} connections: {run.per_second:7.1f} answered/s, {run.succeeded:6.2f} % "
            f"succeed, p50 {run.p50_ms:.0f} ms, p99 {run.p99_ms:.0f} ms, {run.jobs_ended / run.seconds:.1f} jobs/s of "
            f"{run.jobs_created / run.seconds:.1f} asked for, "
            f"memory {run.memory_mib[-1]:.0f} MiB ({run.grown:+.1f} %), by status {run.status}, broken {run.broken}"
        )
    if given.json:
        runs = {"capacity": asdict(most), "half": asdict(half), "capacity_again": asdict(again), "past": asdict(past)}
        print(json.dumps(runs, indent=1))
    return evaluate(again, half, past)


def evaluate(most: LoadRun, half: LoadRun, past: LoadRun) -> int:
    """Say what is not as it should be; return how many things. `most` was measured right before `past`."""
    share = 100 * past.per_second / most.per_second
    jobs = 100 * (past.jobs_ended / past.seconds) / (most.jobs_ended / most.seconds)
    others = [status for status in past.status if status >= "400" and status not in REFUSALS]
    faults = [
        *([f"at half load only {half.succeeded:.2f} % succeed"] if half.succeeded < ENOUGH else []),
        *([f"at half load memory grew by {half.grown:.1f} %"] if half.grown > FLAT else []),
        *([f"past capacity only {share:.0f} % of the requests are done"] if share < COMPLETED else []),
        *([f"past capacity only {jobs:.0f} % of the jobs are done"] if jobs < COMPLETED else []),
        *([f"past capacity there is {others} beside refusals"] if others else []),
        *([f"{past.unexplained} refusals say not when to come back"] if past.unexplained else []),
    ]
    print(
        *faults or [f"As it should be; past capacity {share:.0f} % of it is done, {jobs:.0f} % of the jobs."], sep="\n"
    )
    return len(faults)


def _watch(memory: list[float], stopped: threading.Event) -> None:
    while not stopped.wait(2.0):
        memory.append(sum(map(_resident_mib, _descendants(os.getpid()))))


def _descendants(pid: int) -> list[int]:
    """Return the Python processes below this one: Valkey keeps what was made, so it grows by right."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        below = [found for child in map(int, children) for found in (child, *_descendants(child))]
        return [child for child in below if "python" in Path(f"/proc/{child}/cmdline").read_text()]
    except OSError:
        return []


def _resident_mib(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
