"""Budgets: how much may be asked of each host, and when, shared by all workers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias, cast

import msgspec
from msgspec import Meta

from candor.scoring.activity import Instant
from candor.store import redis_keys
from candor.store.client import text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from redis import Redis


ACQUIRE = """
local now, part = tonumber(ARGV[1]), ARGV[2]
redis.call('ZADD', KEYS[3], now, ARGV[8])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - tonumber(ARGV[6]))
redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -1 - tonumber(ARGV[9]))
redis.call('PEXPIRE', KEYS[3], ARGV[6])
local function field(name) return tonumber(redis.call('HGET', KEYS[1], name) or '0') or 0 end
if field('down') > now then return {'down', field('down'), redis.call('HGET', KEYS[1], 'down_why')} end
local limit, why = field('pause:'), redis.call('HGET', KEYS[1], 'why:')
if field('pause:' .. part) > limit then
  limit, why = field('pause:' .. part), redis.call('HGET', KEYS[1], 'why:' .. part)
end
if limit > now then return {'wait', limit, why} end
local counted = field('reset:' .. part) > now and tonumber(redis.call('HGET', KEYS[1], 'left:' .. part) or '')
if counted and field('left:' .. part) <= 0 then return {'wait', field('reset:' .. part), ARGV[7]} end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[4]) then return {'full', now, ''} end
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[5]), ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
if counted then redis.call('HINCRBY', KEYS[1], 'left:' .. part, -1) end
redis.call('PEXPIRE', KEYS[1], ARGV[6])
return {'go', now, ''}
"""
"""KEYS: host, its slots, the owner's hosts. ARGV: now, part, token, slots, lease, life, words for no requests left,
name of the host, most hosts. Returns go, wait, full or down; until when; why."""

PAUSE = """
local until_ms, name = tonumber(ARGV[1]), 'pause:' .. ARGV[2]
if until_ms > (tonumber(redis.call('HGET', KEYS[1], name) or '0') or 0) then
  redis.call('HSET', KEYS[1], name, ARGV[1], 'why:' .. ARGV[2], ARGV[3])
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
"""
"""KEYS: host. ARGV: until, part, why, life. A pause is never cut short."""

REMAINING = """
local left, reset = 'left:' .. ARGV[1], 'reset:' .. ARGV[1]
local function number(name) return tonumber(redis.call('HGET', KEYS[1], name) or '') end
local known, ends = number(left), number(reset) or 0
local same = known and ends > tonumber(ARGV[4]) and math.abs(ends - tonumber(ARGV[3])) < 2000
if not same or tonumber(ARGV[2]) < known then redis.call('HSET', KEYS[1], left, ARGV[2]) end
redis.call('HSET', KEYS[1], reset, ARGV[3])
"""
"""KEYS: host. ARGV: part, left, reset, now. In one window the lower number holds: answers overtake each other."""

THROTTLE = """
local function field(name) return tonumber(redis.call('HGET', KEYS[1], name) or '0') or 0 end
local name, now = 'throttles:' .. ARGV[1], tonumber(ARGV[3])
if field(name) > 0 and math.max(field('pause:'), field('pause:' .. ARGV[1])) > now then return field(name) end
local throttles = field(name) + 1
redis.call('HSET', KEYS[1], name, string.format('%d', throttles))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return throttles
"""
"""KEYS: host. ARGV: part, life, now. Returns how many there were in a row; what came in a pause was sent before."""

FAILURE = """
local function field(name) return tonumber(redis.call('HGET', KEYS[1], name) or '0') or 0 end
if field('down') > tonumber(ARGV[1]) then return 0 end
local failures = field('failures') + 1
redis.call('HSET', KEYS[1], 'failures', string.format('%d', failures))
local over = failures - tonumber(ARGV[2])
if over >= 0 then
  local pause = math.min(tonumber(ARGV[4]), tonumber(ARGV[3]) * 2 ^ math.min(over, 30))
  redis.call('HSET', KEYS[1], 'down', string.format('%.0f', tonumber(ARGV[1]) + pause), 'down_why', ARGV[5])
end
redis.call('PEXPIRE', KEYS[1], ARGV[6])
return failures
"""
"""KEYS: host. ARGV: now, failures forgiven, first pause, longest pause, why, life. Returns failures in a row; 0 while
the circuit is open: what comes back then was sent before."""

Verdict: TypeAlias = Literal["go", "wait", "full", "down"]

LEASE = timedelta(minutes=3)
LIFE = timedelta(days=8)
FORGIVEN_FAILURES = 9
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
FIRST_THROTTLE = timedelta(seconds=15)
LONGEST_THROTTLE = timedelta(minutes=15)
MOST_HOSTS = 1000
NONE_LEFT = "has no requests left for us"


class Permit(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a request may go: now, after `until` (a limit), when a slot is free (full), or not at all (down)."""

    verdict: Verdict
    until: datetime
    why: str = ""


class HostHealth(msgspec.Struct, frozen=True, kw_only=True):
    """How a host is doing: well, waiting (a limit holds for it, or a part of it), or not asked after failures."""

    host: Annotated[str, Meta(description="Its name, as in its addresses.")]
    state: Annotated[
        Literal["well", "waiting", "circuit_open"],
        Meta(description="waiting: a limit holds; circuit_open: it failed again and again."),
    ]
    asked_at: Annotated[Instant, Meta(description="When a job of yours last wanted to ask it.")]
    until: Annotated[Instant | None, Meta(description="When it may be asked again.")] = None
    why: Annotated[str | None, Meta(description="The limit, or the last failure.")] = None


