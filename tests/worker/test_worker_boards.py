"""Ranking a whole data set: a board for each topic, made once, whatever happens to the workers on the way."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec
import pytest

from candor.boards.engines import DuckDB, SilentEngineError, open_engine
from candor.scoring.board import make_board
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.score import score
from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.scoring.world import build_world
from candor.store.disputes import Dispute
from candor.store.job_problems import ENGINE_SILENT, INPUTS_GONE
from candor.store.jobs import part_id
from candor.store.models import AskedRoot
from lab.speed.community import community
from worker import jobs
from worker.context import CURRENT, WorkerContext

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from candor.boards.sql import Step
    from candor.store import Store
    from candor.store.models import Dataset, Job
    from tests.conftest import NewJob

ROOT = TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=f"u{number}") for number in range(10)))


@pytest.fixture(autouse=True)
def context(store: Store) -> Iterator[None]:
    """This process has a worker's context."""
    token = CURRENT.set(WorkerContext(store, load_method(), score))
    yield
    CURRENT.reset(token)


@pytest.fixture
def town(store: Store) -> Dataset:
    """A community of twenty people."""
    lines = [msgspec.json.encode(activity) for activity in community(2_000)]
    facts = {"network": "custom:demo", "profile": "qa", "granted_rights": False}
    return store.datasets.put("local", "town", lines=lines, **facts)


@pytest.fixture
def whole(store: Store, town: Dataset, new_job: NewJob) -> Job:
    """A job about everybody on two topics, accepted and not begun."""
    job = new_job("topic", "other-1", accounts=(), dataset=town.id, dataset_digest=town.digest)
    topics = tuple(msgspec.structs.replace(topic, terms=(), hashtags=(topic.id,)) for topic in job.request.topics)
    request = msgspec.structs.replace(job.request, topics=topics, trust_root=AskedRoot.of(ROOT), profile="qa")
    job = msgspec.structs.replace(job, request=request)
    store.jobs.create(job, root=ROOT)
    return job


def run(job: Job, *parts: int) -> None:
    """Run a job, or some of its parts, as workers do."""
    for name in [part_id(job.id, part) for part in parts] or [job.id]:
        jobs.score(job.owner, name)


def test_a_job_without_accounts_waits_in_a_part_for_each_topic(store: Store, whole: Job) -> None:
    run(whole)
    assert store.queue.depths()["batch"] == 2
    assert store.jobs.find(whole.id).status == "running"


def test_the_last_part_closes_the_job_with_a_board_for_each_topic(store: Store, whole: Job) -> None:
    run(whole)
    run(whole, 1)
    assert store.jobs.find(whole.id).status == "running"
    run(whole, 0)
    ended = store.jobs.find(whole.id)
    assert (ended.status, [result.topic for result in ended.results]) == ("succeeded", ["topic", "other-1"])
    assert all(store.boards.get("local", result.board_id) for result in ended.results)


def test_a_job_waits_for_a_worker_until_one_ranks_the_first_of_its_topics(
    store: Store, whole: Job, monkeypatch
) -> None:
    run(whole)
    assert store.jobs.find(whole.id).progress.stage == "queued"
    seen = []
    monkeypatch.setattr(jobs, "rank", lambda *_: seen.append(store.jobs.find(whole.id).progress))
    run(whole, 0)
    assert seen == [msgspec.structs.replace(whole.progress, stage="scoring")]


def test_progress_counts_topics_and_people(store: Store, whole: Job) -> None:
    run(whole)
    run(whole, 0)
    progress = store.jobs.find(whole.id).progress
    (board,) = [store.boards.newest("local", "town", "topic", ROOT.digest, load_method().version)]
    assert (progress.done, progress.total, progress.people) == (1, 2, board.people)


def test_a_part_that_runs_twice_changes_nothing(store: Store, whole: Job) -> None:
    run(whole)
    run(whole, 0, 0)
    assert store.jobs.find(whole.id).progress.done == 1
    run(whole, 1, 0)
    ended = store.jobs.find(whole.id)
    run(whole, 1)
    assert store.jobs.find(whole.id) == ended


def test_a_job_that_fans_out_twice_makes_no_more_parts(store: Store, whole: Job) -> None:
    run(whole)
    run(whole, 0)
    run(whole)
    assert store.jobs.find(part_id(whole.id, 0)).status == "succeeded"
    run(whole, 1)
    assert store.jobs.find(whole.id).status == "succeeded"


def test_a_waiting_whole_is_never_put_back(store: Store, whole: Job) -> None:
    run(whole)
    assert whole.id not in store.recovery.orphans()


def test_a_job_whose_parts_all_fail_fails_for_their_reason(store: Store, whole: Job) -> None:
    store.datasets.delete("local", "town")
    run(whole)
    run(whole, 0, 1)
    ended = store.jobs.find(whole.id)
    assert (ended.status, ended.error) == ("failed", INPUTS_GONE)
    assert [result.problem for result in ended.results] == [INPUTS_GONE] * 2


