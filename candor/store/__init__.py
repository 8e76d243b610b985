"""What is kept, and the only place that knows Redis: open_store() gives the one door to all of it."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError, ResponseError

from candor.scoring.topics import Topic
from candor.store import drafts, redis_keys
from candor.store.account_kinds import AccountKinds
from candor.store.api_keys import ApiKeys, Sessions
from candor.store.boards import Boards
from candor.store.budgets import Budgets
from candor.store.claims import Claims
from candor.store.client import check_server, connect
from candor.store.credentials import Credentials
from candor.store.dataset_erasure import DatasetErasure
from candor.store.dataset_examples import DatasetExamples
from candor.store.dataset_files import DatasetFiles
from candor.store.datasets import Datasets
from candor.store.deliveries import Deliveries
from candor.store.disputes import Disputes
from candor.store.erasure import Eraser, Erasure, Erasures, ErasureTarget
from candor.store.findings import Findings
from candor.store.followed_boards import FollowedBoards
from candor.store.history import Histories
from candor.store.idempotency import Idempotency
from candor.store.identity import Identity
from candor.store.job_dedup import JobDedup
from candor.store.job_inputs import InlineInputs
from candor.store.job_parts import JobParts
from candor.store.job_redaction import JobRedaction
from candor.store.job_roots import JobRoots
from candor.store.jobs import Jobs
from candor.store.leave_again import leave_again
from candor.store.links import Links
from candor.store.metrics import Metrics
from candor.store.models import DAY_S, Health, Retention
from candor.store.own_storage import OwnStorage
from candor.store.question_words import QuestionWords
from candor.store.queue import QUEUE_NAMES, JobQueue
from candor.store.receipts import Receipts
from candor.store.recovery import Recovery
from candor.store.response_cache import ResponseCache
from candor.store.score_cache import ScoreCache
from candor.store.scores import Scores
from candor.store.sealed import OwnedHash
from candor.store.secret import Secret
from candor.store.sources import Sources
from candor.store.storage import StorageAwayError, open_storage
from candor.store.stray_fields import StrayFields
from candor.store.suppressed_now import SuppressedNow
from candor.store.suppression import LEFT_FILE, SUPPRESSION_LISTS, Left, Suppression
from candor.store.table_cache import TableCache
from candor.store.trust_roots import TrustRoots
from candor.store.vouches import KeptVouches
from candor.store.webhooks import Webhooks
from candor.store.workers import Connectors, Workers

log = logging.getLogger(__name__)
CACHE_MB = 8192
MEGABYTE = 2**20
_BEFORE_A_JOB = "return {redis.call('SCARD', KEYS[1]), redis.call('EXISTS', KEYS[2], KEYS[3])}"
"""KEYS: jobs that have not ended, both copies of the suppression list. A command takes half of what a pipeline does."""


if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from redis import Redis


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class Store:
    """Everything that is kept, by kind. Methods raise redis.exceptions.RedisError when the server is away or full."""

    def __init__(
        self,
        redis: Redis,
        data_dir: Path,
        retention: Retention,
        clock: Callable[[], datetime],
        *,
        storage: str | None,
        cache_mb: int,
    ) -> None:
        self.redis = redis
        self._before_a_job = redis.register_script(_BEFORE_A_JOB)
        self.now = clock
        self.secret = Secret(data_dir)
        self.queue = JobQueue(redis)
        self.workers = Workers(redis)
        self._left = Left(data_dir / LEFT_FILE)
        self.suppression = Suppression(redis, self.secret, self._left)
        self._folders = (data_dir / "datasets", data_dir / "cache")
        place = open_storage(storage, data_dir, data_dir / "cache")
        self.identity = Identity(redis, place, self.secret)
        parts = OwnStorage(place, self.identity.confirm_storage)
        self._open_jobs(retention)
        self._open_datasets(DatasetFiles(parts, TableCache(data_dir / "cache", cache_mb * MEGABYTE)), retention)
        self.question_words = QuestionWords(data_dir, retention)
        self._open_callers(retention)
        self._open_people(retention)
        self.eraser = self._make_eraser()

    def _open_jobs(self, retention: Retention) -> None:
        """Open what jobs are, and what they make."""
        redis, clock = self.redis, self.now
        self.job_roots = JobRoots(redis)
        self.jobs = Jobs(redis, self.queue, self.job_roots, retention, clock)
        self.job_parts = JobParts(redis, self.queue, retention)
        self.recovery = Recovery(redis, self.queue, self.jobs, clock)
        self.history = Histories(redis, retention, clock)
        self.job_dedup = JobDedup(redis, self.jobs, clock)
        self.scores = Scores(redis, retention, self.history, clock)
        self.boards = Boards(redis, self.job_roots, retention)
        self.findings = Findings(redis, retention)

    def _open_datasets(self, files: DatasetFiles, retention: Retention) -> None:
        """Open what scores are made from: records, topics, whom an owner trusts, and what networks are asked."""
        redis, clock = self.redis, self.now
        self.topics = OwnedHash(redis, Topic, redis_keys.topics)
        self.trust_roots = TrustRoots(redis)
        self.account_kinds = AccountKinds(redis)
        self.datasets = Datasets(redis, files, retention, self.suppression, clock, queue=self.queue)
        self.dataset_erasure = DatasetErasure(redis, files, retention, self.suppression, clock, queue=self.queue)
        self.suppressed_now = SuppressedNow(self.datasets, self.suppression)
        self.sources = Sources(redis, self.queue, retention, clock)
        self.budgets = Budgets(redis, clock)
        self.response_cache = ResponseCache(redis, retention)
        self.connectors = Connectors(redis)
        self.vouches = KeptVouches(redis, retention, clock)

    def _open_callers(self, retention: Retention) -> None:
        """Open who may ask, what was asked, and who is told."""
        redis, clock = self.redis, self.now
        self.keys = ApiKeys(redis, clock)
        self.sessions = Sessions(redis, self.keys)
        self.links = Links(redis, self.secret)
        self.idempotency = Idempotency(redis)
        self.metrics = Metrics(redis, self.queue, clock)
        self.webhooks = Webhooks(redis, self.secret, clock)
        self.deliveries = Deliveries(redis, self.webhooks, self.jobs, retention, clock)
        self.followed_boards = FollowedBoards(redis, self.deliveries, clock)

    def _open_people(self, retention: Retention) -> None:
        """Open what people who are scored can do about it, and what heeds that."""
        redis, clock, suppression, kinds = self.redis, self.now, self.suppression, self.account_kinds
        self.disputes = Disputes(redis, self.deliveries, kinds, retention, clock)
        self.inline_inputs = InlineInputs(self.job_roots, self.disputes, kinds)
        self.score_cache = ScoreCache(
            redis,
            self.secret,
            self.scores,
            self.disputes,
            account_kinds=kinds,
            suppression=suppression,
            retention=retention,
        )
        self.erasures = Erasures(
            redis, self.queue, suppression, retention, clock, workers=self.workers, requests=self.idempotency
        )
        self.credentials = Credentials(redis, self.scores, suppression, clock)
        self.claims = Claims(redis, self.secret, self.queue, clock)
        self.receipts = Receipts(redis, self.disputes, self.erasures, clock)

    def _make_eraser(self) -> Eraser:
        """Name everything that may hold something of a person: what is not in here is not erased."""
        targets: dict[str, ErasureTarget] = {
            "documents": self.scores,
            "histories": self.history,
            "disputes": self.disputes,
            "boards": self.boards,
            "findings": self.findings,
            "datasets": self.dataset_erasure,
            "dataset_examples": DatasetExamples(self.redis),
            "sources": self.sources,
            "followed_boards": self.followed_boards,
            "question_words": self.question_words,
            "trust_roots": self.trust_roots,
            "account_kinds": self.account_kinds,
            "job_roots": self.job_roots,
            "vouches": self.vouches,
            "cached_responses": self.response_cache,
            "idempotent_responses": self.idempotency,
            "claims": self.claims,
        }
        return Eraser(
            targets,
            JobRedaction(self.redis),
            self.erasures,
            self.suppression,
            rewrite_log=partial(self.rewrite_log, at_once=True),
            confirm_storage=self.identity.confirm_storage,
            stray=StrayFields(self.redis),
        )

    def before_a_job(self) -> tuple[int, bool]:
        """Return how many jobs have not ended, and whether anybody is suppressed, asked at once."""
        open_jobs, suppressed = self._before_a_job(keys=[redis_keys.ACTIVE_JOBS, *SUPPRESSION_LISTS])
        return open_jobs, bool(suppressed)

    def check_server(self) -> None:
        """Raise store.client.UnfitServerError unless the server can be trusted with jobs."""
        check_server(self.redis)

    def health(self) -> Health:
        """Ask Redis, count workers and waiting jobs; never raises."""
        try:
            if is_ours := self.identity.matches():
                self.identity.confirm_storage()
            return Health(
                redis_ok=True,
                identity_ok=is_ours,
                workers_alive=len(self.workers.alive()),
                queue_depths=self.queue.depths(),
            )
        except StorageAwayError:
            return Health(redis_ok=True, storage_ok=False, queue_depths=dict.fromkeys(QUEUE_NAMES, 0))
        except RedisError:
            return Health(redis_ok=False, queue_depths=dict.fromkeys(QUEUE_NAMES, 0))

    def leave_again(self, path: Path | None = None) -> list[Erasure]:
        """Suppress and erase again who left after the back-up was made that was put back; return the erasures begun.

        Of the file beside the data what the list cannot know yet counts; of another, kept elsewhere, all. Raises
        OSError, RedisError.
        """
        left = self.suppression.newer() if path is None else Left(path).read()
        return leave_again(self.redis, self.datasets, self.suppression, self.erasures, left) if left else []

    def erase_lost(self) -> list[Erasure]:
        """Begin again what erasures were to do that are damaged; return these. Raises OSError, RedisError.

        Whom they were about stands by digest in the file beside the data: everybody is erased again who was ever erased
        and is kept all the same.
        """
        return self.leave_again(self._left.path) if self.erasures.drop_damaged() else []

    def drop_erased(self) -> None:
        """Delete what this machine has at hand of data sets that were deleted or written anew without somebody."""
        if self.dataset_erasure.drop_erased():
            self.question_words.drop()

    def drop_drafts(self, pid: int | None = None) -> None:
        """Delete what a process of this machine that was killed left half written, or all of them that have ended."""
        for path in drafts.sweep(self._folders, pid):
            log.info("deleted what a process that has ended left half written: %s", path.name)

    def limit_counters(self) -> dict[str, Any]:
        """Return where the library `limits` is to count requests: over our connections, under a name of ours."""
        return {"connection_pool": self.redis.connection_pool, "key_prefix": redis_keys.LIMITS}

    def rewrite_log(self, *, at_once: bool = False) -> None:
        """Have the server write its log anew, once a day or at once: what was deleted is gone from its disk only then.

        Where the server cannot do it now, it is asked again the next time. A hosted one may never allow it. One that
        keeps no log is left alone: it would make one that it does not go on with, and read that instead of its newer
        snapshot as soon as somebody has it keep one.
        """
        if at_once:
            self.redis.delete(redis_keys.LOG_REWRITTEN)
        if not self.redis.set(redis_keys.LOG_REWRITTEN, "1", nx=True, ex=DAY_S):
            return
        try:
            if self.redis.info("persistence").get("aof_enabled"):
                self.redis.bgrewriteaof()
        except ResponseError as error:
            log.info("the server does not rewrite its log now: %s", error)
            self.redis.delete(redis_keys.LOG_REWRITTEN)

    def close(self) -> None:
        """Close the connections."""
        self.redis.close()


def open_store(
    redis_url: str,
    data_dir: Path,
    *,
    retention: Retention | None = None,
    patient: bool = False,
    clock: Callable[[], datetime] = utc_now,
    storage: str | None = None,
    cache_mb: int = CACHE_MB,
) -> Store:
    """Return the store at a Redis URL and a data directory; it connects at first use.

    Workers are `patient`: they ride out half a minute without Redis. The interface is not.
    """
    redis = connect(redis_url, patient=patient)
    return Store(redis, data_dir, retention or Retention(), clock, storage=storage, cache_mb=cache_mb)
