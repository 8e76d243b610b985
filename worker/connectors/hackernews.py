"""Hacker News: stories and comments by way of its search, accounts by way of its own interface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, urlencode

import msgspec

from candor.formats.lenient import NEEDED
from candor.scoring.activity import Instant
from candor.scoring.markup import plain
from worker.connectors.connector import Connector, ConnectorFacts, public_profile, record, unavailable_profile
from worker.connectors.network_client import check_same, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from candor.scoring.activity import Activity
    from worker.connectors.connector import AccountProfile

SEARCH, ITEMS = "hn.algolia.com", "hacker-news.firebaseio.com"
_MOST_HITS = 1_000
_BATCH = 100


class _User(msgspec.Struct):
    id: str
    about: str = ""


class Hit(msgspec.Struct):
    """A story or comment as the search shows it."""

    objectID: str  # noqa: N815 as the search spells it
    created_at_i: Instant
    author: str | None = None
    title: str | None = None
    story_text: str | None = None
    comment_text: str | None = None
    story_id: int | None = None
    parent_id: Annotated[int | None, NEEDED] = None
    _tags: list[str] = []

    def records(self) -> Iterator[Activity]:
        """Yield it as a record. May raise one of MALFORMED."""
        page = f"https://news.ycombinator.com/item?id={quote(self.objectID)}"
        act = {"id": self.objectID, "actor": self.author or None, "published": self.created_at_i, "url": page}
        if self.parent_id is not None:
            yield record(type="reply", object=str(self.parent_id), content=plain(self.comment_text or ""), **act)
            return
        text = f"{self.title or ''}\n\n{plain(self.story_text or '')}".strip()
        yield record(type="question" if "ask_hn" in self._tags else "note", content=text, **act)


class HackerNews(Connector):
    """Posts go by their number. The search shows a thousand hits, so longer times are cut into pieces."""

    facts = ConnectorFacts(
        family="hackernews",
        profile="forum",
        terms="the public interface of Hacker News, and the public search over it that Algolia runs",
        limits="10,000 requests an hour to the search; the interface itself names no limit",
        consent=("deleted",),
        unseen={
            "votes": "what comments were voted up is not shown",
            "the_dead": "what was flagged, killed or deleted",
            "mentions": "there is no way to address somebody by name: nobody is seen to be consulted",
        },
    )

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 as Connector
        super().__init__(*args, **named)
        self._story_of: dict[str, str] = {}

    def profile(self, account: str) -> AccountProfile:
        """See Connector. One request. Names tell upper from lower case."""
        name = str(self.canonical_name(account))
        reply = self.client.outbound.get_json(f"{self.client.origin(ITEMS)}/v0/user/{quote(name)}.json")
        found = read(reply, _User | None)  # type: ignore[arg-type] # a shape like any other to the decoder
        if found is None:
            return unavailable_profile(name, reply.fetched_at, "account not found on Hacker News", gone=True)
        check_same(name, found.id, reply)
        page = f"https://news.ycombinator.com/user?id={quote(found.id)}"
        return public_profile(reply, actor=found.id, name=found.id, bio=plain(found.about), url=page)

    def activities(self, account: str, since: datetime, until: datetime) -> Iterator[Activity]:
        """See Connector. Comments come after the stories they stand under."""
        name = self.canonical_name(account)
        for hits in self._found("posts of the account", f"author_{name},(story,comment,poll)", since, until):
            self._story_of |= {hit.objectID: str(hit.story_id or hit.objectID) for hit in hits}
            yield from self._stories({hit.story_id for hit in hits if hit.parent_id is not None and hit.story_id})
            yield from self._records(hits)

    def recognition(self, posts: Iterable[Activity]) -> Iterator[Activity]:
        """See Connector. For each story: what stands above and below the posts, of all that was said under it."""
        own: dict[str, set[str]] = {}
        for post in posts:
            if post.id in self._story_of:
                own.setdefault(self._story_of[post.id], set()).add(post.id)
        for story, ids in own.items():
            tags = f"comment,story_{story}"
            hits = [hit for page in self._found("comments in threads", tags, None, None) for hit in page]
            yield from self._records(_near(hits, ids))

    def _records(self, hits: Iterable[Hit]) -> Iterator[Activity]:
        for hit in hits:
            yield from self.records("posts", SEARCH, hit.records())

    def _stories(self, numbers: set[int]) -> Iterator[Activity]:
        """Yield stories by their numbers, a hundred in a request."""
        missing = sorted(str(number) for number in numbers if str(number) not in self._given)
        for start in range(0, len(missing), _BATCH):
            any_of = ",".join(f"story_{number}" for number in missing[start : start + _BATCH])
            for hits in self._found("stories that were commented on", f"(story,poll),({any_of})", None, None):
                yield from self._records(hits)

    def _found(self, what: str, tags: str, since: datetime | None, until: datetime | None) -> Iterator[list[Hit]]:
        """Yield hits, the newest first. Where there are more than are shown, ask again for what is older."""
        before = None if until is None else int(until.timestamp())
        while True:
            limits = [] if since is None else [f"created_at_i>={int(since.timestamp())}"]
            limits += [] if before is None else [f"created_at_i<{before}"]
            query = {"tags": tags, "hitsPerPage": _MOST_HITS, "numericFilters": ",".join(limits)}
            url = f"{self.client.origin(SEARCH)}/api/v1/search_by_date?{urlencode(query)}"
            reply = self.client.ask(what, url)
            if reply is None:
                return
            hits, shown = self.client.items(what, reply, Hit, "hits"), reply.length("hits")
            yield hits
            counted = reply.part("nbHits", int) or 0
            if shown < _MOST_HITS and shown >= counted:
                return
            if not hits:
                self.client.gaps.add_hidden(what, SEARCH, 0, max(counted, shown))
                return
            oldest = int(min(hit.created_at_i for hit in hits).timestamp())
            older = oldest + 1 if before is None or oldest + 1 < before else oldest
            if before is not None and older >= before:
                self.client.gaps.add(what, f"{SEARCH}: pagination loop")
                return
            before = older


def _near(hits: list[Hit], ids: set[str]) -> list[Hit]:
    """Return the comments that stand above or below those of `ids`, in whatever order the hits come."""
    by_id = {hit.objectID: hit for hit in hits}
    near: set[str] = set()
    for key in ids:
        above = by_id.get(key)
        while above is not None and above.objectID not in near:
            near.add(above.objectID)
            above = by_id.get(str(above.parent_id))
    below = [hit for hit in hits if _stands_below(hit, by_id, ids)]
    return [hit for hit in hits if hit.objectID in near] + [hit for hit in below if hit.objectID not in near]


def _stands_below(hit: Hit, by_id: dict[str, Hit], ids: set[str]) -> bool:
    seen: set[str] = set()
    parent = str(hit.parent_id)
    while parent not in ids and parent in by_id and parent not in seen:
        seen.add(parent)
        parent = str(by_id[parent].parent_id)
    return parent in ids
