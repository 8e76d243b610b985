"""Which row of the table of all that is kept a key in Redis or a file belongs to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from candor.store.kept import FILES, REDIS
from candor.store.redis_keys import Key

if TYPE_CHECKING:
    from candor.store.kept import Kept, Place


def row_of(key: str) -> Kept | None:
    """Return the kind of what a key in Redis holds, or None when it is of none."""
    return next((kept for kept in REDIS for place in kept.places if _pattern(place).fullmatch(key)), None)


def row_of_file(path: str) -> Kept | None:
    """Return the kind of a file, by its path in the data directory, or None."""
    return next((kept for kept in FILES for place in kept.places if _pattern(place).fullmatch(path)), None)


def _pattern(place: Place) -> re.Pattern[str]:
    """Ids in keys hold no colon: they are quoted."""
    if isinstance(place, Key):
        return re.compile(re.escape(place.form).replace("%s", "[^:]*"))
    return re.compile(re.escape(place).replace(r"\*", ".*"), re.DOTALL)
