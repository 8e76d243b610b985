"""What every connector is: facts about its network, and ways to ask it that all end in records."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from urllib.parse import urlsplit

import msgspec

from candor.scoring.activity import Activity
from candor.store.workers import ConnectorFacts
from worker.connectors.source import MALFORMED, record
from worker.outbound import BadAnswerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from worker.connectors.source import Source
    from worker.outbound import Reply

__all__ = ["Connector", "ConnectorFacts", "Profile", "Status", "UnknownAccountError", "open_profile", "shut"]

Status = Literal["ok", "declined", "gone"]


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
