"""Rewrites the golden documents: `python -m tests.golden`. Look at the diff before committing it."""

from __future__ import annotations

from .communities import COMMUNITIES
from .documents import golden_text, place, scored, settled

for profile in COMMUNITIES:
    file, document = place(profile), scored(profile)[0]
    text = settled(document, file.read_text(encoding="utf-8")) + "\n" if file.is_file() else golden_text(document)
    file.write_text(text, encoding="utf-8")
