"""Who would answer: the values of a small town worked out by hand, and nothing of the future."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from candor.questions.formula import load_formula
from tests.questions.town import NOW, TOWN, accepted, answered, index_of, order, ranked, record


def test_whoever_answered_questions_like_it_comes_first():
    index = index_of()
    for text, first in (("my sourdough smells", "baker"), ("bicycle wheel", "cyclist"), ("landlord deposit", "lawyer")):
        assert order(index, ranked(index, text))[0] == first


def test_tags_alone_find_who_answers_under_them():
    index = index_of()
    ranking = ranked(index, None, ("Law",))
    assert ranking.tags == ("law",)
    assert order(index, ranking)[0] == "lawyer"


def test_activity_counts_half_after_each_half_life():
    index = index_of()
    facts = ranked(index, "anything at all").facts
    ages = {"baker": (49, 39), "cyclist": (38, 29, 19), "lawyer": (9,)}
    for name, days in ages.items():
        person = index.columns.person_of[name]
        for column, half_life in ((facts.year, 365), (facts.month, 30), (facts.week, 7)):
            assert column[person] == pytest.approx(sum(0.5 ** (age / half_life) for age in days))


def test_the_sum_is_that_of_the_parts_and_each_part_a_weight_times_a_logarithm():
    index, formula = index_of(), load_formula()
    ranking = ranked(index, "sourdough bread", ("baking",))
    baker, facts = index.columns.person_of["baker"], ranking.facts
    assert ranking.total[baker] == pytest.approx(sum(points[baker] for points in ranking.points.values()))
    year = (facts.year[baker] + 1 / 3) / (facts.year.sum() + 1)
    assert ranking.points["year"][baker] == pytest.approx(formula.weights.year * math.log(year))
    spread = 0.1 * ranking.likeness.itself**3
    share = (facts.similar[baker] + spread * year) / (facts.similar.sum() + spread)
    lift = (share + 0.1 * year) / (1.1 * year)
    assert ranking.points["similar"][baker] == pytest.approx(formula.weights.similar * math.log(lift))
    under = (facts.tags[0][baker] + 3 * year) / ((facts.tags[0].sum() + 3) * year)
    assert ranking.points["tags"][baker] == pytest.approx(formula.weights.tags * math.log(under))


def test_a_question_hardly_like_any_moves_nobody_far():
    """One word in common of many is little to know somebody by, also where no other question has it."""
    index = index_of()
    lawyer = index.columns.person_of["lawyer"]
    much, little = (
        ranked(index, text).points["similar"][lawyer]
        for text in ("landlord deposit", "deposit zeppelin gondola hangar mooring mast crew payroll")
    )
    assert 0 < little < 0.2 * much


def test_an_answer_that_was_taken_up_counts_twice_among_like_questions():
    before = index_of()
    after = index_of([*TOWN, accepted("chain", "cyclist", 18)])
    person = before.columns.person_of["cyclist"]
    chain = 0.5 ** (19 / 365)
    plain = ranked(before, "worn chain").facts.similar[person] / chain
    assert ranked(after, "worn chain").facts.similar[person] / chain == pytest.approx(2 * plain)


def test_a_word_that_more_than_a_fifth_of_the_questions_have_says_nothing():
    index = index_of(
        [*TOWN, *(record("question", f"q{n}", f"x{n}", 5, content="the the weather of") for n in range(11))]
    )
    assert [term.text for term in ranked(index, "the weather of a bicycle").likeness.terms] == ["bicycle"]


def test_nothing_that_happened_at_the_time_asked_or_later_is_read():
    then = NOW - timedelta(days=15)
    whole, past = index_of(), index_of([each for each in TOWN if each.published < then])
    for text, tags in (("sourdough bread", ("baking",)), ("landlord", ("law",))):
        now, as_it_was = ranked(whole, text, tags, then), ranked(past, text, tags, then)
        assert now.likeness.itself == as_it_was.likeness.itself
        for name in ("baker", "cyclist"):
            here, there = whole.columns.person_of[name], past.columns.person_of[name]
            assert now.total[here] == as_it_was.total[there]


def test_an_accept_dated_before_the_answer_counts_from_the_answer_on():
    index = index_of([*TOWN, record("accept", "early", "asker-chain", 25, object="chain-cyclist")])
    place = [index.columns.records[int(row)].id for row in index.answers].index("chain-cyclist")
    assert index.taken_up_at[place] == index.answered_at[place]


def test_an_accept_at_midnight_is_a_rounded_day_and_counts_when_it_is_over():
    midnight = NOW.replace(hour=0) - timedelta(days=5)
    days_ago = (NOW - midnight) / timedelta(days=1)
    index = index_of([*TOWN, record("accept", "rounded", "asker-chain", days_ago, object="chain-cyclist")])
    person = index.columns.person_of["cyclist"]
    assert ranked(index, "chain", at=midnight + timedelta(hours=23)).facts.taken_up[person] == 1
    assert ranked(index, "chain", at=midnight + timedelta(hours=25)).facts.taken_up[person] == 2


def test_who_is_addressed_and_has_not_answered_is_held_back_a_little():
    waiting = [record("mention", f"m{n}", f"fan{n}", 2, target_actor="lawyer", content="please help") for n in range(3)]
    free, busy = index_of(), index_of([*TOWN, *waiting])
    person = busy.columns.person_of["lawyer"]
    assert ranked(free, "deposit").points["load"].max() == 0
    assert ranked(busy, "deposit").facts.open[person] == 3
    assert ranked(busy, "deposit").points["load"][person] == pytest.approx(load_formula().weights.load * math.log(4))
    assert ranked(busy, "deposit", at=NOW + timedelta(days=6)).facts.open[person] == 0


def test_whoever_answers_their_own_question_is_no_answerer():
    index = index_of([*TOWN, record("answer", "own", "asker-rent", 1, object="rent")])
    assert ranked(index, "deposit").facts.answers[index.columns.person_of["asker-rent"]] == 0


def test_in_a_review_history_a_review_answers_a_change():
    change = record("note", "c1", "author", 5, content="net: fix a leak", tags=("net",))
    review = record("review", "r1", "reviewer", 4, object="c1", value=1)
    index = index_of([change, review], "review")
    assert order(index, ranked(index, "net: another leak", ("net",))) == ["reviewer"]


def test_the_formula_says_its_version_and_a_digest_of_every_figure():
    formula = load_formula()
    assert formula.digest.startswith("sha256:")
    with pytest.raises(ValueError, match="no profile 'village'"):
        formula.roles("village")


def test_answers_are_counted_for_people_who_answered_a_question_in_the_set_only():
    index = index_of([*TOWN, answered("nowhere", "stranger", 3)])
    assert "stranger" not in order(index, ranked(index, "deposit"))
