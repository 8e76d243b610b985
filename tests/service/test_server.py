"""The service under a real gunicorn on loopback: what a test client cannot do, sockets can."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import http.client
import json
import os
import select
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import requests

from candor.settings import Settings
from candor.store.embedded import EmbeddedServer
from service.problems import MEDIA_TYPE
from service.stack import gunicorn_arguments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

THREADS = 4
IDLE_S = 5
TRIES = 4
PATIENCE_S = 60  # on a machine that does much else; nothing that works waits for so long


@contextmanager
def serving(folder: Path, idle_s: int = IDLE_S, **settings: str) -> Iterator[tuple[str, int]]:
    """A running service: address and port. It gives up whoever sends nothing for so long."""
    with (
        EmbeddedServer(folder / "valkey") as valkey,
        socket.socket() as listener,
        (folder / "log").open("wb") as log,
    ):
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        command = [sys.executable, "-m", "gunicorn", f"--bind=fd://{listener.fileno()}"]
        arguments = gunicorn_arguments(Settings(redis_url=valkey.url, threads=THREADS))
        command += [part for part in arguments if not part.startswith(("--bind", "--timeout"))]
        environ = {"CANDOR_REDIS_URL": valkey.url, "CANDOR_DATA_DIR": str(folder), "CANDOR_THREADS": str(THREADS)}
        environ |= {f"CANDOR_{name.upper()}": value for name, value in settings.items()}
        server = subprocess.Popen(
            [*command, f"--timeout={idle_s}"],
            env={**os.environ, **environ},
            pass_fds=[listener.fileno()],
            stderr=log,
        )
        where = ("127.0.0.1", int(listener.getsockname()[1]))
        try:
            assert requests.get(f"http://127.0.0.1:{where[1]}/livez", timeout=20).status_code == 200
            yield where
        finally:
            server.terminate()
            server.wait(20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the service keeps its data, and its log."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[tuple[str, int]]:
    """A service that takes little."""
    with serving(folder, max_body_bytes="100000", max_inflated_bytes="1000000") as where:
        yield where


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """A service where one request may wait for a thread."""
    with serving(tmp_path_factory.mktemp("small"), idle_s=60, max_pending="1") as where:
        yield where


@pytest.fixture
def url(address: tuple[str, int]) -> str:
    return f"http://{address[0]}:{address[1]}"


def exchange(address: tuple[str, int], sent: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send bytes, read one answer: status, headers, body."""
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(sent)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer.status, dict(answer.getheaders()), answer.read()


def head(path: str, *headers: str, method: str = "POST") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


def test_2_gigabytes_announced_are_refused_before_they_are_sent(address):
    sent = head("/v1/jobs", "Content-Type: application/json", f"Content-Length: {2 * 1024**3}")
    status, headers, body = exchange(address, sent + b"{")
    assert (status, headers["Content-Type"]) == (413, MEDIA_TYPE)
    assert json.loads(body)["code"] == "too_large"


def test_a_chunked_body_is_cut_off_at_the_limit(address):
    sent = head("/v1/jobs", "Content-Type: application/json", "Transfer-Encoding: chunked")
    status, _, body = exchange(address, sent + (b"8000\r\n" + b" " * 0x8000 + b"\r\n") * 4)
    assert (status, json.loads(body)["code"]) == (413, "too_large")


def test_a_chunked_body_within_the_limit_is_read(address):
    sent = head("/v1/jobs", "Content-Type: application/json", "Transfer-Encoding: chunked")
    assert exchange(address, sent + b"2\r\n{}\r\n0\r\n\r\n")[0] == 422


def test_a_broken_chunk_is_400(address):
    sent = head("/v1/jobs", "Content-Type: application/json", "Transfer-Encoding: chunked")
    status, headers, _ = exchange(address, sent + b"nonsense\r\n{}\r\n")
    assert (status, headers["Content-Type"]) == (400, MEDIA_TYPE)


