"""Writes an evaluation as a table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from candor.scoring.figures import AccuracyReport


def table(report: AccuracyReport) -> str:
    """Write a report for people."""
    lines = [
        f"method {report.method}, root {report.trust_root} ({report.root_accounts} accounts)",
        (
            f"{report.topics} topics, {report.pairs} pairs, base rate {report.base_rate:.3f}, "
            f"{report.share_with_number:.1%} have a number"
        ),
        f"{'ranking':<28}  {'AUC':>5}  {'MAP':>5}  {'P@10':>5}   MAP less expertise's [95 %]",
    ]
    lines += [
        f"{result.ranking:<28}  {result.auc:.3f}  {result.map:.3f}  {result.precision_at_10:.3f}   "
        f"{result.map_less_expertise:+.3f} [{result.low:+.3f}, {result.high:+.3f}]"
        for result in report.results
    ]
    lines += [
        f"rank correlation of expertise with {name}: {_two_places(value)}"
        for name, value in report.rank_correlation_of_expertise.items()
    ]
    equal = _two_places(report.above_at_equal_volume)
    return "\n".join([*lines, f"expert above another at equal volume: {equal} of {report.pairs_at_equal_volume} pairs"])


def _two_places(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.2f}"
