"""Expertise comes from what others did: nothing an account does alone raises it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from properties.acting import own_acts
from properties.asking import ask, number, risen, tried
from properties.worlds import PROFILES, SEEDS, Setting, make_setting, random_pick, settings_drawn


def what_rose(setting: Setting, seed: int, acts: int) -> dict[str, object]:
    """What of the first account's expertise rose when it acted, by topic."""
    me = setting.people[0]
    before = ask(setting, accounts=(me,))
    after = ask(setting, own_acts(random_pick(seed), setting, me, acts), accounts=(me,))
    return {topic: rose for (_, topic), doc in before.items() if (rose := risen(doc, after[me, topic]))}


@tried(25)
@given(settings_drawn(declared=True), SEEDS, st.integers(1, 40))
def test_nothing_an_account_does_alone_raises_its_expertise(setting: Setting, seed: int, acts: int) -> None:
    assert what_rose(setting, seed, acts) == {}


@tried(4)
@given(SEEDS)
def test_three_hundred_own_acts_of_every_type_never_raise_expertise(seed: int) -> None:
    setting = make_setting(random_pick(seed), declared=True)
    assert what_rose(setting, seed + 1, 300) == {}


@tried(5)
@given(SEEDS)
def test_own_acts_raise_expertise_in_no_profile(seed: int) -> None:
    pick = random_pick(seed)
    setting = make_setting(pick, declared=True)
    me = setting.people[0]
    acts = own_acts(pick, setting, me, 48)
    for profile in PROFILES:
        before, after = (ask(setting, more, accounts=(me,), profile=profile) for more in ((), acts))
        assert all(number(after[key]) <= number(before[key]) + 1e-9 for key in before)
