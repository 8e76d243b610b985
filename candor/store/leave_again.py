"""Leaving again: who is suppressed and erased once more, after a back-up was put back that is older than that."""

from __future__ import annotations

import contextlib
import itertools
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import msgspec

from candor.names.account_text import UnknownAccountError
from candor.names.networks import UnknownNetworkError
from candor.store.client import SCAN_AT_ONCE, DamagedValueError, text, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from redis import Redis

    from candor.store.datasets import Datasets
    from candor.store.erasure import Erasure, Erasures
    from candor.store.suppression import Leaving, Suppression

_AT_ONCE = 20_000
_LONGEST_NAME = 500
_PACKED = b"\x28\xb5\x2f\xfd"
_TEXT = re.compile(rb'"([^"\\]*(?:\\.[^"\\]*)*)"', re.DOTALL)
"""A text in JSON, whatever stands around it."""
_NETWORK = re.compile(rb'"network":"([^"\\]{1,300})"')


def leave_again(
    redis: Redis, datasets: Datasets, suppression: Suppression, erasures: Erasures, left: Sequence[Leaving]
) -> list[Erasure]:
    """Suppress again who left, let in who was let in, and return a new erasure of everybody erased who is kept.

    Who that is is found by trying every name in what is kept: for the list names nobody. Raises RedisError.
    """
    suppression.put_back(left)
    owners: dict[str, list[str | None]] = {}
    for each in left:
        if each.what == "erased":
            owners.setdefault(each.digest, []).append(each.owner)
    begun: list[Erasure] = []
    if not owners:
        return begun
    found = dict.fromkeys(_kept(redis, datasets, suppression, owners))
    for network, name, digest in found:
        for owner in [None] if None in owners[digest] else owners[digest]:
            with contextlib.suppress(UnknownAccountError, UnknownNetworkError):
                begun.append(erasures.create(owner, network, name))
    return begun


def _kept(
    redis: Redis, datasets: Datasets, suppression: Suppression, digests: Mapping[str, object]
) -> Iterator[tuple[str, str, str]]:
    """Yield network, name and digest of those with such a digest who are in data sets or anywhere in Redis."""
    networks = set[str]()
    for value in _values(redis):
        networks.update(each.decode(errors="replace") for each in _NETWORK.findall(value))
    for network, table in datasets.tables(lambda _: True):
        networks.add(network)
        yield from _with_digest(suppression, network, itertools.chain(table.people.all(), table.objects.all()), digests)
    texts = dict.fromkeys(found for value in _values(redis) for found in _texts(value))
    texts |= dict.fromkeys(unquote(part) for key in _keys(redis) for part in key.split(":"))
    for network in sorted(networks):
        with contextlib.suppress(UnknownNetworkError):
            yield from _with_digest(suppression, network, texts, digests)


def _with_digest(
    suppression: Suppression, network: str, names: Iterable[str], digests: Mapping[str, object]
) -> Iterator[tuple[str, str, str]]:
    waiting = iter(names)
    while some := list(itertools.islice(waiting, _AT_ONCE)):
        for name, digest in zip(some, suppression.digests(network, some), strict=True):
            if digest in digests:
                yield network, name, digest


def _texts(value: bytes) -> Iterator[str]:
    for found in _TEXT.findall(value):
        if 0 < len(found) <= _LONGEST_NAME:
            with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
                yield msgspec.json.decode(b'"' + found + b'"', type=str)


def _values(redis: Redis) -> Iterator[bytes]:
    """Yield everything that Redis holds, unpacked; what is damaged holds nobody who can be found."""
    for key in _keys(redis, "STRING"):
        yield from _unpacked([redis.get(key)])
    for key in _keys(redis, "HASH"):
        yield from _unpacked(part for pair in redis.hscan_iter(key) for part in pair)
    for key in _keys(redis, "ZSET"):
        yield from _unpacked(member for member, _ in redis.zscan_iter(key))
    for key in _keys(redis, "SET"):
        yield from _unpacked(redis.sscan_iter(key))
    for key in _keys(redis, "LIST"):
        yield from _unpacked(redis.lrange(key, 0, -1))


def _keys(redis: Redis, kind: str | None = None) -> Iterator[str]:
    return map(text, redis.scan_iter("candor:*", count=SCAN_AT_ONCE, _type=kind))


def _unpacked(values: Iterable[object]) -> Iterator[bytes]:
    for value in values:
        with contextlib.suppress(DamagedValueError):
            if isinstance(value, bytes):
                yield unpack(value) if value.startswith(_PACKED) else value
