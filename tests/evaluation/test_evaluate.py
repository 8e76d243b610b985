"""Evaluation on a made-up community: who helps is found, who asks is not."""

import itertools
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from candor.evaluation.attack import command as attack_command
from candor.evaluation.cases import FACE_VALUE, LISTED, as_listed
from candor.evaluation.evaluate import command
from candor.scoring.activity import Activity
from candor.scoring.everybody import Experts
from candor.scoring.expertise import Supports
from candor.scoring.points import ManyNumbers

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
    assert of_ranking(evaluate(), LISTED)["map"] == 1.0


def test_answers_alone_do_not(evaluate):
    assert of_ranking(evaluate(), "answers on topic")["map"] < 1.0


def test_without_a_root_expertise_says_nothing_and_face_value_does(evaluate):
    report = evaluate("--trust-root", "none")
    assert of_ranking(report, LISTED)["auc"] == 0.5
    assert of_ranking(report, FACE_VALUE)["auc"] == 1.0


def test_who_has_a_number_stands_before_everybody_who_has_none():
    score, nothing = np.array([90.0, 5.0, 30.0, 0.0]), np.zeros(4)
    status = np.array(["unverified", "ok", "ok", "not_enough_evidence"])
    found = Experts(ManyNumbers({}, score, nothing, nothing), Supports(nothing, nothing, nothing), status)
    assert np.argsort(-as_listed(found)).tolist() == [2, 1, 0, 3]


def test_differences_are_from_the_order_as_listed(evaluate):
    listed = of_ranking(evaluate(), LISTED)
    assert (listed["map_less_listed"], listed["low"], listed["high"]) == (0, 0, 0)


def test_how_many_known_experts_have_a_number_is_said_for_the_root_and_at_face_value(evaluate):
    declared, face_value = evaluate("--trust-root", "none")["with_number"]
    assert (declared["experts"], declared["topics"], declared["map"]) == (0, 0, None)
    assert (face_value["ranking"], face_value["experts"]) == (FACE_VALUE, 1)


def test_the_best_simple_ranking_is_named(files):
    found = CliRunner().invoke(command, named(*files))
    assert "best simple ranking by MAP: accepted help" in found.output


def test_simple_rankings_fade_and_count_shares(evaluate):
    names = {result["ranking"] for result in evaluate()["results"]}
    assert {"answers on topic, 365 d", "answers on topic, 730 d x share", "distinct people helped x share"} <= names


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
    assert "no record is tagged 'birds'" in found.output
    assert "called" not in found.output


def test_labels_and_accounts_that_are_not_taken_are_named(files, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("actor,topic,label,source\nbaka,tag:bread,1,x\nplayer,tag:chess,exprt,x\n")
    found = CliRunner().invoke(command, named(files[0], str(other)))
    assert "labels that name no expert: 'exprt' (1)" in found.output
    assert "nobody in the records is called 'baka'" in found.output


def test_a_truth_with_ones_and_tags_measures_as_one_in_words_does(files, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("actor;topic;label\nbaker;tag:bread;1\nplayer;tag:chess;true\ntalker;tag:bread;0\n")
    told = CliRunner().invoke(command, named(files[0], str(other)))
    assert told.stdout == CliRunner().invoke(command, named(*files)).stdout
    assert told.exit_code == 0


def spelled(path, name, kinds):
    """Write a name of a file in these ways, in turn."""
    ways, text = itertools.cycle(kinds), Path(path).read_text()
    Path(path).write_text(re.sub(rf"\b{name}\b", lambda _: next(ways), text))


@pytest.mark.parametrize("command", [command, attack_command])
def test_an_account_is_one_person_whichever_way_its_files_write_it(files, tmp_path, command):
    activities, truth = files
    root = tmp_path / "root.json"
    trusted = [{"account": "player"}, {"account": "asker1"}]
    root.write_text(json.dumps({"kind": "accounts", "network": "github", "accounts": trusted}))
    target, found = tmp_path / "report.json", []
    where = [] if command is not attack_command else ["--topic", "tag:bread", "--targets", "1", "--attack", "like_bait"]
    for _ in range(2):
        options = ["--activities", activities, "--truth", truth, "--network", "github", "--trust-root", str(root)]
        told = CliRunner().invoke(command, [*options, *where, "--json", str(target)])
        assert told.exit_code == 0, told.output
        found.append(json.loads(target.read_text()) | {"trust_root": ""})
        for name in ("baker", "player", "asker1"):
            ways = (f"@{name}", name.upper(), f"https://github.com/{name}")
            for number, path in enumerate((activities, truth, root)):
                spelled(path, name, ways[number:] + ways[:number])
    assert found[0] == found[1]
