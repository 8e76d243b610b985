"""Score documents: the person's own are deleted, in those of others the name is replaced and the numbers stay."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import msgspec

from candor.scoring.redaction import redact
from candor.store import keys
from candor.store.scores import etag_of
from candor.store.subjects.places import SCAN_AT_ONCE, hash_fields, revise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from redis import Redis

    from candor.scoring.subject import Subject

_KINDS = ("score", "evidence")


class Documents:
    """Documents of every owner. They are looked through one by one: nothing is kept that says who stands in which."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def show(self, subject: Subject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the person's documents, and of others the evidence that the person gave or that rests on its trust."""
        for key, document in self._found(subject, owner):
            if document["account"]["account"] in subject.names:
                yield {"at": key, "document": document}
            elif given := [row for row in _rows(document["expertise"]) if row["by"] in subject.names]:
                yield {"at": key, "of": document["account"], "topic": document["topic"]["id"], "evidence": given}
            elif redact(document, subject, ""):
                yield {"at": key, "of": document["account"], "topic": document["topic"]["id"], "mentioned": True}

    def erase(self, subject: Subject, owner: str | None, at: datetime) -> Mapping[str, int]:
        """See Place. A document counts once, its full evidence with it."""
        changed: dict[str, set[str]] = {"documents": set(), "redacted": set()}
        instant = at.isoformat().replace("+00:00", "Z")
        for key, document in self._found(subject, owner):
            if document["account"]["account"] in subject.names:
                self._redis.delete(key)
                changed["documents"].add(_whose_and_which(key))
            elif self._redact(key, subject, instant):
                changed["redacted"].add(_whose_and_which(key))
        for name in subject.names:
            pattern = keys.newest_scores(owner, subject.network, name)
            for key in self._redis.scan_iter(pattern, count=SCAN_AT_ONCE):
                self._redis.delete(key)
        return {kind: len(ids) for kind, ids in changed.items()}

    def _found(self, subject: Subject, owner: str | None) -> Iterator[tuple[str, Any]]:
        """Yield the documents on the network that may speak of the person."""
        for kind in _KINDS:
            for key, (packed,) in hash_fields(self._redis, keys.every(kind, owner), "body"):
                if packed is not None and subject.is_among(body := zlib.decompress(packed)):
                    document = msgspec.json.decode(body)
                    if document["account"]["network"] == subject.network:
                        yield key, document

    def _redact(self, key: str, subject: Subject, instant: str) -> bool:
        def _change(fields: list[bytes | None]) -> Mapping[str, bytes] | None:
            (packed,) = fields
            document = packed and redact(msgspec.json.decode(zlib.decompress(packed)), subject, instant)
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
