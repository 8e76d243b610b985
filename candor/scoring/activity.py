"""Activity, the one record: who did what to whom, when. Everything that is scored is made of these."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import msgspec
from msgspec import Meta

if TYPE_CHECKING:
    from collections.abc import Mapping

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
ACCOUNT_KINDS: tuple[str, ...] = get_args(AccountKind)
VISIBILITIES: tuple[str, ...] = get_args(Visibility)
TYPE_CODE = {name: code for code, name in enumerate(RECORD_TYPES)}
POSTS = ("note", "question", "answer", "reply", "quote")

Identifier = Annotated[str, Meta(min_length=1, max_length=512)]
ShortText = Annotated[str, Meta(max_length=2_000)]
LongText = Annotated[str, Meta(max_length=200_000)]
Tags = Annotated[tuple[Annotated[str, Meta(max_length=200)], ...], Meta(max_length=1_000)]
Instant = Annotated[datetime, Meta(tz=True)]


class Activity(msgspec.Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """One public act, as described under "A record" in the interface.

    `id` is unique in a set and missing on `account` records only; `actor` is missing on `vote` only. `object` is the
    id of the record acted on, `target_actor` the person acted towards. `published` carries an offset from UTC.
    """

    type: Annotated[RecordType, Meta(description="What was done.")]
    published: Annotated[
        Instant, Meta(description="When, with an offset from UTC (RFC 3339); for `account` when it was seen.")
    ]
    id: Annotated[Identifier | None, Meta(description="Unique in the set; only `account` records have none.")] = None
    actor: Annotated[Identifier | None, Meta(description="Who did it; null on `vote`.")] = None
    object: Annotated[Identifier | None, Meta(description="Id of the record acted on.")] = None
    target_actor: Annotated[
        Identifier | None,
        Meta(description="The person acted towards; derived from `object` where that is in the set."),
    ] = None
    content: Annotated[LongText | None, Meta(description="Text of a post, or name of a list.")] = None
    tags: Annotated[Tags | None, Meta(description="Hashtags or tags.")] = None
    url: Annotated[ShortText | None, Meta(description="Where it can be seen.")] = None
    value: Annotated[float | None, Meta(description="+1 or -1, on votes and reviews.")] = None
    visibility: Annotated[
        Visibility | None,
        Meta(description="public (default), unlisted or private; private records are dropped and counted."),
    ] = None
    kind: Annotated[AccountKind | None, Meta(description="On `account`: person, organisation, bot or unknown.")] = None
    name: Annotated[ShortText | None, Meta(description="On `account`: what it calls itself.")] = None
    bio: Annotated[LongText | None, Meta(description="On `account`: what it says of itself.")] = None
    followers: Annotated[
        Annotated[int, Meta(ge=0, le=2**53)] | None,
        Meta(description="On `account`: how many follow it. Shown, never counted."),
    ] = None
    consent: Annotated[bool | None, Meta(description="On `account`: false if it does not want to be scored.")] = None
    via: Annotated[
        Identifier | None,
        Meta(description="On `like` and `reshare`: id of the reshare that led there, where the network says so."),
    ] = None
    in_thread: Annotated[
        Identifier | None,
        Meta(
            description="On posts of tables with a column of threads: the thread, by which posts that are added later "
            "find what they reply to. Never counted."
        ),
    ] = None
    thread_number: Annotated[
        Identifier | None, Meta(description="On such posts: the number within the thread, where the table has one.")
    ] = None


FIELDS = frozenset(Activity.__struct_fields__)
THREAD_FIELDS = ("in_thread", "thread_number")
ACCEPTED, TITLE, THREAD = "accepted", "title", "thread"
ANSWER_FIELDS = ("answer_id", "answer_actor", "answer_published", "answer_content")
"""Fields of the answer, in a table of which each row holds a question and its answer."""
_OF_TABLES = (ACCEPTED, TITLE, THREAD)
MAPPED = FIELDS.union(_OF_TABLES, ANSWER_FIELDS)
"""What columns of a table can stand for: fields, which answers were accepted, titles, in which thread a post is, and
the same fields of answers that stand in the row of their question."""


def accepted_column(rename: Mapping[str, str]) -> str | None:
    """Return which column says what was accepted; None where none does, or a type of that name is renamed."""
    return _column(rename, ACCEPTED)


def title_column(rename: Mapping[str, str]) -> str | None:
    """Return which column holds titles; None where none does, or a type of that name is renamed."""
    return _column(rename, TITLE)


def thread_column(rename: Mapping[str, str]) -> str | None:
    """Return which column says in which thread a post is; None where none does, or a type of that name is renamed."""
    return _column(rename, THREAD)


def has_pairs(rename: Mapping[str, str]) -> bool:
    """Say whether each row of a table holds a question and its answer: a column is said to hold the answers."""
    return "answer_content" in rename


def visibility_words(rename: Mapping[str, str]) -> dict[str, str]:
    """Return the words of a source that stand for one of our words for whom a record is."""
    return {word: said for word, said in rename.items() if said in VISIBILITIES and word not in MAPPED}


def mapped_columns(rename: Mapping[str, str]) -> frozenset[str]:
    """Return for which of MAPPED a column is meant where it is named; other names are words of types."""
    return FIELDS.union(ANSWER_FIELDS) | {name for name in _OF_TABLES if _column(rename, name) is not None}


def _column(rename: Mapping[str, str], name: str) -> str | None:
    column = rename.get(name)
    return None if column in RECORD_TYPES else column
