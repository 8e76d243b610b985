"""Held: everything that is kept about one person, over all owners, told to that person without saying whose it is."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from candor.scoring.activity import Instant
from candor.scoring.board_row import Side
from candor.scoring.made_from import TrustRootRef
from candor.store.disputes import DisputeAbout, DisputeStatus

Asker: TypeAlias = Literal["operator", "app"]


class HeldScore(msgspec.Struct, frozen=True, kw_only=True):
    """A score of the person."""

    score_id: Annotated[str, Meta(description="Its id.")]
    topic: Annotated[str, Meta(description="Id of the topic.")]
    label: Annotated[str, Meta(description="Name of the topic.")]
    as_of: Annotated[Instant, Meta(description="The time it speaks of.")]
    method: Annotated[str, Meta(description="Version of the method.")]
    trust_root: Annotated[TrustRootRef, Meta(description="Whose word counted.")]
    expertise: Annotated[Side, Meta(description="Does the account know about it?")]
    interest: Annotated[Side, Meta(description="Does the account care about it?")]
    disputed: Annotated[bool, Meta(description="Whether it counts evidence disputed with success since.")] = False


class HeldStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step in the history of the person's scores."""

    topic: Annotated[str, Meta(description="Id of the topic.")]
    as_of: Annotated[Instant, Meta(description="The time it speaks of.")]
    method: Annotated[str, Meta(description="Version of the method.")]
    expertise: Annotated[float | None, Meta(description="The number then, 0 to 100 points, or null.")]
    interest: Annotated[float | None, Meta(description="The number then, 0 to 100 points, or null.")]


class HeldPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A row about the person in a ranking of everybody in a community."""

    topic: Annotated[str, Meta(description="Id of the topic.")]
    as_of: Annotated[Instant, Meta(description="The time it speaks of.")]
    label: Annotated[str, Meta(description="Name of the topic.")]
    dataset: Annotated[str | None, Meta(description="Id of the data set that was ranked.")] = None
    trust_root: Annotated[TrustRootRef | None, Meta(description="Whose word counted.")] = None
    rank: Annotated[int | None, Meta(description="Place among those with a number, as on the card; null for none.")]
    accounts: Annotated[int | None, Meta(description="How many have a number there, or null.")]
    expertise: Annotated[float | None, Meta(description="The number, 0 to 100 points, or null.")]
    interest: Annotated[float | None, Meta(description="The number, 0 to 100 points, or null.")]
    made_at: Annotated[Instant | None, Meta(description="When the ranking was made, or null.")] = None
    disputed: Annotated[bool, Meta(description="Whether it counts evidence disputed with success since.")] = False


class RequestCount(msgspec.Struct, frozen=True, kw_only=True):
    """Who asked for scores, by kind: never by name."""

    by: Annotated[
        Asker,
        Meta(description="operator: on the service's own machine; app: somebody with a key of the operator's."),
    ]
    about: Annotated[
        Literal["you", "everybody"], Meta(description="you: by name; everybody: a community that you are part of.")
    ]
    times: Annotated[int, Meta(description="How many times, in what is still kept.")]
    last: Annotated[date, Meta(description="The day it was last asked, or the last ranking was made.")]


class HeldKind(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says the account is."""

    kind: Annotated[str, Meta(description="person, organisation, bot or unknown.")]
    said_by: Annotated[str, Meta(description="operator or person.")]
    why: Annotated[str, Meta(description="By what it is known.")]
    at: Annotated[Instant, Meta(description="When it was put on record.")]


class HeldDispute(msgspec.Struct, frozen=True, kw_only=True):
    """A dispute about one of the person's scores."""

    about: Annotated[DisputeAbout, Meta(description="What is contested.")]
    score_id: Annotated[str, Meta(description="Id of the score.")]
    status: Annotated[DisputeStatus, Meta(description="open, accepted or rejected.")]
    reason: Annotated[str, Meta(description="Why, as whoever made it wrote.")]
    note: Annotated[str | None, Meta(description="What the operator said when deciding, or null.")]
    created_at: Annotated[Instant, Meta(description="When it was made.")]
    decided_at: Annotated[Instant | None, Meta(description="When it was decided, or null.")]
    answer_by: Annotated[Instant | None, Meta(description="By when an answer was promised, or null.")]


class HeldTaken(msgspec.Struct, frozen=True, kw_only=True):
    """What the person accepted, as far as its own record is there."""

    type: Annotated[str | None, Meta(description="What it is; null where nothing says.")] = None
    by: Annotated[str | None, Meta(description="Whose it is, or null.")] = None
    name: Annotated[str | None, Meta(description="What they call themselves there, or null.")] = None
    content: Annotated[str | None, Meta(description="The beginning of its text where it is public, or null.")] = None


class HeldRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record of the person's own: something they did, as a data set holds it."""

    dataset: Annotated[str, Meta(description="Id of the data set.")]
    id: Annotated[str | None, Meta(description="Its id there, or null.")]
    type: Annotated[str, Meta(description="What was done.")]
    published: Annotated[Instant, Meta(description="When.")]
    content: Annotated[str | None, Meta(description="Its text, or null.")]
    url: Annotated[str | None, Meta(description="Where it can be seen, or null.")]
    taken: Annotated[HeldTaken | None, Meta(description="Of an `accept` what was accepted; null otherwise.")] = None


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that this service holds about an account, over all who use it."""

    gathered_at: Annotated[Instant, Meta(description="When it was looked up.")]
    name: Annotated[str | None, Meta(description="What it calls itself, as newest known; null where nothing says.")] = (
        None
    )
    suppressed: Annotated[bool, Meta(description="Whether the account has opted out: no new score is made of it.")]
    scores: Annotated[tuple[HeldScore, ...], Meta(description="Its scores, newest first.")]
    history: Annotated[tuple[HeldStep, ...], Meta(description="How they came about, oldest first.")]
    rankings: Annotated[tuple[HeldPlace, ...], Meta(description="Rankings of everybody that it stands in.")]
    asked: Annotated[tuple[RequestCount, ...], Meta(description="Who asked, by kind.")]
    kinds: Annotated[tuple[HeldKind, ...], Meta(description="What was put on record of what it is.")]
    disputes: Annotated[tuple[HeldDispute, ...], Meta(description="Disputes about its scores, oldest first.")]
    word_counted: Annotated[
        dict[str, int], Meta(description="In how many scores of others, by topic, its own word counted.")
    ]
    records: Annotated[
        tuple[HeldRecord, ...],
        Meta(
            description="What the person did, as data sets hold it, newest first, at most 5,000. What others did to "
            "them is theirs and not shown; only what names the person is counted with the `records` of `other`."
        ),
    ] = ()
    other: Annotated[
        dict[str, int],
        Meta(
            description="How much else there is, by kind: `records` in data sets, in `jobs` that are kept, `vouches`, "
            "`trust_roots` and `job_roots` that name it, `cached_responses` of networks, `idempotent_responses`, "
            "`sources` that are followed, `followed_boards` and `dataset_examples` that name it, "
            "`mentions` in scores of others. `unread` data sets are damaged and cannot be searched."
        ),
    ]


class StoredHeld(msgspec.Struct, frozen=True, kw_only=True):
    """What is held, and (for us alone) which owners have each score."""

    held: Held
    owners: dict[str, tuple[str, ...]]
