"""The card: what it shows, what it computes again by itself, and what a name cannot do to it."""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from candor.scoring.curves import curve
from candor.scoring.method import load_method

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

MOST_PAGES = 7  # of A4
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>\u202egnp.exe"


def score_of(page: Page) -> dict:
    address = page.get_by_role("link", name="JSON", exact=True).get_attribute("href")
    return page.request.get(address).json()


def test_both_numbers_stand_side_by_side_and_are_never_added_up(page, scores):
    page.goto(scores.expert)
    document = score_of(page)
    know, care = (page.locator(f".side.{side}") for side in ("expertise", "interest"))
    assert know.bounding_box()["y"] == care.bounding_box()["y"]
    numbers = [document[side]["score"] for side in ("expertise", "interest")]
    for side, number in zip((know, care), numbers, strict=True):
        expect(side.locator(".picture.wide .figure")).to_have_text(f"{number:.1f}")
    assert f"{sum(numbers):.1f}" not in page.locator("main").inner_text()


def test_each_bar_opens_into_question_curve_and_evidence(page, scores):
    page.goto(scores.expert)
    part = page.locator("#acknowledged_help")
    part.locator("summary").first.click()
    expect(part.locator("svg.curve .point")).to_be_visible()
    expect(part.get_by_text("accepted an answer").first).to_be_visible()
    assert part.locator("a[href*='example.org']").count() == 0


def test_the_browser_adds_the_parts_up_again(page, scores):
    page.goto(scores.expert)
    document = score_of(page)
    page.get_by_role("button", name="Recompute in my browser").click()
    expect(page.get_by_role("heading", name="All checks passed")).to_be_visible()
    said = page.locator("#recomputed").inner_text()
    assert f"= {document['expertise']['score']:.6f}" in said
    assert "cannot check" in said


def test_a_part_that_was_changed_does_not_meet(page, scores):
    page.goto(scores.expert)
    document = score_of(page)
    document["expertise"]["features"][0]["contribution"] += 0.000001
    page.route(
        "**/v1/scores/*", lambda route: route.fulfill(body=json.dumps(document), content_type="application/json")
    )
    page.get_by_role("button", name="Recompute in my browser").click()
    expect(page.get_by_role("heading", name="Some checks failed")).to_be_visible()
    expect(page.locator("#recomputed .fails")).not_to_have_count(0)


def changed_backer(expertise: dict) -> None:
    expertise["backers"][0]["worth"] += 0.000001


def more_trust(expertise: dict) -> None:
    expertise["backers"][1]["trust"] *= 1.01


def fewer_backers(expertise: dict) -> None:
    del expertise["backers"][-1]


def more_allowed(expertise: dict) -> None:
    expertise["totals"]["backed"] += 0.000001


def other_limit(expertise: dict) -> None:
    expertise["totals"]["most_per_trusted"] *= 1.01


def nobody_asked(expertise: dict) -> None:
    del expertise["backers"], expertise["totals"]["backed"]


@pytest.mark.parametrize("change", [changed_backer, more_trust, fewer_backers, more_allowed, other_limit, nobody_asked])
def test_backers_that_were_changed_do_not_meet(page, scores, change):
    page.goto(scores.expert)
    document = score_of(page)
    change(document["expertise"])
    page.route(
        "**/v1/scores/*", lambda route: route.fulfill(body=json.dumps(document), content_type="application/json")
    )
    page.get_by_role("button", name="Recompute in my browser").click()
    expect(page.get_by_role("heading", name="Some checks failed")).to_be_visible()
    expect(page.locator("#recomputed .fails")).not_to_have_count(0)


def test_the_card_shows_whose_trust_it_rests_on_without_a_script(new_page, scores):
    page = new_page(script=False, size=(320, 740))
    page.goto(scores.expert)
    page.get_by_role("heading", name="Whose trust this rests on").click()
    table = page.get_by_role("table", name="Whose trust this rests on")
    expect(table).to_be_visible()
    expect(table.locator("tbody tr")).not_to_have_count(0)


