"""Job inputs: all that is kept of what a job with records of its own is scored from, asked of Redis at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from candor.store import redis_keys
from candor.store.client import unpack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis import Redis

    from candor.scoring.account_kinds import SaidKind
    from candor.scoring.question import Contested
    from candor.scoring.trust_root import TrustRoot
    from candor.store.account_kinds import AccountKinds
    from candor.store.disputes import Disputes
    from candor.store.job_roots import JobRoots
    from candor.store.models import Job
    from candor.store.suppression import Suppression


class JobInputs(NamedTuple):
    """The records (NDJSON), the trust root, and what was disputed and said of the accounts asked about."""

    activities: bytes
    root: TrustRoot
    contested: tuple[Contested, ...]
    kinds: tuple[SaidKind, ...]


class InlineInputs:
    """Reads in one round trip what its parts would be asked for one after the other."""

    def __init__(
        self, redis: Redis, roots: JobRoots, suppression: Suppression, disputes: Disputes, account_kinds: AccountKinds
    ) -> None:
        self._redis = redis
        self._roots = roots
        self._suppression = suppression
        self._disputes = disputes
        self._kinds = account_kinds

    def read(self, job: Job, network: str, accounts: Sequence[str]) -> JobInputs | None:
        """Return the inputs of a job about these accounts; None while anybody is suppressed, who has to be left out.

        Raises LookupError when the records or the root are gone.
        """
        with self._redis.pipeline(transaction=False) as pipe:
            self._suppression.ask_if_empty(pipe)
            pipe.get(redis_keys.job_activities(job.id))
            pipe.hget(self._roots.key_of(job) or redis_keys.job(job.id), "root")
            self._kinds.ask(pipe, job.owner, network, accounts)
            self._disputes.ask_about(pipe, job.owner, network, accounts)
            suppressed, packed, root, kinds, *disputed = pipe.execute()
        if suppressed:
            return None
        if packed is None:
            raise LookupError(f"the activities of job {job.id} are gone")
        return JobInputs(
            activities=unpack(packed),
            root=self._roots.read(job.request.trust_root, root),
            contested=self._disputes.contested(job.owner, network, accounts) if any(disputed) else (),
            kinds=self._kinds.said(job.owner, network, accounts) if any(kinds) else (),
        )
