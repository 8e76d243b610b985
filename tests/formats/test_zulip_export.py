"""Zulip's exports of each kind: with everybody's consent, with that of some, and of what is public only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from candor.formats.dumps.dump import DumpError, Run
from candor.formats.dumps.registry import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

    from candor.scoring.activity import Activity

ADA = {"id": 1, "email": "user1@z.example", "delivery_email": "Ada@a.example", "full_name": "Ada", "date_joined": 1.7e9}
BO = {**ADA, "id": 2, "email": "user2@z.example", "delivery_email": "bo@a.example", "full_name": "Bo"}
SENT = {"id": 10, "sender": 1, "recipient": 5, "subject": "hops", "content": "which?", "date_sent": 1767600000.5}


@pytest.fixture
def read(tmp_path: Path):
    def reading(*messages: dict[str, Any], **tables: Any) -> tuple[list[Activity], Run]:
        realm = {
            "zerver_userprofile": [ADA],
            "zerver_stream": [{"id": 3, "name": "beer", "invite_only": False}],
            "zerver_recipient": [{"id": 5, "type": 2, "type_id": 3}],
        }
        (tmp_path / "realm.json").write_text(json.dumps({**realm, **tables}))
        (tmp_path / "messages-000001.json").write_text(json.dumps({"zerver_message": messages}))
        run = Run("zulip:z.example")
        return list(FORMATS["zulip"].records([tmp_path], run)), run

    return reading


def test_who_did_not_agree_to_the_export_of_private_data_still_wrote_what_is_public(read):
    dummy = {**BO, "is_mirror_dummy": True, "is_active": False, "role": 200}
    made, run = read(SENT, {**SENT, "id": 11, "sender": 2}, zerver_userprofile_mirrordummy=[dummy])
    assert [(each.type, each.actor) for each in made[-2:]] == [("note", "ada@a.example"), ("reply", "bo@a.example")]
    assert [each.consent for each in made if each.type == "account"] == [None, None]
    assert list(run.trusted) == ["bo@a.example"]


def test_an_address_that_an_export_made_up_is_not_taken_for_an_account(read):
    hidden = {**BO, "delivery_email": f"exported-user-{'0f' * 16}@z.example.invalid"}
    made, _ = read({**SENT, "sender": 2}, zerver_userprofile=[ADA, hidden])
    assert made[-1].actor == "user2@z.example"


def test_the_bots_of_a_server_are_bots_and_trusted_by_nobody(read):
    bot = {**BO, "is_bot": True, "role": 100}
    crossrealm = [{"id": 9, "email": "notification-bot@zulip.com", "recipient_id": 77}]
    made, run = read({**SENT, "sender": 9}, zerver_userprofile=[ADA, bot], zerver_userprofile_crossrealm=crossrealm)
    bots = {each.actor for each in made if each.kind == "bot"}
    assert (bots, run.trusted) == ({"bo@a.example", "notification-bot@zulip.com"}, {})


def test_who_was_deactivated_is_not_scored(read):
    made, _ = read(SENT, zerver_userprofile=[ADA, {**BO, "is_active": False}])
    assert [(each.actor, each.consent) for each in made if each.type == "account"] == [
        ("ada@a.example", None),
        ("bo@a.example", False),
    ]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("ask @**Bo**", ["bo@a.example"]),
        ("ask @**Bo|2**", ["bo@a.example"]),
        ("ask @**Cy|4**", ["cy2@a.example"]),
        ("ask @**Cy**", []),
        ("```quote\nask @**Bo**\n```", []),
        ("@_**Bo|2** said", []),
        ("@**all** @**everybody**", []),
        ("note to @**Ada** alone", []),
    ],
)
def test_mentions_are_read_by_number_or_by_a_name_that_one_person_has(read, text, named):
    cys = [
        {**BO, "id": 3 + n, "full_name": "Cy", "email": f"u{n}@z.example", "delivery_email": f"cy{n + 1}@a.example"}
        for n in (0, 1)
    ]
    made, _ = read({**SENT, "content": text}, zerver_userprofile=[ADA, BO, *cys])
    assert [each.target_actor for each in made if each.type == "mention"] == named


def test_the_server_s_own_words_begin_no_topic(read):
    crossrealm = [{"id": 9, "email": "notification-bot@zulip.com"}]
    told = {**SENT, "sender": 9, "subject": "hops"}
    made, _ = read(
        told,
        {**told, "id": 11, "sender": 1},
        {**told, "id": 12, "sender": 2},
        zerver_userprofile=[ADA, BO],
        zerver_userprofile_crossrealm=crossrealm,
    )
    assert [(each.type, each.object) for each in made if each.type in {"note", "reply"}] == [
        ("note", None),
        ("note", None),
        ("reply", "11"),
    ]


@pytest.mark.parametrize("topic", ["", "(no topic)"])
def test_what_people_write_without_a_topic_answers_nothing(read, topic):
    made, _ = read({**SENT, "subject": topic}, {**SENT, "id": 11, "sender": 2, "subject": topic})
    assert [each.type for each in made if each.type != "account"] == ["note", "note"]


def test_an_export_that_was_not_finished_is_refused(tmp_path):
    (tmp_path / "realm.json").write_text("{}")
    (tmp_path / "messages-000001.json.partial").write_text("{}")
    with pytest.raises(DumpError, match="once it is done"):
        list(FORMATS["zulip"].records([tmp_path], Run("zulip:z.example")))


LINK = "https://z.example/#narrow/channel/3-beer/topic/hops/near/11"


@pytest.mark.parametrize(
    ("link", "to"),
    [
        (LINK, "11"),
        (LINK.replace("channel/", "stream/"), "11"),
        (LINK.replace("/3-", "/4-"), "10"),
        (LINK.replace("/11", "/13"), "10"),
        ("https://z.example/", "10"),
    ],
)
def test_a_message_replies_to_what_it_quotes_of_its_channel(read, link, to):
    quote = f"@_**Bo|2** [said]({link}):\n```quote\nsaaz\n```\nthanks"
    made, _ = read(SENT, {**SENT, "id": 11, "content": "saaz"}, {**SENT, "id": 12, "content": quote})
    assert [each.object for each in made if each.id == "12"] == [to]
