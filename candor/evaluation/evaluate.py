"""Is the answer true? Ranks the people of each topic of a truth by our scores and by simple rankings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click
import msgspec
import numpy as np

from candor.evaluation.cases import (
    LISTED,
    Candidates,
    Case,
    above_at_equal_volume,
    among_numbered,
    by_activity,
    by_size,
    cases,
    mean_accuracy,
    rank_correlations,
)
from candor.evaluation.inputs import Truth, names_of, parse_root, read_activities, read_truth
from candor.evaluation.metrics import auc, average_precision, mean_with_limits, precision_at
from candor.evaluation.questions import evaluate_questions, read_questions
from candor.evaluation.questions import table as question_table
from candor.names.networks import network_of
from candor.questions.formula import load_formula
from candor.scoring.measured import AccuracyReport, MeanAccuracy, RankingAccuracy
from candor.scoring.method import load_method
from candor.scoring.question import ALL_DAYS, Question
from candor.scoring.topics import tag_topic
from candor.scoring.world import World, build_world
from candor.scoring.written_times import iso_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from candor.scoring.activity import Activity
    from candor.scoring.arrays import Bools, Floats


FIRST = 10
MOST_NAMED = 5


def table(report: AccuracyReport) -> str:
    """Write a report for people."""
    lines = [
        f"method {report.method}, root {report.trust_root} ({report.root_accounts} accounts)",
        f"{report.topics} topics, {report.pairs} pairs, base rate {report.base_rate:.3f}",
        f"{'ranking':<38}  {'AUC':>5}  {'MAP':>5}  {'P@10':>5}   MAP less ours as listed [95 %]",
    ]
    lines += [
        f"{result.ranking:<38}  {result.auc:.3f}  {result.map:.3f}  {result.precision_at_10:.3f}   "
        f"{result.map_less_listed:+.3f} [{result.low:+.3f}, {result.high:+.3f}]"
        for result in report.results
    ]
    lines.append(f"best simple ranking by MAP: {report.best_simple}")
    lines += [
        f"people with a number alone, {part.ranking}: MAP {_places(part.map, 3)} on {part.topics} topics; "
        f"{part.experts:.1%} of the known experts and {part.share:.1%} of all candidates have one"
        for part in report.with_number
    ]
    lines += [
        f"rank correlation of expertise with {name}: {_places(value)}"
        for name, value in report.rank_correlation_of_expertise.items()
    ]
    equal = _places(report.above_at_equal_volume)
    return "\n".join([*lines, f"expert above another at equal volume: {equal} of {report.pairs_at_equal_volume} pairs"])


def _places(value: float | None, places: int = 2) -> str:
    return "unknown" if value is None else f"{value:.{places}f}"


def accuracy(world: World, truth: Truth) -> MeanAccuracy | None:
    """Measure the world's topics; None where no topic has an expert and five others."""
    found = list(cases(world, truth, "all", 1))
    if not found:
        return None
    return MeanAccuracy(len(found), *mean_accuracy(found))


@dataclass(frozen=True)
class EvaluationOptions:
    """What is evaluated: records before `before`, under which trust root, among whom."""

    network: str
    profile: str | None
    granted_rights: bool
    before: datetime
    trust_root: str
    candidates: Candidates
    least_activity: int


def evaluate(activities: Sequence[Activity], truth: Truth, settings: EvaluationOptions) -> AccuracyReport:
    """Rank and compare. Raises ValueError when no topic has an expert and five others among the candidates."""
    records = [record for record in activities if record.published < settings.before]
    name = names_of(settings.network)
    root = parse_root(settings.trust_root, records, left_out=truth.accounts, name=name)
    question = Question(
        network=settings.network,
        accounts=(),
        topics=tuple(tag_topic(f"tag:{topic}") for topic in truth.topics),
        trust_root=root,
        as_of=settings.before,
        window_days=ALL_DAYS,
        profile=settings.profile,
        granted_rights=settings.granted_rights,
    )
    world = build_world(records, question, load_method())
    return report(world, truth, settings)


def report(world: World, truth: Truth, settings: EvaluationOptions) -> AccuracyReport:
    """Rank the people of a world under its root and compare. Raises ValueError as `evaluate` does."""
    found = list(cases(world, truth, settings.candidates, settings.least_activity))
    if not found:
        raise ValueError(
            "no topic of the truth has an expert and five others among the candidates" + _not_in_records(world, truth)
        )
    return compare(world, found, settings.trust_root)


def _not_in_records(world: World, truth: Truth) -> str:
    """Say which topics and accounts of a truth no record has."""
    tags = {tag for record in world.columns.records for tag in record.tags or ()}
    topics = [topic for topic in truth.topics if topic not in tags]
    people = sorted({account for account, _ in truth.pairs} - set(world.columns.people))
    told = [("no record is tagged", topics), ("nobody in the records is called", people)]
    return "".join(f"; {words} {_some(names)}" for words, names in told if names)


def _some(names: Sequence[str]) -> str:
    """Write the first names, and how many more there are."""
    more = len(names) - MOST_NAMED
    return ", ".join(map(repr, names[:MOST_NAMED])) + (f" and {more} more" if more > 0 else "")


