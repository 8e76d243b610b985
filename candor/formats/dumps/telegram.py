"""A chat of Telegram, exported by Telegram Desktop as result.json."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.compression import peek
from candor.formats.dumps.chat import YES, Message, records_of, unnamed
from candor.formats.dumps.dump import DumpError, Format, FormatFacts, Run, chunks_of
from candor.formats.json_items import lists_under
from candor.formats.reading import record
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from candor.scoring.activity import Activity

FACTS = FormatFacts(
    id="telegram",
    label="Telegram chat",
    files="result.json of one public group or channel, or of a whole account, as Telegram Desktop exports it",
    network="custom:NAME",
    account="user and number, as in from_id",
    question="none: what answers nothing is a note",
    answer="what answers a message is a reply; what is passed on is a reshare",
    accept=YES,
    lost="chats that are not public; reactions beyond the newest few, of which alone it says by whom, counted",
)

_HEAD_BYTES = 64 * 1024
_MOST_BRACES = 100
_OF_ACCOUNT = re.compile(rb'"(?:left_)?chats"\s*:\s*\{')


class _Reaction(msgspec.Struct):
    emoji: str = ""
    recent: list[dict[str, Any]] = []
    count: int = 0

    @property
    def by(self) -> list[str]:
        """Who reacted, as far as it is told: not who is gone since, of whom `from` is null."""
        named = (each for each in self.recent if each.get("from", "") is not None)
        return [who for each in named if isinstance(who := each.get("from_id"), str)]


class _Poll(msgspec.Struct):
    question: Any = ""


class _Message(msgspec.Struct):
    id: int
    type: str
    date_unixtime: Any = None
    date: Any = None
    from_id: str | None = None
    sender: str | None = msgspec.field(name="from", default="")
    reply_to_message_id: int | None = None
    reply_to_peer_id: str | None = None
    forwarded_from: str | msgspec.UnsetType | None = msgspec.UNSET
    forwarded_from_id: str | msgspec.UnsetType | None = msgspec.UNSET
    action: str | None = None
    text: Any = ""
    poll: _Poll = msgspec.field(default_factory=_Poll)
    reactions: list[_Reaction] = []

    @property
    def is_passed_on(self) -> bool:
        """Whether somebody else wrote it, also where that is null, as of an account that is gone."""
        return any(each is not msgspec.UNSET for each in (self.forwarded_from, self.forwarded_from_id))


class _Chat(msgspec.Struct):
    type: str | None = None
    id: int | None = None


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of chats. Raises DumpError, UnreadableError."""
    chats = _Chats(run)
    yield from run.each_file(paths, chats.in_file)
    chats.check()


