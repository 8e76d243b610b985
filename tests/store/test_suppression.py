"""The suppression list: who is on it, and that the list itself names nobody."""

from __future__ import annotations


def test_who_was_added_is_among_those_kept_out(store):
    store.suppression.add("mastodon", "@ada@a.example")
    assert store.suppression.among("mastodon", ["@ada@a.example", "@bo@a.example"]) == {"@ada@a.example"}


def test_the_same_name_on_another_network_is_somebody_else(store):
    store.suppression.add("mastodon", "ada")
    assert store.suppression.among("x", ["ada"]) == set()


def test_who_was_taken_off_again_is_let_in(store):
    store.suppression.add("x", "ada")
    assert store.suppression.remove("x", "ada")
    assert not store.suppression.remove("x", "ada")
    assert store.suppression.among("x", ["ada"]) == set()


def test_the_list_names_nobody(store):
    store.suppression.add("x", "ada")
    assert not any(b"ada" in member for member in store.redis.smembers("candor:suppressed"))
