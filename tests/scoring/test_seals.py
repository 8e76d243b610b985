"""Digests of a new document are those that verify finds, whatever its numbers and texts."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candor.scoring.seals import canonical_values, numbers_as_python_writes, text_of
from candor.scoring.verify.digests import canonical
from tests.effort import examples

NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**63 - 1)
LEAVES = st.none() | st.booleans() | NUMBERS | st.text(st.characters(exclude_categories=["Cs"]))
PARTS = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text("ab\x7fé"), inner))


@settings(max_examples=examples(40))
@given(PARTS)
def test_any_part_has_the_text_that_verify_gives_it(part: Any) -> None:
    assert text_of(canonical_values(copy.deepcopy(part))) == canonical(part)


@pytest.mark.parametrize("number", [8.0, -0.0, 1e-5, 9.99e-5, 1e-4, 1e15, 1e16, 1e22, 0.1 + 0.2, 2.0**53])
def test_numbers_are_written_as_python_writes_them(number: float) -> None:
    assert text_of(canonical_values({"of": number})) == canonical({"of": number})
    assert msgspec.json.decode(text_of(canonical_values([number]))) == [number]


@settings(max_examples=examples(200))
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.floats(0, 1e-3) | st.integers(0, 9).map(float)))
def test_figures_written_as_they_are_have_the_text_that_verify_gives_them(figures: list[float]) -> None:
    part = [{"acts": figures, "at": "2026-10-01T00:00:00Z"}]
    assert numbers_as_python_writes(msgspec.json.Encoder(order="sorted").encode(part)) == canonical(part)
