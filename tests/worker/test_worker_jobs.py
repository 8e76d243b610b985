"""Running a job: what it saves, what it says when it cannot, and that one account spoils no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from msgspec.structs import replace
from redis.exceptions import ConnectionError as RedisConnectionError
from rq.timeouts import JobTimeoutException

from candor.scoring.document import ScoreDocument
from candor.scoring.method import load_method
from candor.scoring.score import score
from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.store.job_problems import DATASET_CHANGED, INPUTS_GONE, SCORING_FAILED, TIMED_OUT
from candor.store.models import ArchiveFacts, AskedRoot
from worker import jobs
from worker.context import CURRENT, WorkerContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from candor.scoring.activity import Activity
    from candor.scoring.method import Method
    from candor.scoring.question import Question
    from candor.store import Store
    from candor.store.models import Dataset, Job
    from tests.conftest import NewJob


class Breaking:
    """Scores as ever, but raises `error` for one account, each time it is asked about it."""

    def __init__(self, account: str, error: Exception) -> None:
        self.account, self.error = account, error

    def __call__(self, activities: Sequence[Activity], question: Question, method: Method) -> Iterator[ScoreDocument]:
        for document in score(activities, question, method):
            if document.account.account == self.account:
                raise self.error
            yield document


@pytest.fixture
def run(store: Store) -> Callable[..., Job]:
    """Run a job as a worker does; return it as it is then."""

    def run_job(job: Job, scorer: object = score, contact: str | None = None) -> Job:
        token = CURRENT.set(WorkerContext(store, load_method(), scorer, contact))
        try:
            jobs.score(job.owner, job.id)
        finally:
            CURRENT.reset(token)
        return store.jobs.find(job.id)

    return run_job


@pytest.fixture
def beer(store: Store, posts: bytes) -> Dataset:
    """A data set of the local owner."""
    facts = {"network": "custom:demo", "profile": "forum", "granted_rights": False}
    return store.datasets.put("local", "beer", lines=posts.splitlines(), **facts)


def accounts_of(job: Job) -> list[tuple[str, str, bool]]:
    """Account, topic and whether there is a score, for each result."""
    return [(result.account.account, result.topic, result.score_id is not None) for result in job.results]


def test_a_job_succeeds_with_a_document_for_each_account_and_topic(
    store: Store, new_job: NewJob, posts: bytes, run: Callable[..., Job]
) -> None:
    job = new_job("rockets", "engines", accounts=("u1", "u2"))
    store.jobs.create(job, posts)
    ended = run(job)
    assert ended.status == "succeeded"
    assert accounts_of(ended) == [(a, t, True) for a in ("u1", "u2") for t in ("rockets", "engines")]
    assert all(store.scores.get("local", result.score_id) for result in ended.results)
    assert (ended.progress.done, ended.progress.total, ended.progress.stage) == (4, 4, "done")


def test_a_job_run_twice_has_one_outcome_and_the_same_documents(
    store: Store, new_job: NewJob, posts: bytes, run: Callable[..., Job]
) -> None:
    job, again = new_job(), new_job()
    for each in (job, again):
        store.jobs.create(each, posts)
    ended = run(job)
    assert run(job) == ended
    assert run(again).results == ended.results


def test_a_job_is_scored_with_the_version_of_the_method_it_names(
    store: Store, new_job: NewJob, posts: bytes, run: Callable[..., Job]
) -> None:
    job, version = new_job(), load_method().version
    naming = replace(job, request=replace(job.request, method=version))
    store.jobs.create(naming, posts)
    (result,) = run(naming).results
    assert f'"method":{{"version":"{version}"'.encode() in store.scores.get("local", result.score_id).body


def test_a_job_that_names_a_version_not_known_here_fails_and_says_which_is(
    store: Store, new_job: NewJob, posts: bytes, run: Callable[..., Job]
) -> None:
    job = new_job()
    older = replace(job, request=replace(job.request, method="0.9.0"))
    store.jobs.create(older, posts)
    ended = run(older)
    assert (ended.status, ended.error.code) == ("failed", "method_unknown")
    assert ended.error.detail == f"there is no method '0.9.0'; there is {load_method().version}."


def test_an_account_without_activity_gets_a_document_too(
    store: Store, new_job: NewJob, posts: bytes, run: Callable[..., Job]
) -> None:
    job = new_job(accounts=("nobody-knows",))
    store.jobs.create(job, posts)
    assert accounts_of(run(job)) == [("nobody-knows", "rockets", True)]


def test_the_operator_stands_on_the_document(
    store: Store, new_job: NewJob, posts: bytes, run: Callable[..., Job]
) -> None:
    job = new_job()
    store.jobs.create(job, posts)
    (result,) = run(job, contact="ops@example.org").results
    assert b"ops@example.org" in store.scores.get("local", result.score_id).body


@pytest.mark.parametrize("broken", ["u1", "u2", "u3"])
def test_one_accounts_failure_fails_no_other(
    store: Store, new_job: NewJob, posts: bytes, run: Callable[..., Job], broken: str
) -> None:
    names = ("u1", "u2", "u3")
    job = new_job("rockets", "engines", accounts=names)
    store.jobs.create(job, posts)
    ended = run(job, Breaking(broken, ValueError("no")))
    assert ended.status == "succeeded"
    assert accounts_of(ended) == [(name, topic, name != broken) for name in names for topic in ("rockets", "engines")]
    assert {result.problem for result in ended.results if result.score_id is None} == {SCORING_FAILED}


def test_a_job_that_makes_no_document_at_all_fails(
    store: Store, new_job: NewJob, posts: bytes, run: Callable[..., Job]
) -> None:
    job = new_job()
    store.jobs.create(job, posts)
    ended = run(job, Breaking("u1", ValueError("no")))
    assert (ended.status, ended.error) == ("failed", SCORING_FAILED)


def test_a_job_out_of_time_fails(store: Store, new_job: NewJob, posts: bytes, run: Callable[..., Job]) -> None:
    job = new_job()
    store.jobs.create(job, posts)
    ended = run(job, Breaking("u1", JobTimeoutException()))
    assert (ended.status, ended.error) == ("failed", TIMED_OUT)


def test_a_job_that_loses_redis_is_left_as_it_is(
    store: Store, new_job: NewJob, posts: bytes, run: Callable[..., Job]
) -> None:
    job = new_job()
    store.jobs.create(job, posts)
    with pytest.raises(RedisConnectionError):
        run(job, Breaking("u1", RedisConnectionError()))
    assert store.jobs.find(job.id).status == "running"


def test_a_canceled_job_is_not_begun(store: Store, new_job: NewJob, posts: bytes, run: Callable[..., Job]) -> None:
    job = new_job()
    store.jobs.create(job, posts)
    store.jobs.cancel("local", job.id)
    ended = run(job)
    assert (ended.status, ended.attempts) == ("canceled", 0)


def test_a_job_canceled_between_two_documents_makes_no_more(
    store: Store, new_job: NewJob, posts: bytes, run: Callable[..., Job]
) -> None:
    made: list[str] = []

    def cancel_after_the_first(
        activities: Sequence[Activity], question: Question, method: Method
    ) -> Iterator[ScoreDocument]:
        for document in score(activities, question, method):
            store.jobs.cancel("local", job.id)
            made.append(document.id)
            yield document

    job = new_job(accounts=("u1", "u2", "u3"))
    store.jobs.create(job, posts)
    assert run(job, cancel_after_the_first).status == "canceled"
    assert len(made) == 1


def test_a_job_of_another_owner_is_not_run(store: Store, new_job: NewJob, posts: bytes) -> None:
    job = new_job(owner="ana")
    store.jobs.create(job, posts)
    CURRENT.set(WorkerContext(store, load_method(), score))
    jobs.score("bob", job.id)
    assert store.jobs.find(job.id).results == ()


def test_a_data_set_gives_the_numbers_of_the_same_records_inline_and_a_place_as_well(
    store: Store, new_job: NewJob, posts: bytes, run: Callable[..., Job], beer: Dataset
) -> None:
    inline, whole = new_job(), new_job(dataset=beer.id)
    store.jobs.create(inline, posts)
    store.jobs.create(whole, None)
    alone, placed = (document_of(store, run(job)) for job in (inline, whole))
    places = [document.expertise.at_face_value.position.status for document in (alone, placed)]
    assert places == ["no_community", "no_number"]
    assert _but_place(alone) == _but_place(placed)


@pytest.mark.parametrize(("whose", "status"), [(None, "no_number"), ("u1", "no_community")])
def test_the_dump_of_a_community_is_a_community_and_the_export_of_one_account_is_not(
    store: Store, new_job: NewJob, posts: bytes, run: Callable[..., Job], whose: str | None, status: str
) -> None:
    facts = {"network": "custom:demo", "profile": "forum", "granted_rights": False}
    archive = ArchiveFacts(account=whose, left_out={}, shows="read as a dump")
    dataset = store.datasets.put("local", "dump", lines=posts.splitlines(), archive=archive, **facts)
    job = new_job(dataset=dataset.id)
    store.jobs.create(job, None)
    assert document_of(store, run(job)).expertise.at_face_value.position.status == status


def document_of(store: Store, ended: Job) -> ScoreDocument:
    """The document of a job's only result, whole."""
    return msgspec.json.decode(store.scores.get("local", ended.results[0].score_id).body, type=ScoreDocument)


