"""What RQ runs to erase a person: finds out by which names a network knows the account, and has all of them erased."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from rq.timeouts import BaseTimeoutException

from candor.store.erasure import MAX_ATTEMPTS
from candor.store.job_problems import ERASURE_FAILED
from candor.telemetry.logs import logger
from worker.connectors import connector_for
from worker.connectors.source import Gaps, Source, UnknownAccountError
from worker.context import CURRENT
from worker.outbound import BudgetSpentError, Outbound, OutboundError, WaitingError

if TYPE_CHECKING:
    from candor.store.erasure import Erasure
    from worker.context import WorkerContext

log = logger(__name__)

MOST_REQUESTS = 5


def erase(owner: str, erasure_id: str) -> None:
    """Run one erasure. Raises RedisError, and when out of time: it then goes back by itself, three times at most."""
    context = CURRENT.get()
    erasure = context.store.erasures.start(erasure_id)
    if erasure is None or (erasure.owner or "") != owner:
        log.info("nothing to do", job_id=erasure_id)
        return
    try:
        erasure = context.store.eraser.run(erasure, canonical_names(context, erasure))
        log.info("erasure finished", job_id=erasure.id, status=erasure.status)
    except (RedisError, BaseTimeoutException):
        if erasure.attempts < MAX_ATTEMPTS:
            raise
        context.store.erasures.fail(erasure, ERASURE_FAILED)
    except Exception:
        log.exception("erasure crashed", job_id=erasure.id, attempt=erasure.attempts)
        if erasure.attempts >= MAX_ATTEMPTS:
            context.store.erasures.fail(erasure, ERASURE_FAILED)


def canonical_names(context: WorkerContext, erasure: Erasure) -> list[str]:
    """Return the names that records use for the account: as the network spells it, or what a handle stands for.

    A network that cannot be asked at the moment tells nothing; then the name that was given is what is erased.
    """
    connector = connector_for(erasure.network)
    if connector is None:
        return []
    outbound = Outbound(
        context.transport, context.store, job_id=erasure.id, since=erasure.created_at, max_requests=MOST_REQUESTS
    )
    reading = connector(Source(outbound, Gaps(), context.access), erasure.network)
    names = []
    for name in erasure.names:
        try:
            names.append(reading.canonical_name(name) or str(reading.profile(name).account.actor))
        except (UnknownAccountError, OutboundError, BudgetSpentError, WaitingError) as error:
            log.info("the network tells no name", job_id=erasure.id, why=type(error).__name__)
    return names
