"""Disputes: those about the person go, as scored or as voice; in the words of others the name is replaced."""

from __future__ import annotations

import itertools
import zlib
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from candor.scoring.board import BoardRow
from candor.scoring.redaction import redact_document
from candor.store import redis_keys
from candor.store.boards import FACTS
from candor.store.client import text, unpack
from candor.store.erasure.targets import SCAN_AT_ONCE, hash_fields, revise
from candor.store.models import BoardFacts
from candor.store.scores import etag_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from redis import Redis

    from candor.scoring.redaction import DataSubject
    from candor.store.disputes import Dispute, Disputes
    from candor.store.history import History


_KINDS = ("score", "evidence")

_WORDS = ("of", "reason", "contact", "note")


class Documents:
    """Documents of every owner. They are looked through one by one: nothing is kept that says who stands in which."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def show(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the person's documents, and of others the evidence that the person gave or that rests on its trust."""
        for key, document in self._found(subject, owner):
            if document["account"]["account"] in subject.names:
                yield {"at": key, "document": document}
            elif given := [row for row in _rows(document["expertise"]) if row["by"] in subject.names]:
                yield {"at": key, "of": document["account"], "topic": document["topic"]["id"], "evidence": given}
            elif redact_document(document, subject, ""):
                yield {"at": key, "of": document["account"], "topic": document["topic"]["id"], "mentioned": True}

    def erase(self, subject: DataSubject, owner: str | None, at: datetime) -> Mapping[str, int]:
        """See ErasureTarget. A document counts once, its full evidence with it."""
        changed: dict[str, set[str]] = {"documents": set(), "redacted": set()}
        instant = at.isoformat().replace("+00:00", "Z")
        for key, document in self._found(subject, owner):
            if document["account"]["account"] in subject.names:
                self._redis.delete(key)
                changed["documents"].add(_whose_and_which(key))
            elif self._redact(key, subject, instant):
                changed["redacted"].add(_whose_and_which(key))
        for name in subject.names:
            pattern = redis_keys.newest_scores(owner, subject.network, name)
            for key in self._redis.scan_iter(pattern, count=SCAN_AT_ONCE):
                self._redis.delete(key)
        return {kind: len(ids) for kind, ids in changed.items()}

    def _found(self, subject: DataSubject, owner: str | None) -> Iterator[tuple[str, Any]]:
        """Yield the documents on the network that may speak of the person."""
        for kind in _KINDS:
            for key, (packed,) in hash_fields(self._redis, redis_keys.every(kind, owner), "body"):
                if packed is not None and subject.may_occur_in(body := zlib.decompress(packed)):
                    document = msgspec.json.decode(body)
                    if document["account"]["network"] == subject.network:
                        yield key, document

    def _redact(self, key: str, subject: DataSubject, instant: str) -> bool:
        def _change(fields: list[bytes | None]) -> Mapping[str, bytes] | None:
            (packed,) = fields
            document = packed and redact_document(msgspec.json.decode(zlib.decompress(packed)), subject, instant)
            if not document:
                return None
            body = msgspec.json.encode(document)
            return {"body": zlib.compress(body), "etag": etag_of(body).encode()}

        return revise(self._redis, key, ["body"], _change)


