"""Job inputs: all that is kept of what a job with records of its own is scored from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from candor.store.client import unpack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from candor.scoring.account_kinds import SaidKind
    from candor.scoring.question import Contested
    from candor.scoring.trust_root import TrustRoot
    from candor.store.account_kinds import AccountKinds
    from candor.store.disputes import Disputes
    from candor.store.job_roots import JobRoots
    from candor.store.models import Job
    from candor.store.started import Brought


class JobInputs(NamedTuple):
    """The records (NDJSON), the trust root, and what was disputed and said of the accounts asked about."""

    activities: bytes
    root: TrustRoot
    contested: tuple[Contested, ...]
    kinds: tuple[SaidKind, ...]


class InlineInputs:
    """Reads what jobs brought, which came with the answer when they were started."""

    def __init__(self, roots: JobRoots, disputes: Disputes, account_kinds: AccountKinds) -> None:
        self._roots = roots
        self._disputes = disputes
        self._kinds = account_kinds

    def read(self, job: Job, brought: Brought, network: str, accounts: Sequence[str]) -> JobInputs | None:
        """Return the inputs of a job about these accounts; None while anybody is suppressed, who has to be left out.

        Raises LookupError when the root is gone.
        """
        if brought.suppressed:
            return None
        return JobInputs(
            activities=unpack(brought.activities),
            root=self._roots.read(job.request.trust_root, brought.root),
            contested=self._disputes.contested(job.owner, network, accounts) if brought.said else (),
            kinds=self._kinds.said(job.owner, network, accounts) if brought.said else (),
        )
