"""The shapes of a Mastodon server's answers that we read, and the records made of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeAlias

import msgspec

from candor.formats.lenient import NEEDED
from candor.names.accounts import lenient_namer
from candor.scoring.account_kinds import by_sign
from candor.scoring.activity import Instant
from candor.scoring.markup import plain
from worker.connectors.connector import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from candor.scoring.activity import AccountKind, Activity

PUBLIC = ("public", "unlisted")
_NO_BOTS = re.compile(r"#(?:nobots?|noindex)\b", re.IGNORECASE)
Flag: TypeAlias = Annotated[bool | None, NEEDED]


class Wishes(msgspec.Struct):
    """What an account of Pleroma or Akkoma set."""

    discoverable: Flag = None


class OwnSettings(msgspec.Struct):
    """What an account's owner set, as far as Pleroma and Akkoma show it to everybody."""

    pleroma: Annotated[Wishes | None, NEEDED] = None


class ProfileField(msgspec.Struct):
    """A line of the table on a profile."""

    name: str = ""
    value: str = ""


class Account(msgspec.Struct):
    """An account, as far as we read it."""

    id: str
    acct: str
    url: str | None = None
    display_name: str = ""
    note: str = ""
    fields: list[ProfileField] = []
    followers_count: int | None = None
    bot: bool | None = None
    group: bool | None = None
    noindex: Flag = None
    indexable: Flag = None
    discoverable: Flag = None
    suspended: Flag = None
    memorial: Flag = None
    limited: Flag = None
    source: Annotated[OwnSettings | None, NEEDED] = None
    moved: Account | bool | None = None

    @property
    def kind(self) -> tuple[AccountKind, str]:
        """Say what stands behind it: a server tells bots and groups apart, and no more."""
        return by_sign("mastodon", "bot true" if self.bot else "group true" if self.group else "")

    @property
    def objection(self) -> str | None:
        """Say why nothing this account does is read, not even as somebody else's voice."""
        if self.noindex:
            return "noindex: it asks not to be indexed"
        if self._asks_no_bots:
            return "#nobot or #noindex: its profile asks not to be read by programs"
        if self.memorial:
            return "memorial: its owner cannot agree any more"
        if self.suspended:
            return "suspended by its server"
        return "limited: its server hides it" if self.limited else None

    @property
    def _asks_no_bots(self) -> bool:
        said = (self.note, self.display_name, *(text for line in self.fields for text in (line.name, line.value)))
        return any("#" in text and _NO_BOTS.search(plain(text)) for text in said)

    @property
    def not_opted_in(self) -> str | None:
        """Say why it is not scored, where it has not agreed to be found."""
        if self.indexable is False:
            return "indexable: false; its posts are not to be searched"
        told = self.source.pleroma if self.source else None
        is_hidden = self.discoverable is False or (told is not None and told.discoverable is False)
        return "discoverable: false; it is not to be recommended" if is_hidden else None

    def name(self, host: str) -> str:
        """Return the one name of an account as `host` knows it."""
        return lenient_namer("mastodon")(self.acct if "@" in self.acct else f"{self.acct}@{host}")


class Numbered(msgspec.Struct):
    """Anything in a list, of which the last is where the next page begins."""

    id: str


class Tag(msgspec.Struct):
    """A hashtag, on a post or featured by an account."""

    name: str


class Quote(msgspec.Struct):
    """A quote; until the quoted person agrees, its state is another. Some software puts the quoted post there."""

    state: str = "accepted"
    quoted_status: Status | None = None
    uri: str = ""
    account: Account | None = None
    visibility: str = ""
    local_only: Flag = None

    def target(self, host: str) -> dict[str, str] | None:
        """Return what is quoted and whose it is, where anybody may read it."""
        quoted = self.quoted_status or self
        if self.state != "accepted" or quoted.account is None or not quoted.uri or not quoted.readable:
            return None
        return {"object": quoted.uri, "target_actor": quoted.account.name(host)}

    @property
    def readable(self) -> bool:
        """See Status."""
        return self.account is not None and _is_public(self, self.account)


class Pleroma(msgspec.Struct):
    """What Pleroma adds to a post."""

    quote: Status | None = None


class Akkoma(msgspec.Struct):
    """What Akkoma adds to a post: the address of the one it answers, also where the server does not have that one."""

    in_reply_to_apid: str | None = None


class Status(msgspec.Struct):
    """A post, or a reshare of one."""

    id: str
    uri: str
    created_at: Instant
    account: Account
    visibility: str
    content: str = ""
    spoiler_text: str = ""
    url: str | None = None
    in_reply_to_id: str | None = None
    in_reply_to_account_id: str | None = None
    reblog: Annotated[Status | bool | None, NEEDED] = None
    quote: Quote | bool | None = None
    pleroma: Pleroma | None = None
    akkoma: Akkoma | None = None
    local_only: Flag = None
    mentions: list[Account] = []
    tags: list[Tag] = []
    replies_count: int = 0
    reblogs_count: int = 0
    quotes_count: int = 0

    @property
    def readable(self) -> bool:
        """Say whether it is addressed to the public by somebody who does not object to being read."""
        return _is_public(self, self.account)

    def quoted(self, host: str) -> dict[str, str] | None:
        """Return what it quotes and whose that is, where anybody may read it."""
        beside = Quote(quoted_status=self.pleroma.quote) if self.pleroma else None
        quote = self.quote if isinstance(self.quote, Quote) else beside  # Sharkey says false where there is none
        return quote.target(host) if quote else None

    def above(self, known: Mapping[str, str], host: str) -> str | None:
        """Return the uri of the post it answers, as far as it is known."""
        if not self.in_reply_to_id:
            return None
        said = self.akkoma.in_reply_to_apid if self.akkoma else None
        return known.get(self.in_reply_to_id) or said or f"{host}/statuses/{self.in_reply_to_id}"


