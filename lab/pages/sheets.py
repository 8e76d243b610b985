"""Sheets: the pictures of a page side by side on one, long ones cut into columns."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from playwright.sync_api import Browser
COLUMN, WIDTH, GAP = 1_200, 1_640, 8  # pixels
STYLE = f"""<style>
body {{ display: flex; flex-wrap: wrap; gap: {GAP}px; align-items: start; margin: {GAP}px; background: #a6a; }}
div {{ flex: none; overflow: hidden; position: relative; }}
img {{ position: absolute; left: 0; }}
</style>"""


@dataclass(frozen=True)
class Shot:
    """A picture of a page, in pixels."""

    path: Path
    width: int
    height: int


def make_sheet(browser: Browser, path: Path, shots: Sequence[Shot]) -> None:
    """Write a PNG with all the pictures of a page."""
    columns = [(shot, top) for shot in shots for top in range(0, shot.height, COLUMN)]
    divs = itertools.starmap(_column, columns)
    written = path.with_suffix(".html")
    written.write_text(STYLE + "".join(divs))
    page = browser.new_page(viewport={"width": WIDTH, "height": COLUMN})
    page.goto(written.resolve().as_uri())
    page.screenshot(path=path, full_page=True)
    page.close()
    written.unlink()


def _column(shot: Shot, top: int) -> str:
    high = min(COLUMN, shot.height - top)
    picture = f'<img src="{shot.path.resolve().as_uri()}" style="top: -{top}px" alt="">'
    return f'<div style="width: {shot.width}px; height: {high}px">{picture}</div>'
