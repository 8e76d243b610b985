"""Every request that leaves: the address guard, limits on size and time, waiting as each network asks, and the cache.

A worker makes one Transport, each of its jobs one Outbound on it.
"""

from __future__ import annotations

from worker.outbound.client import Outbound
from worker.outbound.connection import ResponseLimits, Transport
from worker.outbound.exchange import (
    MALFORMED,
    AnswerTooLargeError,
    BadAnswerError,
    BudgetSpentError,
    CircuitOpenError,
    Credential,
    GoneError,
    HostDownError,
    OutboundError,
    RefusedError,
    RejectedError,
    Reply,
    TooSlowError,
    UnauthorisedError,
    WaitingError,
)

__all__ = [
    "MALFORMED",
    "AnswerTooLargeError",
    "BadAnswerError",
    "BudgetSpentError",
    "CircuitOpenError",
    "Credential",
    "GoneError",
    "HostDownError",
    "Outbound",
    "OutboundError",
    "RefusedError",
    "RejectedError",
    "Reply",
    "ResponseLimits",
    "TooSlowError",
    "Transport",
    "UnauthorisedError",
    "WaitingError",
]
