"""Stack Exchange: what is read from a site, in batches and page by page, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from worker.connectors.connector import UnknownAccountError
from worker.connectors.stackexchange import StackExchange
from worker.outbound import RejectedError, WaitingError

API = "https://api.stackexchange.com/2.3"
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
OCTOBER = 1_790_812_800


def member(number: int) -> dict[str, Any]:
    return {"user_id": number, "display_name": f"user&#39;s {number}", "user_type": "registered"}


def question(number: int = 10, by: int = 7, **more: Any) -> dict[str, Any]:
    return {
        "question_id": number,
        "creation_date": OCTOBER,
        "title": "Fly &amp; drive?",
        "body": "<p>How &lt;far&gt;?</p>",
        "link": f"https://travel.stackexchange.com/questions/{number}",
        "tags": ["air-travel"],
        "owner": member(by),
        **more,
    }


def answer(number: int = 11, by: int = 19, **more: Any) -> dict[str, Any]:
    said = {"answer_id": number, "question_id": 10, "creation_date": OCTOBER + 60, "body": "<p>Far</p>"}
    return {**said, "owner": member(by), "score": 0, "is_accepted": False, **more}


def comment(number: int, post: int, by: int = 7, **more: Any) -> dict[str, Any]:
    said = {"comment_id": number, "post_id": post, "creation_date": OCTOBER + 90, "body": "thanks &amp; bye"}
    return {**said, "owner": member(by), **more}


@pytest.fixture
def items(serve):
    """Let a method answer with these items."""

    def put(path: str, *things: dict[str, Any], **wrapper: Any) -> Any:
        return serve(f"{API}/{path}", {"items": list(things), "has_more": False, "quota_remaining": 250, **wrapper})

    return put


@pytest.fixture
def travel(client, items) -> StackExchange:
    """Member 19 has answered question 10 of member 7, and nothing else."""
    items("users/19", {**member(19), "link": "https://travel.stackexchange.com/users/19"})
    items("users/19/answers", answer())
    items("users/19/questions")
    items("users/19/comments")
    items("questions/10", question())
    return StackExchange(client, "stackexchange:travel")


@pytest.fixture
def done(travel):
    """Everything that member 19 did, as records."""
    return lambda: list(travel.activities("19", SINCE, UNTIL))


def test_an_account_goes_by_its_number_and_names_are_unescaped(travel):
    found = travel.profile("https://travel.stackexchange.com/users/19/somebody").account
    assert (found.actor, found.name) == ("19", "user's 19")


@pytest.mark.parametrize("spelling", ["", "ada", "19;20", "1" * 13])
def test_what_is_no_number_is_refused_before_any_request(travel, requests_mock, spelling):
    with pytest.raises(UnknownAccountError):
        travel.profile(spelling)
    assert requests_mock.call_count == 0


def test_a_deleted_member_is_gone(travel, items):
    items("users/19")
    assert travel.profile("19").status == "gone"


def test_a_site_that_does_not_exist_ends_it_with_the_reason(client, serve):
    serve(
        f"{API}/users/19",
        {"error_id": 400, "error_message": "No site found", "error_name": "bad_parameter"},
        status=400,
    )
    with pytest.raises(RejectedError, match=r"api\.stackexchange\.com"):
        StackExchange(client, "stackexchange:nowhere").profile("19")


def test_an_answer_comes_after_its_question_in_plain_text(done):
    asked, answered = done()
    assert (asked.type, asked.actor, asked.content) == ("question", "7", "Fly & drive?\n\nHow <far>?")
    assert (asked.tags, answered.type, answered.object, answered.content) == (
        ("air-travel",),
        "answer",
        asked.id,
        "Far",
    )


def test_ids_tell_sites_apart(done):
    assert [record.id for record in done()] == ["travel/10", "travel/11"]


def test_only_the_time_asked_for_is_asked_for(done, travel, items):
    asked = items("users/19/answers")
    done()
    assert asked.last_request.qs["fromdate"] == [str(int(SINCE.timestamp()))]
    assert asked.last_request.qs["todate"] == [str(int(UNTIL.timestamp()) - 1)]


def test_pages_are_read_as_long_as_there_are_more(done, items, serve):
    items("users/19/answers", answer(11), has_more=True)
    items("users/19/answers?page=2", answer(12))
    assert [r.id for r in done()] == ["travel/10", "travel/11", "travel/12"]


def test_questions_are_asked_for_a_hundred_at_a_time(done, items):
    items("users/19/answers", *(answer(1000 + n, question_id=n) for n in range(1, 151)))
    first = items("questions/" + "%3B".join(str(n) for n in range(1, 101)))
    rest = items("questions/" + "%3B".join(str(n) for n in range(101, 151)))
    done()
    assert (first.call_count, rest.call_count) == (1, 1)


def test_a_backoff_beside_a_200_stops_that_method_and_no_other(done, travel, items):
    items("users/19/answers", answer(), has_more=True, backoff=100)
    with pytest.raises(WaitingError, match="stackexchange"):
        done()
    assert list(travel.vouches_of("19")) == []


def test_an_accepted_answer_is_dated_by_the_timeline(done, travel, items):
    items("users/19/answers", answer(is_accepted=True))
    event = {"timeline_type": "accepted_answer", "question_id": 10, "post_id": 11, "creation_date": OCTOBER + 3600}
    items("questions/10/timeline", {**event, "timeline_type": "answer"}, event)
    items("answers/11/comments")
    (accept,) = travel.recognition(done()[1:])
    assert (accept.type, accept.actor, accept.object, accept.target_actor) == ("accept", "7", "travel/11", "19")
    assert accept.published.timestamp() == OCTOBER + 3600


def test_an_acceptance_without_a_time_is_dated_as_the_answer_and_says_so(done, travel, items, gaps):
    items("users/19/answers", answer(is_accepted=True))
    items("questions/10/timeline")
    items("answers/11/comments")
    (accept,) = travel.recognition(done()[1:])
    assert accept.published.timestamp() == OCTOBER + 60
    assert "does not say when" in gaps.lines()[0]


def test_comments_under_an_answer_are_replies_to_it(done, travel, items):
    items("answers/11/comments", comment(5, 11), comment(6, 11, by=19, reply_to_user=member(7)))
    thanks, back, mention = travel.recognition(done()[1:])
    assert (thanks.type, thanks.actor, thanks.object, thanks.content) == ("reply", "7", "travel/11", "thanks & bye")
    assert (back.actor, mention.type, mention.target_actor) == ("19", "mention", "7")


def test_own_questions_come_with_the_answer_that_was_accepted(done, items):
    items("users/19/answers")
    items("users/19/questions", question(20, by=19, accepted_answer_id=21))
    items("answers/21", answer(21, by=8, question_id=20, is_accepted=True))
    items("questions/20/timeline")
    asked, answered, accept = done()
    assert (asked.actor, answered.actor, accept.actor, accept.target_actor) == ("19", "8", "19", "8")


def test_own_comments_come_with_what_they_are_under(done, items):
    items("users/19/answers")
    items("users/19/comments", comment(5, 31, by=19))
    items("answers/31", answer(31, by=8, question_id=10))
    items("questions/31")
    assert [(r.type, r.object) for r in done()] == [
        ("question", None),
        ("answer", "travel/10"),
        ("reply", "travel/31"),
    ]


def test_a_deleted_author_leaves_a_post_without_a_name(done, items):
    items("questions/10", {**question(), "owner": {"display_name": "user42", "user_type": "does_not_exist"}})
    assert done()[0].actor is None


def test_a_question_deleted_meanwhile_leaves_its_answer(done, items):
    items("questions/10")
    assert [(r.type, r.object) for r in done()] == [("answer", "travel/10")]


def test_a_method_that_fails_leaves_the_others_and_a_gap(done, serve, gaps):
    serve(f"{API}/users/19/questions", {}, status=500)
    assert len(done()) == 2
    assert gaps.lines() == ("questions: api.stackexchange.com: failed (status 500)",)


@pytest.mark.parametrize("body", ["null", "[]", "<html>", '{"items": [1, {"answer_id": "x"}]}', '{"items": {}}'])
def test_a_page_that_makes_no_sense_is_a_gap_and_not_an_end(done, serve, gaps, body):
    serve(f"{API}/users/19/answers", text=body)
    assert done() == []
    assert "api.stackexchange.com" in gaps.lines()[0]


def test_a_key_goes_into_the_query(trusted_source, items):
    asked = items("users/19", member(19))
    StackExchange(trusted_source, "stackexchange:travel").profile("19")
    assert asked.last_request.qs["key"] == ["stack-key"]


def test_vouches_are_the_answers_a_person_accepted(travel, items):
    items("users/7/questions", question(accepted_answer_id=11), has_more=True)
    items("answers/11", answer(is_accepted=True))
    items("questions/10/timeline")
    assert [(r.type, r.actor, r.target_actor) for r in travel.vouches_of("7")] == [("accept", "7", "19")]


def test_the_holders_of_a_tags_badge_become_a_trust_root(travel, items):
    badges = [
        {"badge_id": n, "name": name, "rank": rank}
        for n, name, rank in ((1, "visas", "gold"), (2, "visas", "bronze"), (3, "uk-visas", "gold"))
    ]
    items("badges/tags?inname=visas", *badges)
    items("badges/1%3B2/recipients", {"user": member(19)}, {"user": member(8)}, {"user": member(19)})
    assert list(travel.list_members("visas")) == ["19", "8"]


def test_a_rank_narrows_the_holders(travel, items):
    items(
        "badges/tags?inname=visas",
        {"badge_id": 1, "name": "visas", "rank": "gold"},
        {"badge_id": 2, "name": "visas", "rank": "bronze"},
    )
    items("badges/1/recipients", {"user": member(8)})
    assert list(travel.list_members("visas:gold")) == ["8"]


def test_a_tag_without_a_badge_is_refused(travel, items):
    items("badges/tags?inname=visas")
    with pytest.raises(UnknownAccountError, match="visas"):
        travel.list_members("visas")


def test_stackexchange_can_not_see_votes(done, travel, items):
    items("users/19/answers", answer(score=5))
    items("answers/11/comments")
    (vote,) = travel.recognition(done()[1:])
    assert (vote.type, vote.actor, vote.value, vote.published.timestamp()) == ("vote", None, 5.0, OCTOBER + 60)


def test_stackexchange_can_not_see_deleted(done, items):
    items("users/19/answers", answer(owner=None))
    assert done()[1].actor is None


def test_stackexchange_can_not_see_not_accepted(done, travel, items):
    items("answers/11/comments")
    assert list(travel.recognition(done()[1:])) == []


@pytest.mark.parametrize(
    ("shown", "kind"),
    [
        ({"user_type": "registered"}, "person"),
        ({"user_type": "moderator"}, "person"),
        ({"user_type": "does_not_exist"}, "unknown"),
        ({"user_id": -1, "user_type": "moderator"}, "bot"),
        ({"user_type": None}, "unknown"),
    ],
)
def test_types_of_members_tell_people_and_the_community_user_apart(travel, items, shown, kind):
    found = {**member(19), **shown}
    items(f"users/{found['user_id']}", found)
    assert travel.profile(str(found["user_id"])).account.kind == kind


def test_a_page_without_an_item_is_not_the_last_where_there_are_more(travel, items, serve):
    items("users/19/answers", has_more=True)
    serve(f"{API}/users/19/answers?page=2", {"items": [answer()], "has_more": False})
    assert [r.type for r in travel.activities("19", SINCE, UNTIL)] == ["question", "answer"]