def test_on_a_wide_screen_the_words_and_the_table_of_whose_trust_stand_beside_each_other(page, scores):
    page.goto(scores.expert)
    panel = page.locator(".whose-trust")
    panel.get_by_role("heading", name="Whose trust this rests on").click()
    whole, words, table = (
        found.bounding_box() for found in (panel, panel.locator("p").first, panel.get_by_role("table").first)
    )
    assert words["x"] - whole["x"] < 60
    assert table["x"] > words["x"] + words["width"]
    assert min(words["width"], table["width"]) > 0.4 * whole["width"]


def test_what_one_trusted_person_brings_is_told_once_where_no_cap_cuts_it(page, scores):
    page.goto(scores.expert)
    page.get_by_role("heading", name="Whose trust this rests on").click()
    rows = page.locator(".seeds tbody tr")
    amounts = [re.findall(r"\d+\.\d\d", row.inner_text()) for row in rows.all()]
    assert [row for row in amounts if len(row) != len(set(row))] == []


def test_a_number_that_is_missing_is_shown_as_what_it_is(page, scores):
    page.goto(scores.ring_centre)
    know = page.locator(".side.expertise")
    expect(know.locator(".notice")).to_contain_text("No score: unverified")
    expect(know).to_contain_text("No score does not mean zero")
    expect(know).to_contain_text("somebody you trust, or whom people you trust vouch for")
    assert know.locator(".picture, .figure").count() == 0


def test_a_hostile_name_stays_a_name(page, tmp_path: Path):
    records = [
        {"type": "account", "published": "2026-09-01T00:00:00Z", "actor": "u1", "kind": "person", "name": HOSTILE},
        {"id": "n1", "actor": "u1", "type": "note", "published": "2026-10-01T00:00:00Z", "content": "a rocket"},
    ]
    file = tmp_path / "club.ndjson"
    file.write_text("\n".join(map(json.dumps, records)))
    page.goto("/")
    page.get_by_text("Upload a file…").click()
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_label("Replace the community of that name").check()
    page.get_by_role("button", name="Upload and go on").click()
    page.get_by_role("button", name="Space technology").click()
    page.get_by_label("Search people by name").fill("<img")
    expect(page.get_by_role("checkbox", name="<img src=x onerror=alert(1)>")).to_be_visible()
    page.get_by_role("radio", name="Nobody").check()
    page.get_by_text("Only one person, or an earlier date").click()
    page.get_by_label("Only this person").fill("u1")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("main img").count() == 0


def millionths(page: Page, side: str) -> int:
    return int(page.locator(f"#{side}-sum").get_attribute("data-millionths"))


def test_the_calculator_begins_at_the_score_and_moves_with_the_slider(page, scores):
    page.goto(scores.expert)
    document = score_of(page)
    given = {side: round(document[side]["score"] * 1_000_000) for side in ("expertise", "interest")}
    page.goto(scores.calculator)
    assert {side: millionths(page, side) for side in given} == given
    expect(page.locator("main")).to_contain_text("These are not scores")
    page.get_by_label("Supporters on this topic").press("ArrowRight")
    assert millionths(page, "expertise") > given["expertise"]
    page.get_by_role("button", name="Start again").click()
    assert {side: millionths(page, side) for side in given} == given


def test_the_calculator_has_one_slider_for_each_quantity(page, scores):
    page.goto(scores.calculator)
    labels = [page.get_by_role("slider").nth(place).evaluate("i => i.labels[0].textContent") for place in range(7)]
    assert page.get_by_role("slider").count() == len(set(labels)) == 7
    for slider in page.get_by_role("slider").all():
        assert page.locator(f"#{slider.get_attribute('aria-describedby')}").inner_text()


