"""States of posts that a table tells by numbers: nothing hidden is taken for public, and it is said what helps."""

from __future__ import annotations

import json
from typing import Any

import pytest

from candor.formats.hidden_rows import StatesUnknownError
from candor.formats.rows import records_in
from candor.scoring.records import RecordReader
from tests.formats.kept_before import KeptBefore

MAP = {"actor": "author", "published": "date", "content": "text"}
TABLE = "id,author,date,text,{name}\n1,ada,2026-01-05,Which hops?,{one}\n2,bo,2026-01-06,Saaz,{two}\n"


def read(text: str, rename: dict[str, str], **how: Any) -> RecordReader:
    reader = RecordReader("custom:c", rename, loose=True)
    reader.feed(records_in([text.encode()], 10**8, rename, **how))
    return reader


def ids(reader: RecordReader) -> list[str | None]:
    return [each.id for each in reader.activities]


@pytest.mark.parametrize("name", ["status", "state", "Statut", "Zustand", "estado", "stan", "статус", "post_status"])
def test_numbers_whose_meaning_is_not_known_are_refused_with_what_to_say(name):
    with pytest.raises(StatesUnknownError) as caught:
        read(TABLE.format(name=name, one=1, two=4), MAP)
    assert f"the column {name!r} has numbers (1, 4)" in str(caught.value)
    said = dict(pair.split("=", 1) for pair in caught.value.pairs.split(","))
    assert said == {"visibility": name, "1": "private", "4": "private"}  # which shows nothing to who copies it
    found = read(TABLE.format(name=name, one=1, two=4), MAP | said | {"1": "public"})
    assert (ids(found), found.counts.private, found.bad) == (["1"], 1, [])


def test_rows_of_json_with_states_by_number_are_refused_as_those_of_tables_are():
    rows = [{"id": n, "author": "ada", "date": "2026-01-05", "text": "x", "status": n} for n in (0, 1)]
    with pytest.raises(StatesUnknownError, match=r"numbers \(0, 1\)"):
        read("\n".join(map(json.dumps, rows)), MAP)


def test_a_number_that_nobody_explained_is_a_fault_of_its_row():
    (fault,) = read(TABLE.format(name="status", one=1, two=7), MAP | {"visibility": "status", "1": "public"}).bad
    assert (fault.line, fault.pointer) == (2, "/visibility")
    assert "map=7=private" in fault.detail


def test_a_number_that_all_rows_share_tells_none_of_them_from_another():
    assert ids(read(TABLE.format(name="status", one=1, two=1), MAP)) == ["1", "2"]


def test_in_what_is_added_no_number_is_taken_for_public():
    with pytest.raises(StatesUnknownError):
        read(TABLE.format(name="status", one=1, two=1), MAP, earlier=KeptBefore({}))


@pytest.mark.parametrize(("one", "two"), [("20260105", "20260106"), ("open", "closed"), ("", "")])
def test_a_time_and_a_word_are_no_number_of_a_state(one, two):
    assert ids(read(TABLE.format(name="status", one=one, two=two), MAP)) == ["1", "2"]


def test_numbers_of_a_program_that_is_known_are_read():
    table = "cid,pid,nid,uid,subject,created,changed,status,comment_body\n"
    rows = "1,0,9,7,a,1767600000,1767600000,1,Which?\n2,1,9,8,b,1767600060,1767600060,0,So\n"
    rename = {"id": "cid", "actor": "uid", "published": "created", "content": "comment_body", "object": "pid"}
    found = read(table + rows, rename)
    assert (ids(found), found.counts.private) == (["1"], 1)


def test_a_word_for_whom_a_record_is_can_be_explained_in_records_too():
    lines = [
        {"id": "1", "type": "note", "actor": "ada", "published": "2026-01-05T00:00:00Z", "visibility": "tout le monde"},
        {"id": "2", "type": "note", "actor": "ada", "published": "2026-01-05T00:00:00Z", "visibility": "équipe"},
    ]
    found = read("\n".join(map(json.dumps, lines)), {"tout le monde": "public", "équipe": "private"})
    assert (ids(found), found.counts.private, found.bad) == (["1"], 1, [])


def test_a_word_said_to_mean_public_makes_no_column_of_that_name_one_that_is_used():
    table = "id,author,date,text,public,status\n1,ada,2026-01-05,a,0,1\n2,bo,2026-01-06,b,1,1\n"
    found = read(table, MAP | {"visibility": "status", "1": "public"})
    assert ids(found) == ["2"]
