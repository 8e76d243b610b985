"""GitHub: what people say and do in public repositories, thread by thread."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import msgspec

from worker.connectors.github_discussions import discussions_of
from worker.connectors.github_threads import (
    Comment,
    Issue,
    Reaction,
    Review,
    Thread,
    User,
)
from worker.connectors.source import (
    Connector,
    ConnectorFacts,
    UnknownAccountError,
    next_link,
    one,
    open_profile,
    read,
    shut,
)
from worker.outbound import GoneError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from candor.scoring.activity import Activity
    from worker.connectors.source import Profile
    from worker.outbound import Reply

HOST = "api.github.com"
_LOGIN = re.compile(r"@?([A-Za-z\d](?:[A-Za-z\d]|-(?=[A-Za-z\d])){0,38}(?:\[bot\])?)")
_GROUP = re.compile(r"(?:https://github\.com/)?(?:orgs/)?([A-Za-z\d-]+)(?:/(?:teams/)?([\w.-]+))?")
_CHANGE = re.compile(r"repos/[\w.-]+/[\w.-]+/pulls/\d+")
_KIND = {"+1": 1.0, "heart": 1.0, "hooray": 1.0, "rocket": 1.0, "-1": -1.0}
_VOUCHES = 10


class _Event(msgspec.Struct):
    payload: dict[str, Any] = {}


class GitHub(Connector):
    """Threads are found by the account's newest events and by search, and read whole. Posts go by their page."""

    facts = ConnectorFacts(
        family="github",
        profile="forum",
        terms="the REST and GraphQL interfaces under GitHub's terms of service; public repositories only",
        limits="60 requests an hour, 5,000 with a token; search apart, 10 a minute, 30 with a token; told by epoch",
        consent=("deleted", "suspended"),
        unseen={
            "discussions": "discussions are shown to those who bring a token",
            "beyond_a_thousand": "search shows a thousand threads of an account, the newest, and no more",
            "plain_commits": "who took a change that was never proposed as one",
            "reactions_given": "reactions are listed at what they are on, not at who gave them",
            "addressees": "comments stand in a row: whom one answers is read from the names in it",
        },
        operator_adds="a token raises the limits, shows discussions, and teams of organisations it belongs to",
    )

    def settled(self, account: str) -> str:
        """See Connector."""
        return spelled(account)

    def profile(self, account: str) -> Profile:
        """See Connector. One request."""
        name = spelled(account)
        try:
            reply = self._get(f"users/{quote(name)}")
        except GoneError as error:
            if error.reply is None:
                raise
            return shut(name, error.reply.fetched_at, "GitHub knows no such account, or no more", gone=True)
        found = read(reply, User)
        facts = {"name": found.name or found.login, "bio": found.bio, "kind": found.kind, "url": found.html_url}
        return open_profile(reply, actor=found.account, followers=found.followers, **facts)

    def activities(self, account: str, since: datetime, until: datetime) -> Iterator[Activity]:
        """See Connector. Whole threads, the newest first, then discussions. What others said there comes along."""
        del until
        name = spelled(account)
        seen: set[str] = set()
        for path, issue in self._found(name, since):
            thread = None if path in seen else self._thread(path, issue)
            seen.add(path)
            if thread is not None:
                yield from self._once(self.source.records("threads", HOST, thread.records))
        if self.source.token(HOST):
            yield from self._once(discussions_of(name, self.source, self._url("graphql"), self._manners()))

    def recognition(self, posts: Iterable[Activity]) -> Iterator[Activity]:
        """See Connector. Reactions, which count for nothing: all the rest stood in the threads."""
        for post in posts:
            path = _reactions_path(post.id or "")
            if path is None or post.type not in {"note", "question", "reply"}:
                continue
            for reaction in self._all("reactions", f"{path}?per_page=100", Reaction):
                if reaction.user is not None:
                    said = {"actor": reaction.user.account, "published": reaction.created_at}
                    of = {"object": post.id, "target_actor": post.actor, "value": _KIND.get(reaction.content)}
                    make = partial(one, type="like", id=f"{post.id}#reaction-{reaction.id}", **said, **of)
                    yield from self._once(self.source.records("reactions", HOST, make))

    def vouches_of(self, account: str) -> Iterator[Activity]:
        """See Connector. The changes it took among its newest events, at most ten."""
        changes = [found for event in self._events(spelled(account)) if (found := self._change_path(event))]
        for path in list(dict.fromkeys(changes))[:_VOUCHES]:
            thread = self._change(path)
            for each in self.source.records("threads", HOST, thread.records) if thread else ():
                if each.type == "accept" and each.actor == spelled(account):
                    yield from self._once([each])

    def list_members(self, reference: str) -> Iterator[str]:
        """See Connector. `ORGANISATION`, or `ORGANISATION/TEAM` with a token that may see the team."""
        found = _GROUP.fullmatch(reference)
        if found is None:
            raise UnknownAccountError(f"not an organisation or team of GitHub: {reference!r}")
        organisation, team = found.groups()
        path = f"orgs/{organisation}/teams/{team}/members" if team else f"orgs/{organisation}/public_members"
        self._get(f"{path}?per_page=100")
        return (user.account for user in self._all("members of the list", f"{path}?per_page=100", User))

    def _url(self, path: str) -> str:
        return f"{self.source.origin(HOST)}/{path}"

    def _get(self, path: str) -> Reply:
        return self.source.outbound.get_json(self._url(path), **self._manners())

    def _manners(self) -> dict[str, Any]:
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        return {"headers": headers, "credential": self.source.bearer(HOST)}

    def _all(self, what: str, path: str, kind: type[Any], *under: str, part: str = "") -> Iterator[Any]:
        for reply in self.source.pages(what, self._url(path), next_link, part=part, **self._manners()):
            yield from self.source.items(what, reply, kind, *under)

    def _events(self, name: str) -> Iterator[dict[str, Any]]:
        path = f"users/{quote(name)}/events/public?per_page=100"
        return (event.payload for event in self._all("events of the account", path, _Event))

    def _change_path(self, payload: dict[str, Any]) -> str | None:
        """Return where the change is kept that an event is about."""
        change = payload.get("pull_request")
        url = change.get("url") if isinstance(change, dict) else None
        found = _CHANGE.fullmatch(url.removeprefix(self._url(""))) if isinstance(url, str) else None
        return found[0] if found else None

    def _found(self, name: str, since: datetime) -> Iterator[tuple[str, Issue | None]]:
        """Yield where the threads are that the account had a part in: by its newest events, then by search."""
        what = "events of the account"
        for payload in self._events(name):
            if path := self._change_path(payload):
                yield path, None
            elif "issue" in payload:
                issue = self.source.shape(what, self._url(""), payload["issue"], Issue)
                if issue:
                    yield issue.path, issue
        for role in ("involves", "reviewed-by"):
            words = f"{role}:{name} is:public updated:>={since:%Y-%m-%d}"
            query = urlencode({"q": words, "sort": "updated", "order": "desc", "per_page": 100})
            path = f"search/issues?{query}"
            for issue in self._all("threads of the account", path, Issue, "items", part="search"):
                yield issue.path, issue

    def _thread(self, path: str, issue: Issue | None) -> Thread | None:
        """Read what was said in a thread; what can not be had is a gap."""
        thread = self._change(path) if issue is None or issue.is_change else Thread(top=issue)
        if thread is not None and thread.top.comments:
            where = f"repos/{thread.top.repository}/issues/{thread.top.number}/comments?per_page=100"
            thread.comments = list(self._all("comments in threads", where, Comment))
        return thread

    def _change(self, path: str) -> Thread | None:
        """Read a change, what was said on its lines, and its reviews."""
        reply = self.source.ask("changes", self._url(path), **self._manners())
        top = reply and self.source.shape("changes", reply.url, reply.json, Issue)
        if not top:
            return None
        reviews = list(self._all("reviews", f"{path}/reviews?per_page=100", Review))
        lines: list[Comment] = []
        if top.review_comments:
            lines = list(self._all("comments on changes", f"{path}/comments?per_page=100", Comment))
        return Thread(top=top, line_comments=lines, reviews=reviews)


def _reactions_path(page: str) -> str | None:
    """Return where the reactions to a post are listed, by the address of its page."""
    found = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+)/(?:issues|pull)/(\d+)(?:#(\w+?)[-_]?r?(\d+))?", page)
    if found is None:
        return None
    repository, number, kind, key = found.groups()
    if kind is None:
        return f"repos/{repository}/issues/{number}/reactions"
    where = {"issuecomment": "issues", "discussion": "pulls"}.get(kind)
    return f"repos/{repository}/{where}/comments/{key}/reactions" if where else None


def spelled(account: str) -> str:
    """Return the login in `@Ada`, `Ada` or the address of its page, in lower case."""
    found = _LOGIN.fullmatch(account.removeprefix("https://github.com/"))
    if found is None:
        raise UnknownAccountError(f"not an account of GitHub: {account!r}")
    return found[1].lower()