def test_the_calculator_says_its_sum_exactly(page, scores):
    page.goto(scores.calculator)
    page.get_by_label("Supporters on other topics").press("End")
    for side in ("expertise", "interest"):
        parts, total = page.locator(f"#{side}-exact").inner_text().split(" = ")
        whole = [round(Decimal(part) * 1_000_000) for part in (*parts.split(" + "), total)]
        assert sum(whole[:-1]) == whole[-1] == millionths(page, side)


def test_help_on_other_topics_lowers_what_the_calculator_shows(page, scores):
    page.goto(scores.calculator)
    before = millionths(page, "expertise")
    page.get_by_label("Supporters on other topics").press("ArrowRight")
    assert millionths(page, "expertise") < before


def test_the_calculator_counts_no_more_than_the_trusted_people_behind_allow(page):
    rule = load_method().backing
    page.goto("/calculator?people=10")
    page.get_by_label("Supporters on this topic").press("End")
    sums = []
    for behind in (10, 5, 1, 0):
        page.get_by_label("Trusted people behind").fill(str(behind))
        allowed = behind * (rule.alone + rule.together / 10 * (behind / 10) ** rule.shared_power)
        said = page.locator("[data-quantity=on_topic] .said").inner_text()
        assert (f"counts as {allowed:.1f}" in said) == (behind < 10)
        sums.append(millionths(page, "expertise"))
    assert sums == sorted(sums, reverse=True)
    assert sums[-1] == 0


@pytest.mark.parametrize("place", ["20", "300", "1000"])
def test_recent_recognition_counts_in_the_calculator_as_the_method_says(page, place):
    page.goto("/calculator?profile=qa&lang=en")
    on_topic = float(page.locator("[data-quantity=on_topic]").get_attribute("data-value"))
    recent = page.locator("[data-quantity=recent]")
    recent.locator("input").fill(place)
    given = float(recent.get_attribute("data-most")) * (int(place) / 1000) ** 2
    part = page.locator("[data-part=still_recognised]")
    p50, p90, weight = (float(part.get_attribute(f"data-{name}")) for name in ("p50", "p90", "weight"))
    raw = math.sqrt(on_topic * min(given, load_method().voice.recent_to_topic * on_topic))
    assert float(part.locator(".points").inner_text()) == pytest.approx(weight * curve(raw, p50, p90), abs=0.006)


@pytest.mark.parametrize("width", [360, 390])
def test_the_sliders_of_the_calculator_can_be_moved_by_a_finger(new_page, scores, width):
    page = new_page(size=(width, 740))
    page.goto(scores.calculator)
    boxes = [slider.bounding_box() for slider in page.get_by_role("slider").all()]
    assert all(box["height"] >= 24 and box["width"] > 250 for box in boxes)


@pytest.mark.parametrize(("p50", "p90"), [(8, 60), (0.1, 0.4), (2, 8)])
def test_the_curve_of_the_browser_is_the_published_one(page, p50, p90):
    page.goto("/calculator")
    raws = [p50 * 1.3**step for step in range(-40, 41)]
    script = "async ([raws, a, b]) => (m => raws.map(x => m.share(x, a, b)))(await import('/static/curve.js'))"
    shares = page.evaluate(script, [raws, p50, p90])
    assert shares == pytest.approx([curve(raw, p50, p90) for raw in raws], abs=1e-14)


def test_a_comparison_shows_what_makes_the_difference(page, scores):
    page.goto(scores.comparison)
    expect(page.get_by_role("heading", level=1)).to_have_text("Teodora Vasile and Jory Pellman")
    expect(page.locator(".compared.expertise")).to_contain_text("ccepted answers")


def test_the_history_leads_back_to_the_card(page, scores):
    page.goto(scores.expert)
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("heading", name="Step by step")).to_be_visible()
    page.locator(".made a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Teodora Vasile")


