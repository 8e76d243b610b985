"""The bulk export of a Mattermost server: one object a line, for teams, channels, users, and posts with replies."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from candor.formats.dumps.chat import YES, FollowUps, Message, records_of
from candor.formats.dumps.dump import DumpError, Format, FormatFacts, Run
from candor.formats.dumps.objects import objects_in
from candor.formats.dumps.uploaded import Kinds
from candor.formats.lenient import since_1970
from candor.formats.reading import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from candor.scoring.activity import Activity

FACTS = FormatFacts(
    id="mattermost",
    label="Mattermost bulk export",
    files="what `mmctl export` or `mattermost export bulk` wrote: import.jsonl, or the zip that holds it",
    network="custom:NAME",
    account="user name",
    question="none: what begins a thread, or stands alone, is a note, tagged with its channel",
    answer="a reply of a post; of whoever wrote that post to whom it mentions, else by guess to somebody else",
    accept=YES,
    trusted="administrators of the server and of its teams",
    lost="channels that are not public, direct messages, what was deleted, who joined and left, files",
)
_MENTION = re.compile(r"(?<![\w@.])@([a-z0-9][a-z0-9._-]{0,63})", re.IGNORECASE)
_ADMIN = re.compile(r"\b(?:system|team)_admin\b")
_PUBLIC = "O"
_KEY_BYTES = 9


class _Channel(msgspec.Struct):
    team: str
    name: str
    display_name: str | None = None
    type: str | None = None


class _Team(msgspec.Struct):
    roles: str | None = None


class _User(msgspec.Struct):
    username: str
    first_name: str | None = None
    last_name: str | None = None
    nickname: str | None = None
    display_name: str | None = None
    roles: str | None = None
    delete_at: int | None = None
    teams: list[_Team] | None = None

    @property
    def name(self) -> str | None:
        """How the user is called."""
        return " ".join(filter(None, (self.first_name, self.last_name))) or self.nickname or self.display_name


class _Reaction(msgspec.Struct):
    user: str
    emoji_name: str


class _Said(msgspec.Struct):
    """A post or a reply. Neither has an id in an export."""

    create_at: int
    user: str | None = None
    message: str = ""
    type: str | None = None
    delete_at: int | None = None
    reactions: list[_Reaction] | None = None


class _Post(_Said):
    team: str = ""
    channel: str = ""
    replies: list[msgspec.Raw] | None = None


class _Line(msgspec.Struct):
    """A line says of one thing, under the name of its type."""

    type: str
    channel: _Channel | None = None
    user: _User | None = None
    bot: _User | None = None
    post: msgspec.Raw = msgspec.Raw()
    direct_post: msgspec.Raw = msgspec.Raw()


def read(paths: Sequence[Path], run: Run) -> Iterator[Activity]:
    """Yield the records of exports. Raises UnreadableError."""
    for path in paths:
        server = _Server(run)
        yield from run.each(objects_in(path), _Line, server.line)
        if not server.is_known:
            raise DumpError("it has neither channels nor posts of Mattermost: bring the whole import.jsonl")


class _Server:
    """Reads the lines of one export, and remembers its channels and users, which come before the posts."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._channels: dict[tuple[str, str], _Channel] = {}
        self._users: dict[str, tuple[str | None, bool]] = {}
        self.is_known = False

    def line(self, line: _Line) -> Iterator[Activity]:
        """Yield the records of a line."""
        if line.channel is not None:
            self.is_known = True
            self._channels[line.channel.team.lower(), line.channel.name.lower()] = line.channel
        elif (user := line.user or line.bot) is not None:
            yield from self._user(user, is_bot=line.bot is not None)
        elif bytes(line.direct_post):
            self.is_known = True
            self._run.left_out["private"] += 1 + _replies(line.direct_post)
        elif bytes(line.post):
            self.is_known = True
            yield from self._post(msgspec.json.decode(line.post, type=_Post, strict=False))

    def _user(self, user: _User, *, is_bot: bool) -> Iterator[Activity]:
        account = user.username.lower()
        self._users[account] = user.name, is_bot
        roles = " ".join(filter(None, (user.roles, *(each.roles for each in user.teams or ()))))
        if _ADMIN.search(roles):
            self._run.trusted[account] = None
        if user.delete_at:
            yield record(type="account", actor=account, published=_time(user.delete_at), name=user.name, consent=False)

    def _post(self, post: _Post) -> Iterator[Activity]:
        """Yield a post of a public channel with its replies."""
        channel = self._channels.get((post.team.lower(), post.channel.lower()))
        replies = post.replies or []
        if channel is None or channel.type != _PUBLIC:
            self._run.left_out["unclear" if channel is None or not channel.type else "private"] += 1 + len(replies)
            return
        place = f"{post.team}/{post.channel}".lower()
        tags = [channel.display_name or channel.name]
        if (first := self._message(post, place, tags)) is None:
            parent, asker = _key(place, post), None
        else:
            parent, asker = first.id, first.actor
            yield from records_of(first)
        follow_ups = FollowUps()
        for raw in sorted((msgspec.json.decode(each, type=_Said, strict=False) for each in replies), key=_moment):
            if (made := self._message(raw, place, tags)) is not None:
                made.asker = asker
                made.parent = follow_ups.answered(parent, made)
                yield from records_of(made)

    def _message(self, said: _Said, place: str, tags: Sequence[str]) -> Message | None:
        """Return a message; None for what nobody said, or what is gone, which is counted."""
        if said.delete_at or said.type or not said.message.strip():
            self._run.left_out["deleted" if said.delete_at else "other"] += 1
            return None
        actor, at = said.user.lower() if said.user else None, _time(said.create_at)
        for name in filter(None, (actor, *(each.user.lower() for each in said.reactions or ()))):
            called, is_bot = self._users.get(name, (None, False))
            self._run.name(name, called, at, "bot" if is_bot else None)
        return Message(
            id=_key(place, said),
            actor=actor,
            published=at,
            text=said.message,
            tags=tags,
            mentions=self._mentioned(said.message),
            reactions=[(each.emoji_name, each.user.lower()) for each in said.reactions or ()],
        )

    def _mentioned(self, text: str) -> list[str]:
        """Return who is named with an @ and has an account on the server."""
        named = (name.lower() for name in _MENTION.findall(text))
        return [found for name in named for found in (name, name.rstrip(".-_")) if found in self._users]


def _replies(post: msgspec.Raw) -> int:
    return len(msgspec.json.decode(post, type=_Post, strict=False).replies or ())


def _moment(said: _Said) -> datetime:
    return _time(said.create_at)


def _time(at: int) -> datetime:
    """Return a time that is told in milliseconds since 1970. Raises one of MALFORMED."""
    return since_1970(at / 1_000)


def _key(place: str, said: _Said) -> str:
    """Return an id of what the export says of a post, the same in each export."""
    told = f"{said.user}\n{said.message}".encode()
    return f"{place}/{_time(said.create_at):%Y%m%d%H%M%S%f}-{blake2b(told, digest_size=_KEY_BYTES).hexdigest()}"


FORMAT = Format(FACTS, read, Kinds(ending=".jsonl"))
