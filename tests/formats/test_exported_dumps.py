"""Dumps in the shapes that the exporters' own source and samples have: who did what, called how, and what is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from candor.formats.compression import UnreadableError
from candor.formats.dumps.dump import Run
from candor.formats.dumps.registry import FORMATS
from tests.formats.dump_files import NETWORKS, body_of, short

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from candor.scoring.activity import Activity

Imported = tuple[list["Activity"], Run]


@pytest.fixture
def imported(tmp_path: Path) -> Callable[..., Imported]:
    """Read one file, and return its records and the run."""

    def found(form: str, content: Any, network: str | None = None) -> Imported:
        path = tmp_path / "dump.json"
        path.write_bytes(body_of(content))
        run = Run(network or NETWORKS.get(form, "custom:c"))
        made = list(FORMATS[form].records([path], run))
        run.left_out = +run.left_out
        return made, run

    return found


# GH Archive before 2015

OLD = {
    "created_at": "2013-09-20T10:00:06-07:00",
    "public": True,
    "url": "https://github.com/hops/kettle/issues/7#issuecomment-99",
    "actor": "ada",
    "actor_attributes": {"login": "ada", "type": "User"},
    "repository": {"id": 1, "name": "kettle", "owner": "hops", "url": "https://github.com/hops/kettle"},
}
PULL = {"title": "Boil", "body": "It boils", "user": {"login": "bo"}, "merged": True, "merged_by": {"login": "cy"}}


@pytest.mark.parametrize(
    ("event", "makes"),
    [
        ({"type": "IssueCommentEvent", "payload": {"issue_id": 1234, "comment_id": 99}}, "reply ada >hops/kettle#7"),
        ({"type": "IssuesEvent", "payload": {"action": "opened", "issue": 1234, "number": 7}}, "question ada"),
        ({"type": "PullRequestEvent", "payload": {"action": "opened", "number": 8, "pull_request": PULL}}, "note ada"),
        (
            {"type": "PullRequestEvent", "payload": {"action": "closed", "number": 8, "pull_request": PULL}},
            "accept cy >hops/kettle#8",
        ),
        (
            {
                "type": "PullRequestReviewCommentEvent",
                "url": "https://github.com/hops/kettle/pull/8#discussion_r5",
                "payload": {"comment": {"id": 5, "body": "why"}},
            },
            "reply ada >hops/kettle#8",
        ),
    ],
)
def test_events_before_2015_are_read_though_they_name_things_by_number(imported, event, makes):
    made, run = imported("gharchive", {**OLD, **event})
    assert ([short(each) for each in made], run.left_out) == ([makes], {})
    assert made[0].published == datetime(2013, 9, 20, 17, 0, 6, tzinfo=UTC)


def test_an_event_of_2011_has_today_s_envelope_around_yesterday_s_payload(imported):
    payload = {"actor": "ada", "action": "opened", "issue": 605135, "number": 7, "repo": "hops/kettle"}
    event = {"type": "IssuesEvent", "actor": {"login": "ada"}, "repo": {"name": "hops/kettle"}, "payload": payload}
    made, _ = imported("gharchive", {**event, "created_at": "2011/02/12 00:00:00 -0800"})
    assert [(each.id, each.published) for each in made] == [("hops/kettle#7", datetime(2011, 2, 12, 8, tzinfo=UTC))]


# a whole account of Telegram


def chat(kind: str, number: int, *texts: str) -> dict[str, Any]:
    said = {"type": "message", "date_unixtime": "1767600000", "from": "Ada", "from_id": "user1"}
    messages = [{"id": place, **said, "text": text} for place, text in enumerate(texts, start=1)]
    return {"name": f"about {{ {number}", "type": kind, "id": number, "messages": messages}


ACCOUNT = {
    "about": "Here is the data you requested.",
    "frequent_contacts": {"list": [{"id": 7, "category": "people", "type": "public_supergroup", "name": "c"}]},
    "chats": {
        "about": "",
        "list": [
            chat("personal_chat", 1, "hi", 'they said "messages": [{'),
            chat("public_supergroup", 2, "hops", "malt"),
            chat("private_group", 3, "x"),
        ],
    },
    "left_chats": {"list": [chat("public_channel", 4, "yeast")]},
}


@pytest.mark.parametrize("indent", [None, 1])
def test_of_a_whole_account_only_public_chats_are_read_and_the_others_counted(imported, indent):
    made, run = imported("telegram", json.dumps(ACCOUNT, indent=indent))
    assert [each.id for each in made if each.type == "note"] == ["2/1", "2/2", "4/1"]
    assert run.left_out == {"private": 3}


def test_an_account_without_a_public_chat_is_refused(imported):
    with pytest.raises(UnreadableError, match="no public chat"):
        imported("telegram", {"chats": {"list": [chat("personal_chat", 1, "hi")]}})


def test_a_poll_on_telegram_asks_what_it_asks(imported):
    asked = chat("public_supergroup", 1, "") | {}
    asked["messages"][0]["poll"] = {"question": "Which hops?", "answers": []}
    assert imported("telegram", asked)[0][0].content == "Which hops?"


# how people are called, and who did it


def names_in(made: list[Activity]) -> dict[str | None, str | None]:
    return {each.actor: each.name for each in made if each.type == "account"}


GIT_LOG = """commit 456a68ee 1407a77f ce8e0b86 (HEAD -> refs/heads/main)
Merge: 1407a77f ce8e0b86
Author:     Ada Lovelace <ada@a.example>
AuthorDate: Tue Feb 11 22:10:39 2014 -0800
Commit:     GitHub <noreply@github.com>
CommitDate: Tue Feb 11 22:10:39 2014 -0800

    Boil longer

    Reviewed-by: Bo <bo@a.example>

