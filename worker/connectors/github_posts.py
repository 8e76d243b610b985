"""The shapes of GitHub's answers that we read, and the records made of issues, changes, reviews and discussions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from candor.names.work_accounts import GHOST
from candor.scoring.account_kinds import by_sign
from candor.scoring.activity import Instant
from candor.scoring.markup import own_words
from worker.connectors.connector import one, record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from candor.scoring.activity import AccountKind, Activity

_BOT = "[bot]"
_NAMED = re.compile(r"(?<![\w/`@])@([A-Za-z\d](?:[A-Za-z\d]|-(?=[A-Za-z\d])){0,38})(?![\w/])")
_WHO = "{login __typename}"
_SAID = f"url createdAt body author{_WHO}"
_COMMENTS = (
    f"nodes{{{_SAID} isAnswer replyTo{{url createdAt}} replies(first:50){{totalCount nodes{{{_SAID}}}}} DISCUSSION}}"
    " pageInfo{endCursor hasNextPage}"
)
_TOP = f"{_SAID} title answerChosenAt answerChosenBy{_WHO} repository{{isPrivate}}"
ANSWERED = "repositoryDiscussionComments(first:50,after:$after){" + _COMMENTS.replace(
    "DISCUSSION", f"discussion{{{_TOP}}}"
)
_WHOLE = (
    f"nodes{{{_TOP} updatedAt comments(first:50){{totalCount {_COMMENTS.replace('DISCUSSION', '')}}}}}"
    " pageInfo{endCursor hasNextPage}"
)
STARTED = f"repositoryDiscussions(first:50,after:$after){{{_WHOLE}"
UPDATED = f"discussions(first:50,after:$after,orderBy:{{field:UPDATED_AT,direction:DESC}}){{{_WHOLE}"
_MAINTAINERS = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})


class User(msgspec.Struct):
    """Who wrote something. GitHub shows deleted users as none, or as one account that stands for them all."""

    login: str
    type: str = ""
    typename: str = msgspec.field(name="__typename", default="")
    name: str | None = None
    bio: str | None = None
    html_url: str | None = None
    followers: int | None = None

    @property
    def account(self) -> str:
        """Return the name in lower case: GitHub takes no notice of case. GraphQL leaves out the end of a bot's name."""
        name = self.login.lower()
        return f"{name}{_BOT}" if self.typename == "Bot" and not name.endswith(_BOT) else name

    @property
    def kind(self) -> tuple[AccountKind, str]:
        """Say what stands behind it: by GitHub's terms an account of type User is one person's."""
        return by_sign("github", f"type {self.type or self.typename}")


def account_of(user: User | None) -> str | None:
    """Return the name of whoever it was, None where the account was deleted."""
    return user.account if user and user.account not in {"", GHOST} else None


class Reactions(msgspec.Struct):
    """How many reactions there are to a post."""

    total_count: int | None = None


class Label(msgspec.Struct):
    """A label of an issue or change."""

    name: str


class Issue(msgspec.Struct):
    """An issue or a change; what only changes have is set where it is shown as a change."""

    html_url: str
    number: int
    created_at: Instant
    title: str = ""
    body: str | None = None
    user: User | None = None
    author_association: str = ""
    labels: list[Label | str] = []
    reactions: Reactions | None = None
    comments: int = 0
    review_comments: int = 0
    merged_at: Instant | None = None
    merged_by: User | None = None

    @property
    def repository(self) -> str:
        """Return the `owner/name` that it belongs to."""
        return "/".join(self.html_url.split("/")[3:5])

    @property
    def is_change(self) -> bool:
        """Say whether it proposes a change."""
        return self.html_url.split("/")[-2:-1] == ["pull"]

    @property
    def path(self) -> str:
        """Return where the interface keeps it."""
        return f"repos/{self.repository}/{'pulls' if self.is_change else 'issues'}/{self.number}"


class Comment(msgspec.Struct):
    """A comment on an issue or change, or on a line of the change."""

    id: int
    html_url: str
    created_at: Instant
    body: str | None = None
    user: User | None = None
    author_association: str = ""
    reactions: Reactions | None = None
    in_reply_to_id: int | None = None


class Review(msgspec.Struct):
    """A review of a change."""

    html_url: str
    state: str
    submitted_at: Instant | None = None
    body: str | None = None
    user: User | None = None
    author_association: str = ""

    def judged_before(self, at: datetime) -> bool:
        """Say whether it approved the change, or asked for another, before then."""
        return (
            self.state in {"APPROVED", "CHANGES_REQUESTED"}
            and self.submitted_at is not None
            and self.submitted_at <= at
        )


