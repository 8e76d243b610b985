"""Records without some people: what they did and what was done to them goes, what others wrote stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from candor.scoring.recognition import POSTS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from candor.scoring.activity import Activity


def without(records: Iterable[Activity], people: Collection[str]) -> list[Activity]:
    """Return the records without the people.

    Their records go, and acts towards them or on what they wrote. A post of somebody else stays, and no longer says
    whom or what it was about.
    """
    everything = list(records)
    if not people:
        return everything
    theirs = {record.id for record in everything if record.actor in people}

    def is_about_them(record: Activity) -> bool:
        return record.target_actor in people or (record.object is not None and record.object in theirs)

    gone = theirs | {r.id for r in everything if r.type not in POSTS and is_about_them(r)}
    return [
        replace(record, object=None, target_actor=None) if is_about_them(record) else _let_go(record, gone)
        for record in everything
        if record.actor not in people and (record.type in POSTS or not is_about_them(record))
    ]


def people_in(records: Iterable[Activity]) -> Iterator[str]:
    """Yield everybody whom records name as actor or target."""
    return (name for record in records for name in (record.actor, record.target_actor) if name)


def _let_go(record: Activity, gone: Collection[str | None]) -> Activity:
    return replace(record, object=None) if record.object is not None and record.object in gone else record
