"""What RQ runs to erase a person: finds out by which names a network knows the account, and has all of them erased."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from rq.timeouts import BaseTimeoutException

from candor.names.account_text import UnknownAccountError
from candor.names.accounts import may_have_aliases
from candor.store.erasure import MAX_ATTEMPTS
from candor.store.job_problems import ERASURE_FAILED
from candor.store.storage import NO_STORAGE, StorageAwayError
from candor.telemetry.logs import logger
from worker.connectors import connector_for
from worker.connectors.gaps import Gaps
from worker.connectors.network_client import NetworkClient
from worker.context import CURRENT
from worker.outbound import BudgetSpentError, Outbound, OutboundError, RefusedError, WaitingError

if TYPE_CHECKING:
    from candor.store.erasure import Erasure
    from worker.context import WorkerContext

log = logger(__name__)

MOST_REQUESTS = 60


def erase(owner: str, erasure_id: str) -> None:
    """Run one erasure. Raises RedisError, and when out of time: it then goes back by itself, three times at most."""
    context = CURRENT.get()
    erasure = context.store.erasures.start(erasure_id)
    if erasure is None or (erasure.owner or "") != owner:
        log.info("nothing to do", job_id=erasure_id)
        return
    try:
        aliases, unasked = ask_for_aliases(context, erasure)
        erasure = context.store.eraser.run(erasure, aliases, unasked)
        log.info("erasure finished", job_id=erasure.id, status=erasure.status)
    except StorageAwayError as error:
        log.warning("erasure waits: the storage of data sets is away", job_id=erasure.id, why=str(error))
        if context.store.erasures.is_overdue(erasure):
            context.store.erasures.fail(erasure, ERASURE_FAILED)
        else:
            context.store.erasures.wait(erasure, {}, NO_STORAGE)
    except (RedisError, BaseTimeoutException):
        if erasure.attempts < MAX_ATTEMPTS:
            raise
        context.store.erasures.fail(erasure, ERASURE_FAILED)
    except Exception:
        log.exception("erasure crashed", job_id=erasure.id, attempt=erasure.attempts)
        if erasure.attempts >= MAX_ATTEMPTS:
            context.store.erasures.fail(erasure, ERASURE_FAILED)


def ask_for_aliases(context: WorkerContext, erasure: Erasure) -> tuple[list[str], str | None]:
    """Return by which other names the network knows the account, and why it could not be asked, where it could not."""
    connector = connector_for(erasure.network)
    wanted = [name for name in erasure.names if may_have_aliases(erasure.network, name)]
    if connector is None or not wanted:
        return [], None
    outbound = Outbound(
        context.transport,
        context.store,
        job_id=erasure.id,
        since=erasure.created_at,
        owner=erasure.owner or "",
        max_requests=MOST_REQUESTS,
    )
    reading = connector(NetworkClient(outbound, Gaps(), context.access), erasure.network)
    aliases: list[str] = []
    try:
        for name in wanted:
            for alias in reading.aliases(name):
                aliases.append(alias)  # noqa: PERF402 # what was learnt before an error is erased, too
    except (UnknownAccountError, RefusedError):
        log.info("nobody can be asked for other names", job_id=erasure.id)
    except BudgetSpentError:
        return aliases, f"{MOST_REQUESTS} requests were not enough to learn the account's other names"
    except (OutboundError, WaitingError) as error:
        return aliases, str(error)
    return aliases, None
