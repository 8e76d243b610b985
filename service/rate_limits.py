"""Rate limits by key and by address, counted in Redis; keys that fail are counted by address too."""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flask import current_app, g, request
from flask_limiter import ApplicationLimit, Limiter, RateLimitExceeded
from redis.exceptions import RedisError

from service import auth
from service.context import context_of
from service.problems import ProblemError, problem_response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flask import Flask, Response
    from flask_limiter import RequestLimit

    from candor.settings import Settings


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
            return replace(taken.quota, left=taken.quota.left + taken.left)


class _Limiter(Limiter):
    """Looks at nothing else where a request passes anyway: a filter would be asked after all limits were gathered."""

    def __init__(self, passes: Callable[[], bool], *args: Any, **kwargs: Any) -> None:
        self._passes = passes
        super().__init__(*args, **kwargs)

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:  # noqa: FBT001, FBT002 # as its base class has it
        if not self._passes():
            super()._check_request_limit(callable_name, in_middleware)


def init_app(app: Flask) -> None:
    """Register the hooks. Pages and health are not limited; a limit of 0 is none."""
    kept = context_of(app)
    if not (limits := _limits(kept.settings)):
        return
    allowances = Allowances()
    limiter = _Limiter(
        lambda: _is_unlimited() or _is_covered(kept.settings, allowances),
        _address,
        application_limits=list(limits),
        strategy="sliding-window-counter",
        storage_uri="redis://",
        storage_options=kept.store.limit_counters(),
    )
    limiter.init_app(app)
    app.register_error_handler(RateLimitExceeded, lambda _error: _refuse(limiter))
    app.after_request(lambda response: _set_headers(limiter, allowances, response))


def _limits(settings: Settings) -> list[ApplicationLimit]:
    limits: list[tuple[str, int, Callable[[], str], dict[str, Any]]] = [
        (_KEY, settings.key_requests, _key, {"exempt_when": lambda: auth.key() is None}),
        (_ADDRESS, settings.address_requests, _address, {}),
        (_FAILED, settings.failed_keys, _address, {"exempt_when": _is_no_failure, "deduct_when": _has_failed}),
    ]
    return [
        ApplicationLimit(
            f"{most} per minute",
            key_function=whose,
            scope=name,
            cost=1 if name == _FAILED else block_of(most),
            **conditions,
        )
        for name, most, whose, conditions in limits
        if most
    ]


def _is_unlimited() -> bool:
    return request.method in _SAFE_METHODS and not request.path.startswith("/v1/")


def _is_covered(settings: Settings, allowances: Allowances) -> bool:
    """Tell whether this process has taken enough in advance to let the request pass; then it is spent."""
    if not _is_no_failure():
        return False
    counted = [(_ADDRESS, _address())] if settings.address_requests else []
    if settings.key_requests and auth.key() is not None:
        counted.insert(0, (_KEY, _key()))
    quotas = [allowances.spend(name, whose) for name, whose in counted]
    if not all(quotas):
        return False
    g.quotas = quotas
    return True


def _key() -> str:
    found = auth.key()
    return "none" if found is None else found.id


def _address() -> str:
    return caller_of(request.remote_addr or "unknown")


@lru_cache(_MOST)
def caller_of(given: str) -> str:
    """Return what one caller has to itself: an address, or of IPv6 a network."""
    with suppress(ValueError):
        address = ipaddress.ip_address(given)
        if address.version == 6:
            return str(ipaddress.ip_network((address, _SUBNET), strict=False).network_address)
    return given


def _is_no_failure() -> bool:
    return not _signs_in() and (not auth.is_authorizing() or auth.key() is not None)


def _signs_in() -> bool:
    return request.method == "POST" and request.path == SIGN_IN


def _has_failed(response: Response) -> bool:
    return response.status_code == 401


def _refuse(limiter: Limiter) -> Response:
    quotas = [_quota(limit) for limit in limiter.current_limits if limit.breached]
    said, wait_s = " and ".join(_MESSAGES[quota.name].format(quota.requests) for quota in quotas), retry_after(quotas)
    detail = f"Within a minute: {said}. Ask again in {wait_s} s."
    return problem_response(ProblemError("rate_limited", detail, headers={"Retry-After": wait_s}))


def _set_headers(limiter: Limiter, allowances: Allowances, response: Response) -> Response:
    try:
        quotas = g.get("quotas") or [_taken(limit, allowances) for limit in limiter.current_limits]
    except RedisError:
        current_app.logger.warning("rate limit state is unknown", exc_info=True)
        return response
    if quotas:
        response.headers["RateLimit-Policy"] = policy(quotas)
        response.headers["RateLimit"] = state(quotas)
    return response


def _taken(limit: RequestLimit, allowances: Allowances) -> Quota:
    """Return what is left now that a block was taken, and keep the block."""
    quota = _quota(limit)
    if limit.breached or quota.name == _FAILED:
        return quota
    allowances.keep(limit.request_args[0], quota)
    return replace(quota, left=quota.left + block_of(quota.requests) - 1)


def _quota(limit: RequestLimit) -> Quota:
    return Quota(
        name=limit.request_args[-1],
        requests=limit.limit.amount,
        window_s=limit.limit.get_expiry(),
        left=limit.remaining,
        more_after_s=limit.window.reset_time - time.time(),
    )
