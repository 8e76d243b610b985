"""A table without some people: the same records as the plain rule leaves, and not a byte of the people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candor.scoring.activity import RECORD_TYPES, Activity
from candor.scoring.record_digest import digest_of_records
from candor.scoring.redaction import without_people
from candor.store.column_file import read_table
from candor.store.table_builder import TableBuilder
from candor.store.table_without import write_without
from lab.speed.community import write_columns
from tests.effort import examples

if TYPE_CHECKING:
    from pathlib import Path

PEOPLE = ("ada", "bo", "cy", "dee")
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


OBJECTS = {"x-cy", "https://example.org/p_cy"}


def rewritten(records: list[Activity], people: set[str], folder: Path) -> Path:
    """Write a column file of the records, and one of it without the people."""
    with TableBuilder(folder) as builder, write_columns(folder / "whole") as file:
        builder.add(range(1, len(records) + 1), records)
        assert list(builder.repeated()) == []
        builder.write(file)
    with write_columns(folder / "without") as file:
        left = without_people(records, people, OBJECTS)
        rest = write_without(read_table(folder / "whole"), people, file, OBJECTS)
        assert (rest.records, rest.digest) == (len(left), digest_of_records(left))
    return folder / "without"


@st.composite
def communities(draw: st.DrawFn) -> list[Activity]:
    """Up to 25 acts of four people on one another, and what two say of themselves."""
    person = st.sampled_from((None, *PEOPLE))
    acts = [
        Activity(
            type=draw(st.sampled_from(RECORD_TYPES[:-1])),
            id=f"r{number}",
            published=NEW_YEAR + timedelta(minutes=number),
            actor=draw(person),
            target_actor=draw(person),
            object=draw(st.sampled_from((None, "elsewhere", "r0", "r3", "r7", "r20", "ada", "at://bo/post/1", "x-cy"))),
            content=draw(st.sampled_from((None, "", "Hopfen ✓"))),
            tags=draw(st.sampled_from((None, (), ("a", "b")))),
            url=draw(st.sampled_from((None, *(f"https://example.org{path}" for path in ("", "/ada", "/p_cy"))))),
            value=draw(st.sampled_from((None, 1.0))),
            via=draw(st.sampled_from((None, "at://elsewhere/repost/1", "at://ada/repost/1", "r1", "r4"))),
            in_thread=draw(st.sampled_from((None, "1", "ask/ada"))),
        )
        for number in range(draw(st.integers(0, 25)))
    ]
    claims = [Activity(type="account", actor=name, published=NEW_YEAR, bio=f"I am {name}") for name in PEOPLE[:2]]
    return acts + claims


@settings(max_examples=examples(60))
@given(records=communities(), people=st.sets(st.sampled_from(PEOPLE)))
def test_columns_and_records_follow_the_same_rule(records: list[Activity], people: set[str], tmp_path: Path) -> None:
    table = read_table(rewritten(records, people, tmp_path))
    assert list(table) == without_people(records, people, OBJECTS)
    assert table.digest == digest_of_records(table)


@pytest.mark.parametrize("people", [{"ada"}, {"ada", "bo"}])
def test_nothing_of_the_people_is_in_the_file(people: set[str], tmp_path: Path) -> None:
    acts = [
        {"type": "note", "id": "1", "actor": "ada", "content": "secret of ada", "tags": ["by-ada"]},
        {"type": "like", "id": "like-by-bo", "actor": "bo", "object": "1"},
        {"type": "like", "id": "4", "actor": "cy", "object": "3", "via": "at://ada/repost/1"},
        {"type": "note", "id": "3", "actor": "cy", "content": "rocket", "url": "https://a.example/ada#3"},
        {"type": "account", "actor": "ada", "bio": "ada herself"},
        {"type": "follow", "id": "5", "actor": "cy", "object": "ada"},
        {"type": "reply", "id": "6", "actor": "cy", "target_actor": "ada", "object": "elsewhere, by ada"},
        {"type": "note", "id": "7", "actor": "cy", "in_thread": "ada/hops", "thread_number": "1"},
    ]
    lines = [{"published": "2026-10-01T00:00:00Z", **act} for act in acts]
    written = rewritten(msgspec.convert(lines, list[Activity]), people, tmp_path).read_bytes()
    assert b"rocket" in written
    assert not [name for name in ("ada", "bo") if name.encode() in written]
