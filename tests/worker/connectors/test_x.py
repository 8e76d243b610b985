"""X: what is read with the operator's token, and what is not. Tried against made-up answers only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from worker.connectors.connector import UnknownAccountError
from worker.connectors.x import X
from worker.outbound import BadAnswerError, RejectedError, UnauthorisedError

API = "https://api.x.com/2"
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)


def user(number: int, name: str, **more: Any) -> dict[str, Any]:
    return {"id": str(number), "username": name, "name": name.title(), "protected": False, **more}


ADA, BOB = user(1, "Ada"), user(2, "bob")


def post(number: int, by: int = 1, text: str = "orbits", **more: Any) -> dict[str, Any]:
    return {"id": str(number), "author_id": str(by), "created_at": "2026-10-01T00:00:00.000Z", "text": text, **more}


def refers(kind: str, to: int) -> dict[str, Any]:
    return {"referenced_tweets": [{"type": kind, "id": str(to)}]}


@pytest.fixture
def x(trusted_source, serve) -> X:
    metrics = {"followers_count": 9}
    serve(f"{API}/users/by/username/ada", {"data": {**ADA, "description": "orbits", "public_metrics": metrics}})
    serve(f"{API}/users/1/mentions", {"meta": {"result_count": 0}})
    serve(f"{API}/users/1/list_memberships", {"meta": {"result_count": 0}})
    return X(trusted_source, "x")


@pytest.fixture
def posted(x, serve):
    """Serve these as Ada's posts, and return what the connector makes of them."""

    def read(*posts: dict[str, Any], **includes: Any) -> list[Any]:
        brought = {"users": [ADA, BOB], "tweets": [], **includes}
        serve(f"{API}/users/1/tweets", {"data": list(posts), "includes": brought, "meta": {"result_count": len(posts)}})
        return list(x.activities("@Ada", SINCE, UNTIL))

    return read


def test_an_account_is_described_with_the_operators_token(x, requests_mock):
    found = x.profile("https://x.com/Ada").account
    assert (found.actor, found.name, found.bio, found.followers) == ("ada", "Ada", "orbits", 9)
    assert requests_mock.last_request.headers["Authorization"] == "Bearer x-token"


def test_without_a_token_nothing_is_asked_and_the_reason_is_said(client, requests_mock):
    with pytest.raises(UnauthorisedError, match=r"api\.x\.com.*operator"):
        X(client, "x").profile("ada")
    assert requests_mock.call_count == 0


@pytest.mark.parametrize("kind", ["replied_to", "quoted", "retweeted"])
def test_a_reference_to_nothing_is_none_and_loses_no_post(posted, kind):
    assert [(each.type, each.id) for each in posted(post(9, **refers(kind, "")))] == [("note", "9")]


def test_the_facts_say_that_it_was_tried_against_recordings_only():
    assert "recorded answers only" in X.facts.tried


@pytest.mark.parametrize("odd", [{}, {"protected": None}, {"protected": "no"}])
def test_an_account_that_is_not_said_to_be_for_everybody_is_not_read(x, serve, odd):
    told = {name: value for name, value in ADA.items() if name != "protected"}
    serve(f"{API}/users/by/username/ada", {"data": told | odd})
    with pytest.raises(BadAnswerError, match="unexpected response format"):
        x.profile("ada")


@pytest.mark.parametrize("odd", [{}, {"protected": None}])
def test_nor_are_posts_of_whoever_may_be_protected(posted, odd):
    told = {name: value for name, value in BOB.items() if name != "protected"}
    bob = post(7, by=2)
    (reply,) = posted(post(8, **refers("replied_to", 7)), users=[ADA, told | odd], tweets=[bob])
    assert (reply.type, reply.object, reply.actor) == ("reply", "7", "ada")


def test_the_account_asked_about_goes_by_its_name_also_where_an_answer_leaves_it_out(posted):
    (note,) = posted(post(8), users=[])
    assert note.actor == "ada"


def test_a_protected_account_is_declined(x, serve):
    serve(f"{API}/users/by/username/ada", {"data": {**ADA, "protected": True, "description": "x"}})
    profile = x.profile("ada")
    assert (profile.status, profile.account.bio) == ("declined", None)


@pytest.mark.parametrize(
    ("detail", "words"),
    [("User has been suspended: [ada].", "suspended"), ("Could not find user with username: [ada].", "not found")],
)
def test_a_suspended_or_unknown_account_is_gone(x, serve, detail, words):
    serve(f"{API}/users/by/username/ada", {"errors": [{"detail": detail, "title": "…"}]})
    profile = x.profile("ada")
    assert profile.status == "gone"
    assert words in profile.reason


@pytest.mark.parametrize("spelling", ["", "ada lovelace", "a" * 21, "ada/status/1"])
def test_what_is_no_account_is_refused_before_any_request(x, requests_mock, spelling):
    with pytest.raises(UnknownAccountError):
        x.profile(spelling)
    assert requests_mock.call_count == 0


