"""Files of questions for `candor evaluate --questions`, made from the records of a community: who answered is known."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
import numpy as np

from candor.evaluation.evaluate import pair
from candor.evaluation.inputs import read_activities
from candor.evaluation.questions import AskedQuestion
from candor.questions.formula import load_formula
from candor.questions.index import NEVER, Index, build_index
from candor.scoring.columns import DAY_US, moment
from candor.scoring.question import ALL_DAYS, Question
from candor.scoring.record_columns import build_columns
from candor.scoring.trust_root import NO_ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator


def questions_of(index: Index, *, first_us: int, last_us: int, accepted: bool) -> Iterator[AskedQuestion]:
    """Yield the questions asked within a time that were answered, or whose answer was taken up, and by whom."""
    by: dict[int, set[int]] = {}
    for to, person, taken in zip(index.to.tolist(), index.by.tolist(), index.taken_up_at.tolist(), strict=True):
        if not accepted or taken != NEVER:
            by.setdefault(to, set()).add(person)
    columns = index.columns
    for ask in np.flatnonzero((index.asked_at >= first_us) & (index.asked_at < last_us)).tolist():
        if ask in by:
            row = int(index.asks[ask])
            record = columns.records[row]
            yield AskedQuestion(
                question=str(record.id),
                asked=moment(int(index.asked_at[ask])),
                content=record.content,
                tags=record.tags or (),
                answered_by=tuple(sorted(columns.people[person] for person in by[ask])),
            )


@click.command()
@click.option("--activities", "source", required=True, type=click.Path(exists=True), help="Records as NDJSON, or gzip.")
@click.option("--profile", default="qa", show_default=True, help="What asks and answers: a profile of the formula.")
@click.option("--map", "pairs", multiple=True, metavar="FROM=TO", help="Rename a record type of the source.")
@click.option("--days", default=365, show_default=True, help="Questions of so many days.")
@click.option("--skip-days", default=0, show_default=True, help="Days before the last record that are left out.")
@click.option("--accepted", is_flag=True, help="Only answers that were taken up count.")
@click.argument("target", type=click.Path())
def main(
    *, source: str, profile: str, pairs: tuple[str, ...], days: int, skip_days: int, accepted: bool, target: str
) -> None:
    """Write the questions of the last days and who answered them."""
    activities = read_activities(source, dict(map(pair, pairs)))
    end = max(record.published for record in activities) + timedelta(seconds=1)
    about = Question(
        network="custom:lab", accounts=(), topics=(), trust_root=NO_ROOT, as_of=end, window_days=ALL_DAYS, profile="qa"
    )
    index = build_index(build_columns(activities, about), load_formula().roles(profile))
    last_us = index.columns.as_of - skip_days * DAY_US
    found = questions_of(index, first_us=last_us - days * DAY_US, last_us=last_us, accepted=accepted)
    Path(target).write_bytes(msgspec.json.Encoder().encode_lines(list(found)))


if __name__ == "__main__":
    main()
