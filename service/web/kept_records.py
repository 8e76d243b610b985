"""Records behind a score, as far as they are kept: how people are called, what was said, what was accepted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from candor.scoring.activity import POSTS
from candor.scoring.kinds import LABELS
from candor.scoring.table import newest_claims
from candor.store.storage import DamagedFileError
from service.auth import owner
from service.context import context

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from candor.scoring.activity import Activity
    from candor.scoring.document import Act
    from candor.scoring.table import Table

MOST_RECORDS = 200_000
"""More are not read for a page."""
_ACCEPTED = {"act.accepted_answer": "accepted answers", "act.accepted_change": "merged changes"}
_ANSWERS = frozenset({"answer", "reply"})


@dataclass(frozen=True)
class KeptRecords:
    """The records of a data set; without `table` nothing is known of them."""

    table: Table | None

    def names(self) -> Mapping[str, str]:
        """Return how accounts call themselves."""
        claims = {} if self.table is None else newest_claims(self.table)
        return {account: claim.name for account, claim in claims.items() if claim.name}

    def text_of(self, record_id: str) -> str | None:
        """Return the text of a public post; None for what is no post, not public, or not kept."""
        record = self._record(record_id)
        is_public_post = record is not None and record.type in POSTS and record.visibility in {None, "public"}
        return record.content if record is not None and is_public_post else None

    def act_key(self, act: Act) -> str:
        """Return the key of the words for an act: what was accepted is told apart where its record is there."""
        taken = self._record(act.of) if act.kind == "accepted" else None
        if taken is None:
            return f"act.{act.kind}"
        return "act.accepted_answer" if taken.type in _ANSWERS else "act.accepted_change"

    def accepted(self, acts: Iterable[Act]) -> str:
        """Say what was accepted where all of it is of one sort, as a forum has no changes; else the kind's name."""
        keys = {self.act_key(act) for act in acts if act.kind == "accepted"}
        return _ACCEPTED.get(keys.pop(), LABELS["accepted"]) if len(keys) == 1 else LABELS["accepted"]

    @cached_property
    def _rows(self) -> dict[str, int]:
        ids = None if self.table is None else self.table.ids
        return {} if ids is None else dict(zip(ids.all(), ids.row.tolist(), strict=True))

    def _record(self, record_id: str) -> Activity | None:
        row = self._rows.get(record_id)
        return None if self.table is None or row is None else self.table.record(row)


def kept_records(dataset: str | None) -> KeptRecords:
    """Return the records of a data set; nothing where it is gone, damaged or too large to be read for a page."""
    datasets = context().store.datasets
    found = None if dataset is None else datasets.get(owner(), dataset)
    if found is None or found.records > MOST_RECORDS:
        return KeptRecords(None)
    try:
        return KeptRecords(datasets.activities(owner(), found.id))
    except (LookupError, DamagedFileError):
        return KeptRecords(None)
