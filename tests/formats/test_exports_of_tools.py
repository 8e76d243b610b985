"""Exports in the shapes of tools that have no format of their own, made up: read as the map that is proposed says."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from candor.formats.hidden_rows import StatesUnknownError
from candor.formats.preview import preview_of
from candor.formats.rows import records_in
from candor.scoring.records import RecordReader

AT = "2026-01-05T10:00:00Z"


class Export(NamedTuple):
    """What a tool gives, and what it makes: id, type, author and object of each record; how many are private."""

    written: str
    made: list[tuple[str | None, str, str | None, str | None]]
    private: int = 0


def _bettermode(number: str, who: str, *replies: dict[str, Any], **more: Any) -> dict[str, Any]:
    owner = {"member": {"id": f"m-{who}", "name": who.title()}}
    post = {"id": number, "textContent": f"text {number}", "createdAt": AT, "status": "PUBLISHED", "owner": owner}
    return post | {"replies": {"nodes": list(replies)}} | more


def _answerhub(number: int, kind: str, who: str, **more: Any) -> dict[str, Any]:
    author = {"id": 7, "username": who, "reputation": 3}
    return {
        "id": number,
        "type": kind,
        "creationDate": 1767600000000,
        "body": f"text {number}",
        "author": author,
    } | more


def _youtube(number: str, who: str, **more: str) -> dict[str, Any]:
    said = {"textDisplay": f"text<br>{number}", "authorDisplayName": f"@{who}", "publishedAt": AT, "updatedAt": AT}
    return {
        "kind": "youtube#comment",
        "id": number,
        "snippet": said | {"authorChannelId": {"value": f"UC{who}"}} | more,
    }


def _annotation(number: str, who: str, *references: str, reader: str = "group:__world__") -> dict[str, Any]:
    said = {"id": number, "created": AT, "user": f"acct:{who}@example.org", "text": f"text {number}", "group": "g"}
    return said | {"references": list(references), "permissions": {"read": [reader], "admin": [f"acct:{who}"]}}


def _confluence(number: int, who: str, when: str, **more: Any) -> dict[str, Any]:
    return {"id": number, "body": {"content": f"<p>text {number}</p>"}, "author": {"name": who}, when: AT} | more


EXPORTS = {
    "Bettermode": Export(
        json.dumps(
            {
                "data": {
                    "posts": {
                        "nodes": [
                            _bettermode(
                                "p1",
                                "ada",
                                _bettermode("r1", "bo", _bettermode("r2", "ada")),
                                title="Which hops?",
                                space={"name": "Brewing", "private": False},
                            ),
                            _bettermode("p2", "ada", _bettermode("r3", "bo"), space={"name": "Board", "private": True}),
                        ]
                    }
                }
            }
        ),
        [("p1", "question", "m-ada", None), ("r1", "reply", "m-bo", "p1"), ("r2", "reply", "m-ada", "r1")],
        private=2,
    ),
    "AnswerHub": Export(
        json.dumps(
            {
                "name": "question",
                "sort": "newest",
                "list": [
                    _answerhub(
                        101,
                        "question",
                        "ada",
                        title="Which hops?",
                        topics=[{"id": 1, "name": "hops"}],
                        answers=[
                            _answerhub(102, "answer", "bo", marked=True, comments=[_answerhub(103, "comment", "ada")])
                        ],
                        comments=[_answerhub(104, "comment", "cy", parentId=101)],
                    )
                ],
            }
        ),
        [
            ("101", "question", "ada", None),
            ("answers-102", "answer", "bo", "101"),
            ("comments-103", "reply", "ada", "answers-102"),
            ("comments-104", "reply", "cy", "101"),
            ("answers-102:accepted", "accept", "ada", "answers-102"),
        ],
    ),
    "Confluence Questions": Export(
        json.dumps(
            [
                _confluence(
                    1,
                    "ada",
                    "dateAsked",
                    title="Which hops?",
                    topics=[{"id": 1, "name": "hops"}],
                    answers=[
                        _confluence(
                            2, "bo", "dateAnswered", questionId=1, comments=[_confluence(3, "ada", "dateCommented")]
                        )
                    ],
                )
            ]
        ),
        [
            ("1", "question", "ada", None),
            ("answers-2", "answer", "bo", "1"),
            ("comments-3", "reply", "ada", "answers-2"),
        ],
    ),
    "YouTube Data API": Export(
        json.dumps(
            {
                "kind": "youtube#commentThreadListResponse",
                "items": [
                    {
                        "kind": "youtube#commentThread",
                        "id": "A",
                        "snippet": {"videoId": "v", "topLevelComment": _youtube("A", "ada"), "isPublic": True},
                        "replies": {"comments": [_youtube("A.1", "bo", parentId="A")]},
                    },
                    {
                        "kind": "youtube#commentThread",
                        "id": "B",
                        "snippet": {
                            "videoId": "v",
                            "topLevelComment": _youtube("B", "cy", moderationStatus="heldForReview"),
                            "isPublic": False,
                        },
                        "replies": {"comments": [_youtube("B.1", "bo", parentId="B")]},
                    },
                ],
            }
        ),
        [("A", "note", "ada", None), ("A.1", "reply", "bo", "A")],
        private=2,
    ),
    "Hypothesis": Export(
        json.dumps(
            {
                "total": 4,
                "rows": [
                    _annotation("a", "ada"),
                    _annotation("b", "bo", "a"),
                    _annotation("c", "ada", "a", "b"),
                    _annotation("d", "cy", reader="acct:cy@example.org"),
                    _annotation("e", "cy", "a", reader="group:abcd"),
                ],
            }
        ),
        [
            ("a", "note", "ada@example.org", None),
            ("b", "reply", "bo@example.org", "a"),
            ("c", "reply", "ada@example.org", "b"),
        ],
        private=2,
    ),
    "NodeBB": Export(
        json.dumps(
            {
                "tid": 4,
                "uid": 7,
                "title": "Which hops?",
                "timestamp": 1767600000000,
                "tags": [{"value": "hops"}],
                "posts": [
                    {"pid": 11, "tid": 4, "uid": 7, "content": "<p>a</p>", "timestamp": 1767600000000, "deleted": 0},
                    {"pid": 12, "tid": 4, "uid": 8, "content": "<p>b</p>", "timestamp": 1767600600000, "toPid": "11"},
                    {"pid": 13, "tid": 4, "uid": 9, "content": "<p>c</p>", "timestamp": 1767600700000, "deleted": 1},
                ],
            }
        ),
        [("11", "question", "7", None), ("12", "reply", "8", "11")],
        private=1,
    ),
    "Moodle": Export(
        json.dumps(
            [
                [
                    {"id": 1, "discussion": 5, "parent": 0, "userid": 7, "created": 1767600000, "message": "<p>a?</p>"},
                    {"id": 2, "discussion": 5, "parent": 1, "userid": 8, "created": 1767600600, "message": "<p>b</p>"},
                ]
            ]
        ),
        [("1", "question", "7", None), ("2", "reply", "8", "1")],
    ),
    "Circle": Export(
        "ID,Title,Body,Space,Author Name,Status,Published At,Likes Count\n"
        "1,Which hops?,a,Brewing,Ada,published,2026-01-05 10:00:00 UTC,3\n2,Secret,b,Brewing,Bo,draft,,0\n",
        [("1", "note", "Ada", None)],
        private=1,
    ),
    "Higher Logic": Export(
        "MessageKey,DiscussionKey,ParentMessageKey,Subject,Body,DatePosted,ContactKey,Status\n"
        "m1,d1,,Which hops?,<p>a</p>,1/25/2026 10:00:00 AM,c7,Approved\n"
        "m2,d1,m1,RE: Which hops?,<p>b</p>,1/25/2026 11:00:00 AM,c8,Approved\n"
        "m3,d1,m1,RE: Which hops?,<p>c</p>,1/25/2026 11:00:00 AM,c9,Rejected\n",
        [("m1", "question", "c7", None), ("m2", "reply", "c8", "m1")],
        private=1,
    ),
    "Question2Answer": Export(
        "postid,type,parentid,selchildid,userid,format,created,title,content\n"
        "1,Q,,2,7,,2026-01-05 10:00:00,Which hops?,a\n2,A,1,,8,html,2026-01-05 11:00:00,,<p>b</p>\n"
        "3,C,2,,7,,2026-01-05 12:00:00,,thanks\n4,A_HIDDEN,1,,9,,2026-01-05 13:00:00,,spam\n",
        [
            ("1", "question", "7", None),
            ("2", "answer", "8", "1"),
            ("3", "reply", "7", "2"),
            ("2:accepted", "accept", "7", "2"),
        ],
        private=1,
    ),
    "Trustpilot": Export(  # where nobody answers another customer, so that nobody is said to know anything
        "Review Id,Review Created (UTC),Review Username,Review Title,Review Content,Review Stars,Company Reply Text\n"
        "r1,2026-01-05T10:00:00,Ada,Great,Fast,5,Thank you!\nr2,2026-01-06T10:00:00,Bo,Bad,Late,1,\n",
        [("r1", "note", "Ada", None), ("r2", "note", "Bo", None)],
    ),
    "a sheet": Export(
        "Timestamp,Question,Asked by,Answer,Answered by,Answered on,Answer id,No,Helped?\n"
        "1/25/2026 10:00:00,Which hops?,Ada,Saaz,Bo,1/26/2026,10,1,yes\n1/27/2026 9:00:00,Which malt?,Cy,,,,,2,\n",
        [
            ("1", "question", "Ada", None),
            ("answer-10", "answer", "Bo", "1"),
            ("2", "question", "Cy", None),
            ("answer-10:accepted", "accept", "Ada", "answer-10"),
        ],
    ),
}


def read(written: str) -> RecordReader:
    """Read a file as is proposed for it."""
    rename = preview_of([written.encode()], 10**8).fields
    reader = RecordReader("custom:c", rename, loose=True)
    reader.feed(records_in([written.encode()], 10**8, rename))
    return reader


@pytest.mark.parametrize("tool", EXPORTS)
def test_what_a_tool_exports_is_read_as_it_is_proposed(tool):
    export, found = EXPORTS[tool], read(EXPORTS[tool].written)
    assert [(each.id, each.type, each.actor, each.object) for each in found.activities] == export.made
    assert (found.bad, found.counts.private) == ([], export.private)


def test_a_text_of_youtube_has_its_lines():
    assert read(EXPORTS["YouTube Data API"].written).activities[0].content == "text\nA"


def test_posts_of_a_table_that_lack_an_id_among_others_that_have_one_get_it():
    table = "DiscussionID,CommentID,Name,InsertUserID,DateInserted,Body\n"
    rows = "5,,Which hops?,7,2026-01-05 10:00:00,a\n5,81,Which hops?,8,2026-01-05 11:00:00,b\n"
    first, second = read(table + rows).activities
    assert (first.type, second.id, second.object) == ("question", "81", first.id)
    assert (first.id or "").startswith("row-")


def test_rows_of_json_without_ids_get_them_as_those_of_tables_do():
    rows = [{"userName": "ada", "at": "2026-01-05", "content": word} for word in ("a", "b")]
    first, second = read(json.dumps(rows)).activities
    assert first.id != second.id
    assert [each.id for each in read(json.dumps(rows[:1])).activities] == [first.id]


def test_an_approval_that_is_a_number_is_asked_about():
    table = "Title,Question,Asked By,Asked Date,Answer,Answered By,Approval Status\n"
    with pytest.raises(StatesUnknownError, match="'Approval Status' has numbers"):
        read(f"{table}Hops,Which?,Ada,2026-01-05,Saaz,Bo,0\nMalt,Which?,Cy,2026-01-07,Pils,Bo,2\n")


def test_nobody_is_called_anything_by_a_hidden_row_alone():
    table = "id,user_id,display_name,date,text,deleted\n1,7,Ada,2026-01-05,a,0\n2,8,Bo,2026-01-05,b,1\n"
    assert [each.name for each in read(table).activities if each.type == "account"] == ["Ada"]


@pytest.mark.parametrize(("column", "shown"), [("visibility_scope", "public"), ("Visibility level", "everyone")])
def test_columns_that_say_how_far_a_post_is_seen_hide_it(column, shown):
    table = f"id,author,date,text,{column}\n1,ada,2026-01-05,a,{shown}\n2,bo,2026-01-05,b,members\n"
    assert [each.id for each in read(table).activities] == ["1"]


def test_an_event_of_flarum_is_no_post_and_the_answer_says_so():
    table = "id,discussion_id,created_at,user_id,type,content\n1,3,2026-01-05,7,comment,a?\n"
    (fault,) = read(f"{table}2,3,2026-01-05,7,discussionRenamed,[]\n").bad
    assert "that is no post: leave such rows out" in fault.detail
