"""What the crowd does by habit: reshares, likes, cheers and follows, drawn from habits.toml."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from candor.sample import AS_OF
from candor.sample.script import Draft

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from random import Random

    from candor.sample.script import Person
    from candor.scoring.activity import RecordType


YEAR = timedelta(days=364)
LONGEST_THREAD = timedelta(days=12)
LONGEST_WAIT_H = 90

TYPE_OF_HABIT: dict[str, RecordType] = {"reshares": "reshare", "likes": "like", "cheers": "reply"}
ANY_MEMBER = "members"

ACTIVE = timedelta(days=170)
ACCEPTS, REPLIES, RESHARES, LIKES = 2, 2, 3, 4
LIST_NAME = "The only satellite and rocket expert you need"


def spread(
    count: int, random: Random, *, since: datetime = AS_OF - YEAR, until: datetime = AS_OF
) -> Iterator[datetime]:
    """Yield `count` instants in order, evenly between the two with some jitter, all early enough to be reacted to."""
    step = (until - LONGEST_THREAD - since) / max(count, 1)
    for number in range(count):
        yield since + step * (number + random.random())


def place_thread(thread: Sequence[Draft], start: datetime, random: Random) -> None:
    """Date a thread's drafts from its opening on: each follows within hours, a mention comes with its post."""
    at = start
    for draft in thread:
        if draft is not thread[0] and draft.type != "mention":
            at += timedelta(minutes=random.randint(12, 1500))
        draft.at = at


def later(at: datetime, random: Random) -> datetime:
    """Return when somebody reacts to what happened at `at`."""
    return at + timedelta(minutes=random.randint(9, LONGEST_WAIT_H * 60))


def keep_apart(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the drafts by time, on whole seconds of which no two are the same: no order depends on ids."""
    ordered = sorted(drafts, key=lambda draft: draft.at)
    last = AS_OF - 2 * YEAR
    for draft in ordered:
        at = draft.at.replace(microsecond=0)
        draft.at = last = max(at, last + timedelta(seconds=1))
    return ordered


@dataclass(kw_only=True)
class Crowd:
    """The people, the notes they can react to, and the words at hand for cheering."""

    people: Sequence[Person]
    notes: Sequence[Draft]
    cheers: Sequence[str]
    random: Random
    _by_author: dict[str, list[Draft]] = field(init=False)

    def __post_init__(self) -> None:
        members = {person.handle for person in self.people if person.role in {"member", "root"}}
        self._by_author = {ANY_MEMBER: [note for note in self.notes if note.actor in members]}
        for note in self.notes:
            self._by_author.setdefault(str(note.actor), []).append(note)

    def act(self, habits: Mapping[str, Any]) -> Iterator[Draft]:
        """Yield every reaction and follow of the year."""
        for habit, record_type in TYPE_OF_HABIT.items():
            words = itertools.cycle(self.cheers)
            for person in self.people:
                for author, count in habits[habit].get(person.role, {}).items():
                    for note in self._chosen(person, author, count):
                        yield self._reaction(record_type, person, note, words)
        yield from self._follows(habits["follows"])

    def _chosen(self, person: Person, author: str, count: int) -> list[Draft]:
        theirs = [note for note in self._by_author[author] if note.actor != person.handle]
        return self.random.sample(theirs, min(count, len(theirs)))

    def _reaction(self, record_type: RecordType, person: Person, note: Draft, words: Iterator[str]) -> Draft:
        return Draft(
            type=record_type,
            actor=person.handle,
            object=note,
            target=note.actor,
            content=next(words) if record_type == "reply" else None,
            at=later(note.at, self.random),
        )

    def _follows(self, followed: Mapping[str, Sequence[str]]) -> Iterator[Draft]:
        for person in self.people:
            theirs = followed.get(person.role, ())
            for other, at in zip(theirs, spread(len(theirs), self.random), strict=True):
                if other != person.handle:
                    yield Draft(type="follow", actor=person.handle, target=other, at=at)


@dataclass(frozen=True, kw_only=True)
class Ring:
    """The centre and its puppets by handle, with the words they were given."""

    centre: str
    puppets: Sequence[str]
    posts: Sequence[str]
    questions: Sequence[str]
    answers: Sequence[str]
    praise: Sequence[str]

    def act(self, random: Random) -> Iterator[Draft]:
        """Yield what the ring did in its last months: notes, questions with answers, and praise of every sort."""
        since = AS_OF - ACTIVE
        when = spread(len(self.posts), random, since=since)
        notes = [self._post("note", text, at) for text, at in zip(self.posts, when, strict=True)]
        questions = list(self._questions(since, random))
        answers = [self._answer(*pair, random) for pair in zip(questions, self.answers, strict=True)]
        yield from (*notes, *questions, *answers)
        for puppet in self.puppets:
            yield from self._praise(puppet, notes, answers, random)

    def _post(self, record_type: RecordType, text: str, at: datetime) -> Draft:
        return Draft(type=record_type, actor=self.centre, content=text, at=at)

    def _questions(self, since: datetime, random: Random) -> Iterator[Draft]:
        askers = random.sample(self.puppets, len(self.questions))
        when = spread(len(askers), random, since=since)
        for asker, text, at in zip(askers, self.questions, when, strict=True):
            yield Draft(type="question", actor=asker, content=text, target=self.centre, at=at)

    def _answer(self, question: Draft, text: str, random: Random) -> Draft:
        at = later(question.at, random)
        return Draft(type="answer", actor=self.centre, object=question, target=question.actor, content=text, at=at)

    def _praise(self, puppet: str, notes: list[Draft], answers: list[Draft], random: Random) -> Iterator[Draft]:
        praised: tuple[tuple[RecordType, list[Draft]], ...] = (
            ("accept", random.sample(answers, ACCEPTS)),
            ("reply", random.sample(answers, REPLIES)),
            ("reshare", random.sample(notes, RESHARES)),
            ("like", random.sample(notes + answers, LIKES)),
        )
        for record_type, chosen in praised:
            for post in chosen:
                text = random.choice(self.praise) if record_type == "reply" else None
                at = later(post.at, random)
                yield Draft(type=record_type, actor=puppet, object=post, target=self.centre, content=text, at=at)
        when = list(spread(2, random, since=AS_OF - ACTIVE))
        yield Draft(type="follow", actor=puppet, target=self.centre, at=when[0])
        yield Draft(type="list", actor=puppet, target=self.centre, content=LIST_NAME, at=when[1])
