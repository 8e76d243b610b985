"""Titles and subjects of posts, which stand in a column of their own in many tables: they come before the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from candor.formats.nested import decoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


def with_titles(rows: Iterable[Any], column: str, ours: Mapping[str, str]) -> Iterator[Any]:
    """Yield the rows of a table without the column of titles, each of which stands before the text of its row then.

    `ours` says which columns stand for fields. Whatever is no row of a table stays as it is.
    """
    text = ours.get("content", "content")
    for row in rows:
        if (record := decoded(row)) is None:
            yield row
            continue
        title = record.pop(column, None)
        if isinstance(title, str) and title.strip():
            said = record.get(text)
            record[text] = f"{title.strip()}\n\n{said}" if isinstance(said, str) and said.strip() else title.strip()
        yield record
