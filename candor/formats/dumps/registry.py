"""All formats of dumps, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.formats.dumps import git, records, stackexchange

if TYPE_CHECKING:
    from candor.formats.dumps.dump import Format

FORMATS: dict[str, Format] = {each.facts.id: each for each in (records.FORMAT, stackexchange.FORMAT, git.FORMAT)}
