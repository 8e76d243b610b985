"""Data sets that follow a source: how one is asked for, and how far it was read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import marshmallow as ma
import msgspec
from flask import request
from msgspec import Meta, Struct

from candor.scoring.activity import Instant
from candor.scoring.record_digest import digest_of_records
from candor.scoring.records import Counts
from candor.store.models import Dataset
from candor.store.sources import SourceStatus
from service.auth import owner
from service.body import faults_of, keep_body
from service.components import fill
from service.context import context
from service.problems import invalid
from service.schemas.sources import FollowBodySchema

if TYPE_CHECKING:
    from candor.store.sources import AskedSource, Source

_MOST_BYTES = 16 * 1024


class SourceResponse(Struct, frozen=True, kw_only=True):
    """What a data set follows, and how far it was read."""

    network: Annotated[str, Meta(description="What is read.")]
    tag: Annotated[str | None, Meta(description="Only questions with this tag; null for all.")]
    every: Annotated[
        int | None, Meta(description="How many minutes after a reading the next begins; null: on request.")
    ]
    max_requests: Annotated[int, Meta(description="Requests of a reading, at most.")]
    window_days: Annotated[int, Meta(description="How many days back it began.")]
    status: Annotated[
        SourceStatus,
        Meta(
            description="queued, reading, waiting (for a limit of a host), read, or failed: then `error` says why, and "
            "what was read before is there."
        ),
    ]
    last_read_at: Annotated[Instant | None, Meta(description="When a reading ended last, or null.")]
    next_read_at: Annotated[Instant | None, Meta(description="When it is read next; null where that is not planned.")]
    complete: Annotated[
        bool, Meta(description="Whether the last reading came to the end; otherwise the next goes on where it stopped.")
    ]
    requests: Annotated[int, Meta(description="Requests made so far, over all readings.")]
    records: Annotated[int, Meta(description="Records that came of it.")]
    gaps: Annotated[
        tuple[str, ...], Meta(description="What could not be read, in the last reading or the present one.")
    ]
    waits_for: Annotated[str | None, Meta(description="Which host it waits for, and why; else null.")]
    error: Annotated[str | None, Meta(description="Why the last reading ended early, or null.")]


SOURCE_RESPONSE_EXAMPLE = SourceResponse(
    network="stackexchange:space",
    tag="orbital-mechanics",
    every=1440,
    max_requests=1000,
    window_days=1825,
    status="read",
    last_read_at=datetime(2026, 11, 1, 9, tzinfo=UTC),
    next_read_at=datetime(2026, 11, 2, 9, tzinfo=UTC),
    complete=True,
    requests=61,
    records=5204,
    gaps=(),
    waits_for=None,
    error=None,
)


def asked_source() -> AskedSource | None:
    """Return what the request asks to follow, or None where its body holds records. Raises ProblemError 422."""
    if request.mimetype != "application/json" or not 0 < (request.content_length or 0) <= _MOST_BYTES:
        return None
    try:
        given = msgspec.json.decode(keep_body(request))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(given, dict) or "source" not in given:
        return None
    try:
        asked: AskedSource = FollowBodySchema().load(given)["source"]
    except ma.ValidationError as error:
        raise invalid(*faults_of(error.messages)) from None
    return asked


def source_response(source: Source | None) -> SourceResponse | None:
    """Return a source as it is answered."""
    if source is None:
        return None
    asked, state = source.asked, source.state
    said: dict[str, Any] = {name: getattr(asked, name) for name in ("network", "max_requests", "window_days")}
    return fill(
        SourceResponse,
        state,
        tag=asked.name if asked.part == "tag" else None,
        every=asked.every_minutes,
        requests=state.requests + state.spent,
        **said,
    )


def nothing_yet(source: Source) -> Dataset:
    """Return what is known of a data set of which nothing was read yet."""
    return Dataset(
        id=source.dataset,
        owner=owner(),
        network=source.asked.network,
        profile=None,
        granted_rights=False,
        digest=digest_of_records(()),
        records=0,
        counts=Counts(),
        bytes=0,
        created_at=source.since,
    )


def source_of(dataset_id: str) -> Source | None:
    """Return what the caller's data set follows, or None."""
    return context().store.sources.get(owner(), dataset_id)
