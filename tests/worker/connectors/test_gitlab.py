"""GitLab: which threads are read, what is said in them, and what a token must not open."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.worker.connectors.made_up.gitlab import API, CHANGE, SITE, discussion, event, note, top, user
from worker.connectors.connector import UnknownAccountError
from worker.connectors.gitlab import GitLab

SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
ISSUE, MERGE = f"{SITE}/issues/7", f"{SITE}/merge_requests/8"


@pytest.fixture
def gitlab(client, serve) -> GitLab:
    serve(f"{API}/users?username=ada", [user("ada")])
    serve(f"{API}/users/103", user("ada"))
    return GitLab(client, "gitlab")


@pytest.fixture
def thread(gitlab, serve):
    """Serve a thread that the account had a part in, and return what is made of it."""

    def read(kind: str, shown: dict[str, Any], *discussions: dict[str, Any], **named: Any) -> list[Any]:
        number, path = shown["iid"], "issues" if kind == "Issue" else "merge_requests"
        serve(f"{API}/users/103/events", [named.pop("event", event(kind, number, "opened"))])
        serve(f"{API}/projects/5/{path}/{number}", shown)
        serve(f"{API}/projects/5/{path}/{number}/discussions", list(discussions), **named)
        return list(gitlab.activities("ada", SINCE, UNTIL))

    return read


def shape(records: list[Any]) -> list[tuple[Any, ...]]:
    return [(each.type, each.actor, each.object, each.target_actor) for each in records if each.type != "mention"]


def test_a_private_profile_is_declined_and_nothing_is_kept(gitlab, serve, store):
    hidden = {**user("ada"), "bio": "", "location": "", "public_email": "", "bot": False, "local_time": None}
    serve(f"{API}/users/103", hidden)
    profile = gitlab.profile("ada")
    assert (profile.status, profile.reason, profile.account.name) == ("declined", "its owner hides the profile", None)
    serve(f"{API}/users/103/events", status=404)
    assert list(gitlab.vouches_of("ada")) == []


def test_a_profile_that_says_since_when_it_is_there_is_not_private(gitlab, serve):
    serve(f"{API}/users/103", {**user("ada"), "bio": "", "location": "", "created_at": "2020-01-01T00:00:00Z"})
    assert gitlab.profile("ada").status == "ok"


def test_a_discussion_answers_the_issue_and_what_follows_in_it_answers_its_first_note(thread):
    records = thread("Issue", top("issues", 7, "bob"), discussion(note(31, "ada", "a"), note(32, "bob", "b")))
    assert shape(records) == [
        ("question", "bob", None, None),
        ("reply", "ada", ISSUE, None),
        ("reply", "bob", f"{ISSUE}#note_31", None),
    ]


def test_the_last_word_of_a_reviewer_counts_and_who_merged_took_the_change_and_the_reviews(thread):
    said = [
        note(1, "ada", "requested changes", system=True),
        note(2, "ada", "approved this merge request", system=True),
        note(3, "bob", "approved this merge request", system=True),
    ]
    records = thread("MergeRequest", top("merge_requests", 8, "bob", **CHANGE), *map(discussion, said))
    review = f"{MERGE}#review-ada"
    assert shape(records)[1:] == [
        ("review", "ada", MERGE, "bob"),
        ("accept", "mo", MERGE, "bob"),
        ("accept", "mo", review, "ada"),
    ]
    assert [each.value for each in records if each.type == "review"] == [1.0]


def test_an_approval_that_was_taken_back_is_none(thread):
    said = [
        note(1, "ada", "approved this merge request", system=True),
        note(2, "ada", "unapproved this merge request", system=True),
    ]
    records = thread("MergeRequest", top("merge_requests", 8, "bob", **CHANGE), *map(discussion, said))
    assert shape(records)[1:] == [("accept", "mo", MERGE, "bob")]


def test_what_happened_in_a_group_and_not_in_a_project_is_passed_over(gitlab, serve, gaps):
    serve(f"{API}/users/103/events", [event("Epic", 3, "opened", project_id=None), event("WorkItem", 7, "opened")])
    serve(f"{API}/projects/5/issues/7", top("issues", 7, "bob", user_notes_count=0))
    assert shape(list(gitlab.activities("ada", SINCE, UNTIL))) == [("question", "bob", None, None)]
    assert gaps.lines() == ()


def test_without_a_token_the_accounts_own_notes_stand_in_its_events_and_the_rest_is_told(thread, gaps):
    own = event("Note", 31, "commented on", note=note(31, "ada", "the small one"))
    records = thread("Issue", top("issues", 7, "bob"), status=401, event=own)
    assert shape(records) == [("question", "bob", None, None), ("reply", "ada", ISSUE, None)]
    assert gaps.lines() == ("what others said in threads: gitlab.com: requires authentication (status 401)",)


@pytest.mark.parametrize("flag", ["internal", "confidential"])
def test_a_note_that_is_not_for_everybody_is_left_out(thread, flag):
    assert shape(thread("Issue", top("issues", 7, "bob"), discussion(note(31, "ada", "x", **{flag: True})))) == [
        ("question", "bob", None, None)
    ]


def test_a_confidential_issue_is_left_out_whoever_would_show_it(thread):
    assert thread("Issue", top("issues", 7, "bob", confidential=True)) == []


@pytest.mark.parametrize("odd", [None, "yes", {}])
def test_where_a_note_does_not_say_clearly_that_it_is_for_everybody_it_is_left_out_and_told(thread, gaps, odd):
    shown = discussion(note(31, "ada", "x", internal=odd), note(32, "ada", "y"))
    replies = [each.id for each in thread("Issue", top("issues", 7, "bob"), shown) if each.type == "reply"]
    assert replies == ([f"{ISSUE}#note_31"] if odd is None else []) + [f"{ISSUE}#note_32"]
    assert bool(gaps.lines()) == (odd is not None)


def test_nobody_is_named_for_a_deleted_account(thread):
    assert (
        thread("Issue", top("issues", 7, "ghost"), discussion(note(1, "ada", "so, @ghost and @all")))[0].actor is None
    )


def test_a_token_is_sent_only_for_what_strangers_are_not_shown(trusted_source, serve, requests_mock):
    serve(f"{API}/users?username=ada", [user("ada")])
    serve(f"{API}/users/103", user("ada"))
    serve(f"{API}/users/103/events", [event("Issue", 7, "opened")])
    serve(f"{API}/projects/5/issues/7", top("issues", 7, "bob"))
    serve(f"{API}/projects/5/issues/7/discussions", [])
    list(GitLab(trusted_source, "gitlab").activities("ada", SINCE, UNTIL))
    with_token = [each.path for each in requests_mock.request_history if "Authorization" in each.headers]
    assert with_token == ["/api/v4/projects/5/issues/7/discussions"]


def test_a_server_of_ones_own_is_asked_under_its_host(client, serve):
    serve("https://git.example/api/v4/users?username=ada", [user("ada")])
    serve("https://git.example/api/v4/users/103", user("ada", bot=True))
    profile = GitLab(client, "gitlab:git.example").profile("https://git.example/Ada")
    assert (profile.account.actor, profile.account.kind) == ("ada", "bot")


@pytest.mark.parametrize("found", [[], [user("adam")], [user("ghost")]])
def test_an_account_that_is_not_there_is_gone(client, serve, found):
    name = "ghost" if found == [user("ghost")] else "ada"
    serve(f"{API}/users?username={name}", found)
    assert GitLab(client, "gitlab").profile(name).status == "gone"


@pytest.mark.parametrize("state", ["blocked", "deactivated", "banned"])
def test_of_a_blocked_account_nothing_is_kept(client, serve, state):
    asked = serve(f"{API}/users?username=ada", [user("ada", state=state)])
    for _ in range(2):
        assert GitLab(client, "gitlab").profile("ada").status == "gone"
    assert asked.call_count == 2


@pytest.mark.parametrize("reference", ["", "a b", "https://other.example/club"])
def test_what_is_no_group_is_no_list(gitlab, reference):
    with pytest.raises(UnknownAccountError):
        gitlab.list_members(reference)
