"""Measured: how accurate a method was, what attacks gained and how often its intervals held, as figures are kept."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

if TYPE_CHECKING:
    from collections.abc import Callable

    from candor.scoring.method import Method


class RankingAccuracy(msgspec.Struct, frozen=True):
    """One ranking: means over topics, and the difference of its MAP from that of expertise as listed, with limits."""

    ranking: Annotated[str, Meta(description="What people are ranked by.")]
    auc: Annotated[
        float,
        Meta(description="Share of the pairs in which the expert stands above the other, 0 to 1, mean over topics."),
    ]
    map: Annotated[float, Meta(description="Mean average precision, 0 to 1.")]
    precision_at_10: Annotated[
        float, Meta(description="Share of experts among the first ten people, mean over topics.")
    ]
    map_less_listed: Annotated[
        float, Meta(description="Mean average precision less that of expertise as boards list it, a share.")
    ]
    low: Annotated[float, Meta(description="Lower end of the 95 % interval of that difference, a share.")]
    high: Annotated[float, Meta(description="Upper end of the 95 % interval of that difference, a share.")]


class WithNumber(msgspec.Struct, frozen=True):
    """The people with a number alone, in the order listed; topics that still have an expert and five others."""

    ranking: Annotated[str, Meta(description="Whose word counts: the declared root's, or everybody's.")]
    share: Annotated[float, Meta(description="Share of the candidates who get a number, 0 to 1, mean over topics.")]
    experts: Annotated[float, Meta(description="Share of the experts to be found who get a number, 0 to 1.")]
    topics: Annotated[int, Meta(description="Number of topics that are left.")]
    map: Annotated[float | None, Meta(description="Mean average precision, 0 to 1; null without topics.")]


class SizeBand(msgspec.Struct, frozen=True):
    """Topics of about as many candidates, `smallest` to `largest`: MAP of expertise and of the best simple ranking."""

    third: Annotated[str, Meta(description="Which third of the topics: least, middle or most candidates.")]
    topics: Annotated[int, Meta(description="Number of topics.")]
    smallest: Annotated[int, Meta(description="Number of candidates of the smallest of them.")]
    largest: Annotated[int, Meta(description="Number of candidates of the largest of them.")]
    expertise: Annotated[float, Meta(description="Mean average precision of expertise as listed, 0 to 1.")]
    best_simple: Annotated[float, Meta(description="Mean average precision of the best simple ranking, 0 to 1.")]
    best_simple_name: Annotated[str, Meta(description="Which ranking that is.")]


class ActivityBand(msgspec.Struct, frozen=True):
    """People of about as much activity on the topic: how often an expert stands above another, over topics."""

    third: Annotated[
        str, Meta(description="Which third of the candidates of each topic: least, middle or most activity.")
    ]
    topics: Annotated[int, Meta(description="Number of topics.")]
    experts: Annotated[int, Meta(description="Number of experts among them.")]
    auc: Annotated[
        float | None,
        Meta(
            description="Share of the pairs in which the expert stands above the other, 0 to 1; null without experts."
        ),
    ]


class AccuracyReport(msgspec.Struct, frozen=True):
    """A whole evaluation."""

    method: Annotated[str, Meta(description="Version of the method.")]
    trust_root: Annotated[str, Meta(description="Whose word counts.")]
    root_accounts: Annotated[int, Meta(description="Number of accounts that the root names.")]
    topics: Annotated[int, Meta(description="Number of topics with experts to find.")]
    pairs: Annotated[int, Meta(description="Number of experts to find, on all topics.")]
    base_rate: Annotated[
        float, Meta(description="Share of the candidates who are to be found, 0 to 1, mean over topics.")
    ]
    results: Annotated[tuple[RankingAccuracy, ...], Meta(description="The rankings.")]
    best_simple: Annotated[str, Meta(description="The simple ranking of the largest mean average precision.")]
    with_number: Annotated[
        tuple[WithNumber, ...],
        Meta(description="The people with a number alone: under the declared root, and at face value."),
    ]
    rank_correlation_of_expertise: Annotated[
        dict[str, float | None],
        Meta(
            description="Spearman's rank correlation of expertise with each figure, -1 to 1, mean over topics; no "
            "share; null where there is nothing to compare."
        ),
    ]
    above_at_equal_volume: Annotated[
        float | None,
        Meta(
            description="Share of the pairs of about equal volume in which the expert stands above the other, 0 to 1."
        ),
    ]
    pairs_at_equal_volume: Annotated[int, Meta(description="Number of those pairs.")]
    by_topic_size: Annotated[tuple[SizeBand, ...], Meta(description="The same by size of topic.")]
    by_activity: Annotated[tuple[ActivityBand, ...], Meta(description="The same by how much people did.")]
    by_topic: Annotated[
        dict[str, dict[str, float]],
        Meta(description="Average precision of each ranking, 0 to 1, by topic; left out of what is kept."),
    ]


class SeedAccuracy(msgspec.Struct, frozen=True):
    """Mean average precision of expertise under one random root, and who gets a number."""

    listed: Annotated[float, Meta(description="MAP of the order as boards list it, 0 to 1.")]
    raw: Annotated[float, Meta(description="MAP of the score whatever its status, 0 to 1.")]
    with_number: Annotated[WithNumber, Meta(description="The people with a number alone.")]


class MeasuredAccuracy(msgspec.Struct, frozen=True):
    """One data set under one kind of root: a whole report for the first seed, and figures by seed."""

    data: Annotated[str, Meta(description="The data set.")]
    root: Annotated[
        str,
        Meta(
            description="Whose word counts: network for everybody's, random:SHARE for a random share of the accounts."
        ),
    ]
    report: Annotated[AccuracyReport, Meta(description="The whole report, of the first random root.")]
    by_seed: Annotated[tuple[SeedAccuracy, ...], Meta(description="Expertise under each random root.")]

    @property
    def map(self) -> float:
        """MAP as listed, the mean over the seeds."""
        return self.mean(lambda seed: seed.listed)

    @property
    def share_with_number(self) -> float:
        """The share of the candidates who get a number, the mean over the seeds."""
        return self.mean(lambda seed: seed.with_number.share)

    def mean(self, figure: Callable[[SeedAccuracy], float]) -> float:
        """Return the mean of a figure over the seeds."""
        return sum(map(figure, self.by_seed)) / len(self.by_seed)


class MeanAccuracy(msgspec.Struct, frozen=True):
    """MAP of expertise (as listed) and of the best simple ranking, over `topics` topics."""

    topics: Annotated[int, Meta(description="Number of topics.")]
    expertise: Annotated[float, Meta(description="Mean average precision of expertise as listed, 0 to 1.")]
    best_simple: Annotated[float, Meta(description="Mean average precision of the best simple ranking, 0 to 1.")]
    best_simple_name: Annotated[str, Meta(description="Which ranking that is.")]


class AttackRow(msgspec.Struct, frozen=True):
    """One attack at one size on the targets of one third of activity: points gained and places climbed.

    `raw` is the gain of the score whatever its status; below zero is a loss, which is what those want that `lowers`.
    """

    attack: Annotated[str, Meta(description="Which attack.")]
    size: Annotated[int, Meta(description="How many of its unit.")]
    unit: Annotated[str, Meta(description="What its size is counted in.")]
    third: Annotated[str, Meta(description="Which third of activity the targets are in.")]
    targets: Annotated[int, Meta(description="Number of accounts attacked.")]
    median: Annotated[float, Meta(description="Median of the points gained, 0 without a number; a loss is below zero.")]
    largest: Annotated[float, Meta(description="Largest gain, in points.")]
    raw_median: Annotated[float, Meta(description="Median of the points gained by the score whatever its status.")]
    raw_largest: Annotated[float, Meta(description="Largest of those gains, in points.")]
    climbed_median: Annotated[float, Meta(description="Median of the places climbed, each place one of the ranking.")]
    climbed_largest: Annotated[int, Meta(description="Most places climbed, each place one of the ranking.")]
    lowers: Annotated[bool, Meta(description="Whether the attack wants to bring its target down.")] = False


class AttackReport(msgspec.Struct, frozen=True):
    """A whole staging. `share_with_number` is that of the people active on the topic, nobody attacking.

    `accuracy` is null where no truth was given.
    """

    method: Annotated[str, Meta(description="Version of the method.")]
    trust_root: Annotated[str, Meta(description="Whose word counts.")]
    root_accounts: Annotated[int, Meta(description="Number of accounts that the root names.")]
    topic: Annotated[str, Meta(description="On which topic.")]
    share_with_number: Annotated[
        float, Meta(description="Share of the people active on the topic who have a number before any attack, 0 to 1.")
    ]
    accuracy: Annotated[
        MeanAccuracy | None,
        Meta(description="How well expertise finds the experts of the topic; null without a truth."),
    ]
    rows: Annotated[tuple[AttackRow, ...], Meta(description="The attacks, by size and third.")]


class MeasuredAttacks(msgspec.Struct, frozen=True):
    """Every attack on one data set; `targets` in each third of activity."""

    data: Annotated[str, Meta(description="The data set.")]
    targets: Annotated[int, Meta(description="Number of accounts attacked in each third of activity.")]
    report: Annotated[AttackReport, Meta(description="The whole report.")]


class IntervalCoverage(msgspec.Struct, frozen=True):
    """The share of draws, and of people half a year later, whose score lies within the interval of `level`.

    `people` are pairs of person and topic drawn anew, or cut into halves, at most ten a topic; `still` are those with a
    number who have one later as well. Null where there is nobody.
    """

    level: Annotated[float, Meta(description="What the interval claims to hold, a share, 0 to 1.")]
    people: Annotated[int, Meta(description="Number of pairs of person and topic drawn anew.")]
    drawn_anew: Annotated[
        float | None, Meta(description="Share of the draws within the interval, 0 to 1; null without people.")
    ]
    halves: Annotated[
        float | None,
        Meta(
            description="How often the score by one half of the people behind it lies within the interval by the other "
            "half, 0 to 1; 0.755 would be right for an interval of 0.9. Null without people."
        ),
    ]
    still: Annotated[int, Meta(description="Number of people with a number half a year later as well.")]
    later: Annotated[float | None, Meta(description="Share of them within the interval, 0 to 1; null without people.")]
    later_below: Annotated[float | None, Meta(description="Share of them below it, 0 to 1; null without people.")]
    later_above: Annotated[float | None, Meta(description="Share of them above it, 0 to 1; null without people.")]


class MeasuredIntervals(msgspec.Struct, frozen=True):
    """Coverage of the intervals on one data set under one root."""

    data: Annotated[str, Meta(description="The data set.")]
    root: Annotated[str, Meta(description="Whose word counts.")]
    coverage: Annotated[IntervalCoverage, Meta(description="How often the intervals hold.")]


class RootScale(msgspec.Struct, frozen=True):
    """Scores of people of known rank under one root, on several topics, in points; 0 without a number.

    Where a root was drawn several times, means over the draws, but the largest of all.
    """

    root: Annotated[str, Meta(description="Whose word counts, in words.")]
    accounts: Annotated[int, Meta(description="Number of accounts that the root names, the mean over draws.")]
    gold: Annotated[tuple[float, ...], Meta(description="Median score of gold badge holders, points, by draw.")]
    largest: Annotated[float, Meta(description="Largest score of theirs, points.")]
    bronze_without: Annotated[
        float, Meta(description="Share of the holders of bronze badges without a number, mean over draws.")
    ]
    once: Annotated[
        float, Meta(description="Median score of people with one accepted answer on the topic, mean over draws.")
    ]


class MeasuredScale(msgspec.Struct, frozen=True):
    """Whether the same people keep the same numbers whichever root is declared."""

    data: Annotated[str, Meta(description="The data set.")]
    topics: Annotated[int, Meta(description="Number of topics.")]
    rows: Annotated[tuple[RootScale, ...], Meta(description="A row a root.")]


class Measured(msgspec.Struct, frozen=True):
    """All figures. `on` says by data set when they were measured, `lacks` names those without."""

    method: Annotated[str, Meta(description="Version of the method.")]
    digest: Annotated[str, Meta(description="Digest of every figure in that version.")]
    command: Annotated[str, Meta(description="What wrote these figures.")]
    on: Annotated[dict[str, str], Meta(description="Day of measuring, by data set.")]
    lacks: Annotated[tuple[str, ...], Meta(description="Data sets that were not measured for this version.")]
    accuracy: Annotated[
        tuple[MeasuredAccuracy, ...], Meta(description="How well rankings find the experts of a truth.")
    ] = ()
    attacks: Annotated[tuple[MeasuredAttacks, ...], Meta(description="What attacks gain.")] = ()
    intervals: Annotated[tuple[MeasuredIntervals, ...], Meta(description="How often intervals hold.")] = ()
    scale: Annotated[tuple[MeasuredScale, ...], Meta(description="Scores under roots of several sizes.")] = ()


def measured(method: Method) -> Measured | None:
    """Return the figures kept, or None unless they are those of the method as it is."""
    kept = resources.files("candor.scoring").joinpath("measured.json").read_bytes()
    figures = msgspec.json.decode(kept, type=Measured)
    return figures if figures.digest == method.digest else None
