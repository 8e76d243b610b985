"""What a feature is: its published facts, the same in French, what it needs, and how it is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta

from candor.scoring.curves import count_limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from candor.scoring.arrays import Floats
    from candor.scoring.evidence import Evidence
    from candor.scoring.interest import OwnActs


class FeatureFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Published facts of one feature; `unit` is that of its raw value and of its control points."""

    id: Annotated[str, Meta(description="Its id.")]
    label: Annotated[str, Meta(description="Its name.")]
    question: Annotated[str, Meta(description="What it asks.")]
    formula: Annotated[str, Meta(description="How it is measured, in words.")]
    unit: Annotated[str, Meta(description="Unit of the raw value.")]
    needs: Annotated[str, Meta(description="What it needs to say anything.")]
    evidence: Annotated[str, Meta(description="What counts as evidence.")]
    weaknesses: Annotated[tuple[str, ...], Meta(description="What is known to be wrong with it.")]
    source: Annotated[str, Meta(description="Where it comes from.")]


class French(msgspec.Struct, frozen=True, kw_only=True):
    """What of the facts pages say in French; `weaknesses` are in the same order."""

    label: str
    question: str
    formula: str
    unit: str
    needs: str
    evidence: str
    weaknesses: tuple[str, ...]
    source: str


@dataclass(frozen=True, kw_only=True)
class ExpertiseFeature:
    """A feature of expertise: `measure` returns its raw value by subject.

    `scope` is which votes it is measured from; `kinds` are the kinds of recognition that it counts, all if none.
    """

    facts: FeatureFacts
    french: French
    measure: Callable[[Evidence], Floats]
    scope: Literal["on_topic", "recent"] = "on_topic"
    kinds: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """What method.toml calls it."""
        return self.facts.id


@dataclass(frozen=True, kw_only=True)
class InterestFeature:
    """A feature of interest: `measure` returns its raw value and its limits by subject.

    `types` are the types of own records that it counts (`OwnActs.count`), none if it needs the totals alone.
    """

    facts: FeatureFacts
    french: French
    measure: Callable[[OwnActs], tuple[Floats, Floats, Floats]]
    types: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """What method.toml calls it."""
        return self.facts.id


def counts_of(*types: str, facts: FeatureFacts, french: French) -> InterestFeature:
    """Return the feature that is a decayed count of own records of these types on the topic."""

    def measure(own: OwnActs) -> tuple[Floats, Floats, Floats]:
        count = own.count(*types)
        return count, *count_limits(count)

    return InterestFeature(facts=facts, french=french, measure=measure, types=types)
