"""Scores: compressed documents under (owner, id), each account's newest by topic, and how both are redacted."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from candor.scoring.board_row import Side
from candor.scoring.document import Expertise, Interest, ScoreDocument, encode
from candor.scoring.redaction import redact_document
from candor.scoring.seals import brief
from candor.store import redis_keys
from candor.store.client import (
    SEAL,
    hash_fields,
    keys_like,
    pack,
    revise_hash,
    seal,
    text,
    unpack,
    unseal,
)
from candor.store.damaged import Damaged
from candor.store.history import NOTE
from candor.store.models import DAY_S, Retention, ScoreRow, StoredScore
from candor.store.workers import GUARD, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from redis import Redis

    from candor.scoring.redaction import DataSubject
    from candor.store.history import Histories

_PUT = """
for number = 1, 2 do
  local at = 3 * number - 2
  redis.call('HSETNX', KEYS[number], 'etag', ARGV[at])
  redis.call('HSETNX', KEYS[number], 'body', ARGV[at + 1])
  redis.call('EXPIRE', KEYS[number], ARGV[at + 2])
end
local kept = redis.call('HGET', KEYS[3], ARGV[7])
local said = unsealed(kept)
if not said or cjson.decode(said)[1] <= tonumber(ARGV[8]) then redis.call('HSET', KEYS[3], ARGV[7], ARGV[9]) end
redis.call('EXPIRE', KEYS[3], ARGV[10])
note(KEYS[4], unpack(ARGV, 11, 15))
"""
"""KEYS: brief document, whole one, newest scores, history. ARGV: tag, body and life in seconds of each document; of the
newest scores the question, when it is of, the row and their life; then what `note` takes."""


class Scores:
    """Documents as they are served. The brief one lives `documents_days`, the one with all voices `evidence_days`."""

    def __init__(self, redis: Redis, retention: Retention, history: Histories, clock: Callable[[], datetime]) -> None:
        self._redis = redis
        self._history = history
        self._clock = clock
        self._documents_s = retention.documents_days * DAY_S
        self._evidence_s = retention.evidence_days * DAY_S
        self._put = redis.register_script(GUARD + SEAL + NOTE + _PUT)
        self._rows = msgspec.json.Decoder(tuple[float, ScoreRow])

    def put(self, owner: str, document: ScoreDocument, dataset: str | None = None) -> None:
        """Keep the document and its step in the account's history; `dataset` is what it was made from.

        Writing it again changes nothing but how long it is kept.
        """
        row = score_row(document, dataset)
        newest = redis_keys.newest_scores(owner, document.account.network, document.account.account)

        args: list[Any] = []
        for life_s, body in ((self._documents_s, encode(brief(document))), (self._evidence_s, encode(document))):
            args += etag_of(body), pack(body), life_s
        dated = (row.as_of.timestamp(), row)
        args += _question(row), dated[0], seal(dated), self._documents_s
        key, noted = self._history.step(owner, document, row)
        keys = [redis_keys.score(owner, document.id), redis_keys.evidence(owner, document.id), newest, key]
        run(self._put, keys, [*args, *noted])

    def get(self, owner: str, score_id: str) -> StoredScore | None:
        """Return the document with its largest voices, or None."""
        return self._read(redis_keys.score(owner, score_id))

    def evidence(self, owner: str, score_id: str) -> StoredScore | None:
        """Return the document with every voice, or None when there is none or its time is over."""
        return self._read(redis_keys.evidence(owner, score_id))

    def etag(self, owner: str, score_id: str) -> str | None:
        """Return the entity tag of the document with its largest voices, or None when there is none."""
        found = self._redis.hget(redis_keys.score(owner, score_id), "etag")
        return None if found is None else text(found)

    def life_s(self, owner: str, score_id: str) -> int | None:
        """Return for how many seconds more the document is kept, or None when there is none."""
        left = int(self._redis.ttl(redis_keys.score(owner, score_id)))
        return left if left > 0 else None

    def newest(self, owner: str, network: str, account: str) -> list[ScoreRow]:
        """Return the account's newest scores, one for each question, by topic id and by what else was asked.

        Documents no longer kept are left out. Raises DamagedValueError.
        """
        raw = self._redis.hgetall(redis_keys.newest_scores(owner, network, account))
        rows = [unseal(raw[asked], self._rows)[1] for asked in sorted(raw)]
        with self._redis.pipeline(transaction=False) as pipe:
            for row in rows:
                pipe.exists(redis_keys.score(owner, row.score_id))
            return [row for row, kept in zip(rows, pipe.execute(), strict=True) if kept]

    def kept_of(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the person's documents, and of others the evidence that the person gave or that rests on its trust."""
        for key, document in self._mentioning(subject, owner, Damaged()):
            whose = {"at": key, "of": document["account"], "topic": document["topic"]["id"]}
            expertise = document["expertise"]
            rows = [*expertise["evidence"], *expertise.get("backers", ())]
            if document["account"]["account"] in subject.names:
                yield {"at": key, "document": document}
            elif given := [row for row in rows if row["by"] in subject.names]:
                yield {**whose, "evidence": given}
            elif redact_document(document, subject, ""):
                yield {**whose, "mentioned": True}

    def erase(self, subject: DataSubject, owner: str | None) -> Mapping[str, int]:
        """Delete the person's documents and redact those of others. A document counts once, with its full evidence."""
        deleted, redacted, damaged = set(), set(), Damaged()
        for key, document in self._mentioning(subject, owner, damaged):
            owner_and_id = key.split(":", 2)[2]
            if document["account"]["account"] in subject.names:
                self._redis.delete(key)
                deleted.add(owner_and_id)
            elif self._redact(key, subject):
                redacted.add(owner_and_id)
        for name in subject.names:
            for key in keys_like(self._redis, redis_keys.newest_scores(owner, subject.network, name)):
                self._redis.delete(key)
        return {"documents": len(deleted), "redacted": len(redacted), **damaged.delete(self._redis)}

    def _mentioning(
        self, subject: DataSubject, owner: str | None, damaged: Damaged
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield documents that may mention the person. All are read: nothing is kept that says who is in which.

        Who is in a damaged one cannot be known, nor can it be shown to anybody: those go into `damaged`.
        """
        for pattern in (redis_keys.score(owner, None), redis_keys.evidence(owner, None)):
            for key, (packed,) in hash_fields(self._redis, pattern, "body"):
                with damaged.noted(key):
                    body = b"" if packed is None else unpack(packed)
                    if subject.may_occur_in(body):
                        document = msgspec.json.decode(body)
                        if document["account"]["network"] == subject.network:
                            yield key, document

    def _redact(self, key: str, subject: DataSubject) -> bool:
        at = self._clock().isoformat().replace("+00:00", "Z")

        def _change(fields: list[bytes | None]) -> Mapping[str, bytes] | None:
            document = fields[0] and redact_document(msgspec.json.decode(unpack(fields[0])), subject, at)
            if not document:
                return None
            body = msgspec.json.encode(document)
            return {"body": pack(body), "etag": etag_of(body).encode()}

        return revise_hash(self._redis, key, ["body"], _change)

    def _read(self, key: str) -> StoredScore | None:
        etag, body = self._redis.hmget(key, ["etag", "body"])
        if etag is None or body is None:
            return None
        return StoredScore(body=unpack(body), etag=text(etag))


def etag_of(body: bytes) -> str:
    """Return the strong entity tag of a document's bytes."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _question(row: ScoreRow) -> str:
    """Name the question that a score answers: another one's score does not take its place."""
    root = row.trust_root
    return msgspec.json.encode([row.topic, root.id, root.kind, root.digest, row.dataset, row.method]).decode()


def score_row(document: ScoreDocument, dataset: str | None) -> ScoreRow:
    """Return what lists show of a document; `dataset` is what it was made from."""
    return ScoreRow(
        score_id=document.id,
        topic=document.topic.id,
        trust_root=document.trust_root,
        dataset=dataset,
        method=document.method.version,
        as_of=datetime.fromisoformat(document.as_of),
        expertise=_side(document.expertise),
        interest=_side(document.interest),
    )


def _side(part: Expertise | Interest) -> Side:
    return Side(
        status=part.status,
        score=part.score,
        little_evidence=isinstance(part, Expertise) and part.little_evidence is True,
        interval=part.interval,
        contributions={feature.id: feature.contribution for feature in part.features},
    )
