"""Several lists of objects in JSON: the one most like posts is read or proposed, and the others are named."""

from __future__ import annotations

import json

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
def test_the_columns_of_posts_inside_topics_are_proposed_and_read_then(users):
    sent = {"software": "LoafBB", "users": users, "topics": TOPICS}
    why = str(refused(sent))
    assert "map=id=p_id,actor=p_user,published=p_date,content=p_body" in why
    assert "the columns of 'topics[].posts'" in why
    found = records_in([json.dumps(sent).encode()], 10**8, MAP)
    assert [row["p_id"] for row in found if isinstance(row, dict)] == ["0", "1"]


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


def test_the_columns_of_posts_in_rows_are_proposed():
    assert "map=id=p_id,actor=p_user,published=p_date,content=p_body" in str(refused(TOPICS))


def test_posts_that_hold_replies_are_proposed_themselves():
    inner = [{"id": 1, "author": "u1", "created": "2026-10-01", "body": "So"}]
    why = str(refused([{"said": "x", "body": "Why?", "posted": "2026-10-01", "answers": inner}]))
    assert "published=posted,content=body" in why
