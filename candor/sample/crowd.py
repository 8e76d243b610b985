"""What the crowd does by habit: reshares, likes, cheers and follows, drawn from habits.toml."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from candor.sample.script import Draft
from candor.sample.year import later, spread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from random import Random

    from candor.sample.people import Person
    from candor.scoring.activity import RecordType

TYPE_OF_HABIT: dict[str, RecordType] = {"reshares": "reshare", "likes": "like", "cheers": "reply"}
ANY_MEMBER = "members"


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
            self._by_author.setdefault(note.actor, []).append(note)

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
