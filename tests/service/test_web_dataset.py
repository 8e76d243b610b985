"""The page of a data set: when it ends, next week's file read as this week's was, a copy, and its end."""

from __future__ import annotations

import html
import io
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from candor.store.models import Problem
from candor.store.sources import AskedSource
from service.words import words

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from candor.store import Store
    from candor.store.sources import FollowedSource

HTML = {"Accept": "text/html", "Accept-Language": "en"}
COLUMNS = {"column_id": "nr", "column_actor": "wer", "column_published": "wann", "column_content": "was"}
COLUMNS |= {"column_object": "auf", "column_type": "art", "types": "Frage=question, Antwort=answer"}
HEAD = "nr;wer;wann;was;auf;art\n"
FIRST = "1;ada;2026-10-01 10:00;Which hops?;;Frage\n2;bob;2026-10-01 11:00;Saaz;1;Antwort\n"
NEXT = "2;bob;2026-10-01 11:00;Saaz;1;Antwort\n3;cy;2026-10-08 11:00;Or Cascade;1;Antwort\n"


@pytest.fixture
def token(client: FlaskClient, kept_sample: None) -> str:
    """What every form carries."""
    found = re.search(r'name="csrf" value="([\w-]+)"', client.get("/", headers=HTML).text)
    assert found is not None
    return found[1]


@pytest.fixture
def club(client: FlaskClient, token: str) -> str:
    """The page of a community that was uploaded as a table with columns and words of its own."""
    sent = {"csrf": token, "bring": "file", "kind": "records", "community": "club", "profile": "qa", **COLUMNS}
    answer = client.post("/community", data=sent | {"file": (io.BytesIO((HEAD + FIRST).encode()), "week1.csv")})
    assert answer.headers["Location"] == "/?dataset=club"
    return "/dataset/club"


def fields_of(page: str) -> dict[str, str]:
    """What the form for more records is filled in with."""
    inputs = re.findall(r'<input id="(\w+)" name="\w+" type="text" value="([^"]*)"', page)
    (kind,) = re.findall(r'<option value="(\w+)" selected>', page) or ["records"]
    return {"kind": kind, **{name: html.unescape(value) for name, value in inputs}}


def test_the_next_file_is_read_as_the_last_one_was_with_nothing_typed_again(client, store, token, club):
    form = fields_of(client.get(club, headers=HTML).text)
    assert {name: form[name] for name in COLUMNS} == COLUMNS
    sent = form | {"csrf": token, "file": (io.BytesIO((HEAD + NEXT).encode()), "week2.csv")}
    answer = client.post(club, data=sent, headers=HTML)
    assert answer.headers["Location"] == "/dataset/club?added=1"
    assert "1 record was added." in client.get(answer.headers["Location"], headers=HTML).text
    records = list(store.datasets.activities("local", "club"))
    assert [(each.id, each.type, each.actor) for each in records] == [
        ("1", "question", "ada"),
        ("2", "answer", "bob"),
        ("3", "answer", "cy"),
    ]
    again = client.post(club, data=sent | {"file": (io.BytesIO((HEAD + NEXT).encode()), "week2.csv")}, headers=HTML)
    assert "Everything in this file was here already." in client.get(again.headers["Location"], headers=HTML).text


def test_a_file_that_does_not_fit_adds_nothing_and_the_form_says_why(client, store, token, club):
    form = fields_of(client.get(club, headers=HTML).text)
    sent = form | {"csrf": token, "file": (io.BytesIO(b"x;y\n1;2\n"), "other.csv")}
    answer = client.post(club, data=sent, headers=HTML)
    assert answer.status_code in {400, 422}
    assert "This file could not be read" in answer.text
    assert fields_of(answer.text) == form
    assert store.datasets.get("local", "club").records == 2
    missing = client.post(club, data=form | {"csrf": token}, headers=HTML)
    assert (missing.status_code, 'id="file-fault"' in missing.text) == (422, True)