class Reaction(msgspec.Struct):
    """Somebody's reaction to a post."""

    id: int
    content: str
    created_at: Instant
    user: User | None = None


class Thread(msgspec.Struct):
    """An issue or change with all that was said about it."""

    top: Issue
    comments: list[Comment] = []
    line_comments: list[Comment] = []
    reviews: list[Review] = []

    def parts(self) -> Iterator[Iterator[Activity]]:
        """Yield the records of each post and act in the thread. To go on with one may raise one of MALFORMED."""
        top = self.top
        kind = "note" if top.is_change else "question"
        text = f"{top.title}\n\n{top.body or ''}".strip()
        tags = [label if isinstance(label, str) else label.name for label in top.labels]
        yield post_records(kind, top.html_url, top.user, top.created_at, text, tags=tags)
        yield from self._said()
        yield from self._on_lines()
        yield from self._reviewed()
        by = account_of(top.merged_by)
        if top.merged_at is not None and by is not None:
            yield from self._taken(by, top.merged_at)

    @property
    def reactions(self) -> Iterator[tuple[str, int]]:
        """Yield how many reactions the posts have, where GitHub says so."""
        posts: list[Issue | Comment] = [self.top, *self.comments, *self.line_comments]
        for post in posts:
            if post.reactions is not None and post.reactions.total_count is not None:
                yield post.html_url, post.reactions.total_count

    @property
    def people(self) -> Iterator[User]:
        """Yield whom GitHub shows as having a part in it."""
        posts: list[Issue | Comment | Review] = [self.top, *self.comments, *self.line_comments, *self.reviews]
        shown = (*(post.user for post in posts), self.top.merged_by)
        return (user for user in shown if user is not None and account_of(user) is not None)

    @property
    def maintainers(self) -> Iterator[str]:
        """Yield who looks after the repository: its owner, members, collaborators, and who took the change."""
        posts: list[Issue | Comment | Review] = [self.top, *self.comments, *self.line_comments, *self.reviews]
        for post in posts:
            if post.author_association in _MAINTAINERS and (by := account_of(post.user)):
                yield by
        if by := account_of(self.top.merged_by):
            yield by

    def _said(self) -> Iterator[Iterator[Activity]]:
        """Comments stand in a row: one that names somebody answers that one's newest comment, any other the top."""
        newest: dict[str, str] = {}
        for comment in sorted(self.comments, key=lambda comment: (comment.created_at, comment.id)):
            named = next((newest[name] for name in names_in(comment.body) if name in newest), None)
            yield _comment(comment, named or self.top.html_url)
            if (by := account_of(comment.user)) is not None:
                newest[by] = comment.html_url

    def _on_lines(self) -> Iterator[Iterator[Activity]]:
        url_of = {comment.id: comment.html_url for comment in self.line_comments}
        for comment in self.line_comments:
            yield _comment(comment, url_of.get(comment.in_reply_to_id or 0, self.top.html_url))

    def _reviewed(self) -> Iterator[Iterator[Activity]]:
        """A review is help given by the reviewer to the author; the author's own remarks in between are replies."""
        for review in self.reviews:
            by = account_of(review.user)
            if review.submitted_at is None or by is None:
                continue
            to = {"object": self.top.html_url, "target_actor": account_of(self.top.user)}
            if to["target_actor"] == by:
                if review.body:
                    yield post_records("reply", review.html_url, review.user, review.submitted_at, review.body, **to)
                continue
            value = {"APPROVED": 1.0, "CHANGES_REQUESTED": -1.0}.get(review.state)
            said = {"value": value, **to}
            yield post_records("review", review.html_url, review.user, review.submitted_at, review.body or "", **said)

    def _taken(self, by: str, at: datetime) -> Iterator[Iterator[Activity]]:
        """Who merged took the change, and with it the reviews that judged it: the page of the merge names them."""
        author = account_of(self.top.user)
        act: dict[str, Any] = {"type": "accept", "actor": by, "published": at, "url": self.top.html_url}
        if by != author:
            towards = {"object": self.top.html_url, "target_actor": author}
            yield one(id=f"{self.top.html_url}#merged", **towards, **act)
        for review in self.reviews:
            reviewer = account_of(review.user)
            if review.judged_before(at) and reviewer not in {None, by, author}:
                towards = {"object": review.html_url, "target_actor": reviewer}
                yield one(id=f"{review.html_url}#taken", **towards, **act)


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
    updated_at: Instant | None = None
    discussion: Discussion | None = None
    reply_to: Discussion | None = None
    replies: Discussions | None = None
    repository: dict[str, bool] | None = None
    comments: Discussions | None = None


