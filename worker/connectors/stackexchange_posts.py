"""The shapes of a Stack Exchange site's answers that we read, and the records made of them."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from candor.formats.lenient import NEEDED
from candor.scoring.account_kinds import by_sign
from candor.scoring.activity import Instant
from candor.scoring.markup import plain
from worker.connectors.connector import record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from candor.scoring.activity import AccountKind, Activity


class User(msgspec.Struct):
    """A member of a site; a deleted one has no id."""

    user_id: Annotated[int | None, NEEDED] = None
    display_name: str = ""
    link: str | None = None
    about_me: str | None = None
    user_type: str = ""

    @property
    def account(self) -> str | None:
        """Return the name that records use: the number of the account on this site."""
        return None if self.user_id is None else str(self.user_id)

    @property
    def kind(self) -> tuple[AccountKind, str]:
        """Say what stands behind it: by the rules of the sites one person, but for the Community user."""
        return by_sign("stackexchange", "user_id -1" if self.user_id == -1 else f"user_type {self.user_type}")

    @property
    def name(self) -> str:
        """Return the name shown, which comes with its entities escaped."""
        return unescape(self.display_name)


class Question(msgspec.Struct):
    """A question. Times are seconds since 1970."""

    question_id: int
    creation_date: Instant
    title: str = ""
    body: str = ""
    link: str | None = None
    tags: list[str] = []
    owner: User | None = None
    accepted_answer_id: int | None = None

    @property
    def id(self) -> int:
        """Return its number: questions and answers of a site share one row of numbers."""
        return self.question_id


class Answer(msgspec.Struct):
    """An answer; `score` is up-votes less down-votes."""

    answer_id: int
    question_id: int
    creation_date: Instant
    body: str = ""
    score: int = 0
    is_accepted: bool = False
    owner: User | None = None

    @property
    def id(self) -> int:
        """Return its number."""
        return self.answer_id


class Comment(msgspec.Struct):
    """A comment under a question or an answer."""

    comment_id: int
    post_id: int
    creation_date: Instant
    body: str = ""
    link: str | None = None
    owner: User | None = None
    reply_to_user: User | None = None


class Event(msgspec.Struct):
    """An event in the life of a question."""

    timeline_type: str
    question_id: int
    creation_date: Instant
    post_id: int | None = None


class Badge(msgspec.Struct):
    """A badge; `rank` is bronze, silver or gold."""

    badge_id: int
    name: str = ""
    rank: str = ""


class Recipient(msgspec.Struct):
    """Who got a badge."""

    user: User


class Site:
    """Makes records of one site's posts: an id there means nothing on another site."""

    def __init__(self, name: str) -> None:
        self.name = name

    def key(self, number: int) -> str:
        """Return the id that records use for a question or an answer."""
        return f"{self.name}/{number}"

    def number(self, key: str | None) -> int | None:
        """Return the number of a question or an answer, None when the id is neither's."""
        site, _, number = (key or "").partition("/")
        return int(number) if site == self.name and number.isascii() and number.isdigit() else None

    def question(self, question: Question) -> Iterator[Activity]:
        """Yield a question. May raise one of MALFORMED, as all of these."""
        text = f"{unescape(question.title)}\n\n{plain(question.body)}".strip()
        said = {"content": text, "tags": question.tags, "url": question.link}
        yield record(type="question", id=self.key(question.id), **_by(question), **said)

    def answer(self, answer: Answer) -> Iterator[Activity]:
        """Yield an answer."""
        of = {"object": self.key(answer.question_id), "content": plain(answer.body)}
        yield record(type="answer", id=self.key(answer.id), **_by(answer), **of)

    def comment(self, comment: Comment) -> Iterator[Activity]:
        """Yield a comment, and whom it names with an @."""
        key, by = f"{self.name}/comment/{comment.comment_id}", _by(comment)
        said = {"object": self.key(comment.post_id), "content": plain(comment.body), "url": comment.link}
        yield record(type="reply", id=key, **by, **said)
        named = comment.reply_to_user.account if comment.reply_to_user else None
        if named is not None:
            yield record(type="mention", id=f"{key}/to", object=key, target_actor=named, **by)

    def accept(self, answer: Answer, asker: User | None, at: datetime) -> Iterator[Activity]:
        """Yield that the asker accepted an answer."""
        towards = {"object": self.key(answer.id), "target_actor": answer.owner.account if answer.owner else None}
        if asker is not None and asker.account is not None:
            yield record(
                type="accept", id=f"{self.key(answer.id)}/accept", actor=asker.account, published=at, **towards
            )

    def votes(self, answer: Answer) -> Iterator[Activity]:
        """Yield the sum of the votes on an answer, if more are up than down. Nobody says when they were given."""
        if answer.score > 0:
            towards = {"object": self.key(answer.id), "target_actor": answer.owner.account if answer.owner else None}
            key = f"{self.key(answer.id)}/votes"
            yield record(type="vote", id=key, value=float(answer.score), published=answer.creation_date, **towards)


def _by(post: Question | Answer | Comment) -> dict[str, Any]:
    return {"actor": post.owner.account if post.owner else None, "published": post.creation_date}
