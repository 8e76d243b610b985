"""Excerpts: how the text of a record begins, where it was public to all."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from candor.scoring.columns import RecordLike


def excerpt(record: RecordLike, most: int) -> str | None:
    """Return the beginning of a record's text on one line, of `most` characters; None without one, or if not public."""
    if not record.content or record.visibility not in {None, "public"}:
        return None
    line = " ".join(record.content[: 2 * most].split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
