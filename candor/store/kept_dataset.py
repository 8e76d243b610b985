"""A data set as it is kept: what is known of it, and the parts that hold it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from candor.store.models import ArchiveFacts, Dataset
from candor.store.parts import Part

if TYPE_CHECKING:
    from datetime import datetime


class KeptDataset(msgspec.Struct, frozen=True):
    """A data set, and the parts that hold it, in the order in which they came."""

    parts: tuple[Part, ...]
    dataset: Dataset

    def holding(self, parts: tuple[Part, ...], **facts: object) -> KeptDataset:
        """Return it with other parts, and what is known of it then."""
        size = sum(part.bytes for part in parts)
        return KeptDataset(parts, msgspec.structs.replace(self.dataset, bytes=size, **facts))


def after_change(
    base: Dataset,
    new: Dataset | None,
    records: int,
    unmatched: tuple[int, tuple[str, ...]],
    digest: str,
    *,
    last: datetime | None,
) -> Dataset:
    """Describe a data set after a change, with `new` where an upload was added, None where something was taken out.

    `unmatched` is how many ids of objects are no record's, with a few of them; `last` when the last thing was done in
    what was added, or in all that is left.
    """
    counts = base.counts if new is None else base.counts.plus(new.counts)
    return msgspec.structs.replace(
        base,
        archive=_both(base.archive, None if new is None else new.archive),
        map=(new and new.map) or base.map,
        digest=digest,
        records=records,
        last=last if new is None else max(filter(None, (base.last, last)), default=None),
        counts=msgspec.structs.replace(counts, unmatched=unmatched[0], unmatched_examples=unmatched[1]),
    )


def _both(before: ArchiveFacts | None, added: ArchiveFacts | None) -> ArchiveFacts | None:
    """Describe the export that records came from, of one person: two parts of it, or the first of two exports."""
    if before is None or added is None or before.account != added.account:
        return before
    left_out = dict(Counter(before.left_out) + Counter(added.left_out))
    return msgspec.structs.replace(before, left_out=left_out, notes=tuple(dict.fromkeys((*before.notes, *added.notes))))


def decode(raw: object) -> KeptDataset | None:
    """Read one as Redis has it; None where there is nothing."""
    return msgspec.json.decode(raw, type=KeptDataset) if isinstance(raw, bytes) else None
