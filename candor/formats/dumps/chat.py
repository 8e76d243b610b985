"""What every chat has: messages in threads, mentions, and reactions, of which a check mark by the asker is a yes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from candor.formats.reading import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from candor.scoring.activity import Activity

YES = "a check mark by who began the thread; other reactions are likes; all are dated as the message"
_YES = frozenset(
    {"white_check_mark", "heavy_check_mark", "ballot_box_with_check", "check", "check_mark", "✅", "✔", "✔️", "☑", "☑️"}
)


@dataclass(frozen=True, kw_only=True)
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
