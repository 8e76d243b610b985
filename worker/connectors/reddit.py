"""Reddit, with the operator's key: submissions, comments and what was said under them."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode, urlsplit

import msgspec

from candor.formats.lenient import NEEDED
from candor.scoring.activity import Instant
from candor.scoring.markup import own_words
from candor.store import utc_now
from worker.connectors.connector import Connector, ConnectorFacts, public_profile, record, unavailable_profile
from worker.connectors.network_client import UNEXPECTED, check_same, read
from worker.outbound import Credential, GoneError, UnauthorisedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from candor.scoring.activity import Activity
    from worker.connectors.connector import AccountProfile
    from worker.outbound import Reply

HOST, DOOR = "oauth.reddit.com", "www.reddit.com"
_NAMED = re.compile(r"(?<![\w/])/?u/([A-Za-z0-9_-]{1,20})(?![\w/-])")
_OPEN = frozenset({"public", "restricted", "user"})
_DELETED = frozenset({"[deleted]", "[removed]"})
_REMOVED = "[ removed by reddit"
_FOLDED = "comments that are folded away"
_PAGE, _BATCH = 100, 100
_TO_SPARE_S = 600
"""How long before a token ends another is asked for: pages that were begun with it are read to the last."""


class _Token(msgspec.Struct):
    access_token: str
    expires_in: int = 3600


class _Redditor(msgspec.Struct):
    """An account, as /user/NAME/about says."""

    name: str
    is_suspended: Annotated[bool, NEEDED] = False
    hide_from_robots: Annotated[bool, NEEDED] = False


class _About(msgspec.Struct):
    data: _Redditor


class Original(msgspec.Struct):
    """What a submission crossposts."""

    subreddit_type: str
    author: str | None = None

    @property
    def account(self) -> str | None:
        """Return who wrote it, None where the account was deleted."""
        return None if self.author is None or self.author in _DELETED else self.author.lower()


class RedditPost(msgspec.Struct):
    """A submission (t3) or a comment (t1), as far as both are alike."""

    name: str
    created_utc: Instant
    subreddit_type: str
    author: str | None = None
    title: str | None = None
    selftext: str = ""
    body: Annotated[str | None, NEEDED] = None
    parent_id: str | None = None
    link_id: str | None = None
    subreddit: str = ""
    link_flair_text: str | None = None
    permalink: str | None = None
    score: int = 0
    num_comments: int = 0
    removed_by_category: Annotated[str | None, NEEDED] = None
    is_robot_indexable: Annotated[bool, NEEDED] = True
    crosspost_parent: str | None = None
    crosspost_parent_list: list[Original] = []
    replies: msgspec.Raw = msgspec.Raw(b"null")

    @property
    def account(self) -> str | None:
        """Return who wrote it, None where the account was deleted."""
        return None if self.author is None or self.author in _DELETED else self.author.lower()

    @property
    def text(self) -> str:
        """Return what it says."""
        said = self.body if self.body is not None else self.selftext
        return said if self.body is not None else f"{self.title or ''}\n\n{said}".strip()

    @property
    def readable(self) -> bool:
        """Say whether it is for everybody, programs among them, and still stands: of a link only flags say so."""
        text = self.body if self.body is not None else self.selftext
        stands = (
            text not in _DELETED
            and not text.lower().startswith(_REMOVED)
            and self.removed_by_category is None
            and self.is_robot_indexable
        )
        return self.subreddit_type in _OPEN and stands

    @property
    def crossposted(self) -> dict[str, str | None] | None:
        """Return what it crossposts and whose that is, where anybody may read it."""
        original = next(iter(self.crosspost_parent_list), None)
        if not self.crosspost_parent or original is None or original.subreddit_type not in _OPEN:
            return None
        return {"object": self.crosspost_parent, "target_actor": original.account}

    @property
    def thread(self) -> str:
        """Return the name of the submission that it is, or stands under."""
        return self.link_id or self.name


class _Thing(msgspec.Struct):
    kind: str
    data: msgspec.Raw


class _More(msgspec.Struct):
    count: int = 0


class _Things(msgspec.Struct):
    children: list[msgspec.Raw]
    after: str | None = None


class _Listing(msgspec.Struct):
    data: _Things


class Reddit(Connector):
    """Submissions and comments go by their full names; threads are read for what others said under them."""

    facts = ConnectorFacts(
        family="reddit",
        profile="forum",
        terms="the Data API under the terms that the operator has agreed to; nothing is asked without its key",
        limits="100 requests a minute with a key, told by x-ratelimit-reset in seconds",
        consent=("hidden from search engines", "suspended", "deleted"),
        unseen={
            "votes": "votes are shown as a sum, without names and times: one record each post, dated as the post",
            "older": "only the newest thousand submissions and comments of an account",
            "long_threads": "comments that a thread folds away",
            "closed": "private communities, and what was deleted or removed",
        },
        operator_adds="everything: without a key (CLIENT:SECRET of an application) Reddit shows nothing",
        tried="made-up answers only, never Reddit itself",
    )

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 as Connector
        super().__init__(*args, **named)
        self._token: Credential | None = None
        self._renewed_at = utc_now()
        self._seen: dict[str, RedditPost] = {}

    def profile(self, account: str) -> AccountProfile:
        """See Connector. One request, and one for a token."""
        name, token = str(self.canonical_name(account)), self._entered()
        try:
            reply = self.client.outbound.get_json(self._url(f"user/{name}/about"), credential=token)
        except GoneError as error:
            if error.reply is None or not error.is_told:
                raise
            return unavailable_profile(name, error.reply.fetched_at, "account not found on Reddit", gone=True)
        found = read(reply, _About).data
        check_same(name, found.name.lower(), reply)
        if found.is_suspended or found.hide_from_robots:
            self.client.outbound.forget(reply)
            reason = "suspended by Reddit" if found.is_suspended else "hide_from_robots: it asks not to be found"
            return unavailable_profile(name, reply.fetched_at, reason, gone=found.is_suspended)
        return public_profile(reply, actor=name, name=found.name, url=f"https://www.reddit.com/user/{name}")

    def activities(self, account: str, since: datetime, until: datetime) -> Iterator[Activity]:
        """See Connector. Submissions and comments, the newest first, each page after what it answers."""
        name = str(self.canonical_name(account))
        for page in self._pages("posts of the account", f"user/{name}/overview", sort="new", limit=str(_PAGE)):
            within = [said for said in page if since <= said.created_utc < until]
            yield from self._answered(said.parent_id for said in within if said.readable and said.parent_id)
            for said in within:
                yield from self._made(said)
            if page and all(said.created_utc < since for said in page):
                return

    def recognition(self, posts: Iterable[Activity]) -> Iterator[Activity]:
        """See Connector. The sum of votes on each post, and the threads that they stand in, each read once."""
        threads: set[str] = set()
        for post in posts:
            said = self._seen.get(post.id or "")
            if said is None or post.type not in {"note", "question", "quote", "reply"}:
                continue
            if said.score > 1:  # everybody votes for what they write, without a click
                towards = {"object": post.id, "target_actor": post.actor, "published": post.published}
                score = float(said.score - 1)
                yield from self.act("votes", HOST, type="vote", id=f"{post.id}/votes", value=score, **towards)
            if said.thread not in threads and (said.body is not None or said.num_comments):
                threads.add(said.thread)
                yield from self._thread(said.thread)

    def _url(self, path: str, **query: str) -> str:
        return f"{self.client.origin(HOST)}/{path}?{urlencode({'raw_json': '1', **query})}"

    def _entered(self) -> Credential:
        """Return a token, which the operator's key opens, and another before it ends. Raises OutboundError."""
        if self._token is None or utc_now() >= self._renewed_at:
            key = self.client.token(HOST)
            if key is None:
                raise UnauthorisedError(HOST, "shows nothing without a key, and the operator has set none")
            door = self.client.origin(DOOR)
            basic = Credential(host=urlsplit(door).netloc, value=f"Basic {b64encode(key.encode()).decode()}")
            fields = {"grant_type": "client_credentials"}
            reply = self.client.outbound.post_form(f"{door}/api/v1/access_token", fields, credential=basic)
            host = urlsplit(self.client.origin(HOST)).netloc
            told = read(reply, _Token)
            self._renewed_at = utc_now() + timedelta(seconds=told.expires_in - min(_TO_SPARE_S, told.expires_in / 2))
            self._token = Credential(host=host, value=f"Bearer {told.access_token}")
        return self._token

    def _pages(self, what: str, path: str, **query: str) -> Iterator[list[RedditPost]]:
        first = self._url(path, **query)

        def _following(reply: Reply) -> str | None:
            listing = self.client.shape(what, HOST, reply.body, _Listing)
            return f"{first}&{urlencode({'after': listing.data.after})}" if listing and listing.data.after else None

        for reply in self.client.pages(what, first, _following, credential=self._entered()):
            yield list(self._listed(what, reply.body))

    def _listed(self, what: str, encoded: bytes | msgspec.Raw) -> Iterator[RedditPost]:
        """Yield what a listing holds, and what stands below; what it folds away is a gap."""
        waiting = [encoded]
        while waiting:
            listing = self.client.shape(what, HOST, waiting.pop(), _Listing)
            for thing in self.client.shapes(what, HOST, listing.data.children, _Thing) if listing else ():
                if thing.kind == "more":
                    self._tell_folded(what, thing.data)
                elif thing.kind in {"t1", "t3"} and (said := self.client.shape(what, HOST, thing.data, RedditPost)):
                    if thing.kind == "t1" and said.body is None:
                        self.client.gaps.add(what, f"{HOST}: {UNEXPECTED}")
                        continue
                    yield said
                    if bytes(said.replies) not in {b'""', b"null"}:
                        waiting.append(said.replies)

    def _tell_folded(self, what: str, encoded: msgspec.Raw) -> None:
        """Tell how many comments are folded away; a thread that only goes on further down counts none."""
        folded = self.client.shape(what, HOST, encoded, _More)
        if folded is not None and folded.count > 0:
            self.client.gaps.add_hidden(_FOLDED, HOST, 0, folded.count)
        elif folded is not None:
            self.client.gaps.add(_FOLDED, f"{HOST}: the thread goes on further down")

    def _answered(self, names: Iterable[str]) -> Iterator[Activity]:
        """Yield what was answered and is not known yet, a hundred in a request."""
        missing = [name for name in dict.fromkeys(names) if name not in self._seen]
        for start in range(0, len(missing), _BATCH):
            for page in self._pages(
                "posts that were answered", "api/info", id=",".join(missing[start : start + _BATCH])
            ):
                for said in page:
                    yield from self._made(said)

    def _thread(self, name: str) -> Iterator[Activity]:
        """Read a thread: two listings, of the submission and of the comments."""
        what = "threads of posts"
        url = self._url(f"comments/{name.removeprefix('t3_')}", limit="500", depth="10")
        reply = self.client.ask(what, url, credential=self._entered())
        for listing in self.client.items(what, reply, msgspec.Raw) if reply else ():
            for said in self._listed(what, listing):
                yield from self._made(said)

    def _made(self, said: RedditPost) -> Iterator[Activity]:
        self._seen.setdefault(said.name, said)
        if said.readable:
            yield from self.records("posts", HOST, _records_of(said))


def _records_of(said: RedditPost) -> Iterator[Activity]:
    """Yield a submission or a comment, and whom it names. May raise one of MALFORMED."""
    act = {"actor": said.account, "published": said.created_utc}
    page = f"https://www.reddit.com{said.permalink}" if said.permalink else None
    tags = [tag for tag in (said.subreddit, said.link_flair_text) if tag]
    shown: dict[str, Any] = {"id": said.name, "content": said.text, "tags": tags, "url": page, **act}
    if said.body is not None:
        yield record(type="reply", object=said.parent_id, **shown)
    elif of := said.crossposted:
        yield record(type="quote", **of, **shown)
    else:
        kind = "question" if (said.title or "").rstrip().endswith("?") else "note"
        yield record(type=kind, **shown)
    for name in dict.fromkeys(each.lower() for each in _NAMED.findall(own_words(said.text))):
        yield record(type="mention", id=f"{said.name}#mention-{name}", object=said.name, target_actor=name, **act)
