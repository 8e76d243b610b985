"""How a text is cut into words, which near-copies are told by."""

# ruff: noqa: RUF001 -- look-alike characters are what some of these tests are about

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.scoring.words import MAX_CHARACTERS, MAX_MARKS, compact, normalise, words


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("The CubeSat's up!", ["the", "cubesat", "s", "up"]),
        ("snake_case and-dashes", ["snake", "case", "and", "dashes"]),
        ("see https://example.org/a,b?c=d now", ["see", "now"]),
        ("L’été à Nice", ["l", "été", "à", "nice"]),
        ("宇宙ロケットは", ["宇", "宙", "ロ", "ケ", "ッ", "ト", "は"]),
        ("ดาว", ["ด", "า", "ว"]),
        ("인공위성을 쏘다", ["인공위성을", "쏘다"]),
        ("उपग्रह है", ["उपग्रह", "है"]),
        ("#CubeSat @someone", ["cubesat", "someone"]),
        ("zero\u200bwidth soft\u00adhyphen", ["zerowidth", "softhyphen"]),
        ("Ｆｕｌｌ ﬁne", ["full", "fine"]),
        ("!?", []),
        ("", []),
    ],
)
def test_a_text_is_cut_into_normalised_words(text, cut):
    assert words(text) == cut


@given(st.text())
def test_words_do_not_depend_on_normal_form(text):
    assert words(unicodedata.normalize("NFD", text)) == words(text)


@given(st.text())
def test_words_hold_no_whitespace_and_are_never_empty(text):
    assert all(word and word.split() == [word] for word in words(text))


@given(st.text())
def test_normalising_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)


def test_a_character_that_stands_for_many_does_not_lengthen_a_text_without_end():
    assert len(normalise("\ufdfa" * MAX_CHARACTERS)) == MAX_CHARACTERS


def test_marks_heaped_on_one_character_are_cut_off():
    assert len(normalise("x" + "\u0327\u200b" * 1_000)) == 1 + MAX_MARKS


def test_accents_stay():
    assert normalise("É") == "é"


@pytest.mark.parametrize("tag", ["air-travel", "Air Travel", "#AirTravel", "air_travel", "air\u2010travel"])
def test_ways_to_write_one_tag_are_one(tag):
    assert compact(tag) == "airtravel"


def test_tags_that_differ_in_a_sign_stay_apart():
    assert len({compact("c"), compact("c++"), compact("C#")}) == 3
