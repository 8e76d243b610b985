"""Measures the method on all data there is, and writes the figures and the tables of the model card.

Run `make evaluate`, with CANDOR_EVALUATION_DATA naming a folder that holds the data sets below; without it only the
made-up community is measured. Nothing is fetched, and figures of data that is not there stay as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import click
import msgspec
import numpy as np

from candor.evaluation.attack import drawn, quiet_report, stage_all
from candor.evaluation.attacks import ATTACKS
from candor.evaluation.cases import LISTED, RAW, Case, among_numbered, cases
from candor.evaluation.community import END, community, skilled
from candor.evaluation.evaluate import compare
from candor.evaluation.inputs import Truth, parse_root, read_activities, read_truth
from candor.evaluation.metrics import average_precision
from candor.evaluation.stage import Stage
from candor.scoring.everybody import Everybody
from candor.scoring.measured import (
    Measured,
    MeasuredAccuracy,
    MeasuredAttacks,
    MeasuredIntervals,
    MeasuredScale,
    SeedAccuracy,
)
from candor.scoring.method import load_method
from candor.scoring.question import ALL_DAYS, Question
from candor.scoring.topics import tag_topic
from candor.scoring.trust_root import FACE_VALUE
from candor.scoring.world import World, build_world
from lab.coverage import LATER_DAYS, coverage
from lab.model_card import write
from lab.scale import Moment, read_badges, scale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from candor.scoring.activity import Activity
    from candor.scoring.method import Method
    from candor.scoring.trust_root import TrustRoot

FIGURES = Path(__file__).parent.parent / "candor" / "scoring" / "measured.json"
PLOT = Path(__file__).parent.parent / "docs" / "attacks.svg"
COMMAND = "make evaluate"
SEEDS = range(5)
ROOTS = ("network", "random:0.1", "random:0.3")
ATTACKED_UNDER = "random:0.1:0"
Part = Literal["accuracy", "intervals", "scale", "attacks"]
Rows = (
    tuple[MeasuredAccuracy, ...]
    | tuple[MeasuredIntervals, ...]
    | tuple[MeasuredScale, ...]
    | tuple[MeasuredAttacks, ...]
)
PARTS: tuple[Part, ...] = get_args(Part)
ACTIVITIES, TRUTH = "activities.ndjson.gz", "truth.csv"
REVIEWS = (("like", "review"), ("reply", "test"), ("question", "report"))


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
    badges_until: datetime | None = None

    def records(self, folder: Path) -> list[Activity]:
        """Read what happened before the cut."""
        found = read_activities(str(folder / self.name / ACTIVITIES), dict(self.rename), self.only)
        return [record for record in found if record.published < self.before]

    def truth(self, folder: Path) -> Truth:
        """Read who turned out to be an expert after it."""
        return read_truth(str(folder / self.name / TRUTH), self.truth_after and self.truth_after.date())


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
        badges_until=datetime(2017, 10, 31, tzinfo=UTC),
    ),
    *(
        Data(
            name,
            f"custom:{name}",
            datetime(2023, 1, 1, tzinfo=UTC),
            "",
            0,
            profile="forum",
            granted_rights=True,
            rename=REVIEWS,
        )
        for name in ("uboot", "dpdk")
    ),
)


@dataclass(frozen=True, eq=False)
class Bench:
    """A data set on the bench: its records and truth, measured by a method. The community is prepared once."""

    data: Data
    records: Sequence[Activity]
    truth: Truth
    method: Method
    folder: Path | None = None

    @cached_property
    def world(self) -> World:
        """The community at face value."""
        return self.world_as_of(self.data.before)

    def world_as_of(self, as_of: datetime) -> World:
        """Build the community as of then, at face value."""
        records = [record for record in self.records if record.published < as_of]
        question = Question(
            network=self.data.network,
            accounts=(),
            topics=tuple(tag_topic(f"tag:{topic}") for topic in self.truth.topics),
            trust_root=FACE_VALUE,
            as_of=as_of,
            window_days=ALL_DAYS,
            profile=self.data.profile,
            granted_rights=self.data.granted_rights,
        )
        return build_world(records, question, self.method)

    def root(self, text: str) -> TrustRoot:
        """Make a root in which nobody is whose expertise is to be found."""
        return parse_root(text, self.records, left_out=self.truth.accounts)

    def accuracy(self) -> Iterator[MeasuredAccuracy]:
        """Yield a whole report under each kind of root, and expertise under the other seeds."""
        found = list(cases(self.world, self.truth, "all", 1))
        for kind in ROOTS:
            seeds = [kind] if kind == "network" else [f"{kind}:{seed}" for seed in SEEDS]
            by_seed, first = [], None
            for seed in seeds:
                world = self.world if kind == "network" else self.world.under(self.root(seed))
                everybody = Everybody(world)
                seen = found if kind == "network" else [case.under(everybody) for case in found]
                by_seed.append(_of_seed(seen))
                first = first or msgspec.structs.replace(compare(world, seen, seed), by_topic={})
            if first is not None:
                yield MeasuredAccuracy(self.data.name, kind, first, tuple(by_seed))

    def scale(self) -> Iterator[MeasuredScale]:
        """Yield the scores of people of known rank under roots of several sizes, where ranks are known."""
        if self.folder is not None and self.data.badges_until is not None:
            folder, until = self.folder / self.data.name, self.data.badges_until
            records = [record for record in read_activities(str(folder / ACTIVITIES)) if record.published < until]
            badges = read_badges(str(folder / TRUTH))
            yield scale(self.data.name, records, badges, Moment(self.data.network, until, self.method))

    def attacks(self) -> Iterator[MeasuredAttacks]:
        """Stage every attack, on one topic, where there is one."""
        if not self.data.targets:
            return
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
        yield MeasuredAttacks(self.data.name, self.data.targets, msgspec.structs.replace(quiet, rows=rows))

    def intervals(self) -> Iterator[MeasuredIntervals]:
        """Yield the coverage at face value and under a tenth of the people."""
        earlier = self.world_as_of(self.data.before - timedelta(days=LATER_DAYS))
        for name in ("network", ATTACKED_UNDER):
            root = self.root(name)
            yield MeasuredIntervals(self.data.name, name, coverage(earlier.under(root), self.world.under(root)))


def _of_seed(seen: Sequence[Case]) -> SeedAccuracy:
    listed, raw = (
        float(np.mean([average_precision(case.figures[name], case.positive) for case in seen]))
        for name in (LISTED, RAW)
    )
    return SeedAccuracy(listed, raw, among_numbered(seen)[0])


def benches(folder: Path | None, method: Method) -> Iterator[Bench]:
    """Yield what can be measured: the made-up community, and each data set that is in the folder."""
    pairs = frozenset((name, field) for field, names in skilled().items() for name in names)
    yield Bench(MADE_UP, community(), Truth(pairs, pairs), method)
    for data in KNOWN:
        if folder is not None and (folder / data.name).is_dir():
            yield Bench(data, data.records(folder), data.truth(folder), method, folder)


@click.command()
@click.option("--data", default="", help="Folder that holds the data sets; none: the made-up community alone.")
@click.option("--only", multiple=True, help="Measure these data sets only.")
@click.option("--part", "chosen", multiple=True, type=click.Choice(PARTS), help="Measure these parts only.")
@click.option("--tables", is_flag=True, help="Measure nothing: write the tables from the file.")
def main(*, data: str, only: tuple[str, ...], chosen: tuple[Part, ...], tables: bool) -> None:
    """Measure, keep the figures, and write the tables of the model card and the plot of attacks."""
    method = load_method()
    if not tables:
        folder = Path(data) if data else None
        for name, part, rows in _measured(folder, method, only, chosen or PARTS):
            day = datetime.now(UTC).date().isoformat()
            write_figures(FIGURES, with_part(kept_figures(method), name, day, part, rows))
    known = read_figures(FIGURES) or kept_figures(method)
    write(known)
    labels = {attack.id: attack.label for attack in ATTACKS}
    for attacks in known.attacks:
        if attacks.data == MADE_UP.name:
            PLOT.write_text(drawn(attacks.report, labels), encoding="utf-8")


def kept_figures(method: Method) -> Measured:
    """Read what is kept of this method: anew before each part, as another run may have added some."""
    known = read_figures(FIGURES)
    if known is None or known.digest != method.digest:
        return Measured(method.version, method.digest, COMMAND, {}, tuple(data.name for data in KNOWN))
    return known


def _measured(
    folder: Path | None, method: Method, only: tuple[str, ...], chosen: tuple[Part, ...]
) -> Iterator[tuple[str, Part, Rows]]:
    """Yield what is measured, part by part: a run that is cut short keeps what it has."""
    for data in KNOWN:
        if folder is None or not (folder / data.name).is_dir():
            click.echo(f"no data: {data.name}, a folder of CANDOR_EVALUATION_DATA; its figures stay as they were")
    for bench in benches(folder, method):
        for part, measure in _parts(bench).items():
            if part in chosen and (not only or bench.data.name in only):
                click.echo(f"measuring {bench.data.name}, {part}", err=True)
                yield bench.data.name, part, tuple(measure())


def _parts(bench: Bench) -> dict[Part, Callable[[], Iterable[Any]]]:
    return {
        "accuracy": bench.accuracy,
        "intervals": bench.intervals,
        "scale": bench.scale,
        "attacks": bench.attacks,
    }


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
