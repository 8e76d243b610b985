"""What does it cost to fool us? Stages every attack on a community, tells what each one gains, and draws it."""

from __future__ import annotations

import math
import statistics
import time
from datetime import datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
import numpy as np

from candor.evaluation.attacks import ATTACKS
from candor.evaluation.community import END, community, skilled
from candor.evaluation.evaluate import accuracy, day, pair, print_labels
from candor.evaluation.inputs import Truth, as_written, names_of, parse_root, read_activities, read_truth
from candor.evaluation.stage import AttackOutcome, Stage
from candor.scoring.expertise import NUMBERED, status_of, supports
from candor.scoring.measured import AttackReport, AttackRow
from candor.scoring.method import load_method
from candor.scoring.question import ALL_DAYS, Question
from candor.scoring.topics import tag_topic

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from candor.evaluation.stage import Attack
    from candor.scoring.expertise import Support
    from candor.scoring.world import World

    Line = Sequence[tuple[int, float]]


GENERATED = "generated"
SEED = 7
_TWO_MINUTES_S = 120


def stage_all(stage: Stage, attacks: Sequence[Attack], each: int) -> Iterator[AttackRow]:
    """Stage every attack at every size on `each` targets a third; the one against the expert needs no targets."""
    targets = stage.targets(each, SEED)
    count = sum(len(attack.sizes) * len(stage.drawn_for(attack, targets)) for attack in attacks)
    click.echo(f"{count:,} attacks to stage; --attack and --targets make them fewer", err=True)
    staged, began = 0, time.monotonic()
    for attack in attacks:
        drawn = stage.drawn_for(attack, targets)
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


def _row(attack: Attack, size: int, third: str, outcomes: Sequence[AttackOutcome]) -> AttackRow:
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
            print_labels(truth)
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


WIDTH, HEIGHT = 860, 520
LEFT, RIGHT, TOP, BOTTOM = 60, 330, 64, 70
MOST_COST = 1000
NOTHING = 0.05
COLOURS = ("#0b5cad", "#b3261e", "#1b7a3d", "#7a4a00", "#6b2fa0", "#00707a", "#a0185f", "#6a6a6a", "#000000", "#0080b0")
SHAPES = ("M-4-4h8v8h-8z", "M0-5L5 4H-5z", "M0-5L5 0L0 5L-5 0z", "M-4-4L4 4M4-4L-4 4", "M0-5V5M-5 0H5", "M0 5L5-4H-5z")
DASHES = ("", "6 3", "2 3")


def drawn(report: AttackReport, labels: Mapping[str, str]) -> str:
    """Return the picture: for each attack and size the largest median over the thirds of activity, in raw points."""
    lines = _lines(report)
    rising = {name: line for name, line in lines.items() if max(points for _, points in line) >= NOTHING}
    flat = [labels[name] for name in lines if name not in rising]
    top = max(10.0, 10 * math.ceil(max((points for line in rising.values() for _, points in line), default=0) / 10))
    title = f"Method {report.method}: points an attack gains, against what it costs"
    under = f"trust root {report.trust_root}, topic {report.topic}; the worst of three groups of targets, medians"
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t d" '
            'font-family="sans-serif" font-size="12" fill="#1a1a1a">'
        ),
        f'<title id="t">{escape(title)}</title>',
        f'<desc id="d">{escape(_description(rising, flat, labels))}</desc>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="24" font-size="15">{escape(title)}</text>',
        f'<text x="{LEFT}" y="44">{escape(under)}</text>',
        *_axes(top),
        *(part for place, (name, line) in enumerate(rising.items()) for part in _drawn(place, labels[name], line, top)),
        *_zero(flat, len(rising)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _lines(report: AttackReport) -> dict[str, list[tuple[int, float]]]:
    worst: dict[str, dict[int, float]] = {}
    for row in report.rows:
        sizes = worst.setdefault(row.attack, {})
        gained = -row.raw_median if row.lowers else row.raw_median
        sizes[row.size] = max(sizes.get(row.size, 0.0), gained)
    return {name: sorted(sizes.items()) for name, sizes in worst.items()}


def _description(rising: Mapping[str, Line], flat: Iterable[str], labels: Mapping[str, str]) -> str:
    said = [
        f"{labels[name]}: {', '.join(f'{at} cost {by:.1f} points' for at, by in line)}" for name, line in rising.items()
    ]
    return "; ".join([*said, f"no points at any size staged: {', '.join(flat)}"]) + "."


def _x(cost: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * math.log10(max(1, cost)) / math.log10(MOST_COST)


def _y(points: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * points / top


def _axes(top: float) -> list[str]:
    right, floor = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = [
        f'<path d="M{LEFT} {TOP}V{floor}H{right}" fill="none" stroke="#1a1a1a"/>',
        (
            f'<text x="{(LEFT + right) / 2:.0f}" y="{HEIGHT - 26}" text-anchor="middle">'
            "accounts, vouches, posts or reshares bought (logarithmic)</text>"
        ),
        (
            f'<text x="18" y="{(TOP + floor) / 2:.0f}" text-anchor="middle" '
            f'transform="rotate(-90 18 {(TOP + floor) / 2:.0f})">points of raw score</text>'
        ),
    ]
    for cost in (1, 10, 100, 1000):
        parts.append(f'<path d="M{_x(cost):.1f} {floor}v5" stroke="#1a1a1a"/>')
        parts.append(f'<text x="{_x(cost):.1f}" y="{floor + 20}" text-anchor="middle">{cost}</text>')
    for points in range(0, int(top) + 1, 10):
        parts.append(f'<path d="M{LEFT} {_y(points, top):.1f}H{right}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{_y(points, top) + 4:.1f}" text-anchor="end">{points}</text>')
    return parts


def _drawn(place: int, label: str, line: Line, top: float) -> list[str]:
    colour, shape = COLOURS[place % len(COLOURS)], SHAPES[place % len(SHAPES)]
    dash = DASHES[place % len(DASHES)]
    spots = [(_x(cost), _y(points, top)) for cost, points in line]
    way = "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
    at = TOP + 20 * place + 6
    beside = WIDTH - RIGHT + 24
    return [
        f'<path d="M{way}" fill="none" stroke="{colour}" stroke-width="1.5" stroke-dasharray="{dash}"/>',
        *(_mark(x, y, colour, shape) for x, y in spots),
        _mark(beside, at, colour, shape),
        f'<text x="{beside + 12}" y="{at + 4}">{escape(label)}</text>',
    ]


def _mark(x: float, y: float, colour: str, shape: str) -> str:
    return f'<path transform="translate({x:.1f} {y:.1f})" d="{shape}" fill="{colour}" stroke="{colour}"/>'


def _zero(flat: Sequence[str], above: int) -> list[str]:
    x, y = WIDTH - RIGHT + 24, TOP + 20 * above + 20
    head = f'<text x="{x}" y="{y}" font-weight="bold">No points at any size:</text>'
    return [head, *(f'<text x="{x}" y="{y + 16 * (n + 1)}">{escape(label)}</text>' for n, label in enumerate(flat))]


if __name__ == "__main__":
    command()
