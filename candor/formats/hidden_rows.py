"""Rows of tables that their source hides, in whatever language its columns and cells say so."""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from candor.formats.column_parts import MOST_IN_PARTS, NamedColumns, without_post
from candor.formats.column_words import cell_words, fold_column, hiding_words
from candor.formats.compression import UnreadableError
from candor.formats.nested import decoded
from candor.scoring.activity import mapped_columns, visibility_words
from candor.scoring.hidden_records import hides, is_in_hidden_place, may_hide
from candor.scoring.loose_values import MEANT_VISIBILITIES
from candor.scoring.state_words import is_hiding, is_known, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_NUMBER = re.compile(r"-?\d{1,4}(?:\.0)?")
"""Of a state: a code. Longer ones are times and ids."""
_MOST_SHOWN = 10
_STATE = "status"
"""The name under which whoever reads records looks for a state."""
_SHOWN_BY_NUMBER: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (frozenset({"cid", "nid", "changed"}), frozenset({"1"})),  # comments of Drupal since 7
    (frozenset({"nid", "vid", "changed"}), frozenset({"1"})),  # its nodes
)
"""Columns that only one program has together, and the numbers in its column for states of rows that it shows."""


class StatesUnknownError(UnreadableError):
    """A column tells states of rows by numbers, and nothing says which of them hide a row."""

    def __init__(self, column: str, numbers: Iterable[str]) -> None:
        told = sorted(numbers, key=lambda number: (len(number), number))[:_MOST_SHOWN]
        words = [f"{number}=private" for number in told]
        self.pairs = f"visibility={column},{','.join(words)}"
        super().__init__(
            f"the column {column!r} has numbers ({', '.join(told)}), and nothing tells which of them are of posts that "
            f"everybody may read: say it of each with `map`, such as map={self.pairs}, and public instead of private "
            "for those, or send the table without hidden rows and without that column"
        )


def with_hidden(rows: Iterable[Any], ours: Mapping[str, str], *, is_added: bool = False) -> Iterator[Any]:
    """Yield the rows of a table; one that says in another language than English that it is hidden is `deleted`.

    `ours` says which columns stand for fields, and what words in the one for `visibility` mean. An empty cell may be no
    part of its row, so that any may be the first to have such a column. A yes or a no in a column that English software
    has too is put as true or false. What most columns begin with says nothing of them, as in `p_deleted` beside `p_id`
    and `p_time`. Raises StatesUnknownError where a column tells states by different numbers, or by any in what is added
    to other rows (`is_added`).
    """
    hidden = HiddenRows(ours, is_added=is_added)
    for row in rows:
        record = decoded(row)
        if record is None:
            yield row
            continue
        if hidden.takes(record):
            record["deleted"] = True
        yield record


class HiddenRows:
    """Tells which rows of one table its source hides, by columns that no row before may have had."""

    def __init__(self, ours: Mapping[str, str], *, is_added: bool = False) -> None:
        self._ours = ours
        self._seen = {ours[field] for field in mapped_columns(ours) & ours.keys()}
        self._tells = dict[str, "Callable[[object], bool] | None"]()
        self._columns: NamedColumns | None = None
        self._states: set[str] = set()
        self._numbers: dict[str, set[str]] = {}
        self._most_numbers = 0 if is_added else 1
        self._visibility = ours.get("visibility", "visibility")
        self._words = visibility_words(ours)

    def takes(self, row: dict[str, Any]) -> bool:
        """Say whether a row is hidden, and take out of it what says so in words that whoever reads it does not know.

        Raises StatesUnknownError.
        """
        if self._columns is None:
            self._columns = NamedColumns.of([*dict.fromkeys((*self._seen, *row))][:MOST_IN_PARTS])
        for name in row.keys() - self._seen:
            self._seen.add(name)
            if (teller := self._teller(name, self._columns, row)) is not None or may_hide(name):
                self._tells[name] = teller
        hidden = self._takes_visibility(row) or any(is_in_hidden_place(name, row[name]) for name in row)
        for name in self._tells.keys() & row.keys() if self._tells else ():
            teller, value = self._tells[name], row[name]
            hidden |= teller is not None and teller(value)
            if name in self._states and isinstance(value, str):
                self._put_state(row, name, value)
            elif not may_hide(name):
                del row[name]
            elif (flag := _flag(value)) is not None:
                row[name] = flag
        return hidden

    def _put_state(self, row: dict[str, Any], name: str, state: str) -> None:
        """Take a state out of a row whose words are known in another language; any other is for whoever reads it."""
        if is_known_word(state):
            del row[name]
        elif not may_hide(name):
            del row[name]
            row.setdefault(_STATE, state)

    def _takes_visibility(self, row: dict[str, Any]) -> bool:
        """Put for whom a row is in our word where it is said what its own means, and say whether that is private."""
        said = row.get(self._visibility)
        if said is None or isinstance(said, dict | list):
            return False
        word = str(said).strip().removesuffix(".0")
        meant = self._words.get(word, word)
        if word in self._words:
            row[self._visibility] = meant
        elif is_hiding(word) or is_hiding_word(word):
            row[self._visibility] = meant = "private"
        elif word.isalpha() and (is_known(word) or is_known_word(word)):
            row[self._visibility] = meant = "public"
        return MEANT_VISIBILITIES.get(meant.lower(), meant.lower()) == "private"

    def _teller(self, name: str, columns: NamedColumns, row: Mapping[str, Any]) -> Callable[[object], bool] | None:
        """Return what tells from a cell of a column whether its row is hidden, None where it says nothing of that."""
        bare = columns.without_shared(name)
        folded = {fold_column(name), without_post(name), without_post(bare)}
        if folded & hiding_words("states"):
            there = {*map(fold_column, (*row, *self._seen))}
            shown = next((shown for names, shown in _SHOWN_BY_NUMBER if names <= there), None)
            self._states.add(name)
            return partial(self._is_state_of_hidden, name, bare, shown)
        if may_hide(name):
            return None  # whatever reads records knows it
        if may_hide(bare):
            return partial(hides, bare)
        if folded & hiding_words("shown"):
            return _is_no
        return _is_yes_or_time if folded & (hiding_words("names") | hiding_words("when")) else None

    def _is_state_of_hidden(self, name: str, bare: str, shown: frozenset[str] | None, value: object) -> bool:
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            number = str(value).strip()
            if _NUMBER.fullmatch(number) and not _is_known_number(bare):
                number = number.removesuffix(".0")
                if shown is not None:
                    return number not in shown
                told = self._numbers.setdefault(name, set())
                told.add(number)
                if len(told) > self._most_numbers:
                    raise StatesUnknownError(name, told)
                return False
        return hides(bare, value) or (isinstance(value, str) and (is_hiding(value) or is_hiding_word(value)))


@lru_cache(maxsize=4096)
def is_hiding_word(state: str) -> bool:
    """Say whether a state says in another language than English that its row waits or was taken away."""
    if fold_column(state) in hiding_words("names") | hiding_words("words"):
        return True
    first, *others = map(fold_column, words_of(state) or ("",))
    told = hiding_words("shown") if first in hiding_words("no") and others else hiding_words("names")
    return not told.isdisjoint(others if told is hiding_words("shown") else (first, *others))


@lru_cache(maxsize=4096)
def is_known_word(state: str) -> bool:
    """Say whether it is known of a state in another language than English whether it hides its row."""
    return fold_column(state) in hiding_words("shown") or is_hiding_word(state)


def _is_known_number(name: str) -> bool:
    """Say whether a column is one of a program whose numbers are known, as `post_visibility` of phpBB."""
    return hides(name, "0") or hides(name, "2")


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
