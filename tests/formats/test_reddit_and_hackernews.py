"""Dumps of Reddit and Hacker News as archivers of several years, warehouses and APIs write them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from candor.formats.dumps.dump import DumpError, Run
from candor.formats.dumps.registry import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from candor.scoring.activity import Activity

    Read = Callable[..., tuple[list[Activity], dict[str, int]]]

POST = {
    "id": "abc",
    "created_utc": 1767600000,
    "author": "Ada",
    "title": "Which hops?",
    "selftext": "For a stout",
    "subreddit": "brewing",
    "permalink": "/r/brewing/comments/abc/which_hops/",
}
COMMENT = {
    "id": "def",
    "created_utc": "1767600100",
    "author": "Bo",
    "body": "Saaz",
    "parent_id": "t3_abc",
    "subreddit": "brewing",
}


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read things one a line, or a file as it is, and return acts and what was left out."""

    def reading(form: str, *things: Any) -> tuple[list[Activity], dict[str, int]]:
        body = things[0] if isinstance(things[0], bytes) else b"\n".join(json.dumps(each).encode() for each in things)
        (tmp_path / "dump").write_bytes(body)
        run = Run({"hackernews": "hackernews"}.get(form, "custom:c"))
        made = list(FORMATS[form].records([tmp_path / "dump"], run))
        reading.run = run  # type: ignore[attr-defined]
        return made, dict(+run.left_out)

    return reading


def told(made: list[Activity]) -> list[tuple[str, str | None, str | None, str | None]]:
    return [(each.type, each.id, each.actor, each.object) for each in made]


@pytest.mark.parametrize(
    "more",
    [
        {"removed_by_category": "moderator"},
        {"_meta": {"was_deleted_later": True, "retrieved_2nd_on": 1767700000}},
        {"_meta": {"removal_type": "deleted"}},
        {"selftext": "[ Removed by Reddit ]"},
        {
            "selftext": "[removed by reddit in response to a copyright notice.]".replace("[r", "[ R").replace(
                ".]", ". ]"
            )
        },
        {"title": "[deleted by user]", "selftext": ""},
        {"selftext": "[removed]"},
    ],
)
def test_what_was_deleted_or_removed_is_left_out_though_a_dump_kept_its_text(read, more):
    assert read("reddit", {**POST, **more}) == ([], {"deleted": 1})


@pytest.mark.parametrize(
    "more", [{"is_robot_indexable": False}, {"is_robot_indexable": "odd"}, {"subreddit_type": "private"}]
)
def test_what_is_not_for_everybody_or_not_for_programs_is_left_out(read, more):
    made, left_out = read("reddit", {**POST, **more})
    assert (made, left_out.keys() <= {"private", "malformed"}, sum(left_out.values())) == ([], True, 1)


def test_notes_of_an_archiver_that_all_stands_change_nothing(read):
    meta = {"_meta": {"note": "no_2nd_retrieval", "is_edited": True}, "removed_by_category": None}
    made, left_out = read("reddit", {**POST, **meta, "is_robot_indexable": True})
    assert (told(made), left_out) == ([("question", "t3_abc", "ada", None)], {})
    assert made[0].url == "https://www.reddit.com/r/brewing/comments/abc/which_hops/"


def test_a_crosspost_quotes_what_it_passes_on(read):
    crosspost = {**POST, "id": "xyz", "crosspost_parent": "t3_abc", "crosspost_parent_list": [{**POST, "author": "Cy"}]}
    made, _ = read("reddit", crosspost)
    assert [(*row, each.target_actor) for row, each in zip(told(made), made, strict=True)] == [
        ("quote", "t3_xyz", "ada", "t3_abc", "cy")
    ]


def test_people_that_a_comment_names_are_mentioned(read):
    made, _ = read("reddit", {**COMMENT, "body": "as /u/Cy and u/Bo said\n\n> u/Dee\n\nsee https://a.example/u/eve"})
    assert [each.target_actor for each in made if each.type == "mention"] == ["cy"]


def test_automoderator_is_a_bot_and_no_moderator_to_trust(read):
    made, _ = read("reddit", {**COMMENT, "author": "AutoModerator", "distinguished": "moderator"})
    assert [each.kind for each in made if each.type == "account"] == ["bot"]
    assert read.run.trusted == {}


def test_threads_that_bdfr_archived_hold_their_comments(read):
    post = {key: value for key, value in POST.items() if key != "subreddit"} | {"name": "t3_abc", "distinguished": None}
    below = {**COMMENT, "id": "ghi", "author": "DELETED", "parent_id": "t1_def", "replies": []}
    thread = {**post, "comments": [{**COMMENT, "submission": "abc", "replies": [below]}]}
    made, left_out = read("reddit", json.dumps(thread, indent=2).encode())
    assert (told(made), left_out) == (
        [
            ("question", "t3_abc", "ada", None),
            ("reply", "t1_def", "bo", "t3_abc"),
            ("reply", "t1_ghi", None, "t1_def"),
        ],
        {},
    )
    assert made[0].tags == ("brewing",)


# Hacker News

