"""The six-followers story: something true reaches somebody trusted, and a thousand likes reach nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from candor import sample
from candor.messages.path import message_path
from candor.messages.ranking import rank_messages
from candor.sample.story import FOLLOWERS, PASSER, SHOW_RUNNER
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.topics import load_catalogue
from candor.scoring.world import World, build_world

if TYPE_CHECKING:
    from candor.messages.ranking import Message


@pytest.fixture(scope="module")
def told(written) -> World:
    question = Question(
        network=sample.NETWORK,
        accounts=(),
        topics=(load_catalogue()[sample.TOPIC],),
        trust_root=written.root,
        as_of=sample.AS_OF,
        profile=sample.PROFILE,
    )
    return build_world(written.activities, question, load_method())


@pytest.fixture(scope="module")
def messages(told) -> list[Message]:
    return list(rank_messages(told, 0).rows())


@pytest.fixture(scope="module")
def hers(messages) -> Message:
    return next(row for row in messages if row.author.account == sample.NEWCOMER)


def test_author_has_six_followers(written):
    account = next(act for act in written.activities if act.type == "account" and act.actor == sample.NEWCOMER)
    followers = {act.actor for act in written.activities if act.type == "follow" and act.target_actor == account.actor}
    assert account.followers == len(followers) == len(FOLLOWERS) == 6


def test_it_reaches_somebody_trusted_through_one_of_the_six(told, hers):
    path, steps = message_path(told, hers.id)
    assert [steps[place].author.name for place in (*path.through, path.first_trusted)] == [
        "Mara Ilves",
        "Abby Marchetti",
        "Chidi Okafor",
    ]
    assert (PASSER in FOLLOWERS, SHOW_RUNNER, steps[1].how, steps[2].how) == (True, "chidi", "inferred", "recorded")


def test_like_bait_with_a_thousand_likes_stands_far_below(messages, hers):
    bait = max(messages, key=lambda row: row.likes)
    assert (bait.author.account, bait.likes, bait.uptake) == (sample.LIKE_BAIT, 1_000, 0)
    assert (hers.likes, hers.uptake > 0.5) == (0, True)
    assert bait.rank > hers.rank + len(messages) / 2


def test_story_gives_its_author_a_number_and_leaves_the_others_expertise_alone(written):
    accounts = [act.actor for act in written.activities if act.type == "account" and act.consent is not False]
    accounts.remove(sample.NEWCOMER)
    before = written.without(lambda act: (act.id or "").startswith("s")).scored(accounts)
    after = written.scored(accounts)
    assert all(after[name].expertise.score == before[name].expertise.score for name in accounts)
    assert 0 < written.scored([sample.NEWCOMER])[sample.NEWCOMER].expertise.score < 10
