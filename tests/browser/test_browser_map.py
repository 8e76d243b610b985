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
    expect(page.locator(".people tr.lit")).to_contain_text("Teodora Vasile")


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
    page.get_by_text("Show only").click()
    page.get_by_label("Type").select_option("organisation")
    expect(page.locator(".people tbody tr")).to_have_count(1)
    expect(page.locator(".picture.wide a.mark")).to_have_count(1)


def test_on_a_phone_the_list_stands_beneath_the_map(new_page, scores):
    page = new_page(size=(360, 740))
    page.goto(scores.map)
    ground, people = page.locator(".ground").bounding_box(), page.locator(".people").first.bounding_box()
    assert people["y"] > ground["y"] + ground["height"]


def test_on_a_phone_what_else_there_is_comes_before_the_list_and_the_list_is_short(new_page, scores):
    page = new_page(size=(390, 844))
    page.goto(f"{scores.map}&kind=all")
    link, people = page.get_by_role("link", name="What people here know"), page.locator(".people").first
    assert link.bounding_box()["y"] < people.bounding_box()["y"]
    rows = page.locator(".people tbody tr:visible")
    expect(rows).to_have_count(50)
    page.locator(".beside summary").click()
    expect(rows).not_to_have_count(50)


@pytest.mark.parametrize("script", [True, False])
def test_on_a_phone_a_mark_of_several_opens_those_alone(new_page, scores, script):
    page = new_page(size=(360, 740), script=script)
    page.goto(scores.map)
    rows = page.locator(".people tbody tr")
    everyone = rows.count()
    clusters = page.locator(".picture.narrow a.cluster")
    sizes = [int(size) for size in clusters.locator(".count").all_text_contents()]
    clusters.nth(sizes.index(max(sizes))).locator(".hit").click()
    expect(page.get_by_role("link", name="Show the whole map")).to_be_visible()
    assert max(sizes) <= rows.count() < everyone
    assert page.locator(".picture.narrow a.mark").count() > 1
    page.get_by_role("link", name="Show the whole map").click()
    expect(rows).to_have_count(everyone)


@pytest.mark.parametrize("width", [360, 390, 768, 1024, 1280])
def test_every_mark_is_large_enough_for_a_finger_at_any_width(new_page, scores, width):
    page = new_page(size=(width, 900))
    page.goto(scores.map)
    sizes = [box["width"] for hit in page.locator("a.mark .hit:visible").all() if (box := hit.bounding_box())]
    assert len(sizes) > 10
    assert min(sizes) >= 24


def test_the_keyboard_opens_a_mark_of_several(page, scores):
    page.goto(scores.map)
    page.locator(".picture.wide a.cluster").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Show the whole map")).to_be_visible()


def test_without_a_script_a_row_opens_the_card(new_page, scores):
    page = new_page(size=(360, 740), script=False)
    page.goto(scores.map)
    page.get_by_role("button", name="Samuel Achterberg").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Samuel Achterberg")


def test_the_index_of_maps_leads_to_a_map(page, scores):
    page.goto("/map")
    page.get_by_label("Topic").fill("space")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Space technology").first.click()
    expect(page.locator(".people tbody tr")).not_to_have_count(0)


def test_a_printed_map_names_everybody_and_shows_no_filters(page, scores):
    page.goto(f"{scores.map}&reachability=0.25")
    expect(page.locator(".filters")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Teodora Vasile")).to_be_visible()
    expect(page.locator(".filters")).to_be_hidden()
    for what_does_something in ("Delete this map", "Keep this map up to date", "The whole list as a file"):
        expect(page.get_by_text(what_does_something)).to_be_hidden()


def test_on_a_phone_the_picture_comes_before_the_filters_are_opened(new_page, scores):
    page = new_page(size=(390, 844))
    page.goto(scores.map)
    expect(page.locator(".filters")).to_be_hidden()
    picture = page.locator(".ground .picture.narrow").bounding_box()
    assert picture is not None
    assert picture["y"] < 844 / 2
    page.get_by_text("Show only").click()
    expect(page.locator(".filters select").first).to_be_visible()
