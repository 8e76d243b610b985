"""GitHub, to somebody with a token."""

from __future__ import annotations

from typing import Any

from tests.worker.connectors.made_up import MadeUp

API, PAGE = "https://api.github.com", "https://github.com/orbits/cubesat"
KEPT = f"{API}/repos/orbits/cubesat"


def user(login: str, **more: Any) -> dict[str, Any]:
    return {
        "login": login,
        "id": 7,
        "node_id": "x",
        "url": f"{API}/users/{login}",
        "type": "User",
        "html_url": f"https://github.com/{login}",
        "site_admin": False,
        **more,
    }


def issue(number: int, by: str, kind: str = "issues", **more: Any) -> dict[str, Any]:
    return {
        "url": f"{KEPT}/{kind}/{number}",
        "html_url": f"{PAGE}/{kind}/{number}",
        "id": 1000,
        "number": number,
        "title": "The cubesat spins",
        "body": "It will not stop, @bob.",
        "user": user(by),
        "state": "closed",
        "labels": [{"id": 1, "name": "attitude", "color": "ededed"}],
        "comments": 0,
        "closed_at": None,
        "created_at": "2026-09-01T12:00:00Z",
        "updated_at": "2026-10-01T12:00:00Z",
        "locked": False,
        **more,
    }


def comment(page: str, key: int, by: str, body: str = "Turn it round.", **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        "html_url": f"{PAGE}/{page}{key}",
        "user": user(by),
        "body": body,
        "created_at": "2026-09-02T12:00:00Z",
        "updated_at": "2026-09-02T12:00:00Z",
        **more,
    }


def said(page: str, by: str, **more: Any) -> dict[str, Any]:
    """A discussion, or a comment in one, as GraphQL shows it."""
    at = "2026-09-01T12:00:00Z"
    return {"url": f"{PAGE}/discussions/{page}", "createdAt": at, "body": "How?", "author": {"login": by}, **more}


def nodes(*found: dict[str, Any]) -> dict[str, Any]:
    return {"nodes": list(found), "pageInfo": {"endCursor": None, "hasNextPage": False}}


def event(kind: str, **payload: Any) -> dict[str, Any]:
    return {"id": "1", "type": kind, "actor": {"login": "ada"}, "payload": payload, "public": True}


ANSWERED = said(
    "1",
    "cy",
    title="Spin",
    answerChosenAt="2026-09-03T12:00:00Z",
    answerChosenBy={"login": "cy"},
    repository={"isPrivate": False},
)
ANSWER = said("1#discussioncomment-1", "ada", isAnswer=True, replies={"nodes": [said("1#discussioncomment-2", "cy")]})
STARTED = said(
    "2",
    "ada",
    title="Drift",
    answerChosenAt=None,
    repository={"isPrivate": False},
    comments=nodes(said("2#discussioncomment-3", "bob", isAnswer=False, replies={"nodes": []})),
)
MADE_UP = MadeUp(
    network="github",
    account="ada",
    list="orbits",
    may_be_missing=frozenset({"payload.pull_request", "payload.issue", "nodes.#", "#.user", "#.submitted_at"}),
    answers={
        f"{API}/users/ada": user("Ada", name="Ada", bio="Orbits", followers=12, following=3, public_repos=3),
        f"{API}/users/ada/events/public": [
            event("PullRequestEvent", action="closed", pull_request={"url": f"{KEPT}/pulls/2", "number": 2}),
            event("IssueCommentEvent", action="created", issue=issue(1, "bob", comments=2)),
        ],
        f"{KEPT}/pulls/2": issue(
            number=2,
            by="bob",
            kind="pull",
            comments=1,
            review_comments=1,
            merged=True,
            merged_at="2026-10-01T12:00:00Z",
            merged_by=user("ada"),
            additions=3,
        ),
        f"{KEPT}/pulls/2/reviews": [
            comment("pull/2#pullrequestreview-", 21, "cy", state="APPROVED", submitted_at="2026-09-30T12:00:00Z")
        ],
        f"{KEPT}/pulls/2/comments": [comment("pull/2#discussion_r", 22, "ada", path="spin.c", in_reply_to_id=None)],
        f"{KEPT}/issues/2/comments": [comment("pull/2#issuecomment-", 23, "ada")],
        f"{KEPT}/issues/1/comments": [
            comment("issues/1#issuecomment-", 11, "ada"),
            comment("issues/1#issuecomment-", 12, "bob", "@ada thanks"),
        ],
        f"{API}/search/issues?q=is:issue involves:ada is:public updated:>=2020-01-01": {
            "total_count": 1,
            "incomplete_results": False,
            "items": [issue(3, "ada", score=1.0)],
        },
        f"{API}/search/issues?q=is:pull-request (involves:ada OR reviewed-by:ada) is:public updated:>=2020-01-01": {
            "total_count": 0,
            "incomplete_results": False,
            "items": [],
        },
        f"POST {API}/graphql": (
            {"data": {"user": {"page": nodes({**ANSWER, "discussion": ANSWERED})}}},
            {"data": {"user": {"page": nodes(STARTED)}}},
        ),
        f"{KEPT}/issues/3/reactions": [],
        f"{KEPT}/issues/comments/11/reactions": [
            {"id": 32, "user": user("bob"), "content": "heart", "created_at": "2026-10-01T12:00:00Z"}
        ],
        f"{KEPT}/issues/comments/23/reactions": [],
        f"{KEPT}/pulls/comments/22/reactions": [],
        f"{API}/orgs/orbits/public_members": [user("bob"), user("cy")],
    },
    makes={
        "profile": "account",
        "activities": (
            "note mention reply reply review accept accept question mention reply reply mention "
            "question mention question answer reply accept question answer"
        ),
        "recognition": "like",
        "vouches_of": "accept accept",
        "list_members": "bob cy",
    },
)
