"""The way of a reader: from the form to a card and on, by pointer, by keyboard, without script, on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from candor import sample

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

DESKTOP, PHONE = (1280, 900), (360, 740)


def bring_a_file(page: Page, file: Path) -> None:
    page.goto("/")
    page.get_by_text("Upload a file…").click()
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_label("Name of the community").fill("demo")
    page.get_by_label("Replace the community of that name").check()
    page.get_by_role("button", name="Upload and go on").click()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_from_a_file_over_a_topic_and_people_found_by_name_to_a_card(new_page, size):
    page = new_page(size=size)
    bring_a_file(page, sample.records_path())
    expect(page.locator('[aria-current="step"]')).to_contain_text("Topic")
    page.get_by_role("button", name="Space technology").click()
    expect(page.get_by_role("radio", name="People I choose")).to_be_checked()
    for written, name in (("sol", "Ingrid Solheim"), ("CHIDI", "Chidi Okafor")):
        page.get_by_label("Search people by name").fill(written)
        page.get_by_role("checkbox", name=name).check()
    expect(page.locator(".picked li")).to_have_count(2)
    expect(page.get_by_text("With fewer than 5 people every score is a rough figure").first).to_be_visible()
    page.locator("details:has(#as_of)").evaluate("part => { part.open = true }")  # it is where records ended long ago
    page.get_by_label("Only this person").fill("Teodora Vasile")
    page.get_by_label("As of").fill("2026-11-01")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Teodora Vasile")
    expect(page.get_by_role("heading", name="Does this person know the topic?")).to_be_visible()


def test_columns_of_a_forum_are_known_by_name_and_a_table_in_another_encoding_shows_its_words(new_page, tmp_path):
    page = new_page()
    page.goto("/")
    page.get_by_text("Upload a file…").click()
    table = (
        "Nr;Benutzer;Erstellt;Text;Antwort auf;Beste Antwort\n"
        "1;Jörg;02.08.2026 05:00;Welcher CubeSat?;;\n"
        "2;Anna;02.08.2026 06:00;Ein CubeSat mit 3U.;1;ja\n"
    )
    (file := tmp_path / "forum.csv").write_text(table, "utf-8")
    page.get_by_label("File", exact=True).set_input_files(file)
    expect(page.get_by_label("How the letters are stored")).to_be_hidden()
    file.write_text(table, "windows-1252")
    with page.expect_file_chooser() as choosing:  # as a reader does: the same file under the same name is no change
        page.get_by_label("File", exact=True).click()
    choosing.value.set_files(file)
    expect(page.get_by_label("How the letters are stored")).to_have_value("windows-1252")
    page.get_by_label("How the letters are stored").select_option(label="Cyrillic (Windows)")
    expect(page.locator("#charset-words")).to_have_text("Jцrg")
    expect(page.get_by_label("Who wrote it")).to_have_value("Benutzer")
    page.get_by_label("Text", exact=True).fill("Anderer Text")
    page.get_by_label("How the letters are stored").select_option(label="Western Europe (Windows)")
    expect(page.locator("#charset-words")).to_have_text("Jörg")
    expect(page.get_by_label("Text", exact=True)).to_have_value("Anderer Text")
    page.get_by_label("Text", exact=True).fill("Text")
    expect(page.get_by_label("Who wrote it")).to_have_value("Benutzer")
    expect(page.get_by_label("Which answer was accepted")).to_have_value("Beste Antwort")
    page.get_by_label("Name of the community").fill("garten")
    page.get_by_role("button", name="Upload and go on").click()
    expect(page.locator('[aria-current="step"]')).to_contain_text("Topic")
    page.get_by_role("button", name="Space technology").click()
    page.get_by_role("radio", name="Everyone equally").check()
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Space technology")


def test_nobody_seems_to_be_trusted_who_was_not_chosen(page, scores):
    address = "/questions?dataset=sample&text=Which+rocket+engine&as_of=2026-11-01"
    for chosen in ("", "sample"):
        page.goto(f"{address}&trust_root={chosen}")
        page.wait_for_load_state("networkidle")
        expect(page.get_by_label("People you trust")).to_have_value(chosen)


@pytest.mark.parametrize("script", [True, False])
def test_the_sample_is_ranked_in_four_clicks_without_a_word_typed(new_page, script):
    page = new_page(script=script)
    page.goto("/")
    page.get_by_role("button", name="The made-up sample").click()
    page.get_by_role("button", name="Space technology").click()
    expect(page.get_by_role("radio", name="People trusted in the sample")).to_be_checked()
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Space technology")


def test_without_script_people_are_searched_for_and_a_suggestion_is_picked_whole(new_page):
    page = new_page(script=False)
    page.goto("/?dataset=sample&topic=space-technology")
    page.get_by_role("radio", name="People I choose").check()
    page.get_by_label("Search people by name").fill("solheim")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("checkbox", name="Ingrid Solheim").check()
    page.get_by_text("Most recognised by everyone").click()
    page.get_by_role("button", name="Choose all").click()
    expect(page.get_by_role("checkbox", name="Ingrid Solheim")).to_be_checked()
    expect(page.locator(".picked .warning")).to_be_hidden()
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Space technology")


def test_the_keyboard_alone_picks_somebody_and_takes_them_back(page):
    page.goto("/?dataset=sample&topic=space-technology&trust_root=named")
    page.get_by_label("Search people by name").focus()
    page.keyboard.type("solheim")
    expect(page.get_by_role("checkbox", name="Ingrid Solheim")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator(".picked li")).to_have_count(1)
    page.keyboard.press("Space")
    expect(page.locator(".picked")).to_be_hidden()
    expect(page.get_by_label("Search people by name")).to_be_focused()


def test_the_sample_leads_to_four_people_and_the_map(page):
    page.goto("/")
    page.get_by_role("button", name="Score four people, then compare two").click()
    expect(page.get_by_role("link", name="Teodora Vasile")).to_be_visible()
    expect(page.locator(".made li")).to_have_count(4)
    page.get_by_role("link", name="Everyone on the map").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Space technology")


def test_without_script_the_page_follows_the_job_all_the_same(new_page):
    page = new_page(script=False)
    page.goto("/")
    page.get_by_role("button", name="Score four people, then compare two").click()
    expect(page.get_by_role("link", name="Teodora Vasile")).to_be_visible()
    page.get_by_role("link", name="Teodora Vasile").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Teodora Vasile")


def test_the_keyboard_alone_leads_from_the_first_page_into_the_evidence(page):
    page.goto("/")
    go_to(page, "Score four people, then compare two")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Teodora Vasile")).to_be_visible()
    go_to(page, "Teodora Vasile")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Teodora Vasile")
    go_to(page, "Acknowledged help")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Who used this help, and how")).to_be_visible()
    expect(page.get_by_text("accepted an answer").locator("visible=true").first).to_be_visible()


def go_to(page: Page, text: str) -> None:
    """Press Tab until what has the focus begins with the text, and is seen to have it."""
    for _ in range(80):
        page.keyboard.press("Tab")
        said = page.evaluate("document.activeElement.textContent.trim()")
        if said.startswith(text):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError(f"Tab never reached {text!r}")


def test_the_first_tab_skips_to_the_content(page):
    page.goto("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_wrong_file_says_what_is_wrong_and_keeps_what_was_written(page, tmp_path):
    bad = tmp_path / "bad.ndjson"
    bad.write_text('{"id": "a", "content": "No author"}\nno json\n')
    bring_a_file(page, bad)
    expect(page.get_by_role("alert")).to_contain_text("records cannot be read; faults: 2. The first of them:")
    expect(page.get_by_label("Name of the community")).to_have_value("demo")


def test_what_is_not_there_is_told_on_a_page(page):
    assert page.goto("/card/sc_nothing").status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("Not found")


def test_a_job_that_waits_says_so_and_can_be_canceled(new_page, idle_url):
    page = new_page(at=idle_url)
    page.goto("/")
    page.get_by_role("button", name="Score four people, then compare two").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting to start")
    expect(page.locator('[aria-current="step"]')).to_contain_text("Waiting to start")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancelled")


def test_french_is_spoken_when_the_browser_asks_and_english_when_the_switch_says(new_page):
    page = new_page(language="fr-FR")
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Dans une communauté, qui connaît un sujet, et qui s'y intéresse\u00a0?"
    )
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Who in a community knows a topic, and who is keen on it?"
    )
    page.goto("/map")
    expect(page.get_by_role("heading", level=1)).to_have_text("Maps")


def test_one_click_on_the_first_page_leads_to_a_card_whose_first_words_say_what_it_means(page):
    page.goto("/")
    page.get_by_role("button", name="Open the card of Teodora").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Teodora Vasile")
    expect(page.locator(".verdict")).to_contain_text("of 100. By expertise: number 1 of")
    expect(page.locator(".telling li")).to_have_count(3)
    expect(page.locator(".telling li").first).to_contain_text("For example: Priya Raman accepted an answer")
    expect(page.locator(".telling a")).to_have_count(0)  # the sample's addresses are made up


def test_a_card_on_a_phone_is_short_before_anything_is_opened(new_page, scores):
    page = new_page(size=PHONE, language="fr-FR")
    page.goto(scores.expert)
    assert page.evaluate("document.documentElement.scrollHeight") <= 3_420
