"""Aliases: under which names jobs asked for accounts that documents then call by another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from candor.scoring.trust_root import TrustRoot
from candor.store import redis_keys
from candor.store.client import text, unpack
from candor.store.erasure.targets import SCAN_AT_ONCE, hash_fields, revise
from candor.store.idempotency import IdempotentResponse
from candor.store.models import JobResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from redis import Redis

    from candor.scoring.redaction import DataSubject
    from candor.scoring.table import Table
    from candor.store.datasets import Datasets
    from candor.store.models import Dataset
    from candor.store.response_cache import ResponseCache


class DatasetRecords:
    """The data sets of every owner, and files of theirs that are still on the disk."""

    def __init__(self, datasets: Datasets) -> None:
        self._datasets = datasets

    def show(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the records by the person and towards the person."""
        for dataset in self._on_network(subject, owner):
            table = self._datasets.whole(dataset)
            for record in records_of(table, subject.names):
                yield {"owner": dataset.owner, "dataset": dataset.id, "record": msgspec.to_builtins(record)}

    def erase(self, subject: DataSubject, owner: str | None, at: datetime) -> Mapping[str, int]:
        """See ErasureTarget."""
        changed = sum(self._erase(dataset, subject, at) for dataset in self._on_network(subject, owner))
        self._datasets.drop_unclaimed(subject.names)
        return {"datasets": changed}

    def _erase(self, dataset: Dataset, subject: DataSubject, at: datetime) -> bool:
        if dataset.archive is not None and dataset.archive.account in subject.names:
            return self._datasets.delete(dataset.owner, dataset.id)
        return self._datasets.take_out(dataset, subject.names, at)

    def _on_network(self, subject: DataSubject, owner: str | None) -> Iterator[Dataset]:
        return (each for each in self._datasets.all(owner) if each.network == subject.network)


def records_of(table: Table, people: tuple[str, ...]) -> Iterator[Any]:
    """Yield the records of a table by some people or towards them."""
    numbers = [number for number, name in enumerate(table.people.all()) if name in people]
    for row in np.flatnonzero(np.isin(table.actor, numbers) | np.isin(table.target, numbers)).tolist():
        yield table.record(row)


class NamedInRoots:
    """The trust roots of every owner."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._decoder = msgspec.json.Decoder(TrustRoot)

    def show(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield how each root names the person."""
        for key, root_id, root in self._found(subject, owner):
            named = [msgspec.to_builtins(a) for a in root.accounts if a.account in subject.names]
            yield {"at": key, "root": root_id, "named": named}

    def erase(self, subject: DataSubject, owner: str | None, at: datetime) -> Mapping[str, int]:
        """See ErasureTarget."""
        del at

        def _change(fields: list[bytes | None]) -> Mapping[str, bytes] | None:
            root = None if fields[0] is None else self._decoder.decode(fields[0]).without(subject.names)
            return None if root is None else {root_id: msgspec.json.encode(root)}

        found = list(self._found(subject, owner))
        for key, root_id, _ in found:
            revise(self._redis, key, [root_id], _change)
        return {"trust_roots": len(found)}

    def _found(self, subject: DataSubject, owner: str | None) -> Iterator[tuple[str, str, TrustRoot]]:
        for key in self._redis.scan_iter(redis_keys.trust_roots(owner), count=SCAN_AT_ONCE):
            for root_id, raw in self._redis.hgetall(key).items():
                root = self._decoder.decode(raw)
                if root.network == subject.network and root.without(subject.names) != root:
                    yield key.decode(), text(root_id), root


class VouchPairs:
    """The vouches of every owner, in both orders in which they are kept."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._decoder = msgspec.json.Decoder(tuple[str, str])

    def show(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the pairs, voucher first."""
        for key, pairs in self._found(subject, owner):
            for pair in pairs:
                yield {"at": key, "pair": self._decoder.decode(pair)}

    def erase(self, subject: DataSubject, owner: str | None, at: datetime) -> Mapping[str, int]:
        """See ErasureTarget."""
        del at
        gone = 0
        for key, pairs in self._found(subject, owner):
            self._redis.zrem(key, *pairs)
            gone += 0 if key.endswith(redis_keys.SEEN) else len(pairs)
        return {"vouches": gone}

    def _found(self, subject: DataSubject, owner: str | None) -> Iterator[tuple[str, list[bytes]]]:
        for pattern in (redis_keys.vouches(owner, subject.network), redis_keys.vouches_seen(owner, subject.network)):
            for key in self._redis.scan_iter(pattern, count=SCAN_AT_ONCE):
                pairs = [raw for raw, _ in self._redis.zscan_iter(key, count=SCAN_AT_ONCE)]
                theirs = [raw for raw in pairs if not set(subject.names).isdisjoint(self._decoder.decode(raw))]
                if theirs:
                    yield key.decode(), theirs


class CachedResponses:
    """Cached responses of networks, whoever had asked. Of a `custom:` network nothing is ever fetched."""

    def __init__(self, cache: ResponseCache) -> None:
        self._cache = cache

    def show(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the responses that hold one of the names."""
        del owner
        for key in self._cache.ids():
            response = self._cache.get(key)
            if response is not None and (subject.may_occur_in(response.body) or subject.occurs_in(response.url)):
                yield {"at": key, "url": response.url, "fetched_at": response.fetched_at}

    def erase(self, subject: DataSubject, owner: str | None, at: datetime) -> Mapping[str, int]:
        """See ErasureTarget."""
        del owner, at
        ids = [] if subject.network.startswith("custom:") else self._cache.ids()
        self._cache.forget(ids)
        return {"cached_responses": len(ids)}


class IdempotentResponses:
    """The responses kept for every owner's repeated requests."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._decoder = msgspec.msgpack.Decoder(IdempotentResponse)

    def show(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield where a response names the person."""
        return ({"at": key} for key in self._found(subject, owner))

    def erase(self, subject: DataSubject, owner: str | None, at: datetime) -> Mapping[str, int]:
        """See ErasureTarget."""
        del at
        return {"idempotent_responses": sum(int(self._redis.delete(key)) for key in self._found(subject, owner))}

    def _found(self, subject: DataSubject, owner: str | None) -> Iterator[str]:
        for key, (packed,) in hash_fields(self._redis, redis_keys.every("idempotency", owner), "answer"):
            if packed is None:
                continue
            body = self._decoder.decode(unpack(packed)).body
            if subject.may_occur_in(body) and subject.occurs_in(body.decode(errors="replace")):
                yield key


class _Account(msgspec.Struct):
    network: str
    account: str


class _Document(msgspec.Struct):
    account: _Account


def with_aliases(redis: Redis, network: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return the names, and what jobs that are still kept show to be the same account: a handle, what it stands for."""
    given = tuple(dict.fromkeys(names))
    known = dict.fromkeys(given)
    for asked, settled in _pairs(redis, network):
        if asked in given or settled in given:
            known |= {asked: None, settled: None}
    return tuple(known)


def _pairs(redis: Redis, network: str) -> Iterator[tuple[str, str]]:
    for _, (owner, results) in hash_fields(redis, redis_keys.every("job"), "owner", "results"):
        if owner is None or results is None or b'"score_id":"' not in results:
            continue
        for result in msgspec.json.decode(results, type=tuple[JobResult, ...]):
            if result.account is not None and result.account.network == network and result.score_id:
                body = redis.hget(redis_keys.score(msgspec.json.decode(owner, type=str), result.score_id), "body")
                if body is not None:
                    yield result.account.account, msgspec.json.decode(unpack(body), type=_Document).account.account
