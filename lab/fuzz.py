"""`python -m lab.fuzz [TARGET …] --minutes 10`: each target for so long; ends with 1 when something broke.

A target is a property of what reads strangers' bytes. What breaks one is shown by hypothesis at its smallest, and
belongs into the tests of that room from then on.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import secrets
import subprocess
import sys
import tarfile
import time
import traceback
import zipfile
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from candor.formats import ArchiveError, read_archive
from candor.scoring.activity import RECORD_TYPES
from candor.scoring.records import RecordReader
from candor.scoring.topics import Matcher, Topic, check_topic

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = st.text(max_size=60) | st.text(st.characters(exclude_categories=()), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
FIELDS = ("object", "target_actor", "content", "tags", "url", "value", "visibility", "kind", "name", "bio", "followers")
TIMES = st.sampled_from(["2026-10-01T12:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:60Z", "2026-10-01"])
RECORD = st.fixed_dictionaries(
    {"id": TEXT, "type": st.sampled_from(RECORD_TYPES), "actor": TEXT | st.none(), "published": TIMES},
    optional=dict.fromkeys(FIELDS, JSON),
)
NAMES = st.sampled_from(
    [
        *("outbox.json", "actor.json", "data/tweets.js", "data/account.js", "data/like.js"),
        *("Comments.csv", "Shares.csv", "your_instagram_activity/comments/post_comments_1.json"),
        *("../outbox.json", "/outbox.json", "a/../outbox.json"),
    ]
)
POST = st.fixed_dictionaries({}, optional=dict.fromkeys(("id", "type", "object", "to", "published"), JSON | TIMES))
ITEMS = st.lists(POST | JSON, max_size=4)
OUTBOX = st.fixed_dictionaries({"type": st.just("OrderedCollection"), "orderedItems": ITEMS})
LINE = RECORD.map(lambda record: json.dumps(record).encode("utf-8", "surrogatepass")) | st.binary()
ROUND = settings(max_examples=500, deadline=None, database=None, suppress_health_check=list(HealthCheck))
BODIES = st.one_of(
    st.binary(max_size=200),
    (JSON | OUTBOX).map(lambda said: json.dumps(said).encode("utf-8", "surrogatepass")),
    JSON.map(lambda said: b"window.YTD.tweets.part0 = " + json.dumps(said).encode("utf-8", "surrogatepass")),
    st.lists(st.lists(TEXT, max_size=4), max_size=4).map(
        lambda rows: "\n".join(",".join(row) for row in rows).encode("utf-8", "replace")
    ),
)


@ROUND
@given(st.lists(LINE, max_size=6))
def records(lines: list[bytes]) -> None:
    """Whatever stands on a line, it is a record, left out and counted, or a fault with a line and a pointer."""
    reader = RecordReader(None)
    reader.feed(lines)
    assert reader.counts.records + reader.counts.skipped == len(lines)
    assert all(0 < bad.line <= len(lines) and (not bad.pointer or bad.pointer[0] == "/") for bad in reader.bad)
    again = RecordReader(None)
    again.feed(msgspec.json.encode(kept) for kept in reader.activities)
    assert not again.bad
    assert again.activities == reader.activities


@ROUND
@given(st.lists(st.tuples(NAMES, BODIES), max_size=4), st.sampled_from(["zip", "tar"]), st.data())
def archives(entries: list[tuple[str, bytes]], form: str, data: Any) -> None:  # noqa: ANN401 # hypothesis's own
    """Whatever an archive holds and wherever it is damaged, it is read or refused in words; records are good ones."""
    packed = bytearray((_as_zip if form == "zip" else _as_tar)(entries))
    for _ in range(data.draw(st.integers(0, 3))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ArchiveError):
        found = read_archive(io.BytesIO(packed))
        reader = RecordReader(None)
        reader.feed(msgspec.json.encode(each) for each in found.activities)
        assert not reader.bad


@ROUND
@given(st.lists(TEXT, max_size=4), st.lists(TEXT, max_size=3), TEXT | st.none(), st.lists(TEXT, max_size=4))
def topics(terms: list[str], hashtags: list[str], text: str | None, tags: list[str]) -> None:
    """Whatever a topic is made of and a post says, the matcher names terms just where it says that it matched."""
    topic = Topic(id="t", label="T", terms=tuple(terms), hashtags=tuple(hashtags))
    try:
        check_topic(topic)
    except ValueError:
        return
    matcher = Matcher([topic])
    assert bool(matcher.match(text, tuple(tags))) == bool(matcher.terms(text, tuple(tags), 0))


TARGETS: dict[str, Callable[[], None]] = {"records": records, "archives": archives, "topics": topics}


def _as_zip(entries: list[tuple[str, bytes]]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in dict(entries).items():
            archive.writestr(name, body)
    return made.getvalue()


def _as_tar(entries: list[tuple[str, bytes]]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, body in entries:
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body))
    return gzip.compress(made.getvalue())


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
    asked = arguments.parse_args()
    if unknown := set(asked.targets) - runners.keys():
        arguments.error(f"there is no target {', '.join(sorted(unknown))}")
    broken = 0
    for name in asked.targets or runners:
        rounds, found = runners[name](time.monotonic() + asked.minutes * 60)
        print(f"{name:12}{rounds:8} rounds   {'nothing broke' if found is None else 'BROKE'}", flush=True)
        if found is not None:
            broken = 1
            print(found, flush=True)
    return broken


if __name__ == "__main__":
    sys.exit(main())
