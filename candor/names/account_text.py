"""What all spellings of accounts are read with: the text of a name trimmed, and the address of a page taken apart."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from candor.names.addresses import host_name

if TYPE_CHECKING:
    from collections.abc import Container

EDGES = " \t\r\n\f\v\u00a0\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
"""White space, and the invisible marks that come along when a name is copied from a page."""

_IGNORABLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
"""What is shown as nothing: control characters that are no white space, the blank of Braille, and what Unicode calls so
(Default_Ignorable_Code_Point): zero-width characters, soft hyphens, fillers."""

_PLAIN_WIDTH = {
    wide: chr(int(plain.split()[1], 16))
    for wide in (0x3000, *range(0xFF01, 0xFFEF))
    if (plain := unicodedata.decomposition(chr(wide)))
}
"""Letters and marks of full or half width, and the ideographic space, with the plain ones."""

SCHEME = re.compile(r"https?://", re.IGNORECASE)
_BARE_ADDRESS = re.compile(r"[^\s/@]+\.[^\s/@]+/[^\s]*")
FEDERATED = re.compile(r"(?:[Aa][Cc][Cc][Tt]:)?@?([A-Za-z0-9_.-]{1,100})@([^\s@/]{1,253})")
_CALLING = re.compile(r"\A(?:acct:)?@(?=\w)|\Aacct:(?=\w)", re.IGNORECASE)
USER = re.compile(r"[A-Za-z0-9_.-]{1,100}")


class UnknownAccountError(ValueError):
    """The text cannot be an account of the network; the words say how one is written. They do not repeat the text."""


class Address(NamedTuple):
    """The address of a page: its host, the parts of its path without empty ones, its query and fragment."""

    host: str
    path: tuple[str, ...]
    query: str
    fragment: str

    def asked(self, name: str) -> str:
        """Return what the query says under a name, empty where it says nothing."""
        return dict(parse_qsl(self.query)).get(name, "")


def address_in(text: str) -> Address | None:
    """Take an address apart, with or without its scheme; None where the text is none."""
    if not SCHEME.match(text):
        if not _BARE_ADDRESS.fullmatch(text):
            return None
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host = host_name(parts.netloc, default_port=80 if parts.scheme == "http" else 443)
    except ValueError:
        return None
    path = tuple(unquote(part) for part in parts.path.split("/") if part)
    return Address(host, path, parts.query, parts.fragment)


def page_in(text: str, hosts: Container[str], expected: str) -> Address | None:
    """Take the address of a page of these hosts apart, None where the text is no address.

    Raises UnknownAccountError for a page of any other host.
    """
    page = address_in(text)
    if page is not None and page.host not in hosts:
        raise other_site(expected)
    return page


def other_site(expected: str) -> UnknownAccountError:
    """Return what to raise for the address of a page elsewhere, whose account is somebody else's."""
    return UnknownAccountError(f"that page is of another site: {expected}")


def visible(text: str) -> str:
    """Return the text without characters that show as nothing."""
    return text if text.isascii() and text.isprintable() else _IGNORABLE.sub("", text)


def as_read(text: str) -> str:
    """Return the text as one reads it: of plain width, composed (NFC), without characters that show as nothing."""
    if text.isascii():
        return visible(text)
    return unicodedata.normalize("NFC", visible(text).translate(_PLAIN_WIDTH))


def chosen_name(argument: str, account: str) -> str:
    """Keep a name as people chose it, case included, and make one of those that nobody can tell apart by looking.

    Full width is mapped to plain (the width mapping of RFC 8265) and blanks to single spaces, none at the ends (RFC
    8266). NFKC would go too far: it makes one of x² and x2. The @ of `@ada` and the `acct:` of links are no part of it.
    """
    del argument
    name = " ".join(as_read(account).split())
    return _CALLING.sub("", name) if name[:1] in "@aA" else name
