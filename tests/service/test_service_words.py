"""Words: both languages say the same things; numbers, dates and the method's sentences as each writes them."""

from __future__ import annotations

import string
from itertools import chain

import pytest

from candor.scoring.activity import RECORD_TYPES
from candor.scoring.expertise import NOTE_SEEDS, NOTE_VOTES
from candor.scoring.features import FEATURES
from candor.scoring.kinds import KINDS
from service.api.scores import score_example
from service.words import LANGUAGES, language_of, words


def placeholders(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_all_languages_have_the_same_keys():
    assert {frozenset(words(language).texts) for language in LANGUAGES} == {frozenset(words("en").texts)}


def test_a_text_has_the_same_placeholders_in_every_language():
    english, french = words("en").texts, words("fr").texts
    assert [key for key, text in english.items() if placeholders(french[key]) != placeholders(text)] == []


def test_every_feature_has_a_name_and_a_unit():
    for feature in FEATURES:
        assert words("en").texts[f"feature.{feature.id}"] == feature.facts.label
        assert f"unit.{feature.facts.unit}" in words("en").texts


def test_every_kind_of_recognition_is_said_in_french():
    assert [kind.label for kind in KINDS if words("fr").translate(kind.label) == kind.label] == []


def test_every_sentence_of_the_example_is_said_in_french():
    document = score_example()
    sides = (document["expertise"], document["interest"])
    reasons = [sentence for side in sides for group in side["reasons"].values() for sentence in group]
    needs = [side["needs"] for side in sides if side["needs"]]
    said = chain(reasons, needs, [document["robustness"]["note"], document["expertise"]["at_face_value"]["warning"]])
    assert [sentence for sentence in said if words("fr").translate(sentence) == sentence] == []


def test_a_features_name_is_no_number_of_weeks():
    said = words("fr").translate("21.9 points from active weeks: 15.0 weeks")
    assert said == "21,9 points pour\u00a0: semaines actives (15,0 semaines)"


def test_few_people_behind_it_is_said_in_french():
    said = words("fr").translate(
        "capped: too much of this rests on too few people, so it counts as 2.5 supporters, not 8.7"
    )
    assert said == (
        "plafonné\u00a0: trop de ce soutien repose sur trop peu de personnes\u00a0; "
        "cela compte pour 2,5 soutiens, et non 8,7"
    )


@pytest.mark.parametrize("note", [NOTE_VOTES, NOTE_SEEDS])
def test_what_corrupt_people_could_do_is_said_in_french(note):
    assert words("fr").translate(note) != note


@pytest.mark.parametrize(("value", "written"), [(1.0, "1"), (1.25, "1.25"), (85.0, "85"), (0.3333333, "0.3333")])
def test_a_short_number_has_the_decimals_it_needs(value, written):
    assert words("en").short(value) == written


@pytest.mark.parametrize(("language", "said"), [("en", "not recognised here yet"), ("fr", "pas encore reconnu ici")])
def test_nobody_is_said_in_words_where_there_are_words_for_it(language, said):
    assert words(language).count("home.recognised_by", 0) == said
    assert words("en").count("home.posts", 0) == "0 posts"


@pytest.mark.parametrize(
    ("points", "said"),
    [("0,1", "0,1\u00a0point "), ("1,9", "1,9\u00a0point "), ("2", "2\u00a0points "), ("10,5", "10,5\u00a0points ")],
)
def test_less_than_two_is_singular_in_french(points, said):
    text = words("fr")("card.telling.points", points=points, what="x")
    assert text.replace(" ", "\u00a0").startswith(said.replace(" ", "\u00a0"))


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("questions asked: 0.4 questions", "questions posées (0,4 question)"),
        ("active weeks: 1.0 weeks", "semaines actives (1,0 semaine)"),
        ("conversation: 2.0 acts", "conversation (2,0 actes)"),
    ],
)
def test_what_is_counted_in_a_reason_is_singular_below_two_in_french(part, said):
    assert words("fr").translate(f"12.8 points from {part}").endswith(said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_type_of_record_has_a_name(language):
    assert [kind for kind in RECORD_TYPES if f"record.{kind}" not in words(language).texts] == []


def test_a_sentence_nobody_translated_stays_as_it_is():
    assert words("fr").translate("something new") == "something new"


def test_a_list_in_a_sentence_is_said_piece_by_piece_where_all_of_them_are_known():
    said = words("fr").translate("The two scores differ in their network, their trust root, their time.")
    assert said == "Les deux notes diffèrent par\u00a0: réseau, personnes de confiance, date."
    assert words("fr").translate("The two scores differ in their hat, their time.").endswith("their hat, their time.")


def test_a_sentence_is_said_down_to_its_parts():
    said = words("fr").translate("37.2 points from activity share: at least 49% of what the account does")
    assert said == "37,2 points pour\u00a0: part de l'activité (au moins 49\u00a0% de ce que fait le compte)"


@pytest.mark.parametrize(("language", "written"), [("en", "12,345.60"), ("fr", "12\u202f345,60")])
def test_numbers_are_written_as_the_language_does(language, written):
    assert words(language).number(12345.6, 2) == written


@pytest.mark.parametrize(
    ("language", "day", "written"),
    [
        ("en", "2026-11-01T00:00:00Z", "1 November 2026"),
        ("fr", "2026-11-01T00:00:00Z", "1er novembre 2026"),
        ("fr", "2026-08-19", "19 août 2026"),
    ],
)
def test_dates_are_written_as_the_language_does(language, day, written):
    assert words(language).date(day) == written


@pytest.mark.parametrize(
    ("n", "en", "fr"), [(0, "accounts", "compte"), (1, "account", "compte"), (2, "accounts", "comptes")]
)
def test_each_language_counts_its_own_way(n, en, fr):
    assert [words(language).count("map.desc", n).split(",")[0].split()[1] for language in LANGUAGES] == [en, fr]


@pytest.mark.parametrize(
    ("accepted", "chosen", "language"),
    [
        ("fr-CA, en;q=0.5", None, "fr"),
        ("de, en;q=0.5, fr;q=0.4", None, "en"),
        ("de", None, "en"),
        (None, None, "en"),
        ("en", "fr", "fr"),
        ("fr", "xx", "fr"),
    ],
)
def test_the_language_is_the_one_chosen_or_the_best_accepted(accepted, chosen, language):
    assert language_of(accepted, chosen) == language


def test_what_is_wrong_in_plain_english_is_said_in_french_as_well():
    said = words("fr").translate
    assert said("This field is needed.") == said("Missing data for required field.") != "This field is needed."
    assert said("Must have 1 to 20 characters.") == "de 1 à 20 caractères"
    assert said("Must be an object: { … }.") != "Must be an object: { … }."


def test_a_number_in_a_sentence_is_no_words():
    said = words("fr").translate
    assert said("by feature: 0.9 points more for Ada from active weeks").endswith("(semaines actives)")
    assert said("15 weeks") == "15 semaines"
