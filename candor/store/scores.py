"""Score documents: compressed bytes under (owner, id), and each account's newest by topic."""

from __future__ import annotations

import hashlib
import zlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from candor.scoring.board import Side
from candor.scoring.document import Expertise, Interest, ScoreDocument, brief, encode
from candor.store import redis_keys
from candor.store.client import text, unpack
from candor.store.models import DAY_S, AccountName, Retention, ScoreRow, StoredScore

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from redis import Redis

    from candor.scoring.topics import Topic
    from candor.store.disputes import Disputes
    from candor.store.history import History
    from candor.store.models import JobRequest, JobResult
    from candor.store.secret import Secret
    from candor.store.suppression import Suppression


PURPOSE = "reuse"
Pair: TypeAlias = tuple[AccountName, str]
"""An account as it was asked about, and the id of a topic."""

_KEEP_NEWEST = """
local kept = redis.call('HGET', KEYS[1], ARGV[1])
if not kept or cjson.decode(kept)[1] <= tonumber(ARGV[2]) then redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
redis.call('EXPIRE', KEYS[1], ARGV[4])
"""


class _Account(msgspec.Struct):
    account: str


class _Document(msgspec.Struct):
    account: _Account
    as_of: datetime


class ScoreCache:
    """Which score answers a request for an account, by keyed digests: without the secret they name nobody.

    A key is made of an account under a name, a topic, a trust root as it was declared, a window and a version of the
    method. A list is the same root as long as it has the same reference, like everything else that is not read again.
    """

    def __init__(
        self,
        redis: Redis,
        secret: Secret,
        scores: Scores,
        disputes: Disputes,
        suppression: Suppression,
        *,
        retention: Retention,
    ) -> None:
        self._redis = redis
        self._secret = secret
        self._scores = scores
        self._disputes = disputes
        self._suppression = suppression
        self._life_s = retention.documents_days * DAY_S
        self._decoder = msgspec.json.Decoder(_Document)

    def put(
        self, owner: str, request: JobRequest, results: Iterable[JobResult], names: Mapping[AccountName, str]
    ) -> None:
        """Note which scores a job fetched, under the names that were asked about and those that records use."""
        topics = {topic.id: topic for topic in request.topics}
        with self._redis.pipeline(transaction=False) as pipe:
            for result in results:
                if result.account is not None and result.score_id is not None and not result.reused:
                    for name in {result.account.account, names[result.account]}:
                        key = self._key(owner, request, result.account.network, name, topics[result.topic])
                        pipe.set(key, result.score_id, ex=self._life_s)
            pipe.execute()

    def find(self, owner: str, request: JobRequest) -> dict[Pair, str]:
        """Return the ids of scores no older than the request allows, of those pairs it asks about that have one.

        Left out is who is suppressed by now, and what a dispute was decided about since.
        """
        if request.max_age_s is None:
            return {}
        asked = [(account, topic) for account in request.accounts if not account.erased for topic in request.topics]
        found = ((account, topic, self._fit(owner, request, account, topic)) for account, topic in asked)
        return {(account, topic.id): score_id for account, topic, score_id in found if score_id is not None}

    def _fit(self, owner: str, request: JobRequest, asked: AccountName, topic: Topic) -> str | None:
        raw = self._redis.get(self._key(owner, request, asked.network, asked.account, topic))
        kept = None if raw is None else self._scores.get(owner, text(raw))
        if kept is None:
            return None
        document = self._decoder.decode(kept.body)
        name, as_of = document.account.account, document.as_of
        oldest = request.as_of - timedelta(seconds=request.max_age_s or 0)
        if not oldest <= as_of <= request.as_of or self._suppression.among(asked.network, (asked.account, name)):
            return None
        disputed = self._disputes.decided_since(as_of, owner, asked.network, name, topic.id)
        return None if disputed else text(raw)

    def _key(self, owner: str, request: JobRequest, network: str, account: str, topic: Topic) -> str:
        root, window = request.trust_root.digest, request.window_days
        said = [owner, network, account, topic.digest, root, window, request.method]
        return redis_keys.cached_score(self._secret.digest(PURPOSE, msgspec.json.encode(said)))


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
        newest = redis_keys.newest_scores(owner, document.account.network, document.account.account)
        with self._redis.pipeline() as pipe:
            for key, life_s, body in (
                (redis_keys.score(owner, document.id), self._documents_s, encode(brief(document))),
                (redis_keys.evidence(owner, document.id), self._evidence_s, encode(document)),
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
        return self._read(redis_keys.score(owner, score_id))

    def evidence(self, owner: str, score_id: str) -> StoredScore | None:
        """Return the document with every voice, or None when there is none or its time is over."""
        return self._read(redis_keys.evidence(owner, score_id))

    def life_s(self, owner: str, score_id: str) -> int | None:
        """Return for how many seconds more the document is kept, or None when there is none."""
        left = int(self._redis.ttl(redis_keys.score(owner, score_id)))
        return left if left > 0 else None

    def newest(self, owner: str, network: str, account: str) -> list[ScoreRow]:
        """Return the account's newest score on each topic, by topic id, leaving out documents no longer kept."""
        raw = self._redis.hgetall(redis_keys.newest_scores(owner, network, account))
        rows = [self._rows.decode(raw[topic])[1] for topic in sorted(raw)]
        with self._redis.pipeline(transaction=False) as pipe:
            for row in rows:
                pipe.exists(redis_keys.score(owner, row.score_id))
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
