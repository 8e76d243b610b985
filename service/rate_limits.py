"""Rate limits by key and by address, counted in Redis; keys that fail are counted by address too."""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import current_app, g
from flask.globals import app_ctx, request_ctx
from limits import RateLimitItemPerMinute
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis.exceptions import RedisError

from service import auth
from service.context import context_of
from service.problems import ProblemError, problem_response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from flask import Flask, Request, Response

    from candor.store.api_keys import ApiKey


KEPT_S = 10.0
_MOST = 10_000

_SUBNET = 64  # one caller has at least so much of IPv6
_KEY, _ADDRESS, _FAILED = "key", "address", "failed-keys"
_MESSAGES = {
    _KEY: "more than {} requests with this key",
    _ADDRESS: "more than {} requests from this address",
    _FAILED: "more than {} keys from this address that are not valid",
}
SIGN_IN = "/sign-in"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Quota:
    """How many requests somebody has within a window, how many are left, and after how long there are more."""

    name: str
    requests: int
    window_s: int
    left: int
    more_after_s: float


def policy(quotas: Iterable[Quota]) -> str:
    """Write what is allowed, as `RateLimit-Policy` does."""
    return ", ".join(f'"{quota.name}";q={quota.requests};w={quota.window_s}' for quota in quotas)


def state(quotas: Iterable[Quota]) -> str:
    """Write what is left, as `RateLimit` does."""
    return ", ".join(f'"{quota.name}";r={max(0, quota.left)};t={_seconds(quota.more_after_s)}' for quota in quotas)


def retry_after(quotas: Iterable[Quota]) -> str:
    """Write after how many seconds all of these have something left: at least one."""
    return str(max([1, *(_seconds(quota.more_after_s) for quota in quotas if quota.left <= 0)]))


def _seconds(span_s: float) -> int:
    return max(0, math.ceil(span_s))


def block_of(limit: int) -> int:
    """Return how many requests are taken at once."""
    return max(1, limit // 1000)


@dataclass
class _Taken:
    quota: Quota
    left: int
    until: float


class Allowances:
    """What is left of what was taken, by the name of the limit and who it is for; lost after ten seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._taken: dict[tuple[str, str], _Taken] = {}
        self._lock = threading.Lock()

    def keep(self, whose: str, quota: Quota) -> None:
        """Keep what was just taken, but for the request that took it."""
        if (left := block_of(quota.requests) - 1) <= 0:
            return
        with self._lock:
            if len(self._taken) >= _MOST:
                self._taken.clear()
            self._taken[quota.name, whose] = _Taken(quota, left, self._clock() + KEPT_S)

    def spend(self, name: str, whose: str) -> Quota | None:
        """Spend one request, and return what is left then; None when the limit itself must be asked."""
        with self._lock:
            taken = self._taken.get((name, whose))
            if taken is None or taken.left <= 0 or taken.until <= self._clock():
                return None
            taken.left -= 1
            quota = taken.quota
            left = quota.left + taken.left
        return Quota(quota.name, quota.requests, quota.window_s, left, quota.more_after_s)


class _RateLimits:
    """Counts the requests of keys and addresses, and keys of an address that fail, by the names of the limits."""

    def __init__(self, most: Mapping[str, int], counters: SlidingWindowCounterRateLimiter) -> None:
        self._items = {name: RateLimitItemPerMinute(number) for name, number in most.items() if number}
        self._counters = counters
        self._allowances = Allowances()

    def begin(self) -> Response | None:
        """Count the request, or refuse it."""
        asked = request_ctx.request
        if asked.url_rule is None or _is_unlimited(asked):
            return None
        key, address = auth.key(), _address(asked)
        quotas = g.quotas = []
        for name, whose in ((_KEY, None if key is None else key.id), (_ADDRESS, address)):
            if whose is not None and name in self._items:
                taken, quota = self._take(name, whose)
                quotas.append(quota)
                if not taken:
                    return _refuse(quota)
        if _FAILED in self._items and _may_fail(asked, key):
            g.may_fail = self._quota(_FAILED, address)
            return _refuse(g.may_fail) if g.may_fail.left <= 0 else None
        return None

    def end(self, response: Response) -> Response:
        """Say what is left, once a key that failed is counted."""
        noted = app_ctx.g
        quotas = noted.get("quotas", [])
        if "may_fail" in noted:
            try:
                quotas.append(self._failed(response))
            except RedisError:
                current_app.logger.warning("rate limit state is unknown", exc_info=True)
                return response
        if quotas:
            response.headers["RateLimit-Policy"] = policy(quotas)
            response.headers["RateLimit"] = state(quotas)
        return response

    def _take(self, name: str, whose: str) -> tuple[bool, Quota]:
        """Count a request of somebody, of those taken before or some at once; tell whether there was one left."""
        if (quota := self._allowances.spend(name, whose)) is not None:
            return True, quota
        block = block_of(self._items[name].amount)
        taken = self._counters.hit(self._items[name], whose, name, cost=block)
        quota = self._quota(name, whose)
        if not taken:
            return False, quota
        self._allowances.keep(whose, quota)
        return True, replace(quota, left=quota.left + block - 1)

    def _failed(self, response: Response) -> Quota:
        address = _address(request_ctx.request)
        if response.status_code == 401:
            self._counters.hit(self._items[_FAILED], address, _FAILED)
        return self._quota(_FAILED, address)

    def _quota(self, name: str, whose: str) -> Quota:
        """Return what is left in Redis."""
        item = self._items[name]
        window = self._counters.get_window_stats(item, whose, name)
        more_after_s, window_s = window.reset_time - time.time(), item.get_expiry()
        if more_after_s <= 0 and window.remaining < item.amount:  # a window that has just begun is said to be over
            more_after_s = window_s
        return Quota(name, item.amount, window_s, window.remaining, more_after_s)


def init_app(app: Flask) -> None:
    """Register the hooks. Pages and health are not limited; a limit of 0 is none."""
    store, settings = context_of(app).store, context_of(app).settings
    most = {_KEY: settings.key_requests, _ADDRESS: settings.address_requests, _FAILED: settings.failed_keys}
    if any(most.values()):
        storage = RedisStorage("redis://", **store.limit_counters())
        limits = _RateLimits(most, SlidingWindowCounterRateLimiter(storage))
        app.before_request(limits.begin)
        app.after_request(limits.end)


def _is_unlimited(asked: Request) -> bool:
    return asked.method in _SAFE_METHODS and not asked.path.startswith("/v1/")


def _address(asked: Request) -> str:
    return caller_of(asked.remote_addr or "unknown")


@lru_cache(_MOST)
def caller_of(given: str) -> str:
    """Return what one caller has to itself: an address, or of IPv6 a network."""
    with suppress(ValueError):
        address = ipaddress.ip_address(given)
        if address.version == 6:
            return str(ipaddress.ip_network((address, _SUBNET), strict=False).network_address)
    return given


def _may_fail(asked: Request, key: ApiKey | None) -> bool:
    signs_in = asked.method == "POST" and asked.path == SIGN_IN
    return signs_in or (key is None and auth.is_authorizing())


def _refuse(quota: Quota) -> Response:
    wait_s = retry_after([quota])
    detail = f"Within a minute: {_MESSAGES[quota.name].format(quota.requests)}. Ask again in {wait_s} s."
    return problem_response(ProblemError("rate_limited", detail, headers={"Retry-After": wait_s}))
