"""Reddit: a submission and a comment of an account, and what stands around them."""

from __future__ import annotations

from typing import Any

from tests.worker.connectors.made_up import MadeUp

API = "https://oauth.reddit.com"
AT = 1_790_000_000.0


def comment(key: str, by: str, parent: str, **more: Any) -> dict[str, Any]:
    shown = {
        "id": key,
        "name": f"t1_{key}",
        "author": by,
        "body": f"comment {key}",
        "parent_id": parent,
        "link_id": "t3_a",
    }
    of = {"subreddit": "space", "subreddit_type": "public", "permalink": f"/r/space/comments/a/_/{key}/"}
    return {"kind": "t1", "data": {**shown, **of, "created_utc": AT, "score": 1, "replies": "", **more}}


def submission(key: str, by: str, title: str, **more: Any) -> dict[str, Any]:
    shown = {"id": key, "name": f"t3_{key}", "author": by, "title": title, "selftext": "", "link_flair_text": "CubeSat"}
    of = {"subreddit": "space", "subreddit_type": "public", "permalink": f"/r/space/comments/{key}/"}
    return {"kind": "t3", "data": {**shown, **of, "created_utc": AT, "score": 1, "num_comments": 0, **more}}


def listing(*things: dict[str, Any], after: str | None = None) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"after": after, "before": None, "children": list(things), "dist": len(things)}}


def about(name: str, **more: Any) -> dict[str, Any]:
    return {"kind": "t2", "data": {"name": name, "id": "x", "created_utc": AT, "hide_from_robots": False, **more}}


ASKED = submission("a", "Bob", "Which bus?", num_comments=2)
SAID = comment("c", "Ada", "t3_a", score=5, body="the small one, u/Cy")
BELOW = comment("d", "Bob", "t1_c", body="thanks")
MADE_UP = MadeUp(
    network="reddit",
    account="u/Ada",
    may_be_missing=frozenset({"data.replies"}),
    answers={
        "POST https://www.reddit.com/api/v1/access_token": {
            "access_token": "t",
            "token_type": "bearer",
            "expires_in": 86400,
        },
        f"{API}/user/ada/about": about("Ada"),
        f"{API}/user/ada/overview": (listing(SAID, after="t1_c"), listing(submission("b", "Ada", "Our cubesat flies"))),
        f"{API}/api/info": listing(ASKED),
        f"{API}/comments/a": [listing(ASKED), listing({**SAID, "data": {**SAID["data"], "replies": listing(BELOW)}})],
    },
    makes={
        "profile": "account",
        "activities": "question reply mention note",
        "recognition": "vote reply",
        "vouches_of": "",
    },
)
