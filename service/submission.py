"""Submission: from a checked request to a job that depends on nothing outside itself; and waiting for its end."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
from flask import request

from candor.names.networks import network_of
from candor.scoring.method import load_method
from candor.scoring.redaction import people_in, unmatched_objects, without_people
from candor.scoring.topics import Topic
from candor.scoring.trust_root import NO_ROOT, TrustRoot
from candor.store.job_dedup import dedup_key
from candor.store.models import AccountName, AskedRoot, Dataset, FetchBudget, Job, JobRequest, Progress
from service.context import context, is_anybody_suppressed, request_id
from service.idempotency import new_job_id
from service.job_inputs import (
    check_webhook,
    fetch_budget,
    is_read,
    pointers,
    read_body_records,
    reject_suppressed,
    require_actors,
    resolve_topic,
)
from service.problems import MAX_ERRORS, Fault, invalid, no_dataset, no_trust_root
from service.sample import find_dataset, find_root
from service.schemas.job_requests import CLOCK_SKEW

if TYPE_CHECKING:
    from datetime import datetime

    from candor.scoring.records import RecordReader
    from candor.store.models import QueueName

_MOST_INTERACTIVE_SCORES = 20
MOST_INTERACTIVE_RECORDS = 2_000_000
_MOST_INTERACTIVE_REQUESTS = 250


@dataclass
class Submission:
    """A request on its way to becoming a job; `faults` collects what is wrong with it."""

    owner: str
    given: dict[str, Any]
    faults: list[Fault] = field(default_factory=list)

    def accept(self) -> tuple[Job, bytes | None, TrustRoot]:
        """Return the job, its records as NDJSON and its root. Raises ProblemError saying everything that is wrong."""
        now = context().now()
        as_of = self._as_of(now)
        fetch = fetch_budget(self.given, self._fault)
        networks = self._networks(several=fetch is not None)
        topics = self._topics()
        root = self._root(networks)
        dataset = self._dataset(networks[0])
        self._profile(networks[0], dataset)
        check_webhook(self.owner, self.given["webhook"], self._fault)
        if self.faults:
            raise invalid(*self.faults[:MAX_ERRORS])
        anybody = is_anybody_suppressed()
        if anybody:
            self._reject_suppressed(networks)
        reader = self._reader(networks[0], anybody_suppressed=anybody)
        if self.given["as_of"] is None and dataset is not None:
            as_of = last_full_hour(now, dataset)
        request = self._request(
            as_of=as_of, networks=networks, topics=topics, root=root, dataset=dataset, fetch=fetch, reader=reader
        )
        activities = None if reader is None else msgspec.json.Encoder().encode_lines(reader.activities)
        job = Job(
            id=new_job_id(),
            owner=self.owner,
            request=request,
            progress=Progress(done=0, total=request.total, stage="queued"),
            created_at=now,
            request_id=request_id(),
            dedup_key=dedup_key(self.owner, request, activities, dated=self.given["as_of"] is not None),
        )
        return job, activities, root

    def _request(
        self,
        *,
        as_of: datetime,
        networks: list[str],
        topics: tuple[Topic, ...],
        root: TrustRoot,
        dataset: Dataset | None,
        fetch: FetchBudget | None,
        reader: RecordReader | None,
    ) -> JobRequest:
        accounts = tuple(AccountName(**account) for account in self.given["accounts"])
        source = self.given if dataset is None else msgspec.structs.asdict(dataset)
        fixed = network_of(networks[0]).profile
        return JobRequest(
            accounts=accounts,
            topics=topics,
            trust_root=AskedRoot.of(root),
            as_of=as_of,
            window_days=self.given["window_days"],
            profile=None if fixed else source["profile"],
            granted_rights=source["granted_rights"],
            method=self.given["method"] or load_method().version,
            dataset=None if dataset is None else dataset.id,
            dataset_digest=None if dataset is None else dataset.digest,
            inline=reader is not None,
            fetch=fetch,
            max_age_s=self.given["max_age_s"],
            received=None if reader is None else reader.counts,
            references=None if reader is None else reader.references,
            queue=_queue(
                scores=len(accounts) * len(topics),
                records=0 if dataset is None or not accounts else dataset.records,
                requests=0 if fetch is None else fetch.max_requests,
            ),
            network=networks[0] if len(networks) == 1 else None,
            webhook=self.given["webhook"],
        )

    def _fault(self, pointer: str, detail: str) -> None:
        self.faults.append(Fault(pointer, detail))

    def _as_of(self, now: datetime) -> datetime:
        as_of: datetime = self.given["as_of"] or now
        if as_of > now + CLOCK_SKEW:
            self._fault("/as_of", "in the future: nothing is known of it yet")
        return as_of

    def _networks(self, *, several: bool) -> list[str]:
        accounts = self.given["accounts"]
        if not accounts:
            return [self._network_of_everybody()]
        first: str = accounts[0]["network"]
        seen: dict[tuple[str, str], int] = {}
        for index, account in enumerate(accounts):
            if account["network"] != first and not several:
                detail = f"a job that is not to fetch names one network; the first account is on {first}"
                self._fault(f"/accounts/{index}/network", detail)
            at = seen.setdefault((account["network"], account["account"]), index)
            if at != index:
                self._fault(f"/accounts/{index}", f"{account['account']!r} is named twice, first in /accounts/{at}")
        return list(dict.fromkeys(account["network"] for account in accounts))

    def _datasets(self) -> list[str]:
        """Return the ids of the owner's data sets."""
        return [each.id for each in context().store.datasets.all_of(self.owner)]

    def _network_of_everybody(self) -> str:
        """Return the network of the data set whose people are all asked about."""
        if self.given["dataset"] is None:
            raise invalid(Fault("/accounts", "missing: whom to score; only a `dataset` can be ranked as a whole"))
        dataset = find_dataset(self.given["dataset"])
        if dataset is None:
            raise invalid(Fault("/dataset", no_dataset(self.given["dataset"], self._datasets())))
        return dataset.network

    def _topics(self) -> tuple[Topic, ...]:
        topics: dict[str, Topic] = {}
        for index, choice in enumerate(self.given["topics"]):
            topic = choice if isinstance(choice, Topic) else self._topic(index, choice)
            if topic is not None and topic.id in topics:
                self._fault(f"/topics/{index}", f"the topic {topic.id!r} is named twice")
            elif topic is not None:
                topics[topic.id] = topic
        return tuple(topics.values())

    def _topic(self, index: int, topic_id: str) -> Topic | None:
        try:
            return resolve_topic(self.owner, topic_id, self.given["dataset"])
        except ValueError as error:
            self._fault(f"/topics/{index}", str(error))
            return None

    def _root(self, networks: list[str]) -> TrustRoot:
        choice = self.given["trust_root"]
        root = NO_ROOT if choice is None else choice
        if isinstance(root, str):
            found = find_root(root)
            if found is None:
                self._fault(
                    "/trust_root",
                    no_trust_root(root, (each.id for each in context().store.trust_roots.facts(self.owner))),
                )
                return NO_ROOT
            names = (account.account for account in found.accounts)
            root = found.without(context().store.suppression.among(found.network or networks[0], names))
        other = [network for network in networks if root.network not in {None, network}]
        if other:
            detail = f"the root names accounts on {root.network}, the job is about {', '.join(other)}"
            self._fault("/trust_root", detail)
        if root.kind == "list" and not is_read(str(root.network)):
            self._fault("/trust_root", f"Candor reads no lists of {root.network}")
        checked: TrustRoot = root
        return checked

    def _dataset(self, network: str) -> Dataset | None:
        name = self.given["dataset"]
        inline = self.given["activities"] is not None
        if name is None:
            return None
        if inline:
            self._fault("/dataset", "a job reads either activities or a dataset")
        dataset = find_dataset(name)
        if dataset is None:
            self._fault("/dataset", no_dataset(name, self._datasets()))
        elif self.given["granted_rights"] and not dataset.granted_rights:
            self._fault("/granted_rights", "is set with the data set, when it is uploaded")
        elif dataset.network != network:
            self._fault("/accounts/0/network", f"the data set is of {dataset.network}")
        return dataset

    def _profile(self, network: str, dataset: Dataset | None) -> None:
        profile, fixed = self.given["profile"], network_of(network).profile
        if self.given["dataset"] is not None:
            if dataset is not None and profile not in {None, dataset.profile or fixed}:
                self._fault("/profile", f"the data set has the profile {dataset.profile or fixed}")
        elif fixed is not None and profile not in {None, fixed}:
            self._fault("/profile", f"{network} always uses {fixed}; a profile is chosen for custom: networks only")
        elif fixed is None and profile is None:
            self._fault("/profile", f"missing: {network} has no profile of its own; choose qa, forum or microblog")

    def _reject_suppressed(self, networks: list[str]) -> None:
        asked = self.given["accounts"]
        for network in networks:
            theirs = (i for i, account in enumerate(asked) if account["network"] == network)
            reject_suppressed(network, {f"/accounts/{i}/account": asked[i]["account"] for i in theirs})
        if isinstance(self.given["trust_root"], TrustRoot):
            named = (account.account for account in self.given["trust_root"].accounts)
            root_network = self.given["trust_root"].network or networks[0]
            reject_suppressed(root_network, pointers("/trust_root/accounts", named))

    def _reader(self, network: str, *, anybody_suppressed: bool) -> RecordReader | None:
        records = self.given["activities"]
        if records is None:
            return None
        reader = read_body_records(records, context().settings.max_inline, "/activities", network)
        require_actors(reader, records, "/activities")
        if anybody_suppressed:
            named = (*people_in(reader.activities), *unmatched_objects(reader.activities))
            suppressed = context().store.suppression.among(network, named)
            kept = without_people(reader.activities, suppressed)
            reader.counts.suppressed = len(reader.activities) - len(kept)
            reader.activities = kept
        return reader


