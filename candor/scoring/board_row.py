"""A row of a board: an account's place, its two sides and who is behind it, as it is kept and answered.

Boards make hundreds of thousands of these structs. None holds another of its kind, so garbage is not sought in them.
"""

from __future__ import annotations

from datetime import datetime  # msgspec looks it up
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta

from candor.scoring.activity import Instant  # msgspec looks them up
from candor.scoring.document import Interval, Position

if TYPE_CHECKING:
    from collections.abc import Sequence

Standing = Literal["exact", "shared"]


class Side(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Expertise or interest with the parts that it is the sum of."""

    status: Annotated[str, Meta(description="ok, or why there is no number.")]
    score: Annotated[float | None, Meta(description="0 to 100, or null.")]
    little_evidence: Annotated[
        bool, Meta(description="Whether the number is rough, as few people are behind it or few are trusted.")
    ] = False
    interval: Annotated[Interval | None, Meta(description="Its limits, or null.")]
    contributions: Annotated[dict[str, float], Meta(description="Points by feature; they add up to the score.")]


class Reachability(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How often the account answers people."""

    value: Annotated[
        float | None, Meta(description="Of those who addressed it by name, the share it answered; null without any.")
    ]
    n: Annotated[int, Meta(description="How many people addressed it by name.")]


class LastActive(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """When the account last did something of its own, and last answered; no score is made of it."""

    on_topic: Annotated[
        datetime | None,
        Meta(
            description="When it last did something of its own on the topic, a comment or a like as well as an answer; "
            "null if it never did."
        ),
    ]
    anywhere: Annotated[
        datetime | None,
        Meta(description="When it last did anything of its own in the records read; null if it never did."),
    ]
    answered: Annotated[
        datetime | None,
        Meta(
            description="When it last answered somebody on the topic, be it by a reply straight under somebody else's "
            "question or post; null if it never did."
        ),
    ]


class BoardRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One account on a board."""

    row: Annotated[
        int,
        Meta(
            description="Place of the row in the whole list, from 1: by the score shown, equals by name, those without "
            "a number last. One is missing where somebody was erased since."
        ),
    ]
    rank: Annotated[
        int | None,
        Meta(description="Its place by expertise, as in `position`; equal scores share it. Null without a score."),
    ]
    account: Annotated[str, Meta(description="The account's id on its network.")]
    name: Annotated[str | None, Meta(description="Its name, if a record says so.")]
    kind: Annotated[str, Meta(description="person, organisation, bot or unknown.")]
    expertise: Annotated[Side, Meta(description="Does the account know about it?")]
    interest: Annotated[Side, Meta(description="Does the account care about it?")]
    people: Annotated[int, Meta(description="People who took up something of the account on the topic.")]
    people_with_standing: Annotated[int, Meta(description="Those of them whom the root gives standing.")]
    reachability: Annotated[Reachability, Meta(description="Does it answer people?")]
    last_active: Annotated[LastActive, Meta(description="Is it still there to be asked?")]
    standing: Annotated[
        Standing,
        Meta(description="exact: expertise is that of its document; shared: from one flow of standing for everybody."),
    ]
    position: Annotated[
        Position,
        Meta(
            description="The place among those with a number, by the score shown, which ties share. A document's is "
            "that of its own score, so it can differ where `standing` is shared."
        ),
    ]


class TitledRow(BoardRow, frozen=True, kw_only=True, gc=False):
    """A row in a file, which says on its own what the board is of."""

    topic: Annotated[str, Meta(description="Id of the topic.")]
    network: Annotated[str, Meta(description="The network that the accounts are of.")]
    trust_root: Annotated[
        str, Meta(description="Whose word counted: a trust root's id, `network`, `none`, or its digest without an id.")
    ]
    as_of: Annotated[Instant, Meta(description="Only what happened before this time was read.")]
    method: Annotated[str, Meta(description="Version of the method.")]


def order_may_be_chance(rows: Sequence[BoardRow]) -> bool:
    """Say whether two rows, one below the other, have expertise scores whose intervals overlap."""
    intervals = [row.expertise.interval for row in rows]
    return any(a is not None and b is not None and a.overlaps(b) for a, b in pairwise(intervals))
