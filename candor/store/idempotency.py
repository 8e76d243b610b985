"""Idempotency: who may handle a request with an `Idempotency-Key`, and its response, kept for a day."""

from __future__ import annotations

import secrets
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from redis.exceptions import RedisError

from candor.store import redis_keys
from candor.store.client import hash_fields, pack, text, unpack
from candor.store.damaged import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from redis import Redis

    from candor.scoring.redaction import DataSubject

KEPT_S = 86_400
_BEGIN = """
local fingerprint, answer = unpack(redis.call('HMGET', KEYS[1], 'fingerprint', 'answer'))
if not fingerprint then
  redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1], 'token', ARGV[2])
  redis.call('EXPIRE', KEYS[1], ARGV[3])
  return {'first'}
end
if fingerprint ~= ARGV[1] then return {'other'} end
if answer then return {'answered', answer} end
return {'running', redis.call('TTL', KEYS[1])}
"""
"""KEYS: the request. ARGV: fingerprint, token, lease in seconds. Returns its state; the answer, or seconds left."""

_RENEW = "if redis.call('HGET', KEYS[1], 'token') == ARGV[1] then redis.call('EXPIRE', KEYS[1], ARGV[2]) end"
"""KEYS: the request. ARGV: token, lease in seconds."""

_KEEP = """
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return end
redis.call('HSET', KEYS[1], 'answer', ARGV[2])
redis.call('HDEL', KEYS[1], 'token')
redis.call('EXPIRE', KEYS[1], ARGV[3])
"""
"""KEYS: the request. ARGV: token, answer, life in seconds. Nothing is kept by who took longer than its lease."""

_FORGET = "if redis.call('HGET', KEYS[1], 'token') == ARGV[1] then redis.call('DEL', KEYS[1]) end"
"""KEYS: the request. ARGV: token."""


class IdempotentResponse(msgspec.Struct, frozen=True):
    """What the first of equal requests was answered: status, the headers that matter, body."""

    status: int
    headers: dict[str, str]
    body: bytes


class OtherRequestError(ValueError):
    """The key was used for another request."""


class StillRunningError(RuntimeError):
    """The first request is still being handled; `left_s` says for how many seconds at most."""

    def __init__(self, left_s: int) -> None:
        super().__init__(f"for {left_s} s at most")
        self.left_s = left_s


@dataclass(frozen=True)
class IdempotencyLock:
    """The right to handle a request, for as long as the lease lasts."""

    place: str
    token: str


