"""Findings: lists made of a data set when they are first asked for, kept in compressed pages until they are old.

One that speaks of somebody who is erased goes whole; asked for again it is made anew, without them.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from candor.store import redis_keys
from candor.store.client import hash_fields, pack, seal, unpack, unseal
from candor.store.damaged import Damaged
from candor.store.models import DAY_S, FindingFacts, Retention
from candor.store.workers import write

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from redis import Redis
    from redis.client import Pipeline

    from candor.scoring.redaction import DataSubject

PAGE_ROWS = 200
FACTS = "facts"
Row = TypeVar("Row", bound=msgspec.Struct)


class Findings:
    """The findings of all owners, an ErasureTarget, kept as long as evidence."""

    def __init__(self, redis: Redis, retention: Retention) -> None:
        self._redis = redis
        self._life_s = retention.evidence_days * DAY_S
        self._facts = msgspec.json.Decoder(FindingFacts)

    def put(self, facts: FindingFacts, rows: Iterable[msgspec.Struct]) -> None:
        """Keep a finding: its pages, then its facts, and only then is it found. Doing it twice changes nothing."""
        key = redis_keys.finding(facts.owner, facts.id)
        put_pages(self._redis, key, rows, self._life_s)
        _put(self._redis, key, FACTS, seal(facts), self._life_s)

    def get(self, owner: str, finding_id: str) -> FindingFacts | None:
        """Return what is known of a finding beside its rows, or None."""
        raw = self._redis.hget(redis_keys.finding(owner, finding_id), FACTS)
        return None if raw is None else unseal(raw, self._facts)

    def life_s(self, owner: str, finding_id: str) -> int | None:
        """Return for how many seconds more a finding is kept, or None when there is none."""
        left = int(self._redis.ttl(redis_keys.finding(owner, finding_id)))
        return left if left > 0 else None

    def rows(self, facts: FindingFacts, kind: type[Row], first: int = 0) -> Iterator[Row]:
        """Yield the rows from a place on, page by page."""
        key, decoder = redis_keys.finding(facts.owner, facts.id), msgspec.json.Decoder(list[kind])  # type: ignore[valid-type]
        for number in itertools.count(first // PAGE_ROWS):
            raw = self._redis.hget(key, str(number))
            if raw is None:
                return
            yield from decoder.decode(unpack(raw))[max(0, first - number * PAGE_ROWS) :]

    def kept_of(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield which findings speak of the person."""
        for key, kind in self._mentioning(subject, owner, Damaged()):
            yield {"at": key, "kind": kind}

    def erase(self, subject: DataSubject, owner: str | None) -> Mapping[str, int]:
        """Delete the findings that speak of the person, and damaged ones."""
        damaged = Damaged()
        found = sum(self._redis.delete(key) for key, _ in list(self._mentioning(subject, owner, damaged)))
        return {"findings": found, **damaged.delete(self._redis)}

    def _mentioning(self, subject: DataSubject, owner: str | None, damaged: Damaged) -> Iterator[tuple[str, str]]:
        """Yield the findings that speak of the person, with their kind; unreadable ones go into `damaged`."""
        for key, (raw,) in hash_fields(self._redis, redis_keys.finding(owner, None), FACTS):
            if raw is None:
                continue
            with damaged.noted(key):
                facts = unseal(raw, self._facts)
                pages = (page for name, page in self._redis.hgetall(key).items() if name != FACTS.encode())
                is_theirs = facts.request.network == subject.network and (
                    subject.may_occur_in(raw) or any(subject.may_occur_in(unpack(page)) for page in pages)
                )
                if is_theirs:
                    yield key, str(facts.request.finding and facts.request.finding.kind)


def put_pages(redis: Redis, key: str, rows: Iterable[msgspec.Struct], life_s: int) -> None:
    """Keep rows in compressed pages of a hash, by their numbers, for so many seconds from the last page on."""
    waiting = iter(rows)
    for number in itertools.count():
        if not (page := list(itertools.islice(waiting, PAGE_ROWS))):
            return
        _put(redis, key, str(number), pack(msgspec.json.encode(page)), life_s)


def _put(redis: Redis, key: str, field: str, value: bytes, life_s: int) -> None:
    def _put_field(pipe: Pipeline) -> None:
        pipe.hset(key, field, value)
        pipe.expire(key, life_s)

    write(redis, _put_field)
