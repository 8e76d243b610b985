"""The first page where there are many communities: one of them is found by a part of its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from service.web.home import MOST_UNSOUGHT

if TYPE_CHECKING:
    from flask.testing import FlaskClient

RECORD = b'{"id":"a1","actor":"bo","type":"note","published":"2026-10-01T12:00:00Z","content":"Hops."}'


def keep(client: FlaskClient, *names: str) -> None:
    for name in names:
        url = f"/v1/datasets/{name}?network=custom:town&profile=forum"
        assert client.put(url, data=RECORD, content_type="application/x-ndjson").status_code == 201


def page(client: FlaskClient, query: str = "", language: str = "en") -> str:
    return client.get(f"/{query}", headers={"Accept": "text/html", "Accept-Language": language}).text


def communities(shown: str) -> list[str]:
    listed = shown.partition('class="communities"')[2].partition("</form>")[0]
    return re.findall(r'name="dataset" value="([\w-]+)"', listed)


@pytest.fixture
def many(client: FlaskClient) -> None:
    keep(client, *(f"town-{number}" for number in range(MOST_UNSOUGHT)), "velo-asso")


def test_among_many_one_is_found_by_a_part_of_its_name_however_it_is_written(client, many):
    assert "Search communities" in page(client)
    assert len(communities(page(client))) == MOST_UNSOUGHT + 2
    assert communities(page(client, "?find=V%C3%A9lo")) == ["velo-asso"]
    assert communities(page(client, "?find=sample")) == communities(page(client, "?find=exemple", "fr")) == ["sample"]


def test_who_finds_none_is_led_back_to_all(client, many):
    shown = page(client, "?find=nowhere")
    assert communities(shown) == []
    assert "No community here is called that." in shown
    assert "Search communities" in shown


def test_among_few_there_is_nothing_to_search(client):
    keep(client, "town-1")
    assert "Search communities" not in page(client)
