"""Rows of tables that their source hides, in whatever language its columns and cells say so."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from candor.formats.column_parts import MOST_IN_PARTS, NamedColumns, without_post
from candor.formats.column_words import cell_words, fold_column, hiding_words
from candor.scoring.hidden_records import hides, may_hide

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping


def with_hidden(rows: Iterable[Any], ours: Mapping[str, str]) -> Iterator[Any]:
    """Yield the rows of a table; one that says in another language than English that it is hidden is `deleted`.

    `ours` says which columns stand for fields. An empty cell may be no part of its row, so that any may be the first to
    have such a column. A yes or a no in a column that English software has too is put as true or false. What most
    columns begin with says nothing of them, as in `p_deleted` beside `p_id` and `p_time`.
    """
    seen, tells = set(ours.values()), dict[str, "Callable[[object], bool] | None"]()
    columns: NamedColumns | None = None
    for row in rows:
        if not isinstance(row, dict):
            yield row
            continue
        columns = columns or NamedColumns.of([*dict.fromkeys((*ours.values(), *row))][:MOST_IN_PARTS])
        for name in row.keys() - seen:
            seen.add(name)
            if (teller := _teller(name, columns.without_shared(name))) is not None or may_hide(name):
                tells[name] = teller
        hidden = False
        for name in tells.keys() & row.keys() if tells else ():
            teller, value = tells[name], row[name]
            hidden |= teller is not None and teller(value)
            if not may_hide(name):
                del row[name]
            elif (flag := _flag(value)) is not None:
                row[name] = flag
        if hidden:
            row["deleted"] = True
        yield row


def _teller(name: str, bare: str) -> Callable[[object], bool] | None:
    """Return what tells from a cell of a column whether its row is hidden, None where it says nothing of that.

    `bare` is its name without what most columns begin with.
    """
    folded = {fold_column(name), without_post(name), without_post(bare)}
    if folded & hiding_words("states"):
        return partial(_is_state_of_hidden, bare)
    if may_hide(name):
        return None  # whatever reads records knows it
    if may_hide(bare):
        return partial(hides, bare)
    if folded & hiding_words("shown"):
        return _is_no
    return _is_yes_or_time if folded & (hiding_words("names") | hiding_words("when")) else None


def _is_state_of_hidden(name: str, value: object) -> bool:
    word = fold_column(value) if isinstance(value, str) else ""
    return word in hiding_words("names") or word in hiding_words("words") or hides(name, value)


def _is_no(value: object) -> bool:
    return value is False or (value == 0 and isinstance(value, int | float)) or _word(value) in cell_words("no") - {""}


def _is_yes_or_time(value: object) -> bool:
    if not isinstance(value, str):
        return bool(value) and value == value  # noqa: PLR0124 not NaN
    word = _word(value)
    a_number_or_time = word[:1].isdigit() and not set(word) <= set("0-:/. ")
    return word in cell_words("yes") or a_number_or_time or fold_column(word) in hiding_words("names")


def _flag(value: object) -> bool | None:
    """Return a yes or a no that is a word, whose meaning no software changes, as numbers have other ones in some."""
    word = _word(value)
    if word[:1].isdigit() or word == "":
        return None
    return True if word in cell_words("yes") else False if word in cell_words("no") else None


def _word(value: object) -> str:
    return value.strip().casefold() if isinstance(value, str) else ""
