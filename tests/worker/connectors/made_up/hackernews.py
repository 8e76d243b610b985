"""Hacker News and the search over it."""

from __future__ import annotations

from typing import Any

from tests.worker.connectors.made_up import MadeUp

SEARCH = "https://hn.algolia.com/api/v1/search_by_date"


def hit(number: int, by: str, story: int, under: int | None = None, **more: Any) -> dict[str, Any]:
    kind = "comment" if under else "story"
    return {
        "objectID": str(number),
        "author": by,
        "story_id": story,
        "parent_id": under,
        "points": None,
        "_tags": [kind, f"author_{by}", f"story_{story}"],
        "created_at_i": 1_790_856_000 + number,
        "title": None if under else "Cubesats",
        "comment_text": "Mine spins" if under else None,
        "story_text": None,
        "created_at": "2026-10-01T12:00:00Z",
        "_highlightResult": {},
        **more,
    }


def hits(*found: dict[str, Any]) -> dict[str, Any]:
    return {"hits": list(found), "nbHits": len(found), "page": 0, "nbPages": 1, "hitsPerPage": 1000}


ASKED = hit(1, "bob", 1, title="Ask HN: spin?", _tags=["story", "ask_hn", "author_bob", "story_1"])
MADE_UP = MadeUp(
    network="hackernews",
    account="ada",
    may_be_missing=frozenset({"hits.#.parent_id"}),
    answers={
        "https://hacker-news.firebaseio.com/v0/user/ada.json": {
            "id": "ada",
            "about": "Orbits &amp; more",
            "karma": 12,
            "created": 1_500_000_000,
            "submitted": [9, 8],
        },
        f"{SEARCH}?tags=author_ada,(story,comment,poll)": hits(hit(9, "ada", 1, 5), hit(8, "ada", 8)),
        f"{SEARCH}?tags=(story,poll),(story_1)": hits(ASKED),
        f"{SEARCH}?tags=comment,story_1": hits(hit(9, "ada", 1, 5), hit(5, "cy", 1, 1), hit(10, "bob", 1, 9)),
        f"{SEARCH}?tags=comment,story_8": hits(hit(11, "cy", 8, 8)),
    },
    makes={
        "profile": "account",
        "activities": "question reply note",
        "recognition": "reply reply reply",
        "vouches_of": "",
    },
)
