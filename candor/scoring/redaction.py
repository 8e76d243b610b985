"""Redaction: a person by every name a network has for them, and texts, documents and records without those names.

Every number of a document stays and can be checked.
"""

from __future__ import annotations

import itertools
import re
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any
from unicodedata import normalize
from urllib.parse import quote, quote_plus

import msgspec
from msgspec.structs import replace

from candor.names.account_text import as_read
from candor.names.accounts import spellings, tells_case_apart
from candor.scoring.activity import POSTS
from candor.scoring.verify.digests import ERASED, digests

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from candor.scoring.activity import Activity
    from candor.scoring.table import Texts
    from candor.scoring.trust_root import TrustRoot

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_QUOTED = re.compile("%E2%80%(?:8[B-F]|A[A-E])|%E2%81%A[0-9A-F]|%EF%B8%8[0-9A-F]|%C2%AD|%EF%BB%BF", re.IGNORECASE)
"""What shows as nothing, in an address: joiners of names in emoji, Persian and Indic scripts, mostly."""
_QUOTED_BEGINS = frozenset({"%e2%80%", "%e2%81%a", "%ef%b8%8", "%c2%ad", "%ef%bb%bf"})
_I_WITH_AND_WITHOUT_DOT = str.maketrans("\u0130\u0131", "ii")
_TEXTS = (("inputs", "gaps"), ("matched", "examples"))


