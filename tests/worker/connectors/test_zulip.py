"""Zulip: topics of public channels, with a key and as a stranger."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.worker.connectors.made_up.zulip import API, ASKED, AT, HOST, SAID, answer, member, message, reaction
from worker.connectors.network_client import Access, NetworkClient
from worker.connectors.zulip import Zulip
from worker.outbound import BadAnswerError, RejectedError

SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
ADA = "ada@a.example"


@pytest.fixture
def zulip(outbound, gaps) -> Zulip:
    return Zulip(
        NetworkClient(outbound, gaps, Access(tokens={"chat.example": "me@a.example:secret"})), "zulip:chat.example"
    )


@pytest.fixture
def acts(zulip, serve):
    """Serve what an account said and a topic, and return what is made of them."""

    def read(own: list[dict[str, Any]], topic: list[dict[str, Any]], **more: Any) -> list[Any]:
        serve(f"{API}/messages?num_before=100", answer(*own))
        serve(f"{API}/messages?anchor=oldest", answer(*topic, **more))
        return list(zulip.activities(ADA, SINCE, UNTIL))

    return read


def narrowed(request: Any) -> list[tuple[str, Any]]:
    return [(each["operator"], each["operand"]) for each in json.loads(request.qs["narrow"][0])]


def test_what_begins_a_topic_is_a_note_and_what_follows_answers_it(acts):
    note, mention, reply, accept, like = acts([SAID], [ASKED, SAID])
    assert (note.id, note.content, note.tags) == (
        "1",
        "Which bus?\n\nfor a cubesat, @**Ada**?",
        ("space", "Which bus?"),
    )
    assert (mention.target_actor, reply.object, reply.actor) == (ADA, "1", ADA)
    assert (accept.actor, accept.object, like.actor) == ("bob@a.example", "2", "cy@a.example")


def test_a_message_replies_to_what_it_quotes(acts):
    quote = (
        "@_**Ada|1** [said](https://chat.example/#narrow/channel/7-space/topic/Which.20bus.3F/near/2):\n```quote\n```"
    )
    thanks = {**ASKED, "id": 3, "content": f"{quote}\nthanks", "stream_id": SAID["stream_id"]}
    link = quote.replace("channel/7", f"channel/{SAID['stream_id']}")
    made = acts([SAID], [ASKED, SAID, {**thanks, "content": link}])
    assert [(each.actor, each.object) for each in made if each.id == "3"] == [("bob@a.example", "2")]


def test_a_resolved_topic_is_the_topic_it_was(acts):
    made = acts([SAID], [{**ASKED, "subject": "✔ Which bus?"}, SAID])
    assert [each.object for each in made if each.type == "reply"] == ["1"]


@pytest.mark.parametrize("kind", ["private", None, 7, "direct"])
def test_what_is_not_in_a_channel_is_left_out(acts, kind):
    assert acts([{**SAID, "type": kind}], [{**ASKED, "type": kind}]) == []


@pytest.mark.parametrize(
    "odd",
    [{"reactions": None}, {"reactions": [{"emoji_name": "check", "user": None}]}, {"content": None}, {"subject": None}],
)
def test_an_odd_value_loses_no_message(acts, odd):
    assert [each.id for each in acts([{**SAID, **odd}], [ASKED, {**SAID, **odd}]) if each.actor == ADA] == ["2"]


def test_a_name_in_a_quote_or_code_and_a_silent_one_address_nobody(acts):
    text = "```quote\n@**Bob**\n```\n`@**Bob**` @_**Bob** **Bob**"
    assert "mention" not in [each.type for each in acts([SAID], [ASKED, message(3, "ada", text)])][2:]


def test_a_message_far_down_in_a_long_topic_is_read_and_the_rest_is_told(acts, gaps):
    made = acts([message(900, "ada", "late")], [ASKED], found_newest=False)
    assert [(each.id, each.object) for each in made if each.actor == ADA] == [("900", "1")]
    assert gaps.lines() == ("long topics: chat.example: only the first 200 messages are read",)


def test_pages_go_back_until_the_oldest_and_no_page_is_asked_for_twice(zulip, serve, gaps):
    shown = answer(SAID, found_oldest=False)
    serve(f"{API}/messages?anchor=oldest", answer(ASKED))
    asked = serve(f"{API}/messages?num_before=100", shown)
    assert len(list(zulip.activities(ADA, SINCE, UNTIL))) > 0
    assert asked.call_count == 2
    assert gaps.lines() == ("messages of the account: chat.example: pagination loop",)


def test_with_a_key_only_public_channels_are_asked_for(acts, requests_mock):
    acts([SAID], [ASKED])
    assert narrowed(requests_mock.request_history[0]) == [("streams", "public"), ("sender", ADA)]
    assert all(each.headers["Authorization"].startswith("Basic ") for each in requests_mock.request_history)


def test_a_stranger_reads_what_the_organisation_opened_to_the_web(client, serve, requests_mock):
    serve(f"{HOST}/json/messages", answer(SAID))
    zulip = Zulip(client, "zulip:chat.example")
    assert zulip.profile("Ada@a.example").account.name == "Ada"
    assert {each.type for each in zulip.activities(ADA, SINCE, UNTIL)} >= {"note"}
    assert {narrowed(each)[0] for each in requests_mock.request_history} == {("streams", "web-public")}


def test_where_strangers_are_shown_nothing_it_is_said(client, serve):
    serve(f"{HOST}/json/messages", answer())
    with pytest.raises(BadAnswerError, match="key"):
        Zulip(client, "zulip:chat.example").profile(ADA)


def test_who_is_gone_is_not_read(zulip, serve):
    serve(f"{API}/users/ada%40a.example", member("ada", is_active=False))
    assert (zulip.profile(ADA).status, zulip.profile(ADA).account.name) == ("gone", None)
    serve(f"{API}/users/eve%40a.example", {"result": "error", "msg": "No such user"}, status=400)
    assert zulip.profile("eve@a.example").status == "gone"


def test_another_refusal_does_not_make_an_account_gone(zulip, serve):
    serve(f"{API}/users/ada%40a.example", {"result": "error", "msg": "Invalid API key"}, status=400)
    with pytest.raises(RejectedError):
        zulip.profile(ADA)


def test_bots_are_told_apart(zulip, serve):
    serve(f"{API}/users/ada%40a.example", member("ada", is_bot=True))
    assert zulip.profile(ADA).account.kind == "bot"


def test_who_marked_an_answer_vouches_for_who_gave_it(zulip, serve):
    serve(f"{API}/messages?num_before=100", answer(message(1, "ada", "which?")))
    topic = answer(message(1, "ada", "which?"), message(2, "bob", "that", reactions=[reaction("check", "ada")]))
    serve(f"{API}/messages?anchor=oldest", topic)
    assert [(each.type, each.actor, each.object) for each in zulip.vouches_of(ADA)] == [("accept", ADA, "2")]
    assert AT > 0


def numbered(emoji: str, by: int) -> dict[str, Any]:
    """A reaction as Zulip 12 shows it: without the object of the user."""
    return {"emoji_name": emoji, "emoji_code": "2705", "reaction_type": "unicode_emoji", "user_id": by}


def test_a_reaction_that_names_its_user_by_number_is_read(acts, serve, gaps):
    members = [member(name, user_id=number)["user"] for number, name in ((8, "bob"), (9, "cy"))]
    asked = serve(f"{API}/users?user_ids=[8,9,10]", {"result": "success", "members": members})
    said = {**SAID, "sender_id": 7, "reactions": [numbered("check", 8), numbered("tada", 9), numbered("tada", 10)]}
    made = acts([said], [{**ASKED, "sender_id": 8}, said, {**said, "id": 3}])
    given = [(each.type, each.object, each.actor) for each in made if each.type in {"accept", "like"}]
    assert given == [(t, o, b) for o in "23" for t, b in (("accept", "bob@a.example"), ("like", "cy@a.example"))]
    assert asked.call_count == 1
    assert gaps.lines() == ("reactions: chat.example: does not say whose they are (3 times)",)


def test_a_stranger_knows_reactions_of_those_who_spoke_and_is_told_of_others(client, serve, gaps):
    said = {**SAID, "sender_id": 7, "reactions": [numbered("check", 8), numbered("tada", 9)]}
    serve(f"{HOST}/json/messages", answer({**ASKED, "sender_id": 8}, said))
    made = list(Zulip(client, "zulip:chat.example").activities(ADA, SINCE, UNTIL))
    assert [each.actor for each in made if each.type in {"accept", "like"}] == ["bob@a.example"]
    assert "reactions: chat.example: does not say whose they are" in gaps.lines()[0]


def test_what_the_software_itself_says_of_a_moved_topic_is_nobodys_word_and_begins_none(acts):
    moved = message(
        1, "notification-bot", "This topic was moved here by @_**Ada|7**.", sender_realm_str="zulipinternal"
    )
    made = acts([SAID], [moved, message(2, "bob", "Which bus?"), message(3, "ada", "CAN.")])
    assert "notification-bot@a.example" not in {each.actor for each in made}
    assert [each.type for each in made if each.id in {"1", "2"}] == ["note"]
