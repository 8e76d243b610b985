"""Jobs: where one names the person, the name goes and a problem stands for the result; its records go as well."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from candor.scoring.activity import Activity
from candor.scoring.records import people_in, without_people
from candor.scoring.verify.digests import ERASED
from candor.store import redis_keys
from candor.store.client import unpack
from candor.store.erasure.targets import hash_fields, revise
from candor.store.job_problems import SUPPRESSED
from candor.store.models import AccountName, JobRequest, JobResult, Problem, Progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from redis import Redis

    from candor.scoring.redaction import DataSubject


_FIELDS = ("owner", "request", "results", "error", "progress")


class JobRecords:
    """The jobs of every owner, ended or not, with the records that some bring."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def show(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield how each job names the person, and the person's records that it brought."""
        for key, fields in self._jobs(subject, owner):
            request = msgspec.json.decode(fields[1] or b"null", type=JobRequest)
            named = [n for n in named_in(request) if n in subject.names]
            records = [r for r in self._records(key) if not {r.actor, r.target_actor}.isdisjoint(subject.names)]
            if named or records:
                yield {"at": key, "named": named, "records": msgspec.to_builtins(records)}

    def erase(self, subject: DataSubject, owner: str | None, at: datetime) -> Mapping[str, int]:
        """See ErasureTarget."""
        del at
        return {"jobs": sum(self._erase(key, subject) for key, _ in self._jobs(subject, owner))}

    def erase_from(self, job_id: str, subject: DataSubject) -> None:
        """Take the person out of one job."""
        self._erase(redis_keys.job(job_id), subject)

    def _jobs(self, subject: DataSubject, owner: str | None) -> Iterator[tuple[str, list[bytes | None]]]:
        """Yield the jobs that may name the person, and those that bring records."""
        wanted = None if owner is None else msgspec.json.encode(owner)
        for key, fields in hash_fields(self._redis, redis_keys.every("job"), *_FIELDS):
            if fields[0] is None or wanted not in (None, fields[0]):
                continue
            if any(field and subject.may_occur_in(field) for field in fields) or self._redis.exists(
                redis_keys.activities_beside(key)
            ):
                yield key, fields

    def _records(self, key: str) -> list[Activity]:
        packed = self._redis.get(redis_keys.activities_beside(key))
        lines = unpack(packed).splitlines() if packed else []
        return [msgspec.json.decode(line, type=Activity) for line in lines]

    def _erase(self, key: str, subject: DataSubject) -> bool:
        records = self._records(key)
        gone = set(subject.names).intersection(people_in(records))
        left = without_people(records, gone)
        if gone:
            packed = zlib.compress(b"\n".join(map(msgspec.json.encode, left)), 1)
            self._redis.set(
                redis_keys.activities_beside(key), packed, xx=True
            )  # a job that has ended meanwhile has none
        return revise(self._redis, key, _FIELDS[1:], lambda fields: _revised(fields, subject)) or bool(gone)


def named_in(request: JobRequest) -> list[str]:
    """Return whom a request names, as an account or in its trust root."""
    return [a.account for a in request.accounts] + [a.account for a in request.trust_root.accounts]


def _revised(fields: list[bytes | None], subject: DataSubject) -> dict[str, bytes] | None:
    """Return the fields of a job that change."""
    request, results, error, progress = fields
    if request is None or results is None or error is None or progress is None:
        return None
    revised = {
        "request": msgspec.json.encode(_request(msgspec.json.decode(request, type=JobRequest), subject)),
        "results": msgspec.json.encode(
            tuple(_result(each, subject) for each in msgspec.json.decode(results, type=tuple[JobResult, ...]))
        ),
        "error": msgspec.json.encode(_problem(msgspec.json.decode(error, type=Problem | None), subject)),
        "progress": msgspec.json.encode(_progress(msgspec.json.decode(progress, type=Progress), subject)),
    }
    before = dict(zip(_FIELDS[1:], fields, strict=True))
    return {name: value for name, value in revised.items() if value != before[name]}


def _request(request: JobRequest, subject: DataSubject) -> JobRequest:
    accounts = tuple(_account(account, subject) for account in request.accounts)
    on_network = request.trust_root.network in (None, subject.network)
    root = request.trust_root.without(subject.names) if on_network else request.trust_root
    return replace(request, accounts=accounts, trust_root=root)


def _account(account: AccountName, subject: DataSubject) -> AccountName:
    is_theirs = account.network == subject.network and account.account in subject.names
    return replace(account, account=ERASED, erased=True) if is_theirs else account


def _result(result: JobResult, subject: DataSubject) -> JobResult:
    account = None if result.account is None else _account(result.account, subject)
    if account != result.account:
        return JobResult(account=account, topic=result.topic, problem=SUPPRESSED)
    return replace(result, problem=_problem(result.problem, subject))


def _problem(problem: Problem | None, subject: DataSubject) -> Problem | None:
    return None if problem is None else replace(problem, detail=subject.redact(problem.detail))


def _progress(progress: Progress, subject: DataSubject) -> Progress:
    waits_for = None if progress.waits_for is None else subject.redact(progress.waits_for)
    return replace(progress, waits_for=waits_for)