def test_how_a_table_was_read_and_when_it_ends_are_told_everywhere(client, store, settings, club):
    one = client.get("/v1/datasets/club").json
    (listed,) = [each for each in client.get("/v1/datasets").json["data"] if each["id"] == "club"]
    assert listed == one
    made, ends = (datetime.fromisoformat(one[name]) for name in ("created_at", "expires_at"))
    assert abs(ends - made - timedelta(days=settings.datasets_days)) < timedelta(seconds=5)
    assert one["map"] == {
        **{name.removeprefix("column_"): column for name, column in COLUMNS.items() if name != "types"},
        "Frage": "question",
        "Antwort": "answer",
    }
    assert client.get("/v1/datasets/sample").json["expires_at"] is None
    day = words("en").date(one["expires_at"])
    assert f"<dd>until {day}</dd>" in client.get(club, headers=HTML).text
    assert f"kept until {day}" in client.get("/", headers=HTML).text
    version = store.datasets.version("local", "club")
    store.datasets.renew("local", "club")
    assert client.get("/v1/datasets/club").json["expires_at"] > one["expires_at"]
    assert store.datasets.version("local", "club") == version  # its records are the same


def test_a_data_set_is_deleted_on_its_page_and_the_sample_is_not(client, token, club):
    assert client.post(f"{club}/delete", data={"csrf": token}).headers["Location"] == "/"
    assert client.get(club, headers=HTML).status_code == 404
    assert client.post("/dataset/sample/delete", data={"csrf": token}, headers=HTML).status_code == 409
    file = {"file": (io.BytesIO(b"{}"), "x.ndjson")}
    assert client.post("/dataset/sample", data={"csrf": token, **file}, headers=HTML).status_code == 409


def test_nobody_else_s_data_set_is_shown(client, caller, club):
    assert caller("stranger")("GET", club, headers=HTML).status_code == 404


def test_people_who_are_not_in_the_data_are_not_preselected(client, club):
    for name, account in (("strangers", "zoe"), ("town", "ada")):
        root = {"kind": "accounts", "network": "custom:club", "accounts": [{"account": account}]}
        client.put(f"/v1/trust-roots/{name}", json=root)
        page = client.get("/?dataset=club&topic=space-technology", headers=HTML).text
        assert re.findall(r'value="([\w-]+)" checked', page) == ["named" if name == "strangers" else "town"]
        assert "None of them appears in this data set." in page


def test_trusted_people_who_are_not_in_the_data_are_counted_where_they_are_chosen(client, club):
    root = {"kind": "accounts", "network": "custom:club", "accounts": [{"account": "ada"}, {"account": "zoe"}]}
    client.put("/v1/trust-roots/town", json=root)
    page = client.get("/?dataset=club&topic=space-technology", headers=HTML).text
    assert "1 of them does not appear in this data set" in page
    assert re.findall(r'value="([\w-]+)" checked', page) == ["town"]


def test_times_without_a_zone_are_told_where_the_topic_is_chosen(client, club):
    page = client.get("/?dataset=club", headers=HTML).text
    assert "2 records name no time zone. Their times were taken as UTC" in page


def test_a_request_that_failed_is_tried_again_in_a_click_with_the_data_as_it_is_then(client, store, token, club):
    root = {"kind": "accounts", "network": "custom:club", "accounts": [{"account": "ada"}]}
    asked = {"topics": [{"id": "hops", "label": "Hops", "terms": ["hops"]}], "dataset": "club", "trust_root": root}
    job = client.post("/v1/jobs", json=asked).json["id"]
    page = client.get(f"/progress/{job}", headers=HTML).text
    assert "Try again" not in page
    store.jobs.start("local", job)
    store.jobs.finish(job, "failed", (), Problem(type="/problems/x", title="x", status=500, detail="x", code="x"))
    assert "Try again" in client.get(f"/progress/{job}", headers=HTML).text
    client.post("/v1/datasets/club/records", data=b'{"id":"n","actor":"cy","type":"note","published":"2026-10-09"}')
    answer = client.post(f"/progress/{job}/again", data={"csrf": token})
    again = store.jobs.get("local", answer.headers["Location"].rpartition("/")[2])
    first = store.jobs.get("local", job)
    assert again.id != job
    assert again.request.topics == first.request.topics
    assert again.request.trust_root == first.request.trust_root
    assert again.request.dataset_digest == store.datasets.get("local", "club").digest


def test_a_job_that_trusts_nobody_says_so_and_what_to_send(client, club):
    body = {"topics": ["space-technology"], "dataset": "club"}
    assert "`trust_root`" in client.post("/v1/jobs", json=body).json["note"]
    assert client.post("/v1/jobs", json=body | {"trust_root": "network"}).json["note"] is None