def _is_public(post: Status | Quote, by: Account) -> bool:
    """Tell whether a post is for everybody: Hometown and others have posts that never leave the server."""
    return post.visibility in PUBLIC and not post.local_only and not by.objection


class Thread(msgspec.Struct):
    """What stands above and below a post."""

    ancestors: list[msgspec.Raw] = []
    descendants: list[msgspec.Raw] = []


class Member(msgspec.Struct):
    """A place in a collection."""

    account_id: str | None = None
    created_at: Instant | None = None
    state: str = "accepted"


class Collection(msgspec.Struct):
    """A list of people that its owner shows to everybody."""

    id: str
    uri: str
    created_at: Instant
    name: str = ""
    description: str = ""
    tag: Tag | None = None
    url: str | None = None
    items: list[Member] = []


class Listing(msgspec.Struct):
    """A collection together with the accounts it names."""

    collection: Collection
    accounts: list[Account] = []

    def members(self, host: str) -> Iterator[tuple[str, Instant]]:
        """Yield who is on it, and since when."""
        names = {account.id: account.name(host) for account in self.accounts if not account.objection}
        for member in self.collection.items:
            if member.account_id in names and member.state == "accepted":
                yield names[member.account_id], member.created_at or self.collection.created_at


class Local(NamedTuple):
    """The id that one server has for a post, and how many reactions it counts."""

    id: str
    replies: int
    reshares: int
    quotes: int


class Contact(msgspec.Struct):
    """Who answers for an instance."""

    account: Account | None = None


class Instance(msgspec.Struct):
    """What an instance says of itself: under which domain its accounts go."""

    domain: str = ""
    contact: Contact | None = None


class Link(msgspec.Struct):
    """A link of a WebFinger answer."""

    rel: str = ""
    href: str = ""


class Finger(msgspec.Struct):
    """A WebFinger answer (RFC 7033): where an account is served, and under which domain it goes."""

    subject: str = ""
    links: list[Link] = []

    @property
    def actor(self) -> str:
        """Return the address of the account itself."""
        return next((link.href for link in self.links if link.rel == "self"), "")

    @property
    def name(self) -> str:
        """Return the one name of the account, as its server says it; what is no account's stays as it is."""
        return lenient_namer("mastodon")(self.subject)

    def says_as(self, other: Finger) -> bool:
        """Tell whether both name the same account at the same address."""
        return (self.name, self.actor) == (other.name, other.actor)


def reshare_id(uri: str, by: str) -> str:
    """Return the id that records use for a reshare that has no address of its own."""
    return f"{uri}#reshare-{by}"


def records_of(status: Status, host: str, parent: str | None, answered: str | None) -> Iterator[Activity]:
    """Yield a post's records: itself, what it quotes, whom it mentions beside the one it answers.

    `parent` is the uri of the post it answers, `answered` the server's id of whose that is: some software leaves it
    out. May raise one of MALFORMED.
    """
    if not status.readable:
        return
    actor = status.account.name(host)
    act = {"actor": actor, "published": status.created_at, "visibility": status.visibility}
    if status.reblog:
        if isinstance(status.reblog, Status) and status.reblog.readable:
            of = {"object": status.reblog.uri, "target_actor": status.reblog.account.name(host)}
            has_own = status.uri not in {"", status.reblog.uri}  # Pleroma, Akkoma and Takahē give that of the post
            yield record(
                type="reshare", id=status.uri if has_own else reshare_id(status.reblog.uri, actor), **of, **act
            )
        return
    yield from _own_post(status, host, parent, act)
    for mention in status.mentions:
        if mention.id != answered:
            towards = mention.name(host)
            yield record(
                type="mention", id=f"{status.uri}#mention-{towards}", object=status.uri, target_actor=towards, **act
            )


def _own_post(status: Status, host: str, parent: str | None, act: dict[str, Any]) -> Iterator[Activity]:
    said = {
        "id": status.uri,
        "content": plain(f"<p>{status.spoiler_text}</p>{status.content}"),
        "tags": [tag.name for tag in status.tags],
        "url": status.url,
        **act,
    }
    of = status.quoted(host)
    if parent is not None:
        yield record(type="reply", object=parent, **said)
        if of:
            yield record(type="quote", id=f"{status.uri}#quote", **of, **act)
    elif of:
        yield record(type="quote", **of, **said)
    else:
        yield record(type="note", **said)