class PageInfo(msgspec.Struct, rename="camel"):
    """Where a page of GraphQL's ends, and whether there is another."""

    end_cursor: str | None = None
    has_next_page: bool = False


class Discussions(msgspec.Struct, rename="camel"):
    """A page of discussions, or of their comments."""

    nodes: list[Discussion | None]
    page_info: PageInfo = msgspec.field(default_factory=PageInfo)
    total_count: int = 0

    @property
    def cut(self) -> Iterator[tuple[int, int]]:
        """Yield how many of how many comments and replies are shown, under each of these."""
        for node in self.nodes:
            for below in (node.comments, node.replies) if node else ():
                if below is not None:
                    yield len(below.nodes), below.total_count
                    yield from below.cut


class DiscussionsOf(msgspec.Struct):
    """What a user takes part in, or what a repository holds."""

    page: Discussions


class DiscussionsData(msgspec.Struct):
    """What GraphQL says of a user, none where the account is an organisation; or of a repository."""

    user: DiscussionsOf | None = None
    repository: DiscussionsOf | None = None


class GraphError(msgspec.Struct):
    """Why GraphQL leaves something out, beside a good status."""

    message: str = ""
    type: str = ""


class DiscussionsAnswer(msgspec.Struct):
    """The answer to one of the queries above."""

    data: DiscussionsData | None = None
    errors: list[GraphError] = []

    @property
    def page(self) -> Discussions | None:
        """The discussions, where there are any to be seen."""
        found = (self.data.user or self.data.repository) if self.data else None
        return found.page if found else None


def discussion_parts(node: Discussion) -> Iterator[Iterator[Activity]]:
    """Yield the records of each post that a node shows: a comment brings its discussion along, that its comments."""
    top = node.discussion or node
    comments = [node] if node.discussion else [each for each in (node.comments.nodes if node.comments else []) if each]
    if "isPrivate" not in (top.repository or {}):
        yield _untold()
    if top.repository == {"isPrivate": False}:
        yield from _discussion(top, comments)


def _untold() -> Iterator[Activity]:
    raise msgspec.ValidationError("whether everybody may see it is not told")
    yield


def _discussion(top: Discussion, comments: Iterable[Discussion]) -> Iterator[Iterator[Activity]]:
    """Yield a discussion with these comments, their replies, and who chose which answer."""
    yield post_records("question", top.url, top.author, top.created_at, f"{top.title}\n\n{top.body}".strip())
    for comment in comments:
        kind, under = ("reply", comment.reply_to.url) if comment.reply_to else ("answer", top.url)
        yield post_records(kind, comment.url, comment.author, comment.created_at, comment.body, object=under)
        for reply in comment.replies.nodes if comment.replies else ():
            if reply is not None:
                yield post_records("reply", reply.url, reply.author, reply.created_at, reply.body, object=comment.url)
        if comment.is_answer and top.answer_chosen_at and (by := account_of(top.answer_chosen_by)):
            towards = {"object": comment.url, "target_actor": account_of(comment.author)}
            act = {"actor": by, "published": top.answer_chosen_at}
            yield one(type="accept", id=f"{comment.url}#answer", **towards, **act)


def names_in(text: str | None) -> list[str]:
    """Return the accounts that a text names with an @, in lower case, in order: not in its code, nor in quotes."""
    names = (name.lower() for name in _NAMED.findall(own_words(text or "")))
    return [name for name in dict.fromkeys(names) if name != GHOST]


def _comment(comment: Comment, under: str) -> Iterator[Activity]:
    yield from post_records(
        "reply", comment.html_url, comment.user, comment.created_at, comment.body or "", object=under
    )


def post_records(
    kind: str,
    url: str,
    user: User | None,
    at: datetime,
    text: str,
    **more: Any,  # noqa: ANN401 fields of a record
) -> Iterator[Activity]:
    """Yield a post, by the address of its page, and whom it names. May raise MALFORMED."""
    actor = account_of(user)
    yield record(type=kind, id=url, url=url, actor=actor, published=at, content=text, **more)
    for name in names_in(text):
        towards = {"object": url, "target_actor": name}
        yield record(type="mention", id=f"{url}#mention-{name}", actor=actor, published=at, **towards)
