"""Decoding and scoring, without a server: records a second against msgspec alone, a million events on one topic."""

from __future__ import annotations

import resource
import time
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from collections.abc import Callable

DECODED = 200_000
SCORED = 1_000_000
ROOT = TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=f"u{number}") for number in range(100)))


def seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds that `work` takes."""
    before = time.process_time()
    work()
    return time.process_time() - before


def decoding() -> str:
    """Compare reading records (checked, counted, de-duplicated) with msgspec decoding the same bytes."""
    lines = [msgspec.json.encode(activity) for activity in community(DECODED)]
    decode = msgspec.json.Decoder(Activity).decode
    alone = seconds(lambda: [decode(line) for line in lines])
    ours = seconds(lambda: RecordReader("custom:speed").feed(lines))
    return (
        f"decoding {len(lines):,} records: {len(lines) / ours:,.0f}/s; msgspec alone {len(lines) / alone:,.0f}/s; "
        f"ratio {ours / alone:.2f}"
    )


def scoring() -> str:
    """Time a million events on one topic: preparing the world, everybody with shared standing, one person exactly."""
    activities = list(community(SCORED))
    sort = seconds(lambda: sorted(activities, key=lambda activity: (activity.published, activity.id)))
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
    prepared = seconds(lambda: build_world(activities, question, method))
    everybody = np.arange(world.people)
    view = world.view(world.people - 1)
    board = seconds(lambda: add_up(world.votes(everybody, 0, view), method))
    document = seconds(lambda: list(score(activities, question, method)))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"scoring {len(activities):,} events, {world.people:,} people, one topic: "
        f"world {prepared:.2f} s, everybody {board:.2f} s; "
        f"one document from scratch {document:.2f} s; sorting the same records {sort:.2f} s; "
        f"ratio document / sorting {document / sort:.1f}; peak {peak_mb:,.0f} MB"
    )


if __name__ == "__main__":
    print(decoding())
    print(scoring())
