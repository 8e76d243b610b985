"""Mastodon, and everything that speaks its API: each account is read at its own server, under all its names.

An account has a name under its own domain and one under its server's, and may have moved from others or to another:
WebFinger (RFC 7033) and actor documents (ActivityPub) say it. A server is taken at its word for its own accounts alone:
a name elsewhere counts where the other side says the same, or anybody could have others erased as their second self.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from candor.names.accounts import lenient_namer
from candor.scoring.markup import plain
from worker.connectors.connector import (
    Connector,
    ConnectorFacts,
    UnknownAccountError,
    public_profile,
    unavailable_profile,
)
from worker.connectors.mastodon_posts import (
    Account,
    Finger,
    Listing,
    Local,
    Status,
    records_of,
    reshare_id,
)
from worker.connectors.mastodon_server import Server
from worker.connectors.network_client import check_same, read
from worker.outbound import MALFORMED, BadAnswerError, GoneError, RefusedError, RejectedError, UnauthorisedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from candor.scoring.activity import Activity
    from worker.connectors.connector import AccountProfile
    from worker.connectors.network_client import NetworkClient


_NAME = re.compile(r"@([^@]+)@([^@]+)")
_LIST = re.compile(r"(?:https?://)?([\w.:-]+)/(lists|collections)/([\w-]+)")


class Mastodon(Connector):
    """Posts go by their `uri`, which is the same on every server; an id is opaque, and means something to one only."""

    facts = ConnectorFacts(
        family="mastodon",
        profile="microblog",
        terms="the public API under the rules of each server; posts that are public or unlisted, nothing else",
        limits="300 requests in five minutes to a server, told by X-RateLimit-Reset as ISO time",
        consent=(
            "noindex",
            "#nobot or #noindex in the profile",
            "indexable: false",
            "discoverable: false",
            "limited",
            "memorial",
            "suspended",
        ),
        unseen={
            "times_of_reshares": "a server says who reshared a post and not when: they are dated as the post itself",
            "elsewhere": "reactions that never reached the account's own server",
            "lists": "lists are private to their owners; which collections name an account is shown to that one only",
            "likes": "what an account likes is shown to nobody else",
            "the_silent": "reactions of accounts that ask not to be indexed, or that their server hides",
        },
        operator_adds="a token of a server opens its owner's lists as trust roots, and servers closed to strangers",
    )

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 as Connector
        super().__init__(*args, **named)
        self._servers: dict[str, Server] = {}
        self._ids: dict[str, str] = {}
        self._moved: dict[str, str] = {}

    def canonical_name(self, account: str) -> str:
        """See Connector. An actor's address that names no user is read nowhere."""
        name = str(super().canonical_name(account))
        if not _NAME.fullmatch(name):
            raise UnknownAccountError(f"not an account as @user@host: {account!r}")
        return name

    def aliases(self, account: str) -> Iterator[str]:
        """See Connector. Under the domains that say the same of it, and where it moved from and to."""
        name, names = str(super().canonical_name(account)), FediverseNames(self.client)
        yield name
        if _NAME.fullmatch(name):
            name = str(self.profile(name).account.actor)
        yield from names.of(name, self._moved.get(name))

    def profile(self, account: str) -> AccountProfile:
        """See Connector. Two requests for what it says and the tags it features, at times one for its domain."""
        return self.read_once(self.canonical_name(account), self._read_profile)

    def activities(self, account: str, since: datetime, until: datetime) -> Iterator[Activity]:
        """See Connector. Posts, replies, quotes and reshares, and the posts that the replies answer."""
        profile = self.profile(account)
        if profile.status != "ok":
            return
        name = str(profile.account.actor)
        server = self._server_of(name)
        for statuses in server.statuses(self._ids[name]):
            within = [status for status in statuses if since <= status.created_at < until]
            for parents in server.by_id(status.in_reply_to_id for status in within if status.in_reply_to_id):
                yield from self._records(server, parents)
            yield from self._records(server, within)
            if statuses and all(status.created_at < since for status in statuses):
                return

    def recognition(self, posts: Iterable[Activity]) -> Iterator[Activity]:
        """See Connector. Up to three kinds of pages for each post: who reshared it, who quoted it, its thread."""
        for post in posts:
            if post.type not in {"note", "reply", "quote"} or post.actor is None:
                continue
            server = self._shown_by(post)
            local = server.local.get(post.id or "")
            if local is None:
                continue
            if local.reshares:
                yield from self._reshares(server, post, local)
            if local.quotes:
                yield from self._records(server, server.quotes(local))
            if local.replies:
                yield from self._records(server, server.thread(local))

    def vouches_of(self, account: str) -> Iterator[Activity]:
        """See Connector. A page of its posts, of which reshares and quotes count, and the collections it keeps."""
        profile = self.profile(account)
        if profile.status != "ok":
            return
        name = str(profile.account.actor)
        server = self._server_of(name)
        statuses = next(server.statuses(self._ids[name]), [])
        yield from (r for r in self._records(server, statuses) if r.type in {"reshare", "quote"})
        for listing in server.collections(self._ids[name]):
            yield from self._listed(server, name, listing)

    def list_members(self, reference: str) -> Iterator[str]:
        """See Connector. `HOST/lists/ID` needs a token of the list's owner, `HOST/collections/ID` none."""
        found = _LIST.fullmatch(reference)
        if found is None:
            raise UnknownAccountError(f"not a list or collection of a Mastodon server: {reference!r}")
        domain, kind, key = found.groups()
        server = self._server(domain)
        if kind == "collections":
            return (name for name, _ in server.collection(key).members(domain))
        return (account.name(domain) for account in server.list_accounts(key))

    def _shown_by(self, post: Activity) -> Server:
        """Return the server that is asked for reactions to a post: its author's own knows most of them."""
        return self._server_of(str(post.actor))

    def _met(self, server: Server, account: Account) -> None:
        """Take note of somebody whom a server shows beside what was asked for: a whole community's reader does."""

    def _server(self, domain: str) -> Server:
        return self._servers.setdefault(domain, Server(self.client, domain))

    def _server_of(self, name: str) -> Server:
        return self._server(name.rpartition("@")[2])

    def _read_profile(self, name: str) -> AccountProfile:
        server = self._server_of(name)
        user = name[1:].partition("@")[0]
        try:
            reply = server.look_up(user)
        except GoneError as error:
            if error.reply is None or not error.is_told:
                raise
            return unavailable_profile(name, error.reply.fetched_at, "account not found on its server", gone=True)
        found = read(reply, Account)
        check_same(name, server.name_of(found, name), reply)
        name = f"@{user}@{server.domain}"
        self._servers.setdefault(server.domain, server)
        if bytes(reply.parts.get("moved", b"null")) not in {b"null", b"false"}:
            self._tell_moved(name, found.moved.name(server.domain) if isinstance(found.moved, Account) else None)
        if reason := found.objection or found.not_opted_in:
            self.client.outbound.forget(reply)
            return unavailable_profile(name, reply.fetched_at, reason, gone=bool(found.suspended))
        self._ids[name] = found.id
        facts = {"name": found.display_name, "bio": plain(found.note), "url": found.url}
        tags = server.featured_tags(found.id)
        return public_profile(reply, found.kind, actor=name, followers=found.followers_count, tags=tags, **facts)

    def _tell_moved(self, name: str, to: str | None) -> None:
        with self.client.gaps.of(name):
            if to is None:
                self.client.gaps.add(f"acts of {name}", "it has moved, and what it did elsewhere is not read")
            else:
                self._moved[name] = to
                self.client.gaps.add(f"acts of {name}", f"it has moved to {to}, and what it did there is not read")

    def _records(self, server: Server, statuses: Iterable[Status]) -> Iterator[Activity]:
        for status in statuses:
            self._met(server, status.account)
            of = status.above(server.uri, server.domain)
            answered = status.in_reply_to_account_id or server.author.get(status.in_reply_to_id or "")
            yield from self.records("posts", server.domain, records_of(status, server.domain, of, answered))

    def _reshares(self, server: Server, post: Activity, local: Local) -> Iterator[Activity]:
        act = {"type": "reshare", "object": post.id, "target_actor": post.actor, "published": post.published}
        for account in server.resharers(local):
            self._met(server, account)
            if account.objection is None:
                by = account.name(server.domain)
                yield from self.act("reshares", server.domain, id=reshare_id(str(post.id), by), actor=by, **act)

    def _listed(self, server: Server, owner: str, listing: Listing) -> Iterator[Activity]:
        of = listing.collection
        text, tags = f"{of.name}\n{plain(of.description)}", [of.tag.name] if of.tag else []
        said = {"type": "list", "actor": owner, "object": of.uri, "content": text, "tags": tags, "url": of.url}
        for member, since in listing.members(server.domain):
            towards = {"id": f"{of.uri}#{member}", "target_actor": member, "published": since}
            yield from self.act("collections", server.domain, **said, **towards)


