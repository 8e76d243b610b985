"""Absences: standings found from the shared flow are those of a flow of its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from properties.asking import METHOD, tried
from scoring.absences import LARGE, Absences
from scoring.standing import Vouches, flow_standing


def a_graph(seed: int, people: int, vouches: int, roots: int) -> tuple[Vouches, np.ndarray]:
    """Vouches drawn by chance, most of them among the first people, and weights in the root."""
    rng = np.random.default_rng(seed)
    by, of = (people * rng.random((2, vouches)) ** 2).astype(np.int64)
    root = np.zeros(people)
    root[rng.integers(0, people, roots)] = rng.choice([0.3, 1.0], roots)
    return Vouches.of_pairs(by[by != of], of[by != of], people), root


def assert_left_out(graph: Vouches, root: np.ndarray, people: np.ndarray) -> None:
    """Found together, standings are what each person's own flow says, once both have settled."""
    rule = replace(METHOD.get().standing, most_rounds=400)
    found = Absences(graph, root, flow_standing(graph, root, rule), rule).without(people)
    for person, standing in zip(people.tolist(), found, strict=True):
        alone = flow_standing(graph, root, rule, without=person)
        assert standing == pytest.approx(alone, rel=1e-6, abs=10 * rule.tolerance)
        assert (standing[alone == 0] == 0).all()


@tried(200)
@given(seed=st.integers(0, 2**32), people=st.integers(1, 60), vouches=st.integers(0, 600), roots=st.integers(0, 30))
def test_leaving_out_many_together_is_leaving_out_each(seed: int, people: int, vouches: int, roots: int) -> None:
    graph, root = a_graph(seed, people, vouches, roots)
    assert_left_out(graph, root, np.arange(people))


@pytest.mark.parametrize("roots", [100, LARGE])
def test_single_precision_is_enough_for_many(roots: int) -> None:
    graph, root = a_graph(1, LARGE, 30 * LARGE, roots)
    assert_left_out(graph, root, np.arange(0, 800, 100))
