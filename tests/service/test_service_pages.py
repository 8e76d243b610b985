"""What is served beside the resources: health, facts, pages, and the headers on everything."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace

import pytest
import yaml
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError, ReadOnlyError, ResponseError, WatchError

from candor.names.networks import NETWORKS
from candor.scoring.kinds import KINDS
from candor.scoring.method import known_versions, load_method
from candor.store import embedded, open_store
from candor.store.job_problems import JOB_PROBLEMS
from service.app import create_app
from service.problem_kinds import BY_CODE
from service.problems import MEDIA_TYPE


def test_live_says_ok(client):
    assert client.get("/livez").json == {"status": "ok"}


def test_without_workers_the_service_is_not_ready(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "not_ready", "5")


def test_without_a_store_the_service_is_not_ready(settings, away):
    assert create_app(settings, away).test_client().get("/readyz").status_code == 503


def test_with_another_data_directory_than_the_stores_the_service_is_not_ready(client, store, redis_url, tmp_path):
    store.workers.heartbeat("w1")
    with closing(open_store(redis_url, tmp_path / "of-another-machine")) as another:
        another.identity.check()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["code"]) == (503, "not_ready")
    assert "another secret or data directory" in answer.json["detail"]


def test_with_a_worker_the_service_is_ready(client, store):
    store.workers.heartbeat("w1")
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "workers": 1, "queues": {"interactive": 0, "batch": 0}}


def test_the_method_is_published_whole(client):
    row = client.get("/v1/methods").json["data"][0]
    method = client.get(row["url"])
    assert method.json["digest"] == row["digest"] == load_method().digest
    assert {kind["facts"]["id"]: kind["strength"] for kind in method.json["kinds"]} == load_method().kinds
    assert all(feature["facts"]["weaknesses"] for feature in method.json["features"])
    assert client.get(row["url"], headers={"If-None-Match": method.headers["ETag"]}).status_code == 304


def test_every_version_of_the_method_is_published(client):
    rows = client.get("/v1/methods").json["data"]
    assert [row["version"] for row in rows] == list(known_versions())
    assert [client.get(row["url"]).json["version"] for row in rows] == list(known_versions())


def test_an_unknown_method_is_404_and_names_those_there_are(client):
    answer = client.get("/v1/methods/0.0.1")
    assert answer.status_code == 404
    assert answer.json["detail"] == f"there is no method '0.0.1'; there is {load_method().version}."


def test_networks_say_what_they_can_not_show(client):
    rows = client.get("/v1/networks").json["data"]
    assert [row["id"] for row in rows] == [network.id for network in NETWORKS]
    assert {kind for row in rows for kind in row["unknown"]} <= {kind.id for kind in KINDS}
    assert rows[0]["unknown"] == NETWORKS[0].unknown


@pytest.mark.parametrize("path", ["/docs", "/problems/", "/problems/invalid", "/"])
def test_pages_are_html_under_a_strict_policy(client, path):
    answer = client.get(path, follow_redirects=True)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_docs_page_loads_nothing_from_elsewhere_and_holds_no_inline_code(client):
    page = client.get("/docs").get_data(as_text=True)
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert loaded
    assert all(client.get(each, buffered=True, follow_redirects=True).status_code == 200 for each in loaded)
    assert not re.search(r"<script>|<style|style=|onload=", page)


def test_the_docs_page_shows_our_description(client):
    script = client.get("/docs/docs.js").get_data(as_text=True)
    assert '"/openapi.json"' in script
    assert client.get("/openapi.yaml").mimetype == "application/yaml"
    assert client.get("/openapi.json").json == yaml.load(client.get("/openapi.yaml").text, yaml.CSafeLoader)


@pytest.mark.parametrize("name", ["index.html", "..%2fpages.py", "swagger-ui.js.map", "page.html"])
def test_no_other_file_is_served(client, name):
    assert client.get(f"/docs/{name}").status_code == 404


@pytest.mark.parametrize("code", [*BY_CODE, *(problem.code for problem in JOB_PROBLEMS)])
def test_every_problem_has_a_page(client, code):
    page = client.get(f"/problems/{code}")
    assert page.status_code == 200
    assert f"<code>{code}</code>" in page.get_data(as_text=True)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/v1/", 404),
        ("GET", "/v1/jobs/job_unknown", 404),
        ("GET", "/problems/nothing", 404),
        ("PATCH", "/v1/jobs", 405),
        ("DELETE", "/docs", 405),
        ("POST", "/v1/jobs", 415),
        ("GET", "/v1/jobs?limit=x", 422),
        ("GET", "/v1/comparisons", 422),
        ("GET", "/v1/nothing", 404),
    ],
)
def test_every_error_is_a_problem_document(client, method, path, status):
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.mimetype, answer.json["status"]) == (status, MEDIA_TYPE, status)
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]
    assert client.get(answer.json["type"]).status_code == 200


def test_405_says_what_is_allowed(client):
    assert "GET" in client.patch("/v1/jobs").headers["Allow"]


@pytest.mark.parametrize("method", ["OPTIONS", "PATCH"])
@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/topics/preview", {"POST"}),
        ("/v1/topics/malt", {"GET", "HEAD", "PUT", "DELETE"}),
        ("/v1/accounts/custom:beer/u19/scores", {"GET", "HEAD"}),
        ("/v1/accounts/custom:beer/u19/history", {"GET", "HEAD"}),
        ("/v1/accounts/custom:beer/u19", {"DELETE"}),
    ],
)
def test_allow_speaks_of_the_address_that_is_described(client, method, path, methods):
    answer = client.open(path, method=method)
    assert set(answer.headers["Allow"].split(", ")) == methods | {"OPTIONS"}


@pytest.mark.parametrize("path", ["/livez", "/docs", "/nothing", "/v1/jobs", "/openapi.yaml", "/docs/swagger-ui.css"])
def test_every_answer_carries_the_security_headers(client, path):
    headers = client.get(path, buffered=True).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_a_request_keeps_the_id_it_came_with(client):
    assert client.get("/livez", headers={"X-Request-Id": "trace-1.2_3"}).headers["X-Request-Id"] == "trace-1.2_3"


@pytest.mark.parametrize("named", ["", "a b", "x" * 65, "<script>", "é"])
def test_an_id_that_can_not_be_echoed_safely_is_replaced(client, named):
    given = client.get("/livez", headers={"X-Request-Id": named}).headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{16}", given)


class Broken:
    """A store every use of which fails in the same way."""

    idempotency = None  # is only held until a request repeats

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, _name: str) -> object:
        raise self.error


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RedisConnectionError("refused"), 503, "store_unavailable"),
        (WatchError("broken in the midst"), 503, "store_unavailable"),
        (OutOfMemoryError("command not allowed when used memory > 'maxmemory'"), 503, "store_full"),
        (ReadOnlyError("You can't write against a read only replica."), 503, "store_full"),
        (ResponseError("MISCONF Errors writing to the AOF file"), 503, "store_full"),
        (
            ResponseError(
                "Error running script (call to f_1): @user_script:7: @user_script: 7: -OOM command not allowed"
            ),
            *(503, "store_full"),
        ),
        (ResponseError("Command # 2 (SET a b) of pipeline caused error: MISCONF Errors writing"), 503, "store_full"),
        (ResponseError("BUSY Valkey is busy running a script."), 503, "store_unavailable"),
        (ResponseError("Command # 1 (SET MISCONF NOREPLICAS ) of pipeline caused error: ERR x"), 500, "internal"),
        (OSError(28, "No space left on device"), 503, "store_full"),
        (OSError(30, "Read-only file system"), 503, "store_full"),
        (OSError(13, "Permission denied"), 503, "store_full"),
        (ResponseError("wrong kind of value"), 500, "internal"),
        (OSError(5, "Input/output error"), 500, "internal"),
        (KeyError("secret"), 500, "internal"),
        (RecursionError("deep"), 500, "internal"),
    ],
)
def test_what_goes_wrong_behind_the_service_is_told_without_details(share_app, settings, error, status, code):
    unlimited = replace(settings, key_requests=0, address_requests=0, failed_keys=0)
    answer = share_app(unlimited, Broken(error)).test_client().get("/v1/jobs")
    assert (answer.status_code, answer.json["code"], answer.mimetype) == (status, code, MEDIA_TYPE)
    assert str(error) not in answer.get_data(as_text=True)
    assert ("Retry-After" in answer.headers) == (status == 503)


def test_a_store_that_is_away_is_503(settings, away):
    answer = create_app(settings, away).test_client().get("/v1/jobs")
    assert (answer.status_code, answer.json["code"]) == (503, "store_unavailable")


def test_pages_work_without_a_store(settings, away):
    client = create_app(replace(settings, host="0.0.0.0"), away).test_client()
    assert client.get("/docs").status_code == client.get("/livez").status_code == 200


def test_a_store_that_is_away_as_the_disk_is_full_says_that_it_is_full(settings, away, monkeypatch):
    monkeypatch.setattr(embedded, "room_bytes", lambda _folder: 4_096)
    client = create_app(settings, away).test_client()
    answer = client.get("/v1/jobs", headers={"Accept-Language": "fr"})
    assert (answer.status_code, answer.json["code"]) == (503, "store_full")
    assert "disque" in answer.json["detail"]
    assert "Retry-After" in answer.headers
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert "disk of the data directory is full" in ready.json["detail"]
