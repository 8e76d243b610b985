"""A forum that runs Discourse."""

from __future__ import annotations

from typing import Any

from tests.worker.connectors.made_up import MadeUp

FORUM = "https://forum.example"
AT = "2026-10-01T12:00:00.000Z"


def post(number: int, by: str, key: int, **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        "username": by,
        "name": by,
        "post_number": number,
        "post_type": 1,
        "topic_id": 1,
        "created_at": AT,
        "cooked": "<p>It spins</p>",
        "reply_to_post_number": None,
        "actions_summary": [],
        "hidden": False,
        "user_deleted": False,
        "deleted_at": None,
        "accepted_answer": False,
        **more,
    }


def deed(kind: int, by: str, topic: int, key: int) -> dict[str, Any]:
    return {"action_type": kind, "username": by, "topic_id": topic, "post_id": key, "created_at": AT, "title": "Spin"}


TOPIC = {
    "id": 1,
    "title": "Spin",
    "archetype": "regular",
    "posts_count": 3,
    "created_at": AT,
    "tags": ["attitude", {"id": 3, "name": "cubesats", "slug": "cubesats"}],
    "accepted_answer": {"post_number": 2, "username": "bob", "accepter_username": "ada"},
    "post_stream": {
        "posts": [
            post(1, "Ada", 11, actions_summary=[{"id": 2, "count": 1}]),
            post(2, "bob", 12, accepted_answer=True, cooked='<p><a class="mention" href="/u/cy">@cy</a> knows</p>'),
        ],
        "stream": [11, 12, 13],
    },
}
MADE_UP = MadeUp(
    network="discourse:forum.example",
    account="ada",
    may_be_missing=frozenset({"user_actions.#.post_id", "posts.#.username", "actions_summary.#.count"}),
    answers={
        f"{FORUM}/u/ada.json": {
            "user": {"id": 1, "username": "Ada", "name": "Ada", "bio_cooked": "<p>Orbits</p>", "profile_hidden": False}
        },
        f"{FORUM}/user_actions.json?filter=4,5": (
            {"user_actions": [deed(4, "ada", 1, 11), deed(5, "ada", 1, 13)]},
            {"user_actions": []},
        ),
        f"{FORUM}/user_actions.json?filter=1": ({"user_actions": [deed(1, "bob", 2, 21)]}, {"user_actions": []}),
        f"{FORUM}/user_actions.json?filter=4": {"user_actions": [deed(4, "ada", 1, 11)]},
        f"{FORUM}/t/1.json": TOPIC,
        f"{FORUM}/t/1/posts.json": {"post_stream": {"posts": [post(3, "Ada", 13, reply_to_post_number=2)]}, "id": 1},
        f"{FORUM}/post_action_users.json": {"post_action_users": [{"id": 2, "username": "Bob"}]},
    },
    makes={
        "profile": "account",
        "activities": "question reply mention accept reply like",
        "recognition": "like",
        "vouches_of": "accept",
    },
)
