"""X, to somebody with a token."""

from __future__ import annotations

from typing import Any

from tests.worker.connectors.made_up import MadeUp

API = "https://api.x.com/2"


def user(number: str, name: str, **more: Any) -> dict[str, Any]:
    counts = {"followers_count": 12, "following_count": 3, "tweet_count": 40, "listed_count": 1}
    return {
        "id": number,
        "username": name,
        "name": name,
        "description": "Orbits",
        "protected": False,
        "public_metrics": counts,
        "verified_type": "none",
        **more,
    }


def post(number: str, by: str, text: str, *, retweets: int = 0, quotes: int = 0, **more: Any) -> dict[str, Any]:
    counts = {"retweet_count": retweets, "reply_count": 0, "like_count": 0, "quote_count": quotes}
    return {
        "id": number,
        "author_id": by,
        "text": text,
        "edit_history_tweet_ids": [number],
        "created_at": "2026-10-01T12:00:00.000Z",
        "public_metrics": counts,
        **more,
    }


def on(kind: str, number: str) -> list[dict[str, str]]:
    return [{"type": kind, "id": number}]


def page(*data: dict[str, Any], posts: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {"data": list(data), "includes": {"users": [ADA, BOB], "tweets": list(posts)}, "meta": {"result_count": 1}}


ADA, BOB, CY = user("1", "Ada"), user("2", "Bob"), user("3", "Cy")
NAMING = {"hashtags": [{"start": 2, "end": 10, "tag": "cubesat"}], "mentions": [{"username": "Bob", "id": "2"}]}
LISTING = {
    "id": "84",
    "name": "Orbit people",
    "description": "who know",
    "owner_id": "2",
    "private": False,
    "created_at": "2026-02-01T00:00:00.000Z",
}
MADE_UP = MadeUp(
    network="x",
    account="ada",
    list="84",
    answers={
        f"{API}/users/by/username/ada": {"data": ADA},
        f"{API}/users/1/tweets": page(
            post("9", "1", "a #cubesat for @bob", retweets=1, quotes=1, entities=NAMING),
            post("8", "1", "it spins", in_reply_to_user_id="2", referenced_tweets=on("replied_to", "7")),
            post("6", "1", "see this", referenced_tweets=on("quoted", "5")),
            post("4", "1", "RT @bob: oh", referenced_tweets=on("retweeted", "3")),
            posts=tuple(post(number, "2", "oh") for number in ("7", "5", "3")),
        ),
        f"{API}/tweets/9/quote_tweets": page(post("2", "2", "so true", referenced_tweets=on("quoted", "9"))),
        f"{API}/tweets/9/retweeted_by": page(BOB),
        f"{API}/users/1/mentions": page(
            post("1", "2", "thanks @ada", entities={"mentions": [{"username": "Ada", "id": "1"}]})
        ),
        f"{API}/users/1/list_memberships": page(LISTING),
        f"{API}/lists/84/members": page(BOB, CY),
    },
    makes={
        "profile": "account",
        "activities": "note note note note mention reply quote reshare",
        "recognition": "quote reshare note mention list",
        "vouches_of": "quote reshare",
        "list_members": "bob cy",
    },
)
