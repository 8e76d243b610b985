"""A disk that fills at any byte of what is written: an error that says so, and nothing half there."""

from __future__ import annotations

import errno
import resource
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from candor import sample
from candor.scoring.activity import Activity
from candor.scoring.redaction import DataSubject
from candor.settings import Settings
from service.store_at_hand import StackError, check_store
from worker.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from candor.store import Store

LINES = sample.records_path().read_bytes().splitlines(keepends=True)[:3000]
SIZES = [0, 1, 512, *range(4096, 600_000, 31_001)]
MORE = Activity(id="one more", type="note", actor="p01", published=datetime(2026, 10, 1, tzinfo=UTC))
SOMEBODY = DataSubject(network=sample.NETWORK, names=("p03",))


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def files(folder: Path) -> set[str]:
    """What lies in a folder and below."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def put(store: Store) -> None:
    store.datasets.put(
        "local", "town", network=sample.NETWORK, profile=sample.PROFILE, granted_rights=False, lines=LINES
    )


def append(store: Store) -> None:
    store.datasets.append("local", "town", [MORE])


def remove(store: Store) -> None:
    store.datasets.remove("local", "town", store.datasets.activities("local", "town")[0].id)


def merge(store: Store) -> None:
    store.datasets.append("local", "town", [MORE])
    store.datasets.merge_parts("local", "town")


def erase(store: Store) -> None:
    store.dataset_erasure.erase(SOMEBODY, None)


@pytest.mark.parametrize("change", [put, append, remove, merge, erase])
def test_where_no_room_is_left_an_error_says_so_and_nothing_is_half_there(
    store: Store, data_dir: Path, change: Callable[[Store], None]
) -> None:
    put(store)
    refused: list[int | None] = []
    for size in SIZES:
        before = files(data_dir / "datasets")
        try:
            with no_file_beyond(size):
                change(store)
        except OSError as error:
            refused.append(error.errno)
            assert files(data_dir / "datasets") == before
        assert store.datasets.activities("local", "town")
        assert not [name for name in files(data_dir) if name.endswith(".part") or "/scratch/" in name]
    assert set(refused) == {errno.EFBIG}
    change(store)


@pytest.mark.parametrize("size", [0, 1, 16])
def test_a_first_start_that_the_disk_broke_off_is_made_again_once_there_is_room(
    store: Store, data_dir: Path, size: int
) -> None:
    with no_file_beyond(size), pytest.raises(OSError, match="File too large"):
        store.identity.check()
    store.identity.check()
    assert files(data_dir) == {"secret", "layout", "datasets/directory-id"}


def test_a_start_on_a_full_disk_says_which_disk_and_why(redis_url: str, data_dir: Path) -> None:
    settings = Settings(redis_url=redis_url, data_dir=data_dir)
    with (
        no_file_beyond(0),
        pytest.raises(StackError, match=f"CANDOR_DATA_DIR={data_dir} cannot hold the data: File too large"),
    ):
        check_store(settings)
    check_store(settings)


def test_a_server_that_ended_as_the_disk_is_full_is_not_called_unfit_alone(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.store_at_hand.is_full", lambda folder: folder == data_dir)
    settings = Settings(redis_url=f"unix://{data_dir}/nobody.sock", data_dir=data_dir)
    with pytest.raises(StackError, match=f"the disk of CANDOR_DATA_DIR={data_dir} is full"):
        check_store(settings)


def test_a_launcher_on_a_full_disk_says_why_and_ends(redis_url: str, data_dir: Path) -> None:
    with no_file_beyond(0):
        assert main({"CANDOR_REDIS_URL": redis_url, "CANDOR_DATA_DIR": str(data_dir)}) == 1