def last_full_hour(now: datetime, dataset: Dataset) -> datetime:
    """Return the last full hour, or now where a data set has something later.

    All who are asked about within an hour are scored as of the same moment, so that their scores compare and a worker
    ranks everybody once.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    return hour if dataset.last is None or dataset.last < hour else now


def _queue(*, scores: int, records: int, requests: int) -> QueueName:
    """Return where a job waits: what takes seconds must not wait behind what takes minutes."""
    few = scores <= _MOST_INTERACTIVE_SCORES and requests <= _MOST_INTERACTIVE_REQUESTS
    return "interactive" if few and records <= MOST_INTERACTIVE_RECORDS else "batch"


MAX_WAIT_S = 60
_WAIT = re.compile(r'(?:^|[,;])\s*wait\s*=\s*"?([0-9]{1,9})"?\s*(?=$|[,;])', re.IGNORECASE)


def preferred_wait_s() -> int:
    """Return how many seconds the caller would wait, at most a minute; 0 when it would not."""
    found = _WAIT.search(request.headers.get("Prefer", ""))
    return min(int(found[1]), MAX_WAIT_S) if found else 0


def wait_for(job: Job, wait_s: int) -> tuple[Job, bool]:
    """Wait until the job has ended, at most `wait_s` seconds; tell whether the preference was honoured.

    Without a free seat the preference is ignored, so that waiting callers never take the last threads.
    """
    seats = context().waiting_seats
    if wait_s == 0 or not seats.acquire(blocking=False):
        return job, False
    try:
        return context().store.jobs.wait(job.owner, job.id, wait_s) or job, True
    finally:
        seats.release()
