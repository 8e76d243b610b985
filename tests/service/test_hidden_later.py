"""Records that were public and are private, hidden or deleted now, as what is added to a data set says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from candor.scoring.records import RecordReader

POSTS = [
    {"type": "question", "id": "q", "actor": "ada", "published": "2026-01-01T00:00:00Z", "content": "How?"},
    {"type": "answer", "id": "a", "actor": "bo", "object": "q", "published": "2026-01-02T00:00:00Z", "content": "So."},
    {"type": "accept", "id": "x", "actor": "ada", "object": "a", "published": "2026-01-03T00:00:00Z"},
]
MORE = {"type": "note", "id": "n", "actor": "cy", "published": "2026-01-04T00:00:00Z"}
PHPBB = "post_id,topic_id,poster,post_time,post_text,post_visibility\n"
MAP = "id=post_id,thread=topic_id,actor=poster,published=post_time,content=post_text"
NEW = {"network": "custom:c", "profile": "forum"}


def put(client, records: list[dict[str, Any]], **query: str) -> Any:
    return _send(client.put, "/v1/datasets/d", records, **NEW, **query)


def add(client, records: list[dict[str, Any]], **query: str) -> Any:
    return _send(client.post, "/v1/datasets/d/records", records, **query)


def _send(send, path: str, records: list[dict[str, Any]], **query: str) -> Any:
    body = "\n".join(map(json.dumps, records))
    return send(path, query_string=query, data=body, content_type="application/x-ndjson")


def kept(client) -> list[str]:
    return [json.loads(line)["id"] for line in client.get("/v1/datasets/d/records").data.splitlines()]


@pytest.mark.parametrize(
    "says",
    [{"visibility": "private"}, {"visibility": "deleted"}, {"deleted": True}, {"deleted_at": "2026-01-05T00:00:00Z"}],
)
@pytest.mark.parametrize("beside", [[], [MORE]])
def test_a_record_that_is_hidden_by_what_is_added_goes_as_by_delete(client, says, beside):
    put(client, POSTS + beside)
    client.delete("/v1/datasets/d/records/a")
    by_delete = client.get("/v1/datasets/d").json
    put(client, POSTS, restore="true")
    added = add(client, [{**POSTS[1], **says}, *beside])
    assert (added.status_code, added.json["counts"]["private"], added.json["counts"]["withdrawn"]) == (200, 1, 1)
    assert "a" not in kept(client)
    assert (added.json["digest"], added.json["records"]) == (by_delete["digest"], by_delete["records"])
    assert added.json["references"]["unmatched"] == by_delete["references"]["unmatched"] == 1


def test_it_goes_from_the_files_too(client, data_dir):
    put(client, [{**POSTS[0], "content": "nobodymayreadthis"}, *POSTS[1:]])
    add(client, [{"id": "q", "visibility": "private"}])
    files = [path for path in (data_dir / "datasets").rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"nobodymayreadthis" in path.read_bytes()]


@pytest.mark.parametrize("says", [{"deleted": True}, {"deleted_at": "2026-01-05T00:00:00Z"}, {"hidden": "yes"}])
@pytest.mark.parametrize("behind", [[], [MORE]])
def test_an_id_and_that_it_was_deleted_are_enough(client, says, behind):
    put(client, POSTS)
    added = add(client, [{"id": "x", **says}, {"id": "a", **says}, *behind])
    assert (added.status_code, added.json["counts"]["withdrawn"]) == (200, 2), added.json
    assert kept(client) == ["q", *(each["id"] for each in behind)]


def test_an_id_alone_takes_nothing_out(client):
    put(client, POSTS)
    assert add(client, [{"id": "a", "deleted": False}]).status_code == 400
    assert kept(client) == ["q", "a", "x"]


def test_a_hidden_record_that_is_not_there_is_counted_alone(client):
    put(client, POSTS)
    added = add(client, [{**MORE, "id": "other", "visibility": "private"}, MORE])
    assert (added.status_code, added.json["counts"]["private"], added.json["counts"]["withdrawn"]) == (200, 1, 0)
    assert kept(client) == ["q", "a", "x", "n"]
    refused = add(client, [{**MORE, "id": "other", "visibility": "private"}])
    assert (refused.status_code, refused.json["type"]) == (422, "/problems/invalid_records")
    assert kept(client) == ["q", "a", "x", "n"]


def test_a_record_that_was_added_goes_as_well(client):
    put(client, POSTS)
    add(client, [MORE])
    assert add(client, [{**MORE, "hidden": "yes"}]).json["counts"]["withdrawn"] == 1
    assert kept(client) == ["q", "a", "x"]


def test_a_row_of_a_forum_that_is_deleted_now_goes(client):
    rows = "1,7,ada,1767225600,How?,1\n2,7,bo,1767229200,So.,{}\n"
    put_rows = {"query_string": {**NEW, "map": MAP}, "content_type": "text/csv"}
    client.put("/v1/datasets/d", data=PHPBB + rows.format(1), **put_rows)
    assert kept(client) == ["1", "2"]
    added = client.post("/v1/datasets/d/records", data=PHPBB + rows.format(2), content_type="text/csv")
    assert (added.status_code, added.json["counts"]["withdrawn"], kept(client)) == (200, 1, ["1"])


def test_words_of_a_table_in_another_language_hide_as_well(client):
    table = "id,actor,published,content,gelöscht\n1,ada,2026-01-01,Hallo,{}\n2,bo,2026-01-02,Hallo auch,nein\n"
    send = {"content_type": "text/csv"}
    client.put("/v1/datasets/d", data=table.format("nein").encode(), query_string=NEW, **send)
    assert kept(client) == ["1", "2"]
    client.post("/v1/datasets/d/records", data=table.format("ja").encode(), **send)
    assert kept(client) == ["2"]


def test_what_one_upload_hides_is_not_kept_of_it(client):
    made = put(client, [*POSTS, {"id": "a", "deleted": True}])
    assert (made.status_code, made.json["counts"]["withdrawn"], kept(client)) == (201, 1, ["q", "x"])
    reader = RecordReader("custom:c", loose=True)
    reader.feed([*POSTS, {"id": "a", "deleted": True}])
    assert [each.id for each in reader.activities] == ["q", "x"]
    assert (reader.counts.withdrawn, reader.references.unmatched) == (1, 1)


def test_a_state_of_which_nothing_is_known_is_told_with_what_to_say_of_it(client):
    odd = MORE | {"content": "hops", "status": "SYSTEM_FOO"}
    answer = put(client, [MORE | {"id": "m", "status": "approved"}, odd])
    assert answer.json["counts"]["unknown_states"] == {"SYSTEM_FOO": 1}
    assert "'SYSTEM_FOO' (1)" in answer.json["note"]
    assert "visibility=COLUMN,SYSTEM_FOO=private" in answer.json["note"]
    assert "SYSTEM_FOO (1)" in client.get("/?dataset=d", headers={"Accept": "text/html"}).text
