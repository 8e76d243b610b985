"""The pages of messages: a job first, then the list; texts and names as the API gives them, and nobody who left."""

from __future__ import annotations

import re
from functools import partial
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from candor import sample
from candor.settings import Settings
from worker import erasures, jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient


ROOT = {"trust_root": "sample", "as_of": "2026-11-01T00:00:00Z"}
LIST = f"/messages?{urlencode({'dataset': 'sample', 'topic': sample.TOPIC, **ROOT})}"
STORY = f"/message/sample/s0007?{urlencode(ROOT)}"


def opened(client: FlaskClient, url: str, language: str = "en", status: int = 200) -> str:
    """Open a page as a browser does; where a job leads to it, have the job done first."""
    said = {"Accept": "text/html", "Accept-Language": language}
    answer = client.get(url, headers=said)
    if answer.status_code == 303:
        jobs.score("local", answer.headers["Location"].partition("?")[0].rpartition("/")[2])
        led = client.get(answer.headers["Location"], headers=said)
        assert led.headers["Location"] == url
        answer = client.get(url, headers=said)
    assert answer.status_code == status, answer.text[-500:]
    return unescape(answer.text)


@pytest.fixture
def show_first(client: FlaskClient, worker: None, kept_sample: None) -> Callable[..., str]:
    """Opens a page where nobody has asked for a list before."""
    return partial(opened, client)


@pytest.fixture
def show(client: FlaskClient, show_first: Callable[..., str], saved: Callable[..., Any]) -> Callable[..., str]:
    """Opens a page; the list and the message that most tests open were found before, and are kept."""
    saved("the sample with its list and a message", lambda: [show_first(url) for url in (LIST, STORY)])
    return show_first


@pytest.fixture
def expert(client: FlaskClient, worker: None, saved: Callable[..., Any]) -> str:
    """The id of a score of the sample's expert."""
    return str(saved("the sample with its expert scored", lambda: score_expert(client)))


def score_expert(client: FlaskClient) -> str:
    """Have the sample's expert scored; return the score's id."""
    account = {"network": sample.NETWORK, "account": sample.EXPERT}
    asked = {"accounts": [account], "topics": [sample.TOPIC], "dataset": "sample", **ROOT}
    job = client.post("/v1/jobs", json=asked).json
    jobs.score("local", job["id"])
    made: dict[str, Any] = client.get(job["urls"]["self"]).json
    return str(made["results"][0]["score_id"])


def test_the_list_tells_of_each_message_what_the_api_says(client, show):
    page = show(LIST)
    rows = client.get(f"/v1/topics/{sample.TOPIC}/messages?{urlencode({'dataset': 'sample', **ROOT})}").json["data"]
    assert page.count("<article") == len(rows) == 20
    assert [page.index(row["text"]) for row in rows] == sorted(page.index(row["text"]) for row in rows)
    assert "2 people picked it up" in page


def test_the_list_goes_on_to_the_message_with_a_thousand_likes(show):
    page, url = "", LIST
    while "1,000 likes, which count for nothing" not in page:
        page = show(url)
        assert "More messages" in page
        url = page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    assert "Can we reach a thousand?" in page


def test_the_pages_are_french_for_who_reads_french(show, expert):
    assert "Selon quelle règle" in show(LIST, "fr")
    assert "les données ne nomment que l'original" in show(STORY, "fr").replace("\u00a0", " ")
    assert "Les messages qui ont valu cette note" in show(f"/card/{expert}/messages", "fr")


def test_messages_that_earned_a_score_say_who_took_them_up(client, show, expert):
    page = show(f"/card/{expert}/messages")
    voices = client.get(f"/v1/scores/{expert}?evidence=all").json["expertise"]["evidence"]
    named = re.findall(r'<bdi title="(p[0-9a-z-]+)">', page)
    assert named
    assert {*named} <= {each["by"] for each in voices}


def test_a_message_shows_its_path_and_says_what_is_not_known(show):
    page = show(STORY)
    assert "through whom they were seen is not known" in page
    assert page.count('class="candor message-path') == 2
    assert "On 22 September 2026 Abby Marchetti passed it on, probably from Mara Ilves" in page


def test_a_message_that_nobody_passed_on_says_so(show):
    page = show(STORY.replace("s0007", "s0016"))
    assert "nobody passed it on or replied to it" in page
    assert "message-path" not in page


def test_a_message_that_is_not_there_is_not_found(show):
    assert "Candor" in show(STORY.replace("s0007", "none"), status=404)


@pytest.mark.parametrize("url", ["/messages", "/messages?dataset=sample", f"/messages?topic={sample.TOPIC}"])
def test_a_list_of_nothing_in_particular_leads_to_the_maps(client, url):
    assert client.get(url).headers["Location"] == "/map"


