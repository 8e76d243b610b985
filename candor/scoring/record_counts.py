"""What was seen while reading records, counted, and which of those kept act on which."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from candor.scoring.activity import TYPE_CODE
from candor.scoring.state_words import is_known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_NAMED = 20
_LONGEST_STATE = 60


class Counts(msgspec.Struct):
    """What was seen while reading records, beside those kept."""

    records: Annotated[int, Meta(description="Records read.")] = 0
    duplicates: Annotated[int, Meta(description="Records that repeat another one exactly; each counts once.")] = 0
    private: Annotated[int, Meta(description="Private records, dropped.")] = 0
    nameless: Annotated[int, Meta(description="Records without an actor: nobody gets credit for them.")] = 0
    ownerless_accepts: Annotated[
        int,
        Meta(description="Records among them that accept an answer of no known thread, or without its question."),
    ] = 0
    unknown_fields: Annotated[int, Meta(description="Fields of records that Candor does not know, ignored.")] = 0
    unknown_field_names: Annotated[
        dict[str, str | None],
        Meta(description="The first twenty of them by name, each with the nearest field that Candor knows, or null."),
    ] = msgspec.field(default_factory=dict)
    unknown_states: Annotated[
        dict[str, int],
        Meta(
            description="Words for the state of a record of which nothing is known, so that it was kept as public, "
            "each with how many records; the first twenty."
        ),
    ] = msgspec.field(default_factory=dict)
    skipped: Annotated[int, Meta(description="Blank lines.")] = 0
    withdrawn: Annotated[
        int,
        Meta(
            description="Records taken out again: accepts, likes, follows and reshares that a later one takes back, "
            "and those of which another one with the same id says that they are private, hidden or deleted."
        ),
    ] = 0
    looking_alike: Annotated[
        tuple[str, ...],
        Meta(
            description="The first accounts, twenty at most, that are written both with and without what nobody sees, "
            "such as a space without width, or in full width: taken for one each, though somebody may pose as another."
        ),
    ] = ()
    taken_out: Annotated[
        int,
        Meta(description="Records that `DELETE` had taken out of the data set and that came again; left out."),
    ] = 0
    other_author: Annotated[
        int,
        Meta(
            description="Records with the id of an earlier one by another author. They took its place, but for those "
            "of a mailing list, whose ids are chosen by who sends a mail: these were left out."
        ),
    ] = 0
    suppressed: Annotated[int, Meta(description="Records of people who are suppressed, or about them; dropped.")] = 0
    bad: Annotated[int, Meta(description="Wrong records, left out: `skip_bad` was set, or a dump has an id twice.")] = 0
    without_zone: Annotated[int, Meta(description="Records whose time named no offset from UTC, taken as UTC.")] = 0
    in_future: Annotated[
        int, Meta(description="Records dated more than two days after they came; none counts before its day.")
    ] = 0

    def note_states(self, states: Iterable[object]) -> None:
        """Count the states of a record that is kept of which nothing is known."""
        counted = self.unknown_states
        for state in states:
            if isinstance(state, str) and not is_known(state):
                word = state[:_LONGEST_STATE]
                if word in counted or len(counted) < MAX_NAMED:
                    counted[word] = counted.get(word, 0) + 1

    def plus(self, other: Counts) -> Counts:
        """Return the counts of both, one read after the other."""
        numbers = {name: value + getattr(other, name) for name, value in _numbers_of(self)}
        names = dict([*self.unknown_field_names.items(), *other.unknown_field_names.items()][:MAX_NAMED])
        states = Counter(self.unknown_states) + Counter(other.unknown_states)
        alike = tuple(dict.fromkeys((*self.looking_alike, *other.looking_alike)))[:MAX_NAMED]
        unknown = dict([*states.items()][:MAX_NAMED])
        return Counts(**numbers, unknown_field_names=names, unknown_states=unknown, looking_alike=alike)


class References(msgspec.Struct, frozen=True):
    """How many records act on one of theirs, how many on what is none of them, and some ids of that."""

    answering: Annotated[
        int | None,
        Meta(description="Records whose `object` is the id of a record here; null where that was not counted yet."),
    ] = None
    unmatched: Annotated[int, Meta(description="Records whose `object` is the id of no record here.")] = 0
    unmatched_examples: Annotated[
        tuple[str, ...], Meta(description="The first five such objects: compare them with the ids of the records.")
    ] = ()
    asks: Annotated[
        bool | None,
        Meta(
            description="Whether any record is a `question` or an `answer`: without one, whoever answers vouches for "
            "nobody, so that trust hardly spreads. Null where that was not looked at yet."
        ),
    ] = None


ASKING = ("question", "answer")
"""Types of records of which one shows that somebody was answered."""
ASKING_CODES = [TYPE_CODE[name] for name in ASKING]


def _numbers_of(counts: Counts) -> Iterator[tuple[str, int]]:
    return ((name, value) for name, value in msgspec.structs.asdict(counts).items() if isinstance(value, int))
