"""Score documents: compressed bytes under (owner, id), and each account's newest by topic."""

from __future__ import annotations

import hashlib
import zlib
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from candor.scoring.board import Side
from candor.scoring.document import Expertise, Interest, ScoreDocument, brief, encode
from candor.store import keys
from candor.store.models import DAY_S, Retention, ScoreRow, StoredScore
from candor.store.replies import text, unpack

if TYPE_CHECKING:
    from redis import Redis

    from candor.store.history import History

_KEEP_NEWEST = """
local kept = redis.call('HGET', KEYS[1], ARGV[1])
if not kept or cjson.decode(kept)[1] <= tonumber(ARGV[2]) then redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
redis.call('EXPIRE', KEYS[1], ARGV[4])
"""


class Scores:
    """Documents as they are served. The brief one lives `documents_days`, the one with all voices `evidence_days`."""

    def __init__(self, redis: Redis, retention: Retention, history: History) -> None:
        self._redis = redis
        self._history = history
        self._documents_s = retention.documents_days * DAY_S
        self._evidence_s = retention.evidence_days * DAY_S
        self._rows = msgspec.json.Decoder(tuple[float, ScoreRow])

    def put(self, owner: str, document: ScoreDocument) -> None:
        """Keep the document and its step in the account's history.

        Writing it again changes nothing but how long it is kept.
        """
        row = _row(document)
        newest = keys.newest_scores(owner, document.account.network, document.account.account)
        with self._redis.pipeline() as pipe:
            for key, life_s, body in (
                (keys.score(owner, document.id), self._documents_s, encode(brief(document))),
                (keys.evidence(owner, document.id), self._evidence_s, encode(document)),
            ):
                pipe.hsetnx(key, "etag", etag_of(body))
                pipe.hsetnx(key, "body", zlib.compress(body))
                pipe.expire(key, life_s)
            dated = (row.as_of.timestamp(), row)
            pipe.eval(_KEEP_NEWEST, 1, newest, row.topic, dated[0], msgspec.json.encode(dated), self._documents_s)
            self._history.note(pipe, owner, document, row)
            pipe.execute()

    def get(self, owner: str, score_id: str) -> StoredScore | None:
        """Return the document with its largest voices, or None."""
        return self._read(keys.score(owner, score_id))

    def evidence(self, owner: str, score_id: str) -> StoredScore | None:
        """Return the document with every voice, or None when there is none or its time is over."""
        return self._read(keys.evidence(owner, score_id))

    def life_s(self, owner: str, score_id: str) -> int | None:
        """Return for how many seconds more the document is kept, or None when there is none."""
        left = int(self._redis.ttl(keys.score(owner, score_id)))
        return left if left > 0 else None

    def newest(self, owner: str, network: str, account: str) -> list[ScoreRow]:
        """Return the account's newest score on each topic, by topic id, leaving out documents no longer kept."""
        raw = self._redis.hgetall(keys.newest_scores(owner, network, account))
        rows = [self._rows.decode(raw[topic])[1] for topic in sorted(raw)]
        with self._redis.pipeline(transaction=False) as pipe:
            for row in rows:
                pipe.exists(keys.score(owner, row.score_id))
            return [row for row, kept in zip(rows, pipe.execute(), strict=True) if kept]

    def _read(self, key: str) -> StoredScore | None:
        etag, body = self._redis.hmget(key, ["etag", "body"])
        if etag is None or body is None:
            return None
        return StoredScore(body=unpack(body), etag=text(etag))


def etag_of(body: bytes) -> str:
    """Return the strong entity tag of a document's bytes."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _row(document: ScoreDocument) -> ScoreRow:
    return ScoreRow(
        score_id=document.id,
        topic=document.topic.id,
        as_of=datetime.fromisoformat(document.as_of),
        expertise=_side(document.expertise),
        interest=_side(document.interest),
    )


def _side(part: Expertise | Interest) -> Side:
    return Side(
        status=part.status,
        score=part.score,
        interval=part.interval,
        contributions={feature.id: feature.contribution for feature in part.features},
    )
