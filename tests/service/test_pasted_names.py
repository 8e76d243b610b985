"""Names that somebody pastes: lines, commas, and names that hold a comma themselves."""

from __future__ import annotations

import pytest

from candor.messages.overview import Member, Overview
from candor.scoring.words import fold
from service.problems import ProblemError
from service.web.choices import accounts_named, split_names

NAMES = ("O'Brien, Sean", "Müller, Jürgen", "Łukasz Wójcik", "Ana", "Bo")


def overview() -> Overview:
    """Five people."""
    people = tuple(
        Member(account=f"u{n}", name=name, kind="person", acts=5, recognised_by=1) for n, name in enumerate(NAMES)
    )
    folded = tuple(f" {fold(each.account)}  {fold(each.name or '')} " for each in people)
    return Overview(people=people, folded=folded, maintainers=(), topics=(), active=5, first=None)


@pytest.mark.parametrize(
    ("text", "accounts"),
    [
        ("O'Brien, Sean\nMüller, Jürgen\nLukasz Wojcik", ["u0", "u1", "u2"]),
        ("muller, jurgen; ana, bo", ["u1", "u3", "u4"]),
        ("Ana, Bo", ["u3", "u4"]),
        (" u3 ,, u4;\n", ["u3", "u4"]),
    ],
)
def test_a_name_with_a_comma_is_one_name(text, accounts):
    assert accounts_named(overview(), list(split_names(text, overview())), "/trusted") == accounts


def test_who_is_nobody_here_is_named_whole_and_each_name_meant_is_proposed_once():
    with pytest.raises(ProblemError) as said:
        accounts_named(overview(), list(split_names("Mueller, Jurgen\nMuller, Juergen", overview())), "/trusted")
    (fault,) = said.value.errors
    assert fault.detail == "nobody here is called Mueller, Jurgen; Muller, Juergen: did you mean Müller, Jürgen?"


def test_without_a_community_commas_part_accounts():
    assert list(split_names("@a@b.example, @c@d.example", None)) == ["@a@b.example", "@c@d.example"]
