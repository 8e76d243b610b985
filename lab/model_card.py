"""Writes the tables of docs/model-card.md from the figures that `make evaluate` measured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from candor.evaluation.attacks import ATTACKS
from candor.scoring.method import load_method
from lab.docs import table, with_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from candor.scoring.published import AttackRow, Measured

CARD = Path(__file__).parent.parent / "docs" / "model-card.md"
AT_FACE_VALUE = "network"
NOTHING_COUNTED = 0.5  # everybody ties: the data has nothing of that kind


def rewritten(card: str, measured: Measured) -> str:
    """Return the card with every marked table made anew."""
    return with_tables(card, {name: make(measured) for name, make in TABLES.items()})


def _when(measured: Measured) -> str:
    dates = ", ".join(f"{data} on {date}" for data, date in measured.on.items())
    lacks = f" Not measured for this version: {', '.join(measured.lacks)}." if measured.lacks else ""
    written = f"Written by `{measured.command}`."
    if measured.digest != load_method().digest:
        written += " **The method has changed since**."
    return f"Method {measured.method}. Measured: {dates or 'nothing yet'}.{lacks} {written}"


def _accuracy(measured: Measured) -> str:
    rows = (
        (
            row.data,
            "everybody (face value)" if row.root == AT_FACE_VALUE else row.root,
            str(row.report.topics),
            str(row.report.pairs),
            f"{row.map:.3f}",
            f"{min(row.map_by_seed):.3f} to {max(row.map_by_seed):.3f}" if len(row.map_by_seed) > 1 else "–",
            f"{row.report.share_with_number:.0%}",
        )
        for row in measured.accuracy
    )
    return table(("data", "trust root", "topics", "experts to find", "MAP", "over five seeds", "have a number"), rows)


def _baselines(measured: Measured) -> str:
    rows = (
        (
            row.data,
            result.ranking,
            f"{result.auc:.3f}",
            f"{result.map:.3f}",
            f"{result.precision_at_10:.3f}",
            f"{result.map_less_expertise:+.3f} [{result.low:+.3f}, {result.high:+.3f}]",
        )
        for row in measured.accuracy
        if row.root == AT_FACE_VALUE
        for result in row.report.results
        if result.auc != NOTHING_COUNTED
    )
    head = ("data", "ranking", "AUC", "MAP", "P@10", "MAP less that of expertise's lower limit, 95 % interval")
    return table(head, rows)


def _sizes(measured: Measured) -> str:
    rows = (
        (
            row.data,
            row.root,
            f"{part.smallest} to {part.largest}",
            str(part.topics),
            f"{part.expertise:.3f}",
            f"{part.best_simple:.3f} ({part.best_simple_name})",
        )
        for row in measured.accuracy
        for part in row.report.by_topic_size
    )
    return table(("data", "trust root", "candidates of a topic", "topics", "MAP", "best simple ranking"), rows)


def _activity(measured: Measured) -> str:
    rows = (
        (
            row.data,
            row.root,
            f"the third with the {part.third} activity",
            str(part.experts),
            _share(part.auc, "{:.3f}"),
        )
        for row in measured.accuracy
        for part in row.report.by_activity
    )
    return table(("data", "trust root", "among", "experts", "AUC"), rows)


def _separation(measured: Measured) -> str:
    rows = (
        (
            row.data,
            row.root,
            *(_share(value, "{:.2f}") for value in row.report.rank_correlation_of_expertise.values()),
            f"{_share(row.report.above_at_equal_volume, '{:.0%}')} of {row.report.pairs_at_equal_volume}",
        )
        for row in measured.accuracy
    )
    head = ("data", "trust root", "with interest", "with followers", "with acts on the topic", "above at equal volume")
    return table(head, rows)


def _attacks(measured: Measured) -> str:
    labels = {attack.id: attack.label for attack in ATTACKS}
    rows = (
        (
            attacks.data,
            labels.get(name, name),
            f"{size} {unit}",
            _over(rows, lambda row: row.median),
            _over(rows, lambda row: row.raw_median),
            f"{max((row.raw_largest for row in rows), key=abs):.1f}",
            _over(rows, lambda row: row.climbed_median, "{:.0f}"),
        )
        for attacks in measured.attacks
        for (name, size, unit), rows in _by_size(attacks.report.rows).items()
    )
    head = ("data", "attack", "size", "points", "raw points", "largest", "places")
    return table(head, rows)


def _setting(measured: Measured) -> str:
    rows = (
        (
            attacks.data,
            attacks.report.topic,
            f"{attacks.report.trust_root} ({attacks.report.root_accounts} accounts)",
            str(attacks.targets),
            f"{attacks.report.share_with_number:.1%}",
            "–" if found is None else f"{found.expertise:.3f}",
            "–" if found is None else f"{found.best_simple:.3f} ({found.best_simple_name})",
        )
        for attacks in measured.attacks
        for found in (attacks.report.accuracy,)
    )
    head = ("data", "topic", "trust root", "targets a third", "have a number", "MAP", "best simple ranking")
    return table(head, rows)


def _intervals(measured: Measured) -> str:
    rows = (
        (
            row.data,
            row.root,
            str(row.coverage.people),
            _share(row.coverage.drawn_anew),
            str(row.coverage.still),
            _share(row.coverage.later),
            _share(row.coverage.later_below),
            _share(row.coverage.later_above),
        )
        for row in measured.intervals
    )
    head = ("data", "trust root", "scores drawn anew", "within", "scores half a year on", "within", "below", "above")
    return table(head, rows)


def _by_size(rows: Iterable[AttackRow]) -> dict[tuple[str, int, str], list[AttackRow]]:
    sizes: dict[tuple[str, int, str], list[AttackRow]] = {}
    for row in rows:
        sizes.setdefault((row.attack, row.size, row.unit), []).append(row)
    return sizes


def _over(rows: Iterable[AttackRow], figure: Callable[[AttackRow], float], form: str = "{:.1f}") -> str:
    return " / ".join(form.format(figure(row) + 0.0) for row in rows)


def _share(value: float | None, form: str = "{:.0%}") -> str:
    return "–" if value is None else form.format(value)


TABLES = {
    "when": _when,
    "accuracy": _accuracy,
    "baselines": _baselines,
    "sizes": _sizes,
    "activity": _activity,
    "separation": _separation,
    "setting": _setting,
    "attacks": _attacks,
    "intervals": _intervals,
}
