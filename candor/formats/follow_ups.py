"""What later posts of whoever began a thread reply to, where they name nothing: a guess, in tables and in chats."""

from __future__ import annotations

from bisect import bisect_left, insort
from datetime import datetime
from typing import TypeAlias

from candor.scoring.own_text import own_text
from candor.scoring.words import words

Moment: TypeAlias = tuple[datetime, int]
"""When a post was written, and its place among the rows, the oldest first: tables may tell the day alone."""

_PARTS, _OF = 2, 3
_READ = 2_000


def different_words(text: str) -> int:
    """Return how many different words an author wrote, quotes left out; of long texts the beginning is looked at."""
    return len(set(words(own_text(text)[:_READ])))


class Addressees:
    """The posts of others since whoever began a thread last wrote in it, of which the next one of theirs takes up one.

    That is the last of those with at least two thirds as many different words as the longest. Comments, and wishes of
    strangers, stand between answers and thanks: on travel.stackexchange.com, where comments of askers say which answer
    they are under and two people or more wrote since, the last post is of whom they answer in 46 % of 1,142 cases, and
    this one in 55 % (comments, whose texts the dump lacks, taken to have 25 words); among full answers of two people or
    more the last is right in 61 % of 325, this one in 57 %.
    """

    def __init__(self) -> None:
        self._posts: list[tuple[Moment, int, str]] = []  # the newer, the fewer words: others are never chosen

    def __bool__(self) -> bool:
        return bool(self._posts)

    def add(self, written: Moment, length: int, post: str) -> None:
        """Take in a post of somebody else, in any order of time; `length` in different words."""
        at = bisect_left(self._posts, (written, length, post))
        if at < len(self._posts) and self._posts[at][1] >= length:
            return
        self._posts[:at] = [each for each in self._posts[:at] if each[1] > length]
        insort(self._posts, (written, length, post))

    def newest(self) -> Moment | None:
        """Return when the last of them was written."""
        return self._posts[-1][0] if self._posts else None

    def chosen(self) -> str | None:
        """Return the one that is taken up, None where there is none."""
        long = [post for _, length, post in self._posts if _OF * length >= _PARTS * self._posts[0][1]]
        return long[-1] if long else None


class FollowUps:
    """By thread the posts by which whoever began it went on, and which posts of somebody else came before each."""

    def __init__(self) -> None:
        self._moments: dict[str, list[Moment]] = {}
        self._before: dict[tuple[str, Moment], Addressees] = {}

    def __bool__(self) -> bool:
        return bool(self._moments)

    def note(self, thread: str, written: Moment) -> None:
        """Remember when whoever began the thread wrote in it again."""
        insort(self._moments.setdefault(thread, []), written)

    def note_other(self, thread: str, post: str, written: Moment, length: int) -> None:
        """Remember a post of somebody else for the first of these after it."""
        moments = self._moments.get(thread, [])
        at = bisect_left(moments, written)
        if at < len(moments):
            self._before.setdefault((thread, moments[at]), Addressees()).add(written, length, post)

    def answered(self, thread: str, written: Moment) -> str | None:
        """Return which post one of these takes up, None where it came first, or several came one after the other."""
        found = self._before.get((thread, written))
        return found.chosen() if found else None
