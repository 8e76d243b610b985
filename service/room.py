"""How much room is left where everything is kept; the embedded server ends when it cannot write its log."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NO_ROOM_FOR_STORE = (
    "The disk of the data directory is full, so the store does not answer. It goes on once there is room."
)
LEAST_ROOM_BYTES = 2**20
"""With less the embedded server is not started again."""


def room_bytes(folder: Path) -> int:
    """Return how many bytes can still be written on the disk of a folder. Raises OSError."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def is_full(folder: Path) -> bool:
    """Say whether a disk has too little room for the embedded server; not so where its folder cannot be looked at."""
    try:
        return room_bytes(folder) < LEAST_ROOM_BYTES
    except OSError:
        return False
