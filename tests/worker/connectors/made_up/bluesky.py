"""The AppView of Bluesky, the directory of DIDs, and an account's own server."""

from __future__ import annotations

from typing import Any

from tests.worker.connectors.made_up import MadeUp

ADA, BOB, CY = (f"did:plc:{letter * 24}" for letter in "abc")
VIEW, SERVER = "https://public.api.bsky.app/xrpc", "https://pds.example"
FACET = "app.bsky.richtext.facet"


def address(did: str, key: str, kind: str = "feed.post") -> str:
    return f"at://{did}/app.bsky.{kind}/{key}"


def reference(did: str, key: str) -> dict[str, str]:
    return {"uri": address(did, key), "cid": f"bafy{key}"}


def author(did: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "did": did,
        "handle": f"{name}.example",
        "displayName": name.title(),
        "labels": [],
        "createdAt": "2024-01-01T00:00:00.000Z",
        "avatar": "https://cdn.example/a.jpg",
        **more,
    }


def post(by: dict[str, Any], key: str, text: str, counts: tuple[int, int, int] = (0, 0, 0), **more: Any) -> Any:
    record = {"$type": "app.bsky.feed.post", "createdAt": "2026-10-01T12:00:00.000Z", "langs": ["en"], "text": text}
    return {
        "uri": address(by["did"], key),
        "cid": f"bafy{key}",
        "author": by,
        "record": {**record, **more},
        **dict(zip(("replyCount", "repostCount", "quoteCount"), counts, strict=True)),
        "likeCount": 0,
        "indexedAt": "2026-10-01T12:00:01.000Z",
        "labels": [],
    }


def kept(kind: str, key: str, of: dict[str, str]) -> dict[str, Any]:
    value = {"$type": f"app.bsky.feed.{kind}", "subject": of, "createdAt": "2026-10-02T12:00:00.000Z"}
    via = {"uri": address(CY, "r1", "feed.repost"), "cid": "bafyr1"}
    return {"uri": address(ADA, key, f"feed.{kind}"), "cid": f"bafy{key}", "value": {**value, "via": via}}


def quoting(did: str, key: str) -> dict[str, Any]:
    return {"$type": "app.bsky.embed.record", "record": reference(did, key)}


def facet(start: int, end: int, **meaning: str) -> dict[str, Any]:
    (kind,) = meaning
    named = {"did": "mention", "tag": "tag"}[kind]
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [{"$type": f"{FACET}#{named}", **meaning}]}


OF_ADA, OF_BOB, OF_CY = author(ADA, "ada"), author(BOB, "bob"), author(CY, "cy")
LIST, BEHIND_PACK = address(ADA, "l1", "graph.list"), address(ADA, "l2", "graph.list")
FACETS = [facet(14, 26, did=BOB), facet(27, 34, tag="orbits")]
NOTE = post(OF_ADA, "9", "a cubesat for @bob.example #orbits", (1, 1, 1), facets=FACETS)
UNDER_BOBS = {"root": reference(BOB, "7"), "parent": reference(BOB, "7")}
UNDER_NOTE = {"root": reference(ADA, "9"), "parent": reference(ADA, "9")}
REPOST = {"$type": "app.bsky.feed.defs#reasonRepost", "by": OF_ADA, "indexedAt": "2026-10-02T12:00:00.000Z"}
SAID_OF_LISTS = {"description": "who know", "indexedAt": "2026-02-01T00:00:00.000Z", "labels": [], "creator": OF_ADA}
MADE_UP = MadeUp(
    network="bluesky",
    account="ada.example",
    list=LIST,
    may_be_missing=frozenset({"facets.#.features", "features.#.did"}),
    answers={
        f"{VIEW}/app.bsky.actor.getProfile": author(ADA, "ada", description="Orbits", followersCount=12, postsCount=40),
        f"{VIEW}/app.bsky.feed.getAuthorFeed": {
            "feed": [
                {"post": NOTE},
                {
                    "post": post(OF_ADA, "8", "it spins", reply=UNDER_BOBS),
                    "reply": {"root": post(OF_BOB, "7", "and?"), "parent": post(OF_BOB, "7", "and?")},
                },
                {"post": post(OF_ADA, "6", "see this", embed=quoting(BOB, "5"))},
                {"post": post(OF_BOB, "4", "oh"), "reason": {**REPOST, "uri": address(ADA, "r4", "feed.repost")}},
            ],
        },
        f"https://plc.directory/{ADA}": {
            "@context": ["https://www.w3.org/ns/did/v1"],
            "id": ADA,
            "alsoKnownAs": ["at://ada.example"],
            "service": [{"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": SERVER}],
        },
        f"{SERVER}/xrpc/com.atproto.repo.listRecords?collection=app.bsky.feed.repost": {
            "records": [kept("repost", "r3", reference(BOB, "3"))]
        },
        f"{SERVER}/xrpc/com.atproto.repo.listRecords?collection=app.bsky.feed.like": {
            "records": [kept("like", "k2", reference(CY, "2"))]
        },
        f"{VIEW}/app.bsky.feed.getPosts?uris={address(BOB, '3')}": {"posts": [post(OF_BOB, "3", "hm")]},
        f"{VIEW}/app.bsky.feed.getPosts?uris={address(CY, '2')}": {"posts": [post(OF_CY, "2", "ah")]},
        f"{VIEW}/app.bsky.feed.getRepostedBy": {**reference(ADA, "9"), "repostedBy": [OF_BOB]},
        f"{VIEW}/app.bsky.feed.getQuotes": {
            **reference(ADA, "9"),
            "posts": [post(OF_CY, "1", "so true", embed=quoting(ADA, "9"))],
        },
        f"{VIEW}/app.bsky.feed.getPostThread": {
            "thread": {"post": NOTE, "replies": [{"post": post(OF_CY, "0", "thanks", reply=UNDER_NOTE), "replies": []}]}
        },
        f"{VIEW}/app.bsky.graph.getLists": {
            "lists": [
                {
                    "uri": LIST,
                    "cid": "bafyl1",
                    "name": "Orbit people",
                    "listItemCount": 1,
                    "purpose": "app.bsky.graph.defs#curatelist",
                    **SAID_OF_LISTS,
                }
            ]
        },
        f"{VIEW}/app.bsky.graph.getActorStarterPacks": {
            "starterPacks": [
                {
                    "uri": address(ADA, "k1", "graph.starterpack"),
                    "cid": "bafyk1",
                    **SAID_OF_LISTS,
                    "record": {"name": "Begin here", "list": BEHIND_PACK, "description": "all of space"},
                }
            ]
        },
        f"{VIEW}/app.bsky.graph.getList?list={LIST}": {
            "list": {"uri": LIST, "name": "Orbit people"},
            "items": [{"uri": "at://i1", "subject": OF_BOB}],
        },
        f"{VIEW}/app.bsky.graph.getList?list={BEHIND_PACK}": {
            "list": {"uri": BEHIND_PACK, "name": "Begin here"},
            "items": [{"uri": "at://i2", "subject": OF_CY}],
        },
    },
    makes={
        "profile": "account",
        "activities": "note mention note reply quote note note reshare note like reshare",
        "recognition": "reshare quote reply",
        "vouches_of": "quote reshare list list",
        "list_members": BOB,
    },
)
