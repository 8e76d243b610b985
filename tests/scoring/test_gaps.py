"""What was missing is said once each, with how often, whoever says it and however many hosts it concerns."""

from __future__ import annotations

import pytest

from candor.scoring.gaps import grouped, summed
from service.words import words

DOWN = "no connection, or it broke"
MANY = [f"accounts: {name}.example: {DOWN}" for name in "abcde"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["posts: a.example: gone"] * 30, ["posts: a.example: gone (30 times)"]),
        (
            ["posts: a.example: gone (2 times)", "posts: a.example: gone (7 times)"],
            ["posts: a.example: gone (9 times)"],
        ),
        (["posts: a.example: gone", "posts: b.example: gone"], ["posts: a.example: gone", "posts: b.example: gone"]),
        (
            ["reshares: a.example: 3 of 9 are shown (2 times)", "reshares: a.example: 1 of 4 are shown"],
            ["reshares: a.example: 4 of 13 are shown (3 times)"],
        ),
        (
            [f"posts: a.example: circuit open until 2026-01-01 10:0{n}:00Z: answered 503" for n in range(3)],
            ["posts: a.example: circuit open until 2026-01-01 10:02:00Z: answered 503 (3 times)"],
        ),
        ([], []),
    ],
)
def test_a_gap_is_said_once_with_how_often(lines, said):
    assert list(summed(lines)) == said


def test_saying_it_once_more_changes_nothing():
    once = summed([*MANY, *MANY, "reshares: a.example: 3 of 9 are shown"])
    assert summed(once) == once


def test_many_hosts_that_fail_alike_are_one_line():
    said = [*MANY, *MANY[:2], "posts: a.example: gone"]
    assert grouped(said) == (
        f"accounts: a.example, b.example, c.example and 2 more: {DOWN} (7 times)",
        "posts: a.example: gone",
    )


def test_three_hosts_are_named_each():
    assert grouped(MANY[:3]) == tuple(MANY[:3])


def test_what_is_no_gap_of_a_host_stays_as_it_is():
    said = ("acts of @bo@a.example: read back to 2026-10-08, its newest 2 posts (max_posts)", "Only likes are shown")
    assert grouped(said) == said


def test_a_line_of_many_hosts_is_said_in_french():
    assert words("fr").translate(grouped(MANY)[0]) == (
        "comptes : a.example, b.example, c.example et 2 autres : pas de connexion, ou elle s'est rompue (5 fois)"
    ).replace(" :", "\u00a0:")
