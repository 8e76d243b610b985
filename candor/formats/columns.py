"""Columns of tables: how many have to be fields of ours, what is said where none are, and what tables leave unsaid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.formats.compression import UnreadableError
from candor.scoring.activity import FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LEAST_COLUMNS = 2
"""A table is read as records where at least so many of its columns are fields of ours or stand for them."""
_NAMED = 20


class OtherColumnsError(UnreadableError):
    """A table has columns of its own, the first of them in `columns`; nothing says which fields of ours they are."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = ", ".join(columns[:_NAMED])
        super().__init__(
            "this is neither JSON nor a table with columns of ours (id, type, actor, published, …); say which of its "
            "columns stand for them: map=id=COLUMN,actor=COLUMN,published=COLUMN,content=COLUMN. It has: "
            f"{self.columns}"
        )


def check_named(names: Sequence[str], ours: Mapping[str, str] | None) -> None:
    """Raise UnreadableError where a column is said to stand for a field of ours, and the table has none of that name.

    `ours` says which columns stand for fields; other pairs in it rename types.
    """
    missing = [column for field, column in (ours or {}).items() if field in FIELDS and column not in names]
    if missing:
        raise UnreadableError(f"there is no column {missing[0]!r}; there are {', '.join(names[:_NAMED])}")


def replied_in(names: Sequence[str], ours: Mapping[str, str] | None) -> str | None:
    """Return the column that says what a post replies to, in a table of posts; None where rows say what they are.

    `ours` says which columns stand for fields; None: it is somebody else's table. Whatever has no column for `type` is
    a table of posts.
    """
    if ours is None or ours.get("type", "type") in names:
        return None
    return ours.get("object", "object")
