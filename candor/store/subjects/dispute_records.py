"""Disputes: those about the person go, as scored or as voice; in the words of others the name is replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from candor.store import keys
from candor.store.subjects.places import SCAN_AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from redis import Redis

    from candor.scoring.subject import Subject
    from candor.store.disputes import Dispute, Disputes

_WORDS = ("of", "reason", "contact", "note")


class DisputeRecords:
    """The disputes of every owner."""

    def __init__(self, redis: Redis, disputes: Disputes) -> None:
        self._redis = redis
        self._disputes = disputes

    def show(self, subject: Subject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the disputes that name the person."""
        for each in self._on_network(subject, owner):
            if {each.account, each.by} & set(subject.names) or _without(each, subject) != each:
                yield {"owner": each.owner, "dispute": msgspec.to_builtins(each)}

    def erase(self, subject: Subject, owner: str | None, at: datetime) -> Mapping[str, int]:
        """See Place."""
        del at
        gone = sum(self._disputes.erase(subject.network, name, owner) for name in subject.names)
        for each in self._on_network(subject, owner):
            if (left := _without(each, subject)) != each:
                said = msgspec.json.encode(left)
                gone += bool(self._redis.set(keys.dispute(each.owner, each.id), said, xx=True, keepttl=True))
        for name in subject.names:
            pattern = keys.disputes_about(owner, subject.network, name)
            for key in self._redis.scan_iter(pattern, count=SCAN_AT_ONCE):
                self._redis.delete(key)
        return {"disputes": gone}

    def _on_network(self, subject: Subject, owner: str | None) -> Iterator[Dispute]:
        disputes = self._disputes.everybodys() if owner is None else self._disputes.of_owner(owner)
        return (each for each in disputes if each.network == subject.network)


def _without(dispute: Dispute, subject: Subject) -> Dispute:
    words = {name: said for name in _WORDS if (said := getattr(dispute, name)) is not None}
    return replace(dispute, **{name: subject.taken_out_of(said) for name, said in words.items()})
