"""X, with the operator's token: posts, who quoted and retweeted them, mentions, and lists; what its answers hold."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

import msgspec

from candor.formats.lenient import NEEDED
from candor.scoring.account_kinds import by_sign
from candor.scoring.activity import Instant
from worker.connectors.connector import (
    Connector,
    ConnectorFacts,
    UnknownAccountError,
    public_profile,
    record,
    unavailable_profile,
)
from worker.connectors.network_client import UNEXPECTED, check_same, read
from worker.outbound import BadAnswerError, UnauthorisedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from candor.scoring.activity import Activity
    from worker.connectors.connector import AccountProfile
    from worker.outbound import Reply


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
        return next((each.id for each in self.referenced_tweets if each.type == kind and each.id), None)

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


HOST = "api.x.com"
_LIST = re.compile(r"(?:https://(?:x|twitter)\.com/i/lists/)?(\d{1,20})")
_MOST = {"tweets": 3_200, "mentions": 800}
_NO_SUCH = ("could not find", "resource-not-found")
_NOT_SHOWN = "some of it is deleted, protected or suspended"
_BY_NAME = "users/by/username/:username"
_USER_FIELDS = "description,protected,public_metrics,verified_type"
_POSTS = {
    "max_results": "100",
    "tweet.fields": "author_id,created_at,entities,in_reply_to_user_id,note_tweet,public_metrics,referenced_tweets",
    "expansions": "author_id,in_reply_to_user_id,referenced_tweets.id,referenced_tweets.id.author_id",
    "user.fields": _USER_FIELDS,
}


class _Meta(msgspec.Struct):
    next_token: str | None = None


class _UserAnswer(msgspec.Struct):
    data: Annotated[User | None, NEEDED] = None
    errors: Annotated[list[dict[str, Any]], NEEDED] = []


class _Listing(msgspec.Struct):
    id: str
    owner_id: str
    created_at: Instant
    private: bool
    name: str = ""
    description: str = ""


class X(Connector):
    """Posts go by their number, accounts by their name."""

    facts = ConnectorFacts(
        family="x",
        profile="microblog",
        terms="API v2 under the developer agreement that the operator has signed; nothing is asked without its token",
        limits="by endpoint and by what the operator pays for, told by x-rate-limit-reset as epoch",
        consent=("protected", "suspended", "deleted"),
        unseen={
            "older": "only the newest 3,200 posts of an account and the newest 800 mentions",
            "times": "who retweeted a post is shown without the time: dated as the post itself",
            "more_retweeters": "no more than the newest 100 people who retweeted a post",
            "the_protected": "what protected accounts do",
        },
        operator_adds="everything: without a token X shows nothing",
        tried="recorded answers only, never X itself",
    )

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 as Connector
        super().__init__(*args, **named)
        self._names = Names()
        self._ids: dict[str, str] = {}
        self._posts: dict[str, Post] = {}

    def canonical_name(self, account: str) -> str | None:
        """See Connector. Which name stands for a number only X can tell."""
        name = super().canonical_name(account)
        return None if name and name.startswith("id:") else name

    def profile(self, account: str) -> AccountProfile:
        """See Connector. One request."""
        name = str(super().canonical_name(account))
        credential = self.client.bearer(HOST)
        if credential is None:
            raise UnauthorisedError(HOST, "shows nothing without a token, and the operator has set none")
        number = name.removeprefix("id:") if name.startswith("id:") else None
        path, part = (f"users/{number}", "users/:id") if number else (f"users/by/username/{name}", _BY_NAME)
        url = self._url(path, {"user.fields": _USER_FIELDS})
        reply = self.client.outbound.get_json(url, credential=credential, part=part)
        answer = read(reply, _UserAnswer)
        if answer.data is None and not answer.errors:
            raise BadAnswerError(reply.host, UNEXPECTED, reply)
        if answer.data is None:
            told = " ".join(f"{error.get('detail')} {error.get('type')}" for error in answer.errors).lower()
            suspended = "suspended" in told
            if not suspended and not any(words in told for words in _NO_SUCH):
                raise BadAnswerError(reply.host, UNEXPECTED, reply)
            reason = "suspended by X" if suspended else "account not found on X"
            return unavailable_profile(name, reply.fetched_at, reason, gone=True)
        if answer.data.protected is None:
            raise BadAnswerError(reply.host, UNEXPECTED, reply)
        if answer.data.protected:
            self.client.outbound.forget(reply)
            return unavailable_profile(name, reply.fetched_at, "protected: its posts are for chosen people only")
        found = answer.data
        check_same(number or name, found.id if number else found.account, reply)
        self._names.learn([found], [])
        self._ids |= {name: found.id, found.account: found.id}
        kind = by_sign("x", f"verified_type {found.verified_type}")
        facts = {"name": found.name, "bio": found.description, "url": f"https://x.com/{found.username}"}
        followers = found.public_metrics.get("followers_count")
        return public_profile(reply, kind, actor=found.account, followers=followers, **facts)

    def activities(self, account: str, since: datetime, until: datetime) -> Iterator[Activity]:
        """See Connector. Posts, replies, quotes and retweets, with the posts they are on."""
        profile = self.profile(account)
        if profile.status != "ok":
            return
        number = self._ids[str(profile.account.actor)]
        within = {"start_time": f"{since:%Y-%m-%dT%H:%M:%SZ}", "end_time": f"{until:%Y-%m-%dT%H:%M:%SZ}"}
        yield from self._read("posts of the account", f"users/{number}/tweets", **within)

    def recognition(self, posts: Iterable[Activity]) -> Iterator[Activity]:
        """See Connector. Who quoted and retweeted each post; then mentions of its author, and the lists it is on."""
        actors: set[str] = set()
        for each in posts:
            post = self._posts.get(each.id or "")
            if post is None or each.type not in {"note", "reply", "quote"}:
                continue
            actors.add(str(each.actor))
            if post.public_metrics.get("quote_count"):
                yield from self._read("quotes of posts", f"tweets/{post.id}/quote_tweets")
            if count := post.public_metrics.get("retweet_count"):
                yield from self._retweets(each, count)
        for actor in sorted(actors & self._ids.keys()):
            yield from self._read("mentions", f"users/{self._ids[actor]}/mentions")
            yield from self._lists(actor)

    def vouches_of(self, account: str) -> Iterator[Activity]:
        """See Connector. One page of its posts, of which retweets and quotes count."""
        profile = self.profile(account)
        if profile.status != "ok":
            return
        name = str(profile.account.actor)
        page = next(self._pages("posts of the account", f"users/{self._ids[name]}/tweets", _POSTS), None)
        made = self._made("posts of the account", page) if page else ()
        yield from (act for act in made if act.actor == name and act.type in {"reshare", "quote"})

    def list_members(self, reference: str) -> Iterator[str]:
        """See Connector. A public list, by its number or its page."""
        found = _LIST.fullmatch(reference)
        if found is None:
            raise UnknownAccountError(f"not a list of X: {reference!r}")
        path, query = f"lists/{found[1]}/members", {"max_results": "100"}
        self.client.outbound.get_json(self._url(path, query), credential=self.client.bearer(HOST), part=_part(path))
        for reply in self._pages("members of the list", path, query):
            yield from (user.account for user in self.client.items("members of the list", reply, User, "data"))

    def _url(self, path: str, query: dict[str, str]) -> str:
        return f"{self.client.origin(HOST)}/2/{path}?{urlencode(query)}"

    def _pages(self, what: str, path: str, query: dict[str, str]) -> Iterator[Reply]:
        first = self._url(path, query)

        def _following(reply: Reply) -> str | None:
            meta = self.client.shape(what, HOST, reply.parts.get("meta", b"{}"), _Meta)
            return f"{first}&{urlencode({'pagination_token': meta.next_token})}" if meta and meta.next_token else None

        for reply in self.client.pages(what, first, _following, credential=self.client.bearer(HOST), part=_part(path)):
            if errors := reply.part("errors", list[msgspec.Raw]):
                self.client.gaps.add(what, f"{HOST}: {_NOT_SHOWN}")
            if "data" in reply.parts:
                yield reply
            elif not errors and "meta" not in reply.parts:  # an empty page says at least how many there are
                self.client.gaps.add(what, f"{HOST}: {UNEXPECTED}")

    def _read(self, what: str, path: str, **query: str) -> Iterator[Activity]:
        shown, most = 0, _MOST.get(path.rpartition("/")[2], 0)
        for reply in self._pages(what, path, {**_POSTS, **query}):
            shown += reply.length("data")
            yield from self._made(what, reply)
        if most and shown >= most:
            self.client.gaps.add(what, f"{HOST}: it shows the newest {most} and no more")

    def _made(self, what: str, reply: Reply) -> Iterator[Activity]:
        """Make the records of a page of posts, after those of the posts they are on."""
        posts = self.client.items(what, reply, Post, "data")
        brought = self._brought(what, reply)
        self._names.learn(brought.users, [*brought.tweets, *posts])
        self._posts |= {post.id: post for post in posts}
        for post in [*brought.tweets, *posts]:
            if self._names.is_protected(post.author_id):
                self.client.gaps.add(what, f"{HOST}: {_NOT_SHOWN}")
            yield from self.records(what, HOST, records_of(post, self._names))

    def _brought(self, what: str, reply: Reply) -> Includes:
        """Return what an answer brings along."""
        encoded = reply.parts.get("includes", b"{}")
        return self.client.shape(what, HOST, encoded, Includes) or Includes()

    def _retweets(self, post: Activity, count: int) -> Iterator[Activity]:
        what = "retweets of posts"
        of = {"type": "reshare", "object": post.id, "target_actor": post.actor, "published": post.published}
        pages = self._pages(what, f"tweets/{post.id}/retweeted_by", {"user.fields": _USER_FIELDS})
        for user in self.client.counted(what, pages, User, count, "data"):
            if user.is_open:
                key = f"{post.id}#retweet-{user.account}"
                yield from self.act(what, HOST, id=key, actor=user.account, **of)

    def _lists(self, account: str) -> Iterator[Activity]:
        what = "lists"
        query = {"list.fields": "created_at,description,owner_id,private", "expansions": "owner_id"}
        for reply in self._pages(what, f"users/{self._ids[account]}/list_memberships", query):
            self._names.learn(self._brought(what, reply).users, [])
            for found in self.client.items(what, reply, _Listing, "data"):
                if not found.private:
                    said = {"actor": self._names.of(found.owner_id), "published": found.created_at}
                    text = f"{found.name}\n{found.description}".strip()
                    of = {"object": f"list:{found.id}", "target_actor": account, "content": text}
                    yield from self.act(what, HOST, type="list", id=f"list:{found.id}#{account}", **said, **of)


def _part(path: str) -> str:
    return re.sub(r"\d+", ":id", path)
