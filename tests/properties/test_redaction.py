"""Redaction: a name of any characters is found wherever it stands as a word, in JSON and in plain text."""

from __future__ import annotations

import json
import re
import sys

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from candor.names.account_text import UnknownAccountError
from candor.names.accounts import account_name
from candor.scoring.redaction import DataSubject, _without_case

ANY = st.characters(exclude_categories=["Cs"])
ODD = st.sampled_from('\t\n\r\b\f\\"/%_Aß\u0130\u0131\u03a3\u00e9\u200b\U0001f600')
NETWORKS = st.sampled_from(["custom:x", "linkedin"])
BEFORE = st.text(st.sampled_from(" .:/\"'\\\t\n(\u2026"), min_size=0, max_size=3)


@st.composite
def names(draw: st.DrawFn) -> str:
    try:
        name = account_name("custom:x", draw(st.text(st.one_of(ODD, ANY), min_size=1, max_size=8)))
    except UnknownAccountError:  # nothing of it shows
        reject()
    return name if re.match(r"[^\W_]|[\x00-\x7f]", name) else f"a{name}"  # what begins with an accent is half a letter


@given(name=names(), network=NETWORKS, before=BEFORE, after=BEFORE, ascii_only=st.booleans(), as_json=st.booleans())
def test_a_name_that_stands_as_a_word_is_never_missed(
    name: str, network: str, before: str, after: str, *, ascii_only: bool, as_json: bool
) -> None:
    said = f"{before}{name}{after}"
    raw = (json.dumps({"by": said}, ensure_ascii=ascii_only) if as_json else said).encode()
    person = DataSubject(network=network, names=(name,))
    assert person.may_occur_in(raw)
    assert person.occurs_in_json(raw)
    assert person.occurs_in(said)


@given(name=names(), lower=st.booleans())
def test_a_name_in_an_address_is_found_with_escapes_in_either_case(name: str, *, lower: bool) -> None:
    person = DataSubject(network="custom:x", names=(name,))
    address = next(form for form in reversed(person._forms) if "%" in form or form == name)
    address = re.sub("%..", lambda found: found[0].lower() if lower else found[0], address)
    assert person.may_occur_in(f"https://forum.example/{address}".encode())


def test_letters_that_a_pattern_takes_for_one_are_equal_without_case() -> None:
    lowered: dict[str, set[str]] = {}
    for letter in map(chr, range(sys.maxunicode + 1)):
        if letter.lower() != letter or letter.upper() != letter:
            lowered.setdefault(_without_case(letter), set()).add(letter)
    letters = "".join(sorted(set().union(*lowered.values())))
    for folded, ours in lowered.items():
        for letter in ours:
            taken = set(re.findall(re.escape(letter), letters, re.IGNORECASE))
            assert {_without_case(each) for each in taken} == {folded}


@pytest.mark.parametrize("name", ["Ann\tTab", "Ann\nTab", "Ann\rTab", "Ann\bTab", "Ann\fTab", "CORP\\nadia"])
def test_a_name_with_a_control_character_or_a_backslash_is_found(name: str) -> None:
    person = DataSubject(network="custom:x", names=(name,))
    assert person.may_occur_in(json.dumps({"a": name}).encode())
    assert person.may_occur_in(f"{name}/9".encode())
