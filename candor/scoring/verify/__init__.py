"""Verify: recompute a score document with the Python standard library alone.

Nothing outside this folder is imported, so that anybody can copy it and run `python -m verify FILE` in the folder that
holds it. A document is taken at its word for what it states (records, standing, what was given in turn) and recomputed
in everything it derives from that: from the acts up where all are there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .command import main
from .examine import examine
from .findings import Fault

if TYPE_CHECKING:
    from .findings import Json

__all__ = ["Fault", "main", "verify"]


def verify(document: Json) -> list[Fault]:
    """Return what is off in one score document (decoded JSON); nothing if the numbers meet."""
    return examine(document).faults
