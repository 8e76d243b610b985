"""A back-up that is put back: who left since is left out and erased again, and nobody is named for that anywhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.scoring.vouches import Vouch
from candor.store.redis_keys import ERASURES, newest_scores
from candor.store.suppression import Leaving, Left
from candor.telemetry.meters import Meters
from worker.launcher import Reaper

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from candor.store import Store

TOWN = "custom:town"
LINES = [
    '{"id": "a1", "type": "note", "actor": "loïc_guéguen", "published": "2026-10-01T12:00:00Z", "content": "wind"}',
    '{"id": "a2", "type": "note", "actor": "ada", "published": "2026-10-02T12:00:00Z", "content": "wind"}',
]


def keep(store: Store) -> None:
    lines = [line.encode() for line in LINES]
    store.datasets.put("o", "town", network=TOWN, profile="forum", granted_rights=False, lines=lines)


def keep_root(store: Store) -> None:
    root = TrustRoot(kind="accounts", network=TOWN, accounts=(RootAccount(account="loïc_guéguen"),))
    store.trust_roots.put("o", "elders", root)


def people(store: Store) -> set[str | None]:
    return {each.actor for each in store.datasets.activities("o", "town")}


def erase(store: Store, owner: str | None = None) -> None:
    erasure = store.erasures.create(owner, TOWN, "loïc_guéguen")
    finish(store, erasure.id)


def finish(store: Store, *names: str) -> None:
    for name in names:
        begun = store.erasures.start(name)
        assert begun is not None
        assert store.eraser.run(begun).ended


@pytest.fixture
def put_back(store: Store) -> Callable[[], None]:
    """Loses everything in Redis that came since, as a back-up does which is put back."""
    keep(store)
    before = {key: store.redis.dump(key) for key in store.redis.scan_iter()}

    def _put_back() -> None:
        store.redis.flushdb()
        for key, value in before.items():
            store.redis.restore(key, 0, value)
        keep(store)  # its parts went with the erasure, and come from the back-up too

    return _put_back


def again(store: Store) -> list[str]:
    Reaper(store, Meters()).run(1_000.0)
    return [name.decode() for name in store.redis.zrange(ERASURES, 0, -1)]


def test_who_was_erased_since_is_erased_again_once_it_runs(store, put_back):
    erase(store)
    assert people(store) == {"ada"}
    put_back()
    assert people(store) == {"ada", "loïc_guéguen"}
    finish(store, *again(store))
    assert people(store) == {"ada"}
    assert store.suppression.among(TOWN, ["ada", "loïc_guéguen"]) == {"loïc_guéguen"}
    assert again(store) == []


def test_who_is_kept_in_redis_alone_is_found_by_the_digest(store, put_back):
    erase(store)
    put_back()
    store.datasets.delete("o", "town")
    keep_root(store)
    finish(store, *again(store))
    assert not store.trust_roots.get("o", "elders").accounts


def test_who_was_only_suppressed_is_kept_and_suppressed_and_who_was_let_in_is_neither(store, put_back):
    store.suppression.add(TOWN, ["ada"])
    erase(store)
    store.suppression.remove(TOWN, "loïc_guéguen")
    put_back()
    assert again(store) == []
    assert store.datasets.get("o", "town").records == 2
    assert store.suppression.among(TOWN, ["ada", "loïc_guéguen"]) == {"ada"}


def test_an_erasure_of_one_owners_touches_nobody_elses_when_done_again(store, put_back):
    erase(store, "other")
    put_back()
    (name,) = again(store)
    assert store.erasures.find(name).owner == "other"


def test_a_newer_file_kept_elsewhere_is_read_where_the_back_up_brought_its_own(store, put_back, data_dir, tmp_path):
    erase(store)
    safe: Path = tmp_path / "safe"
    safe.write_bytes((data_dir / "left").read_bytes())
    (data_dir / "left").unlink()
    put_back()
    assert again(store) == []
    assert [each.network for each in store.leave_again(safe)] == [TOWN]
    assert store.suppression.among(TOWN, ["loïc_guéguen"])


def test_the_file_names_nobody_is_private_and_says_each_thing_once(store, put_back, data_dir):
    erase(store)
    erase(store)
    said = (data_dir / "left").read_bytes()
    assert b"gu" not in said.replace(b"suppressed", b"")
    assert (data_dir / "left").stat().st_mode & 0o777 == 0o600
    assert len(said.splitlines()) == len(set(said.splitlines())) <= 2


def test_nothing_is_looked_for_while_no_back_up_was_put_back(store, put_back):
    erase(store)
    assert store.leave_again() == []


def test_a_broken_line_hides_no_other(store, put_back, data_dir):
    (data_dir / "left").write_bytes(b'{"version": 1, "wh\n\xff\n')
    erase(store)
    put_back()
    assert len(again(store)) == 1


def leaving(digest: str) -> Leaving:
    return Leaving(version=1, what="erased", digest=digest)


def test_a_line_that_a_power_cut_left_half_written_takes_no_other_with_it(tmp_path: Path, caplog):
    left = Left(tmp_path / "left")
    left.note([leaving("a")])
    with left.path.open("ab") as file:
        file.write(b'{"version":2,"what":"erased","dig')
    left.note([leaving("c")])
    for reader in (left, Left(left.path)):
        assert [each.digest for each in reader.read()] == ["a", "c"]
    assert "is broken" in caplog.text


def test_what_other_processes_note_is_read_and_a_file_that_was_put_back_is_read_anew(tmp_path: Path):
    one, other = Left(tmp_path / "left"), Left(tmp_path / "left")
    one.note([leaving("a")])
    before = one.path.read_bytes()
    assert [each.digest for each in other.read()] == ["a"]
    one.note([leaving("b")])
    assert [each.digest for each in other.read()] == ["a", "b"]
    one.path.write_bytes(before)
    assert [each.digest for each in other.read()] == ["a"]


def test_who_opts_out_before_the_first_look_after_a_back_up_was_put_back_hides_nobody(store: Store, put_back):
    erase(store)
    put_back()
    for name in ("bob", "cy"):
        store.suppression.add(TOWN, [name])
    finish(store, *(each.id for each in store.leave_again()))
    assert people(store) == {"ada"}
    assert store.suppression.among(TOWN, ["loïc_guéguen", "bob"]) == {"loïc_guéguen", "bob"}
    assert store.leave_again() == []


def test_who_was_let_in_where_that_could_not_be_noted_stays(store: Store, data_dir: Path):
    keep(store)
    erase(store)
    before = (data_dir / "left").read_bytes()
    store.suppression.remove(TOWN, "loïc_guéguen")
    (data_dir / "left").write_bytes(before)  # as on another machine than the one that let them in
    store.suppression.add(TOWN, ["bob"])
    keep(store)
    assert store.leave_again() == []
    assert people(store) == {"loïc_guéguen", "ada"}


def test_whoever_erases_notes_it_where_the_work_is_done(store: Store, data_dir: Path):
    keep(store)
    erasure = store.erasures.create(None, TOWN, "ada")
    (data_dir / "left").unlink()  # as on a machine that is not the one that was asked
    finish(store, erasure.id)
    assert {each.what for each in Left(data_dir / "left").read()} == {"erased"}


def test_who_had_opted_out_before_the_back_up_and_was_erased_since_is_erased_again_whoever_left_first(store: Store):
    keep(store)
    store.suppression.add(TOWN, ["loïc_guéguen"])
    before = {key: store.redis.dump(key) for key in store.redis.scan_iter()}
    erase(store)
    store.redis.flushdb()
    for key, value in before.items():
        store.redis.restore(key, 0, value)
    keep(store)
    keep_root(store)  # made by somebody who was not asked
    for name in ("bob", "cy", "dee", "eve"):
        store.suppression.add(TOWN, [name])
    finish(store, *(each.id for each in store.leave_again()))
    assert not store.trust_roots.get("o", "elders").accounts
    assert store.leave_again() == []


def test_who_was_let_in_since_is_let_in_again_whoever_left_first(store: Store):
    store.suppression.add(TOWN, ["ada"])
    before = {key: store.redis.dump(key) for key in store.redis.scan_iter()}
    store.suppression.remove(TOWN, "ada")
    store.redis.flushdb()
    for key, value in before.items():
        store.redis.restore(key, 0, value)
    for name in ("bob", "cy"):
        store.suppression.add(TOWN, [name])
    store.leave_again()
    assert store.suppression.among(TOWN, ["ada", "bob", "cy"]) == {"bob", "cy"}


def keep_vouch(store: Store) -> None:
    store.vouches.keep("o", TOWN, [Vouch("loïc_guéguen", "ada", datetime(2026, 10, 1, tzinfo=UTC))])


def keep_member(store: Store) -> None:
    store.redis.sadd("candor:job:x:followers", '["loïc_guéguen"]')


def keep_item(store: Store) -> None:
    store.redis.lpush("candor:job:x:followers", '["loïc_guéguen"]')


def keep_in_a_field(store: Store) -> None:
    store.redis.hset("candor:account-kinds:o", f'["{TOWN}","loïc_guéguen"]', "damaged")


def keep_in_a_key(store: Store) -> None:
    store.redis.set(newest_scores("o", TOWN, "loïc_guéguen"), "damaged")


@pytest.mark.parametrize("keep_name", [keep_vouch, keep_member, keep_item, keep_in_a_field, keep_in_a_key])
def test_a_name_is_found_wherever_in_redis_it_stands(store, put_back, keep_name):
    erase(store)
    put_back()
    store.datasets.delete("o", "town")
    store.trust_roots.put("o", "others", TrustRoot(kind="accounts", network=TOWN, accounts=(RootAccount(account="b"),)))
    keep_name(store)
    assert [each.names for each in store.leave_again()] == [("loïc_guéguen",)]
    for key in store.redis.scan_iter("candor:job:x:*"):
        store.redis.delete(key)
