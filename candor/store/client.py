"""Connections to Redis: patient for workers, quick to give up for the API; what a server must be; and its replies."""

from __future__ import annotations

import hashlib
import itertools
import os
import sys
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.retry import Retry

from candor.errors import OperatorError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from redis.client import Pipeline

OLDEST_REDIS = (6, 2)
SCAN_AT_ONCE = 1000
READ_AT_ONCE = 100
_SEAL_LENGTH = 8
Kind = TypeVar("Kind")
SEAL = """
local function seal(said) return string.sub(redis.sha1hex(said), 1, 8) .. said end
local function unsealed(kept)
  local said = kept and string.sub(kept, 9)
  if said and seal(said) == kept then return said end
end
"""
"""`seal` and `unseal` for scripts; what is damaged or not there is nil."""

_GROW = """
local is_number = string.match(redis.call('GET', KEYS[1]) or '0', '^%d+$')
if not is_number then redis.call('SET', KEYS[1], redis.call('TIME')[1]) end
return redis.call('INCR', KEYS[1])
"""
"""KEYS: a number. One that is damaged and no number any more goes on from the time, which is more than it was."""
_QUICKLY: dict[int, int] = {zstd.CompressionParameter.checksum_flag: 1, zstd.CompressionParameter.compression_level: 1}


class UnknownCursorError(ValueError):
    """The cursor points at nothing in the list."""


class UnfitServerError(OperatorError):
    """The server is too old, or may throw away what it was given."""


def connect(url: str, *, patient: bool) -> Redis:
    """Return a client for the URL (redis, rediss or unix); it connects at first use.

    A patient client rides out about half a minute without a server (measured: a Redis away for 8 s costs a worker
    nothing). The other gives up within three seconds, so that a caller gets an answer.
    """
    if patient:
        retry = Retry(ExponentialBackoff(cap=2, base=0.2), 20)
        return Redis.from_url(url, retry=retry, socket_connect_timeout=2, socket_timeout=15)
    retry = Retry(ExponentialBackoff(cap=0.5, base=0.1), 3, supported_errors=(RedisConnectionError,))
    return QuickRedis.from_url(url, retry=retry, socket_connect_timeout=1, socket_timeout=2.5)


class QuickRedis(Redis):
    """Sends single commands on connections that it keeps at hand.

    redis-py takes one out of its pool each time, looks whether it still works, and wraps the command for other tries
    and measurements: more than half of what a read costs. Here that is done once a connection turns out to be broken.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 # as its base class has it
        super().__init__(*args, **kwargs)
        self._at_hand: list[Any] = []  # its two ends are one step each, also among threads
        self._pid = os.getpid()

    def execute_command(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 # as its base class has it
        """Send a command and return the reply. Raises RedisError."""
        connection = self._take()
        try:
            connection.send_command(*args, **options)
            reply = self.parse_response(connection, args[0], **options)  # type: ignore[no-untyped-call]
        except ResponseError:
            self._at_hand.append(connection)
            raise
        except BaseException as error:
            connection.disconnect()
            self.connection_pool.release(connection)
            if isinstance(error, RedisConnectionError):
                return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
            raise
        if connection.should_reconnect():
            connection.disconnect()
        self._at_hand.append(connection)
        return reply

    def _take(self) -> Any:  # noqa: ANN401 # redis-py has no one class for connections
        """Return a connection that no other thread has, and no other process."""
        if self._pid != os.getpid():
            self._at_hand, self._pid = [], os.getpid()
        try:
            return self._at_hand.pop()
        except IndexError:
            return self.connection_pool.get_connection()


def check_server(redis: Redis) -> None:
    """Raise UnfitServerError unless the server is Redis 6.2 or newer (or Valkey) and never evicts.

    A hosted Redis may forbid CONFIG; INFO tells the policy as well.
    """
    server = redis.info("server")
    version = str(server["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
        raise UnfitServerError(f"Redis {version} is too old: {'.'.join(map(str, OLDEST_REDIS))} or newer is needed")
    policy = redis.info("memory")["maxmemory_policy"]
    if policy != "noeviction":
        raise UnfitServerError(
            f"maxmemory-policy is {policy}: a full server would throw away jobs it has accepted. Set it to noeviction."
        )


class DamagedValueError(OperatorError):
    """What is kept under a key is not as it was written: the checksum that was kept with it differs."""


def text(reply: object) -> str:
    """Return a reply as text, of which damaged letters are no letters: such an id leads nowhere. Raises TypeError."""
    return _bytes(reply).decode(errors="replace")


def pack(body: bytes) -> bytes:
    """Compress what is kept in bulk, quickly, with a checksum: the server's log of writes has none."""
    return zstd.compress(body, options=_QUICKLY)


