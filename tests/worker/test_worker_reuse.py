"""A job that takes a score there is already, if it is young enough: what fits, what is left to fetch, what never is."""

from __future__ import annotations

from dataclasses import replace as changed
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from candor.scoring.topics import Topic
from candor.scoring.trust_root import FACE_VALUE, RootAccount, TrustRoot
from candor.store.disputes import Dispute
from candor.store.job_problems import SUPPRESSED
from candor.store.models import AccountName, AskedRoot
from tests.worker.conftest import AS_OF, HOST, account, post
from worker import erasures
from worker.context import CURRENT

ADA, BO, CY = (f"@{name}@{HOST}" for name in ("ada", "bo", "cy"))
HOUR_S = 3_600
ENGINES = Topic(id="engines", label="Engines", terms=("engine",))
OTHER_TERMS = Topic(id="rockets", label="Rockets", terms=("rocket", "launch"))
OF_BO = TrustRoot(kind="accounts", network="mastodon", accounts=(RootAccount(account=BO),))
LIST = TrustRoot(kind="list", network="mastodon", list=f"{HOST}/collections/9")


@pytest.fixture
def ask(store, fetching, worked):
    """Runs a job about accounts, an hour after AS_OF unless told otherwise, that takes scores two hours old."""

    def run(*names, after=timedelta(hours=1), max_age_s=2 * HOUR_S, owner="local", trust_root=FACE_VALUE, **other):
        job = fetching(*names, owner=owner)
        root = AskedRoot.of(trust_root)
        request = replace(job.request, as_of=AS_OF + after, max_age_s=max_age_s, trust_root=root, **other)
        again = replace(job, id=f"{job.id}x", request=request)
        store.jobs.create(again, root=trust_root)
        return worked(again)

    return run


@pytest.fixture
def people(fediverse):
    """Ada and bo, who posted about rockets."""
    for name in ("ada", "bo"):
        fediverse.person(name, post(f"of-{name}", name))
    return fediverse


@pytest.fixture
def first(people, fetching, worked):
    """A job that fetched ada as of AS_OF; what was asked for it, and kept of it, is forgotten."""
    job = worked(fetching(ADA))
    people.mock.reset_mock()
    return job


@pytest.fixture
def forget_answers(store):
    """Forgets what networks said, so that a fetch shows as requests."""

    def forget():
        for key in store.redis.scan_iter("candor:response*"):
            store.redis.delete(key)

    return forget


def test_a_young_score_is_answered_without_any_request(first, ask, people, forget_answers):
    forget_answers()
    job = ask(ADA)
    assert (job.status, people.asked(), job.progress.requests) == ("succeeded", [], 0)
    assert [(result.score_id, result.reused) for result in job.results] == [(first.results[0].score_id, True)]


def test_what_was_fetched_is_not_said_to_be_reused(first):
    assert [result.reused for result in first.results] == [False]


def test_without_an_age_nothing_is_reused(first, ask):
    assert not ask(ADA, max_age_s=None).results[0].reused


@pytest.mark.parametrize(
    ("after", "reused"),
    [
        (timedelta(0), True),
        (timedelta(hours=2), True),
        (timedelta(hours=2, seconds=1), False),
        (timedelta(seconds=-1), False),
    ],
)
def test_a_score_is_reused_up_to_its_age_and_never_for_an_earlier_time(first, ask, after, reused):
    assert ask(ADA, after=after).results[0].reused is reused


def test_an_age_of_nothing_reuses_a_score_as_of_the_same_time(first, ask):
    assert ask(ADA, after=timedelta(0), max_age_s=0).results[0].reused


@pytest.mark.parametrize(
    "other",
    [
        {"trust_root": OF_BO},
        {"trust_root": TrustRoot(kind="none")},
        {"topics": (OTHER_TERMS,)},
        {"window_days": 365},
        {"owner": "somebody-else"},
    ],
    ids=["root", "no-root", "topic", "window", "owner"],
)
def test_another_question_is_fetched_again(first, ask, people, forget_answers, other):
    forget_answers()
    job = ask(ADA, **other)
    assert (job.status, job.results[0].reused) == ("succeeded", False)
    assert people.asked()


def test_only_the_account_that_is_missing_is_fetched(first, ask, people, forget_answers):
    forget_answers()
    job = ask(ADA, BO)
    assert [result.reused for result in job.results] == [True, False]
    assert people.asked()
    assert not [path for path in people.asked() if "ada" in path]


