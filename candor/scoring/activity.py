"""Activity, the one record: who did what to whom, when. Everything that is scored is made of these."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, get_args

import msgspec

RecordType = Literal[
    "note",
    "question",
    "answer",
    "reply",
    "quote",
    "reshare",
    "accept",
    "review",
    "test",
    "report",
    "list",
    "mention",
    "like",
    "follow",
    "vote",
    "account",
]
AccountKind = Literal["person", "organisation", "bot", "unknown"]
Visibility = Literal["public", "unlisted", "private"]

RECORD_TYPES: tuple[str, ...] = get_args(RecordType)
TYPE_CODE = {name: code for code, name in enumerate(RECORD_TYPES)}
POSTS = ("note", "question", "answer", "reply", "quote")

Identifier = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
ShortText = Annotated[str, msgspec.Meta(max_length=2_000)]
LongText = Annotated[str, msgspec.Meta(max_length=200_000)]
Tags = Annotated[tuple[Annotated[str, msgspec.Meta(max_length=200)], ...], msgspec.Meta(max_length=1_000)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Activity(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One public act, as described under "A record" in the interface.

    `id` is unique in a set and missing on `account` records only; `actor` is missing on `vote` only. `object` is the
    id of the record acted on, `target_actor` the person acted towards. `published` carries an offset from UTC.
    """

    type: RecordType
    published: Instant
    id: Identifier | None = None
    actor: Identifier | None = None
    object: Identifier | None = None
    target_actor: Identifier | None = None
    content: LongText | None = None
    tags: Tags | None = None
    url: ShortText | None = None
    value: float | None = None
    visibility: Visibility | None = None
    kind: AccountKind | None = None
    name: ShortText | None = None
    bio: LongText | None = None
    followers: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None
    consent: bool | None = None


FIELDS = frozenset(Activity.__struct_fields__)
