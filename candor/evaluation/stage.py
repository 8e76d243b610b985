"""Stages attacks on a community, one target at a time, and measures what they change."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from candor.evaluation.board import board
from candor.evaluation.joined import joined
from candor.evaluation.scene import Scene
from candor.evaluation.script import Script
from candor.evaluation.trust import eligible
from candor.scoring.copies import find_copies
from candor.scoring.expertise import NUMBERED
from candor.scoring.world import World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from candor.evaluation.scene import Attack
    from candor.scoring.activity import Activity
    from candor.scoring.method import Method
    from candor.scoring.question import Question

LONG_TEXT = 20


class Outcome(msgspec.Struct, frozen=True):
    """What an attack did to one account: points before and after (0 without a number), raw points, places climbed.

    `raw_gain` looks at the score whatever its status; places are among the people active on the topic, by lower limit.
    """

    target: str
    before: float
    after: float
    raw_gain: float
    climbed: int

    @property
    def gain(self) -> float:
        """Points gained; below zero where the attack took some away."""
        return self.after - self.before


@dataclass(frozen=True)
class Seen:
    """How an account stands: points if it has a number, points whatever the status, how many stand above it."""

    points: float
    raw: float
    above: int


@dataclass(frozen=True, eq=False)
class Stage:
    """A community, the question asked of it (one topic, a declared root) and the method."""

    records: Sequence[Activity]
    question: Question
    method: Method

    @cached_property
    def world(self) -> World:
        """The community as it is."""
        return World(self.records, self.question, self.method)

    @cached_property
    def active(self) -> list[str]:
        """Who acted on the topic, least active first."""
        columns = self.world.columns
        acts = np.bincount(columns.actor[columns.topics[:, 0] & (columns.actor >= 0)], minlength=self.world.people)
        people = np.flatnonzero(acts)
        return [columns.people[person] for person in people[np.argsort(acts[people], kind="stable")].tolist()]

    @cached_property
    def trusted(self) -> list[str]:
        """Whom the root names, as far as they are here."""
        return [named.account for named in self.question.trust_root.accounts]

    @cached_property
    def expert(self) -> str:
        """Who stands highest."""
        people = self._numbers(self.world)
        highest = int(people[board(self.world, people, 0).low.argmax()])
        return self.world.columns.people[highest]

    def targets(self, each: int, seed: int) -> list[tuple[str, str]]:
        """Draw `each` ordinary accounts from each third of activity, as (third, account); nobody trusted, no expert."""
        ordinary = [name for name in self.active if name not in {*self.trusted, self.expert}]
        thirds = zip(("least active", "middle", "most active"), np.array_split(np.array(ordinary), 3), strict=True)
        draw = random.Random(seed)
        return [(third, name) for third, names in thirds for name in draw.sample(names.tolist(), min(each, len(names)))]

    def attack(self, attack: Attack, size: int, target: str) -> Outcome:
        """Stage one attack and compare. The random draws hang on the target alone."""
        script = Script(self.question.topics[0], self.question.as_of)
        attack.stage(script, self.scene(target), size)
        about = self.expert if attack.lowers else target
        before = self._before(about)
        after = self._seen(self.joined_by(script.records), about)
        return Outcome(
            target=about,
            before=before.points,
            after=after.points,
            raw_gain=after.raw - before.raw,
            climbed=before.above - after.above,
        )

    def joined_by(self, records: Sequence[Activity]) -> World:
        """Return the community with these records in it; texts are compared anew only if there are any to compare."""
        both = joined(self.world.columns, self.row_of, records, self.question)
        world = World(both.columns, self.question, self.method)
        nobody = np.zeros(len(records), np.int64)
        texts = [record.content for record in records]
        if not find_copies(texts, nobody, np.arange(len(records)), self.method.copies).row.size:
            known = self.world.copies
            world.copies = replace(known, row=both.row[known.row])
        return world

    def _before(self, name: str) -> Seen:
        if name not in self._known:
            self._known[name] = self._seen(self.world, name)
        return self._known[name]

    @cached_property
    def _known(self) -> dict[str, Seen]:
        return {}

    def scene(self, target: str) -> Scene:
        """Set the scene for an attack in favour of `target`; its random draws hang on the target alone."""
        return Scene(
            target=target,
            people=self._people,
            trusted=self.trusted,
            expert=self.expert,
            texts=self._texts,
            questions=self._questions,
            random=random.Random(target),
        )

    @cached_property
    def row_of(self) -> dict[str, int]:
        """The row of each record of the community, by id."""
        return {str(record.id): row for row, record in enumerate(self.world.columns.records)}

    @cached_property
    def _texts(self) -> list[str]:
        return [
            record.content
            for record in self.world.columns.records
            if record.actor == self.expert and record.content and len(record.content.split()) > LONG_TEXT
        ]

    @cached_property
    def _questions(self) -> list[str]:
        columns = self.world.columns
        asked = np.flatnonzero(columns.topics[:, 0] & columns.is_type("question"))
        return [str(columns.records[row].id) for row in asked.tolist()]

    @cached_property
    def _people(self) -> list[str]:
        return eligible(self.records)

    def _numbers(self, world: World) -> NDArray[np.int64]:
        return np.array(sorted(world.columns.person_of[name] for name in self.active), np.int64)

    def _seen(self, world: World, name: str) -> Seen:
        subject = world.columns.person_of[name]
        exact = board(world, np.array([subject]), 0, world.view(subject))
        raw = float(exact.score[0])
        people = self._numbers(world)
        above = int((board(world, people[people != subject], 0).low > exact.low[0]).sum())
        return Seen(points=raw if exact.status[0] in NUMBERED else 0.0, raw=raw, above=above)
