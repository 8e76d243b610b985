"""Lemmy: posts and comments of communities; each account is read at its own server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from worker.connectors.connector import (
    Connector,
    ConnectorFacts,
    UnknownAccountError,
    public_profile,
    unavailable_profile,
)
from worker.connectors.lemmy_posts import (
    CommentAnswer,
    CommentView,
    CommunityAnswer,
    Details,
    Moderator,
    View,
    records_of,
)
from worker.connectors.network_client import UNEXPECTED, read
from worker.outbound import BadAnswerError, GoneError, RejectedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from candor.scoring.activity import Activity
    from worker.connectors.connector import AccountProfile
    from worker.outbound import OutboundError, Reply

_COMMUNITY = re.compile(r"!?([\w]+)@([\w.:-]+)|https?://([\w.:-]+)/c/(\w+)")
_ALL_OLD = {"type_": "All", "sort": "Old"}
_NO_SUCH = frozenset({"couldnt_find_person", "couldnt_find_that_username_or_email", "not_found"})
_PAGE, _MOST_PAGES, _DEPTH = 50, 40, 8


class Lemmy(Connector):
    """Posts and comments go by their `ap_id`, which is the same on every server."""

    facts = ConnectorFacts(
        family="lemmy",
        profile="forum",
        terms="the public API of each server under its rules; communities that are shown to everybody",
        limits="as each server says; by default 500 requests in ten minutes, not told in headers",
        consent=("deleted", "banned"),
        unseen={
            "votes": "votes are shown as a sum, without names and times: one record each post, dated as the post",
            "elsewhere": "comments that never reached the account's own server",
            "older": f"of an account the newest {_PAGE * _MOST_PAGES} posts and as many comments",
            "deeper": f"comments more than {_DEPTH} steps below a post",
        },
    )

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 as Connector
        super().__init__(*args, **named)
        self._views: dict[str, View] = {}
        self._address_of: dict[tuple[str, int], str] = {}
        self._new: set[str] = set()

    def profile(self, account: str) -> AccountProfile:
        """See Connector. One request, which brings the newest posts along before Lemmy 1.0."""
        name = str(self.canonical_name(account))
        try:
            reply = self._get(_host(name), self._page_of(name, 1), "person", username=_user(name))
        except (GoneError, RejectedError) as error:
            if error.reply is None or not _says_gone(error):
                raise
            return unavailable_profile(name, error.reply.fetched_at, "account not found on its server", gone=True)
        view = read(reply, Details).person_view
        found = view.person
        if found.account != name:
            raise BadAnswerError(reply.host, "answers with another account", reply)
        if found.deleted or found.banned or view.banned:
            self.client.outbound.forget(reply)
            reason = "deleted by its owner" if found.deleted else "banned by its server"
            return unavailable_profile(name, reply.fetched_at, reason, gone=True)
        facts = {"name": found.display_name or found.name, "bio": found.bio, "url": found.address}
        return public_profile(reply, found.kind, actor=name, **facts)

    def activities(self, account: str, since: datetime, until: datetime) -> Iterator[Activity]:
        """See Connector. Posts, and comments with what they answer, page by page, the newest first."""
        name = str(self.canonical_name(account))
        for views in self._own(name):
            within = [view for view in views if since <= view.at < until]
            yield from self._records(_host(name), within)
            if views and all(view.at < since for view in views):
                return

    def recognition(self, posts: Iterable[Activity]) -> Iterator[Activity]:
        """See Connector. The sum of votes, and a list of the comments below each post."""
        for post in posts:
            view = self._views.get(post.id or "")
            if view is None or post.actor is None or post.type not in {"note", "question", "quote", "reply"}:
                continue
            if view.score > 1:  # everybody votes for what they write, without a click
                towards = {"object": post.id, "target_actor": post.actor, "published": post.published}
                score = float(view.score - 1)
                yield from self.act(
                    "votes", _host(post.actor), type="vote", id=f"{post.id}/votes", value=score, **towards
                )
            if view.comment is None and view.post.url:  # a server finds them by what they link to
                yield from self._crossposts(_host(post.actor), view)
            if view.answers:
                yield from self._records(_host(post.actor), self._below(_host(post.actor), view))

    def list_members(self, reference: str) -> Iterator[str]:
        """See Connector. The moderators of a community: `!space@host`, or its page there."""
        found = _COMMUNITY.fullmatch(reference)
        if found is None:
            raise UnknownAccountError(f"not a community of Lemmy: {reference!r}")
        name, host = (found[1], found[2]) if found[1] else (found[4], found[3])
        reply = self._get(host, self._url(host, "community", name=name), "community", name=name)
        listed = read(reply, CommunityAnswer).moderators
        members = self.client.shapes("members of the list", host, listed, Moderator)
        return (each.moderator.account for each in members)

    def _url(self, host: str, path: str, **query: str | int) -> str:
        return f"{self.client.origin(host)}/api/{'v4' if host in self._new else 'v3'}/{path}?{urlencode(query)}"

    def _get(self, host: str, url: str, newer: str, **query: str | int) -> Reply:
        """Ask by the interface of Lemmy 0.19; where there is nothing, by that of 1.0, which then holds for the host.

        Raises OutboundError: the first one, where neither is there.
        """
        if host not in self._new:
            try:
                return self.client.outbound.get_json(url)
            except GoneError as error:
                if _says_gone(error):
                    raise
                self._new.add(host)
                first = error
            try:
                return self.client.outbound.get_json(self._url(host, newer, **query))
            except (GoneError, BadAnswerError) as error:
                if _says_gone(error):
                    raise
                self._new.remove(host)
                raise first from error
        return self.client.outbound.get_json(self._url(host, newer, **query))

    def _page_of(self, name: str, page: int) -> str:
        return self._url(_host(name), "user", username=_user(name), sort="New", limit=_PAGE, page=page)

    def _own(self, name: str) -> Iterator[list[View]]:
        """Yield what an account wrote, posts and comments together, page by page, each newest first."""
        yield from self._content(name) if _host(name) in self._new else self._numbered(name)

    def _content(self, name: str) -> Iterator[list[View]]:
        """Yield pages as Lemmy 1.0 gives them, one list, each with a word for the next."""
        what = "posts of the account"
        first = self._url(_host(name), "person/content", username=_user(name), limit=_PAGE)

        def _following(reply: Reply) -> str | None:
            cursor = self.client.next_word(what, reply, "next_page")
            return f"{first}&{urlencode({'page_cursor': cursor})}" if cursor else None

        for reply in self._newest(name, first, _following):
            views = self.client.items(what, reply, View, "items")
            yield sorted(self._datable(what, reply.host, views), key=_at, reverse=True)

    def _numbered(self, name: str) -> Iterator[list[View]]:
        """Yield pages as Lemmy 0.19 gives them, two lists; a page of nothing is the last."""
        what, number = "posts of the account", 1

        def _following(reply: Reply) -> str | None:
            nonlocal number
            number += 1
            return self._page_of(name, number) if reply.length("posts") or reply.length("comments") else None

        for reply in self._newest(name, self._page_of(name, number), _following):
            posts = self.client.items(what, reply, View, "posts")
            views = [*posts, *self.client.items(what, reply, CommentView, "comments")]
            yield sorted(self._datable(what, reply.host, views), key=_at, reverse=True)

    def _newest(self, name: str, first: str, following: Callable[[Reply], str | None]) -> Iterator[Reply]:
        """Ask for page after page; that there are more than are read is a gap."""
        what = "posts of the account"
        for number, reply in enumerate(self.client.pages(what, first, following)):
            if number == _MOST_PAGES:
                self.client.gaps.add(
                    what, f"{_host(name)}: only the newest {_PAGE * _MOST_PAGES} posts and comments are read"
                )
                return
            yield reply

    def _crossposts(self, host: str, view: View) -> Iterator[Activity]:
        """Yield who else posted the same and said whose it was."""
        what = "crossposts"
        if reply := self.client.ask(what, self._url(host, "post", id=view.post.id)):
            for other in self._datable(what, host, self.client.items(what, reply, View, "cross_posts")):
                if other.post.crossposted == view.post.ap_id:
                    yield from self._made(host, other, other.post.ap_id)

    def _below(self, host: str, view: View) -> Iterator[View]:
        """Yield the comments that stand below a post or comment: with a depth a server gives them all at once."""
        what, of = "comments below posts", {"parent_id": view.comment.id} if view.comment else {"post_id": view.post.id}
        kind, under = ({"type_": "all", "sort": "old"}, "items") if host in self._new else (_ALL_OLD, "comments")
        named = {**kind, "max_depth": str(_DEPTH), "limit": str(_PAGE)}
        if reply := self.client.ask(what, self._url(host, "comment/list", **named, **of)):
            yield from self._datable(what, host, self.client.items(what, reply, CommentView, under))
            self.client.gaps.add_hidden(what, host, reply.length(under), view.answers)

    def _datable(self, what: str, host: str, views: Iterable[View]) -> list[View]:
        """Return those whose time can be read, the others a gap; and remember where what they show stands."""
        kept = []
        for view in views:
            try:
                _at(view)
            except msgspec.ValidationError:
                self.client.gaps.add(what, f"{host}: {UNEXPECTED}")
                continue
            kept.append(view)
            if view.comment and view.comment.ap_id:
                self._address_of[host, view.comment.id] = view.comment.ap_id
        return kept

    def _records(self, host: str, views: Iterable[View]) -> Iterator[Activity]:
        for view in views:
            under = view.post.ap_id
            if view.comment and view.readable and (parent := view.comment.parent) is not None:
                yield from self._parent(host, parent)
                under = self._address_of.get((host, parent), f"{host}/comment/{parent}")
            yield from self._made(host, view, under)

    def _parent(self, host: str, number: int) -> Iterator[Activity]:
        """Yield the comment that is answered, where it is not known yet. What it answers itself is not asked for."""
        if (host, number) not in self._address_of:
            what = "comments that were answered"
            answer = self.client.ask_for(what, self._url(host, "comment", id=number), CommentAnswer)
            for view in self._datable(what, host, [answer.comment_view]) if answer else ():
                above = view.comment.parent if view.comment else None
                under = (
                    view.post.ap_id if above is None else self._address_of.get((host, above), f"{host}/comment/{above}")
                )
                yield from self._made(host, view, under)

    def _made(self, host: str, view: View, under: str) -> Iterator[Activity]:
        if not view.community.is_public:
            self.client.gaps.add("posts", f"{host}: it is not public")
        elif view.readable:
            self._views.setdefault(view.said.ap_id, view)
            yield from self.records("posts", host, records_of(view, under, self._views))


def _host(name: str) -> str:
    return name.rpartition("@")[2]


def _at(view: View) -> datetime:
    return view.at


def _user(name: str) -> str:
    return name[1:].partition("@")[0]


def _says_gone(error: OutboundError) -> bool:
    """Tell whether the server says in words that there is no such account: what it lacks may be the interface."""
    return error.reply is not None and error.reply.part("error", str) in _NO_SUCH
