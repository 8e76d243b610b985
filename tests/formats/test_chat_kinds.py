"""Chats as other versions, tools and members' habits make them: one odd thing loses no other, and is counted."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest

from candor.formats.compression import UnreadableError
from tests.formats.dump_files import (
    AT,
    CHANNEL,
    CHAT,
    MESSAGE,
    REALM,
    SAID,
    SENT,
    SLACK,
    TOLD,
    body_of,
    lines,
    tarred,
    zipped,
)

KEY = "brewing/1767600000.000100"
ANSWER = {**MESSAGE, "user": "U2", "ts": "1767600010.000100", "thread_ts": MESSAGE["ts"], "text": "saaz"}


def slack(*said: Any, **files: Any) -> dict[str, Any]:
    named = {f"{name}.json": each for name, each in files.items()}
    return {**SLACK, "brewing/2026-01-05.json": list(said), **{name: body_of(each) for name, each in named.items()}}


@pytest.mark.parametrize(
    ("content", "makes", "left_out"),
    [
        (slack({**MESSAGE, "ts": 1767600000.0001}), ["note U1"], {}),
        (slack(MESSAGE, {**MESSAGE, "ts": "-1e18"}), ["note U1"], {"malformed": 1}),
        (slack(MESSAGE, {**ANSWER, "thread_ts": 1767600000.0001}), ["note U1", f"reply U2 >{KEY}"], {}),
        (slack(MESSAGE, channels={"ok": True, "channels": [{"name": "brewing"}]}), ["note U1"], {}),
        (slack(MESSAGE, channels={"id": "C1", "name": "brewing"}), ["note U1"], {}),
        (slack(MESSAGE, channels=[{"id": "brewing", "name": "of beer"}]), ["note U1"], {}),
        ({**SLACK, "brewing/2026-01-05.json": body_of({"ok": True, "messages": [MESSAGE]})}, ["note U1"], {}),
        ({**SLACK, "brewing/2026-01-05.json": body_of(MESSAGE)}, ["note U1"], {}),
        (slack(MESSAGE, channels=[{"name": "brewing", "is_mpim": True}]), [], {"private": 1}),
        (slack(MESSAGE, channels=[{"name": "brewing", "is_private": None}]), [], {"unclear": 1}),
        (slack(MESSAGE, channels=[{"name": "brewing", "is_private": None, "id": 7}]), [], {"unclear": 1}),
        (slack(MESSAGE, channels=[{"name": "brewing", "is_private": "false"}]), ["note U1"], {}),
        (slack({**MESSAGE, "subtype": "tombstone"}), [], {"deleted": 1}),
        (slack({**MESSAGE, "reactions": [{"name": "+1", "count": 3, "users": ["U2"]}]}), None, {"reactions": 2}),
        (slack({**MESSAGE, "reactions": [{"name": "+1", "count": 2, "users": None}]}), ["note U1"], {"reactions": 2}),
        (
            slack({**ANSWER, "parent_user_id": "U1", "reactions": [{"name": "white_check_mark", "users": ["U1"]}]}),
            [f"reply U2 >{KEY}", "accept U1 >brewing/1767600010.000100"],
            {},
        ),
        (slack({**MESSAGE, "text": "", "attachments": [{"fallback": "build failed"}]}), ["note U1"], {}),
    ],
)
def test_slack_is_read_as_its_interface_and_tools_write_it(read, content, makes, left_out):
    made, run = read("slack", content)
    assert [each for each in made if not each.startswith("account")] == makes or makes is None
    assert run.left_out == left_out


THANKS = {**ANSWER, "user": "U1", "ts": "1767600030.000100", "text": "thanks"}


@pytest.mark.parametrize(
    ("said", "to"),
    [
        ([ANSWER, THANKS], None),
        ([ANSWER, {**ANSWER, "user": "U3", "ts": "1767600020.000100"}, THANKS], "brewing/1767600020.000100"),
        ([ANSWER, {**ANSWER, "user": "U3", "ts": "1767600020.000100", "text": ":eyes: ."}, THANKS], None),
        (
            [{**ANSWER, "text": "saaz, all of it late"}, {**ANSWER, "user": "U3", "ts": "1767600020.000100"}, THANKS],
            None,
        ),
        ([ANSWER, {**ANSWER, "user": "U3", "ts": "1767600020.000100"}, {**THANKS, "text": "<@U2> thanks"}], None),
        ([THANKS], KEY),
        ([THANKS, ANSWER], KEY),
        ([{**ANSWER, "thread_ts": "1767500000.000100"}, THANKS], KEY),
    ],
)
def test_who_begins_a_thread_on_slack_goes_on_under_the_last_message_of_somebody_else(read, said, to):
    made, _ = read("slack", slack(MESSAGE, *said))
    assert [each for each in made if each.startswith("reply U1")] == [f"reply U1 >{to or 'brewing/1767600010.000100'}"]


def test_who_begins_a_thread_on_discord_goes_on_under_the_last_message_of_somebody_else_unless_it_replies(read):
    channel = {"id": "7", "name": "ask", "type": "GuildPublicThread"}
    of = [{"id": by} for by in "abca"]
    said = [{**SAID, "id": str(number), "author": by} for number, by in enumerate(of, 1)]
    reply = {**SAID, "id": "5", "type": "Reply", "reference": {"messageId": "2"}}
    made, _ = read("discord", lines({"channel": channel, "messages": [*said, reply]}))
    replies = [each for each in made if each.startswith("reply")]
    assert replies == ["reply b >1", "reply c >1", "reply a >3", "reply a >2"]


def test_apps_and_guests_on_slack_have_names_and_whoever_left_is_not_asked(made_of):
    app = {"type": "message", "subtype": "bot_message", "bot_id": "B1", "username": "ci", "ts": "1767600000.1"}
    guest = {**MESSAGE, "user": "U9", "user_profile": {"real_name": "Cy"}}
    people = [{"id": "USLACKBOT", "updated": 0, "is_bot": False}, {"id": "U1", "deleted": True}]
    made, _ = made_of("slack", slack({**app, "text": "built"}, guest, users=people))
    assert {each.actor: (each.kind, each.name, each.consent) for each in made if each.type == "account"} == {
        "USLACKBOT": ("bot", None, None),
        "U1": ("person", None, False),
        "B1": ("bot", "ci", None),
        "U9": (None, "Cy", None),
    }


def test_who_is_named_in_the_blocks_of_a_message_on_slack_is_mentioned(read):
    parts = [{"type": "user", "user_id": "U2"}, {"type": "text", "text": " look"}]
    made, _ = read("slack", slack({**MESSAGE, "text": "", "blocks": [{"type": "rich_text", "elements": parts}]}))
    assert made[1:] == ["note U1", f"mention U1 >{KEY}"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_channels_of_slack_are_found_in_a_tar_however_their_letters_are_composed(read, form):
    name = unicodedata.normalize(form, "bière")
    files = {"users.json": [], "channels.json": [{"name": "bière"}], f"{name}/2026-01-05.json": [MESSAGE]}
    assert read("slack", tarred({f"t\\{file}": each for file, each in files.items()}))[0] == ["note U1"]


ADA = {"id": "a", "name": "ada"}
BO = {"id": "b", "name": "bo"}
LIKED = {"emoji": {"name": "👍"}, "count": 3, "users": [BO]}
THREAD = {**CHANNEL, "channel": {"id": "10", "type": "GuildPublicThread", "name": "t"}}


@pytest.mark.parametrize(
    ("content", "makes", "left_out"),
    [
        (
            {**CHANNEL, "messages": [SAID, {**SAID, "id": "2", "type": 19, "reference": {"messageId": "1"}}]},
            ["note a", "reply a >1"],
            {},
        ),
        ({**CHANNEL, "messages": [{**SAID, "id": 1, "author": {"id": 5}}]}, ["note 5"], {}),
        ({**CHANNEL, "messages": [{**SAID, "author": {"id": "456226577798135808"}}]}, ["note"], {}),
        ({**CHANNEL, "messages": [{**SAID, "author": None}]}, ["note"], {}),
        ({**CHANNEL, "messages": [{**SAID, "timestamp": 1767600000000}]}, ["note a"], {}),
        ({**CHANNEL, "messages": [{**SAID, "reactions": [LIKED]}]}, ["note a", "like b >1"], {"reactions": 2}),
        (
            {**THREAD, "dateRange": {"after": f"{AT}Z"}, "messages": [{**SAID, "id": "12"}, {**SAID, "id": "13"}]},
            ["reply a >10", "reply a >10"],
            {},
        ),
        (
            {**THREAD, "dateRange": {"after": None}, "messages": [{**SAID, "id": "12"}, {**SAID, "id": "13"}]},
            ["note a", "reply a >12"],
            {},
        ),
    ],
)
def test_discord_is_read_as_versions_of_the_exporter_write_it(read, content, makes, left_out):
    made, run = read("discord", lines(content))
    assert [each for each in made if not each.startswith("account")] == makes
    assert run.left_out == left_out


TEXT = {**TOLD, "text": "x"}
FEW = {"type": "emoji", "count": 5, "emoji": "👍", "recent": [{"from": "Bo", "from_id": "user2", "date": AT}]}


@pytest.mark.parametrize(
    ("message", "makes", "left_out"),
    [
        ({"forwarded_from": None}, ["reshare user1"], {}),
        ({"forwarded_from": None, "reply_to_message_id": "x"}, ["reshare user1"], {"fields": 1}),
        ({"forwarded_from_id": "channel5"}, ["reshare user1"], {}),
        ({"reactions": [FEW]}, ["note user1", "like user2 >1/1"], {"reactions": 4}),
        ({"from": None}, ["note"], {}),  # an account that was deleted
        ({"reactions": [{**FEW, "recent": [{"from": None, "from_id": "user9"}]}]}, ["note user1"], {"reactions": 5}),
        ({"reactions": [{**FEW, "recent": None}]}, ["note user1"], {"reactions": 5}),
    ],
)
def test_what_is_passed_on_and_whose_reactions_are_not_told_on_telegram(read, message, makes, left_out):
    made, run = read("telegram", lines({**CHAT, "messages": [{**TEXT, **message}]}))
    assert [each for each in made if not each.startswith("account")] == makes
    assert run.left_out == left_out


BROKEN = b'{"guild":{},"channel":{"id":"1","type":"GuildTextChat"},"messages":[{"id"'


@pytest.mark.parametrize(
    ("form", "files", "makes", "left_out"),
    [
        ("discord", {"a.json": lines({**CHANNEL, "messages": [SAID]}), "b.json": BROKEN}, ["note a"], {"files": 1}),
        ("discord", {"a.json": lines({**CHANNEL, "messages": [SAID]}), "b.json": b"{}"}, ["note a"], {"files": 1}),
        (
            "telegram",
            {
                "a/result.json": lines({**CHAT, "messages": [TOLD]}),
                "b/result.json": lines({**CHAT, "type": "private_group", "messages": [TOLD]}),
            },
            ["note user1"],
            {"private": 1},
        ),
    ],
)
def test_of_several_chats_one_that_cannot_be_read_loses_no_other(read, form, files, makes, left_out):
    made, run = read(form, files)
    assert [each for each in made if not each.startswith("account")] == makes
    assert run.left_out == left_out


def test_a_part_of_zulip_that_is_broken_loses_no_other_and_times_are_read_as_they_are(read):
    sent = [
        {**SENT["zerver_message"][0], "id": key, "date_sent": at} for key, at in ((1, f"{AT}Z"), (2, 1767600000000))
    ]
    parts = {"messages-000001.json": b"{", "messages-000002.json": lines({"zerver_message": sent})}
    reacted = [{"message": 1, "user_profile": 77, "emoji_name": "tada"}]
    made, run = read("zulip", {"realm.json": lines({**REALM, "zerver_reaction": reacted}), **parts})
    assert made[1:] == ["note ada@z.example", "reply ada@z.example >1"]
    assert run.left_out == {"malformed": 1, "reactions": 1}


def posted(key: int, channel: int, kind: str = "stream") -> dict[str, Any]:
    at = {"timestamp": 1767600000, "sender_email": "ada@z.example", "subject": "s", "content": "c"}
    return {"id": key, "type": kind, "stream_id": channel, "display_recipient": "beer", **at}


CHANNELS = [{"stream_id": 3, "invite_only": False}, {"stream_id": 4, "invite_only": True}, {"stream_id": 5}]
POSTED = [posted(1, 3), posted(2, 4), posted(3, 5), posted(4, 3, "private")]
ANSWERS = {
    "messages.json": lines({"result": "success", "messages": POSTED}),
    "streams.json": lines({"result": "success", "streams": CHANNELS}),
}


@pytest.mark.parametrize("content", [ANSWERS, zipped(ANSWERS)], ids=["folder", "zip"])
def test_answers_of_zulip_s_interface_are_read_where_its_list_of_channels_says_that_they_are_public(read, content):
    made, run = read("zulip", content, "answers")
    assert [each for each in made if not each.startswith("account")] == ["note ada@z.example"]
    assert run.left_out == {"private": 2, "unclear": 1}


def test_a_broken_answer_of_zulip_loses_no_other_and_what_is_no_message_is_counted(read):
    odd = {"broken.json": b"{", "odd.json": lines({"a": 1}), "none.json": lines({"messages": None})}
    made, run = read("zulip", ANSWERS | odd, "answers")
    assert [each for each in made if not each.startswith("account")] == ["note ada@z.example"]
    assert run.left_out == {"private": 2, "unclear": 1, "files": 1, "other": 2}


@pytest.mark.parametrize(
    ("form", "content", "advice"),
    [
        ("slack", zipped({"export.zip": zipped(SLACK)}), "packed itself"),
        ("slack", [MESSAGE], "bring the whole export"),
        ("zulip", ANSWERS["messages.json"], "/api/v1/streams"),
        ("discord", b"<!DOCTYPE html><html>", "write JSON"),
        ("discord", b"AuthorID,Author,Date,Content,Attachments,Reactions\n", "write JSON"),
        ("telegram", {**CHAT, "messages": [TOLD], "type": None}, "what kind of chat"),
        ("telegram", {**CHAT, "messages": [TOLD], "type": "private_group"}, "not public"),
        ("telegram", lines(TOLD, TOLD), "as it was exported"),
    ],
)
def test_what_cannot_be_read_of_a_chat_says_what_to_bring(read, form, content, advice):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    with pytest.raises(UnreadableError, match=advice):
        read(form, body)