STORY = {"id": 1, "by": "Ada", "time": 1767600000, "type": "story", "title": "Ask HN: Which?", "text": "<i>Why</i>"}
REPLY = {"id": 2, "by": "bo", "time": 1767600100, "type": "comment", "parent": 1, "text": "That", "kids": [3]}
MADE = [("question", "1", "Ada", None), ("reply", "2", "bo", "1")]
HIT = {"created_at": "2026-01-05T08:00:00Z", "created_at_i": 1767600000, "author": "Ada", "objectID": "1"}
HITS = {
    "exhaustive": {"nbHits": False},
    "exhaustiveNbHits": False,
    "hits": [
        {**HIT, "title": "Ask HN: Which?", "story_text": "Why", "_tags": ["story", "author_Ada", "ask_hn"]},
        {**HIT, "objectID": "2", "author": "bo", "parent_id": 1, "comment_text": "That", "_tags": ["comment"]},
        {**HIT, "objectID": "4", "title": "Which do you use?", "_tags": ["poll", "author_Ada"]},
        {**HIT, "objectID": "5", "title": "Somebody (YC W26) is hiring", "_tags": ["job"]},
    ],
    "page": 0,
    "nbHits": 4,
}
TABLE = """
    SELECT id::UBIGINT AS id, 0::UTINYINT AS deleted, type, "by", time::TIMESTAMP AS time, text,
        parent::{parent} AS parent, []::UINTEGER[] AS kids, title
    FROM (VALUES
        (1, 'story', 'Ada', '2026-01-05 08:00:00', 'Why', {none}, 'Ask HN: Which?'),
        (2, 'comment', 'bo', '2026-01-05 08:01:00', 'That', 1, NULL)
    ) AS t(id, type, "by", time, text, parent, title)
"""


@pytest.mark.parametrize(
    "items",
    [
        [STORY, REPLY],
        [{**STORY, "id": "1", "time": "1767600000"}, {**REPLY, "id": "2", "parent": "1"}],
        [{**STORY, "deleted": 0, "dead": 0, "parent": 0, "time": "2026-01-05 08:00:00"}, {**REPLY, "deleted": 0}],
        [{**STORY, "type": None}, {**REPLY, "type": None, "parent": 1.0, "time_ts": "x"}],
        [
            {"id": 1, "author": "Ada", "timestamp": "2026-01-05 08:00 UTC", "title": "Ask YC: Which?", "children": [2]},
            {"id": 2, "author": "bo", "timestamp": "2026-01-05 08:00 UTC", "comment": "That", "parent": 1},
        ],
    ],
    ids=["api", "bigquery", "clickhouse", "without kinds", "renamed"],
)
def test_items_are_the_same_however_a_warehouse_writes_them(read, items):
    assert (told(read("hackernews", *items)[0]), read("hackernews", *items)[1]) == (MADE, {})


def test_a_page_of_algolia_s_answers_holds_items_and_tags_say_their_kind(read):
    assert read("hackernews", json.dumps(HITS, indent=1).encode())[1] == {"other": 2}
    assert told(read("hackernews", HITS, HITS)[0][:2]) == MADE


STORY = {"by": "ada", "id": 1, "time": 1767600000, "title": "Ask HN: hops?", "type": "story"}
ANSWER = {"by": "bo", "id": 2, "parent": 1, "time": 1767600100, "text": "Saaz", "type": "comment"}
BOTH = [("question", "1", "ada", None), ("reply", "2", "bo", "1")]


@pytest.mark.parametrize(
    "things",
    [
        [{"1": STORY, "2": ANSWER}],
        [{**STORY, "kids": [ANSWER]}],
        [{**STORY, "kids": [2]}, ANSWER],
        [{**STORY, "type": 1}, {**ANSWER, "type": 2}, {**ANSWER, "id": 3, "type": 5}],
        [{**STORY, "title": " Ask HN: hops?"}, ANSWER],
        [{**STORY, "dead": "f", "deleted": "FALSE"}, ANSWER, {**ANSWER, "id": 3, "deleted": "t"}],
        [{**STORY, "time": None, "time_ts": "2026-01-05 08:36:41 UTC"}, {**ANSWER, "time": "1/5/2026 08:36"}],
    ],
)
def test_items_are_read_as_those_who_gather_them_write_them(read, things):
    made, _ = read("hackernews", *things)
    assert sorted(told(made)) == BOTH


@pytest.mark.parametrize("kind", ["parquet", "csv"])
@pytest.mark.parametrize(("parent", "none"), [("DOUBLE", "NULL"), ("DOUBLE", "'nan'::DOUBLE"), ("UBIGINT", "0")])
def test_items_in_a_table_are_read_whatever_stands_for_no_parent(read, tmp_path, kind, parent, none):
    path = tmp_path / f"items.{kind}"
    duckdb.sql(f"COPY ({TABLE.format(parent=parent, none=none)}) TO '{path}' (FORMAT {kind})")
    made, left_out = read("hackernews", path.read_bytes())
    assert (told(made), left_out) == (MADE, {})


def test_what_reddit_gives_one_account_is_refused_with_advice(tmp_path: Path):
    path = tmp_path / "comments.csv"
    path.write_text(
        "id,permalink,date,ip,subreddit,gildings,link,parent,body,media\nc1,https://r.example/,2026-01-05,,,,,,hops,\n"
    )
    with pytest.raises(DumpError, match="or a dump of the community"):
        list(FORMATS["reddit"].records([path], Run("custom:r")))
