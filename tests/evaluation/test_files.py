"""Reading activity files for the lab."""

import gzip
import json

import pytest

from candor.evaluation.inputs import read_activities

AT = "2026-01-01T00:00:00Z"
RECORDS = (
    {"id": "q1", "type": "question", "actor": "a", "published": AT, "tags_source": "real"},
    {"id": "a1", "type": "answer", "actor": "b", "object": "q1", "published": AT},
    {"id": "r1", "type": "reply", "actor": "a", "object": "a1", "published": AT},
    {"id": "q2", "type": "question", "actor": "a", "published": AT, "tags_source": "guessed"},
    {"id": "a2", "type": "answer", "actor": "b", "object": "q2", "published": AT},
)


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "records.ndjson.gz"
    file.write_bytes(gzip.compress("\n".join(map(json.dumps, RECORDS)).encode()))
    return str(file)


def ids(activities):
    return [record.id for record in activities]


def test_everything_is_read(path):
    assert ids(read_activities(path)) == ["q1", "a1", "r1", "q2", "a2"]


def test_only_threads_of_a_field_are_kept_whole(path):
    assert ids(read_activities(path, only=("tags_source", "real"))) == ["q1", "a1", "r1"]


def test_types_are_renamed(path):
    assert read_activities(path, {"reply": "test"})[2].type == "test"


def test_a_bad_line_is_named(tmp_path):
    file = tmp_path / "bad.ndjson"
    file.write_text('{"id": "x", "type": "note", "actor": "a", "published": "once"}\n')
    with pytest.raises(ValueError, match="record 1"):
        read_activities(str(file))


def test_records_that_refer_to_each_other_in_a_circle_are_in_no_thread(tmp_path):
    file = tmp_path / "circle.ndjson"
    circle = [
        {"id": i, "type": "reply", "actor": "a", "object": o, "published": AT} for i, o in (("x", "y"), ("y", "x"))
    ]
    file.write_text("\n".join(map(json.dumps, circle)))
    assert read_activities(str(file), only=("tags_source", "real")) == []


@pytest.mark.parametrize("packed", [False, True])
def test_a_table_is_read_as_uploads_read_it(tmp_path, packed):
    text = f"id;user;type;object;published\nq1;a;question;;{AT}\na1;b;answer;q1;{AT}\n".encode()
    file = tmp_path / "records.csv"
    file.write_bytes(gzip.compress(text) if packed else text)
    found = read_activities(str(file), {"actor": "user"}, only=("type", "question"))
    assert [(each.id, each.actor) for each in found] == [("q1", "a"), ("a1", "b")]
