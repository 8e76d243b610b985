"""Rate limits by key and by address, counted in Redis; keys that fail are counted by address too."""

from __future__ import annotations

import ipaddress
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from flask import current_app, request
from flask_limiter import ApplicationLimit, Limiter, RateLimitExceeded
from redis.exceptions import RedisError

from service import auth
from service.problems import ProblemError, problem_response
from service.rate_limit_headers import Quota, policy, retry_after, state

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask, Response
    from flask_limiter import RequestLimit

    from service.settings import Settings

_SUBNET = 64  # one caller has at least so much of IPv6
_WORDS = {
    "key": "more than {} requests with this key",
    "address": "more than {} requests from this address",
    "failed-keys": "more than {} keys from this address that are not valid",
}
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def init_app(app: Flask) -> None:
    """Register the hooks. Pages and health are not limited; a limit of 0 is none."""
    kept = app.extensions["candor"]
    if not (limits := _limits(kept.settings)):
        return
    limiter = Limiter(
        _address,
        application_limits=list(limits),
        strategy="sliding-window-counter",
        storage_uri="redis://",
        storage_options=kept.store.limit_counters(),
    )
    limiter.request_filter(lambda: request.method in _READING and not request.path.startswith("/v1/"))
    limiter.init_app(app)
    app.register_error_handler(RateLimitExceeded, lambda _error: _refuse(limiter))
    app.after_request(lambda response: _tell(limiter, response))


def _limits(settings: Settings) -> list[ApplicationLimit]:
    limits: list[tuple[str, int, Callable[[], str], dict[str, Any]]] = [
        ("key", settings.key_requests, _key, {"exempt_when": lambda: auth.key() is None}),
        ("address", settings.address_requests, _address, {}),
        ("failed-keys", settings.failed_keys, _address, {"exempt_when": _is_no_failure, "deduct_when": _failed}),
    ]
    return [
        ApplicationLimit(f"{most} per minute", key_function=whose, scope=name, **conditions)
        for name, most, whose, conditions in limits
        if most
    ]


def _key() -> str:
    found = auth.key()
    return "none" if found is None else found.id


def _address() -> str:
    """Return the caller's address; of IPv6 the network that one caller has to itself."""
    given = request.remote_addr or "unknown"
    with suppress(ValueError):
        address = ipaddress.ip_address(given)
        if address.version == 6:
            return str(ipaddress.ip_network((address, _SUBNET), strict=False).network_address)
    return given


def _is_no_failure() -> bool:
    return "Authorization" not in request.headers or auth.key() is not None


def _failed(response: Response) -> bool:
    return response.status_code == 401


def _refuse(limiter: Limiter) -> Response:
    quotas = [_quota(limit) for limit in limiter.current_limits if limit.breached]
    detail = f"Within a minute: {' and '.join(_WORDS[quota.name].format(quota.requests) for quota in quotas)}."
    return problem_response(ProblemError("rate_limited", detail, headers={"Retry-After": retry_after(quotas)}))


def _tell(limiter: Limiter, response: Response) -> Response:
    try:
        quotas = [_quota(limit) for limit in limiter.current_limits]
    except RedisError:
        current_app.logger.warning("what is left of the limits is not known", exc_info=True)
        return response
    if quotas:
        response.headers["RateLimit-Policy"] = policy(quotas)
        response.headers["RateLimit"] = state(quotas)
    return response


def _quota(limit: RequestLimit) -> Quota:
    return Quota(
        name=limit.request_args[-1],
        requests=limit.limit.amount,
        window_s=limit.limit.get_expiry(),
        left=limit.remaining,
        more_after_s=limit.window.reset_time - time.time(),
    )
