"""What tables call their columns and write into cells, in many languages, as column_names.toml has it."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from importlib import resources


@cache
def known_columns() -> dict[str, tuple[str, ...]]:
    """Return by field what tables call its column, folded, the field's own name first."""
    return {field: tuple(map(fold_column, (field, *names))) for field, names in _words()["columns"].items()}


@cache
def last_columns() -> dict[str, tuple[str, ...]]:
    """Return by field what its column may be called where no other is, folded."""
    return {field: tuple(map(fold_column, names)) for field, names in _words()["last"].items()}


@cache
def part_words(kind: str) -> frozenset[str]:
    """Return a list of `[parts]` in column_names.toml, folded: words of which names of columns are put together."""
    return frozenset(map(fold_column, _words()["parts"][kind]))


@cache
def pair_words(kind: str) -> frozenset[str]:
    """Return a list of `[pairs]` in column_names.toml, folded: words for questions and their answers in one row."""
    return frozenset(map(fold_column, _words()["pairs"][kind]))


@cache
def inner_words(kind: str) -> frozenset[str]:
    """Return a list of `[inner]` in column_names.toml, folded: what JSON calls lists of posts inside others."""
    return frozenset(map(fold_column, _words()["inner"][kind]))


@cache
def cell_words(meaning: str) -> frozenset[str]:
    """Return the words of cells that mean `yes` or `no`, or a type: `question`, `answer`, any `post`. In lower case.

    Words for types are there without their accents too, as many people type them.
    """
    words = frozenset(_words()["cells"][meaning])
    return words if meaning in {"yes", "no"} else words.union(map(fold_column, words))


@cache
def hiding_words(list_name: str) -> frozenset[str]:
    """Return a list of `[hidden]` in column_names.toml, folded: what tables say of hidden rows in other languages."""
    return frozenset(map(fold_column, _words()["hidden"][list_name]))


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(resources.files(__package__).joinpath("column_names.toml").read_text("utf-8"))


def fold_column(name: str) -> str:
    """Return the letters and digits of a column's name in any script, without accents and case; of N° it is `no`."""
    plain = unicodedata.normalize("NFKD", _NUMBER_SIGN.sub("no", name)).casefold()
    return re.sub(r"[\W_]", "", plain)


_NUMBER_SIGN = re.compile(r"(?<!\w)[nN][°˚]|^\s*(?:#|[nNčČ]\.)\s*$")
