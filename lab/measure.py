"""Measures the method on all data there is, and writes the figures and the tables of the model card.

Run `make evaluate`, with CANDOR_EVALUATION_DATA naming a folder that holds the data sets below; without it only the
made-up community is measured. Nothing is fetched, and figures of data that is not there stay as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
import msgspec
import numpy as np

from candor.evaluation.attack import quiet_report, stage_all
from candor.evaluation.attack_plot import drawn
from candor.evaluation.attacks import ATTACKS
from candor.evaluation.board import board
from candor.evaluation.cases import Case, cases
from candor.evaluation.community import END, community, skilled
from candor.evaluation.evaluate import ALL_DAYS, Settings, report
from candor.evaluation.inputs import Truth, parse_root, read_activities, read_truth
from candor.evaluation.metrics import average_precision
from candor.evaluation.stage import Stage
from candor.scoring.method import load_method
from candor.scoring.published import AccuracyReport, Measured, MeasuredAccuracy, MeasuredAttacks, MeasuredIntervals
from candor.scoring.question import Question
from candor.scoring.topics import tag_topic
from candor.scoring.world import World, build_world
from lab.coverage import LATER_DAYS, coverage
from lab.model_card import CARD, rewritten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from candor.scoring.activity import Activity
    from candor.scoring.method import Method

FIGURES = Path(__file__).parent.parent / "candor" / "scoring" / "measured.json"
PLOT = Path(__file__).parent.parent / "docs" / "attacks.svg"
COMMAND = "make evaluate"
SEEDS = range(5)
ROOTS = ("network", "random:0.1", "random:0.3")
ATTACKED_UNDER = "random:0.1:0"
Part = Literal["accuracy", "intervals", "attacks"]
Rows = tuple[MeasuredAccuracy, ...] | tuple[MeasuredIntervals, ...] | tuple[MeasuredAttacks, ...]


@dataclass(frozen=True)
class Data:
    """A data set with a truth, how it is read and cut in time, and the topic attacks are staged on, with how many."""

    name: str
    network: str
    before: datetime
    attacked: str
    targets: int
    profile: str | None = None
    granted_rights: bool = False
    truth_after: datetime | None = None
    only: tuple[str, str] | None = None
    rename: tuple[tuple[str, str], ...] = ()

    def records(self, folder: Path) -> list[Activity]:
        """Read what happened before the cut."""
        found = read_activities(str(folder / self.name / "activities.ndjson.gz"), dict(self.rename), self.only)
        return [record for record in found if record.published < self.before]

    def truth(self, folder: Path) -> Truth:
        """Read who turned out to be an expert after it."""
        return read_truth(str(folder / self.name / "truth.csv"), self.truth_after and self.truth_after.date())


MADE_UP = Data("generated", "mastodon", END, "tag:space", 20)
KNOWN = (
    Data(
        "travel",
        "stackexchange:travel",
        datetime(2012, 11, 21, tzinfo=UTC),
        "tag:visas",
        5,
        truth_after=datetime(2012, 11, 20, tzinfo=UTC),
        only=("tags_source", "real"),
    ),
    Data(
        "uboot",
        "custom:uboot",
        datetime(2023, 1, 1, tzinfo=UTC),
        "",
        0,
        profile="forum",
        granted_rights=True,
        rename=(("like", "review"), ("reply", "test"), ("question", "report")),
    ),
)


@dataclass(frozen=True)
class Bench:
    """A data set on the bench: its records and truth, measured by a method."""

    data: Data
    records: Sequence[Activity]
    truth: Truth
    method: Method

    def world(self, as_of: datetime, root: str) -> World:
        """Build the community as of then."""
        records = [record for record in self.records if record.published < as_of]
        question = Question(
            network=self.data.network,
            accounts=(),
            topics=tuple(tag_topic(f"tag:{topic}") for topic in self.truth.topics),
            trust_root=parse_root(root, self.records, left_out=self.truth.accounts),
            as_of=as_of,
            window_days=ALL_DAYS,
            profile=self.data.profile,
            granted_rights=self.data.granted_rights,
        )
        return build_world(records, question, self.method)

    def accuracy(self) -> Iterator[MeasuredAccuracy]:
        """Yield a whole report under each kind of root, and MAP for the other seeds."""
        world = self.world(self.data.before, "network")
        found = list(cases(world, self.truth, "all", 1))
        for kind in ROOTS:
            seeds = [kind] if kind == "network" else [f"{kind}:{seed}" for seed in SEEDS]
            under = [world.under(parse_root(name, self.records, left_out=self.truth.accounts)) for name in seeds]
            by_seed = tuple(self._map(each, found) for each in under)
            yield MeasuredAccuracy(self.data.name, kind, self._report(under[0], seeds[0]), by_seed)

    def _report(self, world: World, root: str) -> AccuracyReport:
        settings = Settings(
            network=self.data.network,
            profile=self.data.profile,
            granted_rights=self.data.granted_rights,
            before=self.data.before,
            trust_root=root,
            candidates="all",
            least_activity=1,
        )
        return msgspec.structs.replace(report(world, self.truth, settings), by_topic={})

    def _map(self, world: World, found: Sequence[Case]) -> float:
        numbers = {str(topic.tag): number for number, topic in enumerate(world.topics)}
        return float(
            np.mean(
                [
                    average_precision(board(world, case.people, numbers[case.topic]).score, case.positive)
                    for case in found
                ]
            )
        )

    def attacks(self) -> MeasuredAttacks:
        """Stage every attack, on one topic."""
        question = Question(
            network=self.data.network,
            accounts=(),
            topics=(tag_topic(self.data.attacked),),
            trust_root=parse_root(ATTACKED_UNDER, self.records),
            as_of=self.data.before,
            window_days=ALL_DAYS,
            profile=self.data.profile,
        )
        stage = Stage(self.records, question, self.method)
        quiet = quiet_report(stage, self.truth, ATTACKED_UNDER)
        rows = tuple(stage_all(stage, ATTACKS, self.data.targets))
        return MeasuredAttacks(self.data.name, self.data.targets, msgspec.structs.replace(quiet, rows=rows))

    def intervals(self) -> Iterator[MeasuredIntervals]:
        """Yield the coverage at face value and under a tenth of the people."""
        for root in ("network", ATTACKED_UNDER):
            now = self.world(self.data.before - timedelta(days=LATER_DAYS), root)
            yield MeasuredIntervals(self.data.name, root, coverage(now, self.world(self.data.before, root)))


def benches(folder: Path | None, method: Method) -> Iterator[Bench]:
    """Yield what can be measured: the made-up community, and each data set that is in the folder."""
    pairs = frozenset((name, field) for field, names in skilled().items() for name in names)
    yield Bench(MADE_UP, community(), Truth(pairs, pairs), method)
    for data in KNOWN:
        if folder is not None and (folder / data.name).is_dir():
            yield Bench(data, data.records(folder), data.truth(folder), method)


@click.command()
@click.option("--data", default="", help="Folder that holds the data sets; none: the made-up community alone.")
@click.option("--only", multiple=True, help="Measure these data sets only.")
@click.option("--tables", is_flag=True, help="Measure nothing: write the tables from the file.")
def main(*, data: str, only: tuple[str, ...], tables: bool) -> None:
    """Measure, keep the figures, and write the tables of the model card and the plot of attacks."""
    method, known = load_method(), read_figures(FIGURES)
    if known is None or (known.digest != method.digest and not tables):
        known = Measured(method.version, method.digest, COMMAND, {}, tuple(data.name for data in KNOWN))
    if not tables:
        known = _measure(Path(data) if data else None, method, known, only, lambda m: write_figures(FIGURES, m))
    CARD.write_text(rewritten(CARD.read_text(encoding="utf-8"), known), encoding="utf-8")
    labels = {attack.id: attack.label for attack in ATTACKS}
    for attacks in known.attacks:
        if attacks.data == MADE_UP.name:
            PLOT.write_text(drawn(attacks.report, labels), encoding="utf-8")


def _measure(
    folder: Path | None, method: Method, known: Measured, only: tuple[str, ...], keep: Callable[[Measured], None]
) -> Measured:
    for data in KNOWN:
        if folder is None or not (folder / data.name).is_dir():
            click.echo(f"no data: {data.name}, a folder of CANDOR_EVALUATION_DATA; its figures stay as they were")
    for bench in benches(folder, method):
        if only and bench.data.name not in only:
            continue
        click.echo(f"measuring {bench.data.name}", err=True)
        for part in _parts(bench):
            known = with_part(known, bench.data.name, datetime.now(UTC).date().isoformat(), *part)
            keep(known)
    return known


def _parts(bench: Bench) -> Iterator[tuple[Part, Rows]]:
    """Yield what is measured, part by part: a run that is cut short keeps what it has."""
    yield "accuracy", tuple(bench.accuracy())
    yield "intervals", tuple(bench.intervals())
    if bench.data.targets:
        yield "attacks", (bench.attacks(),)


def with_part(figures: Measured, name: str, date: str, part: Part, new: Rows) -> Measured:
    """Return the figures with a part of those of one data set replaced."""
    others = tuple(row for row in getattr(figures, part) if row.data != name)
    on = dict(sorted({**figures.on, name: date}.items()))
    lacks = tuple(lacking for lacking in figures.lacks if lacking != name)
    return msgspec.structs.replace(figures, on=on, lacks=lacks, **{part: (*others, *new)})


def read_figures(path: Path) -> Measured | None:
    """Read a file of figures, or None where there is none yet."""
    return msgspec.json.decode(path.read_bytes(), type=Measured) if path.is_file() else None


def write_figures(path: Path, measured: Measured) -> None:
    """Write the file, indented, floats to six places so that a diff stays readable."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(_rounded(msgspec.to_builtins(measured)))) + b"\n")


def _rounded(part: object) -> object:
    if isinstance(part, dict):
        return {name: _rounded(value) for name, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [_rounded(value) for value in part]
    return round(part, 6) if isinstance(part, float) else part


if __name__ == "__main__":
    main()
