"""`python -m lab.fuzz [TARGET …] --minutes 10`: each target for so long; ends with 1 when something broke."""

from __future__ import annotations

import argparse
import secrets
import subprocess
import sys
import time
import traceback
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import seed

from lab.fuzz.targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Callable

TESTS = {
    "connectors": Path("tests/worker/connectors/test_every_connector.py"),
    "interface": Path("tests/contract/test_schemathesis.py"),
}


def by_hypothesis(name: str, until: float) -> tuple[int, str | None]:
    """Try a target with new seeds until then; return how many rounds of 500 there were, and what broke."""
    rounds = 0
    while time.monotonic() < until:
        drawn = secrets.randbits(64)
        try:
            seed(drawn)(TARGETS[name])()
        except Exception:  # noqa: BLE001 # whatever it is, it is what we look for
            return rounds, f"seed {drawn}\n{traceback.format_exc()}"
        rounds += 1
    return rounds, None


def by_pytest(tests: Path, until: float) -> tuple[int, str | None]:
    """Run tests that make up what they send, with new seeds, until then."""
    rounds = 0
    while time.monotonic() < until:
        named = f"--hypothesis-seed={secrets.randbits(32)}"
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", named, str(tests)],
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            return rounds, f"{named}\n{ran.stdout}"
        rounds += 1
    return rounds, None


def main() -> int:
    """Run the targets one after the other, and say what became of each."""
    runners: dict[str, Callable[[float], tuple[int, str | None]]] = {
        **{name: partial(by_hypothesis, name) for name in TARGETS},
        **{name: partial(by_pytest, tests) for name, tests in TESTS.items()},
    }
    arguments = argparse.ArgumentParser(prog="python -m lab.fuzz", description=__doc__)
    arguments.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(runners)}; all by default")
    arguments.add_argument("--minutes", type=float, default=10, help="for each target")
    given = arguments.parse_args()
    if unknown := set(given.targets) - runners.keys():
        arguments.error(f"there is no target {', '.join(sorted(unknown))}")
    broken = 0
    for name in given.targets or runners:
        rounds, found = runners[name](time.monotonic() + given.minutes * 60)
        print(f"{name:12}{rounds:8} rounds   {'nothing broke' if found is None else 'BROKE'}", flush=True)
        if found is not None:
            broken = 1
            print(found, flush=True)
    return broken


if __name__ == "__main__":
    sys.exit(main())
