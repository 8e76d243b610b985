"""Long numbers that lost their last digits: ids and account numbers that were fractions of 64 bits, or in Excel.

A fraction of 64 bits tells whole numbers apart up to 2^53 (IEEE 754), Excel those of up to 15 digits. Whatever is
longer stands for others too, so that people of near numbers would be one.
"""

from __future__ import annotations

import re

SAFE_INTEGER = 2**53
_WITH_POWER = re.compile(r"-?\d(?:[.,]\d+[eE]\+?\d\d+|[eE]\+\d\d+)")
"""A number as spreadsheets, pandas, Java and R write a long one."""
_WITH_FRACTION = re.compile(r"(-?\d{1,40})[.,]0+")


def whole_number(text: str) -> str:
    """Return a whole number that had to be a fraction, as a column with gaps has them, as it was; other texts stay.

    The sign before the fraction is a comma in some countries. R and pandas write 1e+05 with all digits, spreadsheets
    1.23E+05 with those that fit the column. One of which digits are lost stays as it is.
    """
    if (found := _WITH_FRACTION.fullmatch(text)) is not None:
        return found[1] if abs(int(found[1])) < SAFE_INTEGER else text
    if "e" in text and _WITH_POWER.fullmatch(text) and (number := float(text.replace(",", "."))).is_integer():
        return str(int(number)) if abs(number) < SAFE_INTEGER else text
    return text


def may_be_cut_off(text: str) -> bool:
    """Say quickly of most texts that they are no such number."""
    return ("." in text or "," in text or "+" in text) and text[-1:].isdecimal()


def is_cut_off(value: object) -> bool:
    """Say whether a number, or a text that says one, is one of which digits are lost."""
    if isinstance(value, float):
        return abs(value) >= SAFE_INTEGER
    if not isinstance(value, str) or not may_be_cut_off(value):
        return False
    is_number = _WITH_POWER.fullmatch(value) or _WITH_FRACTION.fullmatch(value)
    return is_number is not None and whole_number(value) == value


CUT_OFF = "a number that a spreadsheet or a data frame cut off: make its column one of texts"


def cut_off_words(number: object) -> str:
    """Say of such a number what is wrong with it."""
    return f"{str(number)!r} is {CUT_OFF}"
