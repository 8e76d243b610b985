"""The shape of a Discourse topic, and the records made of its posts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import msgspec

from candor.formats.markup import plain
from candor.scoring.activity import Instant
from worker.connectors.source import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.scoring.activity import Activity

_LIKE = 2
_SAID = frozenset({1, 2})  # regular posts and those of moderators; others tell what was done to the topic
_MENTION = re.compile(r'<a class="mention" href="[^"]{0,200}/u/([^"/]{1,100})"')


class _Count(msgspec.Struct):
    id: int
    count: int = 0


class _Tag(msgspec.Struct):
    name: str


class Post(msgspec.Struct):
    """A post; `cooked` is its HTML."""

    id: int
    username: str
    created_at: Instant
    post_number: int
    cooked: str = ""
    reply_to_post_number: int | None = None
    post_type: int = 1
    actions_summary: list[_Count] = []
    accepted_answer: bool = False
    hidden: bool = False
    user_deleted: bool = False
    deleted_at: str | None = None

    @property
    def readable(self) -> bool:
        """Say whether it is somebody's words and still stands."""
        return self.post_type in _SAID and not (self.hidden or self.user_deleted or self.deleted_at)

    @property
    def likes(self) -> int:
        """Return how many like it."""
        return sum(each.count for each in self.actions_summary if each.id == _LIKE)

    @property
    def named(self) -> list[str]:
        """Return whom it names with an @, quotes apart, in lower case."""
        own_words = "".join(part.partition("<aside")[0] for part in self.cooked.split("</aside>"))
        found = _MENTION.findall(own_words)
        return list(dict.fromkeys(unquote(name).lower() for name in found))


class _Solution(msgspec.Struct):
    post_number: int | None = None
    accepter_username: str | None = None


class _Stream(msgspec.Struct):
    posts: list[Post] = []
    stream: list[int] = []


class Topic(msgspec.Struct):
    """A topic with the posts read so far; `stream` has the ids of all."""

    id: int
    title: str = ""
    archetype: str = "regular"
    tags: list[str | _Tag] = []
    post_stream: _Stream = msgspec.field(default_factory=_Stream)
    accepted_answer: _Solution | None = None

    @property
    def readable(self) -> bool:
        """Say whether it is a topic for everybody: a message to some is of another archetype."""
        return self.archetype == "regular"

    def records(self, host: str) -> Iterator[Activity]:
        """Yield the records: the first post asks, the others reply to it or to one another. May raise MALFORMED."""
        posts = sorted((post for post in self.post_stream.posts if post.readable), key=lambda post: post.post_number)
        key_of = {post.post_number: post_id(host, post.id) for post in posts}
        first = key_of.get(1, f"{host}/topic/{self.id}")
        asker = posts[0].username.lower() if posts and posts[0].post_number == 1 else None
        for post in posts:
            yield from self._post(host, post, key_of.get(post.reply_to_post_number or 1, first))
            if post.post_number != 1 and self._is_solution(post):
                by = self.accepted_answer.accepter_username if self.accepted_answer else None
                towards = {"object": key_of[post.post_number], "target_actor": post.username.lower()}
                act = {"actor": by.lower() if by else asker, "published": post.created_at}
                yield record(type="accept", id=f"{key_of[post.post_number]}/accept", **towards, **act)

    def _is_solution(self, post: Post) -> bool:
        named = self.accepted_answer.post_number if self.accepted_answer else None
        return post.accepted_answer or post.post_number == named

    def _post(self, host: str, post: Post, under: str) -> Iterator[Activity]:
        key = post_id(host, post.id)
        act: dict[str, Any] = {"actor": post.username.lower(), "published": post.created_at}
        text, page = plain(post.cooked), f"https://{host}/t/{self.id}/{post.post_number}"
        if post.post_number == 1:
            tags = [tag if isinstance(tag, str) else tag.name for tag in self.tags]
            yield record(type="question", id=key, url=page, content=f"{self.title}\n\n{text}".strip(), tags=tags, **act)
        else:
            yield record(type="reply", id=key, url=page, content=text, object=under, **act)
        for name in post.named:
            yield record(type="mention", id=f"{key}/mention/{name}", object=key, target_actor=name, **act)


def post_id(host: str, number: int) -> str:
    """Return the id that records use for a post."""
    return f"{host}/post/{number}"
