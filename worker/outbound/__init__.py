"""Every request that leaves: the address guard, limits on size and time, waiting as each network asks, and the cache.

A worker makes one Transport, each of its jobs one Outbound on it.
"""

from __future__ import annotations

from worker.outbound.client import Outbound
from worker.outbound.connection import Limits
from worker.outbound.credentials import Credential
from worker.outbound.errors import (
    BadAnswerError,
    BudgetSpentError,
    GoneError,
    HostDownError,
    LeftAloneError,
    OutboundError,
    RefusedError,
    RejectedError,
    TooLargeError,
    TooSlowError,
    UnauthorisedError,
    WaitingError,
)
from worker.outbound.reply import Reply
from worker.outbound.transport import Transport

__all__ = [
    "BadAnswerError",
    "BudgetSpentError",
    "Credential",
    "GoneError",
    "HostDownError",
    "LeftAloneError",
    "Limits",
    "Outbound",
    "OutboundError",
    "RefusedError",
    "RejectedError",
    "Reply",
    "TooLargeError",
    "TooSlowError",
    "Transport",
    "UnauthorisedError",
    "WaitingError",
]
