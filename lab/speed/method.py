"""Decoding and scoring, without a server: records against msgspec alone, a million events, and the whole command."""

from __future__ import annotations

import gzip
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec
import numpy as np

from candor.scoring.activity import Activity
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.records import RecordReader
from candor.scoring.score import score
from candor.scoring.topics import tag_topic
from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.scoring.votes import add_up
from candor.scoring.world import build_world
from lab.speed.community import END, community
from lab.speed.rows import Pair, cpu_s, in_turn
from lab.speed.upload import SMALL, lines

DECODED = 200_000
ROUNDS = 5
SCORED = 1_000_000
ROOT = TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=f"u{number}") for number in range(100)))
COMMAND_ROUNDS = 3
ASKED = ("--network", "custom:bench", "--profile", "qa", "--topic", "tag:topic", "--account", "u150")
HOW = ("--in-process", "--trust-root", "network", "--as-of", END.isoformat(), "--json", "--output")


def decoding() -> list[Pair]:
    """Read records as an upload does, checked and counted, against msgspec decoding the same bytes; for one record."""
    written = [msgspec.json.encode(activity) for activity in community(DECODED)]
    decode = msgspec.json.Decoder(Activity).decode

    def _read() -> None:
        RecordReader("custom:speed", keep=lambda _, records: kept.extend(records)).feed(written)

    kept: list[Activity] = []
    rounds = []
    for _ in range(ROUNDS):
        alone_s = cpu_s(lambda: [decode(line) for line in written])
        ours_s = cpu_s(_read)
        kept.clear()
        rounds.append(Pair(alone_s / len(written), ours_s / len(written)))
    return rounds


def scoring() -> str:
    """Time a million events on one topic: preparing the world, everybody with shared standing, one person exactly."""
    activities = list(community(SCORED))
    sort = cpu_s(lambda: sorted(activities, key=lambda activity: (activity.published, activity.id)))
    question = Question(
        network="custom:bench",
        accounts=("u0",),
        topics=(tag_topic("tag:topic"),),
        trust_root=ROOT,
        as_of=END,
        profile="qa",
    )
    method = load_method()
    world = build_world(activities, question, method)
    prepared = cpu_s(lambda: build_world(activities, question, method))
    everybody = np.arange(world.people)
    view = world.view(world.people - 1)
    board = cpu_s(lambda: add_up(world.votes(everybody, 0, view), method))
    document = cpu_s(lambda: list(score(activities, question, method)))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"scoring {len(activities):,} events, {world.people:,} people, one topic: "
        f"world {prepared:.2f} s, everybody {board:.2f} s; "
        f"one document from scratch {document:.2f} s; sorting the same records {sort:.2f} s; "
        f"ratio document / sorting {document / sort:.1f}; peak {peak_mb:,.0f} MB"
    )


def command() -> list[Pair]:
    """Score one account on one topic in a process of its own, from a packed file; the reference decodes its lines."""
    written = list(lines(SMALL, 1))
    decode = msgspec.json.Decoder(Activity).decode

    def _decode() -> None:
        for line in written:
            decode(line)

    with tempfile.TemporaryDirectory() as folder:
        packed = Path(folder) / "records.ndjson.gz"
        packed.write_bytes(gzip.compress(b"".join(written), 6))
        return in_turn(lambda: cpu_s(_decode), lambda: _scored_s(packed), COMMAND_ROUNDS)


def _scored_s(packed: Path) -> float:
    """Return the CPU seconds of the command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = ("from service.cli import main; main()", "score", "--activities", str(packed), *ASKED, *HOW)
    subprocess.run([sys.executable, "-c", *command, str(packed.with_suffix(".json"))], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    print(scoring())
