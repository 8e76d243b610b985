"""The shapes of a Lemmy server's answers that we read, before and since Lemmy 1.0, and the records made of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import msgspec

from candor.formats.lenient import NEEDED
from candor.scoring.account_kinds import by_sign
from candor.scoring.activity import Instant
from candor.scoring.markup import own_words
from worker.connectors.connector import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from candor.scoring.activity import AccountKind, Activity

_NAMED = re.compile(r"(?<![\w/@!])@([A-Za-z0-9_]{3,50})@([\w-]+(?:\.[\w-]+)+)")


_CROSSPOSTED = re.compile(r"\A[^\n]{0,60}?(https?://[^\s/]{1,253}/post/\d{1,18})[ \t]*(?:\n|\Z)")
"""How the first line of a crosspost names the original, whatever the language."""


class Person(msgspec.Struct):
    """An account. Its address is its `actor_id`, since Lemmy 1.0 its `ap_id`."""

    name: str
    actor_id: str = ""
    ap_id: str = ""
    display_name: str | None = None
    bio: str | None = None
    bot_account: bool = False
    deleted: Annotated[bool, NEEDED] = False
    banned: Annotated[bool, NEEDED] = False

    def __post_init__(self) -> None:
        """Refuse who has no address. Raises ValueError."""
        if not urlsplit(self.address).netloc:
            raise ValueError("no address")

    @property
    def account(self) -> str:
        """Return the name as records use it."""
        return f"@{self.name}@{urlsplit(self.address).netloc}".lower()

    @property
    def address(self) -> str:
        """Return where it is, the same on every server."""
        return self.actor_id or self.ap_id

    @property
    def kind(self) -> tuple[AccountKind, str]:
        """Say what stands behind it: bots say so themselves."""
        return by_sign("lemmy", "bot_account true" if self.bot_account else "")


class PostOrComment(msgspec.Struct):
    """A post or a comment, as far as both are alike; `ap_id` is the same on every server."""

    id: int
    ap_id: str
    published: str = ""
    published_at: str = ""
    score: int = 0
    deleted: Annotated[bool, NEEDED] = False
    removed: Annotated[bool, NEEDED] = False

    def __post_init__(self) -> None:
        """Refuse what has no time. Raises ValueError."""
        if not (self.published or self.published_at):
            raise ValueError("no time")

    @property
    def at(self) -> Instant:
        """When; servers before 0.19 left out that it is UTC. Raises ValidationError."""
        said = self.published or self.published_at
        has_zone = said.endswith("Z") or "+" in said
        return msgspec.convert(said + ("" if has_zone else "Z"), Instant)


class Post(PostOrComment):
    """A post: `url` is what it links to."""

    name: str = ""
    body: str | None = None
    url: str | None = None
    comments: int = 0

    @property
    def crossposted(self) -> str | None:
        """Return the address of the post that it crossposts, as the software writes it into the text."""
        found = _CROSSPOSTED.match(self.body or "")
        return found[1] if found and found[1] != self.ap_id else None


class Comment(PostOrComment):
    """A comment; `path` has the ids of what it stands under, from the top, and its own."""

    content: str = ""
    path: Annotated[str, NEEDED] = ""
    child_count: int = 0

    @property
    def parent(self) -> int | None:
        """Return the id of the comment that it answers, None where it answers the post."""
        above = self.path.split(".")[1:-1]
        return int(above[-1]) if above and above[-1].isascii() and above[-1].isdigit() else None


class _Community(msgspec.Struct):
    """A community; since Lemmy 0.19 it says for whom it is."""

    name: str = ""
    visibility: Annotated[str, NEEDED] = "Public"
    hidden: Annotated[bool, NEEDED] = False
    removed: Annotated[bool, NEEDED] = False
    deleted: Annotated[bool, NEEDED] = False

    @property
    def is_public(self) -> bool:
        """Say whether it is listed for everybody: others are for some, stay on their server, or go by address alone."""
        return self.visibility.lower() == "public" and not (self.hidden or self.removed or self.deleted)


class _Counts(msgspec.Struct):
    """How a post or comment is counted; since Lemmy 1.0 it says so itself."""

    score: int = 0
    comments: int = 0
    child_count: int = 0


class View(msgspec.Struct):
    """A post, or a comment on it, with who wrote it and how it is counted."""

    post: Post
    creator: Person
    comment: Annotated[Comment | None, NEEDED] = None
    community: Annotated[_Community, NEEDED] = msgspec.field(default_factory=_Community)
    counts: _Counts | None = None

    @property
    def score(self) -> int:
        """Return how many votes are up, less those that are down."""
        return (self.counts or self.said).score

    @property
    def said(self) -> Post | Comment:
        """What is said: the comment, or the post where there is none."""
        return self.comment or self.post

    @property
    def at(self) -> datetime:
        """When it was said. Raises ValidationError."""
        return self.said.at

    @property
    def readable(self) -> bool:
        """Say whether it still stands."""
        return not (self.said.deleted or self.said.removed)

    @property
    def answers(self) -> int:
        """Return how many comments stand below it."""
        if self.comment:
            return (self.counts or self.comment).child_count
        return (self.counts or self.post).comments


class CommentView(View, kw_only=True):
    """A comment, where nothing else is listed."""

    comment: Comment


class PersonView(msgspec.Struct):
    """An account, and since Lemmy 1.0 whether its server banned it."""

    person: Person
    banned: Annotated[bool, NEEDED] = False


class Details(msgspec.Struct):
    """What a server says of an account."""

    person_view: PersonView


class CommentAnswer(msgspec.Struct):
    """The answer that holds one comment."""

    comment_view: CommentView


class Moderator(msgspec.Struct):
    """A moderator of a community."""

    moderator: Person


class CommunityAnswer(msgspec.Struct):
    """What a server says of a community."""

    moderators: list[msgspec.Raw]


def records_of(view: View, under: str, known: Mapping[str, View]) -> Iterator[Activity]:
    """Yield a post or a comment, and whom it names. May raise one of MALFORMED.

    `known` are what was read before, by address: whose the original of a crosspost is may be told there.
    """
    actor = None if view.creator.deleted else view.creator.account
    act = {"actor": actor, "published": view.at}
    tags = [view.community.name] if view.community.name else []
    if view.comment:
        key, text = view.comment.ap_id, view.comment.content
        yield record(type="reply", id=key, url=key, object=under, content=text, **act)
    else:
        key, text = view.post.ap_id, f"{view.post.name}\n\n{view.post.body or ''}".strip()
        said = {"id": key, "url": key, "content": text, "tags": tags, **act}
        if (original := view.post.crossposted) is not None:
            by = known[original].creator.account if original in known else None
            yield record(type="quote", object=original, target_actor=by, **said)
        else:
            yield record(type="note" if view.post.url else "question", **said)
    for name in dict.fromkeys(f"@{user}@{host}".lower() for user, host in _NAMED.findall(own_words(text))):
        yield record(type="mention", id=f"{key}#mention-{name}", object=key, target_actor=name, **act)
