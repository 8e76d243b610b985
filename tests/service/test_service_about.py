"""What the service says of itself: one version in every place, and where everything else is."""

from __future__ import annotations

import re
from html import unescape
from importlib.metadata import version
from pathlib import Path
from urllib.parse import unquote

import pytest

from candor import __version__
from candor.scoring.method import load_method
from candor.settings import Settings
from candor.store.kept import FILES, NO_PEOPLE, REDIS
from service.web.guides import GUIDES
from service.web.rendering import coded
from service.words import LANGUAGES, words


def test_the_answer_names_the_service_its_version_and_the_method_it_scores_with(client):
    answer = client.get("/v1").json
    assert (answer["name"], answer["version"], answer["method"]) == ("Candor", __version__, load_method().version)


@pytest.mark.parametrize("name", ["docs", "openapi", "networks", "methods", "kept", "guides", "health", "self"])
def test_every_address_it_names_is_there(client, store, name):
    store.workers.heartbeat("w1")
    assert client.get(client.get("/v1").json["urls"][name]).status_code == 200


def test_it_names_the_pages_of_the_model_card_and_of_the_files_that_are_read(client):
    urls = client.get("/v1").json["urls"]
    assert (urls["model_card"], urls["formats"]) == ("/guides/model-card", "/guides/formats")


@pytest.fixture
def stranger(share_app, store):
    """Somebody without a key, at a service that others can reach."""
    settings = Settings(host="0.0.0.0", operator_contact="scores@example.org", documents_days=12)
    return share_app(settings, store).test_client()


@pytest.mark.parametrize(
    "path",
    [
        *("/v1", "/v1/methods", f"/v1/methods/{load_method().version}", "/v1/kept", "/v1/networks"),
        *("/v1/topics?q=space", "/v1/topics/space-technology", "/v1/topics/tag:hops"),
        *("/guides/", "/kept", "/calculator"),
    ],
)
def test_what_is_the_same_for_everybody_needs_no_key(stranger, path):
    assert stranger.get(path).status_code == 200
    assert stranger.get("/v1/jobs").status_code == 401
    assert stranger.get("/calculator?score=sc_1").status_code == 401


def test_a_page_leads_whoever_has_no_key_to_what_is_open(stranger):
    page = stranger.get("/method", headers={"Accept": "text/html"}, follow_redirects=True).get_data(as_text=True)
    nav = page.partition("<nav")[2].partition("</nav>")[0]
    led_to = re.findall(r'href="([^"]+)"', nav)
    assert led_to == ["/about-me", "/calculator", "/method", "/sign-in", "/docs"]
    assert [stranger.get(path, follow_redirects=True).status_code for path in led_to] == [200] * len(led_to)


def test_the_method_has_its_page_without_a_key(stranger):
    assert stranger.get("/method", follow_redirects=True).status_code == 200


def test_the_operator_can_be_reached_without_a_key(stranger):
    assert stranger.get("/v1").json["contact"] == "scores@example.org"
    assert "scores@example.org" in stranger.get("/kept").get_data(as_text=True)


def test_what_is_kept_says_how_long_this_service_keeps_it(stranger):
    rows = {row["what"]: row for row in stranger.get("/v1/kept").json["data"]}
    assert rows["histories of an account's scores"]["days"] == 12
    assert len(rows) == len((*REDIS, *FILES))


@pytest.mark.parametrize("row", [row for row in (*REDIS, *FILES) if row.people != NO_PEOPLE], ids=lambda row: row.what)
def test_what_is_kept_of_people_is_said_in_french(row):
    said = [row.what, row.people, row.ends, *([] if row.erased == NO_PEOPLE else [row.erased])]
    alike = {"webhooks"}
    assert [text for text in said if words("fr").translate(text) == text and text not in alike] == []


DOCS = Path("docs")
IN_BOTH = ("method", "model-card")
PAGES = [(name, language) for name in GUIDES for language in LANGUAGES]


def guide(name: str, language: str) -> str:
    """What docs/ has of a guide: in the language where it is written in it, else in English."""
    translated = DOCS / f"{name}.{language}.md"
    return (translated if translated.exists() else DOCS / f"{name}.md").read_text("utf-8")


@pytest.mark.parametrize(("name", "language"), PAGES)
def test_a_guide_is_the_page_of_the_documentation_in_the_readers_language(stranger, name, language):
    page = stranger.get(f"/guides/{name}?lang={language}").get_data(as_text=True)
    written = guide(name, language)
    headings = [heading.replace("`", "") for heading in re.findall(r"^#+ (.+)$", written, re.MULTILINE)]
    assert [heading for heading in headings if heading not in unescape(page)] == []
    assert "<!--" not in page.partition("<main")[2]
    tables = re.findall(r"^\|(?: ?-+ ?\|)+$", written, re.MULTILINE)
    assert page.count('<table class="columns-of-text">') == len(tables)


