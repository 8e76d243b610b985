"""Mastodon, and everything that speaks its API: each account is read at its own server."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from candor.formats.markup import plain
from worker.connectors.fediverse_names import FediverseNames
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
    records_of,
    reshare_id,
)
from worker.connectors.source import (
    Connector,
    ConnectorFacts,
    UnknownAccountError,
    check_same,
    next_link,
    public_profile,
    read,
    read_items,
    unavailable_profile,
)
from worker.outbound import BadAnswerError, GoneError, OutboundError, RejectedError, UnauthorisedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from candor.scoring.activity import Activity
    from worker.connectors.source import Profile, Source
    from worker.outbound import Credential, Reply

T = TypeVar("T")
_NAME = re.compile(r"@([^@]+)@([^@]+)")
_LIST = re.compile(r"(?:https?://)?([\w.:-]+)/(lists|collections)/([\w-]+)")
_BATCH = 20
_MEMBERS = 80
_WEB_DOMAIN_DOTS = 2
_NOWHERE = "_"  # what Akkoma puts in place of the id of a post that it does not have
_PARENTS = "posts that were answered"
_NOT_SHOWN = "deleted, or not public"


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
        self._profiles: dict[str, Profile] = {}
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
        name, names = str(super().canonical_name(account)), FediverseNames(self.source)
        yield name
        if _NAME.fullmatch(name):
            name = str(self.profile(name).account.actor)
        yield from names.of(name, self._moved.get(name))

    def profile(self, account: str) -> Profile:
        """See Connector. Two requests for what it says and the tags it features, at times one for its domain."""
        name = self.canonical_name(account)
        if name not in self._profiles:
            profile = self._read_profile(name)
            self._profiles |= {name: profile, str(profile.account.actor): profile}
        return self._profiles[name]

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
            server = self._server_of(post.actor)
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

    def _met(self, server: Server, account: Account) -> None:
        """Take note of somebody whom a server shows beside what was asked for: a whole community's reader does."""

    def _server(self, domain: str) -> Server:
        return self._servers.setdefault(domain, Server(self.source, domain))

    def _server_of(self, name: str) -> Server:
        return self._server(name.rpartition("@")[2])

    def _read_profile(self, name: str) -> Profile:
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
        if isinstance(found.moved, Account):
            self._moved[name] = to = found.moved.name(server.domain)
            with self.source.gaps.of(name):
                self.source.gaps.add(f"acts of {name}", f"it has moved to {to}, and what it did there is not read")
        if reason := found.objection or found.not_opted_in:
            self.source.outbound.forget(reply)
            return unavailable_profile(name, reply.fetched_at, reason, gone=bool(found.suspended))
        self._ids[name] = found.id
        facts = {"name": found.display_name, "bio": plain(found.note), "url": found.url}
        tags = server.featured_tags(found.id)
        return public_profile(reply, found.kind, actor=name, followers=found.followers_count, tags=tags, **facts)

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