class Idempotency:
    """The requests of all owners by their keys. Who handles one has a lease, so that a crash locks nothing for long."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._decoder = msgspec.msgpack.Decoder(IdempotentResponse)
        self._begin = redis.register_script(_BEGIN)
        self._renew = redis.register_script(_RENEW)
        self._keep = redis.register_script(_KEEP)
        self._forget = redis.register_script(_FORGET)

    def begin(self, owner: str, key: str, fingerprint: str, lease_s: int) -> IdempotencyLock | IdempotentResponse:
        """Return the lock to handle a request, or what it was answered before.

        Raises OtherRequestError and StillRunningError.
        """
        lock = IdempotencyLock(redis_keys.idempotency(owner, key), secrets.token_hex(8))
        state, *said = self._begin(keys=[lock.place], args=[fingerprint, lock.token, lease_s])
        if state == b"other":
            raise OtherRequestError(key)
        if state == b"running":
            raise StillRunningError(max(1, int(said[0])))
        return lock if state == b"first" else self._decoder.decode(unpack(said[0]))

    def renew(self, lock: IdempotencyLock, lease_s: int) -> None:
        """Let the lease begin anew, if it is still this lock's and nothing was answered yet."""
        self._renew(keys=[lock.place], args=[lock.token, lease_s])

    def keep(self, lock: IdempotencyLock, response: IdempotentResponse, kept_s: int = KEPT_S) -> None:
        """Keep the answer, for a day where nothing else is said."""
        packed = pack(msgspec.msgpack.encode(response))
        self._keep(keys=[lock.place], args=[lock.token, packed, kept_s])

    def forget(self, lock: IdempotencyLock) -> None:
        """Give the lock back: nothing was done."""
        self._forget(keys=[lock.place], args=[lock.token])

    def in_hand(self) -> Iterator[str]:
        """Yield a name for each request that is being handled. Looks at every key there is."""
        for key, (token,) in hash_fields(self._redis, redis_keys.idempotency(None, None), "token"):
            if token is not None:
                yield f"{key} {text(token)}"

    def are_in_hand(self, names: Iterable[str]) -> bool:
        """Tell whether any of these requests is still being handled."""
        found = (name.rpartition(" ") for name in names)
        return any(text(self._redis.hget(key, "token") or b"") == token for key, _, token in found if key)

    def kept_of(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield where a response names the person."""
        return ({"at": key} for key in self._naming(subject, owner, Damaged()))

    def erase(self, subject: DataSubject, owner: str | None) -> Mapping[str, int]:
        """Forget every response that names the person, and damaged ones."""
        damaged = Damaged()
        found = sum(int(self._redis.delete(key)) for key in self._naming(subject, owner, damaged))
        return {"idempotent_responses": found, **damaged.delete(self._redis)}

    def _naming(self, subject: DataSubject, owner: str | None, damaged: Damaged) -> Iterator[str]:
        """Yield where a response names the person; where unreadable ones are goes into `damaged`."""
        for key, (packed,) in hash_fields(self._redis, redis_keys.idempotency(owner, None), "answer"):
            with damaged.noted(key):
                if packed is not None and _names(self._decoder.decode(unpack(packed)), subject):
                    yield key


def _names(kept: IdempotentResponse, subject: DataSubject) -> bool:
    """Tell whether an answer that is about the person's network, or about none that it says, names them in a value.

    On other networks the same word is somebody else, and what members are called is nobody's name.
    """
    headers = any(map(subject.occurs_in, kept.headers.values()))
    if not (headers or subject.may_occur_in(kept.body)):
        return False
    try:
        said = list(_strings(msgspec.json.decode(kept.body)))
    except msgspec.DecodeError:
        return headers or subject.occurs_in_json(kept.body)
    networks = {text for name, text in said if name == "network"}
    is_about_it = not networks or subject.network in networks
    return is_about_it and (headers or any(subject.occurs_in(text) for _, text in said))


def _strings(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text in a value of JSON, with the name of the member that it stands in."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for member, each in value.items():
            yield from _strings(each, member)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each, name)


LEASE_S = 6
RENEW_S = 1.5


class LeaseRenewer:
    """Renews what this process holds, by one thread that runs while there is something to renew.

    Whoever asks again after the process died waits for the rest of one lease, however long the request might take.
    """

    def __init__(self, responses: Idempotency, pause_s: float = RENEW_S) -> None:
        self._responses = responses
        self._pause_s = pause_s
        self._held: set[IdempotencyLock] = set()
        self._runs = False
        self._guard = threading.Lock()

    @contextmanager
    def holding(self, lock: IdempotencyLock) -> Iterator[None]:
        """Renew the lock until the block ends."""
        with self._guard:
            self._held.add(lock)
            if not self._runs:
                self._runs = True
                threading.Thread(target=self._run, name="leases", daemon=True).start()
        try:
            yield
        finally:
            with self._guard:
                self._held.discard(lock)

    def _run(self) -> None:
        while held := self._still_held():
            for lock in held:
                with suppress(RedisError, ValueError):  # ValueError: the connection is closed meanwhile, at the end
                    self._responses.renew(lock, LEASE_S)
            time.sleep(self._pause_s)

    def _still_held(self) -> tuple[IdempotencyLock, ...]:
        with self._guard:
            self._runs = bool(self._held)
            return tuple(self._held)
