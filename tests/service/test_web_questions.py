"""Pages about questions and topics: asking a community, what waits, what somebody could be asked, what people know."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, urlencode

import msgspec
import pytest
from markupsafe import escape
from msgspec.structs import replace

from candor import sample
from service.web import home
from service.words import words
from worker import jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from candor.store import Store

HTML = {"Accept": "text/html", "Accept-Language": "en"}
AS_OF = "2026-11-01"
ASKED = urlencode({"dataset": "sample", "trust_root": "sample", "as_of": "2026-11-01T00:00:00Z"})
TOPICS = f"/topics?{ASKED}"
OF_EXPERT = f"/topics/{sample.NETWORK}/{sample.EXPERT}?{ASKED}"
OPEN = f"/questions/open?dataset=sample&as_of={AS_OF}"
FOR_EXPERT = f"/questions/for/{sample.NETWORK}/{sample.EXPERT}?dataset=sample&as_of={AS_OF}"
PAGES = (OPEN, FOR_EXPERT, TOPICS, OF_EXPERT)
NAME = "Teodora Vasile"


pytestmark = pytest.mark.usefixtures("worker", "kept_sample")


@pytest.fixture
def read(client: FlaskClient) -> Callable[..., Any]:
    """Opens a page, has the job done that it leads to, and follows it back."""

    def _read(url: str, language: str = "en") -> Any:
        headers = {"Accept": "text/html", "Accept-Language": language}
        page = client.get(url, headers=headers)
        if page.status_code == 303:
            progress = page.headers["Location"]
            jobs.score("local", progress.partition("?")[0].rpartition("/")[2])
            back = client.get(progress, headers=headers)
            assert back.headers["Location"] == url
            page = client.get(url, headers=headers)
        return page

    return _read


def ranked(client: FlaskClient, body: dict[str, Any]) -> str:
    """Have everybody ranked, and return the id of the board."""
    job = client.post("/v1/jobs", json=body).json
    jobs.score("local", job["id"])
    jobs.score("local", f"{job['id']}-0")
    return str(client.get(job["urls"]["self"]).json["results"][0]["board_id"])


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("url", "title"), [(OPEN, "questions.open.title"), (TOPICS, "known.title"), (OF_EXPERT, "known.of_lead")]
)
def test_pages_are_said_in_both_languages(client, read, url, title, language):
    client.get("/questions")
    page = read(url, language)
    assert page.status_code == 200
    assert words(language)(title) in page.text.replace("&#39;", "'")
    assert NAME in page.text


def test_the_form_offers_communities_by_name_their_tags_and_people_to_trust(read):
    page = read("/questions").text
    assert "The made-up sample" in page
    assert 'name="tag" value="cubesat"' in page
    assert "People trusted in the sample" in page


def test_only_trusted_people_of_the_chosen_community_are_offered_and_asked_with(client, read):
    line = b'{"type":"note","published":"2026-01-01T00:00:00Z","id":"n1","actor":"u1","content":"bread"}'
    at = "/v1/datasets/club?network=custom:club&profile=qa"
    client.put(at, data=line, content_type="application/x-ndjson")
    client.get("/questions")
    option = re.compile(r'<option value="sample" data-network="custom:demo"([^>]*)>People trusted in the sample')
    assert option.search(read("/questions?dataset=club").text)[1] == " hidden disabled"
    assert option.search(read("/questions?dataset=sample").text)[1] == ""
    page = read("/questions?dataset=club&trust_root=sample&text=bread").text
    assert "made without them" in page
    assert "made without them" not in read("/questions?dataset=sample&trust_root=sample&text=cubesat").text


def test_no_page_escapes_twice_what_it_says_in_french(read):
    for url in ("/", "/questions", *PAGES):
        assert "&amp;#" not in read(url, "fr").text
    assert re.search(r"dans «\sL&#39;exemple inventé\s»", read("/questions", "fr").text)


def test_a_tag_that_is_ticked_is_asked_and_stays_ticked(read):
    page = read(f"/questions?dataset=sample&tag=adcs&as_of={AS_OF}").text
    assert 'value="adcs" checked' in page
    assert "under #adcs" in page


def test_few_questions_like_it_are_said_on_the_page(read):
    page = read(f"/questions?dataset=sample&text=sourdough+zeppelin+cubesat&as_of={AS_OF}").text
    assert "Few questions here share enough words" in page or "No question here shares enough words" in page


def test_a_person_who_may_answer_leads_to_what_else_they_could_be_asked(read):
    page = read(f"/questions?dataset=sample&text=Which+antenna+for+a+cubesat&as_of={AS_OF}").text
    assert f"/questions/for/custom%3Ademo/{sample.EXPERT}?dataset=sample&amp;as_of={AS_OF}" in page
    assert NAME in read(FOR_EXPERT).text


def test_expertise_under_trusted_people_stands_beside_the_name_where_a_board_was_made(client, read):
    body = {"topics": ["tag:adcs"], "dataset": "sample", "trust_root": "sample", "as_of": "2026-11-01T00:00:00Z"}
    ranked(client, body)
    page = read(f"/questions?dataset=sample&tag=adcs&trust_root=sample&as_of={AS_OF}").text
    assert "Expertise on adcs" in page


WHEEL = urlencode({"text": "How do I choose a reaction wheel for a 3U cubesat?", "dataset": "sample", "as_of": AS_OF})


def test_everybody_named_has_expertise_or_is_said_to_be_beyond_the_trust_of_those_chosen(client, read):
    body = {"topics": ["space-technology"], "dataset": "sample", "trust_root": "sample"}
    ranked(client, body | {"as_of": "2026-11-01T00:00:00Z"})
    page = read(f"/questions?{WHEEL}&trust_root=sample").text
    articles = page.split("<article")[1:]
    assert len(articles) == 5
    assert all("Expertise on Space technology</a>: " in article for article in articles)
    assert "Nobody has been ranked yet" not in page


def test_the_centre_of_a_ring_stands_first_only_beside_a_warning_and_not_where_people_are_trusted(read):
    battery = urlencode({"text": "Who knows about battery thermal control in CubeSats?", "dataset": "sample"})
    anyone = read(f"/questions?{battery}").text
    assert "Max Sterling" in anyone.split("<article")[1]
    assert anyone.index("this list is easy to manipulate") < anyone.index("Max Sterling")
    trusting = read(f"/questions?{battery}&trust_root=sample").text
    assert "easy to manipulate" not in trusting
    assert "Max Sterling" not in trusting
    assert "People whose help someone trusted used" in trusting
    assert trusting.count("of them you trust, or people you trust vouch for: ") == 3
    assert trusting.count("You trust this person.") == 2
    assert "facile à manipuler" in read(f"/questions?{battery}", "fr").text


def test_where_the_trusted_people_used_nobodys_help_the_page_says_so(client, read):
    stranger = {"kind": "accounts", "network": sample.NETWORK, "accounts": [{"account": "stranger"}]}
    assert client.put("/v1/trust-roots/strangers", json=stranger).status_code == 201
    page = read(f"/questions?{WHEEL}&trust_root=strangers").text
    assert "it rests on accounts that nobody vouches for" in page
    assert "you trust none of them" in page[page.index("Max Sterling") :]


def test_what_is_no_question_is_not_called_one(read):
    page = read(f"/questions?{WHEEL}").text
    for heading, listed in re.findall(r"<summary>([^<]*)</summary>\s*<ul>(.*?)</ul>", page, re.DOTALL):
        if "Released our detumble" in listed:
            assert "osts" in heading
    assert "Posts most like this question that this person replied to" in page


def test_an_empty_question_says_what_to_write(read):
    page = read("/questions?text=&dataset=sample").text
    assert "Write a question, or choose a tag." in page
    assert "Write a question, or choose a tag." not in read("/questions").text


def test_old_records_are_read_as_of_their_end_and_say_so(read):
    page = read("/questions?text=Which+antenna+for+a+cubesat&dataset=sample").text
    assert "Counted as of 1 November 2026, where the records of this community end." in page
    assert "Last answered 28 days ago" not in page
    assert "Counted as of" not in read(f"/questions?{WHEEL}").text


def test_where_no_map_was_made_the_page_says_that_no_expertise_is_shown(read):
    page = read(f"/questions?{WHEEL}&trust_root=sample").text
    assert "Nobody has been ranked yet, under the people you trust, on a topic of this question" in page
    assert "/map?topic=tag%3A" in page
    assert "Nobody has been ranked yet" not in read(f"/questions?{WHEEL}").text


MAP_BODY = {"topics": ["space-technology"], "dataset": "sample", "as_of": "2026-11-01T00:00:00Z"}


def test_a_map_speaks_of_quick_estimates_only_where_it_shows_some(client, store: Store):
    client.get("/questions")
    board = ranked(client, MAP_BODY | {"trust_root": "sample"})
    url = f"/map?board={board}&kind=all"
    assert "uick estimates" not in client.get(url, headers=HTML).text
    facts = store.boards.get("local", board)
    rows = [replace(row, standing="shared" if row.rank in (1, 2) else "exact") for row in store.boards.rows(facts)]
    store.boards.put(facts, rows)
    assert "2 of the scores shown are quick estimates, marked ≈." in client.get(url, headers=HTML).text


def test_a_map_of_interest_alone_lists_the_keenest_first(client):
    client.get("/questions")
    page = client.get(f"/map?board={ranked(client, MAP_BODY | {'trust_root': 'none'})}", headers=HTML).text
    shown = [float(found) for found in re.findall(r'<td class="interest"><b>([0-9.]+)</b>', page)]
    assert len(set(shown)) > 5
    assert shown == sorted(shown, reverse=True)
    assert "In order of interest" in page


def test_a_topic_says_how_few_people_its_help_depends_on_and_what_changes_without_one(read):
    page = read(f"{TOPICS}&without={sample.EXPERT}").text
    assert "If these 3 people left, half of the recognised help would be gone:" in page
    assert f"Without {NAME}, 28% of the recognised help is gone." in page


def test_who_is_thought_away_is_found_by_name_and_nobody_is_told_at_the_field(client, read):
    named = read(f"{TOPICS}&without={quote_plus(NAME.lower())}").text
    assert f"Without {NAME}, 28% of the recognised help is gone." in named
    page = client.get(f"{TOPICS}&without=nobody99", headers=HTML).text
    assert '<span class="fault" id="without-fault">Nobody here is called nobody99.' in page
    assert "nothing changes here" not in page
    assert 'value="nobody99"' in page


def test_topics_of_a_person_have_both_numbers_and_lead_to_the_map(read):
    page = read(OF_EXPERT).text
    assert "/map?dataset=sample&amp;topic=space-technology&amp;trust_root=sample" in page
    card = msgspec.json.decode(home.PATH.read_bytes())  # of the same person, topic, root and day
    for side in ("expertise", "interest"):
        assert f"{card[side]['score']:.1f}" in page


def test_topics_are_named_in_the_readers_language(read):
    assert "Technologies spatiales" in read(TOPICS, "fr").text


@pytest.mark.parametrize("url", [FOR_EXPERT, OF_EXPERT])
def test_a_suppressed_person_has_no_page(client, read, store: Store, url):
    client.get("/questions")
    store.suppression.add(sample.NETWORK, [sample.EXPERT])
    assert read(url).status_code == 404
    assert NAME not in read(OPEN).text
    assert NAME not in read(TOPICS).text


def test_a_person_who_declined_has_no_topics(client, read):
    client.get("/questions")
    page = read(f"/topics/{sample.NETWORK}/{sample.DECLINED}?{ASKED}").text
    assert "asked not to be indexed" in page


@pytest.mark.parametrize("url", PAGES)
def test_another_owner_sees_nothing_of_a_data_set(caller: Callable[..., Any], url):
    ours, theirs = caller("us"), caller("them")
    body = sample.records_path().read_bytes()
    put = f"/v1/datasets/ours?network={sample.NETWORK}&profile={sample.PROFILE}"
    assert ours("PUT", put, data=body, content_type="application/x-ndjson").status_code == 201
    hidden = url.replace("dataset=sample", "dataset=ours").replace("trust_root=sample", "trust_root=network")
    assert ours("GET", hidden).status_code in {200, 303}
    assert theirs("GET", hidden).status_code == 404


@pytest.mark.parametrize("wrong", ["/questions/open?dataset=none", f"{OPEN[: -len(AS_OF)]}soon"])
def test_what_cannot_be_shown_is_refused(client: FlaskClient, wrong):
    assert client.get(wrong).status_code in {404, 422}


def test_links_from_posts_lead_to_the_web_alone(client, read):
    record = {"id": "q", "type": "question", "actor": "u1", "content": "Why?", "url": "javascript:alert(1)"}
    lines = msgspec.json.encode({**record, "published": "2026-10-30T00:00:00Z"})
    put = "/v1/datasets/odd?network=custom:odd&profile=qa"
    assert client.put(put, data=lines, content_type="application/x-ndjson").status_code == 201
    page = read(f"/questions/open?dataset=odd&as_of={AS_OF}").text
    assert "Why?" in page
    assert "javascript:" not in page


def test_the_map_and_the_card_lead_to_the_topics(client, read):
    body = {"topics": [sample.TOPIC], "dataset": "sample", "trust_root": "sample", "as_of": "2026-11-01T00:00:00Z"}
    account = {"network": sample.NETWORK, "account": sample.EXPERT}
    scored = client.post("/v1/jobs", json={**body, "accounts": [account]}).json
    jobs.score("local", scored["id"])
    card = client.get("/card/" + client.get(scored["urls"]["self"]).json["results"][0]["score_id"]).text
    assert f"/topics/custom%3Ademo/{sample.EXPERT}?dataset=sample&amp;trust_root=sample" in card
    assert f"/questions/for/custom%3Ademo/{sample.EXPERT}?dataset=sample" in card
    board = ranked(client, body)
    assert "/topics?dataset=sample&amp;trust_root=sample" in client.get(f"/map?board={board}").text


@pytest.mark.parametrize(
    ("page", "result"),
    [
        (OF_EXPERT, f"/v1/accounts/{sample.NETWORK}/{sample.EXPERT}/topics?{ASKED}"),
        (TOPICS, f"/v1/datasets/sample/topics?{ASKED.replace('dataset=sample&', '')}"),
        (f"/messages?topic={sample.TOPIC}&{ASKED}", f"/v1/topics/{sample.TOPIC}/messages?{ASKED}"),
        (
            f"/message/sample/r2514?{ASKED}",
            f"/v1/datasets/sample/messages/r2514?{ASKED.replace('dataset=sample&', '')}",
        ),
    ],
)
def test_a_job_that_a_page_began_names_the_address_of_its_result_for_programs(client: FlaskClient, read, page, result):
    job = client.get(page, headers=HTML).headers["Location"].partition("?")[0].rpartition("/")[2]
    read(page)
    assert client.get(f"/v1/jobs/{job}").json["result_url"] == result
    assert client.get(result).status_code == 200


@pytest.mark.parametrize("name", ["Tom Ashby", "Zoé O'Dell", "100% Bo", "what?", "a&b#c", "李 明"])
def test_the_pages_of_somebody_whose_name_has_any_signs_are_led_to_and_back(client: FlaskClient, read, name):
    said = {"content": "hops", "tags": ["hops"], "published": "2026-10-30T00:00:00Z"}
    lines = [
        {"id": "q", "type": "question", "actor": "ada", **said},
        {"id": f"post of {name}", "type": "answer", "actor": name, "object": "q", **said},
    ]
    put = "/v1/datasets/club?network=custom:club&profile=qa"
    client.put(put, data=b"\n".join(map(msgspec.json.encode, lines)), content_type="application/x-ndjson")
    whose = f"custom:club/{quote(name)}?dataset=club"
    pages = (f"/topics/{whose}&trust_root=network", f"/questions/for/{whose}")
    assert [url for url in pages if escape(name) not in read(url).text] == []
    assert read(f"/topics?dataset=club&trust_root=network&without={quote_plus(name)}").status_code == 200
    assert read(f"/message/club/{quote(f'post of {name}')}?trust_root=network").status_code == 200


def profiles_on_pages(client: FlaskClient, read: Callable[..., Any], url: str, **said: object) -> tuple[str, str]:
    """Return a card and a page of topics of somebody whose own record gives this address."""
    at = "2026-10-30T00:00:00Z"
    own = {"type": "account", "actor": "sol", "name": "Sol", "published": at, "url": url, **said}
    post = {"id": "q", "type": "question", "actor": "sol", "content": "Why?", "tags": ["wind"], "published": at}
    lines = b"\n".join(map(msgspec.json.encode, (own, post)))
    put = "/v1/datasets/club?network=custom:club&profile=qa"
    assert client.put(put, data=lines, content_type="application/x-ndjson").status_code == 201
    body = {"topics": ["tag:wind"], "dataset": "club", "trust_root": "network", "as_of": "2026-11-01T00:00:00Z"}
    job = client.post("/v1/jobs", json={**body, "accounts": [{"network": "custom:club", "account": "sol"}]}).json
    jobs.score("local", job["id"])
    score_id = client.get(job["urls"]["self"]).json["results"][0]["score_id"]
    topics = "/topics/custom:club/sol?dataset=club&trust_root=network"
    return client.get(f"/card/{score_id}", headers=HTML).text, read(topics).text


def test_a_person_is_reached_at_the_profile_that_their_own_record_names(client, read):
    for page in profiles_on_pages(client, read, "https://club.example/u/sol?a=1&b=2"):
        link = '<a href="https://club.example/u/sol?a=1&amp;b=2" rel="nofollow noopener noreferrer">Profile page</a>'
        assert page.count(link) == 1


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", f"{sample.URL}u/sol"])
def test_a_profile_that_is_not_on_the_web_is_not_linked(client, read, url):
    for page in profiles_on_pages(client, read, url):
        assert ("Sol" in page, "Profile page" in page, url in page) == (True, False, False)


def test_who_declined_has_no_profile_on_any_page(client, read):
    for page in profiles_on_pages(client, read, "https://club.example/u/sol", consent=False):
        assert ("<h1" in page, "club.example" in page) == (True, False)


def test_more_people_than_the_first_are_shown_on_request(client):
    asked = urlencode({"text": "How does an orbit decay?", "dataset": "sample", "as_of": AS_OF})
    first = client.get(f"/questions?{asked}", headers=HTML).text
    (more,) = re.findall(r'href="([^"]*limit=20[^"]*)" rel="next"', first)
    whole = client.get(more.replace("&amp;", "&").partition("#")[0], headers=HTML).text
    assert first.count('class="panel answer"') == 5 < whole.count('class="panel answer"') <= 20
    assert 'rel="next"' not in whole
