"""Erasure: one person is taken out of everything that is kept; asked for, queued, done, and then a nameless receipt."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from msgspec.structs import replace
from redis.exceptions import RedisError

from candor.names.accounts import account_name, lenient_namer
from candor.names.networks import network_name
from candor.scoring.redaction import DataSubject
from candor.store import redis_keys
from candor.store.client import DamagedValueError, text
from candor.store.job_problems import ALIASES_UNKNOWN, ERASURE_FAILED, PARTLY_UNREADABLE
from candor.store.models import DAY_S, ErasureStatus, Problem
from candor.store.recovery import MAX_LOST, pause_after
from candor.store.sealed import Sealed
from candor.store.workers import holders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from redis import Redis
    from redis.client import Pipeline

    from candor.store.idempotency import Idempotency
    from candor.store.job_redaction import JobRedaction
    from candor.store.models import Retention
    from candor.store.queue import JobQueue
    from candor.store.stray_fields import StrayFields
    from candor.store.suppression import Suppression
    from candor.store.workers import Workers

log = logging.getLogger(__name__)

FUNCTION = "worker.erasures.erase"
LOOK_AGAIN = timedelta(seconds=2)
ASK_AGAIN_FIRST, ASK_AGAIN_LAST = timedelta(seconds=30), timedelta(hours=1)
MAX_ATTEMPTS = 3
_WRITE_TO_STATES = ("er_", "merge_", "src_", "words_")
"""What is in hand again and again, and keeps nothing that was made from a state which an erasure has replaced."""


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """A person to be erased from everything of an owner, or (owner null) of everybody.

    `names` are gone once it has ended. `after_jobs` and `after_requests` were in hand when it was begun, null before
    that: what they write has to be looked through as well. `erased` counts what was changed, by kind, and
    `left_alike` the accounts that are written much like it and were left.

    One that is `waiting` has erased what is kept under the names known where its network could not be asked for others,
    and maybe nothing yet where the storage of data sets is away: `waits_for` says which. `due_at` is when one that was
    broken off to wait goes on, null while it need not wait. `attempts` counts how often it was begun, `lost` how often
    it was found in nobody's hands.
    """

    id: str
    owner: str | None
    network: str
    names: tuple[str, ...]
    after_jobs: tuple[str, ...] | None = None
    after_requests: tuple[str, ...] | None = None
    status: ErasureStatus = "queued"
    waits_for: str | None = None
    created_at: datetime
    finished_at: datetime | None = None
    erased: dict[str, int] = {}
    left_alike: int = 0
    error: Problem | None = None
    attempts: int = 0
    lost: int = 0
    due_at: datetime | None = None

    @property
    def ended(self) -> bool:
        """Tell whether it will never change again."""
        return self.status in {"succeeded", "failed"}


class ErasureTarget(Protocol):
    """One kind of what is kept that may hold something of a person. `owner` None means everybody's."""

    def kept_of(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield what is kept of the person, as JSON, each with where it is."""

    def erase(self, subject: DataSubject, owner: str | None) -> Mapping[str, int]:
        """Take the person out; return what was changed, counted by kind. Doing it twice changes nothing more.

        What is damaged and so may hold the person is deleted, and counted as `damaged`.
        """


class Erasures:
    """The erasures of all owners. One that was acknowledged is run until it ends, whoever dies meanwhile.

    Each is kept twice, so that damage to one of them loses nobody's.
    """

    def __init__(
        self,
        redis: Redis,
        queue: JobQueue,
        suppression: Suppression,
        retention: Retention,
        clock: Callable[[], datetime],
        *,
        workers: Workers,
        requests: Idempotency,
    ) -> None:
        self._redis = redis
        self._queue = queue
        self._suppression = suppression
        self._workers = workers
        self._requests = requests
        self._life_s = retention.jobs_days * DAY_S
        self._clock = clock
        self._erasures = Sealed[Erasure](redis, Erasure)

    def create(self, owner: str | None, network: str, *accounts: str, left_alike: int = 0) -> Erasure:
        """Suppress the account, by all names given, and note that it is to be erased: both in one step, or neither.

        `left_alike` is how many accounts are written much like it. Raises UnknownNetworkError, UnknownAccountError.
        """
        network, names = network_name(network), tuple(account_name(network, account) for account in accounts)
        name = f"er_{secrets.token_hex(12)}"
        erasure = Erasure(
            id=name, owner=owner, network=network, names=names, created_at=self._clock(), left_alike=left_alike
        )
        with self._redis.pipeline() as pipe:
            self._suppression.add_in(pipe, network, names)
            self._put(pipe, erasure)
            pipe.zadd(redis_keys.ERASURES, {erasure.id: erasure.created_at.timestamp()})
            pipe.execute()
        self._suppression.note("erased", network, names, owner)
        try:
            self.push(erasure.id)
        except RedisError:
            log.warning("erasure %s is saved but not queued; a launcher will queue it", erasure.id, exc_info=True)
        return erasure

    def get(self, owner: str, erasure_id: str) -> Erasure | None:
        """Return the owner's erasure, or None. Raises DamagedValueError."""
        erasure = self.find(erasure_id)
        return erasure if erasure is not None and erasure.owner == owner else None

    def find(self, erasure_id: str) -> Erasure | None:
        """Return the erasure, whoever asked for it, or None. Raises DamagedValueError where both copies are."""
        keys = redis_keys.erasure(erasure_id), redis_keys.erasure_again(erasure_id)
        kept = self._redis.mget(keys)
        found = [self._erasures.read_or_none(key, raw) for key, raw in zip(keys, kept, strict=True)]
        if any(kept) and not any(found):
            raise DamagedValueError(f"both copies of erasure {erasure_id} are not as they were written")
        return found[0] or found[1]

    def _readable(self, erasure_id: str) -> Erasure | None:
        """Return what `find` does; one that is damaged is none."""
        try:
            return self.find(erasure_id)
        except DamagedValueError:
            log.exception("nobody can tell any more who was to be erased: erasure %s", erasure_id)
            return None

    def drop_damaged(self) -> int:
        """Take what is damaged out of those to be run, and return how many these were: who they were about is lost."""
        names = [text(raw) for raw in self._redis.zrange(redis_keys.ERASURES, 0, -1)]
        lost = [name for name in names if self._readable(name) is None]
        if lost:
            self._redis.zrem(redis_keys.ERASURES, *lost)
        return len(lost)

    def open_since(self) -> list[datetime]:
        """Return when the erasures that have not ended were asked for, oldest first."""
        names = [text(raw) for raw in self._redis.zrange(redis_keys.ERASURES, 0, -1)]
        return sorted(erasure.created_at for name in names if (erasure := self._readable(name)) and not erasure.ended)

    def start(self, erasure_id: str) -> Erasure | None:
        """Mark it as running; None when it has ended."""
        erasure = self._readable(erasure_id)
        if erasure is None or erasure.ended:
            return None
        if erasure.after_jobs is None:
            requests = tuple(self._requests.in_hand())
            erasure = replace(erasure, after_jobs=self._running(), after_requests=requests)
        return self._keep(replace(erasure, status="running", attempts=erasure.attempts + 1, due_at=None))

    def wait(self, erasure: Erasure, erased: Mapping[str, int], waits_for: str | None = None) -> Erasure:
        """Run it again later; that is no attempt.

        Jobs that are still running may write the name: then in two seconds. With `waits_for` the network or the storage
        did not answer: then in half a minute, and as time passes only once an hour.
        """
        now, status = self._clock(), erasure.status if waits_for is None else "waiting"
        ask_again = min(max((now - erasure.created_at) / 4, ASK_AGAIN_FIRST), ASK_AGAIN_LAST)
        due = now + (LOOK_AGAIN if waits_for is None else ask_again)
        so_far, attempts = _sum(erasure.erased, erased), erasure.attempts - 1
        said: dict[str, Any] = {"status": status, "waits_for": waits_for, "erased": so_far, "attempts": attempts}
        return self._wait_until(replace(erasure, **said), due)

    def _wait_until(self, erasure: Erasure, due: datetime) -> Erasure:
        self._redis.zadd(redis_keys.ERASURES, {erasure.id: due.timestamp()})
        return self._keep(replace(erasure, due_at=due))

    def is_overdue(self, erasure: Erasure) -> bool:
        """Tell whether it has waited for its network as long as jobs are kept: its names are to be kept no longer."""
        return (self._clock() - erasure.created_at).total_seconds() > self._life_s

    def finish(self, erasure: Erasure, erased: Mapping[str, int]) -> Erasure:
        """End it: everything is done."""
        return self._end(replace(erasure, status="succeeded", erased=_sum(erasure.erased, erased)))

    def fail(self, erasure: Erasure, error: Problem) -> Erasure:
        """End it although something may be left. The account stays suppressed."""
        return self._end(replace(erasure, status="failed", error=error))

    def must_wait(self, erasure: Erasure) -> bool:
        """Tell whether something is still in hand that was when it was begun: it may know nothing of it."""
        jobs = set(erasure.after_jobs or ()) & set(self._running())
        return bool(jobs) or self._requests.are_in_hand(erasure.after_requests or ())

    def resume(self) -> tuple[str, ...]:
        """Queue the erasures again whose wait is over; returns their ids."""
        found = [
            erasure for name in sorted(self._due()) if (erasure := self._readable(name)) and erasure.due_at is not None
        ]
        for erasure in found:
            self._keep(replace(erasure, due_at=None))
            self.push(erasure.id)
        return tuple(erasure.id for erasure in found)

    def orphans(self) -> set[str]:
        """Return erasures that are due, wait in no queue and are in nobody's hands."""
        loose = self._due() - self._queue.waiting()
        return {name for name, holder in self._holders(loose) if holder is None}

    def requeue(self, erasure_id: str) -> None:
        """Queue it again after it was lost; end it as failed when that was ten times before any worker began it."""
        erasure = self._readable(erasure_id)
        if erasure is None or erasure.ended:
            self.push(erasure_id)
            return
        erasure = self._keep(replace(erasure, lost=erasure.lost + 1))
        in_vain = erasure.lost - erasure.attempts
        self._queue.remove("batch", erasure_id)
        if in_vain >= MAX_LOST:
            self.fail(erasure, ERASURE_FAILED)
        elif pause := pause_after(in_vain):
            self._wait_until(erasure, self._clock() + pause)
        else:
            self.push(erasure_id)

    def push(self, erasure_id: str) -> None:
        """Queue it, before everything else there."""
        try:
            erasure = self.find(erasure_id)
        except DamagedValueError:
            return  # `drop_damaged` looks after it
        if erasure is None or erasure.ended:
            self._redis.zrem(redis_keys.ERASURES, erasure_id)
        else:
            self._queue.push("batch", erasure.owner or "", erasure_id, at_front=True, function=FUNCTION)

    def _due(self) -> set[str]:
        return set(map(text, self._redis.zrangebyscore(redis_keys.ERASURES, "-inf", self._clock().timestamp())))

    def _running(self) -> tuple[str, ...]:
        """Return the jobs and claims that somebody has in hand."""
        active = set(map(text, self._redis.smembers(redis_keys.ACTIVE_JOBS)))
        jobs = {job_id for job_id, holder in self._holders(active) if holder is not None}
        held = {held for worker in self._workers.alive() if (held := self._workers.held_by(worker))}
        return tuple(sorted(jobs.union(name for name in held if not name.startswith(_WRITE_TO_STATES))))

    def _holders(self, names: set[str]) -> list[tuple[str, object]]:
        """Return the worker that has each job or erasure in hand, or None."""
        ordered = sorted(names)
        return list(zip(ordered, holders(self._redis, ordered), strict=True))

    def _keep(self, erasure: Erasure) -> Erasure:
        with self._redis.pipeline() as pipe:
            self._put(pipe, erasure)
            pipe.execute()
        return erasure

    def _put(self, pipe: Pipeline, erasure: Erasure, life_s: int | None = None) -> None:
        for key in (redis_keys.erasure(erasure.id), redis_keys.erasure_again(erasure.id)):
            pipe.set(key, self._erasures.written(key, erasure), ex=life_s)

    def _end(self, erasure: Erasure) -> Erasure:
        left: dict[str, Any] = {
            "names": (),
            "due_at": None,
            "after_jobs": None,
            "after_requests": None,
            "waits_for": None,
        }
        ended = replace(erasure, **left, finished_at=self._clock())
        with self._redis.pipeline() as pipe:
            self._put(pipe, ended, self._life_s)
            pipe.zrem(redis_keys.ERASURES, ended.id)
            pipe.execute()
        return ended


class Eraser:
    """Shows or erases one person, in everything of one owner or of all. It can be broken off and begun again."""

    def __init__(
        self,
        targets: Mapping[str, ErasureTarget],
        jobs: JobRedaction,
        erasures: Erasures,
        suppression: Suppression,
        *,
        rewrite_log: Callable[[], None],
        confirm_storage: Callable[[], None],
        stray: StrayFields,
    ) -> None:
        self.targets: Mapping[str, ErasureTarget] = {**targets, "jobs": jobs}
        self._jobs = jobs
        self._erasures = erasures
        self._suppression = suppression
        self._rewrite_log = rewrite_log
        self._confirm_storage = confirm_storage
        self._stray = stray

    def kept_of(self, network: str, account: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield everything that is kept of the person, of all owners, with the kind of thing it is."""
        subject = self._subject(network, [account])
        for kind, target in self.targets.items():
            yield from ((kind, found) for found in target.kept_of(subject, None))

    def run(self, erasure: Erasure, more_names: Iterable[str] = (), unasked: str | None = None) -> Erasure:
        """Take the person out of everything; return the erasure as it is then: ended, or waiting.

        It waits for running jobs, and for a network that could not be asked for other names, which `unasked` says why.
        `more_names` are names of the same account that its network knows. Raises RedisError, OSError; StorageAwayError
        where the data sets are elsewhere: they would count as damaged, or as free of the person.
        """
        self._confirm_storage()
        more_names = tuple(more_names)
        gives_up = unasked is not None and self._erasures.is_overdue(erasure)
        must_wait = self._erasures.must_wait(erasure) or (unasked is not None and not gives_up)
        if must_wait and erasure.erased:
            return self._erasures.wait(erasure, {}, unasked)
        subject = self._subject(erasure.network, [*erasure.names, *more_names])
        self._suppression.add(subject.network, subject.names)
        self._suppression.note("erased", subject.network, subject.names, erasure.owner)
        erased, unreadable = self._erase(subject, erasure.owner)
        erasure = replace(erasure, names=subject.names)
        if must_wait:
            return self._erasures.wait(erasure, erased, unasked)
        if unreadable or gives_up:
            why = PARTLY_UNREADABLE if unreadable else ALIASES_UNKNOWN
            ended = self._erasures.fail(replace(erasure, erased=_sum(erasure.erased, erased)), why)
        else:
            ended = self._erasures.finish(erasure, erased)
        self._rewrite_log()
        return ended

    def _erase(self, subject: DataSubject, owner: str | None) -> tuple[dict[str, int], list[str]]:
        """Take the person out of everything; return what was changed, and the kinds that could not be read whole."""
        erased, unreadable = dict[str, int](), list[str]()
        for kind, target in self.targets.items():
            try:
                erased = _sum(erased, target.erase(subject, owner))
            except (DamagedValueError, msgspec.MsgspecError):
                log.exception("cannot be read whole, so somebody is not erased from it: %s", kind)
                unreadable.append(kind)
        return _sum(erased, self._stray.erase(owner)), unreadable

    def redact_job(self, job_id: str, network: str, account: str) -> None:
        """Take one name out of a job that was found to name somebody who is suppressed."""
        self._jobs.redact(job_id, DataSubject(network=network, names=(account,)))

    def _subject(self, network: str, names: Iterable[str]) -> DataSubject:
        known = self._jobs.aliases(network, map(lenient_namer(network), names))
        names = dict.fromkeys([*map(lenient_namer(network), known), *known])
        return DataSubject(network=network, names=tuple(names))


def _sum(before: Mapping[str, int], now: Mapping[str, int]) -> dict[str, int]:
    return {kind: before.get(kind, 0) + now.get(kind, 0) for kind in {**before, **now}}
