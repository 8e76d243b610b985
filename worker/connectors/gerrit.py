"""Gerrit, on any host: changes with their messages, votes and who merged them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, urlencode

import msgspec

from candor.formats.dumps.gerrit import Account, Change
from candor.formats.lenient import NEEDED
from candor.scoring.account_kinds import by_sign
from worker.connectors.connector import Connector, ConnectorFacts, public_profile, unavailable_profile
from worker.connectors.network_client import read
from worker.outbound import BadAnswerError, GoneError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from candor.scoring.activity import AccountKind, Activity
    from worker.connectors.connector import AccountProfile
    from worker.outbound import Reply

_ROOTS = ("", "r/")
_SHOWN = [("o", "MESSAGES"), ("o", "DETAILED_LABELS"), ("o", "DETAILED_ACCOUNTS")]
_NO_GERRIT = (b"<", b"404")
_PAGE = 100
_VOUCHES = 10


class _Profile(Account):
    """What an account says of itself."""

    name: str | None = None
    username: str | None = None
    inactive: bool = False

    @property
    def kind(self) -> tuple[AccountKind, str]:
        """Say what stands behind it: a server tags the accounts of programs, and no more."""
        return by_sign("gerrit", "tags SERVICE_USER" if self.is_service else "")


class _Change(Change):
    """A change; where it does not say clearly that it is for everybody, it is left out."""

    is_private: Annotated[bool, NEEDED] = False


class _Last(msgspec.Struct):
    """What the last change of a page says: that there are more."""

    more: bool = msgspec.field(name="_more_changes", default=False)


class Gerrit(Connector):
    """Accounts go by their number on the server, which its address or user name stands for; changes by host and number.

    A server stands at the root of its host or under /r/.
    """

    facts = ConnectorFacts(
        family="gerrit",
        profile="forum",
        terms="the REST interface of the server as it answers strangers",
        limits="as each server says, by Retry-After",
        consent=("inactive", "deleted"),
        unseen={
            "comments_in_code": "what is said on lines of a change; only the message that goes with it",
            "taken_back": "votes that were taken back, and who was only asked",
            "programs": "what programs say and vote, and what the server itself notes",
        },
    )

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 as Connector
        super().__init__(*args, **named)
        self._host = self.network.partition(":")[2]
        self._root = ""
        self._names: dict[str, tuple[str, ...]] = {}

    def canonical_name(self, account: str) -> str | None:
        """See Connector. Only a number is settled: which one an address stands for, the server says."""
        name = super().canonical_name(account)
        return name if name and name.isdigit() else None

    def aliases(self, account: str) -> Iterator[str]:
        """See Connector. The number, the address and the user name."""
        yield from self._names[str(self.profile(account).account.actor)]

    def profile(self, account: str) -> AccountProfile:
        """See Connector. One request, two where the server does not stand at the root of its host."""
        return self.read_once(str(super().canonical_name(account)), self._read_profile)

    def activities(self, account: str, since: datetime, until: datetime) -> Iterator[Activity]:
        """See Connector. Changes of its own and those it had a word in, the newest first, whole."""
        profile = self.profile(account)
        if profile.status == "ok":
            between = f"after:{since:%Y-%m-%d} before:{_day_after(until)}"
            who = profile.account.actor
            for change in self._changes(f"(owner:{who} OR reviewer:{who}) {between}", _PAGE):
                yield from self._records(change)

    def recognition(self, posts: Iterable[Activity]) -> Iterator[Activity]:
        """See Connector. Nothing more: all of it stood in the changes."""
        del posts
        return iter(())

    def vouches_of(self, account: str) -> Iterator[Activity]:
        """See Connector. The changes of others that it merged, among the newest ten in which it had a word."""
        profile = self.profile(account)
        if profile.status == "ok":
            who = str(profile.account.actor)
            reply = self.client.ask("changes", self._query(f"reviewer:{who} status:merged -owner:{who}", _VOUCHES))
            for change in self.client.items("changes", reply, _Change) if reply else ():
                yield from (r for r in self._records(change) if (r.type, r.actor) == ("accept", who))

    def _read_profile(self, name: str) -> AccountProfile:
        try:
            reply = self._get(f"accounts/{quote(name, safe='')}")
        except GoneError as error:
            if error.reply is None or error.reply.body.lstrip().startswith(_NO_GERRIT):  # it says so in plain text
                raise
            self._names[name] = (name,)
            return unavailable_profile(name, error.reply.fetched_at, f"account not found on {self._host}", gone=True)
        found = read(reply, _Profile)
        if found.number is None:
            raise BadAnswerError(reply.host, "does not say the number of the account", reply)
        actor = str(found.number)
        self._names[actor] = tuple(dict.fromkeys(each for each in (actor, found.email, found.username) if each))
        if found.inactive:
            self.client.outbound.forget(reply)
            return unavailable_profile(actor, reply.fetched_at, "inactive on its server", gone=True)
        url = f"{self.client.origin(self._host)}/{self._root}q/owner:{actor}"
        return public_profile(reply, found.kind, actor=actor, name=found.name or found.username, url=url)

    def _get(self, path: str) -> Reply:
        """Ask at the root of the host, then under /r/; the last answer holds. Raises OutboundError."""
        for root in _ROOTS[:-1]:
            try:
                reply = self.client.outbound.get_json(self._url(root, path))
            except (GoneError, BadAnswerError):
                continue
            self._root = root
            return reply
        reply = self.client.outbound.get_json(self._url(_ROOTS[-1], path))
        self._root = _ROOTS[-1]
        return reply

    def _url(self, root: str, path: str) -> str:
        return f"{self.client.origin(self._host)}/{root}{path}"

    def _query(self, words: str, size: int, start: int = 0) -> str:
        return self._url(self._root, f"changes/?{urlencode([('q', words), *_SHOWN, ('n', size), ('S', start)])}")

    def _changes(self, words: str, size: int) -> Iterator[Change]:
        what, start = "changes", 0

        def _following(reply: Reply) -> str | None:
            nonlocal start
            start += reply.length()
            more = self.client.items(what, reply, _Last)
            return self._query(words, size, start) if more and more[-1].more else None

        for reply in self.client.pages(what, self._query(words, size), _following):
            yield from self.client.items(what, reply, _Change)

    def _records(self, change: Change) -> Iterator[Activity]:
        if not change.is_private:
            page = f"https://{self._host}/{self._root}c/{quote(change.project)}/+/{change.number}"
            parts = change.parts(f"{self._host}/{change.number}", _number, page)
            yield from self.records_of_each("changes", self._host, parts)


def _number(account: Account) -> str | None:
    """Return who it is, None for a program and where the server does not say."""
    return None if account.is_service or account.number is None else str(account.number)


def _day_after(at: datetime) -> str:
    """Return a day before which all of a time has passed: `before:` takes days, and there is nothing newer than now."""
    return f"{at.date().fromordinal(min(at.toordinal() + 1, at.max.toordinal())):%Y-%m-%d}"
