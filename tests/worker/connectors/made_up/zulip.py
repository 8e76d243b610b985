"""A Zulip server: a topic in a public channel, in which one asked, one answered, and the asker marked the answer."""

from __future__ import annotations

from typing import Any

from tests.worker.connectors.made_up import MadeUp

HOST = "https://chat.example"
API = f"{HOST}/api/v1"
AT = 1_790_000_000


def message(number: int, by: str, text: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "type": "stream",
        "stream_id": 5,
        "display_recipient": "space",
        "subject": "Which bus?",
        "sender_id": 7,
        "sender_email": f"{by}@a.example",
        "sender_full_name": by.title(),
        "content": text,
        "timestamp": AT + number,
        "reactions": [],
        "flags": [],
        **more,
    }


def reaction(emoji: str, by: str) -> dict[str, Any]:
    return {"emoji_name": emoji, "emoji_code": "2705", "user_id": 8, "user": {"id": 8, "email": f"{by}@a.example"}}


def answer(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "result": "success",
        "msg": "",
        "messages": list(messages),
        "found_oldest": True,
        "found_newest": True,
        **more,
    }


def member(name: str, **more: Any) -> dict[str, Any]:
    shown = {"email": f"{name}@a.example", "user_id": 7, "full_name": name.title(), "is_bot": False, "is_active": True}
    return {"result": "success", "user": {**shown, **more}}


ASKED = message(1, "bob", "for a cubesat, @**Ada**?")
SAID = message(2, "ada", "the small one", reactions=[reaction("check", "bob"), reaction("tada", "cy")])
MADE_UP = MadeUp(
    network="zulip:chat.example",
    account="ada@a.example",
    may_be_missing=frozenset({"sender_full_name"}),
    answers={
        f"{API}/users/ada%40a.example": member("ada"),
        f"{API}/messages?num_before=100": answer(SAID),
        f"{API}/messages?anchor=oldest&num_after=200": answer(ASKED, SAID),
    },
    makes={
        "profile": "account",
        "activities": "note mention reply accept like",
        "recognition": "",
        "vouches_of": "",
    },
)
