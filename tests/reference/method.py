"""reference_score: the whole method on a small world, the slow and plain way. Who declined is left to others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from candor.scoring.trust_root import FACE_VALUE
from reference.acts import recognitions
from reference.expertise import expertise
from reference.facts import facts
from reference.interest import interest
from reference.standing import flow_for, vouches_of
from reference.voices import Case
from reference.world import build_world

if TYPE_CHECKING:
    from collections.abc import Iterable

    from candor.scoring.activity import Activity
    from candor.scoring.method import Method
    from candor.scoring.trust_root import TrustRoot
    from reference.acts import Recognition
    from reference.world import World


def reference_score(
    activities: Iterable[Activity], question: Any, method: Method
) -> dict[tuple[str, str], dict[str, Any]]:
    """Score every account of a question on every topic by a method; the profile must be given."""
    world = build_world(
        activities,
        question.topics,
        as_of=question.as_of,
        window_days=question.window_days,
        profile=question.profile,
        granted_rights=question.granted_rights,
        method=method,
    )
    acts = recognitions(world)
    return {
        (account, topic.id): _score_one(world, acts, account, topic.id, question.trust_root)
        for account in question.accounts
        for topic in question.topics
    }


def _score_one(
    world: World, acts: list[Recognition], account: str, topic: str, trust_root: TrustRoot
) -> dict[str, Any]:
    found = {
        name: expertise(case_for(world, acts, account, root), topic)
        for name, root in (("expertise", trust_root), ("at_face_value", FACE_VALUE))
    }
    found["interest"] = interest(world, account, topic)
    found["facts"] = facts(world, account, topic)
    return found


def case_for(world: World, acts: list[Recognition], account: str, trust_root: TrustRoot) -> Case:
    """Gather what one account's voices are computed from, under a root."""
    vouches = vouches_of(world, acts)
    named = {r.target_actor for r in world.records if r.target_actor}
    people = {account} | {r.actor for r in world.records if r.actor} | named | {u for _, u in vouches}
    flow = flow_for(account, sorted(people), vouches, trust_root, world.method)
    standing = flow.standing if flow else dict.fromkeys(people, 1.0)
    return Case(account, world, acts, standing, flow, trust_root)
