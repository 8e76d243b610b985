"""On whom voices rest: many subjects at once give what one after the other gives."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from candor.scoring import standing
from candor.scoring.method import load_method
from candor.scoring.seeds import Seeds
from candor.scoring.standing import Flow, Vouches, difference_without, flow_standing
from tests.effort import thinned

METHOD = load_method()
PEOPLE = 400


def seeds_of(size: int, through_one: float, each: int = 6) -> Seeds:
    """A crowd in which everybody vouches for some others, and the first people are trusted."""
    rng = np.random.default_rng(size)
    pairs = rng.integers(0, PEOPLE, (2, each * PEOPLE))
    root = np.zeros(PEOPLE)
    root[:size] = rng.uniform(0.2, 1.0, size)
    backing = msgspec.structs.replace(METHOD.backing, through_one=through_one)
    method = msgspec.structs.replace(METHOD, backing=backing)
    return Seeds(Vouches.of_pairs(*pairs, PEOPLE), root, size, method)


def flow_beside(seeds: Seeds, person: int, asked: np.ndarray | None = None) -> Flow:
    """How trust flows without one person, found from the flow of all."""
    known = seeds.flow, seeds.vouches, seeds.root, METHOD.standing
    more = {"size": seeds.size, "of_root": seeds.of_root, "asked": asked}
    return difference_without(person, *known, **more).beside(seeds.flow)


def attributed(seeds: Seeds, *, together: bool) -> np.ndarray:
    """What of the voices about some subjects outside the root rests on each person of the root."""
    rng = np.random.default_rng(1)
    subjects = np.arange(PEOPLE - 50, PEOPLE)
    subject, person = np.nonzero(rng.random((subjects.size, PEOPLE)) < 0.1)
    rows = subjects, subject, person, rng.uniform(0.0, 6.0, subject.size) * (seeds.flow.standing[person] > 0)
    one_by_one = seeds.attribute_each(*rows, [seeds.flow] * subjects.size)
    found = seeds.attribute(*rows) if together else one_by_one
    table = np.zeros((subjects.size, PEOPLE))
    np.add.at(table, (found.subject, found.person), found.trust)
    return table


@pytest.mark.parametrize("size", [3, 40, 200])
def test_many_subjects_at_once_rest_on_whom_each_alone_rests(size: int) -> None:
    seeds = seeds_of(size, METHOD.backing.through_one)
    assert attributed(seeds, together=True) == pytest.approx(attributed(seeds, together=False), abs=1e-9)


def test_the_limit_of_what_goes_through_one_person_bites_for_many_at_once() -> None:
    limited, free = (attributed(seeds_of(40, most), together=True) for most in (0.05, np.inf))
    assert limited.sum() < 0.9 * free.sum()
    assert limited == pytest.approx(attributed(seeds_of(40, 0.05), together=False), abs=1e-9)


@pytest.mark.parametrize("size", [3, 40, 200])
def test_a_flow_without_one_person_is_to_the_last_digit_the_same_beside_that_of_all_and_alone(size: int) -> None:
    seeds, rule = seeds_of(size, METHOD.backing.through_one), METHOD.standing
    for person in thinned(range(size, PEOPLE), 40):
        alone = flow_standing(seeds.vouches, seeds.root, rule, size, person, of_root=seeds.of_root)
        beside = flow_beside(seeds, person)
        for name in ("standing", "by_root", "lent", "vouched"):
            assert np.array_equal(getattr(beside, name), getattr(alone, name))


@pytest.mark.parametrize("size", [3, 40, 200])
def test_a_flow_without_one_of_the_root_is_the_same_beside_that_of_all_and_alone(size: int) -> None:
    seeds, rule = seeds_of(size, METHOD.backing.through_one), METHOD.standing
    for person in thinned(range(size), 40):
        alone = flow_standing(seeds.vouches, seeds.root, rule, size, person, of_root=seeds.of_root)
        beside = flow_beside(seeds, person)
        for name in ("standing", "by_root", "lent", "vouched"):
            assert getattr(beside, name) == pytest.approx(getattr(alone, name), rel=1e-12, abs=0.0)


def test_of_a_sum_that_rested_on_one_of_the_root_nothing_is_left() -> None:
    pairs = np.array([[0, 1], [0, 2], [1, 3], [2, 3]]).T
    seeds = Seeds(Vouches.of_pairs(*pairs, 4), np.array([0.7, 0.0, 0.0, 0.0]), 1, METHOD)
    rest = flow_beside(seeds, 0)
    assert seeds.flow.vouched[3] > 0.0
    assert rest.vouched[3] == 0.0


@pytest.mark.parametrize("size", [3, 40, 200])
def test_of_those_asked_about_a_flow_without_one_person_is_to_the_last_digit_the_same(size: int) -> None:
    seeds, rng = seeds_of(size, METHOD.backing.through_one), np.random.default_rng(0)
    for person in thinned(range(PEOPLE), 40):
        asked = np.flatnonzero(rng.random(PEOPLE) < 0.1)
        alone = flow_standing(seeds.vouches, seeds.root, METHOD.standing, size, person, of_root=seeds.of_root)
        beside = flow_beside(seeds, person, asked)
        for name in ("by_root", "lent"):
            assert np.array_equal(getattr(beside, name), getattr(alone, name))
        assert np.array_equal(beside.standing[asked], alone.standing[asked])
        outside = asked[seeds.root[asked] == 0]  # the standing of the root's people is what the root says
        assert np.array_equal(beside.vouched[outside], alone.vouched[outside])


@pytest.mark.parametrize("through_one", [0.05, np.inf])
def test_several_sets_of_voices_about_one_rest_to_the_last_digit_on_whom_each_alone_rests(through_one: float) -> None:
    seeds, subject, rng = seeds_of(40, through_one), PEOPLE - 1, np.random.default_rng(2)
    sets = []
    for size in (60, 7, 1):
        person = np.sort(rng.choice(PEOPLE - 1, size, replace=False))
        sets.append((person, rng.uniform(0.0, 6.0, size)))
    sets.append((sets[0][0], np.where(np.arange(60) < 30, 0.0, sets[0][1])))  # the same, some of them silent
    for (person, voice), found in zip(sets, seeds.attribute_together(subject, sets, seeds.flow), strict=True):
        rows = np.array([subject]), np.zeros(person.size, np.int64), person, voice
        alone = seeds.attribute_each(*rows, [seeds.flow])
        assert found.person.size
        for name in ("subject", "person", "trust", "seeds"):
            assert np.array_equal(getattr(found, name), getattr(alone, name))


@pytest.mark.parametrize("through_one", [0.05, 2.0])
def test_what_the_seeds_allow_of_many_is_to_the_last_digit_what_is_added_up_of_each(through_one: float) -> None:
    seeds, subjects, rng = seeds_of(40, through_one, 40), np.arange(PEOPLE), np.random.default_rng(2)
    subject, person = np.nonzero(rng.random((PEOPLE, PEOPLE)) < 0.1)
    rows = subjects, subject, person, rng.uniform(0.0, 6.0, subject.size)
    assert isinstance(seeds.ways.whole, np.ndarray)
    found, expected = seeds.allow(*rows), seeds.attribute(*rows).sums
    assert found[0].any()
    assert all(map(np.array_equal, found, expected))


@pytest.mark.parametrize("rows", [1, 3])
def test_few_and_many_vouches_carry_weights_to_the_last_digit_alike(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    seeds, rng = seeds_of(3, METHOD.backing.through_one), np.random.default_rng(rows)
    row, person = np.nonzero(rng.random((rows, PEOPLE)) < 0.5)
    weights = rng.random(row.size)
    few = seeds.vouches.carry(row, person, weights, rows)
    monkeypatch.setattr(standing, "MANY", 0)
    assert np.array_equal(seeds.vouches.carry(row, person, weights, rows), few)
    assert np.count_nonzero(few) > PEOPLE * rows / 2


@pytest.mark.parametrize("rows", [1, 3])
def test_few_and_many_vouches_of_the_root_carry_back_to_the_last_digit_alike(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_root = seeds_of(40, METHOD.backing.through_one).of_root
    passed = np.random.default_rng(rows).random((rows, PEOPLE))
    few = of_root.carry_back(passed)
    monkeypatch.setattr(standing, "MANY", 0)
    assert np.array_equal(of_root.carry_back(passed), few)
    assert few.shape == (rows, 40)
    assert few.all()
