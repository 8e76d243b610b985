"""Plays the ring: thirty sockpuppets who do every act on their centre, and on nobody who could vouch for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from candor.sample import AS_OF
from candor.sample.script import Draft
from candor.sample.year import later, spread

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from random import Random

    from candor.scoring.activity import RecordType

ACTIVE = timedelta(days=170)
ACCEPTS, REPLIES, RESHARES, LIKES = 2, 2, 3, 4
LIST_NAME = "The only satellite and rocket expert you need"


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
