"""Topics over HTTP: the catalogue, one's own, and trying one on records."""

from __future__ import annotations

from urllib.parse import quote

import msgspec
import pytest

from candor.scoring.topics import load_catalogue

MALT = {"label": "Malt", "terms": ["malt", "pale malt"], "hashtags": ["malt"], "labels": {"fr": "Malt"}}


def test_the_catalogue_is_listed_with_ones_own_topics(client):
    client.put("/v1/topics/malt", json=MALT)
    rows = client.get("/v1/topics?limit=100").json["data"]
    assert {row["id"]: row["built_in"] for row in rows} == {**dict.fromkeys(load_catalogue(), True), "malt": False}


def test_topics_are_found_by_a_part_of_their_name_in_any_language(client):
    client.put("/v1/topics/malt", json={**MALT, "labels": {"fr": "Malté"}})
    found = {
        q: [row["id"] for row in client.get("/v1/topics", query_string={"q": q}).json["data"]]
        for q in ("MALTE", "no such")
    }
    assert found == {"MALTE": ["malt"], "no such": []}


def test_topics_come_in_pages(client):
    seen, cursor = [], None
    while True:
        page = client.get("/v1/topics", query_string={"limit": 5, **({"cursor": cursor} if cursor else {})}).json
        seen += [row["id"] for row in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == sorted(load_catalogue())


def test_a_topic_is_made_then_replaced(client):
    assert client.put("/v1/topics/malt", json=MALT).status_code == 201
    assert client.put("/v1/topics/malt", json={**MALT, "label": "Malts"}).status_code == 200
    assert client.get("/v1/topics/malt").json["label"] == "Malts"


def test_a_deleted_topic_is_gone(client):
    client.put("/v1/topics/malt", json=MALT)
    assert client.delete("/v1/topics/malt").status_code == 204
    assert client.get("/v1/topics/malt").status_code == 404
    assert client.delete("/v1/topics/malt").status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_built_in_topic_can_not_be_changed(client, method):
    answer = client.open("/v1/topics/space-technology", method=method, json=MALT)
    assert (answer.status_code, answer.json["code"]) == (409, "built_in")


def test_a_tag_is_a_topic_by_itself(client):
    assert client.get("/v1/topics/tag:air-travel").json["id"] == "tag:air-travel"


@pytest.mark.parametrize("name", ["ci/cd", "/", "a//b", "a/experts/b", "a/"])
def test_a_tag_may_hold_slashes(client, name):
    assert client.get(f"/v1/topics/{quote(f'tag:{name}', safe='')}").json["id"] == f"tag:{name}"


@pytest.mark.parametrize("part", ["experts", "map", "map.svg"])
def test_what_belongs_to_a_tag_with_slashes_has_an_address(client, part):
    answer = client.get(f"/v1/topics/tag:ci%2Fcd/{part}?dataset=beer&trust_root=brewers")
    assert (answer.status_code, answer.json["detail"]) == (404, "You have no data set 'beer'.")


@pytest.mark.parametrize("topic_id", ["tag:ci%2Fcd", "malt/experts"])
def test_what_is_no_slug_can_only_be_read(client, topic_id):
    answer = client.put(f"/v1/topics/{topic_id}", json=MALT)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("topic_id", ["Malt", "malt beer", "tag:malt", "m" * 201, "-malt"])
def test_a_topics_id_is_a_slug(client, topic_id):
    answer = client.put(f"/v1/topics/{topic_id}", json=MALT)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/topic_id")


def test_a_topic_that_nothing_could_match_is_told_where_terms_are_missing(client, job):
    answer = client.put("/v1/topics/malt", json={"label": "Malt"})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/terms")
    answer = client.post("/v1/jobs", json=job | {"topics": [{"id": "Malt!", "label": "Malt", "terms": ["malt"]}]})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/topics/0/id")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"label": ""}, "/label"),
        ({"terms": [""]}, "/terms/0"),
        ({"terms": ["x"] * 201}, "/terms"),
        ({"terms": [], "hashtags": []}, "/terms"),
        ({"colour": "pale"}, "/colour"),
        ({"labels": {"fr": 3}}, "/labels/fr/value"),
    ],
)
def test_a_wrong_topic_is_422_with_a_pointer(client, changes, pointer):
    answer = client.put("/v1/topics/malt", json={**MALT, **changes})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


def test_who_has_the_topic_already_gets_304(client):
    etag = client.get("/v1/topics/space-technology").headers["ETag"]
    assert client.get("/v1/topics/space-technology", headers={"If-None-Match": etag}).status_code == 304


