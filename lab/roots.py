"""How many people get a number under a declared root: statuses on a topic, for roots of several sizes.

Run `python -m lab.roots --activities FILE --network N --topic T [--topic T] --as-of DATE [--before DATE]`. A root is
drawn from the active answerers (people with at least three answers before `as_of`): the most active ones, or a random
draw.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

import click
import numpy as np

from candor.evaluation.inputs import read_activities
from candor.scoring.expertise import status_of, supports
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.topics import tag_topic
from candor.scoring.trust_root import NO_ROOT, RootAccount, TrustRoot
from candor.scoring.world import World, build_world

if TYPE_CHECKING:
    from collections.abc import Iterable

    from candor.scoring.activity import Activity

ACTIVE_ANSWERS = 3
SEEDS = range(5)


def active_answerers(activities: Iterable[Activity], before: datetime) -> list[str]:
    """Return who gave at least three answers before `before`, the most active first."""
    answers = Counter(a.actor for a in activities if a.type == "answer" and a.actor and a.published < before)
    return [name for name, count in answers.most_common() if count >= ACTIVE_ANSWERS]


def statuses(world: World, topic: int) -> tuple[Counter[str], int, int]:
    """Return (people active on the topic by status, people whom five recognised there, those of them with a number)."""
    columns = world.columns
    active = np.unique(columns.actor[columns.topics[:, topic] & (columns.actor >= 0)])
    found: Counter[str] = Counter()
    recognised = numbered = 0
    for subject in active.tolist():
        votes = world.votes(np.array([subject]), topic, world.view(subject), in_full=False, include_recent=False)
        support = supports(votes, world.method).first
        status = status_of(world.root.kind, support, world.method, opted_out=None)
        found[status] += 1
        if support.people >= world.method.status.few_people:
            recognised += 1
            numbered += status == "ok"
    return found, recognised, numbered


def roots(answerers: list[str]) -> Iterable[tuple[str, list[list[str]]]]:
    """Yield (label, roots to average over): 5, 20 and a tenth of the answerers, most active or at random."""
    for label, size in (("5", 5), ("20", 20), ("10 %", len(answerers) // 10)):
        yield f"{label} most active", [answerers[:size]]
        yield f"{label} at random", [random.Random(seed).sample(answerers, size) for seed in SEEDS]


@click.command()
@click.option("--activities", required=True, type=click.Path(exists=True))
@click.option("--network", required=True)
@click.option("--topic", "topics", required=True, multiple=True)
@click.option("--as-of", required=True, type=datetime.fromisoformat)
@click.option("--window-days", default=1825)
def main(activities: str, network: str, topics: tuple[str, ...], as_of: datetime, window_days: int) -> None:
    """Print, for each root and topic, the share of active accounts with each status."""
    records = read_activities(activities)
    answerers = active_answerers(records, as_of)
    click.echo(f"{len(answerers)} active answerers")
    question = Question(
        network=network,
        accounts=(),
        topics=tuple(map(tag_topic, topics)),
        trust_root=NO_ROOT,
        as_of=as_of,
        window_days=window_days,
    )
    world = build_world(records, question, load_method())
    for label, drawn in roots(answerers):
        for topic, name in enumerate(topics):
            total: Counter[str] = Counter()
            recognised = numbered = 0
            for names in drawn:
                root = TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=name) for name in names))
                found = statuses(world.under(root), topic)
                total += found[0]
                recognised, numbered = recognised + found[1], numbered + found[2]
            shares = ", ".join(f"{status} {count / total.total():.3f}" for status, count in sorted(total.items()))
            of_five = f"{numbered / recognised:.3f}" if recognised else "-"
            click.echo(
                f"{label:>18} {name:<16} n={total.total() // len(drawn):<5} {shares}; "
                f"of those five recognised: {of_five}"
            )


if __name__ == "__main__":
    sys.exit(main())
