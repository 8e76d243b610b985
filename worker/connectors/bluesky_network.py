"""Bluesky's servers: which question to ask the AppView, the directory of DIDs, or an account's own server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from candor.scoring.activity import Instant
from worker.connectors.bluesky_posts import Author, Entry, Post, Reference
from worker.connectors.source import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker.connectors.source import Source
    from worker.outbound import Reply

T = TypeVar("T")
APPVIEW, DIRECTORY = "public.api.bsky.app", "plc.directory"
_CURATED = "app.bsky.graph.defs#curatelist"
_THREAD_DEPTH, _THREAD_HEIGHT = 10, 10
_SERVER = "AtprotoPersonalDataServer"


class Listing(msgspec.Struct):
    """A list of people; only curated ones recommend anybody, others mute them or stand behind a starter pack."""

    uri: str
    indexedAt: Instant  # noqa: N815 as the lexicon spells it
    name: str = ""
    description: str | None = None
    purpose: str = ""


class _PackRecord(msgspec.Struct):
    list: str
    name: str = ""
    description: str | None = None


class Pack(msgspec.Struct):
    """A starter pack: the list of people behind it has an address of its own."""

    uri: str
    record: _PackRecord
    indexedAt: Instant  # noqa: N815


class _PackAnswer(msgspec.Struct):
    starterPack: Pack  # noqa: N815


class _Place(msgspec.Struct):
    subject: Author


class _Service(msgspec.Struct):
    type: str = ""
    serviceEndpoint: Any = None  # noqa: N815


class _Document(msgspec.Struct):
    service: list[_Service] = []


class Value(msgspec.Struct):
    """A like or repost: of what, and when."""

    subject: Reference
    createdAt: Instant  # noqa: N815


class Kept(msgspec.Struct):
    """A record on an account's own server."""

    uri: str
    value: Value


class _Thread(msgspec.Struct):
    thread: Any


