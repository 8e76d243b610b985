"""Words: text made comparable and cut up, for every script. Matching reads tokens, near-copies are found by words."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_CHARACTERS = 200_000
"""Of a normalised text no more is read: one character can stand for eighteen."""

MAX_MARKS = 30
"""Marks kept on one character, as the Stream-Safe Text Format does (UAX 15): ordering them takes quadratic time."""

# Scripts written without spaces: each character stands for itself.
_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HIRAGANA = "\u3041-\u3096\u309d-\u309f"
_SOUTH_EAST_ASIAN = "\u0e01-\u0e4f\u0e81-\u0ecf\u0edc-\u0edf\u1000-\u103f\u1050-\u108f\u1780-\u17d3"
_KATAKANA = "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
_HANGUL = "\uac00-\ud7a3\u1100-\u11ff"

_URL = r"(?:https?://|www\.)[^\s<>\"「」『』()、。]+"
_JOINERS = r"\s_\-\u2010\u30fb"
_HANGUL_START = "\x02"
_ASCII_WORDS = re.compile("[a-z0-9]+").findall
_VARIANTS = (("i\u0307", "i"), ("\u0131", "i"), ("\u2019", "'"), ("\u02bc", "'"))


@cache
def _characters(*categories: str) -> str:
    """List the characters of these general categories as the inside of a character class.

    The basic plane only: beyond it lie marks of rare scripts, and `re` tests those one by one (ten times slower).
    """
    return re.escape("".join(c for c in map(chr, range(0x10000)) if unicodedata.category(c) in categories))


@cache
def _marks() -> str:
    return _characters("Mn", "Mc", "Me")


@cache
def _invisible() -> re.Pattern[str]:
    """Zero-width and other format characters, bidi controls, soft hyphens, variation selectors.

    Joiners go as well, from terms as from texts, so that scripts which use them still match.
    """
    return re.compile(f"[{_characters('Cf')}\u034f\ufe00-\ufe0f\U000e0000-\U000e01ef]+")


@cache
def _crowded_marks() -> re.Pattern[str]:
    return re.compile(f"[{_marks()}]{{{MAX_MARKS + 1},}}")


_BARE_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "\u0131": "i", "œ": "oe", "æ": "ae", "þ": "th"}
)


def fold(name: str) -> str:
    """Write a name as it is searched for: without case, accents and double spaces, ł as l and ø as o."""
    plain = unicodedata.normalize("NFKD", name.casefold()).translate(_BARE_LETTERS)
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).split())


def normalise(text: str) -> str:
    """Return NFKC, case-folded text without invisible characters, at most MAX_CHARACTERS long.

    Turkish dotted and dotless i are taken for i, as upper case cannot tell them apart; other accents stay. The
    apostrophes of print become the one of the keyboard.
    """
    if text.isascii():
        return text[:MAX_CHARACTERS].lower()
    visible = _invisible().sub("", text[:MAX_CHARACTERS])
    visible = _crowded_marks().sub(lambda run: run[0][:MAX_MARKS], visible)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible)[:MAX_CHARACTERS].casefold())
    for variant, plain in _VARIANTS:
        folded = folded.replace(variant, plain)
    return folded[:MAX_CHARACTERS]


@lru_cache(maxsize=50_000)
def compact(tag: str) -> str:
    """Return a tag or term as one word: "Air-Travel", "#airTravel" and "air travel" are the same tag."""
    return _separators().sub("", normalise(tag).lstrip("#"))


def slug(name: str) -> str:
    """Make an id of a name: plain letters and digits, joined by hyphens; empty when it holds none of them."""
    plain = unicodedata.normalize("NFKD", re.sub("['\u2019]", "", name)).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain.lower()))


def words(text: str) -> list[str]:
    """Cut a text into normalised words, without addresses; Han, kana, Thai and the like give one word a character."""
    normalised = normalise(text)
    if "://" in normalised or "www." in normalised:
        normalised = _url_pattern().sub(" ", normalised)
    return _ASCII_WORDS(normalised) if normalised.isascii() else _word_pattern().findall(normalised)


def tokens(text: str) -> list[str]:
    """Cut a text for matching: words, hashtags ("#…"), and marks that no term may cross (punctuation, URLs, @names).

    Whitespace, hyphens and underscores join words and leave no token. A run of katakana is one token, of Han,
    hiragana or Thai one a character; Hangul is one a syllable, the first of a run marked, so that a term is found
    where a run begins and particles may follow.
    """
    folded, hangul = normalise(text), _hangul_pattern()
    found = _token_pattern().findall(folded)
    if folded.isascii() or hangul.search(folded) is None:
        return found
    return [piece for token in found for piece in (_syllables(token) if hangul.match(token) else (token,))]


def _syllables(run: str) -> tuple[str, ...]:
    return _HANGUL_START + run[0], *run[1:]


def has_hash(text: str) -> bool:
    """Tell whether a text has a number sign of any width, so perhaps a hashtag."""
    return "#" in text or (not text.isascii() and ("\uff03" in text or "\ufe5f" in text))


def is_text(token: str) -> bool:
    """Tell a word or punctuation mark from a hashtag, address or @name, none of which is text."""
    return len(token) == 1 or not token.startswith(("#", "@", "http://", "https://", "www."))


def hashtags(tokens: Iterable[str]) -> list[str]:
    """Return the hashtags among tokens; a number, as in "#11", is none."""
    return [token for token in tokens if token[0] == "#" and len(token) > 1 and not token[1:].isdecimal()]


@cache
def _separators() -> re.Pattern[str]:
    return re.compile(f"[{_JOINERS}']+")


@cache
def _url_pattern() -> re.Pattern[str]:
    return re.compile(_URL)


@cache
def _hangul_pattern() -> re.Pattern[str]:
    return re.compile(f"[{_HANGUL}]")


def _spaced(*other: str) -> str:
    """Pattern of a word in a script that puts spaces between words; marks belong to the word."""
    letter = rf"[^\W_{_HAN}{_HIRAGANA}{_SOUTH_EAST_ASIAN}{_KATAKANA}{''.join(other)}]"
    return f"{letter}+(?:[{_marks()}]+{letter}*)*"


@cache
def _word_pattern() -> re.Pattern[str]:
    return re.compile(f"{_spaced()}|[{_HAN}{_HIRAGANA}{_SOUTH_EAST_ASIAN}{_KATAKANA}][{_marks()}]*")


@cache
def _token_pattern() -> re.Pattern[str]:
    return re.compile(
        f"{_URL}|@[a-z0-9_.@-]+|#(?:\\w[{_marks()}]*)+|{_spaced(_HANGUL)}|[{_KATAKANA}]+"
        f"|[{_HAN}{_HIRAGANA}{_SOUTH_EAST_ASIAN}][{_marks()}]*|[{_HANGUL}]+|[^\\w{_JOINERS}]"
    )