def test_the_card_links_ones_own_latest_posts_by_their_first_words_and_nothing_without(client, show, expert):
    page = show(f"/card/{expert}")
    linked = re.findall(r'<a href="/message/sample/([^?]*)[^>]*><bdi>(.*?)</bdi>', page)
    assert [name for name, _ in linked] == client.get(f"/v1/scores/{expert}").json["matched"]["examples"][::-1]
    assert all(0 < len(words) <= 120 for _, words in linked)
    assert "record <code>" not in page


def test_the_card_names_people_although_nobody_was_ranked_yet(client, show, expert):
    page = show(f"/card/{expert}")
    first = client.get(f"/v1/scores/{expert}").json["expertise"]["evidence"][0]["by"]
    assert f'<bdi title="{first}">' in page
    assert f"<bdi>{first}</bdi>" not in page
    assert "Ingrid Solheim" in page


@pytest.mark.parametrize(("language", "said"), [("en", "accepted an answer"), ("fr", "a accepté une réponse")])
def test_the_card_says_that_what_was_accepted_was_an_answer(show, expert, language, said):
    page = show(f"/card/{expert}", language)
    assert said in page
    assert f"{said} or a change" not in page
    assert f"{said} ou une modification" not in page


@pytest.mark.parametrize(
    ("dataset", "topic", "language", "said"),
    [
        ("nope", "x", "en", "You have no data set 'nope', and there is no topic 'x'."),
        ("nope", "x", "fr", "Vous n'avez pas de jeu de données 'nope', et il n'y a pas de sujet 'x'."),
        ("nope", sample.TOPIC, "en", "You have no data set 'nope'."),
        ("sample", "x", "en", "There is no topic 'x'."),
        ("sample", "x", "fr", "Il n'y a pas de sujet 'x'."),
    ],
)
def test_a_list_says_which_of_data_set_and_topic_is_not_there(client, show, dataset, topic, language, said):
    page = show(f"/messages?{urlencode({'dataset': dataset, 'topic': topic, **ROOT})}", language, 404)
    assert said in page
    if language == "en":
        answer = client.get(f"/v1/topics/{topic}/messages?{urlencode({'dataset': dataset, **ROOT})}")
        assert answer.json["detail"] == said


def test_a_message_that_was_accepted_says_by_whom_on_page_picture_and_api(client, show):
    url = f"/sample/r2514?{urlencode(ROOT)}"
    page = show(f"/message{url}")
    found = client.get(f"/v1/datasets{url.replace('/r2514', '/messages/r2514')}").json
    (taken,) = found["message"]["taken_up"]
    assert (taken["kind"], taken["people"]) == ("accepted", 1)
    said = f"1 person accepted it: {taken['by'][0]['name'] or taken['by'][0]['account']}."
    assert said in page
    assert said in client.get(found["picture_url"]).text
    assert "Accepté par 1 personne\xa0:" in show(f"/message{url}", "fr")


def test_who_opted_out_since_is_not_named_among_who_took_it_up(client, store, show):
    url = f"/sample/r2514?{urlencode(ROOT)}"
    show(f"/message{url}")
    found = client.get(f"/v1/datasets{url.replace('/r2514', '/messages/r2514')}").json
    (by,) = found["message"]["taken_up"][0]["by"]
    store.suppression.add(sample.NETWORK, [by["account"]])
    drawn = client.get(found["picture_url"]).text
    assert "1 person accepted it: Somebody who asked not to be named." in drawn
    assert str(by["name"] or by["account"]) not in drawn


def test_who_is_erased_is_on_no_page(store, show):
    assert "Mara Ilves" in show(STORY)
    erasures.erase("local", store.erasures.create("local", sample.NETWORK, sample.NEWCOMER).id)
    show(STORY, status=404)


def test_who_opts_out_is_on_no_page(store, show):
    assert "Abby Marchetti" in show(STORY)
    store.suppression.add(sample.NETWORK, ["p34"])
    assert "Abby Marchetti" not in show(STORY)


def test_points_of_all_messages_stand_beside_their_texts(show_first, expert):
    url = f"/card/{expert}/messages"
    assert "Nine orbits is slow but not broken" in show_first(url)  # of the records
    show_first(LIST)
    assert "Nine orbits is slow but not broken" in show_first(url)  # of the list


def test_texts_of_a_large_data_set_are_found_as_well(show_first, expert, monkeypatch):
    monkeypatch.setattr("service.web.kept_records.MOST_RECORDS", 10)
    page = show_first(f"/card/{expert}/messages")
    assert "Nine orbits is slow but not broken" in page
    assert "text not public, or not kept" not in page


