"""The command: says that the numbers of a file's documents meet, or what is off."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from .examine import examine

USAGE = "usage: verify FILE ('-' reads standard input); FILE holds one score document or a list of them"


def main(argv: list[str]) -> int:
    """Verify the documents of one file.

    Returns 0 if all numbers meet, 1 if some are off, 2 if there is nothing that can be verified.
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
    return max([_report(document) for document in documents])


def _report(document: object) -> int:
    findings = examine(document if isinstance(document, dict) else {})
    name = document.get("id", "document") if isinstance(document, dict) else "document"
    if findings.unknown_method:
        print(f"{name}: cannot be verified: {findings.unknown_method}")
        return 2
    if findings.faults:
        print(f"{name}: {len(findings.faults)} parts are off")
        for fault in findings.faults:
            print(f"  {fault}")
        return 1
    print(f"{name}: the numbers meet: {'; '.join(findings.checked)}")
    return 0
