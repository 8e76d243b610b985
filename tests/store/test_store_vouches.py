"""Vouches kept from jobs: owner by owner, for a while, and nothing of who is to be forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from candor.scoring.redaction import DataSubject
from candor.scoring.vouches import Vouch
from candor.store import open_store, utc_now
from candor.store.models import Retention
from candor.store.vouches import KeptVouches

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
MAY = datetime(2026, 5, 1, tzinfo=UTC)


def test_pairs_come_back_in_order_each_once(store):
    store.vouches.keep("ana", "x", [Vouch("b", "c", MAY), Vouch("a", "b", MAY), Vouch("b", "c", START)])
    assert store.vouches.between("ana", "x", START, END) == [("a", "b"), ("b", "c")]


@pytest.mark.parametrize(("owner", "network"), [("bob", "x"), ("ana", "mastodon")])
def test_neither_other_owners_nor_other_networks_see_them(store, owner, network):
    store.vouches.keep("ana", "x", [Vouch("a", "b", MAY)])
    assert store.vouches.between(owner, network, START, END) == []


@pytest.mark.parametrize(("at", "found"), [(START, 1), (END, 0), (START - timedelta(seconds=1), 0)])
def test_only_acts_of_the_window_count(store, at, found):
    store.vouches.keep("ana", "x", [Vouch("a", "b", at)])
    assert len(store.vouches.between("ana", "x", START, END)) == found


def test_the_newest_act_of_a_pair_counts(store):
    store.vouches.keep("ana", "x", [Vouch("a", "b", MAY)])
    store.vouches.keep("ana", "x", [Vouch("a", "b", START - timedelta(days=1))])
    assert store.vouches.between("ana", "x", START, END) == [("a", "b")]


def test_what_was_not_seen_for_too_long_is_gone(store, redis_url, data_dir):
    store.vouches.keep("ana", "x", [Vouch("a", "b", MAY), Vouch("b", "c", MAY)])
    later = open_store(redis_url, data_dir, clock=lambda: utc_now() + timedelta(days=100))
    later.vouches.keep("ana", "x", [Vouch("b", "c", MAY)])
    last = open_store(redis_url, data_dir, clock=lambda: utc_now() + timedelta(days=200))
    assert last.vouches.between("ana", "x", START, END) == [("b", "c")]
    later.close()
    last.close()


def test_beyond_the_limit_those_seen_longest_ago_go(store):
    clock = iter(range(1, 10))
    few = KeptVouches(store.redis, Retention(), lambda: MAY + timedelta(seconds=next(clock)), most_pairs=2)
    for pair in ("ab", "cd", "ef"):
        few.keep("ana", "x", [Vouch(pair[0], pair[1], MAY)])
    assert few.between("ana", "x", START, END) == [("c", "d"), ("e", "f")]


def test_nothing_is_left_of_who_is_forgotten(store):
    store.vouches.keep("ana", "x", [Vouch("a", "b", MAY), Vouch("b", "c", MAY), Vouch("c", "d", MAY)])
    store.vouches.erase(DataSubject(network="x", names=("b",)), "ana")
    assert store.vouches.between("ana", "x", START, END) == [("c", "d")]
