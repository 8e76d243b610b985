"""Digests of a document's sections: what it states, and cannot be recomputed, is sealed by these.

The evidence, and those whose trust it rests on, are sealed twice: their figures, and apart from them their names and
links, which an erasure takes out together with their digest.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .findings import Json, VerificationReport

ERASED = "erased"
ENCODE = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
EVIDENCE = ("evidence", "evidence_shown", "evidence_rest")
BACKERS = ("backers", "backers_rest")  # left out where there is nothing to say
NAMES = ("of", "url", "record")  # of an act; those made earlier have no record
FRAME = ("id", "as_of", "window_days", "data_until", "urls", "operator", "intended_use", "not_for")
PLAIN = ("account", "topic", "method", "trust_root", "inputs", "matched", "interest", "robustness", "facts")
POINTERS = {
    **{name: f"/{name}" for name in PLAIN},
    "frame": "",
    "expertise": "/expertise",
    "at_face_value": "/expertise/at_face_value",
    "evidence": "/expertise/evidence",
    "names": "/expertise/evidence",
    "own_acts": "/interest/own_acts",
}
_AS_IS = frozenset((str, int, bool, type(None)))


def digests(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the SHA-256 of the canonical text of each section."""
    return {name: hashlib.sha256(canonical(part)).hexdigest() for name, part in sections(document).items()}


def digest_of(figures: object) -> str:
    """Return the digest of a method by its figures, as documents and the service state it."""
    return "sha256:" + hashlib.sha256(canonical(figures)).hexdigest()


def canonical(part: object) -> bytes:
    """JSON with sorted keys and no white space, non-ASCII escaped, whole numbers without a point."""
    return ENCODE(_whole(part)).encode()


def check_digests(findings: VerificationReport, document: Json) -> None:
    """Compare each section with its digest; names only where none is erased."""
    stated, found = document["digests"], digests(document)
    if at := document.get("redacted_at"):
        findings.checked.append(f"redacted at {at}: somebody in it was erased since")
        if "names" not in stated:
            del found["names"]
            findings.checked.append("names not checked: some are erased")
    for name in sorted({*stated, *found}):
        detail = f"does not have the digest of {name} ({', '.join(FRAME)})" if name == "frame" else f"digest of {name}"
        findings.equal(POINTERS.get(name, f"/digests/{name}"), stated.get(name), found.get(name), detail)
    findings.checked.append(f"{len(found)} digests")


def sections(document: Mapping[str, Any]) -> dict[str, object]:
    """Return what each digest is of."""
    expertise = document["expertise"]
    return {
        **{name: document[name] for name in PLAIN},
        "own_acts": document["interest"]["own_acts"],
        "frame": [document[name] for name in FRAME],
        "expertise": _but(expertise, *EVIDENCE, *BACKERS, "at_face_value"),
        "at_face_value": expertise["at_face_value"],
        **evidence_sections(expertise),
    }


def evidence_sections(expertise: Mapping[str, Any]) -> dict[str, object]:
    """Return what is sealed of the evidence: all that a document with less of it has otherwise."""
    voices = expertise["evidence"]
    backers = expertise.get("backers", [])
    seeds = [[_but(backer, "by") for backer in backers], expertise.get("backers_rest", 0)]
    figures = [{**_but(voice, "by"), "acts": [_but(act, *NAMES) for act in voice["acts"]]} for voice in voices]
    return {
        "evidence": [
            figures,
            expertise["evidence_shown"],
            expertise["evidence_rest"],
            *(seeds if any(name in expertise for name in BACKERS) else ()),
        ],
        "names": [
            *(
                [voice["by"], *([act[name] for name in NAMES if name in act] for act in voice["acts"])]
                for voice in voices
            ),
            *(backer["by"] for backer in backers),
        ],
    }


def _but(part: Mapping[str, Any], *names: str) -> dict[str, Any]:
    rest = dict(part)
    for name in names:
        rest.pop(name, None)
    return rest


def _whole(part: Any) -> Any:  # noqa: ANN401 # any JSON
    """Write 8.0 as 8, as other languages do, so that a document may pass through them."""
    kind = type(part)
    if kind is float:
        return int(part) if part.is_integer() else part
    if kind is dict:
        return {name: value if type(value) in _AS_IS else _whole(value) for name, value in part.items()}
    if kind in _AS_IS:
        return part
    return [value if type(value) in _AS_IS else _whole(value) for value in part]
