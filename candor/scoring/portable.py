"""Powers and logarithms that come out the same on every processor, so that documents and their digests do.

Only sums, differences, products, quotients and square roots round alike everywhere (IEEE 754); `**` and `log` take the
way that a processor has for them, and differ in the last digit between two machines.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from candor.scoring.arrays import Floats

_DIGITS = Context(prec=40)
_LN2 = Decimal(2).ln(_DIGITS)
_STEPS = 64  # of the table within one halving
_WITHIN = np.array([float(_DIGITS.power(Decimal(2), Decimal(-step) / _STEPS)) for step in range(_STEPS)])
_WHOLE = np.ldexp(1.0, -np.arange(1100))  # to 0, below the least float there is
_MOST = float(_STEPS * (_WHOLE.size - 1))
_EXP = [float(_LN2**power / math.factorial(power)) for power in range(5, -1, -1)]
_ATANH = [float(2 / (_LN2 * odd)) for odd in range(23, 0, -2)]
_HALF_ROOT = 0.5**0.5
_AT_ONCE = 1 << 14  # values, whose steps in between stay in a processor's cache


def halvings(times: Floats) -> Floats:
    """Return one half to the power of `times`, which are not negative, within 3 units in the last place."""
    return _in_pieces(_halvings, times)


def _halvings(times: Floats) -> Floats:
    scaled = np.minimum(times * _STEPS, _MOST)
    nearest = np.rint(scaled)
    step = nearest.astype(np.int64)
    rest = (nearest - scaled) / _STEPS  # half to the `times` is the table's figure times two to the `rest`
    return np.asarray(_polynomial(_EXP, rest) * _WITHIN[step & (_STEPS - 1)] * _WHOLE[step // _STEPS])


def log2_of_one_more(values: Floats) -> Floats:
    """Return the binary logarithm of 1 + `values`, which are not negative, within 3 units in the last place."""
    return _in_pieces(_log2_of_one_more, values)


def _log2_of_one_more(values: Floats) -> Floats:
    part, power = np.frexp(1.0 + values)
    is_low = part < _HALF_ROOT
    part = np.where(is_low, 2 * part, part)
    ratio = (part - 1) / (part + 1)  # log(part) = 2 atanh(ratio)
    return np.asarray(ratio * _polynomial(_ATANH, ratio * ratio) + (power - is_low))


def quarter_power(values: Floats, exponent: float) -> Floats:
    """Return `values`, which are not negative, to the power of `exponent`, a multiple of a quarter from 0 up.

    Raises ValueError for another exponent.
    """
    whole, quarters = divmod(round(4 * exponent), 4)
    if 4 * exponent != 4 * whole + quarters or exponent < 0:
        message = f"{exponent} is no multiple of 0.25 from 0 up"
        raise ValueError(message)
    powered, square = np.ones_like(values), values
    while whole:
        powered = powered * square if whole & 1 else powered
        square, whole = square * square, whole >> 1
    if quarters:
        root = np.sqrt(values)
        powered = powered * root if quarters & 2 else powered
        powered = powered * np.sqrt(root) if quarters & 1 else powered
    return powered


def _polynomial(factors: Iterable[float], at: Floats) -> Floats:
    """Return the polynomial of these factors, that of the highest power first."""
    found = np.zeros_like(at)
    for factor in factors:
        found *= at
        found += factor
    return found


def _in_pieces(function: Callable[[Floats], Floats], values: Floats) -> Floats:
    if values.size <= _AT_ONCE:
        return function(values)
    found = np.empty(values.size)
    for start in range(0, values.size, _AT_ONCE):
        piece = slice(start, start + _AT_ONCE)
        found[piece] = function(values[piece])
    return found