def test_gzip_that_inflates_without_end_is_413(url):
    bomb = gzip.compress(b"\n" * 100_000_000)
    answer = requests.put(
        f"{url}/v1/datasets/bomb?network=custom:x&profile=qa",
        data=bomb,
        headers={"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"},
        timeout=20,
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_body_that_stops_arriving_is_408_and_frees_its_thread(address, url):
    with contextlib.ExitStack() as opened:
        silent = [opened.enter_context(socket.create_connection(address, timeout=20)) for _ in range(THREADS)]
        for connection in silent:
            connection.sendall(head("/v1/jobs", "Content-Type: application/json", "Content-Length: 1000") + b"{")
        assert requests.get(f"{url}/livez", timeout=20).status_code == 200
        answer = http.client.HTTPResponse(silent[0])
        answer.begin()
        assert (answer.status, json.loads(answer.read())["code"]) == (408, "timeout")


def serves_others(address: tuple[str, int], url: str, sent: bytes, callers: int) -> bool:
    """Whether somebody else is answered while so many have sent no more than this.

    If they held the threads, all of them would have been given up first. On a slow machine they may be all the same.
    """
    for _ in range(TRIES):
        with contextlib.ExitStack() as opened:
            slow = [opened.enter_context(socket.create_connection(address, timeout=20)) for _ in range(callers)]
            for connection in slow:
                connection.sendall(sent)
            assert requests.get(f"{url}/livez", timeout=20).status_code == 200
            if len(select.select(slow, [], [], 0)[0]) < callers:
                return True
    return False


IN_CHUNKS = head("/v1/jobs", "Content-Type: application/json", "Transfer-Encoding: chunked")
PARTS = {
    "head": b"GET /livez HTTP/1.1\r\nHos",
    "small body": head("/sign-in", "Content-Type: application/x-www-form-urlencoded", "Content-Length: 100") + b"key=",
    "chunks": IN_CHUNKS + b"3e8\r\n{",
    "long body": head(
        "/v1/datasets/slow?network=custom:x&profile=qa",
        *("Content-Type: application/x-ndjson", "Content-Length: 100000000"),
        method="PUT",
    )
    + b"\n" * 200_000,
}


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS.keys())
def test_half_sent_requests_hold_no_thread_that_others_need(address, url, part):
    assert serves_others(address, url, part, THREADS * 2)


def test_an_upload_that_falls_silent_is_given_up_however_much_of_it_came(address):
    with socket.create_connection(address, timeout=60) as connection:
        connection.sendall(PARTS["long body"])
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert (answer.status, json.loads(answer.read())["code"]) == (408, "timeout")


def test_requests_sent_one_behind_the_other_are_answered_in_turn(address):
    get = head("/livez", method="GET")
    with socket.create_connection(address, timeout=20) as connection, connection.makefile("rb") as answers:
        connection.sendall(
            get + head("/v1/jobs", "Content-Type: application/json", "Content-Length: 2") + b"{}" + get[:9]
        )
        for status in (b"200", b"422", b"200"):
            assert answers.readline().split()[1] == status
            answers.read(int(http.client.parse_headers(answers)["Content-Length"]))
            if status == b"422":
                connection.sendall(get[9:])


@pytest.mark.parametrize(
    ("body", "said"), [(b"x" * 1_000, "keep-alive"), (b"x" * 200_000, "close"), (iter([b"x" * 200_000]), "close")]
)
def test_a_refusal_says_whether_the_connection_ends_as_its_body_was_not_read(url, body, said):
    answer = requests.put(
        f"{url}/v1/datasets/d?network=custom:c&profile=nothing",
        data=body,
        headers={"Content-Type": "application/x-ndjson"},
        timeout=20,
    )
    assert (answer.status_code, answer.headers["Connection"]) == (422, said)


def test_a_caller_who_waits_to_be_told_to_go_on_is_told(address):
    told = head("/v1/jobs", "Content-Type: application/json", "Content-Length: 2", "Expect: 100-continue")
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(told)
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"{}")
        assert b" 422 " in connection.recv(1000)


def test_an_address_has_so_many_connections_and_no_more(tmp_path):
    with serving(tmp_path, address_connections="3") as where, contextlib.ExitStack() as opened:
        held = [opened.enter_context(socket.create_connection(where, timeout=20)) for _ in range(4)]
        (refused, *_), _, _ = select.select(held, [], [], 10)
        assert b"\r\nRetry-After: " in refused.recv(1000)
        other = opened.enter_context(socket.create_connection(where, timeout=20, source_address=("127.0.0.2", 0)))
        other.sendall(head("/livez", method="GET"))
        assert b" 200 " in other.recv(1000)
        for connection in held:
            connection.close()
        deadline = time.monotonic() + PATIENCE_S
        while status_of(where) != 200:
            assert time.monotonic() < deadline