def test_a_topic_that_changed_meanwhile_is_not_overwritten(client):
    stale = client.put("/v1/topics/malt", json=MALT).headers["ETag"]
    fresh = client.put("/v1/topics/malt", json={**MALT, "label": "Malts"}).headers["ETag"]
    assert client.put("/v1/topics/malt", json=MALT, headers={"If-Match": stale}).status_code == 412
    assert client.delete("/v1/topics/malt", headers={"If-Match": stale}).status_code == 412
    assert client.put("/v1/topics/malt", json=MALT, headers={"If-Match": fresh}).status_code == 200


def test_if_match_on_a_topic_that_is_not_there_is_412(client):
    assert client.put("/v1/topics/malt", json=MALT, headers={"If-Match": "*"}).status_code == 412


def record(number: int, content: str, **more: object) -> dict[str, object]:
    return {
        "id": f"r{number}",
        "actor": "u",
        "type": "note",
        "published": "2026-10-01T12:00:00Z",
        "content": content,
        **more,
    }


def test_a_preview_says_which_records_match_by_which_term(client):
    records = [record(1, "Pale malt is malt"), record(2, "Hops"), record(3, "Look", tags=["Malt"])]
    answer = client.post("/v1/topics/preview", json={"topic": {"id": "malt", **MALT}, "records": records})
    assert answer.status_code == 200
    assert [row["matches"] for row in answer.json["data"]] == [True, False, True]
    assert answer.json["data"][0]["terms"] == ["malt", "pale malt"]
    assert (answer.json["records"], answer.json["matched"]) == (3, 2)
    assert answer.json["by_term"]["pale malt"] == 1


def test_a_preview_names_words_that_terms_do_not_find(client):
    records = [record(1, "Pale malts"), record(2, "Malts and a malt"), record(3, "Hops")]
    answer = client.post("/v1/topics/preview", json={"topic": {"id": "malt", **MALT}, "records": records}).json
    assert {"term": "malt", "form": "malts", "records": 2} in answer["close_forms"]
    assert {"term": "pale malt", "form": "pale malts", "records": 1} in answer["close_forms"]


@pytest.mark.parametrize(("language", "said"), [("en", "are not found by them"), ("fr", "ne sont pas trouvés par eux")])
def test_the_page_names_them_once_terms_are_chosen(client, language, said):
    lines = b"\n".join(msgspec.json.encode(record(n, "Tomatoes and a tomato")) for n in range(3))
    put = "/v1/datasets/garden?network=custom:garden&profile=forum"
    client.put(put, data=lines, content_type="application/x-ndjson")
    chosen = {"dataset": "garden", "topic": "own", "label": "Tomatoes", "terms": "tomato"}
    headers = {"Accept": "text/html", "Accept-Language": language}
    page = client.get("/", query_string=chosen, headers=headers).text
    assert said in page
    assert "<bdi>tomatoes</bdi>" in page
    whole = client.get("/", query_string={**chosen, "terms": "tomato, tomatoes"}, headers=headers).text
    assert said not in whole


@pytest.mark.parametrize("topic", ["space-technology", "tag:malt"])
def test_a_preview_takes_the_id_of_a_topic(client, topic):
    assert client.post("/v1/topics/preview", json={"topic": topic, "records": []}).json["topic"] == topic


def test_a_preview_of_an_unknown_topic_is_422(client):
    answer = client.post("/v1/topics/preview", json={"topic": "nothing", "records": []})
    assert [error["pointer"] for error in answer.json["errors"]] == ["/topic"]


def test_a_wrong_record_of_a_preview_is_422_with_a_pointer_to_each_fault(client):
    answer = client.post("/v1/topics/preview", json={"topic": "tag:x", "records": [record(1, "x"), {"id": 3}]})
    pointers = {error["pointer"] for error in answer.json["errors"]}
    assert (answer.status_code, pointers) == (422, {f"/records/1/{field}" for field in ("id", "type", "published")})


def test_a_preview_takes_a_thousand_records(client):
    records = [record(i, "x") for i in range(1001)]
    assert client.post("/v1/topics/preview", json={"topic": "tag:x", "records": records}).status_code == 413
    assert client.post("/v1/topics/preview", json={"topic": "tag:x", "records": records[1:]}).status_code == 200


def test_a_preview_takes_four_mebibytes_and_not_what_a_thread_would_be_held_by(client):
    large = {"topic": "tag:x", "records": [record(1, "x" * 4_300_000)]}
    answer = client.post("/v1/topics/preview", json=large)
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")
