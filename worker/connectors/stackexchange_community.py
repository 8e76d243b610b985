"""A Stack Exchange site, or one tag of it: questions by their last activity, the oldest first, with all about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from candor.scoring.activity import Instant  # noqa: TC001 # msgspec looks it up
from worker.connectors.community import Batch, CommunityConnector, as_cursor
from worker.connectors.connector import public_profile, unavailable_profile
from worker.connectors.stackexchange import StackExchange
from worker.connectors.stackexchange_posts import Answer, Comment, Question, User

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from candor.scoring.activity import Activity
    from candor.store.sources import AskedSource
    from worker.connectors.connector import AccountProfile
    from worker.outbound import Reply

_WHAT = "questions"
_BATCH = 100


class _Asked(Question):
    last_activity_date: Instant | None = None


class _Place(msgspec.Struct, frozen=True):
    """Everything with its last activity before `after` (seconds since 1970) is read."""

    after: int | None = None


class StackExchangeCommunity(StackExchange, CommunityConnector):
    """New activity moves a question to the end of the list, so nothing is missed by going forward."""

    def batches(self, asked: AskedSource, cursor: dict[str, Any], since: datetime) -> Iterator[Batch]:
        """See CommunityConnector. A hundred questions take a request, and some for answers, comments and accepts."""
        after = msgspec.convert(cursor, _Place).after
        begin = last = int(since.timestamp()) if after is None else after
        number, ended = 1, False

        def _following(reply: Reply) -> str | None:
            nonlocal begin, number, ended
            has_more = self._has_more(_WHAT, reply)
            ended = has_more is False and reply.lists("items")
            number, begin = (number + 1, begin) if begin == last else (1, last)
            return self._list(asked.name, begin, number) if has_more else None

        first = self._list(asked.name, begin, number)
        named = {"part": "questions", "credential": self._key()}
        for reply in self.client.pages(_WHAT, first, _following, may_repeat=True, **named):
            questions = self.client.items(_WHAT, reply, _Asked, "items")
            records = list(self._about(questions))
            seen = [int(at.timestamp()) for each in questions if (at := each.last_activity_date)]
            last = max((last, *seen))
            yield Batch(records, as_cursor(_Place(last)))
        if ended:
            yield Batch([], as_cursor(_Place(last)), complete=True)

    def profiles(self, names: Collection[str]) -> Iterator[AccountProfile]:
        """See CommunityConnector. A request for a hundred accounts; one that the site does not show is gone.

        Who is among those that cannot be read is not known: then nobody is said to be gone.
        """
        wanted = list(names)
        for start in range(0, len(wanted), _BATCH):
            some = wanted[start : start + _BATCH]
            url = self._url(f"users/{';'.join(some)}")
            reply = self.client.ask("accounts", url, part="users/{ids}", credential=self._key())
            if reply is None:
                continue
            listed = self.client.items("accounts", reply, User, "items")
            shown = {each.account: each for each in listed}
            for name in some:
                if (found := shown.get(name)) is not None:
                    yield public_profile(reply, found.kind, actor=name, name=found.name, url=found.link)
                elif len(listed) == reply.length("items"):
                    yield unavailable_profile(name, reply.fetched_at, "account not found on the site", gone=True)

    def _list(self, tag: str | None, begin: int, number: int) -> str:
        """Return where questions stand from a time on: by time, as page numbers shift while people write."""
        tagged: dict[str, str | int] = {"tagged": tag} if tag else {}
        return self._url("questions", order="asc", sort="activity", min=begin, page=number, **tagged)

    def _about(self, questions: list[_Asked]) -> Iterator[Activity]:
        """Yield the questions, their answers with votes and who accepted them, and the comments under both."""
        self._questions = {question.id: question for question in questions}
        numbers = list(self._questions)
        yield from self._made(_WHAT, self._site.question, questions)
        answers: list[Answer] = []
        for some in self._by_id("answers", "questions", numbers, Answer, "/answers"):
            answers += some
        self._answers = {answer.id: answer for answer in answers}
        owners = [each.owner for each in questions if each.owner] + [each.owner for each in answers if each.owner]
        self.trusted |= {str(owner.account): None for owner in owners if owner.user_type == "moderator"}
        yield from self._made("answers", self._site.answer, answers)
        yield from self._made("votes", self._site.votes, answers)
        yield from self._accepts([answer for answer in answers if answer.is_accepted])
        for kind, ids in (("questions", numbers), ("answers", list(self._answers))):
            for comments in self._by_id("comments", kind, ids, Comment, "/comments"):
                yield from self._made("comments", self._site.comment, comments)
