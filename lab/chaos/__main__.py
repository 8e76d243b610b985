"""`python -m lab.chaos`: every scenario against a stack of its own, and a table of what became of each job."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import traceback
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from lab.chaos.acknowledged import Recorder, Verdict, evaluate
from lab.chaos.parts import Parts
from lab.chaos.scenarios import ROWS, ScenarioRow

if TYPE_CHECKING:
    from collections.abc import Iterator

JOBS, QUICK_JOBS = 10_000, 500
HEADER = f"{'scenario':46}{'asked':>7}{'ended':>7}{'lost':>6}{'double':>8}{'torn':>6}{'recovery s':>22}{'took s':>8}"


@dataclass(frozen=True)
class ScenarioResult:
    """A scenario's name, what became of its jobs, what was refused meanwhile, and seconds."""

    scenario: str
    verdict: Verdict
    refused: dict[str, int]
    recovery_s: list[float]
    took_s: float

    def line(self) -> str:
        """Return a line of the table."""
        found, times = self.verdict, self.recovery_s
        recovery = f"{median(times):.1f} (most {max(times):.1f}, {len(times)}x)"
        counts = f"{found.acknowledged:>7}{found.ended:>7}{found.lost:>6}{found.doubled:>8}{found.torn:>6}"
        return f"{self.scenario:46}{counts}{recovery:>22}{self.took_s:>8.0f}"


def main() -> int:
    """Run the scenarios; the status is 0 when each kept the service's word."""
    arguments = argparse.ArgumentParser(prog="python -m lab.chaos", description=__doc__)
    arguments.add_argument("--quick", action="store_true", help=f"{QUICK_JOBS} jobs in all instead of {JOBS:,}")
    arguments.add_argument("--only", metavar="WORD", default="", help="scenarios whose name has this word")
    arguments.add_argument("--json", action="store_true", help="print the outcomes as JSON, the table on stderr")
    arguments.add_argument("--keep", metavar="FOLDER", type=Path, help="keep the logs there")
    given = arguments.parse_args()
    table = sys.stderr if given.json else sys.stdout
    print(HEADER, file=table, flush=True)
    outcomes, broken = [], 0
    for row in (row for row in ROWS if given.only in row.name):
        count = max(50, (QUICK_JOBS if given.quick else JOBS) * row.share // 100)
        try:
            outcomes.append(run(row, count, given.keep))
        except Exception:  # noqa: BLE001 # told, and the other scenarios are run
            broken += 1
            print(f"{row.name}: broken off\n{traceback.format_exc()}", file=table, flush=True)
            continue
        print(outcomes[-1].line(), file=table, flush=True)
        print(f"    refused meanwhile: {outcomes[-1].refused}", file=table, flush=True)
    total = sum(outcome.verdict.acknowledged for outcome in outcomes)
    good = not broken and all(outcome.verdict.good for outcome in outcomes)
    end = "each ended once." if good else f"{broken} scenarios broken off." if broken else "a word was broken."
    print(f"{total:,} jobs acknowledged; {end}", file=table)
    if given.json:
        print(json.dumps([asdict(outcome) for outcome in outcomes], indent=1))
    return 0 if good else 1


def run(row: ScenarioRow, count: int, keep: Path | None) -> ScenarioResult:
    """Run a scenario on a stack of its own."""
    started_s = time.monotonic()
    with folder(row.disk) as place, Parts(place, storage=f"file://{place}/storage" if row.shared else None) as parts:
        recorder = Recorder(parts.url)
        try:
            recovery_s = row.run(parts, recorder, count)
            recorder.wait_for_all()
            verdict = evaluate(recorder)
        finally:
            if keep is not None:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{row.key}.log").write_bytes((place / "log").read_bytes())
    took_s = time.monotonic() - started_s
    return ScenarioResult(row.name, verdict, dict(sorted(recorder.refused.items())), recovery_s, took_s)


@contextmanager
def folder(disk: int | None) -> Iterator[Path]:
    """Make a folder, on a small disk of its own if so asked; that takes the right to mount one."""
    with tempfile.TemporaryDirectory(prefix="candor-chaos-") as name:
        if disk is None:
            yield Path(name)
            return
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={disk}", "tmpfs", name], check=True)  # noqa: S607 found by PATH
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "--lazy", name], check=True)  # noqa: S607 found by PATH


if __name__ == "__main__":
    sys.exit(main())
