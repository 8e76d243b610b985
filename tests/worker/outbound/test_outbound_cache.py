"""Nobody is asked the same thing twice without need, and nothing is kept that should not be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from candor.store import redis_keys
from tests.worker.outbound.conftest import json_of
from tests.worker.outbound.misbehaving_server import answer
from worker.outbound import Credential, GoneError, WaitingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from candor.store import Store
    from tests.worker.outbound.conftest import FakeTime
    from tests.worker.outbound.misbehaving_server import MisbehavingServer
    from worker.outbound import Outbound


def test_within_a_job_a_question_is_asked_once(outbound: Outbound, server: MisbehavingServer, time: FakeTime) -> None:
    first = outbound.get_json(server.url("/good"))
    time.pass_by(hours=5)
    again = outbound.get_json(server.url("/good"))
    assert again.from_cache
    assert (json_of(again), again.fetched_at, outbound.spent) == (json_of(first), first.fetched_at, 1)


def test_a_job_that_waited_goes_on_where_it_was(
    make_outbound: Callable[..., Outbound], server: MisbehavingServer, time: FakeTime
) -> None:
    came = time.now
    server.says("/2", answer(429, Retry_After="3600"), answer(200, {}))
    first = make_outbound(since=came)
    first.get_json(server.url("/good"))
    with pytest.raises(WaitingError) as caught:
        first.get_json(server.url("/2"))
    time.now = caught.value.until
    second = make_outbound(since=came, spent=first.spent)
    second.get_json(server.url("/good"))
    second.get_json(server.url("/2"))
    assert [heard.path for heard in server.heard] == ["/good", "/2", "/2"]
    assert second.spent == 3


def test_the_links_of_a_kept_answer_are_kept(outbound: Outbound, server: MisbehavingServer) -> None:
    url = server.says("/page", answer(200, [1], Link='</page?2>; rel="next"'))
    first, again = outbound.get_json(url), outbound.get_json(url)
    assert again.from_cache
    assert again.links == first.links == {"next": server.url("/page?2")}


def test_another_job_uses_what_is_five_minutes_old(
    make_outbound: Callable[..., Outbound], server: MisbehavingServer, time: FakeTime
) -> None:
    make_outbound("job_1").get_json(server.url("/good"))
    time.pass_by(minutes=4)
    assert make_outbound("job_2").get_json(server.url("/good")).from_cache
    time.pass_by(minutes=4)
    assert not make_outbound("job_3").get_json(server.url("/good")).from_cache


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({"ETag": '"v1"'}, ("if-none-match", '"v1"')),
        (
            {"Last_Modified": "Mon, 23 Nov 2026 11:00:00 GMT"},
            ("if-modified-since", "Mon, 23 Nov 2026 11:00:00 GMT"),
        ),
    ],
)
def test_an_older_answer_is_asked_for_only_if_it_changed(
    given: dict[str, str],
    asked: tuple[str, str],
    make_outbound: Callable[..., Outbound],
    server: MisbehavingServer,
    time: FakeTime,
) -> None:
    url = server.says("/page", answer(200, {"n": 1}, **given), answer(304, Content_Length=""))
    make_outbound("job_1").get_json(url)
    time.pass_by(hours=1)
    reply = make_outbound("job_2").get_json(url)
    assert (json_of(reply), reply.from_cache, reply.fetched_at) == ({"n": 1}, True, time.now)
    assert server.heard[1].headers[asked[0]] == asked[1]


def test_an_answer_that_changed_replaces_the_old_one(
    make_outbound: Callable[..., Outbound], server: MisbehavingServer, time: FakeTime
) -> None:
    url = server.says("/page", answer(200, {"n": 1}, ETag='"v1"'), answer(200, {"n": 2}, ETag='"v2"'))
    make_outbound("job_1").get_json(url)
    time.pass_by(hours=1)
    outbound = make_outbound("job_2")
    assert json_of(outbound.get_json(url)) == {"n": 2}
    assert json_of(outbound.get_json(url)) == {"n": 2}
    assert len(server.heard) == 2


def test_one_token_does_not_see_what_another_may(
    make_outbound: Callable[..., Outbound], server: MisbehavingServer
) -> None:
    for value in ("Bearer one", "Bearer two", None):
        credential = Credential(host=server.name, value=value) if value else None
        assert not make_outbound().get_json(server.url("/good"), credential=credential).from_cache


def test_posted_questions_differ_by_their_body(outbound: Outbound, server: MisbehavingServer) -> None:
    assert not outbound.post_json(server.url("/good"), {"a": 1}).from_cache
    assert not outbound.post_json(server.url("/good"), {"a": 2}).from_cache
    assert outbound.post_json(server.url("/good"), {"a": 1}).from_cache


def test_an_answer_not_to_be_stored_is_kept_for_its_job_alone(
    make_outbound: Callable[..., Outbound], server: MisbehavingServer
) -> None:
    url = server.says("/page", answer(200, {}, Cache_Control="private, no-store"))
    make_outbound("job_1").get_json(url)
    assert make_outbound("job_1").get_json(url).from_cache
    assert not make_outbound("job_2").get_json(url).from_cache


def test_errors_are_not_kept(outbound: Outbound, server: MisbehavingServer) -> None:
    url = server.says("/page", answer(404), answer(200, {}))
    with pytest.raises(GoneError):
        outbound.get_json(url)
    assert outbound.get_json(url).status == 200


def test_what_is_forgotten_is_gone(outbound: Outbound, server: MisbehavingServer, timed_store: Store) -> None:
    secret = server.says("/own", answer(200, {}, Cache_Control="no-store"))
    replies = [outbound.get_json(server.url("/good")), outbound.get_json(secret)]
    assert len(timed_store.redis.keys(redis_keys.CACHED_RESPONSE + "*")) == 2
    outbound.forget(*replies)
    assert timed_store.redis.keys(redis_keys.CACHED_RESPONSE + "*") == []


def test_an_answer_from_the_cache_can_be_forgotten(
    outbound: Outbound, server: MisbehavingServer, timed_store: Store
) -> None:
    outbound.get_json(server.url("/good"))
    outbound.forget(outbound.get_json(server.url("/good")))
    assert timed_store.redis.keys(redis_keys.CACHED_RESPONSE + "*") == []