def test_only_the_topic_that_is_missing_is_scored(first, ask, store):
    scored = []
    context = CURRENT.get()

    def scorer(activities, question, method):
        scored.extend((name, topic.id) for name in question.accounts for topic in question.topics)
        return context.scorer(activities, question, method)

    token = CURRENT.set(changed(context, scorer=scorer))
    job = ask(ADA, BO, topics=(*first.request.topics, ENGINES))
    CURRENT.reset(token)
    assert [result.reused for result in job.results] == [True, False, False, False]
    assert sorted(scored) == [(ADA, "engines"), (BO, "engines"), (BO, "rockets")]
    assert len({result.score_id for result in job.results}) == 4


def test_a_score_is_found_under_the_name_that_records_use(people, fetching, worked, ask):
    asked = worked(fetching("Ada@A.Example"))
    assert ask(ADA).results[0].score_id == asked.results[0].score_id
    assert ask("Ada@A.Example").results[0].reused


def test_names_that_a_root_was_declared_with_are_the_same_root(people, ask):
    spelled = TrustRoot(kind="accounts", network="mastodon", accounts=(RootAccount(account="Bo@A.Example"),))
    assert not ask(ADA, trust_root=spelled).results[0].reused
    assert ask(ADA, trust_root=spelled).results[0].reused


def test_a_list_is_not_read_again_for_a_score_there_is(people, ask, forget_answers):
    listing = {"id": "9", "uri": "u", "created_at": "2026-02-01T00:00:00Z", "items": [{"account_id": "id-bo"}]}
    answer = {"collection": listing, "accounts": [account("bo")]}
    people.mock.get(f"https://{HOST}/api/v1/collections/9", json=answer)
    assert ask(ADA, trust_root=LIST).status == "succeeded"
    people.mock.reset_mock()
    forget_answers()
    assert ask(ADA, trust_root=LIST).results[0].reused
    assert people.asked() == []


def test_what_was_brought_is_no_score_of_what_is_fetched(people, fetching, worked, bring_records, ask):
    assert worked(bring_records(fetching(ADA), "my rocket")).status == "succeeded"
    assert not ask(ADA).results[0].reused


def test_a_score_that_is_no_longer_kept_is_made_again(first, ask, store):
    for key in store.redis.scan_iter("candor:score:*"):
        store.redis.delete(key)
    assert not ask(ADA).results[0].reused


@pytest.mark.parametrize("suppressed", [ADA, "Ada@A.Example"])
def test_who_is_suppressed_is_never_answered_from_what_is_kept(people, fetching, worked, ask, store, suppressed):
    worked(fetching("Ada@A.Example"))
    store.suppression.add("mastodon", [suppressed])
    (result,) = ask("Ada@A.Example").results
    assert (result.score_id, result.reused, result.problem) == (None, False, SUPPRESSED)


def test_who_was_erased_and_let_in_again_is_fetched_again(first, ask, store, people):
    asked = store.erasures.create("local", "mastodon", ADA)
    erasures.erase("local", asked.id)
    store.suppression.remove("mastodon", ADA)
    job = ask(ADA)
    assert (job.status, job.results[0].reused) == ("succeeded", False)
    assert people.asked()


def test_after_a_decision_about_a_score_it_is_made_again(first, ask, store):
    dispute = Dispute(
        id="dsp_1",
        owner="local",
        score_id=first.results[0].score_id,
        network="mastodon",
        account=ADA,
        topic="rockets",
        by=CY,
        of=None,
        reason="not a person",
        contact=None,
        created_at=datetime(2026, 11, 1, tzinfo=UTC),
    )
    store.disputes.open(dispute)
    assert ask(ADA).results[0].reused
    store.disputes.decide("local", "dsp_1", accept=True, note=None)
    assert not ask(ADA).results[0].reused


def test_notes_of_what_there_is_name_nobody_and_end_with_the_scores(first, store):
    notes = list(store.redis.scan_iter("candor:cached-score:*"))
    assert notes
    assert not [key for key in notes if b"ada@" in key or b"example" in key]
    assert all(0 < store.redis.ttl(key) <= 90 * 86_400 for key in notes)


def test_the_account_that_is_fetched_is_named_as_it_was_asked_about(first, ask):
    job = ask(ADA, "Bo@A.Example")
    assert [result.account for result in job.results] == [
        AccountName(network="mastodon", account=name) for name in (ADA, "Bo@A.Example")
    ]
