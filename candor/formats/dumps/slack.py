"""Slack's export of a workspace, zipped or unpacked: users.json, channels.json, and a file a day for each channel."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import msgspec

from candor.formats.archive import ArchiveError
from candor.formats.dumps.chat import YES, FollowUps, Message, records_of, unnamed
from candor.formats.dumps.dump import Format, FormatFacts, Run
from candor.formats.dumps.entries import Entries
from candor.formats.dumps.uploaded import Kinds
from candor.formats.lenient import hidden_by, since_1970
from candor.formats.reading import MALFORMED, from_json, read_item, record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from candor.scoring.activity import Activity

FACTS = FormatFacts(
    id="slack",
    label="Slack export",
    files="the export of a workspace, zipped or unpacked",
    network="custom:NAME",
    account="member id, U…",
    question="none: what begins a thread, or stands alone, is a note, tagged with its channel",
    answer="a message in a thread is a reply, of whoever began it to whom it mentions, else by guess to somebody else",
    accept=YES,
    trusted="owners and administrators",
    lost="channels that are not public, messages to some, what people joined and left, files, reactions of people whom "
    "the export does not name, counted",
)
MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_LINK = re.compile(r"<(?:[#!][^|<>]*+\|)?([^|<>]++)(?:\|([^<>]*+))?>")
_PEOPLE = ("users.json", "org_users.json")
"""The second in exports of an organisation of several workspaces."""
_NO_JSON = "one of its files is not JSON"
_LISTS = ("messages", "channels", "members")
"""Where the API has a list that the export has in a file."""
_SLACKBOT = "USLACKBOT"
_SAID = frozenset(
    {None, "", "thread_broadcast", "reply_broadcast", "bot_message", "me_message", "file_share", "file_comment"}
)


class _Reaction(msgspec.Struct):
    name: str
    users: list[str] = []
    count: int = 0


class _Comment(msgspec.Struct):
    """On a file, as it was until 2018: the message itself says nobody's name."""

    user: str | None = None


class _Profile(msgspec.Struct):
    real_name: str | None = None
    name: str | None = None


class _Message(msgspec.Struct):
    ts: str | float
    type: str = "message"
    subtype: str | None = None
    user: str | None = None
    bot_id: str | None = None
    bot_profile: _Profile | None = None
    user_profile: _Profile | None = None
    username: str | None = None
    text: str = ""
    thread_ts: str | float | None = None
    parent_user_id: str | None = None
    reactions: list[_Reaction] = []
    comment: _Comment | None = None
    blocks: list[Any] = []
    attachments: list[Any] = []

    @property
    def words(self) -> str:
        """What it says, where its text is empty in the blocks and attachments that apps write."""
        return self.text or " ".join(_texts(self.blocks)) or " ".join(_texts(self.attachments))


class _Channel(msgspec.Struct):
    """A channel; those that are not public stand in groups.json and dms.json, but tools list all of them in one."""

    id: str | None = None
    name: str | None = None
    is_private: Any = False
    is_group: Any = False
    is_im: Any = False
    is_mpim: Any = False

    @property
    def hidden(self) -> str | None:
        """Why its messages are left out; None for a public one."""
        told = [hidden_by(flag) for flag in (self.is_group, self.is_im, self.is_mpim, self.is_private)]
        return "private" if "private" in told else next(filter(None, told), None)


class _User(msgspec.Struct):
    id: str
    profile: _Profile = msgspec.field(default_factory=_Profile)
    real_name: str | None = None
    name: str | None = None
    is_bot: bool = False
    is_admin: bool = False
    is_owner: bool = False
    deleted: bool = False
    updated: int = 0


