"""Coverage: how often the interval of a score holds what it claims to hold, measured in three plain ways.

*Drawn anew*: everybody who recognised an account is heard as often as a Poisson draw of mean one says: once, not at
all, twice. That is a community in which chance had fallen otherwise. *Halves*: those who recognised it are cut into two
by lot, and the score that one half gives is held against the interval that the other gives; as chance is in both, a
true 90 % interval holds it in 75.5 % of cases. *Later*: the same account, half a year on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from candor.evaluation.board import shared_scores
from candor.scoring.evidence import Evidence
from candor.scoring.expertise import NUMBERED
from candor.scoring.measured import IntervalCoverage
from candor.scoring.points import ManyNumbers, expertise_of_many
from candor.scoring.totals import add_up
from candor.scoring.votes import Votes, attribute, without

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from candor.scoring.arrays import Ints
    from candor.scoring.voices import Voices
    from candor.scoring.world import World


DRAWS = 50
HALVINGS = 10
SEED = 11
MOST_PEOPLE = 10  # of a topic, to be drawn anew
LATER_DAYS = 180


def coverage(now: World, later: World) -> IntervalCoverage:
    """Measure everybody with a number on the worlds' topics; `later` is the same community LATER_DAYS on."""
    rng = np.random.default_rng(SEED)
    inside: list[float] = []
    halves: list[float] = []
    below: list[bool] = []
    above: list[bool] = []
    for topic in range(len(now.topics)):
        found = shared_scores(now, np.arange(now.people), topic, now.shared_view)
        numbered = np.flatnonzero(np.isin(found.status, NUMBERED))
        for person in rng.permutation(numbered)[:MOST_PEOPLE].tolist():
            votes = now.votes(np.array([person]), topic, now.shared_view)
            drawn = _drawn_anew(now, person, votes, rng)
            inside.append(float(np.mean((drawn >= found.low[person]) & (drawn <= found.high[person]))))
            if votes.on_topic.person.size > 1:
                halves.append(_halves(now, person, votes, rng))
        after = shared_scores(later, np.arange(later.people), topic, later.shared_view)
        for person in numbered.tolist():
            same = later.columns.person_of.get(now.columns.people[person])
            if same is not None and after.status[same] in NUMBERED:
                below.append(bool(after.score[same] < found.low[person]))
                above.append(bool(after.score[same] > found.high[person]))
    return IntervalCoverage(
        level=now.method.interval.level,
        people=len(inside),
        drawn_anew=_mean(inside),
        halves=_mean(halves),
        still=len(below),
        later=None if not below else 1 - float(np.mean(below)) - float(np.mean(above)),
        later_below=_mean(below),
        later_above=_mean(above),
    )


def _drawn_anew(world: World, person: int, votes: Votes, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the scores of one person's voices on the topic drawn anew, the other voices held."""
    drawn = (rng.poisson(1.0, votes.on_topic.worth.size) for _ in range(DRAWS))
    return np.array([_numbers(world, person, votes, times).score[0] for times in drawn])


def _halves(world: World, person: int, votes: Votes, rng: np.random.Generator) -> float:
    """Cut the people in two by lot: how often the score by one half is inside the interval by the other."""
    scopes = (votes.on_topic, votes.other_topics, votes.recent)
    people = np.unique(np.concatenate([voices.person for voices in scopes]))
    found = []
    for _ in range(HALVINGS):
        half = rng.permutation(people)[: people.size // 2]
        sides = (half, np.setdiff1d(people, half))
        one, other = (_scored(world, without(votes, silent, person, world.shared_view)) for silent in sides)
        found += [a.low[0] <= b.score[0] <= a.high[0] for a, b in ((one, other), (other, one))]
    return float(np.mean(found))


def _scored(world: World, votes: Votes) -> ManyNumbers:
    evidence = Evidence(votes, add_up(votes, world.method), world.method)
    return expertise_of_many(evidence, np.ones(1, np.bool_), world.profile)


def _numbers(world: World, person: int, votes: Votes, times: Ints) -> ManyNumbers:
    """Score one person as if each voice on the topic had been heard so many times."""
    voices = votes.on_topic
    louder = replace(voices, worth=voices.worth * times)
    seeds = attribute(louder, np.array([person]), world.shared_view)
    return _scored(world, replace(votes, on_topic=_heard_as_often(voices, times), attribution=seeds))


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
