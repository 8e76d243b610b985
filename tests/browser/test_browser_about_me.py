"""The people scored, in a browser without a key: from a link to all that is held, a dispute, and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from candor import sample
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.records import RecordReader
from candor.scoring.score import score
from candor.scoring.topics import load_catalogue
from tests.browser.test_browser_every_page import RULES
from worker import claims
from worker.context import CURRENT, WorkerContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from candor.store import Store

pytestmark = pytest.mark.browser


@pytest.fixture
def work(store: Store) -> Iterator[Callable[[], None]]:
    """Scores the sample's expert for somebody; then does what a worker does for whoever shows the account."""
    reader = RecordReader(sample.NETWORK)
    with sample.records_path().open("rb") as lines:
        reader.feed(lines)
    asked = Question(
        network=sample.NETWORK,
        accounts=(sample.EXPERT,),
        topics=(load_catalogue()[sample.TOPIC],),
        trust_root=sample.trust_root(),
        as_of=sample.AS_OF,
        profile=sample.PROFILE,
    )
    store.scores.put("somebody", next(score(reader.activities, asked, load_method())))
    token = CURRENT.set(WorkerContext(store, load_method(), score))

    def check() -> None:
        for key in store.redis.scan_iter("candor:claim:*"):
            if not key.endswith(b":held"):
                claims.check("", key.decode().rpartition(":")[2])

    yield check
    CURRENT.reset(token)


@pytest.fixture(params=[("light", 1280, "en-GB"), ("dark", 360, "en-GB"), ("light", 390, "fr-FR")], ids=str)
def seen(new_page, guarded_url, request) -> Page:
    scheme, width, language = request.param
    return new_page(at=guarded_url, scheme=scheme, size=(width, 800), language=language)


def check(page: Page) -> None:
    """Axe finds nothing, and nothing is wider than the screen."""
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    found: list[Any] = Axe().run(page, options=RULES).response["violations"]
    assert [(rule["id"], [node["target"] for node in rule["nodes"]][:5]) for rule in found] == []
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_from_naming_the_account_to_the_word(seen):
    seen.goto("/about-me")
    check(seen)
    seen.locator("#network").select_option("mastodon")
    seen.locator("#account").fill("@ada@a.example")
    seen.locator("main button").first.click()
    expect(seen.locator("#word")).to_have_value(seen.locator("#word").input_value())
    assert seen.locator("#word").input_value().startswith("candor-")
    check(seen)


def test_from_the_operators_link_to_a_card_a_dispute_and_out(seen, store, work):
    seen.goto(f"/about-me/code?code={store.claims.make_code(sample.NETWORK, sample.EXPERT)}")
    check(seen)
    seen.locator("main button").click()
    expect(seen.locator("progress")).to_be_visible()
    check(seen)
    work()
    expect(seen.locator("#scores")).to_be_visible()
    expect(seen.locator("#job.held")).to_have_count(1)  # it looks as it does when it is opened
    check(seen)
    seen.locator(".own a").first.click()
    expect(seen.locator(".sides")).to_be_visible()
    check(seen)
    seen.locator(".doors a[href$='/dispute']").click()
    seen.locator("[value=missing]").check()
    expect(seen.locator("#url")).to_be_visible()
    seen.locator("#reason").fill("My newest answers are not there.")
    check(seen)
    seen.locator("main form button").click()
    expect(seen.locator("#address")).to_have_value(seen.url)
    check(seen)
    seen.goto("/about-me")
    seen.locator("[value=erase]").check()
    seen.locator("#leave ~ form button").click()
    check(seen)
    seen.locator("main form button").click()
    expect(seen.locator("#address")).to_have_value(seen.url)
    assert store.suppression.among(sample.NETWORK, [sample.EXPERT]) == {sample.EXPERT}
