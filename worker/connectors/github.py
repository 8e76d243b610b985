"""GitHub: what people say and do in public repositories, thread by thread."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from candor.names.work_accounts import GHOST
from worker.connectors.connector import (
    Connector,
    ConnectorFacts,
    UnknownAccountError,
    public_profile,
    unavailable_profile,
)
from worker.connectors.github_posts import (
    ANSWERED,
    STARTED,
    Comment,
    Discussions,
    DiscussionsAnswer,
    Issue,
    Reaction,
    Review,
    Thread,
    User,
    account_of,
    discussion_parts,
)
from worker.connectors.network_client import UNEXPECTED, check_same, next_link, read
from worker.outbound import GoneError, OutboundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from candor.scoring.activity import Activity
    from worker.connectors.connector import AccountProfile
    from worker.outbound import Reply

T = TypeVar("T")
HOST = "api.github.com"
_GROUP = re.compile(r"(?:https://github\.com/)?(?:orgs/)?([A-Za-z\d-]+)(?:/(?:teams/)?([\w.-]+))?")
_CHANGE = re.compile(r"repos/[\w.-]+/[\w.-]+/pulls/\d+")
_KIND = {"+1": 1.0, "heart": 1.0, "hooray": 1.0, "rocket": 1.0, "-1": -1.0}
_VOUCHES = 10


class _Change(msgspec.Struct):
    url: str


class _Payload(msgspec.Struct):
    pull_request: _Change | None = None
    issue: msgspec.Raw = msgspec.Raw()


class _Event(msgspec.Struct):
    payload: _Payload


class _Found(msgspec.Struct):
    """What a page of search says beside what it found."""

    total_count: int = 0
    incomplete_results: bool = False


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

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 as Connector
        super().__init__(*args, **named)
        self._reactions: dict[str, int] = {}

    def profile(self, account: str) -> AccountProfile:
        """See Connector. One request."""
        name = str(self.canonical_name(account))
        try:
            reply = self._get(f"users/{quote(name)}")
        except GoneError as error:
            if error.reply is None or not error.is_told:
                raise
            return unavailable_profile(name, error.reply.fetched_at, "account not found on GitHub", gone=True)
        found = read(reply, User)
        if found.account == GHOST:
            return unavailable_profile(name, reply.fetched_at, "it stands for every deleted account", gone=True)
        check_same(name, found.account, reply)
        facts = {"name": found.name or found.login, "bio": found.bio, "url": found.html_url}
        return public_profile(reply, found.kind, actor=found.account, followers=found.followers, **facts)

    def activities(self, account: str, since: datetime, until: datetime) -> Iterator[Activity]:
        """See Connector. Whole threads, the newest first, then discussions. What others said there comes along."""
        del until
        name = str(self.canonical_name(account))
        seen: set[str] = set()
        for path, issue in self._found(name, since):
            thread = None if path in seen else self._thread(path, issue)
            seen.add(path)
            if thread is not None:
                self._reactions |= dict(thread.reactions)
                yield from self.records_of_each("threads", HOST, thread.parts())
        if self.client.token(HOST):
            yield from self._discussions(name)

    def recognition(self, posts: Iterable[Activity]) -> Iterator[Activity]:
        """See Connector. Reactions, where there are any; they count for nothing: all the rest stood in the threads."""
        for post in posts:
            path, count = _reactions_path(post.id or ""), self._reactions.get(post.id or "")
            if path is None or count == 0 or post.type not in {"note", "question", "reply"}:
                continue
            pages = self._pages("reactions", f"{path}?per_page=100")
            for reaction in self.client.counted("reactions", pages, Reaction, count or 0):
                if (by := account_of(reaction.user)) is not None:
                    said = {"actor": by, "published": reaction.created_at}
                    of = {"object": post.id, "target_actor": post.actor, "value": _KIND.get(reaction.content)}
                    key = f"{post.id}#reaction-{reaction.id}"
                    yield from self.act("reactions", HOST, type="like", id=key, **said, **of)

    def vouches_of(self, account: str) -> Iterator[Activity]:
        """See Connector. The changes it took among its newest events, at most ten."""
        name = str(self.canonical_name(account))
        changes = [found for event in self._events(name) if (found := self._change_path(event))]
        for path in list(dict.fromkeys(changes))[:_VOUCHES]:
            thread = self._change(path)
            made = self.records_of_each("threads", HOST, thread.parts()) if thread else ()
            yield from (each for each in made if each.type == "accept" and each.actor == name)

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
        return f"{self.client.origin(HOST)}/{path}"

    def _get(self, path: str) -> Reply:
        return self.client.outbound.get_json(self._url(path), **self._manners())

    def _manners(self) -> dict[str, Any]:
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        return {"headers": headers, "credential": self.client.bearer(HOST)}

    def _pages(self, what: str, path: str, part: str = "") -> Iterator[Reply]:
        return self.client.pages(what, self._url(path), next_link, part=part, **self._manners())

    def _all(self, what: str, path: str, kind: type[T]) -> Iterator[T]:
        for reply in self._pages(what, path):
            yield from self.client.items(what, reply, kind)

    def _events(self, name: str) -> Iterator[_Payload]:
        path = f"users/{quote(name)}/events/public?per_page=100"
        return (event.payload for event in self._all("events of the account", path, _Event))

    def _change_path(self, payload: _Payload) -> str | None:
        """Return where the change is kept that an event is about."""
        url = payload.pull_request.url if payload.pull_request else ""
        found = _CHANGE.fullmatch(url.removeprefix(self._url("")))
        return found[0] if found else None

    def _found(self, name: str, since: datetime) -> Iterator[tuple[str, Issue | None]]:
        """Yield where the threads are that the account had a part in: by its newest events, then by search."""
        what = "events of the account"
        for payload in self._events(name):
            if path := self._change_path(payload):
                yield path, None
            elif bytes(payload.issue) not in {b"", b"null"} and (
                issue := self.client.shape(what, HOST, payload.issue, Issue)
            ):
                yield issue.path, issue
        for words in (f"is:issue involves:{name}", f"is:pull-request (involves:{name} OR reviewed-by:{name})"):
            for issue in self._searched(f"{words} is:public updated:>={since:%Y-%m-%d}"):
                yield issue.path, issue

    def _searched(self, words: str) -> Iterator[Issue]:
        """Yield the issues, or the changes, that search finds, the newest first. It shows a thousand of them."""
        what = "threads of the account"
        query = {"q": words, "advanced_search": "true", "sort": "updated", "order": "desc", "per_page": 100}
        shown = counted = 0
        for reply in self._pages(what, f"search/issues?{urlencode(query)}", part="search"):
            said = self.client.shape(what, HOST, reply.body, _Found) or _Found()
            shown, counted = shown + reply.length("items"), max(counted, said.total_count)
            if said.incomplete_results:
                self.client.gaps.add(what, f"{HOST}: search ended before it had found all")
            yield from self.client.items(what, reply, Issue, "items")
        self.client.gaps.add_hidden(what, HOST, shown, counted)

    def _thread(self, path: str, issue: Issue | None) -> Thread | None:
        """Read what was said in a thread; what cannot be had is a gap."""
        thread = self._change(path) if issue is None or issue.is_change else Thread(top=issue)
        if thread is not None and thread.top.comments:
            where = f"repos/{thread.top.repository}/issues/{thread.top.number}/comments?per_page=100"
            what = "comments in threads"
            thread.comments = list(self.client.counted(what, self._pages(what, where), Comment, thread.top.comments))
        return thread

    def _change(self, path: str) -> Thread | None:
        """Read a change, what was said on its lines, and its reviews."""
        top = self.client.ask_for("changes", self._url(path), Issue, apart=True, **self._manners())
        if top is None:
            return None
        reviews = list(self._all("reviews", f"{path}/reviews?per_page=100", Review))
        lines: list[Comment] = []
        if top.review_comments:
            what = "comments on changes"
            pages = self._pages(what, f"{path}/comments?per_page=100")
            lines = list(self.client.counted(what, pages, Comment, top.review_comments))
        return Thread(top=top, line_comments=lines, reviews=reviews)

    def _discussions(self, name: str) -> Iterator[Activity]:
        """Yield the discussions that an account took part in, and those it started. What cannot be had is a gap."""
        for fields in (ANSWERED, STARTED):
            query = f"query($login:String!,$after:String){{user(login:$login){{page:{fields}}}}}}}"
            for page in self._discussion_pages(query, login=name):
                for node in page.nodes:
                    if node is not None:
                        yield from self.records_of_each("discussions", HOST, discussion_parts(node))

    def _discussion_pages(self, query: str, **variables: str) -> Iterator[Discussions]:
        after: str | None = None
        seen: set[str | None] = set()
        while after not in seen:
            seen.add(after)
            body = {"query": query, "variables": {**variables, "after": after}}
            try:
                reply = self.client.outbound.post_json(self._url("graphql"), body, part="graphql", **self._manners())
            except OutboundError as error:
                self.client.gaps.add("discussions", error.words)
                return
            answer = self.client.shape("discussions", HOST, reply.body, DiscussionsAnswer) or DiscussionsAnswer()
            for said in answer.errors:
                self.client.gaps.add("discussions", f"{HOST}: {said.type or said.message[:100] or UNEXPECTED}")
            if answer.page is None:
                if not answer.errors:
                    self.client.gaps.add("discussions", f"{HOST}: {UNEXPECTED}")
                return
            for shown, counted in answer.page.cut:
                self.client.gaps.add_hidden("comments in discussions", HOST, shown, counted)
            yield answer.page
            following = answer.page.page_info
            if not following.has_next_page:
                return
            after = following.end_cursor
        self.client.gaps.add("discussions", f"{HOST}: pagination loop")


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
