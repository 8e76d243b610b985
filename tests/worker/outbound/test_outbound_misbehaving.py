"""Servers that misbehave cost little time and memory, and say in words what they did."""

from __future__ import annotations

import time as real_time
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from tests.worker.outbound.conftest import json_of
from worker.outbound import (
    AnswerTooLargeError,
    BadAnswerError,
    HostDownError,
    OutboundError,
    RefusedError,
    ResponseLimits,
    TooSlowError,
    Transport,
)

if TYPE_CHECKING:
    from tests.worker.outbound.misbehaving_server import MisbehavingServer
    from worker.outbound import Outbound

WAYS: dict[str, tuple[type[OutboundError], str]] = {
    "/endless-continue": (AnswerTooLargeError, "has no end"),
    "/endless-body": (AnswerTooLargeError, "longer than"),
    "/endless-redirect": (AnswerTooLargeError, "longer than"),
    "/negative-chunk": (AnswerTooLargeError, "has no end"),
    "/promises-too-much": (AnswerTooLargeError, "longer than"),
    "/bomb": (AnswerTooLargeError, "longer than"),
    "/nested-bomb": (AnswerTooLargeError, "longer than"),
    "/endless-headers": (AnswerTooLargeError, "has no end"),
    "/not-gzip": (BadAnswerError, "cannot be unpacked"),
    "/too-short": (BadAnswerError, "cut off"),
    "/reset": (HostDownError, "no connection, or it broke"),
    "/reset-halfway": (BadAnswerError, "cut off"),
    "/hang-up": (HostDownError, "no connection, or it broke"),
    "/garbage": (HostDownError, "no connection, or it broke"),
    "/html": (BadAnswerError, "not answer in JSON"),
    "/deep": (BadAnswerError, "not answer in JSON"),
    "/loop": (BadAnswerError, "redirects more than 3 times"),
}


@pytest.mark.parametrize("path", WAYS)
def test_misbehaviour_is_an_error_that_names_the_host(path: str, outbound: Outbound, server: MisbehavingServer) -> None:
    kind, words = WAYS[path]
    with pytest.raises(kind, match=words) as caught:
        outbound.get_json(server.url(path))
    assert caught.value.host == server.name


@pytest.mark.parametrize("path", ["/slow-headers", "/slow-body", "/silent"])
def test_a_slow_answer_ends_in_time_however_steadily_it_drips(
    path: str, hasty_outbound: Outbound, server: MisbehavingServer
) -> None:
    started_s = real_time.monotonic()
    with pytest.raises(TooSlowError, match="no answer in time") as caught:
        hasty_outbound.get_json(server.url(path))
    assert caught.value.host == server.name
    assert real_time.monotonic() - started_s < 5.0


def test_an_answer_that_never_pauses_ends_in_time(server: MisbehavingServer) -> None:
    limits = ResponseLimits(total_s=0.2, max_bytes=2**40)
    transport = Transport(test_hosts=frozenset({server.name}), limits=limits)
    with pytest.raises(TooSlowError, match="no answer in time"):
        transport.send("GET", transport.guard.target(server.url("/endless-continue")), {})
    transport.close()


@pytest.mark.parametrize(
    "path",
    [
        "/bomb", "/nested-bomb", "/endless-body", "/endless-redirect", "/endless-continue", "/negative-chunk",
        "/promises-too-much",
    ],
)  # fmt: skip
def test_endless_answers_take_little_memory(path: str, outbound: Outbound, server: MisbehavingServer) -> None:
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    with pytest.raises(AnswerTooLargeError):
        outbound.get_json(server.url(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak - before < 4_000_000


def test_what_follows_the_promised_length_is_not_taken_for_the_next_answer(
    outbound: Outbound, server: MisbehavingServer
) -> None:
    assert json_of(outbound.get_json(server.url("/too-long"))) == {"a": 1}
    assert json_of(outbound.get_json(server.url("/good")))["path"] == "/good"


def test_a_redirect_to_a_private_address_is_refused_and_not_asked(
    outbound: Outbound, server: MisbehavingServer
) -> None:
    for place in (
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "file:///etc/passwd",
    ):
        with pytest.raises(RefusedError):
            outbound.get_json(server.url(f"/elsewhere?to={place}"))
    assert [heard.path.partition("?")[0] for heard in server.heard] == ["/elsewhere"] * 4


def test_a_redirect_to_another_port_of_a_test_host_is_refused(outbound: Outbound, server: MisbehavingServer) -> None:
    with pytest.raises(RefusedError):
        outbound.get_json(server.url("/elsewhere?to=http://127.0.0.1:1025/"))


def test_a_connection_that_ended_while_idle_is_no_failure_of_the_host(
    transport: Transport, server: MisbehavingServer
) -> None:
    target = transport.guard.target(server.url("/one-a-connection"))
    assert [transport.send("GET", target, {}).status for _ in range(3)] == [200] * 3
    assert len(server.heard) == 5, "the second and the third request went to a closed connection first"


def test_what_is_posted_to_a_connection_that_ended_is_not_posted_again(
    transport: Transport, server: MisbehavingServer
) -> None:
    target = transport.guard.target(server.url("/one-a-connection"))
    transport.send("POST", target, {}, b"{}")
    with pytest.raises(HostDownError):
        transport.send("POST", target, {}, b"{}")
    assert len(server.heard) == 2


def test_a_host_that_hangs_up_on_a_new_connection_too_is_asked_once_more_and_then_down(
    transport: Transport, server: MisbehavingServer
) -> None:
    transport.send("GET", transport.guard.target(server.url("/good")), {})
    with pytest.raises(HostDownError):
        transport.send("GET", transport.guard.target(server.url("/hang-up")), {})
    assert [heard.path for heard in server.heard] == ["/good", "/hang-up", "/hang-up"]
