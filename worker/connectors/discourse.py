"""Discourse, on any host: topics, posts, accepted answers, and likes as facts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, unquote, urlencode

import msgspec

from candor.formats.dumps.discourse import EVERYBODYS, Solution, replied_to, solution_of
from candor.formats.lenient import NEEDED
from candor.names.accounts import lenient_namer
from candor.scoring.account_kinds import by_sign
from candor.scoring.activity import Instant
from candor.scoring.markup import own_html, plain
from worker.connectors.connector import Connector, ConnectorFacts, one, public_profile, record, unavailable_profile
from worker.connectors.network_client import check_same, read
from worker.outbound import GoneError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from candor.scoring.activity import AccountKind, Activity
    from worker.connectors.connector import AccountProfile
    from worker.outbound import Reply


_LIKE = 2
_SAID = frozenset({1, 2})  # regular posts and those of moderators; others tell what was done to the topic
_LINK = re.compile(r"<a\s[^<>]{0,1000}>")
_IS_MENTION = re.compile(r"""\sclass=["'](?:[^"'<>]*\s)?mention(?:\s[^"'<>]*)?["']""")
_MENTIONED = re.compile(r"""\shref=["'][^"'<>]{0,200}/u/([^"'/<>?#]{1,100})["']""")

_IN_TOPICS = "posts in topics"
_BATCH = 20
_MOST_POSTS = 200
_TOPICS_OF_VOUCHES = 10
_WORDS_OF_ERRORS = frozenset({"errors", "error_type"})
_LIKED, _STARTED, _POSTED = 1, 4, 5


class _Count(msgspec.Struct):
    id: int
    count: int = 0


class _Tag(msgspec.Struct):
    name: str


class Post(msgspec.Struct):
    """A post; `cooked` is its HTML."""

    id: int
    created_at: Instant
    post_number: int
    username: str | None = None
    user_id: int | None = None
    cooked: str = ""
    reply_to_post_number: int | None = None
    post_type: Annotated[int, NEEDED] = 1
    actions_summary: list[_Count] = []
    accepted_answer: bool = False
    hidden: Annotated[bool, NEEDED] = False
    user_deleted: Annotated[bool, NEEDED] = False
    deleted_at: Annotated[str | None, NEEDED] = None
    admin: bool = False
    moderator: bool = False
    staff: bool = False

    @property
    def readable(self) -> bool:
        """Say whether it is somebody's words and still stands: not of an account that was deleted."""
        said = self.post_type in _SAID and bool(self.username)
        return said and not (self.hidden or self.user_deleted or self.deleted_at)

    @property
    def actor(self) -> str:
        """Return who wrote it, as records name accounts."""
        return (self.username or "").lower()

    @property
    def words(self) -> str:
        """Return what it says in its author's own words."""
        return plain(self.cooked)

    @property
    def likes(self) -> int:
        """Return how many like it."""
        return sum(each.count for each in self.actions_summary if each.id == _LIKE)

    @property
    def named(self) -> list[str]:
        """Return whom it names with an @, in lower case: not in what it quotes, nor in code."""
        links = (link for link in _LINK.findall(own_html(self.cooked)) if _IS_MENTION.search(link))
        found = (named[1] for link in links if (named := _MENTIONED.search(link)))
        return list(dict.fromkeys(unquote(name).lower() for name in found))


class _Stream(msgspec.Struct):
    posts: list[Post] = []
    stream: list[int] = []


