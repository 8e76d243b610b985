"""Subject: the person who is to be erased, by every name a network has for them, and what is left of a text then."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from candor.scoring.verify.digests import ERASED

if TYPE_CHECKING:
    from collections.abc import Iterable

_FEDERATED = re.compile(r"@?([^@\s/]+)@([^@\s/]+)")


class Subject(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A person on one network. `names` are the account's ids there, such as a handle and what it stands for."""

    network: str
    names: tuple[str, ...]

    def is_among(self, raw: bytes) -> bool:
        """Tell whether JSON or plain text in UTF-8 may speak of the person; cheap, and wrong only in saying yes."""
        return any(name in raw for name in self._raw)

    def taken_out_of(self, text: str, instead: str = ERASED) -> str:
        """Return the text with every name as a word of its own replaced."""
        return self._pattern.sub(lambda _: instead, text)

    def stands_in(self, text: str | None) -> bool:
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