def _rows(expertise: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [*expertise["evidence"], *expertise.get("backers", ())]


def _whose_and_which(key: str) -> str:
    """Return what a document's key has in common with that of its full evidence."""
    return key.split(":", 2)[2]


class BoardRows:
    """The boards of every owner, page by page, and the trust roots that stand in their facts."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._facts = msgspec.json.Decoder(BoardFacts)
        self._rows = msgspec.json.Decoder(list[BoardRow])

    def show(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the person's rows."""
        for key, facts in self._boards(subject, owner):
            for _, page in self._pages(key, subject):
                for row in self._rows.decode(page):
                    if row.account in subject.names:
                        yield {"at": key, "topic": facts.topic.id, "row": msgspec.to_builtins(row)}

    def erase(self, subject: DataSubject, owner: str | None, at: datetime) -> Mapping[str, int]:
        """See ErasureTarget."""
        del at
        changed = 0
        for key, _ in self._boards(subject, owner):
            pages = [self._revise_page(key, number, subject) for number, _ in self._pages(key, subject)]
            changed += self._revise_facts(key, subject) or any(pages)
        return {"boards": changed}

    def _boards(self, subject: DataSubject, owner: str | None) -> Iterator[tuple[str, BoardFacts]]:
        for key, (raw,) in hash_fields(self._redis, redis_keys.every("board", owner), FACTS):
            if raw is not None and (facts := self._facts.decode(raw)).request.network == subject.network:
                yield key, facts

    def _pages(self, key: str, subject: DataSubject) -> Iterator[tuple[str, bytes]]:
        """Yield the pages that may hold the person."""
        for number in map(str, itertools.count()):
            packed = self._redis.hget(key, number)
            if packed is None:
                return
            if subject.may_occur_in(page := unpack(packed)):
                yield number, page

    def _revise_page(self, key: str, number: str, subject: DataSubject) -> bool:
        def _change(fields: list[bytes | None]) -> Mapping[str, bytes] | None:
            rows = self._rows.decode(zlib.decompress(fields[0])) if fields[0] else []
            kept = [row for row in rows if row.account not in subject.names]
            return {number: zlib.compress(msgspec.json.encode(kept), 1)} if len(kept) < len(rows) else None

        return revise(self._redis, key, [number], _change)

    def _revise_facts(self, key: str, subject: DataSubject) -> bool:
        def _change(fields: list[bytes | None]) -> Mapping[str, bytes] | None:
            if fields[0] is None:
                return None
            facts = self._facts.decode(fields[0])
            root = facts.request.trust_root.without(subject.names)
            if root == facts.request.trust_root:
                return None
            return {FACTS: msgspec.json.encode(replace(facts, request=replace(facts.request, trust_root=root)))}

        return revise(self._redis, key, [FACTS], _change)


class Histories:
    """The history of every owner's scores."""

    def __init__(self, redis: Redis, history: History) -> None:
        self._redis = redis
        self._history = history

    def show(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the steps of each topic."""
        for name in subject.names:
            pattern = redis_keys.histories(owner, subject.network, name)
            for key in self._redis.scan_iter(pattern, count=SCAN_AT_ONCE):
                yield {"at": key.decode(), "steps": [text(raw) for raw in self._redis.zrange(key, 0, -1)]}

    def erase(self, subject: DataSubject, owner: str | None, at: datetime) -> Mapping[str, int]:
        """See ErasureTarget."""
        del at
        return {"histories": sum(self._history.erase(subject.network, name, owner) for name in subject.names)}


class DisputeRecords:
    """The disputes of every owner."""

    def __init__(self, redis: Redis, disputes: Disputes) -> None:
        self._redis = redis
        self._disputes = disputes

    def show(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the disputes that name the person."""
        for each in self._on_network(subject, owner):
            if {each.account, each.by} & set(subject.names) or _without(each, subject) != each:
                yield {"owner": each.owner, "dispute": msgspec.to_builtins(each)}

    def erase(self, subject: DataSubject, owner: str | None, at: datetime) -> Mapping[str, int]:
        """See ErasureTarget."""
        del at
        gone = sum(self._disputes.erase(subject.network, name, owner) for name in subject.names)
        for each in self._on_network(subject, owner):
            if (left := _without(each, subject)) != each:
                said = msgspec.json.encode(left)
                gone += bool(self._redis.set(redis_keys.dispute(each.owner, each.id), said, xx=True, keepttl=True))
        for name in subject.names:
            pattern = redis_keys.disputes_about(owner, subject.network, name)
            for key in self._redis.scan_iter(pattern, count=SCAN_AT_ONCE):
                self._redis.delete(key)
        return {"disputes": gone}

    def _on_network(self, subject: DataSubject, owner: str | None) -> Iterator[Dispute]:
        return (each for each in self._disputes.all(owner) if each.network == subject.network)


def _without(dispute: Dispute, subject: DataSubject) -> Dispute:
    words = {name: said for name in _WORDS if (said := getattr(dispute, name)) is not None}
    return replace(dispute, **{name: subject.redact(said) for name, said in words.items()})
