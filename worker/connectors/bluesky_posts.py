"""The shapes of Bluesky's answers that we read, and the records made of them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from candor.formats.bluesky import NO_STRANGERS, PostRecord, Reference, records_of_post
from candor.formats.lenient import NEEDED
from candor.scoring.account_kinds import by_sign
from candor.scoring.activity import Instant
from worker.connectors.connector import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.scoring.activity import AccountKind, Activity

REMOVED = frozenset({"!takedown", "!suspend"})
_FIRST_YEAR = 1970
_PINNED = "app.bsky.feed.defs#reasonPin"
_TAKEN_OUT = frozenset({"app.bsky.embed.record#viewDetached", "app.bsky.embed.record#viewBlocked"})


class Label(msgspec.Struct):
    """A label on an account, by itself or by a moderator."""

    src: str = ""
    val: str = ""
    neg: bool = False


class Resolved(msgspec.Struct):
    """What a handle stands for."""

    did: str


class Verification(msgspec.Struct):
    """Whether somebody vouches that an account is who it says, and whether it may vouch for others."""

    trustedVerifierStatus: str = "none"  # noqa: N815


class Author(msgspec.Struct):
    """An account, in any of the lengths in which it is shown."""

    did: str
    handle: str = ""
    displayName: str | None = None  # noqa: N815 as the lexicon spells it
    description: str | None = None
    followersCount: int | None = None  # noqa: N815
    labels: Annotated[list[Label], NEEDED] = []
    verification: Verification | None = None

    @property
    def own_labels(self) -> set[str]:
        """Return the labels that the account put on itself."""
        return {label.val for label in self.labels if label.src == self.did and not label.neg}

    @property
    def kind(self) -> tuple[AccountKind, str]:
        """Say what stands behind it: bots label themselves, and organisations are trusted to verify others."""
        if "bot" in self.own_labels:
            return by_sign("bluesky", "own label bot")
        verifies = self.verification is not None and self.verification.trustedVerifierStatus == "valid"
        return by_sign("bluesky", "trusted verifier" if verifies else "")

    @property
    def removed(self) -> bool:
        """Say whether a moderator took it down."""
        return any(label.val in REMOVED and not label.neg for label in self.labels)

    @property
    def readable(self) -> bool:
        """Say whether it may be shown to somebody who is not signed in, as we are not."""
        return NO_STRANGERS not in self.own_labels and not self.removed


class Post(msgspec.Struct):
    """A post as the network shows it, with what belongs to it."""

    uri: str
    author: Author
    record: PostRecord
    indexedAt: Instant  # noqa: N815
    embed: dict[str, Any] | None = None
    replyCount: int = 0  # noqa: N815
    repostCount: int = 0  # noqa: N815
    quoteCount: int = 0  # noqa: N815

    @property
    def quoted(self) -> str | None:
        """Return the uri of the post that is quoted; None where its author took it out of the quote, or is blocked."""
        shown: Any = self.embed
        while isinstance(shown, dict):
            if shown.get("$type") in _TAKEN_OUT or shown.get("detached") is True or shown.get("blocked") is True:
                return None
            shown = shown.get("record")
        return self.record.quoted


class Reason(msgspec.Struct, rename={"type": "$type"}):
    """Why a post stands in somebody's feed: that one reposted it, or pinned it."""

    type: str = ""
    indexedAt: Instant | None = None  # noqa: N815
    uri: str | None = None


class Above(msgspec.Struct):
    """The post that a reply answers: it may be deleted, or hidden from the one who replied."""

    parent: msgspec.Raw = msgspec.Raw(b"null")


class FeedEntry(msgspec.Struct):
    """An entry of a feed."""

    post: Post
    reason: Reason | None = None
    reply: Above | None = None

    @property
    def at(self) -> datetime:
        """When it came into the feed."""
        reposted = self.reason.indexedAt if self.reason else None
        return reposted or written_at(self.post.record.createdAt, self.post.indexedAt)

    @property
    def is_repost(self) -> bool:
        """Whether it is there because its owner reposted it, at a time that is told."""
        return self.reason is not None and self.reason.indexedAt is not None and self.reason.type != _PINNED


class Node(msgspec.Struct):
    """A place in a thread: a post, with what stands above and below it, or a word that there is none to be seen."""

    post: msgspec.Raw = msgspec.Raw()
    author: msgspec.Raw = msgspec.Raw()
    parent: msgspec.Raw = msgspec.Raw()
    replies: list[msgspec.Raw] | None = None
    blocked: bool = False
    notFound: bool = False  # noqa: N815

    @property
    def has_parent(self) -> bool:
        """Whether something stands above it."""
        return bytes(self.parent) not in {b"", b"null"}

    @property
    def is_hidden(self) -> bool:
        """Whether there is a word in place of a post: deleted, or one of two people blocks the other."""
        return self.blocked or self.notFound or not (self.post or self.author)


class Thread(msgspec.Struct):
    """A thread, from the post that was asked for."""

    thread: msgspec.Raw


class Listing(msgspec.Struct):
    """A list of people; only curated ones recommend anybody."""

    uri: str
    indexedAt: Instant  # noqa: N815
    purpose: str
    name: str = ""
    description: str | None = None

    @property
    def text(self) -> str:
        """What its owner says of it."""
        return f"{self.name}\n{self.description or ''}".strip()


class PackRecord(msgspec.Struct):
    """A starter pack as its owner wrote it."""

    list: str
    name: str = ""
    description: str | None = None


class Pack(msgspec.Struct):
    """A starter pack: the list of people behind it has an address of its own."""

    uri: str
    record: PackRecord
    indexedAt: Instant  # noqa: N815

    @property
    def text(self) -> str:
        """What its owner says of it."""
        return f"{self.record.name}\n{self.record.description or ''}".strip()


class PackAnswer(msgspec.Struct):
    """The answer that holds one starter pack."""

    starterPack: Pack  # noqa: N815


class Place(msgspec.Struct):
    """A place on a list."""

    subject: Author


class Service(msgspec.Struct):
    """A service that a DID document names."""

    type: str = ""
    serviceEndpoint: Any = None  # noqa: N815


class Document(msgspec.Struct):
    """A DID document, as far as we read it."""

    service: list[Service] = []
    alsoKnownAs: list[str] = []  # noqa: N815


class Value(msgspec.Struct):
    """A like or repost: of what, when, and by whose repost its owner came there."""

    subject: Reference
    createdAt: Instant  # noqa: N815
    via: Reference | None = None


class OwnRecord(msgspec.Struct):
    """A record on an account's own server."""

    uri: str
    value: Value


def written_at(created: str, indexed: datetime) -> datetime:
    """Return when a record was written: as it says itself, but not later than the network saw it, nor before 1970."""
    try:
        said = datetime.fromisoformat(created)
        return min(said, indexed) if said.tzinfo and said.year >= _FIRST_YEAR else indexed
    except (ValueError, OverflowError):
        return indexed


def records_of(post: Post) -> Iterator[Activity]:
    """Yield a post's records, none of somebody who may not be read. May raise one of MALFORMED."""
    if post.author.readable:
        at = written_at(post.record.createdAt, post.indexedAt)
        yield from records_of_post(post.uri, post.record, post.quoted, record, did=post.author.did, at=at)
