"""Forms that are sent twice, or after their session ended: nothing fails that was done, and nothing typed is lost."""

from __future__ import annotations

import html
import io
import re
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from service.auth import COOKIE

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

HTML = {"Accept": "text/html", "Accept-Language": "en"}
HERE = HTML | {"Sec-Fetch-Site": "same-origin"}
POSTS = b'{"id": "1", "actor": "ada", "published": "2026-01-05T10:00:00Z", "content": "hops", "type": "note"}\n'
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


def hidden_in(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that leads to an address."""
    (form,) = re.findall(rf'<form method="post" action="{re.escape(action)}".*?</form>', page, re.DOTALL)[:1]
    return {name: html.unescape(value) for name, value in _HIDDEN.findall(form)}


@pytest.fixture
def filled_in(client: FlaskClient, kept_sample: None) -> dict[str, str]:
    """The form of a file, as the page gives it and somebody fills it in."""
    fields = hidden_in(client.get("/", headers=HTML).text, "/community")
    return fields | {"kind": "records", "community": "beer", "profile": "forum"}


def upload(client: FlaskClient, fields: dict[str, str], body: bytes = POSTS, headers: Any = HTML) -> TestResponse:
    return client.post("/community", data=fields | {"file": (io.BytesIO(body), "posts.ndjson")}, headers=headers)


def test_a_form_sent_twice_leads_twice_to_what_the_first_did(client, filled_in):
    first, second = upload(client, filled_in), upload(client, filled_in)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"] == "/?dataset=beer"


def test_a_form_sent_while_the_first_is_handled_waits_for_it(app, client, filled_in):
    cookie = client.get_cookie(COOKIE).value
    both, ready = [], threading.Barrier(2)

    def send() -> None:
        browser = app.test_client()
        browser.set_cookie(COOKIE, cookie)
        ready.wait()
        both.append(upload(browser, filled_in))

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(each.status_code, each.headers.get("Location")) for each in both] == [(303, "/?dataset=beer")] * 2


def test_the_same_form_with_something_else_in_it_is_another_request(client, filled_in):
    assert upload(client, filled_in).status_code == 303
    for other in (upload(client, filled_in | {"profile": "qa"}), upload(client, filled_in, POSTS * 2)):
        assert other.status_code == 422
        assert "already" in other.text


def test_a_form_of_another_page_is_handled_though_it_says_the_same(client, filled_in):
    assert upload(client, filled_in).status_code == 303
    anew = hidden_in(client.get("/", headers=HTML).text, "/community")
    assert anew["once"] != filled_in["once"]
    assert upload(client, filled_in | {"once": anew["once"]}).status_code == 422


def test_what_was_refused_is_handled_again(client, filled_in):
    nameless = filled_in | {"community": "", "kind": ""}
    assert [upload(client, nameless, b"no records").status_code for _ in range(2)] == [400, 400]


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Your session has ended"), ("fr", "Votre session s'est terminée")],
)
def test_after_its_session_ended_a_form_is_shown_as_it_was_filled_in_and_sent_by_hand(
    client, filled_in, language, said
):
    client.delete_cookie(COOKIE)
    ended = upload(client, filled_in, headers=HERE | {"Accept-Language": language})
    assert ended.status_code == 403
    assert said in html.unescape(ended.text)
    again = hidden_in(ended.text, "/community")
    assert {name: again[name] for name in ("community", "profile", "kind")} == {
        "community": "beer",
        "profile": "forum",
        "kind": "records",
    }
    assert 'type="file" name="file" required' in ended.text
    assert client.get("/v1/datasets/beer").status_code == 404
    assert upload(client, again, headers=HERE).headers["Location"] == "/?dataset=beer"


@pytest.mark.parametrize("headers", [{}, {"Origin": "null"}, {"Origin": "https://evil.example"}])
def test_a_form_that_another_site_may_have_filled_in_is_not_shown_again(client, filled_in, headers):
    client.delete_cookie(COOKIE)
    answer = upload(client, filled_in, headers=HTML | headers)
    assert answer.status_code == 403
    assert 'action="/community"' not in answer.text
    assert "beer" not in answer.text


def test_another_site_is_told_that_it_may_not_and_not_that_a_session_ended(client, filled_in):
    client.delete_cookie(COOKIE)
    answer = upload(client, filled_in, headers=HTML | {"Sec-Fetch-Site": "cross-site"})
    assert "Cross-site request refused" in answer.text


def test_a_key_is_never_written_into_a_page(client):
    fields = {"key": "ck_secret", "csrf": "0" * 64, "next": "/"}
    answer = client.post("/sign-in", data=fields, headers=HERE)
    assert answer.status_code == 403
    assert "ck_secret" not in answer.text


def test_where_keys_are_asked_for_an_ended_session_leads_to_the_sign_in(share_app, settings, store, now):
    open_client = share_app(replace(settings, host="0.0.0.0", operator_contact="a@b.example"), store, lambda: now)
    answer = open_client.test_client().post("/map", data={"topic": "hops"}, headers=HERE)
    assert answer.status_code == 403
    assert 'href="/sign-in"' in answer.text
    assert "Your session has ended" in answer.text
