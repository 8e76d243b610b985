"""The standing of any set of accounts outside the root is bounded by what real accounts vouch for them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from candor.scoring.standing import Vouches, flow_standing
from properties.asking import METHOD, TOLERANCE, tried

PEOPLE = 12
PERSON = st.integers(0, PEOPLE - 1)
GRAPH = st.sets(st.tuples(PERSON, PERSON).filter(lambda pair: pair[0] != pair[1]), min_size=1)
WEIGHTS = st.lists(st.sampled_from((0.0, 0.0, 0.05, 0.5, 1.0)), min_size=PEOPLE, max_size=PEOPLE)


def flowed(pairs: set[tuple[int, int]], root: list[float], people: int = PEOPLE) -> tuple[np.ndarray, np.ndarray]:
    """Standing, and how many each person vouches for."""
    voucher, vouched = np.array(sorted(pairs)).T
    vouches = Vouches.of_pairs(voucher, vouched, people)
    weights = np.concatenate((root, np.zeros(people - len(root))))
    return flow_standing(vouches, weights, METHOD.standing), vouches.outdegree


@tried(200)
@given(GRAPH, WEIGHTS, st.sets(PERSON, min_size=1))
def test_the_standing_of_any_set_outside_the_root_is_at_most_the_leak_into_it(
    pairs: set[tuple[int, int]], root: list[float], chosen: set[int]
) -> None:
    outside_root = {person for person in chosen if not root[person]}
    standing, outdegree = flowed(pairs, root)
    rule = METHOD.standing
    inside = {(w, u) for w, u in pairs if w not in outside_root and u in outside_root}
    leak = sum(rule.passed_on * standing[w] / max(outdegree[w], rule.least_outdegree) for w, _ in inside)
    handed_round = sum(rule.passed_on**step for step in range(rule.most_rounds))
    assert sum(standing[person] for person in outside_root) <= leak * handed_round + TOLERANCE


@tried(100)
@given(GRAPH, WEIGHTS, st.integers(1, 200))
def test_a_ring_that_no_real_account_vouches_for_has_no_standing_however_large(
    pairs: set[tuple[int, int]], root: list[float], size: int
) -> None:
    ring = {(PEOPLE + i, PEOPLE + (i + 1) % size) for i in range(size) if size > 1}
    flattery = {(PEOPLE + i, i % PEOPLE) for i in range(size)}
    standing, _ = flowed(pairs | ring | flattery, root, PEOPLE + size)
    assert standing[PEOPLE:].sum() == 0


@tried(100)
@given(GRAPH, WEIGHTS)
def test_standing_stays_within_0_and_1(pairs: set[tuple[int, int]], root: list[float]) -> None:
    standing, _ = flowed(pairs, root)
    assert np.all((standing >= 0) & (standing <= 1))
