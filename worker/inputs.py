"""Inputs: the records a job is scored from, out of its own body, a data set or the networks its accounts are on."""

from __future__ import annotations

import dataclasses
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from candor.scoring.activity import Activity
from candor.scoring.gaps import SUPPRESSED_SINCE, add_absent_gaps, left_out_words
from candor.scoring.question import Question
from candor.scoring.record_columns import build_columns
from candor.scoring.redaction import DataSubject, people_in, unmatched_objects, without_people
from candor.scoring.vouches import vouches_in
from candor.scoring.world import World
from candor.store.job_problems import DATASET_CHANGED, DATASET_DAMAGED, INPUTS_GONE, NOT_READ, SUPPRESSED
from candor.store.models import FetchBudget
from candor.store.storage import DamagedFileError
from candor.telemetry.logs import logger
from worker.allowance import Allowance
from worker.connectors import connector_for
from worker.connectors.gaps import Gaps
from worker.connectors.network_client import NetworkClient
from worker.context import InputError
from worker.fetch import Fetch, LostHosts
from worker.open_datasets import prepared
from worker.outbound import Outbound
from worker.places import kept_places
from worker.trusted import Trusted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from candor.scoring.columns import Columns
    from candor.scoring.copies import Copies
    from candor.scoring.table import Table
    from candor.scoring.topics import Topic
    from candor.scoring.trust_root import TrustRoot
    from candor.store.job_inputs import JobInputs
    from candor.store.models import AccountName, ArchiveFacts, Dataset, Job, JobRequest, Problem
    from candor.store.score_cache import Pair
    from candor.store.started import Brought
    from worker.connectors.connector import Connector
    from worker.context import WorkerContext
    from worker.fetch import Fetched


log = logger(__name__)
_RECORDS = msgspec.json.Decoder(Activity)
LONGEST_WAIT = timedelta(days=1)
READING_SHARE = 0.6
FOR_A_LIST = FetchBudget(max_requests=100, max_posts=0)


@dataclass(frozen=True)
class ScoringInput:
    """A question about one network, and the records it is answered from as columns, made for the question.

    `names` gives for each account asked about the name that the question has for it, `problems` why some have none.
    """

    question: Question
    columns: Columns | World
    names: Mapping[AccountName, str]
    problems: Mapping[AccountName, Problem]

    def about(self, accounts: Sequence[str], topics: tuple[Topic, ...]) -> ScoringInput:
        """Return the input for some of the accounts and topics."""
        question = replace(self.question, accounts=tuple(accounts), topics=topics)
        columns = self.columns if topics == self.question.topics else self.columns.about(topics)
        return dataclasses.replace(self, question=question, columns=columns)


def question_of(
    context: WorkerContext,
    job: Job,
    network: str,
    accounts: Iterable[str],
    kept: JobInputs | None = None,
    **more: Any,  # noqa: ANN401
) -> Question:
    """Return what the job asks about these accounts of a network; `more` is said by the network itself.

    `kept` is what was read of the job already.
    """
    request, store = job.request, context.store
    names = tuple(dict.fromkeys(accounts))
    asked: dict[str, Any] = {
        "network": network,
        "accounts": names,
        "contested": store.disputes.contested(job.owner, network, names) if kept is None else kept.contested,
        "topics": request.topics,
        "as_of": request.as_of,
        "window_days": request.window_days,
        "profile": request.profile,
        "granted_rights": request.granted_rights,
        "contact": context.contact,
    }
    by_word = store.account_kinds.said(job.owner, network, names) if kept is None else kept.kinds
    known = {each.account: each for each in (*more.pop("kinds", ()), *by_word)}
    asked["kinds"] = tuple(known.values())
    return Question(**{**asked, **more})


