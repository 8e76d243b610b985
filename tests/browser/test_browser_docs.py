"""The way of a developer: from /docs and nothing else to a number with reasons, by the quick start and by try-out."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

DESKTOP = (1280, 900)


def test_three_clicks_lead_from_the_quick_start_to_a_number_with_reasons(page):
    page.goto("/docs")
    steps = page.locator(".start li")
    for step, answer in enumerate((r"Job succeeded", r"Expertise: \d+\.\d of 100, between", r"\+ .* points from")):
        steps.nth(step).get_by_role("button", name="Run").click()
        expect(steps.nth(step).get_by_role("status")).to_contain_text(re.compile(answer))
    expect(steps.nth(2)).to_contain_text("Teodora Vasile · Expertise")


def test_one_click_runs_all_three_requests_and_ends_in_reasons(page):
    page.goto("/docs")
    page.get_by_role("button", name="Run all three").click()
    expect(page.locator(".start li").last.get_by_role("status")).to_contain_text("Teodora Vasile · Expertise")


def test_in_french_and_in_the_dark_the_quick_start_is_french_and_nothing_is_white(new_page):
    page = new_page(language="fr-FR", scheme="dark")
    page.goto("/docs")
    page.get_by_role("button", name="Lancer les trois").click()
    expect(page.locator(".start li").last.get_by_role("status")).to_contain_text(
        "Teodora Vasile · Expertise\u00a0: 66,8 sur 100"
    )
    expect(page.locator(".opblock-tag").first).to_be_visible()
    for part in ("html", "body", ".swagger-ui", ".start pre"):
        color = page.locator(part).first.evaluate("e => getComputedStyle(e).backgroundColor")
        assert all(int(each) < 90 for each in re.findall(r"\d+", color)[:3]), (part, color)
    assert page.locator("html").get_attribute("lang") == "fr"


def test_on_a_phone_nothing_is_wider_than_the_screen_and_the_pages_are_one_click_away(new_page):
    page = new_page(size=(390, 844))
    page.goto("/docs")
    expect(page.locator(".opblock-tag").first).to_be_visible()
    page.get_by_role("button", name="Run all three").click()
    expect(page.locator(".start li").last.get_by_role("status")).to_contain_text("Teodora Vasile · Expertise")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("link", name="Map", exact=True).click()
    expect(page).to_have_url(re.compile("/map$"))


def test_a_request_is_answered_before_the_description_has_come(page):
    held, holding = [], [True]
    page.route("**/openapi.json", lambda route: held.append(route) if holding else route.continue_())
    page.goto("/docs")
    first = page.locator(".start li").first
    first.get_by_role("button", name="Run").click()
    expect(first.get_by_role("status")).to_contain_text("Job succeeded")
    assert page.locator(".opblock-tag").count() == 0
    holding.clear()
    for route in held:
        route.continue_()
    expect(page.locator(".opblock-tag").first).to_be_visible()


def test_trying_out_the_same_three_requests_needs_nothing_to_be_typed(page):
    page.goto("/docs")
    for tag, operation in (
        ("jobs", "create_job"),
        ("accounts", "list_account_scores"),
        ("scores", "read_newest_score"),
    ):
        answer = try_out(page, tag, operation)
        expect(answer).to_contain_text(re.compile("succeeded|contributions|reasons"))


def test_executing_again_after_an_edit_does_what_was_edited(page):
    page.goto("/docs")
    try_out(page, "jobs", "create_job")
    body = page.locator("#operations-jobs-create_job textarea").first
    body.fill(body.input_value().replace("p03", "p08"))
    page.locator("#operations-jobs-create_job .execute").click()
    expect(page.locator("#operations-jobs-create_job .live-responses-table")).to_contain_text("p08")


def test_an_id_that_the_service_made_is_filled_in(page):
    page.goto("/docs")
    page.locator(".start li").first.get_by_role("button", name="Run").click()
    expect(page.locator(".start li").first.get_by_role("status")).to_contain_text("Job succeeded")
    answer = try_out(page, "jobs", "read_job")
    expect(answer).to_contain_text("score_url")


@pytest.mark.parametrize(
    ("tag", "operation", "schema", "screens"),
    [
        ("scores", "read_score", "ScoreDocument", 1),
        ("topics", "write_topic", "Topic", 1),
        ("jobs", "create_job", "Job", 1.15),
        ("boards", "list_experts", "Experts", 1.2),
    ],
)
def test_an_operation_shows_schemas_by_name_and_no_wall_of_examples(page, tag, operation, schema, screens):
    page.goto("/docs")
    block = open_operation(page, tag, operation)
    expect(block.get_by_text(re.compile(f"^{schema}\\w*$")).first).to_be_visible()
    assert block.bounding_box()["height"] <= screens * DESKTOP[1]


def open_operation(page, tag, operation):
    if page.locator(f"#operations-{tag}-{operation}").count() == 0:
        page.locator(f"#operations-tag-{tag}").click()
    block = page.locator(f"#operations-{tag}-{operation}")
    block.locator(".opblock-summary-control").click()
    expect(block.locator(".opblock-body")).to_be_visible()
    return block


def try_out(page, tag, operation):
    block = open_operation(page, tag, operation)
    block.get_by_role("button", name="Try it out").click()
    block.locator(".execute").click()
    answer = block.locator(".live-responses-table")
    expect(answer).to_be_visible()
    return answer
