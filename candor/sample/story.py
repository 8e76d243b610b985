"""The six-followers story: something true goes from a member with six followers to somebody trusted, and is taken up.

Beside it a like-bait post gets a thousand likes, which count for nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from candor.sample import AS_OF
from candor.sample.script import Draft

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

AUTHOR, PASSER, SHOW_RUNNER, BAIT = "mara", "abby", "chidi", "vibe"
FOLLOWERS = ("bea", PASSER, "wei", "mateus", "juno", "vikram")
BEGIN = AS_OF - timedelta(days=40)
LIKES, LIKED_EVERY = 1_000, timedelta(minutes=29, seconds=7)
TRUE = (
    "Proposed change to the shared Doppler table: in the ten minutes after a cubesat leaves the Earth's shadow its "
    "crystal is still cold. Correct the frequency for temperature before you touch the orbit, and frames stop getting "
    "lost."
)
TRIED = (
    "Four school stations tried it on two satellites for my Friday radio show: no more lost frames after eclipse. It "
    "comes from somebody with six followers."
)
BAIT_TEXT = "1 like = 1 hug for a lonely satellite. Can we reach a thousand? #SpaceTech"


def story(taken: Sequence[Draft]) -> list[Draft]:
    """Return the records of the story, none in a second that one of the others has."""
    seconds = {draft.at for draft in taken}
    told = list(_told())
    for draft in told:
        while draft.at in seconds:
            draft.at += timedelta(seconds=1)
        seconds.add(draft.at)
    return told


def _told() -> Iterator[Draft]:
    for day, follower in enumerate(FOLLOWERS):
        yield Draft(type="follow", actor=follower, target=AUTHOR, at=BEGIN - timedelta(days=60 - 7 * day))
    said = Draft(type="note", actor=AUTHOR, content=TRUE, at=BEGIN)
    passed_on = _reshared(PASSER, said, 5)
    reached = _reshared(SHOW_RUNNER, said, 29, via=passed_on)
    yield from (said, passed_on, reached)
    yield Draft(type="test", actor=SHOW_RUNNER, object=said, target=AUTHOR, content=TRIED, value=1, at=_after(hours=74))
    yield Draft(type="accept", actor=SHOW_RUNNER, object=said, target=AUTHOR, at=_after(hours=75))
    onward = _reshared("fatou", said, 78, via=reached)
    yield from (onward, _reshared("yuki", said, 80, via=reached), _reshared("luc", said, 91, via=onward))
    yield _reshared("sven", said, 120)
    bait = Draft(type="note", actor=BAIT, content=BAIT_TEXT, at=_after(hours=1))
    yield bait
    for number in range(1, LIKES + 1):
        yield Draft(type="vote", object=bait, target=BAIT, value=1, at=bait.at + number * LIKED_EVERY)


def _reshared(who: str, said: Draft, hours: int, via: Draft | None = None) -> Draft:
    return Draft(type="reshare", actor=who, object=said, target=said.actor, via=via, at=_after(hours))


def _after(hours: int) -> datetime:
    return BEGIN + timedelta(hours=hours)
