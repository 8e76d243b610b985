"""Discourse: what is read from a forum, topic by topic, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from worker.connectors.connector import UnknownAccountError
from worker.connectors.discourse import Discourse
from worker.outbound import GoneError, UnauthorisedError

FORUM = "https://forum.example"
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)


def key(number: int) -> str:
    return f"forum.example/post/{number}"


def deed(topic: int = 1, at: str = "2026-10-02T00:00:00Z", **more: Any) -> dict[str, Any]:
    return {"action_type": 5, "created_at": at, "topic_id": topic, "post_id": topic * 10, "username": "Bob", **more}


def post(number: int, by: str, cooked: str = "<p>because</p>", **more: Any) -> dict[str, Any]:
    said = {"id": 100 + number, "username": by, "post_number": number, "cooked": cooked, "post_type": 1}
    return {**said, "created_at": f"2026-10-01T00:{number % 60:02}:00Z", "actions_summary": [], **more}


def topic(*posts: dict[str, Any], number: int = 1, **more: Any) -> dict[str, Any]:
    stream = {"posts": list(posts), "stream": [each["id"] for each in posts]}
    return {"id": number, "title": "Orbits?", "tags": ["drag"], "archetype": "regular", "post_stream": stream, **more}


@pytest.fixture
def forum(client, serve) -> Discourse:
    """Ada has posted in topic 1, and nothing else."""
    serve(f"{FORUM}/u/ada.json", {"user": {"username": "Ada", "name": "Ada L.", "bio_cooked": "<p>orbits</p>"}})
    serve(f"{FORUM}/user_actions.json", {"user_actions": []})
    serve(f"{FORUM}/user_actions.json?filter=4,5", {"user_actions": [deed()]})
    serve(f"{FORUM}/user_actions.json?filter=4,5&offset=1", {"user_actions": []})
    return Discourse(client, "discourse:forum.example")


@pytest.fixture
def said(forum, serve):
    """Serve these as the posts of topic 1, and return what the connector makes of it."""

    def read(*posts: dict[str, Any], **more: Any) -> list[Any]:
        serve(f"{FORUM}/t/1.json", topic(*posts, **more))
        return list(forum.activities("Ada", SINCE, UNTIL))

    return read


def test_an_account_is_described_and_spelled_in_lower_case(forum):
    found = forum.profile(f"{FORUM}/u/Ada").account
    assert (found.actor, found.name, found.bio) == ("ada", "Ada L.", "orbits")


@pytest.mark.parametrize(
    ("flag", "status", "words"),
    [({"profile_hidden": True}, "declined", "hides"), ({"suspended_till": "2030-01-01"}, "gone", "suspended")],
)
def test_a_hidden_or_suspended_account_is_not_read(client, serve, flag, status, words):
    serve(f"{FORUM}/u/ada.json", {"user": {"username": "Ada", "bio_cooked": "x", **flag}})
    profile = Discourse(client, "discourse:forum.example").profile("ada")
    assert (profile.status, profile.account.bio) == (status, None)
    assert words in profile.reason


def test_an_account_the_forum_does_not_know_is_gone(forum, serve):
    serve(f"{FORUM}/u/ada.json", {"errors": ["not found"]}, status=404)
    assert forum.profile("ada").status == "gone"


def test_an_account_is_not_gone_where_other_software_than_a_forum_answers(forum, serve):
    serve(f"{FORUM}/u/ada.json", {"message": "no route"}, status=404)
    with pytest.raises(GoneError):
        forum.profile("ada")


@pytest.mark.parametrize("spelling", ["", "a/b", "ada lovelace", "a" * 61])
def test_what_is_no_account_is_refused_before_any_request(forum, requests_mock, spelling):
    with pytest.raises(UnknownAccountError):
        forum.profile(spelling)
    assert requests_mock.call_count == 0


def test_a_forum_for_members_only_ends_it_with_its_name_and_reason(forum, serve):
    serve(f"{FORUM}/u/ada.json", {"error_type": "not_logged_in"}, status=403)
    with pytest.raises(UnauthorisedError, match=r"forum\.example"):
        forum.profile("ada")


def test_the_first_post_asks_and_others_reply_to_it_or_to_one_another(said):
    asked, answered, thanks = said(post(1, "bob"), post(2, "Ada"), post(3, "bob", reply_to_post_number=2))
    assert (asked.type, asked.content, asked.tags) == ("question", "Orbits?\n\nbecause", ("drag",))
    assert (answered.type, answered.actor, answered.object) == ("reply", "ada", asked.id)
    assert thanks.object == answered.id


@pytest.mark.parametrize("gone", [{"user_deleted": True}, {"username": None}, {"hidden": True}])
def test_a_reply_to_a_post_that_is_gone_is_none_to_whoever_began_the_topic(said, gone):
    asked, reply = said(post(1, "bob"), post(2, "cy", **gone), post(3, "Ada", reply_to_post_number=2))
    assert (reply.type, reply.object) == ("reply", f"{asked.id}/2")


@pytest.mark.parametrize(
    ("between", "to"),
    [
        ({"cooked": "<p>.</p>"}, 2),
        ({"cooked": "<p>me too</p>"}, 3),
        ({"cooked": "<p>closed by itself</p>", "user_id": -1}, 2),
        ({"username": "Bob"}, 2),
    ],
)
def test_who_asked_goes_on_under_the_last_post_of_somebody_else_that_has_a_word(said, between, to):
    made = said(post(1, "bob"), post(2, "ada"), post(3, "cy", **between), post(4, "Bob", "<p>thanks</p>"))
    assert (made[-1].actor, made[-1].object) == ("bob", key(100 + to))


def test_who_asked_and_is_answered_by_nobody_replies_to_the_question(said):
    assert said(post(1, "bob"), post(2, "bob"))[-1].object == key(101)


@pytest.mark.parametrize(
    ("quote", "to"), [('data-post="2" data-topic="1"', 2), ('data-topic="7" data-post="2"', 1), ('data-post="9"', 1)]
)
def test_a_post_that_says_nothing_else_replies_to_what_it_quotes_of_its_topic(said, quote, to):
    cooked = f'<aside class="quote no-group" data-username="ada" {quote}><blockquote>so</blockquote></aside><p>no</p>'
    assert said(post(1, "bob"), post(2, "ada"), post(3, "cy", cooked))[-1].object == key(100 + to)


def test_tags_are_read_as_words_or_as_things_with_a_name(said):
    assert said(post(1, "bob"), tags=["drag", {"id": 3, "name": "leo"}])[0].tags == ("drag", "leo")


def test_the_words_of_a_quoted_post_are_not_the_quoters(said):
    quote = '<aside class="quote"><blockquote>theirs <a class="mention" href="/u/cy">@cy</a></blockquote></aside>'
    reply = said(post(1, "bob"), post(2, "ada", f"{quote}<p>mine</p>"))[-1]
    assert (reply.type, reply.content) == ("reply", "mine")


def test_a_mention_names_the_person_and_the_post(said):
    mention = said(post(1, "bob", '<p><a class="mention" href="/u/ada">@Ada</a>?</p>'))[-1]
    assert (mention.type, mention.target_actor, mention.object) == ("mention", "ada", key(101))


@pytest.mark.parametrize("sign", [{"accepted_answer": {"post_number": 2}}, {}])
def test_an_answer_is_accepted_by_who_asked(said, sign):
    marked = {} if sign else {"accepted_answer": True}
    accept = said(post(1, "bob"), post(2, "ada", **marked), **sign)[-1]
    assert (accept.type, accept.actor, accept.object, accept.target_actor) == ("accept", "bob", key(102), "ada")


def test_an_answer_accepted_by_somebody_else_is_that_ones_act(said):
    solution = {"post_number": 2, "accepter_username": "Cy"}
    assert said(post(1, "bob"), post(2, "ada"), accepted_answer=solution)[-1].actor == "cy"


def test_several_answers_may_be_accepted_each_by_somebody(said):
    """As Discourse shows solutions since 2026, in one of two ways, and by nobody where it does not show who it was."""
    told = [
        {"id": 102, "post_number": 2, "accepter_username": "Mo"},
        {"id": 103, "post_number": 3, "accepter": {"id": 4, "username": "Cy"}},
        {"id": 104, "post_number": 4},
    ]
    posts = [post(1, "bob"), *(post(n, "ada", accepted_answer=True) for n in (2, 3, 4)), post(5, "ada")]
    accepts = [each for each in said(*posts, accepted_answers=told) if each.type == "accept"]
    assert [(each.object, each.actor) for each in accepts] == [(key(102), "mo"), (key(103), "cy"), (key(104), "bob")]


@pytest.mark.parametrize("sign", [{"post_type": 3}, {"post_type": 4}, {"hidden": True}, {"user_deleted": True}])
def test_what_is_nobodys_words_or_was_withdrawn_is_not_read(said, sign):
    assert len(said(post(1, "bob"), post(2, "ada", **sign))) == 1


def test_a_topic_that_stands_on_top_of_all_pages_is_one_for_everybody(said):
    assert len(said(post(1, "bob"), archetype="banner")) == 1


@pytest.mark.parametrize(
    "sign", [{"archetype": "private_message"}, {"visible": False}, {"deleted_at": "2026-10-02T00:00:00Z"}]
)
def test_a_topic_that_is_not_listed_for_everybody_is_never_read_and_is_told(said, gaps, sign):
    assert said(post(1, "bob"), post(2, "ada"), **sign) == []
    assert gaps.lines() == ("topics: forum.example: unlisted, deleted, or a message to some",)


@pytest.mark.parametrize("number", [None, "seven", [7]])
def test_a_topic_without_a_number_goes_by_the_one_that_it_was_asked_by(said, number):
    assert said(post(1, "bob"), id=number)[0].url == f"{FORUM}/t/1/1"


def test_a_topic_is_read_in_batches(said, serve):
    rest = [post(n, "cy") for n in range(2, 24)]
    ids = [each["id"] for each in rest]
    first, second = ("&".join(f"post_ids[]={n}" for n in part) for part in (ids[:20], ids[20:]))
    serve(f"{FORUM}/t/1/posts.json?{first}", {"post_stream": {"posts": rest[:20]}})
    serve(f"{FORUM}/t/1/posts.json?{second}", {"post_stream": {"posts": rest[20:]}})
    assert len(said(post(1, "bob"), post_stream={"posts": [post(1, "bob")], "stream": [101, *ids]})) == 23


def test_a_topic_is_read_once_however_often_somebody_posted_in_it(forum, serve):
    serve(f"{FORUM}/user_actions.json?filter=4,5", {"user_actions": [deed(), deed()]})
    serve(f"{FORUM}/user_actions.json?filter=4,5&offset=2", {"user_actions": []})
    asked = serve(f"{FORUM}/t/1.json", topic(post(1, "ada")))
    list(forum.activities("ada", SINCE, UNTIL))
    assert asked.call_count == 1


def test_reading_stops_at_a_page_that_is_too_old(forum, serve):
    serve(f"{FORUM}/user_actions.json?filter=4,5", {"user_actions": [deed(at="2025-01-01T00:00:00Z")]})
    older = serve(f"{FORUM}/user_actions.json?filter=4,5&offset=1", {"user_actions": []})
    assert list(forum.activities("ada", SINCE, UNTIL)) == []
    assert not older.called


def test_a_topic_deleted_meanwhile_is_a_gap(forum, serve, gaps):
    serve(f"{FORUM}/t/1.json", {"errors": ["gone"]}, status=410)
    assert list(forum.activities("ada", SINCE, UNTIL)) == []
    assert gaps.lines()[0].startswith("topics: forum.example")


def test_posts_that_can_not_be_had_leave_the_others_and_a_gap(said, serve, gaps):
    serve(f"{FORUM}/t/1/posts.json", {}, status=500)
    assert len(said(post(1, "bob"), post_stream={"posts": [post(1, "bob")], "stream": [101, 102]})) == 1
    assert gaps.lines() == ("posts in topics: forum.example: failed (status 500)",)


@pytest.mark.parametrize("body", ["null", "[]", "<html>", '{"user_actions": [1, {"topic_id": "x"}]}'])
def test_a_page_that_makes_no_sense_is_a_gap_and_not_an_end(forum, serve, gaps, body):
    serve(f"{FORUM}/user_actions.json?filter=4,5", text=body)
    assert list(forum.activities("ada", SINCE, UNTIL)) == []
    assert "forum.example" in gaps.lines()[0]


def test_likes_given_are_own_acts(forum, serve):
    serve(f"{FORUM}/t/1.json", topic(post(1, "ada")))
    serve(f"{FORUM}/user_actions.json?filter=1", {"user_actions": [deed(post_id=77)]})
    serve(f"{FORUM}/user_actions.json?filter=1&offset=1", {"user_actions": []})
    like = list(forum.activities("ada", SINCE, UNTIL))[-1]
    assert (like.type, like.actor, like.object, like.target_actor) == ("like", "ada", key(77), "bob")


def test_likes_of_a_post_are_facts_with_a_name(said, forum, serve):
    serve(
        f"{FORUM}/post_action_users.json?id=102&post_action_type_id=2",
        {"post_action_users": [{"id": 5, "username": "Cy"}]},
    )
    answered = said(post(1, "bob"), post(2, "ada", actions_summary=[{"id": 2, "count": 1}]))[1]
    (like,) = forum.recognition([answered])
    assert (like.type, like.actor, like.object, like.target_actor) == ("like", "cy", key(102), "ada")


def test_vouches_are_the_answers_a_person_accepted(forum, serve):
    serve(f"{FORUM}/user_actions.json?filter=4", {"user_actions": [deed()]})
    serve(f"{FORUM}/t/1.json", topic(post(1, "bob"), post(2, "ada", accepted_answer=True)))
    assert [(r.type, r.target_actor) for r in forum.vouches_of("bob")] == [("accept", "ada")]


def test_there_are_no_lists_to_make_a_root_of(forum):
    with pytest.raises(UnknownAccountError, match="no lists"):
        forum.list_members("staff")


def test_discourse_can_not_see_times(said):
    answered, accept = said(post(1, "bob"), post(2, "ada", accepted_answer=True))[1:]
    assert accept.published == answered.published


def test_discourse_can_not_see_long_topics(said, serve, gaps):
    serve(f"{FORUM}/t/1/posts.json", {"post_stream": {"posts": []}})
    stream = {"posts": [post(1, "bob")], "stream": [101, *range(1000, 1300)]}
    said(post(1, "bob"), post_stream=stream)
    assert "long topics: forum.example: only the first 200 posts are read" in gaps.lines()


def test_discourse_can_not_see_closed_categories(forum, serve, gaps):
    serve(f"{FORUM}/t/1.json", {"error_type": "invalid_access"}, status=403)
    assert list(forum.activities("ada", SINCE, UNTIL)) == []
    assert "forum.example" in gaps.lines()[0]


def test_a_post_of_a_deleted_account_is_left_out_and_the_topic_stays(said, gaps):
    deleted = post(3, "x", user_deleted=True, user_id=None) | {"username": None, "name": None}
    made = said(post(1, "ada"), post(2, "bo", accepted_answer=True), deleted)
    assert [r.type for r in made] == ["question", "reply", "accept"]
    assert gaps.lines() == ()


@pytest.mark.parametrize("name", ["tags", "accepted_answer", "accepted_answers", "title"])
def test_a_null_that_is_not_needed_reads_as_absent(said, gaps, name):
    assert [r.type for r in said(post(1, "ada"), post(2, "bo"), **{name: None})] == ["question", "reply"]
    assert gaps.lines() == ()


def test_one_post_that_makes_no_sense_loses_no_other(said, serve, gaps):
    odd = post(2, "bo") | {"created_at": "yesterday"}
    serve(f"{FORUM}/t/1/posts.json", {"post_stream": {"posts": [odd]}})
    assert [r.type for r in said(post(1, "ada"), odd, post(3, "cy"))] == ["question", "reply"]
    assert gaps.lines() == (
        "topics: forum.example: unexpected 'posts', left out",
        "posts in topics: forum.example: unexpected response format",
    )


@pytest.mark.parametrize(
    "cooked",
    [
        '<pre><code>@bo <a class="mention" href="/u/bo">@bo</a></code></pre>',
        '<blockquote><p><a class="mention" href="/u/bo">@bo</a></p></blockquote>',
        '<p><a class="mention-group" href="/groups/bo">@bo</a></p>',
        '<!-- <a class="mention" href="/u/bo">@bo</a> -->',
    ],
)
def test_code_and_quotes_name_nobody(said, cooked):
    assert [r.type for r in said(post(1, "ada", cooked))] == ["question"]


@pytest.mark.parametrize("link", ['<a href="/u/Bo" class="mention">', "<a class='mention live' href='/forum/u/bo'>"])
def test_somebody_is_named_however_the_link_is_written(said, link):
    assert said(post(1, "ada", f"<p>ask {link}@Bo</a></p>"))[-1].target_actor == "bo"


def test_posts_that_are_not_shown_are_a_gap(said, gaps):
    said(post(1, "ada"), posts_count=4)
    assert gaps.lines() == ("posts in topics: forum.example: 1 of 4 are shown",)


def test_a_page_of_odd_deeds_is_not_the_last(forum, serve):
    serve(f"{FORUM}/user_actions.json?filter=4,5", {"user_actions": [{"topic_id": "x"}]})
    serve(f"{FORUM}/user_actions.json?filter=4,5&offset=1", {"user_actions": [deed()]})
    serve(f"{FORUM}/user_actions.json?filter=4,5&offset=2", {"user_actions": []})
    serve(f"{FORUM}/t/1.json", topic(post(1, "ada")))
    assert [r.type for r in forum.activities("ada", SINCE, UNTIL)] == ["question"]


@pytest.mark.parametrize(("number", "kind"), [(-1, "bot"), (7, "unknown")])
def test_accounts_of_the_software_itself_are_bots(forum, serve, number, kind):
    serve(f"{FORUM}/u/ada.json", {"user": {"username": "Ada", "id": number}})
    assert forum.profile("ada").account.kind == kind