:100644 100644 e69de29 e69de29 R100\taaa/one\tbbb/one
0\t0\t{aaa => bbb}/one
0\t0\tccc/{ => ddd}/two
0\t0\t"f\\303\\244sser/three"
"""


def test_a_log_as_perceval_prints_it_names_people_and_no_machine_accepts(imported):
    made, _ = imported("git", GIT_LOG)
    assert [short(each) for each in made[:2]] == ["note ada@a.example", "review bo@a.example >456a68ee"]
    assert names_in(made) == {"ada@a.example": "Ada Lovelace", "bo@a.example": "Bo"}
    assert made[0].tags == ("bbb", "ccc", "ddd", "fässer")


MUNGED = """From list@l.example Mon Jan  5 08:36:41 2026
From: {sender}
{more}List-Post: <mailto:list@l.example>
Date: Mon, 5 Jan 2026 08:36:41 +0000
Message-ID: <1@a>

hops
"""


@pytest.mark.parametrize(
    ("sender", "more", "name"),
    [
        ("Ada Lovelace <ada@a.example>", "", "Ada Lovelace"),
        ("ada at a.example (Ada Lovelace)", "", "Ada Lovelace"),
        ("Ada via Brewers <list@l.example>", "Reply-To: Ada <ada@a.example>\n", "Ada"),
        ("\"'Ada' via Brewers\" <list@l.example>", "X-Original-From: Ada <ada@a.example>\n", "Ada"),
    ],
)
def test_a_mail_is_its_sender_s_also_where_a_list_put_its_own_address(imported, sender, more, name):
    made, _ = imported("mbox", MUNGED.format(sender=sender, more=more))
    assert (made[0].actor, names_in(made)) == ("ada@a.example", {"ada@a.example": name})


def test_a_mail_whose_sender_a_list_hides_is_nobody_s(imported):
    made, _ = imported("mbox", MUNGED.format(sender="Ada via Brewers <list@l.example>", more=""))
    assert [(each.type, each.actor) for each in made] == [("note", None)]


def test_people_of_a_forum_are_called_as_they_call_themselves(imported):
    post = {"id": 1, "post_number": 1, "username": "ada", "name": "Ada Lovelace", "created_at": "2026-01-05T08:36:41Z"}
    made, _ = imported("discourse", {"title": "T", "archetype": "regular", "post_stream": {"posts": [post]}})
    assert names_in(made) == {"ada": "Ada Lovelace"}


# what Gerrit prints over SSH


def person(name: str) -> dict[str, str]:
    return {"name": name.title(), "email": f"{name}@a.example", "username": name}


QUERIED = {
    "project": "core",
    "branch": "master",
    "topic": "heat",
    "id": "I2de8503742661c18a2ec2c5ade7ec58ea380e749",
    "number": "7",
    "subject": "Boil longer",
    "owner": person("ada"),
    "url": "https://g.example/7",
    "createdOn": 1767600000,
    "lastUpdated": 1767700000,
    "open": False,
    "status": "MERGED",
    "comments": [
        {"timestamp": 1767600000, "reviewer": person("ada"), "message": "Uploaded patch set 1."},
        {"timestamp": 1767600100, "reviewer": person("bo"), "message": "Patch Set 1: Code-Review-1\n\nwhy?"},
    ],
    "patchSets": [
        {
            "number": "1",
            "approvals": [
                {"type": "Code-Review", "value": "-1", "grantedOn": 1767600100, "by": person("bo")},
            ],
        },
        {
            "number": "2",
            "approvals": [
                {"type": "CRVW", "value": "2", "grantedOn": 1767600200, "by": person("bo")},
                {"type": "Verified", "value": "1", "grantedOn": 1767600300, "by": person("cy")},
                {"type": "SUBM", "value": "1", "grantedOn": 1767600400, "by": person("mo")},
            ],
        },
    ],
}


def test_changes_that_gerrit_prints_over_ssh_are_those_of_its_rest_interface(imported):
    printed = "\n".join(map(json.dumps, [QUERIED, {"type": "stats", "rowCount": 1, "moreChanges": False}]))
    made, run = imported("gerrit", printed)
    assert [short(each) for each in made if each.type != "account"] == [
        "note ada@a.example",
        "reply bo@a.example >7",
        "review bo@a.example >7",
        "test cy@a.example >7",
        "accept mo@a.example >7",
    ]
    assert (made[2].value, made[2].published) == (1.0, datetime.fromtimestamp(1767600200, UTC))
    assert (names_in(made)["mo@a.example"], list(run.trusted), run.left_out) == ("Mo", ["mo@a.example"], {})


def test_a_private_change_over_ssh_is_counted_and_not_read(imported):
    made, run = imported("gerrit", {**QUERIED, "private": True})
    assert (made, run.left_out) == ([], {"private": 1})


# what begins a thread on Discord, and comments on files in Slack


def test_a_thread_that_was_made_of_a_message_answers_that_message(imported):
    said = {"timestamp": "2026-01-05T08:36:41+00:00", "author": {"id": "a"}}
    begun = {"id": "2", "type": "21", "content": "", "reference": {"messageId": "1"}, **said}
    thread = {"guild": {}, "channel": {"id": "1", "type": "GuildPublicThread", "name": "hops"}}
    made, run = imported(
        "discord", {**thread, "messages": [begun, {"id": "3", "type": "Default", "content": "x", **said}]}
    )
    assert (short(made[0]), run.left_out) == ("reply a >1", {"other": 1})
