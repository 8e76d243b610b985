"""Path: how a message went from person to person, as far as the records show it, and by whom it reached the trusted."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta

from candor.messages.ranking import TEXT_MOST, Author, author_named
from candor.messages.wrote import Wrote, wrote
from candor.scoring.activity import POSTS, RECORD_TYPES
from candor.scoring.acts import NAMED
from candor.scoring.arrays import index_by
from candor.scoring.excerpt import excerpt
from candor.scoring.explain import instant
from candor.scoring.kinds import KIND_CODE, KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from candor.scoring.account_kinds import SaidKind
    from candor.scoring.arrays import Ints
    from candor.scoring.columns import Columns
    from candor.scoring.world import World


MOST_STEPS = 2_000
MOST_TAKERS = 20
PASSING = ("answer", "reply", "quote", "reshare")
How = Literal["message", "recorded", "inferred", "unknown"]
NOT_SHOWN = (
    "The records name the original of each reshare, and not through whom it was seen: who passed it on to whom is not "
    "known."
)
PARTLY_SHOWN = "Of some reshares the records name the original alone: through whom they were seen is not known."
NEVER_RESHARED = "Posts cannot be reshared on this network: the path has only answers, replies and quotes."


class PathStep(msgspec.Struct, frozen=True, kw_only=True):
    """One who passed a message on, or said something about it; the first step is the message itself."""

    place: Annotated[int, Meta(description="Number of the step among the records of the path, by time, from 0.")]
    came_from: Annotated[
        int | None, Meta(description="Number of the record that it came from; null for the message, and where unknown.")
    ]
    how: Annotated[
        How,
        Meta(
            description="recorded: the records name where it came from; inferred: who reshared it follows somebody who "
            "had passed it on before; unknown: only the original is named."
        ),
    ]
    type: Annotated[str, Meta(description="Type of the record.")]
    at: Annotated[str, Meta(description="When.")]
    id: Annotated[str | None, Meta(description="Id of the record; null where its author asked not to be indexed.")]
    author: Annotated[Author | None, Meta(description="Who did it; null where that one asked not to be indexed.")]
    trusted: Annotated[bool, Meta(description="Whether it is one of the trusted people.")]


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """The shape of a path."""

    steps: Annotated[int, Meta(description="How many records are on it, the message among them.")]
    depth: Annotated[int, Meta(description="The longest way from the message, in acts one after the other.")]
    breadth: Annotated[int, Meta(description="The most records at one distance from the message.")]
    virality: Annotated[
        float | None,
        Meta(
            description="Structural virality (Goel et al. 2016): the mean distance over all pairs of records, in acts; "
            "about 2 where all came from the message itself. Null with one."
        ),
    ]


class TakenUp(msgspec.Struct, frozen=True, kw_only=True):
    """Who took a message up by one kind of recognition, on any topic."""

    kind: Annotated[str, Meta(description="The kind of recognition, such as accepted.")]
    people: Annotated[int, Meta(description="How many different people did.")]
    by: Annotated[
        tuple[Author, ...],
        Meta(description="The first twenty of them, by time, without who asked not to be indexed."),
    ]
    wrote: Annotated[
        tuple[Wrote, ...],
        Meta(
            description="What these wrote by it, by time, the first twenty: a reply or a quote may be an objection. "
            "Empty where it is done without words, and where these were not public to all or not kept."
        ),
    ] = ()


class MessagePath(msgspec.Struct, frozen=True, kw_only=True):
    """A message and how it went on its way. It raises nobody's score."""

    id: Annotated[str, Meta(description="Id of its record.")]
    type: Annotated[str, Meta(description="Type of the record.")]
    published: Annotated[str, Meta(description="When it was written.")]
    url: Annotated[str | None, Meta(description="Where to see it, if a record says so.")]
    text: Annotated[
        str | None,
        Meta(description="Its beginning, at most 500 characters; null where it was not public to all, or not kept."),
    ]
    author: Annotated[Author, Meta(description="Who wrote it.")]
    taken_up: Annotated[
        tuple[TakenUp, ...],
        Meta(description="Who took it up, by kind of recognition: an acceptance or a test is no step of the path."),
    ]
    recorded: Annotated[Shape, Meta(description="What the records show.")]
    with_inferred: Annotated[Shape, Meta(description="The same with the steps that are inferred.")]
    left_out: Annotated[int, Meta(description="Records on it beyond the first 2,000, which are counted here alone.")]
    unknown: Annotated[int, Meta(description="Records of which nobody knows through whom they came.")]
    note: Annotated[str | None, Meta(description="What the records cannot show, in words; or null.")]
    first_trusted: Annotated[
        int | None,
        Meta(description="Place of the first step by one of the trusted people, among the records; or null."),
    ]
    through: Annotated[
        tuple[int, ...],
        Meta(description="Places of the records by which it came there, from the message on; empty where unknown."),
    ]


