"""One Mastodon server: which page to ask it for what, and the ids it has for posts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from worker.connectors.mastodon_posts import Account, Collection, Listing, Status, Tag, Thread
from worker.connectors.source import next_link, read
from worker.outbound import GoneError, OutboundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from worker.connectors.source import Source
    from worker.outbound import Reply

T = TypeVar("T")
_BATCH = 20
_PARENTS = "posts that were answered"


class Local(NamedTuple):
    """The id that a server has for a post, and what it says hangs on it."""

    id: str
    replies: int
    reshares: int
    quotes: int


class _Link(msgspec.Struct):
    rel: str = ""
    href: str = ""


class _Finger(msgspec.Struct):
    links: list[_Link] = []


class Server:
    """The server of a domain. It is asked under the domain's own name, or where WebFinger says."""

    def __init__(self, source: Source, domain: str) -> None:
        self.domain = domain
        self.local: dict[str, Local] = {}
        self.uri: dict[str, str] = {}
        self._source = source
        self._host = domain

    def look_up(self, user: str) -> Reply:
        """Look an account up. Raises OutboundError, with GoneError where there is none."""
        try:
            return self._get(f"accounts/lookup?{urlencode({'acct': user})}")
        except OutboundError:
            found = self._finger(user) if self._host == self.domain else None
            if found in {None, "", self.domain}:
                raise
            self._host = str(found)
            return self._get(f"accounts/lookup?{urlencode({'acct': user})}")

    def statuses(self, account_id: str) -> Iterator[list[Status]]:
        """Yield an account's posts, newest first, page by page."""
        return self._status_pages("posts of the account", f"accounts/{quote(account_id)}/statuses?limit=40")

    def quotes(self, post: Local) -> Iterator[list[Status]]:
        """Yield the posts that quote one."""
        return self._status_pages("quotes of posts", f"statuses/{quote(post.id)}/quotes?limit=40")

    def resharers(self, post: Local) -> Iterator[Account]:
        """Yield who reshared a post."""
        return self._listed("reshares of posts", f"statuses/{quote(post.id)}/reblogged_by?limit=80", Account)

    def thread(self, post: Local) -> list[Status]:
        """Return what stands above and below a post."""
        what = "threads of posts"
        reply = self._ask(what, f"statuses/{quote(post.id)}/context")
        thread = reply and self._source.shape(what, reply.url, reply.json, Thread)
        if not reply or not thread:
            return []
        shapes = (self._source.shape(what, reply.url, s, Status) for s in thread.ancestors + thread.descendants)
        return self._known([status for status in shapes if status])

    def by_id(self, wanted: Iterable[str]) -> Iterator[list[Status]]:
        """Yield the posts of these ids that are not known yet: in one request where the server can, else one by one."""
        missing = [key for key in dict.fromkeys(wanted) if key not in self.uri]
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            yield self._batch(batch)
            for key in batch:
                if key not in self.uri:
                    self._source.gaps.add(_PARENTS, f"{self.domain}: deleted, or not public")

    def featured_tags(self, account_id: str) -> list[str]:
        """Return the hashtags that an account shows on its profile."""
        path = f"accounts/{quote(account_id)}/featured_tags"
        return [tag.name for tag in self._listed("featured tags", path, Tag)]

    def collections(self, account_id: str) -> Iterator[Listing]:
        """Yield the collections that an account keeps. None where the server is older than Mastodon 4.6."""
        what = "collections"
        reply = self._ask(what, f"accounts/{quote(account_id)}/collections", none_if_gone=True)
        for collection in self._source.items(what, reply, Collection, "collections") if reply else ():
            answer = self._ask(what, f"collections/{quote(collection.id)}")
            listing = answer and self._source.shape(what, answer.url, answer.json, Listing)
            if listing:
                yield listing

    def collection(self, key: str) -> Listing:
        """Return one collection. Raises OutboundError."""
        return read(self._get(f"collections/{quote(key)}"), Listing)

    def list_accounts(self, key: str) -> Iterator[Account]:
        """Yield who is on a private list that the token may read. Raises OutboundError when it may not."""
        path = f"lists/{quote(key)}/accounts?limit=80"
        self._get(path)
        return self._listed("members of the list", path, Account)

    def _url(self, path: str) -> str:
        return f"{self._source.origin(self._host)}/api/v1/{path}"

    def _get(self, path: str) -> Reply:
        return self._source.outbound.get_json(self._url(path), credential=self._source.bearer(self._host))

    def _ask(self, what: str, path: str, *, none_if_gone: bool = False) -> Reply | None:
        try:
            return self._get(path)
        except OutboundError as error:
            if not (none_if_gone and isinstance(error, GoneError)):
                self._source.gaps.add(what, error.words)
            return None

    def _status_pages(self, what: str, path: str) -> Iterator[list[Status]]:
        pages = self._source.pages(what, self._url(path), next_link, credential=self._source.bearer(self._host))
        return (self._known(self._source.items(what, reply, Status)) for reply in pages)

    def _listed(self, what: str, path: str, kind: type[T]) -> Iterator[T]:
        pages = self._source.pages(what, self._url(path), next_link, credential=self._source.bearer(self._host))
        return (item for reply in pages for item in self._source.items(what, reply, kind))

    def _known(self, statuses: list[Status]) -> list[Status]:
        for status in statuses:
            self.uri[status.id] = status.uri
            self.local[status.uri] = Local(status.id, status.replies_count, status.reblogs_count, status.quotes_count)
        return statuses

    def _batch(self, keys: list[str]) -> list[Status]:
        try:
            reply = self._get(f"statuses?{urlencode([('id[]', key) for key in keys])}")
        except GoneError:  # before Mastodon 4.3
            answers = (self._ask(_PARENTS, f"statuses/{quote(key)}", none_if_gone=True) for key in keys)
            shapes = (self._source.shape(_PARENTS, a.url, a.json, Status) for a in answers if a)
            return self._known([status for status in shapes if status])
        except OutboundError as error:
            self._source.gaps.add(_PARENTS, error.words)
            return []
        return self._known(self._source.items(_PARENTS, reply, Status))

    def _finger(self, user: str) -> str | None:
        """Ask the domain who serves an account (RFC 7033)."""
        query = urlencode({"resource": f"acct:{user}@{self.domain}"})
        try:
            url = f"{self._source.origin(self.domain)}/.well-known/webfinger?{query}"
            links = read(self._source.outbound.get_json(url), _Finger).links
            return next((urlsplit(link.href).netloc for link in links if link.rel == "self"), None)
        except (OutboundError, ValueError):
            return None
