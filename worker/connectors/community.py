"""What reads a whole community, or a part of one, step by step from where it stopped, or down lists of newest posts."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from candor.scoring.activity import Instant
from candor.store import utc_now
from worker.connectors.connector import AccountProfile, Connector, UnknownAccountError
from worker.outbound import OutboundError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterator
    from datetime import datetime

    from candor.scoring.activity import Activity
    from candor.store.sources import AskedSource
    from worker.connectors.gaps import Gaps
    from worker.connectors.network_client import NetworkClient
    from worker.outbound import Reply


class Batch(NamedTuple):
    """Records that came together, and where to go on after them; `complete` when nothing is left to read."""

    records: list[Activity]
    cursor: dict[str, Any]
    complete: bool = False


class CommunityConnector(Connector):
    """A connector that reads what everybody did in one place, so that a data set can follow it.

    `trusted` are the accounts that the place itself gives a part in looking after it, as far as was read; `objecting`
    are those that were shown with a sign that they do not want to be read.
    """

    def __init__(self, client: NetworkClient, network: str) -> None:
        super().__init__(client, network)
        self.trusted: dict[str, None] = {}
        self.objecting: set[str] = set()

    @abstractmethod
    def batches(self, asked: AskedSource, cursor: dict[str, Any], since: datetime) -> Iterator[Batch]:
        """Yield what happened from `since` on, beginning where a cursor stands (empty: at the beginning).

        A batch may bring again what an earlier one brought. Without a complete batch at the end something could not be
        read, and the gaps say what. Raises BudgetSpentError and WaitingError: the cursor of the last batch holds.
        """

    def needs(self, host: str) -> bool:
        """Say whether reading is to wait until this host answers again; else what it keeps is left out, with a gap."""
        del host
        return True

    def profiles(self, names: Collection[str]) -> Iterator[AccountProfile]:
        """Yield who these accounts are and whether they may be read; one that cannot be asked about is a gap."""
        for name in names:
            try:
                yield self.profile(name)
            except UnknownAccountError:
                continue
            except OutboundError as error:
                self.client.gaps.add("accounts", error.words)


def as_cursor(place: msgspec.Struct) -> dict[str, Any]:
    """Write a place as a cursor that can be kept."""
    cursor: dict[str, Any] = msgspec.to_builtins(place)
    return cursor


LATE = timedelta(days=3)
"""How long after a post was written it is looked at again, for what was said and done about it since."""
LOOK_BACK = timedelta(hours=6)
"""How often."""
MOST_IN_VAIN = 3
"""How many readings may end where the last one did."""
_MOST_REMEMBERED = 2_000


class ReadingState(msgspec.Struct, frozen=True):
    """Everything before `floor` is read. A run from `top` down to `until` is at what is of time `at`.

    `vain` is how many readings came no further than `at`.
    """

    floor: Instant | None = None
    top: Instant | None = None
    until: Instant | None = None
    at: Instant | None = None
    looked_back_at: Instant | None = None
    vain: int = 0

    @abstractmethod
    def done(self) -> Self:
        """Return the place once the run is over."""


R = TypeVar("R", bound=ReadingState)


def go_on(run: Callable[[R], Iterator[Batch]], place: R, gaps: Gaps, host: str) -> Generator[Batch, None, R | None]:
    """Read what was broken off to its end; return the place after it, None where this reading ends before that.

    After three readings that came no further what is older is given up, or nothing newer would ever be read.
    """
    if (stood := place.at) is None:
        return place
    for batch in run(place):
        yield batch._replace(complete=False)
        place = msgspec.convert(batch.cursor, type(place))
    if place.at is None:
        return place
    place = replace(place, vain=place.vain + 1 if place.at == stood else 0)
    if place.vain < MOST_IN_VAIN:
        yield Batch([], as_cursor(place))
        return None
    gaps.add("older posts", f"{host}: {_given_up(stood)}")
    return place.done()


class Listed(NamedTuple):
    """A post in a list: its address, when it came there, how many reactions are counted, and all that is shown."""

    id: str
    at: datetime
    reactions: int
    post: Any


class _Place(ReadingState, frozen=True):
    """The post in hand is on `page`.

    `reactions` are those that recent posts had when they were read, by a hash of their addresses: `seen` in this run.
    `looked_back_at` is when recent posts were looked at again.
    """

    page: str | None = None
    reactions: dict[str, int] = {}
    seen: dict[str, int] = {}

    def done(self) -> _Place:
        """See ReadingState."""
        return _Place(floor=self.top or self.floor, reactions=self.seen, looked_back_at=self.looked_back_at)


class NewestFirst(CommunityConnector):
    """What was broken off is read to its end first, and then what is newer than where that began.

    Every six hours posts of the last three days are read again that have other reactions than they had.
    """

    @abstractmethod
    def first_page(self, asked: AskedSource) -> str | None:
        """Return the address of the newest posts, or None and a gap."""

    @abstractmethod
    def pages(self, first: str, following: Callable[[Reply], str | None]) -> Iterator[Reply]:
        """Ask for page after page."""

    @abstractmethod
    def page_after(self, first: str, reply: Reply) -> str | None:
        """Return the address of the page after this one."""

    @abstractmethod
    def is_list(self, reply: Reply) -> bool:
        """Say whether a page shows posts at all, be they none: else nothing is known of what follows."""

    @abstractmethod
    def listed(self, reply: Reply) -> list[Listed]:
        """Return what a page shows, the newest first."""

    @abstractmethod
    def about(self, listed: Listed) -> Iterator[Activity]:
        """Yield a post and what was said and done about it."""

    def batches(self, asked: AskedSource, cursor: dict[str, Any], since: datetime) -> Iterator[Batch]:
        """See CommunityConnector. A request for each page of posts, and up to three for a post with reactions."""
        first = self.first_page(asked)
        if first is None:
            return
        place = msgspec.convert(cursor, _Place)
        after = yield from go_on(partial(self._run, first), place, self.client.gaps, urlsplit(first).netloc)
        if after is not None:
            yield from self._run(first, _begun(after, since))

    def _run(self, first: str, place: _Place) -> Iterator[Batch]:
        """Read down to what was read before; the last batch is complete unless a page before that could not be had."""
        below, page, ended, is_shown, reached = place.at, place.page or first, False, False, False
        is_odd = False

        def _following(reply: Reply) -> str | None:
            nonlocal page, ended
            following = None if ended else self.page_after(first, reply)
            ended, page = following is None, following or page
            return following

        for reply in self.pages(page, _following):
            now = utc_now()  # a post may claim to be of a later time: then nothing would ever be newer
            shown, is_shown = [each._replace(at=min(each.at, now)) for each in self.listed(reply)], True
            is_odd = is_odd or not self.is_list(reply)
            before = [each.at < (place.until or each.at) for each in shown]
            ended, reached = bool(shown) and all(before), any(before)
            for each in shown:
                if each.at < (place.until or each.at) or (below is not None and each.at > below):
                    continue
                place = replace(place, top=place.top or each.at, at=each.at, page=page)
                known = place.reactions.get(_key(each))
                _remember(place, each)
                if known != each.reactions:
                    yield Batch(list(self.about(each)), as_cursor(place))
        if reached or (ended and not is_odd):
            yield Batch([], as_cursor(place.done()), complete=True)
        elif not is_shown:  # the page may be there no more: the next reading comes from the top
            yield Batch([], as_cursor(replace(place, page=None)))


def _begun(place: _Place, since: datetime) -> _Place:
    """Return where a run begins: down to what was read before, or every few hours some days further."""
    now = utc_now()
    if place.floor is None:
        return replace(place, until=since, looked_back_at=now)
    if place.looked_back_at is not None and now - place.looked_back_at < LOOK_BACK:
        carried = dict(list(place.reactions.items())[: _MOST_REMEMBERED // 2])
        return replace(place, until=max(since, place.floor), seen=carried)
    return replace(place, until=max(since, place.floor - LATE), looked_back_at=now, seen={})


def _given_up(at: datetime) -> str:
    """Say that nothing is asked for any more that is older."""
    return f"what is older than {at:%Y-%m-%d} was asked for three times in vain, and is given up"


def _remember(place: _Place, each: Listed) -> None:
    """Remember how many reactions a recent post has."""
    if place.top is not None and each.at >= place.top - LATE and len(place.seen) < _MOST_REMEMBERED:
        place.seen[_key(each)] = each.reactions


def _key(each: Listed) -> str:
    return hashlib.blake2b(each.id.encode(), digest_size=6).hexdigest()
