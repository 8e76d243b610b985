"""The picture of a path: who passed a message on to whom, what is inferred drawn otherwise, large ones bounded."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from candor.scoring.activity import Activity
from service.drawing import draw_path, outline, path_sentences
from tests.messages.test_path import START, cascade, path_of, record


def followed() -> list[Activity]:
    """u1 follows the author and reshares; u2, who is trusted, got it from u1; nobody knows where u3 has it from."""
    follow = Activity(id="f", type="follow", actor="u1", target_actor="u0", published=START - timedelta(days=1))
    passed = [record(1, object="r0"), record(2, object="r0", via="r1"), record(3, object="r0")]
    return [record(0, "note", content="True."), *passed, follow]


@pytest.fixture
def told():
    return path_of(followed(), trusted=("u2",))


def lines_of(drawn):
    return [element.get("class") for element in drawn.root.iter() if (element.get("class") or "").startswith("passed")]


def test_what_is_inferred_is_dashed_and_the_legend_says_so(told, about, look, read):
    drawn = read(draw_path(*told, about, look))
    *legend, inferred, recorded = lines_of(drawn)
    assert (inferred, recorded) == ("passed inferred way", "passed recorded way")
    assert legend == ["passed recorded", "passed inferred", "passed way"]
    assert "inferred from who follows whom" in "".join(drawn.root.itertext())


def test_legend_explains_only_what_is_there(about, look, read):
    drawn = read(
        draw_path(*path_of([record(0, "note", content="True."), record(1, "quote", object="r0")]), about, look)
    )
    assert lines_of(drawn) == ["passed recorded", "passed recorded"]


def test_first_trusted_person_is_marked_once(told, about, look, read):
    drawn = read(draw_path(*told, about, look))
    assert [element.get("class") for element in drawn.root.iter()].count("first-ring") == 1


def test_text_alternative_says_every_step_and_through_whom_it_came(told, about, look, read):
    text = read(draw_path(*told, about, look)).root.find("{*}desc").text
    assert "On 1 October 2026 u1 passed it on, probably from u0: inferred from who follows whom." in text
    assert "On 1 October 2026 u2 passed it on, from u1. This is one of the trusted people." in text
    assert "The first trusted person whom it reached: u2, through u1." in text
    assert "For 1 record nobody knows through whom it came." in text


def test_the_shape_of_a_path_is_said_in_whole_words_and_of_a_pair_only_its_number(told, about, look, french, read):
    text = read(draw_path(*told, about, look)).root.find("{*}desc").text
    assert "3 records, the longest chain has 2 steps, most at the same distance from the message: 1, two of" in text
    pair = path_of([record(0, "note", content="True."), record(1, "quote", object="r0")])
    said = read(draw_path(*pair, about, french)).root.find("{*}desc").text
    assert "D'après les données : 2 actes." in said


def test_who_is_not_to_be_named_is_not(told, about, look, french):
    path, steps = told
    hidden = tuple(replace(step, author=None, id=None) if step.place == 1 else step for step in steps)
    path = replace(path, taken_up=tuple(replace(taken, by=taken.by[1:]) for taken in path.taken_up))
    assert "u1" not in str(draw_path(path, hidden, about, look))
    assert "Quelqu'un qui ne veut pas être nommé" in str(draw_path(path, hidden, about, french))


@pytest.mark.parametrize("seed", range(3))
def test_of_a_large_cascade_the_rest_is_counted(seed, about, look):
    _, records = cascade(seed, 900)
    path, steps = path_of(records, trusted=("u800",))
    lines = outline(path, steps)
    drawn = [line for line in lines if line.step is not None]
    assert len(drawn) == 40
    assert len(drawn) + sum(line.more for line in lines) == 900
    assert {*path.through, path.first_trusted} <= {line.step.place for line in drawn}
    assert len(draw_path(path, steps, about, look).file) < 40_000


def test_drawn_are_the_largest_branches():
    records = [record(0, "note", content="True."), *(record(n, "quote", object="r0") for n in range(1, 60))]
    path, steps = path_of([*records, record(60, "quote", object="r59"), record(61, "quote", object="r60")])
    drawn = {line.step.place for line in outline(path, steps) if line.step}
    assert {59, 60} <= drawn
    assert 58 not in drawn


def test_every_line_is_drawn_under_where_it_came_from():
    _, records = cascade(1, 60)
    path, steps = path_of(records)
    lines = outline(path, steps, most=60)
    for line in lines[1:]:
        assert lines[line.above].step.place == line.step.came_from
        assert line.depth == lines[line.above].depth + 1


def test_a_chain_of_a_thousand_has_the_way_its_beginning_and_its_end():
    chain = [record(n, "quote", object=f"r{n - 1}") for n in range(1, 1000)]
    path, steps = path_of([record(0, "note", content="True."), *chain], trusted=("u20",))
    lines = outline(path, steps)
    assert len([line for line in lines if line.step]) == 40
    assert (lines[-1].more, lines[-1].depth) == (960, 40)


def test_list_in_words_says_how_many_more_there_are(look):
    records = [record(0, "note", content="True."), *(record(n, "quote", object="r0") for n in range(1, 60))]
    path, steps = path_of(records)
    assert list(path_sentences(outline(path, steps), steps, look.words))[-1] == "and 20 more."
