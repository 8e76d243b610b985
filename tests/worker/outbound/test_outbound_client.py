"""What a connector gets: replies, typed errors, a budget, and credentials that stay where they belong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.worker.outbound.conftest import json_of
from tests.worker.outbound.misbehaving_server import answer, raw
from worker.outbound import (
    BadAnswerError,
    BudgetSpentError,
    Credential,
    GoneError,
    HostDownError,
    OutboundError,
    RefusedError,
    RejectedError,
    TooSlowError,
    Transport,
    UnauthorisedError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.worker.outbound.conftest import FakeTime
    from tests.worker.outbound.misbehaving_server import MisbehavingServer
    from worker.outbound import Outbound


def test_a_reply_has_the_answer_and_where_it_came_from(outbound: Outbound, server: MisbehavingServer) -> None:
    reply = outbound.get_json(server.url("/good?q=%C3%A4+b&n=2"))
    assert json_of(reply)["path"] == "/good?q=%C3%A4+b&n=2"
    assert (reply.url, reply.status, reply.from_cache) == (server.url("/good?q=%C3%A4+b&n=2"), 200, False)


def test_links_are_absolute(outbound: Outbound, server: MisbehavingServer) -> None:
    link = '</page?max_id=1>; rel="next", <https://example.org/page?min_id=2>; rel="prev"'
    reply = outbound.get_json(server.says("/page", answer(200, [], Link=link)))
    assert reply.links == {"next": server.url("/page?max_id=1"), "prev": "https://example.org/page?min_id=2"}


@pytest.mark.parametrize("link", ["", "nonsense", "<>", '<http://[/>; rel="next"', ", ,", ';rel="next"'])
def test_a_broken_link_header_breaks_nothing(link: str, outbound: Outbound, server: MisbehavingServer) -> None:
    assert isinstance(outbound.get_json(server.says("/page", answer(200, [], Link=link))).links, dict)


def test_an_empty_answer_is_one(outbound: Outbound, server: MisbehavingServer) -> None:
    assert outbound.get_json(server.says("/empty", raw(200, b""))).body == b""


def test_the_user_agent_names_the_operators_contact(outbound: Outbound, server: MisbehavingServer) -> None:
    outbound.get_json(server.url("/good"))
    assert server.heard[0].headers["user-agent"].startswith("Candor/")
    assert server.heard[0].headers["user-agent"].endswith(" (+https://operator.example)")


def test_post_sends_json(outbound: Outbound, server: MisbehavingServer) -> None:
    assert json_of(outbound.post_json(server.url("/good"), {"query": "{}"}))["method"] == "POST"
    assert server.heard[0].headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, UnauthorisedError), (403, UnauthorisedError), (404, GoneError), (410, GoneError), (400, RejectedError),
        (422, RejectedError), (500, HostDownError), (502, HostDownError), (300, BadAnswerError), (304, BadAnswerError),
    ],
)  # fmt: skip
def test_a_status_is_a_typed_error(
    status: int, kind: type[OutboundError], outbound: Outbound, server: MisbehavingServer
) -> None:
    with pytest.raises(kind, match=str(status)) as caught:
        outbound.get_json(server.says("/error", answer(status)))
    assert (caught.value.host, caught.value.status) == (server.name, status)


def test_an_error_carries_what_the_host_said(outbound: Outbound, server: MisbehavingServer) -> None:
    with pytest.raises(RejectedError) as caught:
        outbound.get_json(server.says("/error", answer(400, {"error": "AccountTakedown"})))
    assert caught.value.reply is not None
    assert json_of(caught.value.reply) == {"error": "AccountTakedown"}


def test_what_may_pass_by_itself_is_asked_again(outbound: Outbound, server: MisbehavingServer, time: FakeTime) -> None:
    url = server.says("/shaky", answer(502), answer(502), answer(200, {"well": True}))
    assert json_of(outbound.get_json(url)) == {"well": True}
    assert time.slept_s == [0.5, 2.0]


def test_a_broken_connection_is_asked_again_three_times_in_all(outbound: Outbound, server: MisbehavingServer) -> None:
    with pytest.raises(HostDownError):
        outbound.get_json(server.url("/reset"))
    assert (len(server.heard), outbound.spent) == (3, 3)


@pytest.mark.parametrize("path", ["/error", "/silent"])
def test_what_will_not_pass_is_asked_once(path: str, hasty_outbound: Outbound, server: MisbehavingServer) -> None:
    server.says("/error", answer(404))
    with pytest.raises((GoneError, TooSlowError)):
        hasty_outbound.get_json(server.url(path))
    assert len(server.heard) == 1


def test_the_budget_ends_the_asking(make_outbound: Callable[..., Outbound], server: MisbehavingServer) -> None:
    outbound = make_outbound(max_requests=3, spent=1)
    outbound.get_json(server.url("/good?1"))
    outbound.get_json(server.url("/good?2"))
    with pytest.raises(BudgetSpentError):
        outbound.get_json(server.url("/good?3"))
    assert (outbound.spent, outbound.requests_left, len(server.heard)) == (3, 0, 2)


def test_a_redirect_counts_as_a_request(outbound: Outbound, server: MisbehavingServer) -> None:
    reply = outbound.get_json(server.url("/elsewhere?to=/good"))
    assert (reply.url, outbound.spent) == (server.url("/good"), 2)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_three_redirects_are_followed(status: int, outbound: Outbound, server: MisbehavingServer) -> None:
    server.says("/1", answer(status, Location="/2"))
    server.says("/2", answer(status, Location="/3"))
    server.says("/3", answer(status, Location="/good"))
    assert json_of(outbound.get_json(server.url("/1")))["path"] == "/good"


def test_a_fourth_redirect_is_not_followed(outbound: Outbound, server: MisbehavingServer) -> None:
    for number in range(1, 5):
        server.says(f"/{number}", answer(302, Location=f"/{number + 1}"))
    with pytest.raises(BadAnswerError, match="more than 3"):
        outbound.get_json(server.url("/1"))
    assert len(server.heard) == 4


def test_a_redirect_to_nonsense_is_a_bad_answer(outbound: Outbound, server: MisbehavingServer) -> None:
    with pytest.raises(BadAnswerError, match="no address"):
        outbound.get_json(server.says("/1", answer(302, Location="http://[/")))


def test_what_is_posted_is_not_redirected(outbound: Outbound, server: MisbehavingServer) -> None:
    with pytest.raises(BadAnswerError, match="posted"):
        outbound.post_json(server.url("/elsewhere?status=307&to=/good"), {})
    assert len(server.heard) == 1


def test_a_credential_goes_to_its_host(outbound: Outbound, server: MisbehavingServer) -> None:
    outbound.get_json(server.url("/good"), credential=Credential(host=server.name, value="Bearer s3"))
    assert server.heard[0].headers["authorization"] == "Bearer s3"


def test_a_credential_goes_along_with_a_redirect_on_its_host(outbound: Outbound, server: MisbehavingServer) -> None:
    outbound.get_json(server.url("/elsewhere?to=/good"), credential=Credential(host=server.name, value="Bearer s3"))
    assert server.heard[1].headers["authorization"] == "Bearer s3"


def test_a_credential_is_not_sent_when_a_link_leads_elsewhere(
    outbound: Outbound, server: MisbehavingServer, other_server: MisbehavingServer
) -> None:
    outbound.get_json(other_server.url("/good"), credential=Credential(host=server.name, value="Bearer s3"))
    assert "authorization" not in other_server.heard[0].headers


def test_a_redirect_to_another_host_drops_everything_secret(
    outbound: Outbound, server: MisbehavingServer, other_server: MisbehavingServer
) -> None:
    place = f"{other_server.url('/good')}%3Faccess_token=t1%26mine=s3%26page=2"
    outbound.get_json(
        server.url(f"/elsewhere?to={place}"),
        headers={"X-Api-Key": "s1", "Cookie": "s2", "Authorization": "s4", "Accept": "application/ld+json"},
        credential=Credential(host=server.name, value="s3"),
    )
    (heard,) = other_server.heard
    assert heard.path == "/good?page=2"
    assert heard.headers["accept"] == "application/ld+json"
    assert not {"x-api-key", "cookie", "authorization"} & heard.headers.keys()


def test_a_credential_does_not_come_back_after_a_detour(
    outbound: Outbound, server: MisbehavingServer, other_server: MisbehavingServer
) -> None:
    other_server.says("/back", answer(302, Location=server.url("/good")))
    place = other_server.url("/back")
    outbound.get_json(server.url(f"/elsewhere?to={place}"), credential=Credential(host=server.name, value="Bearer s3"))
    assert "authorization" not in server.heard[1].headers


def test_a_credential_in_the_query_stays_out_of_the_reply(outbound: Outbound, server: MisbehavingServer) -> None:
    reply = outbound.get_json(server.url("/good?a=1"), credential=Credential(host=server.name, value="s3", param="key"))
    assert server.heard[0].path == "/good?a=1&key=s3"
    assert reply.url == server.url("/good?a=1")


def test_a_credential_does_not_show_in_logs() -> None:
    assert "s3cret" not in repr(Credential(host="example.org", value="s3cret"))


def test_a_redirect_from_https_to_http_is_refused(outbound: Outbound, requests_mock: object) -> None:
    requests_mock.get("https://example.org/", status_code=302, headers={"Location": "http://example.org/"})
    with pytest.raises(RefusedError, match="https to http"):
        outbound.get_json("https://example.org/")


def test_a_credential_is_not_sent_in_the_clear(outbound: Outbound, requests_mock: object) -> None:
    asked = requests_mock.get("http://example.org/", json={})
    outbound.get_json("http://example.org/", credential=Credential(host="example.org", value="Bearer s3"))
    assert "Authorization" not in asked.last_request.headers


def test_recorded_answers_can_stand_in_for_a_network(outbound: Outbound, requests_mock: object) -> None:
    requests_mock.get("https://example.org/api", json={"id": "1"}, headers={"Link": '</api?p=2>; rel="next"'})
    reply = outbound.get_json("https://example.org/api")
    assert (json_of(reply), reply.links) == ({"id": "1"}, {"next": "https://example.org/api?p=2"})


def test_without_a_contact_the_user_agent_is_the_name(server: MisbehavingServer) -> None:
    transport = Transport(test_hosts=frozenset({server.name}))
    transport.send("GET", transport.guard.target(server.url("/good")), {})
    transport.close()
    assert "(" not in server.heard[0].headers["user-agent"]


def test_a_gate_that_lets_in_no_programs_is_named(outbound: Outbound, server: MisbehavingServer) -> None:
    url = server.says("/gate", raw(403, b"<html>", cf_mitigated="challenge"))
    with pytest.raises(UnauthorisedError, match="lets in no programs"):
        outbound.get_json(url)


def test_a_host_that_answered_and_then_nothing_is_lost_and_told_once(
    outbound: Outbound, server: MisbehavingServer
) -> None:
    outbound.get_json(server.says("/who", answer(200, {"a": 1}), raw(200, b"<html>Back soon</html>")))
    assert outbound.lost() == {}
    with pytest.raises(HostDownError):
        outbound.get_json(server.url("/reset"))
    assert outbound.lost() == {server.name: "no connection, or it broke"}
    assert outbound.lost() == {}


def test_a_host_of_which_one_page_fails_is_not_lost(outbound: Outbound, server: MisbehavingServer) -> None:
    outbound.get_json(server.url("/good"))
    with pytest.raises(HostDownError):
        outbound.get_json(server.url("/reset"))
    assert outbound.lost() == {}


def test_a_host_that_never_answered_is_not_lost(outbound: Outbound, server: MisbehavingServer) -> None:
    with pytest.raises(HostDownError):
        outbound.get_json(server.url("/reset"))
    assert outbound.lost() == {}