def test_a_post_has_its_links_in_full_and_its_entities_decoded(posted):
    entities = {
        "hashtags": [{"tag": "leo"}],
        "urls": [{"url": "https://t.co/a", "expanded_url": "https://example.org"}],
    }
    (note,) = posted(post(5, text="a &amp; b https://t.co/a", entities=entities))
    assert (note.type, note.id, note.actor, note.tags) == ("note", "5", "ada", ("leo",))
    assert note.content == "a & b https://example.org"


def test_a_long_post_is_read_whole(posted):
    assert posted(post(5, text="begins…", note_tweet={"text": "begins and ends"}))[0].content == "begins and ends"


def test_a_reply_comes_after_the_post_it_answers(posted):
    answered = post(4, by=2)
    parent, reply = posted(post(5, in_reply_to_user_id="2", **refers("replied_to", 4)), tweets=[answered])
    assert (parent.actor, reply.type, reply.object, reply.target_actor) == ("bob", "reply", "4", "bob")


def test_a_retweet_and_a_quote_name_the_post_and_its_author(posted):
    theirs = post(4, by=2)
    _, retweet, quote = posted(post(5, **refers("retweeted", 4)), post(6, **refers("quoted", 4)), tweets=[theirs])
    assert (retweet.type, retweet.object, retweet.target_actor) == ("reshare", "4", "bob")
    assert (quote.type, quote.object, quote.target_actor) == ("quote", "4", "bob")


def test_a_reply_that_quotes_is_both(posted):
    both = {"referenced_tweets": [{"type": "replied_to", "id": "3"}, {"type": "quoted", "id": "4"}]}
    assert [(r.type, r.object) for r in posted(post(5, **both))] == [("reply", "3"), ("quote", "4")]


def test_a_mention_is_one_unless_the_reply_carries_it_by_itself(posted):
    entities = {"mentions": [{"username": "Bob"}, {"username": "cy"}]}
    records = posted(post(5, entities=entities, in_reply_to_user_id="2", **refers("replied_to", 4)))
    assert [(r.type, r.target_actor) for r in records] == [("reply", "bob"), ("mention", "cy")]


def test_a_person_whose_name_is_not_told_goes_by_number(posted):
    assert posted(post(5, by=77))[0].actor == "id:77"


def test_pages_are_read_by_their_token(x, serve):
    base = f"{API}/users/1/tweets"
    serve(base, {"data": [post(5)], "includes": {"users": [ADA]}, "meta": {"next_token": "n1"}})
    serve(f"{base}?pagination_token=n1", {"data": [post(6)], "includes": {"users": [ADA]}, "meta": {}})
    assert [r.id for r in x.activities("ada", SINCE, UNTIL)] == ["5", "6"]


def test_only_the_time_asked_for_is_asked_for(posted, requests_mock):
    posted()
    asked = next(request for request in requests_mock.request_history if "tweets" in request.path)
    assert (asked.qs["start_time"], asked.qs["end_time"]) == (["2026-01-01t00:00:00z"], ["2026-11-01t00:00:00z"])


def test_an_answer_without_data_is_an_empty_one(x, serve, gaps):
    serve(f"{API}/users/1/tweets", {"meta": {"result_count": 0}})
    assert list(x.activities("ada", SINCE, UNTIL)) == []
    assert gaps.lines() == ()


def test_posts_withheld_from_an_answer_are_a_gap(x, serve, gaps):
    answer = {"data": [post(5)], "includes": {"users": [ADA]}, "errors": [{"title": "Authorization Error"}], "meta": {}}
    serve(f"{API}/users/1/tweets", answer)
    assert len(list(x.activities("ada", SINCE, UNTIL))) == 1
    assert "api.x.com: some of it is deleted" in gaps.lines()[0]


def test_a_page_that_fails_ends_the_posts_with_a_gap(x, serve, gaps):
    base = f"{API}/users/1/tweets"
    serve(base, {"data": [post(5)], "includes": {"users": [ADA]}, "meta": {"next_token": "n1"}})
    serve(f"{base}?pagination_token=n1", {}, status=500)
    assert len(list(x.activities("ada", SINCE, UNTIL))) == 1
    assert gaps.lines() == ("posts of the account: api.x.com: failed (status 500)",)


@pytest.mark.parametrize("body", ["null", "[]", "<html>", '{"data": [1, {"id": 5}], "includes": 3}'])
def test_a_page_that_makes_no_sense_is_no_end(x, serve, body):
    serve(f"{API}/users/1/tweets", text=body)
    assert list(x.activities("ada", SINCE, UNTIL)) == []


def test_who_quoted_and_retweeted_is_asked_only_where_somebody_did(posted, x, serve):
    quiet, loud = posted(post(5), post(6, public_metrics={"quote_count": 1, "retweet_count": 1}))
    serve(
        f"{API}/tweets/6/quote_tweets", {"data": [post(9, by=2, **refers("quoted", 6))], "includes": {"users": [BOB]}}
    )
    serve(f"{API}/tweets/6/retweeted_by", {"data": [user(3, "Cy")]})
    records = list(x.recognition([quiet, loud]))
    assert [(r.type, r.actor, r.object) for r in records] == [("quote", "bob", "6"), ("reshare", "cy", "6")]