class Budgets:
    """The budgets of all hosts. A host is named as in its URL, with its port where that is not the usual one."""

    def __init__(self, redis: Redis, clock: Callable[[], datetime]) -> None:
        self._redis = redis
        self._clock = clock
        self._acquire = redis.register_script(ACQUIRE)
        self._pause = redis.register_script(PAUSE)
        self._remaining = redis.register_script(REMAINING)
        self._throttle = redis.register_script(THROTTLE)
        self._failure = redis.register_script(FAILURE)

    def acquire(self, host: str, part: str, token: str, *, slots: int, owner: str = "") -> Permit:
        """Take a slot of the host, under a token, and one request off what is left for the part of its API.

        The host is one of the owner's from then on, whatever comes of it. A slot is released with the token; one that a
        dead worker holds is free again after three minutes.
        """
        verdict, until, why = self._acquire(
            keys=[redis_keys.host(host), redis_keys.host_slots(host), redis_keys.hosts_of(owner)],
            args=[_ms(self._clock()), part, token, slots, _span(LEASE), _span(LIFE), NONE_LEFT, host, MOST_HOSTS],
        )
        return Permit(
            verdict=cast("Verdict", text(verdict)), until=_time(until), why=(why or b"").decode(errors="replace")
        )

    def release(self, host: str, token: str) -> None:
        """Free the slot."""
        self._redis.zrem(redis_keys.host_slots(host), token)

    def pause(self, host: str, part: str, until: datetime, why: str) -> None:
        """Ask nothing of the part until then; of the whole host when the part is empty."""
        self._pause(keys=[redis_keys.host(host)], args=[_ms(until), part, why, _span(LIFE)])

    def record_remaining(self, host: str, part: str, left: int, reset: datetime) -> None:
        """Note how many requests the host says are left for the part until `reset`."""
        self._remaining(keys=[redis_keys.host(host)], args=[part, left, _ms(reset), _ms(self._clock())])

    def record_throttle(self, host: str, part: str, stated: datetime | None) -> datetime:
        """Count a refusal of the part; return until when to wait: longer each time in a row, and as `stated` at least.

        The first time that a host states is taken at its word.
        """
        now = self._clock()
        throttles: int = self._throttle(keys=[redis_keys.host(host)], args=[part, _span(LIFE), _ms(now)])
        if stated is not None:
            throttles -= 1
        grown = FIRST_THROTTLE * (1 << min(throttles - 1, 10)) if throttles else timedelta()
        return max(now + min(LONGEST_THROTTLE, grown), stated or now)

    def record_success(self, host: str, part: str) -> None:
        """Forget failures in a row, and refusals of the part."""
        self._redis.hdel(redis_keys.host(host), "failures", f"throttles:{part}")

    def record_failure(self, host: str, why: str) -> None:
        """Count a failure. From the ninth in a row the circuit is open: a minute, two, four, an hour at most."""
        spans = [_span(FIRST_PAUSE), _span(LONGEST_PAUSE)]
        self._failure(
            keys=[redis_keys.host(host)], args=[_ms(self._clock()), FORGIVEN_FAILURES, *spans, why, _span(LIFE)]
        )

    def health(self, owner: str) -> list[HostHealth]:
        """Return how each host is doing that the owner's jobs wanted to ask lately, the last asked first."""
        raw_hosts = self._redis.zrevrange(redis_keys.hosts_of(owner), 0, -1, withscores=True)
        asked = cast("list[tuple[bytes, float]]", raw_hosts)
        with self._redis.pipeline(transaction=False) as pipe:
            for host, _ in asked:
                pipe.hgetall(redis_keys.host(text(host)))
            found = zip(asked, pipe.execute(), strict=True)
            return [_health(text(host), _time(at), raw, _ms(self._clock())) for (host, at), raw in found]


def _health(host: str, asked_at: datetime, fields: Mapping[bytes, bytes], now_ms: int) -> HostHealth:
    if (down := _number(fields, b"down")) > now_ms:
        why = _words(fields, b"down_why")
        return HostHealth(host=host, state="circuit_open", asked_at=asked_at, until=_time(down), why=why)
    waits = [(_number(fields, name), _words(fields, b"why:" + name[6:])) for name in fields if name[:6] == b"pause:"]
    waits += [
        (_number(fields, b"reset:" + name[5:]), NONE_LEFT)
        for name in fields
        if name.startswith(b"left:") and _number(fields, name) <= 0
    ]
    until, why = max(waits, default=(0, ""))
    if until <= now_ms:
        return HostHealth(host=host, state="well", asked_at=asked_at)
    return HostHealth(host=host, state="waiting", asked_at=asked_at, until=_time(until), why=why)


def _number(fields: Mapping[bytes, bytes], name: bytes) -> int:
    """Return a number as it is kept; 0 where there is none or it is damaged, as scripts take it."""
    try:
        return int(fields.get(name, b"0"))
    except ValueError:
        return 0


def _words(fields: Mapping[bytes, bytes], name: bytes) -> str:
    return fields.get(name, b"").decode(errors="replace")


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _span(length: timedelta) -> int:
    return round(length.total_seconds() * 1000)


def _time(ms: float) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
