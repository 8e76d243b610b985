"""Text as UTF-8 without a byte-order mark, where it came as UTF-16 or UTF-32, or in a charset that its sender names."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from candor.formats.compression import UnreadableError, peek

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from charset_normalizer import CharsetMatch

CHARSETS = (
    "windows-1252",
    "windows-1250",
    "windows-1251",
    "windows-1253",
    "windows-1254",
    "macintosh",
    "ibm866",
    "koi8-r",
    "shift_jis",
    "gbk",
    "big5",
    "euc-kr",
)
"""What tables are written in that are not UTF-8, by names that browsers (WHATWG Encoding) and Python both know."""
_AS_GOOD = 0.05
"""Share of a text that may look amiss in one charset and not in another before the other is taken for it."""
_HEAD_BYTES = 4
_ASCII = bytes(range(0x20, 0x7F))
_UTF_8 = ("utf-8", "utf-8-sig", "ascii")
_ENCODINGS = {  # the longer marks first: those of UTF-16 begin them
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def as_utf_8(chunks: Iterable[bytes], charset: str | None = None) -> Iterator[bytes]:
    """Yield a text in UTF-8. Raises UnreadableError where it is not in `charset`, or not what its first bytes say.

    What its first bytes say comes before what its sender says: `charset`, a name as in RFC 9110, 8.3.2.
    """
    head, chunks = peek(chunks, _HEAD_BYTES)
    if encoding := _wide_encoding(head) or (None if head.startswith(codecs.BOM_UTF8) else _named(charset)):
        try:
            yield from (text.encode() for text in codecs.iterdecode(chunks, encoding))
        except UnicodeError as error:
            said = encoding if charset is None else charset
            raise UnreadableError(
                f"the text is not in {said}: bytes in it stand for no letter there; say in which charset it is"
            ) from error
        return
    first = next(chunks, b"")
    yield first.removeprefix(codecs.BOM_UTF8)
    yield from chunks


def probable_charset(text: bytes) -> str | None:
    """Return in which of CHARSETS the first bytes of a text probably are, None for UTF-8 and where none reads them.

    charset-normalizer tells it by the letters that follow one another in each language. Of those that look alike the
    first of CHARSETS is returned.
    """
    if is_utf_8(text):
        return None
    from charset_normalizer import from_bytes  # noqa: PLC0415 # what few need

    encodings = {codecs.lookup(name).name.replace("-", "_"): name for name in CHARSETS}
    found = list(from_bytes(text, cp_isolation=[*encodings]))
    if not found:
        return None
    best = found[0]
    alike = {encoding for each in found if _is_as_good(each, best) for encoding in each.could_be_from_charset}
    return next((name for encoding, name in encodings.items() if encoding in alike), None)


def is_utf_8(text: bytes) -> bool:
    """Say whether the first bytes of a text are UTF-8, of which the last letter may be cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(text)
    except UnicodeDecodeError:
        return False
    return True


def _is_as_good(one: CharsetMatch, best: CharsetMatch) -> bool:
    return one.chaos - best.chaos < _AS_GOOD and round(one.coherence, 2) >= round(best.coherence, 2)


def _named(charset: str | None) -> str | None:
    """Return the encoding of a charset, None for UTF-8 and where none is named. Raises UnreadableError."""
    if charset is None:
        return None
    try:
        encoding = codecs.lookup(charset).name
        holds_ascii = _ASCII.decode().encode(encoding) == _ASCII and _ASCII.decode(encoding) == _ASCII.decode()
    except (LookupError, UnicodeError, ValueError):
        holds_ascii = False
    if not holds_ascii:
        raise UnreadableError(
            f"there is no charset {charset[:40]!r} for texts, such as utf-8, windows-1252 or shift_jis"
        )
    return None if encoding in _UTF_8 else encoding


def _wide_encoding(head: bytes) -> str | None:
    """Return in which encoding of two or four bytes a sign a text is: JSON and tables begin with signs of ASCII."""
    for mark, encoding in _ENCODINGS.items():
        if head.startswith(mark):
            return encoding
    if len(head) >= 4 and head[0] and head[1:2] == head[3:4] == b"\0" and head[2]:
        return "utf-16-le"
    return "utf-16-be" if len(head) >= 4 and head[1] and head[:1] == head[2:3] == b"\0" else None
