"""Chunks: that neither packing numbers nor cutting changes what is found, and that freed memory serves again."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.scoring import arrays, everybody, interest
from candor.scoring.arrays import index_by, order_by, order_of_hashes
from candor.scoring.board import make_board
from candor.scoring.everybody import Everybody
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.topics import tag_topic
from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.scoring.world import build_world
from lab.speed.community import END, community_table

ROOT = TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=f"u{number}") for number in range(9)))
TOWN = Question(
    network="custom:town", accounts=(), topics=(tag_topic("tag:topic"),), trust_root=ROOT, as_of=END, profile="qa"
)
FAULTS = """
import resource
import numpy as np
from candor.scoring.arrays import kept_memory
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.ones(8_000_000)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
with kept_memory():
    print(faults(), faults())
print(faults())
"""


def test_many_places_are_put_in_the_same_order_by_counting_as_by_sorting():
    person = np.random.default_rng(1).integers(0, 70_000, 20_000)
    order, first = index_by(person, 70_001)
    assert np.array_equal(order, person.argsort(kind="stable"))
    assert np.array_equal(first, np.sort(person).searchsorted(np.arange(70_002)))


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2**20), st.integers(0, 1)), max_size=50), st.integers(4, 63)
)
def test_columns_are_sorted_the_first_deciding_most_and_equals_as_they_stand(rows, bits):
    columns = np.array(rows, np.int32).reshape(-1, 3).T
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrays, "_BITS", bits)
        order = order_by(*columns)
    assert np.array_equal(order, np.lexsort(columns[::-1]))


@given(st.lists(st.one_of(st.integers(0, 9), st.integers(0, 2**64 - 1)), max_size=50))
def test_hashes_are_sorted_whether_their_first_bits_tell_them_apart_or_not(values):
    hashes = np.array(values, np.uint64)
    order = order_of_hashes(hashes)
    assert sorted(order.tolist()) == list(range(hashes.size))
    assert np.array_equal(hashes[order], np.sort(hashes))


def test_a_board_made_in_many_chunks_is_the_one_made_in_one(monkeypatch):
    def rows() -> list[bytes]:
        made = make_board(build_world(community_table(8_000), TOWN, load_method()), 0, exact_rows=20)
        return list(map(msgspec.json.encode, made.rows(0, len(made))))

    in_one = rows()
    for module, name in (
        (arrays, "ACTS_AT_ONCE"),
        (everybody, "ACTS_AT_ONCE"),
        (interest, "ROWS_AT_ONCE"),
    ):
        monkeypatch.setattr(module, name, 100)
    assert len(Everybody(build_world(community_table(8_000), TOWN, load_method())).chunks) > 5
    assert rows() == in_one


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc is told to keep what is freed")
def test_what_an_array_leaves_serves_the_next_until_it_is_given_back():
    ran = subprocess.run([sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True)
    first, second, after = map(int, ran.stdout.split())
    assert second < first / 4
    assert after > first / 4
