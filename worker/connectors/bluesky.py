"""Bluesky: what its public AppView shows without a login, and an account's likes and reposts from its own server."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from worker.connectors.bluesky_network import APPVIEW, Network
from worker.connectors.bluesky_posts import NO_STRANGERS, Author, author_of, records_of
from worker.connectors.source import Connector, ConnectorFacts, UnknownAccountError, one, open_profile, read, shut
from worker.outbound import RejectedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from candor.scoring.activity import Activity
    from worker.connectors.bluesky_network import Kept
    from worker.connectors.bluesky_posts import Entry, Post
    from worker.connectors.source import Profile

_DID = re.compile(r"did:(?:plc:[a-z2-7]{24}|web:[a-z0-9.-]+(?:%3A\d+)?)")
_HANDLE = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z](?:[a-z0-9-]*[a-z0-9])?")
_LIST = re.compile(r"at://(?P<owner>[^/]+)/app\.bsky\.graph\.(?P<kind>list|starterpack)/(?P<key>[\w.~:-]+)")
_LIST_PAGE = re.compile(r"https://bsky\.app/profile/(?P<owner>[^/]+)/(?P<kind>list)s/(?P<key>[\w.~:-]+)")
_PACK_PAGE = re.compile(r"https://bsky\.app/(?P<kind>starter-pack|start)/(?P<owner>[^/]+)/(?P<key>[\w.~:-]+)")
_PER_REQUEST = 25
_NO_MORE = {
    "AccountDeactivated": "deactivated by its owner",
    "AccountTakedown": "taken down",
    "InvalidRequest": "Bluesky knows no such account",
}


class Bluesky(Connector):
    """Accounts go by their DID, which stays when a handle changes; posts by their at:// address."""

    facts = ConnectorFacts(
        family="bluesky",
        profile="microblog",
        terms="the public AppView and the accounts' own servers, as anybody may read them without signing in",
        limits="3,000 requests in five minutes to the AppView and to a server, told by RateLimit-Reset as epoch",
        consent=(NO_STRANGERS, "deactivated", "taken down"),
        unseen={
            "times": "who reposted a post or stands on a list is shown without the time: dated as the post or the list",
            "lists_by_others": "which lists name an account is shown to that one only: lists are read at their owners",
            "the_silent": "whatever accounts do that are to be shown to nobody who is not signed in",
            "blocked": "what is said between accounts of which one blocks the other",
        },
    )

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 as Connector
        super().__init__(*args, **named)
        self._network = Network(self.source)
        self._posts: dict[str, Post] = {}
        self._profiles: dict[str, Profile] = {}

    def settled(self, account: str) -> str | None:
        """See Connector. A handle can change hands, so only a DID is settled."""
        name = spelled(account)
        return name if _DID.fullmatch(name) else None

    def profile(self, account: str) -> Profile:
        """See Connector. One request."""
        name = spelled(account)
        if name not in self._profiles:
            profile = self._read_profile(name)
            self._profiles |= {name: profile, str(profile.account.actor): profile}
        return self._profiles[name]

    def activities(self, account: str, since: datetime, until: datetime) -> Iterator[Activity]:
        """See Connector. First the feed (posts, replies, quotes, reposts), then all reposts and likes."""
        if self.profile(account).status != "ok":
            return
        did = str(self.profile(account).account.actor)
        for entries in self._network.feed(did):
            for entry in entries:
                if since <= entry.at < until:
                    yield from self._entry(entry, did)
            if entries and all(entry.at < since for entry in entries):
                break
        server = self._network.server(did)
        for collection, kind in (("app.bsky.feed.repost", "reshare"), ("app.bsky.feed.like", "like")):
            for page in self._network.kept(server, did, collection) if server else ():
                yield from self._kept(did, kind, [kept for kept in page if since <= kept.value.createdAt < until])
                if page and all(kept.value.createdAt < since for kept in page):
                    break

    def recognition(self, posts: Iterable[Activity]) -> Iterator[Activity]:
        """See Connector. Up to three kinds of pages for each post: who reposted it, who quoted it, its thread."""
        for each in posts:
            post = self._posts.get(each.id or "")
            if post is None:
                continue
            for account in self._network.reposters(post.uri) if post.repostCount else ():
                if account.readable:
                    yield from self._act("reshare", f"{post.uri}#repost-{account.did}", account.did, each)
            for quote in self._network.quotes(post.uri) if post.quoteCount else ():
                yield from self._records(quote)
            for reply in self._network.thread(post.uri) if post.replyCount else ():
                yield from self._records(reply)

    def vouches_of(self, account: str) -> Iterator[Activity]:
        """See Connector. A page of the feed, of which reposts and quotes count; its lists and starter packs in full."""
        if self.profile(account).status != "ok":
            return
        did = str(self.profile(account).account.actor)
        for entry in next(self._network.feed(did), []):
            yield from (r for r in self._entry(entry, did) if r.actor == did and r.type in {"reshare", "quote"})
        for listing in self._network.lists(did):
            said = {"content": f"{listing.name}\n{listing.description or ''}".strip(), "published": listing.indexedAt}
            yield from self._listed(listing.uri, listing.uri, actor=did, object=listing.uri, **said)
        for pack in self._network.packs(did):
            text = f"{pack.record.name}\n{pack.record.description or ''}".strip()
            said = {"content": text, "published": pack.indexedAt}
            yield from self._listed(pack.uri, pack.record.list, actor=did, object=pack.uri, **said)

    def list_members(self, reference: str) -> Iterator[str]:
        """See Connector. A list or a starter pack, as at:// address or as its page on bsky.app."""
        found = _LIST.fullmatch(reference) or _LIST_PAGE.fullmatch(reference) or _PACK_PAGE.fullmatch(reference)
        if found is None:
            raise UnknownAccountError(f"not a list or starter pack of Bluesky: {reference!r}")
        owner = spelled(found["owner"])
        did = owner if _DID.fullmatch(owner) else self.profile(owner).account.actor
        kind = "list" if found["kind"] == "list" else "starterpack"
        uri = f"at://{did}/app.bsky.graph.{kind}/{found['key']}"
        of = uri if kind == "list" else self._network.pack(uri).record.list
        return (member.did for member in self._network.members(of, needed=True))

    def _read_profile(self, name: str) -> Profile:
        try:
            reply = self._network.profile(name)
        except RejectedError as error:
            why = error.reply.json.get("error") if error.reply and isinstance(error.reply.json, dict) else None
            if error.reply is None or why not in _NO_MORE:
                raise
            return shut(name, error.reply.fetched_at, _NO_MORE[why], gone=True)
        found = read(reply, Author)
        if not found.readable:
            self.source.outbound.forget(reply)
            reason = "taken down" if found.removed else f"{NO_STRANGERS}: shown to nobody who is not signed in"
            return shut(found.did, reply.fetched_at, reason, gone=found.removed)
        kind = "bot" if "bot" in found.own_labels else "unknown"
        facts = {"name": found.displayName or found.handle, "bio": found.description, "kind": kind}
        page = f"https://bsky.app/profile/{found.did}"
        return open_profile(reply, actor=found.did, followers=found.followersCount, url=page, **facts)

    def _entry(self, entry: Entry, did: str) -> Iterator[Activity]:
        """Yield what an entry of a feed shows: what its post answers, the post, and that it was reposted."""
        parent = self._network.parent(entry)
        if parent is not None:
            yield from self._records(parent)
        yield from self._records(entry.post)
        if entry.reason is not None and entry.reason.uri is not None and entry.post.author.readable:
            of = {"object": entry.post.uri, "target_actor": entry.post.author.did, "published": entry.reason.indexedAt}
            make = partial(one, type="reshare", id=entry.reason.uri, actor=did, **of)
            yield from self._once(self.source.records("reposts", APPVIEW, make))

    def _records(self, post: Post) -> Iterator[Activity]:
        self._posts.setdefault(post.uri, post)
        yield from self._once(self.source.records("posts", APPVIEW, partial(records_of, post)))

    def _kept(self, did: str, kind: str, kept: list[Kept]) -> Iterator[Activity]:
        """Yield acts from the account's own server, after the posts they are on."""
        missing = [each.value.subject.uri for each in kept if each.value.subject.uri not in self._posts]
        wanted = [uri for uri in dict.fromkeys(missing) if author_of(uri)]
        for start in range(0, len(wanted), _PER_REQUEST):
            for post in self._network.posts(wanted[start : start + _PER_REQUEST]):
                yield from self._records(post)
        for each in kept:
            of = {"object": each.value.subject.uri, "target_actor": author_of(each.value.subject.uri)}
            make = partial(one, type=kind, id=each.uri, actor=did, published=each.value.createdAt, **of)
            yield from self._once(self.source.records("likes and reposts", APPVIEW, make))

    def _act(self, kind: str, key: str, actor: str, on: Activity) -> Iterator[Activity]:
        of = {"object": on.id, "target_actor": on.actor, "published": on.published}
        yield from self._once(self.source.records(kind, APPVIEW, partial(one, type=kind, id=key, actor=actor, **of)))

    def _listed(self, uri: str, members_of: str, **said: Any) -> Iterator[Activity]:  # noqa: ANN401 as `record`
        for member in self._network.members(members_of):
            make = partial(one, type="list", id=f"{uri}#{member.did}", target_actor=member.did, **said)
            yield from self._once(self.source.records("lists", APPVIEW, make))


def spelled(account: str) -> str:
    """Return the DID or handle in `@ada.bsky.social`, a DID, or the address of a profile page."""
    name = account.strip().removeprefix("https://bsky.app/profile/").removeprefix("at://").removeprefix("@")
    name = name if name.startswith("did:") else name.lower()
    if _DID.fullmatch(name) or (len(name) <= 253 and _HANDLE.fullmatch(name)):
        return name
    raise UnknownAccountError(f"not a handle or DID of Bluesky: {account!r}")
