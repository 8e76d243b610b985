"""Numbers that stand for nothing in the columns of a table, and what it is told where something else does."""

from __future__ import annotations

import json
from typing import Any

import pytest

NEW = {"network": "custom:sky", "profile": "forum"}
HEAD = "id,actor,published,content,object"


def put(client, table: str, **query: str) -> Any:
    sent = client.put("/v1/datasets/d", query_string={**NEW, **query}, data=table.encode(), content_type="text/csv")
    assert sent.status_code in {200, 201}, sent.json
    return sent.json


def told(client) -> dict[str, tuple[str, str | None]]:
    lines = map(json.loads, client.get("/v1/datasets/d/records").data.splitlines())
    return {each["id"]: (each["type"], each.get("object")) for each in lines}


@pytest.mark.parametrize("nothing", ["0", "0.0", "-1", "-1.0", ""])
@pytest.mark.parametrize("column", ["object", "parent_id"])
def test_a_number_for_nothing_is_no_object_whatever_the_column_is_called(client, nothing, column):
    rows = f"1,ada,2026-01-01,Hello,{nothing}\n2,bo,2026-01-02,Hi,1\n"
    query = {} if column == "object" else {"map": f"id=id,object={column}"}
    made = put(client, f"{HEAD.replace('object', column)}\n{rows}", **query)
    assert told(client) == {"1": ("note", None), "2": ("reply", "1")}
    assert made["references"]["unmatched"] == 0


def test_a_post_of_the_number_0_is_answered_where_there_is_one(client):
    put(client, f"{HEAD}\n0,ada,2026-01-01,Hello,\n2,bo,2026-01-02,Hi,0\n")
    assert told(client) == {"0": ("note", None), "2": ("reply", "0")}


@pytest.mark.parametrize("column", ["object", "parent_id"])
def test_a_whole_number_as_pandas_writes_it_meets_its_post(client, column):
    query = {} if column == "object" else {"map": f"id=id,object={column}"}
    put(client, f"{HEAD.replace('object', column)}\n1,ada,2026-01-01,Hello,\n2,bo,2026-01-02,Hi,1.0\n", **query)
    assert told(client)["2"] == ("reply", "1")


def test_one_thing_that_many_records_name_and_none_is_is_told(client):
    asked = "".join(f"q{n},u{n},2026-01-01,Hello,root\n" for n in range(20))
    answered = "".join(f"a{n},ada,2026-01-02,Hi,q{n % 20}\n" for n in range(40))
    made = put(client, f"{HEAD}\n{asked}{answered}")
    assert made["note"].startswith("20 records name 'root' as their `object`, which is no record of this data set")
    fewer = "".join(asked.splitlines(keepends=True)[:19])
    assert "records name" not in put(client, f"{HEAD}\n{fewer}{answered}".replace("q19", "q0"))["note"]


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("1.0", "0.0"),
        ("on", "off"),
        ("solved", "unsolved"),
        ("yes", "0000-00-00 00:00:00"),
        ("2026-01-05 10:00:00", "0000-00-00 00:00:00"),
    ],
)
def test_more_words_say_whether_an_answer_was_accepted(client, yes, no):
    rows = [f"1,ada,2026-01-01,How?,,{no}", f"2,bo,2026-01-02,So.,1,{yes}", f"3,cy,2026-01-03,No.,1,{no}"]
    put(client, "\n".join([f"{HEAD},accepted", *rows]))
    assert [each for each in told(client) if each.endswith("accepted")] == ["2:accepted"]


def test_the_id_of_an_answer_as_pandas_writes_it_is_that_answer(client):
    put(client, f"{HEAD},accepted\n1,ada,2026-01-01,How?,,2.0\n2,bo,2026-01-02,So.,1,\n3,cy,2026-01-03,Hm.,2,\n")
    assert told(client)["2:accepted"] == ("accept", "2")


@pytest.mark.parametrize("nothing", ["0", "-1", '"0"', '"-1"', "0.0"])
def test_a_number_for_nothing_in_lines_of_json_with_types_is_no_object(client, nothing):
    lines = (
        f'{{"id":"1","type":"question","actor":"ada","published":"2026-01-01T00:00:00Z","object":{nothing}}}\n'
        '{"id":"2","type":"reply","actor":"bo","published":"2026-01-02T00:00:00Z","object":"1"}\n'
    )
    sent = client.put("/v1/datasets/d", query_string=NEW, data=lines, content_type="application/x-ndjson")
    assert (sent.status_code, sent.json["references"]["unmatched"]) == (201, 0)
    assert told(client) == {"1": ("question", None), "2": ("reply", "1")}


def test_a_line_that_answers_the_post_of_the_number_0_does_so(client):
    lines = (
        '{"id":"0","type":"question","actor":"ada","published":"2026-01-01T00:00:00Z"}\n'
        '{"id":"2","type":"reply","actor":"bo","published":"2026-01-02T00:00:00Z","object":"0"}\n'
    )
    client.put("/v1/datasets/d", query_string=NEW, data=lines, content_type="application/x-ndjson")
    assert told(client) == {"0": ("question", None), "2": ("reply", "0")}
