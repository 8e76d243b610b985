"""The suppression list: accounts that are not to be scored or kept, for everybody who uses this service.

Who left is written down beside the data as well, so that a back-up which is put back does not bring them back.
"""

from __future__ import annotations

import hashlib
import itertools
import logging
import os
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from candor.names.accounts import lenient_namer
from candor.names.networks import network_name
from candor.store import redis_keys
from candor.store.client import grow, number_at
from candor.store.secret import private, regular

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from redis import Redis
    from redis.client import Pipeline

    from candor.store.secret import Secret


log = logging.getLogger(__name__)

PURPOSE = "suppression"
_AT_ONCE = 10_000
SUPPRESSION_LISTS = (redis_keys.SUPPRESSED, redis_keys.SUPPRESSED_AGAIN)


class Suppression:
    """Which accounts are suppressed, whichever way they are written.

    The list holds keyed digests: without the service's secret it names nobody. It is kept twice, and whoever is in
    either is on it: no damage to one of them lets anybody back in. What became of them is in the file `left` as well.
    """

    def __init__(self, redis: Redis, secret: Secret, left: Left) -> None:
        self._redis = redis
        self._secret = secret
        self._left = left

    def add(self, network: str, accounts: Iterable[str]) -> None:
        """Suppress the accounts from now on."""
        names = list(accounts)
        with self._redis.pipeline() as pipe:
            self.add_in(pipe, network, names)
            pipe.execute()
        self.note("suppressed", network, names)

    def note(self, what: What, network: str, accounts: Iterable[str], owner: str | None = None) -> None:
        """Write beside the data what has become of the accounts, where that is not said there yet."""
        version = self.version()
        lines = [
            Leaving(version=version, what=what, digest=digest, owner=owner)
            for digest in self.digests(network, accounts)
        ]
        self._left.note(lines)
        if lines:
            self._redis.sadd(redis_keys.NOTED, *(each.id for each in lines))

    def newer(self) -> list[Leaving]:
        """Return what became of accounts and the list does not know, as it comes from a back-up.

        That is each line of which Redis does not know that it was written, and whoever left and is neither on the list
        nor was let in. Versions do not tell: opt-outs since the back-up was put back make it look newer than it is.
        """
        try:
            noted = self._left.read()
        except OSError:
            log.exception("who left cannot be read")
            return []
        if not noted:
            return []
        digests = [each.digest for each in noted]
        let_in = self._redis.smismember(redis_keys.LET_IN, digests)
        written = self._redis.smismember(redis_keys.NOTED, [each.id for each in noted])
        known = zip(noted, self.holds(digests), let_in, written, strict=True)
        return [each for each, held, is_in, is_known in known if not (is_known and (held or is_in))]

    def put_back(self, left: Iterable[Leaving]) -> None:
        """Suppress or allow accounts again, as it was noted."""
        with self._redis.pipeline() as pipe:
            newest = self.version()
            for each in left:
                newest = max(newest, each.version)
                self._change(pipe, [each.digest], is_let_in=each.what == "allowed")
                pipe.sadd(redis_keys.NOTED, each.id)
            pipe.set(redis_keys.SUPPRESSIONS, newest + 1)
            pipe.execute()

    def add_in(self, pipe: Pipeline, network: str, accounts: Iterable[str]) -> None:
        """Put it into what `pipe` writes that the accounts are suppressed."""
        if named := list(accounts):
            self._change(pipe, self.digests(network, named), is_let_in=False)
            grow(pipe, redis_keys.SUPPRESSIONS)

    def remove(self, network: str, account: str) -> bool:
        """Lift the suppression; False when there was none."""
        with self._redis.pipeline() as pipe:
            self._change(pipe, self.digests(network, [account]), is_let_in=True)
            grow(pipe, redis_keys.SUPPRESSIONS)
            removed = pipe.execute()[: len(SUPPRESSION_LISTS)]
        self.note("allowed", network, [account])
        return any(removed)

    def _change(self, pipe: Pipeline, digests: list[str], *, is_let_in: bool) -> None:
        for key in SUPPRESSION_LISTS:
            (pipe.srem if is_let_in else pipe.sadd)(key, *digests)
        (pipe.sadd if is_let_in else pipe.srem)(redis_keys.LET_IN, *digests)

    def mend(self) -> int:
        """Put into each copy of the list what only the other has; returns how many digests one of them lacked.

        What was changed by damage stays as the digest of nobody.
        """
        with self._redis.pipeline() as pipe:
            for one, other in (SUPPRESSION_LISTS, SUPPRESSION_LISTS[::-1]):
                pipe.sdiff([one, other])
            lacking = list(itertools.chain(*pipe.execute()))
        if lacking:
            with self._redis.pipeline() as pipe:
                for key in SUPPRESSION_LISTS:
                    pipe.sadd(key, *lacking)
                pipe.execute()
        return len(lacking)

    def version(self) -> int:
        """Return a number that grows whenever the list changes."""
        return number_at(self._redis, redis_keys.SUPPRESSIONS)

    def is_empty(self) -> bool:
        """Tell whether nobody is suppressed."""
        return not self._redis.exists(*SUPPRESSION_LISTS)

    def among(self, network: str, accounts: Iterable[str]) -> set[str]:
        """Return those of the accounts on the list; about two seconds for a million, nothing while nobody is."""
        if self.is_empty():
            return set()
        names = iter(dict.fromkeys(accounts))
        suppressed: set[str] = set()
        while some := list(itertools.islice(names, _AT_ONCE)):
            held = self.holds(self.digests(network, some))
            suppressed.update(name for name, is_held in zip(some, held, strict=True) if is_held)
        return suppressed

    def holds(self, digests: list[str]) -> list[bool]:
        """Tell of each digest whether it is on the list."""
        if not digests:
            return []
        with self._redis.pipeline(transaction=False) as pipe:
            for key in SUPPRESSION_LISTS:
                pipe.smismember(key, digests)
            return [any(held) for held in zip(*pipe.execute(), strict=True)]

    def digests(self, network: str, accounts: Iterable[str]) -> list[str]:
        """Return the digests by which the list knows these accounts."""
        digest, known, name = self._secret.digester(PURPOSE), network_name(network), lenient_namer(network)
        return [digest(msgspec.json.encode([known, name(account)])) for account in accounts]


