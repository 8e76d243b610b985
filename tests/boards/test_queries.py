"""Boards by queries: their rows say what documents and boards made in memory say, in whatever order records lie."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from golden.communities import COMMUNITIES
from golden.records import AS_OF
from properties.worlds import make_setting, random_pick

from candor.boards.board import QueriedCommunity
from candor.boards.engines import DuckDB, Scratch, SilentEngineError, SparkConnect, sweep
from candor.scoring import features
from candor.scoring.activity import Activity
from candor.scoring.board import make_board
from candor.scoring.features import acknowledged_help
from candor.scoring.method import load_method
from candor.scoring.question import Contested, Question
from candor.scoring.score import score
from candor.scoring.topics import tag_topic
from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.scoring.window import rows_of
from candor.scoring.world import build_world
from candor.store.column_file import made_table
from candor.store.kept_copies import copies_in, none_known
from candor.store.table_builder import TableBuilder
from lab.speed.community import END, community
from tests.effort import examples

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from candor.boards.engines import Engine
    from candor.scoring.board import Board
    from candor.scoring.board_row import BoardRow
    from candor.scoring.document import ScoreDocument
    from candor.scoring.evidence import Scope
    from candor.scoring.table import Table

METHOD = load_method()
LAST = ("last_active_on_topic", "last_active_anywhere", "last_answered_on_topic")
SIX_PLACES = 1.1e-6  # what is shown is rounded to six places: a last digit may fall to either side
WORLDS = range(examples(12))
TOWN = Question(
    network="custom:town",
    accounts=(),
    topics=(tag_topic("tag:topic"), tag_topic("tag:other-1")),
    trust_root=TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=f"u{number}") for number in range(8))),
    as_of=END,
    profile="qa",
)


def queried(engine: Engine, activities: Sequence[Activity], question: Question, **more: Any) -> Board:
    """The board of the question's first topic, by an engine."""
    made = QueriedCommunity(engine, table_of(activities), question, more.get("method", METHOD))
    try:
        made.prepare(lambda: None)
        return made.board(question.topics[0], more.get("contested", ()), lambda: None)
    finally:
        made.close()


def table_of(activities: Sequence[Activity]) -> Table:
    """Activities as a data set keeps them."""
    with TemporaryDirectory() as name, TableBuilder(folder := Path(name)) as builder:
        builder.add(range(1, len(activities) + 1), activities)
        with made_table(folder, builder.write) as (table, _, _):
            return table


