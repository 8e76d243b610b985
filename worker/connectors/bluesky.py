"""Bluesky: what its public AppView shows without a login, and an account's likes and reposts from its own server."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode, urlsplit

from msgspec.structs import replace

from candor.formats.bluesky import CURATED, NO_STRANGERS, author_of
from worker.connectors.bluesky_posts import (
    Author,
    Document,
    FeedEntry,
    Listing,
    Node,
    OwnRecord,
    Pack,
    PackAnswer,
    Place,
    Post,
    Resolved,
    Thread,
    records_of,
)
from worker.connectors.connector import (
    Connector,
    ConnectorFacts,
    UnknownAccountError,
    public_profile,
    unavailable_profile,
)
from worker.connectors.network_client import UNEXPECTED, check_same, read
from worker.outbound import BadAnswerError, BudgetSpentError, GoneError, OutboundError, RejectedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    import msgspec

    from candor.scoring.activity import Activity
    from worker.connectors.connector import AccountProfile
    from worker.outbound import Reply

T = TypeVar("T")
APPVIEW, DIRECTORY = "public.api.bsky.app", "plc.directory"
_LIST = re.compile(r"at://(?P<owner>[^/]+)/app\.bsky\.graph\.(?P<kind>list|starterpack)/(?P<key>[\w.~:-]+)")
_LIST_PAGE = re.compile(r"https://bsky\.app/profile/(?P<owner>[^/]+)/(?P<kind>list)s/(?P<key>[\w.~:-]+)")
_PACK_PAGE = re.compile(r"https://bsky\.app/(?P<kind>starter-pack|start)/(?P<owner>[^/]+)/(?P<key>[\w.~:-]+)")
PER_REQUEST = 25
_MOST_HANDLES = 3
_THREAD_DEPTH, _THREAD_HEIGHT = 10, 10
_SERVER = "AtprotoPersonalDataServer"
_OWN = "likes and reposts"
_UNKNOWN = "InvalidRequest"
_NO_MORE = {
    "AccountDeactivated": "deactivated by its owner",
    "AccountTakedown": "taken down",
    _UNKNOWN: "account not found on Bluesky",
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
        self._seen: dict[str, Post] = {}
        self._handles: dict[str, str] = {}

    def canonical_name(self, account: str) -> str | None:
        """See Connector. A handle can change hands, so only a DID is settled."""
        name = super().canonical_name(account)
        return name if name and name.startswith("did:") else None

    def aliases(self, account: str) -> Iterator[str]:
        """See Connector. The DID and its handle, also of an account that is shown no more, where both say the same."""
        name = str(self.profile(account).account.actor)
        yield name
        if name in self._handles:
            yield self._handles[name]
        elif name.startswith("did:"):
            yield from (handle for handle in self._handles_of(name) if self._did_of(handle) == name)
        elif did := self._did_of(name):
            yield did

    def _did_of(self, handle: str) -> str | None:
        """Return the DID that a handle stands for now, None where it stands for none."""
        asked = f"com.atproto.identity.resolveHandle?{urlencode({'handle': handle})}"
        try:
            reply = self.client.outbound.get_json(f"{self.client.origin(APPVIEW)}/xrpc/{asked}")
        except (GoneError, RejectedError):
            return None
        return read(reply, Resolved).did

    def _handles_of(self, did: str) -> list[str]:
        """Return the handles that an account says it has, in its DID document: it may say any."""
        try:
            document = read(self.client.outbound.get_json(self._document_url(did)), Document)
        except (GoneError, RejectedError):
            return []
        said = [each.removeprefix("at://") for each in document.alsoKnownAs if each.startswith("at://")]
        return self._people.names(said[:_MOST_HANDLES])

    def profile(self, account: str) -> AccountProfile:
        """See Connector. One request."""
        return self.read_once(str(super().canonical_name(account)), self._read_profile)

    def activities(self, account: str, since: datetime, until: datetime) -> Iterator[Activity]:
        """See Connector. First the feed (posts, replies, quotes, reposts), then all reposts and likes."""
        if self.profile(account).status != "ok":
            return
        did = str(self.profile(account).account.actor)
        reposts: dict[str, Activity] = {}  # given when the account's own server has said whose repost led to each
        for entries in self._feed(did):
            for entry in entries:
                if since <= entry.at < until:
                    for each in self._entry(entry, did):
                        if each.type == "reshare":
                            reposts[str(each.id)] = each
                        else:
                            yield each
            if entries and all(entry.at < since for entry in entries):
                break
        try:
            yield from self._own_acts(did, since, until, reposts)
        except BudgetSpentError:
            yield from reposts.values()
            raise
        yield from reposts.values()

    def recognition(self, posts: Iterable[Activity]) -> Iterator[Activity]:
        """See Connector. Up to three kinds of pages for each post: who reposted it, who quoted it, its thread."""
        for each in posts:
            post = self._seen.get(each.id or "")
            if post is None:
                continue
            if post.repostCount:
                yield from self._reposts(each, post)
            for quote in self._quotes(post) if post.quoteCount else ():
                yield from self._records(quote)
            for reply in self._thread(post) if post.replyCount else ():
                yield from self._records(reply)

    def vouches_of(self, account: str) -> Iterator[Activity]:
        """See Connector. A page of the feed, of which reposts and quotes count; its lists and starter packs in full."""
        if self.profile(account).status != "ok":
            return
        did = str(self.profile(account).account.actor)
        for entry in next(self._feed(did), []):
            yield from (r for r in self._entry(entry, did) if r.actor == did and r.type in {"reshare", "quote"})
        for listing in self._items("lists", "graph.getLists", "lists", Listing, actor=did):
            if listing.purpose == CURATED:  # others mute their members, or stand behind a starter pack
                yield from self._listed(did, listing.uri, listing, listing.uri)
        for pack in self._items("starter packs", "graph.getActorStarterPacks", "starterPacks", Pack, actor=did):
            yield from self._listed(did, pack.uri, pack, pack.record.list)

    def list_members(self, reference: str) -> Iterator[str]:
        """See Connector. A list or a starter pack, as at:// address or as its page on bsky.app."""
        uri = self.list_address(reference)
        self.client.outbound.get_json(self._url("graph.getList", list=uri, limit=100))
        return (place.subject.did for place in self._members(uri))

    def list_address(self, reference: str) -> str:
        """Return the at:// address of a list, or of the one behind a starter pack. Raises as `list_members`."""
        found = _LIST.fullmatch(reference) or _LIST_PAGE.fullmatch(reference) or _PACK_PAGE.fullmatch(reference)
        if found is None:
            raise UnknownAccountError(f"not a list or starter pack of Bluesky: {reference!r}")
        did = self.canonical_name(found["owner"]) or self.profile(found["owner"]).account.actor
        uri = f"at://{did}/app.bsky.graph.{'list' if found['kind'] == 'list' else 'starterpack'}/{found['key']}"
        if found["kind"] != "list":
            answer = self.client.outbound.get_json(self._url("graph.getStarterPack", starterPack=uri))
            return read(answer, PackAnswer).starterPack.record.list
        return uri

    def _read_profile(self, name: str) -> AccountProfile:
        try:
            reply = self.client.outbound.get_json(self._url("actor.getProfile", actor=name))
        except RejectedError as error:
            why = error.reply.part("error", str) if error.reply else None
            if error.reply is None or why not in _NO_MORE:
                raise
            if why == _UNKNOWN and (did := self._renamed(name)):
                return self._read_profile(did)
            return unavailable_profile(name, error.reply.fetched_at, _NO_MORE[why], gone=True)
        found = read(reply, Author)
        if not found.did.startswith("did:"):
            raise BadAnswerError(reply.host, UNEXPECTED, reply)
        if name.startswith("did:"):
            check_same(name, found.did, reply)
        return self.profile_of(found, reply)

    def _renamed(self, name: str) -> str | None:
        """Return the DID of a handle that the AppView does not know yet, where both say that they are one account."""
        with suppress(OutboundError):
            if not name.startswith("did:") and (did := self._did_of(name)) and name in self._handles_of(did):
                return did
        return None

    def profile_of(self, found: Author, reply: Reply) -> AccountProfile:
        """Make the profile of an account as the AppView shows it; of one that declines nothing is kept."""
        if found.handle not in {"", "handle.invalid"}:
            self._handles[found.did] = found.handle
        if not found.readable:
            self.client.outbound.forget(reply)
            reason = "taken down" if found.removed else f"{NO_STRANGERS}: shown to nobody who is not signed in"
            return unavailable_profile(found.did, reply.fetched_at, reason, gone=found.removed)
        facts = {"name": found.displayName or found.handle, "bio": found.description, "followers": found.followersCount}
        page = f"https://bsky.app/profile/{found.did}"
        return public_profile(reply, found.kind, actor=found.did, url=page, **facts)

    def _entry(self, entry: FeedEntry, did: str) -> Iterator[Activity]:
        """Yield what an entry of a feed shows: what its post answers, the post, and that it was reposted."""
        if entry.reply and (parent := self._post("posts that were answered", entry.reply.parent)):
            yield from self._records(parent)
        yield from self._records(entry.post)
        if entry.is_repost and entry.reason is not None and entry.reason.uri is not None and entry.post.author.readable:
            of = {"object": entry.post.uri, "target_actor": entry.post.author.did, "published": entry.at}
            yield from self.act("reposts", APPVIEW, type="reshare", id=entry.reason.uri, actor=did, **of)

    def _records(self, post: Post) -> Iterator[Activity]:
        self._seen.setdefault(post.uri, post)
        yield from self.records("posts", APPVIEW, records_of(post))

    def _own_acts(self, did: str, since: datetime, until: datetime, reposts: dict[str, Activity]) -> Iterator[Activity]:
        """Yield the reposts and likes that the account's own server keeps; those of the feed are taken out of it."""
        server = self._server(did)
        for collection, kind in (("app.bsky.feed.repost", "reshare"), ("app.bsky.feed.like", "like")):
            for page in self._kept(server, did, collection) if server else ():
                within = [kept for kept in page if since <= kept.value.createdAt < until]
                yield from self._acts(did, kind, within, reposts)
                if page and all(kept.value.createdAt < since for kept in page):
                    break

    def _acts(self, did: str, kind: str, kept: list[OwnRecord], reposts: dict[str, Activity]) -> Iterator[Activity]:
        """Yield acts from the account's own server, after the posts they are on."""
        uris = dict.fromkeys(each.value.subject.uri for each in kept)
        missing = [uri for uri in uris if uri not in self._seen and author_of(uri)]
        for start in range(0, len(missing), PER_REQUEST):
            for post in self._posts(missing[start : start + PER_REQUEST]):
                yield from self._records(post)
        for each in kept:
            via = each.value.via.uri if each.value.via else None
            if each.uri in reposts:
                yield replace(reposts.pop(each.uri), via=via)
                continue
            of = {"object": each.value.subject.uri, "target_actor": author_of(each.value.subject.uri), "via": via}
            yield from self.act(_OWN, APPVIEW, type=kind, id=each.uri, actor=did, published=each.value.createdAt, **of)

    def _reposts(self, act: Activity, post: Post) -> Iterator[Activity]:
        of = {"type": "reshare", "object": act.id, "target_actor": act.actor, "published": act.published}
        what = "reposts of posts"
        pages = self._replies(what, self._url("feed.getRepostedBy", uri=post.uri, limit=100))
        for by in self.client.counted(what, pages, Author, post.repostCount, "repostedBy"):
            if by.readable:
                yield from self.act("reposts", APPVIEW, id=f"{post.uri}#repost-{by.did}", actor=by.did, **of)

    def _quotes(self, post: Post) -> Iterator[Post]:
        what = "quotes of posts"
        pages = self._replies(what, self._url("feed.getQuotes", uri=post.uri, limit=100))
        return self.client.counted(what, pages, Post, post.quoteCount, "posts")

    def _listed(self, did: str, uri: str, listing: Listing | Pack, members_of: str) -> Iterator[Activity]:
        said = {"type": "list", "actor": did, "object": uri, "content": listing.text, "published": listing.indexedAt}
        for member in self._members(members_of):
            whom = member.subject.did
            yield from self.act("lists", APPVIEW, id=f"{uri}#{whom}", target_actor=whom, **said)

    def _url(self, method: str, **query: str | int) -> str:
        return f"{self.client.origin(APPVIEW)}/xrpc/app.bsky.{method}?{urlencode(query)}"

    def _feed(self, did: str) -> Iterator[list[FeedEntry]]:
        """Yield an account's posts, replies and reposts, newest first, page by page."""
        url = self._url("feed.getAuthorFeed", actor=did, filter="posts_with_replies", limit=100)
        return self._pages("posts of the account", url, "feed", FeedEntry)

    def _thread(self, of: Post) -> Iterator[Post]:
        """Yield what stands above and below a post, without itself."""
        what = "threads of posts"
        url = self._url("feed.getPostThread", uri=of.uri, depth=_THREAD_DEPTH, parentHeight=_THREAD_HEIGHT)
        top = self.client.ask_for(what, url, Thread)
        nodes = [(top.thread, True)] if top else []
        while nodes:
            encoded, is_below = nodes.pop()
            node = self.client.shape(what, APPVIEW, encoded, Node)
            if node is None:
                continue
            nodes += [(node.parent, False)] if node.has_parent else []
            nodes += [(reply, True) for reply in node.replies or ()]
            post = self._post(what, encoded)
            if post is None:
                continue
            if is_below:
                self.client.gaps.add_hidden("replies to posts", APPVIEW, len(node.replies or ()), post.replyCount)
            if post.uri != of.uri:
                yield post

    def _posts(self, uris: list[str]) -> list[Post]:
        """Return posts by their addresses, at most 25; what is deleted or hidden is not among them."""
        query = urlencode([("uris", uri) for uri in uris])
        what = "posts that were liked or reposted"
        reply = self.client.ask(what, f"{self.client.origin(APPVIEW)}/xrpc/app.bsky.feed.getPosts?{query}")
        return self.client.items(what, reply, Post, "posts") if reply else []

    def _post(self, what: str, encoded: msgspec.Raw) -> Post | None:
        """Read a post in a thread, or stand-alone. In place of one there may stand that it is deleted or blocked."""
        node = self.client.shape(what, APPVIEW, encoded, Node)
        if node is None:
            return None
        if node.is_hidden:
            self.client.gaps.add(what, f"{APPVIEW}: deleted, or one of the two blocks the other")
            return None
        return self.client.shape(what, APPVIEW, node.post or encoded, Post)

    def _members(self, uri: str) -> Iterator[Place]:
        return self._items("members of lists", "graph.getList", "items", Place, list=uri)

    def _document_url(self, did: str) -> str:
        host = did.removeprefix("did:web:").replace("%3A", ":")
        by_directory = did.startswith("did:plc:")
        origin = self.client.origin(DIRECTORY if by_directory else host)
        return f"{origin}/{did}" if by_directory else f"{origin}/.well-known/did.json"

    def _server(self, did: str) -> str | None:
        """Return the address of the account's own server, which its DID document names."""
        url = self._document_url(did)
        document = self.client.ask_for(_OWN, url, Document)
        for service in document.service if document else ():
            if service.type == _SERVER and isinstance(service.serviceEndpoint, str) and service.serviceEndpoint:
                return service.serviceEndpoint.rstrip("/")
        if document:
            self.client.gaps.add(_OWN, f"{urlsplit(url).netloc}: does not say where the account is kept")
        return None

    def _kept(self, server: str, did: str, collection: str) -> Iterator[list[OwnRecord]]:
        """Yield the records of a kind on an account's own server, newest first, page by page."""
        query = urlencode({"repo": did, "collection": collection, "limit": 100})
        return self._pages(_OWN, f"{server}/xrpc/com.atproto.repo.listRecords?{query}", "records", OwnRecord)

    def _items(self, what: str, method: str, field: str, kind: type[T], **query: str) -> Iterator[T]:
        url = self._url(method, **query, limit=100)
        return (item for page in self._pages(what, url, field, kind) for item in page)

    def _pages(self, what: str, url: str, field: str, kind: type[T]) -> Iterator[list[T]]:
        return (self.client.items(what, reply, kind, field) for reply in self._replies(what, url))

    def _replies(self, what: str, url: str) -> Iterator[Reply]:
        return self.client.pages(what, url, lambda reply: self._page_after(what, url, reply))

    def _page_after(self, what: str, first: str, reply: Reply) -> str | None:
        """Return the next page's address: a short page has a cursor too, and so may an empty one; the last has none."""
        cursor = self.client.next_word(what, reply, "cursor")
        return f"{first}&{urlencode({'cursor': cursor})}" if cursor else None
