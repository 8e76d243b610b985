"""Zulip, on any host: what is said in public channels, topic by topic."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from candor.formats.dumps.chat import Message, quoted_in_zulip, records_of
from candor.formats.lenient import NEEDED
from candor.scoring.account_kinds import by_sign
from candor.scoring.activity import Instant
from candor.scoring.markup import own_words
from worker.connectors.connector import Connector, ConnectorFacts, public_profile, unavailable_profile
from worker.connectors.network_client import read
from worker.outbound import BadAnswerError, Credential, RejectedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from candor.scoring.activity import AccountKind, Activity
    from worker.connectors.connector import AccountProfile
    from worker.outbound import Reply

_PAGE, _MOST_IN_TOPIC, _TOPICS_OF_VOUCHES = 100, 200, 10
_NAMED = re.compile(r"(?<!\w)@\*\*([^*|]{1,100})(?:\|\d+)?\*\*")
_UNKNOWN_USER = "No such user"
_ITSELF = "zulipinternal"
"""Where the software's own accounts are, which say that a topic was moved or resolved."""
_REACTIONS = "reactions"


class _Member(msgspec.Struct):
    """An account, as a key shows it."""

    email: str
    user_id: int = 0
    full_name: str | None = None
    is_bot: bool = False
    is_active: Annotated[bool, NEEDED] = True

    @property
    def kind(self) -> tuple[AccountKind, str]:
        """Say what stands behind it: a server tells bots apart, and no more."""
        return by_sign("zulip", "is_bot true" if self.is_bot else "")


class _MemberAnswer(msgspec.Struct):
    user: _Member


class _Reactor(msgspec.Struct):
    email: str = ""


class _Reaction(msgspec.Struct):
    """A reaction; servers since Zulip 12 say by whom as a number alone."""

    emoji_name: str
    user_id: int = 0
    user: _Reactor = msgspec.field(default_factory=_Reactor)


class ChannelMessage(msgspec.Struct):
    """A message in a channel; `subject` is its topic, which begins with a check mark once it is resolved."""

    id: int
    timestamp: Instant
    sender_email: str
    stream_id: int
    type: str
    subject: str = ""
    content: str = ""
    sender_id: int = 0
    sender_full_name: str = ""
    sender_realm_str: str = ""
    display_recipient: str = ""
    reactions: list[_Reaction] = []

    @property
    def topic(self) -> str:
        """Return the topic without the check mark."""
        return self.subject.removeprefix("✔ ")