def test_all_messages_that_earned_a_score_can_be_read_a_part_at_a_time(client, show, expert, monkeypatch):
    whole = show(f"/card/{expert}/messages")
    assert "Every message with the points it gave" in whole
    monkeypatch.setattr("service.web.messages.MOST_EARNING", 15)
    points, url = [], f"/card/{expert}/messages"
    while url:
        page = show(url)
        assert "one part at a time" in page
        points += re.findall(r"<td>([\d.]+)</td></tr>", page.partition("messages before")[2] if points else page)[
            bool(points) :
        ]
        following = re.search(r'href="([^"]+)" rel="next"', page)
        points = points[:-1] if following else points
        url = following and following[1]
    assert sorted(points) == sorted(re.findall(r"<td>([\d.]+)</td></tr>", whole))


def test_a_link_to_a_card_opens_its_messages_without_texts(client, share_app, store, expert, show):
    show(LIST)
    token = client.post(f"/v1/scores/{expert}/link?opens=card").json["card_url"].partition("?")[2]
    stranger = share_app(Settings(host="0.0.0.0"), store).test_client()
    card, page = (stranger.get(f"/card/{expert}{part}?{token}") for part in ("", "/messages"))
    assert f"/card/{expert}/messages?{token}" in unescape(card.text)
    assert page.status_code == 200
    assert f"/card/{expert}?{token}" in unescape(page.text)
    assert "/message/" not in page.text
    assert "Nine orbits" not in page.text
    pictures = client.post(f"/v1/scores/{expert}/link").json["chart_url"].partition("?")[2]
    assert stranger.get(f"/card/{expert}/messages?{pictures}").status_code == 404


def test_a_card_leads_to_its_messages(show, expert):
    assert f'href="/card/{expert}/messages"' in show(f"/card/{expert}")


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "their support comes from about"), ("fr", "leur soutien vient d'environ")],
)
def test_the_list_says_in_words_who_stands_behind(show, language, said):
    page = show(LIST, language)
    assert said in page
    assert "backed by" not in page
    assert "small accounts: " not in page


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Does this person know the topic?"), ("fr", "Cette personne connaît\u2011elle le sujet")],
)
def test_the_card_of_a_person_asks_about_a_person(show, expert, language, said):
    assert said in show(f"/card/{expert}", language)


def ask_about(client: FlaskClient, label: str, terms: str) -> str:
    """Rank the sample on a topic of one's own words, as the form of the first page does; return the topic's id."""
    asked = {"dataset": "sample", "topic": "own", "label": label, "terms": terms, "trust_root": "sample"}
    page = client.get("/", headers={"Accept": "text/html"}).text
    token = re.findall(r'name="csrf" value="([^"]+)"', page)[0]
    answer = client.post("/", data=asked | {"as_of": "2026-11-01", "csrf": token}, headers={"Accept": "text/html"})
    assert answer.status_code == 303, answer.text
    job = answer.headers["Location"].rpartition("/")[2]
    jobs.score("local", job)
    return str(client.get(f"/v1/jobs/{job}").json["request"]["topics"][0])


def test_what_a_map_of_ones_own_topic_leads_to_knows_the_topic(client, show):
    topic = ask_about(client, "Engines", "rocket, satellite, cubesat")
    assert topic == "engines"
    asked = urlencode({"dataset": "sample", **ROOT})
    assert "picked it up" in show(f"/messages?{asked}&topic=engines")
    assert ">Engines</bdi>" in show(f"/topics?{asked}")
    assert ">Engines</bdi>" in show(f"/topics/{sample.NETWORK}/{sample.EXPERT}?{asked}")


def test_a_topic_of_ones_own_takes_no_other_topics_place(client, show):
    same = [ask_about(client, "Engines", terms) for terms in ("rocket engine", "ion thruster", "rocket engine")]
    assert same == ["engines", "engines-2", "engines"]
    assert ask_about(client, "Astronomy", "telescope") == "astronomy-2"


def test_an_older_score_a_comparison_and_its_messages_say_what_was_accepted_in_the_same_words(client, show, expert):
    other = {"network": sample.NETWORK, "account": "p01"}
    accounts = [{"network": sample.NETWORK, "account": sample.EXPERT}, other]
    again = {"accounts": accounts, "topics": [sample.TOPIC], "dataset": "sample", **ROOT}
    scores = []
    for day in ("2026-10-31T00:00:00Z", "2026-11-01T00:00:00Z"):
        job = client.post("/v1/jobs", json={**again, "as_of": day}).json
        jobs.score("local", job["id"])
        scores.append([each["score_id"] for each in client.get(job["urls"]["self"]).json["results"]])
    older, beside = scores[0]
    pages = (f"/card/{older}", f"/compare?score={older}&score={beside}", f"/card/{older}/messages", LIST)
    for url in pages:
        page = show(url)
        assert "ccepted answers" in page, url
        assert "ccepted answers and changes" not in page, url
        assert "answer or a change" not in page, url