class Network:
    """Asks without a login. What is missing goes on the source's list of gaps."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def profile(self, actor: str) -> Reply:
        """Ask who an account is. Raises OutboundError."""
        return self._source.outbound.get_json(self._url("app.bsky.actor.getProfile", actor=actor))

    def feed(self, did: str) -> Iterator[list[Entry]]:
        """Yield an account's posts, replies and reposts, newest first, page by page."""
        url = self._url("app.bsky.feed.getAuthorFeed", actor=did, filter="posts_with_replies", limit=100)
        return self._pages("posts of the account", url, "feed", Entry)

    def reposters(self, uri: str) -> Iterator[Author]:
        """Yield who reposted a post."""
        return self._items("reposts of posts", "app.bsky.feed.getRepostedBy", "repostedBy", Author, uri=uri)

    def quotes(self, uri: str) -> Iterator[Post]:
        """Yield the posts that quote one."""
        return self._items("quotes of posts", "app.bsky.feed.getQuotes", "posts", Post, uri=uri)

    def thread(self, uri: str) -> Iterator[Post]:
        """Yield what stands above and below a post, without itself."""
        what = "threads of posts"
        url = self._url("app.bsky.feed.getPostThread", uri=uri, depth=_THREAD_DEPTH, parentHeight=_THREAD_HEIGHT)
        reply = self._source.ask(what, url)
        top = reply and self._source.shape(what, reply.url, reply.json, _Thread)
        nodes = [top.thread] if top else []
        while nodes:
            node = nodes.pop()
            if not isinstance(node, dict):
                self._source.malformed(what, APPVIEW)
                continue
            replies = node.get("replies")
            nodes += [*(replies if isinstance(replies, list) else []), *([node["parent"]] if "parent" in node else [])]
            post = self._post(what, node)
            if post is not None and post.uri != uri:
                yield post

    def posts(self, uris: list[str]) -> list[Post]:
        """Return posts by their addresses, at most 25; what is deleted or hidden is not among them."""
        query = urlencode([("uris", uri) for uri in uris])
        what = "posts that were liked or reposted"
        reply = self._source.ask(what, f"{self._source.origin(APPVIEW)}/xrpc/app.bsky.feed.getPosts?{query}")
        return self._source.items(what, reply, Post, "posts") if reply else []

    def parent(self, entry: Entry) -> Post | None:
        """Return the post that an entry's post answers, where the feed shows it."""
        above = entry.reply.parent if entry.reply else None
        return self._post("posts that were answered", above) if isinstance(above, dict) else None

    def lists(self, did: str) -> Iterator[Listing]:
        """Yield the lists by which an account recommends people."""
        found = self._items("lists", "app.bsky.graph.getLists", "lists", Listing, actor=did)
        return (listing for listing in found if listing.purpose == _CURATED)

    def packs(self, did: str) -> Iterator[Pack]:
        """Yield an account's starter packs."""
        return self._items("starter packs", "app.bsky.graph.getActorStarterPacks", "starterPacks", Pack, actor=did)

    def pack(self, uri: str) -> Pack:
        """Return one starter pack. Raises OutboundError."""
        url = self._url("app.bsky.graph.getStarterPack", starterPack=uri)
        return read(self._source.outbound.get_json(url), _PackAnswer).starterPack

    def members(self, uri: str, *, needed: bool = False) -> Iterator[Author]:
        """Yield who is on a list. Where it is `needed`, raises OutboundError when it can not be read."""
        if needed:
            self._source.outbound.get_json(self._url("app.bsky.graph.getList", list=uri, limit=100))
        found = self._items("members of lists", "app.bsky.graph.getList", "items", _Place, list=uri)
        return (place.subject for place in found)

    def server(self, did: str) -> str | None:
        """Return the address of the account's own server, which its DID document names."""
        what, host = "likes and reposts", did.removeprefix("did:web:").replace("%3A", ":")
        plc = did.startswith("did:plc:")
        url = f"{self._source.origin(DIRECTORY)}/{did}" if plc else f"{self._source.origin(host)}/.well-known/did.json"
        reply = self._source.ask(what, url)
        document = reply and self._source.shape(what, reply.url, reply.json, _Document)
        for service in document.service if document else ():
            if service.type == _SERVER and isinstance(service.serviceEndpoint, str):
                return service.serviceEndpoint.rstrip("/")
        if document:
            self._source.gaps.add(what, f"{urlsplit(url).netloc}: does not say where the account is kept")
        return None

    def kept(self, server: str, did: str, collection: str) -> Iterator[list[Kept]]:
        """Yield the records of a kind on an account's own server, newest first, page by page."""
        query = urlencode({"repo": did, "collection": collection, "limit": 100})
        return self._pages("likes and reposts", f"{server}/xrpc/com.atproto.repo.listRecords?{query}", "records", Kept)

    def _url(self, method: str, **query: str | int) -> str:
        return f"{self._source.origin(APPVIEW)}/xrpc/{method}?{urlencode(query)}"

    def _post(self, what: str, node: dict[str, Any]) -> Post | None:
        """Read a post in a thread, or stand-alone. In place of one there may stand that it is deleted or blocked."""
        found = node.get("post", node)
        if "post" not in node and "author" not in node:
            self._source.gaps.add(what, f"{APPVIEW}: deleted, or one of the two blocks the other")
            return None
        return self._source.shape(what, f"https://{APPVIEW}", found, Post)

    def _items(self, what: str, method: str, field: str, kind: type[T], **query: str) -> Iterator[T]:
        url = self._url(method, **query, limit=100)
        return (item for page in self._pages(what, url, field, kind) for item in page)

    def _pages(self, what: str, url: str, field: str, kind: type[T]) -> Iterator[list[T]]:
        for reply in self._source.pages(what, url, lambda reply: _following(url, reply, field)):
            yield self._source.items(what, reply, kind, field)


def _following(first: str, reply: Reply, field: str) -> str | None:
    """Return the next page's address: a short page has a cursor too, and the last one is empty or has none."""
    answer = reply.json if isinstance(reply.json, dict) else {}
    cursor = answer.get("cursor")
    return f"{first}&{urlencode({'cursor': cursor})}" if isinstance(cursor, str) and answer.get(field) else None
