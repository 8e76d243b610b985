"""Facts shown at weight zero; None where the records say nothing."""

from __future__ import annotations

import math
from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reference.world import World

Fact = float | str | None
POSTS = ("note", "question", "answer", "reply", "quote")
DONE = (*POSTS, "reshare", "accept", "review", "test", "report", "list", "like")


def facts(world: World, account: str, topic: str) -> dict[str, Fact]:
    """Likes and up-votes received on the topic, answers minus questions there, and who addressed was answered."""
    addressed, answered = _addressed(world, account)
    return {
        "likes_received": _received(world, account, topic, "like"),
        "up_votes": _received(world, account, topic, "vote"),
        "answers_minus_questions": _answers_minus_questions(world, account, topic),
        "reachability": answered / addressed if addressed else None,
        "last_answered_on_topic": _last_answered(world, account, topic),
        "last_active_on_topic": _last_active(world, account, topic),
        "last_active_anywhere": _last_active(world, account, None),
    }


def _received(world: World, account: str, topic: str, kind: str) -> Fact:
    of_others = [r for r in world.records if r.type == kind and r.actor != account]
    if not of_others:
        return None
    mine = [r for r in of_others if world.target(r) == account and topic in world.topics[str(r.id)]]
    return float(len(mine)) if kind == "like" else sum(max(0.0, r.value or 0.0) for r in mine)


def _answers_minus_questions(world: World, account: str, topic: str) -> Fact:
    """Z of Zhang, Ackerman & Adamic 2007, where a reply to somebody else's question is an answer."""
    own = [r for r in world.records if r.actor == account and topic in world.topics.get(r.id or "", ())]
    asked = {r.id for r in world.records if r.type == "question" and r.actor != account}
    questions = sum(r.type == "question" for r in own)
    answers = sum(r.type == "answer" or (r.type == "reply" and r.object in asked) for r in own)
    return (answers - questions) / math.sqrt(answers + questions) if answers + questions else None


def _last_active(world: World, account: str, topic: str | None) -> str | None:
    """When the account last said or did something, other than following and mentioning."""
    mine = [r for r in world.records if r.actor == account and r.type in DONE]
    on_topic = [r.published for r in mine if topic is None or topic in world.topics[str(r.id)]]
    return max(on_topic).astimezone(UTC).isoformat().replace("+00:00", "Z") if on_topic else None


def _last_answered(world: World, account: str, topic: str) -> str | None:
    """When the account last answered somebody on the topic, or replied to what somebody else asked or wrote."""
    others = {r.id for r in world.records if r.type in ("question", "note") and r.actor != account}
    own = (r for r in world.records if r.actor == account and topic in world.topics.get(r.id or "", ()))
    at = [r.published for r in own if r.type == "answer" or (r.type == "reply" and r.object in others)]
    return max(at).astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def _addressed(world: World, account: str) -> tuple[int, int]:
    """How many people addressed the account by name, and how many of them it answered in that thread."""
    people: dict[str, bool] = {}
    for call in world.records:
        if call.type not in ("mention", "question") or call.target_actor != account or call.actor in (account, None):
            continue
        answered = any(
            r.actor == account
            and r.type in ("answer", "reply", "note", "quote")
            and world.thread(r) == world.thread(call)
            for r in world.after(call)
        )
        people[str(call.actor)] = people.get(str(call.actor), False) or answered
    return len(people), sum(people.values())
