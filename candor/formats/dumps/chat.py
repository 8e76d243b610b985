"""What every chat has: messages in threads, mentions, and reactions, of which a check mark by the asker is a yes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from candor.formats.follow_ups import Addressees, different_words
from candor.formats.forum_texts import says_nothing
from candor.formats.reading import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from candor.formats.follow_ups import Moment
    from candor.scoring.activity import Activity

YES = "a check mark by who began the thread; other reactions are likes; all are dated as the message"
_YES = frozenset(
    {"white_check_mark", "heavy_check_mark", "ballot_box_with_check", "check", "check_mark", "✅", "✔", "✔️", "☑", "☑️"}
)


_PLACE = r"[^()<>\s#]{0,300}#narrow/(?:channel|stream)/(\d{1,9})(?!\d)[^()<>\s\"]{1,500}/near/(\d{1,18})"
_QUOTES_OF_ZULIP = (
    re.compile(rf"^@_\*\*[^*\n]{{1,200}}\*\* \[[^\]\n]{{1,60}}\]\({_PLACE}\):", re.MULTILINE),
    re.compile(rf'<a\s(?:[^<>]{{0,60}}\s)?href="{_PLACE}"[^<>]{{0,60}}>[^<>]{{1,60}}</a>:'),
)
"""How a quote names its message: as it is written, and as it is shown."""


@dataclass(kw_only=True)
class Message:
    """A message; `parent` is the id of what it answers, `asker` who began the thread, `reactions` emoji and by whom."""

    id: str
    actor: str | None
    published: datetime
    text: str
    parent: str | None = None
    asker: str | None = None
    tags: Sequence[str] = ()
    mentions: Sequence[str] = ()
    reactions: Sequence[tuple[str, str]] = ()


def quoted_in_zulip(text: str, number: int, channel: object) -> str | None:
    """Return the number of the first message that one quotes, if that is an earlier one of the same channel."""
    if "/near/" not in text:
        return None
    for pattern in _QUOTES_OF_ZULIP:
        if (found := pattern.search(text)) and int(found[1]) == channel and int(found[2]) < number:
            return str(int(found[2]))
    return None


class FollowUps:
    """In a thread without addressees, what whoever began it says later replies to a message of somebody else.

    That is the last one of whom it mentions; else a guess, as in tables of threads, and Addressees says which. Messages
    come in the order of time; one that comes later than a newer one replies to the first of its thread, as everybody's
    does.
    """

    def __init__(self) -> None:
        self._since: dict[str, Addressees] = {}
        self._last: dict[str, tuple[Moment, str]] = {}
        self._said: dict[tuple[str, str], str] = {}

    def answered(self, thread: str, message: Message) -> str:
        """Return which message of a thread one of its later ones replies to, and remember that one."""
        written = (message.published, 0)
        if message.actor is not None and message.actor == message.asker:
            guessed = self._taken_up(thread, written)
            return next(
                (self._said[thread, name] for name in message.mentions if (thread, name) in self._said), guessed
            )
        if not says_nothing(message.text):
            since = self._since.setdefault(thread, Addressees())
            since.add(written, different_words(message.text), message.id)
            if message.actor is not None:
                self._said[thread, message.actor] = message.id
        return thread

    def _taken_up(self, thread: str, written: Moment) -> str:
        since = self._since.get(thread, Addressees())
        if (newest := since.newest()) is not None:
            if newest > written:
                return thread
            self._last[thread] = newest, since.chosen() or thread
            del self._since[thread]
        last = self._last.get(thread)
        return last[1] if last is not None and last[0] <= written else thread


def unnamed(said: object, named: int) -> int:
    """Return how many of the reactions that there are said to be are of nobody who is named."""
    return max(0, said - named) if isinstance(said, int) else 0


def records_of(message: Message) -> Iterator[Activity]:
    """Yield the message, whom it mentions and who reacted to it. May raise MALFORMED."""
    act = {"actor": message.actor, "published": message.published}
    said = {"id": message.id, "content": message.text, "tags": message.tags, **act}
    if message.parent is None:
        yield record(type="note", **said)
    else:
        yield record(type="reply", object=message.parent, **said)
    for name in dict.fromkeys(message.mentions):
        if name != message.actor:
            key = f"{message.id}/mention/{name}"
            yield record(type="mention", id=key, object=message.id, target_actor=name, **act)
    accepted: set[str] = set()
    for emoji, by in message.reactions:
        is_yes = emoji in _YES and by == message.asker and message.parent is not None and by != message.actor
        kind = "accept" if is_yes else "like"
        if by not in accepted:
            yield record(
                type=kind,
                id=f"{message.id}/{kind}/{by}/{emoji}",
                actor=by,
                object=message.id,
                published=message.published,
            )
        accepted |= {by} if is_yes else set()
