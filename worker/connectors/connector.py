"""What every connector is: what it can be asked, and how it makes records of what a network said."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import msgspec
from msgspec.structs import replace

from candor.names.account_text import UnknownAccountError
from candor.names.accounts import account_name
from candor.scoring.account_kinds import NOBODY_SAYS
from candor.scoring.activity import AccountKind, Activity
from candor.scoring.canonical_names import People
from candor.scoring.records import is_possible_time
from candor.store.workers import ConnectorFacts
from worker.connectors.network_client import UNEXPECTED
from worker.outbound import MALFORMED, BadAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from worker.connectors.network_client import NetworkClient
    from worker.outbound import Reply

__all__ = ["AccountProfile", "Connector", "ConnectorFacts", "Status", "UnknownAccountError"]

Status = Literal["ok", "declined", "gone"]
UNTOLD: tuple[AccountKind, str] = ("unknown", NOBODY_SAYS)
_SPARED = frozenset({"url", "name", "bio", "followers", "via"})
_MOST_TAGS = 1_000
_ANY_RECORD = {"type": "account", "published": datetime(1970, 1, 1, tzinfo=UTC)}


class AccountProfile(msgspec.Struct, frozen=True, kw_only=True):
    """Who an account is. `account.actor` is the name that records use, whatever spelling was asked for.

    `declined` means that the account does not want to be read, `gone` that it is no more; `reason` says by what sign.
    Then the record holds the name and nothing else, and no activities are to be asked for. `kind_reason` says by what
    sign the network tells people, organisations and bots apart, if it does.
    """

    account: Activity
    status: Status
    reason: str | None = None
    kind_reason: str | None = None


class Connector(ABC):
    """Reads one network for one job. It yields records, each id once, and knows no score.

    What cannot be had is listed in the client's gaps, and reading goes on with what there is. Two errors end it: the
    job's requests are used up (BudgetSpentError: keep what came), or a host asks to wait (WaitingError: ask again
    later, from the start; what was answered already comes from the cache).
    """

    facts: ClassVar[ConnectorFacts]

    def __init__(self, client: NetworkClient, network: str) -> None:
        self.client = client
        self.network = network
        self._given: set[str] = set()
        self._people = People(network)
        self._profiles: dict[str, AccountProfile] = {}

    @classmethod
    def supports(cls, network: str) -> bool:
        """Tell whether this connector reads the network of that name."""
        return network.partition(":")[0] == cls.facts.family

    def canonical_name(self, account: str) -> str | None:
        """Return the name that records use, None where only the network can tell it. Raises UnknownAccountError."""
        return account_name(self.network, account)

    def aliases(self, account: str) -> Iterator[str]:
        """Yield every name by which the network knows the account now. Raises as `profile`, and WaitingError."""
        yield str(self.profile(account).account.actor)

    @abstractmethod
    def profile(self, account: str) -> AccountProfile:
        """Say who the account is and whether it may be read.

        Raises UnknownAccountError; OutboundError when nothing can be said, which names the host and the reason.
        """

    def read_once(self, name: str, read: Callable[[str], AccountProfile]) -> AccountProfile:
        """Return the profile that `read` gives, asked for once whichever of its two names is given."""
        if name not in self._profiles:
            profile = read(name)
            self._profiles |= {name: profile, str(profile.account.actor): profile}
        return self._profiles[name]

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
        """Yield the records of one thing, each id the first time only: one post is met often.

        Accounts in them go by their one names. What cannot be kept is left out with a gap; where no more can be made,
        what was made before stays: a post comes before whom it mentions.
        """
        try:
            for each in made:
                named = self._named(what, host, each)
                if named is not None and named.id not in self._given:
                    self._given.add(named.id or "")
                    yield named
        except (*MALFORMED, ValueError):
            self.client.gaps.add(what, f"{host}: {UNEXPECTED}")

    def records_of_each(self, what: str, host: str, things: Iterable[Iterable[Activity]]) -> Iterator[Activity]:
        """Yield the records of things one after the other, as `records`: one that is malformed loses no other."""
        for made in things:
            yield from self.records(what, host, made)

    def _named(self, what: str, host: str, made: Activity) -> Activity | None:
        """Return a record with the one names of accounts, None and a gap where one is no account's.

        An act on a post towards what can be no account is one towards nobody known.
        """
        try:
            return self._people.with_canonical_names(made)
        except ValueError:
            self.client.gaps.add(what, f"{host}: {UNEXPECTED}")
        if made.target_actor is None or made.object is None or made.type in {"mention", "list"}:
            return None
        with suppress(ValueError):
            return self._people.with_canonical_names(replace(made, target_actor=None))
        return None

    def act(self, what: str, host: str, **fields: Any) -> Iterator[Activity]:  # noqa: ANN401 as `record`
        """Yield one record, as `records` does."""
        return self.records(what, host, one(**fields))


def unavailable_profile(name: str, seen_at: datetime, reason: str, *, gone: bool = False) -> AccountProfile:
    """Make the profile of an account of which nothing is kept."""
    account = Activity(type="account", actor=name, published=seen_at, consent=False)
    return AccountProfile(account=account, status="gone" if gone else "declined", reason=reason)


def public_profile(reply: Reply, kind: tuple[AccountKind, str] = UNTOLD, **facts: Any) -> AccountProfile:  # noqa: ANN401 whatever JSON held
    """Make the profile of an account that may be read. Raises BadAnswerError when its facts are none."""
    try:
        account = record(type="account", published=reply.fetched_at, kind=kind[0], **facts)
        return AccountProfile(account=account, status="ok", kind_reason=kind[1])
    except MALFORMED as error:
        raise BadAnswerError(reply.host, UNEXPECTED, reply) from error


def record(**fields: Any) -> Activity:  # noqa: ANN401 whatever JSON held
    """Make a record of what a network said, checked as if it had been uploaded.

    What can be spared is left out where it is not as it should be: a tag that is too long, a count below zero. Raises
    one of MALFORMED for anything else: an id that is too long, a time without an offset or of the year 1.
    """
    try:
        made = msgspec.convert(fields, Activity)
    except msgspec.ValidationError:
        tags = [tag for tag in fields.get("tags") or () if _is_right("tags", (tag,))][:_MOST_TAGS]
        right = {name: value for name, value in fields.items() if name not in _SPARED or _is_right(name, value)}
        if right.get("type") == "reply":  # one to nothing that is known stays one
            right["object"] = right.get("object") or None
        made = msgspec.convert({**right, "tags": tags}, Activity)
    if not is_possible_time(made.published):
        raise OverflowError("not a real date")
    return made


def one(**fields: Any) -> Iterator[Activity]:  # noqa: ANN401 as `record`
    """Yield one record, made once it is asked for. May raise as `record`."""
    yield record(**fields)


def _is_right(name: str, value: object) -> bool:
    try:
        msgspec.convert({**_ANY_RECORD, name: value}, Activity)
    except msgspec.ValidationError:
        return False
    return True
