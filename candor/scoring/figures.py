"""Figures: what was measured about the method, as it is kept, published and shown on the model card."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from candor.scoring.method import Method


class Ranking(msgspec.Struct, frozen=True):
    """One ranking: means over topics, and the difference of its MAP from that of expertise with 95 % limits."""

    ranking: str
    auc: float
    map: float
    precision_at_10: float
    map_less_expertise: float
    low: float
    high: float


class SizeBand(msgspec.Struct, frozen=True):
    """Topics of about as many candidates, `smallest` to `largest`: MAP of expertise and of the best simple ranking."""

    third: str
    topics: int
    smallest: int
    largest: int
    expertise: float
    best_simple: float
    best_simple_name: str


class ActivityBand(msgspec.Struct, frozen=True):
    """People of about as much activity on the topic: how often an expert stands above another, over topics."""

    third: str
    topics: int
    experts: int
    auc: float | None


class AccuracyReport(msgspec.Struct, frozen=True):
    """A whole evaluation. `share_with_number` is the mean over topics of the candidates who got one."""

    method: str
    trust_root: str
    root_accounts: int
    topics: int
    pairs: int
    base_rate: float
    share_with_number: float
    results: tuple[Ranking, ...]
    rank_correlation_of_expertise: dict[str, float | None]
    above_at_equal_volume: float | None
    pairs_at_equal_volume: int
    by_topic_size: tuple[SizeBand, ...]
    by_activity: tuple[ActivityBand, ...]
    by_topic: dict[str, dict[str, float]]


class MeasuredAccuracy(msgspec.Struct, frozen=True):
    """One data set under one kind of root: a whole report for the first seed, and MAP by seed (plain score)."""

    data: str
    root: str
    report: AccuracyReport
    map_by_seed: tuple[float, ...]

    @property
    def map(self) -> float:
        """The mean over the seeds."""
        return sum(self.map_by_seed) / len(self.map_by_seed)


class MeanAccuracy(msgspec.Struct, frozen=True):
    """MAP of expertise (plain score) and of the best simple ranking, over `topics` topics."""

    topics: int
    expertise: float
    best_simple: float
    best_simple_name: str


class AttackRow(msgspec.Struct, frozen=True):
    """One attack at one size on the targets of one third of activity: points gained and places climbed.

    `raw` is the gain of the score whatever its status; below zero is a loss, which is what those want that `lowers`.
    """

    attack: str
    size: int
    unit: str
    third: str
    targets: int
    median: float
    largest: float
    raw_median: float
    raw_largest: float
    climbed_median: float
    climbed_largest: int
    lowers: bool = False


class AttackReport(msgspec.Struct, frozen=True):
    """A whole staging. `share_with_number` is that of the people active on the topic, nobody attacking.

    `accuracy` is null where no truth was given.
    """

    method: str
    trust_root: str
    root_accounts: int
    topic: str
    share_with_number: float
    accuracy: MeanAccuracy | None
    rows: tuple[AttackRow, ...]


class MeasuredAttacks(msgspec.Struct, frozen=True):
    """Every attack on one data set; `targets` in each third of activity."""

    data: str
    targets: int
    report: AttackReport


class IntervalCoverage(msgspec.Struct, frozen=True):
    """The share of draws, and of people half a year later, whose score lies within the interval of `level`.

    `people` are pairs of person and topic drawn anew, at most ten a topic; `still` are those with a number who have
    one later as well. Null where there is nobody.
    """

    level: float
    people: int
    drawn_anew: float | None
    still: int
    later: float | None
    later_below: float | None
    later_above: float | None


class MeasuredIntervals(msgspec.Struct, frozen=True):
    """Coverage of the intervals on one data set under one root."""

    data: str
    root: str
    coverage: IntervalCoverage


class Measured(msgspec.Struct, frozen=True):
    """All figures. `on` says by data set when they were measured, `lacks` names those without."""

    method: str
    digest: str
    command: str
    on: dict[str, str]
    lacks: tuple[str, ...]
    accuracy: tuple[MeasuredAccuracy, ...] = ()
    attacks: tuple[MeasuredAttacks, ...] = ()
    intervals: tuple[MeasuredIntervals, ...] = ()


def measured(method: Method) -> Measured | None:
    """Return the figures kept, or None unless they are those of the method as it is."""
    kept = resources.files("candor.scoring").joinpath("measured.json").read_bytes()
    figures = msgspec.json.decode(kept, type=Measured)
    return figures if figures.digest == method.digest else None
