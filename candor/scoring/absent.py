"""Absent: accounts and topics that a question names and no record does, said among the gaps of its scores."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from candor.scoring.columns import OPTED_OUT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from candor.scoring.columns import Columns
    from candor.scoring.question import Question

NO_RECORD = "no record that was read names this account"
OFF_TOPIC = "no record that was read is on this topic"
TRUSTED_ABSENT = "trusted accounts that no record names"
NAMED = 3
MOST_COMPARED = 20_000  # people among whom near spellings are looked for


def tell_absent(question: Question, columns: Columns) -> Question:
    """Return the question with gaps that say which trusted accounts, accounts asked about and topics no record has."""
    named = _named(columns)
    missing = [account for account in question.accounts if not _is_in(account, columns, named)]
    known = _public(columns, named) if len(missing) <= NAMED else {}
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
    people = {
        name: records[at].name if at in records else None
        for at, name in enumerate(columns.people)
        if named[at] and at not in declined and name != OPTED_OUT
    }
    return people if len(people) <= MOST_COMPARED else {}


def _near(account: str, known: Mapping[str, str | None]) -> str:
    """Say that no record names the account, and whom somebody may have meant who wrote it so."""
    called = [each for each, name in known.items() if name is not None and name.casefold() == account.casefold()]
    if called:
        return f"{NO_RECORD}; it is the name of {_listed(called)}"
    near = get_close_matches(account, known, NAMED, 0.75)
    return f"{NO_RECORD}; written much like it: {_listed(near)}" if near else NO_RECORD


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
