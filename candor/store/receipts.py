"""Receipts: what a person scored keeps to see what came of a dispute, an opt-out or an erasure. They name nobody."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from candor.scoring.activity import Instant
from candor.store import redis_keys
from candor.store.disputes import DisputeAbout
from candor.store.sealed import Sealed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from redis import Redis

    from candor.store.disputes import Dispute, Disputes
    from candor.store.erasure import Erasures

ReceiptKind: TypeAlias = Literal["dispute", "opt_out", "erasure"]
ReceiptStatus: TypeAlias = Literal["open", "accepted", "rejected", "running", "waiting", "done", "failed", "erased"]


_OF_ERASURE: Mapping[str, ReceiptStatus] = {"succeeded": "done", "failed": "failed", "waiting": "waiting"}


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What a receipt follows: disputes, each an owner's, or an erasure."""

    id: str
    kind: ReceiptKind
    created_at: datetime
    due_at: datetime
    kept_until: datetime
    disputes: tuple[tuple[str, str], ...] = ()
    erasure: str | None = None


class ReceiptState(msgspec.Struct, frozen=True, kw_only=True):
    """How far it is."""

    id: Annotated[str, Meta(description="Its id; whoever has it can look.")]
    kind: Annotated[ReceiptKind, Meta(description="dispute, opt_out or erasure.")]
    status: Annotated[
        ReceiptStatus,
        Meta(
            description="Of a dispute open, accepted or rejected; of an opt-out or erasure running, done or failed. Of "
            "an erasure waiting, too: what is kept under the names known is erased, and the network has not yet said "
            "whether the account has others. A dispute is erased once somebody whom it names was: it was deleted with "
            "its answer."
        ),
    ]
    created_at: Annotated[Instant, Meta(description="When it was asked for.")]
    due_at: Annotated[Instant, Meta(description="By when it is answered or done.")]
    ended_at: Annotated[Instant | None, Meta(description="When it was answered or done, or null.")]
    answer: Annotated[str | None, Meta(description="What the operator said, or why it failed; null for nothing.")]
    about: Annotated[
        DisputeAbout | None,
        Meta(
            description="Of a dispute what is contested; null otherwise. Once it is accepted, scores already made stay "
            "as they are, and the next one of the account on the topic leaves contested evidence out or takes the kind "
            "put on record; of anything else the operator corrects the records first."
        ),
    ] = None
    topic: Annotated[str | None, Meta(description="Of a dispute the id of the score's topic; null otherwise.")] = None
    score_id: Annotated[str | None, Meta(description="Of a dispute the id of the score; null otherwise.")] = None
    disputes: Annotated[
        tuple[str, ...],
        Meta(description="Of a dispute its id, to ask about it; one for each who has the score."),
    ] = ()
    erased: Annotated[
        dict[str, int],
        Meta(
            description="Of an erasure how many of these were changed so far, as `GET /v1/erasures/{id}` counts them: "
            "never what. A keyed digest of the name stays, so that nobody brings it back, and so do texts of "
            "others and what communities of another name hold."
        ),
    ] = {}
    kept_until: Annotated[Instant, Meta(description="Until when this receipt can be looked at.")]


class Receipts:
    """The receipts of everybody, by ids that nobody can guess."""

    def __init__(self, redis: Redis, disputes: Disputes, erasures: Erasures, clock: Callable[[], datetime]) -> None:
        self._redis = redis
        self._receipts = Sealed[Receipt](redis, Receipt)
        self._disputes = disputes
        self._erasures = erasures
        self._clock = clock

    def make(
        self,
        kind: ReceiptKind,
        *,
        due: timedelta,
        kept: timedelta,
        disputes: tuple[tuple[str, str], ...] = (),
        erasure: str | None = None,
    ) -> ReceiptState:
        """Keep a new receipt, and return how far it is."""
        now = self._clock()
        receipt = Receipt(
            id=f"rc_{secrets.token_urlsafe(18)}",
            kind=kind,
            created_at=now,
            due_at=now + due,
            kept_until=now + kept,
            disputes=disputes,
            erasure=erasure,
        )
        key = redis_keys.receipt(receipt.id)
        self._redis.set(key, self._receipts.written(key, receipt), ex=kept)
        return self._state(receipt)

    def find(self, receipt_id: str) -> ReceiptState | None:
        """Return how far it is, or None when there is no such receipt. Raises DamagedValueError."""
        receipt = self._receipts.get(redis_keys.receipt(receipt_id))
        return None if receipt is None or self._outcome(receipt) is None else self._state(receipt)

    def disputes(self, receipt_id: str) -> list[Dispute]:
        """Return the disputes that it follows, as far as they are kept: they name people, and are not for everybody."""
        receipt = self._receipts.get(redis_keys.receipt(receipt_id))
        return [] if receipt is None else list(self._disputes_of(receipt))

    def _state(self, receipt: Receipt) -> ReceiptState:
        status, ended_at, answer = self._outcome(receipt) or ("running", None, None)
        disputes = list(self._disputes_of(receipt))
        dispute = disputes[0] if disputes else None
        erasure = None if receipt.erasure is None else self._erasures.find(receipt.erasure)
        return ReceiptState(
            id=receipt.id,
            kind=receipt.kind,
            status=status,
            created_at=receipt.created_at,
            due_at=receipt.due_at,
            ended_at=ended_at,
            answer=answer,
            about=None if dispute is None else dispute.about,
            topic=None if dispute is None else dispute.topic,
            score_id=None if dispute is None else dispute.score_id,
            disputes=tuple(each.id for each in disputes),
            erased={} if erasure is None else {kind: many for kind, many in erasure.erased.items() if many},
            kept_until=receipt.kept_until,
        )

    def _outcome(self, receipt: Receipt) -> tuple[ReceiptStatus, datetime | None, str | None] | None:
        """Return what came of it, when, and in which words; None for an erasure that is no longer kept.

        Disputes are kept as long as their receipt: those that are gone went with somebody whom they named.
        """
        if receipt.kind == "opt_out":
            return "done", receipt.created_at, None
        if receipt.erasure is not None:
            return self._erased(receipt.erasure)
        kept = list(self._disputes_of(receipt))
        if not kept:
            return "erased", None, None
        first = next((each for each in kept if each.status == "open"), kept[0])
        return first.status, first.decided_at, first.note

    def _disputes_of(self, receipt: Receipt) -> Iterator[Dispute]:
        """Yield those of its disputes that are kept."""
        found = (self._disputes.get(owner, dispute_id) for owner, dispute_id in receipt.disputes)
        return (dispute for dispute in found if dispute is not None)

    def _erased(self, erasure_id: str) -> tuple[ReceiptStatus, datetime | None, str | None] | None:
        erasure = self._erasures.find(erasure_id)
        if erasure is None:
            return None
        status: ReceiptStatus = _OF_ERASURE.get(erasure.status, "running")
        return status, erasure.finished_at, None if erasure.error is None else erasure.error.detail
