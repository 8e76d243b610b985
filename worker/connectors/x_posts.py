"""The shapes of X's answers that we read, and the records made of posts."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from candor.formats.lenient import NEEDED
from candor.scoring.activity import Instant
from worker.connectors.source import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.scoring.activity import Activity


class User(msgspec.Struct):
    """An account."""

    id: str
    username: str
    name: str = ""
    description: str | None = None
    protected: Annotated[bool | None, NEEDED] = None
    public_metrics: dict[str, int] = {}
    verified_type: str | None = None

    @property
    def is_open(self) -> bool:
        """Say whether everybody may read it: only where X says that it is not protected."""
        return self.protected is False

    @property
    def account(self) -> str:
        """Return the name that records use: X takes no notice of case."""
        return self.username.lower()


class _Reference(msgspec.Struct):
    type: str
    id: str


class _Hashtag(msgspec.Struct):
    tag: str


class _Mention(msgspec.Struct):
    username: str


class _Url(msgspec.Struct):
    url: str
    expanded_url: str | None = None


class _Entities(msgspec.Struct):
    hashtags: list[_Hashtag] = []
    mentions: list[_Mention] = []
    urls: list[_Url] = []


class _Long(msgspec.Struct):
    text: str
    entities: _Entities = msgspec.field(default_factory=_Entities)


class Post(msgspec.Struct):
    """A post. Of a long one, `text` is the beginning and `note_tweet` the whole."""

    id: str
    author_id: str
    created_at: Instant
    text: str = ""
    note_tweet: _Long | None = None
    entities: _Entities = msgspec.field(default_factory=_Entities)
    referenced_tweets: list[_Reference] = []
    in_reply_to_user_id: str | None = None
    public_metrics: dict[str, int] = {}

    def reference(self, kind: str) -> str | None:
        """Return the id of the post that this one retweets, quotes or answers."""
        return next((each.id for each in self.referenced_tweets if each.type == kind), None)

    @property
    def content(self) -> str:
        """Return the whole text with its links in full and its entities decoded."""
        text = self.note_tweet.text if self.note_tweet else self.text
        for url in self.written.urls:
            text = text.replace(url.url, url.expanded_url or url.url)
        return unescape(text)

    @property
    def written(self) -> _Entities:
        """Return the entities of the whole text."""
        return self.note_tweet.entities if self.note_tweet else self.entities


class Includes(msgspec.Struct):
    """What an answer brings along: the posts and accounts that its posts refer to."""

    users: list[User] = []
    tweets: list[Post] = []


class Names:
    """Who is who, and who wrote what, as far as answers have said."""

    def __init__(self) -> None:
        self._users: dict[str, User] = {}
        self._authors: dict[str, str] = {}

    def learn(self, users: list[User], posts: list[Post]) -> None:
        """Remember accounts and authors."""
        self._users |= {user.id: user for user in users}
        self._authors |= {post.id: post.author_id for post in posts}

    def of(self, user_id: str) -> str:
        """Return an account's name; X leaves out the names of suspended ones, which then go by their number."""
        user = self._users.get(user_id)
        return user.account if user else f"id:{user_id}"

    def author(self, post_id: str) -> str | None:
        """Return who wrote a post, None when no answer has said."""
        found = self._authors.get(post_id)
        return self.of(found) if found else None

    def is_protected(self, user_id: str) -> bool:
        """Say whether an account shows its posts to chosen people only, or may do so."""
        user = self._users.get(user_id)
        return user is not None and not user.is_open


def records_of(post: Post, names: Names) -> Iterator[Activity]:
    """Yield a post's records: itself, what it quotes, whom it mentions beside the one it answers.

    May raise one of MALFORMED.
    """
    if names.is_protected(post.author_id):
        return
    actor = names.of(post.author_id)
    act: dict[str, Any] = {"actor": actor, "published": post.created_at}
    retweeted, quoted, answered = (post.reference(kind) for kind in ("retweeted", "quoted", "replied_to"))
    if retweeted is not None:
        yield record(type="reshare", id=post.id, object=retweeted, target_actor=names.author(retweeted), **act)
        return
    tags = [hashtag.tag for hashtag in post.written.hashtags]
    said = {"id": post.id, "content": post.content, "tags": tags, "url": f"https://x.com/i/status/{post.id}", **act}
    asker = names.of(post.in_reply_to_user_id) if post.in_reply_to_user_id else None
    if answered is not None:
        yield record(type="reply", object=answered, target_actor=asker, **said)
        if quoted is not None:
            of = {"object": quoted, "target_actor": names.author(quoted)}
            yield record(type="quote", id=f"{post.id}#quote", **of, **act)
    elif quoted is not None:
        yield record(type="quote", object=quoted, target_actor=names.author(quoted), **said)
    else:
        yield record(type="note", **said)
    for name in dict.fromkeys(mention.username.lower() for mention in post.written.mentions):
        if name != asker:
            yield record(type="mention", id=f"{post.id}#mention-{name}", object=post.id, target_actor=name, **act)
