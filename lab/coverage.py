"""Coverage: how often the interval of a score holds what it claims to hold, measured in two plain ways.

*Drawn anew*: everybody who recognised an account is heard as often as a Poisson draw of mean one says: once, not at
all, twice. That is a community in which chance had fallen otherwise. *Later*: the same account, half a year on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from candor.evaluation.board import board
from candor.scoring.evidence import Evidence
from candor.scoring.expertise import NUMBERED
from candor.scoring.points import expertise_of_many
from candor.scoring.published import IntervalCoverage
from candor.scoring.votes import Votes, add_up, attribute

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from candor.scoring.voices import Voices
    from candor.scoring.world import World

    Ints = NDArray[np.int64]

DRAWS = 50
SEED = 11
MOST_PEOPLE = 10  # of a topic, to be drawn anew
LATER_DAYS = 180


def coverage(now: World, later: World) -> IntervalCoverage:
    """Measure everybody with a number on the worlds' topics; `later` is the same community LATER_DAYS on."""
    rng = np.random.default_rng(SEED)
    inside: list[float] = []
    below: list[bool] = []
    above: list[bool] = []
    for topic in range(len(now.topics)):
        found = board(now, np.arange(now.people), topic, now.shared_view)
        numbered = np.flatnonzero(np.isin(found.status, NUMBERED))
        for person in rng.permutation(numbered)[:MOST_PEOPLE].tolist():
            drawn = _drawn_anew(now, person, topic, rng)
            inside.append(float(np.mean((drawn >= found.low[person]) & (drawn <= found.high[person]))))
        after = board(later, np.arange(later.people), topic, later.shared_view)
        for person in numbered.tolist():
            same = later.columns.person_of.get(now.columns.people[person])
            if same is not None and after.status[same] in NUMBERED:
                below.append(bool(after.score[same] < found.low[person]))
                above.append(bool(after.score[same] > found.high[person]))
    return IntervalCoverage(
        level=now.method.interval.level,
        people=len(inside),
        drawn_anew=_mean(inside),
        still=len(below),
        later=None if not below else 1 - float(np.mean(below)) - float(np.mean(above)),
        later_below=_mean(below),
        later_above=_mean(above),
    )


def _drawn_anew(world: World, person: int, topic: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the scores of one person's voices on the topic drawn anew, the other voices held."""
    votes = world.votes(np.array([person]), topic, world.shared_view)
    drawn = (_drawn(world, votes, rng) for _ in range(DRAWS))
    evidence = [Evidence(each, add_up(each, world.method.voice), world.method) for each in drawn]
    one = np.ones(1, np.bool_)
    return np.array([float(expertise_of_many(each, one, world.profile).score[0]) for each in evidence])


def _drawn(world: World, votes: Votes, rng: np.random.Generator) -> Votes:
    voices = votes.on_topic
    times = rng.poisson(1.0, voices.worth.size)
    louder = replace(voices, worth=voices.worth * times)
    seeds = attribute(world.trust, louder, 1)
    return replace(votes, on_topic=_heard_as_often(voices, times), attribution=seeds)


def _heard_as_often(voices: Voices, times: NDArray[np.int64]) -> Voices:
    silence = np.zeros(voices.worth.size)  # keeps the places that the lines of endorsements point to
    return replace(
        voices,
        subject=np.zeros(int(times.sum()) + silence.size, np.int64),
        standing=np.concatenate((np.repeat(voices.standing, times), silence)),
        worth=np.concatenate((np.repeat(voices.worth, times), silence)),
        worth_help=np.concatenate((np.repeat(voices.worth_help, times), silence)),
        line_soft=voices.line_soft * times[voices.ledger.pair],
    )


def _mean(values: list[float] | list[bool]) -> float | None:
    return float(np.mean(values)) if values else None
