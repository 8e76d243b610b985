"""Records as interfaces, data frames and spreadsheets wrap, cut and date them; what cannot be read says what helps."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import duckdb
import pytest

from candor.formats import day_order, is_archive
from candor.formats.columns import OtherColumnsError
from candor.formats.compression import UnreadableError
from candor.formats.rows import records_in
from candor.scoring.records import RecordReader

RECORDS: list[dict[str, Any]] = [
    {"id": "q1", "actor": "ada", "type": "question", "published": "2026-10-01T09:00:00Z", "content": "Which [hops]?"},
    {"id": "a1", "actor": "bo", "type": "answer", "published": "2026-10-01T10:00:00Z", "object": "q1", "content": "S"},
    {"id": "c1", "actor": "ada", "type": "accept", "published": "2026-10-02T08:00:00Z", "object": "a1"},
]
NAMES = ["id", "actor", "type", "object", "published", "content"]


def read(body: bytes, size: int = 64 * 1024, **rename: str) -> RecordReader:
    reader = RecordReader("custom:c", rename, loose=True)
    reader.feed(records_in([body[at : at + size] for at in range(0, len(body), size)], 10**8, rename))
    return reader


def ids(body: bytes, size: int = 64 * 1024, **rename: str) -> list[str | None]:
    reader = read(body, size, **rename)
    assert reader.bad == []
    return [each.id for each in reader.activities]


WITHOUT_ID = {each["id"]: {name: value for name, value in each.items() if name != "id"} for each in RECORDS}
WRAPPED: dict[str, Any] = {
    "a list behind other fields": {"total": 3, "page": {"n": 1}, "items": RECORDS},
    "a list behind an id and a type": {"id": "p", "type": "page", "data": RECORDS, "next": None},
    "a graph of JSON-LD": {"@context": "https://schema.example", "@graph": RECORDS},
    "a list two objects deep": {"data": {"more": [], "items": RECORDS}},
    "pages in a list": [{"records": RECORDS[:1]}, {"records": RECORDS[1:]}],
    "lists of several names": {"errors": [{"code": 3}], "questions": RECORDS[:1], "others": RECORDS[1:]},
    "lists in a list": [RECORDS[:1], RECORDS[1:]],
    "objects by their ids": {each["id"]: each for each in RECORDS},
    "objects by ids that they do not say": WITHOUT_ID,
    "objects by ids, two deep": {"data": WITHOUT_ID},
    "rows with their columns before them": {
        "columns": NAMES,
        "index": [0, 1, 2],
        "data": [[each.get(name) for name in NAMES] for each in RECORDS],
    },
    "rows with their columns as Discourse's Data Explorer finds them": {
        "success": True,
        "errors": [],
        "duration": 1.5,
        "params": {},
        "columns": NAMES,
        "default_limit": 1000,
        "rows": [[each.get(name) for name in NAMES] for each in RECORDS],
    },
    "rows with a description": {"schema": {"fields": [{"name": "id", "type": "string"}]}, "data": RECORDS},
}


@pytest.mark.parametrize("size", [11, 64 * 1024])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("written", WRAPPED.values(), ids=WRAPPED)
def test_records_are_found_wherever_they_are_wrapped(written, indent, size):
    assert ids(json.dumps(written, indent=indent).encode(), size) == ["q1", "a1", "c1"]


def es(record: dict[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in record.items() if name != "id"}
    return {"_index": "posts", "_id": record["id"], "_source": rest}


INSIDE: dict[str, Any] = {
    "a search engine": es,
    "a queue": lambda record: {"topic": "posts", "offset": 1, "value": record},
    "an exporter": lambda record: {"type": "RECORD", "record": {"stream": "posts", "data": record}},
    "one column": lambda record: {"RAW": record},
    "a document database": lambda record: {"id": record["id"], "value": {"rev": "1-a"}, "doc": record},
    "values with their types": lambda record: {"Item": {name: {"S": value} for name, value in record.items()}},
    "a usual name, two deep": lambda record: {"data": {"post": record}},
    "upper case": lambda record: {name.upper(): value for name, value in record.items()},
    "keys with blanks": lambda record: {f" {name}": value for name, value in record.items()},
    "the ids of a database": lambda record: {("_id" if name == "id" else name): record[name] for name in record},
}


@pytest.mark.parametrize("make", INSIDE.values(), ids=INSIDE)
def test_each_line_may_hold_its_record_inside_something_or_in_other_letters(make):
    rows = [make(record) for record in RECORDS]
    assert ids("\n".join(map(json.dumps, rows)).encode()) == ["q1", "a1", "c1"]
    assert ids(json.dumps(rows).encode()) == ["q1", "a1", "c1"]
    assert read(json.dumps(rows).encode()).counts.unknown_fields == 0


@pytest.mark.parametrize(
    "written",
    [
        {"took": 5, "hits": {"total": {"value": 3}, "hits": list(map(es, RECORDS))}},
        {"data": {"posts": {"edges": [{"cursor": "x", "node": each} for each in RECORDS], "pageInfo": {}}}},
        {"pages": [{"posts": {each["id"]: each}} for each in RECORDS]},
    ],
    ids=["hits", "edges", "objects by id in a list"],
)
def test_of_wrapped_items_of_a_list_all_are_read_not_the_first_alone(written):
    assert ids(json.dumps(written).encode()) == ["q1", "a1", "c1"]


@pytest.mark.parametrize("said", [{"visibility": "private"}, {"private": True}, {"is_private": 1}])
def test_what_is_private_around_a_record_makes_it_private(said):
    rows = [{**said, "value": {**each, "visibility": "public"}} for each in RECORDS]
    found = read("\n".join(map(json.dumps, rows)).encode())
    assert (found.activities, found.counts.private) == ([], len(RECORDS))


def test_of_a_change_the_row_as_it_is_now_is_read_and_nothing_of_one_that_was_deleted():
    old, now = {**RECORDS[0], "content": "old"}, {**RECORDS[0], "content": "now"}
    rows = [
        {"payload": {"before": old, "after": now, "op": "u"}},
        {"payload": {"before": old, "after": None, "op": "d"}},
    ]
    found = read("\n".join(map(json.dumps, rows)).encode())
    assert [each.content for each in found.activities] == ["now"]
    assert found.counts.bad == 1


def test_rows_wait_for_one_that_tells_up_to_a_size_and_stay_in_order(monkeypatch):
    monkeypatch.setattr(day_order, "_MOST_WAITING_BYTES", 100)
    rows = [{"published": time, "content": "x" * 60} for time in ("1/5/2026", "2/5/2026", "3/5/2026", "20/5/2026")]
    found = [each["published"] for each in day_order.with_days_told(rows, "published")]
    assert found == ["1/5/2026", "2/5/2026", "2026-05-03", "2026-05-20"]


def test_a_field_may_be_said_to_stand_inside_an_object():
    rows = [{**each, "user": {"id": each["actor"], "name": "x"}, "actor": None} for each in RECORDS]
    found = read(json.dumps(rows).encode(), actor="user.id")
    assert [each.actor for each in found.activities] == ["ada", "bo", "ada"]
    assert found.counts.unknown_fields == 0


def test_wrapped_records_may_have_other_names_for_their_fields():
    theirs = {"id": "nr", "actor": "who", "published": "at"}
    rows = [{theirs.get(name, name): value for name, value in each.items()} for each in RECORDS]
    assert ids(json.dumps({"count": 3, "posts": rows}).encode(), **theirs) == ["q1", "a1", "c1"]


def test_pages_that_stand_one_after_the_other_are_all_read():
    pages = [{"data": RECORDS[:1], "next": "b"}, {"data": RECORDS[1:], "next": None}]
    assert ids("\n".join(map(json.dumps, pages)).encode()) == ["q1", "a1", "c1"]


def test_lists_in_lists_without_end_are_a_fault_and_break_nothing():
    deep = b"[" * 3_000 + json.dumps(RECORDS[0]).encode() + b"]" * 3_000
    assert [fault.line for fault in read(deep).bad] == [1]


def test_so_many_lists_that_they_are_no_pages_are_refused():
    body = b'{"a": [%s], %s"b": 1}' % (json.dumps(RECORDS[0]).encode(), b'"c": [{}], ' * 10_000)
    with pytest.raises(UnreadableError, match="more than 10,000 lists"):
        read(body)


def test_what_hangs_on_a_record_is_no_record_unless_it_is_called_so():
    more = [{"id": "x", "actor": "y", "published": "2026-10-01T09:30:00Z", "type": "reply"}]
    with_more = [{**each, "history": more} for each in RECORDS]
    assert ids("\n".join(map(json.dumps, with_more)).encode()) == ["q1", "a1", "c1"]
    with_replies = [{**each, "replies": more if each["id"] == "a1" else []} for each in RECORDS]
    assert ids("\n".join(map(json.dumps, with_replies)).encode()) == ["q1", "a1", "x", "c1"]


def test_a_list_with_keys_of_its_own_is_named_by_them():
    with pytest.raises(OtherColumnsError, match="map=id=nr,actor=author,published=created_at"):
        read(b'{"count": 1, "data": [{"nr": 1, "author": "ada", "created_at": "2026-01-05"}]}')


@pytest.mark.parametrize("body", [b'{"data": []}', b'{"count": 0, "data": [], "next": null}'])
def test_an_empty_list_holds_no_record(body):
    assert read(body).counts.records == 0


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'[["q1", "ada"], ["a1", "bo"]]', "without the names of their columns"),
        (b"- id: q1\n  actor: ada\n", "neither JSON nor a table"),
        (b"cb([{}])", "neither JSON nor a table"),
        (b"null", "neither JSON nor a table"),
        (b"{'id': 'q1', 'actor': None}\n", "how Python prints a dict"),
        (b'<?xml version="1.0"?><a/>', "this is XML"),
        (bytes(range(256)), "this is no text"),
    ],
)
def test_what_is_not_read_says_what_is(body, words):
    with pytest.raises(UnreadableError, match=words):
        read(body)


def table(rows: list[dict[str, Any]] = RECORDS, **marks: Any) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, NAMES, **{"lineterminator": "\r\n", **marks})
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


TABLES = {
    "ends of lines of old programs": table(lineterminator="\r"),
    "single quotes": table(quoting=csv.QUOTE_ALL, quotechar="'"),
    "a title and notes above": "Export of a forum\r\n\r\n# by a program\r\n" + table(),
    "quotes behind a backslash": table(doublequote=False, escapechar="\\").replace("[hops]", '\\"hops\\"'),
    "blanks behind commas": table().replace(",", ", "),
    "columns that nobody named": table().replace("content", "content,,").replace("hops]?", "hops]?,,"),
}


@pytest.mark.parametrize("written", TABLES.values(), ids=TABLES)
def test_a_table_is_read_whatever_quotes_and_ends_its_lines(written):
    reader = read(written.encode())
    assert reader.bad == []
    assert [(each.id, each.object) for each in reader.activities] == [("q1", None), ("a1", "q1"), ("c1", "a1")]


def test_a_quote_behind_a_backslash_is_one():
    rows = 'id,actor,type,published,content\nq1,ada,question,2026-10-01T09:00:00Z,"say \\"hi\\", please"\n'
    assert [each.content for each in read(rows.encode()).activities] == ['say "hi", please']


def test_a_text_cut_by_commas_is_a_fault_of_its_row_and_loses_no_other():
    reader = read(table().replace("Which [hops]?", "Which, pray, hops?").encode())
    assert [(fault.line, fault.detail.partition(":")[0]) for fault in reader.bad] == [
        (1, "the row has 8 cells, and there are 6 columns")
    ]
    assert [each.id for each in reader.activities] == ["a1", "c1"]


def test_a_quote_that_nobody_closes_swallows_no_rows():
    with pytest.raises(UnreadableError, match="broken near line"):
        read(table().replace("Which", '"Which').encode())


def test_two_columns_of_one_name_are_refused():
    with pytest.raises(UnreadableError, match="two columns 'content'"):
        read(b"id,actor,type,published,content,Content\nq1,ada,note,2026-10-01T09:00:00Z,a,b\n")


@pytest.mark.parametrize("written", [table([]), table([]).strip(), "id;actor;type;published"])
def test_the_names_of_columns_alone_hold_no_record(written):
    assert read(written.encode()).counts.records == 0


def test_a_number_that_is_none_is_a_value_that_is_missing():
    (record,) = read(json.dumps({**RECORDS[0], "value": float("nan"), "object": float("nan")}).encode()).activities
    assert (record.value, record.object) == (None, None)


@pytest.mark.parametrize("body", [json.dumps({**RECORDS[0], "value": float("inf")}).encode()])
def test_what_is_infinite_is_a_fault(body):
    assert [(fault.pointer, fault.detail) for fault in read(body).bad] == [("/value", "not a finite number")]


@pytest.mark.parametrize(
    ("times", "dates"),
    [
        (["1/5/2026", "13/5/2026", "20/5/2026"], ["2026-05-01", "2026-05-13", "2026-05-20"]),
        (["1/5/2026", "2/5/2026 10:00", "5/20/2026"], ["2026-01-05", "2026-02-05", "2026-05-20"]),
        (["01-05-2026", "13-05-2026", "02-05-2026"], ["2026-05-01", "2026-05-13", "2026-05-02"]),
        (["1/5/26", "1/13/26", "2/5/26"], ["2026-01-05", "2026-01-13", "2026-02-05"]),
        (["1/5/26", "13/5/26 14.05", "20/5/26 9:05 PM"], ["2026-05-01", "2026-05-13", "2026-05-20"]),
        (["1.5.26", "2.5.26 14:05", "3.6.26"], ["2026-05-01", "2026-05-02", "2026-06-03"]),
        (["01.03.19", "13.06.20", "01.09.21"], ["2019-03-01", "2020-06-13", "2021-09-01"]),
        (["1/5/2026 14.05", "2026-05-07", "20/5/2026"], ["2026-05-01", "2026-05-07", "2026-05-20"]),
        (["5-Jan-26", "January 13, 2026", "14 Sept 2026"], ["2026-01-05", "2026-01-13", "2026-09-14"]),
        (["Mon Jan 5 10:00:00 2026 +0000", "Mon Jan 05 10:00:00 +0000 2026"] * 2, ["2026-01-05"] * 3),
        (["2026-01-05T10:00:00+01:00[Europe/Paris]"] * 3, ["2026-01-05"] * 3),
    ],
)
@pytest.mark.parametrize("as_table", [True, False])
def test_the_rest_of_a_column_tells_the_day_from_the_month(times, dates, as_table):
    rows = [{**each, "published": time} for each, time in zip(RECORDS, times, strict=False)]
    reader = read((table(rows) if as_table else "\n".join(map(json.dumps, rows))).encode())
    assert reader.bad == []
    assert [each.published.date().isoformat() for each in reader.activities] == dates


@pytest.mark.parametrize(
    ("time", "clock"),
    [
        ("5/20/2026 1:05 PM", "13:05:00"),
        ("5/20/2026, 12:00:07 AM", "00:00:07"),
        ("20/5/2026 下午1:05", "13:05:00"),
        ("May 20, 2026 at 9:30 am", "09:30:00"),
    ],
)
def test_a_clock_of_twelve_hours_is_read(time, clock):
    (record,) = read(table([{**RECORDS[0], "published": time}]).encode()).activities
    assert record.published.isoformat() == f"2026-05-20T{clock}+00:00"


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (["1/5/2026", "2/5/2026", "3/5/2026"], "write 2026-05-01 for the first of May"),
        (["13/5/2026", "5/13/2026", "1/5/2026"], "write 2026-05-01 for the first of May"),
        (["13/2/25", "13/2/26", "13/2/25"], "write 2026-05-01 for the first of May"),
        (["15/01/19", "15/01/20", "15/01/21"], "write 2026-05-01 for the first of May"),
        (["26/01/05", "26/01/06", "26/01/07"], "write 2026-05-01 for the first of May"),
        (["46027", "46028.5", "46029"], "give the column the format"),
        ([46027, 20458, 7], "give the column the format"),
        (["2026-01-05T10:00:00[Europe/Nowhere]"] * 3, "with an offset from UTC"),
        (["5. Listopada 26, abends"] * 3, "with an offset from UTC"),
    ],
)
def test_a_time_in_doubt_is_no_guess_and_says_what_to_write(times, words):
    rows = [{**each, "published": time} for each, time in zip(RECORDS, times, strict=True)]
    reader = read("\n".join(map(json.dumps, rows)).encode())
    assert reader.bad
    assert all(fault.pointer == "/published" and words in fault.detail for fault in reader.bad)


@pytest.mark.parametrize("word", ["NULL", "None", "NaN", "\\N", "<NA>", "(null)", "undefined"])
@pytest.mark.parametrize("lines", [True, False])
def test_a_word_for_what_is_not_known_is_nobody_and_nothing(word, lines):
    rows = [{"object": word, **RECORDS[0]}, {**RECORDS[1], "actor": word}]
    body = "\n".join(map(json.dumps, rows)) if lines else table([{**each, "content": "x"} for each in rows])
    found = read(body.encode())
    assert [(each.actor, each.object) for each in found.activities] == [("ada", None), (None, "q1")]
    assert found.counts.nameless == 1


def test_an_empty_text_in_json_is_not_there_where_that_is_allowed_and_a_fault_elsewhere():
    rest = dict.fromkeys(("object", "target_actor", "tags", "url", "value", "visibility", "kind", "followers"), "")
    assert [each.object for each in read(json.dumps({**RECORDS[0], **rest}).encode()).activities] == [None]
    for name in ("id", "actor", "type", "published"):
        assert [bad.pointer for bad in read(json.dumps({**RECORDS[0], name: ""}).encode()).bad] == [f"/{name}"]


def test_an_object_where_a_name_is_meant_says_how_a_part_of_it_is_named():
    (bad,) = read(json.dumps({**RECORDS[0], "actor": {"name": "Ada", "id": "ada"}}).encode()).bad
    assert bad.detail.endswith("say which part of it is meant: map=actor=actor.id")


@pytest.mark.parametrize("name", ["private", "is_private", "isPrivate", "is_pm"])
def test_what_says_in_a_field_of_its_own_that_it_is_private_is_not_public(name):
    rows = [{**each, name: each["id"] == "a1"} for each in RECORDS] * 2
    found = read("\n".join(map(json.dumps, rows)).encode())
    assert ([each.id for each in found.activities], found.counts.private) == (["q1", "c1"], 2)


def test_a_table_that_does_not_say_when_is_told_which_column_probably_does():
    with pytest.raises(OtherColumnsError, match="map=id=id,actor=COLUMN,published=CreationDate"):
        read(b"Id,Content,CreationDate\n1,hops,2026-01-05\n")


@pytest.mark.parametrize(
    "begins", ["-- MySQL dump 10", "INSERT INTO posts (id, actor) VALUES", "PRAGMA foreign_keys=OFF;"]
)
def test_sql_is_named_and_no_table(begins):
    with pytest.raises(UnreadableError, match="this is SQL"):
        read(f"{begins}\n(1, 'ada');\n".encode())


def test_a_graph_of_json_ld_is_no_export_of_one_person():
    assert not is_archive(json.dumps({"@context": "https://schema.example", "@graph": RECORDS}).encode(), "")


@pytest.mark.parametrize("make", INSIDE.values(), ids=INSIDE)
def test_one_line_that_holds_its_record_inside_something_is_read_as_one_of_many_is(make):
    assert ids(json.dumps(make(RECORDS[0])).encode()) == ["q1"]


def message(record: dict[str, Any]) -> dict[str, Any]:
    return {"type": "RECORD", "stream": "posts", "record": record}


def nested(record: dict[str, Any]) -> dict[str, Any]:
    return {"type": "RECORD", "record": {"stream": "posts", "data": record, "emitted_at": 1}}


def indexed(record: dict[str, Any]) -> list[dict[str, Any]]:
    rest = {name: value for name, value in record.items() if name != "id"}
    return [{"index": {"_index": "posts", "_id": record["id"]}}, rest]


SENT: dict[str, list[dict[str, Any]]] = {
    "a request in bulk": [line for each in RECORDS for line in indexed(each)],
    "a request in bulk whose rows have their ids": [line for each in RECORDS for line in ({"create": {}}, each)],
    "a tap": [
        {"type": "SCHEMA", "stream": "posts", "schema": {"properties": {"id": {}, "published": {}}}},
        *map(message, RECORDS),
        {"type": "RECORD", "stream": "users", "record": {"id": "ada", "name": "Ada"}},
        {"type": "STATE", "value": {}},
    ],
    "a source": [{"type": "LOG", "log": {"message": "begun"}}, *map(nested, RECORDS), {"type": "STATE", "state": {}}],
    "a source of one stream": list(map(nested, RECORDS)),
    "items of a table with types": [{name: {"S": value} for name, value in each.items()} for each in RECORDS],
}


@pytest.mark.parametrize("size", [11, 64 * 1024])
@pytest.mark.parametrize("lines", SENT.values(), ids=SENT)
def test_rows_on_their_way_to_another_system_are_read(lines, size):
    assert ids("\n".join(map(json.dumps, lines)).encode() + b"\n", size) == ["q1", "a1", "c1"]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([*indexed(RECORDS[0]), {"delete": {"_id": "q1"}}], "what its index holds now"),
        ([*indexed(RECORDS[0]), {"update": {"_id": "q1"}}, {"doc": {"content": "x"}}], "what its index holds now"),
        ([message(RECORDS[0]), message(RECORDS[0] | {"_sdc_deleted_at": "2026-10-03T00:00:00Z"})], "comes of it"),
    ],
)
def test_what_takes_rows_back_is_refused_with_what_to_bring(lines, words):
    with pytest.raises(UnreadableError, match=words):
        ids("\n".join(map(json.dumps, lines)).encode())


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            {"ID": 469641859543728149, "Timestamp": "2026-01-05 10:00:00", "Contents": "hi", "Attachments": ""},
            "Discord",
        ),
        (
            {"header": "YouTube", "title": "Watched", "titleUrl": "https://y.example", "products": [], "time": "x"},
            "Google",
        ),
    ],
)
def test_what_says_too_little_is_refused_with_what_to_bring(row, words):
    for body in (json.dumps([row]), f"{','.join(row)}\n{','.join(map(str, row.values()))}\n"):
        with pytest.raises(UnreadableError, match=words) as raised:
            ids(body.encode())
        assert not isinstance(raised.value, OtherColumnsError)


def test_records_without_a_time_under_any_name_stay_for_whoever_says_what_is_wrong():
    lines = b'{"id": "a", "content": "No author"}\nno json\n'
    assert len(list(records_in([lines], 10**6, {}))) == 2


def test_objects_whose_type_is_none_of_ours_and_whose_time_has_another_name_are_of_another_table():
    line = b'{"id": "1", "type": "message", "body": "x", "author": {"id": "7"}, "post_time": "2026-01-01T00:00:00Z"}\n'
    with pytest.raises(OtherColumnsError, match=r"actor=author\.id,published=post_time,content=body"):
        list(records_in([line], 10**6, {}))


@pytest.mark.parametrize(
    "line",
    ["05/01/2026 15:00 - Ada: hops", "[05.01.26, 15:00:12] Ada: hops", "1/5/26, 3:00 PM - Ada: hops"],
)
def test_a_chat_of_whatsapp_is_refused_with_the_reason(line):
    with pytest.raises(UnreadableError, match="WhatsApp"):
        read(f"{line}\n{line}\n".encode())


def test_a_parquet_file_without_a_time_is_told_which_columns_probably_are_what(tmp_path):
    path = tmp_path / "posts.parquet"
    duckdb.sql("SELECT 1 AS id, 'ada' AS author, 'note' AS type, '2026-01-05' AS created").write_parquet(str(path))
    with pytest.raises(OtherColumnsError, match="actor=author,published=created"):
        read(path.read_bytes())
