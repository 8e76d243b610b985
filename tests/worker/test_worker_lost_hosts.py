"""A host that stops answering halfway: the job comes back to it, and nobody is scored from half an answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.store import utc_now
from service.words import words
from tests.worker.conftest import API, HOST, account, post

ADA, BO = (f"@{name}@{HOST}" for name in ("ada", "bo"))
WAYS = {
    "status 503": {"status_code": 503},
    "status 502, a page": {"status_code": 502, "text": "<html>Bad gateway</html>"},
    "a page of maintenance": {"text": "<html>Back soon</html>"},
    "half an answer": {"text": '[{"id":'},
}
pytestmark = pytest.mark.usefixtures("no_sleep")


@pytest.fixture
def later(monkeypatch):
    """Lets the clock of jobs that come back be some minutes on."""

    def go_on(minutes: int) -> None:
        monkeypatch.setattr("worker.fetch.utc_now", lambda: utc_now() + timedelta(minutes=minutes))

    return go_on


@pytest.fixture
def dying(fediverse):
    """A server that shows an account and its posts, and then nothing any more."""
    fediverse.person("ada", *(post(f"p{day}", "ada", day, reblogs_count=1) for day in (3, 2, 1)))

    def die(how=WAYS["status 503"]):
        lookup = f"{API}/accounts/lookup?acct=ada"
        fediverse.mock.get(lookup, [{"json": account("ada")}, how])
        for day in (3, 2, 1):
            fediverse.mock.get(f"{API}/statuses/p{day}/reblogged_by", **how)
        return fediverse

    return die


@pytest.mark.parametrize("how", WAYS)
def test_a_job_waits_for_a_host_that_dies_halfway_and_then_has_all(dying, fetching, worked, document, store, how):
    fediverse = dying(WAYS[how])
    waiting = worked(fetching(ADA))
    assert (waiting.status, waiting.progress.stage) == ("queued", "waiting")
    assert waiting.progress.waits_for == f"{HOST}: stopped answering halfway"
    for day in (3, 2, 1):
        fediverse.reshared(f"p{day}", "bo")
    store.redis.delete(f"candor:host:{HOST}")
    made = document(worked(waiting))
    assert (made["matched"]["records"], made["expertise"]["people"], made["inputs"]["gaps"]) == (3, 1, [])


def test_a_host_that_stays_dead_is_waited_for_longer_each_time_and_not_for_ever(dying, fetching, worked, later):
    dying()
    job = fetching(ADA)
    waits = []
    for minutes in (0, 1, 3, 8, 20):
        later(minutes)
        job = worked(job)
        waits.append(round((job.progress.until - utc_now()).total_seconds() / 60) - minutes)
    assert waits == [1, 1, 3, 5, 5]
    later(28)
    assert worked(job).status == "failed"


def test_nobody_is_scored_from_half_of_what_a_dead_host_said(dying, fetching, worked, later):
    dying()
    later(30)
    job = worked(fetching(ADA))
    assert (job.status, job.error.code, job.results[0].score_id) == ("failed", "unreadable", None)
    assert job.error.detail.startswith(f"Stopped answering halfway, and did not come back in time: {HOST}: ")
    assert words("fr").translate(job.error.detail).startswith("Ne répond plus depuis le milieu de la lecture et ")


def test_who_lives_elsewhere_is_scored_all_the_same(dying, fediverse, fetching, worked, document, later):
    away = account("cy", acct="cy")
    fediverse.mock.get("https://c.example/api/v1/accounts/lookup?acct=cy", json=away)
    fediverse.mock.get("https://c.example/api/v1/accounts/id-cy/featured_tags", json=[])
    fediverse.mock.get("https://c.example/api/v1/accounts/id-cy/statuses", json=[])
    dying()
    later(30)
    job = worked(fetching(ADA, "@cy@c.example"))
    assert [result.problem and result.problem.code for result in job.results] == ["unreadable", None]
    assert document(job, 1)["inputs"]["gaps"] == []


def test_one_page_that_always_fails_is_a_gap_and_the_rest_is_scored(dying, fediverse, fetching, worked, document):
    dying()
    fediverse.person("ada", *(post(f"p{day}", "ada", day, reblogs_count=1) for day in (3, 2, 1)))
    for day in (3, 1):
        fediverse.reshared(f"p{day}", "bo")
    made = document(worked(fetching(ADA)))
    assert made["expertise"]["people"] == 1
    assert made["inputs"]["gaps"] == [f"reshares of posts: {HOST}: failed (status 503)"]


def test_a_kind_of_page_that_always_fails_is_a_gap_where_the_host_still_says_who_the_account_is(
    dying, fediverse, fetching, worked, document
):
    dying()
    fediverse.person("ada", *(post(f"p{day}", "ada", day, reblogs_count=1) for day in (3, 2, 1)))
    made = document(worked(fetching(ADA)))
    assert made["matched"]["records"] == 3
    assert made["inputs"]["gaps"][0].startswith("reshares of posts: ")


def test_nobody_is_scored_by_half_of_a_list_of_trusted_people(fediverse, fetching, worked, later):
    fediverse.person("ada", post("p1", "ada"))
    job = fetching(ADA, root=TrustRoot(kind="list", network="mastodon", list="l.example/lists/7"))
    members = "https://l.example/api/v1/lists/7/accounts?limit=80"
    link = {"Link": f'<{members}&max_id=1>; rel="next"'}
    first = {"json": [account("bo")], "headers": link}
    fediverse.mock.get(members, [first, {"status_code": 503}])
    fediverse.mock.get(f"{members}&max_id=1", status_code=503)
    assert worked(job).progress.waits_for == "l.example: stopped answering halfway"
    later(30)
    assert worked(job).error.code == "root_unreadable"


def test_that_somebody_who_vouches_lives_on_a_dead_server_is_a_gap(fediverse, fetching, worked, document):
    fediverse.person("ada", post("p1", "ada", reblogs_count=1))
    fediverse.reshared("p1", "bo")
    fediverse.mock.get(
        "https://d.example/api/v1/accounts/lookup?acct=dee", [{"json": account("dee")}, {"status_code": 503}]
    )
    fediverse.mock.get("https://d.example/api/v1/accounts/id-dee/featured_tags", status_code=503)
    fediverse.mock.get("https://d.example/api/v1/accounts/id-dee/statuses", status_code=503)
    fediverse.mock.get("https://d.example/api/v1/accounts/id-dee/collections", status_code=503)
    fediverse.person("bo")
    root = TrustRoot(kind="accounts", network="mastodon", accounts=(RootAccount(account="@dee@d.example"),))
    made = document(worked(fetching(ADA, root=root)))
    assert any("d.example" in gap for gap in made["inputs"]["gaps"])
