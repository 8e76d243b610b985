"""Standing comes from agreeing people of the root, however many accounts somebody invents."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from candor.scoring.standing import Vouches, flow_standing, saturated
from properties.asking import METHOD, TOLERANCE, tried

PEOPLE = 12
PERSON = st.integers(0, PEOPLE - 1)
GRAPH = st.sets(st.tuples(PERSON, PERSON).filter(lambda pair: pair[0] != pair[1]), min_size=1)
WEIGHTS = st.lists(st.sampled_from((0.0, 0.0, 0.05, 0.5, 1.0)), min_size=PEOPLE, max_size=PEOPLE)


def flowed(pairs: set[tuple[int, int]], root: list[float], people: int = PEOPLE) -> np.ndarray:
    voucher, vouched = np.array(sorted(pairs)).T
    weights = np.concatenate((root, np.zeros(people - len(root))))
    return flow_standing(
        Vouches.of_pairs(voucher, vouched, people), weights, METHOD.standing, np.count_nonzero(root)
    ).standing


@tried(80)
@given(GRAPH, WEIGHTS)
def test_nobody_outside_the_root_stands_higher_than_everybody_vouching_would_make_it(
    pairs: set[tuple[int, int]], root: list[float]
) -> None:
    standing, half_at = flowed(pairs, root), min(METHOD.standing.half_at, (np.count_nonzero(root) + 1) / 2)
    for person in np.flatnonzero(np.array(root) == 0).tolist():
        vouchers = len([w for w, u in pairs if u == person])
        most = saturated(np.array(float(vouchers)), half_at, METHOD.standing.steepness)
        assert standing[person] <= most + TOLERANCE
    assert np.all((standing >= 0) & (standing <= 1))


@tried(40)
@given(GRAPH, WEIGHTS, st.integers(1, 200))
def test_a_ring_that_no_real_account_vouches_for_has_no_standing_however_large(
    pairs: set[tuple[int, int]], root: list[float], size: int
) -> None:
    ring = {(PEOPLE + i, PEOPLE + (i + 1) % size) for i in range(size) if size > 1}
    flattery = {(PEOPLE + i, i % PEOPLE) for i in range(size)}
    standing = flowed(pairs | ring | flattery, root, PEOPLE + size)
    assert standing[PEOPLE:].sum() == 0
