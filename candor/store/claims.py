"""Claims: somebody says that an account is theirs, shows it with a one-time word, and has a short session then."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec
from msgspec.structs import replace
from redis.exceptions import ResponseError

from candor.names.networks import Proof
from candor.scoring.redaction import DataSubject
from candor.store import redis_keys
from candor.store.client import DamagedValueError, if_damaged, keys_like, pack, token_digest, unpack
from candor.store.damaged import Damaged
from candor.store.held import StoredHeld
from candor.store.models import DAY_S
from candor.store.sealed import Sealed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from redis import Redis

    from candor.store.queue import JobQueue
    from candor.store.secret import Secret

FUNCTION = "worker.claims.check"
OPEN_FOR, PROVEN_FOR, CODE_FOR = timedelta(days=1), timedelta(hours=1), timedelta(days=7)
CHECKS = 20  # of one claim
LOST_AFTER = timedelta(seconds=90)
_PURPOSE = "claims"

ClaimStatus: TypeAlias = Literal["open", "checking", "proven"]


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Whose account somebody says it is. `why` says why the last check did not find the word.

    `names` are all that the network has for the account, known once it is proven.
    """

    id: str
    network: str
    account: str
    word: str
    created_at: datetime
    ends_at: datetime
    status: ClaimStatus = "open"
    way: Proof | None = None
    address: str | None = None
    checked_at: datetime | None = None
    checks: int = 0
    why: str | None = None
    names: tuple[str, ...] = ()
    gathered: bool = False


