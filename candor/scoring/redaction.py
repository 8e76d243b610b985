"""Redaction: a score document after somebody in its evidence, or behind it, was erased.

Every number stays and can be checked.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from candor.scoring.verify.digests import ERASED, digests

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from candor.scoring.subject import Subject

_TEXTS = (("inputs", "gaps"), ("matched", "examples"))


def redact(document: Mapping[str, Any], subject: Subject, at: str) -> dict[str, Any] | None:
    """Return the document without the person, or None when it does not mention them.

    In the evidence, and among those whose trust it rests on, their name becomes `erased`; so do the links to their acts
    and every link that holds the name. A contribution whose id holds it is called `erased 1`, `erased 2` … throughout,
    so that acts on it can still be told apart. `at` (RFC 3339) stands in `redacted_at` then. Any published version of
    the document will do.
    """
    said = _named_parts(document["expertise"])
    renamed = _renaming(said["evidence"], subject)
    left = {"evidence": [_without(voice, subject, renamed) for voice in said["evidence"]]}
    if "backers" in said:
        left["backers"] = [_unnamed(backer, subject) for backer in said["backers"]]
    redacted = {**document, "expertise": {**document["expertise"], **left}}
    for part, name in _TEXTS:
        redacted[part] = {**document[part], name: [subject.taken_out_of(text) for text in document[part][name]]}
    if redacted == document:
        return None
    kept = dict(document["digests"])
    if left != said:
        kept.pop("names", None)
    new = digests(redacted)
    kept |= {part: new[part] for part, _ in _TEXTS if redacted[part] != document[part]}
    return {**redacted, "digests": kept, "redacted_at": at}


def _named_parts(expertise: Mapping[str, Any]) -> dict[str, Any]:
    return {name: expertise[name] for name in ("evidence", "backers") if name in expertise}


def _unnamed(row: Mapping[str, Any], subject: Subject) -> dict[str, Any]:
    return {**row, "by": ERASED if row["by"] in subject.names else row["by"]}


def _without(voice: Mapping[str, Any], subject: Subject, renamed: Callable[[str], str]) -> dict[str, Any]:
    is_theirs = voice["by"] in subject.names

    def link(url: str | None) -> str | None:
        return ERASED if url is not None and (is_theirs or subject.stands_in(url)) else url

    acts = [{**act, "of": renamed(act["of"]), "url": link(act["url"])} for act in voice["acts"]]
    return {**_unnamed(voice, subject), "acts": acts}


def _renaming(voices: list[Any], subject: Subject) -> Callable[[str], str]:
    """Return what names contributions anew: those whose id holds the name, and lists that the person made."""
    acts = [(voice["by"], act) for voice in voices for act in voice["acts"]]
    taken = {act["of"] for _, act in acts}
    free = (name for number in itertools.count(1) if (name := f"{ERASED} {number}") not in taken)
    names: dict[str, str] = {}
    for by, act in acts:
        if subject.stands_in(act["of"]) or (by in subject.names and act["kind"] == "listed"):
            names.setdefault(act["of"], next(free))
    return lambda of: names.get(of, of)