def test_behind_a_proxy_that_is_trusted_its_address_has_as_many_connections_as_it_opens(tmp_path):
    with serving(tmp_path, address_connections="2", trusted_proxies="1") as where, contextlib.ExitStack() as opened:
        held = [opened.enter_context(socket.create_connection(where, timeout=20)) for _ in range(8)]
        for connection in held:
            connection.sendall(head("/livez", method="GET"))
        assert {connection.recv(1000)[:13] for connection in held} == {b"HTTP/1.1 200 "}


def status_of(address: tuple[str, int]) -> int:
    """Ask; whoever is turned away may see a reset instead of the answer, which counts as 503."""
    try:
        return exchange(address, head("/livez", "Connection: close", method="GET"))[0]
    except (ConnectionError, http.client.HTTPException):
        return 503


def is_given_up(connection: socket.socket) -> bool:
    """Send a byte every fifth of a second; return whether the other side has had enough of it."""
    deadline = time.monotonic() + PATIENCE_S
    connection.settimeout(0.2)
    while time.monotonic() < deadline:
        try:
            connection.sendall(b"x")
            connection.recv(1)
        except TimeoutError:
            continue
        except OSError:
            pass
        return True
    return False


def test_callers_who_send_a_byte_now_and_then_are_given_up(address):
    begun = {
        "headers": b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
        "body": head("/v1/jobs", "Content-Type: application/json", "Content-Length: 1000") + b"{",
        "chunk": head("/v1/jobs", "Content-Type: application/json", "Transfer-Encoding: chunked") + b"3e8\r\n{",
    }
    with contextlib.ExitStack() as opened, ThreadPoolExecutor(len(begun)) as callers:
        slow = [opened.enter_context(socket.create_connection(address, timeout=20)) for _ in begun]
        for connection, sent in zip(slow, begun.values(), strict=True):
            connection.sendall(sent)
        given_up = dict(zip(begun, callers.map(is_given_up, slow), strict=True))
    assert given_up == dict.fromkeys(begun, True)


def test_callers_who_say_nothing_take_no_thread(address, url):
    assert serves_others(address, url, b"", THREADS * 3)


