"""Screenshots: takes the pictures of a card and a map that README.md shows, from the sample."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from candor.settings import Settings
from service.stack import temporary_stack

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DOCS = Path(__file__).parent.parent / "docs"
WIDTH, HEIGHT = 1120, 900
NAMES = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    """Write docs/card.png and docs/map.png. Raises RuntimeError where there is no browser."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise RuntimeError("there is no chromium")
    with temporary_stack(Settings()) as stack, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for picture in take(browser, stack.url):
            print(f"{picture.relative_to(DOCS.parent)}: {picture.stat().st_size:,} bytes")
        browser.close()


def take(browser: Browser, url: str) -> tuple[Path, Path]:
    """Ask about the sample as a reader would, and take a picture of the expert's card and of everybody."""
    viewport = {"width": WIDTH, "height": HEIGHT}
    page = browser.new_context(base_url=url, viewport=viewport, locale="en-GB", color_scheme="light").new_page()  # type: ignore[arg-type] # a viewport's keys
    page.set_default_timeout(60_000)
    page.goto("/")
    page.get_by_role("button", name="Score four people, then compare two").click()
    page.get_by_role("link", name="Teodora Vasile").click()
    card = _shot(page, "card.png", beneath=".never")
    page.go_back()
    page.get_by_role("link", name="Everyone on the map").click()
    while page.locator(".map").count() == 0:  # until everybody is ranked
        page.wait_for_timeout(1_000)
        page.reload()
    return card, _shot(page, "map.png", beneath=".map")


def _shot(page: Page, name: str, *, beneath: str) -> Path:
    """Take the page from its top to the end of an element."""
    page.wait_for_load_state("networkidle")
    box = page.locator(beneath).bounding_box()
    if box is None:
        raise RuntimeError(f"{page.url} has no {beneath}")
    path = DOCS / name
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": round(box["y"] + box["height"] + 2)}
    page.screenshot(path=path, full_page=True, clip=clip)  # type: ignore[arg-type] # a clip's keys
    return path


if __name__ == "__main__":
    main()
