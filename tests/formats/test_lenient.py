"""Foreign JSON: absent, null and unexpected differ, and one odd value loses no more than itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
import pytest

from candor.formats.lenient import NEEDED, decode_leniently


class Inner(msgspec.Struct):
    name: str


class Outer(msgspec.Struct, rename="camel"):
    key: str
    hidden: Annotated[bool | None, NEEDED] = None
    inner_thing: Inner | None = None
    many: list[Inner | str] = []
    counts: dict[str, int] = {}


@pytest.mark.parametrize(
    ("text", "made", "left_out"),
    [
        ('{"key":"a"}', Outer("a"), []),
        ('{"key":"a","hidden":null,"innerThing":null,"many":null,"counts":null}', Outer("a"), []),
        ('{"key":7}', Outer("7"), []),
        ('{"key":"a","innerThing":false}', Outer("a"), ["innerThing"]),
        ('{"key":"a","innerThing":{"name":null}}', Outer("a"), ["innerThing"]),
        ('{"key":"a","many":[null,{"name":"b"},{},"c",7]}', Outer("a", many=[Inner("b"), "c", "7"]), ["many"]),
        ('{"key":"a","many":{}}', Outer("a"), ["many"]),
        ('{"key":"a","many":{"0":"b","3":{"name":"c"}}}', Outer("a", many=["b", Inner("c")]), []),
        ('{"key":"a","many":{"0":"b","x":"c"}}', Outer("a"), ["many"]),
        ('{"key":"a","counts":{"x":1,"y":null,"z":"many"}}', Outer("a", counts={"x": 1}), ["y", "z"]),
    ],
)
def test_what_can_be_spared_is_left_out_by_name(text, made, left_out):
    assert decode_leniently(text.encode(), Outer) == (made, left_out)


class Dated(msgspec.Struct):
    at: Annotated[datetime, msgspec.Meta(tz=True)]


@pytest.mark.parametrize(
    "written",
    [
        "2026-10-01T12:00:00",
        "2026-10-01 12:00:00.000000",
        "2026-10-01T12:00:00Z",
        "2026-10-01T14:00:00+02:00",
        1790856000,
    ],
)
def test_a_time_without_an_offset_is_in_utc(written):
    made, left_out = decode_leniently(msgspec.json.encode({"at": written}), Dated)
    assert (made.at, left_out) == (datetime(2026, 10, 1, 12, tzinfo=UTC), [])


@pytest.mark.parametrize("written", ["soon", "2026-10-01T12:00:00+25:00", "", None, {}, "2026-13-01T12:00:00"])
def test_what_is_no_time_is_none(written):
    with pytest.raises(msgspec.ValidationError):
        decode_leniently(msgspec.json.encode({"at": written}), Dated)


@pytest.mark.parametrize("text", ['{"key":null}', "{}", '{"key":"a","hidden":{"since":1}}', "null", "[]", "7", '"a"'])
def test_what_is_needed_is_not_spared(text):
    with pytest.raises(msgspec.ValidationError):
        decode_leniently(text.encode(), Outer)


class Around(msgspec.Struct):
    thing: Annotated[Outer | bool | None, NEEDED] = None


@pytest.mark.parametrize(
    ("inner", "made"),
    [('{"key":"a","counts":7}', Around(Outer("a"))), ('{"key":"a","hidden":"x"}', None), ("7", None), ("[]", None)],
)
def test_of_an_object_that_is_needed_its_own_fields_say_which_are(inner, made):
    try:
        found, _ = decode_leniently(f'{{"thing":{inner}}}'.encode(), Around)
    except msgspec.ValidationError:
        found = None
    assert found == made
