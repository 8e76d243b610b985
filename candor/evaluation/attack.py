"""What does it cost to fool us? Stages every attack on a community and tells what each one gains."""

from __future__ import annotations

import statistics
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
import numpy as np

from candor.evaluation.attack_plot import drawn
from candor.evaluation.attacks import ATTACKS
from candor.evaluation.community import END, community, skilled
from candor.evaluation.evaluate import accuracy, day, pair, tell_labels
from candor.evaluation.inputs import Truth, as_written, names_of, parse_root, read_activities, read_truth
from candor.evaluation.stage import Outcome, Stage
from candor.scoring.expertise import NUMBERED, status_of, supports
from candor.scoring.measured import AttackReport, AttackRow
from candor.scoring.method import load_method
from candor.scoring.question import ALL_DAYS, Question
from candor.scoring.topics import tag_topic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from candor.evaluation.stage import Attack
    from candor.scoring.expertise import Support
    from candor.scoring.world import World

GENERATED = "generated"
SEED = 7
_TWO_MINUTES_S = 120


def stage_all(stage: Stage, attacks: Sequence[Attack], each: int) -> Iterator[AttackRow]:
    """Stage every attack at every size on `each` targets a third; the one against the expert needs no targets."""
    targets = stage.targets(each, SEED)
    count = sum(len(attack.sizes) * (1 if attack.lowers else len(targets)) for attack in attacks)
    click.echo(f"{count:,} attacks to stage; --attack and --targets make them fewer", err=True)
    staged, began = 0, time.monotonic()
    for attack in attacks:
        drawn = [("the expert", stage.expert)] if attack.lowers else targets
        for size in attack.sizes:
            left = left_words(staged, count, time.monotonic() - began)
            click.echo(f"staging {attack.id}, {size} {attack.unit}{left}", err=True)
            for third in dict.fromkeys(third for third, _ in drawn):
                outcomes = [stage.attack(attack, size, name) for within, name in drawn if within == third]
                staged += len(outcomes)
                yield _row(attack, size, third, outcomes)


def left_words(staged: int, count: int, seconds: float) -> str:
    """Say how many are staged, and how long the others take if they take as long; nothing before the first."""
    if not staged:
        return ""
    left_s = round(seconds / staged * (count - staged))
    left = f"{left_s} seconds" if left_s < _TWO_MINUTES_S else f"{round(left_s / 60)} minutes"
    return f" ({staged:,} of {count:,} staged, about {left} left)"


def _row(attack: Attack, size: int, third: str, outcomes: Sequence[Outcome]) -> AttackRow:
    gains, raw, climbed = ([getattr(o, name) for o in outcomes] for name in ("gain", "raw_gain", "climbed"))
    extreme = min if attack.lowers else max
    return AttackRow(
        attack=attack.id,
        size=size,
        unit=attack.unit,
        third=third,
        targets=len(outcomes),
        median=statistics.median(gains),
        largest=extreme(gains),
        raw_median=statistics.median(raw),
        raw_largest=extreme(raw),
        climbed_median=statistics.median(climbed),
        climbed_largest=extreme(climbed),
        lowers=attack.lowers,
    )


def share_with_number(stage: Stage) -> float:
    """Return the share of the people active on the topic who have a number."""
    world = stage.world
    found = (_support(world, world.columns.person_of[name]) for name in stage.active)
    given = [status_of(world.root.kind, support, stage.method, opted_out=None) in NUMBERED for support in found]
    return sum(given) / len(given)


def _support(world: World, subject: int) -> Support:
    votes = world.votes(np.array([subject]), 0, world.view(subject), in_full=False, include_recent=False)
    return supports(votes, world.method).first


def line(row: AttackRow) -> str:
    """Write one row for people."""
    return (
        f"{row.attack:<17} {row.size:>5} {row.unit:<16} {row.third:<13}"
        f" {row.median:>6.1f} [{row.largest:>6.1f}]   {row.raw_median:>6.1f} [{row.raw_largest:>6.1f}]"
        f"   {row.climbed_median:>6.0f} [{row.climbed_largest:>5}]"
    )


class AttackOptions(msgspec.Struct, frozen=True):
    """What is staged where: the options of the command that the records and the question are made from."""

    source: str
    network: str
    profile: str | None
    topic: str
    before: datetime | None
    pairs: tuple[str, ...]
    granted_rights: bool
    trust_root: str
    only: str | None
    truth_file: str | None
    truth_after: datetime | None