def test_canceling_the_whole_cancels_its_parts(store: Store, whole: Job) -> None:
    run(whole)
    run(whole, 0)
    store.jobs.cancel("local", whole.id)
    run(whole, 1)
    assert store.jobs.find(part_id(whole.id, 1)).status == "canceled"
    assert store.jobs.find(whole.id).status == "canceled"


def test_parts_stand_in_nobodys_list_of_jobs(store: Store, whole: Job) -> None:
    run(whole)
    assert [job.id for job in store.jobs.list("local")[0]] == [whole.id]


def test_a_board_made_after_an_accepted_dispute_leaves_the_evidence_out(store: Store, whole: Job) -> None:
    run(whole)
    run(whole, 0)
    newest = ("local", "town", "topic", ROOT.digest, load_method().version)
    before = store.boards.newest(*newest)
    (row, *_) = (row for row in store.boards.rows(before) if row.people > 1)
    network = str(whole.request.network)
    facts = {"score_id": "sc_1", "network": network, "account": row.account, "topic": "topic", "of": None}
    voices = {activity.actor for activity in community(2_000) if activity.actor}
    for voice in sorted(voices - {row.account}):
        dispute = Dispute(
            id=f"dsp_{voice}",
            owner="local",
            by=voice,
            reason="One person.",
            contact=None,
            created_at=whole.created_at,
            **facts,
        )
        store.disputes.open(dispute)
        store.disputes.decide("local", dispute.id, accept=True, note=None)
    again = msgspec.structs.replace(whole, id="job_again")
    store.jobs.create(again)
    run(again)
    run(again, 0)
    after = store.boards.newest(*newest)
    assert after.id != before.id
    assert {left.account: left.people for left in store.boards.rows(after)}.get(row.account, 0) < row.people


def test_rows_come_ranked_and_whole(store: Store, whole: Job) -> None:
    run(whole)
    run(whole, 0)
    facts = store.boards.newest("local", "town", "topic", ROOT.digest, load_method().version)
    rows = list(store.boards.rows(facts))
    assert [row.row for row in rows] == list(range(1, facts.people + 1))
    assert [row.row for row in store.boards.rows(facts, 5)] == list(range(6, facts.people + 1))
    scores = [row.expertise.score for row in rows if row.expertise.score is not None]
    assert scores == sorted(scores, reverse=True)


def test_an_engine_makes_the_boards_that_are_made_in_memory(store: Store, whole: Job, tmp_path: Path) -> None:
    open_duckdb = partial(open_engine, "duckdb", tmp_path, memory_mb=200, longest_s=60)
    token = CURRENT.set(WorkerContext(store, load_method(), score, open_engine=open_duckdb))
    run(whole)
    run(whole, 1)
    run(whole, 0)
    CURRENT.reset(token)
    facts = store.boards.newest("local", "town", "topic", ROOT.digest, load_method().version)
    rows = {row.account: row for row in store.boards.rows(facts)}
    asked = whole.request
    question = Question(
        network="custom:demo", accounts=(), topics=asked.topics, trust_root=ROOT, as_of=asked.as_of, profile="qa"
    )
    board = make_board(build_world(list(community(2_000)), question, load_method()), 0)
    expected = {row.account: row for row in board.rows(0, len(board))}
    assert rows.keys() == expected.keys()
    exact = [account for account, row in rows.items() if row.standing == "exact"]
    assert len(exact) > 3
    for account in exact:
        row = rows[account]  # its place depends on rows of the root's people too, which are not exact
        assert msgspec.structs.replace(expected[account], row=row.row, rank=row.rank, position=row.position) == row


def test_small_data_sets_are_ranked_in_memory_whatever_the_engine(store: Store, whole: Job) -> None:
    def _open() -> DuckDB:
        raise AssertionError("an engine was opened")

    records = store.datasets.get("local", "town").records
    token = CURRENT.set(WorkerContext(store, load_method(), score, open_engine=_open, engine_from=records + 1))
    run(whole)
    run(whole, 0)
    CURRENT.reset(token)
    facts = store.boards.newest("local", "town", "topic", ROOT.digest, load_method().version)
    assert {row.standing for row in store.boards.rows(facts, 0)} == {"exact"}


def test_a_board_that_an_engine_gave_no_answer_for_is_made_by_another_when_asked_for_again(
    store: Store, whole: Job, tmp_path: Path
) -> None:
    class Silent(DuckDB):
        def run(self, step: Step) -> None:  # noqa: ARG002 # as an engine does
            raise SilentEngineError

    opened: list[DuckDB] = []

    def _open() -> DuckDB:
        opened.append((DuckDB if opened else Silent)(tmp_path))
        return opened[-1]

    token = CURRENT.set(WorkerContext(store, load_method(), score, open_engine=_open))
    run(whole)
    run(whole, 0)
    run(whole, 1)
    CURRENT.reset(token)
    first, second = (store.jobs.get("local", part_id(whole.id, number)) for number in (0, 1))
    assert (first.status, first.error) == ("failed", ENGINE_SILENT)
    assert (second.status, len(opened)) == ("succeeded", 2)
