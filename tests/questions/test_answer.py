"""The answer: who is named and who never, why, and that anybody can add it up again."""

from __future__ import annotations

import copy
import json

import msgspec
import pytest

from candor.questions.answering import QuestionRequest, answer
from candor.questions.formula import load_formula
from candor.questions.openings import community_openings, person_openings
from candor.questions.verify import findings
from candor.scoring.account_kinds import SaidKind
from candor.scoring.activity import Activity
from tests.questions.town import NOW, TEXTS, TOWN, asked, index_of, record


def answer_to(text, tags=(), records=TOWN, said=(), limit=5):
    question = QuestionRequest(text=text, tags=tuple(tags), network="custom:town", profile="qa", as_of=NOW, limit=limit)
    return answer(index_of(records), load_formula(), question, {each.account: each for each in said})


def names(found):
    return [person.account for person in found.people]


def account(name, **more):
    return Activity(type="account", actor=name, published=NOW, **more)


def test_the_answer_shows_which_questions_it_is_like_by_which_words_and_who_took_the_answer_up():
    found = answer_to("my sourdough starter: odd smell", ["baking"])
    assert (found.status, found.alike[0].id) == ("few_like_it", "sourdough")
    assert {term.text for term in found.alike[0].shared} == {"my", "sourdough", "starter", "smell", "#baking"}
    best = found.people[0].answered[0]
    assert (best.question, best.taken_up, best.taken_up_by) == ("sourdough", True, "asker-sourdough")
    assert "sourdough" in best.words


def test_reasons_are_said_in_english_and_in_french():
    person = answer_to("sourdough starter", ["baking"]).people[0]
    assert person.reasons["en"][0].startswith("questions most like this one that this person answered: 2 (in common: ")
    assert "last answered on 23 September 2026; no answers in the 30 days up to 1 November 2026" in person.reasons["en"]
    assert person.reasons["fr"][0].startswith("questions les plus semblables auxquelles cette personne a répondu : 2")
    assert len(person.reasons["fr"]) == len(person.reasons["en"])


def test_a_text_that_was_not_public_to_all_is_not_shown():
    records = [
        msgspec.structs.replace(each, visibility="unlisted") if each.id == "sourdough" else each for each in TOWN
    ]
    found = answer_to("my sourdough starter: odd smell", ["baking"], records)
    shown = {each.id: each.text for each in found.alike}
    assert shown == {"sourdough": None, "bread": TEXTS["bread"], "rent": TEXTS["rent"]}
    assert found.people[0].answered[0].question_text is None


def test_a_reason_names_the_rarest_words_in_common_first():
    person = answer_to("my sourdough starter: odd smell", ["baking"]).people[0]
    assert "(in common: smell, #baking, sourdough, starter)" in person.reasons["en"][0]


def test_a_word_that_most_questions_of_a_community_have_is_no_reason_beside_others():
    """In a community all about bread the word bread tells nobody why somebody was named."""
    told = ("sour", "dense", "crumbly", "burnt", "pale", "salty")
    records = [
        each
        for day, word in enumerate(told)
        for each in (
            record("question", word, "asker", 50 - day, content=f"Why is my bread {word} at the bottom"),
            record("answer", f"{word}-1", "baker", 49.5 - day, object=word),
        )
    ]
    (person, *_) = answer_to("bread burnt at the bottom", records=records).people
    assert "(in common: burnt)" in person.reasons["en"][0]


@pytest.mark.parametrize(
    ("text", "tags", "status"),
    [
        ("xylophone", ("law",), "tags_only"),
        ("xylophone", ("music",), "nothing_like_it"),
        ("deposit", (), "few_like_it"),
    ],
)
def test_a_status_says_where_nothing_is_known(text, tags, status):
    found = answer_to(text, tags)
    assert found.status == status
    assert found.people


BREADS = tuple(record("question", f"bread{n}", f"x{n}", 5, content="bread flour", tags=("baking",)) for n in range(3))


def test_enough_questions_like_it_are_told_from_few_and_words_that_nobody_used_before_from_known_ones():
    whole = [*TOWN, *BREADS]
    assert answer_to("bread", records=TOWN).status == "few_like_it"
    assert answer_to("bread", records=whole).status == "ok"
    unknown = answer_to("bread flour zeppelins", records=whole)
    assert (unknown.status, unknown.totals.like) == ("few_like_it", 4)
    assert unknown.totals.known < load_formula().status.known


def test_a_question_is_found_again_where_each_of_its_words_stands_in_most_questions():
    words = ("bus", "satellite", "student", "antenna")
    said = [f"Which {words[n % 4]} for a {words[n // 4 % 3]} {words[n // 12 % 3 + 1]}?" for n in range(72)]
    asks = [record("question", f"q{n}", f"x{n}", 200 - n, content=text) for n, text in enumerate(said)]
    answers = [record("answer", f"a{n}", "z", 100 - n, object=f"q{n}") for n in range(72)]
    found = answer_to(said[16], records=[*asks, *answers])
    assert found.status == "ok"
    assert sorted(found.alike[0].text.strip("?").split()) == sorted(said[16].strip("?").split())
    assert [person.account for person in found.people] == ["z"]
    assert findings(json.loads(msgspec.json.encode(found))) == []


