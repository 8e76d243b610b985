"""Gaps: what was missing, each kind said once with how often, and many hosts in one line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST_NAMED = 3
_TIMES = re.compile(r"(.*?)(?: \((\d+) times\))?", re.DOTALL)
_SHOWN = re.compile(r"(.*): (\d+) of (\d+) are shown", re.DOTALL)
_UNTIL = re.compile(r"circuit open until \S+ \S+: ")
_AT_HOST = re.compile(r"(.+?): ([\w-]+(?:\.[\w-]+)+(?::\d+)?|[\w-]+:\d+): (.+)", re.DOTALL)


class _Said(NamedTuple):
    """A gap without its numbers; the words are those that came last, as a time in them may have moved."""

    words: str
    times: int
    shown: tuple[int, int] | None


def summed(lines: Iterable[str]) -> tuple[str, ...]:
    """Say each gap once: numbers of lines that say the same are added up. The order is that of the first of each."""
    met: dict[str, _Said] = {}
    for line in lines:
        said = _read(line)
        key = _UNTIL.sub("", said.words) + (" " if said.shown else "")
        met[key] = _added(met[key], said) if key in met else said
    return tuple(map(_written, met.values()))


def grouped(lines: Iterable[str]) -> tuple[str, ...]:
    """Say once what concerns more than three hosts in the same way: three by name, and how many more."""
    lines = summed(lines)
    hosts: dict[tuple[str, str], dict[str, int]] = {}
    places = [_place(line) for line in lines]
    for place, line in zip(places, lines, strict=True):
        if place is not None:
            what, host, why = place
            hosts.setdefault((what, why), {})[host] = _read(line).times
    said: dict[str, None] = {}
    for place, line in zip(places, lines, strict=True):
        many = hosts[place[0], place[2]] if place else {}
        said[_of_many(place[0], place[2], many) if place and len(many) > MOST_NAMED else line] = None
    return tuple(said)


def _place(line: str) -> tuple[str, str, str] | None:
    """Return what is missing, at which host, and why; None where it is of no host, or says how much is shown."""
    said = _read(line)
    found = _AT_HOST.fullmatch(said.words) if said.shown is None else None
    return (found[1], found[2], _UNTIL.sub("", found[3])) if found else None


def _of_many(what: str, why: str, hosts: dict[str, int]) -> str:
    named = ", ".join(list(hosts)[:MOST_NAMED])
    words = f"{what}: {named} and {len(hosts) - MOST_NAMED} more: {why}"
    return _written(_Said(words, sum(hosts.values()), None))


def _read(line: str) -> _Said:
    found = _TIMES.fullmatch(line)
    words, times = (found[1], int(found[2] or 1)) if found else (line, 1)
    shown = _SHOWN.fullmatch(words)
    return _Said(shown[1], times, (int(shown[2]), int(shown[3]))) if shown else _Said(words, times, None)


def _added(one: _Said, other: _Said) -> _Said:
    shown = (one.shown[0] + other.shown[0], one.shown[1] + other.shown[1]) if one.shown and other.shown else None
    return _Said(other.words, one.times + other.times, shown)


def _written(said: _Said) -> str:
    shown = f": {said.shown[0]} of {said.shown[1]} are shown" if said.shown else ""
    return said.words + shown + (f" ({said.times} times)" if said.times > 1 else "")


def left_out_words(left_out: Mapping[str, int]) -> tuple[str, ...]:
    """Say how much is not among the records, and why; nothing where all is."""
    counted = ", ".join(f"{count} {reason}" for reason, count in sorted(left_out.items()) if count)
    return (f"left out of the export: {counted}",) if counted else ()
