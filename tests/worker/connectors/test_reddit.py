"""Reddit: what is read with the operator's key, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from candor.store import utc_now
from tests.worker.connectors.made_up.reddit import API, ASKED, BELOW, SAID, about, comment, listing, submission
from worker.connectors.network_client import Access, NetworkClient
from worker.connectors.reddit import Reddit
from worker.outbound import GoneError, UnauthorisedError

SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def reddit(outbound, gaps, serve, requests_mock) -> Reddit:
    requests_mock.post("https://www.reddit.com/api/v1/access_token", json={"access_token": "t"})
    serve(f"{API}/user/ada/about", about("Ada"))
    serve(f"{API}/api/info", listing(ASKED))
    return Reddit(NetworkClient(outbound, gaps, Access(tokens={"oauth.reddit.com": "client:secret"})), "reddit")


@pytest.fixture
def acts(reddit, serve):
    def read(*things: dict[str, Any]) -> list[Any]:
        serve(f"{API}/user/ada/overview", listing(*things))
        return list(reddit.activities("ada", SINCE, UNTIL))

    return read


def test_the_key_opens_a_token_that_is_asked_for_once_and_kept_nowhere(reddit, acts, requests_mock):
    acts(SAID)
    first, *others = requests_mock.request_history
    assert (first.method, first.text, first.headers["Authorization"][:6]) == (
        "POST",
        "grant_type=client_credentials",
        "Basic ",
    )
    assert {each.headers["Authorization"] for each in others} == {"Bearer t"}
    Reddit(reddit.client, "reddit").profile("ada")
    assert [each.method for each in requests_mock.request_history].count("POST") == 2, "the token was kept"


@pytest.mark.parametrize(("later_s", "tokens"), [(3_000, 1), (3_100, 2), (7_200, 2)])
def test_another_token_is_asked_for_before_one_ends(reddit, acts, requests_mock, monkeypatch, later_s, tokens):
    requests_mock.post("https://www.reddit.com/api/v1/access_token", json={"access_token": "t", "expires_in": 3_660})
    acts(SAID)
    later = utc_now() + timedelta(seconds=later_s)
    monkeypatch.setattr("worker.connectors.reddit.utc_now", lambda: later)
    acts(SAID)
    assert [each.method for each in requests_mock.request_history].count("POST") == tokens


def test_a_door_that_is_not_there_says_of_nobody_that_they_are_gone(reddit, requests_mock):
    requests_mock.post("https://www.reddit.com/api/v1/access_token", json={"message": "Not Found"}, status_code=404)
    with pytest.raises(GoneError):
        reddit.profile("ada")


def test_without_a_key_nothing_is_asked(client, requests_mock):
    with pytest.raises(UnauthorisedError, match="key"):
        Reddit(client, "reddit").profile("ada")
    assert requests_mock.call_count == 0


@pytest.mark.parametrize(("title", "kind"), [("Which bus?", "question"), ("Our cubesat", "note"), (None, "note")])
def test_a_submission_asks_where_its_title_does(acts, title, kind):
    (made,) = acts(submission("b", "Ada", title))
    assert (made.type, made.id, made.actor, made.tags) == (kind, "t3_b", "ada", ("space", "CubeSat"))


@pytest.mark.parametrize(
    ("original", "made"),
    [
        ({"author": "Bob", "subreddit_type": "public"}, ("quote", "t3_o", "bob")),
        ({"author": "[deleted]", "subreddit_type": "public"}, ("quote", "t3_o", None)),
        ({"author": "Bob", "subreddit_type": "private"}, ("note", None, None)),
        ({"author": "Bob"}, ("note", None, None)),
    ],
)
def test_a_crosspost_quotes_what_anybody_may_read(acts, original, made):
    of = {"crosspost_parent": "t3_o", "crosspost_parent_list": [original]}
    (found,) = acts(submission("b", "Ada", "See this", **of))
    assert (found.type, found.object, found.target_actor) == made


@pytest.mark.parametrize("kind", ["private", "employees_only", None, 7, ""])
def test_what_is_not_clearly_for_everybody_is_left_out(acts, kind):
    assert acts(submission("b", "Ada", "x", subreddit_type=kind)) == []


@pytest.mark.parametrize(
    "text",
    [
        "[deleted]",
        "[removed]",
        "[ Removed by Reddit ]",
        "[ Removed by reddit in response to a copyright notice. ]",
    ],
)
def test_what_no_longer_stands_is_left_out(acts, text):
    assert acts(submission("b", "Ada", "x", selftext=text), comment("c", "Ada", "t3_a", body=text)) == []


@pytest.mark.parametrize(
    "flag", [{"removed_by_category": "moderator"}, {"is_robot_indexable": False}, {"is_robot_indexable": "no"}]
)
def test_a_link_that_was_removed_or_is_not_for_programs_is_left_out(acts, flag):
    """Of a link that was taken down the title stays, and its text was empty before."""
    shown = submission("a", "Ada", "[deleted by user]", url="https://a.example", **flag)
    kept = submission("b", "Ada", "x", removed_by_category=None, is_robot_indexable=True)
    assert [each.id for each in acts(shown, kept)] == ["t3_b"]


def test_a_thread_that_goes_on_further_down_is_told(reddit, acts, serve, gaps):
    more = {"kind": "more", "data": {"count": 0, "name": "t1__", "id": "_", "parent_id": "t1_d", "children": []}}
    serve(f"{API}/comments/a", [listing(ASKED), listing(SAID, BELOW, more)])
    list(reddit.recognition(each for each in acts(SAID) if each.actor == "ada"))
    assert gaps.lines() == ("comments that are folded away: oauth.reddit.com: the thread goes on further down",)


@pytest.mark.parametrize("odd", [{"score": None}, {"permalink": 7}, {"link_flair_text": []}, {"replies": None}])
def test_an_odd_value_loses_no_post(acts, odd):
    assert [each.id for each in acts(submission("b", "Ada", "x", **odd))] == ["t3_b"]


def test_a_comment_without_its_words_does_not_become_a_submission_and_is_told(acts, gaps):
    assert acts({**SAID, "data": {**SAID["data"], "body": None}}) == []
    assert gaps.lines() == ("posts of the account: oauth.reddit.com: unexpected response format",)


def test_a_comment_that_says_nothing_of_what_it_answers_is_kept(acts):
    made = acts({**SAID, "data": {**SAID["data"], "parent_id": ""}})
    assert [(each.type, each.object) for each in made if each.id == "t1_c"] == [("reply", None)]


def test_nobody_is_named_for_a_deleted_account(acts):
    assert [each.actor for each in acts(submission("b", "[deleted]", "x"))] == [None]


def test_what_a_thread_folds_away_is_told(reddit, acts, serve, gaps):
    more = {"kind": "more", "data": {"count": 40, "children": ["x"]}}
    serve(f"{API}/comments/a", [listing(ASKED), listing(SAID, BELOW, more)])
    made = list(reddit.recognition(each for each in acts(SAID) if each.actor == "ada"))
    assert [(each.type, each.value, each.object) for each in made if each.type != "mention"] == [
        ("vote", 4.0, "t1_c"),
        ("reply", None, "t1_c"),
    ]
    assert gaps.lines() == ("comments that are folded away: oauth.reddit.com: 0 of 40 are shown",)


@pytest.mark.parametrize(
    ("more", "status"), [({"is_suspended": True}, "gone"), ({"hide_from_robots": True}, "declined")]
)
def test_who_is_not_to_be_read_is_not(reddit, serve, more, status):
    serve(f"{API}/user/ada/about", about("Ada", **more))
    assert (reddit.profile("ada").status, reddit.profile("ada").account.name) == (status, None)


def test_an_account_that_is_not_there_is_gone(reddit, serve):
    serve(f"{API}/user/ada/about", {"message": "Not Found"}, status=404)
    assert reddit.profile("ada").status == "gone"
