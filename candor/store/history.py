"""History: how an account's numbers on a topic came to be what they are, step by step."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from candor.scoring.activity import Instant
from candor.scoring.acts_compared import digest_of_acts
from candor.scoring.board_row import Side
from candor.scoring.made_from import TrustRootRef
from candor.store import redis_keys
from candor.store.client import DamagedValueError, keys_like, seal, unseal
from candor.store.models import DAY_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from redis import Redis

    from candor.scoring.document import ScoreDocument
    from candor.scoring.redaction import DataSubject
    from candor.store.models import Retention, ScoreRow

MOST_STEPS = 500
NOTE = """
local function note(history, step, now_s, oldest_s, last_rank, life_s)
  redis.call('ZADD', history, now_s, step)
  redis.call('ZREMRANGEBYSCORE', history, '-inf', oldest_s)
  redis.call('ZREMRANGEBYRANK', history, 0, last_rank)
  redis.call('EXPIRE', history, life_s)
end
"""
_PLACES = 6


class Digests(msgspec.Struct, frozen=True, kw_only=True):
    """What a score was made from."""

    inputs: Annotated[str, Meta(description="Digest of the records.")]
    method: Annotated[str, Meta(description="Digest of the method.")]
    root: Annotated[str, Meta(description="Digest of the trust root.")]
    topic: Annotated[str, Meta(description="Digest of the topic as it was then.")]
    acts: Annotated[
        str, Meta(description="Digest of which acts of others count for expertise, however much each of them does.")
    ]


class HistoryStep(msgspec.Struct, frozen=True, kw_only=True):
    """One score of an account on a topic."""

    score_id: Annotated[str, Meta(description="Id of the score.")]
    as_of: Annotated[Instant, Meta(description="The time it speaks of.")]
    method: Annotated[str, Meta(description="Version of the method.")]
    trust_root: Annotated[TrustRootRef, Meta(description="Whose word counted.")]
    dataset: Annotated[str | None, Meta(description="The data set it was made from; null where it was none.")]
    digests: Annotated[Digests, Meta(description="What it was made from.")]
    expertise: Annotated[Side, Meta(description="Does the account know about it?")]
    interest: Annotated[Side, Meta(description="Does the account care about it?")]
    window_days: Annotated[
        int | None, Meta(description="How many days back was read; null in steps made before this was kept.")
    ] = None
    profile: Annotated[str | None, Meta(description="Which of the method's weights were used; null likewise.")] = None


class SideChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a step added to expertise or interest."""

    score: Annotated[float | None, Meta(description="Points; null unless both steps have a number.")]
    contributions: Annotated[
        dict[str, float], Meta(description="Points by feature; they add up to the difference of the scores.")
    ]


class StepDifference(msgspec.Struct, frozen=True, kw_only=True):
    """What a step added to both numbers."""

    expertise: Annotated[SideChange, Meta(description="What expertise gained.")]
    interest: Annotated[SideChange, Meta(description="What interest gained.")]


class StepChange(StepDifference, frozen=True, kw_only=True):
    """How a step differs from the one before: what it was made from otherwise, and what that came to."""

    changed: tuple[str, ...]


class Histories:
    """The steps of all accounts: each is kept as long as documents, the newest five hundred at most."""

    def __init__(self, redis: Redis, retention: Retention, clock: Callable[[], datetime]) -> None:
        self._redis = redis
        self._life_s = retention.documents_days * DAY_S
        self._clock = clock
        self._decoder = msgspec.json.Decoder(HistoryStep)

    def step(self, owner: str, document: ScoreDocument, row: ScoreRow) -> tuple[str, Sequence[Any]]:
        """Return the key and the arguments with which `note` keeps a score's step; the same score is the same step."""
        key = redis_keys.history(owner, document.account.network, document.account.account, document.topic.id)
        step = HistoryStep(
            score_id=row.score_id,
            as_of=row.as_of,
            method=document.method.version,
            trust_root=row.trust_root,
            dataset=row.dataset,
            digests=Digests(
                inputs=document.inputs.digest,
                method=document.method.digest,
                root=document.trust_root.digest,
                topic=document.topic.digest,
                acts=digest_of_acts(document),
            ),
            window_days=document.window_days,
            profile=document.method.profile,
            expertise=row.expertise,
            interest=row.interest,
        )
        now_s = self._now_s
        return key, (seal(step, key), now_s, now_s - self._life_s, -1 - MOST_STEPS, self._life_s)

    def steps(self, owner: str, network: str, account: str, topic_id: str) -> list[HistoryStep]:
        """Return the steps by the time they speak of; of several about the same time the one made last comes last.

        Raises DamagedValueError.
        """
        key = redis_keys.history(owner, network, account, topic_id)
        made = self._redis.zrangebyscore(key, f"({self._now_s - self._life_s}", "+inf")
        return sorted((unseal(raw, self._decoder, key) for raw in made), key=lambda step: step.as_of)

    def made_since(self, since: datetime, owner: str, network: str, account: str, topic_id: str) -> bool:
        """Tell whether a score of the account on the topic was made after `since`."""
        key = redis_keys.history(owner, network, account, topic_id)
        return bool(self._redis.zcount(key, f"({since.timestamp()}", "+inf"))

    def kept_of(self, subject: DataSubject, owner: str | None) -> Iterator[dict[str, Any]]:
        """Yield the steps of each topic."""
        for key in self._about(subject, owner):
            steps = []
            for raw in self._redis.zrange(key, 0, -1):
                with contextlib.suppress(DamagedValueError):
                    steps.append(msgspec.json.encode(unseal(raw, self._decoder, key)).decode())
            yield {"at": key, "steps": steps}

    def erase(self, subject: DataSubject, owner: str | None) -> Mapping[str, int]:
        """Delete every step of the person, on all topics; the steps of others hold no name but theirs."""
        return {"histories": sum(int(self._redis.delete(key)) for key in self._about(subject, owner))}

    def _about(self, subject: DataSubject, owner: str | None) -> Iterator[str]:
        for name in subject.names:
            yield from keys_like(self._redis, redis_keys.history(owner, subject.network, name, None))

    @property
    def _now_s(self) -> float:
        return self._clock().timestamp()


def change(before: HistoryStep, after: HistoryStep) -> StepChange:
    """Compare two steps that follow one another."""
    digests = Digests.__struct_fields__
    names = [name for name in digests if getattr(before.digests, name) != getattr(after.digests, name)]
    if before.profile and (before.window_days, before.profile) != (after.window_days, after.profile):
        names.append("window")
    if before.as_of != after.as_of:
        names.append("time")
    return StepChange(
        changed=tuple(names),
        expertise=_side_change(before.expertise, after.expertise),
        interest=_side_change(before.interest, after.interest),
    )


def _side_change(before: Side, after: Side) -> SideChange:
    features = dict.fromkeys((*after.contributions, *before.contributions))
    added = {name: after.contributions.get(name, 0.0) - before.contributions.get(name, 0.0) for name in features}
    score = None if before.score is None or after.score is None else after.score - before.score
    return SideChange(
        score=None if score is None else round(score, _PLACES),
        contributions={name: round(points, _PLACES) for name, points in added.items()},
    )
