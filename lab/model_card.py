"""Writes the tables of the model card, in English and French, from the figures that `make evaluate` measured."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from candor.evaluation.attacks import ATTACKS
from candor.evaluation.cases import INTEREST_SCORE, LISTED, OURS, RAW
from candor.scoring.method import load_method
from lab.docs import french_of_tables, table, with_commas, with_tables
from service.words import typeset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from candor.scoring.measured import AttackRow, Measured, MeasuredAccuracy, RankingAccuracy, WithNumber

CARD = Path(__file__).parent.parent / "docs" / "model-card.md"
FRENCH_CARD = CARD.with_suffix(".fr.md")
AT_FACE_VALUE, MADE_UP = "network", "generated"
SKIPPED = "random:0.3"  # where a table would say little more than that of a tenth
BEST_SIMPLE = 6


def rewritten(card: str, measured: Measured) -> str:
    """Return the card with every marked table made anew."""
    return with_tables(card, {name: make(measured) for name, make in TABLES.items()})


def write(measured: Measured) -> None:
    """Write the tables of the card in both languages."""
    CARD.write_text(rewritten(CARD.read_text("utf-8"), measured), "utf-8")
    FRENCH_CARD.write_text(rewritten_in_french(FRENCH_CARD.read_text("utf-8"), measured), "utf-8")


def rewritten_in_french(card: str, measured: Measured) -> str:
    """Return the French card with every marked table made anew: the same figures, as French writes them."""
    return typeset(with_tables(card, {name: in_french(make(measured)) for name, make in TABLES.items()}), "fr")


def in_french(made: str) -> str:
    """Say a table, or a sentence of figures, in French. Raises KeyError for a head that has no French."""
    head, line, rows = made.partition("\n")
    if line:
        names = [french_of_tables()["head"][name] for name in head.strip("| ").split(" | ")]
        made = f"| {' | '.join(names)} |\n{rows}"
    for english, french in french_of_tables()["text"].items():
        made = made.replace(english, french)
    made = re.sub(r"(?<=[\d*]) to (?=\d)", " à ", re.sub(r"(?<=\d) on (?=\d+ \|)", " sur ", made))
    made = re.sub(r"(?<=%) of (?=\d)", " de ", re.sub(r"(?<=[a-z]) on (?=\d{4}-)", " le ", made))
    made = re.sub(r"(?<=[\[ ])-(?=\d)", "\N{MINUS SIGN}", made)
    made = re.sub(r"(?<=\d)%", "\u00a0%", made)
    return with_commas(made)


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
            f"{row.report.topics}, {row.report.pairs}",
            f"**{row.map:.3f}**{_range([seed.listed for seed in row.by_seed])}",
            f"{row.mean(lambda seed: seed.raw):.3f}",
            f"{_over_seeds(row, lambda part: part.map)} on {row.mean(lambda seed: seed.with_number.topics):.0f}",
            f"{row.mean(lambda seed: seed.with_number.experts):.0%}",
            f"{row.share_with_number:.0%}",
        )
        for row in measured.accuracy
    )
    head = (
        "data",
        "trust root",
        "topics, experts",
        "MAP as listed",
        "raw score",
        "with a number alone, on topics",
        "experts with a number",
        "all with one",
    )
    return table(head, rows)


def _over_seeds(row: MeasuredAccuracy, figure: Callable[[WithNumber], float | None]) -> str:
    known = [value for seed in row.by_seed if (value := figure(seed.with_number)) is not None]
    return f"{sum(known) / len(known):.3f}" if known else "–"


def _range(values: Sequence[float]) -> str:
    return f" ({min(values):.3f} to {max(values):.3f})" if len(values) > 1 else ""


def _baselines(measured: Measured) -> str:
    rows = (
        (
            row.data,
            result.ranking,
            f"{result.auc:.3f}",
            f"{result.map:.3f}",
            f"{result.precision_at_10:.3f}",
            f"{result.map_less_listed:+.3f} [{result.low:+.3f}, {result.high:+.3f}]",
        )
        for row in measured.accuracy
        if row.root == AT_FACE_VALUE
        for result in worth_showing(row.report.results)
    )
    return table(("data", "ranking", "AUC", "MAP", "P@10", "MAP less ours as listed, 95 % interval"), rows)


def worth_showing(results: Sequence[RankingAccuracy]) -> list[RankingAccuracy]:
    """Our own and the best simple rankings, without those that rank just as another does."""
    ours = [result for result in results if result.ranking in (LISTED, RAW, INTEREST_SCORE)]
    simple = {(result.map, result.auc): result for result in reversed(results) if result.ranking not in OURS}
    return ours + sorted(simple.values(), key=lambda result: -result.map)[:BEST_SIMPLE]


def _means(measured: Measured) -> str:
    real = [row for row in measured.accuracy if row.root == AT_FACE_VALUE and row.data != MADE_UP]
    best = [max(r.map for r in row.report.results if r.ranking not in OURS) for row in real]
    if not real:
        return "Nothing real was measured."
    ours = sum(row.map for row in real) / len(real)
    return (
        f"Mean over {', '.join(row.data for row in real)} at face value: ours as listed {ours:.3f}, the best simple "
        f"ranking of each, chosen after the fact, {sum(best) / len(best):.3f}."
    )


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
        if row.root == AT_FACE_VALUE and row.data != MADE_UP
        for part in row.report.by_topic_size
    )
    head = ("data", "trust root", "candidates of a topic", "topics", "MAP as listed", "best simple ranking")
    return table(head, rows)


def _scale(measured: Measured) -> str:
    rows = (
        (
            found.data,
            row.root,
            str(row.accounts) if row.accounts else "all",
            f"{sum(row.gold) / len(row.gold):.1f}{_range_of_points(row.gold)}",
            f"{row.largest:.1f}",
            f"{row.bronze_without:.1%}",
            f"{row.once:.1f}",
        )
        for found in measured.scale
        for row in found.rows
    )
    head = (
        "data",
        "trust root",
        "accounts",
        "gold, median",
        "gold, largest",
        "bronze without a number",
        "one accepted answer, median",
    )
    return table(head, rows)


def _range_of_points(values: Sequence[float]) -> str:
    return f" ({min(values):.1f} to {max(values):.1f})" if len(values) > 1 else ""


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
        if row.root != SKIPPED and row.data != MADE_UP
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
        if row.root != SKIPPED
    )
    head = ("data", "trust root", "with interest", "with followers", "with acts on the topic", "above at equal volume")
    return table(head, rows)


def _attacks(measured: Measured) -> str:
    """Sizes that follow each other and came to the same are written in one row."""
    labels = {attack.id: attack.label for attack in ATTACKS}
    rows = [
        (
            (attacks.data, labels.get(name, name), unit),
            str(size),
            (
                _over(rows, lambda row: row.median),
                _over(rows, lambda row: row.raw_median),
                f"{max((row.raw_largest for row in rows), key=abs):.1f}",
                _over(rows, lambda row: row.climbed_median, "{:.0f}"),
            ),
        )
        for attacks in measured.attacks
        for (name, size, unit), rows in _by_size(attacks.report.rows).items()
    ]
    merged = (
        (data, label, f"{', '.join(size for _, size, _ in some)} {unit}", *figures)
        for ((data, label, unit), figures), some in groupby(rows, key=lambda row: (row[0], row[2]))
    )
    head = ("data", "attack", "size", "points", "raw points", "largest", "places")
    return table(head, merged)


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
            _share(row.coverage.halves, "{:.1%}"),
            str(row.coverage.still),
            _share(row.coverage.later),
            _share(row.coverage.later_below),
            _share(row.coverage.later_above),
        )
        for row in measured.intervals
    )
    head = (
        "data",
        "trust root",
        "scores drawn anew",
        "within",
        "halves",
        "scores half a year on",
        "within",
        "below",
        "above",
    )
    return table(head, rows)


def _by_size(rows: Iterable[AttackRow]) -> dict[tuple[str, int, str], list[AttackRow]]:
    sizes: dict[tuple[str, int, str], list[AttackRow]] = {}
    for row in rows:
        sizes.setdefault((row.attack, row.size, row.unit), []).append(row)
    return sizes


def _over(rows: Iterable[AttackRow], figure: Callable[[AttackRow], float], form: str = "{:.1f}") -> str:
    return " / ".join(form.format(figure(row)).replace("-0.0", "0.0") for row in rows)


def _share(value: float | None, form: str = "{:.0%}") -> str:
    return "–" if value is None else form.format(value)


TABLES = {
    "when": _when,
    "accuracy": _accuracy,
    "baselines": _baselines,
    "means": _means,
    "scale": _scale,
    "sizes": _sizes,
    "activity": _activity,
    "separation": _separation,
    "setting": _setting,
    "attacks": _attacks,
    "intervals": _intervals,
}
