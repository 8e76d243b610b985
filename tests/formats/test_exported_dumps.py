"""Dumps in the shapes that the exporters' own source and samples have: who did what, called how, and what is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from candor.formats.compression import UnreadableError
from candor.formats.dumps.dump import Run
from candor.formats.dumps.registry import FORMATS
from tests.formats.test_odd_dumps import NETWORKS, body_of, short

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
