"""Position checked: what follows from a rank and the counts beside it; the rank itself needs the whole community."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .findings import Figures, Json, VerificationReport

PART = "/expertise"
RANGES = {
    "first": "among the most recognised here",
    "upper": "more recognised here than most",
    "middle": "about as recognised as most here",
    "lower": "less recognised than most here",
}
"""What is said of a place, by range, from the front to the end."""


def range_of(rank: int, of: int, *, least: int, first: float, upper: float, middle: float) -> str | None:
    """Return the range of a rank among so many with a number; None where they are fewer than `least`."""
    if of < least:
        return None
    if rank <= first * of:
        return "first"
    if rank <= upper * of:
        return "upper"
    if rank <= middle * of:
        return "middle"
    return "lower" if rank <= of else None


def share_below(rank: int, tied: int, active: int) -> float:
    """Return the share of the active people who stand below a rank that `tied` others share, six places."""
    return round((active - rank - tied) / active, 6)


def check_position(findings: VerificationReport, document: Json, figures: Figures) -> None:
    """Check both positions; documents of before there were any have none."""
    expertise = document["expertise"]
    face = expertise["at_face_value"]
    is_rough = bool(expertise.get("little_evidence"))
    _check(findings, f"{PART}/position", expertise, figures, is_rough=is_rough)
    if face is not None and "position" in face:
        # how many are behind it at face value is not written out: no fewer than are behind the score
        says_none = face["position"]["range"] is None and expertise["people"] < figures.few_people
        _check(findings, f"{PART}/at_face_value/position", face, figures, is_rough=says_none)


def _check(findings: VerificationReport, here: str, side: Json, figures: Figures, *, is_rough: bool) -> None:
    position = side.get("position")
    if position is None:
        return
    if position["status"] != "placed":
        for name in ("rank", "tied", "of", "active", "share_below", "range", "words"):
            findings.equal(f"{here}/{name}", position[name], None, "no place, nothing about it")
        return
    rank, tied, of, active = (position[name] for name in ("rank", "tied", "of", "active"))
    if side["score"] is None or not 1 <= rank <= rank + tied <= of <= active:
        findings.fault(here, position, None, "a place only with a number, and counts that fit each other")
    shares = {
        "first": figures.first_share,
        "upper": figures.upper_share,
        "middle": figures.middle_share,
    }
    found = None if is_rough else range_of(rank, of, least=figures.least_placed, **shares)
    findings.equal(f"{here}/range", position["range"], found, "the range of the rank; none where the number is rough")
    findings.equal(f"{here}/words", position["words"], found and RANGES[found], "the words of the range")
    findings.equal(f"{here}/share_below", position["share_below"], share_below(rank, tied, active), "share below")
    counted = ", everyone counted equally" if "at_face_value" in here else ""
    findings.checked.append(
        f"what is said of place {rank} of {of}{counted}; the place itself cannot be checked without the whole community"
    )