@pytest.mark.parametrize("width", [320, 360, 390])
def test_on_a_phone_a_comparison_shows_every_figure_whole(new_page, scores, width):
    page = new_page(size=(width, 740), language="fr-FR")
    page.goto(scores.comparison)
    for side in page.locator(".compared").all():
        edge = side.bounding_box()
        cells = [box for cell in side.locator("td:visible, th:visible").all() if (box := cell.bounding_box())]
        assert len(cells) > 15
        assert all(edge["x"] <= box["x"] and box["x"] + box["width"] <= edge["x"] + edge["width"] for box in cells)
        wide = "e => [...e.querySelectorAll('table, td, th')].filter(c => c.scrollWidth > c.clientWidth + 1)"
        assert side.evaluate(f"{wide}.map(c => c.outerHTML)") == []
    expect(page.get_by_role("columnheader", name="Écart")).to_have_count(2)


def test_the_ceiling_is_drawn_on_the_bar_and_said(page, scores):
    page.goto(scores.expert)
    picture = page.locator(".side.expertise .picture.wide")
    expect(picture).to_contain_text("points are possible with 12 trusted people")
    total, mark = picture.locator(".total").bounding_box(), picture.locator(".ceiling").bounding_box()
    assert mark["x"] > total["x"] + total["width"]
    expect(page.locator(".side.interest .ceiling")).to_have_count(0)


@pytest.mark.parametrize("language", ["en-GB", "fr-FR"])
def test_on_a_phone_the_card_is_short_before_anything_is_opened(new_page, scores, language):
    page = new_page(size=(360, 740), language=language)
    page.goto(scores.expert)
    assert page.evaluate("document.documentElement.scrollHeight") < 3_420


def test_whoever_has_no_number_gets_no_large_number_anywhere(page, scores):
    for address in (scores.ring_centre, f"{scores.map}&status=unverified"):
        page.goto(address)
        page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
        sizes = """() => [...document.querySelectorAll('main *')].filter(e => !e.children.length)
            .filter(e => !e.closest('.interest') && /^\\d+([.,]\\d+)?$/.test(e.textContent.trim()))
            .map(e => parseFloat(getComputedStyle(e).fontSize))"""
        assert all(size < 20 for size in page.evaluate(sizes))


@pytest.mark.parametrize("language", ["en-GB", "fr-FR"])
def test_on_a_phone_a_history_without_a_number_keeps_its_dates_whole(new_page, scores, language):
    page = new_page(size=(360, 740), language=language)
    page.goto("/history/custom:demo/p42?topic=space-technology")
    date = page.locator(".made a").first
    assert date.bounding_box()["height"] < 40
    expect(page.locator(".gaps li")).to_have_count(1)
    expect(page.locator(".made dd.none")).to_have_count(1)


def test_a_badge_is_shown_for_both_sorts_of_pages_and_makes_its_code(page, scores):
    page.goto(scores.enthusiast)
    page.get_by_role("link", name="Badge").click()
    for shade, paper in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(18, 24, 31)")):
        expect(page.locator(f".on-{shade} svg.badge")).to_be_visible()
        painted = page.locator(f".on-{shade} svg .card").evaluate("card => getComputedStyle(card).fill")
        assert painted == paper
    page.get_by_role("button", name="Make the code to copy").click()
    expect(page.get_by_label("Code for a dark page")).to_have_value(re.compile("theme=dark"))
    page.get_by_role("button", name="Revoke the link").click()
    expect(page.locator("textarea")).to_have_count(0)


def test_a_dispute_ends_in_a_receipt_that_leads_back_to_the_card(page, scores):
    page.goto(f"{scores.enthusiast}/dispute")
    page.get_by_label("Why").fill("The same person twice.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Something is wrong: waiting for an answer")
    expect(page.locator("main")).to_contain_text("Answer by")
    page.get_by_role("link", name="Back to the card").click()
    expect(page.locator("#disputes")).to_contain_text("not decided yet")


def test_a_card_with_everything_open_prints_on_a_few_pages(page, scores):
    page.goto(scores.expert)
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    printed = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= MOST_PAGES
