"""Zulip's export of an organisation, as tar.gz, zipped or unpacked: realm.json, and messages-000001.json and on."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from candor.formats.archive import ArchiveError
from candor.formats.dumps.chat import YES, Message, quoted_in_zulip, records_of
from candor.formats.dumps.dump import DumpError, Format, FormatFacts, Run
from candor.formats.dumps.entries import Entries
from candor.formats.dumps.uploaded import Kinds
from candor.formats.dumps.zulip_answers import is_answer, read_answers, read_files
from candor.formats.lenient import NEEDED
from candor.formats.reading import from_json, read_item, record
from candor.scoring.markup import own_words
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from candor.scoring.activity import Activity

FACTS = FormatFacts(
    id="zulip",
    label="Zulip export",
    files="the export as it comes (tar.gz), zipped or unpacked: realm.json and messages-….json; or answers of "
    "/api/v1/messages, and of /api/v1/streams, which says which channels are public",
    network="zulip:HOST",
    account="e-mail address",
    question="none: what begins a topic is a note, tagged with its channel and topic",
    answer="what comes later in the topic is a reply to what it quotes, else to what began it",
    accept=YES,
    trusted="owners, administrators and moderators",
    lost="channels that are not public, messages to some, edits",
)
_NO_JSON = "one of its files is not JSON"
_PART = re.compile(r"(?:^|/)messages-[^/]*$")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_CHANNEL = 2
_MODERATOR = 300
_MEMBER = 400
_IN_PLACE = re.compile(r"exported-user-[0-9a-f]{32}@")
"""The begin of an address that each export makes anew, in place of one that its owner shows to nobody."""
_NO_TOPIC = frozenset({"", "(no topic)"})
"""Where people write who name no topic, about anything."""
_NAMED = re.compile(r"@\*\*([^*|\n]+)(?:\|(\d+))?\*\*")


class _User(msgspec.Struct):
    id: int
    email: str = ""
    delivery_email: str | None = None
    full_name: str | None = None
    is_bot: bool = False
    is_active: bool = True
    is_mirror_dummy: bool = False
    role: int = _MEMBER
    is_realm_admin: bool = False
    date_joined: Any = 0

    @property
    def name(self) -> str:
        mail = self.delivery_email if not _IN_PLACE.match(self.delivery_email or "") else None
        return (mail or self.email).lower()


class _Stream(msgspec.Struct):
    id: int
    name: str = ""
    invite_only: Annotated[bool | None, NEEDED] = None


class _Recipient(msgspec.Struct):
    id: int
    type: int
    type_id: int


class _Reaction(msgspec.Struct):
    message: int
    user_profile: int
    emoji_name: str


class _Realm(msgspec.Struct):
    zerver_userprofile: list[_User] = []
    zerver_userprofile_mirrordummy: list[_User] = []
    zerver_userprofile_crossrealm: list[_User] = []
    zerver_stream: list[_Stream] = []
    zerver_recipient: list[_Recipient] = []
    zerver_reaction: list[_Reaction] = []

    @property
    def members(self) -> list[_User]:
        """Everybody of the organisation: who did not agree that private data are exported stands apart."""
        return [*self.zerver_userprofile, *self.zerver_userprofile_mirrordummy]


class _Message(msgspec.Struct):
    id: int
    sender: int
    recipient: int
    date_sent: Any
    content: str = ""
    subject: str = ""


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of exports, or of answers of the API. Raises DumpError, UnreadableError."""

    def _of(path: Path) -> Iterator[Activity]:
        with Entries(path, "realm.json") as entries:
            if any(name.endswith("realm.json") or _PART.search(name) for name in entries.names) or not entries.names:
                yield from _export(entries, run)
            else:
                yield from read_answers([partial(entries.read, name) for name in entries.names], run)

    if all(map(is_answer, paths)):
        yield from read_files(paths, run)
    else:
        yield from run.each_file(paths, _of)


def _export(entries: Entries, run: Run) -> Iterator[Activity]:
    entries.check()
    try:
        realm = read_item(msgspec.Raw(entries.read("realm.json")), _Realm, run.left_out)
    except msgspec.MsgspecError as error:
        raise DumpError(f"realm.json is not as Zulip writes it: {error}") from None
    said = _Said(realm, run)
    for user in realm.members:
        if (user.role <= _MODERATOR or user.is_realm_admin) and not user.is_bot:
            run.trusted[user.name] = None
    yield from run.each(realm.members, _User, said.member)
    parts = [name for name in entries.names if _PART.search(name)]
    if not parts:
        raise DumpError("there is no messages-….json: bring the whole export, once it is done")
    for name in parts:
        yield from run.each(_messages(entries, name, run), _Message, said.message)


