"""A Lemmy server: a question, a comment under it, and one of somebody else."""

from __future__ import annotations

from typing import Any

from tests.worker.connectors.made_up import MadeUp

HOST = "https://lemmy.example"
API = f"{HOST}/api/v3"
AT = "2026-10-01T12:00:00.000000Z"


def person(name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": 1,
        "name": name,
        "display_name": name.title(),
        "banned": False,
        "published": AT,
        "actor_id": f"{HOST}/u/{name}",
        "local": True,
        "deleted": False,
        "bot_account": False,
        "instance_id": 1,
        **more,
    }


def post(number: int, by: str, score: int = 1, comments: int = 0, **more: Any) -> dict[str, Any]:
    shown = {
        "id": number,
        "name": "Which bus?",
        "body": "for a cubesat",
        "ap_id": f"{HOST}/post/{number}",
        "nsfw": False,
    }
    return {
        "post": {**shown, "published": AT, "removed": False, "deleted": False, "local": True, **more},
        "creator": person(by),
        "community": {"id": 1, "name": "space", "title": "Space", "actor_id": f"{HOST}/c/space"},
        "counts": {"post_id": number, "comments": comments, "score": score, "upvotes": score, "downvotes": 0},
    }


def comment(number: int, by: str, path: str, score: int = 1, children: int = 0, **more: Any) -> dict[str, Any]:
    shown = {"id": number, "content": f"comment {number}", "ap_id": f"{HOST}/comment/{number}", "path": path}
    return {
        **post(9, "bob"),
        "comment": {**shown, "published": AT, "removed": False, "deleted": False, "post_id": 9, **more},
        "creator": person(by),
        "counts": {"comment_id": number, "score": score, "upvotes": score, "downvotes": 0, "child_count": children},
    }


def page(*shown: dict[str, Any], **more: Any) -> dict[str, Any]:
    comments = [each for each in shown if "comment" in each]
    posts = [each for each in shown if "comment" not in each]
    view = {"person": person("ada", bio="orbits"), "counts": {"post_count": 1}, "is_admin": False}
    return {"person_view": view, "comments": comments, "posts": posts, "moderates": [], **more}


MADE_UP = MadeUp(
    network="lemmy",
    account="@ada@lemmy.example",
    list="!space@lemmy.example",
    answers={
        f"{API}/user?username=ada&page=1": page(
            post(8, "ada", comments=1), comment(22, "ada", "0.21.22", 3, 1, content="the small one, @cyn@b.example")
        ),
        f"{API}/user?username=ada&page=2": page(),
        f"{API}/comment?id=21": {"comment_view": comment(21, "bob", "0.21"), "recipient_ids": []},
        f"{API}/comment/list?post_id=8": {"comments": [{**comment(31, "bob", "0.31"), "post": post(8, "ada")["post"]}]},
        f"{API}/comment/list?parent_id=22": {"comments": [comment(23, "bob", "0.21.22.23", content="thanks")]},
        f"{API}/community?name=space": {"moderators": [{"moderator": person("bob"), "community": {"id": 1}}]},
    },
    makes={
        "profile": "account",
        "activities": "question reply reply mention",
        "recognition": "reply vote reply",
        "vouches_of": "",
        "list_members": "@bob@lemmy.example",
    },
)
