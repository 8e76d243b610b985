"""The dialect: what DuckDB and Spark both read, and sums that are the same whatever the order of rows.

Sums are of whole numbers (values times `SCALE`), so neither the parts that rows lie in nor the engine changes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from candor.scoring.activity import TYPE_CODE
from candor.scoring.standing import half_at_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from candor.scoring.method import Method, Profile

SCALE = 2.0**36
"""Sums count in units of 1.5e-11; up to 134 million of them fit."""

DAY_US = 86_400_000_000

MOST_COLUMNS = 128
"""People of a root for whom a table has a column each."""

PEOPLE_AT_ONCE = 4096
"""Of so many, rows with a column for each of the root fit a processor's cache."""


PEOPLE_IN_PART = 200_000
"""People about whom sums for each of the root are added up at once: they take a kilobyte or two a person."""

RECORDS_IN_PART = 20_000_000
"""Records whose pairs of people are found and joined at once, so that what is looked up meanwhile fits in memory."""


@dataclass(frozen=True)
class Part:
    """A part of all pairs of people, by one of both."""

    number: int = 0
    of: int = 1

    def has(self, person: str) -> str:
        """Say that somebody is in it."""
        return "0 = 0" if self.of == 1 else f"{person} % {self.of} = {self.number}"


@dataclass(frozen=True)
class Step:
    """A table to make, and how; a view is worked out at each use: what is used once, or selects without a join.

    The rows of `more` are added to it, one query after the other.
    """

    name: str
    sql: str
    is_view: bool = False
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What the queries depend on beside the records: the method, and what the question says of the community.

    `face_value` is that everybody counts in full; `seeds` counts the people of the root, and `seeds_there` are those
    whom the records know, by number. `rows` are those of the window, `people` counts everybody.
    """

    method: Method
    profile: Profile
    as_of: int
    rows: slice
    people: int
    granted_rights: bool
    face_value: bool
    seeds: int
    seeds_there: tuple[int, ...]

    def inside(self, row: str) -> str:
        """Say whether the number of a row is one in the window."""
        return f"({row} >= {self.rows.start} and {row} < {self.rows.stop})"

    @property
    def people_parts(self) -> list[Callable[[str], str]]:
        """The parts that everybody is added up in: what says that somebody is in one."""
        return [
            f"{{0}} >= {at} and {{0}} < {at + PEOPLE_IN_PART}".format
            for at in range(0, max(self.people, 1), PEOPLE_IN_PART)
        ]

    @property
    def pair_parts(self) -> list[Part]:
        """The parts that all pairs of people are looked at in."""
        of = max(1, -(-(self.rows.stop - self.rows.start) // RECORDS_IN_PART))
        return [Part(number, of) for number in range(of)]

    @property
    def is_small(self) -> bool:
        """Whether the root is so small that a table may have a column for each of its people."""
        return 0 < len(self.seeds_there) <= MOST_COLUMNS


def number(value: float) -> str:
    """Write a number as a double in both dialects."""
    text = repr(float(value))
    return text if "e" in text else f"{text}e0"


def fixed(value: str) -> str:
    """Round an expression to a whole number of units."""
    return whole(f"({value}) * {number(SCALE)}")


def whole(value: str) -> str:
    """Round an expression that is in units already."""
    return f"cast(round({value}) as bigint)"


def unfixed(units: str) -> str:
    """Turn a sum of units back into a double."""
    return f"(cast({units} as double) / {number(SCALE)})"


def units(value: str) -> str:
    """Add an expression up in units. DuckDB would keep the sum in 128 bits."""
    return f"cast(sum({fixed(value)}) as bigint)"


def total(value: str) -> str:
    """Add an expression up, in the same way whatever the order of rows."""
    return total_of(fixed(value))


def total_of(units: str) -> str:
    """Add whole numbers of units up."""
    return unfixed(f"sum({units})")


def near_each_other(group: str, other: str) -> str:
    """Order rows so that those of some groups come together, by what they are joined with: no sum depends on it.

    Adding wide rows up takes half the time where those added to, and those fetched, are in a processor's cache.
    """
    return f"floor({group} / {PEOPLE_AT_ONCE}), {other}"


def only(condition: str, value: str) -> str:
    """Count an expression only where a condition holds."""
    return f"case when {condition} then {value} else 0e0 end"


def types(*names: str) -> str:
    """List the codes of types of records."""
    return ", ".join(str(TYPE_CODE[name]) for name in names)


def age_days(plan: Plan) -> str:
    """Say how old a record is, in days."""
    return f"(cast({plan.as_of} - published as double) / {number(DAY_US)})"


def decayed(plan: Plan, half_life_days: float) -> str:
    """Say what is left of something as old as a record: 1 at first, half of it after each half-life."""
    return f"power(0.5e0, {age_days(plan)} / {number(half_life_days)})"


def saturated(plan: Plan, vouched: str) -> str:
    """Turn the summed standing of those who vouch into standing, 0 to 1: candor.scoring.standing.saturated in SQL."""
    rule = plan.method.standing
    half_at = half_at_of(rule, plan.seeds)
    some = f"power({vouched} / {number(half_at)}, {number(rule.steepness)})"
    return f"({some} / (1e0 + {some}))"
