"""Signing in on the page: what the cookie is worth, and what another site's page cannot make a browser do."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from service.app import create_app
from service.auth import COOKIE, TOKEN_HEADER

if TYPE_CHECKING:
    from flask.testing import FlaskClient

HTML = {"Accept": "text/html"}
JOB_OF_NOBODY = "/v1/jobs/job_nothing/cancel"


def token_on(client: FlaskClient, path: str = "/sign-in") -> str:
    found = re.search(r'name="csrf" value="([\w-]+)"', client.get(path, headers=HTML).get_data(as_text=True))
    assert found
    return found[1]


@pytest.fixture
def open_client(share_app, settings, store, now) -> FlaskClient:
    """A browser at a service that others can reach, so that it needs a key."""
    app = share_app(replace(settings, host="0.0.0.0", operator_contact="ada@example.org"), store, lambda: now)
    return app.test_client()


@pytest.fixture
def key(store):
    return store.keys.create("ada", "page", ("read", "write"))


@pytest.fixture
def signed_in(open_client, key) -> FlaskClient:
    form = {"key": key[1], "csrf": token_on(open_client), "next": "/map"}
    answer = open_client.post("/sign-in", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/map")
    return open_client


def test_a_page_leads_to_the_sign_in_and_back(open_client):
    answer = open_client.get("/map?dataset=a&topic=b", headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?next=%2Fmap%3Fdataset%3Da%26topic%3Db"


@pytest.mark.parametrize("path", ["/topics/custom:club/Tom%20Ashby", "/topics/custom:club/Zo%C3%A9%20O'Dell%3F"])
def test_the_page_of_somebody_with_any_name_is_what_the_sign_in_leads_back_to(open_client, key, path):
    there = f"{path}?dataset=club&without=Tom+Ashby"
    led = open_client.get(there, headers=HTML).headers["Location"]
    assert led == f"/sign-in?next={quote(there, safe='')}"
    form = {"key": key[1], "csrf": token_on(open_client, led), "next": parse_qs(urlsplit(led).query)["next"][0]}
    assert open_client.post("/sign-in", data=form).headers["Location"] == there


def test_a_program_gets_a_problem_and_no_page(open_client):
    assert open_client.get("/map").json["code"] == "unauthorized"


def test_the_cookie_goes_with_links_to_this_site_alone_and_to_no_script(signed_in):
    cookie = signed_in.get_cookie(COOKIE)
    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Lax", "/")


def test_signing_in_changes_the_visit(open_client, key):
    token = token_on(open_client)
    before = open_client.get_cookie(COOKIE).value
    open_client.post("/sign-in", data={"key": key[1], "csrf": token})
    assert open_client.get_cookie(COOKIE).value != before


def test_the_session_stands_in_redis_without_its_id(signed_in, redis_url, store):
    session = signed_in.get_cookie(COOKIE).value
    kept = [name.decode() for name in store.redis.scan_iter("candor:session:*")]
    assert len(kept) == 1
    assert session not in kept[0]
    assert 0 < store.redis.ttl(kept[0]) <= 12 * 3600


def test_a_session_sees_what_its_key_sees(signed_in):
    assert signed_in.get("/", headers=HTML).status_code == 200
    assert signed_in.get("/v1/jobs").status_code == 200


def test_a_session_has_no_scope_that_its_key_has_not(signed_in):
    assert signed_in.get("/v1/keys").json["code"] == "forbidden"


def test_a_revoked_key_ends_its_sessions(signed_in, key, store):
    store.keys.revoke(key[0].id)
    assert signed_in.get("/v1/jobs").status_code == 401


def test_signing_out_ends_the_session(signed_in, store):
    session = signed_in.get_cookie(COOKIE).value
    signed_in.post("/sign-out", data={"csrf": token_on(signed_in, "/")})
    assert store.sessions.key_of(session) is None
    assert signed_in.get("/v1/jobs").status_code == 401


def test_a_wrong_key_is_asked_for_again(open_client):
    answer = open_client.post("/sign-in", data={"key": "ck_wrong", "csrf": token_on(open_client)})
    assert (answer.status_code, answer.mimetype) == (401, "text/html")
    assert 'aria-invalid="true"' in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "/a\nb"]
)
def test_signing_in_leads_nowhere_else(open_client, key, elsewhere):
    form = {"key": key[1], "csrf": token_on(open_client), "next": elsewhere}
    assert open_client.post("/sign-in", data=form).headers["Location"] == "/"


def test_the_interface_takes_a_cookie_only_with_the_token(signed_in):
    assert signed_in.post(JOB_OF_NOBODY).json["code"] == "cross_site"
    assert signed_in.post(JOB_OF_NOBODY, headers={TOKEN_HEADER: "0" * 64}).json["code"] == "cross_site"
    assert signed_in.post(JOB_OF_NOBODY, headers={TOKEN_HEADER: token_on(signed_in, "/")}).json["code"] == "not_found"


def test_a_token_is_good_for_its_own_visit_only(signed_in, open_client, settings, store, now):
    other = create_app(replace(settings, host="0.0.0.0"), store, lambda: now).test_client()
    assert signed_in.post(JOB_OF_NOBODY, headers={TOKEN_HEADER: token_on(other)}).json["code"] == "cross_site"


def test_a_bearer_key_needs_no_token(open_client, key):
    answer = open_client.post(JOB_OF_NOBODY, headers={"Authorization": f"Bearer {key[1]}"})
    assert answer.json["code"] == "not_found"


@pytest.mark.parametrize(
    "path",
    ["/", "/sample", "/sign-in", "/sign-out", "/progress/job_1/cancel", "/map", "/map/open", "/card/sc_1/dispute"],
)
def test_no_form_is_taken_without_the_token(client, path):
    assert client.post(path, data={"csrf": "0" * 64}).json["code"] == "cross_site"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:81"},
    ],
)
def test_another_site_can_not_post_to_loopback(client, headers):
    assert client.post(JOB_OF_NOBODY, headers=headers).json["code"] == "cross_site"


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://localhost"}]
)
def test_a_program_and_our_own_page_can(client, headers):
    assert client.post(JOB_OF_NOBODY, headers=headers).json["code"] == "not_found"


def test_reading_is_not_asked_where_it_comes_from(client):
    assert client.get("/v1/jobs", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_a_form_sent_over_plain_http_says_no_origin_and_has_a_token(open_client, key):
    form = {"key": key[1], "csrf": token_on(open_client)}
    assert open_client.post("/sign-in", data=form, headers={"Origin": "null"}).status_code == 303


@pytest.mark.parametrize(("scheme", "secure"), [("https", True), ("http", False)])
def test_every_cookie_is_kept_from_scripts_and_over_https_sent_by_nothing_else(client, scheme, secure):
    answer = client.get("/sign-in?lang=fr", base_url=f"{scheme}://localhost")
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    assert all("HttpOnly" in each and "SameSite" in each and ("Secure" in each) == secure for each in cookies)
