"""Every request that leaves: the address guard, limits on size and time, waiting as each network asks, and the cache.

A worker makes one Transport, each of its jobs one Outbound on it.
"""

from __future__ import annotations

from worker.outbound.client import Outbound
from worker.outbound.connection import Limits, Transport
from worker.outbound.exchange import (
    MALFORMED,
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
    TooLargeError,
    TooSlowError,
    UnauthorisedError,
    WaitingError,
)

__all__ = [
    "MALFORMED",
    "BadAnswerError",
    "BudgetSpentError",
    "CircuitOpenError",
    "Credential",
    "GoneError",
    "HostDownError",
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
