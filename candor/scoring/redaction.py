"""Redaction: a person by every name a network has for them, and texts and documents without those names.

Every number of a document stays and can be checked.
"""

from __future__ import annotations

import itertools
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from candor.scoring.verify.digests import ERASED, digests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_FEDERATED = re.compile(r"@?([^@\s/]+)@([^@\s/]+)")
_TEXTS = (("inputs", "gaps"), ("matched", "examples"))


class DataSubject(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A person on one network. `names` are the account's ids there, such as a handle and what it stands for."""

    network: str
    names: tuple[str, ...]

    def may_occur_in(self, raw: bytes) -> bool:
        """Tell whether JSON or plain text in UTF-8 may speak of the person; cheap, and wrong only in saying yes."""
        return any(name in raw for name in self._raw)

    def redact(self, text: str, instead: str = ERASED) -> str:
        """Return the text with every name as a word of its own replaced."""
        return self._pattern.sub(lambda _: instead, text)

    def occurs_in(self, text: str | None) -> bool:
        """Tell whether one of the names stands in the text as a word of its own."""
        return text is not None and self._pattern.search(text) is not None

    @cached_property
    def _raw(self) -> tuple[bytes, ...]:
        forms = dict.fromkeys(form for name in self.names for form in spellings(name))
        return tuple(msgspec.json.encode(form)[1:-1] for form in forms)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        forms = sorted({form for name in self.names for form in spellings(name)}, key=len, reverse=True)
        return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, forms))})(?!\w)")


def spellings(name: str) -> Iterable[str]:
    """Yield the ways in which a name stands in texts and addresses; `@user@host` has its page on that host."""
    yield name
    if found := _FEDERATED.fullmatch(name):
        user, host = found.groups()
        yield from (f"{user}@{host}", f"{host}/@{user}", f"{host}/users/{user}")


def redact_document(document: Mapping[str, Any], subject: DataSubject, at: str) -> dict[str, Any] | None:
    """Return the document without the person, or None when it does not mention them.

    In the evidence, and among those whose trust it rests on, their name becomes `erased`; so do the links to their acts
    and every link that holds the name. A contribution whose id holds it is called `erased 1`, `erased 2` … throughout,
    so that acts on it can still be told apart. `at` (RFC 3339) stands in `redacted_at` then. Any published version of
    the document will do.
    """
    named = _named_parts(document["expertise"])
    renamed = _renaming(named["evidence"], subject)
    left = {"evidence": [_without(voice, subject, renamed) for voice in named["evidence"]]}
    if "backers" in named:
        left["backers"] = [_unnamed(backer, subject) for backer in named["backers"]]
    redacted = {**document, "expertise": {**document["expertise"], **left}}
    for part, name in _TEXTS:
        redacted[part] = {**document[part], name: [subject.redact(text) for text in document[part][name]]}
    if redacted == document:
        return None
    kept = dict(document["digests"])
    if left != named:
        kept.pop("names", None)
    new = digests(redacted)
    kept |= {part: new[part] for part, _ in _TEXTS if redacted[part] != document[part]}
    return {**redacted, "digests": kept, "redacted_at": at}


def _named_parts(expertise: Mapping[str, Any]) -> dict[str, Any]:
    return {name: expertise[name] for name in ("evidence", "backers") if name in expertise}


def _unnamed(row: Mapping[str, Any], subject: DataSubject) -> dict[str, Any]:
    return {**row, "by": ERASED if row["by"] in subject.names else row["by"]}


def _without(voice: Mapping[str, Any], subject: DataSubject, renamed: Callable[[str], str]) -> dict[str, Any]:
    is_theirs = voice["by"] in subject.names

    def link(url: str | None) -> str | None:
        return ERASED if url is not None and (is_theirs or subject.occurs_in(url)) else url

    acts = [{**act, "of": renamed(act["of"]), "url": link(act["url"])} for act in voice["acts"]]
    return {**_unnamed(voice, subject), "acts": acts}


def _renaming(voices: list[Any], subject: DataSubject) -> Callable[[str], str]:
    """Return what names contributions anew: those whose id holds the name, and lists that the person made."""
    acts = [(voice["by"], act) for voice in voices for act in voice["acts"]]
    taken = {act["of"] for _, act in acts}
    free = (name for number in itertools.count(1) if (name := f"{ERASED} {number}") not in taken)
    names: dict[str, str] = {}
    for by, act in acts:
        if subject.occurs_in(act["of"]) or (by in subject.names and act["kind"] == "listed"):
            names.setdefault(act["of"], next(free))
    return lambda of: names.get(of, of)
