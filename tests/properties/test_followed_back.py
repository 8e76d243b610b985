"""Seeds: following trust from the root on, for everybody at once, is following it back from each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.scoring.method import load_method
from candor.scoring.seeds import SeedAttribution, Seeds
from candor.scoring.standing import Vouches
from properties.asking import tried

METHOD = load_method()


@dataclass(frozen=True)
class SomeVoices:
    """Who speaks about which subject, and what that counts: all that attribution asks of voices."""

    subject: np.ndarray
    person: np.ndarray
    voice: np.ndarray


def a_graph(seed: int, people: int, vouches: int, roots: int) -> Seeds:
    """Vouches drawn by chance, most of them among the first people, and weights in the root."""
    rng = np.random.default_rng(seed)
    by, of = (people * rng.random((2, vouches)) ** 2).astype(np.int64)
    root = np.zeros(people)
    root[rng.integers(0, people, roots)] = rng.choice([0.3, 1.0], roots)
    return Seeds(Vouches.of_pairs(by[by != of], of[by != of], people), root, np.count_nonzero(root), METHOD)


def some_voices(seed: int, seeds: Seeds, subjects: int, each: int) -> SomeVoices:
    """Voices of people of any standing; loud enough that what rests on one is limited now and then."""
    rng = np.random.default_rng(seed)
    people = seeds.root.size
    pairs = np.unique(rng.integers(0, subjects * people, each * subjects))
    person = pairs % people
    return SomeVoices(pairs // people, person, 6 * rng.random(pairs.size) * seeds.flow.standing[person])


def in_full(found: SeedAttribution, subjects: int, people: int) -> np.ndarray:
    """Trust as subjects by people."""
    trust = np.zeros((subjects, people))
    np.add.at(trust, (found.subject, found.person), found.trust)
    return trust


def assert_alike(seeds: Seeds, voices: SomeVoices, subjects: int) -> None:
    people = seeds.root.size
    nobody = np.full(subjects, int(np.argmin(seeds.root)))  # a subject outside the root, if there is one
    rows = (nobody, voices.subject, voices.person, voices.voice)
    together, apart = seeds.attribute(*rows), seeds.attribute_each(*rows, [seeds.flow] * subjects)
    trust = [in_full(found, subjects, people) for found in (together, apart)]
    if not seeds.root[nobody[0]]:
        assert trust[0] == pytest.approx(trust[1], rel=1e-9, abs=1e-9)
    whole = np.bincount(voices.subject, voices.voice, subjects)
    assert np.all(trust[0].sum(axis=1) <= whole + 1e-9)
    assert (np.diff(together.subject) >= 0).all()
    assert (np.diff(apart.subject) >= 0).all()


@tried(60)
@given(seed=st.integers(0, 2**32), people=st.integers(1, 60), vouches=st.integers(0, 600), roots=st.integers(0, 30))
def test_followed_on_from_the_root_is_followed_back(seed: int, people: int, vouches: int, roots: int) -> None:
    seeds = a_graph(seed, people, vouches, roots)
    assert_alike(seeds, some_voices(seed, seeds, subjects=7, each=20), 7)


@pytest.mark.parametrize("roots", [100, 500])
def test_so_it_is_in_a_large_community_with_a_small_root_and_a_large_one(roots: int) -> None:
    seeds = a_graph(1, 5_000, 150_000, roots)
    assert_alike(seeds, some_voices(2, seeds, subjects=20, each=200), 20)