class Claims:
    """The claims of everybody. Who carries the token may go on with one; only its digest is kept."""

    def __init__(self, redis: Redis, secret: Secret, queue: JobQueue, clock: Callable[[], datetime]) -> None:
        self._redis = redis
        self._secret = secret
        self._queue = queue
        self._clock = clock
        self._claims = Sealed[Claim](redis, Claim)
        self._codes = Sealed[tuple[str, str]](redis, tuple[str, str])

    def begin(self, network: str, account: str) -> tuple[str, Claim]:
        """Begin a claim; returns the token that its holder carries, and the claim. Nothing is looked up."""
        token, now = f"am_{secrets.token_urlsafe(32)}", self._clock()
        claim = Claim(
            id=token_digest(token),
            network=network,
            account=account,
            word=f"candor-{secrets.token_hex(10)}",
            created_at=now,
            ends_at=now + OPEN_FOR,
        )
        return token, self._keep(claim)

    def find(self, token: str) -> Claim | None:
        """Return the claim that a token goes on with, or None."""
        return self.get(token_digest(token))

    def get(self, claim_id: str) -> Claim | None:
        """Return the claim of that id, or None. A damaged one is none: whoever holds it begins anew."""
        return self._claims.readable(redis_keys.claim(claim_id))

    def check(self, claim: Claim, way: Proof, address: str | None) -> Claim | None:
        """Have a worker look for the word; None when that was asked for too often, or is under way."""
        now = self._clock()
        busy = claim.status == "checking" and claim.checked_at is not None and now - claim.checked_at < LOST_AFTER
        if claim.status == "proven" or busy or claim.checks >= CHECKS:
            return None
        asked = replace(
            claim, status="checking", way=way, address=address, checked_at=now, checks=claim.checks + 1, why=None
        )
        self._keep(asked)
        self._queue.push("interactive", "", claim.id, function=FUNCTION)
        return asked

    def fail(self, claim: Claim, why: str) -> Claim:
        """Note that the word was not found, and why."""
        return self._keep(replace(claim, status="open", why=why))

    def prove(self, claim: Claim, names: tuple[str, ...]) -> Claim:
        """Note that the account is theirs; from now on its holder has an hour."""
        names = tuple(dict.fromkeys((claim.account, *names)))
        ends_at = self._clock() + PROVEN_FOR
        return self._keep(replace(claim, status="proven", names=names, why=None, ends_at=ends_at))

    def keep_held(self, claim: Claim, held: StoredHeld) -> Claim:
        """Keep what is held of the account, as long as the claim lasts."""
        life_s = self._life_s(claim)
        self._redis.set(redis_keys.claim_held(claim.id), pack(msgspec.json.encode(held)), ex=life_s)
        return self._keep(replace(claim, gathered=True))

    def held(self, claim: Claim) -> StoredHeld | None:
        """Return what is held of the account, or None where that is not gathered yet."""
        raw = self._redis.get(redis_keys.claim_held(claim.id))
        return None if raw is None else msgspec.json.decode(unpack(raw), type=StoredHeld)

    def collect_again(self, claim: Claim) -> None:
        """Have a worker collect what is held of a proven account, again."""
        self._queue.push("interactive", "", claim.id, function=FUNCTION)

    def collect_anew(self, claim: Claim) -> None:
        """Have it collected again, as if it had not been yet: its holder waits for what there is now."""
        self.collect_again(self._keep(replace(claim, gathered=False)))

    def collect_about(self, network: str, account: str) -> None:
        """Have what is held of an account gathered again for everybody who has shown that it is theirs."""
        for key in self._of(DataSubject(network=network, names=(account,)), Damaged()):
            claim = self.get(key.split(":")[2])
            if claim is not None and claim.status == "proven":
                self.collect_again(claim)

    def end(self, claim: Claim) -> None:
        """Forget the claim."""
        self._redis.delete(redis_keys.claim(claim.id), redis_keys.claim_held(claim.id))

    def make_code(self, network: str, account: str) -> str:
        """Return a one-time code that proves the account: for the operator, who has checked it otherwise."""
        code = secrets.token_urlsafe(24)
        place = redis_keys.claim_code(token_digest(code))
        self._redis.set(place, self._codes.written(place, (network, account)), ex=CODE_FOR)
        return code

    def use_code(self, code: str) -> tuple[str, Claim] | None:
        """Return the token and claim of a code, once; None where it is none, was used or is damaged."""
        place = redis_keys.claim_code(token_digest(code))
        whose = self._codes.read_or_none(place, self._redis.getdel(place))
        if whose is None:
            return None
        network, account = whose
        token, claim = self.begin(network, account)
        proven = self.prove(replace(claim, way="operator"), ())
        self.collect_again(proven)
        return token, proven

    def count(self, address: str) -> int:
        """Count that an address began or checked a claim; return how often it did within the hour."""
        return self._count(redis_keys.claims_by(self._secret.digest(_PURPOSE, address.encode())), 3600)[0]

    def count_dispute(self, claim: Claim, change: int = 1) -> tuple[int, int]:
        """Count that the person opens a dispute, or (-1) that it came to nothing, under every name of the account.

        Returns how many there were within a day, and the seconds until they count no longer.
        """
        named = (msgspec.json.encode([claim.network, name]) for name in claim.names)
        keys = [redis_keys.own_disputes(self._secret.digest(_PURPOSE, name)) for name in named]
        return max(self._count(key, DAY_S, change) for key in keys)

    def _count(self, key: str, life_s: int, change: int = 1) -> tuple[int, int]:
        """Count one more; return how many there were since the first, and the seconds until that begins anew."""
        with self._redis.pipeline() as pipe:
            pipe.set(key, 0, nx=True, ex=life_s)
            pipe.incrby(key, change)
            pipe.ttl(key)
            _, count, left_s = pipe.execute(raise_on_error=False)
        if isinstance(count, ResponseError):  # damaged, and no number any more
            self._redis.set(key, change, ex=life_s)
            return change, life_s
        return int(count), int(left_s)

    def kept_of(self, subject: DataSubject, _owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield where somebody says that the account is theirs."""
        return ({"at": key} for key in self._of(subject, Damaged()))

    def erase(self, subject: DataSubject, owner: str | None) -> Mapping[str, int]:
        """Forget every claim to the account and code for it, and damaged ones; where one owner alone erases, none.

        What is held of others is gathered anew where it may speak of the person.
        """
        damaged = Damaged()
        keys = list(self._of(subject, damaged)) if owner is None else []
        for key in (*keys, *(place[0] for place in damaged.places)):
            self._redis.delete(key, f"{key}:held")
        for key in keys_like(self._redis, redis_keys.claim_held(None)):
            raw, claim = self._redis.get(key), self.get(key.split(":")[2])
            if raw is not None and _may_speak_of(raw, subject):
                self._redis.delete(key)
                if claim is not None:
                    self.collect_anew(claim)
        return {"claims": len(keys), **if_damaged(len(damaged.places))}

    def _of(self, subject: DataSubject, damaged: Damaged) -> Iterator[str]:
        """Yield where claims to the account and codes for it are; where unreadable ones are goes into `damaged`."""
        for pattern in (redis_keys.claim(None), redis_keys.claim_code(None)):
            for key in keys_like(self._redis, pattern):
                raw = None if key.endswith(":held") else self._redis.get(key)
                with damaged.noted(key):
                    if raw is not None and self._is_about(key, raw, subject):
                        yield key

    def _is_about(self, key: str, raw: object, subject: DataSubject) -> bool:
        if key.startswith(redis_keys.claim_code("")):
            network, *names = self._codes.read(key, raw)
        else:
            claim = self._claims.read(key, raw)
            network, names = claim.network, [claim.account, *claim.names]
        return network == subject.network and not set(names).isdisjoint(subject.names)

    def _keep(self, claim: Claim) -> Claim:
        key = redis_keys.claim(claim.id)
        self._redis.set(key, self._claims.written(key, claim), ex=self._life_s(claim))
        return claim

    def _life_s(self, claim: Claim) -> int:
        return max(1, int((claim.ends_at - self._clock()).total_seconds()))


def _may_speak_of(packed: object, subject: DataSubject) -> bool:
    """Tell whether what is held of somebody may speak of the person, as anything damaged may."""
    try:
        return subject.may_occur_in(unpack(packed))
    except DamagedValueError:
        return True
