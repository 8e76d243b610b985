"""What was read of a network: records, and of each account asked about what it is called or why it is not there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from candor.scoring.activity import Activity
    from candor.scoring.question import Withheld
    from candor.scoring.trust_root import TrustRoot
    from candor.store.models import Problem


@dataclass(frozen=True)
class Fetched:
    """What a network said. `names` gives the name that records use for each account asked about.

    Accounts with a problem are in no other part.
    """

    activities: list[Activity]
    names: dict[str, str]
    problems: dict[str, Problem]
    withheld: tuple[Withheld, ...]
    trust_root: TrustRoot
    gaps: tuple[str, ...]


@dataclass
class Subject:
    """An account asked about that can be read: what it did, and why reading that stopped."""

    name: str
    posts: list[Activity] = field(default_factory=list)
