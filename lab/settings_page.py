"""Writes the table of settings in docs/operations.md from the settings' own facts: `python -m lab.settings_page`."""

from __future__ import annotations

from pathlib import Path

from candor.settings import FACTS, Settings, variable, written
from lab.method_page import table, with_tables

PAGE = Path(__file__).parent.parent / "docs" / "operations.md"


def rewritten(page: str) -> str:
    """Return the page with the table made anew."""
    return with_tables(page, {"settings": settings_table()})


def settings_table() -> str:
    """Write a row for each setting: its variable, its default, its unit and what it does."""
    rows = (
        (
            f"`{variable(name)}`",
            f"`{default}`" if (default := written(getattr(Settings, name))) else "",
            facts.unit,
            facts.help,
        )
        for name, facts in FACTS.items()
    )
    return table(("variable", "default", "unit", "what it does"), rows)


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
