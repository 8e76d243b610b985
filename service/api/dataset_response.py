"""What is answered of a data set, and its examples."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from candor.scoring.activity import Instant
from candor.scoring.record_counts import Counts, References
from candor.store.models import ArchiveFacts
from candor.store.source_trust import source_root
from service.auth import owner
from service.components import fill
from service.context import context
from service.following import SOURCE_RESPONSE_EXAMPLE, SourceResponse, source_response
from service.link_notes import note_on
from service.sample import SAMPLE

if TYPE_CHECKING:
    from candor.store.models import Dataset
    from candor.store.sources import FollowedSource


class DatasetResponse(Struct, frozen=True, kw_only=True):
    """What is known of a data set."""

    id: Annotated[str, Meta(description="Its id.")]
    network: Annotated[str, Meta(description="The network its records come from.")]
    profile: Annotated[str | None, Meta(description="Which weights are used; null where the network has its own.")]
    granted_rights: Annotated[bool, Meta(description="Whether the source vouches for the right to take changes.")]
    digest: Annotated[str, Meta(description="Digest of its records, whatever their order.")]
    records: Annotated[int, Meta(description="Records kept now.")]
    counts: Annotated[
        Counts,
        Meta(
            description="What was seen while the uploads were read, as it was then: what was deleted or erased since "
            "is still counted here, and neither in `records` above nor in `references` below."
        ),
    ]
    suppressed_now: Annotated[
        int | None,
        Meta(
            description="How many of `records` are left out of everything by now, as somebody was suppressed since: by "
            "opting out or by an erasure, whoever asked for it, which holds for every owner. Null in data sets of more "
            "than a million records, where that is not counted."
        ),
    ]
    references: Annotated[References, Meta(description="Which of the records kept now act on which.")]
    bytes: Annotated[int, Meta(description="Bytes of the parts that hold it, compressed.")]
    created_at: Annotated[Instant, Meta(description="When it was uploaded.")]
    archive: Annotated[ArchiveFacts | None, Meta(description="The export or dump that it came from; null for records.")]
    redacted_at: Annotated[
        Instant | None,
        Meta(
            description="When somebody was last erased from it: then it has another digest than it was uploaded with. "
            "Null before."
        ),
    ]
    expires_at: Annotated[
        Instant | None,
        Meta(
            description="When it is deleted, unless something is written to it before; of one that follows a source, "
            "unless that is read before. Null for the sample, and before the first records."
        ),
    ]
    map: Annotated[
        dict[str, str],
        Meta(
            description="How columns and words of the last table with a `map` were read. A table with the same columns "
            "that is added without one is read so too."
        ),
    ]
    source: Annotated[
        SourceResponse | None, Meta(description="What it follows, and how far that was read; null where it does not.")
    ]
    trust_root: Annotated[
        str | None,
        Meta(
            description="Your trust root `ID-trusted`: whom its source itself trusts, where that says so. "
            "It counts only where a request names it. Null where there is none."
        ),
    ]
    note: Annotated[
        str | None,
        Meta(
            description="In words: that no record here names another one, or that most which name one name what is not "
            "here, so that nobody's help can be told; that records with states of which nothing is known are kept as "
            "public; else null."
        ),
    ]


EXAMPLE = DatasetResponse(
    id="my-forum",
    network="custom:my-forum",
    profile="forum",
    granted_rights=False,
    digest="sha256:0c41…",
    records=2,
    counts=Counts(records=2),
    suppressed_now=0,
    references=References(answering=1),
    bytes=211,
    created_at=datetime(2026, 11, 1, 9, tzinfo=UTC),
    archive=None,
    redacted_at=None,
    expires_at=datetime(2026, 12, 1, 9, tzinfo=UTC),
    map={},
    source=None,
    trust_root=None,
    note=None,
)
FOLLOWING_EXAMPLE = replace(
    EXAMPLE,
    id="space",
    network="stackexchange:space",
    profile=None,
    source=SOURCE_RESPONSE_EXAMPLE,
    trust_root="space-trusted",
)


def dataset_response(dataset: Dataset, source: FollowedSource | None) -> DatasetResponse:
    """Return what is known of a data set, and of the source that it follows."""
    ends = None if dataset.id == SAMPLE else dataset.expires_at
    return fill(
        DatasetResponse,
        dataset,
        expires_at=ends,
        suppressed_now=context().store.suppressed_now.count(dataset),
        source=source_response(source),
        trust_root=_trust_root(dataset),
        note=note_on(dataset),
    )


def _trust_root(dataset: Dataset) -> str | None:
    """Return the id of the trust root named after a data set, where there is one of its network."""
    known = context().store.trust_roots.known(owner(), source_root(dataset.id))
    return known.id if known is not None and known.network == dataset.network else None