def _messages(entries: Entries, name: str, run: Run) -> list[Any]:
    """Return the messages of a part; one that cannot be read is counted."""
    try:
        found: Any = from_json(entries.read(name), _NO_JSON)
    except ArchiveError:
        found = None
    listed = found.get("zerver_message") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        run.left_out["malformed"] += 1
        return []
    return listed


class _Said:
    """Makes records of messages: knows the people, the public channels, and what began each topic."""

    def __init__(self, realm: _Realm, run: Run) -> None:
        everybody = (*realm.members, *realm.zerver_userprofile_crossrealm)
        self._people: Mapping[int, str] = {user.id: user.name for user in everybody}
        names = Counter(user.full_name for user in realm.members)
        self._named = {user.full_name: user.name for user in realm.members if names[user.full_name] == 1}
        public = {each.id: each.name for each in realm.zerver_stream if each.invite_only is False}
        untold = {each.id for each in realm.zerver_stream if each.invite_only is None}
        channels = [each for each in realm.zerver_recipient if each.type == _CHANNEL]
        self._untold = {each.id for each in channels if each.type_id in untold}
        self._channels = {each.id: public[each.type_id] for each in channels if each.type_id in public}
        self._numbers = {each.id: each.type_id for each in channels}
        self._bots = {user.id for user in realm.zerver_userprofile_crossrealm}
        self._begun: dict[tuple[int, str], tuple[str, str | None]] = {}
        self._reactions: dict[int, list[tuple[str, str]]] = {}
        for each in realm.zerver_reaction:
            if (by := self._people.get(each.user_profile)) is not None:
                self._reactions.setdefault(each.message, []).append((each.emoji_name, by))
            else:
                run.left_out["reactions"] += 1
        self._run = run

    def member(self, user: _User) -> Iterator[Activity]:
        """Yield what is known of a member. Who was deactivated has left, and is not asked any more."""
        yield record(
            type="account",
            actor=user.name,
            published=time_of(user.date_joined)[0] or _NEVER,
            kind="bot" if user.is_bot else "person",
            name=user.full_name,
            consent=None if user.is_active or user.is_mirror_dummy else False,
        )

    def message(self, message: _Message) -> Iterator[Activity]:
        """Yield a message in a public channel."""
        channel = self._channels.get(message.recipient)
        if channel is None:
            self._run.left_out["unclear" if message.recipient in self._untold else "private"] += 1
            return
        topic = message.subject.removeprefix("✔ ")
        key, actor = str(message.id), self._people.get(message.sender)
        if (published := time_of(message.date_sent)[0]) is None:
            self._run.left_out["undated"] += 1
            return
        if actor and message.sender in self._bots:  # those of the server itself, as which it tells what was moved
            self._run.name(actor, None, published, "bot")
        first, asker = self._first_of(message, topic, key, actor)
        quoted = quoted_in_zulip(message.content, message.id, self._numbers[message.recipient])
        yield from records_of(
            Message(
                id=key,
                actor=actor,
                published=published,
                text=message.content if first != key else f"{topic}\n\n{message.content}".strip(),
                parent=None if first == key else quoted or first,
                asker=asker,
                tags=[tag for tag in (channel, topic) if tag],
                mentions=list(self._mentioned(message.content)),
                reactions=self._reactions.pop(message.id, ()),
            )
        )

    def _first_of(self, message: _Message, topic: str, key: str, actor: str | None) -> tuple[str, str | None]:
        """Return what began a topic, and who did: itself in what is no topic, and never the server."""
        begun = (message.recipient, topic.lower())
        if topic in _NO_TOPIC or (message.sender in self._bots and begun not in self._begun):
            return key, actor
        return self._begun.setdefault(begun, (key, actor))

    def _mentioned(self, text: str) -> Iterator[str]:
        """Yield who is named in an author's own words, by number, or by a name that nobody else has."""
        for name, number in _NAMED.findall(own_words(text) if "@**" in text else ""):
            found = self._people.get(int(number)) if number else self._named.get(name)
            if found is not None:
                yield found


FORMAT = Format(FACTS, read, Kinds(whole_zip=True, whole_folder=True))
