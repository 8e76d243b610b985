"""Acts of recognition: who took up whose contribution, in which way, when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reference.world import POSTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from candor.scoring.activity import Activity
    from reference.world import World


@dataclass(frozen=True)
class Recognition:
    """`by` took up `of`, a contribution of `to`; `text` is the record that `to` itself wrote for it, if any."""

    kind: str
    by: str
    to: str
    of: str
    text: str | None
    at: datetime
    age_days: float
    topics: frozenset[str]


def recognitions(world: World) -> list[Recognition]:
    """Every act of recognition; nobody recognises himself."""
    found = [act for record in world.records for act in _acts_of(world, record)]
    found += list(_consultations(world))
    return [act for act in found if act.by != act.to]


def _acts_of(world: World, record: Activity) -> Iterator[Recognition]:
    if record.type == "accept":
        yield from _taking(world, record)
    elif record.type == "note":
        yield from _taken_alone(world, record)
    elif record.type == "test":
        yield from _towards(world, "tested", record, world.target(record))
    elif record.type == "reply":
        yield from _under_an_answer(world, record)
    elif record.type == "vote":
        yield from _vote(world, record)
    elif record.type == "list":
        yield from _listing(world, record)
    elif record.type in ("reshare", "quote"):
        shared = world.object_of(record)
        if shared is None or shared.type in POSTS:
            yield from _towards(world, "endorsed", record, world.target(record))


def _act(
    world: World,
    kind: str,
    record: Activity,
    by: str | None,
    to: str | None,
    *,
    of: str | None = None,
    about: Activity | None = None,
    text: str | None = None,
) -> Iterator[Recognition]:
    """Recognition by a record; what nobody defined has the topics of the record that takes it up."""
    about = about or world.object_of(record) or record
    of = of or record.object or str(record.id)
    if by is not None and to is not None:
        yield Recognition(kind, by, to, of, text, record.published, world.age_days(record), world.topics[str(about.id)])


def _towards(world: World, kind: str, record: Activity, to: str | None) -> Iterator[Recognition]:
    yield from _act(world, kind, record, record.actor, to, text=record.object)


def _taking(world: World, taking: Activity) -> Iterator[Recognition]:
    taken = world.object_of(taking)
    if taken is not None and taken.type == "review":
        if taking.actor != world.target(taken):
            of = taken.object or taken.id
            yield from _act(world, "reviewed", taking, taking.actor, taken.actor, of=of, text=taken.id)
        return
    author = world.target(taking)
    yield from _towards(world, "accepted", taking, author)
    if world.granted_rights:
        if taken is None or taken.type != "answer":
            yield from _act(world, "took", taking, author, taking.actor)
        yield from _written_down_with(world, taking, taken.actor if taken and taken.type == "note" else author)


def _written_down_with(world: World, taking: Activity, author: str | None) -> Iterator[Recognition]:
    """Reviews and reports of the same change that carry the instant of its taking."""
    change = taking.object or taking.id
    beside = [r for r in world.records if r.published == taking.published and r.object == change]
    for review in (r for r in beside if r.type == "review" and r.actor != author):
        if review.actor != taking.actor:
            yield from _act(
                world, "reviewed", taking, taking.actor, review.actor, of=change, about=review, text=review.id
            )
        if (review.value or 0) > 0:
            yield from _act(world, "approved", review, review.actor, author, of=change, text=change)
    reports = [r for r in beside if r.type == "report" and r.actor not in (author, taking.actor)]
    if taking.actor != author:
        for report in reports[:1]:
            of = report.id
            yield from _act(world, "fixed", taking, taking.actor, author, of=of, about=report, text=taking.object)


def _taken_alone(world: World, change: Activity) -> Iterator[Recognition]:
    """Who commits a change alone takes it, and no accept says so."""
    if world.granted_rights and not any(
        r.type == "accept" and (r.object or r.id) == change.id and not _of_review(world, r) for r in world.records
    ):
        yield from _written_down_with(world, change, change.actor)


def _of_review(world: World, record: Activity) -> bool:
    taken = world.object_of(record)
    return taken is not None and taken.type == "review"


def _under_an_answer(world: World, reply: Activity) -> Iterator[Recognition]:
    answer = world.object_of(reply)
    if answer is None or not world.is_answer(answer):
        return
    kind = "thanked" if reply.actor == world.asker(answer) else "replied"
    yield from _towards(world, kind, reply, answer.actor)


def _vote(world: World, vote: Activity) -> Iterator[Recognition]:
    answer = world.object_of(vote)
    if answer is None or not world.is_answer(answer) or not (vote.value or 0) > 0:
        return
    asker = world.asker(answer)
    yield from _act(world, "voted", vote, asker, answer.actor, text=answer.id)


def _listing(world: World, record: Activity) -> Iterator[Recognition]:
    of = record.object or _first_of_its_name(world, record)
    yield from _act(world, "listed", record, record.actor, record.target_actor, of=of, about=record)


def _first_of_its_name(world: World, record: Activity) -> str:
    alike = (r for r in world.records if r.type == "list" and r.object is None)
    return next(str(r.id) for r in alike if (r.actor, r.content) == (record.actor, record.content))


def _consultations(world: World) -> Iterator[Recognition]:
    """By name addressed, u posts in the thread after that, and who asked acts on that very post after that."""
    for call in world.records:
        if call.type not in ("mention", "question") or call.target_actor is None or call.actor is None:
            continue
        for post in world.after(call):
            if post.type not in ("answer", "reply", "note") or post.actor != call.target_actor:
                continue
            if world.thread(post) != world.thread(call):
                continue
            for act in world.after(post):
                took_up = act.type in ("reply", "quote", "reshare", "accept") and act.object == post.id
                if took_up and act.actor == call.actor:
                    yield from _towards(world, "consulted", act, call.target_actor)


def answered(world: World) -> set[tuple[str, str]]:
    """Who answered whose question, or reviewed whose change; a reply to a question answers outside question sites."""
    found = set()
    for record in world.records:
        under = world.object_of(record)
        replies = record.type == "reply" and under is not None and under.type == "question" and world.profile != "qa"
        whom = world.target(record)
        if (record.type in ("answer", "review") or replies) and record.actor and whom and record.actor != whom:
            found.add((record.actor, whom))
    return found
