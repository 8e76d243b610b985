"""Jobs that name accounts and nothing else: what is fetched for them, within which bounds, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from candor.scoring.trust_root import TrustRoot
from candor.store import utc_now
from candor.store.workers import ConnectorFacts
from service.app import create_app

FACTS = ConnectorFacts(
    family="mastodon",
    profile="microblog",
    terms="the public API",
    limits="300 in five minutes",
    consent=("noindex",),
    unseen={"likes": "shown to nobody else"},
)
ADA = {"network": "mastodon", "account": "@ada@a.example"}


@pytest.fixture
def fetching(client, job, store):
    """Posts a job that brings no records, where workers read Mastodon."""
    store.connectors.publish([FACTS, replace_family("bluesky")])
    for brought in ("activities", "profile"):
        del job[brought]

    def post(*accounts, **more):
        return client.post("/v1/jobs", json={**job, "accounts": list(accounts or (ADA,)), **more})

    return post


def replace_family(name):
    return ConnectorFacts(family=name, profile="microblog", terms="t", limits="l", consent=(), unseen={})


def pointers(answer):
    return [error["pointer"] for error in answer.json["errors"]]


def test_an_account_alone_is_enough(fetching, store):
    answer = fetching()
    assert answer.status_code == 202
    request = store.jobs.find(answer.json["id"]).request
    assert (request.fetch.max_requests, request.fetch.max_posts, request.inline) == (250, 200, False)


def test_the_bounds_asked_for_are_kept_and_shown(fetching):
    answer = fetching(fetch={"max_requests": 7, "max_posts": None})
    assert answer.json["request"]["fetch"] == {"max_requests": 7, "max_posts": 200}


@pytest.mark.parametrize(
    ("fetch", "pointer"),
    [
        ({"max_requests": 0}, "/fetch/max_requests"),
        ({"max_requests": "9"}, "/fetch/max_requests"),
        ({"max_requests": 2_001}, "/fetch/max_requests"),
        ({"max_posts": 2_001}, "/fetch/max_posts"),
        ({"max_pages": 3}, "/fetch/max_pages"),
        (3, "/fetch"),
    ],
)
def test_wrong_bounds_are_422(fetching, fetch, pointer):
    answer = fetching(fetch=fetch)
    assert (answer.status_code, pointers(answer)) == (422, [pointer])


def test_the_usual_bound_is_never_above_the_operators_most(settings, store, job, now):
    store.connectors.publish([FACTS])
    small = create_app(replace(settings, max_fetch_requests=5), store, lambda: now).test_client()
    for brought in ("activities", "profile"):
        del job[brought]
    assert small.post("/v1/jobs", json={**job, "accounts": [ADA]}).json["request"]["fetch"]["max_requests"] == 5


def test_a_job_that_fetches_may_name_several_networks(fetching):
    answer = fetching(ADA, {"network": "bluesky", "account": "ada.example"})
    assert (answer.status_code, answer.json["request"]["network"]) == (202, None)


def test_the_same_name_on_two_networks_is_two_accounts(fetching, store):
    store.connectors.publish([replace_family("bluesky"), replace_family("discourse")])
    named = [{"network": network, "account": "ada.example"} for network in ("bluesky", "discourse:forum.example")]
    assert fetching(*named).status_code == 202


def test_a_root_of_one_network_does_not_fit_two(fetching):
    root = {"kind": "accounts", "network": "mastodon", "accounts": [{"account": "@bo@a.example"}]}
    answer = fetching(ADA, {"network": "bluesky", "account": "ada.example"}, trust_root=root)
    assert pointers(answer) == ["/trust_root"]


@pytest.mark.parametrize("network", ["gitlab", "linkedin", "custom:beer", "zulip:a.example"])
def test_what_no_worker_reads_can_not_be_fetched(fetching, network):
    answer = fetching(ADA, {"network": network, "account": "u1"})
    assert (answer.status_code, answer.json["code"], pointers(answer)) == (422, "cannot_fetch", ["/accounts/1/network"])


def test_where_no_worker_has_started_nothing_can_be_fetched(fetching, store):
    store.redis.delete("candor:connectors")
    assert fetching().json["code"] == "cannot_fetch"


def test_bounds_beside_records_are_422(client, job):
    assert pointers(client.post("/v1/jobs", json={**job, "fetch": {}})) == ["/fetch"]


def test_how_old_a_score_may_be_is_kept_and_shown(fetching, store):
    answer = fetching(max_age_s=3_600)
    assert answer.json["request"]["max_age_s"] == 3_600
    assert store.jobs.find(answer.json["id"]).request.max_age_s == 3_600


@pytest.mark.parametrize("age_s", [-1, 1.5, "60", True, 90 * 86_400 + 1, 10**30])
def test_a_wrong_age_is_422(fetching, age_s):
    answer = fetching(max_age_s=age_s)
    assert (answer.status_code, pointers(answer)) == (422, ["/max_age_s"])


def test_a_score_may_be_as_old_as_scores_are_kept(fetching):
    assert fetching(max_age_s=90 * 86_400).status_code == 202


def test_an_age_beside_records_is_422(client, job):
    answer = client.post("/v1/jobs", json={**job, "max_age_s": 60})
    assert pointers(answer) == ["/max_age_s"]
    assert "always scored from them" in answer.json["errors"][0]["detail"]


def test_jobs_that_differ_in_age_do_not_share_their_work(fetching, store):
    works = {store.jobs.find(fetching(max_age_s=age_s).json["id"]).dedup_key for age_s in (None, 0, 60)}
    assert len(works) == 3


def test_granted_rights_can_not_be_claimed_of_what_is_fetched(fetching):
    assert pointers(fetching(granted_rights=True)) == ["/granted_rights"]


def test_a_long_fetch_does_not_stand_in_the_way_of_short_jobs(fetching, store):
    answer = fetching(fetch={"max_requests": 2_000})
    assert store.jobs.find(answer.json["id"]).request.queue == "batch"


def test_a_list_of_a_network_that_is_not_read_is_422(client, job):
    job["trust_root"] = {"kind": "list", "network": "custom:beer", "list": "brewers"}
    assert pointers(client.post("/v1/jobs", json=job)) == ["/trust_root"]


def test_a_stored_list_is_a_root_like_any_other(fetching, store):
    listed = TrustRoot(kind="list", network="mastodon", list="a.example/collections/3", id="friends")
    store.trust_roots.put("local", "friends", listed)
    assert fetching(trust_root="friends").json["request"]["trust_root"]["kind"] == "list"


def test_a_waiting_job_shows_for_what_and_until_when(fetching, client, store):
    job_id = fetching().json["id"]
    until = utc_now() + timedelta(minutes=5)
    waiting = {"stage": "waiting", "until": until, "waits_for": "a.example: has no requests left for us"}
    store.recovery.postpone(job_id, msgspec.structs.replace(store.jobs.find(job_id).progress, **waiting), until)
    shown = client.get(f"/v1/jobs/{job_id}").json["progress"]
    assert (shown["stage"], shown["waits_for"]) == ("waiting", "a.example: has no requests left for us")
    assert shown["until"].startswith(until.strftime("%Y-%m-%dT%H:%M:%S"))


@pytest.mark.parametrize(("wait_s", "look_again_s"), [(-5, "1"), (12.5, "13"), (3_600, "60")])
def test_whoever_follows_a_waiting_job_is_told_when_to_look(fetching, client, store, now, wait_s, look_again_s):
    job_id = fetching().json["id"]
    until = now + timedelta(seconds=wait_s)
    waiting = msgspec.structs.replace(store.jobs.find(job_id).progress, stage="waiting", until=until)
    store.recovery.postpone(job_id, waiting, until)
    assert client.get(f"/v1/jobs/{job_id}").headers["Retry-After"] == look_again_s


def test_networks_say_how_they_are_read(client, store):
    store.connectors.publish([FACTS])
    networks = {row["id"]: row for row in client.get("/v1/networks").json["data"]}
    assert networks["gitlab"]["connector"] is None
    assert networks["mastodon"]["connector"] == {
        "terms": "the public API",
        "limits": "300 in five minutes",
        "consent": ["noindex"],
        "unseen": {"likes": "shown to nobody else"},
        "operator_adds": None,
        "tried": None,
    }


def test_an_owner_sees_no_host_that_only_others_had_asked(caller, store):
    store.budgets.acquire("ada.example", "", "t1", slots=2, owner="bob")
    store.budgets.pause("ada.example", "", utc_now() + timedelta(minutes=5), "asks to wait")
    seen = {name: caller(name)("GET", "/v1/networks").json["hosts"] for name in ("ada", "bob")}
    assert (seen["ada"], [host["host"] for host in seen["bob"]]) == ([], ["ada.example"])


def test_a_host_that_fails_again_and_again_is_named_with_the_reason(client, store):
    store.budgets.acquire("well.example", "", "t1", slots=2, owner="local")
    store.budgets.acquire("a.example", "", "t2", slots=2, owner="local")
    for _ in range(9):
        store.budgets.record_failure("a.example", "answered 503")
    (host,) = client.get("/v1/networks").json["hosts"]
    assert (host["host"], host["state"], host["why"]) == ("a.example", "circuit_open", "answered 503")
    assert host["until"] > host["asked_at"]