class Topic(msgspec.Struct):
    """A topic with the posts read so far; `stream` has the ids of all. Since 2026 several answers may be accepted."""

    post_stream: _Stream
    id: int = 0
    title: str = ""
    archetype: Annotated[str, NEEDED] = "regular"
    visible: Annotated[bool, NEEDED] = True
    deleted_at: Annotated[str | None, NEEDED] = None
    posts_count: int = 0
    tags: list[str | _Tag] = []
    accepted_answer: Solution | None = None
    accepted_answers: list[Solution] = []

    @property
    def readable(self) -> bool:
        """Say whether it is listed for everybody; messages to some are of other kinds."""
        return self.archetype in EVERYBODYS and self.visible and not self.deleted_at

    def parts(self, host: str) -> Iterator[Iterator[Activity]]:
        """Yield the records of each post and act: the first post asks, the others reply to it or to one another.

        To go on with one may raise one of MALFORMED.
        """
        posts = sorted((post for post in self.post_stream.posts if post.readable), key=lambda post: post.post_number)
        key_of = {post.post_number: post_id(host, post.id) for post in posts}
        first = key_of.get(1, f"{host}/topic/{self.id}")
        asker = posts[0].actor if posts and posts[0].post_number == 1 else None
        to = replied_to(posts, self.id)
        told = [*self.accepted_answers, *([self.accepted_answer] if self.accepted_answer else [])]
        for post in posts:
            answered = to[post.post_number]
            yield self._post(host, post, key_of.get(answered, first if answered == 1 else f"{first}/{answered}"))
            if post.post_number != 1 and (solution := solution_of(post, told)) is not None:
                towards = {"object": key_of[post.post_number], "target_actor": post.actor}
                by = solution.by.lower() if solution.by else asker
                act = {"actor": by, "published": post.created_at}
                yield one(type="accept", id=f"{key_of[post.post_number]}/accept", **towards, **act)

    def _post(self, host: str, post: Post, under: str) -> Iterator[Activity]:
        key = post_id(host, post.id)
        act: dict[str, Any] = {"actor": post.actor, "published": post.created_at}
        text, page = post.words, f"https://{host}/t/{self.id}/{post.post_number}"
        if post.post_number == 1:
            tags = [tag if isinstance(tag, str) else tag.name for tag in self.tags]
            yield record(type="question", id=key, url=page, content=f"{self.title}\n\n{text}".strip(), tags=tags, **act)
        else:
            yield record(type="reply", id=key, url=page, content=text, object=under, **act)
        for name in post.named:
            yield record(type="mention", id=f"{key}/mention/{name}", object=key, target_actor=name, **act)


class _MorePosts(msgspec.Struct):
    posts: list[msgspec.Raw]


class _More(msgspec.Struct):
    post_stream: _MorePosts


def post_id(host: str, number: int) -> str:
    """Return the id that records use for a post."""
    return f"{host}/post/{number}"


class _User(msgspec.Struct):
    username: str
    id: int = 0
    name: str | None = None
    bio_cooked: str | None = None
    profile_hidden: Annotated[bool, NEEDED] = False
    suspended_till: Annotated[str | None, NEEDED] = None

    @property
    def kind(self) -> tuple[AccountKind, str]:
        """Say what stands behind it: the software's own accounts have numbers below zero."""
        return by_sign("discourse", "id below 0" if self.id < 0 else "")


class _UserPage(msgspec.Struct):
    user: _User


class _Deed(msgspec.Struct):
    """What the page of an account's activity shows."""

    created_at: Instant
    topic_id: int
    post_id: int | None = None
    username: str = ""


class _Liker(msgspec.Struct):
    username: str


