"""Bluesky as far as a list, a starter pack or a search goes: posts, with all that was said and done about them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from candor.formats.lenient import decode_leniently
from worker.connectors.bluesky import APPVIEW, PER_REQUEST, Bluesky
from worker.connectors.bluesky_posts import Author, FeedEntry, Post, written_at
from worker.connectors.community import Listed, NewestFirst
from worker.connectors.connector import UnknownAccountError, unavailable_profile
from worker.outbound import MALFORMED, OutboundError, UnauthorisedError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime

    from candor.scoring.activity import Activity
    from candor.store.sources import AskedSource
    from worker.connectors.connector import AccountProfile
    from worker.outbound import Reply

_WHAT = "posts"
_JUST_AFTER = timedelta(milliseconds=1)


class BlueskyCommunity(Bluesky, NewestFirst):
    """What the AppView shows without a login."""

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 as Connector
        super().__init__(*args, **named)
        self._searches = self._by_time = False
        self._until: datetime | None = None

    def first_page(self, asked: AskedSource) -> str | None:
        """See NewestFirst. Who is on the list is asked first: they are whom its owner trusts."""
        name = str(asked.name)
        self._searches = asked.part == "search"
        if self._searches:
            return self._url("feed.searchPosts", q=name, sort="latest", limit=100)
        try:
            uri = self.list_address(name)
            self.client.outbound.get_json(self._url("graph.getList", list=uri, limit=100))
        except (OutboundError, UnknownAccountError) as error:
            self.client.gaps.add("list", error.words if isinstance(error, OutboundError) else str(error))
            return None
        members = self._members(uri)
        self.trusted |= {place.subject.did: None for place in members if place.subject.readable}
        return self._url("feed.getListFeed", list=uri, limit=100)

    def pages(self, first: str, following: Callable[[Reply], str | None]) -> Iterator[Reply]:
        """See NewestFirst."""
        return self.client.pages(_WHAT, first, following)

    def page_after(self, first: str, reply: Reply) -> str | None:
        """See NewestFirst. Strangers may search, and often not go on by a cursor: then older posts are asked for."""
        following = self._page_after(_WHAT, first, reply)
        if not self._searches or (following is None and not self._by_time):
            return following
        if not self._by_time and following is not None:
            try:
                self.client.outbound.get_json(following)  # asked for in a moment, and kept until then
            except UnauthorisedError:
                self._by_time = True
            except OutboundError:
                return following
        return self._older(first, reply) if self._by_time else following

    def _older(self, first: str, reply: Reply) -> str | None:
        """Return where posts are that are no newer than the oldest of a page, None where that has been asked for."""
        shown = reply.part("posts", list[msgspec.Raw]) or []
        dated = [_at(post) for each in shown if (post := _readable(each)) is not None]
        until = min(dated, default=None)
        if until is None or until == self._until:
            return None
        self._until = until
        return f"{first}&{urlencode({'until': (until + _JUST_AFTER).isoformat().replace('+00:00', 'Z')})}"

    def is_list(self, reply: Reply) -> bool:
        """See NewestFirst."""
        return reply.lists("posts" if self._searches else "feed")

    def listed(self, reply: Reply) -> list[Listed]:
        """See NewestFirst. A repost in a list's feed is known by who reposted its post."""
        if self._searches:
            found = [FeedEntry(post) for post in self.client.items(_WHAT, reply, Post, "posts")]
        else:
            found = self.client.items(_WHAT, reply, FeedEntry, "feed")
        for each in found:
            self._met(each.post)
        return [Listed(each.post.uri, _at(each.post), _reactions(each.post), each) for each in found]

    def about(self, listed: Listed) -> Iterator[Activity]:
        """See NewestFirst. What it answers, itself, and who reposted, quoted or answered it."""
        made = list(self._entry(FeedEntry(listed.post.post, None, listed.post.reply), listed.post.post.author.did))
        yield from made
        yield from self.recognition([each for each in made if each.id == listed.id])

    def _records(self, post: Post) -> Iterator[Activity]:
        self._met(post)
        return super()._records(post)

    def _met(self, post: Post) -> None:
        if not post.author.readable:
            self.objecting.add(post.author.did)

    def profiles(self, names: Collection[str]) -> Iterator[AccountProfile]:
        """See CommunityConnector. A request for 25 accounts; one that is not shown is gone.

        Who is among those that cannot be read is not known: then nobody is said to be gone.
        """
        wanted = list(names)
        for start in range(0, len(wanted), PER_REQUEST):
            some = wanted[start : start + PER_REQUEST]
            query = urlencode([("actors", name) for name in some])
            url = f"{self.client.origin(APPVIEW)}/xrpc/app.bsky.actor.getProfiles?{query}"
            if (reply := self.client.ask("accounts", url)) is None:
                continue
            listed = self.client.items("accounts", reply, Author, "profiles")
            shown = {each.did: each for each in listed}
            for name in some:
                if (found := shown.get(name)) is not None:
                    yield self.profile_of(found, reply)
                elif len(listed) == reply.length("profiles"):
                    yield unavailable_profile(name, reply.fetched_at, "not shown by Bluesky", gone=True)


def _readable(encoded: msgspec.Raw) -> Post | None:
    try:
        return decode_leniently(encoded, Post)[0]
    except MALFORMED:
        return None


def _at(post: Post) -> datetime:
    return written_at(post.record.createdAt, post.indexedAt)


def _reactions(post: Post) -> int:
    return post.replyCount + post.repostCount + post.quoteCount
