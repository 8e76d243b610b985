"""Wrote: what people said by the very acts that took a message up, since a reply or a quote may be an objection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from candor.messages.ranking import TEXT_MOST
from candor.scoring.activity import POSTS
from candor.scoring.excerpt import excerpt

if TYPE_CHECKING:
    from candor.scoring.columns import RecordLike


class Wrote(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wrote to a message, by which it counts as taken up."""

    kind: Annotated[str, Meta(description="The kind of recognition that it counts as, such as thanked.")]
    by: Annotated[str, Meta(description="Who wrote it.")]
    id: Annotated[str, Meta(description="Id of its record.")]
    at: Annotated[str, Meta(description="When.")]
    url: Annotated[str | None, Meta(description="Where to see it, if its record says so.")]
    text: Annotated[str, Meta(description="Its beginning, at most 500 characters.")]


def wrote(record: RecordLike, record_type: str, *, kind: str, by: str, at: str) -> Wrote | None:
    """Return what the record of an act says, where it is a post of `by` with a text that was public to all."""
    text = excerpt(record, TEXT_MOST) if record_type in POSTS and record.id is not None else None
    return None if text is None else Wrote(kind=kind, by=by, id=str(record.id), at=at, url=record.url, text=text)
