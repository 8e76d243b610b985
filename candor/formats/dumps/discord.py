"""Channels of Discord, as DiscordChatExporter writes them in JSON: a file a channel or thread."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.columns import OF_DISCORD
from candor.formats.dumps.chat import YES, FollowUps, Message, records_of, unnamed
from candor.formats.dumps.dump import DumpError, Format, FormatFacts, Run, chunks_of
from candor.formats.dumps.objects import listed_in
from candor.formats.dumps.perceval_threads import object_of
from candor.scoring.activity import Instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from candor.scoring.activity import AccountKind, Activity

FACTS = FormatFacts(
    id="discord",
    label="Discord (DiscordChatExporter)",
    files="the JSON files that it writes, one a channel or thread",
    network="custom:NAME",
    account="number of the user",
    question="none: what answers nothing is a note, tagged with its channel; the first of a thread too",
    answer="a reply, and whatever stands in a thread, is a reply",
    accept=YES,
    trusted="none: roles have names of their own",
    lost="direct messages, who joined, pins; reactions where the exporter did not list who reacted, counted",
)
_ON_SERVERS = frozenset(
    {"GuildTextChat", "GuildVoiceChat", "GuildCategory", "GuildNews", "GuildNewsThread", "GuildPublicThread"}
    | {"GuildStageVoice", "GuildDirectory", "GuildForum", "GuildMedia"}
)
_PRIVATE = frozenset({"DirectTextChat", "DirectGroupTextChat", "GuildPrivateThread"})
_STARTER = "21"
"""What a thread begins with where it was made of a message, which it names; the exporter has no word for it."""
_SAID = {"Default": "Default", "0": "Default", "Reply": "Reply", "19": "Reply"}
"""What people write; of what the exporter did not know yet it wrote the number."""
_NOBODY = "456226577798135808"
"""Whom Discord shows in the place of accounts that are gone."""
_OTHER_FORMS = re.compile(rb"\s*<|\"?AuthorID\"?,|={20}")
"""How its pages, tables and texts begin."""
_PACKAGE = re.compile(rb'\s*(?:\[\s*\{\s*"ID"\s*:|"?ID"?,"?Timestamp"?,"?Contents"?)')
_PART = re.compile(r" \[part (\d+)\]")


class _User(msgspec.Struct, rename="camel"):
    id: str
    name: str | None = None
    nickname: str | None = None
    is_bot: bool = False


class _Emoji(msgspec.Struct):
    name: str = ""


class _Reaction(msgspec.Struct):
    emoji: _Emoji
    users: list[_User] = []
    count: int = 0


class _Reference(msgspec.Struct, rename="camel"):
    message_id: str | None = None


class _Message(msgspec.Struct):
    id: str
    type: str
    timestamp: Instant
    author: _User | None = None
    content: str = ""
    mentions: list[_User] = []
    reactions: list[_Reaction] = []
    reference: _Reference | None = None


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of channels. Raises DumpError, UnreadableError."""
    threads: dict[str, _Said] = {}
    yield from run.each_file(sorted(paths, key=_place), lambda path: _channel(path, threads, run))


def _channel(path: Path, threads: dict[str, _Said], run: Run) -> Iterator[Activity]:
    _refuse_others(path)
    with listed_in(path, "messages") as (before, messages):
        channel: Any = before.get("channel")
        if not isinstance(channel, dict) or not isinstance(channel.get("type"), str):
            raise DumpError(f"{path} does not say of which channel it is")
        if channel["type"] not in _ON_SERVERS:  # who of a server may read a channel is not told
            why = "private" if channel["type"] in _PRIVATE else "unclear"
            run.left_out[why] += sum(1 for _ in messages)
            return
        key = str(channel.get("id") or path)
        if (said := threads.get(key)) is None:
            said = threads[key] = _Said(run, str(channel.get("name") or ""), is_thread="Thread" in channel["type"])
            if object_of(before.get("dateRange")).get("after"):
                said.begins_with(key)
        yield from run.each(messages, _Message, said.message)


def _refuse_others(path: Path) -> None:
    """Raise DumpError for what Discord itself gives an account, and for what is not the exporter's JSON."""
    with chunks_of(path) as chunks:
        head = next(iter(chunks), b"")
    if _PACKAGE.match(head) or (path.name == "channel.json" and b'"messages"' not in head):
        raise DumpError(OF_DISCORD)
    if _OTHER_FORMS.match(head):
        raise DumpError("this is written as a page, a table or a text: let the exporter write JSON")


def _place(path: Path) -> tuple[str, int]:
    """Sort the parts of a channel by their numbers; the first has none."""
    part = _PART.search(path.name)
    return _PART.sub("", str(path)), int(part[1]) if part else 1


class _Said:
    """Makes records of the messages of one channel, and remembers who wrote which."""

    def __init__(self, run: Run, channel: str, *, is_thread: bool) -> None:
        self._run = run
        self._tags = [channel] if channel else []
        self._is_thread = is_thread
        self._first: str | None = None
        self._author: dict[str, str] = {}
        self._follow_ups = FollowUps()

    def begins_with(self, first: str) -> None:
        """Take in what a thread begins with of which only the end is there: a message with the number of the thread."""
        self._first = first

    def message(self, message: _Message) -> Iterator[Activity]:
        """Yield a message."""
        kind = _SAID.get(message.type)
        if message.type == _STARTER and message.reference:
            self._first = message.reference.message_id
        if kind is None or not message.content:
            self._run.left_out["other"] += 1
            return
        self._first = self._first or message.id
        actor = _account(message.author)
        if actor is not None:
            self._author[message.id] = actor
        self._name_all(message)
        reactions = [(each, [by for user in each.users if (by := _account(user))]) for each in message.reactions]
        self._run.leave_out("reactions", sum(unnamed(each.count, len(by)) for each, by in reactions))
        answered = message.reference.message_id if message.reference and kind == "Reply" else None
        in_thread = self._first if self._is_thread and self._first != message.id else None
        made = Message(
            id=message.id,
            actor=actor,
            published=message.timestamp,
            text=message.content,
            parent=answered,
            asker=self._author.get((in_thread or answered) or ""),
            tags=self._tags,
            mentions=[name for user in message.mentions if (name := _account(user))],
            reactions=[(each.emoji.name, name) for each, by in reactions for name in by],
        )
        if in_thread is not None:
            made.parent = self._follow_ups.answered(in_thread, made) if answered is None else answered
        yield from records_of(made)

    def _name_all(self, message: _Message) -> None:
        """Take in how the people of a message are called on this server, and which of them are programs."""
        reacted = (user for each in message.reactions for user in each.users)
        for user in (*message.mentions, *reacted, message.author):
            if user is not None and (name := _account(user)) is not None:
                kind: AccountKind = "bot" if user.is_bot else "person"
                self._run.name(name, user.nickname or user.name, message.timestamp, kind)


def _account(user: _User | None) -> str | None:
    return None if user is None or user.id == _NOBODY else user.id


FORMAT = Format(FACTS, read)
