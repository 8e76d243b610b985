"""Boards and columns: what they say is what the documents say, one account at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from golden.communities import COMMUNITIES

from candor.scoring.activity import Activity
from candor.scoring.board import make_board
from candor.scoring.board_row import order_may_be_chance
from candor.scoring.document import Interval, ScoreDocument, encode
from candor.scoring.everybody import Everybody
from candor.scoring.method import load_method
from candor.scoring.question import Contested, Question
from candor.scoring.records import RecordReader
from candor.scoring.score import score
from candor.scoring.topics import tag_topic
from candor.scoring.totals import Totals, add_up
from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.scoring.world import build_world
from candor.store.column_file import read_table
from candor.store.table_builder import TableBuilder
from lab.speed.community import END, community, community_table, write_columns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from candor.scoring.board_row import BoardRow
    from candor.scoring.table import Table

METHOD = load_method()
ROOT = TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=f"u{number}") for number in range(8)))
TOWN = Question(
    network="custom:town",
    accounts=(),
    topics=(tag_topic("tag:topic"), tag_topic("tag:other-1")),
    trust_root=ROOT,
    as_of=END,
    profile="qa",
)


def stored(activities: Sequence[Activity], folder: Path) -> Table:
    """The activities, through a file."""
    with TableBuilder(folder) as builder:
        RecordReader(None, keep=builder.add).feed(map(msgspec.json.encode, activities))
        list(builder.repeated())
        with write_columns(folder / "records.columns") as file:
            builder.write(file)
    return read_table(folder / "records.columns")


def said(row: BoardRow) -> dict[str, Any]:
    """What a row says that a document says too."""
    return {
        **{
            name: (side.status, side.score, side.interval, side.contributions)
            for name, side in (("expertise", row.expertise), ("interest", row.interest))
        },
        "people": (row.people, row.people_with_standing),
        "reachability": (row.reachability.value, row.reachability.n),
        "active": msgspec.to_builtins(row.last_active),
    }


def said_in_full(document: ScoreDocument) -> dict[str, Any]:
    """The same, of a document."""
    reach = document.facts["reachability"]
    return {
        **{
            name: (part.status, part.score, part.interval, {f.id: f.contribution for f in part.features})
            for name, part in (("expertise", document.expertise), ("interest", document.interest))
        },
        "people": (document.expertise.people, document.expertise.people_with_standing),
        "reachability": (reach.value, reach.n),
        "active": {
            "on_topic": document.facts["last_active_on_topic"].value,
            "anywhere": document.facts["last_active_anywhere"].value,
            "answered": document.facts["last_answered_on_topic"].value,
        },
    }


@pytest.mark.parametrize("name", sorted(COMMUNITIES))
def test_exact_rows_say_what_documents_say(name: str) -> None:
    activities, question = COMMUNITIES[name]()
    board = make_board(build_world(activities, question, METHOD), 0)
    rows = {row.account: row for row in board.rows(0, len(board))}
    assert rows
    asked = msgspec.structs.replace(question, accounts=tuple(rows), topics=question.topics[:1])
    for document in score(activities, asked, METHOD):
        row = rows[document.account.account]
        assert row.standing == "exact"
        assert said(row) == said_in_full(document)
        assert row.expertise.little_evidence == document.expertise.little_evidence


@pytest.mark.parametrize("name", sorted(COMMUNITIES))
def test_rows_leave_out_what_documents_leave_out_after_a_dispute(name: str) -> None:
    activities, question = COMMUNITIES[name]()
    topic = question.topics[0].id
    first = make_board(build_world(activities, question, METHOD), 0)
    before = {row.account: row for row in first.rows(0, len(first))}
    asked = msgspec.structs.replace(question, accounts=tuple(before), topics=question.topics[:1])
    voices = [(d.account.account, voice.by) for d in score(activities, asked, METHOD) for voice in d.expertise.evidence]
    contested = [Contested(account=account, topic=topic, by=by) for account, by in voices if by][:3]
    board = make_board(build_world(activities, question, METHOD), 0, contested=contested)
    rows = {row.account: row for row in board.rows(0, len(board))}
    assert rows != before
    asked = msgspec.structs.replace(asked, accounts=tuple(rows), contested=tuple(contested))
    for document in score(activities, asked, METHOD):
        assert said(rows[document.account.account]) == said_in_full(document)


def test_shared_rows_leave_out_contested_evidence_too() -> None:
    world = build_world(community_table(8_000), TOWN, METHOD)
    heard = next(row for row in make_board(world, 0, exact_rows=0).rows(0, 99) if row.people > 1)
    person = world.columns.person_of[heard.account]
    acts = world.index.acts
    on_topic = world.index.on_topic[:, 0] & (acts.recognised == person)
    by = {world.columns.people[each] for each in acts.recogniser[on_topic].tolist() if each >= 0}
    contested = [Contested(account=heard.account, topic="tag:topic", by=each) for each in by]
    rows = make_board(world, 0, contested=contested, exact_rows=0)
    assert {row.account: row.people for row in rows.rows(0, len(rows))}.get(heard.account, 0) < heard.people


@pytest.mark.parametrize("name", sorted(COMMUNITIES))
def test_columns_from_a_file_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    activities, question = COMMUNITIES[name]()
    reader = RecordReader(None)
    reader.feed(map(msgspec.json.encode, activities))
    activities = reader.activities  # as they come with a job, which leaves private ones out as an upload does
    from_file = [encode(document) for document in score(stored(activities, tmp_path), question, METHOD)]
    assert from_file == [encode(document) for document in score(activities, question, METHOD)]


@pytest.mark.parametrize("window_days", [1825, 400, 30])
def test_a_window_of_a_file_gives_the_same_bytes(window_days: int, tmp_path: Path) -> None:
    activities = list(community(2_000))
    question = msgspec.structs.replace(TOWN, accounts=("u0", "u5"), window_days=window_days)
    from_file = [encode(document) for document in score(stored(activities, tmp_path), question, METHOD)]
    assert from_file == [encode(document) for document in score(activities, question, METHOD)]


def test_a_refusal_after_the_date_asked_about_holds_in_a_file_too(tmp_path: Path) -> None:
    refusal = Activity(type="account", actor="u5", published=END + timedelta(days=30), consent=False)
    question = msgspec.structs.replace(TOWN, accounts=("u5",))
    activities = [*community(2_000), refusal]
    from_file = list(score(stored(activities, tmp_path), question, METHOD))
    assert {document.expertise.status for document in from_file} == {"declined"}
    assert list(map(encode, from_file)) == list(map(encode, score(activities, question, METHOD)))


def test_generated_columns_are_the_generated_records() -> None:
    by_id = {record.id: record for record in community(2_000)}
    table = community_table(2_000)
    assert len(table) == len(by_id)
    for record in table:
        same = by_id[record.id]
        assert abs(record.published - same.published).total_seconds() < 1e-3
        assert msgspec.structs.replace(record, published=same.published) == same


def test_the_first_rows_are_exact_and_the_others_shared() -> None:
    board = make_board(build_world(community_table(8_000), TOWN, METHOD), 0, exact_rows=3)
    assert [row.standing for row in board.rows(0, 5)] == ["exact"] * 3 + ["shared"] * 2
    assert board.compared == 3


def test_the_largest_difference_from_the_shared_flow_is_reported() -> None:
    world = build_world(community_table(8_000), TOWN, METHOD)
    exact, shared = (make_board(world, 0, exact_rows=rows) for rows in (10, 0))
    points = {row.account: sum(row.expertise.contributions.values()) for row in shared.rows(0, len(shared))}
    apart = [abs(sum(row.expertise.contributions.values()) - points[row.account]) for row in exact.rows(0, 10)]
    assert exact.largest_difference == pytest.approx(max(apart), abs=2e-6)
    assert 0 < exact.largest_difference < 2


def test_shared_rows_say_what_everybody_hears_one_by_one() -> None:
    world = build_world(community_table(8_000), TOWN, METHOD)
    everybody = np.arange(world.people)
    together = add_up(world.votes(everybody, 0, world.shared_view, in_full=False), METHOD)
    for person in everybody.tolist():
        alone = add_up(world.votes(np.array([person]), 0, world.shared_view), METHOD)
        for field in Totals.__dataclass_fields__:
            assert getattr(alone, field)[0] == pytest.approx(getattr(together, field)[person], rel=1e-12)


def test_another_topic_of_a_world_is_as_if_asked_first() -> None:
    one, other = (build_world(community_table(8_000), TOWN, METHOD) for _ in range(2))
    everybody = Everybody(one)
    make_board(one, 0, everybody=everybody)
    after = make_board(one.about(TOWN.topics[1:]), 0, everybody=everybody)
    assert list(after.rows(0, len(after))) == list((first := make_board(other, 1)).rows(0, len(first)))


def test_who_declined_stands_on_no_board() -> None:
    activities, question = COMMUNITIES["microblog"]()
    declined = {record.actor for record in activities if record.consent is False}
    board = make_board(build_world(activities, question, METHOD), 0)
    assert declined
    assert declined.isdisjoint(row.account for row in board.rows(0, len(board)))


def test_without_a_root_nobody_has_a_number_and_everybody_a_place() -> None:
    question = msgspec.structs.replace(TOWN, trust_root=TrustRoot(kind="none"))
    board = make_board(build_world(community_table(2_000), question, METHOD), 0)
    assert {row.expertise.status for row in board.rows(0, len(board))} == {"no_trust_root"}


def test_without_a_root_people_stand_in_the_order_of_their_interest() -> None:
    question = msgspec.structs.replace(TOWN, trust_root=TrustRoot(kind="none"))
    board = make_board(build_world(community_table(2_000), question, METHOD), 0)
    interest = [row.interest.score for row in board.rows(0, len(board))]
    numbered = [score for score in interest if score is not None]
    assert len(set(numbered)) > 5
    assert interest == [*sorted(numbered, reverse=True), *[None] * (len(interest) - len(numbered))]


@pytest.mark.parametrize(
    ("limits", "may_be_chance"),
    [
        ([(60, 70), (40, 60)], True),
        ([(60, 70), (40, 59)], False),
        ([(60, 70), None, (40, 65)], False),
        ([(40, 50), (60, 70), (65, 80)], True),
        ([(60, 70)], False),
    ],
)
def test_an_order_may_be_chance_where_intervals_of_neighbours_overlap(
    limits: list[tuple[float, float] | None], may_be_chance: bool
) -> None:
    (row, *_) = make_board(build_world(community_table(2_000), TOWN, METHOD), 0).rows(0, 1)
    intervals = [each and Interval(low=each[0], high=each[1], level=0.9) for each in limits]
    replace = msgspec.structs.replace
    rows = [replace(row, expertise=replace(row.expertise, interval=interval)) for interval in intervals]
    assert order_may_be_chance(rows) == may_be_chance
