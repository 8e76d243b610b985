"""The map: marks and list tell the same, intervals show where a pointer or the keyboard is, a click opens a card."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_pointing_at_a_mark_shows_its_interval_and_its_row(page, scores):
    page.goto(scores.map)
    mark = page.locator('.picture.wide a.mark[data-account="p03"]')
    mark.locator(".dot").hover()
    expect(mark.locator(".span")).to_be_visible()
    expect(page.locator(".people li.lit")).to_contain_text("Teodora Vasile")


def test_the_keyboard_shows_the_interval_as_well(page, scores):
    page.goto(scores.map)
    mark = page.locator('.picture.wide a.mark[data-account="p03"]')
    expect(mark.locator(".span")).not_to_be_visible()
    mark.focus()
    expect(mark.locator(".span")).to_be_visible()


@pytest.mark.parametrize("by", ["pointer", "keyboard"])
def test_a_mark_opens_the_card(page, scores, by):
    page.goto(scores.map)
    mark = page.locator('.picture.wide a.mark[data-account="p14"]')
    if by == "pointer":
        mark.locator(".dot").click()
    else:
        mark.focus()
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Samuel Achterberg")


def test_a_row_of_the_list_opens_the_card(page, scores):
    page.goto(f"{scores.map}&kind=all")
    page.get_by_role("button", name="Aurora Space Agency").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Aurora Space Agency")


def test_filters_leave_the_same_in_the_picture_and_in_the_list(page, scores):
    page.goto(scores.map)
    page.get_by_label("Type").select_option("organisation")
    expect(page.locator(".people li")).to_have_count(1)
    expect(page.locator(".picture.wide a.mark")).to_have_count(1)


def test_on_a_phone_the_list_stands_beneath_the_map(new_page, scores):
    page = new_page(size=(360, 740))
    page.goto(scores.map)
    ground, people = page.locator(".ground").bounding_box(), page.locator(".people").bounding_box()
    assert people["y"] > ground["y"] + ground["height"]
