"""A worker that kills itself where a trap is set: at every step of a job, once for each job; or whenever a topic says.

Traps are lists in Redis, one for each step; whoever passes and finds one takes it and dies as by kill -9.
`python -m lab.chaos.trapped_worker` is the launcher of such workers, and with a worker's arguments one of them.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

from candor.scoring.score import score
from candor.store.jobs import Jobs
from candor.store.scores import Scores
from candor.store.workers import Workers
from worker import process
from worker.__main__ import main as launch
from worker.context import CURRENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from candor.scoring.columns import Columns
    from candor.scoring.document import ScoreDocument
    from candor.scoring.method import Method
    from candor.scoring.question import Question
    from candor.scoring.world import World

POISON, SLOW = "poison", "slow"
SLOW_S = 0.3
STEPS: tuple[tuple[type, str, str, str], ...] = (
    (process.Worker, "execute_job", "taken from the queue", "given back"),
    (Jobs, "start", "held", "begun"),
    (Jobs, "report", "before a report", "after a report"),
    (Scores, "put", "before saving", "saved"),
    (Jobs, "finish", "before its end", "ended"),
    (Workers, "release", "before release", "released"),
)
NAMES = tuple(name for _, _, *both in STEPS for name in both)


def trap(name: str) -> str:
    """Return the key of the traps at a step."""
    return f"chaos:trap:{name}"


def pass_by(name: str) -> None:
    """Die if a trap is set here, unless this job died before: a job is given up after three deaths."""
    context = CURRENT.get(None)
    if context is None or not (found := context.store.redis.lpop(trap(name))):
        return
    held = context.store.redis.get("chaos:now:" + str(os.getpid()))
    if held is not None and context.store.redis.sadd("chaos:died", held):
        os.kill(os.getpid(), signal.SIGKILL)
    context.store.redis.lpush(trap(name), found)  # type: ignore[arg-type] # bytes, as it came


def guarded(step: Callable[..., Any], before: str, after: str) -> Callable[..., Any]:
    """Return the step with a trap before and one behind it."""

    @functools.wraps(step)
    def _run(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 whatever the step takes
        if step.__name__ == "execute_job":
            CURRENT.get().store.redis.set(f"chaos:now:{os.getpid()}", args[1].id, ex=3600)
        pass_by(before)
        outcome = step(*args, **kwargs)
        pass_by(after)
        return outcome

    return _run


def scored(columns: Columns | World, question: Question, method: Method) -> Iterator[ScoreDocument]:
    """Score as ever, unless a topic is called poison or slow."""
    for document in score(columns, question, method):
        if document.topic.id == POISON:
            os.kill(os.getpid(), signal.SIGKILL)
        if document.topic.id == SLOW:
            time.sleep(SLOW_S)
        yield document


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit(launch(os.environ, (sys.executable, "-m", "lab.chaos.trapped_worker")))
    for owner, name, before, after in STEPS:
        setattr(owner, name, guarded(getattr(owner, name), before, after))
    sys.exit(process.main(sys.argv[1:], os.environ, scored))
