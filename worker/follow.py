"""What RQ runs to read a source that a data set follows: step by step, so that a killed worker loses little."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np
from msgspec.structs import replace
from redis.exceptions import RedisError
from rq.timeouts import BaseTimeoutException

from candor.scoring.activity import TYPE_CODE
from candor.scoring.gaps import summed
from candor.scoring.redaction import DataSubject, people_in, without_people
from candor.store import utc_now
from candor.store.models import BadDatasetError
from candor.store.source_trust import add_trusted
from candor.store.sources import MAX_ATTEMPTS
from candor.store.storage import NO_STORAGE, DamagedFileError, StorageAwayError
from candor.telemetry.logs import logger
from worker.connectors import community_for
from worker.connectors.gaps import Gaps
from worker.connectors.network_client import NetworkClient
from worker.context import CURRENT
from worker.outbound import (
    BadAnswerError,
    BudgetSpentError,
    CircuitOpenError,
    HostDownError,
    Outbound,
    OutboundError,
    WaitingError,
)
from worker.outbound.cache import Cache

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from candor.scoring.activity import Activity
    from candor.store import Store
    from candor.store.models import Dataset
    from candor.store.response_cache import CachedResponse
    from candor.store.sources import FollowedSource
    from worker.connectors.community import Batch, CommunityConnector
    from worker.context import WorkerContext
    from worker.outbound import Reply, Transport
    from worker.outbound.exchange import HostRequest

log = logger(__name__)

SLICE_S = 120.0
KEEP_EVERY_S = 5.0
TELL_EVERY_S = 1.0
KEPT_COST = 10
SERVER_ERROR = 500
UNAUTHORISED = 401
SHORTEST_WAIT = timedelta(seconds=1)
STORAGE_WAIT = timedelta(seconds=30)
LEFT_OUT = "left out"
WHO_DECLINED = "whoever made it hides their profile, is suspended or gone, or asked not to be indexed"
ASK_AGAIN = timedelta(days=30)
FAILED = "Reading failed three times; the reason is in the operator's log."
NOT_FOLLOWED = "Nothing here can read this network as a whole."


class LeftError(Exception):
    """The data set follows this source no longer, or somebody was erased and it is read again from what is kept."""


class BrokenOffError(Exception):
    """A host is down, or says that it is: what it was asked for is asked again later, and not left out."""


class NewAnswers(Cache):
    """The answers that came since a reading began."""

    def is_fresh(self, kept: CachedResponse, now: datetime) -> bool:
        """See Cache."""
        del now
        return kept.fetched_at >= self._since


class Asks(Outbound):
    """Asks for a reading, which has all the time it needs: nothing is passed over because a host that it needs is down.

    What was fetched before the reading began is asked for again: it may have lacked what the list shows by now. Raises
    BrokenOffError as well as what Outbound raises.
    """

    def __init__(
        self,
        transport: Transport,
        store: Store,
        *,
        job_id: str,
        since: datetime,
        is_last: bool = False,
        **named: Any,  # noqa: ANN401 as Outbound
    ) -> None:
        super().__init__(transport, store, job_id=job_id, since=since, **named)
        self._is_last = self._may_lack = is_last
        self._cache = NewAnswers(store.response_cache, job_id, since)
        self.needs: Callable[[str], bool] = lambda _host: True

    def _ask(self, request: HostRequest) -> Reply:
        try:
            reply = super()._ask(request)
        except OutboundError as error:
            is_down = isinstance(error, HostDownError | BadAnswerError) or (error.status or 0) >= SERVER_ERROR
            is_shut_out = error.status == UNAUTHORISED and self._has_lost_its_token(request)
            if not (is_down or is_shut_out) or not self.needs(urlsplit(request.url).netloc):
                raise
            if self._may_lack and not (is_shut_out or isinstance(error, CircuitOpenError)):
                self._may_lack = False
                raise
            raise BrokenOffError(error.words) from error
        self._may_lack = self._is_last
        return reply

    def _has_lost_its_token(self, request: HostRequest) -> bool:
        """Say whether a token is good for nothing any more: not even for what this reading was shown first."""
        first = self._answered.get(urlsplit(request.url).netloc)
        if first is None or not self.requests_left or None in {request.credential, first.credential}:
            return False
        answer = self._send(first, self._transport.guard.target(first.url), first.headers)
        return answer.status == UNAUTHORISED


def read(owner: str, name: str) -> None:
    """Read a source of one owner, in the context of this process. Raises RedisError, and when out of time."""
    context = CURRENT.get()
    source = context.store.sources.start(owner, name)
    if source is None:
        log.info("nothing to do", job_id=name)
        return
    reading = SourceReading(context, source)
    try:
        reading.run()
    except LeftError:
        log.info("no longer followed, or read again after an erasure", job_id=name)
    except (RedisError, BaseTimeoutException):
        raise
    except DamagedFileError:
        context.store.sources.finish(reading.source, error="A part of the data set is not as it was written.")
    except StorageAwayError as error:
        log.warning("the storage of data sets is away", job_id=name, why=str(error))
        context.store.sources.postpone(reading.source, utc_now() + STORAGE_WAIT, waits_for=NO_STORAGE)
    except Exception:
        log.exception("reading a source crashed", job_id=name)
        if source.state.attempts >= MAX_ATTEMPTS:
            context.store.sources.finish(reading.source, error=FAILED)


class SourceReading:
    """One turn at reading a source: until its end, its budget's, or that of the turn.

    Records are kept before the place behind them is: a worker that dies reads some of them again, and a record that
    comes again takes its own place.
    """

    def __init__(self, context: WorkerContext, source: FollowedSource) -> None:
        self.source = source
        self._store = context.store
        self._gaps = Gaps()
        began_at = source.state.began_at or utc_now()
        self._outbound = Asks(
            context.transport,
            context.store,
            job_id=source.id,
            since=began_at,
            owner=source.owner,
            max_requests=source.asked.max_requests,
            spent=source.state.spent,
            meters=context.meters,
            is_last=source.state.attempts >= MAX_ATTEMPTS,
        )
        self._client = NetworkClient(self._outbound, self._gaps, context.access)
        self._old = began_at - ASK_AGAIN
        self._slice_end_s = time.monotonic() + SLICE_S
        self._keep_s = time.monotonic() + KEEP_EVERY_S
        self._tell_s = 0.0
        self._waiting: list[Activity] = []
        self._cursor = source.state.cursor
        self._asked_at: dict[str, datetime] = {}
        self._declined: set[str] = set()
        self._gaps_before = source.state.gaps
        self._trusted: dict[str, None] = {}

    def run(self) -> None:
        """Read, and say what came of it."""
        kind = community_for(self.source.asked.network)
        if kind is None:
            self._store.sources.finish(self.source, error=NOT_FOLLOWED)
            return
        community = kind(self._client, self.source.asked.network)
        self._outbound.needs, self._trusted = community.needs, community.trusted
        self._look_back()
        complete, turn_over = False, False
        try:
            state = self.source.state
            for batch in community.batches(self.source.asked, state.cursor, state.since):
                self._take(batch, self._settled(batch.records, community))
                complete = batch.complete
                if turn_over := not complete and time.monotonic() >= self._slice_end_s:
                    break
        except BudgetSpentError:
            self._gaps.add("what came after", f"all {self.source.asked.max_requests} requests were made")
        except WaitingError as error:
            self._keep()
            until = max(error.until, utc_now() + SHORTEST_WAIT)
            self._store.sources.postpone(self.source, until, waits_for=str(error))
            return
        except BrokenOffError as error:
            self._come_back(str(error))
            return
        self._keep()
        if turn_over:
            self._store.sources.postpone(self.source, utc_now())
            return
        self._end(complete=complete)

    def _come_back(self, why: str) -> None:
        """Go on in some minutes; three times in vain, without a new record, end the reading."""
        self._keep()
        attempts = self.source.state.attempts
        if attempts >= MAX_ATTEMPTS:
            self._store.sources.finish(self.source, error=why)
        else:
            until = utc_now() + timedelta(minutes=2**attempts)
            self._store.sources.postpone(self.source, until, waits_for=why, attempts=attempts)

    def _end(self, *, complete: bool) -> None:
        state = replace(self.source.state, complete=complete)
        self.source = replace(self.source, state=state)
        error = None
        if not complete and self._outbound.requests_left:
            missing = [gap for gap in state.gaps if not gap.startswith(LEFT_OUT)]
            error = missing[-1] if missing else "The network's answers ended early."
        elif state.kept:
            self._store.datasets.renew(self.source.owner, self.source.dataset)
        self._store.sources.finish(self.source, error=error)

    def _look_back(self) -> None:
        """Learn from the data set who was asked about before, and who declined; begin anew where it is gone."""
        if not self.source.state.kept:
            return
        try:
            table = self._store.datasets.activities(self.source.owner, self.source.dataset)
        except LookupError:
            self.source = replace(self.source, state=replace(self.source.state, kept=False, cursor={}))
            self._cursor = {}
            return
        for row in np.flatnonzero(table.type == TYPE_CODE["account"]).tolist():
            self._note(table.record(row))

    def _note(self, account: Activity) -> None:
        name = str(account.actor)
        self._asked_at[name] = account.published
        if account.consent is False:
            self._declined.add(name)
        else:
            self._declined.discard(name)

    def _settled(self, records: list[Activity], community: CommunityConnector) -> list[Activity]:
        """Return the records without whoever declines or cannot be asked about, and who the others are.

        Who was asked about before and is shown as objecting by now is asked about again.
        """
        anew = (community.objecting & self._asked_at.keys()) - self._declined
        community.objecting.clear()
        names = dict.fromkeys((*people_in(records), *sorted(anew)))
        suppressed = self._store.suppression.among(self.source.asked.network, names)
        if suppressed:
            self._outbound.forget_naming(DataSubject(network=self.source.asked.network, names=tuple(suppressed)))
        unasked = [
            name
            for name in names
            if name not in suppressed and (name in anew or self._asked_at.get(name, self._old) <= self._old)
        ]
        accounts: list[Activity] = []
        for profile in community.profiles(unasked):
            account = replace(profile.account, id=f"account/{profile.account.actor}")
            if profile.status != "ok":
                account = replace(account, name=None, bio=None, url=None, consent=False)
            accounts.append(account)
            self._note(account)
        unknown = {name for name in names if name not in self._asked_at}
        left = without_people(records, unknown | (self._declined & names.keys()) | suppressed)
        if len(left) < len(records):
            self._gaps.add(LEFT_OUT, WHO_DECLINED, times=len(records) - len(left))
        return [*accounts, *left]

    def _take(self, batch: Batch, records: list[Activity]) -> None:
        self._waiting += records
        self._cursor = batch.cursor
        now_s = time.monotonic()
        if now_s >= self._keep_s:
            self._keep()
        elif now_s >= self._tell_s:
            self._tell()

    def _keep(self) -> None:
        """Keep the records that wait, and then the place behind them. Raises LeftError."""
        began_s = time.monotonic()
        if self._waiting:
            self._write()
        state = replace(self.source.state, cursor=self._cursor, trust_root=self._trust())
        self.source = replace(self.source, state=state)
        self._tell()
        now_s = time.monotonic()
        self._keep_s = now_s + max(KEEP_EVERY_S, KEPT_COST * (now_s - began_s))

    def _trust(self) -> str | None:
        """Add whom the source trusts to the trust root named after the data set; return its id if there is one."""
        state, asked, owner = self.source.state, self.source.asked, self.source.owner
        if not state.kept:
            return state.trust_root
        names = self._trusted.keys() - self._declined
        return add_trusted(self._store, owner, self.source.dataset, asked.network, names) or state.trust_root

    def _tell(self) -> None:
        """Say how far it is, whatever was kept so far. Raises LeftError."""
        gaps = summed((*self._gaps_before, *self._gaps.each()))
        state = replace(self.source.state, spent=self._outbound.spent, gaps=gaps)
        self.source = replace(self.source, state=state)
        if not self._store.sources.save(self.source):
            raise LeftError
        self._tell_s = time.monotonic() + TELL_EVERY_S

    def _write(self) -> None:
        datasets, (owner, name) = self._store.datasets, (self.source.owner, self.source.dataset)
        records, self._waiting = self._waiting, []
        before = datasets.get(owner, name) if self.source.state.kept else None
        try:
            if before is None:
                kept = datasets.put(
                    owner,
                    name,
                    network=self.source.asked.network,
                    profile=None,
                    granted_rights=False,
                    lines=records,
                    skip_bad=True,
                    check=self._check,
                )
            else:
                kept = datasets.append(owner, name, records, skip_bad=True, check=self._check)
        except BadDatasetError:  # there is none to keep
            return
        new = kept.records - (before.records if before else 0)
        attempts = 1 if new > 0 else self.source.state.attempts  # what comes again is no progress
        state = replace(
            self.source.state, attempts=attempts, kept=True, records=self.source.state.records + max(0, new)
        )
        self.source = replace(self.source, state=state)

    def _check(self, _there: Dataset | None) -> None:
        found = self._store.sources.find(self.source.id)
        if found is None or found.token != self.source.token:
            raise LeftError
