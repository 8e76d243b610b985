"""Mastodon, and everything that speaks its API: each account is read at its own server."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from candor.formats.markup import plain
from worker.connectors.mastodon_posts import Account, records_of
from worker.connectors.mastodon_server import Server
from worker.connectors.source import Connector, ConnectorFacts, UnknownAccountError, one, open_profile, read, shut
from worker.outbound import GoneError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from candor.scoring.activity import Activity
    from worker.connectors.mastodon_posts import Listing, Status
    from worker.connectors.mastodon_server import Local
    from worker.connectors.source import Profile
    from worker.outbound import Reply

_NAME = re.compile(r"@?([\w.-]+)@([\w.:-]+)")
_PAGE = re.compile(r"https?://([\w.:-]+)/(?:@|users/)([\w.-]+)")
_LIST = re.compile(r"(?:https?://)?([\w.:-]+)/(lists|collections)/([\w-]+)")


class Mastodon(Connector):
    """Posts go by their `uri`, which is the same on every server; an id is opaque, and means something to one only."""

    facts = ConnectorFacts(
        family="mastodon",
        profile="microblog",
        terms="the public API under the rules of each server; posts that are public or unlisted, nothing else",
        limits="300 requests in five minutes to a server, told by X-RateLimit-Reset as ISO time",
        consent=("noindex", "indexable: false", "discoverable: false", "limited", "memorial", "suspended"),
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
        self._profiles: dict[str, Profile] = {}
        self._ids: dict[str, str] = {}

    def settled(self, account: str) -> str:
        """See Connector."""
        user, domain = split(account)
        return f"@{user}@{domain}"

    def profile(self, account: str) -> Profile:
        """See Connector. One request to look the account up, one for the tags it features."""
        user, domain = split(account)
        name = f"@{user}@{domain}"
        if name not in self._profiles:
            try:
                reply = self._server(domain).look_up(user)
            except GoneError as error:
                if error.reply is None:
                    raise
                no_more = "its server knows no such account, or no more"
                self._profiles[name] = shut(name, error.reply.fetched_at, no_more, gone=True)
            else:
                self._profiles[name] = self._read_profile(name, reply)
        return self._profiles[name]

    def activities(self, account: str, since: datetime, until: datetime) -> Iterator[Activity]:
        """See Connector. Posts, replies, quotes and reshares, and the posts that the replies answer."""
        if self.profile(account).status != "ok":
            return
        user, domain = split(account)
        server = self._server(domain)
        for statuses in server.statuses(self._ids[f"@{user}@{domain}"]):
            within = [status for status in statuses if since <= status.created_at < until]
            for parents in server.by_id(s.in_reply_to_id for s in within if s.in_reply_to_id):
                yield from self._records(server, parents)
            yield from self._records(server, within)
            if statuses and all(status.created_at < since for status in statuses):
                return

    def recognition(self, posts: Iterable[Activity]) -> Iterator[Activity]:
        """See Connector. Up to three kinds of pages for each post: who reshared it, who quoted it, its thread."""
        for post in posts:
            if post.type not in {"note", "reply", "quote"} or post.actor is None:
                continue
            server = self._server(split(post.actor)[1])
            local = server.local.get(post.id or "")
            if local is None:
                continue
            if local.reshares:
                yield from self._reshares(server, post, local)
            for statuses in server.quotes(local) if local.quotes else ():
                yield from self._records(server, statuses)
            if local.replies:
                yield from self._records(server, server.thread(local))

    def vouches_of(self, account: str) -> Iterator[Activity]:
        """See Connector. A page of its posts, of which reshares and quotes count, and the collections it keeps."""
        if self.profile(account).status != "ok":
            return
        user, domain = split(account)
        server, name = self._server(domain), f"@{user}@{domain}"
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

    def _server(self, domain: str) -> Server:
        return self._servers.setdefault(domain, Server(self.source, domain))

    def _read_profile(self, name: str, reply: Reply) -> Profile:
        found = read(reply, Account)
        if reason := found.objection or found.not_opted_in:
            self.source.outbound.forget(reply)
            return shut(name, reply.fetched_at, reason, gone=bool(found.suspended))
        self._ids[name] = found.id
        server = self._server(split(name)[1])
        facts = {"kind": found.kind, "name": found.display_name, "bio": plain(found.note), "url": found.url}
        tags = server.featured_tags(found.id)
        return open_profile(reply, actor=name, followers=found.followers_count, tags=tags, **facts)

    def _records(self, server: Server, statuses: Iterable[Status]) -> Iterator[Activity]:
        for status in statuses:
            parent = status.in_reply_to_id
            of = server.uri.get(parent, f"{server.domain}/statuses/{parent}") if parent else None
            make = partial(records_of, status, server.domain, of)
            yield from self._once(self.source.records("posts", server.domain, make))

    def _reshares(self, server: Server, post: Activity, local: Local) -> Iterator[Activity]:
        for account in server.resharers(local):
            if account.objection is None:
                by = account.name(server.domain)
                act = {"actor": by, "object": post.id, "target_actor": post.actor, "published": post.published}
                make = partial(one, type="reshare", id=f"{post.id}#reshare-{by}", **act)
                yield from self._once(self.source.records("reshares", server.domain, make))

    def _listed(self, server: Server, owner: str, listing: Listing) -> Iterator[Activity]:
        text = f"{listing.collection.name}\n{plain(listing.collection.description)}"
        tags = [listing.collection.tag.name] if listing.collection.tag else []
        said = {"actor": owner, "object": listing.collection.uri, "content": text, "tags": tags}
        for member, since in listing.members(server.domain):
            ids = {"id": f"{listing.collection.uri}#{member}", "target_actor": member, "published": since}
            make = partial(one, type="list", url=listing.collection.url, **said, **ids)
            yield from self._once(self.source.records("collections", server.domain, make))


def split(account: str) -> tuple[str, str]:
    """Take `@user@host`, or the address of a profile page, apart into user and host, in lower case."""
    if found := _PAGE.fullmatch(account):
        return found[2].lower(), found[1].lower()
    if found := _NAME.fullmatch(account):
        return found[1].lower(), found[2].lower()
    raise UnknownAccountError(f"not an account as @user@host: {account!r}")
