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
