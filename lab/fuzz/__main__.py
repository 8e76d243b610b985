"""`python -m lab.fuzz [TARGET …] --minutes 10`: each target for so long; ends with 1 when something broke."""

from __future__ import annotations

import argparse
import secrets
import subprocess
import sys
import tempfile
import time
import traceback
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import seed

from lab.fuzz.targets import TARGETS
from service.auth import ALL_SCOPES
from service.settings import Settings
from service.stack import Stack
from store import open_store
from store.embedded import EmbeddedServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCHEMATHESIS = str(Path(sys.executable).with_name("schemathesis"))
CONNECTORS = Path("tests/worker/connectors/test_hostile_answers.py")


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


def by_pytest(until: float) -> tuple[int, str | None]:
    """Try every connector's parsers against made-up answers, with new seeds, until then."""
    rounds = 0
    while time.monotonic() < until:
        named = f"--hypothesis-seed={secrets.randbits(32)}"
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", named, str(CONNECTORS)],
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            return rounds, f"{named}\n{ran.stdout}"
        rounds += 1
    return rounds, None


def by_schemathesis(until: float) -> tuple[int, str | None]:
    """Try a running service against its own description, all checks on, until then."""
    with _guarded_service() as (url, secret):
        left_s = max(1, round(until - time.monotonic()))
        arguments = [f"{url}/openapi.yaml", "--checks=all", f"--max-time={left_s}", "--no-color"]
        ran = subprocess.run(
            [SCHEMATHESIS, "run", *arguments, "--header", f"Authorization: Bearer {secret}"],
            capture_output=True,
            text=True,
            check=False,
        )
    return 1, None if ran.returncode == 0 else ran.stdout


@contextmanager
def _guarded_service() -> Iterator[tuple[str, str]]:
    """Run a service that asks for a key and limits nothing; yield its address and the secret of a key."""
    with tempfile.TemporaryDirectory() as name, EmbeddedServer(Path(name) / "valkey") as valkey:
        folder = Path(name)
        with closing(open_store(valkey.url, folder)) as store:
            _, secret = store.keys.create("fuzz", "fuzz", ALL_SCOPES)
        guarded = Settings(
            redis_url=valkey.url,
            data_dir=folder,
            port=0,
            trusted_proxies=1,
            operator_contact="fuzz@example.org",
            key_requests=0,
            address_requests=0,
            failed_keys=0,
        )
        with (folder / "log").open("wb") as log, Stack(guarded, log, grace_s=0.5) as stack:
            yield stack.url, secret


def main() -> int:
    """Run the targets one after the other, and say what became of each."""
    runners: dict[str, Callable[[float], tuple[int, str | None]]] = {
        **{name: partial(by_hypothesis, name) for name in TARGETS},
        "connectors": by_pytest,
        "interface": by_schemathesis,
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