@pytest.mark.parametrize(("name", "language"), PAGES)
def test_whatever_a_guide_leads_to_is_there_without_a_key(stranger, name, language):
    page = stranger.get(f"/guides/{name}?lang={language}").get_data(as_text=True)
    links = re.findall(r'href="([^"]+)"', page.partition("<main")[2].partition("</main")[0])
    within = [unquote(link[1:]) for link in links if link.startswith("#")]
    assert [name for name in within if f'id="{name}"' not in page] == []
    ours = [link for link in links if link.startswith("/")]
    assert [link for link in ours if stranger.get(link).status_code != 200] == []
    assert all(link.startswith(("#", "/", "https://")) for link in links)
    for place in (link for link in ours if "#" in link):
        address, _, anchor = place.partition("#")
        assert f'id="{unquote(anchor)}"' in stranger.get(address).get_data(as_text=True)


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_that_is_written_in_english_alone_says_so_to_french_readers(stranger, name):
    page = stranger.get(f"/guides/{name}?lang=fr").get_data(as_text=True)
    said = words("fr")("guides.english_only") in unescape(page)
    assert said == ('<article class="written" lang="en">' in page) == (name not in (*IN_BOTH, "glossary"))
    assert words("en")("guides.english_only") not in stranger.get(f"/guides/{name}?lang=en").get_data(as_text=True)


def test_a_french_reader_of_an_english_guide_is_led_to_the_method_in_french(stranger):
    links = {
        language: re.findall(r'href="(/guides/method[^"]*)"', page)[0]
        for language in LANGUAGES
        if (page := stranger.get(f"/guides/formats?lang={language}").get_data(as_text=True).partition("<article")[2])
    }
    assert links == {"en": "/guides/method#8-how-records-are-read", "fr": "/guides/method"}


def test_every_guide_is_listed_and_there_is_no_other(stranger):
    listed = re.findall(
        r'href="/guides/([^"]+)"', stranger.get("/guides/").get_data(as_text=True).partition("<main")[2]
    )
    assert listed[: len(GUIDES)] == list(GUIDES)
    assert stranger.get("/guides/operations").status_code == 404


def test_an_upload_of_which_nothing_is_read_names_the_page_that_says_which_files_are(stranger, client):
    sent = {
        "query_string": {"network": "custom:town", "profile": "forum", "format": "reddit"},
        "content_type": "application/x-ndjson",
    }
    draft = (
        b'{"id": "a", "author": "[deleted]", "subreddit": "x", "created_utc": 1, "title": "?", "selftext": "[removed]"}'
    )
    said = client.put("/v1/datasets/town", data=draft, **sent).json["detail"]
    named = re.findall(r"/guides/\S+", said)
    assert named == ["/guides/formats"], said
    assert stranger.get(named[0]).status_code == 200


def test_what_a_problem_names_among_the_guides_is_a_link_on_its_page(app):
    with app.test_request_context("/"):
        assert coded("<b> /guides/formats says") == '&lt;b&gt; <a href="/guides/formats">/guides/formats</a> says'


def figures(text: str, language: str) -> list[float]:
    """All figures of a text, sorted, however its language writes them."""
    if language == "fr":
        text = re.sub(r"(?<=\d)[\u00a0\u202f ](?=\d{3}\b)", "", text)
        text = re.sub(r"(?<=\d),(?=\d)", ".", text)
    else:
        text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
    return sorted(map(float, re.findall(r"(?<![\d.])\d*\.?\d+", text)))


@pytest.mark.parametrize("name", IN_BOTH)
def test_both_languages_have_the_same_sections_tables_and_figures(name):
    english, french = (re.split(r"^## ", guide(name, language), flags=re.MULTILINE) for language in LANGUAGES)
    assert len(english) == len(french) > 8
    for section, said in zip(english, french, strict=True):
        assert re.findall(r"<!-- table: \w+ -->", said) == re.findall(r"<!-- table: \w+ -->", section)
        assert said.count("\n- ") == section.count("\n- "), section[:60]
        assert set(re.findall(r"`[\w.:]+`", section)) <= set(re.findall(r"`[\w.:]+`", said)), section[:60]
        assert figures(said, "fr") == figures(section, "en"), section[:60]


def test_the_metrics_say_which_version_answers(client):
    gauge = f'candor_build_info{{method="{load_method().version}",version="{__version__}"}} 1.0'
    assert gauge in client.get("/metrics").get_data(as_text=True)


def test_the_package_has_the_version_that_the_code_says():
    assert version("candor") == __version__
