"""The evaluation of questions: expected values over ties, and the command that prints them."""

from __future__ import annotations

import itertools
import json

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from candor.evaluation.evaluate import command
from candor.evaluation.questions import measures
from tests.questions.town import NOW, TOWN


def by_hand(order: list[bool]) -> tuple[float, ...]:
    first = order.index(True) + 1
    gains = [1 / np.log2(place + 2) for place in range(len(order))]
    ideal = sum(gains[: sum(order)])
    gain = sum(gain for gain, hit in zip(gains, order, strict=True) if hit)
    return (1 / first, first <= 1, first <= 3, first <= 5, gain / ideal)


@pytest.mark.parametrize(
    ("scores", "answered"),
    [
        ((3, 2, 1), (False, True, False)),
        ((1, 1, 1, 1), (True, False, False, False)),
        ((2, 1, 1, 1, 0), (False, True, True, False, False)),
        ((5, 5, 5, 1, 1, 0), (False, False, True, True, False, True)),
    ],
)
def test_measures_are_the_mean_over_every_order_of_ties(scores, answered):
    def fits(order):
        return all(scores[a] >= scores[b] for a, b in itertools.pairwise(order))

    orders = [order for order in itertools.permutations(range(len(scores))) if fits(order)]
    expected = np.mean([by_hand([answered[i] for i in order]) for order in orders], axis=0)
    assert measures(np.array(scores, float), np.array(answered)) == pytest.approx(tuple(expected))


@pytest.fixture
def files(tmp_path):
    activities, questions = tmp_path / "activities.ndjson", tmp_path / "questions.ndjson"
    activities.write_bytes(msgspec.json.Encoder().encode_lines(list(TOWN)))
    asked = [
        {"question": "n1", "asked": NOW.isoformat(), "content": "sourdough starter", "answered_by": ["baker"]},
        {"question": "n2", "asked": NOW.isoformat(), "tags": ["law"], "answered_by": ["nobody known"]},
        {
            "question": "n3",
            "asked": NOW.isoformat(),
            "content": "a bicycle",
            "candidates": ["cyclist", "stranger"],
            "answered_by": ["stranger"],
        },
    ]
    questions.write_text("\n".join(map(json.dumps, asked)))
    return activities, questions


def run(activities, questions, *more):
    arguments = ["--activities", activities, "--questions", questions, "--network", "custom:town", *more]
    return CliRunner().invoke(command, list(map(str, arguments)))


def test_the_command_ranks_the_candidates_or_everybody_and_writes_the_report(files, tmp_path):
    result = run(*files, "--profile", "qa", "--json", tmp_path / "report.json")
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "report.json").read_bytes())
    assert (report["questions"], report["left_out"], report["candidates"]) == (2, 1, 2.5)
    ours = report["results"][0]
    assert (ours["mrr"]["value"], ours["hit_1"]["value"], ours["hit_3"]["value"]) == (0.75, 0.5, 1.0)
    assert "the formula" in result.output


def test_of_everybody_only_who_had_enough_answers_taken_up_can_be_asked_for(files):
    result = run(*files, "--min-accepted", "1")
    assert "2 questions (1 left out), median of candidates 2.5" in result.output
    assert "1 questions (2 left out), median of candidates 2\n" in run(*files, "--min-accepted", "2").output


def test_a_bad_line_is_named(files):
    _, questions = files
    questions.write_text('{"question": "n1"}')
    assert "line 1 of" in run(*files).output


def test_a_truth_or_questions_are_needed_and_not_both(files, tmp_path):
    assert "either --truth or --questions" in run(*files, "--truth", files[0]).output
