"""Tables of names and values, as which exports of Instagram tell most things, in the language of the account."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import msgspec

from candor.scoring.activity import Instant
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections.abc import Mapping


_NAME = re.compile(r"(?=.*[a-z_])[a-z0-9._]{1,30}")


class TableValue(msgspec.Struct):
    """A value, where it leads, and when it came to be."""

    value: str = ""
    href: str = ""
    timestamp: Instant | None = None


class ToldTable(msgspec.Struct):
    """Something told as a table of names and values, in either way that Instagram writes one."""

    string_map_data: dict[str, TableValue] = {}
    string_list_data: list[TableValue] = []
    label_values: list[dict[str, Any]] = []
    title: str = ""
    timestamp: Instant | None = None
    fbid: str = ""


def is_private(table: Mapping[str, TableValue]) -> bool | None:
    """Say whether an account is private; None where that is not told.

    A yes under a label of a language that is not known may be that one, and counts as such; a no may be any.
    """
    if told := first_of(table, "private").value.lower():
        return _truth(told)
    known = frozenset.union(*_labels().values())
    return True if any(_truth(each.value.lower()) for label, each in table.items() if label not in known) else None


def _truth(word: str) -> bool | None:
    return True if word in _labels()["true"] else False if word in _labels()["false"] else None


def name_in(table: Mapping[str, TableValue]) -> str | None:
    """Return the account's name: by its label in the account's language, or else the first value that can be one."""
    if found := first_of(table, "name").value.lower():
        return found
    values = (value.value for value in table.values())
    return next((value for value in values if _NAME.fullmatch(value) and _truth(value.lower()) is None), None)


def is_name(text: str) -> bool:
    """Say whether a text may be the name of an account."""
    return account_in(text) is not None


def table_of(told: ToldTable) -> dict[str, TableValue]:
    """Return names, in lower case, and values; of what is nested the innermost, the first of each name."""
    found = {put_right_text(name).lower(): put_right(value) for name, value in told.string_map_data.items()}
    pending = list(told.label_values)
    while pending:
        each = pending.pop(0)
        for nested in (each.get("dict"), each.get("vec")):
            pending.extend(inner for inner in (nested if isinstance(nested, list) else ()) if isinstance(inner, dict))
        if isinstance(label := each.get("label"), str):
            value, href = each.get("value"), each.get("href")
            said, at = value if isinstance(value, str) else "", time_of(each.get("timestamp_value"))[0]
            table = TableValue(value=put_right_text(said), href=href if isinstance(href, str) else "", timestamp=at)
            found.setdefault(put_right_text(label).lower(), table)
    return found


def account_in(text: str) -> str | None:
    """Return the name of an account, in lower case; None where the text is none."""
    return text.lower() if _NAME.fullmatch(text.lower()) else None


def put_right(value: TableValue) -> TableValue:
    """Return a value with its text put right, and without a time of 1970, which stands for none."""
    at = value.timestamp if value.timestamp and value.timestamp.timestamp() > 0 else None
    return TableValue(value=put_right_text(value.value), href=value.href, timestamp=at)


def first_of(table: Mapping[str, TableValue], name: str) -> TableValue:
    """Return the value under the label of that name in any language."""
    return next((value for label, value in table.items() if label in _labels()[name]), TableValue())


@cache
def _labels() -> dict[str, frozenset[str]]:
    read = tomllib.loads(resources.files("candor.formats").joinpath("instagram_labels.toml").read_text("utf-8"))
    return {name: frozenset(labels) for name, labels in read.items()}


def put_right_text(text: str) -> str:
    """Undo what the export does to text: UTF-8 read as if it were Latin-1."""
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text
