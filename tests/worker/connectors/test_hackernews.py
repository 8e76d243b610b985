"""Hacker News: what is read from the search and the interface, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from worker.connectors.connector import UnknownAccountError
from worker.connectors.hackernews import HackerNews
from worker.outbound import HostDownError

SEARCH = "https://hn.algolia.com/api/v1/search_by_date"
USERS = "https://hacker-news.firebaseio.com/v0/user"
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
OCTOBER = 1_790_812_800


def story(number: int, by: str = "bob", *tags: str, **more: Any) -> dict[str, Any]:
    said = {"title": f"Story {number}", "story_text": "<p>a&amp;b", "story_id": number, "created_at_i": OCTOBER}
    return {"objectID": str(number), "author": by, "_tags": ["story", f"author_{by}", *tags], **said, **more}


def comment(number: int, parent: int, by: str = "ada", under: int = 1, **more: Any) -> dict[str, Any]:
    said = {"comment_text": f"see <i>x</i> {number}", "parent_id": parent, "story_id": under}
    return {
        "objectID": str(number),
        "author": by,
        "created_at_i": OCTOBER + number,
        "_tags": ["comment"],
        **said,
        **more,
    }


@pytest.fixture
def hits(serve):
    """Let the search find these under tags."""
    return lambda tags, *found, **more: serve(f"{SEARCH}?tags={tags}", {"hits": list(found)}, **more)


@pytest.fixture
def news(client, hits) -> HackerNews:
    hits("author_ada,(story,comment,poll)", comment(5, 1))
    hits("(story,poll),(story_1)", story(1))
    return HackerNews(client, "hackernews")


@pytest.fixture
def done(news):
    return lambda: list(news.activities("ada", SINCE, UNTIL))


def test_an_account_is_described(news, serve):
    serve(f"{USERS}/ada.json", {"id": "ada", "karma": 9, "about": "orbits &amp; <i>such</i>"})
    found = news.profile("https://news.ycombinator.com/user?id=ada").account
    assert (found.actor, found.bio, found.followers) == ("ada", "orbits & such", None)


def test_an_account_nobody_has_is_gone(news, serve):
    serve(f"{USERS}/ada.json", text="null")
    assert news.profile("ada").status == "gone"


@pytest.mark.parametrize("spelling", ["", "a", "ada/../x", "a" * 16, "adä"])
def test_what_is_no_account_is_refused_before_any_request(news, requests_mock, spelling):
    with pytest.raises(UnknownAccountError):
        news.profile(spelling)
    assert requests_mock.call_count == 0


def test_an_interface_that_is_down_ends_it_with_its_name(news, serve):
    serve(f"{USERS}/ada.json", {}, status=503)
    with pytest.raises(HostDownError, match="firebaseio"):
        news.profile("ada")


def test_a_comment_comes_after_the_story_it_is_under(done):
    told, said = done()
    assert (told.type, told.actor, told.content) == ("note", "bob", "Story 1\n\na&b")
    assert (said.type, said.object, said.content) == ("reply", "1", "see x 5")


def test_who_asks_the_community_asks_a_question(done, hits):
    hits("(story,poll),(story_1)", story(1, "bob", "ask_hn"))
    assert done()[0].type == "question"


def test_a_deleted_author_leaves_a_post_without_a_name(done, hits):
    hits("(story,poll),(story_1)", story(1, by=""))
    assert done()[0].actor is None


def test_stories_are_asked_for_a_hundred_at_a_time(done, hits, requests_mock):
    hits("author_ada,(story,comment,poll)", *(comment(1000 + n, n, under=n) for n in range(1, 151)))
    requests_mock.get(f"{SEARCH}?tags=(story,poll),(story_1", json={"hits": []})
    serve_any = requests_mock.get(
        SEARCH, json={"hits": []}, additional_matcher=lambda r: "story,poll" in r.qs["tags"][0]
    )
    done()
    assert serve_any.call_count == 2


def test_more_than_a_thousand_hits_are_asked_for_by_time(done, hits, serve):
    many = [comment(5000 - n, 1) for n in range(1000)]
    hits("author_ada,(story,comment,poll)", *many)
    edge = OCTOBER + 4001
    older = serve(
        f"{SEARCH}?numericFilters=created_at_i>={int(SINCE.timestamp())},created_at_i<{edge + 1}",
        {"hits": [many[-1], comment(7, 1)]},
    )
    records = done()
    assert older.call_count == 1
    assert len([r for r in records if r.type == "reply"]) == 1001


def test_a_second_with_more_than_a_thousand_hits_does_not_hold_it_up(done, hits, serve):
    same = [comment(n, 1, created_at_i=OCTOBER) for n in range(2000, 3000)]
    hits("author_ada,(story,comment,poll)", *same)
    since = int(SINCE.timestamp())
    again = serve(f"{SEARCH}?numericFilters=created_at_i>={since},created_at_i<{OCTOBER + 1}", {"hits": same})
    last = serve(f"{SEARCH}?numericFilters=created_at_i>={since},created_at_i<{OCTOBER}", {"hits": []})
    done()
    assert (again.call_count, last.call_count) == (1, 1)


def test_a_search_that_takes_no_notice_of_times_ends_with_a_gap(done, hits, gaps):
    hits("author_ada,(story,comment,poll)", *(comment(n, 1, created_at_i=OCTOBER) for n in range(2000, 3000)))
    done()
    assert gaps.lines() == ("posts of the account: hn.algolia.com: pagination loop",)


def test_recognition_is_what_stands_above_and_below(done, news, hits):
    thread = [comment(2, 1, "bob"), comment(5, 2), comment(6, 5, "bob"), comment(7, 6, "cy"), comment(8, 1, "di")]
    hits("author_ada,(story,comment,poll)", comment(5, 2))
    own = [r for r in done() if r.actor == "ada"]
    hits("comment,story_1", *thread)
    assert {(r.id, r.object) for r in news.recognition(own)} == {("2", "1"), ("6", "5"), ("7", "6")}


def test_a_circle_of_parents_ends(done, news, hits):
    hits("author_ada,(story,comment,poll)", comment(5, 6))
    own = [r for r in done() if r.actor == "ada"]
    hits("comment,story_1", comment(5, 6), comment(6, 5, "bob"), comment(8, 9, "cy"), comment(9, 8, "di"))
    assert {r.id for r in news.recognition(own)} == {"6"}


def test_a_story_deleted_meanwhile_leaves_the_comment(done, hits):
    hits("(story,poll),(story_1)")
    assert [r.object for r in done()] == ["1"]


def test_a_search_that_fails_is_a_gap(done, hits, gaps):
    hits("(story,poll),(story_1)", status=500)
    assert len(done()) == 1
    assert gaps.lines() == ("stories that were commented on: hn.algolia.com: failed (status 500)",)


@pytest.mark.parametrize("body", ["null", "[]", "<html>", '{"hits": [1, {"objectID": 5}]}'])
def test_a_page_that_makes_no_sense_is_a_gap_and_not_an_end(done, serve, gaps, body):
    serve(SEARCH, text=body)
    assert done() == []
    assert "hn.algolia.com" in gaps.lines()[0]


def test_hackernews_can_not_see_votes(done, hits):
    hits("author_ada,(story,comment,poll)", comment(5, 1, points=90))
    assert {r.type for r in done()} == {"note", "reply"}


def test_hackernews_can_not_see_the_dead(done, hits):
    hits("author_ada,(story,comment,poll)", comment(5, 1, author=None, comment_text=None))
    assert (done()[1].actor, done()) == (None, [])


def test_hackernews_can_not_see_mentions(done, hits):
    hits("author_ada,(story,comment,poll)", comment(5, 1, comment_text="@bob what do you think?"))
    assert {r.type for r in done()} == {"note", "reply"}
