"""Decoding and scoring, without a server: records a second against msgspec alone, a million events on one topic."""

from __future__ import annotations

import resource

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
from lab.speed.rows import Pair, cpu_s

DECODED = 200_000
ROUNDS = 5
SCORED = 1_000_000
ROOT = TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=f"u{number}") for number in range(100)))


def decoding() -> list[Pair]:
    """Read records as an upload does, checked and counted, against msgspec decoding the same bytes; for one record."""
    lines = [msgspec.json.encode(activity) for activity in community(DECODED)]
    decode = msgspec.json.Decoder(Activity).decode

    def _read() -> None:
        RecordReader("custom:speed", keep=lambda _, records: kept.extend(records)).feed(lines)

    kept: list[Activity] = []
    rounds = []
    for _ in range(ROUNDS):
        alone_s = cpu_s(lambda: [decode(line) for line in lines])
        ours_s = cpu_s(_read)
        kept.clear()
        rounds.append(Pair(alone_s / len(lines), ours_s / len(lines)))
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


if __name__ == "__main__":
    print(scoring())
