"""Eraser: goes through every target where something of a person may be kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from candor.scoring.redaction import DataSubject
from candor.store.erasure.inputs import (
    CachedResponses,
    DatasetRecords,
    IdempotentResponses,
    NamedInRoots,
    VouchPairs,
    with_aliases,
)
from candor.store.erasure.jobs import JobRecords
from candor.store.erasure.results import BoardRows, DisputeRecords, Documents, Histories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from redis import Redis

    from candor.store.datasets import Datasets
    from candor.store.disputes import Disputes
    from candor.store.erasure.targets import ErasureTarget
    from candor.store.erasures import Erasure, Erasures
    from candor.store.history import History
    from candor.store.response_cache import ResponseCache
    from candor.store.suppression import Suppression


class Eraser:
    """Shows or erases one person, in everything of one owner or of all. It can be broken off and begun again."""

    def __init__(
        self,
        redis: Redis,
        erasures: Erasures,
        suppression: Suppression,
        *,
        history: History,
        disputes: Disputes,
        datasets: Datasets,
        response_cache: ResponseCache,
        rewrite_log: Callable[..., None],
        clock: Callable[[], datetime],
    ) -> None:
        self._redis = redis
        self._erasures = erasures
        self._suppression = suppression
        self._rewrite_log = rewrite_log
        self._clock = clock
        self._jobs = JobRecords(redis)
        self.targets: dict[str, ErasureTarget] = {
            "documents": Documents(redis),
            "histories": Histories(redis, history),
            "disputes": DisputeRecords(redis, disputes),
            "boards": BoardRows(redis),
            "datasets": DatasetRecords(datasets),
            "jobs": self._jobs,
            "trust_roots": NamedInRoots(redis),
            "vouches": VouchPairs(redis),
            "cached_responses": CachedResponses(response_cache),
            "idempotent_responses": IdempotentResponses(redis),
        }

    def show(self, network: str, account: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield everything that is kept of the person, of all owners, with the kind of thing it is."""
        subject = self._subject(network, [account])
        for kind, target in self.targets.items():
            yield from ((kind, found) for found in target.show(subject, None))

    def run(self, erasure: Erasure, more_names: Iterable[str] = ()) -> Erasure:
        """Take the person out of everything; return the erasure as it is then: ended, or waiting for running jobs.

        `more_names` are names of the same account that its network knows. Raises RedisError, OSError.
        """
        was_running = self._erasures.running(erasure)
        if was_running and erasure.erased:
            return self._erasures.wait(erasure, {})
        subject = self._subject(erasure.network, [*erasure.names, *more_names])
        self._suppression.add(subject.network, subject.names)
        at, erased = self._clock(), dict[str, int]()
        for target in self.targets.values():
            for kind, count in target.erase(subject, erasure.owner, at).items():
                erased[kind] = erased.get(kind, 0) + count
        erasure = msgspec.structs.replace(erasure, names=subject.names)
        if was_running:
            return self._erasures.wait(erasure, erased)
        ended = self._erasures.finish(erasure, erased)
        self._rewrite_log(at_once=True)
        return ended

    def redact_job(self, job_id: str, network: str, account: str) -> None:
        """Take one name out of a job that was found to name somebody who is suppressed."""
        self._jobs.erase_from(job_id, DataSubject(network=network, names=(account,)))

    def _subject(self, network: str, names: Iterable[str]) -> DataSubject:
        return DataSubject(network=network, names=with_aliases(self._redis, network, names))
