"""Which column tells people apart: their number, where one stands beside a name that two of them may share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.formats.column_parts import Parts, parts_of
from candor.formats.column_words import fold_column, known_columns, part_words

if TYPE_CHECKING:
    from collections.abc import Iterable

_OF_OTHERS = frozenset({"account", "contact", "owner", "creator", "reporter", "from", "participant", "createdby"})
"""Whose number may be of somebody else than who wrote, unless the name is called the same."""


def prefer_numbers(found: dict[str, str], names: Iterable[str]) -> None:
    """Take the number of whoever wrote as `actor` in `found`, and the name beside it as `name`.

    `names` are all columns in their order. A login stays the actor: no two people have one, and it says who it is.
    """
    names = tuple(names)
    actor = found.get("actor")
    if actor is None:
        return
    if _numbered(actor) is not None:
        _take_name_beside(found, names, actor)
        return
    whose = _person(actor)
    if whose is None or not part_words("login").isdisjoint(parts_of(actor)):
        return
    free = [name for name in names if name not in found.values()]
    numbers = {name: said for name in free if (said := _numbered(name)) is not None}
    same = next((name for name, said in numbers.items() if said == whose), None)
    number = same or next((name for name, said in numbers.items() if said not in _OF_OTHERS), None)
    if number is not None:
        found.setdefault("name", actor)
        found["actor"] = number


def _take_name_beside(found: dict[str, str], names: tuple[str, ...], actor: str) -> None:
    """Take a column called `name` that stands beside the number of whoever wrote as theirs, and not as a title."""
    title = found.get("title", "")
    if "name" in found or fold_column(title) not in part_words("names") or not {title, actor} <= {*names}:
        return
    if abs(names.index(title) - names.index(actor)) == 1:
        found["name"] = found.pop("title")


def _numbered(name: str) -> str | None:
    """Return whose number a column holds, as `author` of author_id, authorid and Identifiant auteur; None of others."""
    parts = parts_of(name)
    ids = part_words("id") | part_words("account_id")
    rest = tuple(part for part in parts if part not in ids)
    if len(rest) == len(parts):
        if len(parts) != 1 or not (parts[0].startswith("id") or parts[0].endswith("id")):
            return None
        rest = (parts[0].removesuffix("id") if parts[0].endswith("id") else parts[0].removeprefix("id"),)
    return _known(rest)


def _person(name: str) -> str | None:
    """Return whose name a column holds, as `author` of author_name; '' of one that says only: name."""
    rest = tuple(part for part in parts_of(name) if part not in part_words("name"))
    return _known(rest) if rest else ""


def _known(parts: Parts) -> str | None:
    known = known_columns()["actor"]
    for said in ("".join(parts), "".join(part for part in parts if part not in part_words("post"))):
        if said in known:
            return said
    return None
