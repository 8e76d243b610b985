"""Rate limits: by key, by address, and for keys that fail; what is said of them, and what is not limited."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from limits.storage import RedisStorage

from service.app import create_app
from service.rate_limits import Allowances, Quota, policy, retry_after, state

if TYPE_CHECKING:
    from flask.testing import FlaskClient

KEY = Quota("key", 100, 60, 20, 12.1)
ADDRESS = Quota("address", 300, 60, 0, 0.2)


def test_policy_names_each_quota_and_its_window():
    assert policy([KEY, ADDRESS]) == '"key";q=100;w=60, "address";q=300;w=60'


def test_state_rounds_seconds_up():
    assert state([KEY, ADDRESS]) == '"key";r=20;t=13, "address";r=0;t=1'


@pytest.mark.parametrize(("quotas", "seconds"), [([KEY], "1"), ([ADDRESS], "1"), ([KEY, replace(KEY, left=-1)], "13")])
def test_retry_after_waits_for_what_is_spent(quotas, seconds):
    assert retry_after(quotas) == seconds


def test_a_process_takes_a_thousandth_of_a_limit_at_a_time_and_loses_it_after_ten_seconds():
    now = [0.0]
    allowances = Allowances(lambda: now[0])
    quota = Quota("key", 3000, 60, 2997, 1.0)
    allowances.keep("ada", quota)
    assert [spent and spent.left for spent in (allowances.spend("key", "ada") for _ in range(3))] == [2998, 2997, None]
    allowances.keep("ada", quota)
    now[0] = 10.0
    assert allowances.spend("key", "ada") is None


def test_small_limits_are_counted_one_by_one():
    allowances = Allowances()
    allowances.keep("ada", Quota("key", 999, 60, 998, 1.0))
    assert allowances.spend("key", "ada") is None


@pytest.fixture
def limited(settings, store):
    """Makes the service with limits, as others reach it."""

    def make(**limits: Any) -> FlaskClient:
        return create_app(replace(settings, host="0.0.0.0", **limits), store).test_client()

    return make


@pytest.fixture
def bearer(store):
    """A key of ada's."""
    _, secret = store.keys.create("ada", "test", ("read",))
    return {"Authorization": f"Bearer {secret}"}


def test_answers_say_what_is_left(limited, bearer):
    client = limited(key_requests=10, address_requests=20)
    client.get("/v1/jobs", headers=bearer)
    answer = client.get("/v1/jobs", headers=bearer)
    assert answer.headers["RateLimit-Policy"] == '"key";q=10;w=60, "address";q=20;w=60'
    assert [part.partition(";t=")[0] for part in answer.headers["RateLimit"].split(", ")] == [
        '"key";r=8',
        '"address";r=18',
    ]


def test_the_first_answer_says_that_there_are_more_after_the_window_and_not_at_once(limited, bearer, monkeypatch):
    client = limited(key_requests=10, address_requests=0, failed_keys=0)
    whole = lambda *_: (0, 0.0, 1, 120.0)  # noqa: E731 # as Redis says in the millisecond of the first request
    monkeypatch.setattr(RedisStorage, "get_sliding_window", whole)
    assert client.get("/v1/jobs", headers=bearer).headers["RateLimit"] == '"key";r=9;t=60'


def test_of_a_large_limit_each_answer_says_one_less(limited, bearer):
    client = limited(key_requests=5000, address_requests=0)
    left = [client.get("/v1/jobs", headers=bearer).headers["RateLimit"].split(";")[1] for _ in range(6)]
    assert left == ["r=4999", "r=4998", "r=4997", "r=4996", "r=4995", "r=4994"]


