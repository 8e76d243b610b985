"""Networks: fetches what a job needs from each network its accounts are on, and keeps the vouches seen there."""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from candor.scoring.vouches import Vouch, vouches_in
from candor.store.job_problems import NOT_READ, SUPPRESSED
from worker.allowance import Allowance
from worker.connectors import connector_for
from worker.connectors.source import Gaps, Source
from worker.errors import GatherError
from worker.fetch import Fetch
from worker.material import Material, question_of
from worker.outbound import Outbound
from worker.trusted import Trusted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from candor.scoring.trust_root import TrustRoot
    from candor.store.models import AccountName, Job
    from candor.store.models import Fetch as Budget
    from worker.connectors.base import Connector
    from worker.context import WorkerContext
    from worker.fetched import Fetched

LONGEST_WAIT = timedelta(days=1)
READING_SHARE = 0.6


class Networks:
    """Reads for one job, within `budget`. `tell` hears of posts read and requests made so far."""

    def __init__(self, context: WorkerContext, job: Job, budget: Budget, tell: Callable[[int, int], None]) -> None:
        self._context = context
        self._job = job
        self._method = context.method_of(job.request)
        self._tell = tell
        self._posts = 0
        self._outbound = Outbound(
            context.transport,
            context.store,
            job_id=job.id,
            since=job.created_at,
            max_requests=budget.max_requests,
            spent=job.progress.requests,
            meters=context.meters,
        )
        self._deadline_s = time.monotonic() + READING_SHARE * context.store.queue.time_limits_s[job.request.queue]

    def materials(self) -> list[Material]:
        """Read one network after the other, each with an equal part of the requests that are left.

        Raises GatherError, WaitingError; `tell` has heard the last figures then.
        """
        networks = list(dict.fromkeys(account.network for account in self._job.request.accounts))
        try:
            return [self._material(network, parts=len(networks) - done) for done, network in enumerate(networks)]
        finally:
            self._tell(self._posts, self._outbound.spent)

    def trust_root(self, network: str) -> tuple[TrustRoot, tuple[str, ...]]:
        """Return the job's trust root with whoever is on its list now, and what could not be read of it.

        Raises GatherError, WaitingError.
        """
        connector = self._connector(network)
        share = self._allowance(parts=1).share(1.0)
        try:
            root = Trusted(connector, share, self._keep_out(network)).resolve(self._job.request.trust_root)
        finally:
            self._tell(self._posts, self._outbound.spent)
        return root, connector.source.gaps.lines()

    def _material(self, network: str, parts: int) -> Material:
        of_network = [account for account in self._job.request.accounts if account.network == network]
        asked = [account for account in of_network if not account.erased]
        fetched = self._fetch(network, parts, asked)
        known = self._known(network)
        names = {account: fetched.names[account.account] for account in asked if account.account in fetched.names}
        question = question_of(
            self._context,
            self._job,
            network,
            names.values(),
            trust_root=fetched.trust_root,
            gaps=fetched.gaps,
            withheld=fetched.withheld,
        )
        seen = vouches_in(fetched.activities, question, self._method)
        snapshot = self._snapshot(network, fetched, known, seen)
        if self._method == self._context.method:
            self._context.store.vouches.keep(self._job.owner, network, seen)
        problems = {a: fetched.problems[a.account] for a in asked if a.account in fetched.problems}
        problems |= {account: SUPPRESSED for account in of_network if account.erased}
        return Material(msgspec.structs.replace(question, vouches=snapshot), fetched.activities, names, problems)

    def _fetch(self, network: str, parts: int, asked: list[AccountName]) -> Fetched:
        read_before = self._posts

        def _tell(posts: int) -> None:
            self._posts = read_before + posts
            self._tell(self._posts, self._outbound.spent)

        return Fetch(
            self._connector(network),
            self._allowance(parts),
            self._job.request,
            keep_out=self._keep_out(network),
            known={voucher for voucher, _ in self._known(network)},
            tell=_tell,
            patience_until=self._job.created_at + LONGEST_WAIT,
        ).run(account.account for account in asked)

    def _connector(self, network: str) -> Connector:
        connector = connector_for(network)
        if connector is None:
            raise GatherError(NOT_READ)
        return connector(Source(self._outbound, Gaps(), self._context.access), network)

    def _allowance(self, parts: int) -> Allowance:
        left = self._outbound.max_requests - self._outbound.asked
        return Allowance(self._outbound, left // parts, self._deadline_s)

    def _keep_out(self, network: str) -> Callable[[Iterable[str]], set[str]]:
        return partial(self._context.store.suppression.among, network)

    def _known(self, network: str) -> list[tuple[str, str]]:
        """Return the vouches kept: what the current method took for one, so an older version does without."""
        request = self._job.request
        if self._method != self._context.method:
            return []
        since = request.as_of - timedelta(days=request.window_days)
        return self._context.store.vouches.between(self._job.owner, network, since, request.as_of)

    def _snapshot(
        self, network: str, fetched: Fetched, known: list[tuple[str, str]], seen: list[Vouch]
    ) -> tuple[tuple[str, str], ...]:
        """Return the vouches known from earlier jobs that are not among this job's records; forget those withheld."""
        withheld = {each.account for each in fetched.withheld}
        self._context.store.vouches.forget(self._job.owner, network, withheld)
        people = {name for pair in known for name in pair}
        shut_out = withheld | self._context.store.suppression.among(network, people)
        new = {(vouch.voucher, vouch.vouched) for vouch in seen}
        return tuple(pair for pair in known if pair not in new and shut_out.isdisjoint(pair))
