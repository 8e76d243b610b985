"""A store is used with one secret and one data directory; whoever brings others is refused, and told what to do."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from candor.store import Store, open_store
from candor.store.identity import IdentityError
from candor.store.secret import NAME
from candor.store.storage import DIRECTORY_ID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


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
    shutil.copy(tmp_path / "first" / DIRECTORY_ID, tmp_path / "second")
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


@pytest.mark.parametrize("lost", [NAME, DIRECTORY_ID])
def test_a_directory_that_lost_a_file_is_refused_and_not_well(machine, tmp_path, lost):
    store = machine("first")
    store.identity.check()
    (tmp_path / "first" / lost).unlink()
    assert refusal(store)
    assert not store.health().identity_ok


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
    for name in (NAME, DIRECTORY_ID):
        made = (tmp_path / "first" / name).read_bytes()
        assert made not in kept
        assert made.hex().encode() not in kept
