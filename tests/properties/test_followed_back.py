"""Seeds: following trust from the root on, for everybody at once, is following it back from each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.scoring.method import load_method
from candor.scoring.seeds import FEW, MANY, SeedAttribution, Seeds
from candor.scoring.standing import Vouches
from properties.asking import tried

RULE = load_method().standing


@dataclass(frozen=True)
class SomeVoices:
    """What voices about subjects are worth: all that attribution asks of them."""

    subject: np.ndarray
    person: np.ndarray
    worth: np.ndarray


def a_graph(seed: int, people: int, vouches: int, roots: int) -> Seeds:
    """Vouches drawn by chance, most of them among the first people, and weights in the root."""
    rng = np.random.default_rng(seed)
    by, of = (people * rng.random((2, vouches)) ** 2).astype(np.int64)
    root = np.zeros(people)
    root[rng.integers(0, people, roots)] = rng.choice([0.3, 1.0], roots)
    return Seeds(Vouches.of_pairs(by[by != of], of[by != of], people), root, RULE)


def some_voices(seed: int, people: int, subjects: int) -> SomeVoices:
    rng = np.random.default_rng(seed)
    pairs = np.unique(rng.integers(0, subjects * people, 3 * subjects))
    return SomeVoices(pairs // people, pairs % people, rng.random(pairs.size) * 3)


def in_full(found: SeedAttribution, subjects: int, people: int) -> np.ndarray:
    """Trust as subjects by people."""
    trust = np.zeros((subjects, people))
    np.add.at(trust, (found.subject, found.person), found.trust)
    return trust


def assert_alike(seeds: Seeds, voices: SomeVoices, subjects: int, within: float) -> None:
    people = seeds.root.size
    shares = np.tile(seeds.vouches.shares(RULE), (subjects, 1))
    rows = (voices.subject, voices.person, voices.worth)
    together, apart = seeds.attribute(*rows, subjects), seeds.attribute_each(*rows, shares)
    trust = [in_full(found, subjects, people) for found in (together, apart)]
    assert trust[0] == pytest.approx(trust[1], rel=within, abs=within)
    assert (np.diff(together.subject) >= 0).all()
    assert (np.diff(apart.subject) >= 0).all()


@tried(200)
@given(seed=st.integers(0, 2**32), people=st.integers(1, 60), vouches=st.integers(0, 600), roots=st.integers(0, 30))
def test_followed_on_from_the_root_is_followed_back(seed: int, people: int, vouches: int, roots: int) -> None:
    assert_alike(a_graph(seed, people, vouches, roots), some_voices(seed, people, subjects=7), 7, within=1e-12)


@pytest.mark.parametrize("roots", [FEW // 2, 2 * FEW])
def test_so_it_is_in_a_large_community_with_a_small_root_and_a_large_one(roots: int) -> None:
    assert_alike(a_graph(1, 2 * MANY, 60 * MANY, roots), some_voices(2, 2 * MANY, subjects=20), 20, within=1e-6)
