"""Stages attacks on a community, one target at a time, and measures what they change."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, cast

import msgspec
import numpy as np

from candor.evaluation.board import joined, shared_scores
from candor.evaluation.inputs import eligible
from candor.scoring.activity import POSTS, Activity
from candor.scoring.columns import of_types, own_topics
from candor.scoring.copies import find_copies
from candor.scoring.expertise import NUMBERED
from candor.scoring.totals import add_up
from candor.scoring.world import World, build_world

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from candor.scoring.activity import RecordType
    from candor.scoring.method import Method
    from candor.scoring.question import Question
    from candor.scoring.topics import Topic


LENGTH_DAYS = 2
STEP = timedelta(seconds=1)

LONG_TEXT = 20
GIVING = ("accept", "reshare", "list", "quote")


@dataclass(frozen=True)
class Scene:
    """Where an attack takes place.

    `target` gains by it, `recognisers` took something of it up before; `people` are real accounts that can be bought or
    fooled, `trusted` those the root names, `expert` the one who stands highest. `texts` are what that one wrote,
    `taken_once` those on the topic that one person took up, and `questions` what others asked on the topic. `elsewhere`
    are posts of the target on other topics, those first that most acts took up, and `gave` its acts of recognition.
    """

    target: str
    recognisers: Sequence[str]
    people: Sequence[str]
    trusted: Sequence[str]
    expert: str
    texts: Sequence[str]
    taken_once: Sequence[str]
    questions: Sequence[str]
    elsewhere: Sequence[Activity]
    gave: Sequence[Activity]
    random: random.Random

    def bought(self, count: int) -> list[str]:
        """Draw real accounts, the target not among them."""
        others = [name for name in self.people if name != self.target]
        return self.random.sample(others, min(count, len(others)))

    def corrupt(self, count: int) -> list[str]:
        """Draw trusted accounts, the target not among them."""
        others = [name for name in self.trusted if name != self.target]
        return self.random.sample(others, min(count, len(others)))


@dataclass(frozen=True)
class Attack:
    """One attack: its id, what is done, the sizes staged, what they count, and the function that stages it.

    `standing` says whether an account with standing may take part; `lowers` that the expert is to be brought down, and
    `alone` that an account which others recognise on other topics does it by itself. Some need texts of the expert.
    """

    id: str
    label: str
    sizes: tuple[int, ...]
    unit: str
    stage: Callable[[Script, Scene, int], None]
    standing: bool = True
    lowers: bool = False
    alone: bool = False
    needs_texts: bool = False


class Script:
    """Collects records; each call writes one and returns its id. On topic unless said otherwise.

    Texts are too short to be anybody's near-copy.
    """

    def __init__(self, topic: Topic, end: datetime) -> None:
        self.records: list[Activity] = []
        self.changed: dict[str, Activity | None] = {}
        self.end = end
        self._now = end - timedelta(days=LENGTH_DAYS)
        tag = topic.tag or next(iter(topic.hashtags), None)
        self.tags = (tag,) if tag else None
        self.text = None if tag else topic.terms[0]

    def write(self, kind: RecordType, actor: str, of: str | None = None, to: str | None = None, **more: object) -> str:
        """Write a record of `actor` about the record `of`, towards `to`; `more` overrules its other fields."""
        self._now += STEP
        given = {"tags": self.tags, "content": self.text, "published": self._now, **more}
        name = f"attack:{len(self.records)}"
        self.records.append(Activity(id=name, type=kind, actor=actor, object=of, target_actor=to, **given))  # type: ignore[arg-type]
        return name

    def edit(self, record: Activity, **changes: object) -> None:
        """Let its author change a record that is there."""
        self.changed[str(record.id)] = msgspec.structs.replace(record, **changes)

    def withdraw(self, record: Activity) -> None:
        """Let its author take a record back."""
        self.changed[str(record.id)] = None

    def go_back(self, days: float) -> None:
        """Write what follows so many days before the end."""
        self._now = self.end - timedelta(days=days)

    def accepted(self, by: str, whom: str) -> None:
        """`by` asks, `whom` answers, `by` accepts."""
        answer = self.write("answer", whom, of=self.write("question", by))
        self.write("accept", by, of=answer)

    def reshared(self, by: str, whom: str, posts: int = 1) -> None:
        """`by` reshares posts that `whom` writes for the purpose."""
        for _ in range(posts):
            self.write("reshare", by, of=self.write("note", whom))

    def listed(self, by: str, whom: str) -> None:
        """`by` puts `whom` on a list."""
        self.write("list", by, to=whom, content=f"{self.text or ''} people", of=None)

    def every_act(self, by: str, whom: str) -> None:
        """`by` recognises `whom` in every way there is, each by a contribution of its own."""
        self.accepted(by, whom)
        self.write("reply", by, of=self.write("answer", whom, of=self.write("question", by)))
        asked = self.write("question", by, to=whom)
        self.write("reply", by, of=self.write("reply", whom, of=asked))
        change = self.write("note", f"{by}:author")
        self.write("accept", by, of=self.write("review", whom, of=change))
        self.write("test", by, of=self.write("note", whom))
        self.reshared(by, whom)
        self.write("quote", by, of=self.write("note", whom))
        self.listed(by, whom)
        for kind in ("like", "vote"):
            self.write(kind, by, of=self.write("note", whom), value=1)
        self.write("follow", by, to=whom)


class AttackOutcome(msgspec.Struct, frozen=True):
    """What an attack did to one account: points before and after (0 without a number), raw points, places climbed.

    `raw_gain` looks at the score whatever its status; places are among the people active on the topic.
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
        return build_world(self.records, self.question, self.method)

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
        highest = int(people[shared_scores(self.world, people, 0).score.argmax()])
        return self.world.columns.people[highest]

    @cached_property
    def expert_elsewhere(self) -> str:
        """Who is recognised most on other topics, of those who are active on this one and not trusted."""
        people = np.array([number for number in self._numbers(self.world) if not self.world.trust.weights[number]])
        votes = self.world.votes(people, 0, self.world.shared_view, include_recent=False)
        return self.world.columns.people[int(people[add_up(votes, self.method).other.argmax()])]

    def drawn_for(self, attack: Attack, targets: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return whom an attack is about, each with where it comes from; nobody where it lacks texts to copy."""
        if attack.needs_texts and not self._texts:
            return []
        if attack.lowers:
            return [("the expert", self.expert)]
        return [("an expert elsewhere", self.expert_elsewhere)] if attack.alone else targets

    def targets(self, each: int, seed: int) -> list[tuple[str, str]]:
        """Draw `each` ordinary accounts from each third of activity, as (third, account); nobody trusted, no expert."""
        ordinary = [name for name in self.active if name not in {*self.trusted, self.expert}]
        thirds = zip(("least active", "middle", "most active"), np.array_split(np.array(ordinary), 3), strict=True)
        draw = random.Random(seed)
        return [(third, name) for third, names in thirds for name in draw.sample(names.tolist(), min(each, len(names)))]

    def attack(self, attack: Attack, size: int, target: str) -> AttackOutcome:
        """Stage one attack and compare. The random draws depend on the target alone."""
        script = Script(self.question.topics[0], self.question.as_of)
        attack.stage(script, self.scene(target), size)
        about = self.expert if attack.lowers else target
        before = self._before(about)
        world = self._changed_by(script) if script.changed else self.joined_by(script.records)
        after = self._seen(world, about)
        return AttackOutcome(
            target=about,
            before=before.points,
            after=after.points,
            raw_gain=after.raw - before.raw,
            climbed=before.above - after.above,
        )

    def joined_by(self, records: Sequence[Activity]) -> World:
        """Return the community with these records in it; texts are compared anew only if there are any to compare."""
        both = joined(self.world.columns, self._own, self.row_of, records, self.question)
        nobody = np.zeros(len(records), np.int64)
        texts = ((row, record.content) for row, record in enumerate(records) if record.content)
        known = None
        if not find_copies(texts, nobody, self.method.copies).row.size:
            known = self.world.copies.moved(both.row)
        return build_world(both.columns, self.question, self.method, copies=known)

    def _changed_by(self, script: Script) -> World:
        """Return the community, made anew, with records changed and others added."""
        kept = (script.changed.get(str(record.id), record) for record in self.records)
        return build_world(
            [*(record for record in kept if record is not None), *script.records], self.question, self.method
        )

    def _before(self, name: str) -> Seen:
        if name not in self._known:
            self._known[name] = self._seen(self.world, name)
        return self._known[name]

    @cached_property
    def _known(self) -> dict[str, Seen]:
        return {}

    def scene(self, target: str) -> Scene:
        """Set the scene for an attack in favour of `target`; its random draws depend on the target alone."""
        return Scene(
            target=target,
            recognisers=self._recognisers(target),
            people=self._people,
            trusted=self.trusted,
            expert=self.expert,
            texts=self._texts,
            taken_once=self._taken_once,
            questions=self._questions,
            elsewhere=self._elsewhere(target),
            gave=[record for record in reversed(self.records) if record.actor == target and record.type in GIVING],
            random=random.Random(target),
        )

    @cached_property
    def _own(self) -> NDArray[np.bool_]:
        """The topics that each record has by itself."""
        columns = self.world.columns
        return own_topics(columns.text, len(columns.records), self.question.topics)

    @cached_property
    def row_of(self) -> dict[str, int]:
        """The row of each record of the community, by id."""
        return {str(record.id): row for row, record in enumerate(self.world.columns.records)}

    def _recognisers(self, name: str) -> list[str]:
        world, subject = self.world, np.array([self.world.columns.person_of[name]])
        people = world.votes(subject, 0, world.shared_view, in_full=False, include_recent=False).on_topic.person
        return [world.columns.people[person] for person in people.tolist()]

    @cached_property
    def _texts(self) -> list[str]:
        columns = self.world.columns
        return self._long(np.flatnonzero(columns.actor == columns.person_of[self.expert]))

    @cached_property
    def _taken_once(self) -> list[str]:
        columns = self.world.columns
        mine = columns.topics[:, 0] & (columns.actor == columns.person_of[self.expert])
        return self._long(np.flatnonzero(mine & (self._times_taken == 1)))

    def _long(self, rows: NDArray[np.int64]) -> list[str]:
        texts = (self.world.columns.records[row].content for row in rows.tolist())
        return [text for text in texts if text and len(text.split()) > LONG_TEXT]

    @cached_property
    def _times_taken(self) -> NDArray[np.int64]:
        """By how many acts each record was taken up."""
        text = self.world.index.acts.text
        return np.bincount(text[text >= 0], minlength=len(self.world.columns.records))

    def _elsewhere(self, name: str) -> list[Activity]:
        columns = self.world.columns
        said = of_types(columns.type, *POSTS) & (columns.actor == columns.person_of[name])
        rows = np.flatnonzero(said & ~columns.topics[:, 0])
        often = rows[np.argsort(-self._times_taken[rows], kind="stable")]
        return [cast("Activity", columns.records[row]) for row in often.tolist()]

    @cached_property
    def _questions(self) -> list[str]:
        columns = self.world.columns
        asked = np.flatnonzero(columns.topics[:, 0] & columns.is_type("question"))
        return [str(columns.records[row].id) for row in asked.tolist()]

    @cached_property
    def _people(self) -> list[str]:
        return eligible(self.records)

    def _numbers(self, world: World) -> NDArray[np.int64]:
        number = world.columns.person_of
        return np.array(sorted(number[name] for name in self.active if name in number), np.int64)

    def _seen(self, world: World, name: str) -> Seen:
        people = self._numbers(world)
        if name not in world.columns.person_of:
            return Seen(points=0.0, raw=0.0, above=people.size)
        subject = world.columns.person_of[name]
        exact = shared_scores(world, np.array([subject]), 0, world.view(subject))
        raw = float(exact.score[0])
        above = int((shared_scores(world, people[people != subject], 0).score > raw).sum())
        return Seen(points=raw if exact.status[0] in NUMBERED else 0.0, raw=raw, above=above)