def test_one_word_in_common_of_several_makes_no_question_like_another():
    assert answer_to("landlord piano").totals.like == 0
    assert answer_to("landlord deposit piano").totals.like == 1
    assert answer_to("landlord").totals.like == 1


def test_few_questions_like_it_and_the_nearest_topics_are_said_in_words():
    found = answer_to("bread flour zeppelins", records=[*TOWN, *BREADS])
    assert [(each.tag, each.asks) for each in found.nearest] == [("baking", 5)]
    assert found.status_words["en"].startswith(
        "Few questions here share enough words with this one (nearest topics: #baking). The list goes by who answered "
    )
    assert found.status_words["fr"].startswith(
        "Peu de questions ici ont assez de mots en commun avec celle-ci (sujets les plus proches : "
    )


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        (
            "Which zeppelins for the landlord's deposit?",
            "few_like_it",
            ("Asked here before: landlord, deposit.", "Déjà demandé ici : "),
        ),
        (
            "Does acetone clean a worn deposit, or do zeppelins?",
            "nothing_like_it",
            (
                "Asked here before, but too few of them together: acetone, worn, deposit. Not asked here before: clean",
                "Déjà demandés ici, mais trop peu ensemble : acetone, worn, deposit. Jamais demandé ici : clean, ",
            ),
        ),
        (
            "zeppelins",
            "nothing_like_it",
            ("all. Not asked here before: zeppelins.", "davantage. Jamais demandé ici : zeppelins."),
        ),
    ],
)
def test_where_too_little_is_found_the_answer_says_by_which_words_and_what_finds_more(text, status, said):
    found = answer_to(text)
    assert found.status == status
    assert said[0] in found.status_words["en"]
    assert said[1] in found.status_words["fr"]


def test_of_nobody_it_is_said_that_they_answer_now_where_they_have_not_for_long():
    """Whoever answered months ago alone may stand on the list too."""
    for found in (answer_to("zeppelins"), answer_to("my sourdough starter: odd smell", ["baking"])):
        assert any(person.facts.recent == 0 for person in found.people)
        assert "these people" not in found.status_words["en"]
        assert "ces personnes" not in found.status_words["fr"]


def test_function_words_weigh_but_are_no_reason_and_make_no_question_like_another():
    records = [
        *TOWN,
        record("question", "with", "x", 60, content="how with"),
        record("answer", "a", "y", 59, object="with"),
    ]
    found = answer_to("how with zeppelins", records=records)
    assert {term.text: term.telling for term in found.terms} == {"how": False, "with": False, "zeppelins": True}
    assert (found.status, found.totals.like, found.totals.known) == ("nothing_like_it", 0, 0.0)
    assert found.alike[0].likeness > 0
    assert not any("in common" in reason for person in found.people for reason in person.reasons["en"])
    assert {word for person in found.people for each in person.answered for word in each.words} == set()
    assert findings(json.loads(msgspec.json.encode(found))) == []


@pytest.mark.parametrize(
    "asked_so",
    [
        "sourdough starter",
        "Who knows something about a sourdough starter?",
        "Wie weet er iets over sourdough starter?",
        "Wer weiß etwas über sourdough starter?",
        "Est-ce que quelqu'un sait quelque chose sur sourdough starter ?",
        "¿Quién sabe algo sobre sourdough starter?",
    ],
)
def test_how_a_question_is_put_does_not_hide_that_it_was_asked_before(asked_so):
    found = answer_to(asked_so)
    assert found.status == "few_like_it"
    assert {each.id for each in found.alike if each.id in {"sourdough", "bread"}} == {"sourdough", "bread"}


def test_where_nobody_answered_nobody_is_named():
    found = answer_to("deposit", records=[asked("rent", 3)])
    assert (found.status, found.people) == ("nobody", ())


def test_whoever_opted_out_is_never_named_not_even_as_one_who_took_an_answer_up_or_asked():
    declined = [account(name, consent=False) for name in ("lawyer", "asker-sourdough")]
    found = answer_to("landlord deposit sourdough", records=[*TOWN, *declined])
    written = msgspec.json.encode(found).decode()
    assert "lawyer" not in names(found)
    assert '"asker-sourdough"' not in written
    assert "smell of acetone" not in written


def test_organisations_and_bots_are_left_out_and_counted_whoever_says_so():
    said = [SaidKind(account="baker", kind="organisation", reason="the operator says so")]
    found = answer_to("sourdough", records=[*TOWN, account("lawyer", kind="bot")], said=said)
    assert names(found) == ["cyclist"]
    assert found.left_out == {"organisation": 1, "bot": 1}


def document():
    return json.loads(msgspec.json.encode(answer_to("sourdough bread on a bicycle", ["baking", "cycling"])))


def test_every_number_can_be_recomputed_from_the_answer_alone():
    assert findings(document()) == []


