"""Slack's export of a workspace, zipped or unpacked: users.json, channels.json, and a file a day for each channel."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import msgspec

from candor.formats.archive import ArchiveError
from candor.formats.dumps.chat import YES, Message, records_of
from candor.formats.dumps.dump import DumpError, Format, FormatFacts, Run
from candor.formats.dumps.entries import Entries
from candor.formats.dumps.uploaded import Kinds
from candor.formats.reading import from_json, record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from candor.scoring.activity import Activity

FACTS = FormatFacts(
    id="slack",
    label="Slack export",
    files="the export of a workspace, zipped or unpacked",
    network="custom:NAME",
    account="member id, U…",
    question="none: what begins a thread, or stands alone, is a note, tagged with its channel",
    answer="a message in a thread is a reply",
    accept=YES,
    trusted="owners and administrators",
    lost="channels that are not public, messages to some, what people joined and left, files",
)
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_LINK = re.compile(r"<(?:[#!][^|<>]*+\|)?([^|<>]++)(?:\|([^<>]*+))?>")
_PEOPLE = ("users.json", "org_users.json")
"""The second in exports of an organisation of several workspaces."""
_NO_JSON = "one of its files is not JSON"
_SAID = frozenset(
    {None, "", "thread_broadcast", "reply_broadcast", "bot_message", "me_message", "file_share", "file_comment"}
)


class _Reaction(msgspec.Struct):
    name: str
    users: list[str] = []


class _Comment(msgspec.Struct):
    """On a file, as it was until 2018: the message itself says nobody's name."""

    user: str | None = None


class _Message(msgspec.Struct):
    ts: str
    type: str = "message"
    subtype: str | None = None
    user: str | None = None
    bot_id: str | None = None
    text: str = ""
    thread_ts: str | None = None
    reactions: list[_Reaction] = []
    comment: _Comment | None = None
    blocks: list[Any] = []

    @property
    def words(self) -> str:
        """What it says, where its text is empty in the blocks that apps write."""
        return self.text or " ".join(_texts(self.blocks))


class _Profile(msgspec.Struct):
    real_name: str | None = None


class _User(msgspec.Struct):
    id: str
    profile: _Profile = msgspec.field(default_factory=_Profile)
    real_name: str | None = None
    name: str | None = None
    is_bot: bool = False
    is_admin: bool = False
    is_owner: bool = False
    updated: int = 0


def _texts(blocks: Any, depth: int = 6) -> Iterator[str]:  # noqa: ANN401 JSON
    """Yield the texts in blocks, one within the other."""
    if isinstance(blocks, list):
        for each in blocks:
            yield from _texts(each, depth)
    elif isinstance(blocks, dict) and depth:
        if isinstance(text := blocks.get("text"), str):
            yield text
        for name in ("text", "elements", "fields"):
            if isinstance(blocks.get(name), dict | list):
                yield from _texts(blocks[name], depth - 1)


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of exports. Raises DumpError."""
    for path in paths:
        with Entries(path, "channels.json") as entries:
            yield from _export(entries, run)


def _export(entries: Entries, run: Run) -> Iterator[Activity]:
    if "channels.json" not in entries.names:
        raise DumpError("there is no channels.json")
    channels = [each for each in _list(entries, "channels.json", run) if isinstance(each, dict)]
    # channels.json lists public channels only, mostly without saying so: others stand in groups.json and dms.json
    public = {normalize("NFC", str(each.get("name"))) for each in channels if not each.get("is_private")}
    if people := next((name for name in _PEOPLE if name in entries.names), None):
        yield from run.each(_list(entries, people, run), _User, lambda user: _member(user, run))
    begun: dict[str, str | None] = {}
    for name in entries.names:
        channel, slash, _ = name.rpartition("/")
        if not slash:
            continue
        messages = _list(entries, name, run)
        if channel in public:
            yield from run.each(messages, _Message, lambda each, at=channel: _said(each, at, begun, run))  # type: ignore[misc]
        else:
            run.left_out["private"] += len(messages)


def _list(entries: Entries, name: str, run: Run) -> list[Any]:
    """Return what a file lists; one that lists nothing that can be read is counted."""
    try:
        found = from_json(entries.read(name), _NO_JSON)
    except ArchiveError:
        found = None
    if not isinstance(found, list):
        run.left_out["malformed"] += 1
        return []
    return found


def _member(user: _User, run: Run) -> Iterator[Activity]:
    if user.is_admin or user.is_owner:
        run.trusted[user.id] = None
    seen = datetime.fromtimestamp(user.updated, UTC)
    kind = "bot" if user.is_bot else "person"
    name = user.real_name or user.profile.real_name or user.name
    yield record(type="account", actor=user.id, published=seen, kind=kind, name=name)


def _said(message: _Message, channel: str, begun: dict[str, str | None], run: Run) -> Iterator[Activity]:
    actor = message.user or (message.comment and message.comment.user) or message.bot_id
    if message.type != "message" or message.subtype not in _SAID or not message.words:
        run.left_out["other"] += 1
        return
    key = f"{channel}/{message.ts}"
    thread = f"{channel}/{message.thread_ts}" if message.thread_ts else key
    if thread == key:
        begun[key] = actor
    yield from records_of(
        Message(
            id=key,
            actor=actor,
            published=datetime.fromtimestamp(float(message.ts), UTC),
            text=unescape(_LINK.sub(lambda found: found[2] or found[1], _MENTION.sub("", message.words))).strip(),
            parent=None if thread == key else thread,
            asker=begun.get(thread),
            tags=[channel],
            mentions=_MENTION.findall(message.words),
            reactions=[(each.name.partition("::")[0], by) for each in message.reactions for by in each.users],
        )
    )


FORMAT = Format(FACTS, read, Kinds(whole_zip=True, whole_folder=True))
