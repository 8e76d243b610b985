"""Waiting for what other processes do."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 90.0
PAUSES_S = 0.02, 0.2
"""How long to wait before looking again, at first and at most: each look costs those who are asked as well."""


def until(condition: Callable[[], object]) -> None:
    """Wait for the condition."""
    deadline_s = time.monotonic() + PATIENCE_S
    pause_s, longest_s = PAUSES_S
    while not condition():
        assert time.monotonic() < deadline_s, "it did not come about"
        time.sleep(pause_s)
        pause_s = min(1.2 * pause_s, longest_s)
