"""Records without some people: what they did goes, and what others did no longer names them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from candor.scoring.activity import POSTS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from candor.scoring.activity import Activity

_PARTS_OF_LINK = re.compile(r"[/#]")


def without_people(records: Iterable[Activity], people: Collection[str], links: Collection[str] = ()) -> list[Activity]:
    """Return the records without the people.

    Their records go, and acts towards them or on what they wrote. A post of somebody else stays, and no longer says
    whom or what it was about; nor does any act whose object is none of the records and is a link to one of them
    (`leads_to`). Nor does any record say where it can be seen, if that is such a link.
    """
    everything = list(records)
    if not people and not links:
        return everything
    theirs = {record.id for record in everything if record.actor in people}

    def is_about_them(record: Activity) -> bool:
        return record.target_actor in people or (record.object is not None and record.object in theirs)

    gone = theirs | {r.id for r in everything if r.type not in POSTS and is_about_them(r)}
    gone |= {each for each in unmatched_objects(everything) if leads_to(each, people, links)}
    return [
        replace(record, object=None, target_actor=None) if is_about_them(record) else _without_object(record, gone)
        for record in (_without_links(each, gone, people, links) for each in everything)
        if record.actor not in people and (record.type in POSTS or not is_about_them(record))
    ]


def leads_to(link: str, people: Collection[str], links: Collection[str] = ()) -> bool:
    """Tell whether an id or address is among `links`, is somebody's name, or has it as a part, as in at://NAME/post/1."""
    return link in links or link in people or not set(_PARTS_OF_LINK.split(link)).isdisjoint(people)


def unmatched_objects(records: Sequence[Activity]) -> set[str]:
    """Return what records act on that is none of them."""
    objects = {record.object for record in records if record.object is not None}
    return objects.difference(record.id for record in records if record.type != "account" and record.id is not None)


def people_in(records: Iterable[Activity]) -> Iterator[str]:
    """Yield everybody whom records name as actor or target."""
    return (name for record in records for name in (record.actor, record.target_actor) if name)


def _without_links(
    record: Activity, gone: Collection[str | None], people: Collection[str], links: Collection[str]
) -> Activity:
    if record.via and (record.via in gone or leads_to(record.via, people)):
        record = replace(record, via=None)
    return replace(record, url=None) if record.url is not None and leads_to(record.url, people, links) else record


def _without_object(record: Activity, gone: Collection[str | None]) -> Activity:
    return replace(record, object=None) if record.object is not None and record.object in gone else record