def _but_place(document: ScoreDocument) -> tuple[object, ...]:
    expertise = document.expertise
    face = replace(expertise.at_face_value, position=None)
    return replace(expertise, position=None, at_face_value=face), document.interest, document.robustness


def test_a_document_names_the_digest_of_its_data_set(
    store: Store, new_job: NewJob, run: Callable[..., Job], beer: Dataset
) -> None:
    job = new_job(dataset=beer.id)
    store.jobs.create(job, None)
    (result,) = run(job).results
    assert f'"digest":"{beer.digest}"'.encode() in store.scores.get("local", result.score_id).body


def test_a_data_set_that_is_gone_fails_the_job(store: Store, new_job: NewJob, run: Callable[..., Job]) -> None:
    job = new_job(dataset="nowhere")
    store.jobs.create(job, None)
    ended = run(job)
    assert (ended.status, ended.error) == ("failed", INPUTS_GONE)


def test_a_job_whose_trust_root_is_gone_fails(
    store: Store, new_job: NewJob, posts: bytes, run: Callable[..., Job]
) -> None:
    root = TrustRoot(kind="accounts", network="custom:demo", accounts=(RootAccount(account="u2"),))
    job = new_job(trust_root=AskedRoot.of(root))
    store.jobs.create(job, posts, root)
    store.redis.delete(*store.redis.keys("candor:job-root:*"))
    ended = run(job)
    assert (ended.status, ended.error) == ("failed", INPUTS_GONE)