@pytest.mark.parametrize(
    "path",
    [
        ("people", 0, "sum"),
        ("people", 1, "parts", "week"),
        ("people", 0, "facts", "year"),
        ("people", 0, "facts", "similar_rest"),
        ("totals", "known"),
        ("people", 0, "answered", 0, "weight"),
        ("alike", 0, "likeness"),
        ("alike", 0, "shared", 0, "points"),
        ("terms", 0, "idf"),
        ("totals", "itself"),
        ("totals", "similar"),
        ("formula", "weights", "year"),
    ],
)
def test_a_number_that_was_changed_is_found(path):
    changed = copy.deepcopy(document())
    at = changed
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] += 0.01
    assert findings(changed)


def test_people_in_another_order_are_found():
    changed = document()
    changed["people"].reverse()
    assert any("rank" in each for each in findings(changed))


def test_operators_see_what_waits_with_whom_to_invite_but_not_whoever_asked():
    waiting = record("question", "new", "cyclist", 2, content="my bicycle wheel wobbles", tags=("cycling",))
    found = community_openings(index_of([*TOWN, waiting]), load_formula(), {}, NOW)
    assert [(each.id, each.tags) for each in found.waiting] == [("new", ("cycling",))]
    assert "cyclist" not in [each.account for each in found.waiting[0].invite]
    assert found.waiting_total == 1


def test_an_opening_post_waits_only_where_it_shares_telling_words_with_one_that_was_answered():
    def posted(name, text, days_ago, tags=()):
        return record("note", name, "poster", days_ago, content=text, tags=tags)

    records = [
        posted("answered", "Which bicycle chain lasts longest?", 30),
        record("reply", "r1", "cyclist", 29, object="answered"),
        posted("ignored", "Hug a lonely satellite?", 20),
        posted("bait", "1 like = 1 hug for a lonely satellite, which of you will?", 5),
        posted("asks", "My bicycle needs a new chain, any advice?", 4),
        posted("one word", "Is a bicycle lonely?", 3),
        posted("no mark", "My bicycle has a chain", 2),
        record("question", "typed", "poster", 1, content="May I hug a satellite"),
    ]
    found = community_openings(index_of(records, "microblog"), load_formula(), {}, NOW)
    assert [each.id for each in found.waiting] == ["typed", "asks"]


def test_operators_see_people_whose_help_is_taken_up_and_whom_hardly_anyone_addresses():
    def helped(n, by):
        asker = f"asker-{by}{n}"
        return (
            record("question", f"{by}{n}", asker, 20, content="how"),
            record("answer", f"{by}{n}-a", by, 19, object=f"{by}{n}"),
            record("accept", f"{by}{n}-c", asker, 18, object=f"{by}{n}-a"),
        )

    known = record("mention", "m1", "fan", 5, target_actor="famous", content="you")
    records = [each for by in ("famous", "quiet") for n in range(4) for each in helped(n, by)]
    found = community_openings(index_of([*records, known]), load_formula(), {}, NOW)
    assert [(each.account, each.taken_up, each.addressed) for each in found.overlooked] == [("quiet", 4, 0)]


def test_a_person_sees_tags_and_waiting_questions_that_it_could_be_asked():
    waiting = record("question", "new", "somebody", 2, content="my bicycle wheel wobbles", tags=("cycling",))
    found = person_openings(index_of([*TOWN, waiting]), load_formula(), {}, "cyclist", NOW)
    assert [(each.tag, each.answers, each.taken_up) for each in found.tags] == [("cycling", 2, 1), ("baking", 1, 0)]
    assert [each.id for each in found.waiting] == ["new"]


def test_tags_are_shown_as_most_of_the_answered_questions_write_them():
    written = ("space-telescope", "space-telescope", "Space Telescope")
    records = [
        each
        for n, tag in enumerate(written)
        for each in (
            record("question", f"q{n}", "asker", 9 - n, content="how", tags=(tag,)),
            record("answer", f"a{n}", "helper", 8 - n, object=f"q{n}"),
        )
    ]
    found = person_openings(index_of(records), load_formula(), {}, "helper", NOW)
    assert [(each.tag, each.answers) for each in found.tags] == [("space-telescope", 3)]


def test_reasons_name_a_tag_as_it_is_asked():
    records = [
        *TOWN,
        record("question", "q", "asker", 3, content="which mirror", tags=("space-telescope",)),
        record("answer", "a", "helper", 2, object="q"),
    ]
    found = answer_to("which mirror", ["space-telescope", "Space Telescope"], records)
    assert found.tags == ("space-telescope",)
    assert "#space-telescope" in found.people[0].answered[0].words
    assert any(reason.endswith("under #space-telescope") for reason in found.people[0].reasons["en"])
    assert "spacetelescope" not in str(found.people[0].reasons)


def test_nobody_learns_what_an_account_could_be_asked_that_opted_out_or_is_not_there():
    index = index_of([*TOWN, account("lawyer", consent=False)])
    for name in ("lawyer", "stranger"):
        found = person_openings(index, load_formula(), {}, name, NOW)
        assert (found.answers, found.tags, found.waiting) == (0, (), ())
