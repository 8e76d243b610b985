"""Verify: recompute a score document with the Python standard library alone.

Nothing outside this folder is imported, so that anybody can copy it and run `python -m verify FILE` in the folder that
holds it. A document carries the figures of its method; these are held against the digest of the method as it was
published (`published.json`). What a document states (records, standing, what was given in turn) is taken at its word,
and recomputed is everything that it derives from that: from the acts up where all are there.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .digests import check_digests, digest_of
from .expertise import PART, check_breakdown, check_evidence, check_status
from .findings import Mismatch, VerificationReport, figures_of
from .points import check_interest
from .position import check_position

if TYPE_CHECKING:
    from collections.abc import Callable

    from .findings import Figures, Json

    Check = Callable[[VerificationReport, Json, Figures], None]

__all__ = ["Mismatch", "examine", "main", "report", "verify"]

USAGE = "usage: verify FILE ('-' reads standard input); FILE holds one score document or a list of them"
PUBLISHED = Path(__file__).with_name("published.json")
UNREADABLE = (KeyError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError)
CHECKS: tuple[tuple[str, Check], ...] = (
    (f"{PART}/evidence", check_evidence),
    (PART, check_status),
    (PART, check_breakdown),
    (f"{PART}/position", check_position),
    ("/interest", check_interest),
    ("", lambda findings, document, _: check_digests(findings, document)),
)


def verify(document: Json) -> list[Mismatch]:
    """Return what is off in one score document (decoded JSON); nothing where all checks pass."""
    return examine(document).faults


def examine(document: Json) -> VerificationReport:
    """Return what was checked in a document and what is off."""
    findings = VerificationReport()
    try:
        figures = _figures(findings, document["method"])
    except UNREADABLE:
        findings.fault("/method", None, None, "not a score document")
        return findings
    if figures is None:
        return findings
    for part, check in CHECKS:
        try:
            check(findings, document, figures)
        except UNREADABLE as error:
            findings.fault(part, None, None, f"cannot be read: {type(error).__name__}: {error}")
    return findings


def _figures(findings: VerificationReport, method: Json) -> Figures | None:
    """Return the figures that a document carries, held against the published digest; None where it carries none."""
    version, published = method["version"], json.loads(PUBLISHED.read_text(encoding="utf-8"))
    if version not in published:
        findings.cannot(f"made by method {version}, and only {', '.join(published)} can be recomputed here")
        return None
    if "figures" not in method:
        findings.cannot("it was made before documents carried the figures of their method")
        return None
    carried = digest_of(method["figures"])
    findings.equal("/method/digest", method["digest"], carried, "digest of the figures that it carries")
    findings.equal("/method/digest", carried, published[version], f"digest of method {version} as published")
    findings.checked.append(f"the figures of method {version}, {carried}")
    return figures_of(method)


def main(argv: list[str]) -> int:
    """Verify the documents of one file.

    Returns 0 if all checks pass, 1 if some are off, 2 if there is nothing that can be verified.
    """
    if len(argv) != 1:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        content = json.loads(sys.stdin.read() if argv[0] == "-" else Path(argv[0]).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        print(f"cannot read {argv[0]}: {error}", file=sys.stderr)
        return 2
    documents = content if isinstance(content, list) else [content]
    if not documents:
        print(f"{argv[0]} holds no score document", file=sys.stderr)
        return 2
    return max([report(document) for document in documents])


def report(document: object) -> int:
    """Verify one document and print what came of it; returns as `main` does."""
    findings = examine(document if isinstance(document, dict) else {})
    name = document.get("id", "document") if isinstance(document, dict) else "document"
    if findings.not_verified:
        print(f"{name}: cannot be verified: {findings.not_verified}")
        return 2
    if findings.faults:
        failed = len(findings.faults)
        print(f"{name}: {failed} check{'s' * (failed > 1)} failed")
        for fault in findings.faults:
            print(f"  {fault}")
        return 1
    print(f"{name}: all checks passed")
    for checked in findings.checked:
        print(f"  {checked}")
    return 0