T = TypeVar("T")
MOST_OTHERS = 5
_ACTOR = 'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
_FINGER = "application/jrd+json, application/json"
_SAYS_NOTHING = (BadAnswerError, GoneError, RefusedError, RejectedError, UnauthorisedError)
"""Answers that will be the same tomorrow; whoever cannot be reached at all is asked again."""

name_of = lenient_namer("mastodon")


class Actor(msgspec.Struct, rename={"user": "preferredUsername", "known_as": "alsoKnownAs", "moved_to": "movedTo"}):
    """An actor document (ActivityPub), as far as names go."""

    id: str = ""
    user: str = ""
    known_as: Any = None
    moved_to: Any = None

    @property
    def name(self) -> str:
        """Return the one name that its server's address gives it, empty where there is none."""
        found = name_of(f"@{self.user}@{host_of(self.id)}")
        return found if _NAME.fullmatch(found) else ""

    @property
    def others(self) -> tuple[str, ...]:
        """Return the addresses of the accounts that it says it was or is."""
        said = self.known_as if isinstance(self.known_as, list) else [self.known_as]
        return tuple(dict.fromkeys(each for each in (self.moved_to, *said) if isinstance(each, str) and each))


def host_of(address: str) -> str:
    """Return the host of an address, with its port if it says one; empty where it is none."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""


class FediverseNames:
    """Asks for one account; past the cache, so that nothing about it is kept. Raises OutboundError, WaitingError."""

    def __init__(self, client: NetworkClient) -> None:
        self._client = client

    def of(self, account: str, moved_to: str | None = None) -> Iterator[str]:
        """Yield the names of an account: `@user@host` or the address of an actor; its server may say where it moved."""
        yield account
        actor = None if _NAME.fullmatch(account) else self._actor(account)
        if actor is not None and actor.name:
            account = actor.name
            yield account
        address, names = self._at_home(account)
        yield from names
        if address and actor is None:
            actor = self._actor(address)
        said = [self._at_home(moved_to)[0] if moved_to else "", *(actor.others if actor else ())]
        for other in islice(dict.fromkeys(filter(None, said)), MOST_OTHERS):
            yield from self._second_self(other, actor.id if actor else address)

    def _at_home(self, name: str) -> tuple[str, tuple[str, ...]]:
        """Return where an account is, and its names there: of its own domain, its server's, and the address itself."""
        found = _NAME.fullmatch(name)
        here = self._finger(*found.groups()) if found else Finger()
        named = _NAME.fullmatch(here.name)
        if found is None or named is None or named[1] != found[1] or not here.actor:
            return "", ()
        (user, host), own, served = found.groups(), named[2], host_of(here.actor)
        other = served if host == own else own
        if host not in {own, served} or (other != host and not self._finger(user, other).says_as(here)):
            return "", ()
        return here.actor, (f"@{user}@{own}", f"@{user}@{served}", name_of(here.actor))

    def _second_self(self, address: str, of: str) -> Iterator[str]:
        """Yield the names of an account that it moved from or to, where that one says so as well."""
        other = self._actor(address)
        if other is not None and of in other.others:
            yield from (other.name or name_of(address), name_of(address))
            yield from self._at_home(other.name)[1]

    def _actor(self, address: str) -> Actor | None:
        """Read an actor's document at its own address, None where there is none for strangers."""
        found = self._read(address, _ACTOR, Actor)
        return found if found is not None and found.id == address else None

    def _finger(self, user: str, domain: str) -> Finger:
        query = urlencode({"resource": f"acct:{user}@{domain}"})
        return self._read(f"{self._client.origin(domain)}/.well-known/webfinger?{query}", _FINGER, Finger) or Finger()

    def _read(self, address: str, accept: str, kind: type[T]) -> T | None:
        try:
            return msgspec.json.decode(self._client.outbound.get_fresh(address, accept=accept), type=kind)
        except (*_SAYS_NOTHING, *MALFORMED):
            return None
