"""Main: shows every page in both languages, themes and four widths, and prints what is wrong with it."""

from __future__ import annotations

import argparse
import itertools
import shutil
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import sync_playwright

from lab.pages.services import guarded_service, open_service
from lab.screenshots import NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import Browser, ConsoleMessage, Page

Scheme: TypeAlias = Literal["light", "dark"]
Look: TypeAlias = tuple[str, Scheme, int]
LANGUAGES, SCHEMES, WIDTHS = ("en", "fr"), get_args(Scheme), (360, 390, 768, 1280)
LOOKS: tuple[Look, ...] = tuple(itertools.product(LANGUAGES, SCHEMES, WIDTHS))
AXE = {("en", "light", WIDTHS[0]), ("fr", "dark", WIDTHS[0])}
COLUMN, SHEET, GAP = 1_200, 1_640, 8  # pixels; a sheet shows long pages in columns
HEIGHT, LONGEST = 800, 6_000  # pixels; the part of a longer page that a picture shows
LOAD_MS = 60_000
MEASURES, UNUSED = (Path(__file__).with_name(name).read_text() for name in ("measures.js", "unused.js"))
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

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


@dataclass
class Visit:
    """What was seen of the pages so far: rules that nothing used, and what was wrong, on which pages."""

    folder: Path
    opened: bool
    shown: Sequence[Look]
    unused: dict[str, set[str]] = field(default_factory=dict)
    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def main(argv: Sequence[str] | None = None) -> None:
    """Visit the pages asked for, and say at the end what is wrong on how many of them."""
    parser = argparse.ArgumentParser(prog="lab.pages", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("pages", nargs="*", help="which pages, by the beginning of their names; all by default")
    parser.add_argument("--opened", action="store_true", help="open everything that can be opened")
    parser.add_argument("--shown", nargs="*", type=_look, default=LOOKS, help="of which to take pictures: en-dark-390")
    asked = parser.parse_args(argv)
    asked.folder.mkdir(parents=True, exist_ok=True)
    chromium = next(filter(None, map(shutil.which, NAMES)), None)
    if chromium is None:
        raise SystemExit("there is no chromium")
    visit = Visit(asked.folder, asked.opened, asked.shown)
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        services = [opened.enter_context(open_service(folder)), opened.enter_context(guarded_service())]
        playwright = opened.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for url, pages in services:
            for name, address in pages.items():
                if not asked.pages or name.startswith(tuple(asked.pages)):
                    look_at(browser, url + address, name, visit)
        browser.close()
    for each, where in visit.wrong.items():
        print(f"! {each} [{len(where)}: {', '.join(where[:3])}]")
    for name, rules in visit.unused.items():
        print(f"unused in {name}: {sorted(rules)}")


def _look(words: str) -> Look:
    language, scheme, width = words.split("-")
    return language, "dark" if scheme == "dark" else "light", int(width)


def look_at(browser: Browser, address: str, name: str, visit: Visit) -> None:
    """Open a page in each language, show it in each theme and width, and note what is wrong with it."""
    shots: list[Shot] = []
    heights: list[int] = []
    for language, looks in itertools.groupby(LOOKS, key=lambda look: look[0]):
        page = browser.new_context(locale=language).new_page()
        said = _listen(page)
        page.goto(address, wait_until="load", timeout=LOAD_MS)
        if visit.opened:
            page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
        for look in looks:
            found = _show(page, look)
            for each in found["found"]:
                visit.wrong[each].append(f"{name} {' '.join(map(str, look))}")
            heights.append(found["height"])
            if look in visit.shown:
                shots.append(_shoot(page, visit.folder / f"{name}.{'.'.join(map(str, look))}.jpg", look, heights[-1]))
        for each in said:
            visit.wrong[each].append(f"{name} {language}")
        _keep_unused(page, visit.unused)
        page.context.close()
    print(f"{name}: {found['paint_ms']} ms to the first paint, {heights[:4]} px high", flush=True)
    if shots:
        make_sheet(browser, visit.folder / f"{name}.png", shots)


def _listen(page: Page) -> list[str]:
    """Return the list into which the errors of a page go."""
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "status of" not in message.text:
            said.append(f"console: {message.text}")

    page.on("console", note)
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    return said


def _show(page: Page, look: Look) -> dict[str, Any]:
    """Show the page that is open so; return what is wrong with it, its height and its time to the first paint."""
    page.emulate_media(color_scheme=look[1])
    page.set_viewport_size({"width": look[2], "height": HEIGHT})
    found: dict[str, Any] = page.evaluate(MEASURES)
    if look in AXE and not page.url.endswith("/docs"):
        violations = Axe().run(page, options=RULES).response["violations"]
        found["found"] += [f"axe {rule['id']}: {rule['nodes'][0]['target']}" for rule in violations]
    return found


def _shoot(page: Page, path: Path, look: Look, height: int) -> Shot:
    """Take the page, down to where it is too long."""
    shot = Shot(path, look[2], min(height, LONGEST))
    clip = {"x": 0, "y": 0, "width": shot.width, "height": shot.height}
    page.screenshot(path=path, clip=clip, full_page=True, quality=80)  # type: ignore[arg-type] # a clip's keys
    return shot


def _keep_unused(page: Page, unused: dict[str, set[str]]) -> None:
    """Keep of the rules of each stylesheet those that no page so far had anything for."""
    for name, rules in page.evaluate(UNUSED).items():
        unused[name] = unused.get(name, set(rules)) & set(rules)


def make_sheet(browser: Browser, path: Path, shots: Sequence[Shot]) -> None:
    """Write a PNG with all the pictures of a page, long ones cut into columns."""
    columns = [(shot, top) for shot in shots for top in range(0, shot.height, COLUMN)]
    divs = itertools.starmap(_column, columns)
    written = path.with_suffix(".html")
    written.write_text(STYLE + "".join(divs))
    page = browser.new_page(viewport={"width": SHEET, "height": COLUMN})
    page.goto(written.resolve().as_uri())
    page.screenshot(path=path, full_page=True)
    page.close()
    written.unlink()


def _column(shot: Shot, top: int) -> str:
    high = min(COLUMN, shot.height - top)
    picture = f'<img src="{shot.path.resolve().as_uri()}" style="top: -{top}px" alt="">'
    return f'<div style="width: {shot.width}px; height: {high}px">{picture}</div>'


if __name__ == "__main__":
    main()
