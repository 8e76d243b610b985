"""Pairs: what is looked up of them for everybody is what is added up for each person alone."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from candor.scoring import arrays
from candor.scoring.acts import SOFT
from candor.scoring.everybody import Everybody, evaluate_everybody
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.recognition import find_acts
from candor.scoring.topics import tag_topic
from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.scoring.votes import weigh_votes
from candor.scoring.world import World, build_world
from lab.speed.community import END, community

TRUSTED = TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=f"u{n}") for n in range(5)))
EVENTS = 6_000


@pytest.fixture(scope="module", name="world")
def made() -> World:
    question = Question(
        network="custom:made-up",
        accounts=(),
        topics=(tag_topic("tag:topic"),),
        trust_root=TRUSTED,
        as_of=END,
        profile="forum",
    )
    return build_world(list(community(EVENTS, topics=3)), question, load_method())


def test_what_was_given_back_is_the_same_looked_up_and_added_up(world: World) -> None:
    everybody, subjects = Everybody(world), np.arange(world.people)
    ballot = everybody.ballot(world, 0)
    together, apart = (weigh_votes(each, subjects).on_topic for each in (ballot, replace(ballot, of_all=None)))
    assert together.given.any()
    assert np.array_equal(together.given, apart.given)
    assert np.array_equal(together.voice, apart.voice)


def test_what_counts_on_other_topics_is_the_same_for_all_and_for_each(world: World) -> None:
    everybody = Everybody(world)
    ballot = everybody.ballot(world, 0)
    votes = weigh_votes(ballot, np.arange(world.people))
    other = np.bincount(votes.other_topics.subject, votes.other_topics.voice, world.people)
    assert other.any()
    on_other_topics, standing = everybody.on_other_topics(world, 0), world.shared_view.standing
    assert on_other_topics.of_all(standing) == pytest.approx(other, abs=1e-12)
    assert evaluate_everybody(world, everybody, ballot, on_other_topics).numbers.score.any()
    some = np.flatnonzero(other)[:3]
    about = on_other_topics.about(some)
    assert about.of_each(some, [standing] * some.size) == pytest.approx(other[some], abs=1e-12)
    assert about.of_each(some[1:2], [2 * standing]) == pytest.approx(2 * other[some[1:2]], abs=1e-12)


def test_who_recognised_each_other_is_found_for_all_at_once(world: World) -> None:
    pairs = Everybody(world).pairs
    number = {pair: place for place, pair in enumerate(zip(pairs.recognised, pairs.recogniser, strict=True))}
    these, back = pairs.mutual
    found = dict(zip(these.tolist(), back.tolist(), strict=True))
    assert found == {place: number[by, of] for (of, by), place in number.items() if (by, of) in number}
    assert found


@pytest.mark.parametrize("bits", [26, 20], ids=["one column at once", "none"])
def test_acts_stand_in_the_same_order_where_their_numbers_do_not_fit_in_64_bits(
    world: World, monkeypatch: pytest.MonkeyPatch, bits: int
) -> None:
    acts = world.index.acts
    monkeypatch.setattr(arrays, "_BITS", bits)
    sorted_apart = find_acts(world.columns, replies_are_answers=True, granted_rights=False)
    for column in fields(acts):
        assert np.array_equal(getattr(acts, column.name), getattr(sorted_apart, column.name))


def test_acts_are_sorted_by_pair_then_what_was_taken_up_and_whether_softly_then_record_and_kind(world: World) -> None:
    acts = find_acts(world.columns, replies_are_answers=True, granted_rights=False)
    order = (acts.recognised, acts.recogniser, acts.contribution, SOFT[acts.kind], acts.row, acts.kind)
    assert (np.lexsort(order[::-1]) == np.arange(acts.row.size)).all()
    assert (np.diff(acts.recognised) == 0).any()