def test_more_than_a_limit_that_is_taken_in_blocks_is_refused_too(limited, bearer, monkeypatch):
    monkeypatch.setattr("service.rate_limits.block_of", lambda limit: limit // 10)
    client = limited(key_requests=50, address_requests=0)
    statuses = [client.head("/v1/jobs", headers=bearer).status_code for _ in range(53)]
    assert statuses == [200] * 50 + [429] * 3


def test_more_than_the_keys_limit_is_429_until_retry_after(limited, bearer):
    client = limited(key_requests=2)
    statuses = [client.get("/v1/jobs", headers=bearer).status_code for _ in range(3)]
    refused = client.get("/v1/jobs", headers=bearer)
    assert statuses == [200, 200, 429]
    assert (refused.json["code"], refused.mimetype) == ("rate_limited", "application/problem+json")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert '"key";r=0' in refused.headers["RateLimit"]


def test_one_keys_limit_is_not_anothers(limited, store, bearer):
    client = limited(key_requests=1)
    _, secret = store.keys.create("ada", "other", ("read",))
    assert client.get("/v1/jobs", headers=bearer).status_code == 200
    assert client.get("/v1/jobs", headers={"Authorization": f"Bearer {secret}"}).status_code == 200


def test_an_address_is_limited_whatever_keys_it_has(limited, store):
    client = limited(address_requests=1)
    made = [store.keys.create("ada", str(number), ("read",))[1] for number in range(2)]
    statuses = [client.get("/v1/jobs", headers={"Authorization": f"Bearer {key}"}).status_code for key in made]
    assert statuses == [200, 429]


def test_addresses_of_one_ipv6_network_are_one_caller(limited):
    client = limited(address_requests=1)
    places = ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"]
    statuses = [client.get("/v1/jobs", environ_base={"REMOTE_ADDR": place}).status_code for place in places]
    assert statuses == [401, 429, 401]


def test_keys_that_fail_are_limited_by_address(limited):
    client = limited(failed_keys=2)
    statuses = [
        client.get("/v1/jobs", headers={"Authorization": f"Bearer ck_{number}"}).status_code for number in range(4)
    ]
    assert statuses == [401, 401, 429, 429]


HTML = {"Accept": "text/html"}


def sign_in(client: FlaskClient, secret: str) -> int:
    """Sign in as the page does; return the status."""
    token = re.search(r'name="csrf" value="([\w-]+)"', client.get("/sign-in", headers=HTML).text)
    return client.post("/sign-in", data={"key": secret, "csrf": token[1]}, headers=HTML).status_code


def test_wrong_keys_at_the_sign_in_count_like_wrong_keys_elsewhere(limited):
    client = limited(failed_keys=2)
    statuses = [sign_in(client, f"ck_{number}") for number in range(3)]
    elsewhere = client.get("/v1/jobs", headers={"Authorization": "Bearer ck_wrong"}).status_code
    assert (statuses, elsewhere) == ([401, 401, 429], 429)


def test_right_keys_at_the_sign_in_count_as_no_failure(limited, bearer):
    client = limited(failed_keys=1)
    secret = bearer["Authorization"].removeprefix("Bearer ")
    assert [sign_in(client, secret) for _ in range(3)] == [303, 303, 303]


def test_a_valid_key_works_where_others_have_failed(limited, bearer):
    client = limited(failed_keys=1)
    wrong = {"Authorization": "Bearer ck_wrong"}
    assert [client.get("/v1/jobs", headers=wrong).status_code for _ in range(2)] == [401, 429]
    assert client.get("/v1/jobs", headers=bearer).status_code == 200


def test_no_limit_is_counted_where_all_are_off(limited, store, bearer):
    client = limited(key_requests=0, address_requests=0, failed_keys=0)
    answer = client.get("/v1/jobs", headers=bearer)
    assert "RateLimit" not in answer.headers
    assert store.redis.keys("candor:limits*") == []


def test_health_and_pages_are_not_limited(limited):
    client = limited(address_requests=1)
    assert {client.get(path).status_code for path in ("/livez", "/docs", "/problems/") for _ in range(3)} == {200}


def test_the_address_is_the_proxys_word_only_where_one_is_trusted(limited):
    def statuses(client: FlaskClient) -> list[int]:
        forwarded = [f"203.0.113.9, 198.51.100.{number}" for number in (1, 2, 1)]
        return [client.get("/v1/jobs", headers={"X-Forwarded-For": place}).status_code for place in forwarded]

    assert statuses(limited(address_requests=1)) == [401, 429, 429]
    assert statuses(limited(address_requests=1, trusted_proxies=1)) == [401, 401, 429]


def test_what_a_caller_says_before_the_proxy_counts_for_nothing(limited):
    client = limited(address_requests=1, trusted_proxies=1)
    forged = [f"198.51.100.{number}, 203.0.113.9" for number in range(3)]
    statuses = [client.get("/v1/jobs", headers={"X-Forwarded-For": place}).status_code for place in forged]
    assert statuses == [401, 429, 429]


def test_without_the_store_a_limited_route_is_503(settings, away):
    client = create_app(settings, away).test_client()
    assert client.get("/v1/jobs").status_code == 503
    assert client.get("/livez").status_code == 200
