"""Text as UTF-8 without a byte-order mark, where it came as UTF-16 or UTF-32, or in a charset that its sender names."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from candor.formats.compression import UnreadableError, peek

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CHARSETS = (
    "windows-1252",
    "windows-1250",
    "iso-8859-2",
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
_AS_GOOD, _AS_GOOD_IF_SHORT = 0.02, 0.3
"""How much less a text in the usual charset may look like a language before another is taken."""
_SHORT = 8
"""Letters beyond ASCII, of which a text with fewer says little of its language."""
_ODD = re.compile(
    r"(?<=[^\W\d_])[^\w\s!-~’“”»…–—]"  # noqa: RUF001 # a sign behind a letter that ends no word
    r"|[ŔŕĹĺ]"  # letters that hardly any language has
    r"|(?<=[^\W\d_])[–—…‚„‡†‰](?=[^\W\d_])"  # noqa: RUF001 # a sign in a word
    r"|(?<!\S)[ˆ‡†‰¬‹›¤¨´¸˜](?!\S)"  # noqa: RUF001 # a sign that stands alone
    r"|\b[À-ÖØ-öø-ÿ]{4,}\b"  # a word of Latin letters without one of ASCII
)
_TURKISH, _NOT_TURKISH = re.compile(r"[ðþýÞÝÐ]"), re.compile(r"[áéíúæ]")
"""Letters of Icelandic, which has both, and in their places others of Turkish."""
_ALPHABETS = tuple(
    frozenset(letters + letters.upper())
    for letters in (
        *(
            "àâæçéèêëîïôœùûüÿ",
            "äöüßéà",
            "áéíñóúüª",
            "áâãàçéêíóôõúüª",
            "àèéìíòóùú",
            "æøåéèêóòô",
            "äöåéüæø",
            "éëïóöüèáêí",
        ),
        *("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž", "ăâîșțşţ", "çğıöşüâîû"),
        *("áðéíóúýþæö", "äöüõšž"),
    )
)
"""Letters beyond ASCII of languages in Latin letters, French to Dutch, Polish to Turkish, Icelandic and Estonian."""
_MIXED = re.compile(r"[A-Za-z][\u0370-\uffff]|[\u0370-\uffff][A-Za-z]")
"""Letters of two scripts in one word."""
_HEAD_BYTES = 4
_BEYOND_ASCII = 0x80
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


def is_wide(head: bytes) -> bool:
    """Say by its first bytes whether a text is in UTF-16 or UTF-32."""
    return _wide_encoding(head[:_HEAD_BYTES]) is not None


def text_of_head(head: bytes) -> bytes:
    """Return the first bytes of a text in UTF-8, of which the last letter may be cut."""
    if (encoding := _wide_encoding(head[:_HEAD_BYTES])) is None:
        return head.removeprefix(codecs.BOM_UTF8)
    return codecs.getincrementaldecoder(encoding)("replace").decode(head).encode()


def probable_charset(text: bytes) -> str | None:
    """Return in which of CHARSETS the first bytes of a text probably are, None for UTF-8 and where none reads them.

    charset-normalizer tells which are possible by the letters that follow one another in each language. Those count in
    which the fewest signs stand where words have none; of these the usual one, if it looks as much like a language.
    """
    if is_utf_8(text):
        return None
    from charset_normalizer import from_bytes  # noqa: PLC0415 # what few need

    encodings = {codecs.lookup(name).name.replace("-", "_"): name for name in CHARSETS}
    coherence = {
        encodings[encoding]: match.coherence
        for match in from_bytes(text, cp_isolation=[*encodings])
        for encoding in match.could_be_from_charset
        if encoding in encodings
    }
    if not coherence:
        return None
    usual = CHARSETS[0]
    odd = {name: _oddities(text, name) for name in (*coherence, usual)}
    least = [name for name in odd if odd[name] == min(odd.values())]
    best = max(least, key=lambda name: coherence.get(name, 0))
    is_short = sum(byte >= _BEYOND_ASCII for byte in text) < _SHORT
    as_good = _AS_GOOD_IF_SHORT if is_short else _AS_GOOD
    is_usual = usual in least and coherence.get(best, 0) - coherence.get(usual, 0) < as_good
    return usual if is_usual else best


def _oddities(text: bytes, charset: str) -> int:
    """Count what no word has in a text read in a charset."""
    read = text.decode(charset, "replace")
    raised = sum(two.isupper() and two > "\x7f" and one.islower() for one, two in pairwise(read))  # as in "zoŽ"
    turkish = 0 if _NOT_TURKISH.search(read) else len(_TURKISH.findall(read))
    return len(_ODD.findall(read)) + read.count("\ufffd") + raised + turkish + _misfits(read)


def _misfits(read: str) -> int:
    """Count the letters of a text that the language which has most of them has not, and words of two scripts."""
    letters = Counter(sign for sign in read if "\x7f" < sign < "\u0370" and sign.isalpha())
    counts = (sum(times for letter, times in letters.items() if letter not in each) for each in _ALPHABETS)
    return min(counts) + len(_MIXED.findall(read))


def is_utf_8(text: bytes) -> bool:
    """Say whether the first bytes of a text are UTF-8, of which the last letter may be cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(text)
    except UnicodeDecodeError:
        return False
    return True


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
