"""Notifications: what webhooks are told, and a record of each that is on its way or arrived."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec
from msgspec.structs import replace

if TYPE_CHECKING:
    from candor.store.models import Job

PING = "webhook.ping"
DeliveryStatus: TypeAlias = Literal["pending", "delivered", "failed"]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What a notification is about: its id, and where it is, relative to the service."""

    id: str
    url: str


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent: what happened, when, and to what."""

    type: str
    timestamp: datetime
    data: Subject


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try: the HTTP status, or why there was none, and how long it took in seconds."""

    at: datetime
    status: int | None
    error: str | None
    duration_s: float


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A notification on its way to a webhook. `next_attempt_at` is null once it was delivered or given up."""

    id: str
    owner: str
    webhook: str
    notification: Notification
    created_at: datetime
    next_attempt_at: datetime | None
    status: DeliveryStatus = "pending"
    attempts: tuple[Attempt, ...] = ()

    @property
    def body(self) -> bytes:
        """The bytes that are sent and signed, the same at each try."""
        return msgspec.json.encode(self.notification)


def tried(delivery: Delivery, attempt: Attempt, *, delivered: bool, again_at: datetime | None) -> Delivery:
    """Return the delivery after another try."""
    status: DeliveryStatus = "delivered" if delivered else "failed" if again_at is None else "pending"
    return replace(delivery, status=status, attempts=(*delivery.attempts, attempt), next_attempt_at=again_at)


def end_of(job: Job) -> Notification:
    """Return what is to be told of a job that has ended."""
    subject = Subject(id=job.id, url=f"/v1/jobs/{job.id}")
    return Notification(type=f"job.{job.status}", timestamp=job.finished_at or job.created_at, data=subject)
