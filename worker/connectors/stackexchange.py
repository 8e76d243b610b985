"""Stack Exchange, any site of it: questions, answers, who accepted what, and comments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from candor.scoring.markup import plain
from worker.connectors.connector import (
    Connector,
    ConnectorFacts,
    UnknownAccountError,
    public_profile,
    unavailable_profile,
)
from worker.connectors.network_client import check_same, read_items
from worker.connectors.stackexchange_posts import Answer, Badge, Comment, Event, Question, Recipient, Site, User
from worker.outbound import Credential

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from candor.scoring.activity import Activity
    from worker.connectors.connector import AccountProfile
    from worker.outbound import Reply

T = TypeVar("T")
HOST = "api.stackexchange.com"
_VERSION = "2.3"
_BATCH = 100
_BADGE = re.compile(r"([\w.#+-]+?)(?::(bronze|silver|gold))?")


class StackExchange(Connector):
    """Accounts go by their number on the site, posts by site and number."""

    facts = ConnectorFacts(
        family="stackexchange",
        profile="qa",
        terms="the public API under its terms of use; content is CC BY-SA, with its address kept",
        limits="300 requests a day, 10,000 with a key; backoff by method, in the answer itself",
        consent=("deleted",),
        unseen={
            "votes": "votes are shown as a sum, without names and times: one record each answer, dated as the answer",
            "deleted": "deleted posts and comments, and who wrote a post before the account was deleted",
            "not_accepted": "whom an asker meant to thank without a click or a word",
        },
        operator_adds="a key raises the requests a day",
    )

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 as Connector
        super().__init__(*args, **named)
        self._site = Site(self.network.partition(":")[2])
        self._questions: dict[int, Question] = {}
        self._answers: dict[int, Answer] = {}

    def profile(self, account: str) -> AccountProfile:
        """See Connector. One request."""
        name = str(self.canonical_name(account))
        reply = self.client.outbound.get_json(self._url(f"users/{name}"), part="users/{ids}", credential=self._key())
        members = read_items(reply, User, "items")
        if not members or members[0].account is None:
            return unavailable_profile(name, reply.fetched_at, "account not found on the site", gone=True)
        member = members[0]
        check_same(name, member.account, reply)
        facts = {"name": member.name, "url": member.link}
        return public_profile(
            reply, member.kind, actor=member.account, bio=plain(member.about_me) if member.about_me else None, **facts
        )

    def activities(self, account: str, since: datetime, until: datetime) -> Iterator[Activity]:
        """See Connector. Answers with their questions, then questions, then comments, each the newest first."""
        name = self.canonical_name(account)
        within: dict[str, str | int] = {
            "fromdate": int(since.timestamp()),
            "todate": int(until.timestamp()) - 1,
            "sort": "creation",
        }
        for answers in self._pages("answers", f"users/{name}/answers", Answer, **within):
            self._answers |= {answer.id: answer for answer in answers}
            yield from self._asked(answer.question_id for answer in answers)
            yield from self._made("answers", self._site.answer, answers)
        for questions in self._pages("questions", f"users/{name}/questions", Question, **within):
            self._questions |= {question.id: question for question in questions}
            yield from self._made("questions", self._site.question, questions)
            yield from self._accepted(questions)
        for comments in self._pages("comments", f"users/{name}/comments", Comment, **within):
            yield from self._posts({comment.post_id for comment in comments})
            yield from self._made("comments", self._site.comment, comments)

    def recognition(self, posts: Iterable[Activity]) -> Iterator[Activity]:
        """See Connector. Comments under the posts; who accepted the answers and when; the sum of their votes."""
        wanted = [number for post in posts if (number := self._site.number(post.id)) is not None]
        answers = [self._answers[number] for number in wanted if number in self._answers]
        yield from self._made("votes", self._site.votes, answers)
        yield from self._accepts([answer for answer in answers if answer.is_accepted])
        questions = [number for number in wanted if number in self._questions]
        for kind, numbers in (("answers", [answer.id for answer in answers]), ("questions", questions)):
            for comments in self._by_id("comments", kind, numbers, Comment, "/comments"):
                yield from self._made("comments", self._site.comment, comments)

    def vouches_of(self, account: str) -> Iterator[Activity]:
        """See Connector. Which answers to its newest hundred questions it accepted."""
        for questions in self._pages(
            "questions", f"users/{self.canonical_name(account)}/questions", Question, sort="creation"
        ):
            self._questions |= {question.id: question for question in questions}
            yield from (each for each in self._accepted(questions) if each.type == "accept")
            return

    def list_members(self, reference: str) -> Iterator[str]:
        """See Connector. The holders of a tag's badge: `TAG`, or `TAG:gold`."""
        found = _BADGE.fullmatch(reference)
        if found is None:
            raise UnknownAccountError(f"not a tag of a Stack Exchange site: {reference!r}")
        tag, rank = found.groups()
        self.client.outbound.get_json(self._url("badges/tags", inname=tag), part="badges/tags", credential=self._key())
        pages = self._pages("badges", "badges/tags", Badge, inname=tag)
        badges = [badge for page in pages for badge in page if badge.name == tag and rank in {None, badge.rank}]
        if not badges:
            raise UnknownAccountError(f"{self.network} has no badge for {reference!r}")
        return self._holders(badges)

    def _holders(self, badges: list[Badge]) -> Iterator[str]:
        seen: set[str] = set()
        numbers = [badge.badge_id for badge in badges]
        for recipients in self._by_id("badge holders", "badges", numbers, Recipient, "/recipients"):
            for recipient in recipients:
                if recipient.user.account is not None and recipient.user.account not in seen:
                    seen.add(recipient.user.account)
                    yield recipient.user.account

    def _key(self) -> Credential | None:
        token = self.client.token(HOST)
        host = urlsplit(self.client.origin(HOST)).netloc
        return Credential(host=host, value=token, param="key") if token else None

    def _url(self, path: str, **query: str | int) -> str:
        asked = {"site": self._site.name, "filter": "withbody", "pagesize": _BATCH, **query}
        return f"{self.client.origin(HOST)}/{_VERSION}/{path}?{urlencode(asked)}"

    def _pages(self, what: str, path: str, kind: type[T], **query: str | int) -> Iterator[list[T]]:
        """Yield page after page, as long as there are more. A method, its numbers apart, has a limit of its own."""
        first = self._url(path, **query)
        number = 1

        def _following(reply: Reply) -> str | None:
            nonlocal number
            number += 1
            return f"{first}&page={number}" if self._has_more(what, reply) else None

        method = re.sub(r"\d+(?:[;%][\dB]*)*", "{ids}", path)
        for reply in self.client.pages(what, first, _following, part=method, credential=self._key()):
            yield self.client.items(what, reply, kind, "items")

    def _has_more(self, what: str, reply: Reply) -> bool | None:
        """Say whether more pages follow; None, and a gap, where the answer says something else."""
        encoded = reply.parts.get("has_more", b"null")
        return False if bytes(encoded) == b"null" else self.client.shape(what, HOST, encoded, bool)

    def _by_id(self, what: str, path: str, numbers: Iterable[int], kind: type[T], then: str = "") -> Iterator[list[T]]:
        wanted = list(dict.fromkeys(numbers))
        for start in range(0, len(wanted), _BATCH):
            ids = quote(";".join(map(str, wanted[start : start + _BATCH])))
            yield from self._pages(what, f"{path}/{ids}{then}", kind)

    def _made(self, what: str, make: Callable[[T], Iterator[Activity]], things: Iterable[T]) -> Iterator[Activity]:
        for thing in things:
            yield from self.records(what, HOST, make(thing))

    def _asked(self, numbers: Iterable[int]) -> Iterator[Activity]:
        """Yield the questions of these numbers that were not read yet."""
        missing = [number for number in numbers if number not in self._questions]
        for questions in self._by_id("questions", "questions", missing, Question):
            self._questions |= {question.id: question for question in questions}
            yield from self._made("questions", self._site.question, questions)

    def _posts(self, numbers: set[int]) -> Iterator[Activity]:
        """Yield what was commented on: a number does not say whether it is a question's or an answer's."""
        missing = sorted(numbers - self._questions.keys() - self._answers.keys())
        for answers in self._by_id("answers", "answers", missing, Answer):
            self._answers |= {answer.id: answer for answer in answers}
            yield from self._asked(answer.question_id for answer in answers)
            yield from self._made("answers", self._site.answer, answers)
        yield from self._asked(missing)

    def _accepted(self, questions: list[Question]) -> Iterator[Activity]:
        """Yield the answers that the asker of these questions accepted."""
        numbers = [question.accepted_answer_id for question in questions if question.accepted_answer_id]
        for answers in self._by_id("answers", "answers", numbers, Answer):
            self._answers |= {answer.id: answer for answer in answers}
            yield from self._made("answers", self._site.answer, answers)
            yield from self._accepts(answers)

    def _accepts(self, answers: list[Answer]) -> Iterator[Activity]:
        """Yield who accepted these answers. Where the time is not shown, the answer's own stands for it."""
        times = self._times(answer.question_id for answer in answers)
        for answer in answers:
            question = self._questions.get(answer.question_id)
            at = times.get(answer.id)
            if at is None:
                self.client.gaps.add("accepted answers", f"{HOST}: does not say when; dated as the answer")
            asker = question.owner if question else None
            made = self._site.accept(answer, asker, at or answer.creation_date)
            yield from self.records("accepted answers", HOST, made)

    def _times(self, numbers: Iterable[int]) -> dict[int, datetime]:
        times: dict[int, datetime] = {}
        for events in self._by_id("accepted answers", "questions", numbers, Event, "/timeline"):
            for event in events:
                if event.timeline_type == "accepted_answer" and event.post_id is not None:
                    times.setdefault(event.post_id, event.creation_date)
        return times
