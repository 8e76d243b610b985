"""Records as data frames, databases and spreadsheets write them: told apart by content, and read as ours."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import time
import tracemalloc
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.formats import compression, delimited
from candor.formats import json_items as json_cutting
from candor.formats import lines as line_cutting
from candor.formats.compression import CHUNK_BYTES, TooLargeError, UnreadableError, unpacked, zstd
from candor.formats.delimited import header_in
from candor.formats.json_items import items_under, json_items
from candor.formats.lines import LONGEST_LINE_BYTES
from candor.formats.rows import records_in
from candor.scoring.records import RecordReader

if TYPE_CHECKING:
    from pathlib import Path

ZSTD_OR_GZIP = {"gzip": gzip.compress, "zstd": zstd.compress}

AT = datetime(2026, 1, 5, 22, 28, 34, tzinfo=UTC)
RECORDS = [{"id": str(n), "type": "note", "content": 'a "q" [x] \\ {' * n, "tags": ["a"]} for n in range(40)]
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
)


def chunks(body: bytes, size: int = CHUNK_BYTES) -> list[bytes]:
    return [body[at : at + size] for at in range(0, len(body), size)]


def read(body: bytes, **rename: str) -> RecordReader:
    reader = RecordReader("custom:c", rename, loose=True)
    reader.feed(records_in(chunks(body), 10**8, rename))
    return reader


WRITTEN = {
    "lines": "\n".join(map(json.dumps, RECORDS)),
    "lines with carriage returns": "\r\n".join(map(json.dumps, RECORDS)),
    "an array": json.dumps(RECORDS),
    "an array on many lines": json.dumps(RECORDS, indent=2),
    "an array in an object": json.dumps({"data": RECORDS}, indent=1),
    "values on many lines": "\n".join(json.dumps(record, indent=2) for record in RECORDS),
}


@pytest.mark.parametrize("size", [7, 1_000, CHUNK_BYTES])
@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd.compress], ids=["plain", "gzip", "zstd"])
def test_records_are_the_same_however_they_are_written_packed_and_cut(pack, written, size):
    assert [json.loads(each) for each in records_in(chunks(pack(written.encode()), size), 10**8)] == RECORDS


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_skipped(encoding):
    assert [json.loads(each) for each in records_in(chunks(WRITTEN["lines"].encode(encoding)), 10**8)] == RECORDS


@given(st.lists(JSON_VALUES.filter(lambda value: isinstance(value, dict | list))), st.integers(1, 50))
def test_a_cut_array_has_the_items_that_it_has_whole(values: list[Any], size: int) -> None:
    cut = json_items(chunks(json.dumps(values, ensure_ascii=False).encode(), size))
    assert [json.loads(each) for each in cut] == values


@pytest.mark.parametrize("body", [b'[{"id": "1", "type": "note"}', b'[{"a": "x', b'{\n"a": 1,'])
def test_json_that_ends_too_early_is_refused(body):
    with pytest.raises(UnreadableError, match="ends too early"):
        list(records_in([body], 10**8))


def test_what_stands_in_an_array_and_is_no_record_is_a_fault():
    assert [fault.line for fault in read(b'[1, {"id": "a"}, "b"]').bad if not fault.pointer] == [1, 3]


@pytest.mark.parametrize(
    "written",
    [
        '{"meta": [{"name": "id"}],\n "data":\n[%s],\n "rows": 1}',
        '{"schema":{"fields":[{"name":"id"}]},"data":[%s]}',
    ],
)
def test_rows_behind_a_description_of_their_columns_are_read(written):
    row = '{"id": "n", "type": "note", "actor": "a", "published": 1767652114}'
    assert [record.published for record in read(written.replace("%s", row).encode()).activities] == [AT]


def test_a_table_by_columns_is_refused_with_advice():
    with pytest.raises(UnreadableError, match="orient='records'"):
        list(records_in([b'{"id": {"0": 1, "1": 2}}'], 10**8))


@pytest.mark.parametrize("begun", [b'[{"a": "', b'{"a": "', b"["])
def test_an_item_or_a_line_without_end_is_not_held(begun, monkeypatch):
    most = 2**20
    for module in (json_cutting, line_cutting):
        monkeypatch.setattr(module, "LONGEST_LINE_BYTES", most)
    endless = chain([begun], repeat(b"x" * CHUNK_BYTES, 12 * most // CHUNK_BYTES))
    tracemalloc.start()
    with suppress(UnreadableError):  # as a list has no end either
        assert [type(each) for each in records_in(endless, 10**9)] == [TooLargeError]
    _, held = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 10 * most


HUGE = ['"x" , ', r'"\\",', r'"\"",', "[{}],", "12345,", '{"a":"}"},', None]
"""What a long entry may be full of; None: of one text that is all backslashes and quotes."""


@pytest.mark.parametrize("form", ["[%s]", "%s", '{"rows": [%s]}'], ids=["list", "lines", "rows"])
@pytest.mark.parametrize("part", HUGE)
@pytest.mark.parametrize("size", [4_099, CHUNK_BYTES])
def test_one_entry_that_is_too_long_to_be_held_is_named_and_loses_no_other(monkeypatch, form, part, size):
    most = 100_000
    for module in (json_cutting, line_cutting):
        monkeypatch.setattr(module, "LONGEST_LINE_BYTES", most)
    filled = f"[{part * (3 * most // len(part))}0]" if part else '"' + r"\\\"x" * most + '"'
    row = '{"id": "%s", "type": "note", "actor": "a", "published": 1767652114}'
    rows = [row % "1", f'{{"id": "2", "published": 1767652114, "content": {filled}}}', row % "3"]
    body = (form % ("\n" if form == "%s" else ",").join(rows)).encode()
    assert json.loads(rows[1])["id"] == "2"
    reader = RecordReader(None, loose=True)
    reader.feed(records_in(chunks(body, size), 10**9))
    assert [each.id for each in reader.activities] == ["1", "3"]
    assert [(each.line, "is longer than" in each.detail) for each in reader.bad] == [(2, True)]


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress])
def test_what_unpacks_beyond_the_limit_is_too_large_and_is_not_unpacked_whole(pack):
    lines = records_in(chunks(pack(b"\n" * 50_000_000)), 1_000_000)
    with pytest.raises(TooLargeError):
        assert sum(1 for _ in lines) <= 1_000_000


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress])
def test_what_is_packed_and_ends_too_early_is_unreadable(pack):
    with pytest.raises(UnreadableError, match="too early"):
        list(records_in([pack(WRITTEN["lines"].encode())[:-6]], 10**8))


@pytest.mark.parametrize(
    ("written", "without_zone"),
    [
        ("2026-01-05T22:28:34Z", 0),
        ("2026-01-05 22:28:34+00", 0),
        ("2026-01-05 23:28:34.000+01:00", 0),
        ("2026-01-05 22:28:34 UTC", 0),
        ("2026-01-05 22:28:34", 1),
        ("2026-01-05T22:28:34.000000000", 1),
        (1767652114, 0),
        (1767652114000, 0),
        (1767652114000000, 0),
        (1767652114000000000, 0),
        (1767652114.0, 0),
        ("1767652114000", 0),
        ("1.767652114E9", 0),
        ("2026-01-05 22:28:34.000 +0000", 0),
        ("Mon, 05 Jan 2026 22:28:34 GMT", 0),
        ("Mon, 5 Jan 2026 23:28:34 +0100", 0),
        ("Mon Jan 05 2026 23:28:34 GMT+0100 (Central European Standard Time)", 0),
        ("05.01.2026 22:28:34", 1),
        ("2026/1/5 22:28:34", 1),
        ({"$date": "2026-01-05T22:28:34Z"}, 0),
        ({"$date": {"$numberLong": "1767652114000"}}, 0),
    ],
)
def test_times_are_read_as_data_frames_and_databases_write_them(written, without_zone):
    reader = read(json.dumps({"id": 1, "actor": 2, "type": "note", "published": written}).encode())
    assert (reader.activities[0].published, reader.counts.without_zone) == (AT, without_zone)


@pytest.mark.parametrize("written", ["2026-01-05", "5.1.2026", "2026/01/05"])
def test_a_day_is_its_first_moment_without_a_zone(written):
    reader = read(json.dumps({"id": 1, "actor": 2, "type": "note", "published": written}).encode())
    assert (reader.activities[0].published, reader.counts.without_zone) == (datetime(2026, 1, 5, tzinfo=UTC), 1)


@pytest.mark.parametrize(
    "written", ["1/5/2026 10:00", "31.02.2026", "Mon, 45 Jan 2026 22:28:34 GMT", "soon", True, 10**25, [], "", None]
)
def test_what_is_no_time_is_a_fault(written):
    reader = read(json.dumps({"id": 1, "type": "note", "published": written}).encode())
    assert [fault.pointer for fault in reader.bad] == ["/published"]


def test_numbers_that_are_ids_are_texts_also_where_others_are_missing():
    question = b'{"id": 1, "actor": 2, "type": "question", "published": 1790000000}\n'
    body = question + b'{"id": 3, "object": 1.0, "type": "answer", "published": 1790000000}'
    assert [(record.id, record.object) for record in read(body).activities] == [("1", None), ("3", "1")]


@pytest.mark.parametrize("written", ["1.0", "1,0", "1,00", "1e+00"])
def test_an_id_that_became_a_fraction_is_the_id_it_was_whatever_its_sign(written):
    rows = f"id;actor;type;object;published\n1;7;question;;2026-01-05\n2;8;answer;{written};2026-01-05\n"
    assert [record.object for record in read(rows.encode()).activities] == [None, "1"]


@pytest.mark.parametrize("absent", ["NA", "NULL", r"\N", "#N/A", "nan", "None"])
def test_what_is_not_known_in_a_table_is_nobody_and_no_record(absent):
    rows = f""""",id,type,actor,object,published,content
