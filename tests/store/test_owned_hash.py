"""Own topics and trust roots: kept by owner and id until deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from candor.scoring.topics import Topic
from candor.scoring.trust_root import RootAccount, TrustRoot

if TYPE_CHECKING:
    from candor.store import Store

HOPS = Topic(id="hops", label="Hops", terms=("hop", "hops"), hashtags=("hops",), labels={"fr": "Houblon"})
ROOT = TrustRoot(kind="accounts", id="brewers", accounts=(RootAccount(account="p1", weight=0.5, topics=("hops",)),))


def test_a_topic_comes_back_as_it_was(store: Store) -> None:
    store.topics.put("ana", HOPS.id, HOPS)
    assert store.topics.get("ana", "hops") == HOPS


def test_a_trust_root_comes_back_as_it_was(store: Store) -> None:
    store.trust_roots.put("ana", "brewers", ROOT)
    assert store.trust_roots.get("ana", "brewers") == ROOT


def test_putting_tells_a_new_id_from_a_change(store: Store) -> None:
    assert store.topics.put("ana", HOPS.id, HOPS)
    assert not store.topics.put("ana", HOPS.id, HOPS)


def test_many_are_kept_in_one_step_and_those_that_are_new_counted(store: Store) -> None:
    store.topics.put("ana", HOPS.id, HOPS)
    malt = Topic(id="malt", label="Malt", terms=("malt",))
    assert store.topics.put_all("ana", {"hops": HOPS, "malt": malt}) == 1
    assert store.topics.list("ana") == [HOPS, malt]
    assert store.topics.put_all("ana", {}) == 0


def test_another_owners_topic_is_not_there(store: Store) -> None:
    store.topics.put("ana", HOPS.id, HOPS)
    assert store.topics.get("bob", "hops") is None
    assert store.topics.list("bob") == []
    assert not store.topics.delete("bob", "hops")


def test_a_list_is_in_the_order_of_the_ids(store: Store) -> None:
    for topic_id in ("b", "a", "c"):
        store.topics.put("ana", topic_id, Topic(id=topic_id, label=topic_id, terms=("x",)))
    assert [topic.id for topic in store.topics.list("ana")] == ["a", "b", "c"]


def test_a_deleted_topic_is_gone(store: Store) -> None:
    store.topics.put("ana", HOPS.id, HOPS)
    assert store.topics.delete("ana", "hops")
    assert store.topics.get("ana", "hops") is None
