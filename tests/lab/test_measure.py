"""Measuring: breakdowns, coverage, the file of figures, and the card made from it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest

from candor.evaluation.cases import LISTED, Case, by_activity, by_size
from candor.evaluation.community import END, community
from candor.scoring.measured import Measured, MeasuredScale, RankingAccuracy
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.topics import tag_topic
from candor.scoring.trust_root import FACE_VALUE
from candor.scoring.world import build_world
from lab import model_card
from lab.coverage import coverage
from lab.measure import ACTIVITIES, FIGURES, KNOWN, TRUTH, benches, kept_figures, read_figures, with_part, write_figures

SCALE = MeasuredScale("travel", 10, ())
RECORDS = community(people=120, threads=900)


def case(people, expert_first):
    """A topic whose one expert stands first or last in our ranking, and first in a simple one."""
    scores = np.arange(people, 0, -1.0)
    positive = np.zeros(people, np.bool_)
    positive[0 if expert_first else -1] = True
    return Case(
        topic=f"of {people}",
        number=0,
        people=np.arange(people),
        positive=positive,
        figures={LISTED: scores, "simple": positive.astype(float)},
        activity=np.arange(people, 0, -1.0),
        followers=np.full(people, np.nan),
        numbered=np.ones(people, np.bool_),
        numbered_at_face_value=np.ones(people, np.bool_),
    )


def test_topics_are_told_apart_by_how_many_candidates_they_have():
    small, middle, large = by_size([case(30, True), case(10, False), case(20, True)])
    assert (small.largest, middle.largest, large.smallest) == (10, 20, 30)
    assert (small.expertise, large.expertise, small.best_simple) == (pytest.approx(0.1), 1.0, 1.0)


def test_accuracy_is_told_apart_by_how_much_people_did():
    least, middle, most = by_activity([case(12, True)])
    assert (most.experts, most.auc) == (1, 1.0)
    assert (least.auc, middle.auc, least.experts) == (None, None, 0)


@pytest.fixture(scope="module")
def worlds():
    def world(as_of):
        question = Question(
            network="mastodon", accounts=(), topics=(tag_topic("tag:space"),), trust_root=FACE_VALUE, as_of=as_of
        )
        return build_world(RECORDS, question, load_method())

    return world(END - timedelta(days=180)), world(END)


def test_coverage_says_how_often_an_interval_holds(worlds):
    found = coverage(*worlds)
    assert found.people > 0
    assert 0.5 < found.drawn_anew <= 1
    assert found.later + found.later_below + found.later_above == pytest.approx(1)


def test_a_community_without_change_is_within_its_intervals(worlds):
    assert coverage(worlds[1], worlds[1]).later == 1


def test_without_a_folder_only_the_made_up_community_is_measured():
    assert [bench.data.name for bench in benches(None, load_method())] == ["generated"]


def test_figures_are_read_as_they_were_written(tmp_path):
    figures = Measured("1.1.0", "sha256:1", "make evaluate", {"travel": "2026-11-23"}, ("uboot",))
    write_figures(tmp_path / "figures.json", figures)
    assert read_figures(tmp_path / "figures.json") == figures
    assert read_figures(tmp_path / "nothing.json") is None


def test_every_data_set_is_measured_or_said_to_lack():
    kept = read_figures(FIGURES)
    assert not {data.name for data in KNOWN} - set(kept.on) - set(kept.lacks)


def test_the_model_card_shows_the_figures_that_are_kept():
    card = Path(model_card.CARD).read_text(encoding="utf-8")
    assert model_card.rewritten(card, read_figures(FIGURES)) == card, "run `make docs`"
    french = model_card.FRENCH_CARD.read_text(encoding="utf-8")
    assert model_card.rewritten_in_french(french, read_figures(FIGURES)) == french, "run `make docs`"


@pytest.mark.parametrize("digest", [load_method().digest, "sha256:of another method"])
def test_the_model_card_says_when_the_method_has_changed_since_it_was_measured(digest):
    card = Path(model_card.CARD).read_text(encoding="utf-8")
    measured = msgspec.structs.replace(read_figures(FIGURES), digest=digest)
    changed = digest != load_method().digest
    assert ("The method has changed since" in model_card.rewritten(card, measured)) == changed


def test_two_runs_may_each_measure_a_part(tmp_path, monkeypatch):
    """What another run has kept meanwhile is read again before a part is added to it."""
    kept = tmp_path / "figures.json"
    monkeypatch.setattr("lab.measure.FIGURES", kept)
    write_figures(kept, with_part(kept_figures(load_method()), "travel", "2026-11-28", "scale", (SCALE,)))
    write_figures(kept, with_part(kept_figures(load_method()), "uboot", "2026-11-28", "intervals", ()))
    found = read_figures(kept)
    assert found.scale == (SCALE,)
    assert set(found.on) == {"travel", "uboot"}


def test_the_card_shows_the_best_simple_rankings_once_each():
    shown = model_card.worth_showing([ranked("expertise, as listed", 0.5), ranked("a", 0.4), ranked("b", 0.4)])
    assert [result.ranking for result in shown] == ["expertise, as listed", "a"]


def ranked(name, precision):
    return RankingAccuracy(name, 0.7, precision, 0.2, 0.0, 0.0, 0.0)


def test_every_word_of_the_cards_tables_is_said_in_french():
    made = [model_card.in_french(make(read_figures(FIGURES))) for make in model_card.TABLES.values()]
    tables = [table for table in made if table.startswith("|")]
    words = re.findall(r"[^\W\d_]+", " ".join(tables))
    english = {"the", "of", "with", "who", "everybody", "accounts", "trusted", "posts", "every", "within"}
    assert english & set(words) == set()


@pytest.mark.parametrize("card", [model_card.CARD, model_card.FRENCH_CARD])
def test_the_model_card_says_by_which_command_its_figures_can_be_made_again(card):
    for data in KNOWN:
        words = [
            f"candor evaluate --activities {data.name}/{ACTIVITIES} --truth {data.name}/{TRUTH}",
            f"--network {data.network}",
            *([f"--only {'='.join(data.only)}"] if data.only else []),
            *([f"--profile {data.profile}"] if data.profile else []),
            *(["--granted-rights"] if data.granted_rights else []),
            *(f"--map {theirs}={ours}" for theirs, ours in data.rename),
            f"--before {data.before.date()}",
            *([f"--truth-after {data.truth_after.date()}"] if data.truth_after else []),
        ]
        assert f"\n{' '.join(words)}\n" in card.read_text("utf-8")