@dataclass(frozen=True, eq=False)
class Walk:
    """Records on a path by time, the message first; `parent` is a place among them, -1 where there is none.

    `left_out` counts those beyond MOST_STEPS.
    """

    row: Ints
    parent: Ints
    how: tuple[How, ...]
    left_out: int = 0


def message_path(
    world: World, message: str, said: Mapping[str, SaidKind] | None = None
) -> tuple[MessagePath, tuple[PathStep, ...]] | None:
    """Return how a message went on its way, at most 2,000 records; None where there is none, or its author declined."""
    columns = world.columns
    row = next((row for row in columns.rows(*POSTS).tolist() if columns.records[row].id == message), None)
    if row is None or columns.actor[row] < 0 or _declined(columns, int(columns.actor[row])):
        return None
    walk = walk_from(columns, row)
    steps = tuple(_steps(world, walk, said or {}))
    record, recorded = columns.records[row], np.array([how in {"message", "recorded"} for how in walk.how])
    unknown = walk.how.count("unknown")
    first = next((step.place for step in steps[1:] if step.trusted and step.author != steps[0].author), None)
    whole = MessagePath(
        id=message,
        type=RECORD_TYPES[columns.type[row]],
        published=instant(int(columns.published[row])),
        url=record.url,
        text=excerpt(record, TEXT_MOST),
        author=author_named(world, int(columns.actor[row]), said or {}),
        taken_up=tuple(_taken_up(world, row, said or {})),
        recorded=shape_of(np.where(recorded, walk.parent, -1)),
        with_inferred=shape_of(walk.parent),
        left_out=walk.left_out,
        unknown=unknown,
        note=_note(world, unknown, steps),
        first_trusted=first,
        through=() if first is None else _way_to(walk.parent, first),
    )
    return whole, steps


def _note(world: World, unknown: int, steps: Sequence[PathStep]) -> str | None:
    """Say what the records cannot show of a path, or the network at all."""
    if unknown:
        return PARTLY_SHOWN if len(steps) - 1 > unknown else NOT_SHOWN
    return NEVER_RESHARED if "endorsed" in world.network.unknown else None


def _taken_up(world: World, message: int, said: Mapping[str, SaidKind]) -> Iterator[TakenUp]:
    """Yield who took the message up, as the list of messages counts them, the kinds in their usual order."""
    index, columns = world.index, world.columns
    every = index.acts
    chosen = np.flatnonzero((every.text == message) & (every.recognised == columns.actor[message]) & NAMED[every.kind])
    chosen = chosen[index.countable(chosen, world.shared_view)]
    chosen = chosen[np.argsort(every.row[chosen], kind="stable")]
    for kind in KINDS:
        acts = chosen[every.kind[chosen] == KIND_CODE[kind.id]]
        people = list(dict.fromkeys(every.recogniser[acts].tolist()))
        if people:
            shown = [person for person in people if not _declined(columns, person)][:MOST_TAKERS]
            by = tuple(author_named(world, person, said) for person in shown)
            written = _written(columns, dict.fromkeys(every.row[acts].tolist()), shown, kind.id)
            yield TakenUp(kind=kind.id, people=len(people), by=by, wrote=tuple(islice(written, MOST_TAKERS)))


def _written(columns: Columns, rows: Iterable[int], people: Sequence[int], kind: str) -> Iterator[Wrote]:
    """Yield what some people wrote by acts in these rows."""
    for row in rows:
        if (person := int(columns.actor[row])) in people:
            record, of, at = columns.records[row], RECORD_TYPES[columns.type[row]], instant(int(columns.published[row]))
            if (found := wrote(record, of, kind=kind, by=columns.people[person], at=at)) is not None:
                yield found


