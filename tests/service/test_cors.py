"""Pages of other origins: refused by the browser unless the operator names them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.app import create_app

OURS = "https://app.example"
PREFLIGHT = {"Origin": OURS, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization"}


@pytest.fixture
def shared(share_app, settings, store):
    return share_app(replace(settings, cors_origins=(OURS, "http://localhost:3000")), store).test_client()


def test_by_default_no_other_origin_may_read(client):
    answer = client.get("/v1/jobs", headers={"Origin": OURS})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_an_origin_that_is_named_may_read_our_headers(shared):
    answer = shared.get("/v1/jobs", headers={"Origin": OURS})
    assert answer.headers["Access-Control-Allow-Origin"] == OURS
    shown = answer.headers["Access-Control-Expose-Headers"]
    assert {"ETag", "Location", "RateLimit", "Retry-After", "X-Request-Id"} <= set(shown.split(", "))


def test_an_origin_that_is_not_named_may_not(shared):
    answer = shared.get("/v1/jobs", headers={"Origin": "https://app.example.evil.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_browser_may_ask_before_it_sends_a_key(settings, store):
    app = create_app(replace(settings, cors_origins=(OURS,), host="0.0.0.0"), store)
    answer = app.test_client().options("/v1/topics/malt", headers=PREFLIGHT)
    assert answer.status_code == 200
    assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Allow-Headers"].lower() == "authorization"


def test_no_origin_is_let_in_with_cookies(shared):
    answer = shared.options("/v1/topics/malt", headers=PREFLIGHT)
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_errors_can_be_read_too(shared):
    answer = shared.get("/v1/jobs/none", headers={"Origin": OURS})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (404, OURS)


def test_pages_are_not_shared(shared):
    assert "Access-Control-Allow-Origin" not in shared.get("/docs", headers={"Origin": OURS}).headers


def test_any_origin_may_ask_where_the_operator_says_so(settings, store):
    client = create_app(replace(settings, cors_origins=("*",)), store).test_client()
    assert client.get("/v1/jobs", headers={"Origin": OURS}).headers["Access-Control-Allow-Origin"] == "*"
