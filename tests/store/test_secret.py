"""The service's own secret: made once, kept private, the same for all."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from candor.errors import OperatorError
from candor.store.secret import NAME, OddFileError, Secret, private
from candor.store.storage import DIRECTORY_ID

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from candor.store import Store


def test_the_same_message_gives_the_same_digest_after_a_restart(tmp_path: Path) -> None:
    assert Secret(tmp_path).digest("links", b"sc_1") == Secret(tmp_path).digest("links", b"sc_1")


def test_another_purpose_gives_another_digest(tmp_path: Path) -> None:
    secret = Secret(tmp_path)
    assert secret.digest("links", b"x") != secret.digest("suppression", b"x")


def test_another_data_directory_has_another_secret(tmp_path: Path) -> None:
    assert Secret(tmp_path / "a").digest("links", b"x") != Secret(tmp_path / "b").digest("links", b"x")


def test_nobody_else_may_read_the_secret(tmp_path: Path) -> None:
    Secret(tmp_path).digest("links", b"x")
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0


def test_many_who_make_it_at_once_end_with_one(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        digests = set(pool.map(lambda _: Secret(tmp_path).digest("links", b"x"), range(64)))
    assert len(digests) == 1
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


ODD: dict[str, Callable[[Path], object]] = {
    "a folder": lambda path: path.mkdir(),
    "a pipe": os.mkfifo,
    "a device without end": lambda path: path.symlink_to("/dev/zero"),
    "a link that leads nowhere": lambda path: path.symlink_to("nowhere"),
    "a link to itself": lambda path: path.symlink_to(path),
    "an empty file": lambda path: path.touch(),
    "a file that lost its end": lambda path: path.write_bytes(bytes(31)),
    "another file": lambda path: path.write_bytes(bytes(33)),
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", [NAME, f"datasets/{DIRECTORY_ID}"])
def test_what_is_no_secret_is_refused_at_once_and_says_what_to_do(
    store: Store, data_dir: Path, odd: str, name: str
) -> None:
    store.identity.check()
    (data_dir / name).unlink()
    ODD[odd](data_dir / name)
    with pytest.raises(OperatorError, match=r"put a back-up of (it|the file)") as refused:
        store.identity.check()
    assert str(data_dir / name) in str(refused.value)


@pytest.mark.parametrize("odd", ["a folder", "a pipe", "a device without end", "a link to itself"])
def test_an_odd_file_in_the_place_of_one_that_is_written_is_refused_at_once(tmp_path: Path, odd: str) -> None:
    ODD[odd](tmp_path / "lock")
    with pytest.raises(OddFileError, match="put a back-up"), open(tmp_path / "lock", "ab", opener=private):
        pass
