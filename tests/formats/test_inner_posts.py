"""Answers, comments and posts that stand in lists inside others or inside topics, as exports in JSON hold them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from candor.formats import inner_posts
from candor.formats.columns import OtherColumnsError
from candor.formats.preview import preview_of
from candor.formats.rows import records_in
from candor.scoring.records import RecordReader

QUESTION: dict[str, Any] = {
    "id": 1,
    "title": "Which hops?",
    "author": {"login": "ada"},
    "created_at": "2026-01-05",
    "body": "I brew a lager.",
    "accepted_answer_id": 2,
    "tags": ["hops"],
    "comments": [
        {"id": 1, "author": {"login": "cy"}, "created_at": "2026-01-05", "body": "How much?"},
        {"id": 2, "parent_id": 1, "author": {"login": "ada"}, "created_at": "2026-01-05", "body": "20 litres"},
    ],
    "answers": [
        {
            "id": 2,
            "question_id": 1,
            "user": {"login": "bo"},
            "created": "2026-01-06",
            "text": "Saaz",
            "replies": [{"id": 1, "user": {"login": "ada"}, "created": "2026-01-07", "text": "thanks"}],
        },
        {"id": 3, "question_id": 1, "user": {"login": "dee"}, "created": "2026-01-06", "text": "Citra"},
    ],
}
POSTS = [
    {"id": number, "user": f"u{number}", "date": f"2026-10-0{number}", "body": f"text {number}"} for number in (1, 2, 3)
]
TOPIC = {"id": 7, "title": "Why malt?", "posts": POSTS}
DISCUSSION = {
    "id": "D_1",
    "title": "How to malt",
    "body": "b",
    "createdAt": "2026-01-05T10:00:00Z",
    "author": {"login": "ada"},
    "comments": {
        "totalCount": 1,
        "nodes": [
            {
                "id": "DC_1",
                "body": "so",
                "createdAt": "2026-01-06T10:00:00Z",
                "author": {"login": "bo"},
                "isAnswer": True,
                "replies": {
                    "edges": [
                        {
                            "node": {
                                "id": "DC_2",
                                "body": "thanks",
                                "createdAt": "2026-01-07T10:00:00Z",
                                "author": {"login": "ada"},
                            }
                        }
                    ]
                },
            }
        ],
    },
}


def read(text: str, rename: dict[str, str] | None = None) -> RecordReader:
    """Read JSON as the map that is proposed for it says, where none is given."""
    rename = preview_of([text.encode()], 10**8).fields if rename is None else rename
    reader = RecordReader("custom:c", rename, loose=True)
    reader.feed(records_in([text.encode()], 10**8, rename))
    assert reader.bad == []
    return reader


def links(reader: RecordReader) -> list[tuple[str | None, str, str | None, str | None]]:
    return [(each.id, each.type, each.actor, each.object) for each in reader.activities]


FORMS = {
    "an array": json.dumps([QUESTION]),
    "lines": json.dumps(QUESTION) + "\n",
    "a list beside others": json.dumps({"users": [{"id": 9, "login": "x"}], "questions": [QUESTION]}),
    "spread over lines": json.dumps({"questions": [QUESTION]}, indent=1),
}


@pytest.mark.parametrize("written", FORMS.values(), ids=FORMS)
def test_answers_and_comments_in_a_question_reply_to_it_or_to_what_they_name(written):
    found = read(written)
    assert links(found) == [
        ("1", "question", "ada", None),
        ("comments-1", "reply", "cy", "1"),
        ("comments-2", "reply", "ada", "comments-1"),
        ("answers-2", "answer", "bo", "1"),
        ("replies-1", "reply", "ada", "answers-2"),
        ("answers-3", "answer", "dee", "1"),
        ("answers-2:accepted", "accept", "ada", "answers-2"),
    ]
    assert {each.tags for each in found.activities[:-1]} == {("hops",)}
    assert (found.counts.records, found.references.unmatched) == (7, 0)


@pytest.mark.parametrize(
    "written",
    [
        {"data": {"repository": {"discussions": {"nodes": [DISCUSSION]}}}},
        [DISCUSSION],
        {"edges": [{"node": DISCUSSION}]},
    ],
    ids=["nodes", "an array", "edges"],
)
def test_lists_in_nodes_and_edges_of_graphql_are_read(written):
    assert links(read(json.dumps(written))) == [
        ("D_1", "question", "ada", None),
        ("DC_1", "answer", "bo", "D_1"),
        ("DC_2", "reply", "ada", "DC_1"),
        ("DC_1:accepted", "accept", "ada", "DC_1"),
    ]


@pytest.mark.parametrize(
    "written",
    [TOPIC, [TOPIC], {"topics": [TOPIC]}, {"categories": [{"name": "Malt", "topics": [TOPIC]}]}],
    ids=["one topic", "an array", "a list", "categories"],
)
def test_posts_in_a_topic_are_in_its_thread_with_its_title(written):
    found = read(json.dumps(written))
    assert links(found) == [
        ("1", "question", "u1", None),
        ("2", "reply", "u2", "1"),
        ("3", "reply", "u3", "1"),
    ]
    assert found.activities[0].content == "Why malt?\n\ntext 1"


def test_the_columns_of_inner_posts_are_proposed_where_what_is_around_them_is_no_post():
    with pytest.raises(OtherColumnsError, match="map=id=id,actor=user,published=date,content=body"):
        read(json.dumps([TOPIC]), {})


def test_pages_of_posts_are_no_threads():
    pages = [{"posts": POSTS[:2], "next": 2}, {"posts": POSTS[2:], "next": None}]
    assert [each.object for each in read(json.dumps(pages)).activities] == [None, None, None]


def test_what_a_hidden_post_or_topic_holds_is_hidden_with_it_at_any_depth():
    hidden = json.loads(json.dumps({**QUESTION, "deleted": True}), parse_int=lambda number: int(number) + 50)
    found = read("\n".join(map(json.dumps, [QUESTION, hidden])))
    assert (found.counts.private, found.counts.nameless) == (6, 0)
    assert links(found) == links(read(json.dumps(QUESTION) + "\n"))


@pytest.mark.parametrize(
    "around",
    [{"is_private": True}, {"visibility": "members"}, {"versteckt": "ja"}, {"status": "draft"}],
    ids=lambda each: next(iter(each)),
)
def test_whatever_hides_a_topic_hides_its_posts(around):
    written = [TOPIC, {**TOPIC, **around, "id": 8, "posts": [{**each, "id": each["id"] + 9} for each in POSTS]}]
    found = read(json.dumps(written))
    assert ([each.id for each in found.activities], found.counts.private) == (["1", "2", "3"], 3)


def test_a_post_that_is_gone_hides_what_replies_to_it_and_has_no_time_of_its_own():
    reply = {"id": 1, "user": {"login": "cy"}, "created": "2026-01-07", "text": "why?"}
    gone = {"id": 5, "deleted": True, "comments": [reply]}
    found = read(json.dumps([{**QUESTION, "comments": [], "answers": [gone, *QUESTION["answers"]]}]))
    assert [each.id for each in found.activities] == ["1", "answers-2", "replies-1", "answers-3", "answers-2:accepted"]
    assert found.counts.private == 1


def test_records_of_ours_hold_replies_too_and_may_leave_out_their_types_and_ids():
    inner = [
        {"id": "a1", "type": "answer", "actor": "bo", "published": "2026-01-05T11:00:00Z", "content": "So"},
        {"actor": "cy", "published": "2026-01-05T12:00:00Z", "content": "Hm"},
    ]
    record = {"id": "q1", "type": "question", "actor": "ada", "published": "2026-01-05T10:00:00Z", "content": "Why?"}
    found = read(json.dumps({**record, "replies": inner}), {})
    assert [(each.type, each.actor, each.object) for each in found.activities] == [
        ("question", "ada", None),
        ("answer", "bo", "q1"),
        ("reply", "cy", "q1"),
    ]
    again = read(json.dumps({**record, "replies": inner}), {})
    assert [each.id for each in again.activities] == [each.id for each in found.activities]


def test_lists_of_something_else_are_named_as_fields_that_are_not_known():
    record = {**POSTS[0], "comments": [{"count": 3}], "likes": [{"user": "x", "date": "2026-01-05"}]}
    found = read(json.dumps([record]))
    assert len(found.activities) == 1
    assert found.counts.unknown_field_names.keys() == {"comments", "likes"}


def test_what_lies_too_deep_stays_in_its_post_and_is_counted(monkeypatch):
    monkeypatch.setattr(inner_posts, "_DEEPEST", 3)
    post: dict[str, Any] = {}
    for number in range(6):
        post = {**POSTS[0], "id": f"p{6 - number}", "replies": [post] if post else []}
    found = read(json.dumps([post]))
    assert [each.id for each in found.activities] == ["p1", "p2", "p3", "p4"]
    assert found.counts.unknown_fields == 1


def test_posts_a_thousand_deep_are_read_up_to_a_limit():
    text = '{"id":"p","user":"u","date":"2026-01-05","body":"x","replies":['
    written = "".join(text.replace('"p"', f'"p{number}"') for number in range(150)) + "]}" * 150
    found = read(written, {"actor": "user", "published": "date", "content": "body"})
    assert len(found.activities) == 101


def test_posts_in_a_post_that_comes_late_are_read():
    rows = [{**POSTS[0], "id": f"r{number}"} for number in range(30)]
    rows[25]["comments"] = [{"id": "c", "user": "bo", "date": "2026-01-06", "body": "y"}]
    found = read("\n".join(map(json.dumps, rows)))
    assert [(each.id, each.object) for each in found.activities if each.object] == [("c", "r25")]


@pytest.mark.parametrize("name", ["Antworten", "respuestas", "risposte", "odpowiedzi"])
def test_lists_are_known_by_their_names_in_other_languages(name):
    found = read(json.dumps([{**POSTS[0], name: [POSTS[1]]}]))
    assert [(each.type, each.object) for each in found.activities] == [("question", None), ("answer", "1")]
