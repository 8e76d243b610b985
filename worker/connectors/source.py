"""What every connector is: what it can be asked, how it asks hosts, and how their answers become records."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar
from urllib.parse import urlsplit

import msgspec

from candor.names.accounts import UnknownAccountError, account_name
from candor.scoring.activity import Activity
from candor.scoring.records import People
from candor.store.workers import ConnectorFacts
from worker.outbound import MALFORMED, BadAnswerError, Credential, OutboundError, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from worker.outbound import Outbound, Reply

__all__ = ["Connector", "ConnectorFacts", "Profile", "Status", "UnknownAccountError"]

Status = Literal["ok", "declined", "gone"]
T = TypeVar("T")
UNEXPECTED = "unexpected response format"


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Who an account is. `account.actor` is the name that records use, whatever spelling was asked for.

    `declined` means that the account does not want to be read, `gone` that it is no more; `reason` says by what sign.
    Then the record holds the name and nothing else, and no activities are to be asked for.
    """

    account: Activity
    status: Status
    reason: str | None = None


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
    """Asks hosts on behalf of a connector, and decodes what they answer. `outbound` is the only way out."""

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

    def ask_for(self, what: str, url: str, kind: type[T], **named: Any) -> T | None:  # noqa: ANN401 as `ask`
        """Ask for an answer of a shape, or note a gap and return None."""
        reply = self.ask(what, url, **named)
        return self.shape(what, reply.host, reply.body, kind) if reply else None

    def pages(self, what: str, first: str, following: Callable[[Reply], str | None], **named: Any) -> Iterator[Reply]:  # noqa: ANN401
        """Ask for page after page. `following` finds the next address; a loop and a failed page end it with a gap."""
        url: str | None = first
        seen: set[str] = set()
        while url is not None and (reply := self.ask(what, url, **named)):
            yield reply
            seen.add(url)
            url = following(reply)
            if url in seen:
                self.gaps.add(what, f"{urlsplit(url).netloc}: pagination loop")
                return

    def items(self, what: str, reply: Reply, kind: type[T], under: str | None = None) -> list[T]:
        """Decode the list that an answer is, or has `under` a name; what is malformed is left out with a gap."""
        found = self.shape(
            what, reply.host, reply.body if under is None else reply.parts.get(under, b""), list[msgspec.Raw]
        )
        return self.shapes(what, reply.host, found or (), kind)

    def shapes(self, what: str, host: str, encoded: Iterable[msgspec.Raw], kind: type[T]) -> list[T]:
        """Decode each value; what is malformed is left out with a gap."""
        return [shape for each in encoded if (shape := self.shape(what, host, each, kind)) is not None]

    def shape(self, what: str, host: str, encoded: bytes | msgspec.Raw, kind: type[T]) -> T | None:
        """Decode one value, or note a gap and return None."""
        try:
            return decode(encoded, kind)
        except MALFORMED:
            self.gaps.add(what, f"{host}: {UNEXPECTED}")
            return None


class Connector(ABC):
    """Reads one network for one job. It yields records, each id once, and knows no score.

    What cannot be had is listed in the source's gaps, and reading goes on with what there is. Two errors end it: the
    job's requests are used up (BudgetSpentError: keep what came), or a host asks to wait (WaitingError: ask again
    later, from the start; what was answered already comes from the cache).
    """

    facts: ClassVar[ConnectorFacts]

    def __init__(self, source: Source, network: str) -> None:
        self.source = source
        self.network = network
        self._given: set[str] = set()
        self._people = People(network)

    @classmethod
    def supports(cls, network: str) -> bool:
        """Tell whether this connector reads the network of that name."""
        return network.partition(":")[0] == cls.facts.family

    def canonical_name(self, account: str) -> str | None:
        """Return the name that records use, None where only the network can tell it. Raises UnknownAccountError."""
        return account_name(self.network, account)

    def aliases(self, account: str) -> tuple[str, ...]:
        """Return every name by which the network knows the account now. Raises as `profile`, and WaitingError."""
        return (str(self.profile(account).account.actor),)

    @abstractmethod
    def profile(self, account: str) -> Profile:
        """Say who the account is and whether it may be read.

        Raises UnknownAccountError; OutboundError when nothing can be said, which names the host and the reason.
        """

    @abstractmethod
    def activities(self, account: str, since: datetime, until: datetime) -> Iterator[Activity]:
        """Yield what the account did from `since` up to and without `until`, newest first.

        With each post come the records it cannot be read without: what it answers, whom it mentions.
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

    def records(self, what: str, host: str, made: Iterable[Activity]) -> Iterator[Activity]:
        """Yield the records of one thing, all or none and a gap; each id the first time only: one post is met often.

        Accounts in them go by their one names.
        """
        try:
            complete = [self._people.settled(each) for each in made]
        except (*MALFORMED, UnknownAccountError):
            self.source.gaps.add(what, f"{host}: {UNEXPECTED}")
            return
        for each in complete:
            if each.id not in self._given:
                self._given.add(each.id or "")
                yield each

    def act(self, what: str, host: str, **fields: Any) -> Iterator[Activity]:  # noqa: ANN401 as `record`
        """Yield one record, as `records` does."""
        return self.records(what, host, (record(**given) for given in (fields,)))


def unavailable_profile(name: str, seen_at: datetime, reason: str, *, gone: bool = False) -> Profile:
    """Make the profile of an account of which nothing is kept."""
    account = Activity(type="account", actor=name, published=seen_at, consent=False)
    return Profile(account=account, status="gone" if gone else "declined", reason=reason)


def public_profile(reply: Reply, **facts: Any) -> Profile:  # noqa: ANN401 whatever JSON held
    """Make the profile of an account that may be read. Raises BadAnswerError when its facts are none."""
    try:
        return Profile(account=record(type="account", published=reply.fetched_at, **facts), status="ok")
    except MALFORMED as error:
        raise BadAnswerError(reply.host, UNEXPECTED, reply) from error


def read(reply: Reply, kind: type[T]) -> T:
    """Decode an answer that nothing can be said without. Raises BadAnswerError."""
    try:
        return decode(reply.body, kind)
    except MALFORMED as error:
        raise BadAnswerError(reply.host, UNEXPECTED, reply) from error


def record(**fields: Any) -> Activity:  # noqa: ANN401 whatever JSON held
    """Make a record of what a network said, checked as if it had been uploaded.

    Raises one of MALFORMED: an id that is too long, a time without an offset, a count below zero.
    """
    return msgspec.convert(fields, Activity)


def next_link(reply: Reply) -> str | None:
    """Return the address that the Link header calls next."""
    return reply.links.get("next")