class Zulip(Connector):
    """Messages go by their number; an account's messages lead to the topics, which are read from their beginning."""

    facts = ConnectorFacts(
        family="zulip",
        profile="forum",
        terms="channels that the organisation opened to everybody on the web; with a key, its public channels",
        limits="200 requests a minute to a server by default, told by X-RateLimit-Reset as epoch",
        consent=("deactivated",),
        unseen={
            "closed": "messages to some, and channels that are not public",
            "times": "when somebody reacted is not shown: dated as the message",
            "long_topics": f"of a topic the first {_MOST_IN_TOPIC} messages and those of the account",
            "addresses": "where a server hides e-mail addresses, people go by those it shows in their place",
        },
        operator_adds="a key of the organisation (HOST=EMAIL:KEY) opens its public channels, and who is a bot",
    )

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 as Connector
        super().__init__(*args, **named)
        self._host = self.network.partition(":")[2]
        token = self.client.token(self._host)
        host = urlsplit(self.client.origin(self._host)).netloc
        basic = f"Basic {b64encode((token or '').encode()).decode()}"
        self._key = Credential(host=host, value=basic) if token else None
        self._base = f"{self.client.origin(self._host)}/{'api/v1' if token else 'json'}"
        self._begun: dict[tuple[int, str], tuple[str, str]] = {}
        self._email_of: dict[int, str] = {}

    def profile(self, account: str) -> AccountProfile:
        """See Connector. One request: what a key is told of it, or else its newest message."""
        name = str(self.canonical_name(account))
        if self._key is None:
            return self._of_stranger(name)
        try:
            reply = self.client.outbound.get_json(f"{self._base}/users/{quote(name)}", credential=self._key)
        except RejectedError as error:
            if error.reply is None or error.reply.part("msg", str) != _UNKNOWN_USER:
                raise
            return unavailable_profile(name, error.reply.fetched_at, "account not found on the server", gone=True)
        found = read(reply, _MemberAnswer).user
        if not found.is_active:
            self.client.outbound.forget(reply)
            return unavailable_profile(name, reply.fetched_at, "deactivated", gone=True)
        return public_profile(reply, found.kind, actor=name, name=found.full_name)

    def activities(self, account: str, since: datetime, until: datetime) -> Iterator[Activity]:
        """See Connector. Whole topics, that of the newest message first, then messages further down in them."""
        name = str(self.canonical_name(account))
        topics: set[tuple[int, str]] = set()
        for page in self._own(name):
            for said in (each for each in page if since <= each.timestamp < until):
                if (said.stream_id, said.topic) not in topics:
                    topics.add((said.stream_id, said.topic))
                    yield from self._topic(said)
                yield from self._message(said, {})
            if page and all(each.timestamp < since for each in page):
                return

    def recognition(self, posts: Iterable[Activity]) -> Iterator[Activity]:
        """See Connector. Nothing more: all of it stood in the topics."""
        del posts
        return iter(())

    def vouches_of(self, account: str) -> Iterator[Activity]:
        """See Connector. Whose answers it marked with a check, in the topics of its newest messages, at most ten."""
        name = str(self.canonical_name(account))
        topics = {(said.stream_id, said.topic): said for said in next(self._own(name), [])}
        for said in islice(topics.values(), _TOPICS_OF_VOUCHES):
            yield from (r for r in self._topic(said) if (r.type, r.actor) == ("accept", name))

    def _of_stranger(self, name: str) -> AccountProfile:
        reply = self.client.outbound.get_json(self._messages(self._sent_by(name), num_before=1))
        shown = self.client.items("messages of the account", reply, ChannelMessage, "messages")
        if not shown:
            raise BadAnswerError(reply.host, "shows strangers no message of this account; a key may show more", reply)
        return public_profile(reply, actor=name, name=shown[0].sender_full_name or None)

    def _sent_by(self, name: str) -> list[tuple[str, str | int]]:
        return [("streams", "public" if self._key else "web-public"), ("sender", name)]

    def _messages(self, narrow: list[tuple[str, str | int]], **query: str | int) -> str:
        operators = msgspec.json.encode([{"operator": name, "operand": value} for name, value in narrow]).decode()
        asked = {"anchor": "newest", "num_before": 0, "num_after": 0, "apply_markdown": "false", **query}
        return f"{self._base}/messages?{urlencode({**asked, 'narrow': operators})}"

    def _own(self, name: str) -> Iterator[list[ChannelMessage]]:
        """Yield what an account said, the newest first, page by page."""
        what, narrow = "messages of the account", self._sent_by(name)

        def _following(reply: Reply) -> str | None:
            numbers = [said.id for said in self.client.items(what, reply, ChannelMessage, "messages")]
            if not numbers or reply.part("found_oldest", bool):
                return None
            return self._messages(narrow, num_before=_PAGE, anchor=min(numbers))

        first = self._messages(narrow, num_before=_PAGE)
        for reply in self.client.pages(what, first, _following, credential=self._key):
            shown = self.client.items(what, reply, ChannelMessage, "messages")
            self._learn(shown)
            yield sorted(shown, key=lambda said: said.id, reverse=True)

    def _topic(self, of: ChannelMessage) -> Iterator[Activity]:
        """Read a topic from its beginning; what comes later than can be read is a gap."""
        what = "topics"
        narrow: list[tuple[str, str | int]] = [] if self._key else [("streams", "web-public")]
        narrow += [("stream", of.stream_id), ("topic", of.subject)]
        url = self._messages(narrow, anchor="oldest", num_after=_MOST_IN_TOPIC)
        reply = self.client.ask(what, url, credential=self._key)
        if reply is None:
            return
        said = sorted(self.client.items(what, reply, ChannelMessage, "messages"), key=lambda each: each.id)
        if reply.part("found_newest", bool) is False:
            self.client.gaps.add("long topics", f"{self._host}: only the first {_MOST_IN_TOPIC} messages are read")
        self._learn(said)
        people = {each.sender_full_name: each.sender_email for each in said if each.sender_full_name}
        for each in said:
            yield from self._message(each, people)

    def _learn(self, shown: list[ChannelMessage]) -> None:
        """Learn who stands behind the numbers of accounts: from what they said, and with a key by asking."""
        self._email_of |= {said.sender_id: said.sender_email for said in shown}
        numbers = (each.user_id for said in shown for each in said.reactions if not each.user.email and each.user_id)
        missing = sorted(set(numbers) - self._email_of.keys())
        if self._key is None or not missing:
            return
        url = f"{self._base}/users?{urlencode({'user_ids': msgspec.json.encode(missing).decode()})}"
        reply = self.client.ask(_REACTIONS, url, credential=self._key)
        members = self.client.items(_REACTIONS, reply, _Member, "members") if reply else []
        self._email_of |= {**dict.fromkeys(missing, ""), **{each.user_id: each.email for each in members}}

    def _reactor(self, reaction: _Reaction) -> str:
        """Return who reacted, or an empty text and a gap."""
        found = reaction.user.email or self._email_of.get(reaction.user_id, "")
        if not found:
            self.client.gaps.add(_REACTIONS, f"{self._host}: does not say whose they are")
        return found.lower()

    def _message(self, said: ChannelMessage, people: dict[str, str]) -> Iterator[Activity]:
        """Yield a message in a channel; one that begins a topic is a note, and any other answers that one."""
        if said.type != "stream" or said.sender_realm_str == _ITSELF:
            return
        key, by = str(said.id), said.sender_email.lower()
        first, asker = self._begun.setdefault((said.stream_id, said.topic.lower()), (key, by))
        quoted = quoted_in_zulip(said.content, said.id, said.stream_id)
        mentions = [people[name].lower() for name in _NAMED.findall(own_words(said.content)) if name in people]
        reactions = [(each.emoji_name, self._reactor(each)) for each in said.reactions]
        message = Message(
            id=key,
            actor=by,
            published=said.timestamp.astimezone(UTC),
            text=said.content if first != key else f"{said.topic}\n\n{said.content}",
            parent=None if first == key else quoted or first,
            asker=asker,
            tags=[tag for tag in (said.display_recipient, said.topic) if tag],
            mentions=mentions,
            reactions=[(emoji, by) for emoji, by in reactions if by],
        )
        yield from self.records("messages", self._host, records_of(message))