LEFT_FILE = "left"
What: TypeAlias = Literal["suppressed", "erased", "allowed"]


class Leaving(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of an account, by its keyed digest; `version` is that of the suppression list then, or a later one.

    `owner` is whose data it was erased from, null for everybody's.
    """

    version: int
    what: What
    digest: str
    owner: str | None = None

    @property
    def id(self) -> str:
        """By which Redis knows that this was written."""
        said = f"{self.version} {self.what} {self.digest} {self.owner or ''}"
        return hashlib.sha256(said.encode()).hexdigest()[:24]


class Left:
    """The file: a line for everybody who was suppressed, erased or let in again, which names nobody."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._found: dict[str, dict[str | None, Leaving]] = {}
        self._read_to, self._file = 0, -1

    def note(self, leaving: Iterable[Leaving]) -> None:
        """Add what became of some accounts, unless that is said already. Where that fails, the log says so."""
        try:
            known = {(each.digest, each.owner): each.what for each in self.read()}
            new = [each for each in leaving if not _is_said(each, known.get((each.digest, each.owner)))]
            if not new:
                return
            with open(self.path, "ab", opener=private) as file:
                # an empty line ends one that a power cut left half written
                file.write(b"\n" + msgspec.json.Encoder().encode_lines(new))
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            log.exception("who left is not in %s: a back-up that is put back would bring them back", self.path)

    def read(self) -> list[Leaving]:
        """Return what is said of each account since it was let in last; broken lines are logged. Raises OSError.

        Who was erased is so still, whatever was asked for later. What was read before is not read again, as lines are
        only ever added.
        """
        try:
            with open(self.path, "rb", opener=regular) as file:
                there = os.fstat(file.fileno())
                if there.st_ino != self._file or there.st_size < self._read_to:
                    self._found, self._read_to, self._file = {}, 0, there.st_ino
                file.seek(self._read_to)
                whole = file.read().rpartition(b"\n")[0]
        except FileNotFoundError:
            return []
        for line in whole.splitlines():
            self._take(line)
        self._read_to += len(whole) + bool(whole)
        return [each for of_account in self._found.values() for each in of_account.values()]

    def _take(self, line: bytes) -> None:
        if not line.strip():
            return
        try:
            said = msgspec.json.decode(line, type=Leaving)
        except msgspec.MsgspecError:
            log.warning("a line of %s is broken: whoever it was about may come back with a back-up", self.path)
            return
        of_account = self._found.setdefault(said.digest, {})
        if "allowed" in {said.what, *(each.what for each in of_account.values())}:
            of_account.clear()
        was = of_account.get(said.owner)
        if was is None or was.what != "erased":
            of_account[said.owner] = said


def _is_said(each: Leaving, known: What | None) -> bool:
    return known == each.what or (known == "erased" and each.what == "suppressed")