def test_more_than_can_wait_is_refused_at_once_and_the_rest_is_served(small):
    with contextlib.ExitStack() as opened:
        slow = [opened.enter_context(socket.create_connection(small, timeout=20)) for _ in range(THREADS // 2 + 1)]
        for connection in slow:
            connection.sendall(IN_CHUNKS + b"2\r\n{")
        status, headers, body = first_refusal(small)
        assert (status, headers["Content-Type"], json.loads(body)["code"]) == (503, MEDIA_TYPE, "overloaded")
        assert int(headers["Retry-After"]) > 0
        for connection in slow:
            connection.sendall(b"}\r\n0\r\n\r\n")
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            assert answer.status == 422


def first_refusal(address: tuple[str, int]) -> tuple[int, dict[str, str], bytes]:
    """Ask until the slow callers before us are all inside, and return the first refusal."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        answer = exchange(address, IN_CHUNKS + b"2\r\n{}\r\n0\r\n\r\n")
        if answer[0] != 422:
            return answer
        assert time.monotonic() < deadline


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET /livez HTTP/9.9\r\n\r\n", 400),
        (head("/livez", "Bad Header: x", method="GET"), 400),
        (head("/livez", "X-Long: " + "x" * 9000, method="GET"), 431),
        (head("/livez", *(f"X-{i}: y" for i in range(70)), method="GET"), 431),
        (head("/" + "x" * 9000, method="GET"), 414),
        (head("/v1/jobs", "Transfer-Encoding: rot13"), 501),
        (b"GET /v1/datasets HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
        (head("/v1/datasets", "Host: localhost", method="GET"), 400),
        (head("/v1/jobs", "Content-Length: -1"), 400),
        (head("/v1/jobs", "Content-Length: 2", "Transfer-Encoding: chunked"), 400),
    ],
)
def test_what_gunicorn_refuses_is_a_problem_document(address, sent, status):
    given, headers, body = exchange(address, sent)
    assert (given, headers["Content-Type"]) == (status, MEDIA_TYPE)
    assert json.loads(body)["status"] == status
    assert b"<html" not in body


def test_a_request_in_http_1_0_need_not_name_its_host(address):
    assert exchange(address, b"GET /livez HTTP/1.0\r\n\r\n")[0] == 200


def test_a_browser_gets_a_page_where_its_address_is_too_long(address):
    accept = ("Accept: text/html,*/*;q=0.8", "Accept-Language: fr")
    given, headers, body = exchange(address, head("/questions?text=" + "x" * 9000, *accept, method="GET"))
    assert (given, headers["Content-Type"]) == (414, "text/html; charset=utf-8")
    assert "2 000 caractères" in body.decode()
    _, headers, _ = exchange(address, head("/v1/jobs?x=" + "x" * 9000, *accept, method="GET"))
    assert headers["Content-Type"] == MEDIA_TYPE


@pytest.mark.parametrize(
    "account", ["a%2Fb", "https%3A%2F%2Fexample.social%2F%40ada", "%E5%AE%87%E5%AE%99", "a%252Fb", "%2E%2E", "a%0Ab"]
)
def test_percent_encoded_accounts_reach_their_route(url, account):
    answer = requests.get(f"{url}/v1/accounts/custom%3Abeer/{account}/scores", timeout=20)
    assert (answer.status_code, answer.json()["detail"]) == (404, "No score of this account is kept.")


def test_waiting_callers_leave_threads_to_others(url):
    job = {
        "accounts": [{"network": "custom:b", "account": "u"}],
        "topics": ["tag:x"],
        "profile": "qa",
        "activities": [],
    }

    def ask() -> requests.Response:
        return requests.post(f"{url}/v1/jobs", json=job, headers={"Prefer": "wait=5"}, timeout=PATIENCE_S)

    with ThreadPoolExecutor() as callers:
        asked = [callers.submit(ask) for _ in range(THREADS + 2)]
        assert requests.get(f"{url}/livez", timeout=20).status_code == 200
        assert not all(future.done() for future in asked)  # livez waits for no thread in which somebody waits
        answers = [future.result() for future in asked]
    assert {answer.status_code for answer in answers} == {202}
    assert sum("Preference-Applied" in answer.headers for answer in answers) == THREADS // 2


def test_every_line_of_the_log_is_json_whatever_is_sent(address, folder):
    hostile = 'x"}\r{"event": "fake"}\x1b[2J'
    exchange(address, f"GET /{hostile} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    exchange(address, head("/livez", f"User-Agent: {hostile}", method="GET"))
    exchange(address, head("/v1/jobs/none", "User-Agent: x\\ny", "Connection: close", method="GET"))
    lines = [json.loads(line) for line in (folder / "log").read_bytes().split(b"\n")[:-1]]
    assert {line["process"] for line in lines} == {"api"}
    assert "fake" not in {line["event"] for line in lines}
    assert {("none", 400), ("/v1/jobs/<job_id>", 404)} <= {
        (line["route"], line["status"]) for line in lines if line["event"] == "request"
    }


def test_what_never_reached_the_application_is_logged_under_the_id_of_its_answer(address, folder):
    _, headers, _ = exchange(address, b"GET /livez HTTP/9.9\r\n\r\n")
    lines = [json.loads(line) for line in (folder / "log").read_text().splitlines()]
    assert headers["X-Request-Id"] in {line.get("request_id") for line in lines}


@pytest.mark.parametrize("name", ["a\n{}", "a\r\nevil: 1", 'a","level":"evil', "\x1b[31mevil", "a\u2028evil"])
def test_a_caller_begins_no_line_of_the_log(address, folder, name):
    host, port = address
    named = f"probe-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    path = quote(f"/v1/accounts/custom:b/{name}/scores")
    agent = quote(name)
    with contextlib.closing(http.client.HTTPConnection(host, port, timeout=20)) as connection:
        connection.request("GET", path, headers={"User-Agent": agent, "X-Request-Id": named})
        assert connection.getresponse().status == 404
    lines = (folder / "log").read_text().splitlines()
    assert [line for line in lines if not line.startswith("{")] == []
    assert [json.loads(line)["level"] for line in lines if named in line] == ["info"]
