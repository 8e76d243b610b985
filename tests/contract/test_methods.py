"""The methods of HTTP: every route answers HEAD where it answers GET, OPTIONS always, and says 405 of the rest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from candor.settings import Settings
from tests.contract.document import DOCUMENT

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

METHODS = {
    path: {name.upper() for name in operations if name != "parameters"}
    for path, operations in DOCUMENT["paths"].items()
}
OVERLAPS = {"/v1/topics/preview": "/v1/topics/{topic_id}"}  # it is also the address of a topic of that name
OTHERS = [
    (method, path, methods)
    for path, methods in METHODS.items()
    for method in sorted(
        {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - methods - METHODS.get(OVERLAPS.get(path, ""), set())
    )
]


def allowed(methods: set[str]) -> set[str]:
    return methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())


def said_by(answer: TestResponse) -> set[str]:
    return set(answer.headers["Allow"].split(", "))


def address(path: str) -> str:
    return re.sub(r"{\w+}", "x", path)


@pytest.fixture
def client(share_app, store):
    return share_app(Settings(), store).test_client()


@pytest.fixture
def stranger(share_app, store):
    """Somebody without a key, where others can reach the service."""
    return share_app(Settings(host="0.0.0.0"), store).test_client()


def test_options_says_what_is_allowed_without_a_key(stranger):
    for path, methods in METHODS.items():
        answer = stranger.options(address(path))
        assert (answer.status_code, said_by(answer)) == (200, allowed(methods)), path


def test_head_is_get_without_the_body(client):
    for path in [path for path, methods in METHODS.items() if "GET" in methods]:
        head, get = client.head(address(path)), client.get(address(path))
        assert (head.status_code, head.data) == (get.status_code, b""), path
        assert head.headers["Content-Type"] == get.headers["Content-Type"], path
        assert head.headers.get("ETag") == get.headers.get("ETag"), path


def test_any_other_method_is_405_and_names_those_there_are(client):
    for method, path, methods in OTHERS:
        answer = client.open(address(path), method=method)
        assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed"), f"{method} {path}"
        assert said_by(answer) == allowed(methods), f"{method} {path}"


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("OPTIONS", 200), ("DELETE", 405)])
def test_whoever_offers_a_websocket_is_answered_in_http(client, method, status):
    offered = {"Connection": "Upgrade", "Upgrade": "websocket"}
    answer = client.open("/v1/topics", method=method, headers=offered)
    assert (answer.status_code, answer.headers.get("Allow")) == (
        status,
        client.open("/v1/topics", method=method).headers.get("Allow"),
    )


@pytest.mark.parametrize("account", ["a%2Fscores", "a%2Fhistory", "scores"])
def test_an_account_may_be_called_as_a_list_is(client, account):
    assert client.delete(f"/v1/accounts/custom:beer/{account}").status_code == 202
