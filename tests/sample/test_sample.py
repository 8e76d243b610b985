"""What the sample is for: each of its cast shows one thing, whatever the ids and the order of the lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from candor import sample
from candor.scoring.account_kinds import PEOPLE
from candor.scoring.board import make_board
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.topics import load_catalogue
from candor.scoring.trust_root import FACE_VALUE
from candor.scoring.world import build_world

if TYPE_CHECKING:
    from candor.scoring.document import ScoreDocument


def expertise(document: ScoreDocument) -> float:
    assert document.expertise.status == "ok"
    assert document.expertise.score is not None
    return document.expertise.score


def test_brand_is_addressed_and_not_reachable(cast):
    reachability = cast[sample.BRAND].facts["reachability"]
    assert reachability.value == 0
    assert reachability.n >= 5


def test_director_answers_everybody_who_addresses_him(cast):
    assert cast[sample.DIRECTOR].facts["reachability"].value == 1


def test_director_is_known_for_being_consulted(cast):
    acknowledged = cast[sample.DIRECTOR].expertise.features[0]
    points = {share.kind: share.contribution for share in acknowledged.by_kind}
    assert points["consulted"] > acknowledged.contribution / 2


def test_expert_stands_above_the_enthusiast_in_expertise(cast):
    assert expertise(cast[sample.EXPERT]) > expertise(cast[sample.ENTHUSIAST]) + 20


def test_expert_stands_above_the_brand_in_expertise(cast):
    assert expertise(cast[sample.EXPERT]) > expertise(cast[sample.BRAND]) + 15


def test_director_who_answers_stands_above_the_brand(cast):
    assert expertise(cast[sample.DIRECTOR]) > expertise(cast[sample.BRAND]) + 10


def test_enthusiast_has_the_highest_interest_of_all_people(world, written):
    people = [act.actor for act in written.activities if act.type == "account" and act.kind == "person"]
    interest = {name: document.interest.score or 0.0 for name, document in world.scored(people).items()}
    enthusiasts = interest.pop(sample.ENTHUSIAST)
    assert enthusiasts > max(interest.values()) + 3


def test_ring_centre_is_unverified_under_the_root(cast):
    ring_centre = cast[sample.RING_CENTRE].expertise
    assert (ring_centre.status, ring_centre.score) == ("unverified", None)


def test_ring_centre_is_high_at_face_value(world):
    face_value = world.scored([sample.RING_CENTRE], root=FACE_VALUE)[sample.RING_CENTRE].expertise
    assert face_value.status == "face_value"
    assert face_value.score > 60


def test_document_under_the_root_shows_the_ring_centre_at_face_value(cast):
    assert cast[sample.RING_CENTRE].expertise.at_face_value.score > 60


def test_like_bait_has_next_to_no_expertise(cast):
    assert sum(feature.contribution for feature in cast[sample.LIKE_BAIT].expertise.features) < 5


def test_who_does_not_want_to_be_indexed_is_declined(cast):
    assert cast[sample.DECLINED].expertise.status == "declined"


def test_expert_stands_above_the_director_while_accepts_are_there(cast):
    assert expertise(cast[sample.EXPERT]) > expertise(cast[sample.DIRECTOR]) + 5


def test_order_flips_when_the_helpers_accepts_are_taken_out(without_accepts):
    assert expertise(without_accepts[sample.DIRECTOR]) > expertise(without_accepts[sample.EXPERT]) + 2


def test_order_flips_when_only_the_experts_accepts_are_taken_out(world):
    expert = world.name(sample.EXPERT)
    bare = world.without(lambda act: act.type == "accept" and act.target_actor == expert)
    documents = bare.scored([sample.EXPERT, sample.DIRECTOR])
    assert expertise(documents[sample.DIRECTOR]) > expertise(documents[sample.EXPERT]) + 2


def test_all_the_trusted_people_stand_behind_the_expert_and_nothing_holds_her_down(cast):
    document = cast[sample.EXPERT]
    behind = sum(backer.scope == "on_topic" for backer in document.expertise.backers)
    assert behind == document.trust_root.size
    assert document.expertise.reasons.down == ()


def test_posts_are_named_only_where_they_hold_the_number_down(world, written):
    people = [act.actor for act in written.activities if act.type == "account"]
    for document in world.scored(people).values():
        totals, reasons = document.expertise.totals, document.expertise.reasons.down
        held_by_posts = totals.help + totals.posts < min(totals.all_kinds, totals.backed)
        assert any(reason.startswith("reshares of a few posts") for reason in reasons) == held_by_posts
        held_by_root = totals.backed < min(totals.all_kinds, totals.help + totals.posts)
        assert held_by_root or not any(reason.startswith("capped: ") for reason in reasons)


def test_renaming_and_shuffling_change_no_number(written, renamed):
    people = [act.actor for act in written.activities if act.type == "account"]
    before, after = written.scored(people), renamed.scored(people)
    for account in people:
        for part in ("expertise", "interest"):
            was, now = getattr(before[account], part), getattr(after[account], part)
            assert (now.status, now.score) == (was.status, pytest.approx(was.score, abs=2e-6))


def test_the_first_ten_of_the_list_are_people(written):
    question = Question(
        network=sample.NETWORK,
        accounts=(),
        topics=(load_catalogue()[sample.TOPIC],),
        trust_root=written.root,
        as_of=sample.AS_OF,
        profile=sample.PROFILE,
    )
    board = make_board(build_world(written.activities, question, load_method()), 0)
    rows = list(board.rows(0, len(board)))
    listed = [row for row in rows if row.kind in PEOPLE]
    assert sample.BRAND in {row.account for row in rows}
    assert all(row.kind == "person" for row in listed[:10])
