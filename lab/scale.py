"""Scale: whether people of known rank keep about the same number whichever root is declared.

The ranks are the badges that a community gives for a topic. Roots are its busiest answerers, random tenths of its
people, and everybody.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from candor.evaluation.board import shared_scores
from candor.evaluation.inputs import eligible, of_accounts, random_root
from candor.scoring.expertise import NUMBERED
from candor.scoring.measured import MeasuredScale, RootScale
from candor.scoring.question import Question
from candor.scoring.topics import tag_topic
from candor.scoring.trust_root import FACE_VALUE
from candor.scoring.world import World, build_world

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from candor.scoring.activity import Activity
    from candor.scoring.arrays import Floats
    from candor.scoring.method import Method
    from candor.scoring.trust_root import TrustRoot

    Badges = Mapping[tuple[str, str], str]

TOPICS = 10
WINDOW_DAYS = 1825
BUSIEST = (1, 2, 10, 20, 50)
TENTH, SEEDS = 0.1, range(5)
GOLD, BRONZE = "expert_gold", "expert_bronze"


@dataclass(frozen=True)
class Moment:
    """Of which network, as of when, and by which method."""

    network: str
    as_of: datetime
    method: Method


@dataclass(frozen=True, eq=False)
class Holders:
    """Scores in points: of holders of gold and of bronze badges (NaN without a number), of people accepted once."""

    gold: Floats
    bronze: Floats
    once: Floats


def read_badges(path: str) -> dict[tuple[str, str], str]:
    """Read a table `actor,topic,label,source`: the label of each account on each topic."""
    with Path(path).open(encoding="utf-8", newline="") as lines:
        return {(row["actor"], row["topic"]): row["label"] for row in csv.DictReader(lines)}


def scale(data: str, records: Sequence[Activity], badges: Badges, moment: Moment) -> MeasuredScale:
    """Score the holders of badges, and who was accepted once, on the topics of most badges, under each root."""
    topics = [name for name, _ in Counter(topic for _, topic in badges).most_common(TOPICS)]
    question = Question(
        network=moment.network,
        accounts=(),
        topics=tuple(tag_topic(f"tag:{name}") for name in topics),
        trust_root=FACE_VALUE,
        as_of=moment.as_of,
        window_days=WINDOW_DAYS,
    )
    world = build_world(records, question, moment.method)
    rows = tuple(_row(name, [world.under(root) for root in some], badges) for name, some in roots(world, records))
    return MeasuredScale(data, len(topics), rows)


def roots(world: World, records: Sequence[Activity]) -> Iterator[tuple[str, list[TrustRoot]]]:
    """Yield each kind of root in words, with its draws."""
    columns = world.columns
    answered = columns.actor[columns.is_type("answer") & (columns.actor >= 0)]
    busiest = np.argsort(-np.bincount(answered, minlength=world.people), kind="stable")
    for size in BUSIEST:
        names = [columns.people[person] for person in busiest[:size].tolist()]
        yield f"the {size} busiest answerers" if size > 1 else "the busiest answerer", [of_accounts(names)]
    accounts = eligible(records)
    yield f"a random tenth, {len(SEEDS)} draws", [random_root(accounts, TENTH, seed) for seed in SEEDS]
    yield "everybody", [FACE_VALUE]


def _row(name: str, worlds: Sequence[World], badges: Badges) -> RootScale:
    seen = [_holders(world, badges) for world in worlds]
    return RootScale(
        root=name,
        accounts=round(sum(world.root.size for world in worlds) / len(worlds)),
        gold=tuple(float(np.median(np.nan_to_num(some.gold))) for some in seen),
        largest=max(float(np.nan_to_num(some.gold).max()) for some in seen),
        bronze_without=_mean([float(np.isnan(some.bronze).mean()) for some in seen]),
        once=_mean([float(np.median(some.once)) for some in seen]),
    )


def _holders(world: World, badges: Badges) -> Holders:
    found = [_on_topic(world, number, badges) for number in range(len(world.topics))]
    return Holders(*(np.concatenate([getattr(some, side) for some in found]) for side in ("gold", "bronze", "once")))


def _on_topic(world: World, number: int, badges: Badges) -> Holders:
    columns, topic = world.columns, str(world.topics[number].tag)
    inside = columns.topics[:, number]
    people = np.unique(columns.actor[inside & (columns.actor >= 0)]).astype(np.int64)
    taken = columns.target[inside & columns.is_type("accept") & (columns.target >= 0)]
    once = np.bincount(taken, minlength=world.people)[people] == 1
    labels = np.array([badges.get((columns.people[person], topic), "") for person in people.tolist()])
    experts = shared_scores(world, people, number)
    shown = np.where(np.isin(experts.status, NUMBERED), experts.score, np.nan)
    return Holders(shown[labels == GOLD], shown[labels == BRONZE], experts.score[once])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