class NetworkReader:
    """Reads networks for one job, within `budget`. `on_progress` is told of posts read and requests made so far."""

    def __init__(
        self, context: WorkerContext, job: Job, budget: FetchBudget, on_progress: Callable[[int, int], None]
    ) -> None:
        self._context = context
        self._job = job
        self._method = context.method_of(job.request)
        self._on_progress = on_progress
        self._posts = 0
        self._suppressed: dict[str, set[str]] = {}
        self._outbound = Outbound(
            context.transport,
            context.store,
            job_id=job.id,
            since=job.created_at,
            owner=job.owner,
            max_requests=budget.max_requests,
            spent=job.progress.requests,
            meters=context.meters,
        )
        self._deadline_s = time.monotonic() + READING_SHARE * context.store.queue.time_limits_s[job.request.queue]

    def inputs(self) -> list[ScoringInput]:
        """Read one network after the other, each with an equal part of the requests that are left.

        Raises InputError, WaitingError; `on_progress` was told the last figures then.
        """
        networks = list(dict.fromkeys(account.network for account in self._job.request.accounts))
        try:
            inputs = [self._input(network, parts=len(networks) - done) for done, network in enumerate(networks)]
            self._forget_suppressed()
        finally:
            self._on_progress(self._posts, self._outbound.spent)
        return inputs

    def trust_root(self, network: str) -> tuple[TrustRoot, tuple[str, ...]]:
        """Return the job's trust root with whoever is on its list now, and what could not be read of it.

        Raises InputError, WaitingError.
        """
        connector, asked = self._connector(network), trust_root_of(self._context, self._job)
        share = self._allowance(parts=1).share(1.0)
        try:
            trusted = Trusted(connector, share, self._suppressed_among(network))
            root = LostHosts(self._outbound, self._job.created_at).resolve(trusted, asked)
            self._forget_suppressed()
        finally:
            self._on_progress(self._posts, self._outbound.spent)
        return root, connector.client.gaps.lines()

    def _input(self, network: str, parts: int) -> ScoringInput:
        """Read one network; its records become columns once, for the vouches to be kept and for the scores."""
        of_network = [account for account in self._job.request.accounts if account.network == network]
        asked = [account for account in of_network if not account.erased]
        fetched = self._fetch(network, parts, asked)
        names = {account: fetched.names[account.account] for account in asked if account.account in fetched.names}
        known = self._known_vouches(network, fetched)
        more: dict[str, Any] = {
            "trust_root": fetched.trust_root,
            "gaps": fetched.gaps,
            "gaps_of": fetched.gaps_of,
            "opted_out": fetched.opted_out,
        }
        said: dict[str, Any] = {"vouches": known, "kinds": fetched.kinds}
        question = question_of(self._context, self._job, network, names.values(), **said, **more)
        columns = build_columns(fetched.activities, question, distinct=True)
        seen = vouches_in(columns, question, self._method)
        if self._method == self._context.method:
            self._context.store.vouches.keep(self._job.owner, network, seen)
        new = {(vouch.voucher, vouch.vouched) for vouch in seen}
        question = replace(question, vouches=tuple(pair for pair in known if pair not in new))
        problems = {a: fetched.problems[a.account] for a in asked if a.account in fetched.problems}
        problems |= {account: SUPPRESSED for account in of_network if account.erased}
        return ScoringInput(question, columns, names, problems)

    def _fetch(self, network: str, parts: int, asked: list[AccountName]) -> Fetched:
        read_before = self._posts

        def _on_posts(posts: int) -> None:
            self._posts = read_before + posts
            self._on_progress(self._posts, self._outbound.spent)

        return Fetch(
            self._connector(network),
            self._allowance(parts),
            self._job.request,
            trust_root_of(self._context, self._job),
            suppressed_among=self._suppressed_among(network),
            known={voucher for voucher, _ in self._known(network)},
            on_progress=_on_posts,
            patience_until=self._job.created_at + LONGEST_WAIT,
            sent_at=self._job.created_at,
        ).run(account.account for account in asked)

    def _connector(self, network: str) -> Connector:
        connector = connector_for(network)
        if connector is None:
            raise InputError(NOT_READ)
        return connector(NetworkClient(self._outbound, Gaps(), self._context.access), network)

    def _allowance(self, parts: int) -> Allowance:
        left = self._outbound.max_requests - self._outbound.asked
        return Allowance(self._outbound, left // parts, self._deadline_s)

    def _suppressed_among(self, network: str) -> Callable[[Iterable[str]], set[str]]:
        def _among(names: Iterable[str]) -> set[str]:
            found = self._context.store.suppression.among(network, names)
            self._suppressed.setdefault(network, set()).update(found)
            return found

        return _among

    def _forget_suppressed(self) -> None:
        """Keep no answer that names somebody who is suppressed: their network names them still."""
        met = [DataSubject(network=network, names=tuple(names)) for network, names in self._suppressed.items() if names]
        self._outbound.forget_naming(*met)

    def _known(self, network: str) -> list[tuple[str, str]]:
        """Return the vouches kept: what the current method took for one, so an older version does without."""
        request = self._job.request
        if self._method != self._context.method:
            return []
        since = request.as_of - timedelta(days=request.window_days)
        return self._context.store.vouches.between(self._job.owner, network, since, request.as_of)

    def _known_vouches(self, network: str, fetched: Fetched) -> tuple[tuple[str, str], ...]:
        """Return the vouches known from earlier jobs; those of and for whoever opted out are forgotten."""
        opted_out = {each.account for each in fetched.opted_out}
        self._context.store.vouches.erase(DataSubject(network=network, names=tuple(opted_out)), self._job.owner)
        known = self._known(network)
        people = {name for pair in known for name in pair}
        shut_out = opted_out | self._context.store.suppression.among(network, people)
        return tuple(pair for pair in known if shut_out.isdisjoint(pair))


def load_inputs(
    context: WorkerContext, job: Job, on_progress: Callable[[int, int], None], brought: Brought | None = None
) -> list[ScoringInput]:
    """Return what a job is scored from, also what it `brought`, one input a network. `on_progress` hears of posts read.

    Raises InputError when there is none, WaitingError when a host asks to wait.
    """
    if job.request.fetch is not None:
        return NetworkReader(context, job, job.request.fetch, on_progress).inputs()
    kept = _as_brought(context, job, brought)
    question, names, problems = _asked(context, job, on_progress, kept)
    columns = _columns(context, job, question, kept)
    question = add_absent_gaps(question, columns.columns if isinstance(columns, World) else columns)
    question = replace(question, places=kept_places(context, job, question))
    return [ScoringInput(question, columns, names, problems)]


def load_table(
    context: WorkerContext, job: Job, on_progress: Callable[[int, int], None]
) -> tuple[Question, Table, Copies]:
    """Return the question of a job about everybody, and the data set that it names, as it is kept, with near-copies.

    The table is mapped: its numbers are read from it when they are used. Raises InputError.
    """
    question, _, _ = _asked(context, job, on_progress)
    datasets, name = context.store.datasets, (job.owner, str(job.request.dataset))
    with _telling_what_is_wrong():
        table = datasets.activities(*name)
        return question, table, datasets.copies(*name, table, context.method_of(job.request).copies)


def _as_brought(context: WorkerContext, job: Job, brought: Brought | None) -> JobInputs | None:
    """Return what a job brings; None where more has to be asked. Raises InputError."""
    if brought is None or job.request.trust_root.kind == "list":
        return None
    names = dict.fromkeys(each.account for each in job.request.accounts if not each.erased)
    with _telling_what_is_wrong():
        return context.store.inline_inputs.read(job, brought, _network_of(job.request), tuple(names))


def _network_of(request: JobRequest) -> str:
    return request.network or request.accounts[0].network


def _asked(
    context: WorkerContext, job: Job, on_progress: Callable[[int, int], None], kept: JobInputs | None = None
) -> tuple[Question, dict[AccountName, str], dict[AccountName, Problem]]:
    """Return what a job that reads no network asks, the names of those asked about, and why some have none."""
    dataset = job_dataset(context, job) if job.request.dataset else None
    gaps = (*_gaps_of(dataset.archive), *_suppressed_since(context, dataset)) if dataset else ()
    network = _network_of(job.request)
    root = trust_root_of(context, job) if kept is None else kept.root
    suppressed = _suppressed(context, job, root, network) if kept is None else set()
    out = {each for each in job.request.accounts if each.erased or each.account in suppressed}
    names = {each: each.account for each in job.request.accounts if each not in out}
    problems = dict.fromkeys(out, SUPPRESSED)
    root = root.without(suppressed)
    if root.kind == "list":
        root, missing = NetworkReader(context, job, FOR_A_LIST, on_progress).trust_root(network)
        gaps += missing
    question = question_of(context, job, network, names.values(), kept, trust_root=root, gaps=gaps)
    if dataset is not None and dataset.is_community:
        everybody = context.store.disputes.contested(job.owner, network)
        question = replace(question, community=True, contested=everybody)
    return question, names, problems


def _columns(context: WorkerContext, job: Job, question: Question, kept: JobInputs | None) -> Columns | World:
    """Return the records that a job brings or names, prepared for its question. Raises InputError."""
    dataset = job.request.dataset
    with _telling_what_is_wrong():
        if dataset is None:
            records = _inline(context, job) if kept is None else _RECORDS.decode_lines(kept.activities)
            return build_columns(records, question, distinct=True)
        datasets, method = context.store.datasets, context.method_of(job.request)
        if question.accounts or job.request.finding is not None:
            return context.open_datasets.community(job.owner, dataset, question, method)
        name = (job.owner, dataset)
        return prepared(datasets, name, datasets.activities(*name), question, method)


@contextmanager
def _telling_what_is_wrong() -> Iterator[None]:
    """Raise InputError where a data set is gone or damaged."""
    try:
        yield
    except LookupError as error:
        raise InputError(INPUTS_GONE) from error
    except DamagedFileError as error:
        log.error("data set damaged", why=str(error))  # noqa: TRY400 # where it is broken the traceback does not say
        raise InputError(DATASET_DAMAGED) from error


def trust_root_of(context: WorkerContext, job: Job) -> TrustRoot:
    """Return whom the job trusts. Raises InputError."""
    try:
        return context.store.jobs.trust_root(job)
    except LookupError as error:
        raise InputError(INPUTS_GONE) from error


def _suppressed(context: WorkerContext, job: Job, root: TrustRoot, network: str) -> set[str]:
    """Return whom the job names, itself or by its trust root, although they are suppressed by now."""
    asked = [each.account for each in job.request.accounts]
    trusted = [each.account for each in root.accounts]
    return context.store.suppression.among(network, asked + trusted)


def _inline(context: WorkerContext, job: Job) -> list[Activity]:
    """Decode the records that came with the job: they were checked, and each id once, before they were stored."""
    records = _RECORDS.decode_lines(context.store.jobs.activities(job))
    network = _network_of(job.request)
    if context.store.suppression.is_empty():
        return records
    suppressed = context.store.suppression.among(network, (*people_in(records), *unmatched_objects(records)))
    return without_people(records, suppressed)


def job_dataset(context: WorkerContext, job: Job) -> Dataset:
    """Return what is known of the data set that a job names. Raises InputError."""
    dataset = context.store.datasets.get(job.owner, str(job.request.dataset))
    if dataset is None:
        raise InputError(INPUTS_GONE)
    if job.request.dataset_digest not in {None, dataset.digest}:
        raise InputError(DATASET_CHANGED)
    return dataset


def _gaps_of(archive: ArchiveFacts | None) -> tuple[str, ...]:
    """Return what the export does not show that a data set was made from."""
    return () if archive is None else (archive.shows, *archive.notes, *left_out_words(archive.left_out))


def _suppressed_since(context: WorkerContext, dataset: Dataset) -> tuple[str, ...]:
    """Say how many records are not read because somebody was suppressed since they came, whoever asked for that."""
    records = context.store.suppressed_now.count(dataset)
    return (SUPPRESSED_SINCE.format(records=records),) if records else ()


def left_over(job: Job, reused: Collection[Pair]) -> Job:
    """Return the job without the accounts that have a score on every topic."""
    topics = job.request.topics
    accounts = (each for each in job.request.accounts if any((each, topic.id) not in reused for topic in topics))
    return replace(job, request=replace(job.request, accounts=tuple(accounts)))


def unscored(given: ScoringInput, reused: Collection[Pair]) -> Iterator[ScoringInput]:
    """Yield the input once for each set of topics that some of its accounts are still to be scored on."""
    topics = {topic.id: topic for topic in given.question.topics}
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in given.question.accounts:
        spellings = [asked for asked, canonical in given.names.items() if canonical == name]
        missing = tuple(each for each in topics if any((asked, each) not in reused for asked in spellings))
        groups.setdefault(missing, []).append(name)
    for missing, accounts in groups.items():
        yield given.about(accounts, tuple(topics[each] for each in missing))
