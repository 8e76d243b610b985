"""Job redaction: where a job names an erased person, the name goes, and so do the records of theirs that it brought.

Only jobs of the person's own network can name them: elsewhere the same word is somebody else, or no name at all. What
is asked of a job stays: its topics, and the ids of data sets and trust roots.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import msgspec
from msgspec.structs import replace

from candor.scoring.activity import Activity
from candor.scoring.redaction import people_in, unmatched_objects, without_people
from candor.scoring.verify.digests import ERASED
from candor.store import redis_keys
from candor.store.client import (
    DamagedValueError,
    hash_fields,
    if_damaged,
    pack,
    revise_hash,
    seal,
    text,
    unpack,
    unseal,
)
from candor.store.job_problems import JOB_PROBLEMS, RECORD_DAMAGED, SUPPRESSED
from candor.store.jobs import PART_RESULT
from candor.store.models import AccountName, JobRequest, JobResult, Problem, Progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from redis import Redis

    from candor.scoring.record_counts import Counts, References
    from candor.scoring.redaction import DataSubject
    from candor.store.models import AskedRoot, FindingRequest

_FIELDS = ("request", "results", "error", "progress")


class _Account(msgspec.Struct):
    network: str
    account: str


class _Document(msgspec.Struct):
    account: _Account


_REQUEST, _PROGRESS = msgspec.json.Decoder(JobRequest), msgspec.json.Decoder(Progress)
_RESULT = msgspec.json.Decoder(JobResult)
_RESULTS, _WORD = msgspec.json.Decoder(tuple[JobResult, ...]), msgspec.json.Decoder(str)
_ERROR, _DOCUMENT = msgspec.json.Decoder(Problem | None), msgspec.json.Decoder(_Document)


class JobRedaction:
    """The jobs of every owner, ended or not, with the records that some bring, as an ErasureTarget."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._records = msgspec.json.Decoder(Activity)

    def kept_of(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield how each job names the person, and the person's records that it brought."""
        for job_id, request in self._jobs(subject, owner):
            if request is None:
                continue
            named = [each.account for each in request.accounts if _account(each, subject).erased]
            try:
                brought = self._brought(job_id)
            except DamagedValueError:
                brought = []
            links = _links(brought, subject)
            theirs = [
                each
                for each in brought
                if not links.isdisjoint({each.object, each.url})
                or not {each.actor, each.target_actor}.isdisjoint(subject.names)
            ]
            if named or theirs:
                yield {"at": redis_keys.job(job_id), "named": named, "records": msgspec.to_builtins(theirs)}

    def erase(self, subject: DataSubject, owner: str | None) -> Mapping[str, int]:
        """Take the person out of every job; where it asked about the person, a problem stands for the result.

        What is damaged goes: nobody can tell who is in it, nor can anybody read it.
        """
        changed = damaged = 0
        for job_id, request in self._jobs(subject, owner):
            if request is None:
                damaged += self._redis.delete(redis_keys.job(job_id))
                self._redis.delete(redis_keys.job_activities(job_id), redis_keys.job_parts(job_id))
                continue
            try:
                changed += self.redact(job_id, subject)
            except DamagedValueError:  # the job says that its records are gone
                damaged += self._redis.delete(redis_keys.job_activities(job_id))
                changed += self.redact(job_id, subject)
        return {"jobs": changed, **if_damaged(damaged)}

    def redact(self, job_id: str, subject: DataSubject) -> bool:
        """Take the person out of one job of their network; False when it does not name them."""
        brought = self._brought(job_id)
        theirs = set(subject.names).intersection(people_in(brought))
        links = _links(brought, subject)
        if theirs or links:
            left = msgspec.json.Encoder().encode_lines(without_people(brought, theirs, links))
            self._redis.set(redis_keys.job_activities(job_id), pack(left), xx=True)  # an ended job has none by now
        revised = revise_hash(self._redis, redis_keys.job(job_id), _FIELDS, lambda raw: _redacted(raw, subject))
        return self._redact_parts(job_id, subject) or revised or bool(theirs or links)

    def _redact_parts(self, job_id: str, subject: DataSubject) -> bool:
        """Take the person out of what the parts of a job came to: the last one to end makes that the job's results."""
        key = redis_keys.job_parts(job_id)
        ended = [name for name in map(text, self._redis.hkeys(key)) if name.startswith(PART_RESULT)]

        def _change(fields: list[bytes | None]) -> dict[str, bytes]:
            before = {name: raw for name, raw in zip(ended, fields, strict=True) if raw is not None}
            left = {name: seal(_part_result(raw, subject)) for name, raw in before.items()}
            return {name: said for name, said in left.items() if said != before[name]}

        return bool(ended) and revise_hash(self._redis, key, ended, _change)

    def aliases(self, network: str, names: Iterable[str]) -> tuple[str, ...]:
        """Return the names, and what jobs show to be the same account: a handle, and what it stands for."""
        given = tuple(dict.fromkeys(names))
        known = dict.fromkeys(given)
        for asked, canonical in self._pairs(network):
            if asked in given or canonical in given:
                known |= {asked: None, canonical: None}
        return tuple(known)

    def _pairs(self, network: str) -> Iterator[tuple[str, str]]:
        """Yield the names that jobs were asked about, each with the name in the document that came of it."""
        for _, (owner, results) in hash_fields(self._redis, redis_keys.job(None), "owner", "results"):
            if owner is None or results is None or b'"score_id":"' not in results:
                continue
            with contextlib.suppress(DamagedValueError):
                for result in unseal(results, _RESULTS):
                    if result.account is not None and result.account.network == network and result.score_id:
                        score = redis_keys.score(unseal(owner, _WORD), result.score_id)
                        if (body := self._redis.hget(score, "body")) is not None:
                            yield result.account.account, _DOCUMENT.decode(unpack(body)).account.account

    def _jobs(self, subject: DataSubject, owner: str | None) -> Iterator[tuple[str, JobRequest | None]]:
        """Yield the ids and requests of jobs on the person's network that may name them or bring records.

        Of a damaged job there is no request.
        """
        wanted = None if owner is None else seal(owner)
        for key, (whose, *said) in hash_fields(self._redis, redis_keys.job(None), "owner", *_FIELDS):
            name = unquote(key.rpartition(":")[2])
            if wanted not in (None, whose) and _is_whole(whose):
                continue
            try:
                request, *_ = _unsealed(said)
            except DamagedValueError:
                yield name, None
                continue
            is_named = any(field and subject.may_occur_in(field) for field in said)
            networks = {request.network, *(account.network for account in request.accounts)}
            beside = redis_keys.job_activities(name), redis_keys.job_parts(name)
            if subject.network in networks and (is_named or self._redis.exists(*beside)):
                yield name, request

    def _brought(self, job_id: str) -> list[Activity]:
        packed = self._redis.get(redis_keys.job_activities(job_id))
        return [] if packed is None else self._records.decode_lines(unpack(packed))


def _is_whole(owner: bytes | None) -> bool:
    """Tell whether whose a job is can be told."""
    with contextlib.suppress(DamagedValueError):
        return owner is not None and bool(unseal(owner, _WORD))
    return False


def _redacted(fields: list[bytes | None], subject: DataSubject) -> dict[str, bytes] | None:
    """Return the fields of a job that change."""
    if None in fields:
        return None
    asked, given, error, waits = _unsealed(fields)
    left = (
        _request(asked, subject),
        tuple(_result(each, subject) for each in given),
        _problem(error, subject),
        replace(waits, waits_for=None if waits.waits_for is None else subject.redact(waits.waits_for)),
    )
    encoded = dict(zip(_FIELDS, map(seal, left), strict=True))
    return {name: said for (name, said), before in zip(encoded.items(), fields, strict=True) if said != before}


def _unsealed(
    fields: Sequence[bytes | None],
) -> tuple[JobRequest, tuple[JobResult, ...], Problem | None, Progress]:
    """Return the fields of a job that may name somebody. Raises DamagedValueError."""
    if None in fields:
        raise DamagedValueError("the record of a job is not as it was written")
    request, results, error, progress = fields
    return unseal(request, _REQUEST), unseal(results, _RESULTS), unseal(error, _ERROR), unseal(progress, _PROGRESS)


def _request(request: JobRequest, subject: DataSubject) -> JobRequest:
    accounts = tuple(_account(account, subject) for account in request.accounts)
    finding = request.finding and _finding(request.finding, subject)
    received = request.received and redact_counts(request.received, subject)
    references = request.references and redact_references(request.references, subject)
    root = redact_asked(request.trust_root, subject)
    return replace(
        request, accounts=accounts, trust_root=root, received=received, references=references, finding=finding
    )


def _links(brought: Sequence[Activity], subject: DataSubject) -> set[str]:
    """Return the addresses of records, and what they act on that is none of them, that name the person."""
    addresses = {each.url for each in brought if each.url is not None}
    return set(filter(subject.occurs_in, unmatched_objects(brought) | addresses))


def _finding(finding: FindingRequest, subject: DataSubject) -> FindingRequest:
    message = finding.message and subject.redact_id(finding.message)
    text = finding.question and finding.question.text
    question = finding.question and replace(finding.question, text=text and subject.redact(text))
    return replace(finding, message=message, question=question)


def redact_asked(root: AskedRoot, subject: DataSubject) -> AskedRoot:
    """Return how a job calls its root, without the person's name in the address of a list."""
    return root if root.list is None else replace(root, list=subject.redact_id(root.list))


def redact_counts(counts: Counts, subject: DataSubject) -> Counts:
    """Return what was seen while reading records, without the person's name in examples."""
    names = {subject.redact(name): nearest for name, nearest in counts.unknown_field_names.items()}
    states = {subject.redact(state): records for state, records in counts.unknown_states.items()}
    alike = tuple(name for name in counts.looking_alike if subject.redact(name) == name)
    return replace(counts, unknown_field_names=names, unknown_states=states, looking_alike=alike)


def redact_references(references: References, subject: DataSubject) -> References:
    """Return how records refer to each other, without the person's name in examples."""
    return replace(references, unmatched_examples=tuple(map(subject.redact_id, references.unmatched_examples)))


def _account(account: AccountName, subject: DataSubject) -> AccountName:
    is_theirs = account.network == subject.network and account.account in subject.names
    return replace(account, account=ERASED, erased=True) if is_theirs else account


def _result(result: JobResult, subject: DataSubject) -> JobResult:
    account = None if result.account is None else _account(result.account, subject)
    if account != result.account:
        return JobResult(account=account, topic=result.topic, problem=SUPPRESSED)
    if account is not None and account.network != subject.network:
        return result
    return replace(result, problem=_problem(result.problem, subject))


def _part_result(raw: bytes, subject: DataSubject) -> JobResult:
    try:
        return _result(unseal(raw, _RESULT), subject)
    except DamagedValueError:
        return JobResult(account=None, topic="", problem=RECORD_DAMAGED)


def _problem(problem: Problem | None, subject: DataSubject) -> Problem | None:
    """Return a problem without the name; sentences that are always the same speak of nobody."""
    if problem is None or problem in JOB_PROBLEMS:
        return problem
    return replace(problem, detail=subject.redact(problem.detail))
