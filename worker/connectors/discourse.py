"""Discourse, on any host: topics, posts, accepted answers, and likes as facts."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import msgspec

from candor.formats.markup import plain
from candor.scoring.activity import Instant
from worker.connectors.base import Connector, ConnectorFacts, UnknownAccountError, open_profile, shut
from worker.connectors.discourse_topics import Post, Topic, post_id
from worker.connectors.source import one, read
from worker.outbound import GoneError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from candor.scoring.activity import Activity
    from worker.connectors.base import Profile
    from worker.outbound import Reply

_NAME = re.compile(r"@?([\w.-]{1,60})")
_BATCH = 20
_MOST_POSTS = 200
_TOPICS_OF_VOUCHES = 10
_LIKED, _STARTED, _POSTED = 1, 4, 5


class _User(msgspec.Struct):
    username: str
    name: str | None = None
    bio_cooked: str | None = None
    profile_hidden: bool = False
    suspended_till: str | None = None


class _UserPage(msgspec.Struct):
    user: _User


class _Deed(msgspec.Struct):
    """What the page of an account's activity shows."""

    created_at: Instant
    topic_id: int
    post_id: int | None = None
    username: str = ""


class _Liker(msgspec.Struct):
    id: int
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
            "closed_categories": "what is shown to members only",
        },
    )

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 as Connector
        super().__init__(*args, **named)
        self._host = self.network.partition(":")[2].lower()
        self._liked: dict[str, int] = {}

    def settled(self, account: str) -> str:
        """See Connector."""
        return spelled(account)

    def profile(self, account: str) -> Profile:
        """See Connector. One request."""
        name = spelled(account)
        try:
            reply = self.source.outbound.get_json(self._url(f"u/{quote(name)}.json"))
        except GoneError as error:
            if error.reply is None:
                raise
            return shut(name, error.reply.fetched_at, "the forum knows no such account, or no more", gone=True)
        found = read(reply, _UserPage).user
        if found.profile_hidden or found.suspended_till:
            self.source.outbound.forget(reply)
            reason = "suspended by the forum" if found.suspended_till else "its owner hides the profile"
            return shut(name, reply.fetched_at, reason, gone=bool(found.suspended_till))
        facts = {"name": found.name or found.username, "bio": plain(found.bio_cooked or ""), "kind": "unknown"}
        return open_profile(reply, actor=found.username.lower(), url=self._url(f"u/{quote(name)}"), **facts)

    def activities(self, account: str, since: datetime, until: datetime) -> Iterator[Activity]:
        """See Connector. Whole topics, the newest first, with what others said there; then likes given."""
        name = spelled(account)
        seen: set[int] = set()
        for deed in self._deeds(name, f"{_STARTED},{_POSTED}", since, until):
            if deed.topic_id not in seen:
                seen.add(deed.topic_id)
                yield from self._topic(deed.topic_id)
        for deed in self._deeds(name, str(_LIKED), since, until):
            if deed.post_id is not None:
                liked = post_id(self._host, deed.post_id)
                said = {"object": liked, "target_actor": deed.username.lower() or None, "published": deed.created_at}
                make = partial(one, type="like", id=f"{liked}/like/{name}", actor=name, **said)
                yield from self._once(self.source.records("likes given", self._host, make))

    def recognition(self, posts: Iterable[Activity]) -> Iterator[Activity]:
        """See Connector. Likes, which count for nothing: all the rest stood in the topics."""
        for post in posts:
            if not self._liked.get(post.id or ""):
                continue
            number = str(post.id).rpartition("/")[2]
            url = self._url("post_action_users.json", id=number, post_action_type_id=2)
            reply = self.source.ask("likes", url)
            for liker in self.source.items("likes", reply, _Liker, "post_action_users") if reply else ():
                by = liker.username.lower()
                said = {"object": post.id, "target_actor": post.actor, "published": post.published}
                make = partial(one, type="like", id=f"{post.id}/like/{by}", actor=by, **said)
                yield from self._once(self.source.records("likes", self._host, make))

    def vouches_of(self, account: str) -> Iterator[Activity]:
        """See Connector. Which answers it accepted in its newest ten topics."""
        name = spelled(account)
        topics = list(dict.fromkeys(deed.topic_id for deed in next(self._pages(name, str(_STARTED)), [])))
        for number in topics[:_TOPICS_OF_VOUCHES]:
            yield from (each for each in self._topic(number) if each.type == "accept" and each.actor == name)

    def _url(self, path: str, **query: str | int) -> str:
        return f"{self.source.origin(self._host)}/{path}" + (f"?{urlencode(query)}" if query else "")

    def _deeds(self, name: str, kinds: str, since: datetime, until: datetime) -> Iterator[_Deed]:
        for page in self._pages(name, kinds):
            yield from (deed for deed in page if since <= deed.created_at < until)
            if all(deed.created_at < since for deed in page):
                return

    def _pages(self, name: str, kinds: str) -> Iterator[list[_Deed]]:
        """Yield what the account's page shows, the newest first. It ends with an empty page."""
        what, offset = "activity of the account", 0
        first = self._url("user_actions.json", username=name, filter=kinds)

        def _following(reply: Reply) -> str | None:
            nonlocal offset
            shown = reply.json.get("user_actions") if isinstance(reply.json, dict) else None
            offset += len(shown) if isinstance(shown, list) else 0
            return f"{first}&offset={offset}" if shown else None

        for reply in self.source.pages(what, first, _following):
            deeds = self.source.items(what, reply, _Deed, "user_actions")
            if not deeds:
                return
            yield deeds

    def _topic(self, number: int) -> Iterator[Activity]:
        """Read a topic, the rest of its posts in batches; what can not be had is a gap."""
        what = "topics"
        reply = self.source.ask(what, self._url(f"t/{number}.json"))
        topic = reply and self.source.shape(what, reply.url, reply.json, Topic)
        if not topic or not topic.readable:
            return
        shown = {post.id for post in topic.post_stream.posts}
        missing = [key for key in topic.post_stream.stream[:_MOST_POSTS] if key not in shown]
        if len(topic.post_stream.stream) > _MOST_POSTS:
            self.source.gaps.add("long topics", f"{self._host}: only the first {_MOST_POSTS} posts are read")
        for start in range(0, len(missing), _BATCH):
            query = urlencode([("post_ids[]", key) for key in missing[start : start + _BATCH]])
            more = self.source.ask("posts in topics", f"{self._url(f't/{number}/posts.json')}?{query}")
            if more is not None:
                found = self.source.items("posts in topics", more, Post, "post_stream", "posts")
                topic.post_stream.posts += found
        self._liked |= {post_id(self._host, post.id): post.likes for post in topic.post_stream.posts}
        yield from self._once(self.source.records(what, self._host, partial(topic.records, self._host)))


def spelled(account: str) -> str:
    """Return the name in `@Ada`, or in the address of its page, in lower case."""
    found = _NAME.fullmatch(re.sub(r"https?://[^/]+/u/", "", account))
    if found is None:
        raise UnknownAccountError(f"not an account of a Discourse forum: {account!r}")
    return found[1].lower()
