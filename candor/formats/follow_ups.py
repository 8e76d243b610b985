"""What those who began threads wrote in them later, and after which posts of others."""

from __future__ import annotations

from bisect import bisect_left, insort
from datetime import datetime
from typing import TypeAlias

Moment: TypeAlias = tuple[datetime, int]
"""When a post was written, and its place among the rows, the oldest first: tables may tell the day alone."""


class FollowUps:
    """By thread the posts by which whoever began it went on, and after which post of somebody else each came."""

    def __init__(self) -> None:
        self._moments: dict[str, list[Moment]] = {}
        self._before: dict[tuple[str, Moment], tuple[Moment, str]] = {}

    def __bool__(self) -> bool:
        return bool(self._moments)

    def note(self, thread: str, written: Moment) -> None:
        """Remember when whoever began the thread wrote in it again."""
        insort(self._moments.setdefault(thread, []), written)

    def note_other(self, thread: str, post: str, written: Moment) -> None:
        """Remember a post of somebody else, where it is the last one before one of these."""
        moments = self._moments.get(thread, [])
        at = bisect_left(moments, written)
        if at < len(moments):
            said, before = (thread, moments[at]), (written, post)
            self._before[said] = max(before, self._before.get(said, before))

    def answered(self, thread: str, written: Moment) -> str | None:
        """Return which post came before one of these, None where it came first, or several came one after the other."""
        found = self._before.get((thread, written))
        return None if found is None else found[1]
