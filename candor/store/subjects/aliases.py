"""Aliases: under which names jobs asked for accounts that documents then call by another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from candor.store import keys
from candor.store.models import JobResult
from candor.store.replies import unpack
from candor.store.subjects.places import hash_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from redis import Redis


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
    for _, (owner, results) in hash_fields(redis, keys.every("job"), "owner", "results"):
        if owner is None or results is None or b'"score_id":"' not in results:
            continue
        for result in msgspec.json.decode(results, type=tuple[JobResult, ...]):
            if result.account is not None and result.account.network == network and result.score_id:
                body = redis.hget(keys.score(msgspec.json.decode(owner, type=str), result.score_id), "body")
                if body is not None:
                    yield result.account.account, msgspec.json.decode(unpack(body), type=_Document).account.account