def _texts(blocks: Any, depth: int = 6) -> Iterator[str]:  # noqa: ANN401 JSON
    """Yield the texts in blocks, one within the other."""
    if isinstance(blocks, list):
        for each in blocks:
            yield from _texts(each, depth)
    elif isinstance(blocks, dict) and depth:
        told = blocks.get("text") or blocks.get("fallback") or blocks.get("url")
        if isinstance(told, str):
            yield told
        elif isinstance(user := blocks.get("user_id"), str):
            yield f"<@{user}>"
        for name in ("text", "elements", "fields"):
            if isinstance(blocks.get(name), dict | list):
                yield from _texts(blocks[name], depth - 1)


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of exports. Raises DumpError."""

    def _of(path: Path) -> Iterator[Activity]:
        with Entries(path, "channels.json") as entries:
            yield from _export(entries, run)

    yield from run.each_file(paths, _of)


def _export(entries: Entries, run: Run) -> Iterator[Activity]:
    entries.check()
    channels = _channels(entries, run)
    members: set[str] = set()
    if people := next((name for name in _PEOPLE if name in entries.names), None):
        yield from run.each(_list(entries, people, run), _User, lambda user: _member(user, members, run))
    said = _Said(members, run)
    for name in entries.names:
        folder, slash, _ = name.rpartition("/")
        if not slash:
            continue
        messages, channel = _list(entries, name, run), channels.get(folder, _Channel(is_private=True))
        if channel.hidden is None:
            of = channel.name or folder
            yield from run.each(messages, _Message, lambda each, at=folder, of=of: said.message(each, at, of))  # type: ignore[misc]
        else:
            run.left_out[channel.hidden] += len(messages)


def _channels(entries: Entries, run: Run) -> dict[str, _Channel]:
    """Return the channels by the names of their folders: their own, or of some tools their ids."""
    found: dict[str, _Channel] = {}
    for each in _list(entries, "channels.json", run):
        try:
            channel = read_item(each, _Channel, run.left_out)
        except MALFORMED:
            run.left_out["malformed"] += 1
            continue
        found |= {normalize("NFC", name): channel for name in (channel.id, channel.name) if name}
    return found


def _list(entries: Entries, name: str, run: Run) -> list[Any]:
    """Return what a file lists, also as an answer of the API; one that cannot be read is counted."""
    try:
        found = from_json(entries.read(name), _NO_JSON)
    except ArchiveError:
        found = None
    if isinstance(found, dict):
        found = next((found[under] for under in _LISTS if isinstance(found.get(under), list)), [found])
    if not isinstance(found, list):
        run.left_out["malformed"] += 1
        return []
    return found


def _member(user: _User, members: set[str], run: Run) -> Iterator[Activity]:
    if user.is_admin or user.is_owner:
        run.trusted[user.id] = None
    members.add(user.id)
    yield record(
        type="account",
        actor=user.id,
        published=since_1970(user.updated),
        kind="bot" if user.is_bot or user.id == _SLACKBOT else "person",
        name=user.real_name or user.profile.real_name or user.name,
        consent=False if user.deleted else None,
    )


class _Said:
    """Makes records of messages, and remembers who began each thread and whom the export lists."""

    def __init__(self, members: set[str], run: Run) -> None:
        self._members, self._run = members, run
        self._begun: dict[str, str | None] = {}
        self._follow_ups = FollowUps()

    def message(self, message: _Message, folder: str, channel: str) -> Iterator[Activity]:
        """Yield a message of a public channel."""
        if message.subtype == "tombstone":
            self._run.left_out["deleted"] += 1
            return
        if message.type != "message" or message.subtype not in _SAID or not message.words:
            self._run.left_out["other"] += 1
            return
        at = since_1970(float(message.ts))
        actor, key = self._actor(message, at), f"{folder}/{_text_of(message.ts)}"
        thread = f"{folder}/{_text_of(message.thread_ts)}" if message.thread_ts else key
        if thread == key:
            self._begun[key] = actor
        self._run.leave_out("reactions", sum(unnamed(each.count, len(each.users)) for each in message.reactions))
        words = message.words
        made = Message(
            id=key,
            actor=actor,
            published=at,
            text=unescape(_LINK.sub(lambda found: found[2] or found[1], MENTION.sub("", words))).strip(),
            asker=self._begun.get(thread) or message.parent_user_id,
            tags=[channel],
            mentions=MENTION.findall(words),
            reactions=[(each.name.partition("::")[0], by) for each in message.reactions for by in each.users],
        )
        if thread != key:
            made.parent = self._follow_ups.answered(thread, made)
        yield from records_of(made)

    def _actor(self, message: _Message, at: datetime) -> str | None:
        """Return who wrote a message; name whom the list of members does not have: apps, and guests of others."""
        if by := message.user or (message.comment.user if message.comment else None):
            profile = message.user_profile
            if by not in self._members and profile is not None:
                self._run.name(by, profile.real_name or profile.name, at)
            return by
        if message.bot_id is not None:
            named = message.bot_profile.name if message.bot_profile else None
            self._run.name(message.bot_id, named or message.username, at, "bot")
        return message.bot_id


def _text_of(ts: str | float) -> str:
    """Return a time, which is the id of a message in its channel, as Slack writes it."""
    return ts if isinstance(ts, str) else f"{ts:.6f}"


FORMAT = Format(FACTS, read, Kinds(whole_zip=True, whole_folder=True))
