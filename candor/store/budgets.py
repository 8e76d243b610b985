"""Budgets: how much may be asked of each host, and when, shared by all workers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

import msgspec

from candor.store import budget_scripts, keys
from candor.store.replies import text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from redis import Redis

Verdict: TypeAlias = Literal["go", "wait", "full", "down"]

LEASE = timedelta(minutes=3)
LIFE = timedelta(days=8)
FORGIVEN_FAILURES = 9
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
FIRST_STRIKE = timedelta(seconds=15)
LONGEST_STRIKE = timedelta(minutes=15)
MOST_HOSTS = 1000
NONE_LEFT = "has no requests left for us"


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a request may go: now, after `until` (a limit), when a place is free (full), or not at all (down)."""

    verdict: Verdict
    until: datetime
    why: str = ""


class HostHealth(msgspec.Struct, frozen=True, kw_only=True):
    """How a host is doing: well, waiting (a limit holds for it, or for a part of it), or left alone after failures."""

    host: str
    state: Literal["well", "waiting", "left_alone"]
    asked_at: datetime
    until: datetime | None = None
    why: str | None = None


class Budgets:
    """The budgets of all hosts. A host is named as in its URL, with its port where that is not the usual one."""

    def __init__(self, redis: Redis, clock: Callable[[], datetime]) -> None:
        self._redis = redis
        self._clock = clock
        self._take = redis.register_script(budget_scripts.TAKE)
        self._pause = redis.register_script(budget_scripts.PAUSE)
        self._allow = redis.register_script(budget_scripts.ALLOW)
        self._strike = redis.register_script(budget_scripts.STRIKE)
        self._fail = redis.register_script(budget_scripts.FAIL)

    def take(self, host: str, part: str, token: str, *, places: int) -> Turn:
        """Take one of the host's places, under a token, and one request off what is left for the part of its API.

        A place is given back with the token; one that a dead worker holds is free again after three minutes.
        """
        verdict, until, why = self._take(
            keys=[keys.host(host), keys.host_places(host), keys.HOSTS],
            args=[_ms(self._clock()), part, token, places, _span(LEASE), _span(LIFE), NONE_LEFT, host, MOST_HOSTS],
        )
        return Turn(verdict=cast("Verdict", text(verdict)), until=_time(until), why=text(why or b""))

    def give_back(self, host: str, token: str) -> None:
        """Free the place."""
        self._redis.zrem(keys.host_places(host), token)

    def pause(self, host: str, part: str, until: datetime, why: str) -> None:
        """Ask nothing of the part until then; of the whole host when the part is empty."""
        self._pause(keys=[keys.host(host)], args=[_ms(until), part, why, _span(LIFE)])

    def allow(self, host: str, part: str, left: int, reset: datetime) -> None:
        """Note how many requests the host says are left for the part until `reset`."""
        self._allow(keys=[keys.host(host)], args=[part, left, _ms(reset), _ms(self._clock())])

    def strike(self, host: str, part: str, why: str) -> datetime:
        """Pause the part, longer each time in a row, because it refused without naming a time; returns until when."""
        strikes: int = self._strike(keys=[keys.host(host)], args=[part, _span(LIFE)])
        until = self._clock() + min(LONGEST_STRIKE, FIRST_STRIKE * (1 << min(strikes - 1, 10)))
        self.pause(host, part, until, why)
        return until

    def succeed(self, host: str, part: str) -> None:
        """Forget failures in a row, and refusals of the part."""
        self._redis.hdel(keys.host(host), "failures", f"strikes:{part}")

    def fail(self, host: str, why: str) -> None:
        """Count a failure. From the ninth in a row the host is left alone: a minute, two, four, an hour at most."""
        spans = [_span(FIRST_PAUSE), _span(LONGEST_PAUSE)]
        self._fail(keys=[keys.host(host)], args=[_ms(self._clock()), FORGIVEN_FAILURES, *spans, why, _span(LIFE)])

    def health(self) -> list[HostHealth]:
        """Return how each host asked lately is doing, the last asked first."""
        hosts = [text(raw) for raw in self._redis.zrevrange(keys.HOSTS, 0, -1)]
        with self._redis.pipeline(transaction=False) as pipe:
            for host in hosts:
                pipe.hgetall(keys.host(host))
            return [_health(host, raw, _ms(self._clock())) for host, raw in zip(hosts, pipe.execute(), strict=True)]


def _health(host: str, fields: Mapping[bytes, bytes], now_ms: int) -> HostHealth:
    asked_at = _time(int(fields.get(b"asked", b"0")))
    if (down := int(fields.get(b"down", b"0"))) > now_ms:
        why = text(fields[b"down_why"])
        return HostHealth(host=host, state="left_alone", asked_at=asked_at, until=_time(down), why=why)
    waits = [(int(fields[name]), text(fields[b"why:" + name[6:]])) for name in fields if name.startswith(b"pause:")]
    waits += [
        (int(fields[b"reset:" + name[5:]]), NONE_LEFT)
        for name, left in fields.items()
        if name.startswith(b"left:") and int(left) <= 0
    ]
    until, why = max(waits, default=(0, ""))
    if until <= now_ms:
        return HostHealth(host=host, state="well", asked_at=asked_at)
    return HostHealth(host=host, state="waiting", asked_at=asked_at, until=_time(until), why=why)


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _span(length: timedelta) -> int:
    return round(length.total_seconds() * 1000)


def _time(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
