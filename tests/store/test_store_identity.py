"""A store is used with one secret and one data directory; whoever brings others is refused, and told what to do."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import msgspec
import pytest

from candor.store import Store, open_store
from candor.store.identity import LAYOUT, LAYOUT_FILE, IdentityError, LayoutError
from candor.store.redis_keys import IDENTITY
from candor.store.secret import NAME
from candor.store.storage import DIRECTORY_ID
from candor.store.suppression import LEFT_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MARK = f"datasets/{DIRECTORY_ID}"


@pytest.fixture
def machine(redis_url: str, tmp_path: Path) -> Iterator[Callable[[str], Store]]:
    """Opens the store as a machine with the data directory of that name does."""
    opened = []

    def open_as(name: str) -> Store:
        opened.append(open_store(redis_url, tmp_path / name))
        return opened[-1]

    yield open_as
    for store in opened:
        store.close()


def refusal(store: Store) -> str:
    """What the machine is told."""
    with pytest.raises(IdentityError) as refused:
        store.identity.check()
    return str(refused.value)


def test_machines_that_share_their_directory_are_let_in(machine):
    for _ in range(2):
        machine("shared").identity.check()
    assert machine("shared").health().identity_ok


def test_a_machine_with_another_secret_is_refused_and_told_what_to_do(machine, tmp_path):
    machine("first").identity.check()
    (tmp_path / "second").mkdir()
    shutil.copytree(tmp_path / "first" / "datasets", tmp_path / "second" / "datasets")
    said = refusal(machine("second"))
    assert f"the secret in {tmp_path / 'second'} is not the one" in said
    assert "mount it here" in said
    assert "candor store adopt" in said


def test_a_machine_with_the_secret_but_another_directory_is_refused(machine, tmp_path):
    machine("first").identity.check()
    (tmp_path / "second").mkdir()
    shutil.copy(tmp_path / "first" / NAME, tmp_path / "second")
    assert f"the data directory {tmp_path / 'second'} is not the one" in refusal(machine("second"))


def test_who_is_refused_leaves_nothing_in_the_directory(machine, tmp_path):
    machine("first").identity.check()
    refusal(machine("not-mounted"))
    assert not (tmp_path / "not-mounted").exists()


@pytest.mark.parametrize("lost", [NAME, MARK])
def test_a_directory_that_lost_a_file_is_refused_and_not_well(machine, tmp_path, lost):
    store = machine("first")
    store.identity.check()
    (tmp_path / "first" / lost).unlink()
    assert refusal(store)
    assert not (store.health().identity_ok and store.health().storage_ok)


def test_of_many_first_starts_one_wins_and_the_others_are_refused(machine):
    stores = [machine(f"machine-{number}") for number in range(16)]

    def is_let_in(store: Store) -> bool:
        try:
            store.identity.check()
        except IdentityError:
            return False
        return True

    with ThreadPoolExecutor(len(stores)) as pool:
        let_in = list(pool.map(is_let_in, stores))
    assert sum(let_in) == 1
    assert [store.health().identity_ok for store in stores] == let_in


def test_who_adopts_the_store_is_let_in_and_the_others_are_out(machine):
    first, second = machine("first"), machine("second")
    first.identity.check()
    assert second.identity.adopt()
    second.identity.check()
    assert refusal(first)
    assert (first.health().identity_ok, second.health().identity_ok) == (False, True)


def test_a_new_directory_with_the_old_secret_is_no_new_secret(machine, tmp_path):
    machine("first").identity.check()
    (tmp_path / "second").mkdir()
    shutil.copy(tmp_path / "first" / NAME, tmp_path / "second")
    assert not machine("second").identity.adopt()
    machine("second").identity.check()


def test_the_store_holds_nothing_that_forges(machine, tmp_path):
    store = machine("first")
    store.identity.check()
    kept = store.redis.get("candor:identity")
    for name in (NAME, MARK):
        made = (tmp_path / "first" / name).read_bytes()
        assert made not in kept
        assert made.hex().encode() not in kept


def old_store(machine, tmp_path) -> Store:
    """One that an older version used, before layouts had numbers."""
    store = machine("old")
    store.identity.check()
    kept = msgspec.json.decode(store.redis.get(IDENTITY)[8:])
    store.redis.set(IDENTITY, msgspec.json.encode({name: kept[name] for name in ("secret", "storage")}))
    (tmp_path / "old" / LAYOUT_FILE).unlink()
    return store


def test_what_an_older_version_kept_is_refused_with_what_to_do(machine, tmp_path):
    store = old_store(machine, tmp_path)
    for refused in (store.identity.check, store.identity.adopt):
        with pytest.raises(LayoutError) as told:
            refused()
        assert "written by another version of Candor" in str(told.value)
        assert "Copy the files `secret` and `left` into the new directory" in str(told.value)
    assert not store.health().identity_ok
    assert not (tmp_path / "old" / LAYOUT_FILE).exists()


def test_a_directory_of_an_older_version_is_refused_by_an_empty_store(machine, tmp_path):
    store = old_store(machine, tmp_path)
    store.redis.flushdb()
    with pytest.raises(LayoutError, match="layout 0"):
        store.identity.check()
    assert store.redis.dbsize() == 0


def test_with_the_secret_and_who_left_of_an_older_directory_whoever_opted_out_stays_out(machine, tmp_path):
    store = old_store(machine, tmp_path)
    store.suppression.add("custom:town", ["ada"])
    store.redis.flushdb()
    (tmp_path / "new").mkdir()
    for name in (NAME, LEFT_FILE):
        shutil.copy(tmp_path / "old" / name, tmp_path / "new")
    new = machine("new")
    new.identity.check()
    new.leave_again()
    assert new.suppression.among("custom:town", ["ada", "bo"]) == {"ada"}


@pytest.mark.parametrize("said", ["0\n", "99\n"])
def test_a_directory_of_another_layout_is_refused(machine, tmp_path, said):
    store = machine("one")
    store.identity.check()
    (tmp_path / "one" / LAYOUT_FILE).write_text(said)
    with pytest.raises(LayoutError, match=f"layout {said.strip()}"):
        store.identity.check()


@pytest.mark.parametrize("said", ["", None])
def test_a_number_that_is_gone_or_half_written_is_written_again_where_all_else_fits(machine, tmp_path, said):
    store = machine("one")
    store.identity.check()
    path = tmp_path / "one" / LAYOUT_FILE
    path.unlink() if said is None else path.write_text(said)
    store.identity.check()
    assert path.read_text() == f"{LAYOUT}\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_damage_to_what_the_store_knows_of_the_directory_is_told_and_mended_on_request(machine):
    store = machine("one")
    store.identity.check()
    kept = store.redis.get(IDENTITY)
    store.redis.set(IDENTITY, kept[:-5] + bytes([kept[-5] ^ 1]) + kept[-4:])
    assert "`candor store adopt` writes it anew" in refusal(store)
    assert not store.health().identity_ok
    assert not store.identity.adopt()
    store.identity.check()


def test_an_empty_store_beside_data_sets_was_not_put_back_and_is_refused_until_somebody_says_so(machine, tmp_path):
    first = machine("only")
    first.identity.check()
    part = tmp_path / "only" / "datasets" / "a" / "part.parquet"
    part.parent.mkdir()
    part.write_bytes(b"PAR1")
    first.redis.flushdb()
    said = refusal(machine("only"))
    assert "Redis holds nothing" in said
    assert "appendonly no" in said
    assert first.identity.is_unused(), "what is refused writes nothing"
    first.identity.adopt()
    machine("only").identity.check()


def test_a_directory_that_holds_its_mark_alone_may_begin_anew(machine):
    first = machine("only")
    first.identity.check()
    first.redis.flushdb()
    machine("only").identity.check()


@pytest.mark.parametrize("keeps_a_log", [False, True])
def test_a_server_that_keeps_no_log_is_not_asked_to_write_one(machine, monkeypatch, keeps_a_log):
    store, asked = machine("only"), list[bool]()
    monkeypatch.setattr(store.redis, "info", lambda _: {"aof_enabled": int(keeps_a_log)})
    monkeypatch.setattr(store.redis, "bgrewriteaof", lambda: asked.append(True))
    store.rewrite_log(at_once=True)
    assert asked == [True] * keeps_a_log