def walk_from(columns: Columns, message: int) -> Walk:
    """Follow what refers to the message, and what refers to that, to the end; the first MOST_STEPS are kept."""
    rows = np.flatnonzero(columns.is_type(*PASSING) & (columns.object_row >= 0))
    order, begin = index_by(columns.object_row[rows].astype(np.int64), columns.object_row.size)
    found, waiting = {message}, [message]
    while waiting:
        at = waiting.pop()
        new = set(rows[order[begin[at] : begin[at + 1]]].tolist()) - found
        found |= new
        waiting += new
    by_time = [message, *sorted(found - {message})[: MOST_STEPS - 1]]
    place = {row: number for number, row in enumerate(by_time)}
    named = {str(columns.records[row].id): number for row, number in place.items()}
    known = _Known(columns, place, named, _follows(columns, {int(columns.actor[row]) for row in by_time}))
    parents, hows = zip(*map(known.came_from, by_time), strict=True)
    return Walk(np.array(by_time), np.array(parents), hows, len(found) - len(by_time))


@dataclass(frozen=True, eq=False)
class _Known:
    """What tells where a record came from: places by row and by id, who follows whom, and who had passed it on so far.

    `passed` has, by the record passed on and the person, their last place.
    """

    columns: Columns
    place: Mapping[int, int]
    named: Mapping[str, int]
    follows: Mapping[int, set[int]]
    passed: dict[tuple[int, int], int] = field(default_factory=dict)

    def came_from(self, row: int) -> tuple[int, How]:
        """Return the place that a record came from, -1 where none is known, and how; records are asked by time."""
        found = self._found(row)
        self.passed[int(self.columns.object_row[row]), int(self.columns.actor[row])] = self.place[row]
        return found

    def _found(self, row: int) -> tuple[int, How]:
        columns, here, of = self.columns, self.place[row], int(self.columns.object_row[row])
        if here == 0:
            return -1, "message"
        under = self.place.get(of, here)  # here: it is later than the last that is kept
        if RECORD_TYPES[columns.type[row]] != "reshare" or RECORD_TYPES[columns.type[of]] == "reshare":
            return (under, "recorded") if under < here else (-1, "unknown")
        via = columns.records[row].via
        if via is not None and self.named.get(via, here) < here:
            return self.named[via], "recorded"
        followed = self.follows.get(int(columns.actor[row]), set())
        passed = [place for other in followed if (place := self.passed.get((of, other))) is not None]
        if passed:
            return max(passed), "inferred"
        return (under, "inferred") if int(columns.actor[of]) in followed and under < here else (-1, "unknown")


def _follows(columns: Columns, people: set[int]) -> dict[int, set[int]]:
    rows = columns.rows("follow")
    rows = rows[np.isin(columns.actor[rows], list(people)) & np.isin(columns.target[rows], list(people))]
    follows: dict[int, set[int]] = {}
    for actor, target in zip(columns.actor[rows].tolist(), columns.target[rows].tolist(), strict=True):
        follows.setdefault(actor, set()).add(target)
    return follows


def shape_of(parent: Sequence[int] | Ints) -> Shape:
    """Return the shape of what can be followed back to the first; `parent` names places before each, -1 for none."""
    depth, size = {0: 0}, {0: 1}
    for place, came_from in enumerate(parent):
        if place and came_from in depth:
            depth[place], size[place] = depth[int(came_from)] + 1, 1
    for place in sorted(depth, reverse=True)[:-1]:
        size[int(parent[place])] += size[place]
    count = len(depth)
    apart = sum(below * (count - below) for place, below in size.items() if place)
    at = np.bincount(list(depth.values()))
    return Shape(
        steps=count,
        depth=max(depth.values()),
        breadth=int(at.max()),
        virality=None if count == 1 else round(2 * apart / (count * (count - 1)), 6),
    )


def _way_to(parent: Ints, place: int) -> tuple[int, ...]:
    way = [place]
    while parent[way[-1]] >= 0:
        way.append(int(parent[way[-1]]))
    return tuple(reversed(way[1:])) if way[-1] == 0 else ()


def _declined(columns: Columns, person: int) -> bool:
    record = columns.accounts.get(person)
    return record is not None and record.consent is False


def _steps(world: World, walk: Walk, said: Mapping[str, SaidKind]) -> Iterator[PathStep]:
    columns, trusted = world.columns, world.trust.weights > 0
    for place, (row, parent, how) in enumerate(zip(walk.row.tolist(), walk.parent.tolist(), walk.how, strict=True)):
        person = int(columns.actor[row])
        hidden = person < 0 or _declined(columns, person)
        yield PathStep(
            place=place,
            came_from=None if parent < 0 else parent,
            how=how,
            type=RECORD_TYPES[columns.type[row]],
            at=instant(int(columns.published[row])),
            id=None if hidden else str(columns.records[row].id),
            author=None if hidden else author_named(world, person, said),
            trusted=person >= 0 and not world.trust.is_everybody and bool(trusted[person]),
        )