class Discourse(Connector):
    """Topics are found by what the account's page shows, and read with all that was said in them."""

    facts = ConnectorFacts(
        family="discourse",
        profile="forum",
        terms="the public pages of the forum as JSON, under its own terms of service",
        limits="by default 200 requests a minute and 50 in ten seconds, told by Retry-After",
        consent=("hidden profile", "suspended", "deleted"),
        unseen={
            "times": "when an answer was accepted or a post liked is not shown: dated as the post itself",
            "long_topics": "of a topic with more than 200 posts only the first 200 are read",
            "closed_categories": "what is shown to members only, and topics that are not listed",
        },
    )

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 as Connector
        super().__init__(*args, **named)
        self._host = self.network.partition(":")[2].lower()
        self._liked: dict[str, int] = {}

    def profile(self, account: str) -> AccountProfile:
        """See Connector. One request."""
        name = str(self.canonical_name(account))
        try:
            reply = self.client.outbound.get_json(self._url(f"u/{quote(name)}.json"))
        except GoneError as error:
            if error.reply is None or not (error.reply.parts.keys() & _WORDS_OF_ERRORS):
                raise
            return unavailable_profile(name, error.reply.fetched_at, "account not found on the forum", gone=True)
        found = read(reply, _UserPage).user
        if found.profile_hidden or found.suspended_till:
            self.client.outbound.forget(reply)
            reason = "suspended by the forum" if found.suspended_till else "its owner hides the profile"
            return unavailable_profile(name, reply.fetched_at, reason, gone=bool(found.suspended_till))
        check_same(name, lenient_namer(self.network)(found.username), reply)
        facts = {"name": found.name or found.username, "bio": plain(found.bio_cooked or "")}
        return public_profile(reply, found.kind, actor=name, url=self._url(f"u/{quote(name)}"), **facts)

    def activities(self, account: str, since: datetime, until: datetime) -> Iterator[Activity]:
        """See Connector. Whole topics, the newest first, with what others said there; then likes given."""
        name = str(self.canonical_name(account))
        seen: set[int] = set()
        for deed in self._deeds(name, f"{_STARTED},{_POSTED}", since, until):
            if deed.topic_id not in seen:
                seen.add(deed.topic_id)
                yield from self._topic(deed.topic_id)
        for deed in self._deeds(name, str(_LIKED), since, until):
            if deed.post_id is not None:
                liked = post_id(self._host, deed.post_id)
                said = {"object": liked, "target_actor": deed.username.lower() or None, "published": deed.created_at}
                yield from self.act(
                    "likes given", self._host, type="like", id=f"{liked}/like/{name}", actor=name, **said
                )

    def recognition(self, posts: Iterable[Activity]) -> Iterator[Activity]:
        """See Connector. Likes, which count for nothing: all the rest stood in the topics."""
        for post in posts:
            if not self._liked.get(post.id or ""):
                continue
            number, count = str(post.id).rpartition("/")[2], self._liked[post.id or ""]
            reply = self.client.ask("likes", self._url("post_action_users.json", id=number, post_action_type_id=2))
            replies = [reply] if reply else []
            for liker in self.client.counted("likes", replies, _Liker, count, "post_action_users"):
                by = liker.username.lower()
                said = {"object": post.id, "target_actor": post.actor, "published": post.published}
                yield from self.act("likes", self._host, type="like", id=f"{post.id}/like/{by}", actor=by, **said)

    def vouches_of(self, account: str) -> Iterator[Activity]:
        """See Connector. Which answers it accepted in its newest ten topics."""
        name = str(self.canonical_name(account))
        topics = list(dict.fromkeys(deed.topic_id for deed in next(self._pages(name, str(_STARTED)), [])))
        for number in topics[:_TOPICS_OF_VOUCHES]:
            yield from (each for each in self._topic(number) if each.type == "accept" and each.actor == name)

    def _url(self, path: str, **query: str | int) -> str:
        return f"{self.client.origin(self._host)}/{path}" + (f"?{urlencode(query)}" if query else "")

    def _deeds(self, name: str, kinds: str, since: datetime, until: datetime) -> Iterator[_Deed]:
        for page in self._pages(name, kinds):
            yield from (deed for deed in page if since <= deed.created_at < until)
            if page and all(deed.created_at < since for deed in page):
                return

    def _pages(self, name: str, kinds: str) -> Iterator[list[_Deed]]:
        """Yield what the account's page shows, the newest first. An empty page is the last one."""
        what, offset, before = "activity of the account", 0, b""
        first = self._url("user_actions.json", username=name, filter=kinds)

        def _following(reply: Reply) -> str | None:
            nonlocal offset, before
            shown = reply.length("user_actions")
            if shown and reply.body == before:
                self.client.gaps.add(what, f"{self._host}: pagination loop")
                return None
            offset, before = offset + shown, reply.body
            return f"{first}&offset={offset}" if shown else None

        for reply in self.client.pages(what, first, _following):
            yield self.client.items(what, reply, _Deed, "user_actions")

    def _topic(self, number: int) -> Iterator[Activity]:
        """Read a topic, the rest of its posts in batches; what cannot be had is a gap."""
        what = "topics"
        topic = self.client.ask_for(what, self._url(f"t/{number}.json"), Topic, apart=True)
        if topic is None:
            return
        if not topic.readable:
            self.client.gaps.add(what, f"{self._host}: unlisted, deleted, or a message to some")
            return
        topic.id = number
        shown = {post.id for post in topic.post_stream.posts}
        stream = topic.post_stream.stream
        missing = [key for key in stream[:_MOST_POSTS] if key not in shown]
        if len(stream) > _MOST_POSTS:
            self.client.gaps.add("long topics", f"{self._host}: only the first {_MOST_POSTS} posts are read")
        self.client.gaps.add_hidden(_IN_TOPICS, self._host, len(stream or shown), topic.posts_count)
        for start in range(0, len(missing), _BATCH):
            topic.post_stream.posts += self._more(number, missing[start : start + _BATCH])
        self._met(post for post in topic.post_stream.posts if post.readable)
        self._liked |= {post_id(self._host, post.id): post.likes for post in topic.post_stream.posts}
        yield from self.records_of_each(what, self._host, topic.parts(self._host))

    def _met(self, posts: Iterable[Post]) -> None:
        """Take note of who wrote posts: a whole forum's reader does."""

    def _more(self, number: int, keys: list[int]) -> list[Post]:
        """Read more posts of a topic, by their numbers."""
        query = urlencode([("post_ids[]", key) for key in keys])
        more = self.client.ask_for(_IN_TOPICS, f"{self._url(f't/{number}/posts.json')}?{query}", _More)
        if more is None:
            return []
        self.client.gaps.add_hidden(_IN_TOPICS, self._host, len(more.post_stream.posts), len(keys))
        return self.client.shapes(_IN_TOPICS, self._host, more.post_stream.posts, Post)
