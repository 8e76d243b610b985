"""Files on the first page: no two kinds are one choice, and what was chosen wrongly is told where one chooses."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import TYPE_CHECKING

import pytest

from candor.names.networks import network_label

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from candor.store import Store

HTML = {"Accept": "text/html", "Accept-Language": "en"}
POST = {"id": "a", "created_utc": 1767600000, "author": "Ada", "subreddit": "beer", "title": "hops", "selftext": "Saaz"}
COMMENT = {"id": "b", "created_utc": 1767600060, "author": "Bob", "subreddit": "beer", "body": "yes", "link_id": "t3_a"}
NOTE = {
    "id": "https://a.example/1",
    "type": "Note",
    "to": ["https://www.w3.org/ns/activitystreams#Public"],
    "published": "2026-10-01T00:00:00Z",
    "content": "hops",
}
OUTBOX = {"id": "https://a.example/o", "type": "OrderedCollection", "orderedItems": []}


@pytest.fixture
def page(client: FlaskClient, kept_sample: None) -> str:
    """The first page."""
    return client.get("/", headers=HTML).text


@pytest.fixture
def form(page: str) -> dict[str, object]:
    """What every file goes with."""
    found = re.search(r'name="csrf" value="([\w-]+)"', page)
    assert found is not None
    return {"csrf": found[1], "bring": "file", "community": "beer", "profile": "forum"}


def choice(page: str, label: str) -> str:
    """The value of a kind of file, as somebody finds it: by its label."""
    (select,) = re.findall(r'<select id="kind".*?</select>', page, re.DOTALL)
    (value,) = re.findall(rf'<option value="(\w+)"[^>]*>{re.escape(label)}</option>', select)
    return value


def test_every_kind_of_file_can_be_told_from_every_other(page):
    (select,) = re.findall(r'<select id="kind".*?</select>', page, re.DOTALL)
    values = re.findall(r'<option value="(\w+)"', select)
    assert len(values) > 20
    assert sorted(values) == sorted(set(values))


def test_a_dump_of_reddit_is_taken_as_that(client: FlaskClient, store: Store, page, form):
    dump = "\n".join(map(json.dumps, (POST, COMMENT))).encode()
    sent = form | {"kind": choice(page, "Reddit dump"), "file": (io.BytesIO(dump), "r_beer.ndjson")}
    answer = client.post("/community", data=sent, headers=HTML)
    assert answer.status_code == 303
    kept = store.datasets.get("local", answer.headers["Location"].partition("=")[2])
    assert kept is not None
    assert kept.archive is not None
    assert (kept.network, kept.archive.format) == ("custom:beer", "reddit")


def test_files_of_one_network_are_kept_under_the_names_that_were_given(client: FlaskClient, store: Store, page, form):
    items = [
        {"id": 1, "type": "story", "by": "ada", "time": 1767600000, "title": "hops"},
        {"id": 2, "type": "comment", "by": "bob", "time": 1767600060, "parent": 1, "text": "Saaz"},
    ]
    for name, dataset_id in (("hn1", "hn1"), ("Startup talk", "startup-talk")):
        body = io.BytesIO("\n".join(map(json.dumps, items)).encode())
        sent = form | {"kind": choice(page, "Hacker News items"), "community": name, "file": (body, "items.ndjson")}
        assert client.post("/community", data=sent, headers=HTML).headers["Location"] == f"/?dataset={dataset_id}"
    assert {each.network for each in store.datasets.all_of("local") if each.id != "sample"} == {"hackernews"}


def test_communities_whose_names_have_no_plain_letter_are_kept_apart(client: FlaskClient, store: Store, page, form):
    posts = b'{"id": "1", "actor": "ada", "published": "2026-01-05T10:00:00Z", "content": "hops", "type": "note"}\n'
    for name in ("Пивоварение", "醸造"):
        sent = form | {"kind": "records", "community": name, "file": (io.BytesIO(posts), "posts.ndjson")}
        assert client.post("/community", data=sent, headers=HTML).status_code == 303
    kept = {each.id: each.network for each in store.datasets.all_of("local") if each.id != "sample"}
    assert set(kept.values()) == {"custom:пивоварение", "custom:醸造"}
    assert all(each.startswith("upload-") for each in kept)


@pytest.fixture
def outbox() -> io.BytesIO:
    """Ada's own export from Mastodon."""
    created = {
        "type": "Create",
        "to": NOTE["to"],
        "actor": "https://a.example/users/ada",
        "published": NOTE["published"],
        "object": NOTE,
    }
    with zipfile.ZipFile(file := io.BytesIO(), "w") as archive:
        archive.writestr("outbox.json", json.dumps(OUTBOX | {"orderedItems": [created]}))
        archive.writestr("actor.json", json.dumps({"id": "https://a.example/users/ada", "preferredUsername": "ada"}))
    file.seek(0)
    return file


def test_an_export_of_another_network_is_told_where_the_kind_is_chosen(client: FlaskClient, page, form, outbox):
    sent = form | {"kind": choice(page, "My own export from Reddit"), "file": (outbox, "archive.zip")}
    answer = client.post("/community", data=sent, headers=HTML)
    assert answer.status_code == 422
    assert re.search(rf'id="kind-fault"[^>]*>This is an export of {network_label("mastodon").lower()}\.', answer.text)
    assert f'value="{choice(answer.text, "My own export from Reddit")}" selected' in answer.text


def test_whoever_brings_their_own_export_is_asked_for_nobody_to_trust(client: FlaskClient, page, form, outbox):
    sent = form | {"kind": choice(page, "My own export from Mastodon"), "file": (outbox, "archive.zip")}
    answer = client.post("/community", data=sent, headers=HTML)
    assert answer.status_code == 303, answer.text
    third = client.get(answer.headers["Location"] + "&topic=space-technology", headers=HTML).text
    assert 'value="none" checked' in third
    assert "there is an interest score only" in third
