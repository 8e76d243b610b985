"""What attacks gain in a small made-up community: nothing, unless somebody with standing takes part."""

from functools import cache

import pytest

from lab.attacks import ATTACKS
from lab.community import END, community
from lab.stage import Stage
from lab.trust import parse_root
from scoring.method import load_method
from scoring.question import Question
from scoring.topics import tag_topic

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
