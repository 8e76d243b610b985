"""A Discourse forum as a whole: its topics by their last post, the newest first, each read whole."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from candor.scoring.activity import Instant
from candor.store import utc_now
from worker.connectors.community import LOOK_BACK, Batch, CommunityConnector, ReadingState, as_cursor, go_on
from worker.connectors.discourse import Discourse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from candor.store.sources import AskedSource
    from worker.connectors.discourse import Post
    from worker.outbound import Reply

_WHAT = "list of topics"
LATE = timedelta(days=30)
"""How long after its last post a topic is looked at again: an answer accepted meanwhile does not move it."""
"""How often."""
_MOST_SOLVED = 5_000


class _Listed(msgspec.Struct):
    id: int
    bumped_at: Instant
    pinned: bool = False
    pinned_globally: bool = False
    has_accepted_answer: bool | None = None


class _Topics(msgspec.Struct):
    topics: list[msgspec.Raw] = []
    more_topics_url: str | None = None


class _Latest(msgspec.Struct):
    topic_list: _Topics


class _Place(ReadingState, frozen=True):
    """Times are those of last posts. `page` is where in the list the topic in hand was.

    Topics with newer posts only move others further down. `solved` are the topics that had an accepted answer when they
    were read, the newest 5,000; None where the forum accepts no answers.
    """

    page: int = 0
    solved: set[int] | None = None

    def done(self) -> _Place:
        """See ReadingState."""
        newest = max(filter(None, (self.top, self.floor)), default=None)
        return _Place(floor=newest, solved=self.solved, looked_back_at=self.looked_back_at)


class DiscourseCommunity(Discourse, CommunityConnector):
    """What was broken off is read to its end first, and then what is newer than where that began.

    Every six hours the list is read thirty days further down, for topics that have an accepted answer by now.
    """

    def batches(self, asked: AskedSource, cursor: dict[str, Any], since: datetime) -> Iterator[Batch]:
        """See CommunityConnector. A request for each page of thirty topics, one or more for each topic."""
        del asked
        place = msgspec.convert(cursor, _Place)
        after = yield from go_on(partial(self._run, since=since), place, self.client.gaps, self._host)
        if after is not None:
            yield from self._run(_begun(after, since), since)

    def _run(self, place: _Place, since: datetime) -> Iterator[Batch]:
        """Read down to what was read before; the last batch is complete unless a page could not be had."""
        floor = max(since, place.floor) if place.floor else since
        until, below, ended = place.until or floor, place.at, False
        page = max(0, place.page - 1)

        def _following(reply: Reply) -> str | None:
            nonlocal page, ended
            page += 1
            found = self.client.shape(_WHAT, reply.host, reply.body, _Latest)
            ended = ended or (found is not None and not (found.topic_list.more_topics_url and found.topic_list.topics))
            return None if ended or found is None else self._list(page)

        for reply in self.client.pages(_WHAT, self._list(page), _following):
            for topic in self._listed(reply):
                is_pinned = topic.pinned or topic.pinned_globally
                if topic.bumped_at < until:
                    ended = ended or not is_pinned
                elif (below is None or topic.bumped_at <= below) and (topic.bumped_at >= floor or _late(topic, place)):
                    records = list(self._topic(topic.id))
                    place = (
                        _read(place, topic)
                        if is_pinned
                        else replace(_read(place, topic), at=topic.bumped_at, page=page)
                    )
                    yield Batch(records, as_cursor(place))
        if ended:
            yield Batch([], as_cursor(place.done()), complete=True)

    def _met(self, posts: Iterable[Post]) -> None:
        self.trusted |= {post.actor: None for post in posts if post.admin or post.moderator or post.staff}

    def _listed(self, reply: Reply) -> list[_Listed]:
        found = self.client.shape(_WHAT, reply.host, reply.body, _Latest)
        return [] if found is None else self.client.shapes(_WHAT, reply.host, found.topic_list.topics, _Listed)

    def _list(self, page: int) -> str:
        return self._url("latest.json", order="activity", no_definitions="true", page=page)


def _begun(place: _Place, since: datetime) -> _Place:
    """Return where a run begins: down to what was read before, or every few hours some weeks further."""
    now = utc_now()
    if place.floor is None or place.looked_back_at is None:
        return replace(place, looked_back_at=now)
    if place.solved is None or now - place.looked_back_at < LOOK_BACK:
        return place
    return replace(place, until=max(since, place.floor - LATE), looked_back_at=now)


def _late(topic: _Listed, place: _Place) -> bool:
    """Say whether a topic that was read before has an accepted answer since."""
    return bool(topic.has_accepted_answer) and topic.id not in (place.solved or ())


def _read(place: _Place, topic: _Listed) -> _Place:
    """Note that a topic was read, and whether it had an accepted answer."""
    if not (topic.pinned or topic.pinned_globally):
        place = replace(place, top=place.top or topic.bumped_at)
    if topic.has_accepted_answer is None:
        return place
    solved = {*(place.solved or ()), *((topic.id,) if topic.has_accepted_answer else ())}
    return replace(place, solved=set(sorted(solved)[-_MOST_SOLVED:]))
