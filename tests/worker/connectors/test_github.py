"""GitHub: which threads are found, what is read in them, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from worker.connectors import github_posts
from worker.connectors.connector import UnknownAccountError
from worker.connectors.github import GitHub
from worker.outbound import UnauthorisedError

API = "https://api.github.com"
REPO = "lab/orbits"
PAGE = f"https://github.com/{REPO}"
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)


def user(login: str, **more: Any) -> dict[str, Any]:
    return {"login": login, "type": "User", **more}


def issue(number: int = 1, by: str = "bob", *, change: bool = False, **more: Any) -> dict[str, Any]:
    return {
        "html_url": f"{PAGE}/{'pull' if change else 'issues'}/{number}",
        "number": number,
        "title": "Orbit decays",
        "body": "why?",
        "user": user(by),
        "labels": [{"name": "drag"}],
        "comments": 0,
        "created_at": "2026-10-01T00:00:00Z",
        "updated_at": "2026-10-02T00:00:00Z",
        **more,
    }


def change(number: int = 2, by: str = "bob", **more: Any) -> dict[str, Any]:
    return issue(number, by, change=True, review_comments=0, merged_at=None, merged_by=None, **more)


def comment(key: int, by: str, body: str = "because", page: str = f"{PAGE}/issues/1", **more: Any) -> dict[str, Any]:
    at = f"2026-10-01T01:{key:02}:00Z"
    return {
        "id": key,
        "html_url": f"{page}#issuecomment-{key}",
        "user": user(by),
        "body": body,
        "created_at": at,
        **more,
    }


def review(key: int, by: str, state: str, at: str = "2026-10-03T00:00:00Z") -> dict[str, Any]:
    page = f"{PAGE}/pull/2#pullrequestreview-{key}"
    return {"id": key, "html_url": page, "user": user(by), "state": state, "body": "", "submitted_at": at}


def on_issue(key: int) -> str:
    return f"{PAGE}/issues/1#issuecomment-{key}"


@pytest.fixture
def quiet(serve) -> None:
    """Ada has done nothing."""
    serve(f"{API}/users/ada", user("Ada", name="Ada L.", bio="orbits", followers=7, html_url="https://github.com/Ada"))
    serve(f"{API}/users/ada/events/public", [])
    serve(f"{API}/search/issues", {"total_count": 0, "items": []})


@pytest.fixture
def github(client, quiet) -> GitHub:
    return GitHub(client, "github")


@pytest.fixture
def found(github, serve):
    """Let search find these threads, and return what the connector makes of them."""

    def read(*issues: dict[str, Any]) -> list[Any]:
        for kind, words in (
            ("issues", "is:issue involves:ada"),
            ("pull", "is:pull-request (involves:ada OR reviewed-by:ada)"),
        ):
            shown = [each for each in issues if f"/{kind}/" in each.get("html_url", "")]
            serve(f"{API}/search/issues?q={words} is:public updated:>=2026-01-01", {"items": shown})
        return list(github.activities("Ada", SINCE, UNTIL))

    return read


@pytest.fixture
def merged(found, serve):
    """Serve change 2 as merged by cy, with these reviews, and read it."""

    def read(*reviews: dict[str, Any], **more: Any) -> list[Any]:
        shown = {**change(), "merged_at": "2026-10-04T00:00:00Z", "merged_by": user("cy"), **more}
        serve(f"{API}/repos/{REPO}/pulls/2", shown)
        serve(f"{API}/repos/{REPO}/pulls/2/reviews", list(reviews))
        return found(change())

    return read


def test_an_account_is_described_and_spelled_in_lower_case(github):
    found = github.profile("https://github.com/Ada").account
    assert (found.actor, found.name, found.bio, found.followers, found.kind) == (
        "ada",
        "Ada L.",
        "orbits",
        7,
        "person",
    )


@pytest.mark.parametrize(
    ("word", "kind"), [("User", "person"), ("Organization", "organisation"), ("Bot", "bot"), ("Mannequin", "unknown")]
)
def test_people_bots_and_organisations_are_told_apart(github, serve, word, kind):
    serve(f"{API}/users/lab", user("lab", type=word))
    profile = github.profile("lab")
    assert profile.account.kind == kind
    assert (f"type {word}" in str(profile.kind_reason)) == (kind != "unknown")


def test_a_deleted_account_is_gone(github, serve):
    serve(f"{API}/users/ada", {"message": "Not Found"}, status=404)
    assert github.profile("ada").status == "gone"


@pytest.mark.parametrize("spelling", ["", "-ada", "a/b", "ada lovelace", "a" * 40])
def test_what_is_no_account_is_refused_before_any_request(github, requests_mock, spelling):
    with pytest.raises(UnknownAccountError):
        github.profile(spelling)
    assert requests_mock.call_count == 0


def test_an_issue_is_a_question_and_a_comment_a_reply_to_it(found, serve):
    serve(f"{API}/repos/{REPO}/issues/1/comments", [comment(5, "Ada")])
    question, reply = found(issue(comments=1))
    assert (question.type, question.actor, question.content, question.tags) == (
        "question",
        "bob",
        "Orbit decays\n\nwhy?",
        ("drag",),
    )
    assert (reply.type, reply.actor, reply.object) == ("reply", "ada", question.id)


def test_a_comment_that_names_somebody_answers_that_ones_newest_comment(found, serve):
    said = [comment(5, "Ada"), comment(6, "ada", "more"), comment(7, "bob", "@Ada thanks!")]
    serve(f"{API}/repos/{REPO}/issues/1/comments", said)
    *_, thanks, mention = found(issue(comments=3))
    assert (thanks.actor, thanks.object) == ("bob", on_issue(6))
    assert (mention.type, mention.target_actor, mention.object) == ("mention", "ada", thanks.id)


@pytest.mark.parametrize("odd", [{"html_url": ""}, {"user": {"login": "b.o"}}, {"created_at": "0001-01-01T00:00:00Z"}])
def test_a_comment_that_cannot_be_kept_loses_no_other_and_is_told(found, serve, gaps, odd):
    serve(f"{API}/repos/{REPO}/issues/1/comments", [{**comment(5, "bob"), **odd}, comment(6, "ada")])
    assert [(r.type, r.actor) for r in found(issue(comments=2))] == [("question", "bob"), ("reply", "ada")]
    assert gaps.lines() == ("threads: api.github.com: unexpected response format",)


@pytest.mark.parametrize("text", ["mail ada@example.org", "see /@ada/x", "`@ada`"])
def test_an_address_is_no_mention(found, serve, text):
    serve(f"{API}/repos/{REPO}/issues/1/comments", [comment(5, "bob", text)])
    assert [r.type for r in found(issue(comments=1))] == ["question", "reply"]


def test_comments_are_read_by_link(found, serve):
    first = f"{API}/repos/{REPO}/issues/1/comments?per_page=100"
    serve(first, [comment(5, "ada")], headers={"Link": f'<{API}/repos/{REPO}/issues/1/comments?page=2>; rel="next"'})
    serve(f"{API}/repos/{REPO}/issues/1/comments?page=2", [comment(6, "bob")])
    assert len(found(issue(comments=2))) == 3


def test_a_review_is_help_given_by_the_reviewer(merged):
    reviewed = merged(review(9, "Ada", "APPROVED"))[1]
    assert (reviewed.type, reviewed.actor, reviewed.target_actor, reviewed.value) == ("review", "ada", "bob", 1.0)


def test_merging_takes_the_change_and_the_reviews_that_judged_it(merged):
    records = merged(review(9, "ada", "APPROVED"), review(10, "di", "COMMENTED"))
    taken = [(r.actor, r.object, r.target_actor) for r in records if r.type == "accept"]
    assert taken == [
        ("cy", f"{PAGE}/pull/2", "bob"),
        ("cy", f"{PAGE}/pull/2#pullrequestreview-9", "ada"),
    ]


def test_a_review_after_the_merge_is_not_taken(merged):
    late = review(9, "ada", "APPROVED", at="2026-10-05T00:00:00Z")
    assert [r.object for r in merged(late) if r.type == "accept"] == [f"{PAGE}/pull/2"]


def test_nobody_takes_his_own_change_or_review(merged):
    records = merged(review(9, "cy", "APPROVED"), merged_by=user("bob"), user=user("bob"))
    assert [(r.actor, r.object) for r in records if r.type == "accept"] == [
        ("bob", f"{PAGE}/pull/2#pullrequestreview-9")
    ]


def test_a_comment_on_a_line_answers_the_one_it_is_under(merged, serve):
    page = f"{PAGE}/pull/2"
    lines = [
        {**comment(5, "ada"), "html_url": f"{page}#discussion_r5"},
        {**comment(6, "bob"), "html_url": f"{page}#discussion_r6", "in_reply_to_id": 5},
    ]
    serve(f"{API}/repos/{REPO}/pulls/2/comments", lines)
    replies = [r for r in merged(review_comments=2) if r.type == "reply"]
    assert [r.object for r in replies] == [page, f"{page}#discussion_r5"]


def test_a_deleted_user_leaves_a_post_without_a_name(found):
    assert found(issue(user=None))[0].actor is None


def test_threads_are_found_by_events_too_and_read_once(found, serve):
    payload = {"action": "created", "issue": issue(comments=1)}
    serve(f"{API}/users/ada/events/public", [{"type": "IssueCommentEvent", "payload": payload}])
    comments = serve(f"{API}/repos/{REPO}/issues/1/comments", [comment(5, "ada")])
    assert len(found(issue(comments=1))) == 2
    assert comments.call_count == 1


def test_an_event_about_a_change_says_only_where_it_is(github, serve):
    url = f"{API}/repos/{REPO}/pulls/2"
    serve(f"{API}/users/ada/events/public", [{"type": "PullRequestEvent", "payload": {"pull_request": {"url": url}}}])
    serve(url, change())
    serve(f"{url}/reviews", [])
    assert [r.type for r in github.activities("ada", SINCE, UNTIL)] == ["note"]


def test_an_event_that_leads_elsewhere_is_not_followed(github, serve, requests_mock):
    elsewhere = {"payload": {"pull_request": {"url": "https://evil.example/repos/a/b/pulls/1"}}}
    serve(f"{API}/users/ada/events/public", [elsewhere])
    assert list(github.activities("ada", SINCE, UNTIL)) == []
    assert {request.hostname for request in requests_mock.request_history} == {"api.github.com"}


def test_a_thread_whose_comments_fail_keeps_its_top_and_a_gap(found, serve, gaps):
    serve(f"{API}/repos/{REPO}/issues/1/comments", {}, status=500)
    assert [r.type for r in found(issue(comments=4))] == ["question"]
    assert gaps.lines() == ("comments in threads: api.github.com: failed (status 500)",)


def test_a_change_deleted_meanwhile_is_a_gap(found, serve, gaps):
    serve(f"{API}/repos/{REPO}/pulls/2", {"message": "Not Found"}, status=404)
    assert found(change()) == []
    assert "changes: api.github.com" in gaps.lines()[0]


@pytest.mark.parametrize("body", ["null", '{"items": 3}', "<html>", '{"items": [1, {"html_url": null}]}'])
def test_a_page_that_makes_no_sense_is_a_gap_and_not_an_end(github, serve, gaps, body):
    serve(f"{API}/search/issues", text=body)
    assert list(github.activities("ada", SINCE, UNTIL)) == []
    assert "api.github.com" in gaps.lines()[0]


@pytest.fixture
def discussed(trusted_source, quiet, requests_mock):
    """Let GraphQL show Ada's answer in a discussion of bob's, and return what is made of it."""

    def read(**top: Any) -> list[Any]:
        said = {"createdAt": "2026-10-01T00:00:00Z", "body": "text"}
        discussion = {"url": f"{PAGE}/discussions/3", "title": "How?", "author": {"login": "bob"}, **said}
        discussion |= {
            "repository": {"isPrivate": False},
            "answerChosenAt": "2026-10-02T00:00:00Z",
            "answerChosenBy": {"login": "Bob"},
            **top,
        }
        answer = {
            "url": f"{PAGE}/discussions/3#c1",
            "author": {"login": "Ada"},
            "isAnswer": True,
            "replyTo": None,
            **said,
        }
        thanks = {"url": f"{PAGE}/discussions/3#c2", "author": {"login": "bob"}, **said}
        node = {**answer, "discussion": discussion, "replies": {"nodes": [thanks, None]}}
        page = {"nodes": [node], "pageInfo": {"hasNextPage": False}}
        empty = {"nodes": [], "pageInfo": {"hasNextPage": False}}
        requests_mock.post(f"{API}/graphql", [{"json": {"data": {"user": {"page": p}}}} for p in (page, empty)])
        return list(GitHub(trusted_source, "github").activities("ada", SINCE, UNTIL))

    return read


def test_the_answer_chosen_in_a_discussion_is_accepted_by_who_chose_it(discussed):
    question, answer, reply, accept = discussed()
    assert (question.type, answer.type, answer.object) == ("question", "answer", question.id)
    assert (reply.object, accept.type, accept.actor, accept.object) == (answer.id, "accept", "bob", answer.id)


def test_a_bot_has_one_name_in_discussions_and_in_threads():
    """REST writes `helper[bot]`, GraphQL `helper` beside what it is; a person may be called helper."""
    said = {"url": f"{PAGE}/discussions/3", "createdAt": "2026-10-01T12:00:00Z", "repository": {"isPrivate": False}}
    found = {}
    for kind in ("Bot", "User"):
        author = {"login": "Helper", "__typename": kind}
        node = msgspec.convert({**said, "author": author}, github_posts.Discussion, strict=False)
        (question,) = next(github_posts.discussion_parts(node))
        found[kind] = (question.actor, node.author.kind[0])
    assert found == {"Bot": ("helper[bot]", "bot"), "User": ("helper", "person")}
    rest = msgspec.convert({"login": "Helper[bot]", "type": "Bot"}, github_posts.User)
    assert (rest.account, rest.kind[0]) == ("helper[bot]", "bot")
    assert all("author{login __typename}" in query for query in (github_posts.ANSWERED, github_posts.UPDATED))


def test_a_discussion_in_a_private_repository_is_never_read(discussed):
    assert discussed(repository={"isPrivate": True}) == []


def test_discussions_are_asked_for_page_by_page(trusted_source, quiet, requests_mock):
    pages = [{"nodes": [], "pageInfo": {"hasNextPage": more, "endCursor": "c1"}} for more in (True, False, False)]
    asked = requests_mock.post(f"{API}/graphql", [{"json": {"data": {"user": {"page": page}}}} for page in pages])
    list(GitHub(trusted_source, "github").activities("ada", SINCE, UNTIL))
    afters = [request.json()["variables"]["after"] for request in asked.request_history]
    assert afters == [None, "c1", None]


def test_discussions_that_go_round_in_a_circle_are_a_gap(trusted_source, quiet, requests_mock, gaps):
    page = {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": "a"}}
    requests_mock.post(f"{API}/graphql", json={"data": {"user": {"page": page}}})
    list(GitHub(trusted_source, "github").activities("ada", SINCE, UNTIL))
    assert gaps.lines() == ("discussions: api.github.com: pagination loop (2 times)",)


def test_a_reply_in_a_discussion_that_cannot_be_kept_loses_no_other(discussed, gaps):
    assert [each.type for each in discussed(url="", answerChosenAt=None)] == ["reply"]
    assert gaps.lines() == ("discussions: api.github.com: unexpected response format (2 times)",)


@pytest.mark.parametrize("page", [{}, {"nodes": None}, {"pageInfo": {"hasNextPage": False}}])
def test_a_page_of_graphql_without_a_list_is_a_gap(trusted_source, quiet, requests_mock, gaps, page):
    requests_mock.post(f"{API}/graphql", json={"data": {"user": {"page": page}}})
    assert list(GitHub(trusted_source, "github").activities("ada", SINCE, UNTIL)) == []
    assert "discussions: api.github.com: unexpected response format (2 times)" in gaps.lines()


def test_an_error_in_a_200_of_graphql_is_a_gap(trusted_source, quiet, requests_mock, gaps):
    requests_mock.post(f"{API}/graphql", json={"data": None, "errors": [{"message": "…"}]})
    assert list(GitHub(trusted_source, "github").activities("ada", SINCE, UNTIL)) == []
    assert "discussions: api.github.com" in gaps.lines()[0]


def test_a_token_is_sent_where_there_is_one(trusted_source, serve):
    asked = serve(f"{API}/users/ada", user("ada"))
    GitHub(trusted_source, "github").profile("ada")
    assert asked.last_request.headers["Authorization"] == "Bearer github-token"


def test_reactions_are_likes_with_a_name(found, github, serve):
    serve(
        f"{API}/repos/{REPO}/issues/comments/5/reactions",
        [{"id": 1, "content": "+1", "user": user("Bob"), "created_at": "2026-10-02T00:00:00Z"}],
    )
    serve(f"{API}/repos/{REPO}/issues/1/comments", [comment(5, "ada")])
    reply = found(issue(comments=1))[1]
    (like,) = github.recognition([reply])
    assert (like.type, like.actor, like.object, like.value) == ("like", "bob", reply.id, 1.0)


def test_vouches_are_the_changes_a_person_took(github, serve):
    url = f"{API}/repos/{REPO}/pulls/2"
    serve(f"{API}/users/cy/events/public", [{"payload": {"pull_request": {"url": url}}}])
    serve(url, {**change(), "merged_at": "2026-10-04T00:00:00Z", "merged_by": user("Cy")})
    serve(f"{url}/reviews", [review(9, "ada", "APPROVED")])
    assert [(r.type, r.target_actor) for r in github.vouches_of("cy")] == [("accept", "bob"), ("accept", "ada")]


def test_an_organisation_becomes_a_trust_root(github, serve):
    serve(f"{API}/orgs/lab/public_members", [user("Bob"), user("cy")])
    assert list(github.list_members("https://github.com/lab")) == ["bob", "cy"]


def test_a_team_becomes_a_trust_root_for_who_may_see_it(github, serve):
    serve(f"{API}/orgs/lab/teams/core/members", {"message": "Must be authenticated"}, status=403)
    with pytest.raises(UnauthorisedError, match=r"api\.github\.com"):
        list(github.list_members("lab/core"))


def test_what_is_no_organisation_is_refused(github):
    with pytest.raises(UnknownAccountError):
        github.list_members("my friends")


def test_github_can_not_see_discussions(github, requests_mock):
    list(github.activities("ada", SINCE, UNTIL))
    asked = {request.path for request in requests_mock.request_history}
    assert "/search/issues" in asked
    assert "/graphql" not in asked


def test_github_can_not_see_beyond_a_thousand(github, serve, gaps):
    serve(f"{API}/search/issues", {"message": "Only the first 1000 search results are available"}, status=422)
    assert list(github.activities("ada", SINCE, UNTIL)) == []
    assert "threads of the account: api.github.com" in gaps.lines()[0]


def test_github_can_not_see_plain_commits(github, serve):
    serve(f"{API}/users/ada/events/public", [{"type": "PushEvent", "payload": {"ref": "refs/heads/main", "size": 3}}])
    assert list(github.activities("ada", SINCE, UNTIL)) == []


def test_github_can_not_see_reactions_given(found, serve):
    assert [r.type for r in found(issue())] == ["question"]


def test_github_can_not_see_addressees(found, serve):
    serve(f"{API}/repos/{REPO}/issues/1/comments", [comment(5, "ada"), comment(6, "bob", "thank you!")])
    assert found(issue(comments=2))[2].object == f"{PAGE}/issues/1"


def test_search_is_asked_for_issues_and_for_changes(github, requests_mock):
    list(github.activities("ada", SINCE, UNTIL))
    asked = [request.qs["q"][0] for request in requests_mock.request_history if request.path == "/search/issues"]
    assert asked == [
        "is:issue involves:ada is:public updated:>=2026-01-01",
        "is:pull-request (involves:ada or reviewed-by:ada) is:public updated:>=2026-01-01",
    ]


def test_deleted_people_are_not_one_person(found, serve):
    serve(f"{API}/repos/{REPO}/issues/1/comments", [comment(1, "ghost"), comment(2, "ada", "@ghost yes")])
    made = found(issue(1, "ghost", comments=2))
    assert [(r.type, r.actor) for r in made] == [("question", None), ("reply", None), ("reply", "ada")]


def test_nobody_can_be_asked_for_all_deleted_people(github, serve):
    serve(f"{API}/users/ghost", user("ghost", id=10137))
    assert github.profile("ghost").status == "gone"


def test_nothing_is_asked_about_a_post_without_reactions(github, found, serve, requests_mock):
    serve(f"{API}/repos/{REPO}/issues/1/comments", [comment(1, "ada", reactions={"total_count": 2})])
    serve(f"{API}/repos/{REPO}/issues/comments/1/reactions", [])
    posts = found(issue(1, "ada", comments=1, reactions={"total_count": 0}))
    list(github.recognition(posts))
    asked = [request.path for request in requests_mock.request_history if request.path.endswith("/reactions")]
    assert asked == [f"/repos/{REPO}/issues/comments/1/reactions"]


def test_fewer_reactions_than_are_counted_are_a_gap(github, found, serve, gaps):
    serve(f"{API}/repos/{REPO}/issues/1/reactions", [])
    list(github.recognition(found(issue(1, "ada", reactions={"total_count": 2}))))
    assert gaps.lines() == ("reactions: api.github.com: 0 of 2 are shown",)


@pytest.mark.parametrize(
    "body",
    ["> @bo said so\n\nno", "```\n@bo\n```", "~~~py\n@bo\n~~~", "see `@bo`", "text\n\n    @bo\n", "<!-- @bo -->x"],
)
def test_code_and_quotes_name_nobody(found, body):
    assert [r.type for r in found(issue(1, "ada", body=body))] == ["question"]


def test_a_name_beside_code_and_quotes_is_one(found):
    assert found(issue(1, "ada", body="> cc @cy\n\n@bo, see `x`"))[-1].target_actor == "bo"


@pytest.mark.parametrize(
    "odd",
    [
        *({"labels": ["drag", {"name": "x"}]}, {"labels": None}, {"user": None}, {"body": None}),
        *({"updated_at": None}, {"updated_at": False}),
    ],
)
def test_a_null_that_is_not_needed_reads_as_absent(found, gaps, odd):
    assert [r.type for r in found(issue(1, "ada") | odd)] == ["question"]
    assert gaps.lines() == ()


def test_a_search_that_ends_early_is_a_gap(github, serve, gaps):
    answer = {"total_count": 1200, "incomplete_results": True, "items": [issue(1, "ada")]}
    serve(f"{API}/search/issues", answer)
    assert len(list(github.activities("ada", SINCE, UNTIL))) == 1
    assert gaps.lines()[0] == "threads of the account: api.github.com: search ended before it had found all (2 times)"
    assert gaps.lines()[1] == "threads of the account: api.github.com: 2 of 2400 are shown (2 times)"


def test_a_search_that_counts_and_shows_nothing_is_a_gap(github, serve, gaps):
    serve(f"{API}/users/ada/events/public", [])
    serve(f"{API}/search/issues", {"total_count": 3, "items": None})
    assert list(github.activities("ada", SINCE, UNTIL)) == []
    assert gaps.lines() == ("threads of the account: api.github.com: 0 of 6 are shown (2 times)",)


def test_an_event_without_an_issue_is_none(github, serve, gaps):
    serve(f"{API}/users/ada/events/public", [{"payload": {"issue": None}}, {"payload": {"pull_request": None}}])
    assert list(github.activities("ada", SINCE, UNTIL)) == []
    assert gaps.lines() == ()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"data": None, "errors": [{"type": "RATE_LIMITED", "message": "wait"}]}, "RATE_LIMITED"),
        ({"data": {"user": None}}, "unexpected response format"),
    ],
)
def test_discussions_that_are_refused_in_a_good_answer_are_a_gap(
    trusted_source, quiet, requests_mock, gaps, answer, why
):
    requests_mock.post(f"{API}/graphql", json=answer)
    assert list(GitHub(trusted_source, "github").activities("ada", SINCE, UNTIL)) == []
    assert gaps.lines() == (f"discussions: api.github.com: {why} (2 times)",)
