"""What was compared in a document and where it is off, by the figures of the method that it carries."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Json: TypeAlias = dict[str, Any]

RELATIVE = 1e-9
TINY = 1e-15
SECTIONS = ("window", "voice", "backing", "status", "interval", "robustness", "position")
HALF_A_PLACE = 0.5e-6 + 1e-9  # rounding to six places, and the last bits of another machine


@dataclass(frozen=True)
class Mismatch:
    """One part that is off: its JSON pointer, what the document says, what the rest of it gives, and words."""

    part: str
    stated: object
    recomputed: object
    detail: str

    def __str__(self) -> str:
        """One line for a person to read."""
        what = f"{self.part or '(the document)'}: {self.detail}"
        is_compared = self.stated is not None or self.recomputed is not None
        return f"{what}: stated {self.stated!r}, recomputed {self.recomputed!r}" if is_compared else what


@dataclass
class VerificationReport:
    """Collects faults, and in words what was checked; `not_verified` says why nothing could be recomputed, if so."""

    faults: list[Mismatch] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)
    not_verified: str = ""

    def fault(self, part: str, stated: object, recomputed: object, detail: str) -> None:
        """Note a fault."""
        self.faults.append(Mismatch(part, stated, recomputed, detail))

    def cannot(self, why: str) -> None:
        """Note that nothing can be recomputed, and why."""
        self.not_verified = why
        self.fault("/method/version", None, None, why)

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


@dataclass(frozen=True)
class Figures:
    """The figures of the method that numbers are recomputed by.

    Half-lives in days; what a voice is worth; what a status needs; strengths; control points; the profile's weights.
    """

    half_life_days: float
    recent_half_life_days: float
    most: float
    help_reciprocity: float
    soft_reciprocity: float
    prominence_floor: float
    prominence_half_at: float
    post_cap: float
    recent_to_topic: float
    specialist_prior: float
    specialist_power: float
    alone: float
    together: float
    shared_power: float
    half_behind: float
    few_people: int
    standing_each: float
    own_acts: int
    level: float
    z: float
    one_more: float
    corrupt_people: tuple[int, ...]
    least_placed: int
    first_share: float
    upper_share: float
    middle_share: float
    strengths: Mapping[str, float]
    control_points: Mapping[str, tuple[float, float]]
    expertise: Mapping[str, float]
    interest: Mapping[str, float]


def figures_of(method: Json) -> Figures:
    """Read the figures that a document carries of its method. Raises KeyError and the like where one is missing."""
    figures, profile = method["figures"], f"profiles.{method['profile']}"
    tables: Json = {
        "strengths": _under(figures, "kinds"),
        "control_points": _under(figures, "control_points"),
        "expertise": _under(figures, f"{profile}.expertise"),
        "interest": _under(figures, f"{profile}.interest"),
    }
    named = {name: figure for section in SECTIONS for name, figure in _under(figures, section).items()}
    return Figures(**tables, **{name: named[name] for name in Figures.__dataclass_fields__.keys() - tables.keys()})


def _under(figures: Json, section: str) -> Json:
    mark = f"{section}."
    return {name.removeprefix(mark): figure for name, figure in figures.items() if name.startswith(mark)}


def decimal(number: object) -> Decimal:
    """Return a number of the document as its shortest decimal text reads; 1.0 is 1."""
    return Decimal(repr(number))
