"""Shown names: a name as its owner writes it, with the invisible characters that Unicode gives a meaning there.

Accounts are compared without any of them (`chosen_name`), so nobody becomes another account, or is found under another
one, by writing them.
"""

from __future__ import annotations

import re
import unicodedata

import idna

from candor.names.account_text import as_read, visible

JOINERS = ("\u200c", "\u200d")
_EMOJI = "\u00a9\u00ae\u203c-\u2bff\u3030-\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff"
_MODIFIERS = "\U0001f3fb-\U0001f3ff"
_BEFORE_JOINER = re.compile(rf"[{_EMOJI}](?:\ufe0f|[{_MODIFIERS}])?\Z")
_JOINED = re.compile(f"[{_EMOJI}]")


def shown_name(written: str) -> str:
    """Return a name as `chosen_name` does, but with joiners where they belong.

    These are ZERO WIDTH JOINER and NON-JOINER where RFC 5892 (A.1, A.2) lets them stand, as in Persian and in Indic
    scripts, and the joiner and the sign for emoji (U+FE0F) within a sequence of emoji (UTS 51).
    """
    if not any(joiner in written for joiner in JOINERS):
        return " ".join(as_read(written).split())
    before, shown = written, _without_stray(written)
    while shown != before:  # without one of them, letters may stand otherwise
        before, shown = shown, _without_stray(shown)
    return shown


def _without_stray(text: str) -> str:
    kept = (sign for place, sign in enumerate(text) if visible(sign) or _belongs(text, place))
    parts = re.split("([\u200c\u200d\ufe0f])", "".join(kept))
    read = "".join(part if part in {*JOINERS, "\ufe0f"} else as_read(part) for part in parts)
    return " ".join(unicodedata.normalize("NFC", read).split())


def _belongs(text: str, place: int) -> bool:
    """Say whether an invisible character has a meaning where it stands."""
    sign, before, behind = text[place], text[:place], text[place + 1 : place + 2]
    if sign == "\ufe0f":
        return _is_joined(before, text[place + 1 :])
    if sign == "\u200d" and _BEFORE_JOINER.search(before[-3:]) and _JOINED.match(behind):
        return True
    try:
        return sign in JOINERS and idna.valid_contextj(text, place)
    except (ValueError, idna.IDNAError):
        return False


def _is_joined(before: str, behind: str) -> bool:
    """Say whether an emoji at the end of a text is joined to another one, before or behind."""
    ends = _JOINED.match(before[-1:]) is not None
    return ends and (before[-2:-1] == "\u200d" or behind[:1] == "\u200d")
