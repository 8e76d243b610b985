"""Made-up answers, in the shape of each network's own: one account, all that is asked about it, nobody who exists.

A connector is tried with the module of its family here; a new one needs one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class MadeUp:
    """An account on a network and the answers by address, with what a connector must make of them.

    An address stands for all that have its path and its part of the query; before one that is asked by POST stands
    `POST `. Answers in a tuple come one after the other. `following` is what the Link header of an answer calls next.
    `may_be_missing` ends the places that the network leaves out, or null, where an item is nothing to make a record of.
    """

    network: str
    account: str
    answers: dict[str, Any]
    makes: dict[str, str]
    list: str | None = None
    may_be_missing: frozenset[str] = frozenset()
    following: dict[str, str] = field(default_factory=dict)
