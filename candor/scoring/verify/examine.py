"""Examine one document: every check in turn, each as far as the document can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .backing import PART
from .constants import CONSTANTS, VERSION
from .digests import check_digests
from .expertise import check_breakdown, check_evidence, check_status
from .findings import Findings
from .interest import check_interest

if TYPE_CHECKING:
    from collections.abc import Callable

    from .constants import Constants
    from .findings import Json

    Check = Callable[[Findings, Json, Constants], None]

UNREADABLE = (KeyError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError)


def examine(document: Json) -> Findings:
    """Return what was checked in a document and what is off."""
    findings = Findings()
    try:
        version = str(document["method"]["version"])
    except UNREADABLE:
        findings.fault("/method/version", None, VERSION, "not a score document")
        return findings
    if version != VERSION:
        findings.unknown_method = f"made by method {version}, and only {VERSION} can be recomputed here"
        findings.fault("/method/version", version, VERSION, findings.unknown_method)
        return findings
    checks: tuple[tuple[str, Check], ...] = (
        (f"{PART}/evidence", check_evidence),
        (PART, check_status),
        (PART, check_breakdown),
        ("/interest", check_interest),
        ("", lambda found, parts, _: check_digests(found, parts)),
    )
    for part, check in checks:
        try:
            check(findings, document, CONSTANTS)
        except UNREADABLE as error:
            findings.fault(part, None, None, f"cannot be read: {type(error).__name__}: {error}")
    return findings
