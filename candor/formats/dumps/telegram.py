"""A chat of Telegram, exported by Telegram Desktop as result.json."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.dumps.chat import YES, Message, records_of
from candor.formats.dumps.dump import DumpError, Format, FormatFacts, Run
from candor.formats.dumps.objects import listed_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from candor.scoring.activity import Activity

FACTS = FormatFacts(
    id="telegram",
    label="Telegram chat",
    files="result.json of one public group or channel, as Telegram Desktop exports it",
    network="custom:NAME",
    account="user and number, as in from_id",
    question="none: what answers nothing is a note",
    answer="what answers a message is a reply",
    accept=YES,
    lost="chats that are not public; reactions beyond the newest few, of which alone it says by whom",
)


class _Reaction(msgspec.Struct):
    emoji: str = ""
    recent: list[dict[str, Any]] = []


class _Message(msgspec.Struct):
    id: int
    type: str
    date_unixtime: str
    from_id: str | None = None
    reply_to_message_id: int | None = None
    text: Any = ""
    reactions: list[_Reaction] = []


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of chats. Raises DumpError, UnreadableError."""
    for path in paths:
        with listed_in(path, "messages") as (before, messages):
            if not str(before.get("type")).startswith("public_"):
                raise DumpError("this chat is not public: nothing of it is read")
            author: dict[int, str | None] = {}
            chat = str(before.get("id", path.stem))
            yield from run.each(messages, _Message, lambda each, at=chat, by=author: _said(each, at, by, run))  # type: ignore[misc]


def _said(message: _Message, chat: str, author: dict[int, str | None], run: Run) -> Iterator[Activity]:
    text = _plain(message.text)
    if message.type != "message" or not text:
        run.left_out["other"] += 1
        return
    author[message.id] = message.from_id
    parent = message.reply_to_message_id
    yield from records_of(
        Message(
            id=f"{chat}/{message.id}",
            actor=message.from_id,
            published=datetime.fromtimestamp(int(message.date_unixtime), UTC),
            text=text,
            parent=None if parent is None else f"{chat}/{parent}",
            asker=None if parent is None else author.get(parent),
            reactions=[
                (each.emoji, by)
                for each in message.reactions
                for recent in each.recent
                if isinstance(by := recent.get("from_id"), str)
            ],
        )
    )


def _plain(text: object) -> str:
    """Return a text that stands there whole, or in parts of which some have a style."""
    parts: list[Any] = text if isinstance(text, list) else [text]
    return "".join(part if isinstance(part, str) else str(part.get("text", "")) for part in parts if part)


FORMAT = Format(FACTS, read)
