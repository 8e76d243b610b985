"""How connectors ask: pages, shapes and records, with whatever is missing put on a list."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar
from urllib.parse import urlsplit

import msgspec

from candor.scoring.activity import Activity
from candor.store.workers import ConnectorFacts
from worker.outbound import BadAnswerError, Credential, OutboundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from worker.outbound import Outbound, Reply


__all__ = ["Connector", "ConnectorFacts", "Profile", "Status", "UnknownAccountError", "open_profile", "shut"]

Status = Literal["ok", "declined", "gone"]

T = TypeVar("T")
MALFORMED = (msgspec.MsgspecError, UnicodeError, RecursionError, OverflowError)
"""What reading a shape or making a record out of foreign JSON may raise."""


class UnknownAccountError(ValueError):
    """The name can not be one of an account, or a list, on this network."""


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Who an account is. `account.actor` is the name that records use, whatever spelling was asked for.

    `declined` means that the account does not want to be read, `gone` that it is no more; `reason` says by what sign.
    Then the record holds the name and nothing else, and no activities are to be asked for.
    """

    account: Activity
    status: Status
    reason: str | None = None


class Connector(ABC):
    """Reads one network for one job. It yields records, each once, and knows no score.

    What can not be had is listed in the source's gaps, and reading goes on with what there is. Two errors end it: the
    job's requests are used up (BudgetSpentError: keep what came), or a host asks to wait (WaitingError: ask again
    later, from the start; what was answered already comes from the cache).
    """

    facts: ClassVar[ConnectorFacts]

    def __init__(self, source: Source, network: str) -> None:
        self.source = source
        self.network = network
        self._given: set[str] = set()

    @classmethod
    def supports(cls, network: str) -> bool:
        """Tell whether this connector reads the network of that name."""
        return network.partition(":")[0] == cls.facts.family

    @abstractmethod
    def settled(self, account: str) -> str | None:
        """Return the name that records use, where it can be told without asking. Raises UnknownAccountError."""

    @abstractmethod
    def profile(self, account: str) -> Profile:
        """Say who the account is and whether it may be read.

        Raises UnknownAccountError; OutboundError when nothing can be said, which names the host and the reason.
        """

    @abstractmethod
    def activities(self, account: str, since: datetime, until: datetime) -> Iterator[Activity]:
        """Yield what the account did from `since` up to and without `until`, newest first.

        With each post come the records it can not be read without: what it answers, whom it mentions.
        """

    @abstractmethod
    def recognition(self, posts: Iterable[Activity]) -> Iterator[Activity]:
        """Yield who took up these posts, and how. They are of one account and came from `activities`."""

    def vouches_of(self, account: str) -> Iterator[Activity]:
        """Yield the newest vouches that the account gave to others, a page of each kind, so that standing can flow."""
        del account
        return iter(())

    def list_members(self, reference: str) -> Iterator[str]:
        """Yield the names of the accounts on a list, as records use them. Raises UnknownAccountError, OutboundError."""
        raise UnknownAccountError(f"{self.facts.family} has no lists that Candor can read: {reference!r}")

    def _once(self, records: Iterable[Activity]) -> Iterator[Activity]:
        """Let each id through the first time only: one post is met on many ways."""
        for each in records:
            if each.id not in self._given:
                self._given.add(each.id or "")
                yield each


def shut(name: str, seen_at: datetime, reason: str, *, gone: bool = False) -> Profile:
    """Make the profile of an account of which nothing is kept."""
    account = Activity(type="account", actor=name, published=seen_at, consent=False)
    return Profile(account=account, status="gone" if gone else "declined", reason=reason)


