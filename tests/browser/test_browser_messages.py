"""What was said that mattered, in the browser: found from map and card, a path drawn, said in words and shared."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_stranger_gets_from_the_map_to_a_path(page, scores):
    page.goto(scores.map)
    page.get_by_role("link", name="What was said that mattered").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What was said that mattered")
    first = page.get_by_role("article").first
    expect(first).to_contain_text("2 people picked it up")
    first.get_by_role("link", name="Who picked it up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A message by Iris Fontein")


def test_an_author_leads_to_the_card(page, scores):
    page.goto(scores.messages)
    page.get_by_role("button", name="Open the card of Teodora Vasile").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Teodora Vasile")


def test_printed_messages_name_their_authors(page, scores):
    page.goto(scores.messages)
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Open the card of Teodora Vasile").first).to_be_visible()


def test_a_card_leads_to_messages_whose_points_add_up(page, scores):
    page.goto(scores.expert)
    page.get_by_role("link", name="Which messages earned it").click()
    page.wait_for_url("**/messages")
    *points, together = page.locator("tbody td").all_inner_texts()
    assert sum(round(float(each) * 1_000_000) for each in points) == round(float(together) * 1_000_000)


@pytest.mark.parametrize("size", [(1280, 900), (390, 844)])
def test_a_path_is_drawn_and_said_in_words(new_page, scores, size):
    page = new_page(size=size)
    page.goto(scores.message)
    picture = page.locator("svg.message-path:visible")
    expect(picture).to_have_count(1)
    expect(picture).to_have_attribute("aria-labelledby", f"path-{760 if size[0] > 600 else 330}-title")
    page.get_by_text("The path in words").click()
    expect(
        page.get_by_role("listitem").filter(has_text="Chidi Okafor passed it on, from Abby Marchetti")
    ).to_be_visible()
    expect(page.get_by_text("through whom they were seen is not known")).to_be_visible()


def test_a_path_is_shared_and_the_link_revoked(page, scores, url):
    page.goto(scores.message)
    page.get_by_role("button", name="Show this picture to others").click()
    expect(page.get_by_label("Address")).not_to_have_value("")  # the script asks for it first
    address = page.get_by_label("Address").input_value()
    assert page.request.get(address).status == 200
    page.locator("#unshare").click()
    expect(page.locator("#shared")).to_be_hidden()
    assert page.request.get(address).status == 404
