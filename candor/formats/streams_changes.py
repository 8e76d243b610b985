"""What an ActivityStreams archive says was changed later: edits, deletions, and reshares and likes taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from candor.formats.reading import MALFORMED, read_item
from candor.scoring.written_times import time_of

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Collection, Iterable, Iterator

_CHANGES = (b'"Update"', b'"Delete"', b'"Undo"')
_MADE = frozenset({"Create", "Announce", "Like"})


class LaterChanges:
    """Of an archive the newest text of each post that was edited, and the ids of what was deleted or taken back."""

    def __init__(self, activities: Iterable[Any], posts: Collection[str]) -> None:
        """Look for changes; `posts` are the types of objects that are posts. Raises what reading the archive does."""
        self._newest: dict[str, tuple[float, dict[str, Any]]] = {}
        self._gone: set[str] = set()
        self._there: set[str] = set()
        self._posts = posts
        for activity in activities:
            if not isinstance(activity, bytes | msgspec.Raw) or any(kind in bytes(activity) for kind in _CHANGES):
                self._note(_read(activity))
        for found in map(_read, activities if self._newest or self._gone else ()):
            thing = _id_of(found.get("object")) if found.get("type") == "Create" else found.get("id")
            if isinstance(thing, str) and found.get("type") in _MADE:
                self._there.add(thing)

    def applied(self, activities: Iterable[Any], left_out: Counter[str]) -> Iterable[Any]:
        """Return the activities as they are at last; what was deleted or taken back is counted instead."""
        return self._applied(activities, left_out) if self._newest or self._gone else activities

    def _applied(self, activities: Iterable[Any], left_out: Counter[str]) -> Iterator[Any]:
        for activity in activities:
            found = _read(activity)
            kind, thing = found.get("type"), _id_of(found.get("object"))
            made = thing if kind == "Create" else found.get("id")
            newest = self._newest.get(thing or "")
            if kind in _MADE and made in self._gone:
                left_out["deleted"] += 1
            elif kind == "Create" and newest is not None:
                yield {**found, "object": {**newest[1], "published": _published(found) or newest[1].get("published")}}
            elif kind == "Update" and newest is not None:
                if thing not in self._there | self._gone and found["object"] == newest[1]:
                    yield {**found, "type": "Create", "published": newest[1].get("published") or found.get("published")}
            elif kind not in {"Delete", "Undo"} or thing not in self._there:
                yield activity

    def _note(self, found: dict[str, Any]) -> None:
        kind, told = found.get("type"), found.get("object")
        thing = _id_of(told)
        if thing is None:
            return
        if kind in {"Delete", "Undo"}:
            self._gone.add(thing)
        elif kind == "Update" and isinstance(told, dict) and told.get("type") in self._posts:
            at = next((at for name in ("updated", "published") if (at := time_of(told.get(name))[0])), None)
            at = time_of(found.get("published"))[0] or at
            when = at.timestamp() if at else 0.0
            if thing not in self._newest or when >= self._newest[thing][0]:
                self._newest[thing] = when, told


def _read(activity: Any) -> dict[str, Any]:  # noqa: ANN401 JSON
    try:
        return read_item(activity, dict[str, Any])
    except MALFORMED:
        return {}


def _published(found: dict[str, Any]) -> object:
    """Return when what an activity made was made."""
    told = found.get("object")
    return (told.get("published") if isinstance(told, dict) else None) or found.get("published")


def _id_of(told: object) -> str | None:
    found = told.get("id") if isinstance(told, dict) else told
    return found if isinstance(found, str) else None
