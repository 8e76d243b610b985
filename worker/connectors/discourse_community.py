"""A Discourse forum as a whole: its topics by their last post, the newest first, each read whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from candor.scoring.activity import Instant
from worker.connectors.community import Community, Step, as_cursor
from worker.connectors.discourse import Discourse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from candor.store.sources import AskedSource
    from worker.outbound import Reply

_WHAT = "list of topics"


class _Listed(msgspec.Struct):
    id: int
    bumped_at: Instant
    pinned: bool = False
    pinned_globally: bool = False


class _Topics(msgspec.Struct):
    topics: list[msgspec.Raw] = []
    more_topics_url: str | None = None


class _Latest(msgspec.Struct):
    topic_list: _Topics


class _Place(msgspec.Struct, frozen=True):
    """Everything with a last post before `floor` is read. A run from `top` down to there is at the topic of time `at`.

    `page` is where in the list that topic was. Topics with newer posts only move others further down.
    """

    floor: Instant | None = None
    top: Instant | None = None
    at: Instant | None = None
    page: int = 0


class DiscourseCommunity(Discourse, Community):
    """What was broken off is read to its end first, and then what is newer than where that began."""

    def steps(self, asked: AskedSource, cursor: dict[str, Any], since: datetime) -> Iterator[Step]:
        """See Community. A request for each page of thirty topics, one or more for each topic."""
        del asked
        place = msgspec.convert(cursor, _Place)
        if place.at is not None:
            for step in self._run(place, since):
                yield step._replace(complete=False)
                place = msgspec.convert(step.cursor, _Place)
            if place.at is not None:
                return
        yield from self._run(place, since)

    def _run(self, place: _Place, since: datetime) -> Iterator[Step]:
        """Read down to what was read before; the last step is complete unless a page could not be had."""
        floor = max(since, place.floor) if place.floor else since
        below, ended = place.at, False
        page = max(0, place.page - 1)

        def _following(reply: Reply) -> str | None:
            nonlocal page, ended
            page += 1
            found = self.source.shape(_WHAT, reply.host, reply.body, _Latest)
            ended = ended or (found is not None and not (found.topic_list.more_topics_url and found.topic_list.topics))
            return None if ended or found is None else self._list(page)

        for reply in self.source.pages(_WHAT, self._list(page), _following):
            for topic in self._listed(reply):
                is_pinned = topic.pinned or topic.pinned_globally
                if topic.bumped_at < floor:
                    ended = ended or not is_pinned
                elif below is None or topic.bumped_at <= below:
                    records = list(self._topic(topic.id))
                    if not is_pinned:
                        place = replace(place, top=place.top or topic.bumped_at, at=topic.bumped_at, page=page)
                    yield Step(records, as_cursor(place))
        if ended:
            yield Step([], as_cursor(_Place(floor=place.top or place.floor)), complete=True)

    def _listed(self, reply: Reply) -> list[_Listed]:
        found = self.source.shape(_WHAT, reply.host, reply.body, _Latest)
        return [] if found is None else self.source.shapes(_WHAT, reply.host, found.topic_list.topics, _Listed)

    def _list(self, page: int) -> str:
        return self._url("latest.json", order="activity", no_definitions="true", page=page)