"1",1e+05,answer,{absent},{absent},2026-01-05 22:28:34,NA
"""
    reader = read(rows.encode())
    found = reader.activities[0]
    assert reader.counts.unknown_fields == 0
    assert (found.id, found.actor, found.object, found.content) == ("100000", None, None, "NA")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_is_read_by_the_names_of_its_columns(delimiter):
    rows = [
        ["id", "actor", "type", "object", "published", "content", "tags", "value"],
        ["1", "7", "question", "", "2026-01-05 22:28:34", f'"two{delimiter}\nlines"', "['a' 'b']", ""],
        ["2", "8", "answer", "1.0", "2026-01-05 22:28:34", "", "<c><d>", "1"],
    ]
    question, answer = read("\n".join(delimiter.join(row) for row in rows).encode("utf-8-sig")).activities
    assert (question.content, question.tags, question.object) == (f"two{delimiter}\nlines", ("a", "b"), None)
    assert (answer.object, answer.tags, answer.value, answer.content) == ("1", ("c", "d"), 1.0, None)


def test_a_quote_that_never_ends_is_refused_before_it_fills_the_memory():
    with pytest.raises(UnreadableError, match="broken"):
        read(b'id,actor,type,published\n1,"' + b"x\n" * LONGEST_LINE_BYTES)


def test_all_faults_of_a_record_are_told_at_once():
    faults = [(fault.line, fault.pointer) for fault in read(b'{"type": "post", "published": "then", "tags": 3}').bad]
    assert faults == [(1, "/type"), (1, "/published"), (1, "/tags"), (1, "/id")]


def test_a_kind_of_account_that_is_none_of_ours_is_told_which_there_are():
    account = b'{"type": "account", "actor": "ada", "published": "2026-10-01T10:00:00Z", "kind": "%s"}'
    assert read(account % b"Organization").activities[0].kind == "organisation"
    assert (
        read(account % b"robot")
        .bad[0]
        .detail.endswith(": did you mean 'bot'? The kinds are person, organisation, bot, unknown")
    )


def test_a_parquet_file_is_read_row_by_row_with_its_types(tmp_path):
    path = tmp_path / "it.parquet"
    columns = "range AS id, 7.0::DOUBLE AS actor, 'note' AS type, to_timestamp(1767652114) AS published, ['a'] AS tags"
    duckdb.sql(f"COPY (SELECT {columns}, 'NaN'::DOUBLE AS value FROM range(5000)) TO '{path}' (FORMAT parquet)")
    reader = read(path.read_bytes())
    first = reader.activities[0]
    assert (len(reader.activities), reader.bad) == (5_000, [])
    assert (first.id, first.actor, first.published, first.tags, first.value) == ("0", "7", AT, ("a",), None)


POSTS = "nr;who;at;words;to\n1;ada;2026-10-01 10:00:00;Which hops?;\n2;bob;2026-10-01 11:00:00;Saaz;1\n"
COLUMNS = {"id": "nr", "actor": "who", "published": "at", "content": "words", "object": "to"}


def as_parquet(table: str, folder: Path) -> bytes:
    (folder / "it.csv").write_text(table)
    duckdb.sql(f"COPY (FROM read_csv('{folder}/it.csv')) TO '{folder}/posts.parquet' (FORMAT parquet)")
    return (folder / "posts.parquet").read_bytes()


@pytest.mark.parametrize("columns", [COLUMNS, {"id": "nr", "actor": "who", "published": "at"}], ids=["replies", "none"])
def test_a_table_that_does_not_say_what_was_done_holds_posts_and_replies(columns, tmp_path):
    replied = "reply" if "object" in columns else "note"
    for body in (POSTS.encode(), as_parquet(POSTS, tmp_path)):
        reader = read(body, **columns)
        assert [(each.type, each.actor) for each in reader.activities] == [("note", "ada"), (replied, "bob")]


def test_a_table_with_columns_of_its_own_is_refused_with_their_names(tmp_path):
    for body in (POSTS.encode(), as_parquet(POSTS, tmp_path)):
        with pytest.raises(
            UnreadableError, match=r"map=id=nr,actor=who,published=at,content=COLUMN. It has: nr, who, at, words, to$"
        ):
            read(body)


def test_a_column_that_is_not_there_is_named(tmp_path):
    for body in (POSTS.encode(), as_parquet(POSTS, tmp_path)):
        for columns in ({**COLUMNS, "actor": "hwo"}, {"actor": "hwo"}):
            with pytest.raises(UnreadableError, match="there is no column 'hwo'; there are nr, who, at, words, to"):
                read(body, **columns)


def test_a_table_that_says_what_was_done_is_taken_at_its_word():
    table = "id,actor,published,kind\n1,ada,2026-10-01T10:00:00Z,question\n"
    assert [each.type for each in read(table.encode(), type="kind").activities] == ["question"]
    assert [bad.pointer for bad in read(table.replace("question", "").encode(), type="kind").bad] == ["/type"]


def test_a_parquet_file_may_read_no_other_file(tmp_path):
    path = tmp_path / "it.parquet"
    duckdb.sql(
        f"COPY (SELECT 1 AS \"id\"\"), (SELECT content FROM read_text('/etc/hostname') \") TO '{path}' (FORMAT parquet)"
    )
    (record,) = records_in([path.read_bytes()], 10**6, any_table=True)
    assert list(json.loads(record).values()) == [1]


ROW = {"id": "1", "actor": "2", "type": "note", "published": "2026-01-05T22:28:34Z"}
LINE = json.dumps(ROW).encode()
TABLE = "id,actor,type,published\n1,2,note,2026-01-05T22:28:34Z\n"


@pytest.mark.parametrize("between", [b"\n", b"", b",", b"\r\n \n"])
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_lists_that_stand_one_after_the_other_are_all_read(between, size):
    body = between.join(b"[" + LINE.replace(b'"1"', b'"%d"' % number) + b"]" for number in range(5)) + b"[]\n"
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    assert [json.loads(item)["id"] for item in records_in(chunks, 10**6)] == ["0", "1", "2", "3", "4"]


def test_a_hundred_thousand_lists_one_after_the_other_take_no_longer_than_one():
    body = b"[]\n" * 100_000 + b"[" + LINE + b"]"
    began = time.process_time()
    assert list(records_in([body[start : start + 65_536] for start in range(0, len(body), 65_536)], 10**6)) == [LINE]
    assert time.process_time() - began < 5


@pytest.mark.parametrize("body", [b"[1][2", b"[1]\n[", b"[[1]"])
@pytest.mark.parametrize("size", [1, 10_000])
def test_a_list_that_ends_too_early_behind_others_is_told(body, size):
    with pytest.raises(UnreadableError, match="ends too early"):
        list(json_items([body[start : start + size] for start in range(0, len(body), size)]))


def test_what_stands_behind_a_list_is_a_fault_and_not_lost():
    found = list(records_in([b"[" + LINE + b"]\n" + LINE], 10**6))
    assert found == [LINE, LINE]
    assert len(read(b"[" + LINE + b"] oops").bad) == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-8-sig"])
@pytest.mark.parametrize("written", [LINE.decode(), TABLE, f"[{LINE.decode()}]"])
def test_text_is_read_in_any_encoding_of_unicode(encoding, written):
    (record,) = read(written.encode(encoding)).activities
    assert (record.id, record.actor) == ("1", "2")


@pytest.mark.parametrize(
    ("charset", "name"),
    [("windows-1252", "Jörg"), ("Windows-1251", "Юрий"), ("shift_jis", "ユルグ"), ("gbk", "约尔格"), ("utf-8", "Jörg")],
)
def test_a_text_is_read_in_the_charset_that_its_sender_names(charset, name):
    table = TABLE.replace("2", name, 1).encode(charset)
    (record,) = records_in([table[:50], table[50:]], 10**6, charset=charset)
    assert name in record.values()


@pytest.mark.parametrize("written", [f"\ufeff{TABLE}".replace("2", "Jörg", 1), '{"id": "1", "actor": "Jörg"}'])
def test_what_a_text_says_itself_comes_before_its_charset(written):
    (record,) = records_in([written.encode()], 10**6, charset="windows-1252")
    assert (record if isinstance(record, dict) else json.loads(record))["actor"] == "Jörg"


@pytest.mark.parametrize(
    "charset", ["zip", "rot13", "punycode", "utf-7", "unicode_escape", "idna", "cp037", "", "no-such"]
)
def test_what_is_no_charset_of_texts_is_refused_by_name(charset):
    with pytest.raises(UnreadableError, match="there is no charset"):
        list(records_in([TABLE.encode()], 10**6, charset=charset))


def test_a_text_that_is_not_in_its_charset_is_refused():
    with pytest.raises(UnreadableError, match="not in shift_jis"):
        list(records_in([TABLE.encode() + b"\x81\xff\n"], 10**6, charset="shift_jis"))


@pytest.mark.parametrize(
    "table",
    [
        TABLE.replace("id,actor,type,published", "Id, Actor,TYPE,Published"),
        "sep=;\n" + TABLE.replace(",", ";"),
        TABLE.replace("\n", "\n\n,,,\n", 1) + " , ,,\n",
    ],
)
def test_a_table_is_read_as_a_spreadsheet_writes_it(table):
    reader = read(table.encode())
    assert [(record.id, record.actor, record.published) for record in reader.activities] == [("1", "2", AT)]
    assert reader.bad == []


def test_a_column_with_a_blank_in_its_name_is_the_field_it_is():
    table = "ID,Target Actor,Type,Published\n1,3,note,2026-01-05T22:28:34Z\n"
    assert [record.target_actor for record in read(table.encode()).activities] == ["3"]


def test_a_sequence_of_json_texts_is_read():
    assert [
        record.id for record in read(b"\x1e" + LINE + b"\n\x1e" + LINE.replace(b'"1"', b'"9"') + b"\n").activities
    ] == [
        "1",
        "9",
    ]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (bz2.compress(LINE), "packed with bzip2"),
        (lzma.compress(LINE), "packed with xz"),
        (b"number;who;what\n1;2;note\n", "none of its columns are ours"),
    ],
)
def test_what_cannot_be_read_is_refused_with_advice(body, words):
    with pytest.raises(UnreadableError, match=words):
        read(body)


def test_of_a_list_in_an_object_what_stands_behind_it_is_not_looked_at():
    before, items = items_under(
        iter([b'{"name": "x", "messages": [{"a": 1}, {"a": 2}], "more": [{"a": 3}]}']), "messages"
    )
    assert (before, list(items)) == ({"name": "x"}, [b'{"a": 1}', b'{"a": 2}'])


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("pack", ZSTD_OR_GZIP.values(), ids=ZSTD_OR_GZIP)
@pytest.mark.parametrize("what", [b"\n", b" ", b"{}\n"])
def test_a_few_bytes_that_unpack_to_very_many_are_refused_on_the_way(what, pack, layers, monkeypatch):
    monkeypatch.setattr(compression, "MOST_TIMES_FROM_BYTES", 8 * 2**20)
    body = what * (10 * 2**20 // len(what))
    for _ in range(layers):
        body = pack(body)
    passed: list[int] = []
    with pytest.raises(TooLargeError, match="more than 200 times"):
        passed.extend(map(len, unpacked([body], 2**31)))
    assert sum(passed) <= 9 * 2**20


def test_blank_lines_are_counted_and_keep_the_numbers_of_the_others():
    reader = RecordReader(None)
    reader.feed([b"", b"  ", b"{}", b"", b'{"type": "no"}'])
    assert (reader.counts.skipped, reader.counts.records) == (3, 2)
    assert {bad.line for bad in reader.bad} == {3, 5}


def test_an_id_that_a_spreadsheet_cut_off_is_a_fault_and_one_that_it_was_told_to_keep_is_read():
    table = 'id,actor,published,object,tags\n1.23457E+18,ada,2026-10-01,,\n"=""007""",ada,2026-10-01,.,"{a,""b c""}"\n'
    reader = RecordReader(None, loose=True)
    reader.feed(records_in([table.encode()], 10**6))
    assert [(fault.line, "cut off" in fault.detail) for fault in reader.bad] == [(1, True)]
    assert [(each.id, each.object, each.tags) for each in reader.activities] == [("007", None, ("a", "b c"))]


def test_blank_lines_of_a_table_cost_no_more_than_reading_them(monkeypatch: pytest.MonkeyPatch) -> None:
    named = b"id,type,actor,published,content"
    header = header_in(named, {})
    assert header is not None

    def looked_at(*_: object) -> dict[str, object]:
        raise AssertionError

    lines = iter([named, *[b""] * 100])
    monkeypatch.setattr(delimited, "_known", looked_at)
    assert list(delimited.rows_in(lines, header, named, {})) == []


@pytest.mark.parametrize(
    ("written", "near"), [("anwser", "answer"), ("commment", "reply"), ("Retweeet", "reshare"), ("soluton", "accept")]
)
def test_an_unknown_type_is_told_beside_the_one_that_is_probably_meant(written, near):
    record = {"id": "1", "type": written, "actor": "ada", "published": "2026-08-02T06:00:00Z"}
    (bad,) = read(json.dumps(record).encode()).bad
    assert f": did you mean '{near}'? The types are " in bad.detail