def shuffled(columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """A relation with its rows in another order."""
    size = next(iter(columns.values())).size
    order = np.array(random.Random(7).sample(range(size), size), np.int64)
    return {key: values[order] for key, values in columns.items()}


def numbers_of(row: BoardRow) -> list[float]:
    """Every number of a row."""
    sides = (row.expertise, row.interest)
    shown = [x for side in sides for x in (side.score, *side.contributions.values()) if x is not None]
    return shown + [x for side in sides if side.interval for x in (side.interval.low, side.interval.high)]


def facts_of(row: BoardRow) -> tuple[Any, ...]:
    """What of a row is no measured number."""
    reach = row.reachability
    sides = (row.expertise.status, row.interest.status)
    return row.account, *sides, row.people, row.people_with_standing, reach.value, reach.n, row.last_active


def by_account(board: Board) -> dict[str, BoardRow]:
    """The rows."""
    return {row.account: row for row in board.rows(0, len(board))}


@cache
def golden_rows(name: str) -> dict[str, BoardRow]:
    """The rows of a community by queries, the same for every test."""
    with TemporaryDirectory() as folder:
        return by_account(queried(DuckDB(Path(folder)), *COMMUNITIES[name]()))


@cache
def golden_documents(name: str) -> dict[str, ScoreDocument]:
    """The documents of everybody in a community on its first topic."""
    activities, question = COMMUNITIES[name]()
    asked = msgspec.structs.replace(question, accounts=tuple(golden_rows(name)), topics=question.topics[:1])
    return {made.account.account: made for made in score(activities, asked, METHOD)}


@pytest.mark.parametrize("seed", WORLDS)
def test_rows_by_queries_are_those_made_in_memory(seed: int, tmp_path: Path) -> None:
    setting = make_setting(random_pick(seed))
    question = setting.question
    found = queried(DuckDB(tmp_path), setting.activities, question)
    world = build_world(setting.activities, question, METHOD)
    in_memory = [make_board(world, 0, exact_rows=rows) for rows in (0, 10**6)]
    assert [found.copies] * 2 == [board.copies for board in in_memory]
    assert [found.on_replies] * 2 == [board.on_replies for board in in_memory]
    shared, exact = map(by_account, in_memory)
    rows = by_account(found)
    assert rows.keys() == exact.keys()
    for account, row in rows.items():
        expected = exact[account] if row.standing == "exact" else shared[account]
        if row.standing == "shared" and account not in {each.account for each in question.trust_root.accounts}:
            continue  # whoever is endorsed or near a copy is seen without its own vouches, but not in every step
        assert facts_of(row) == facts_of(expected)
        assert numbers_of(row) == pytest.approx(numbers_of(expected), abs=SIX_PLACES)


@pytest.mark.parametrize("name", sorted(COMMUNITIES))
def test_exact_rows_by_queries_say_what_documents_say(name: str) -> None:
    exact = {account: row for account, row in golden_rows(name).items() if row.standing == "exact"}
    assert exact
    for account, row in exact.items():
        document = golden_documents(name)[account]
        for side, part in ((row.expertise, document.expertise), (row.interest, document.interest)):
            assert (side.status, side.score, side.interval) == (part.status, part.score, part.interval)
            assert side.contributions == {each.id: each.contribution for each in part.features}
        for at, fact in zip(msgspec.to_builtins(row.last_active).values(), LAST, strict=True):
            assert at == document.facts[fact].value


def test_rows_are_the_same_to_the_last_digit_however_records_and_threads_lie(tmp_path: Path) -> None:
    activities, question = list(community(3_000)), TOWN
    table = table_of(activities)

    class Shuffled(DuckDB):
        def put(self, name: str, columns: Any) -> None:
            super().put(name, shuffled(columns))

        def put_chunks(self, name: str, chunks: Any) -> None:
            super().put_chunks(name, [shuffled(chunk) for chunk in reversed(list(chunks))])

    boards = []
    for engine in (DuckDB(tmp_path, threads=1), Shuffled(tmp_path, threads=2), Shuffled(tmp_path, threads=4)):
        made = QueriedCommunity(engine, table, question, METHOD)
        made.prepare(lambda: None)
        board = made.board(question.topics[0], (), lambda: None)
        boards.append(list(board.rows(0, len(board))))
        made.close()
    assert len(boards[0]) > 10
    assert boards[0] == boards[1] == boards[2]


def test_a_second_topic_of_the_same_community_is_as_if_it_were_the_first(tmp_path: Path) -> None:
    activities, question = list(community(3_000)), TOWN
    first, second = question.topics
    made = QueriedCommunity(DuckDB(tmp_path), table_of(activities), question, METHOD)
    made.prepare(lambda: None)
    made.board(first, (), lambda: None)
    later = by_account(made.board(second, (), lambda: None))
    made.close()
    alone = msgspec.structs.replace(question, topics=(second,))
    assert later == by_account(queried(DuckDB(tmp_path), activities, alone))


@pytest.mark.parametrize("name", sorted(COMMUNITIES))
def test_rows_are_the_same_whether_each_of_the_root_has_a_column_or_rows(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    activities, question = COMMUNITIES[name]()
    by_columns = golden_rows(name)
    monkeypatch.setattr("candor.boards.sql.MOST_COLUMNS", 0)
    assert by_account(queried(DuckDB(tmp_path), activities, question)) == by_columns


@pytest.mark.parametrize("name", sorted(COMMUNITIES))
def test_rows_are_the_same_whether_people_are_added_up_at_once_or_some_at_a_time(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    activities, question = COMMUNITIES[name]()
    at_once = golden_rows(name)
    monkeypatch.setattr("candor.boards.sql.PEOPLE_IN_PART", 3)
    monkeypatch.setattr("candor.boards.sql.RECORDS_IN_PART", len(activities) // 3)
    assert by_account(queried(DuckDB(tmp_path), activities, question)) == at_once


def said_and_accepted(who: str, days: int) -> list[Activity]:
    """An answer on roses that everybody gives word for word, accepted by one of the root."""
    when = AS_OF - timedelta(days=days)
    said = Activity(type="answer", id=who, actor=who, published=when, content="cut every rose back in March")
    return [said, Activity(type="accept", id=f"{who}-taken", actor="asker0", published=when, object=who)]


@pytest.mark.parametrize("window_days", [1_825, 150])
def test_rows_are_the_same_whether_near_copies_are_known_or_found_anew(window_days: int, tmp_path: Path) -> None:
    activities, question = COMMUNITIES["qa"]()
    question = msgspec.structs.replace(question, window_days=window_days)
    activities += [*said_and_accepted("first", 5), *said_and_accepted("second", 4)]
    table = table_of(activities)
    known, _ = copies_in(table, METHOD.copies, none_known())
    assert build_world(activities, question, METHOD).originals.shared_authors.size == 1
    assert (rows_of(table, question).start > 0) == (window_days < 1_000)
    boards = []
    for copies in (known, None):
        made = QueriedCommunity.prepared(DuckDB(tmp_path), table, question, METHOD, lambda: None, copies=copies)
        boards.append(by_account(made.board(question.topics[0], (), lambda: None)))
        made.close()
    assert boards[0] == boards[1]
    assert [boards[0][name].people for name in ("first", "second")] == [1, 0]
    assert {row.standing for row in boards[0].values()} == {"exact", "shared"}


@pytest.mark.parametrize("through_one", [0.03, 0.1, 0.3])
def test_no_more_rests_on_one_person_than_in_memory(through_one: float, tmp_path: Path) -> None:
    backing = msgspec.structs.replace(METHOD.backing, through_one=through_one)
    method = msgspec.structs.replace(METHOD, backing=backing)
    activities, question = list(community(4_000)), TOWN
    rows = by_account(queried(DuckDB(tmp_path / "low"), activities, question, method=method))
    expected = by_account(make_board(build_world(activities, question, method), 0, exact_rows=10**6))
    unlimited = by_account(queried(DuckDB(tmp_path / "usual"), activities, question))
    exact = [account for account, row in rows.items() if row.standing == "exact"]
    assert sum(numbers_of(rows[account]) != numbers_of(unlimited[account]) for account in exact) > 3
    for account in exact:
        assert numbers_of(rows[account]) == pytest.approx(numbers_of(expected[account]), abs=SIX_PLACES)


@pytest.mark.parametrize("name", sorted(COMMUNITIES))
def test_rows_by_queries_leave_out_what_was_contested(name: str, tmp_path: Path) -> None:
    activities, question = COMMUNITIES[name]()
    before = golden_rows(name)
    voices = [(account, voice.by) for account, d in golden_documents(name).items() for voice in d.expertise.evidence]
    topic = question.topics[0].id
    contested = [Contested(account=account, topic=topic, by=by) for account, by in voices if by][:3]
    rows = by_account(queried(DuckDB(tmp_path), activities, question, contested=contested))
    expected = by_account(make_board(build_world(activities, question, METHOD), 0, contested=contested))
    assert rows != before
    for account in {each.account for each in contested}:
        if rows[account].standing == "exact":
            assert numbers_of(rows[account]) == pytest.approx(numbers_of(expected[account]), abs=SIX_PLACES)
        assert rows[account].people == expected[account].people


@pytest.mark.parametrize("name", ["forum", "qa"])
@pytest.mark.parametrize("scope", ["on_topic", "recent"])
def test_a_feature_that_counts_people_counts_them_alike(
    name: str, scope: Scope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = ("accepted", "replied", "thanked")
    counting = replace(
        acknowledged_help.FEATURE, kinds=kinds, measure=lambda evidence: evidence.people(*kinds, scope=scope)
    )
    every = tuple(counting if feature.id == counting.id else feature for feature in features.EXPERTISE)
    monkeypatch.setattr(features, "EXPERTISE", every)
    activities, question = COMMUNITIES[name]()
    rows = by_account(queried(DuckDB(tmp_path), activities, question))
    expected = by_account(make_board(build_world(activities, question, METHOD), 0, exact_rows=10**6))
    exact = [account for account, row in rows.items() if row.standing == "exact"]
    assert any(rows[account].expertise.contributions[counting.id] for account in exact)
    for account in exact:
        assert numbers_of(rows[account]) == pytest.approx(numbers_of(expected[account]), abs=SIX_PLACES)


def test_what_does_not_fit_in_memory_goes_to_a_folder_that_is_gone_afterwards(tmp_path: Path) -> None:
    activities, question = list(community(3_000)), TOWN
    engine = DuckDB(tmp_path, memory_mb=200)
    assert len(queried(engine, activities, question)) > 10
    assert not list(tmp_path.iterdir())


def test_what_a_killed_process_left_is_deleted_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    used = Scratch(tmp_path)
    (tmp_path / "board-left").mkdir()
    (tmp_path / "board-left.lock").touch()
    sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([used.path, used.path.with_suffix(".lock")])
    used.close()
    assert not list(tmp_path.iterdir())


def test_a_server_that_gives_no_answer_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    never = threading.Event()
    silent = SimpleNamespace(builder=SimpleNamespace(remote=lambda _: SimpleNamespace(create=never.wait)))
    monkeypatch.setattr("candor.boards.engines._sessions", lambda: silent)
    with pytest.raises(SilentEngineError):
        SparkConnect("sc://127.0.0.1:1", tmp_path, longest_s=0.05)
    never.set()
    assert not list(tmp_path.iterdir())


def test_what_a_server_writes_after_it_was_given_up_goes_with_the_next_engine(tmp_path: Path) -> None:
    (tmp_path / "board-given-up" / "1-one").mkdir(parents=True)
    Scratch(tmp_path).close()
    assert not list(tmp_path.iterdir())