def test_mentions_bring_the_replies_to_an_account(posted, x, serve):
    notes = posted(post(5))
    reply = post(9, by=2, in_reply_to_user_id="1", **refers("replied_to", 5))
    serve(f"{API}/users/1/mentions", {"data": [reply], "includes": {"users": [ADA, BOB]}})
    assert [(r.type, r.actor, r.object) for r in x.recognition(notes)] == [("reply", "bob", "5")]


def test_public_lists_that_name_an_account_are_read(posted, x, serve):
    notes = posted(post(5))
    listed = {"id": "7", "name": "Orbit people", "description": "who know", "owner_id": "2", "private": False}
    listed["created_at"] = "2026-02-01T00:00:00Z"
    lists = [listed, {**listed, "id": "8", "private": True}, {**listed, "id": "9", "private": None}]
    serve(f"{API}/users/1/list_memberships", {"data": lists, "includes": {"users": [BOB]}})
    (record,) = x.recognition(notes)
    assert (record.type, record.actor, record.target_actor) == ("list", "bob", "ada")
    assert (record.object, record.content) == ("list:7", "Orbit people\nwho know")


def test_vouches_are_the_retweets_and_quotes_of_a_person(x, serve):
    shown = [post(5), post(6, **refers("retweeted", 4))]
    serve(f"{API}/users/1/tweets", {"data": shown, "includes": {"users": [ADA, BOB], "tweets": [post(4, by=2)]}})
    assert [(r.type, r.target_actor) for r in x.vouches_of("ada")] == [("reshare", "bob")]


def test_a_list_becomes_a_trust_root(x, serve):
    serve(f"{API}/lists/84/members", {"data": [BOB, user(3, "Cy")], "meta": {"result_count": 2}})
    assert list(x.list_members("https://x.com/i/lists/84")) == ["bob", "cy"]


def test_a_list_that_can_not_be_read_says_so(x, serve):
    serve(f"{API}/lists/84/members", {"title": "Invalid"}, status=400)
    with pytest.raises(RejectedError, match=r"api\.x\.com"):
        list(x.list_members("84"))


def test_x_can_not_see_older(x, serve):
    asked = serve(
        f"{API}/users/1/tweets", {"data": [post(5)], "includes": {"users": [ADA]}, "meta": {"result_count": 1}}
    )
    assert len(list(x.activities("ada", SINCE, UNTIL))) == asked.call_count == 1


def test_x_can_not_see_times(posted, x, serve):
    notes = posted(post(6, public_metrics={"retweet_count": 1}))
    serve(f"{API}/tweets/6/retweeted_by", {"data": [BOB]})
    assert [r.published for r in x.recognition(notes)] == [notes[0].published]


def test_x_can_not_see_more_retweeters(posted, x, serve):
    notes = posted(post(6, public_metrics={"retweet_count": 5000}))
    serve(
        f"{API}/tweets/6/retweeted_by", {"data": [user(n, f"u{n}") for n in range(100)], "meta": {"result_count": 100}}
    )
    assert len(list(x.recognition(notes))) == 100


def test_x_can_not_see_the_protected(posted, x, serve):
    notes = posted(post(6, public_metrics={"retweet_count": 1, "quote_count": 1}))
    shut = {**BOB, "protected": True}
    serve(f"{API}/tweets/6/retweeted_by", {"data": [shut]})
    serve(
        f"{API}/tweets/6/quote_tweets", {"data": [post(9, by=2, **refers("quoted", 6))], "includes": {"users": [shut]}}
    )
    assert list(x.recognition(notes)) == []


@pytest.mark.parametrize(
    ("verified", "kind"),
    [("business", "organisation"), ("government", "organisation"), ("blue", "unknown"), (None, "unknown")],
)
def test_who_is_verified_as_an_organisation_is_one(x, serve, verified, kind):
    serve(f"{API}/users/by/username/ada", {"data": {**ADA, "verified_type": verified}})
    assert x.profile("ada").account.kind == kind


def test_what_nobody_has_paid_for_is_asked_for_once(posted, x, serve, gaps):
    notes = posted(*(post(number, public_metrics={"retweet_count": 1}) for number in (10, 11, 12)))
    asked = [
        serve(f"{API}/tweets/{number}/retweeted_by", {"title": "CreditsDepleted"}, status=402)
        for number in (10, 11, 12)
    ]
    list(x.recognition(notes))
    assert sum(each.call_count for each in asked) == 1
    assert gaps.lines() == ("retweets of posts: api.x.com: rejected the request (status 402)",)


def test_a_user_who_cannot_be_shown_for_another_reason_is_not_called_gone(trusted_source, serve):
    serve(f"{API}/users/by/username/ada", {"errors": [{"title": "Service Unavailable", "detail": "Over capacity"}]})
    with pytest.raises(BadAnswerError):
        X(trusted_source, "x").profile("ada")
