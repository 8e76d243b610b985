"""GitHub's discussions: questions with answers, one of them chosen. Only GraphQL shows them, to who has a token."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from candor.scoring.activity import Instant
from worker.connectors.github_threads import User, post_records
from worker.connectors.source import record
from worker.outbound import OutboundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from candor.scoring.activity import Activity
    from worker.connectors.source import Source

_WHAT = "discussions"
_SAID = "url createdAt body author{login}"
_COMMENTS = (
    f"nodes{{{_SAID} isAnswer replyTo{{url createdAt}} replies(first:50){{nodes{{{_SAID}}}}} DISCUSSION}}"
    " pageInfo{endCursor hasNextPage}"
)
_TOP = f"{_SAID} title answerChosenAt answerChosenBy{{login}} repository{{isPrivate}}"
_ANSWERED = "repositoryDiscussionComments(first:50,after:$after){" + _COMMENTS.replace(
    "DISCUSSION", f"discussion{{{_TOP}}}"
)
_STARTED = (
    f"repositoryDiscussions(first:50,after:$after){{nodes{{{_TOP} comments(first:50)"
    f"{{{_COMMENTS.replace('DISCUSSION', '')}}}}} pageInfo{{endCursor hasNextPage}}"
)


class Discussion(msgspec.Struct, rename="camel"):
    """A discussion, or a comment in one, as the queries above ask for it."""

    url: str
    created_at: Instant
    body: str = ""
    title: str = ""
    author: User | None = None
    is_answer: bool = False
    answer_chosen_at: Instant | None = None
    answer_chosen_by: User | None = None
    discussion: Discussion | None = None
    reply_to: Discussion | None = None
    replies: Discussions | None = None
    repository: dict[str, bool] | None = None
    comments: Discussions | None = None


class Discussions(msgspec.Struct, rename="camel"):
    """A page of discussions, or of their comments."""

    nodes: list[Discussion | None] = []
    page_info: dict[str, Any] = {}


def _records(top: Discussion, comments: Iterable[Discussion]) -> Iterator[Activity]:
    """Yield a discussion with these comments, their replies, and who chose which answer. May raise MALFORMED."""
    yield from post_records("question", top.url, top.author, top.created_at, f"{top.title}\n\n{top.body}".strip())
    for comment in comments:
        kind, under = ("reply", comment.reply_to.url) if comment.reply_to else ("answer", top.url)
        yield from post_records(kind, comment.url, comment.author, comment.created_at, comment.body, object=under)
        for reply in comment.replies.nodes if comment.replies else ():
            if reply is not None:
                yield from post_records(
                    "reply", reply.url, reply.author, reply.created_at, reply.body, object=comment.url
                )
        if comment.is_answer and top.answer_chosen_at and top.answer_chosen_by:
            towards = {"object": comment.url, "target_actor": comment.author.account if comment.author else None}
            act = {"actor": top.answer_chosen_by.account, "published": top.answer_chosen_at}
            yield record(type="accept", id=f"{comment.url}#answer", **towards, **act)


class _User(msgspec.Struct):
    page: Discussions


class _Data(msgspec.Struct):
    user: _User


class _Answer(msgspec.Struct):
    data: _Data


def discussions_of(name: str, source: Source, url: str, manners: Mapping[str, Any]) -> Iterator[Activity]:
    """Yield the discussions that an account took part in, and those it started. What can not be had is a gap."""
    for fields in (_ANSWERED, _STARTED):
        for page in _pages(name, fields, source, url, manners):
            for node in page.nodes:
                yield from source.records(_WHAT, urlsplit(url).netloc, partial(_discussed, node)) if node else ()


def _pages(name: str, fields: str, source: Source, url: str, manners: Mapping[str, Any]) -> Iterator[Discussions]:
    query = f"query($login:String!,$after:String){{user(login:$login){{page:{fields}}}}}}}"
    after: object = None
    seen: set[object] = set()
    while after not in seen:
        seen.add(after)
        body = {"query": query, "variables": {"login": name, "after": after}}
        try:
            reply = source.outbound.post_json(url, body, part="graphql", **manners)
        except OutboundError as error:
            source.gaps.add(_WHAT, error.words)
            return
        answer = source.shape(_WHAT, reply.url, reply.json, _Answer)
        if answer is None:
            return
        yield answer.data.user.page
        following = answer.data.user.page.page_info
        if not following.get("hasNextPage"):
            return
        after = str(following.get("endCursor"))


def _discussed(node: Discussion) -> Iterator[Activity]:
    """Yield what a node shows: a comment brings its discussion along, a discussion its comments."""
    top = node.discussion or node
    comments = [node] if node.discussion else [each for each in (node.comments.nodes if node.comments else []) if each]
    if top.repository == {"isPrivate": False}:
        yield from _records(top, comments)
