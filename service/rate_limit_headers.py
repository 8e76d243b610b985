"""The header fields `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10), and `Retry-After`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


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
