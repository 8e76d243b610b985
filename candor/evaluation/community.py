"""A made-up microblog of two thousand people, with a fixed seed: heavy-tailed activity, four fields, help and spread.

Everybody has a field, an activity and a skill. People ask, answer, thank and accept, reshare and list; whom they take
up depends on skill and on who is seen most.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from candor.scoring.activity import Activity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from candor.scoring.activity import RecordType
    from candor.scoring.arrays import Floats


END = datetime(2026, 11, 1, tzinfo=UTC)
SEED = 1
DAYS = 900
FIELDS = ("space", "bread", "chess", "birds")
STRAY = 0.15  # share of threads outside the asker's field
OUTSIDE = 0.02  # how much less somebody of another field takes part


@dataclass(frozen=True)
class ThreadWriter:
    """One thread, written record by record, a second apart."""

    number: int
    at: datetime
    tags: tuple[str, ...]
    records: list[Activity]

    def say(self, kind: RecordType, who: int, to: int | None = None) -> None:
        """Begin the thread, act on what began it, or put somebody on a list."""
        self._write(kind, who, None if kind == "list" or not self.records else 0, to)

    def say_to_answer(self, kind: RecordType, who: int) -> None:
        """Act on the second record."""
        self._write(kind, who, 1, None)

    def _write(self, kind: RecordType, who: int, on: int | None, to: int | None) -> None:
        self.records.append(
            Activity(
                id=f"r{self.number}.{len(self.records)}",
                type=kind,
                actor=f"u{who}",
                object=None if on is None else f"r{self.number}.{on}",
                target_actor=None if to is None else f"u{to}",
                published=self.at + timedelta(seconds=len(self.records)),
                tags=self.tags if on is None else None,
            )
        )


def community(people: int = 2000, threads: int = 15_000) -> list[Activity]:
    """Return about three records a thread, the threads in order of time; always the same."""
    rng = np.random.default_rng(SEED)
    activity, field, skill = _population(rng, people)
    askers = rng.choice(people, threads, p=activity / activity.sum())
    stray = rng.random(threads) < STRAY
    about = np.where(stray, rng.integers(0, len(FIELDS), threads), field[askers])
    helpers = [_chances(activity * skill, field == number) for number in range(len(FIELDS))]
    crowds = [_chances(activity, field == number) for number in range(len(FIELDS))]
    days = np.sort(rng.random(threads) * DAYS)
    written = []
    for number, (asker, topic, day) in enumerate(zip(askers.tolist(), about.tolist(), days.tolist(), strict=True)):
        thread = ThreadWriter(number, END - timedelta(days=DAYS + 1 - day), (FIELDS[topic],), [])
        helper = int(rng.choice(people, p=helpers[topic]))
        crowd = rng.choice(people, 3, p=crowds[topic]).tolist()
        if rng.random() < 0.5:
            _help(thread, rng, asker, helper, crowd[0])
        else:
            _spread(thread, rng, helper, crowd)
        written += thread.records
    return written


def skilled(people: int = 2000) -> dict[str, list[str]]:
    """Return for each field the tenth of its people who have most skill: what a score can be held against."""
    _, field, skill = _population(np.random.default_rng(SEED), people)
    best = {}
    for number, name in enumerate(FIELDS):
        members = np.flatnonzero(field == number)
        ranked = members[np.argsort(-skill[members], kind="stable")]
        best[name] = [f"u{person}" for person in ranked[: members.size // 10].tolist()]
    return best


def _population(rng: np.random.Generator, people: int) -> tuple[Floats, NDArray[np.int64], Floats]:
    """Draw everybody's activity, field and skill."""
    activity = rng.pareto(1.2, people) + 0.1
    field = rng.integers(0, len(FIELDS), people)
    return activity, field, rng.pareto(1.5, people) + 0.05


def _chances(weight: Floats, inside: NDArray[np.bool_]) -> Floats:
    chances = np.where(inside, weight, weight * OUTSIDE)
    return np.asarray(chances / chances.sum())


def _help(thread: ThreadWriter, rng: np.random.Generator, asker: int, helper: int, fan: int) -> None:
    """A question, an answer, and perhaps what shows that it was taken up."""
    thread.say("question", asker)
    thread.say("reply", helper)
    acts: tuple[tuple[RecordType, int, float], ...] = (
        ("reply", asker, 0.6),
        ("accept", asker, 0.3),
        ("reshare", fan, 0.2),
    )
    for kind, who, chance in acts:
        if rng.random() < chance:
            thread.say_to_answer(kind, who)


def _spread(thread: ThreadWriter, rng: np.random.Generator, author: int, crowd: list[int]) -> None:
    """A note that goes round, and perhaps brings its author onto a list."""
    thread.say("note", author)
    for fan in crowd[: rng.integers(0, 4)]:
        thread.say("reshare", fan)
    if rng.random() < 0.1:
        thread.say("list", crowd[0], to=author)