class _Chats:
    """Reads the public chats of files, each of which has one, or all those of an account."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._of_account = self._any_public = self._any_private = False

    def in_file(self, path: Path) -> Iterator[Activity]:
        """Yield the records of a file. Raises DumpError, UnreadableError."""
        with chunks_of(path) as chunks:
            head, whole = peek(chunks, _HEAD_BYTES)
            if head.lstrip()[:1] == b"<":
                raise DumpError("this is written as HTML: export the chat as machine-readable JSON")
            yield from self._chats(path, whole)

    def check(self) -> None:
        """Raise DumpError where no chat was public."""
        if self._any_private and not self._any_public and self._of_account:
            raise DumpError("there is no public chat in this export of an account: export the public ones with it")
        if self._any_private and not self._any_public:
            raise DumpError("this chat is not public: nothing of it is read")

    def _chats(self, path: Path, chunks: Iterable[bytes]) -> Iterator[Activity]:
        of_account, told_behind = False, None
        for before, items in lists_under(chunks, "messages"):
            of_account = of_account or _OF_ACCOUNT.search(before) is not None
            chat = _chat(before)
            if chat.type is None and not of_account:
                chat = told_behind = told_behind or _whole(path)  # of which there is one a file
            messages = (msgspec.Raw(item) for item in items)
            if str(chat.type).startswith("public_"):
                self._any_public = True
                said = _Said(self._run, str(path.stem if chat.id is None else chat.id))
                yield from self._run.each(messages, _Message, said.message)
            else:
                self._any_private = True
                self._run.left_out["private"] += sum(1 for _ in messages)
        self._of_account = self._of_account or of_account


def _chat(before: bytes) -> _Chat:
    """Return what the innermost object that is open at the end of a text says of a chat."""
    start = len(before)
    for _ in range(_MOST_BRACES):
        if (start := before.rfind(b"{", 0, start)) < 0:
            break
        with suppress(msgspec.MsgspecError, UnicodeError):
            return msgspec.json.decode(before[start:] + b"}", type=_Chat, strict=False)
    return _Chat()


def _whole(path: Path) -> _Chat:
    """Return what stands behind the messages, as where keys were sorted. Raises DumpError."""
    with chunks_of(path) as chunks:
        try:
            chat = msgspec.json.decode(b"".join(chunks), type=_Chat, strict=False)
        except msgspec.MsgspecError:
            chat = _Chat()
    if chat.type is None:
        raise DumpError("it does not say what kind of chat it is: bring result.json as Telegram Desktop wrote it")
    return chat


class _Said:
    """Makes records of the messages of one chat, and remembers who wrote which and what only began a topic."""

    def __init__(self, run: Run, chat: str) -> None:
        self._run = run
        self._chat = chat
        self._author: dict[int, str | None] = {}
        self._begins: set[int] = set()

    def message(self, message: _Message) -> Iterator[Activity]:
        """Yield a message."""
        text = _plain(message.text) or _plain(message.poll.question)
        if message.action == "topic_created":
            self._begins.add(message.id)
        if message.type != "message" or not text:
            self._run.left_out["other"] += 1
            return
        at = time_of(message.date_unixtime)[0] or time_of(message.date)[0]
        if at is None:
            self._run.left_out["undated"] += 1
            return
        by = None if message.sender is None else message.from_id  # null where the account was deleted
        self._author[message.id] = by = f"user{by}" if by and by.isdigit() else by  # numbers before 2021
        if by:
            self._run.name(by, message.sender, at)
        for recent in (each for reaction in message.reactions for each in reaction.recent):
            if isinstance(who := recent.get("from_id"), str) and isinstance(name := recent.get("from"), str):
                self._run.name(who, name, at)
        parent = None if message.reply_to_message_id in self._begins else message.reply_to_message_id
        key = f"{self._chat}/{message.id}"
        self._run.leave_out("reactions", sum(unnamed(each.count, len(each.by)) for each in message.reactions))
        if message.is_passed_on:
            yield record(type="reshare", id=key, actor=by, published=at, content=text)
            return
        chat = re.sub(r"\D", "", message.reply_to_peer_id or "") or self._chat
        yield from records_of(
            Message(
                id=key,
                actor=by,
                published=at,
                text=text,
                parent=None if parent is None else f"{chat}/{parent}",
                asker=None if parent is None or chat != self._chat else self._author.get(parent),
                mentions=_mentioned(message.text),
                reactions=[(each.emoji, who) for each in message.reactions for who in each.by],
            )
        )


def _plain(text: object) -> str:
    """Return a text that stands there whole, or in parts of which some have a style."""
    parts: list[Any] = text if isinstance(text, list) else [text]
    told = (part.get("text") if isinstance(part, dict) else part for part in parts)
    return "".join(part for part in told if isinstance(part, str))


def _mentioned(text: object) -> list[str]:
    """Return who is named by number in a text; a name with @ says nobody's number."""
    parts = [part for part in text if isinstance(part, dict)] if isinstance(text, list) else []
    return [f"user{part['user_id']}" for part in parts if part.get("type") == "mention_name" and part.get("user_id")]


FORMAT = Format(FACTS, read)
