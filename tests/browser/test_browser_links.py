"""Links that show a picture to who has no key: made from a page, and revoked there."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("which", ["expert", "map"])
def test_a_link_shows_the_picture_to_who_has_no_key_until_it_is_revoked(page, scores, which):
    page.goto(getattr(scores, which))
    page.get_by_role("button", name="Share the picture").click()
    address = page.get_by_label("Address to share")
    expect(address).to_be_visible()
    shared = address.input_value()
    assert page.request.get(shared).headers["content-type"].startswith("image/svg+xml")
    page.get_by_role("button", name="Revoke the link").click()
    expect(address).not_to_be_visible()
    assert page.request.get(shared).status == 404


def test_a_shared_picture_is_saved_as_png_and_svg_and_a_shared_card_is_a_page(page, scores):
    page.goto(scores.expert)
    page.get_by_role("button", name="Share the picture").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save the picture (PNG)").click()
    assert saved.value.suggested_filename == "candor.png"
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save the picture (SVG)").click()
    assert b"<svg" in saved.value.path().read_bytes()
    expect(page.get_by_text("nobody else can open the address")).to_be_visible()
    page.get_by_role("button", name="Share the whole card").click()
    expect(page.get_by_role("button", name="Save the picture (PNG)")).to_be_hidden()
