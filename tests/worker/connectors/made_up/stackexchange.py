"""A site of Stack Exchange."""

from __future__ import annotations

from typing import Any

from tests.worker.connectors.made_up import MadeUp

API, PAGE = "https://api.stackexchange.com/2.3", "https://travel.stackexchange.com"
ASKED_AT = 1_788_000_000
ADA, BOB, CY = 19, 7, 8


def member(number: int, **more: Any) -> dict[str, Any]:
    return {
        "user_id": number,
        "account_id": number,
        "user_type": "registered",
        "reputation": 100,
        "display_name": f"Member &amp; {number}",
        "link": f"{PAGE}/users/{number}",
        **more,
    }


def items(*found: dict[str, Any]) -> dict[str, Any]:
    return {"items": list(found), "has_more": False, "quota_max": 10_000, "quota_remaining": 9_990}


def question(number: int, by: int, **more: Any) -> dict[str, Any]:
    return {
        "question_id": number,
        "owner": member(by),
        "tags": ["trains"],
        "title": "Which train &amp; when?",
        "body": "<p>Which one?</p>",
        "link": f"{PAGE}/q/{number}",
        "creation_date": ASKED_AT,
        "score": 1,
        "is_answered": True,
        "answer_count": 1,
        "content_license": "CC BY-SA 4.0",
        **more,
    }


def answer(number: int, to: int, by: int, **more: Any) -> dict[str, Any]:
    return {
        "answer_id": number,
        "question_id": to,
        "owner": member(by),
        "body": "<p>The slow one.</p>",
        "score": 4,
        "is_accepted": True,
        "creation_date": ASKED_AT + 5,
        "content_license": "CC BY-SA 4.0",
        **more,
    }


def comment(number: int, on: int, by: int, **more: Any) -> dict[str, Any]:
    return {
        "comment_id": number,
        "post_id": on,
        "owner": member(by),
        "body": "Thank you",
        "score": 0,
        "creation_date": ASKED_AT + 7,
        "link": f"{PAGE}/q/{on}#comment{number}",
        "edited": False,
        **more,
    }


def accepted(question_id: int, answer_id: int) -> dict[str, Any]:
    at = {"creation_date": ASKED_AT + 8, "question_id": question_id, "post_id": answer_id}
    return {"timeline_type": "accepted_answer", **at}


BADGE = {"badge_id": 201, "badge_type": "tag_based", "name": "trains", "rank": "gold", "award_count": 3}
MADE_UP = MadeUp(
    network="stackexchange:travel",
    account="19",
    list="trains:gold",
    may_be_missing=frozenset({"user_id"}),
    answers={
        f"{API}/users/19": items(member(ADA, about_me="<p>Trains</p>", badge_counts={"gold": 0})),
        f"{API}/users/19/answers": items(answer(102, 101, ADA)),
        f"{API}/users/19/questions": items(question(103, ADA, accepted_answer_id=104)),
        f"{API}/users/19/comments": items(comment(105, 106, ADA, reply_to_user=member(BOB))),
        f"{API}/questions/101": items(question(101, BOB, accepted_answer_id=102)),
        f"{API}/answers/104": items(answer(104, 103, BOB)),
        f"{API}/questions/103/timeline": items(accepted(103, 104)),
        f"{API}/questions/101/timeline": items(accepted(101, 102)),
        f"{API}/answers/106": items(answer(106, 107, CY, is_accepted=False)),
        f"{API}/questions/106": items(),
        f"{API}/questions/107": items(question(107, BOB)),
        f"{API}/answers/102/comments": items(comment(108, 102, BOB)),
        f"{API}/questions/103/comments": items(comment(109, 103, CY)),
        f"{API}/badges/tags": items(BADGE),
        f"{API}/badges/201/recipients": items({**BADGE, "user": member(BOB)}),
    },
    makes={
        "profile": "account",
        "activities": "question answer question answer accept question answer reply mention",
        "recognition": "vote accept reply reply",
        "vouches_of": "accept",
        "list_members": "7",
    },
)
