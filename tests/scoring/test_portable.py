"""Powers and logarithms: as near as floats are, and documents that are the same on every processor."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal, localcontext
from pathlib import Path

import numpy as np
import pytest

from candor.scoring.portable import halvings, log2_of_one_more, quarter_power

UNITS = 3
VALUES = np.concatenate(
    [np.linspace(0, 12, 400), np.geomspace(1e-12, 900, 400), np.random.default_rng(1).uniform(0, 8, 400)]
)
OLDER = {  # the ways that numpy and the C library have for newer processors, on x86-64; elsewhere these say nothing
    "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX2_Usable,-FMA_Usable",
}
DOCUMENTS = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from candor.scoring.document import encode
from golden.documents import scored
for profile in ("forum", "qa", "microblog"):
    print([hashlib.sha256(encode(document)).hexdigest() for document in scored(profile)])
"""


def units_off(found: np.ndarray, exact: list[Decimal]) -> float:
    """How far the furthest is off, in units of its last place."""
    spacings = np.spacing(np.array([float(each) for each in exact]))
    off = [abs(Decimal(float(is_)) - wanted) for is_, wanted in zip(found, exact, strict=True)]
    return max(float(each / Decimal(float(spacing))) for each, spacing in zip(off, spacings, strict=True))


def exactly(function, values: np.ndarray) -> list[Decimal]:
    with localcontext(prec=40):
        return [function(Decimal(float(value))) for value in values]


def test_halvings_are_as_near_as_floats_are():
    assert units_off(halvings(VALUES), exactly(lambda value: Decimal(2) ** -value, VALUES)) < UNITS
    assert halvings(np.array([0.0, 1.0, 2.0, 1e9])).tolist() == [1.0, 0.5, 0.25, 0.0]


def test_logarithms_are_as_near_as_floats_are():
    exact = exactly(lambda value: value.ln() / Decimal(2).ln(), 1 + VALUES)
    assert units_off(log2_of_one_more(VALUES), exact) < UNITS
    assert log2_of_one_more(np.array([0.0, 1.0, 3.0, 7.0])).tolist() == [0.0, 1.0, 2.0, 3.0]


@pytest.mark.parametrize("exponent", [0, 0.25, 0.5, 0.75, 1, 1.25, 2, 4])
def test_powers_are_as_near_as_floats_are(exponent):
    some = VALUES[VALUES > 0]
    exact = exactly(lambda value: value ** Decimal(exponent), some)
    assert units_off(quarter_power(some, exponent), exact) < UNITS


@pytest.mark.parametrize("exponent", [0.3, -0.25])
def test_a_power_that_processors_round_each_in_its_own_way_is_refused(exponent):
    with pytest.raises(ValueError, match=r"no multiple of 0\.25"):
        quarter_power(VALUES, exponent)


def test_many_values_are_as_few_ones():
    many = np.resize(VALUES, 100_000)
    assert (halvings(many)[: VALUES.size] == halvings(VALUES)).all()
    assert (log2_of_one_more(many)[-VALUES.size :] == log2_of_one_more(many[-VALUES.size :])).all()


def test_an_older_processor_makes_the_same_documents_to_the_last_byte():
    command = [sys.executable, "-W", "ignore", "-c", DOCUMENTS, str(Path(__file__).parents[1])]
    here, older = (
        subprocess.run(command, env=os.environ | env, check=True, capture_output=True, text=True).stdout
        for env in ({}, OLDER)
    )
    assert here == older
    assert here.count("\n") == 3
