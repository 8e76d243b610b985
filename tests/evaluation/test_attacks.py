"""What attacks gain in a small made-up community: nothing, unless somebody with standing takes part."""

import json
from functools import cache
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from click.testing import CliRunner

from candor.evaluation.attack import command, left_words
from candor.evaluation.attacks import ATTACKS
from candor.evaluation.board import shared_scores
from candor.evaluation.community import END, FIELDS, community, skilled
from candor.evaluation.inputs import parse_root
from candor.evaluation.stage import Script, Stage
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.topics import tag_topic
from candor.scoring.world import build_world

BY_ID = {attack.id: attack for attack in ATTACKS}


@cache
def stage(root):
    records = community(people=120, threads=600)
    question = Question(
        network="mastodon",
        accounts=(),
        topics=(tag_topic("tag:space"),),
        trust_root=parse_root(root, records),
        as_of=END,
    )
    return Stage(records, question, load_method())


@pytest.fixture
def small():
    return stage("random:0.3:0")


@pytest.fixture
def target(small):
    return small.targets(1, seed=1)[1][1]


@pytest.mark.parametrize("attack", [attack for attack in ATTACKS if not attack.standing], ids=lambda attack: attack.id)
def test_what_nobody_with_standing_takes_part_in_gains_nothing(small, target, attack):
    outcome = small.attack(attack, 40, target)
    assert outcome.raw_gain == pytest.approx(0.0, abs=1e-9)
    assert outcome.climbed == 0


def test_fresh_accounts_gain_at_face_value(target):
    assert stage("network").attack(BY_ID["fresh"], 40, target).gain > 50


def test_corrupt_trusted_accounts_gain(small, target):
    assert small.attack(BY_ID["collusion"], 5, target).gain > 20


def test_more_corrupt_accounts_gain_more(small, target):
    gains = [small.attack(BY_ID["collusion"], size, target).raw_gain for size in (1, 2, 5)]
    assert gains == sorted(set(gains))


def test_likes_and_follows_gain_nothing(small, target):
    assert small.attack(BY_ID["like_bait"], 50, target).raw_gain == 0.0
    assert small.attack(BY_ID["follow_back"], 50, target).raw_gain == 0.0


def test_a_staged_attack_is_the_same_every_time(small, target):
    assert small.attack(BY_ID["ring"], 10, target) == small.attack(BY_ID["ring"], 10, target)


def test_targets_are_neither_trusted_nor_the_expert(small):
    drawn = {name for _, name in small.targets(20, seed=3)}
    assert not drawn & {*small.trusted, small.expert}


def test_the_made_up_community_is_the_same_every_time():
    assert community(people=50, threads=100) == community(people=50, threads=100)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
def test_a_community_joined_by_an_attack_is_what_reading_it_all_again_gives(small, target, attack):
    script = Script(small.question.topics[0], small.question.as_of)
    attack.stage(script, small.scene(target), 12)
    read = build_world([*small.records, *script.records], small.question, small.method)
    assert points(small.joined_by(script.records)) == pytest.approx(points(read))


def points(world):
    """Everybody's points, by name."""
    found = shared_scores(world, np.arange(world.people), 0)
    return dict(zip(world.columns.people, found.score.tolist(), strict=True))


def test_corrupt_accounts_gain_nothing_by_patience(small, target):
    rushed, patient = (small.attack(BY_ID[name], 5, target).raw_gain for name in ("accepting", "patient"))
    assert patient == pytest.approx(rushed, abs=0.5)


@pytest.mark.parametrize("attack", ["collusion", "accepting", "patient", "lending"])
def test_five_corrupt_accounts_of_thirty_gain_few_points_to_somebody_unknown(target, attack):
    trusted = stage("random:0.9:0")
    assert len(trusted.trusted) >= 30
    assert trusted.attack(BY_ID[attack], 5, target).raw_gain <= 25


@pytest.mark.parametrize("attack", ["collusion", "accepting", "patient", "lending"])
def test_corrupt_accounts_of_a_small_root_gain_by_their_share_of_it(small, target, attack):
    one, quarter = (small.attack(BY_ID[attack], size, target).raw_gain for size in (1, len(small.trusted) // 4))
    assert len(small.trusted) <= 50
    assert one <= 10
    assert quarter <= 40


def test_the_most_skilled_are_a_tenth_of_each_field():
    best = skilled(people=400)
    assert set(best) == set(FIELDS)
    assert all(5 <= len(names) <= 15 for names in best.values())


@pytest.fixture
def report(run):
    return run("--attack", "fresh", "--attack", "collusion", "--targets", "1")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run `candor attack` on a small made-up community; return the report and the picture."""
    monkeypatch.setattr("candor.evaluation.attack.community", lambda: community(people=120, threads=600))
    monkeypatch.setattr("candor.evaluation.attack.skilled", lambda: skilled(people=120))

    def run_command(*options):
        files = [tmp_path / "report.json", tmp_path / "plot.svg"]
        done = CliRunner().invoke(command, [*options, "--json", str(files[0]), "--plot", str(files[1])])
        assert done.exit_code == 0, done.output
        return json.loads(files[0].read_text()), files[1].read_text(), done

    return run_command


def test_the_report_holds_accuracy_and_how_many_have_a_number_beside_the_attacks(report):
    found = report[0]
    assert 0 <= found["share_with_number"] <= 1
    assert 0 < found["accuracy"]["expertise"] <= 1
    assert {row["attack"] for row in found["rows"]} == {"fresh", "collusion"}


def test_progress_is_told_beside_the_table(report):
    assert "staging collusion, 5 trusted accounts" in report[2].stderr


def test_the_plot_says_in_words_what_it_shows(report):
    svg = ET.fromstring(report[1])
    words = svg.find("{http://www.w3.org/2000/svg}desc").text
    assert "corrupt trusted accounts, every act: 1 cost" in words
    assert words.endswith("no points at any size staged: fresh accounts, every act.")


def test_how_many_attacks_there_are_and_how_long_they_take_is_said_as_they_go():
    told = CliRunner().invoke(command, ["--targets", "1", "--attack", "like_bait", "--attack", "slander"])
    sizes = {each: len(BY_ID[each].sizes) for each in ("like_bait", "slander")}
    count = 3 * sizes["like_bait"] + sizes["slander"]
    assert told.stderr.startswith(f"{count} attacks to stage")
    assert f"({3 * sizes['like_bait']} of {count} staged, about " in told.stderr


@pytest.mark.parametrize(
    ("staged", "seconds", "said"),
    [
        (0, 0.0, ""),
        (3, 6.0, " (3 of 33 staged, about 60 seconds left)"),
        (3, 60.0, " (3 of 33 staged, about 10 minutes left)"),
    ],
)
def test_what_is_left_is_reckoned_from_what_was_staged(staged, seconds, said):
    assert left_words(staged, 33, seconds) == said


def test_who_names_the_topic_in_own_posts_takes_there_what_others_recognised(small):
    retagged = BY_ID["retagged"]
    [(_, name)] = small.drawn_for(retagged, [])
    assert small.attack(retagged, 0, name).raw_gain == 0.0
    assert small.attack(retagged, 1000, name).raw_gain > 1.0


def test_who_takes_back_what_it_recognised_loses_nothing(small, target):
    assert small.attack(BY_ID["ungrateful"], 1000, target).raw_gain >= -1e-9


def test_what_needs_texts_of_the_expert_is_not_staged_where_there_are_none(small):
    needing = [attack for attack in ATTACKS if attack.needs_texts]
    assert needing
    assert [small.drawn_for(attack, [("middle", "somebody")]) for attack in needing] == [[]] * len(needing)
