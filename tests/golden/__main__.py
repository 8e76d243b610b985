"""Rewrites the golden documents: `python -m tests.golden`. Look at the diff before committing it."""

from __future__ import annotations

from candor.scoring.method import VERSIONS

from .communities import COMMUNITIES
from .documents import golden_text, place, scored

for profile in COMMUNITIES:
    for version in VERSIONS:
        file = place(profile, version)
        file.parent.mkdir(exist_ok=True)
        file.write_text(golden_text(scored(profile, version)[0]), encoding="utf-8")