class DataSubject(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A person on one network. `names` are the account's one names there, such as a handle and what it stands for.

    They are found whichever way they are written: as an address, percent-encoded (a blank also as +), with any blanks
    for a blank, in any case where the network takes no notice of it, and in JSON with escapes.
    """

    network: str
    names: tuple[str, ...]

    def may_occur_in(self, raw: bytes) -> bool:
        """Tell whether JSON or plain text in UTF-8 may speak of the person; cheap, and wrong only in saying yes."""
        return any(form in text for text in map(_without_case, _readings(raw)) for form in self._longest_words)

    def occurs_in_json(self, raw: bytes) -> bool:
        """Tell whether one of the names stands in JSON, or plain text, as a word of its own."""
        return self.may_occur_in(raw) and any(map(self.occurs_in, _readings(raw)))

    def among(self, texts: Texts) -> set[str]:
        """Return those of the texts that name the person; reads no others than what may."""
        words = {form for form in self._longest_words if form.isascii()} | _QUOTED_BEGINS
        found = texts.holding(words, 0, len(texts)).tolist() if len(texts) else ()
        return {text for text in map(texts.at, found) if self.occurs_in(text)}

    def redact(self, text: str) -> str:
        """Return the text with every name as a word of its own replaced; `ada` is none in `ada_b`, another account."""
        left = text
        for way in (partial(normalize, "NFC"), as_read, *([_as_read_unquoted] if "%" in text else ())):
            read = way(left)
            without = self._pattern.sub(ERASED, read)
            left = left if without == read else without
        return left

    def redact_id(self, text: str) -> str:
        """Return an id or address without the names; where one stands between `_`, as in `re_ada_1`, only ERASED."""
        left = self.redact(text)
        return ERASED if self.occurs_in(left) else left

    def occurs_in(self, text: str | None) -> bool:
        """Tell whether one of the names stands in an id, address or text as a word of its own, or between `_`."""
        return text is not None and any(map(self._looser.search, _ways_to_read(text)))

    @cached_property
    def _forms(self) -> tuple[str, ...]:
        written = dict.fromkeys(normalize("NFC", form) for name in self.names for form in spellings(self.network, name))
        quoted = (way(form, safe=safe) for form in written for safe in ("", "@", "/@:") for way in (quote, quote_plus))
        return tuple(sorted({*written, *quoted}, key=len, reverse=True))

    @cached_property
    def _longest_words(self) -> frozenset[str]:
        """The longest word of each form: whatever holds the form, with whichever blanks, holds it."""
        return frozenset(max(_without_case(form).split() or [""], key=len) for form in self._forms)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return self._as_word(r"\w")

    @cached_property
    def _looser(self) -> re.Pattern[str]:
        return self._as_word(r"[^\W_]")

    def _as_word(self, letter: str) -> re.Pattern[str]:
        written = ((form, re.escape(form).replace(r"\ ", r"\s+")) for form in self._forms)
        forms = (rf"(?i:{pattern})" if "%" in form else pattern for form, pattern in written)
        flags = re.NOFLAG if tells_case_apart(self.network) else re.IGNORECASE
        return re.compile(rf"(?:(?<!{letter})|(?<=%[0-9A-Fa-f]{{2}}))(?:{'|'.join(forms)})(?!{letter})", flags)


def _ways_to_read(text: str) -> Iterator[str]:
    """Yield text in normalisation form C, and as one reads it: of plain width, without what shows as nothing.

    That is left out where it is percent-encoded, too.
    """
    composed = normalize("NFC", text)
    yield composed
    if (read := as_read(text)) != composed:
        yield read
    if "%" in text and (unquoted := _as_read_unquoted(text)) != read:
        yield unquoted


def _as_read_unquoted(text: str) -> str:
    return as_read(_QUOTED.sub("", text))


def _readings(raw: bytes) -> Iterator[str]:
    """Yield text in UTF-8 as it stands, and with the escapes of JSON undone where it has any; each in both ways.

    Nothing tells plain text from JSON, and a backslash in a plain name is no escape.
    """
    text = raw.decode(errors="replace")
    yield from _ways_to_read(text)
    if "\\" in text:
        unescaped = _ESCAPE.sub(
            lambda found: chr(int(found[1], 16)) if found[1] else _CONTROLS.get(found[2], found[2]), text
        )
        yield from _ways_to_read(unescaped.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def _without_case(text: str) -> str:
    """Return text in which all letters are equal that a pattern takes for one when it takes no notice of case."""
    return (text if text.isascii() else text.translate(_I_WITH_AND_WITHOUT_DOT)).casefold()


def redact_root(root: TrustRoot, subject: DataSubject) -> TrustRoot:
    """Return the root without the person; a list whose address names them is called by it no longer."""
    left = root.without(subject.names)
    return left if root.list is None else replace(left, list=subject.redact_id(root.list))


def redact_document(document: Mapping[str, Any], subject: DataSubject, at: str) -> dict[str, Any] | None:
    """Return the document without the person, or None when it does not mention them.

    In the evidence, and among those whose trust it rests on, their name becomes `erased`; so do the ids of their acts
    and the links to these, and every such id and link that holds the name. A contribution whose id holds it is called
    `erased 1`, `erased 2` … throughout, so that acts on it can still be told apart. `at` (RFC 3339) stands in
    `redacted_at` then. Any published version of
    the document will do.
    """
    named = _named_parts(document["expertise"])
    renamed = _renaming(named["evidence"], subject)
    left = {"evidence": [_without(voice, subject, renamed) for voice in named["evidence"]]}
    if "backers" in named:
        left["backers"] = [_unnamed(backer, subject) for backer in named["backers"]]
    redacted = {**document, "expertise": {**document["expertise"], **left}}
    for (part, name), without in zip(_TEXTS, (subject.redact, subject.redact_id), strict=True):
        redacted[part] = {**document[part], name: [without(text) for text in document[part][name]]}
    if reason := document["account"].get("kind_reason"):
        redacted["account"] = {**document["account"], "kind_reason": subject.redact(reason)}
    if redacted == document:
        return None
    kept = dict(document["digests"])
    if left != named:
        kept.pop("names", None)
    new = digests(redacted)
    kept |= {part: new[part] for part in ("account", *dict(_TEXTS)) if redacted[part] != document[part]}
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
    acts = [{**act, "record": link(act["record"])} if "record" in act else act for act in acts]
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


_PARTS_OF_LINK = re.compile(r"[/#]")


def without_people(records: Iterable[Activity], people: Collection[str], links: Collection[str] = ()) -> list[Activity]:
    """Return the records without the people.

    Their records go, and acts towards them or on what they wrote. A post of somebody else stays, and no longer says
    whom or what it was about; nor does any act whose object is none of the records and is a link to one of them
    (`leads_to`). Nor does any record say where it can be seen or in which thread it is, if that is such a link.
    """
    everything = list(records)
    if not people and not links:
        return everything
    theirs = {record.id for record in everything if record.actor in people}

    def is_about_them(record: Activity) -> bool:
        return record.target_actor in people or (record.object is not None and record.object in theirs)

    gone = theirs | {r.id for r in everything if r.type not in POSTS and is_about_them(r)}
    gone |= {each for each in unmatched_objects(everything) if leads_to(each, people, links)}
    return [
        replace(record, object=None, target_actor=None) if is_about_them(record) else _without_object(record, gone)
        for record in (_without_links(each, gone, people, links) for each in everything)
        if record.actor not in people and (record.type in POSTS or not is_about_them(record))
    ]


def leads_to(link: str, people: Collection[str], links: Collection[str] = ()) -> bool:
    """Tell whether an id or address is among `links`, is somebody's name, or has it as a part, as in at://NAME/post/1."""
    return link in links or link in people or not set(_PARTS_OF_LINK.split(link)).isdisjoint(people)


def unmatched_objects(records: Sequence[Activity]) -> set[str]:
    """Return what records act on that is none of them."""
    objects = {record.object for record in records if record.object is not None}
    return objects.difference(record.id for record in records if record.type != "account" and record.id is not None)


def people_in(records: Iterable[Activity]) -> Iterator[str]:
    """Yield everybody whom records name as actor or target."""
    return (name for record in records for name in (record.actor, record.target_actor) if name)


def _without_links(
    record: Activity, gone: Collection[str | None], people: Collection[str], links: Collection[str]
) -> Activity:
    lost_via = record.via is not None and (record.via in gone or leads_to(record.via, people))
    if lost_via or (record.in_thread is not None and leads_to(record.in_thread, people, links)):
        record = replace(record, via=None, in_thread=None, thread_number=None)
    return replace(record, url=None) if record.url is not None and leads_to(record.url, people, links) else record


def _without_object(record: Activity, gone: Collection[str | None]) -> Activity:
    return replace(record, object=None) if record.object is not None and record.object in gone else record
