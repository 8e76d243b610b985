"""The server of a domain that speaks Mastodon's API: where it is, what it is asked, and by which ids it knows posts."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from candor.names.addresses import host_name
from worker.connectors.mastodon_posts import (
    Account,
    Collection,
    Finger,
    Instance,
    Listing,
    Local,
    Numbered,
    Status,
    Tag,
    Thread,
)
from worker.connectors.network_client import next_link, read, read_items
from worker.outbound import BadAnswerError, GoneError, OutboundError, RejectedError, UnauthorisedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from worker.connectors.network_client import NetworkClient
    from worker.outbound import Credential, Reply

T = TypeVar("T")
_BATCH = 20
_MEMBERS = 80
_WEB_DOMAIN_DOTS = 2
_NOWHERE = "_"  # what Akkoma puts in place of the id of a post that it does not have
_PARENTS = "posts that were answered"
_NOT_SHOWN = "deleted, or not public"
_PAGING = frozenset({"next", "prev", "previous", "first", "last"})


class Server:
    """The server of a domain. It is asked under the domain's own name, or where WebFinger says.

    `domain` is that of its accounts' names once one was looked up: a server may stand at social.example.org, and its
    accounts go by example.org. A name of two labels is taken for that domain without a question.
    """

    def __init__(self, client: NetworkClient, domain: str) -> None:
        self.domain = domain
        self.local: dict[str, Local] = {}
        self.uri: dict[str, str] = {}
        self.author: dict[str, str] = {}
        self._client = client
        self._host = domain
        self._has_batches = True
        self._names_known = domain.count(".") < _WEB_DOMAIN_DOTS

    def look_up(self, user: str) -> Reply:
        """Look an account up. Raises OutboundError, with GoneError where there is none."""
        path = f"accounts/lookup?{urlencode({'acct': user})}"
        try:
            reply = self._get(path)
        except OutboundError as error:
            found = urlsplit(self._finger(user, self.domain).actor).netloc if self._host == self.domain else ""
            if found == self.domain and isinstance(error, GoneError):  # PeerTube, Misskey, Lemmy and others
                raise BadAnswerError(
                    error.host, "knows the account, and does not speak Mastodon's interface"
                ) from error
            if found in {"", self.domain}:
                raise
            self._host = found
            reply = self._get(path)
        if has_moved := reply.host != self._place:
            self._host, self._names_known = reply.host, False
        if not self._names_known:
            self._names_known = True
            if not self._learn_domain(user) and has_moved:
                raise BadAnswerError(reply.host, f"answers for {self.domain}, which does not say that it may", reply)
        return reply

    def name_of(self, account: Account, asked: str) -> str:
        """Return the name of an account of this server, under the domain that was asked where both are the server's."""
        user, _, domain = account.name(self.domain)[1:].partition("@")
        asked_domain = asked.rpartition("@")[2]
        return f"@{user}@{asked_domain if domain in {self.domain, self._host} else domain}"

    def _learn_domain(self, user: str) -> bool:
        """Learn under which domain the accounts go: both must say that it is the same account, kept here.

        Return whether that is certain.
        """
        here = self._finger(user, self.domain)
        named, _, domain = here.name.removeprefix("@").partition("@")
        if named != user or urlsplit(here.actor).netloc != self._host:
            return False
        if domain in {"", self.domain}:
            return domain == self.domain
        is_said_there = self._finger(user, domain).says_as(here)
        self.domain = domain if is_said_there else self.domain
        return is_said_there

    def statuses(self, account_id: str) -> Iterator[list[Status]]:
        """Yield an account's posts, newest first, page by page."""
        first = self._url(f"accounts/{quote(account_id)}/statuses?limit=40")
        what = "posts of the account"
        pages = self._client.pages(
            what, first, lambda reply: self.page_after(first, reply), credential=self._credential
        )
        return (self.known(self._client.items(what, reply, Status)) for reply in pages)

    def page_after(self, first: str, reply: Reply) -> str | None:
        """Return where older posts are: as the Link header says, or by the last id until none come, where it is not.

        What a server shows again when it is asked for what is older is all, unless it fills a page.
        """
        if _PAGING & reply.links.keys():
            return next_link(reply)
        shown: list[Numbered] = []
        with suppress(BadAnswerError):
            shown = read_items(reply, Numbered)
        if not shown:
            return None
        asked = dict(parse_qsl(urlsplit(reply.url).query))
        if asked.get("max_id") == shown[-1].id and reply.length() < int(asked.get("limit", 0)):
            return None
        return f"{first}&{urlencode({'max_id': shown[-1].id})}"

    def timeline(self, first: str, following: Callable[[Reply], str | None]) -> Iterator[Reply]:
        """Ask for page after page of what the server shows of many people."""
        return self._client.pages("timeline", first, following, credential=self._credential)

    def timeline_page(self, path: str) -> str:
        """Return the address of the newest posts of a timeline."""
        return self._url(f"timelines/{path}")

    def posts_in(self, reply: Reply) -> list[Status]:
        """Return the posts that a page of a timeline shows."""
        return self.known(self._client.items("timeline", reply, Status))

    def say_who(self) -> list[Account]:
        """Learn under which domain the accounts go; return whom the server names as its own contact, if it says so.

        It may name any domain: that counts where the other side says the same of the contact's account.
        """
        what, url = "instance", self._url("instance").replace("/api/v1/", "/api/v2/")
        reply = self._client.ask(what, url, credential=self._credential)
        found = self._client.shape(what, reply.host, reply.body, Instance) if reply else None
        if reply is None or found is None:
            return []
        self._names_known = True
        if reply.host != self._place:
            self._host = self.domain = reply.host
        contact = found.contact.account if found.contact else None
        if _host_in(found.domain) not in {"", self.domain} and not (contact and self._learn_domain(contact.acct)):
            self._client.gaps.add(what, f"{reply.host}: names a domain that does not say the same")
        return [contact] if contact else []

    def quotes(self, post: Local) -> Iterator[Status]:
        """Yield the posts that quote one."""
        what, path = "quotes of posts", f"statuses/{quote(post.id)}/quotes?limit=40"
        for status in self._client.counted(what, self._pages(what, path), Status, post.quotes):
            yield from self.known([status])

    def resharers(self, post: Local) -> Iterator[Account]:
        """Yield who reshared a post."""
        what, path = "reshares of posts", f"statuses/{quote(post.id)}/reblogged_by?limit=80"
        return self._client.counted(what, self._pages(what, path), Account, post.reshares)

    def thread(self, post: Local) -> list[Status]:
        """Return what stands above and below a post: a stranger is shown 60 replies, or fewer."""
        what, path = "threads of posts", f"statuses/{quote(post.id)}/context"
        thread = self._client.ask_for(what, self._url(path), Thread, credential=self._credential)
        if thread is None:
            return []
        below = self._client.shapes(what, self._host, thread.descendants, Status)
        direct = sum(status.in_reply_to_id == post.id for status in below)
        self._client.gaps.add_hidden("replies to posts", self._host, direct or len(thread.descendants), post.replies)
        return self.known([*self._client.shapes(what, self._host, thread.ancestors, Status), *below])

    def by_id(self, wanted: Iterable[str]) -> Iterator[list[Status]]:
        """Yield the posts of these ids that are not known yet: in one request where the server can, else one by one."""
        missing = [key for key in dict.fromkeys(wanted) if key not in self.uri]
        if _NOWHERE in missing:
            missing.remove(_NOWHERE)
            self._client.gaps.add(_PARENTS, f"{self.domain}: {_NOT_SHOWN}")
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            found = self._batch(batch) if self._has_batches else None
            yield self.known(self._one_by_one(batch) if found is None else found)

    def featured_tags(self, account_id: str) -> list[str]:
        """Return the hashtags that an account shows on its profile."""
        path = f"accounts/{quote(account_id)}/featured_tags"
        return [tag.name for tag in self._listed("featured tags", path, Tag)]

    def collections(self, account_id: str) -> Iterator[Listing]:
        """Yield the collections that an account keeps. None where the server is older than Mastodon 4.6."""
        what = "collections"
        reply = self._ask(what, f"accounts/{quote(account_id)}/collections")
        for collection in self._client.items(what, reply, Collection, "collections") if reply else ():
            url = self._url(f"collections/{quote(collection.id)}")
            if listing := self._client.ask_for(what, url, Listing, credential=self._credential):
                yield listing

    def collection(self, key: str) -> Listing:
        """Return one collection. Raises OutboundError."""
        return read(self._get(f"collections/{quote(key)}"), Listing)

    def list_accounts(self, key: str) -> Iterator[Account]:
        """Yield who is on a private list that the token may read. Raises OutboundError when it may not."""
        what, path = "members of the list", f"lists/{quote(key)}/accounts?limit={_MEMBERS}"
        reply = self._get(path)
        if not _PAGING & reply.links.keys() and reply.length() >= _MEMBERS:
            self._client.gaps.add(what, f"{reply.host}: a full page, and no word on where the rest is")
        return self._listed(what, path, Account)

    @property
    def _credential(self) -> Credential | None:
        return self._client.bearer(self._host)

    @property
    def _place(self) -> str:
        """Where it is asked, as addresses write it."""
        return urlsplit(self._client.origin(self._host)).netloc

    def _url(self, path: str) -> str:
        return f"{self._client.origin(self._host)}/api/v1/{path}"

    def _get(self, path: str) -> Reply:
        return self._client.outbound.get_json(self._url(path), credential=self._credential)

    def _ask(self, what: str, path: str) -> Reply | None:
        """Ask for what there may be none of, which is no gap."""
        try:
            return self._get(path)
        except GoneError:
            return None
        except OutboundError as error:
            self._client.gaps.add(what, error.words)
            return None

    def _pages(self, what: str, path: str) -> Iterator[Reply]:
        return self._client.pages(what, self._url(path), next_link, credential=self._credential)

    def _listed(self, what: str, path: str, kind: type[T]) -> Iterator[T]:
        return (item for reply in self._pages(what, path) for item in self._client.items(what, reply, kind))

    def known(self, statuses: list[Status]) -> list[Status]:
        """Remember what this server calls these posts."""
        for status in statuses:
            self.uri[status.id], self.author[status.id] = status.uri, status.account.id
            if not status.reblog:
                counts = (status.replies_count, status.reblogs_count, status.quotes_count)
                self.local[status.uri] = Local(status.id, *counts)
        return statuses

    def _batch(self, keys: list[str]) -> list[Status] | None:
        """Ask for several posts at once; None where the server cannot, as before Mastodon 4.3 and in other software."""
        try:
            reply = self._get(f"statuses?{urlencode([('id[]', key) for key in keys])}")
        except (GoneError, RejectedError, UnauthorisedError, BadAnswerError):
            self._has_batches = False
            return None
        except OutboundError as error:
            for _ in keys:
                self._client.gaps.add(_PARENTS, error.words)
            return []
        if not reply.body.lstrip().startswith(b"["):
            self._has_batches = False
            return None
        found = self._client.items(_PARENTS, reply, Status)
        for _ in range(len(keys) - reply.length()):
            self._client.gaps.add(_PARENTS, f"{self.domain}: {_NOT_SHOWN}")
        return found

    def _one_by_one(self, keys: list[str]) -> list[Status]:
        named = {"gone": _NOT_SHOWN, "credential": self._credential}
        asked = (self._client.ask_for(_PARENTS, self._url(f"statuses/{quote(k)}"), Status, **named) for k in keys)
        return [status for status in asked if status]

    def _finger(self, user: str, domain: str) -> Finger:
        """Ask a domain who serves an account (RFC 7033)."""
        query = urlencode({"resource": f"acct:{user}@{domain}"})
        try:
            url = f"{self._client.origin(domain)}/.well-known/webfinger?{query}"
            found = read(self._client.outbound.get_json(url), Finger)
            urlsplit(found.actor)
        except (OutboundError, ValueError):
            return Finger()
        return found


def _host_in(written: str) -> str:
    """Return the host that a server writes as its domain, empty where it is none."""
    try:
        return host_name(written.partition("://")[2] or written)
    except ValueError:
        return ""
