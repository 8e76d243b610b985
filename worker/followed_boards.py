"""Keeps followed boards up to date: asks for the next when the data set has changed, and tells when it was made."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace
from redis.exceptions import RedisError

from candor.scoring.method import load_method
from candor.scoring.trust_root import FACE_VALUE, NO_ROOT
from candor.store.followed_boards import MOST_KEPT, Update
from candor.store.models import AskedRoot, Job, JobRequest, Progress
from candor.telemetry.logs import logger

if TYPE_CHECKING:
    from candor.scoring.trust_root import TrustRoot
    from candor.store import Store
    from candor.store.followed_boards import FollowedBoard
    from candor.store.models import Dataset

log = logger(__name__)
LOOK = timedelta(seconds=2)
LOOK_FOR_CHANGES = timedelta(seconds=30)
NO_DATASET, NO_SUCH_ROOT = "There is no such data set.", "There is no such trust root."


def tend(store: Store) -> None:
    """Look at the boards that are due. Raises RedisError; another look goes on from there."""
    for board in store.followed_boards.due():
        try:
            if board.job_id is None:
                _begin(store, board)
            else:
                _finish(store, board, store.jobs.find(board.job_id))
        except RedisError:
            raise
        except Exception:  # neither the launcher nor the other boards depend on one
            log.exception("a followed board cannot be looked at")


def _begin(store: Store, board: FollowedBoard) -> None:
    """Ask for the next board, if the data set is another than that of the last."""
    now, dataset = store.followed_boards.clock(), store.datasets.get(board.owner, board.dataset)
    if dataset is None:
        error = None if store.sources.get(board.owner, board.dataset) else NO_DATASET
        store.followed_boards.save(board, replace(board, error=error), now + LOOK_FOR_CHANGES)
        return
    if board.updates and board.updates[-1].dataset_digest == dataset.digest:
        store.followed_boards.save(board, replace(board, error=None), now + LOOK_FOR_CHANGES)
        return
    root = _root(store, board, dataset)
    if root is None:
        store.followed_boards.save(board, replace(board, error=NO_SUCH_ROOT), now + LOOK_FOR_CHANGES)
        return
    job = store.jobs.create(_job(store, board, dataset, root), root=root)
    store.followed_boards.save(board, replace(board, job_id=job.id, error=None, next_at=None), now + LOOK)


def _finish(store: Store, board: FollowedBoard, job: Job | None) -> None:
    """Note what a job made, once it has ended, and tell of it."""
    now = store.followed_boards.clock()
    if job is not None and not job.ended:
        store.followed_boards.look_at(board, now + LOOK)
        return
    due = now + timedelta(minutes=board.every_minutes)
    made = job.results[0].board_id if job is not None and job.results else None
    if job is None or made is None:
        error = "The job is no longer kept." if job is None or job.error is None else job.error.detail
        store.followed_boards.save(board, replace(board, job_id=None, error=error, next_at=due), due)
        return
    update = Update(board_id=made, made_at=job.finished_at or now, dataset_digest=str(job.request.dataset_digest))
    updates = (*board.updates, update)[-MOST_KEPT:]
    done = replace(board, job_id=None, error=None, updates=updates, next_at=due)
    store.followed_boards.save(board, done, due, update=update)


def _root(store: Store, board: FollowedBoard, dataset: Dataset) -> TrustRoot | None:
    if board.trust_root in {"network", "none"}:
        return FACE_VALUE if board.trust_root == "network" else NO_ROOT
    root = store.trust_roots.get(board.owner, board.trust_root)
    if root is None:
        return None
    named = (account.account for account in root.accounts)
    return root.without(store.suppression.among(root.network or dataset.network, named))


def _job(store: Store, board: FollowedBoard, dataset: Dataset, root: TrustRoot) -> Job:
    """Return the job that ranks everybody; asked for twice, after a crash, it is the same one."""
    now = store.followed_boards.clock()
    last = board.updates[-1].board_id if board.updates else None
    named = msgspec.json.encode([board.owner, board.id, dataset.digest, last, board.next_at])
    request = JobRequest(
        accounts=(),
        topics=(board.topic,),
        trust_root=AskedRoot.of(root),
        as_of=dataset.ended(now) or now,
        network=dataset.network,
        window_days=board.window_days,
        profile=dataset.profile,
        granted_rights=dataset.granted_rights,
        method=load_method().version,
        dataset=dataset.id,
        dataset_digest=dataset.digest,
        queue="batch",
    )
    return Job(
        id=f"job_{hashlib.sha256(named).hexdigest()[:20]}",
        owner=board.owner,
        request=request,
        created_at=now,
        progress=Progress(done=0, total=1, stage="queued"),
    )
