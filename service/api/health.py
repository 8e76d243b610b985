"""Health: does the process live, can the service work?"""

from __future__ import annotations

from typing import Any

from service.context import context
from service.problems import ProblemError
from service.resource import Resource
from service.schemas.health import LIVE_EXAMPLE, READY_EXAMPLE, LiveSchema, ReadySchema

resource = Resource("health", "For whoever keeps the service running.")


@resource.operation("GET", "/livez", scope=None)
@resource.answer(200, LiveSchema, description="The process answers.", example=LIVE_EXAMPLE)
def live() -> dict[str, Any]:
    """Say that the process answers."""
    return {"status": "ok"}


@resource.operation("GET", "/readyz", scope=None, problems=("not_ready",))
@resource.answer(200, ReadySchema, description="The service can work.", example=READY_EXAMPLE)
def ready() -> dict[str, Any]:
    """Say whether the store answers and is used with this machine's data, and whether a worker is at work."""
    health = context().store.health()
    if not health.redis_ok:
        raise _not_ready("The store does not answer.")
    if not health.identity_ok:
        raise _not_ready("This machine has another secret or data directory than the store is used with.")
    if health.workers_alive == 0:
        raise _not_ready("No worker is at work.")
    return {"status": "ok", "workers": health.workers_alive, "queues": health.queue_depths}


def _not_ready(detail: str) -> ProblemError:
    return ProblemError("not_ready", detail, headers={"Retry-After": "5"})
