"""Scale: scores of people of known rank under roots of several sizes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from candor.scoring.activity import Activity
from candor.scoring.method import load_method
from lab.scale import BRONZE, GOLD, Moment, read_badges, scale

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from candor.scoring.measured import MeasuredScale

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)


def helped(number: int, helper: str, asker: str) -> Iterator[Activity]:
    at = AS_OF - timedelta(days=100 - number)
    yield Activity(id=f"q{number}", type="question", actor=asker, published=at, tags=("bread",))
    answer, taken = (at + timedelta(minutes=minutes) for minutes in (1, 2))
    yield Activity(id=f"a{number}", type="answer", actor=helper, object=f"q{number}", published=answer)
    yield Activity(id=f"c{number}", type="accept", actor=asker, object=f"a{number}", published=taken)


@pytest.fixture
def found() -> MeasuredScale:
    """`master` helps thirty people, `friend` four and `novice` one; `quiet` asks, wears a badge and helps nobody."""
    helpers = ["master"] * 30 + ["friend"] * 4 + ["novice"]
    records = [record for n, helper in enumerate(helpers) for record in helped(n, helper, f"asker{n}")]
    quiet = Activity(id="q", type="question", actor="quiet", published=AS_OF - timedelta(days=3), tags=("bread",))
    badges = {("master", "bread"): GOLD, ("friend", "bread"): BRONZE, ("quiet", "bread"): BRONZE}
    return scale("demo", [*records, quiet], badges, Moment("stackexchange:demo", AS_OF, load_method()))


def test_a_row_is_measured_for_each_root(found: MeasuredScale) -> None:
    assert [row.accounts for row in found.rows[:2]] == [1, 2]
    assert found.rows[-1].root == "everybody"
    assert len(found.rows[-2].gold) == 5


def test_at_face_value_more_help_is_more_points_and_no_help_is_no_number(found: MeasuredScale) -> None:
    everybody = found.rows[-1]
    assert everybody.gold[0] == everybody.largest > everybody.once > 0
    assert everybody.bronze_without == 0.5


def test_badges_are_read_from_a_truth(tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_text("actor,topic,label,source\nmaster,bread,expert_gold,x\n")
    assert read_badges(str(tmp_path / "truth.csv")) == {("master", "bread"): "expert_gold"}