def test_a_data_set_replaced_after_submission_fails_the_job(
    store: Store, new_job: NewJob, run: Callable[..., Job], beer: Dataset
) -> None:
    job = new_job(dataset=beer.id, dataset_digest="sha256:of-what-it-was")
    store.jobs.create(job, None)
    ended = run(job)
    assert (ended.status, ended.error) == ("failed", DATASET_CHANGED)


def test_what_an_export_does_not_show_stands_among_the_gaps(
    store: Store, new_job: NewJob, posts: bytes, run: Callable[..., Job]
) -> None:
    facts = {"network": "custom:demo", "profile": "forum", "granted_rights": False}
    archive = ArchiveFacts(account="u1", left_out={}, shows="what the account did itself")
    dataset = store.datasets.put("local", "mine", lines=posts.splitlines(), archive=archive, **facts)
    job = new_job(dataset=dataset.id)
    store.jobs.create(job, None)
    (result,) = run(job).results
    assert b'"gaps":["what the account did itself"]' in store.scores.get("local", result.score_id).body


@pytest.mark.parametrize("source", ["inline", "dataset"])
def test_who_is_trusted_or_asked_about_and_in_no_record_stands_among_the_gaps(
    store: Store, new_job: NewJob, beer: Dataset, posts: bytes, run: Callable[..., Job], source: str
) -> None:
    root = TrustRoot(kind="accounts", accounts=(RootAccount(account="u2"), RootAccount(account="nobody")))
    asked = {"trust_root": AskedRoot.of(root), "dataset": beer.id if source == "dataset" else None}
    job = new_job(accounts=("u1", "u11"), **asked)
    store.jobs.create(job, posts if source == "inline" else None, root)
    found, missing = (
        msgspec.json.decode(store.scores.get("local", each.score_id).body, type=ScoreDocument).inputs.gaps
        for each in run(job).results
    )
    assert [said.partition(";")[0] for said in found] == ['trusted accounts that no record names, 1 of 2: "nobody"']
    assert missing == (*found, 'no record that was read names this account; written much like it: "u1"')


def test_who_is_suppressed_after_the_job_came_has_a_problem_and_spoils_nobody(store, run, new_job, posts) -> None:
    job = new_job(accounts=("u1", "u2"))
    store.jobs.create(job, posts)
    store.suppression.add("custom:demo", ["u1"])
    ended = run(job)
    assert ended.status == "succeeded"
    assert [result.problem and result.problem.code for result in ended.results] == ["suppressed", None]


def test_a_job_about_somebody_who_is_suppressed_alone_fails_and_makes_no_document(store, run, new_job, posts) -> None:
    job = new_job()
    store.jobs.create(job, posts)
    store.suppression.add("custom:demo", ["u1"])
    assert run(job).error.code == "suppressed"
    assert list(store.redis.scan_iter("candor:score:*")) == []


@pytest.mark.parametrize("source", ["inline", "dataset"])
def test_who_is_suppressed_is_no_voice(store, run, new_job, source) -> None:
    records = posts_and_likes("u2", "u3")
    if source == "dataset":
        facts = {"network": "custom:demo", "profile": "forum", "granted_rights": False}
        store.datasets.put("local", "beer", lines=records, **facts)
    job = new_job(dataset="beer" if source == "dataset" else None)
    store.jobs.create(job, b"\n".join(records))
    store.suppression.add("custom:demo", ["u3"])
    document = store.scores.evidence("local", run(job).results[0].score_id)
    assert b'"by":"u2"' in document.body
    assert b"u3" not in document.body


def posts_and_likes(*people: str) -> list[bytes]:
    """A post of u1 that these people reshared, and a post of each."""
    post = '{"id": "p-%s", "type": "note", "actor": "%s", "published": "2026-10-01T00:00:00Z", "content": "my rocket"}'
    act = '{"id": "r-%s", "type": "reshare", "actor": "%s", "object": "p-u1", "published": "2026-10-02T00:00:00Z"}'
    lines = [post % (who, who) for who in ("u1", *people)] + [act % (who, who) for who in people]
    return [line.encode() for line in lines]
