"""Findings: what was compared in a document, and where it is off."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]

RELATIVE = 1e-9
TINY = 1e-15
HALF_A_PLACE = 0.5e-6 + 1e-9  # rounding to six places, and the last bits of another machine


@dataclass(frozen=True)
class Fault:
    """One part that is off: its JSON pointer, what the document says, what the rest of it gives, and words."""

    part: str
    stated: object
    recomputed: object
    detail: str

    def __str__(self) -> str:
        """One line for a person to read."""
        return f"{self.part or '(the document)'}: {self.detail}: stated {self.stated!r}, recomputed {self.recomputed!r}"


@dataclass
class Findings:
    """Collects faults, and in words what was checked; `unknown_method` says why nothing could be recomputed, if so."""

    faults: list[Fault] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)
    unknown_method: str = ""

    def fault(self, part: str, stated: object, recomputed: object, detail: str) -> None:
        """Note a fault."""
        self.faults.append(Fault(part, stated, recomputed, detail))

    def equal(self, part: str, stated: object, recomputed: object, detail: str) -> None:
        """Expect the very same value."""
        if stated != recomputed or isinstance(stated, bool) != isinstance(recomputed, bool):
            self.fault(part, stated, recomputed, detail)

    def close(self, part: str, stated: object, recomputed: float, detail: str, within: float = 0.0) -> None:
        """Expect a number equal up to the order of additions, or up to `within`."""
        number = isinstance(stated, (int, float)) and not isinstance(stated, bool)
        allowed = max(within, RELATIVE * abs(recomputed) + TINY)
        if not number or not abs(stated - recomputed) <= allowed:  # type: ignore[operator]
            self.fault(part, stated, recomputed, detail)

    def six_places(self, part: str, stated: object, exact: float, detail: str) -> None:
        """Expect `exact` rounded to six places."""
        before = len(self.faults)
        self.close(part, stated, exact, detail, within=HALF_A_PLACE)
        if len(self.faults) == before and round(float(str(stated)), 6) != stated:
            self.fault(part, stated, round(exact, 6), "more than six places")


def decimal(number: object) -> Decimal:
    """Return a number of the document as its shortest decimal text reads; 1.0 is 1."""
    return Decimal(repr(number))
