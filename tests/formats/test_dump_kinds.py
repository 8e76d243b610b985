"""Dumps of forums, code hosts and networks in other shapes than usual: read as such, or counted as what they are."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from candor.formats.compression import UnreadableError, zstd
from tests.formats.dump_files import AT, DID, EVENT, ISSUE, POST, REDDIT, ROW, TOPIC, lines, zipped
from tests.formats.test_car import RECORDS, repository

SUBMITTED = {**REDDIT, "title": "T", "selftext": "s"}
COMMENTED = {**REDDIT, "id": "c", "author": "Bo", "body": "b", "parent_id": "t3_x", "link_id": "t3_x"}
STORY = {"id": 1, "type": "story", "by": "ada", "time": 1767600000, "title": "T"}


@pytest.mark.parametrize(
    ("things", "makes", "left_out"),
    [
        ([SUBMITTED, {**COMMENTED, "body": None}], ["note ada"], {"deleted": 1}),
        ([{**SUBMITTED, "id": "t3_x"}, {**COMMENTED, "id": "t1_c"}], ["note ada", "reply bo >t3_x"], {}),
        ([{**COMMENTED, "parent_id": "x", "link_id": "x"}], ["reply bo >t3_x"], {}),
        ([{**COMMENTED, "parent_id": "d"}], ["reply bo >t1_d"], {}),
        ([{**SUBMITTED, "created_utc": None}, COMMENTED], ["reply bo >t3_x"], {"undated": 1}),
        ([{**SUBMITTED, "author": {"name": "Ada"}}], ["note ada"], {}),
        ([{"kind": "more", "data": {"count": 5, "children": ["a"]}}, COMMENTED], ["reply bo >t3_x"], {"cut": 5}),
        ([{"kind": "t5", "data": {"id": "z", "display_name": "beer"}}, SUBMITTED], ["note ada"], {"other": 1}),
    ],
)
def test_things_of_reddit_are_read_as_programs_write_them(read, things, makes, left_out):
    made, run = read("reddit", lines(*things))
    assert (made, run.left_out) == (makes, left_out)


def test_an_id_of_reddit_that_says_of_what_kind_it_is_says_it_once(made_of):
    made, _ = made_of("reddit", lines({**SUBMITTED, "id": "t3_x"}, {**COMMENTED, "id": "t1_c"}))
    assert [each.id for each in made] == ["t3_x", "t1_c"]


def test_a_question_of_nobody_known_and_posts_that_are_gone_from_a_dump_of_stack_exchange(read):
    answer = ROW.replace('Id="1"', 'Id="2"', 1).replace('PostTypeId="1"', 'PostTypeId="2" ParentId="1"')
    gone = answer.replace('Id="2"', f'Id="3" DeletionDate="{AT}"', 1)
    asked = ROW.replace('OwnerUserId="10"', 'OwnerUserId="" AcceptedAnswerId="2"')
    made, run = read("stackexchange", f"<posts>\n{asked}\n{answer}\n{gone}\n</posts>", "Posts.xml")
    assert made == ["question", "answer 10 >1", "accept >2"]
    assert run.left_out == {"deleted": 1}


ASKED = TOPIC["post_stream"]["posts"][0]


@pytest.mark.parametrize(
    ("topic", "makes", "left_out"),
    [
        ({**TOPIC, "deleted_at": f"{AT}Z"}, [], {"deleted": 1}),
        ({**TOPIC, "visible": False}, [], {"private": 1}),
        ({**TOPIC, "visible": None}, ["question ada"], {}),
        ({**TOPIC, "visible": "odd"}, [], {"malformed": 1}),
        ({**TOPIC, "archetype": "private_message"}, [], {"private": 1}),
        ({**TOPIC, "archetype": "banner"}, ["question ada"], {}),
        ({"topic": TOPIC}, ["question ada"], {}),
        ({**TOPIC, "post_stream": {"posts": ASKED}}, ["question ada"], {}),
        ({**TOPIC, "post_stream": {"posts": {"0": ASKED, "3": {**ASKED, "id": 2}}}}, ["question ada"] * 2, {}),
        ({**TOPIC, "post_stream": {"posts": [{**ASKED, "created_at": 1767600000000}]}}, ["question ada"], {}),
    ],
)
def test_topics_of_a_forum_are_found_in_what_is_around_them(read, topic, makes, left_out):
    made, run = read("discourse", lines(topic))
    assert (made, run.left_out) == (makes, left_out)


def test_the_words_of_a_post_may_be_as_they_were_typed(made_of):
    typed = {name: value for name, value in ASKED.items() if name != "cooked"} | {"raw": "why?"}
    made, _ = made_of("discourse", lines({**TOPIC, "post_stream": {"posts": [typed]}}))
    assert made[0].content == "T\n\nwhy?"


@pytest.mark.parametrize("form", ["discourse", "perceval"])
def test_the_forum_itself_is_a_program_and_nobody_to_trust(made_of, form):
    post = {**ASKED, "username": "system", "user_id": -1, "admin": True, "moderator": True, "staff": True}
    topic = {**TOPIC, "tags": "odd", "post_stream": {"posts": [post]}}
    made, run = made_of(form, lines(topic if form == "discourse" else {"backend_name": "Discourse", "data": topic}))
    assert [(each.type, each.actor, each.kind) for each in made] == [
        ("question", "system", None),
        ("account", "system", "bot"),
    ]
    assert run.trusted == {}


REPOSITORY = {"full_name": "o/r", "private": False}
CHANGE = {"number": 2, "title": "c", "user": {"login": "ada"}, "created_at": f"{AT}Z"}


def hook(action: str, by: str = "bo", repository: Any = REPOSITORY, **parts: Any) -> dict[str, Any]:
    return {"action": action, **parts, "repository": repository, "sender": {"login": by}}


OPENED = {"issue": {**ISSUE, "created_at": f"{AT}Z"}}
SAID = {"id": 4, "body": "c", "created_at": f"{AT}Z"}
APPROVED = {"id": 5, "state": "approved", "body": None, "submitted_at": f"{AT}Z"}
MERGED = {**CHANGE, "merged": True, "merged_at": f"{AT}Z", "merged_by": {"login": "bo"}}


@pytest.mark.parametrize(
    ("payload", "makes", "left_out"),
    [
        (hook("opened", "ada", **OPENED), ["question ada"], {}),
        (hook("opened", pull_request=CHANGE), ["note bo"], {}),
        (hook("created", **OPENED, comment=SAID), ["reply bo >o/r#1"], {}),
        (hook("created", pull_request=CHANGE, comment=SAID), ["reply bo >o/r#2"], {}),
        (hook("submitted", pull_request=CHANGE, review=APPROVED), ["review bo >o/r#2"], {}),
        (hook("closed", number=2, pull_request=MERGED), ["accept bo >o/r#2"], {}),
        (hook("created", zen="x", hook_id=1), [], {"other": 1}),
        (hook("opened", repository={"full_name": "o/r", "private": True}, **OPENED), [], {"private": 1}),
        (hook("opened", repository={"full_name": "o/r"}, **OPENED), [], {"unclear": 1}),
        (hook("opened", repository={"full_name": "o/r", "private": None}, **OPENED), [], {"unclear": 1}),
    ],
)
def test_what_webhooks_of_github_brought_is_read_where_its_repository_is_public(read, payload, makes, left_out):
    made, run = read("gharchive", lines(payload))
    assert (made, run.left_out) == (makes, left_out)


def test_an_account_that_is_gone_is_nobody_and_an_app_is_a_program(made_of):
    made, _ = made_of(
        "gharchive", lines({**EVENT, "actor": {"login": "ghost"}}, {**EVENT, "actor": {"login": "a[bot]"}})
    )
    assert [(each.actor, each.kind) for each in made] == [(None, None), ("a[bot]", None), ("a[bot]", "bot")]


@pytest.mark.parametrize(
    ("backend", "data"),
    [
        ("GitHub", {"number": 1, "title": "t", "created_at": f"{AT}Z", "user": {"login": "ghost"}}),
        ("GitLab", {"iid": 1, "created_at": f"{AT}Z", "author": {"username": "ghost"}, "confidential": False}),
    ],
)
def test_an_account_that_is_gone_is_nobody_in_items_of_perceval(read, backend, data):
    assert read("perceval", lines({"backend_name": backend, "data": data, "origin": "https://x/o/r"}))[0] == [
        "question"
    ]


def test_apps_of_slack_are_programs_and_reactions_of_nobody_named_counted_in_items_of_perceval(made_of):
    channel = {"name": "c", "is_channel": True, "is_private": False}
    said = {"ts": "1767600000.000100", "text": "x", "bot_id": "B1", "subtype": "bot_message", "channel_info": channel}
    reacted = {**said, "ts": "1767600001.1", "reactions": [{"name": "+1", "count": 3, "users": None}]}
    made, run = made_of("perceval", lines(*({"backend_name": "Slack", "data": each} for each in (said, reacted))))
    assert [(each.type, each.actor, each.kind) for each in made][-1] == ("account", "B1", "bot")
    assert run.left_out == {"reactions": 3}


def test_items_of_perceval_are_read_from_documents_of_an_index_and_jira_s_texts_from_its_documents(made_of):
    text = {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "hops"}]}]}
    fields = {"summary": "s", "description": text, "created": f"{AT}.000+0000"}
    item = {"backend_name": "Jira", "data": {"key": "A-1", "fields": fields}}
    made, _ = made_of("perceval", lines({"_index": "jira", "_source": item}))
    assert [(each.type, each.content) for each in made] == [("question", "s\n\nhops")]


RECORD = {"live": True, "rev": "3mbnsixcqs22m", "did": DID, "collection": "app.bsky.feed.post", "rkey": "1"}
RECORD |= {"action": "create", "record": {"text": "hops", "createdAt": f"{AT}.000Z"}}
GOAT = {"seq": 1, "time": f"{AT}Z", "collection": "app.bsky.feed.post", "rkey": "2", "action": "create"}
GOAT |= {"record": {"text": "hops"}}


@pytest.mark.parametrize(
    ("things", "makes", "left_out"),
    [
        ([{"id": 1, "type": "record", "record": RECORD}], [f"note {DID}"], {}),
        ([{"id": 1, "type": "record", "record": {**RECORD, "live": False}}], [f"note {DID}"], {}),
        (
            [{"id": 1, "type": "record", "record": {**RECORD, "live": False, "record": {"text": "x"}}}],
            [],
            {"undated": 1},
        ),
        (
            [
                {"id": 1, "type": "record", "record": RECORD},
                {"id": 2, "type": "identity", "identity": {"did": DID, "handle": "a", "is_active": False}},
            ],
            [],
            {"deleted": 1, "other": 1},
        ),
        ([{**GOAT, "did": DID}], [f"note {DID}"], {}),
        (
            [{**GOAT, "repo": DID}, {"type": "account", "payload": {"did": DID, "active": False, "seq": 3}}],
            [],
            {"deleted": 1, "other": 1},
        ),
    ],
)
def test_what_other_tools_read_of_bluesky_is_read_as_jetstream_s_lines_are(read, things, makes, left_out):
    made, run = read("jetstream", lines(*things))
    assert (made, run.left_out) == (makes, left_out)


def test_a_record_that_tap_saw_as_it_was_written_is_of_that_time(made_of):
    made, _ = made_of("jetstream", lines({"id": 1, "type": "record", "record": RECORD}))
    assert made[0].published.isoformat().startswith("2026-01-05T06:24:51.124")


def test_lines_of_goat_that_say_nobody_s_name_are_refused_with_what_to_bring(read):
    with pytest.raises(UnreadableError, match="Jetstream or Tap"):
        read("jetstream", lines(GOAT))


OF_CHANGE = {
    "project": "p",
    "number": 7,
    "subject": "fix",
    "owner": {"email": "ada@a.example"},
    "createdOn": 1767600000,
}


def happened(kind: str, second: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "change": OF_CHANGE, "eventCreatedOn": 1767600000 + second, **more}


def voted(second: int, value: str, old: str) -> dict[str, Any]:
    votes = [
        {"type": "Code-Review", "value": value, "oldValue": old},
        {"type": "Verified", "value": "1", "oldValue": "1"},
    ]
    said = f"Patch Set 1: Code-Review{value}\n\nnice"
    return happened("comment-added", second, author={"email": "bo@a.example"}, approvals=votes, comment=said)


def test_events_that_gerrit_prints_tell_each_change_once_and_how_everybody_voted_last(made_of):
    events = [
        happened("patchset-created", 0),
        voted(100, "1", "0"),
        voted(200, "-1", "1"),
        happened("change-merged", 300, submitter={"email": "bo@a.example"}),
        {"type": "ref-updated", "eventCreatedOn": 1767600400},
    ]
    made, run = made_of("gerrit", lines(*events))
    assert [(each.type, each.actor, each.value) for each in made if each.type != "account"] == [
        ("note", "ada@a.example", None),
        ("reply", "bo@a.example", None),
        ("reply", "bo@a.example", None),
        ("accept", "bo@a.example", None),
        ("review", "bo@a.example", -1.0),
    ]
    assert run.left_out == {"other": 1}
    private = {**happened("patchset-created", 0), "change": {**OF_CHANGE, "private": True}}
    assert made_of("gerrit", lines(private))[1].left_out == {"private": 1}


CAR = repository(RECORDS)


@pytest.mark.parametrize(
    ("form", "files", "least"),
    [
        ("reddit", {"RS.ndjson": lines(SUBMITTED), "RC.zst": zstd.compress(lines(COMMENTED))[:-6]}, 1),
        ("gharchive", {"0.json.gz": gzip.compress(lines(EVENT)), "1.json.gz": gzip.compress(lines(EVENT))[:-9]}, 1),
        ("hackernews", {"a.json": lines(STORY), "b.json": b'[{"id": 1,'}, 1),
        ("jetstream", {"a.jsonl": lines({**POST, "commit": {}}), "b.jsonl.gz": gzip.compress(b"{")[:-9]}, 0),
        ("discourse", {"a.json": lines(TOPIC), "b.json.gz": gzip.compress(lines(TOPIC))[:-9]}, 1),
        ("car", {"a.car": CAR, "b.car": CAR[:-40]}, 4),
        ("perceval", {"a.json": lines({"backend_name": "x", "data": {}}), "b.json": b'[{"backend_name":'}, None),
    ],
)
def test_of_several_files_of_a_dump_one_that_is_broken_is_counted_and_loses_no_other(read, form, files, least):
    if least is None:
        with pytest.raises(UnreadableError, match="which are not read"):
            read(form, zipped(files), "dump.zip")
        return
    made, run = read(form, zipped(files), "dump.zip")
    assert len(made) == least
    assert run.left_out["files"] == 1


def test_the_only_file_that_is_broken_is_refused(read):
    with pytest.raises(UnreadableError, match="ends too early"):
        read("hackernews", json.dumps([STORY]).encode()[:-3])
