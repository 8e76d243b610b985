"""Powers and logarithms that come out the same on every processor, so that documents and their digests do.

Only sums, differences, products, quotients and square roots round alike everywhere (IEEE 754); `**` and `log` take the
way that a processor has for them, and differ in the last digit between two machines.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from candor.scoring.arrays import Floats

_DIGITS = Context(prec=40)
_LN2 = Decimal(2).ln(_DIGITS)
_STEP_BITS = 6
_STEPS = 1 << _STEP_BITS  # of the table within one halving
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
    scaled = times * _STEPS
    np.minimum(scaled, _MOST, out=scaled)
    nearest = np.rint(scaled)
    step = nearest.astype(np.int64)
    rest = np.subtract(nearest, scaled, out=nearest)
    rest /= _STEPS  # half to the `times` is the table's figure times two to the `rest`
    found = _polynomial(_EXP, rest)
    found *= _WITHIN.take(step & (_STEPS - 1))
    step >>= _STEP_BITS
    found *= _WHOLE.take(step)
    return found


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
    whole, quarters = _quarters_of(exponent)
    factors, square = [], values
    while whole:
        if whole & 1:
            factors.append(square)
        whole >>= 1
        square = square * square if whole else square
    if quarters:
        root = np.sqrt(values)
        factors += [root] if quarters & 2 else []
        factors += [np.sqrt(root)] if quarters & 1 else []
    powered, *others = factors or [np.ones_like(values)]
    for factor in others:
        powered = powered * factor
    return powered


@cache  # a method has few
def _quarters_of(exponent: float) -> tuple[int, int]:
    whole, quarters = divmod(round(4 * exponent), 4)
    if 4 * exponent != 4 * whole + quarters or exponent < 0:
        message = f"{exponent} is no multiple of 0.25 from 0 up"
        raise ValueError(message)
    return whole, quarters


def _polynomial(factors: Sequence[float], at: Floats) -> Floats:
    """Return the polynomial of two factors or more, that of the highest power first."""
    found = at * factors[0]
    found += factors[1]
    for factor in factors[2:]:
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
