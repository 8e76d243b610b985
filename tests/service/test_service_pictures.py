"""Pictures over HTTP: the same for their owner and by a signed link, until it is revoked, and for nobody else."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.score import score
from candor.scoring.topics import Topic
from candor.scoring.trust_root import FACE_VALUE
from candor.settings import Settings
from candor.store.secret import Secret
from service.drawing import stylesheet_source

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient

    from candor.store import Store

AS_OF = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.fixture
def client(share_app: Callable[..., Flask], store: Store, now: datetime) -> FlaskClient:
    """A caller from elsewhere: without a key nothing is answered."""
    return share_app(Settings(host="0.0.0.0"), store, lambda: now).test_client()


@pytest.fixture
def stored(store: Store) -> Callable[[str], str]:
    """Scores somebody on a topic for ada; returns the id."""

    def make(topic: str) -> str:
        question = Question(
            network="custom:beer",
            accounts=("u19",),
            topics=(Topic(id=f"tag:{topic}", label=topic),),
            trust_root=FACE_VALUE,
            as_of=AS_OF,
            profile="qa",
        )
        document = next(score([], question, load_method()))
        store.scores.put("ada", document)
        return document.id

    return make


@pytest.fixture
def chart(stored: Callable[[str], str]) -> str:
    """The address of a chart."""
    return f"/v1/scores/{stored('hops')}/chart"


@pytest.fixture
def ada(caller):
    return caller("ada")


@pytest.fixture
def link(ada, chart) -> dict[str, str]:
    """The signed addresses of the same score."""
    return ada("POST", chart.replace("/chart", "/link")).json


def test_a_chart_is_an_svg_file_with_its_text_alternative(ada, chart):
    answer = ada("GET", chart)
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert "Expertise: no score." in ET.fromstring(answer.data).findtext("{*}desc")


@pytest.mark.parametrize("picture", ["chart", "badge"])
def test_who_has_a_picture_is_told_so(ada, chart, picture):
    address = chart.replace("chart", picture)
    etag = ada("GET", address).headers["ETag"]
    assert ada("GET", address, headers={"If-None-Match": etag}).status_code == 304


def test_a_picture_may_load_nothing_but_its_own_style(ada, chart):
    policy = ada("GET", chart).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert policy.endswith(f"style-src {stylesheet_source()}")
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [("", "fr", "fr"), ("?lang=en", "fr", "en"), ("?lang=fr", "en", "fr"), ("", "", "en")],
)
def test_a_picture_speaks_the_language_asked_for(ada, chart, query, accepted, language):
    answer = ada("GET", chart + query, headers={"Accept-Language": accepted})
    assert ET.fromstring(answer.data).get("lang") == language
    assert "Accept-Language" in answer.headers["Vary"]


def test_a_picture_has_the_theme_and_width_asked_for(ada, chart):
    root = ET.fromstring(ada("GET", f"{chart}?theme=dark&width=360").data)
    assert ("dark" in root.get("class").split(), root.get("width")) == (True, "360")


@pytest.mark.parametrize("query", ["theme=%3Cscript%3E", "lang=xx", "width=99999", "width=1", "title=x", "link="])
def test_anything_else_is_refused(ada, chart, query):
    assert ada("GET", f"{chart}?{query}").status_code in {404, 422}


def test_a_link_shows_both_pictures_without_a_key(client, link):
    assert [client.get(link[name]).status_code for name in ("chart_url", "badge_url")] == [200, 200]


def test_a_picture_by_link_is_the_picture(client, ada, chart, link):
    assert client.get(link["chart_url"]).data == ada("GET", chart).data


def test_pages_of_others_may_show_a_picture_by_link_only(client, ada, chart, link):
    policies = [
        answer.headers["Cross-Origin-Resource-Policy"] for answer in (client.get(link["chart_url"]), ada("GET", chart))
    ]
    assert policies == ["cross-origin", "same-origin"]


def test_a_picture_by_link_is_kept_for_a_minute_only(client, link):
    assert client.get(link["chart_url"]).headers["Cache-Control"] == "private, max-age=60"


def test_a_link_opens_nothing_else(client, ada, stored, chart, link):
    token = link["chart_url"].partition("?")[2]
    other = stored("malt")
    assert client.get(f"/v1/scores/{other}/chart?{token}").status_code == 404
    assert client.get(f"{chart.removesuffix('/chart')}?{token}").status_code == 404
    assert client.post(f"{chart.replace('/chart', '/link')}?{token}").status_code == 401


@pytest.mark.parametrize(
    "change", [lambda token: token[:-1] + "g", lambda token: token.split(".")[0], lambda _: "é.\u0000", lambda _: "."]
)
def test_a_wrong_link_is_404(client, link, chart, change):
    token = link["chart_url"].partition("=")[2]
    answer = client.get(chart, query_string={"link": change(token)})
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_a_revoked_link_is_404_and_stays_so(client, ada, chart, link):
    address = chart.replace("/chart", "/link")
    assert ada("DELETE", address).status_code == 204
    again = ada("POST", address).json
    assert client.get(link["chart_url"]).status_code == 404
    assert client.get(again["chart_url"]).status_code == 200


def test_a_score_has_one_link(ada, chart, link):
    assert ada("POST", chart.replace("/chart", "/link")).json == link


def test_a_link_that_was_never_made_can_not_be_revoked(ada, chart):
    assert ada("DELETE", chart.replace("/chart", "/link")).status_code == 404


def test_a_link_expires_with_its_score(store, now, link, chart):
    score_id = chart.split("/")[3]
    left = timedelta(seconds=store.scores.life_s("ada", score_id))
    assert abs(datetime.fromisoformat(link["expires_at"]) - (now + left)) <= timedelta(seconds=2)
    link_keys = list(store.redis.scan_iter("candor:link*"))
    assert [abs(store.redis.ttl(key) - left.total_seconds()) <= 2 for key in link_keys] == [True, True]


def test_a_link_to_a_score_that_is_gone_is_404(client, store, link, chart):
    store.redis.delete(*store.redis.scan_iter("candor:score:*"))
    assert client.get(link["chart_url"]).status_code == 404


def test_a_copy_of_the_store_forges_no_link(client, store, link, chart, tmp_path):
    link_id = next(iter(store.redis.scan_iter("candor:link:*"))).decode().rpartition(":")[2]
    forged = Secret(tmp_path / "elsewhere").digest("links", link_id.encode())
    assert client.get(f"{chart}?link={link_id}.{forged}").status_code == 404


def test_anothers_score_gets_no_link(caller, chart):
    assert caller("bob")("POST", chart.replace("/chart", "/link")).status_code == 404


@pytest.fixture
def card(ada, chart) -> dict[str, str]:
    """The signed addresses that open the whole card."""
    return ada("POST", chart.replace("/chart", "/link?opens=card")).json


def test_a_link_to_the_card_opens_all_of_it_without_a_key(client, ada, chart, card):
    assert client.get(card["score_url"]).data == ada("GET", chart.removesuffix("/chart")).data
    assert client.get(card["score_url"] + "&evidence=all").status_code == 200
    page = client.get(card["card_url"], headers={"Accept": "text/html"})
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert client.get(card["chart_url"]).status_code == 200


def test_a_page_by_link_leads_nowhere_that_needs_a_key(client, card):
    page = client.get(card["card_url"], headers={"Accept": "text/html"}).get_data(as_text=True)
    main = page.partition("<main")[2].partition("</main")[0]
    addresses = {found.replace("&amp;", "&") for found in re.findall(r'href="(/[^"]*)"', main)}
    assert addresses
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 200)


def test_a_link_to_the_card_opens_no_other_and_changes_nothing(client, stored, chart, card):
    token = card["card_url"].partition("?")[2]
    assert client.get(f"/card/{stored('malt')}?{token}").status_code == 404
    assert client.post(f"{chart.replace('/chart', '/disputes')}?{token}", json={}).status_code == 401
    assert client.get(f"{chart.replace('/chart', '/disputes')}?{token}").status_code == 401


def test_a_link_can_end_before_its_score(ada, client, store, chart, card, now):
    soon = ada("POST", chart.replace("/chart", "/link?opens=card&days=3")).json
    assert datetime.fromisoformat(soon["expires_at"]) == now + timedelta(days=3)
    assert soon["card_url"] == card["card_url"]
    assert {0 < store.redis.ttl(key) <= 3 * 86_400 for key in store.redis.scan_iter("candor:link:*")} == {True}


def test_links_are_listed_without_what_opens_them_and_end_one_by_one(ada, caller, client, link, card):
    listed = ada("GET", "/v1/links").json["data"]
    assert {each["id"]: each["opens"] for each in listed} == {link["id"]: "pictures", card["id"]: "card"}
    assert card["card_url"].partition("=")[2] not in str(listed)
    assert caller("bob")("DELETE", f"/v1/links/{card['id']}").status_code == 404
    assert ada("DELETE", f"/v1/links/{card['id']}").status_code == 204
    assert [client.get(each["chart_url"]).status_code for each in (card, link)] == [404, 200]


def test_revoking_the_links_of_a_score_ends_both(ada, client, chart, link, card):
    assert ada("DELETE", chart.replace("/chart", "/link")).status_code == 204
    assert [client.get(url).status_code for url in (card["card_url"], card["score_url"], link["chart_url"])] == [
        404
    ] * 3


def test_who_opts_out_is_shown_to_nobody_by_link(client, store, link, card):
    store.suppression.add("custom:beer", ["u19"])
    urls = (card["card_url"], card["score_url"], card["chart_url"], link["badge_url"])
    assert [client.get(url).status_code for url in urls] == [404] * 4


def test_an_erasure_ends_the_links(client, store, card):
    store.eraser.run(store.erasures.start(store.erasures.create(None, "custom:beer", "u19").id))
    assert [client.get(card[name]).status_code for name in ("card_url", "score_url", "chart_url")] == [404] * 3
