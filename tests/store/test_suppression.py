"""The suppression list: who is on it, and that the list itself names nobody."""

from __future__ import annotations

import hashlib


def test_who_was_added_is_among_those_suppressed(store):
    store.suppression.add("mastodon", ["@ada@a.example"])
    assert store.suppression.among("mastodon", ["@ada@a.example", "@bo@a.example"]) == {"@ada@a.example"}


def test_the_same_name_on_another_network_is_somebody_else(store):
    store.suppression.add("mastodon", ["ada"])
    assert store.suppression.among("x", ["ada"]) == set()


def test_who_was_taken_off_again_is_let_in(store):
    store.suppression.add("x", ["ada"])
    assert store.suppression.remove("x", "ada")
    assert not store.suppression.remove("x", "ada")
    assert store.suppression.among("x", ["ada"]) == set()


def test_the_list_names_nobody(store):
    store.suppression.add("x", ["grace"])
    (kept,) = store.redis.smembers("candor:suppressed")
    assert b"grace" not in kept


def test_the_list_can_not_be_read_without_the_secret_of_the_service(store):
    store.suppression.add("x", ["ada"])
    (kept,) = store.redis.smembers("candor:suppressed")
    assert kept.decode() != hashlib.sha256(b'["x","ada"]').hexdigest()
    assert kept.decode() == store.secret.digest("suppression", b'["x","ada"]')


def test_of_many_names_those_suppressed_are_found(store):
    store.suppression.add("x", ["u7", "u19999"])
    assert store.suppression.among("x", (f"u{number}" for number in range(25_000))) == {"u7", "u19999"}


def test_the_version_grows_when_somebody_is_added(store):
    before = store.suppression.version()
    store.suppression.add("x", ["ada"])
    assert store.suppression.version() > before
