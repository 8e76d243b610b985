"""What holds on every page: axe finds nothing in either theme, nothing is wider than the screen, nothing moves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PAGES = (
    "home",
    "dataset",
    "topic-step",
    "people-step",
    "card",
    "null",
    "progress",
    "map",
    "maps",
    "messages",
    "message",
    "earned",
    "questions",
    "open-questions",
    "questions-for",
    "topics",
    "person-topics",
    "no-map",
    "comparison",
    "calculator",
    "method",
    "sign-in",
    "dispute",
    "badge",
    "history",
    "problem",
    "problems",
    "about-me",
    "kept",
    "guides",
    "guide-method",
    "guide-formats",
)
KNOWN = "dataset=sample&trust_root=sample&as_of=2026-11-01T00:00:00Z"
BY_JOB = ("topics", "person-topics")
TOWN = b'{"id": "n1", "actor": "u1", "type": "note", "published": "2026-10-01T00:00:00Z", "content": "hops"}'
MOST_BYTES = 110_000


@pytest.fixture
def address(scores, url, request) -> str:
    """The address of a page; a job that a page needs has ended."""
    found = {
        "home": "/",
        "dataset": "/dataset/town",
        "topic-step": "/?dataset=sample",
        "people-step": "/?dataset=sample&topic=space-technology&trust_root=named&q=a&pick=p01",
        "card": scores.expert,
        "null": scores.ring_centre,
        "progress": scores.progress,
        "map": scores.map,
        "maps": "/map",
        "messages": scores.messages,
        "message": scores.message,
        "earned": f"{scores.expert}/messages",
        "questions": "/questions?dataset=sample&text=Which+rocket+engine&as_of=2026-11-01",
        "open-questions": "/questions/open?dataset=sample&as_of=2026-11-01",
        "questions-for": "/questions/for/custom:demo/p03?dataset=sample&as_of=2026-11-01",
        "topics": f"/topics?{KNOWN}&without=p03",
        "person-topics": f"/topics/custom:demo/p03?{KNOWN}",
        "no-map": "/map?dataset=sample&topic=cooking&trust_root=none",
        "comparison": scores.comparison,
        "calculator": scores.calculator,
        "method": "/method",
        "sign-in": "/sign-in",
        "dispute": f"{scores.expert}/dispute",
        "badge": f"{scores.expert}/badge",
        "history": "/history/custom:demo/p03?topic=space-technology",
        "problem": "/card/sc_nothing",
        "problems": "/problems/",
        "about-me": "/about-me",
        "kept": "/kept",
        "guides": "/guides/",
        "guide-method": "/guides/method",
        "guide-formats": "/guides/formats",
    }[request.param]
    if request.param == "dataset":
        asked = {"network": "custom:town", "profile": "qa"}
        requests.put(
            f"{url}/v1/datasets/town", TOWN, params=asked, headers={"Content-Type": "application/x-ndjson"}, timeout=90
        )
    if request.param in BY_JOB:
        requests.get(f"{url}{found}", headers={"Accept": "text/html", "Prefer": "wait=60"}, timeout=90)
    return found


def open_all(page: Page) -> None:
    """Open everything that can be opened, so that it is looked at too."""
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")


@pytest.mark.parametrize("address", PAGES, indirect=True)
def test_axe_finds_nothing_in_light_or_dark(page, address):
    page.goto(address)
    open_all(page)
    found = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour is looked at on its way to another
        found[scheme] = [
            (rule["id"], [node["target"] for node in rule["nodes"]][:5])
            for rule in Axe().run(page, options=RULES).response["violations"]
        ]
    assert found == {"light": [], "dark": []}


@pytest.mark.parametrize("address", PAGES, indirect=True)
def test_every_page_has_a_title_a_language_and_one_main_heading_and_is_no_wider_than_the_screen(new_page, address):
    page = new_page(language="fr-FR")
    page.goto(address)
    assert page.title().endswith("– Candor")
    assert page.locator("html").get_attribute("lang") == "fr"
    assert page.locator("h1").count() == 1
    open_all(page)
    wider = [width for width in (320, 360, 768) if is_wider(page, width)]
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    wider_with_large_text = [width for width in (390, 768, 1280) if is_wider(page, width)]
    assert (wider, wider_with_large_text) == ([], [])


def is_wider(page: Page, width: int) -> bool:
    """Whether the page is wider than a screen of so many pixels."""
    page.set_viewport_size({"width": width, "height": 800})
    return bool(page.evaluate("document.documentElement.scrollWidth") > width)


@pytest.mark.parametrize("address", ["home", "about-me", "card"], indirect=True)
def test_on_a_phone_the_line_of_the_footer_stands_apart_from_the_page(new_page, address):
    page = new_page(size=(390, 844))
    page.goto(address)
    last = page.locator("main > :last-child").bounding_box()
    assert page.locator(".bottom").bounding_box()["y"] - (last["y"] + last["height"]) >= 12


@pytest.mark.parametrize("address", ["card", "map"], indirect=True)
def test_a_page_is_small(page, address):
    sizes = []
    page.on("response", lambda answer: sizes.append(len(answer.body())) if "/static/" in answer.url else None)
    page.goto(address, wait_until="networkidle")
    assert len(sizes) >= 3
    assert sum(sizes) < MOST_BYTES


def test_who_wants_no_motion_gets_none(browser, url, scores):
    context = browser.new_context(base_url=url, reduced_motion="reduce")
    page = context.new_page()
    page.goto(scores.expert)
    moving = "[...document.querySelectorAll('*')].filter(e => getComputedStyle(e).transitionDuration !== '0s').length"
    assert page.evaluate(moving) == 0
    context.close()


def test_a_card_on_paper_has_its_numbers_and_no_buttons(page, scores):
    page.goto(scores.expert)
    page.emulate_media(media="print")
    expect(page.locator(".side.expertise .figure").first).to_be_visible()
    expect(page.locator(".doors")).to_be_hidden()
    assert page.locator("button:visible, .top nav:visible").count() == 0


def test_a_screen_reader_is_told_how_far_a_job_is_and_not_the_whole_page(new_page, idle_url):
    page = new_page(at=idle_url)
    page.goto("/")
    page.get_by_role("button", name="Score four people, then compare two").click()
    expect(page.get_by_role("status")).to_have_text(re.compile(r"^Waiting to start\. 0 of 4"))
    assert page.locator("#job").get_attribute("aria-live") is None
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancelled")
