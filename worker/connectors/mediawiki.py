"""MediaWiki, on any host: edits and their reverts, thanks, and what is said on talk pages."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from urllib.parse import quote, unquote, urlencode

import msgspec

from candor.formats.lenient import NEEDED
from candor.formats.markup import own_html, plain
from candor.names.accounts import account_namer
from candor.scoring.account_kinds import by_sign
from candor.scoring.activity import Instant
from worker.connectors.source import (
    Connector,
    ConnectorFacts,
    UnknownAccountError,
    public_profile,
    record,
    unavailable_profile,
)
from worker.outbound import BadAnswerError, GoneError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from candor.scoring.activity import AccountKind, Activity
    from worker.connectors.source import Profile
    from worker.outbound import Reply

T = TypeVar("T")
_ROOTS = ("w/", "")
_MOST = 500
_REVERTED = "mw-reverted"
_REVERTS = frozenset({"mw-undo", "mw-rollback", "mw-manual-revert"})
_FOR_EVER = frozenset({"infinite", "infinity", "indefinite", "never"})
_HEADING = "heading"
_TEMPORARY = re.compile(r"~\d{4}-\d+(?:-\d+)*")
_GROUP = re.compile(r"[\w-]{1,60}")
_USER_LINK = re.compile(r"""\shref=["'](?:\./|/wiki/|[^"'<>]{0,200}title=)User(?:_talk)?:([^"'<>#?&/]{1,300})["']""")


class User(msgspec.Struct):
    """An account: its groups, and whether it is blocked."""

    name: str
    groups: list[str] = []
    missing: Annotated[bool, NEEDED] = False
    invalid: Annotated[bool, NEEDED] = False
    blockexpiry: Annotated[str | None, NEEDED] = None
    blockpartial: bool = False

    @property
    def kind(self) -> tuple[AccountKind, str]:
        """Say what stands behind it: the wiki has a group of bots, and tells no more."""
        return by_sign("mediawiki", "group bot" if "bot" in self.groups else "")

    @property
    def reason(self) -> str | None:
        """Say why it is no more, None where it is."""
        if self.missing or self.invalid:
            return "account not found on the wiki"
        if _TEMPORARY.fullmatch(self.name):
            return "a temporary account, which stands for somebody without one"
        return "blocked by the wiki" if self.blockexpiry in _FOR_EVER and not self.blockpartial else None


class _Page(msgspec.Struct):
    pageprops: dict[str, Any] = {}


class Edit(msgspec.Struct):
    """An edit, as the list of an account's contributions shows it. Talk pages have odd numbers of namespaces."""

    revid: int
    ns: int
    title: str
    timestamp: Instant
    comment: str = ""
    tags: list[str] = []
    suppressed: Annotated[bool, NEEDED] = False
    texthidden: Annotated[bool, NEEDED] = False


class Revision(msgspec.Struct):
    """A revision in the history of a page."""

    revid: int
    timestamp: Instant
    user: str | None = None
    tags: list[str] = []


class _History(msgspec.Struct):
    revisions: list[Revision] = []


class Thanks(msgspec.Struct):
    """An entry of the log of thanks: by whom, and to whom as the title of their page."""

    logid: int
    title: str
    timestamp: Instant
    user: str | None = None


class Item(msgspec.Struct):
    """A heading or a comment on a talk page, with what stands under it."""

    id: str
    type: str = ""
    html: str = ""
    author: str | None = None
    timestamp: Instant | None = None
    replies: list[Item] = []

    @property
    def comments(self) -> list[Item]:
        """Return what answers it. A heading further down stands there, and once more as a thread of its own."""
        return [each for each in self.replies if each.type != _HEADING]

    def everybody(self) -> Iterator[str]:
        """Yield who wrote it, and who wrote below."""
        yield from [self.author] if self.author else []
        for each in self.comments:
            yield from each.everybody()


class _Error(msgspec.Struct):
    code: str = ""


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

    def profile(self, account: str) -> Profile:
        """See Connector. One request, two where the interface does not stand under /w/."""
        name = str(self.canonical_name(account))
        asked = {"list": "users", "ususers": name, "usprop": "groups|blockinfo", "prop": "pageprops"}
        reply = self._get(self._query(**asked, titles=f"User:{name}", ppprop="noindex"))
        users = self._under("accounts", reply, "users", User)
        if not users:
            raise BadAnswerError(reply.host, "does not say whether there is such an account", reply)
        if reason := users[0].reason:
            self.source.outbound.forget(reply)
            return unavailable_profile(name, reply.fetched_at, reason, gone=True)
        if any("noindex" in page.pageprops for page in self._under("accounts", reply, "pages", _Page)):
            self.source.outbound.forget(reply)
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
        self._get(self._query(meta="siteinfo"))
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
        later = [each for page in self._under(what, reply, "pages", _History) for each in page.revisions]
        taken = next((each for each in later if each.revid != edit.revid and not _REVERTS.isdisjoint(each.tags)), None)
        if taken is None:
            self.source.gaps.add(what, f"{self._host}: not among the next ten edits of the page")
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
            self.source.gaps.add(what, f"{self._host}: only the newest {_MOST} are read")
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
            self.source.gaps.add(what, f"{self._host}: does not show threads of this page")
        for thread in self._under(what, reply, "threaditemshtml", Item, within=within):
            if name in map(self._name, thread.everybody()):
                yield from self.records(what, self._host, self._thread(title, thread))

    def _thread(self, title: str, thread: Item) -> Iterator[Activity]:
        """Yield a thread: the first comment asks, the others reply to it or to one another. May raise MALFORMED."""
        heading, comments = (plain(thread.html), thread.comments) if thread.type == _HEADING else ("", [thread])
        first: str | None = None
        for comment in comments:
            made = list(self._comment(title, comment, first, heading))
            first = first or (made[0].id if made else None)
            yield from made

    def _comment(self, title: str, comment: Item, under: str | None, heading: str = "") -> Iterator[Activity]:
        key = f"{self._host}/{title}#{comment.id}"
        if comment.timestamp is not None:
            act: dict[str, Any] = {"actor": self._name(comment.author), "published": comment.timestamp}
            said = {"id": key, "url": f"{self._page(title)}#{quote(comment.id)}", **act}
            text = plain(comment.html)
            if under is None:
                tags = [title.partition(":")[2]]
                yield record(type="question", content=f"{heading}\n\n{text}".strip(), tags=tags, **said)
            else:
                yield record(type="reply", content=text, object=under, **said)
            named = (self._name(unquote(each)) for each in _USER_LINK.findall(own_html(comment.html)))
            for name in dict.fromkeys(each for each in named if each and each != act["actor"]):
                yield record(type="mention", id=f"{key}/mention/{name}", object=key, target_actor=name, **act)
            under = key
        for reply in comment.comments:
            yield from self._comment(title, reply, under or key)

    def _name(self, written: str | None) -> str | None:
        """Return the one name of an account, None for an address on the internet and what is no account's.

        Since 2025 the wiki writes a temporary account, such as `~2026-123-4`, where such an address stood before.
        """
        if _TEMPORARY.fullmatch(written or ""):
            return None
        try:
            ip_address(written or "")
        except ValueError:
            try:
                return self._namer(written or "")
            except UnknownAccountError:
                return None
        return None

    def _page(self, title: str, **query: int) -> str:
        return f"https://{self._host}/{self._root}index.php?{urlencode({'title': title, **query})}"

    def _query(self, **asked: str) -> str:
        return urlencode({"action": "query", "format": "json", "formatversion": "2", **asked})

    def _url(self, query: str) -> str:
        return f"{self.source.origin(self._host)}/{self._root}api.php?{query}"

    def _get(self, query: str) -> Reply:
        """Ask under /w/, then at the root of the host; the last answer holds. Raises OutboundError."""
        try:
            reply = self.source.outbound.get_json(self._url(query))
        except (GoneError, BadAnswerError):
            if self._root_known:
                raise
            self._root = _ROOTS[1]
            reply = self.source.outbound.get_json(self._url(query))
        self._root_known = True
        return reply

    def _ask(self, what: str, **asked: str) -> Reply | None:
        """Ask, or note a gap and return None. A wiki says with a good status what it does not do."""
        reply = self.source.ask(what, self._url(self._query(**asked)))
        if reply is not None and (error := reply.part("error", _Error)) is not None:
            self.source.gaps.add(what, f"{self._host}: refused ({error.code[:100] or 'it does not say why'})")
            return None
        return reply

    def _under(self, what: str, reply: Reply, part: str, kind: type[T], *, within: str = "query") -> list[T]:
        """Decode what an answer lists under a name; what is malformed is left out with a gap."""
        found = self.source.shape(what, reply.host, reply.parts.get(within, b""), dict[str, msgspec.Raw]) or {}
        if part not in found:
            return []
        listed = self.source.shape(what, reply.host, found[part], list[msgspec.Raw])
        return self.source.shapes(what, reply.host, listed or (), kind)

    def _lists(self, what: str, part: str, kind: type[T], **asked: str) -> Iterator[list[T]]:
        """Yield page after page, as long as the wiki says how to go on."""
        more: dict[str, Any] = {}
        seen: set[str] = set()
        while (reply := self._ask(what, **{**asked, **more})) is not None:
            yield self._under(what, reply, part, kind)
            more = {name: str(value) for name, value in (reply.part("continue", dict[str, Any]) or {}).items()}
            if not more:
                return
            if (key := urlencode(more)) in seen:
                self.source.gaps.add(what, f"{self._host}: pagination loop")
                return
            seen.add(key)


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
