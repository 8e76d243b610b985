"""Lemmy: posts and comments of communities; each account is read at its own server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode, urlsplit

import msgspec

from candor.formats.lenient import NEEDED
from candor.formats.markup import own_words
from candor.scoring.account_kinds import by_sign
from candor.scoring.activity import Instant
from worker.connectors.source import (
    UNEXPECTED,
    Connector,
    ConnectorFacts,
    UnknownAccountError,
    public_profile,
    read,
    record,
    unavailable_profile,
)
from worker.outbound import BadAnswerError, GoneError, RejectedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from candor.scoring.activity import AccountKind, Activity
    from worker.connectors.source import Profile
    from worker.outbound import OutboundError

_NAMED = re.compile(r"(?<![\w/@!])@([A-Za-z0-9_]{3,50})@([\w-]+(?:\.[\w-]+)+)")
_COMMUNITY = re.compile(r"!?([\w]+)@([\w.:-]+)|https?://([\w.:-]+)/c/(\w+)")
_PAGE, _MOST_PAGES, _DEPTH = 50, 40, 8


class Person(msgspec.Struct):
    """An account."""

    name: str
    actor_id: str
    display_name: str | None = None
    bio: str | None = None
    bot_account: bool = False
    deleted: Annotated[bool, NEEDED] = False
    banned: Annotated[bool, NEEDED] = False

    @property
    def account(self) -> str:
        """Return the name as records use it."""
        return f"@{self.name}@{urlsplit(self.actor_id).netloc}".lower()

    @property
    def kind(self) -> tuple[AccountKind, str]:
        """Say what stands behind it: bots say so themselves."""
        return by_sign("lemmy", "bot_account true" if self.bot_account else "")


class Said(msgspec.Struct):
    """A post or a comment, as far as both are alike; `ap_id` is the same on every server."""

    id: int
    ap_id: str
    published: str
    deleted: Annotated[bool, NEEDED] = False
    removed: Annotated[bool, NEEDED] = False

    @property
    def at(self) -> Instant:
        """When; servers before 0.19 left out that it is UTC. Raises ValidationError."""
        has_zone = self.published.endswith("Z") or "+" in self.published
        return msgspec.convert(self.published + ("" if has_zone else "Z"), Instant)


class Post(Said):
    """A post: `url` is what it links to."""

    name: str = ""
    body: str | None = None
    url: str | None = None


class Comment(Said):
    """A comment; `path` has the ids of what it stands under, from the top, and its own."""

    content: str = ""
    path: str = ""

    @property
    def parent(self) -> int | None:
        """Return the id of the comment that it answers, None where it answers the post."""
        above = self.path.split(".")[1:-1]
        return int(above[-1]) if above and above[-1].isascii() and above[-1].isdigit() else None


class _Community(msgspec.Struct):
    name: str = ""


class _Counts(msgspec.Struct):
    score: int = 0
    comments: int = 0
    child_count: int = 0


class View(msgspec.Struct):
    """A post, or a comment on it, with who wrote it and how it is counted."""

    post: Post
    creator: Person
    comment: Comment | None = None
    community: _Community = msgspec.field(default_factory=_Community)
    counts: _Counts = msgspec.field(default_factory=_Counts)

    @property
    def said(self) -> Post | Comment:
        """What is said: the comment, or the post where there is none."""
        return self.comment or self.post

    @property
    def readable(self) -> bool:
        """Say whether it still stands."""
        return not (self.said.deleted or self.said.removed)

    @property
    def answers(self) -> int:
        """Return how many comments stand below it."""
        return self.counts.child_count if self.comment else self.counts.comments


class CommentView(View, kw_only=True):
    """A comment, where nothing else is listed."""

    comment: Comment


class _PersonView(msgspec.Struct):
    person: Person


class _Details(msgspec.Struct):
    person_view: _PersonView


class _CommentAnswer(msgspec.Struct):
    comment_view: CommentView


class _Moderator(msgspec.Struct):
    moderator: Person


class _CommunityAnswer(msgspec.Struct):
    moderators: list[msgspec.Raw]


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

    def profile(self, account: str) -> Profile:
        """See Connector. One request, which brings the newest posts along."""
        name = str(self.canonical_name(account))
        try:
            reply = self.source.outbound.get_json(self._page_of(name, 1))
        except (GoneError, RejectedError) as error:
            if error.reply is None or not _is_gone(error):
                raise
            return unavailable_profile(name, error.reply.fetched_at, "account not found on its server", gone=True)
        found = read(reply, _Details).person_view.person
        if found.account != name:
            raise BadAnswerError(reply.host, "answers with another account", reply)
        if found.deleted or found.banned:
            self.source.outbound.forget(reply)
            reason = "deleted by its owner" if found.deleted else "banned by its server"
            return unavailable_profile(name, reply.fetched_at, reason, gone=True)
        facts = {"name": found.display_name or found.name, "bio": found.bio, "url": found.actor_id}
        return public_profile(reply, found.kind, actor=name, **facts)

    def activities(self, account: str, since: datetime, until: datetime) -> Iterator[Activity]:
        """See Connector. Posts, and comments with what they answer, page by page, the newest first."""
        name = str(self.canonical_name(account))
        for views in self._own(name):
            within = [view for view in views if since <= _at(view) < until]
            yield from self._records(_host(name), within)
            if views and all(_at(view) < since for view in views):
                return

    def recognition(self, posts: Iterable[Activity]) -> Iterator[Activity]:
        """See Connector. The sum of votes, and a list of the comments below each post."""
        for post in posts:
            view = self._views.get(post.id or "")
            if view is None or post.actor is None or post.type not in {"note", "question", "reply"}:
                continue
            if view.counts.score > 1:  # everybody votes for what they write, without a click
                towards = {"object": post.id, "target_actor": post.actor, "published": post.published}
                score = float(view.counts.score - 1)
                yield from self.act(
                    "votes", _host(post.actor), type="vote", id=f"{post.id}/votes", value=score, **towards
                )
            if view.answers:
                yield from self._records(_host(post.actor), self._below(_host(post.actor), view))

    def list_members(self, reference: str) -> Iterator[str]:
        """See Connector. The moderators of a community: `!space@host`, or its page there."""
        found = _COMMUNITY.fullmatch(reference)
        if found is None:
            raise UnknownAccountError(f"not a community of Lemmy: {reference!r}")
        name, host = (found[1], found[2]) if found[1] else (found[4], found[3])
        reply = self.source.outbound.get_json(self._url(host, "community", name=name))
        listed = read(reply, _CommunityAnswer).moderators
        members = self.source.shapes("members of the list", host, listed, _Moderator)
        return (each.moderator.account for each in members)

    def _url(self, host: str, path: str, **query: str | int) -> str:
        return f"{self.source.origin(host)}/api/v3/{path}?{urlencode(query)}"

    def _page_of(self, name: str, page: int) -> str:
        user = name[1:].partition("@")[0]
        return self._url(_host(name), "user", username=user, sort="New", limit=_PAGE, page=page)

    def _own(self, name: str) -> Iterator[list[View]]:
        """Yield what an account wrote, posts and comments together, page by page; a page of nothing is the last."""
        what = "posts of the account"
        for page in range(1, _MOST_PAGES + 1):
            reply = self.source.ask(what, self._page_of(name, page))
            if reply is None or not (reply.length("posts") or reply.length("comments")):
                return
            posts = self.source.items(what, reply, View, "posts")
            views = [*posts, *self.source.items(what, reply, CommentView, "comments")]
            yield sorted(self._datable(what, reply.host, views), key=_at, reverse=True)
        self.source.gaps.add(what, f"{_host(name)}: only the newest {_PAGE * _MOST_PAGES} posts and comments are read")

    def _below(self, host: str, view: View) -> Iterator[View]:
        """Yield the comments that stand below a post or comment: with a depth a server gives them all at once."""
        what, of = "comments below posts", {"parent_id": view.comment.id} if view.comment else {"post_id": view.post.id}
        named = {"type_": "All", "sort": "Old", "max_depth": str(_DEPTH), "limit": str(_PAGE)}
        if reply := self.source.ask(what, self._url(host, "comment/list", **named, **of)):
            yield from self._datable(what, host, self.source.items(what, reply, CommentView, "comments"))
            self.source.gaps.add_hidden(what, host, reply.length("comments"), view.answers)

    def _datable(self, what: str, host: str, views: Iterable[View]) -> list[View]:
        """Return those whose time can be read, the others a gap; and remember where what they show stands."""
        kept = []
        for view in views:
            try:
                _at(view)
            except msgspec.ValidationError:
                self.source.gaps.add(what, f"{host}: {UNEXPECTED}")
                continue
            kept.append(view)
            if view.comment:
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
            answer = self.source.ask_for(what, self._url(host, "comment", id=number), _CommentAnswer)
            for view in self._datable(what, host, [answer.comment_view]) if answer else ():
                above = view.comment.parent if view.comment else None
                under = (
                    view.post.ap_id if above is None else self._address_of.get((host, above), f"{host}/comment/{above}")
                )
                yield from self._made(host, view, under)

    def _made(self, host: str, view: View, under: str) -> Iterator[Activity]:
        if view.readable:
            self._views.setdefault(view.said.ap_id, view)
            yield from self.records("posts", host, _records_of(view, under))


def _records_of(view: View, under: str) -> Iterator[Activity]:
    """Yield a post or a comment, and whom it names. May raise one of MALFORMED."""
    actor = None if view.creator.deleted else view.creator.account
    act = {"actor": actor, "published": _at(view)}
    tags = [view.community.name] if view.community.name else []
    if view.comment:
        key, text = view.comment.ap_id, view.comment.content
        yield record(type="reply", id=key, url=key, object=under, content=text, **act)
    else:
        key, text = view.post.ap_id, f"{view.post.name}\n\n{view.post.body or ''}".strip()
        kind = "note" if view.post.url else "question"
        yield record(type=kind, id=key, url=key, content=text, tags=tags, **act)
    for name in dict.fromkeys(f"@{user}@{host}".lower() for user, host in _NAMED.findall(own_words(text))):
        yield record(type="mention", id=f"{key}#mention-{name}", object=key, target_actor=name, **act)


def _at(view: View) -> datetime:
    return view.said.at


def _host(name: str) -> str:
    return name.rpartition("@")[2]


def _is_gone(error: OutboundError) -> bool:
    """Tell whether there is no such account: a status 404, or 400 with words, as servers before 0.19 answer."""
    words = error.reply.part("error", str) if error.reply else None
    return isinstance(error, GoneError) or words in {"couldnt_find_person", "couldnt_find_that_username_or_email"}