def test_a_number_too_long_to_read_in_the_address_is_no_error(client, club):
    answer = client.get(f"{club}?added={'9' * 5_000}", headers=HTML)
    assert answer.status_code == 200
    assert "added." not in answer.text


def test_the_form_asks_which_number_is_the_day_where_no_row_tells_and_only_there(client, store, token):
    rows = b"nr;wer;wann;was;auf;art\n1;ada;02/03/2026;Which hops?;;Frage\n2;bob;04/03/2026;Saaz;1;Antwort\n"
    sent = {"csrf": token, "bring": "file", "kind": "records", "community": "club", "profile": "qa", **COLUMNS}
    assert 'name="day_first"' not in client.get("/", headers=HTML).text
    refused = client.post("/community", data=sent | {"file": (io.BytesIO(rows), "dates.csv")}, headers=HTML)
    asked = re.search(r'<label for="day_first">.*?</p>', refused.text, re.DOTALL)
    assert refused.status_code == 422
    assert asked is not None
    assert "choose the file again" in asked[0]
    assert "Record day_first" not in refused.text
    sent["day_first"] = "true"
    kept = client.post("/community", data=sent | {"file": (io.BytesIO(rows), "dates.csv")}, headers=HTML)
    assert kept.headers["Location"] == "/?dataset=club"
    assert [each.published.month for each in store.datasets.activities("local", "club")] == [3, 3]
    more = sent | {"file": (io.BytesIO(rows.replace(b"\n1;", b"\n5;")), "more.csv"), "day_first": "true"}
    assert client.post("/dataset/club", data=more, headers=HTML).status_code == 303


@pytest.fixture
def followed(store: Store) -> FollowedSource:
    """A data set that follows a hashtag, of which nothing was read yet."""
    asked = AskedSource(
        network="mastodon",
        part="hashtag",
        name="a.example/tags/space",
        max_requests=9,
        window_days=30,
        every_minutes=60,
    )
    return store.sources.follow("local", "tagged", asked)


def test_a_data_set_that_follows_says_what_and_how_far_it_was_read(client, store, followed):
    page = client.get("/dataset/tagged", headers=HTML).text
    assert "Mastodon</bdi> · <bdi>a.example/tags/space" in page
    assert "It will be read as soon as possible" in page
    state = replace(
        followed.state,
        status="waiting",
        last_read_at=datetime(2026, 10, 1, 9, 30, tzinfo=UTC),
        waits_for="a.example: failed (status 503)",
        gaps=("timeline: a.example: pagination loop",),
    )
    store.sources.save(replace(followed, state=state))
    page = client.get("/dataset/tagged", headers=HTML).text
    assert "It waits, and goes on by itself: <span>a.example: failed (status 503)" in page
    assert re.search(r"Last read</dt><dd>[^<]*1[^<]*2026, 09:30 UTC<", page)
    assert "<li><span>timeline: a.example: pagination loop" in page
    french = client.get("/dataset/tagged", headers=HTML | {"Accept-Language": "fr"}).text
    assert "la lecture reprendra d&#39;elle-même" in french
    assert "pagination loop" not in french


def test_reading_can_be_asked_for_and_stopped_at_the_page(client, store, token, followed):
    store.sources.save(replace(followed, state=replace(followed.state, status="read", complete=True)))
    assert "Read to the end" in client.get("/dataset/tagged", headers=HTML).text
    asked = client.post("/dataset/tagged/refresh", data={"csrf": token}, headers=HTML)
    assert (asked.status_code, asked.headers["Location"]) == (303, "/dataset/tagged#source")
    assert store.sources.get("local", "tagged").state.status == "queued"
    assert client.post("/dataset/tagged/stop", data={"csrf": token}, headers=HTML).headers["Location"] == "/"
    assert store.sources.get("local", "tagged") is None
    assert client.post("/dataset/tagged/stop", data={"csrf": token}, headers=HTML).status_code == 404


def test_a_data_set_stays_when_it_follows_no_longer(client, store, token, club):
    asked = AskedSource(network="custom:club", max_requests=9, window_days=30)
    store.sources.follow("local", "club", asked)
    assert "Stop following" in client.get(club, headers=HTML).text
    assert client.post(f"{club}/stop", data={"csrf": token}, headers=HTML).headers["Location"] == club
    assert "Stop following" not in client.get(club, headers=HTML).text
