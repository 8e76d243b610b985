"""YouTube: a channel with a video, a comment under it and the answer of the channel."""

from __future__ import annotations

from typing import Any

from tests.worker.connectors.made_up import MadeUp

API = "https://www.googleapis.com/youtube/v3"
AT = "2026-10-01T12:00:00Z"
ADA, BOB = f"UC{'a' * 22}", f"UC{'b' * 22}"


def channel(**more: Any) -> dict[str, Any]:
    return {
        "kind": "youtube#channel",
        "id": ADA,
        "snippet": {"title": "Ada", "description": "Orbits", "customUrl": "@ada", "publishedAt": AT},
        "statistics": {"subscriberCount": "12", "hiddenSubscriberCount": False, "videoCount": "1"},
        "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": "UUa"}},
        **more,
    }


def video(key: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "youtube#playlistItem",
        "id": f"i{key}",
        "snippet": {"title": "A cubesat", "description": "and its bus", "publishedAt": AT, "channelId": ADA},
        "contentDetails": {"videoId": key, "videoPublishedAt": AT},
        "status": {"privacyStatus": "public"},
        **more,
    }


def comment(key: str, by: str, text: str, **more: Any) -> dict[str, Any]:
    said = {"textDisplay": text, "textOriginal": text, "authorDisplayName": "@x", "likeCount": 0, "publishedAt": AT}
    return {"kind": "youtube#comment", "id": key, "snippet": {**said, "authorChannelId": {"value": by}, **more}}


def thread(top: dict[str, Any], *replies: dict[str, Any], count: int = 0) -> dict[str, Any]:
    shown = {"videoId": "v", "topLevelComment": top, "totalReplyCount": count or len(replies), "isPublic": True}
    return {"kind": "youtube#commentThread", "id": top["id"], "snippet": shown, "replies": {"comments": list(replies)}}


def items(*found: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"items": list(found), "pageInfo": {"totalResults": len(found)}, **more}


MADE_UP = MadeUp(
    network="youtube",
    account="@ada",
    answers={
        f"{API}/channels?forHandle=@ada": items(channel()),
        f"{API}/playlistItems": (
            items(video("v"), nextPageToken="2"),
            items(video("w", status={"privacyStatus": "private"})),
        ),
        f"{API}/commentThreads": items(thread(comment("c", BOB, "which?"), comment("c.d", ADA, "this"), count=2)),
        f"{API}/comments": items(comment("c.d", ADA, "this"), comment("c.e", BOB, "thanks")),
    },
    makes={"profile": "account", "activities": "note", "recognition": "reply reply reply", "vouches_of": ""},
)