def set_up(options: AttackOptions) -> tuple[Stage, Truth | None]:
    """Read the records, or make them up, and what accuracy is held against. Raises ValueError, KeyError."""
    made_up = options.source == GENERATED
    only = pair(options.only) if options.only else None
    name = as_written if made_up else names_of(options.network)
    pairs = dict(map(pair, options.pairs))
    records = community() if made_up else read_activities(options.source, pairs, only, name=name)
    as_of = options.before or max((record.published for record in records), default=END)
    records = [record for record in records if record.published < as_of]
    question = Question(
        network=options.network,
        accounts=(),
        topics=(tag_topic(options.topic),),
        trust_root=parse_root(options.trust_root, records, name=name),
        as_of=as_of,
        window_days=ALL_DAYS,
        profile=options.profile,
        granted_rights=options.granted_rights,
    )
    return Stage(records, question, load_method()), _truth(options, made_up=made_up)


def _truth(options: AttackOptions, *, made_up: bool) -> Truth | None:
    if options.truth_file is not None:
        after = options.truth_after and options.truth_after.date()
        return read_truth(options.truth_file, after, name=as_written if made_up else names_of(options.network))
    if not made_up:
        return None
    pairs = frozenset((name, field) for field, names in skilled().items() for name in names)
    return Truth(pairs=pairs, ever=pairs)


def head(report: AttackReport) -> str:
    """Write what stands above the table: how many have a number, and how true the numbers are."""
    lines = [f"method {report.method}, root {report.trust_root} ({report.root_accounts} accounts), {report.topic}"]
    lines.append(f"{report.share_with_number:.1%} of the people active on the topic have a number")
    if report.accuracy:
        found = report.accuracy
        lines.append(f"MAP of expertise {found.expertise:.3f}; {found.best_simple_name} {found.best_simple:.3f}")
    lines.append(
        f"{'attack':<17} {'size':>5} {'':<16} {'targets':<13} {'points':>15}   {'raw points':>15}   places climbed"
    )
    return "\n".join(lines)


@click.command("attack")
@click.option(
    "--activities", "source", default=GENERATED, show_default=True, help="Records, as uploads take them; or made up."
)
@click.option("--network", default="mastodon", show_default=True, help="Where the records come from.")
@click.option("--profile", help="Which weights; for custom: networks.")
@click.option("--topic", default="tag:space", show_default=True, help="tag:NAME, for records tagged NAME.")
@click.option("--before", type=day, help="Score as of then; the newest record if not given.")
@click.option("--map", "pairs", multiple=True, metavar="FROM=TO", help="Rename record types, or name columns.")
@click.option("--granted-rights", is_flag=True, help="Say that whoever merges changes was given that right by others.")
@click.option("--trust-root", default="random:0.1:0", show_default=True, help="As for candor evaluate.")
@click.option("--only", metavar="FIELD=VALUE", help="Keep the threads that begin with a record of this field.")
@click.option("--truth", "truth_file", type=click.Path(exists=True), help="Show accuracy against this as well.")
@click.option("--truth-after", type=day, help="Look only for experts named after this date.")
@click.option("--attack", "chosen", multiple=True, type=click.Choice([attack.id for attack in ATTACKS]))
@click.option("--targets", default=20, show_default=True, help="How many accounts in each third of activity.")
@click.option("--json", "target", type=click.Path(), help="Write the report here as well.")
@click.option("--plot", type=click.Path(), help="Draw points against cost here, as SVG.")
def command(
    *,
    chosen: tuple[str, ...],
    targets: int,
    target: str | None,
    plot: str | None,
    **given: Any,  # noqa: ANN401 # as click hands them over
) -> None:
    """Tell what each attack gains, in points and places, and what it costs."""
    try:
        stage, truth = set_up(AttackOptions(**given))
        if truth is not None:
            tell_labels(truth)
        report = quiet_report(stage, truth, given["trust_root"])
    except (ValueError, KeyError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(head(report))
    rows = []
    for row in stage_all(stage, [attack for attack in ATTACKS if not chosen or attack.id in chosen], targets):
        rows.append(row)
        click.echo(line(row))
    report = msgspec.structs.replace(report, rows=tuple(rows))
    if target:
        Path(target).write_bytes(msgspec.json.format(msgspec.json.encode(report)) + b"\n")
    if plot:
        Path(plot).write_text(drawn(report, {attack.id: attack.label for attack in ATTACKS}), encoding="utf-8")


def quiet_report(stage: Stage, truth: Truth | None, trust_root: str) -> AttackReport:
    """Return the report of a community that nobody attacks."""
    return AttackReport(
        method=stage.method.version,
        trust_root=trust_root,
        root_accounts=stage.question.trust_root.size,
        topic=stage.question.topics[0].id,
        share_with_number=share_with_number(stage),
        accuracy=None if truth is None else accuracy(stage.world, truth),
        rows=(),
    )


if __name__ == "__main__":
    command()
