"""What is no file where a file should be, as after a restored back-up: said, or made anew; nobody waits for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from candor.store.storage import DamagedFileError
from tests.store.test_full_disk import append, put

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from candor.store import Store

ODD: dict[str, Callable[[Path], object]] = {
    "a folder": lambda path: path.mkdir(),
    "a pipe": os.mkfifo,
    "a device without end": lambda path: path.symlink_to("/dev/zero"),
    "a file of the system": lambda path: path.symlink_to("/etc/passwd"),
    "a link to itself": lambda path: path.symlink_to(path),
}


def put_in_place(path: Path, odd: str) -> None:
    path.unlink()
    ODD[odd](path)


@pytest.fixture
def part(store: Store, data_dir: Path) -> Path:
    """The file of a data set."""
    put(store)
    (found,) = (data_dir / "datasets").glob("*.parquet")
    return found


@pytest.mark.parametrize("odd", ODD)
def test_in_the_place_of_a_part_it_is_said_to_be_damaged(store: Store, part: Path, odd: str) -> None:
    put_in_place(part, odd)
    with pytest.raises(DamagedFileError):
        store.datasets.activities("local", "town")
    put(store)
    assert store.datasets.activities("local", "town")
    assert not os.path.lexists(part)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("kind", ["columns", "index"])
def test_in_the_place_of_a_table_at_hand_another_is_made(
    store: Store, part: Path, data_dir: Path, kind: str, odd: str
) -> None:
    append(store)
    for path in (data_dir / "cache").glob(f"*{kind}"):
        put_in_place(path, odd)
    assert store.datasets.activities("local", "town")
    append(store)
    assert part.exists()


def test_files_nobody_knows_are_swept_whatever_they_are_called(store: Store, part: Path, data_dir: Path) -> None:
    for number, make in enumerate(ODD.values()):
        make(part.with_name(f"{number}\n.parquet"))
    part.with_name("odd-\udcff.part").touch()
    for path in (data_dir / "datasets").iterdir():
        if path != part:
            os.utime(path, (0, 0), follow_symlinks=False)
    store.datasets.delete_expired()
    assert list((data_dir / "datasets").iterdir()) == [part]
