"""A document sealed, whole or in brief, with the digests that verify/digests.py finds, in a third of the time."""

from __future__ import annotations

import hashlib
import math
import re
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from candor.scoring.verify.digests import NAMES, canonical, sections

if TYPE_CHECKING:
    from collections.abc import Sequence

    from candor.scoring.document import Act, Expertise, ScoreDocument

BRIEF_VOICES = 20
_AS_IS = frozenset((str, int, bool, type(None)))
_LEAST, _MOST = 1e-4, 1e15  # between these msgspec writes a float that is no whole number as Python does
_ALL_ONES = bytes.maketrans(b"23456789", b"11111111")
_RARE = (b"e1", b"-0.0")  # of numbers from 10^16 up, once all digits are ones, and a negative zero
_ONE_DIGIT = re.compile(rb"e-([0-9])(?=[],}])")  # of an exponent: Python writes two
_WITHOUT_EXPONENT = re.compile(rb"0\.0000[0-9]+(?=[],}])")
_WHOLE = re.compile(rb"\.0(?=[],}])")
_DELETE = b"\x7f"  # which Python escapes, and msgspec does not
_encode = msgspec.json.Encoder(order="sorted").encode
_names = attrgetter(*NAMES)


def sealed(document: ScoreDocument) -> ScoreDocument:
    """Return the document with a digest of each section.

    Who replaces a name in the evidence by `erased` takes the digest `names` out; the others still hold.
    """
    return replace(document, digests=digests_of(document))


def brief(document: ScoreDocument) -> ScoreDocument:
    """Return the document with its twenty largest voices and backers on the topic only.

    `evidence_rest` and `backers_rest` hold what the others count.
    """
    voices = [row for row in document.expertise.evidence if row.scope == "on_topic"]
    backers = [row for row in document.expertise.backers if row.scope == "on_topic"]
    backers_rest = math.fsum(row.worth for row in backers[BRIEF_VOICES:])
    shortened = replace(
        document.expertise,
        evidence=tuple(voices[:BRIEF_VOICES]),
        evidence_rest=math.fsum(row.voice for row in voices[BRIEF_VOICES:]),
        evidence_shown="largest",
        backers=tuple(backers[:BRIEF_VOICES]),
    )
    if backers_rest:  # a zero of its own would be written out
        shortened = replace(shortened, backers_rest=backers_rest)
    return replace(document, expertise=shortened, digests=document.digests | evidence_digests_of(shortened))


def digests_of(document: ScoreDocument) -> dict[str, str]:
    """Return the SHA-256 of the canonical text of each section of a document."""
    expertise = replace(document.expertise, evidence=(), backers=())  # these are most of a document
    figures = document.method.figures  # and these are the same in each
    rest = replace(document, expertise=expertise, method=replace(document.method, figures={}))
    values = canonical_values(msgspec.to_builtins(rest))
    values["method"]["figures"] = msgspec.Raw(_canonical_figures(msgspec.json.encode(figures)))
    return _digests(sections(values)) | evidence_digests_of(document.expertise)


@lru_cache(maxsize=8)
def _canonical_figures(written: bytes) -> bytes:
    return text_of(canonical_values(msgspec.json.decode(written)))


def evidence_digests_of(expertise: Expertise) -> dict[str, str]:
    """Return the SHA-256 of what is sealed of the evidence: written from the records as they are, which is faster.

    No word in its figures looks like a number. What is unset is not written.
    """
    voices, backers, nameless = expertise.evidence, expertise.backers, dict.fromkeys(NAMES, UNSET)
    seeds = [[replace(backer, by=UNSET) for backer in backers], expertise.backers_rest]
    stated = [
        [replace(voice, by=UNSET, acts=[replace(act, **nameless) for act in voice.acts]) for voice in voices],
        expertise.evidence_shown,
        expertise.evidence_rest,
        *(seeds if any(seeds) else ()),
    ]
    names = [
        *([voice.by, *(_names_of(act) for act in voice.acts)] for voice in voices),
        *(backer.by for backer in backers),
    ]
    texts = {"evidence": numbers_as_python_writes(_encode(stated)), "names": text_of(names)}
    return {name: hashlib.sha256(text).hexdigest() for name, text in texts.items()}


def _names_of(act: Act) -> Sequence[Any]:
    names: Sequence[Any] = _names(act)
    return [name for name in names if name is not UNSET] if UNSET in names else names


def numbers_as_python_writes(text: bytes) -> bytes:
    """Return JSON of msgspec with its numbers as the canonical text has them, where no word looks like one."""
    ones = text.translate(_ALL_ONES)
    if any(mark in ones for mark in _RARE):
        return _encode(canonical_values(msgspec.json.decode(text)))
    if b"e-" in text:
        text = _ONE_DIGIT.sub(rb"e-0\1", text)
    if b"0.0000" in text:
        text = _WITHOUT_EXPONENT.sub(_with_exponent, text)
    return _WHOLE.sub(b"", text)


def _with_exponent(found: re.Match[bytes]) -> bytes:
    begins_there = not found.string[found.start() - 1 : found.start()].isdigit()
    return repr(float(found[0])).encode() if begins_there else found[0]


def _digests(parts: dict[str, object]) -> dict[str, str]:
    return {name: hashlib.sha256(text_of(part)).hexdigest() for name, part in parts.items()}


def text_of(part: object) -> bytes:
    """Return the canonical text of canonical values."""
    text = _encode(part)
    return text if text.isascii() and _DELETE not in text else canonical(msgspec.json.decode(text))


def canonical_values(part: Any) -> Any:  # noqa: ANN401 # any JSON
    """Return plain values with their numbers as the canonical text has them; dicts are changed where they are."""
    kind = type(part)
    if kind is dict:
        for name, value in part.items():
            kind = type(value)
            if kind is float:
                if value.is_integer():
                    part[name] = int(value) if -_MOST < value < _MOST else _number(value)
                elif not _LEAST <= value < _MOST:
                    part[name] = _number(value)
            elif kind not in _AS_IS:
                part[name] = canonical_values(value)
        return part
    if kind is float:
        return _number(part)
    return part if kind in _AS_IS else [each if type(each) in _AS_IS else canonical_values(each) for each in part]


def _number(value: float) -> Any:  # noqa: ANN401 # whatever msgspec writes as Python does
    if _LEAST <= value < _MOST:
        return int(value) if value.is_integer() else value
    if not value:
        return 0
    return msgspec.Raw(canonical(value) if value.is_integer() else repr(value).encode())