def open_profile(reply: Reply, **facts: Any) -> Profile:  # noqa: ANN401 whatever JSON held
    """Make the profile of an account that may be read. Raises BadAnswerError when its facts are none."""
    try:
        return Profile(account=record(type="account", published=reply.fetched_at, **facts), status="ok")
    except MALFORMED as error:
        raise BadAnswerError(urlsplit(reply.url).netloc, "what it says of the account can not be", reply) from error


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator set: a token by host, and where a host is to be found instead (of a test network)."""

    tokens: Mapping[str, str] = {}
    places: Mapping[str, str] = {}


class Gaps:
    """What could not be read, counted: for `inputs.gaps`."""

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, str]] = Counter()

    def add(self, what: str, why: str) -> None:
        """Note that something was not to be had. `why` names the host."""
        self._seen[what, why] += 1

    def lines(self) -> tuple[str, ...]:
        """Say each thing once, with how often it happened, in the order in which it was met."""
        return tuple(
            f"{what}: {why}" + (f" ({count} times)" if count > 1 else "") for (what, why), count in self._seen.items()
        )


class Source:
    """Asks hosts on behalf of a connector. `outbound` is the only way out."""

    def __init__(self, outbound: Outbound, gaps: Gaps, access: Access = Access()) -> None:  # noqa: B008 frozen
        self.outbound = outbound
        self.gaps = gaps
        self._access = access

    def origin(self, host: str) -> str:
        """Return the scheme and authority under which a host is asked."""
        return self._access.places.get(host, f"https://{host}")

    def token(self, host: str) -> str | None:
        """Return the operator's token for a host, if there is one."""
        return self._access.tokens.get(host)

    def bearer(self, host: str) -> Credential | None:
        """Return the operator's token for a host as a header."""
        token = self.token(host)
        return Credential(host=urlsplit(self.origin(host)).netloc, value=f"Bearer {token}") if token else None

    def ask(self, what: str, url: str, **named: Any) -> Reply | None:  # noqa: ANN401 as get_json of Outbound
        """Ask, or note a gap and return None. Lets BudgetSpentError and WaitingError through."""
        try:
            return self.outbound.get_json(url, **named)
        except OutboundError as error:
            self.gaps.add(what, error.words)
            return None

    def pages(self, what: str, first: str, following: Callable[[Reply], str | None], **named: Any) -> Iterator[Reply]:  # noqa: ANN401
        """Ask for page after page. `following` finds the next address; a circle and a failed page end it with a gap."""
        url: str | None = first
        seen: set[str] = set()
        while url is not None and (reply := self.ask(what, url, **named)):
            yield reply
            seen.add(url)
            url = following(reply)
            if url in seen:
                self.gaps.add(what, f"{urlsplit(url).netloc}: its pages run in a circle")
                return

    def items(self, what: str, reply: Reply, kind: type[T], *path: str) -> list[T]:
        """Read the list that stands under `path` in an answer; what is malformed is left out with a gap."""
        found: Any = reply.json
        for step in path:
            found = found.get(step) if isinstance(found, dict) else None
        if not isinstance(found, list):
            self.malformed(what, urlsplit(reply.url).netloc)
            return []
        shapes = (self.shape(what, reply.url, item, kind) for item in found)
        return [shape for shape in shapes if shape is not None]

    def shape(self, what: str, url: str, value: Any, kind: type[T]) -> T | None:  # noqa: ANN401 JSON
        """Read one value as a shape, or note a gap and return None."""
        try:
            return msgspec.convert(value, kind, strict=False)
        except MALFORMED:
            self.malformed(what, urlsplit(url).netloc)
            return None

    def records(self, what: str, host: str, make: Callable[[], Iterable[Activity]]) -> list[Activity]:
        """Make the records of one thing: all, or none and a gap."""
        try:
            return list(make())
        except MALFORMED:
            self.malformed(what, host)
            return []

    def malformed(self, what: str, host: str) -> None:
        """Note that an answer is not of the shape it should have."""
        self.gaps.add(what, f"{host}: not of the shape that its interface promises")


def read(reply: Reply, kind: type[T]) -> T:
    """Read an answer that nothing can be said without. Raises BadAnswerError."""
    try:
        return msgspec.convert(reply.json, kind, strict=False)
    except MALFORMED as error:
        host = urlsplit(reply.url).netloc
        raise BadAnswerError(host, "its answer is not of the shape that its interface promises", reply) from error


def record(**fields: Any) -> Activity:  # noqa: ANN401 whatever JSON held
    """Make a record of what a network said, by way of its bytes, so that it is one that could have been uploaded.

    Raises one of MALFORMED: an id that is too long, a lone surrogate, a count below zero.
    """
    return msgspec.json.decode(msgspec.json.encode(fields), type=Activity)


def one(**fields: Any) -> tuple[Activity]:  # noqa: ANN401 as record
    """Make a single record, where `records` wants them in a row."""
    return (record(**fields),)


def next_link(reply: Reply) -> str | None:
    """Return the address that the Link header calls next."""
    return reply.links.get("next")
