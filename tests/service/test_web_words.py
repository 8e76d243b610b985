"""The pages' words: everything that the method publishes and a job can end with is said in both languages."""

from __future__ import annotations

import pytest
from markupsafe import Markup, escape

from candor.formats import activitystreams, instagram, linkedin, reddit, x, youtube
from candor.formats.dumps.registry import FORMATS
from candor.names.networks import NETWORKS
from candor.scoring import document
from candor.scoring.features import FEATURES
from candor.scoring.kinds import KINDS, LABELS
from candor.scoring.method import load_method
from candor.scoring.score import INTENDED_USE, NOT_INDEXED
from candor.store.job_problems import JOB_PROBLEMS
from service.api.scores import score_example
from service.problem_kinds import PROBLEMS
from service.schemas.queries import STATUSES
from service.web.rendering import sentence, tied
from service.words import LANGUAGES, words

FACTS = [feature.facts for feature in FEATURES]
PUBLISHED = [
    *(said for facts in FACTS for said in (facts.question, facts.formula, facts.needs, facts.evidence)),
    *(weakness for facts in FACTS for weakness in facts.weaknesses),
    *(said for kind in KINDS for said in (kind.label, kind.when, kind.weakness)),
    *(reason for network in NETWORKS for reason in network.unknown.values()),
    *(INTENDED_USE, NOT_INDEXED),
]


def test_what_the_method_publishes_is_said_in_french():
    untold = [sentence for sentence in PUBLISHED if words("fr").translate(sentence) == sentence]
    assert untold == [], "say it in French, in the feature's file or in [sentences] of service/words/page_fr.toml"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_profile_status_and_kind_has_words(language):
    texts = words(language).texts
    expertise = document.ExpertiseStatus.__args__
    assert [name for name in load_method().profiles if f"profile.{name}" not in texts] == []
    assert [name for name in (*expertise, *STATUSES) if name != "ok" and f"card.null.{name}" not in texts] == []
    assert [name for name in expertise if f"status.expertise.{name}" not in texts] == []
    assert [name for name in document.InterestStatus.__args__ if f"status.interest.{name}" not in texts] == []
    assert [name for name in LABELS if f"act.{name}" not in texts] == []
    assert [name for name in score_example()["facts"] if f"fact.{name}" not in texts] == []


def test_facts_that_are_missing_say_why_in_french():
    reasons = {fact["reason"] for fact in score_example()["facts"].values() if fact["reason"]}
    assert reasons
    assert [reason for reason in reasons if words("fr").translate(reason) == reason] == []


@pytest.mark.parametrize("export", [activitystreams, instagram, linkedin, reddit, x, youtube])
def test_what_an_export_shows_is_said_in_french(export):
    assert words("fr").translate(export.SHOWS) != export.SHOWS


def test_what_went_wrong_is_named_in_french():
    titles = [problem.title for problem in (*PROBLEMS, *JOB_PROBLEMS)]
    assert [title for title in titles if words("fr").translate(title) == title] == []


def test_what_to_do_about_a_problem_is_said_in_french():
    said = [*(problem.meaning for problem in PROBLEMS), *(problem.detail for problem in JOB_PROBLEMS)]
    assert [sentence for sentence in said if words("fr").translate(sentence) == sentence] == []


def test_no_line_in_french_begins_with_a_sign():
    spoken = words("fr")
    texts = [*spoken.texts.values(), *(said for _, said in spoken.sentences)]
    assert [text for text in texts if any(f" {sign}" in text for sign in ":;?!»")] == []


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
def test_what_a_dump_lacks_is_said_in_french_to_its_end(form):
    facts = form.facts
    said = words("fr").translate(f"read as {facts.label}; not in it: {facts.lost}")
    assert said.startswith("lu comme ")
    assert facts.lost not in said
    assert words("fr").translate(facts.lost) != facts.lost


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_escaped_already_is_not_escaped_again_and_everything_else_is(language):
    said = words(language)("questions.used_tags", community=Markup("L&#39;exemple"))
    assert "L&#39;exemple" in escape(said)
    assert "&lt;b&gt;" in escape(words(language)("questions.used_tags", community="<b>"))


@pytest.mark.parametrize(
    ("said", "shown"),
    [("choose a topic", "Choose a topic."), ("is it Datum?", "Is it Datum?"), ("Wait…", "Wait…"), ("no.", "No.")],
)
def test_a_sentence_ends_with_one_sign(said, shown):
    assert sentence(said) == shown


@pytest.mark.parametrize(
    ("who", "said"),
    [("Iris", "d'Iris"), ("Élodie", "d'Élodie"), ("œuvre", "d'œuvre"), ("Yuki", "de Yuki"), ("Haruto", "de Haruto")],
)
def test_before_a_name_that_begins_with_a_vowel_french_writes_no_e(who, said):
    assert words("fr")("message.title", who=who) == f"Un message {said}"
    assert words("en")("message.title", who=who) == f"A message by {who}"


def test_a_status_within_a_sentence_has_no_capital_letter():
    assert words("fr").within("status.expertise.unverified") == "non vérifiée"
    assert words("en").within("status.expertise.ok") == "OK"


def test_a_reason_that_comes_in_french_begins_no_line_with_a_sign(app):
    with app.test_request_context("/?lang=fr"):
        assert tied("il y a un jour ; 2 réponses") == "il y a un jour\u00a0; 2 réponses"
