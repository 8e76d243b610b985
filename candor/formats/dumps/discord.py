"""Channels of Discord, as DiscordChatExporter writes them in JSON: a file a channel or thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.dumps.chat import YES, Message, records_of
from candor.formats.dumps.dump import Format, FormatFacts, Run
from candor.formats.dumps.objects import listed_in
from candor.scoring.activity import Instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from candor.scoring.activity import Activity

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
    lost="direct messages, who joined, pins; reactions where the exporter did not list who reacted",
)
_PRIVATE = frozenset({"DirectTextChat", "DirectGroupTextChat"})


class _User(msgspec.Struct):
    id: str


class _Emoji(msgspec.Struct):
    name: str = ""


class _Reaction(msgspec.Struct):
    emoji: _Emoji
    users: list[_User] = []


class _Reference(msgspec.Struct, rename="camel"):
    message_id: str | None = None


class _Message(msgspec.Struct):
    id: str
    type: str
    timestamp: Instant
    author: _User
    content: str = ""
    mentions: list[_User] = []
    reactions: list[_Reaction] = []
    reference: _Reference | None = None


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of channels. Raises UnreadableError."""
    for path in (file for each in paths for file in (sorted(each.rglob("*.json")) if each.is_dir() else [each])):
        with listed_in(path, "messages") as (before, messages):
            channel: Any = before.get("channel")
            channel = channel if isinstance(channel, dict) else {}
            if channel.get("type") in _PRIVATE:
                run.left_out["private"] += sum(1 for _ in messages)
                continue
            is_thread = "Thread" in str(channel.get("type"))
            said = _Said(run, str(channel.get("name") or ""), is_thread=is_thread)
            yield from run.each(messages, _Message, said.message)


class _Said:
    """Makes records of the messages of one channel, and remembers who wrote which."""

    def __init__(self, run: Run, channel: str, *, is_thread: bool) -> None:
        self._run = run
        self._tags = [channel] if channel else []
        self._is_thread = is_thread
        self._first: str | None = None
        self._author: dict[str, str] = {}

    def message(self, message: _Message) -> Iterator[Activity]:
        """Yield a message."""
        if message.type not in {"Default", "Reply"} or not message.content:
            self._run.left_out["other"] += 1
            return
        self._first = self._first or message.id
        self._author[message.id] = message.author.id
        answered = message.reference.message_id if message.reference and message.type == "Reply" else None
        in_thread = self._first if self._is_thread and self._first != message.id else None
        parent = answered or in_thread
        yield from records_of(
            Message(
                id=message.id,
                actor=message.author.id,
                published=message.timestamp,
                text=message.content,
                parent=parent,
                asker=self._author.get((in_thread or parent) or ""),
                tags=self._tags,
                mentions=[user.id for user in message.mentions],
                reactions=[(each.emoji.name, user.id) for each in message.reactions for user in each.users],
            )
        )


FORMAT = Format(FACTS, read)
