"""Foreign JSON: absent, null and unexpected differ, and one odd value loses no more than itself."""

from __future__ import annotations

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
        ('{"key":"a","counts":{"x":1,"y":null,"z":"many"}}', Outer("a", counts={"x": 1}), ["y", "z"]),
    ],
)
def test_what_can_be_spared_is_left_out_by_name(text, made, left_out):
    assert decode_leniently(text.encode(), Outer) == (made, left_out)


@pytest.mark.parametrize("text", ['{"key":null}', "{}", '{"key":"a","hidden":{"since":1}}', "null", "[]", "7", '"a"'])
def test_what_is_needed_is_not_spared(text):
    with pytest.raises(msgspec.ValidationError):
        decode_leniently(text.encode(), Outer)
