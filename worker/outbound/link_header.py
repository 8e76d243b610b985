"""Link headers (RFC 8288): where an answer says that other answers are."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urljoin

if TYPE_CHECKING:
    from collections.abc import Iterator

_VALUE = r'"(?:[^"\\]|\\.)*+"|[^\s;,"]*+'
_PARAMS = rf"(?:\s*+;\s*+(?:[^\s=;,\"]++(?:\s*+=\s*+(?:{_VALUE}))?+)?+)*+"
_LINK = re.compile(rf"<([^<>]*+)>({_PARAMS})")
_PARAM = re.compile(rf";\s*+([^\s=;,\"]++)(?:\s*+=\s*+({_VALUE}))?+")
_ESCAPED = re.compile(r"\\(.)")


def links_of(header: str, base: str) -> dict[str, str]:
    """Return the absolute targets by relation, in lower case; the first of a relation holds.

    A link may have several relations. One with an `anchor` is of another page than this one and is left out, and so is
    what is no address.
    """
    found: dict[str, str] = {}
    for target, params in _links(header):
        if "anchor" in params:
            continue
        with suppress(ValueError):
            url = urljoin(base, target.strip())
            for relation in params.get("rel", "").lower().split():
                found.setdefault(relation, url)
    return found


def _links(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each target with its parameters, of which the first of a name holds."""
    for target, written in _LINK.findall(header):
        params: dict[str, str] = {}
        for name, value in _PARAM.findall(written):
            params.setdefault(name.lower(), _unquoted(value))
        yield target, params


def _unquoted(value: str) -> str:
    return _ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value
