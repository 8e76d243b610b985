"""Words that a term does not find and that may be other forms of it."""

from __future__ import annotations

import pytest

from candor.scoring.close_forms import CloseForms
from candor.scoring.topics import Matcher, Topic


def forms(terms: list[str], *texts: str) -> list[tuple[str, str, int]]:
    looking = CloseForms(terms)
    for text in texts:
        looking.note(text)
    return [(each.term, each.form, each.records) for each in looking.found()]


def test_a_plural_is_named_with_how_many_records_have_it():
    assert forms(["tomato"], "Tomatoes rot.", "My tomatoes, tomatoes!", "A tomato.") == [("tomato", "tomatoes", 2)]


@pytest.mark.parametrize(
    ("term", "text", "form"),
    [
        ("télescope", "Deux télescopes", "télescopes"),
        ("sterownik", "Nowe sterowniki", "sterowniki"),
        ("książka", "Te książki", "książki"),
        ("rocket engine", "Two Rocket engines.", "rocket engines"),
    ],
)
def test_forms_of_other_languages_and_of_phrases_are_found(term, text, form):
    assert forms([term], text) == [(term, form, 1)]


@pytest.mark.parametrize(
    "text",
    ["A tomato.", "#tomatoes", "@tomatoes", "tomatillos", "potatoes", "https://tomatoes.example", "tomatosauces"],
)
def test_what_the_term_finds_or_is_no_form_of_it_is_not_named(text):
    assert forms(["tomato"], text) == []


def test_a_form_that_is_a_term_too_is_not_named():
    assert forms(["tomato", "tomatoes"], "tomatoes") == []


def test_what_is_named_is_what_the_topic_does_not_find():
    matcher = Matcher([Topic(id="t", label="T", terms=("rocket engine", "hop"))])
    for term, form, _ in forms(["rocket engine", "hop"], "rocket engines and hops", "hopping rocket engine"):
        assert matcher.terms(form, None, 0) == (), (term, form)


def test_of_many_forms_the_five_most_frequent_are_named():
    texts = [f"hop{ending}" for number, ending in enumerate("abcdefg") for _ in range(number + 1)]
    assert [each[1] for each in forms(["hop"], *texts)] == ["hopg", "hopf", "hope", "hopd", "hopc"]
