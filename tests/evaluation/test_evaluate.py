"""Evaluation on a made-up community: who helps is found, who asks is not."""

import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from click.testing import CliRunner

from candor.evaluation.cases import EXPERTISE, FACE_VALUE_PLAIN
from candor.evaluation.evaluate import command
from candor.scoring.activity import Activity

DAY = datetime(2026, 1, 1, tzinfo=UTC)
ASKERS = 7


def thread(number, helper, asker, tag):
    question, answer, taken = (DAY + timedelta(hours=number, minutes=minutes) for minutes in range(3))
    yield Activity(id=f"q{number}", type="question", actor=asker, published=question, tags=(tag,))
    yield Activity(id=f"a{number}", type="answer", actor=helper, object=f"q{number}", published=answer)
    if helper != "talker":
        yield Activity(id=f"c{number}", type="accept", actor=asker, object=f"a{number}", published=taken)


@pytest.fixture
def files(tmp_path):
    """Seven people ask about bread and chess; `baker` and `player` help, `talker` answers and is never taken up."""
    records = [
        record
        for number in range(48)
        for record in thread(
            number,
            ("baker", "talker", "talker", "player")[number % 4],
            f"asker{number % ASKERS}",
            "bread" if number % 4 < 2 else "chess",
        )
    ]
    activities, truth = tmp_path / "activities.ndjson", tmp_path / "truth.csv"
    activities.write_bytes(b"".join(msgspec.json.encode(record) + b"\n" for record in records))
    truth.write_text("actor,topic,label,source\nbaker,bread,expert,x\nplayer,chess,expert,x\n")
    return str(activities), str(truth)


def named(activities, truth):
    return ["--activities", activities, "--truth", truth, "--network", "stackexchange:demo"]


@pytest.fixture
def evaluate(files, tmp_path):
    def run(*options):
        target = tmp_path / "report.json"
        found = CliRunner().invoke(command, [*named(*files), "--json", str(target), *options])
        assert found.exit_code == 0, found.output
        return json.loads(target.read_text())

    return run


def of_ranking(report, name):
    return next(result for result in report["results"] if result["ranking"] == name)


def test_expertise_finds_who_was_taken_up(evaluate):
    assert of_ranking(evaluate(), EXPERTISE)["map"] == 1.0


def test_answers_alone_do_not(evaluate):
    assert of_ranking(evaluate(), "answers on topic")["map"] < 1.0


def test_without_a_root_expertise_says_nothing_and_face_value_does(evaluate):
    report = evaluate("--trust-root", "none")
    assert of_ranking(report, EXPERTISE)["auc"] == 0.5
    assert of_ranking(report, FACE_VALUE_PLAIN)["auc"] == 1.0


def test_candidates_can_be_cut_to_who_is_active_enough(evaluate):
    assert evaluate("--min-activity", "3")["base_rate"] >= evaluate()["base_rate"]


def test_askers_are_those_who_ask_more_than_they_answer(evaluate):
    report = evaluate("--candidates", "askers")
    assert report["pairs"] == 2
    assert of_ranking(report, "activity on topic")["auc"] == 1.0


def test_records_from_the_split_on_are_not_read(files):
    found = CliRunner().invoke(command, [*named(*files), "--before", "2026-01-01T00:30"])
    assert "no topic of the truth" in found.output


def test_records_older_than_asked_for_are_not_read(files):
    found = CliRunner().invoke(command, [*named(*files), "--since", "2026-01-02T22:00"])
    assert "no topic of the truth" in found.output


def test_a_truth_without_candidates_is_refused_in_words(files, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("actor,topic,label,source\nbaker,birds,expert,x\n")
    found = CliRunner().invoke(command, named(files[0], str(other)))
    assert found.exit_code == 1
    assert "no topic of the truth" in found.output