def compare(world: World, found: Sequence[Case], trust_root: str) -> AccuracyReport:
    """Compare the rankings of cases, at least one, that are of the world under its root."""
    precision = {name: _over(found, name, average_precision) for name in found[0].figures}
    above, pairs = above_at_equal_volume(found)
    return AccuracyReport(
        method=world.method.version,
        trust_root=trust_root,
        root_accounts=world.root.size,
        topics=len(found),
        pairs=sum(int(case.positive.sum()) for case in found),
        base_rate=_mean([case.positive.mean() for case in found]),
        results=tuple(_result(found, name, precision) for name in precision),
        best_simple=mean_accuracy(found)[2],
        with_number=among_numbered(found),
        rank_correlation_of_expertise=rank_correlations(found),
        above_at_equal_volume=above,
        pairs_at_equal_volume=pairs,
        by_topic_size=by_size(found),
        by_activity=by_activity(found),
        by_topic={
            case.topic: {name: values[place] for name, values in precision.items()} for place, case in enumerate(found)
        },
    )


def _over(found: Sequence[Case], name: str, measure: Callable[[Floats, Bools], float]) -> list[float]:
    return [measure(case.figures[name], case.positive) for case in found]


def _result(found: Sequence[Case], name: str, precision: dict[str, list[float]]) -> RankingAccuracy:
    difference, low, high = mean_with_limits(np.array(precision[name]) - np.array(precision[LISTED]))
    return RankingAccuracy(
        ranking=name,
        auc=_mean(_over(found, name, auc)),
        map=_mean(precision[name]),
        precision_at_10=_mean(_over(found, name, partial(precision_at, FIRST))),
        map_less_listed=difference,
        low=low,
        high=high,
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def print_labels(truth: Truth) -> None:
    """Say which labels of a truth name no expert, as a mistyped one does not."""
    if truth.other_labels:
        counted = ", ".join(f"{label!r} ({count:,})" for label, count in truth.other_labels.items())
        click.echo(f"labels that name no expert: {counted}", err=True)


def day(text: str) -> datetime:
    """Read an ISO date or time; without an offset it is UTC. Raises ValueError."""
    return iso_time(text)


def pair(text: str) -> tuple[str, str]:
    """Read LEFT=RIGHT. Raises click.BadParameter."""
    left, equals, right = text.partition("=")
    if not (left and equals and right):
        raise click.BadParameter(f"{text!r} is not LEFT=RIGHT")
    return left, right


TRUTH_HELP = (
    "A table of who is an expert on what: columns actor, topic (a tag: NAME or tag:NAME), label (1, true, yes or what "
    "begins with expert: an expert; expert_former, 0 and all others: none), source (any words with a date; for "
    "--truth-after alone)."
)


@click.command("evaluate")
@click.option(
    "--activities", "source", required=True, type=click.Path(exists=True), help="Records, as uploads take them."
)
@click.option("--truth", "truth_file", type=click.Path(exists=True), help=TRUTH_HELP)
@click.option("--questions", type=click.Path(exists=True), help="In place of a truth: questions and who answered.")
@click.option("--min-accepted", default=0, help="Rank only people who had this many accepted answers by then.")
@click.option("--network", required=True, help="Where the records come from.")
@click.option("--profile", help="Which weights; for custom: networks.")
@click.option("--before", type=day, help="Score as of then; all records if not given.")
@click.option("--truth-after", type=day, help="Look only for experts named after this date.")
@click.option("--since", type=day, help="Leave older records out.")
@click.option("--map", "pairs", multiple=True, metavar="FROM=TO", help="Rename record types, or name columns.")
@click.option("--granted-rights", is_flag=True, help="Say that whoever merges changes was given that right by others.")
@click.option(
    "--trust-root", default="network", show_default=True, help="FILE|network|none|random:SHARE:SEED|recognised:SHARE"
)
@click.option("--only", metavar="FIELD=VALUE", help="Keep the threads that begin with a record of this field.")
@click.option("--candidates", type=click.Choice(get_args(Candidates)), default="all", show_default=True)
@click.option("--min-activity", default=1, show_default=True, help="Leave out people with fewer acts on the topic.")
@click.option("--json", "target", type=click.Path(), help="Write the report here as well.")
def command(
    *,
    source: str,
    truth_file: str | None,
    questions: str | None,
    min_accepted: int,
    network: str,
    profile: str | None,
    before: datetime | None,
    truth_after: datetime | None,
    since: datetime | None,
    pairs: tuple[str, ...],
    granted_rights: bool,
    trust_root: str,
    only: str | None,
    candidates: Candidates,
    min_activity: int,
    target: str | None,
) -> None:
    """Measure how well rankings find the people named as experts later, ours and simple ones, or who answered."""
    if (truth_file is None) == (questions is None):
        raise click.UsageError("give either --truth or --questions")
    try:
        name = names_of(network)
        activities = read_activities(source, dict(map(pair, pairs)), pair(only) if only else None, name=name)
        activities = [record for record in activities if since is None or record.published >= since]
        if questions is not None:
            roles = load_formula().roles(profile or network_of(network).profile or "qa")
            asked = read_questions(Path(questions), name)
            answered = evaluate_questions(activities, asked, roles, network, min_accepted)
            _tell(question_table(answered), answered, target)
            return
        newest = max((record.published for record in activities), default=datetime.now(UTC))
        settings = EvaluationOptions(
            network=network,
            profile=profile,
            granted_rights=granted_rights,
            before=before or newest + timedelta(seconds=1),
            trust_root=trust_root,
            candidates=candidates,
            least_activity=min_activity,
        )
        truth = read_truth(str(truth_file), truth_after and truth_after.date(), name=name)
        print_labels(truth)
        found = evaluate(activities, truth, settings)
    except (ValueError, KeyError) as error:
        raise click.ClickException(str(error)) from error
    _tell(table(found), found, target)


def _tell(words: str, found: msgspec.Struct, target: str | None) -> None:
    click.echo(words)
    if target:
        Path(target).write_bytes(msgspec.json.format(msgspec.json.encode(found)) + b"\n")


if __name__ == "__main__":
    command()
