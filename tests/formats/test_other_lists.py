"""Several lists of objects in JSON: the one most like posts is read or proposed, and the others are named."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from candor.formats.columns import OtherColumnsError
from candor.formats.compression import UnreadableError
from candor.formats.rows import records_in

USERS = [{"uid": number, "login": f"u{number}", "display": "U"} for number in range(3)]
POSTS = [{"p_id": n, "p_user": "u1", "p_date": "2026-10-01", "p_body": "So", "p_state": 1} for n in range(2)]
TOPICS = [{"t_id": 1, "t_title": "Why?", "t_created": "2026-10-01", "posts": POSTS}]
MAP = {"id": "p_id", "actor": "p_user", "published": "p_date", "content": "p_body"}
MANY = [{**USERS[0], "uid": number} for number in range(3_000)]


def refused(sent: object, rename: dict[str, str] | None = None) -> UnreadableError:
    with pytest.raises(UnreadableError) as caught:
        list(records_in([json.dumps(sent).encode()], 10**8, rename or {}))
    return caught.value


@pytest.mark.parametrize("users", [USERS, MANY], ids=["few", "more than is looked into"])
@pytest.mark.parametrize("rename", [{}, MAP], ids=["nothing said", "columns said"])
def test_of_posts_inside_topics_it_is_said_how_they_are_taken_out(users, rename):
    why = str(refused({"software": "LoafBB", "users": users, "topics": TOPICS}, rename))
    assert "the posts are inside other objects, in the list 'posts' in each of 'topics'" in why
    assert "jq -c '.topics[] as $around | $around.posts[] | ($around | del(.posts)) + .'" in why


def test_of_several_lists_the_one_of_posts_is_proposed_and_all_are_named():
    why = refused({"users": USERS, "posts": POSTS})
    assert isinstance(why, OtherColumnsError)
    assert "map=id=p_id,actor=p_user,published=p_date,content=p_body" in str(why)
    assert "the columns of 'posts'" in str(why)
    assert "The lists in it: users, posts" in str(why)


@pytest.mark.parametrize("users", [USERS, MANY], ids=["few", "more than is looked into"])
def test_a_list_of_posts_behind_one_of_people_is_read_as_its_columns_say(users):
    found = records_in([json.dumps({"users": users, "posts": POSTS}).encode()], 10**8, MAP)
    assert [row["p_id"] for row in found if isinstance(row, dict)] == [0, 1]


def test_of_rows_with_posts_in_them_it_is_said_how_they_are_taken_out():
    why = str(refused(TOPICS))
    assert "in the list 'posts' in each row" in why
    assert "jq -c '(arrays[], objects) as $around" in why


def test_posts_that_hold_replies_are_proposed_themselves():
    inner = [{"id": 1, "author": "u1", "created": "2026-10-01", "body": "So"}]
    why = str(refused([{"said": "x", "body": "Why?", "posted": "2026-10-01", "answers": inner}]))
    assert "published=posted,content=body" in why


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not there")
@pytest.mark.parametrize(
    "text",
    [json.dumps({"topics": TOPICS * 2}), json.dumps(TOPICS * 2), "\n".join(map(json.dumps, TOPICS * 2))],
    ids=["an object", "a list", "lines"],
)
def test_what_is_to_be_typed_takes_posts_out(text):
    with pytest.raises(UnreadableError) as caught:
        list(records_in([text.encode()], 10**8, {}))
    program = str(caught.value).partition("jq -c '")[2].partition("'")[0]
    written = subprocess.run(["jq", "-c", program], input=text, capture_output=True, text=True, check=True)
    around = {name: value for name, value in TOPICS[0].items() if name != "posts"}
    assert [json.loads(line) for line in written.stdout.splitlines()] == [around | post for post in POSTS] * 2
