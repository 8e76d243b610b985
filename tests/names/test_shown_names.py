"""Shown names keep the joiners that Unicode gives a meaning, and never make another account of anybody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.names.account_text import chosen_name
from candor.names.shown_names import shown_name

KEPT = [
    "\U0001f469\U0001f3fd\u200d\U0001f680",  # an astronaut
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 Bo",  # a family
    "\U0001f469\u200d\u2764\ufe0f\u200d\U0001f468",
    "\U0001f3f3\ufe0f\u200d\U0001f308",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian
    "\u0915\u094d\u200d\u0937",  # Hindi
    "\u0915\u094d\u200c\u0937",
]
LOST = [
    ("ana\u200dlou", "analou"),
    ("an\u200ca", "ana"),
    ("\u200dana\u200d", "ana"),
    ("\U0001f469\u200d", "\U0001f469"),
    ("\u200d\U0001f680", "\U0001f680"),
    ("\u0646\u06cc\u200c", "\u0646\u06cc"),
    ("Bo\u202e\u200cx", "Box"),
    ("Jose\u0301\u200d \u200c Ruiz", "Jos\u00e9 Ruiz"),
]
SIGNS = st.sampled_from([*"ab \u200c\u200d\ufe0f\u0301\u094d\u0645\u202e", *"\U0001f469\U0001f3fd\u2764", "\uff21"])


@pytest.mark.parametrize("name", KEPT)
def test_joiners_that_belong_there_are_shown_and_never_compared(name):
    assert shown_name(name) == name
    assert chosen_name("", name) == name.translate({0x200C: None, 0x200D: None, 0xFE0F: None})


@pytest.mark.parametrize(("name", "shown"), LOST)
def test_joiners_that_nobody_sees_are_not_shown(name, shown):
    assert shown_name(name) == shown


@given(st.text(SIGNS, max_size=12))
def test_a_shown_name_is_that_of_the_same_account_and_shown_as_it_is(name):
    shown = shown_name(name)
    assert chosen_name("", shown) == chosen_name("", name)
    assert shown_name(shown) == shown
