"""A job that fetches: what it reads, what it keeps, what it says is missing."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from candor.names.networks import NETWORKS
from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.store.client import seal
from candor.store.models import AccountName
from tests.worker.conftest import AS_OF, HOST, account, post, reshare
from worker.connectors import CONNECTORS

ADA, BO, CY = (f"@{name}@{HOST}" for name in ("ada", "bo", "cy"))


def root(*names: str) -> TrustRoot:
    return TrustRoot(kind="accounts", network="mastodon", accounts=tuple(RootAccount(account=name) for name in names))


def gaps(document) -> str:
    return "; ".join(document["inputs"]["gaps"])


def test_an_account_is_fetched_and_scored(fediverse, fetching, worked, document):
    fediverse.person("ada", post("p1", "ada", reblogs_count=2))
    fediverse.reshared("p1", "bo", "cy")
    job = worked(fetching(ADA))
    assert job.status == "succeeded"
    made = document(job)
    assert (made["matched"]["records"], made["expertise"]["people"], made["inputs"]["gaps"]) == (1, 2, [])
    assert {voice["by"] for voice in made["expertise"]["evidence"]} == {BO, CY}


def test_a_result_stands_under_the_name_that_was_asked_about(fediverse, fetching, worked, document):
    fediverse.person("ada")
    job = worked(fetching("Ada@A.Example"))
    assert job.results[0].account.account == "Ada@A.Example"
    assert document(job)["account"]["account"] == ADA


def test_two_spellings_of_an_account_have_one_score(fediverse, fetching, worked):
    fediverse.person("ada")
    first, second = worked(fetching(ADA, f"https://{HOST}/@ada")).results
    assert first.score_id == second.score_id


def test_progress_counts_posts_and_requests(fediverse, fetching, worked):
    fediverse.person("ada", post("p2", "ada", 2), post("p1", "ada", 1))
    progress = worked(fetching(ADA)).progress
    assert (progress.stage, progress.done, progress.posts, progress.requests) == ("done", 1, 2, 3)


def test_no_more_posts_are_read_than_allowed_and_the_gaps_say_so(fediverse, fetching, worked, document):
    fediverse.person("ada", *(post(f"p{day}", "ada", day) for day in (9, 8, 7)))
    made = document(worked(fetching(ADA, max_posts=2)))
    assert made["matched"]["records"] == 2
    assert gaps(made) == f"acts of {ADA}: read back to 2026-10-08, its newest 2 posts (max_posts)"


def test_no_more_requests_are_made_than_allowed_and_the_gaps_say_so(fediverse, fetching, worked, document):
    fediverse.person("ada", *(post(f"p{day}", "ada", day, reblogs_count=1) for day in (9, 8, 7, 6, 5, 4)))
    for day in (9, 8, 7, 6, 5, 4):
        fediverse.reshared(f"p{day}", "bo")
    made = document(worked(fetching(ADA, max_requests=6)))
    assert len(fediverse.asked()) <= 6
    assert f"who took up posts of {ADA}: asked for the newest 2 of 6 posts, then the requests were used up" in gaps(
        made
    )


def test_the_newest_posts_are_asked_about_first(fediverse, fetching, worked, document):
    fediverse.person("ada", *(post(f"p{day}", "ada", day, reblogs_count=1) for day in (9, 8, 7)))
    for day in (9, 8, 7):
        fediverse.reshared(f"p{day}", "bo")
    (voice, *_) = document(worked(fetching(ADA, max_requests=5)))["expertise"]["evidence"]
    assert [act["of"] for act in voice["acts"]] == [f"https://{HOST}/posts/p9"]


@pytest.mark.parametrize(
    ("facts", "status"),
    [({"noindex": True}, "declined"), ({"discoverable": False}, "declined"), ({"suspended": True}, "gone")],
)
def test_of_who_does_not_want_to_be_read_the_document_says_why_and_nothing_else(
    fediverse, fetching, worked, document, store, facts, status
):
    fediverse.person("ada", post("p1", "ada"), **facts)
    made = document(worked(fetching(ADA)))
    assert (made["expertise"]["status"], made["interest"]["status"]) == (status, status)
    assert made["expertise"]["needs"]
    assert (made["inputs"]["activities"], made["account"]["name"], made["facts"]) == (0, None, {})
    assert store.redis.zcard("candor:responses") == 0


def test_who_is_on_the_suppression_list_is_not_asked_about_and_has_no_document(fediverse, fetching, worked, store):
    store.suppression.add("mastodon", [ADA])
    job = worked(fetching("ada@a.example"))
    assert (job.status, job.error.code, job.results[0].score_id) == ("failed", "suppressed", None)
    assert fediverse.asked() == []
    assert list(store.redis.scan_iter("candor:score:*")) == []


def test_who_is_suppressed_under_the_name_asked_for_is_so_under_the_other_one_too(fediverse, fetching, worked, store):
    store.suppression.add("mastodon", ["ada@a.example"])
    assert worked(fetching("ada@a.example")).error.code == "suppressed"
    assert fediverse.asked() == []


def test_nothing_of_who_is_suppressed_is_in_another_ones_score(fediverse, fetching, worked, document, store):
    store.suppression.add("mastodon", [BO])
    fediverse.person("ada", post("p1", "ada", reblogs_count=2))
    fediverse.reshared("p1", "bo", "cy")
    assert {voice["by"] for voice in document(worked(fetching(ADA)))["expertise"]["evidence"]} == {CY}


def test_a_server_that_fails_is_a_problem_that_names_it_and_the_reason(fediverse, fetching, worked, no_sleep):
    fediverse.mock.get(f"https://{HOST}/api/v1/accounts/lookup", status_code=500)
    fediverse.mock.get(f"https://{HOST}/.well-known/webfinger", status_code=500)
    job = worked(fetching(ADA))
    assert (job.status, job.error.code) == ("failed", "unreadable")
    assert job.error.detail == f"{HOST}: failed (status 500)."


def test_one_account_that_can_not_be_read_fails_no_other(fediverse, fetching, worked):
    fediverse.person("ada")
    job = worked(fetching("nonsense", ADA))
    assert job.status == "succeeded"
    assert [result.problem and result.problem.code for result in job.results] == ["unknown_account", None]


def test_pages_that_end_early_are_a_gap_and_the_rest_is_scored(fediverse, fetching, worked, document, no_sleep):
    fediverse.person("ada", post("p1", "ada", reblogs_count=2))
    fediverse.mock.get(f"https://{HOST}/api/v1/statuses/p1/reblogged_by", status_code=401, json={"error": "closed"})
    made = document(worked(fetching(ADA)))
    assert made["matched"]["records"] == 1
    assert gaps(made).startswith(f"reshares of posts: {HOST}: ")


def test_standing_flows_along_the_reshares_of_those_whom_the_root_names(fediverse, fetching, worked, document):
    fediverse.person("ada", post("p1", "ada", reblogs_count=1))
    fediverse.reshared("p1", "bo")
    fediverse.person("bo")
    fediverse.person("cy", reshare("s1", "cy", post("p7", "bo")))
    voices = document(worked(fetching(ADA, root=root(CY))))["expertise"]["evidence"]
    assert [voice["standing"] for voice in voices if voice["scope"] == "on_topic"] == [pytest.approx(0.5)]


def test_vouches_of_earlier_jobs_let_standing_flow_further(fediverse, fetching, worked, document):
    fediverse.person("bo", post("p7", "bo", reblogs_count=1))
    fediverse.reshared("p7", "cy")
    fediverse.person("ada", post("p1", "ada", reblogs_count=1))
    fediverse.reshared("p1", "bo")
    fediverse.person("cy")
    worked(fetching(BO))
    made = document(worked(fetching(ADA, root=root(CY))))
    assert [v["standing"] for v in made["expertise"]["evidence"] if v["scope"] == "on_topic"] == [pytest.approx(0.5)]
    assert made["inputs"]["vouches"]["size"] == 1


def test_one_owners_vouches_are_not_anothers(fediverse, fetching, worked, document):
    fediverse.person("bo", post("p7", "bo", reblogs_count=1))
    fediverse.reshared("p7", "cy")
    fediverse.person("ada")
    worked(fetching(BO, owner="bob"))
    assert document(worked(fetching(ADA)))["inputs"]["vouches"] is None


def test_the_same_job_again_is_the_same_score(fediverse, fetching, worked):
    fediverse.person("ada", post("p1", "ada", reblogs_count=1))
    fediverse.reshared("p1", "bo")
    assert worked(fetching(ADA)).results == worked(fetching(ADA)).results


def test_nothing_is_kept_of_vouches_of_somebody_who_declines_later(fediverse, fetching, worked, store):
    fediverse.person("ada", post("p1", "ada", reblogs_count=1))
    fediverse.reshared("p1", "bo")
    worked(fetching(ADA))
    fediverse.person("bo", noindex=True)
    worked(fetching(BO))
    assert store.vouches.between("local", "mastodon", AS_OF - timedelta(days=99), AS_OF) == []


def test_a_list_is_resolved_when_the_job_runs_and_the_document_names_its_size(fediverse, fetching, worked, document):
    fediverse.person("ada", post("p1", "ada", reblogs_count=1))
    fediverse.reshared("p1", "bo")
    fediverse.person("bo")
    items = [{"account_id": "id-bo", "state": "accepted"}]
    listing = {"id": "7", "uri": f"https://{HOST}/c/7", "created_at": "2026-02-01T00:00:00Z", "items": items}
    collection = {"collection": listing, "accounts": [account("bo")]}
    fediverse.mock.get(f"https://{HOST}/api/v1/collections/7", json=collection)
    listed = TrustRoot(kind="list", network="mastodon", list=f"{HOST}/collections/7")
    made = document(worked(fetching(ADA, root=listed)))
    assert (made["trust_root"]["kind"], made["trust_root"]["size"]) == ("list", 1)
    assert [v["standing"] for v in made["expertise"]["evidence"] if v["scope"] == "on_topic"] == [1.0]


def test_a_list_that_can_not_be_read_fails_the_job_and_says_why(fediverse, fetching, worked):
    fediverse.person("ada")
    fediverse.mock.get(f"https://{HOST}/api/v1/collections/7", status_code=404, json={})
    job = worked(fetching(ADA, root=TrustRoot(kind="list", network="mastodon", list=f"{HOST}/collections/7")))
    assert (job.status, job.error.code) == ("failed", "root_unreadable")
    assert job.error.detail == f"{HOST}: not found (status 404)."


def test_a_list_is_resolved_for_a_job_that_brings_its_records_too(
    fediverse, fetching, worked, document, store, bring_records
):
    listing = {"id": "7", "uri": "u", "created_at": "2026-02-01T00:00:00Z", "items": [{"account_id": "id-bo"}]}
    answer = {"collection": listing, "accounts": [account("bo")]}
    fediverse.mock.get(f"https://{HOST}/api/v1/collections/7", json=answer)
    listed = TrustRoot(kind="list", network="mastodon", list=f"{HOST}/collections/7")
    made = document(worked(bring_records(fetching(ADA, root=listed), "my rocket")))
    assert made["trust_root"]["size"] == 1
    assert made["matched"]["records"] == 1


def test_a_job_over_several_networks_answers_in_the_order_asked(fediverse, fetching, worked, document, store):
    gone = {"error": "AccountTakedown", "message": "Account has been suspended"}
    fediverse.mock.get("https://public.api.bsky.app/xrpc/app.bsky.actor.getProfile", status_code=400, json=gone)
    fediverse.person("ada", post("p1", "ada"))
    job = fetching("ada.example")
    accounts = (AccountName(network="bluesky", account="bo.example"), AccountName(network="mastodon", account=ADA))
    request = msgspec.structs.replace(job.request, accounts=accounts, network=None)
    store.redis.hset(f"candor:job:{job.id}", "request", seal(request))
    ended = worked(job)
    assert [result.account for result in ended.results] == list(accounts)
    assert [document(ended, place)["interest"]["status"] for place in (0, 1)] == ["gone", "not_enough_evidence"]
    assert document(ended, 0)["inputs"]["activities"] == 0


@pytest.mark.parametrize("connector", CONNECTORS, ids=lambda connector: connector.facts.family)
def test_a_connectors_profile_is_that_of_its_network(connector):
    network = next(network for network in NETWORKS if network.id == connector.facts.family)
    assert connector.facts.profile == network.profile


def test_a_gap_of_one_account_stands_in_no_other_document(fediverse, fetching, worked, document):
    fediverse.person("ada", post("p1", "ada", reblogs_count=9))
    fediverse.reshared("p1", "cy")
    fediverse.person("bo", post("p2", "bo"), moved=account("bo2"))
    job = worked(fetching(ADA, BO))
    assert gaps(document(job, 0)) == f"reshares of posts: {HOST}: 1 of 9 are shown"
    assert gaps(document(job, 1)) == f"acts of {BO}: it has moved to @bo2@{HOST}, and what it did there is not read"
