"""Data sets that follow a source: how one is asked for, and how far it was read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import marshmallow as ma
import msgspec
from flask import request
from msgspec import Meta, Struct

from candor.names.followed import PART_NAMES
from candor.scoring.activity import Instant
from candor.scoring.gaps import grouped
from candor.scoring.record_counts import Counts
from candor.scoring.record_digest import digest_of_records
from candor.store.models import Dataset
from candor.store.sources import SourceStatus
from service.auth import owner
from service.body import faults_of, keep_body
from service.components import fill
from service.context import context
from service.problems import invalid
from service.schemas.datasets import FollowBodySchema

if TYPE_CHECKING:
    from candor.store.sources import AskedSource, FollowedSource

_MOST_BYTES = 16 * 1024


class SourceResponse(Struct, frozen=True, kw_only=True):
    """What a data set follows, and how far it was read."""

    network: Annotated[str, Meta(description="What is read.")]
    tag: Annotated[str | None, Meta(description="Only questions with this tag; null for all.")]
    repository: Annotated[str | None, Meta(description="The repository on GitHub that is read, or null.")]
    organisation: Annotated[str | None, Meta(description="Whose repositories on GitHub are read, or null.")]
    hashtag: Annotated[str | None, Meta(description="The hashtag on a Mastodon server that is read, or null.")]
    instance: Annotated[str | None, Meta(description="The Mastodon server whose people are read, or null.")]
    list: Annotated[str | None, Meta(description="The list whose people are read, or null.")]
    starter_pack: Annotated[str | None, Meta(description="The starter pack whose people are read, or null.")]
    search: Annotated[str | None, Meta(description="The search that is read, or null.")]
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
    trust_root: Annotated[
        str | None,
        Meta(
            description="Id of the trust root that readings add to: whom the source itself trusts (moderators, "
            "maintainers, members of the list), never yet taken out. Null where it named nobody so far."
        ),
    ]
    waits_for: Annotated[str | None, Meta(description="Which host it waits for, and why; else null.")]
    error: Annotated[str | None, Meta(description="Why the last reading ended early, or null.")]


SOURCE_RESPONSE_EXAMPLE = SourceResponse(
    network="stackexchange:space",
    tag="orbital-mechanics",
    repository=None,
    organisation=None,
    hashtag=None,
    instance=None,
    list=None,
    starter_pack=None,
    search=None,
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
    trust_root="space-trusted",
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


def source_response(source: FollowedSource | None) -> SourceResponse | None:
    """Return a source as it is answered."""
    if source is None:
        return None
    asked, state = source.asked, source.state
    said: dict[str, Any] = {name: getattr(asked, name) for name in ("network", "max_requests", "window_days")}
    return fill(
        SourceResponse,
        state,
        **{name: asked.name if asked.part == name else None for name in PART_NAMES},
        every=asked.every_minutes,
        requests=state.requests + state.spent,
        gaps=grouped(state.gaps),
        **said,
    )


def nothing_yet(source: FollowedSource) -> Dataset:
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


def source_of(dataset_id: str) -> FollowedSource | None:
    """Return what the caller's data set follows, or None."""
    return context().store.sources.get(owner(), dataset_id)