def unpack(reply: object) -> bytes:
    """Return what was kept compressed. Raises DamagedValueError, and TypeError when the reply is no string."""
    try:
        return zstd.decompress(_bytes(reply))
    except zstd.ZstdError as error:
        raise DamagedValueError(f"a value is not as it was written: {error}") from error


def seal(value: object, place: str = "") -> bytes:
    """Return a value as JSON behind its checksum, which also holds `place` to where it is kept."""
    said = msgspec.json.encode(value)
    return _checksum(said, place) + said


def unseal(reply: object, decoder: msgspec.json.Decoder[Kind], place: str = "") -> Kind:
    """Return the value that `seal` kept. Raises DamagedValueError, and TypeError when the reply is no string."""
    kept = _bytes(reply)
    said = kept[_SEAL_LENGTH:]
    if _checksum(said, place) != kept[:_SEAL_LENGTH]:
        raise DamagedValueError("a value is not as it was written: its checksum differs")
    return decoder.decode(said)


def token_digest(token: str) -> str:
    """Return the digest by which a key or token is found, which itself is kept nowhere."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _checksum(said: bytes, place: str) -> bytes:
    return hashlib.sha1(place.encode() + said, usedforsecurity=False).hexdigest()[:_SEAL_LENGTH].encode()


def if_damaged(count: int) -> dict[str, int]:
    """Return how many damaged things an erasure deleted, for its receipt; nothing where it was none."""
    return {"damaged": count} if count else {}


def grow(client: Redis, key: str) -> Any:  # noqa: ANN401 # the number, or the pipeline that will bring it
    """Add one to a number that only has to be another one each time, damaged or not; return it."""
    return client.eval(_GROW, 1, key)


def number_at(redis: Redis, key: str) -> int:
    """Return such a number; 0 where there is none yet."""
    kept = redis.get(key) or b"0"
    return int(kept) if kept.isdigit() else int(grow(redis, key))


def words_of(pipe: Pipeline) -> list[Any]:
    """Return the commands that a pipeline holds, each behind the number of its words, for a script that runs them."""
    return [word for words, _ in pipe.command_stack for word in (len(words), *words)]


def newest_ids(redis: Redis, index: str, cursor: str | None, limit: int) -> tuple[list[str], str | None]:
    """Return a page of a sorted set, highest first, and the cursor of the next page. Raises UnknownCursorError."""
    first = 0
    if cursor is not None:
        rank = redis.zrevrank(index, cursor)
        if not isinstance(rank, int):
            raise UnknownCursorError(cursor)
        first = rank + 1
    ids = [text(raw) for raw in redis.zrevrange(index, first, first + limit)]
    return ids[:limit], ids[limit - 1] if len(ids) > limit else None


def keys_like(redis: Redis, pattern: str) -> list[str]:
    """Return the keys that match a pattern. Looks at every key there is, unless the pattern stands for one alone."""
    if "*" not in pattern:
        return [pattern]
    return [text(key) for key in redis.scan_iter(pattern, count=SCAN_AT_ONCE)]


def hash_fields(redis: Redis, pattern: str, *fields: str) -> Iterator[tuple[str, list[bytes | None]]]:
    """Yield the keys of a pattern with some fields of the hash that each holds. Looks at every key there is."""
    keys = redis.scan_iter(pattern, count=SCAN_AT_ONCE, _type="HASH")
    while some := [text(key) for key in itertools.islice(keys, READ_AT_ONCE)]:
        with redis.pipeline(transaction=False) as pipe:
            for key in some:
                pipe.hmget(key, list(fields))
            yield from zip(some, pipe.execute(), strict=True)


def revise_hash(
    redis: Redis,
    key: str,
    fields: Sequence[str],
    change: Callable[[list[bytes | None]], Mapping[str, bytes] | None],
) -> bool:
    """Change fields of a hash by what they hold, in one step; False when `change` gives nothing: nothing happens."""
    changed = False

    def _attempt(pipe: Pipeline) -> None:
        nonlocal changed
        new = change(pipe.hmget(key, list(fields)))  # type: ignore[arg-type] # while watching, it answers at once
        pipe.multi()
        if changed := bool(new):
            pipe.hset(key, mapping=new)  # type: ignore[arg-type] # likewise

    redis.transaction(_attempt, key)
    return changed


def _bytes(reply: object) -> bytes:
    if not isinstance(reply, bytes):
        raise TypeError(f"expected bytes from Redis, not {type(reply).__name__}")
    return reply
