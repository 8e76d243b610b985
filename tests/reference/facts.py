"""Facts shown at weight zero."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reference.world import World


def facts(world: World, account: str, topic: str) -> dict[str, float | None]:
    """The facts that are numbers; None where there is nothing to go by."""
    on_topic = [r for r in world.records if r.actor == account and r.id and topic in world.topics[r.id]]
    answers = sum(world.is_answer(r) for r in on_topic)
    questions = sum(r.type == "question" for r in on_topic)
    both = answers + questions
    mine = [r for r in world.records if world.author(r.object) == account]
    addressed, answered = _addressed(world, account)
    seen = [r.followers for r in world.records if r.type == "account" and r.actor == account]
    return {
        "answers_minus_questions": (answers - questions) / math.sqrt(both) if both else None,
        "reachability": answered / addressed if addressed else None,
        "reachability_n": addressed,
        "followers": seen[-1] if seen else None,
        "likes_received": sum(r.type == "like" for r in mine) if _others(world, account, "like") else None,
        "up_votes": sum(r.value or 0 for r in mine if r.type == "vote" and (r.value or 0) > 0)
        if _others(world, account, "vote")
        else None,
    }


def _others(world: World, account: str, kind: str) -> bool:
    """Whether the records hold any of this kind by others: else none received means nothing."""
    return any(r.type == kind and r.actor != account for r in world.records)


def _addressed(world: World, account: str) -> tuple[int, int]:
    """How many people addressed the account by name, and how many of them it answered in that thread."""
    people: dict[str, bool] = {}
    for call in world.records:
        if call.type not in ("mention", "question") or call.target_actor != account or call.actor in (account, None):
            continue
        thread = world.thread(call)
        answered = any(
            r.actor == account
            and r.type in ("answer", "reply", "note")
            and r.published > call.published
            and world.thread(r) == thread
            for r in world.records
        )
        people[str(call.actor)] = people.get(str(call.actor), False) or answered
    return len(people), sum(people.values())
