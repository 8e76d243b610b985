"""Backing checked: whose trust the voices rest on, from each one's trust to the most that A and R can be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .totals import UNBACKED, Backed, counted, scoped
from .voices import check_order

if TYPE_CHECKING:
    from collections.abc import Collection

    from .constants import Constants
    from .findings import Findings, Json

PART = "/expertise"
SCOPES = {"on_topic": "backed", "recent": "recent_backed"}  # each with the total that it bounds
SAME = 1e-9


def asks_whose_trust(document: Json) -> bool:
    """Say whether voices are followed back: not where everybody is trusted anyway."""
    return bool(document["trust_root"]["kind"] != "network")


def backed(document: Json, constants: Constants, corrupt: int = 0, trust: str = "trust") -> Backed:
    """Return what counts of those behind a full document, by one of their figures of trust.

    With so many more who did all they can.
    """
    if not asks_whose_trust(document):
        return UNBACKED
    rows, more = document["expertise"].get("backers", []), [constants.seed_cap] * corrupt
    here, late = (
        counted([*(_worth(row[trust], constants) for row in scoped(rows, scope)), *more], constants) for scope in SCOPES
    )
    return Backed(here, late)


def check_backing(findings: Findings, document: Json, constants: Constants) -> None:
    """From the trust of each to what all of them allow; nothing of it where everybody is trusted."""
    expertise = document["expertise"]
    if not asks_whose_trust(document):
        for name in ("backers", "backers_rest"):
            findings.equal(f"{PART}/{name}", expertise.get(name), None, "not asked under this root")
        check_not_backed(findings, PART, expertise)
        return
    rows = expertise.get("backers", [])
    for index, row in enumerate(rows):
        _check_backer(findings, f"{PART}/backers/{index}", row, constants)
    for scope in SCOPES:
        of_scope = [(index, row) for index, row in enumerate(rows) if row["scope"] == scope]
        check_order(findings, f"{PART}/backers", of_scope, constants, size="worth")
    rest = expertise.get("backers_rest", 0.0)
    findings.checked.append(f"{len(rows)} people of the root behind them, their trust taken as given")
    _check_total(findings, expertise, "on_topic", rest)
    if expertise["evidence_shown"] == "all":
        findings.equal(f"{PART}/backers_rest", rest, 0, "all of them are shown")
        _check_total(findings, expertise, "recent", 0.0)
        check_cover(findings, document)
    elif any(row["scope"] != "on_topic" for row in rows):
        findings.fault(f"{PART}/backers", None, None, "the largest on the topic are shown, and no others")


def check_not_backed(findings: Findings, part: str, side: Json) -> None:
    """Expect totals that nobody's trust bounds."""
    for name in SCOPES.values():
        findings.equal(f"{part}/totals/{name}", side["totals"].get(name), None, "nobody's trust bounds these voices")


def _check_backer(findings: Findings, part: str, row: Json, constants: Constants) -> None:
    if row["scope"] not in SCOPES:
        findings.fault(f"{part}/scope", row["scope"], list(SCOPES), "not a scope of those behind the voices")
    most = math.inf
    for name in ("trust", "without_largest", "without_five"):
        if not 0 <= row[name] <= most * (1 + SAME):
            findings.fault(f"{part}/{name}", row[name], None, "trust is below 0, or more than with more voices")
        most = row[name]
    findings.close(f"{part}/worth", row["worth"], _worth(row["trust"], constants), "trust / (1 + trust/K)")


def _worth(trust: float, constants: Constants) -> float:
    return trust / (1 + trust / constants.seed_cap)


def _check_total(findings: Findings, expertise: Json, scope: str, rest: float) -> None:
    shown = [row["counted"] for row in scoped(expertise.get("backers", []), scope)]
    name = SCOPES[scope]
    findings.close(f"{PART}/totals/{name}", expertise["totals"][name], math.fsum([*shown, rest]), "sum of what counts")


def check_cover(findings: Findings, document: Json, trust: str = "trust", silent: Collection[str] = ()) -> None:
    """Expect one figure of trust to cover the voices left without the silent, and what is gone of it to cover theirs.

    All standing comes from people of the root: no voices can be worth more than the trust they rest on.
    """
    if not asks_whose_trust(document):
        return
    for scope in SCOPES:
        rows = scoped(document["expertise"].get("backers", []), scope)
        voices = scoped(document["expertise"]["evidence"], scope)
        left, whole = (math.fsum(row[name] for row in rows) for name in (trust, "trust"))
        for share, is_silent in ((left, False), (whole - left, True)):
            covered = math.fsum(voice["voice"] for voice in voices if (voice["by"] in silent) == is_silent)
            if not covered <= share + SAME * (1 + whole):
                findings.fault(f"{PART}/backers", share, covered, f"{trust} does not cover the voices {scope}")
