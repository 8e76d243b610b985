"""The names of an account of the fediverse: under its own domain and its server's, and where it moved from and to.

WebFinger (RFC 7033) and actor documents (ActivityPub) say it. A server is taken at its word for its own accounts alone:
a name elsewhere counts where the other side says the same, or anybody could have others erased as their second self.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from candor.names.accounts import lenient_namer
from worker.connectors.mastodon_posts import Finger
from worker.outbound import MALFORMED, BadAnswerError, GoneError, RefusedError, RejectedError, UnauthorisedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker.connectors.source import Source

T = TypeVar("T")
MOST_OTHERS = 5
_NAME = re.compile(r"@([^@]+)@([^@]+)")
_ACTOR = 'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
_FINGER = "application/jrd+json, application/json"
_SAYS_NOTHING = (BadAnswerError, GoneError, RefusedError, RejectedError, UnauthorisedError)
"""Answers that will be the same tomorrow; whoever cannot be reached at all is asked again."""

name_of = lenient_namer("mastodon")


class Actor(msgspec.Struct, rename={"user": "preferredUsername", "known_as": "alsoKnownAs", "moved_to": "movedTo"}):
    """An actor document (ActivityPub), as far as names go."""

    id: str = ""
    user: str = ""
    known_as: Any = None
    moved_to: Any = None

    @property
    def name(self) -> str:
        """Return the one name that its server's address gives it, empty where there is none."""
        found = name_of(f"@{self.user}@{host_of(self.id)}")
        return found if _NAME.fullmatch(found) else ""

    @property
    def others(self) -> tuple[str, ...]:
        """Return the addresses of the accounts that it says it was or is."""
        said = self.known_as if isinstance(self.known_as, list) else [self.known_as]
        return tuple(dict.fromkeys(each for each in (self.moved_to, *said) if isinstance(each, str) and each))


def host_of(address: str) -> str:
    """Return the host of an address, with its port if it says one; empty where it is none."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""


class FediverseNames:
    """Asks for one account; past the cache, so that nothing about it is kept. Raises OutboundError, WaitingError."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def of(self, account: str, moved_to: str | None = None) -> Iterator[str]:
        """Yield the names of an account: `@user@host` or the address of an actor; its server may say where it moved."""
        yield account
        actor = None if _NAME.fullmatch(account) else self._actor(account)
        if actor is not None and actor.name:
            account = actor.name
            yield account
        address, names = self._at_home(account)
        yield from names
        if address and actor is None:
            actor = self._actor(address)
        said = [self._at_home(moved_to)[0] if moved_to else "", *(actor.others if actor else ())]
        for other in islice(dict.fromkeys(filter(None, said)), MOST_OTHERS):
            yield from self._second_self(other, actor.id if actor else address)

    def _at_home(self, name: str) -> tuple[str, tuple[str, ...]]:
        """Return where an account is, and its names there: of its own domain, its server's, and the address itself."""
        found = _NAME.fullmatch(name)
        here = self._finger(*found.groups()) if found else Finger()
        named = _NAME.fullmatch(here.name)
        if found is None or named is None or named[1] != found[1] or not here.actor:
            return "", ()
        (user, host), own, served = found.groups(), named[2], host_of(here.actor)
        other = served if host == own else own
        if host not in {own, served} or (other != host and not self._finger(user, other).says_as(here)):
            return "", ()
        return here.actor, (f"@{user}@{own}", f"@{user}@{served}", name_of(here.actor))

    def _second_self(self, address: str, of: str) -> Iterator[str]:
        """Yield the names of an account that it moved from or to, where that one says so as well."""
        other = self._actor(address)
        if other is not None and of in other.others:
            yield from (other.name or name_of(address), name_of(address))
            yield from self._at_home(other.name)[1]

    def _actor(self, address: str) -> Actor | None:
        """Read an actor's document at its own address, None where there is none for strangers."""
        found = self._read(address, _ACTOR, Actor)
        return found if found is not None and found.id == address else None

    def _finger(self, user: str, domain: str) -> Finger:
        query = urlencode({"resource": f"acct:{user}@{domain}"})
        return self._read(f"{self._source.origin(domain)}/.well-known/webfinger?{query}", _FINGER, Finger) or Finger()

    def _read(self, address: str, accept: str, kind: type[T]) -> T | None:
        try:
            return msgspec.json.decode(self._source.outbound.get_fresh(address, accept=accept), type=kind)
        except (*_SAYS_NOTHING, *MALFORMED):
            return None
