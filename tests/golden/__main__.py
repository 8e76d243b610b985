"""Rewrites the golden documents: `python -m tests.golden`. Look at the diff before committing it."""

from __future__ import annotations

from .communities import COMMUNITIES
from .documents import PLACE, golden_text, scored

for profile in COMMUNITIES:
    (PLACE / f"{profile}.json").write_text(golden_text(scored(profile)[0]), encoding="utf-8")
