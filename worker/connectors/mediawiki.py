"""MediaWiki, on any host: edits and their reverts, thanks, and what is said on talk pages."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, unquote, urlencode

import msgspec

from candor.names.accounts import account_namer
from candor.names.work_accounts import is_unnamed
from candor.scoring.markup import own_html, plain
from worker.connectors.connector import (
    Connector,
    ConnectorFacts,
    UnknownAccountError,
    public_profile,
    record,
    unavailable_profile,
)
from worker.connectors.mediawiki_pages import (
    HEADING,
    Edit,
    History,
    Item,
    PagesAnswer,
    Refusal,
    Space,
    Thanks,
    User,
)
from worker.connectors.network_client import read
from worker.outbound import BadAnswerError, GoneError, RejectedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from candor.scoring.activity import Activity
    from worker.connectors.connector import AccountProfile
    from worker.outbound import Reply

T = TypeVar("T")
_ROOTS = ("w/", "")
_MOST = 500
_REVERTED = "mw-reverted"
_REVERTS = frozenset({"mw-undo", "mw-rollback", "mw-manual-revert"})
_GROUP = re.compile(r"[\w-]{1,60}")
_HREF = re.compile(r"""\shref=["']([^"'<>]{1,600})["']""")
_USERS, _OWN_TALK = 2, 3


class MediaWiki(Connector):
    """Edits are found by the account's contributions, threads by the talk pages among them."""

    facts = ConnectorFacts(
        family="mediawiki",
        profile="forum",
        terms="the action API of the wiki as it answers strangers, under its terms of use",
        limits="no fixed number: one question after the other, as its etiquette asks, and Retry-After",
        consent=("noindex on the user page", "blocked for ever", "deleted"),
        unseen={
            "thanked_for_what": "the log of thanks says who thanked whom and not for which edit",
            "texts": "what an edit changed: only the title of the page and the summary are read",
            "plain_talk": "talk pages of a wiki without DiscussionTools",
            "addresses": "who edited or spoke without an account is nobody",
        },
    )

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 as Connector
        super().__init__(*args, **named)
        self._host = self.network.partition(":")[2]
        self._namer = account_namer(self.network)
        self._root = _ROOTS[0]
        self._root_known = False
        self._reverted: dict[str, Edit] = {}
        self._user_page = _pages_under({"User", "User_talk"})

    def profile(self, account: str) -> AccountProfile:
        """See Connector. One request, two where the interface does not stand under /w/."""
        name = str(self.canonical_name(account))
        asked = {"list": "users", "ususers": name, "usprop": "groups|blockinfo", "prop": "pageprops"}
        asked |= {"meta": "siteinfo", "siprop": "namespaces|namespacealiases"}
        reply = self._get(self._query(**asked, titles=f"User:{name}", ppprop="noindex"))
        users = self._under("accounts", reply, "users", User)
        self._learn_namespaces(reply)
        if not users:
            raise BadAnswerError(reply.host, "does not say whether there is such an account", reply)
        if reason := users[0].reason:
            self.client.outbound.forget(reply)
            return unavailable_profile(name, reply.fetched_at, reason, gone=True)
        if any("noindex" in page.pageprops for page in read(reply, PagesAnswer).query.pages):
            self.client.outbound.forget(reply)
            return unavailable_profile(name, reply.fetched_at, "noindex: its page asks not to be indexed")
        return public_profile(reply, users[0].kind, actor=name, name=users[0].name, url=self._page(f"User:{name}"))

    def activities(self, account: str, since: datetime, until: datetime) -> Iterator[Activity]:
        """See Connector. Edits, the newest first; of talk pages the threads that the account took part in."""
        name = str(self.canonical_name(account))
        between = {"ucstart": _stamp(until), "ucend": _stamp(since)}
        asked = {"list": "usercontribs", "ucuser": name, "uclimit": str(_MOST), **between}
        talk: set[str] = set()
        for edits in self._lists(
            "edits", "usercontribs", Edit, **asked, ucprop="ids|title|timestamp|comment|flags|tags"
        ):
            for edit in (each for each in edits if not (each.suppressed or each.texthidden)):
                if edit.ns % 2 == 0:
                    yield from self._edit(name, edit)
                elif edit.title not in talk:
                    talk.add(edit.title)
                    yield from self._talk(name, edit.title)

    def recognition(self, posts: Iterable[Activity]) -> Iterator[Activity]:
        """See Connector. Who thanked the account, then who took back which of its edits."""
        thanked: set[str] = set()
        for post in posts:
            if post.actor is not None and post.actor not in thanked:
                thanked.add(post.actor)
                yield from self._thanks(letitle=f"User:{post.actor}")
            if (edit := self._reverted.get(post.id or "")) is not None:
                yield from self._revert(post, edit)

    def vouches_of(self, account: str) -> Iterator[Activity]:
        """See Connector. Whom it thanked, the newest 500 times."""
        yield from self._thanks(leuser=str(self.canonical_name(account)))

    def list_members(self, reference: str) -> Iterator[str]:
        """See Connector. The members of a group of the wiki, such as `sysop`."""
        if not _GROUP.fullmatch(reference):
            raise UnknownAccountError(f"not a group of a wiki: {reference!r}")
        self._get(self._query(meta="siteinfo", siprop="general"))
        what, asked = "members of the list", {"list": "allusers", "augroup": reference, "aulimit": str(_MOST)}
        users = (user for page in self._lists(what, "allusers", User, **asked) for user in page)
        return (name for user in users if (name := self._name(user.name)))

    def _edit(self, name: str, edit: Edit) -> Iterator[Activity]:
        key = f"{self._host}/revision/{edit.revid}"
        if _REVERTED in edit.tags:
            self._reverted[key] = edit
        said = {"content": f"{edit.title}\n\n{edit.comment}".strip(), "url": self._page(edit.title, diff=edit.revid)}
        yield from self.act(
            "edits", self._host, type="note", id=key, actor=name, published=edit.timestamp, tags=[], **said
        )

    def _revert(self, post: Activity, edit: Edit) -> Iterator[Activity]:
        """Yield who took an edit back, as a review that says no, where it is one of the next ten edits."""
        what, asked = "reverts", {"rvstartid": str(edit.revid), "rvdir": "newer", "rvlimit": "11"}
        reply = self._ask(what, prop="revisions", titles=edit.title, rvprop="ids|timestamp|user|tags", **asked)
        if reply is None:
            return
        later = [each for page in self._under(what, reply, "pages", History) for each in page.revisions]
        taken = next((each for each in later if each.revid != edit.revid and not _REVERTS.isdisjoint(each.tags)), None)
        if taken is None:
            self.client.gaps.add(what, f"{self._host}: not among the next ten edits of the page")
        elif (by := self._name(taken.user)) != post.actor:
            act = {"actor": by, "object": post.id, "target_actor": post.actor, "published": taken.timestamp}
            key = f"{self._host}/revision/{taken.revid}/reverts/{edit.revid}"
            yield from self.act(what, self._host, type="review", id=key, value=-1.0, **act)

    def _thanks(self, **of: str) -> Iterator[Activity]:
        what = "thanks"
        reply = self._ask(what, list="logevents", letype="thanks", lelimit=str(_MOST), **of)
        if reply is None:
            return
        if reply.parts.get("continue"):
            self.client.gaps.add(what, f"{self._host}: only the newest {_MOST} are read")
        for each in self._under(what, reply, "logevents", Thanks):
            by, to = self._name(each.user), self._name(each.title.partition(":")[2])
            if by is not None and to is not None:
                act = {"actor": by, "target_actor": to, "published": each.timestamp}
                yield from self.act(what, self._host, type="accept", id=f"{self._host}/log/{each.logid}", **act)

    def _talk(self, name: str, title: str) -> Iterator[Activity]:
        """Read the threads of a talk page that the account took part in."""
        what = "talk pages"
        reply = self._ask(what, action="discussiontoolspageinfo", page=title, prop="threaditemshtml")
        if reply is None:
            return
        within = "discussiontoolspageinfo"
        if b"threaditemshtml" not in reply.body:
            self.client.gaps.add(what, f"{self._host}: does not show threads of this page")
        for thread in self._under(what, reply, "threaditemshtml", Item, within=within):
            if name in map(self._name, thread.everybody()):
                yield from self.records_of_each(what, self._host, self._thread(title, thread))

    def _thread(self, title: str, thread: Item) -> Iterator[Iterator[Activity]]:
        """Yield the comments of a thread: the first one asks, the others reply to it or to one another."""
        heading, comments = (plain(thread.html), thread.comments) if thread.type == HEADING else ("", [thread])
        first: str | None = None
        for comment in comments:
            yield from self._below(title, comment, first, heading)
            dated = next((each for each in comment.whole() if each.timestamp is not None), None)
            first = first or (self._key(title, dated) if dated else None)

    def _below(self, title: str, comment: Item, under: str | None, heading: str = "") -> Iterator[Iterator[Activity]]:
        if comment.timestamp is not None:
            yield self._comment(title, comment, comment.timestamp, under, heading)
            under = self._key(title, comment)
        for reply in comment.comments:
            yield from self._below(title, reply, under or self._key(title, comment))

    def _comment(self, title: str, comment: Item, at: datetime, under: str | None, heading: str) -> Iterator[Activity]:
        """Yield a comment, and whom it names. May raise MALFORMED."""
        key = self._key(title, comment)
        act: dict[str, Any] = {"actor": self._name(comment.author), "published": at}
        said = {"id": key, "url": f"{self._page(title)}#{quote(comment.id)}", **act}
        text = plain(comment.html)
        if under is None:
            tags = [title.partition(":")[2]]
            yield record(type="question", content=f"{heading}\n\n{text}".strip(), tags=tags, **said)
        else:
            yield record(type="reply", content=text, object=under, **said)
        named = map(self._name, self._linked(comment.html))
        for name in dict.fromkeys(each for each in named if each and each != act["actor"]):
            yield record(type="mention", id=f"{key}/mention/{name}", object=key, target_actor=name, **act)

    def _key(self, title: str, comment: Item) -> str:
        return f"{self._host}/{title}#{comment.id}"

    def _learn_namespaces(self, reply: Reply) -> None:
        """Learn what pages of people are called in the wiki's language."""
        what = "namespaces"
        told = self.client.shape(what, reply.host, reply.parts.get("query", b""), dict[str, msgspec.Raw]) or {}
        named = self.client.shape(what, reply.host, told.get("namespaces", b"{}"), dict[str, msgspec.Raw]) or {}
        also = self.client.shape(what, reply.host, told.get("namespacealiases", b"[]"), list[msgspec.Raw]) or []
        spaces = self.client.shapes(what, reply.host, [*named.values(), *also], Space)
        found = {name for each in spaces if each.id in {_USERS, _OWN_TALK} for name in each.names}
        self._user_page = _pages_under({"User", "User_talk", *found})

    def _linked(self, html: str) -> Iterator[str]:
        """Yield to whose pages a text leads, without what it quotes."""
        for href in _HREF.findall(own_html(html)):
            if found := self._user_page.match(unquote(unescape(href))):
                yield found[1]

    def _name(self, written: str | None) -> str | None:
        """Return the one name of an account, None for somebody without one and what is no account's."""
        if is_unnamed(written or ""):
            return None
        try:
            return self._namer(written or "")
        except UnknownAccountError:
            return None

    def _page(self, title: str, **query: int) -> str:
        return f"https://{self._host}/{self._root}index.php?{urlencode({'title': title, **query})}"

    def _query(self, **asked: str) -> str:
        return urlencode({"action": "query", "format": "json", "formatversion": "2", **asked})

    def _url(self, query: str) -> str:
        return f"{self.client.origin(self._host)}/{self._root}api.php?{query}"

    def _get(self, query: str) -> Reply:
        """Ask under /w/, then at the root of the host; the last answer holds. Raises OutboundError."""
        try:
            reply = self.client.outbound.get_json(self._url(query))
        except (GoneError, BadAnswerError):
            if self._root_known:
                raise
            self._root = _ROOTS[1]
            reply = self.client.outbound.get_json(self._url(query))
        self._root_known = True
        if (error := reply.part("error", Refusal)) is not None:
            raise RejectedError(reply.host, error.words, reply)
        return reply

    def _ask(self, what: str, **asked: str) -> Reply | None:
        """Ask, or note a gap and return None. A wiki says with a good status what it does not do."""
        reply = self.client.ask(what, self._url(self._query(**asked)))
        if reply is not None and (error := reply.part("error", Refusal)) is not None:
            self.client.gaps.add(what, f"{self._host}: {error.words}")
            return None
        return reply

    def _under(self, what: str, reply: Reply, part: str, kind: type[T], *, within: str = "query") -> list[T]:
        """Decode what an answer lists under a name; what is malformed is left out with a gap."""
        found = self.client.shape(what, reply.host, reply.parts.get(within, b""), dict[str, msgspec.Raw]) or {}
        if part not in found:
            return []
        listed = self.client.shape(what, reply.host, found[part], list[msgspec.Raw])
        return self.client.shapes(what, reply.host, listed or (), kind)

    def _lists(self, what: str, part: str, kind: type[T], **asked: str) -> Iterator[list[T]]:
        """Yield page after page, as long as the wiki says how to go on."""
        more: dict[str, Any] = {}
        seen: set[str] = set()
        while (reply := self._ask(what, **{**asked, **more})) is not None:
            yield self._under(what, reply, part, kind)
            words = self.client.shape(what, reply.host, reply.parts.get("continue", b"{}"), dict[str, Any]) or {}
            more = {name: str(value) for name, value in words.items()}
            if not more:
                return
            if (key := urlencode(more)) in seen:
                self.client.gaps.add(what, f"{self._host}: pagination loop")
                return
            seen.add(key)


def _pages_under(spaces: set[str]) -> re.Pattern[str]:
    """Return what an address of a page in one of these namespaces looks like, with what stands after the colon."""
    names = "|".join(map(re.escape, sorted(spaces)))
    return re.compile(rf"(?:\./|/wiki/|.{{0,200}}[?&]title=)(?:{names}):([^#?&/]{{1,300}})", re.IGNORECASE)


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
