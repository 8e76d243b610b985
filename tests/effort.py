"""How hard the tests try that make up their input: HYPOTHESIS_PROFILE=thorough tries forty times as much."""

from __future__ import annotations

import os

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"


def examples(count: int) -> int:
    """Return how many examples to try where `count` are enough for every day."""
    return count * 40 if THOROUGH else count
