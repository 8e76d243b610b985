"""Score cache: which score answers a request, so that what was fetched and scored lately is not done again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from candor.store import redis_keys
from candor.store.client import text
from candor.store.models import DAY_S, AccountName, Retention
from candor.store.workers import write

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from redis import Redis
    from redis.client import Pipeline

    from candor.scoring.topics import Topic
    from candor.store.account_kinds import AccountKinds
    from candor.store.disputes import Disputes
    from candor.store.models import JobRequest, JobResult
    from candor.store.scores import Scores
    from candor.store.secret import Secret
    from candor.store.suppression import Suppression

PURPOSE = "reuse"
Pair: TypeAlias = tuple[AccountName, str]
"""An account as it was asked about, and the id of a topic."""


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
        *,
        account_kinds: AccountKinds,
        suppression: Suppression,
        retention: Retention,
    ) -> None:
        self._redis = redis
        self._secret = secret
        self._scores = scores
        self._disputes = disputes
        self._account_kinds = account_kinds
        self._suppression = suppression
        self._life_s = retention.documents_days * DAY_S
        self._decoder = msgspec.json.Decoder(_Document)

    def put(
        self, owner: str, request: JobRequest, results: Iterable[JobResult], names: Mapping[AccountName, str]
    ) -> None:
        """Note which scores a job fetched, under the names that were asked about and those that records use.

        Raises LeaseLostError when the job is in other hands and somebody was suppressed since.
        """
        topics = {topic.id: topic for topic in request.topics}
        scores = {
            self._key(owner, request, result.account.network, name, topics[result.topic]): result.score_id
            for result in results
            if result.account is not None and result.score_id is not None and not result.reused
            for name in (result.account.account, names[result.account])
        }

        def _put(pipe: Pipeline) -> None:
            for key, score_id in scores.items():
                pipe.set(key, score_id, ex=self._life_s)

        write(self._redis, _put)

    def find(self, owner: str, request: JobRequest) -> dict[Pair, str]:
        """Return the ids of scores no older than the request allows, of those pairs it asks about that have one.

        Left out is who is suppressed by now, and whose dispute or kind was decided about since.
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
        decided = self._disputes.decided_since(as_of, owner, asked.network, name, topic.id)
        decided = decided or self._account_kinds.changed_since(as_of, owner, asked.network, name)
        return None if decided else text(raw)

    def _key(self, owner: str, request: JobRequest, network: str, account: str, topic: Topic) -> str:
        root, window = request.trust_root.digest, request.window_days
        said = [owner, network, account, topic.digest, root, window, request.method]
        return redis_keys.cached_score(self._secret.digest(PURPOSE, msgspec.json.encode(said)))
