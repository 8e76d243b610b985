"""Signing in and out in a browser, and what a page of somebody else cannot do."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator


pytestmark = pytest.mark.browser


@pytest.fixture
def other_site() -> Iterator[str]:
    """A page at another address; it sends a form to whatever its query names."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            target = self.path.partition("?")[2]
            self.wfile.write(f'<form method="post" action="{target}"><button>Win</button></form>'.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_key_opens_a_session_that_ends_with_signing_out(new_page, guarded_url, store):
    _, secret = store.keys.create("ada", "page", ("read", "write"))
    page = new_page(at=guarded_url)
    page.goto("/map")
    page.get_by_label("Key").fill("ck_wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("unknown, revoked or expired")
    page.get_by_label("Key").fill(secret)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Maps")
    assert page.evaluate("document.cookie") == ""
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_link_on_another_site_leads_in_and_signs_nobody_out(new_page, guarded_url, store):
    _, secret = store.keys.create("ada", "page", ("read", "write"))
    page = new_page(at=guarded_url)
    page.goto("/map")
    page.get_by_label("Key").fill(secret)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Maps")
    page.goto(f"data:text/html,<a href='{guarded_url}/map'>Our maps</a>")
    page.get_by_role("link", name="Our maps").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Maps")
    page.goto("/map")
    expect(page.get_by_role("heading", level=1)).to_have_text("Maps")


def test_another_sites_page_can_not_ask_for_anything(browser, url, other_site, scores):
    context = browser.new_context()
    page = context.new_page()
    before = len(page.request.get(f"{url}/v1/jobs").json()["data"])
    for target in (f"{url}/sample", f"{url}/v1/boards/bd_1/documents/p03"):
        page.goto(f"{other_site}/?{target}")
        with page.expect_navigation() as answered:
            page.get_by_role("button", name="Win").click()
        assert answered.value.status == 403
    assert len(page.request.get(f"{url}/v1/jobs").json()["data"]) == before
    context.close()


def test_another_sites_page_can_not_read_our_pages(browser, url, other_site):
    context = browser.new_context()
    page = context.new_page()
    page.goto(other_site)
    refused = "address => fetch(address).then(() => 'read', () => 'refused')"
    assert page.evaluate(refused, f"{url}/") == "refused"
    assert page.evaluate(refused, f"{url}/v1/jobs") == "refused"
    context.close()
