"""A Mastodon server."""

from __future__ import annotations

from typing import Any

from tests.worker.connectors.made_up import MadeUp

HOST = "https://example.social"
API = f"{HOST}/api/v1"


def account(name: str, **more: Any) -> dict[str, Any]:
    user = name.partition("@")[0]
    return {
        "id": f"id-{user}",
        "username": user,
        "acct": name,
        "display_name": user.title(),
        "url": f"{HOST}/@{name}",
        "locked": False,
        "bot": False,
        "group": False,
        "discoverable": True,
        "indexable": True,
        "noindex": False,
        "note": "<p>Orbits &amp; more</p>",
        "followers_count": 12,
        "following_count": 3,
        "statuses_count": 40,
        "created_at": "2020-02-02T00:00:00.000Z",
        "emojis": [],
        "fields": [],
        **more,
    }


def status(key: str, by: str = "ada", **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        "uri": f"{HOST}/posts/{key}",
        "url": f"{HOST}/@{by}/{key}",
        "account": account(by),
        "created_at": "2026-10-01T12:00:00.000Z",
        "edited_at": None,
        "language": "en",
        "visibility": "public",
        "content": f"<p>a cubesat, {key}</p>",
        "spoiler_text": "",
        "sensitive": False,
        "reblog": None,
        "quote": None,
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "mentions": [],
        "tags": [],
        "media_attachments": [],
        "replies_count": 0,
        "reblogs_count": 0,
        "quotes_count": 0,
        "favourites_count": 0,
        "poll": None,
        **more,
    }


FIRST, SECOND = f"{API}/accounts/id-ada/statuses?limit=40", f"{API}/accounts/id-ada/statuses?max_id=8"
OF_BOB = status("5", by="bob@far.example")
COLLECTION = {
    "id": "c1",
    "uri": f"{HOST}/collections/c1",
    "url": f"{HOST}/collections/c1",
    "name": "Orbit people",
    "created_at": "2026-02-01T00:00:00Z",
    "description": "<p>who know</p>",
    "tag": {"name": "orbits"},
    "items": [{"id": "i1", "account_id": "id-bob", "state": "accepted", "created_at": "2026-03-01T00:00:00Z"}],
}
MADE_UP = MadeUp(
    network="mastodon",
    account="@ada@example.social",
    list="example.social/lists/7",
    may_be_missing=frozenset({"items.#.account_id"}),
    answers={
        f"{API}/accounts/lookup": account("ada"),
        f"{API}/accounts/id-ada/featured_tags": [{"id": "t1", "name": "cubesats", "statuses_count": "3"}],
        FIRST: [
            status("9", replies_count=1, reblogs_count=1, quotes_count=1, tags=[{"name": "cubesat"}]),
            status("8", in_reply_to_id="7", in_reply_to_account_id="id-bob", mentions=[account("cy")]),
        ],
        SECOND: [
            status("6", content="", reblog=OF_BOB),
            status("4", quote={"state": "accepted", "quoted_status": OF_BOB}),
        ],
        f"{API}/statuses?id[]=7": [status("7", by="bob@far.example")],
        f"{API}/statuses/9/reblogged_by": [account("bob@far.example")],
        f"{API}/statuses/9/quotes": [status("3", by="cy", quote={"state": "accepted", "quoted_status": status("9")})],
        f"{API}/statuses/9/context": {"ancestors": [], "descendants": [status("2", by="cy", in_reply_to_id="9")]},
        f"{API}/accounts/id-ada/collections": {"collections": [COLLECTION]},
        f"{API}/collections/c1": {"collection": COLLECTION, "accounts": [account("bob")]},
        f"{API}/lists/7/accounts": [account("bob@far.example"), account("cy")],
    },
    following={FIRST: SECOND},
    makes={
        "profile": "account",
        "activities": "note note reply mention reshare quote",
        "recognition": "reshare quote reply",
        "vouches_of": "list",
        "list_members": "@bob@far.example @cy@example.social",
    },
)
