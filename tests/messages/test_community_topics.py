"""A community's topics: as much help as boards add up, and how few people half of it depends on."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from candor import sample
from candor.messages.community_topics import Holder, absence, community_topics
from candor.scoring.activity import Activity
from candor.scoring.board import make_board
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.topics import load_catalogue, tag_topic
from candor.scoring.totals import add_up
from candor.scoring.trust_root import FACE_VALUE
from candor.scoring.world import build_world

CATALOGUE = tuple(load_catalogue().values())


def world_of(profile: str, *, trusted: bool = True):
    records = msgspec.json.Decoder(Activity).decode_lines(sample.records_path().read_bytes())
    question = Question(
        network=sample.NETWORK,
        accounts=(),
        topics=(),
        trust_root=sample.trust_root() if trusted else FACE_VALUE,
        as_of=sample.AS_OF,
        profile=profile,
    )
    return build_world(records, question, load_method())


@pytest.mark.parametrize("profile", ["forum", "microblog"])
@pytest.mark.parametrize("trusted", [True, False])
def test_help_is_what_is_added_up_for_everybody_on_the_topic(profile, trusted):
    world = world_of(profile, trusted=trusted)
    total, rows = community_topics(world, CATALOGUE)
    made = list(rows)
    assert (len(made), len({row.topic for row in made})) == (total, total)
    for row in made[:6]:
        about = world.about((load_catalogue().get(row.topic) or tag_topic(row.topic),))
        for holder in row.holders:
            votes = about.votes(_alone(about, holder.account), 0, about.shared_view)
            assert holder.help == pytest.approx(float(add_up(votes, about.method).on_topic[0]), abs=1e-6)


def _alone(world, account):
    return np.array([world.columns.person_of[account]])


def test_who_holds_help_is_who_has_a_number_on_the_board():
    world = world_of("forum")
    row = next(row for row in community_topics(world, CATALOGUE)[1] if row.topic == sample.TOPIC)
    about = world.about((load_catalogue()[sample.TOPIC],))
    board = make_board(about, 0, exact_rows=0)
    numbered = {each.account for each in board.rows(0, len(board)) if each.expertise.status == "ok"}
    assert {holder.account for holder in row.holders} == numbered
    assert row.records == int(about.columns.topics[:, 0].sum())


def test_who_asked_not_to_be_indexed_holds_nothing():
    assert all(
        holder.account != sample.DECLINED
        for row in community_topics(world_of("forum"), CATALOGUE)[1]
        for holder in row.holders
    )


def test_who_asked_not_to_be_indexed_is_not_counted_as_active():
    world = world_of("forum")
    row = next(row for row in community_topics(world, CATALOGUE)[1] if row.topic == sample.TOPIC)
    columns = world.about((load_catalogue()[sample.TOPIC],)).columns
    active = {columns.people[by] for by in columns.actor[columns.topics[:, 0]].tolist() if by >= 0}
    assert sample.DECLINED in active
    assert row.active == len(active) - 1


def held(*amounts: float) -> tuple[Holder, ...]:
    return tuple(Holder(account=f"u{n}", help=amount) for n, amount in enumerate(amounts))


@pytest.mark.parametrize(
    ("amounts", "factor"), [((1.0,), 1), ((1.0, 1.0), 1), ((2.0, 1.0, 1.0, 1.0), 2), ((9.0, 1.0, 1.0), 1), ((), None)]
)
def test_the_absence_factor_is_the_smallest_number_of_people_who_hold_half(amounts, factor):
    assert absence(held(*amounts)).absence_factor == factor


def test_without_somebody_the_others_hold_all_there_is():
    left = absence(held(9.0, 1.0, 1.0, 1.0), "u0")
    assert (left.people, left.help, left.absence_factor) == (3, 3.0, 2)
