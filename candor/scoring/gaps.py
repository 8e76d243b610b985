"""Gaps: what was missing, each kind said once with how often, many hosts in one line; and whom no record names.

Accounts and topics that a question names and no record does are said among the gaps of its scores.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from msgspec.structs import replace

from candor.scoring.columns import OPTED_OUT
from candor.scoring.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from candor.scoring.columns import Columns
    from candor.scoring.question import Question


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


NO_RECORD = "no record that was read names this account"
OFF_TOPIC = "no record that was read is on this topic"
SUPPRESSED_SINCE = "records left out, as people whom they are of opted out or were erased since: {records}"
TRUSTED_ABSENT = "trusted accounts that no record names"
NAMED = 3
MOST_COMPARED = 20_000  # people among whom near spellings are looked for


def add_absent_gaps(question: Question, columns: Columns) -> Question:
    """Return the question with gaps that say which trusted accounts, accounts asked about and topics no record has."""
    named = _named(columns)
    missing = [account for account in question.accounts if not _is_in(account, columns, named)]
    known = _public(columns, named) if 0 < len(missing) <= NAMED else {}
    of_missing = {each: (*question.gaps_of.get(each, ()), _near(each, known)) for each in missing}
    return replace(
        question,
        gaps=(*question.gaps, *_of_root(question, columns, named)),
        gaps_of={**question.gaps_of, **of_missing},
        gaps_on={topic.id: (OFF_TOPIC,) for at, topic in enumerate(question.topics) if not columns.topics[:, at].any()},
    )


def _named(columns: Columns) -> NDArray[np.bool_]:
    """Say which people the records name: acting, acted on or described. The last place stands for nobody."""
    named = np.zeros(len(columns.people) + 1, np.bool_)
    named[columns.actor], named[columns.target] = True, True
    named[list(columns.accounts)] = True
    named[-1] = False
    return named


def _is_in(account: str, columns: Columns, named: NDArray[np.bool_]) -> bool:
    return bool(named[columns.person_of.get(account, -1)])


def _public(columns: Columns, named: NDArray[np.bool_]) -> dict[str, str | None]:
    """Return whom near spellings may show, each with what it calls itself: not those who declined.

    Nobody where they are too many to compare.
    """
    records = columns.accounts
    declined = {person for person, record in records.items() if record.consent is False}
    if np.count_nonzero(named) - len(declined) - 1 > MOST_COMPARED:
        return {}
    people = {
        name: records[at].name if at in records else None
        for at, name in enumerate(columns.people)
        if named[at] and at not in declined and name != OPTED_OUT
    }
    return people if len(people) <= MOST_COMPARED else {}


def _near(account: str, known: Mapping[str, str | None]) -> str:
    """Say that no record names the account, and whom somebody may have meant who wrote it so."""
    folded = fold(account)
    called = [each for each, name in known.items() if name is not None and fold(name) == folded]
    if called:
        return f"{NO_RECORD}; it is the name of {_listed(called)}"
    near = written_much_like(account, known)
    return f"{NO_RECORD}; written much like it: {_listed(near)}" if near else NO_RECORD


def written_much_like(account: str, known: Iterable[str]) -> list[str]:
    """Return the known accounts that are written much like one."""
    spellings: dict[str, list[str]] = {}
    for each in known:
        spellings.setdefault(fold(each), []).append(each)
    alike = get_close_matches(fold(account), spellings, NAMED, 0.75)
    return [each for spelling in alike for each in spellings[spelling]]


def _of_root(question: Question, columns: Columns, named: NDArray[np.bool_]) -> Iterable[str]:
    trusted = sorted({each.account for each in question.trust_root.accounts})
    missing = [account for account in trusted if not _is_in(account, columns, named)]
    if missing:
        more = ", …" if len(missing) > NAMED else ""
        yield (
            f"{TRUSTED_ABSENT}, {len(missing)} of {len(trusted)}: {_listed(missing)}{more}; "
            "they still count as trusted people, and that can lower scores"
        )
    if blank := [account for account in missing if account != account.strip()]:
        yield f"names are compared as they are written, and a blank begins or ends these: {_listed(blank)}"


def _listed(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names[:NAMED])