class Server:
    """The server of a domain. It is asked under the domain's own name, or where WebFinger says.

    `domain` is that of its accounts' names once one was looked up: a server may stand at social.example.org, and its
    accounts go by example.org. A name of two labels is taken for that domain without a question.
    """

    def __init__(self, source: Source, domain: str) -> None:
        self.domain = domain
        self.local: dict[str, Local] = {}
        self.uri: dict[str, str] = {}
        self.author: dict[str, str] = {}
        self._source = source
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
        if not self._names_known:
            self._names_known = True
            self._learn_domain(user)
        return reply

    def name_of(self, account: Account, asked: str) -> str:
        """Return the name of an account of this server, under the domain that was asked where both are the server's."""
        user, _, domain = account.name(self.domain)[1:].partition("@")
        asked_domain = asked.rpartition("@")[2]
        return f"@{user}@{asked_domain if domain in {self.domain, self._host} else domain}"

    def _learn_domain(self, user: str) -> None:
        """Learn under which domain the accounts go: both must say that it is the same account, kept here."""
        here = self._finger(user, self.domain)
        named, _, domain = here.name.removeprefix("@").partition("@")
        is_kept_here = named == user and urlsplit(here.actor).netloc == self._host
        if is_kept_here and domain not in {"", self.domain} and self._finger(user, domain).says_as(here):
            self.domain = domain

    def statuses(self, account_id: str) -> Iterator[list[Status]]:
        """Yield an account's posts, newest first, page by page."""
        first = self._url(f"accounts/{quote(account_id)}/statuses?limit=40")
        what = "posts of the account"
        pages = self._source.pages(
            what, first, lambda reply: self.page_after(first, reply), credential=self._credential
        )
        return (self.known(self._source.items(what, reply, Status)) for reply in pages)

    def page_after(self, first: str, reply: Reply) -> str | None:
        """Return where older posts are: as the Link header says, or by the last id until none come, where it is not."""
        if reply.links:
            return next_link(reply)
        with suppress(BadAnswerError):
            shown = read_items(reply, Numbered)
            return f"{first}&{urlencode({'max_id': shown[-1].id})}" if shown else None
        return None

    def timeline(self, first: str, following: Callable[[Reply], str | None]) -> Iterator[Reply]:
        """Ask for page after page of what the server shows of many people."""
        return self._source.pages("timeline", first, following, credential=self._credential)

    def timeline_page(self, path: str) -> str:
        """Return the address of the newest posts of a timeline."""
        return self._url(f"timelines/{path}")

    def posts_in(self, reply: Reply) -> list[Status]:
        """Return the posts that a page of a timeline shows."""
        return self.known(self._source.items("timeline", reply, Status))

    def say_who(self) -> list[Account]:
        """Learn under which domain the accounts go; return whom the server names as its own contact, if it says so."""
        url = self._url("instance").replace("/api/v1/", "/api/v2/")
        found = self._source.ask_for("instance", url, Instance, credential=self._credential)
        if found is None:
            return []
        self._names_known, self.domain = True, (found.domain or self.domain).lower()
        return [found.contact.account] if found.contact and found.contact.account else []

    def quotes(self, post: Local) -> Iterator[Status]:
        """Yield the posts that quote one."""
        what, path = "quotes of posts", f"statuses/{quote(post.id)}/quotes?limit=40"
        for status in self._source.counted(what, self._pages(what, path), Status, post.quotes):
            yield from self.known([status])

    def resharers(self, post: Local) -> Iterator[Account]:
        """Yield who reshared a post."""
        what, path = "reshares of posts", f"statuses/{quote(post.id)}/reblogged_by?limit=80"
        return self._source.counted(what, self._pages(what, path), Account, post.reshares)

    def thread(self, post: Local) -> list[Status]:
        """Return what stands above and below a post: a stranger is shown 60 replies, or fewer."""
        what, path = "threads of posts", f"statuses/{quote(post.id)}/context"
        thread = self._source.ask_for(what, self._url(path), Thread, credential=self._credential)
        if thread is None:
            return []
        below = self._source.shapes(what, self._host, thread.descendants, Status)
        direct = sum(status.in_reply_to_id == post.id for status in below)
        self._source.gaps.add_hidden("replies to posts", self._host, direct or len(thread.descendants), post.replies)
        return self.known([*self._source.shapes(what, self._host, thread.ancestors, Status), *below])

    def by_id(self, wanted: Iterable[str]) -> Iterator[list[Status]]:
        """Yield the posts of these ids that are not known yet: in one request where the server can, else one by one."""
        missing = [key for key in dict.fromkeys(wanted) if key not in self.uri]
        if _NOWHERE in missing:
            missing.remove(_NOWHERE)
            self._source.gaps.add(_PARENTS, f"{self.domain}: {_NOT_SHOWN}")
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
        for collection in self._source.items(what, reply, Collection, "collections") if reply else ():
            url = self._url(f"collections/{quote(collection.id)}")
            if listing := self._source.ask_for(what, url, Listing, credential=self._credential):
                yield listing

    def collection(self, key: str) -> Listing:
        """Return one collection. Raises OutboundError."""
        return read(self._get(f"collections/{quote(key)}"), Listing)

    def list_accounts(self, key: str) -> Iterator[Account]:
        """Yield who is on a private list that the token may read. Raises OutboundError when it may not."""
        what, path = "members of the list", f"lists/{quote(key)}/accounts?limit={_MEMBERS}"
        reply = self._get(path)
        if not reply.links and reply.length() >= _MEMBERS:
            self._source.gaps.add(what, f"{reply.host}: a full page, and no word on where the rest is")
        return self._listed(what, path, Account)

    @property
    def _credential(self) -> Credential | None:
        return self._source.bearer(self._host)

    def _url(self, path: str) -> str:
        return f"{self._source.origin(self._host)}/api/v1/{path}"

    def _get(self, path: str) -> Reply:
        return self._source.outbound.get_json(self._url(path), credential=self._credential)

    def _ask(self, what: str, path: str) -> Reply | None:
        """Ask for what there may be none of, which is no gap."""
        try:
            return self._get(path)
        except GoneError:
            return None
        except OutboundError as error:
            self._source.gaps.add(what, error.words)
            return None

    def _pages(self, what: str, path: str) -> Iterator[Reply]:
        return self._source.pages(what, self._url(path), next_link, credential=self._credential)

    def _listed(self, what: str, path: str, kind: type[T]) -> Iterator[T]:
        return (item for reply in self._pages(what, path) for item in self._source.items(what, reply, kind))

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
                self._source.gaps.add(_PARENTS, error.words)
            return []
        if not reply.body.lstrip().startswith(b"["):
            self._has_batches = False
            return None
        found = self._source.items(_PARENTS, reply, Status)
        for _ in range(len(keys) - reply.length()):
            self._source.gaps.add(_PARENTS, f"{self.domain}: {_NOT_SHOWN}")
        return found

    def _one_by_one(self, keys: list[str]) -> list[Status]:
        named = {"gone": _NOT_SHOWN, "credential": self._credential}
        asked = (self._source.ask_for(_PARENTS, self._url(f"statuses/{quote(k)}"), Status, **named) for k in keys)
        return [status for status in asked if status]

    def _finger(self, user: str, domain: str) -> Finger:
        """Ask a domain who serves an account (RFC 7033)."""
        query = urlencode({"resource": f"acct:{user}@{domain}"})
        try:
            url = f"{self._source.origin(domain)}/.well-known/webfinger?{query}"
            found = read(self._source.outbound.get_json(url), Finger)
            urlsplit(found.actor)
        except (OutboundError, ValueError):
            return Finger()
        return found
