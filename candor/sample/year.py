"""Places drafts in the year: threads and feeds evenly, reactions some time after what they react to."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from candor.sample import AS_OF

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from random import Random

    from candor.sample.script import Draft

YEAR = timedelta(days=364)
LONGEST_THREAD = timedelta(days=12)
LONGEST_WAIT_H = 90


def spread(
    count: int, random: Random, *, since: datetime = AS_OF - YEAR, until: datetime = AS_OF
) -> Iterator[datetime]:
    """Yield `count` instants in order, evenly between the two with some jitter, all early enough to be reacted to."""
    step = (until - LONGEST_THREAD - since) / max(count, 1)
    for number in range(count):
        yield since + step * (number + random.random())


def place_thread(thread: Sequence[Draft], start: datetime, random: Random) -> None:
    """Date a thread's drafts from its opening on: each follows within hours, a mention comes with its post."""
    at = start
    for draft in thread:
        if draft is not thread[0] and draft.type != "mention":
            at += timedelta(minutes=random.randint(12, 1500))
        draft.at = at


def later(at: datetime, random: Random) -> datetime:
    """Return when somebody reacts to what happened at `at`."""
    return at + timedelta(minutes=random.randint(9, LONGEST_WAIT_H * 60))


def keep_apart(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the drafts by time, on whole seconds of which no two are the same: no order hangs on ids."""
    ordered = sorted(drafts, key=lambda draft: draft.at)
    last = AS_OF - 2 * YEAR
    for draft in ordered:
        at = draft.at.replace(microsecond=0)
        draft.at = last = max(at, last + timedelta(seconds=1))
    return ordered
