"""How an answer leaves: in one packet where it is short, and as HTTP has it where it is not."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from gunicorn.config import Config

from service.joined_response import JoinedResponse

LONG = b"x" * 1_000_000


class Wire:
    """What was sent, one item each time."""

    def __init__(self):
        self.sent = []

    def sendall(self, data):
        self.sent.append(data)


@pytest.fixture
def wire():
    return Wire()


def answer(wire, *parts, method="GET", status="200 OK", version=(1, 1), headers=()):
    request = SimpleNamespace(method=method, version=version, should_close=lambda: version < (1, 1))
    reply = JoinedResponse(request, wire, Config())
    reply.start_response(status, list(headers))
    for part in parts:
        reply.write(part)
    reply.close()
    return b"".join(wire.sent).partition(b"\r\n\r\n")


def test_head_and_body_leave_together(wire):
    head, _, body = answer(wire, b"whole", headers=[("Content-Length", "5")])
    assert (len(wire.sent), body) == (1, b"whole")
    first, *lines = head.split(b"\r\n")
    assert first == b"HTTP/1.1 200 OK"
    assert [line.partition(b":")[0] for line in lines] == [b"Server", b"Date", b"Connection", b"Content-Length"]


def test_a_long_body_is_not_copied(wire):
    answer(wire, LONG, headers=[("Content-Length", str(len(LONG)))])
    assert wire.sent[1] is LONG


def test_parts_of_unknown_length_are_chunks_and_leave_one_by_one(wire):
    head, _, body = answer(wire, b"one", b"", b"three")
    assert b"Transfer-Encoding: chunked" in head
    assert (len(wire.sent), body) == (3, b"3\r\none\r\n5\r\nthree\r\n0\r\n\r\n")


@pytest.mark.parametrize(
    ("method", "status"), [("HEAD", "200 OK"), ("GET", "304 Not Modified"), ("GET", "204 No Content")]
)
def test_what_has_no_body_is_a_head(wire, method, status):
    _, end, body = answer(wire, method=method, status=status)
    assert (len(wire.sent), end, body) == (1, b"\r\n\r\n", b"")


def test_an_empty_answer_to_an_old_client_is_sent_and_ends(wire):
    head, _, body = answer(wire, version=(1, 0))
    assert (b"Connection: close" in head, body) == (True, b"")
