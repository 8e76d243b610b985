"""`candor ask` from a file, and `candor verify` of its answer: added up, and made anew from the records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from tests.questions.town import NOW, TOWN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Candor

QUESTION = "my sourdough starter smells"


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "town.ndjson"
    path.write_bytes(msgspec.json.Encoder().encode_lines(list(TOWN)))
    return path


@pytest.fixture
def answer(candor: Candor, records: Path, tmp_path: Path) -> Callable[..., str]:
    """Writes the answer to a question, changed as asked."""

    def _answer(change: Callable[[dict[str, Any]], object] = dict) -> str:
        asked = ("ask", QUESTION, "--tag", "baking", "--activities", str(records), "--network", "custom:town")
        printed = candor(*asked, "--as-of", NOW.isoformat(), "--json")
        assert printed.exit_code == 0, printed
        found = json.loads(printed.stdout)
        change(found)
        path = tmp_path / "answer.json"
        path.write_text(json.dumps(found))
        return str(path)

    return _answer


def test_an_answer_is_the_same_when_it_is_made_anew_from_its_records(candor, answer, records):
    verified = candor("verify", answer(), f"--activities={records}")
    assert verified.exit_code == 0
    assert "answered anew from these records, with the same outcome: 3 people" in verified.stdout


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "A figure below zero is common and says nothing against anyone."), ("fr", "ne dit rien contre personne.")],
)
def test_what_a_figure_below_zero_means_is_said_where_there_is_one(candor, records, language, said):
    asked = ("ask", QUESTION, "--activities", str(records), "--network", "custom:town", "--as-of", NOW.isoformat())
    people = json.loads(candor(*asked, "--json").stdout)["people"]
    told = candor(*asked, "--lang", language).stdout
    assert (said in told) == any(person["sum"] < 0 for person in people)
    assert any(person["sum"] < 0 for person in people)


def test_an_answer_of_other_records_is_told_from_one_that_only_adds_up(candor, answer, records, tmp_path):
    fewer = tmp_path / "fewer.ndjson"
    fewer.write_bytes(b"".join(records.read_bytes().splitlines(keepends=True)[:-1]))
    found = answer()
    assert candor("verify", found).exit_code == 0
    verified = candor("verify", found, f"--activities={fewer}")
    assert verified.exit_code == 1
    assert "these records give" in verified.stdout.splitlines()[0]


def test_a_count_that_no_sum_needs_is_held_against_the_records(candor, answer, records):
    def _boast(found: dict[str, Any]) -> None:
        found["people"][0]["facts"]["answers"] = 999

    found = answer(_boast)
    assert candor("verify", found).exit_code == 0
    verified = candor("verify", found, f"--activities={records}")
    assert verified.exit_code == 1
    assert "/people/0/facts/answers: states 999, from these records 2" in verified.stdout


def test_an_answer_by_another_formula_is_not_made_anew(candor, answer, records):
    def _other(found: dict[str, Any]) -> None:
        found["formula_digest"] = "sha256:0"

    assert candor("verify", answer(_other), f"--activities={records}").exit_code == 2
