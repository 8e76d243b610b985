"""A data set that several change at once: each change is made or refused, and nothing is left over."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from candor.scoring.activity import Activity
from candor.store.storage import Folder, checksum_of
from tests.effort import examples

if TYPE_CHECKING:
    from pathlib import Path

    from candor.store import Store

TIMES = examples(15)
AT = datetime(2026, 10, 1, tzinfo=UTC)


def record(number: int, actor: str = "ada") -> Activity:
    return Activity(id=f"r{number}", type="note", actor=actor, published=AT, content=f"hops {actor}")


def change(store: Store, seed: int) -> None:
    """Change the data set in any order; raises what nobody expects."""
    chance = random.Random(seed)
    for _ in range(TIMES):
        try:
            match chance.randrange(8):
                case 0 | 1:
                    records = [record(number) for number in range(20)]
                    store.datasets.put(
                        "local", "beer", network="custom:beer", profile="qa", granted_rights=False, lines=records
                    )
                case 2 | 3 | 4:
                    store.datasets.append("local", "beer", [record(chance.randrange(40), f"u{seed}")])
                case 5 | 6:
                    store.datasets.remove("local", "beer", f"r{chance.randrange(40)}")
                case _:
                    store.datasets.merge_parts("local", "beer")
        except LookupError:  # no such record, or no such data set
            continue


def test_changes_at_once_break_nothing_and_leave_nothing_over(store: Store, data_dir: Path) -> None:
    change(store, 0)
    with ThreadPoolExecutor(4) as pool:
        for made in [pool.submit(change, store, seed) for seed in range(4)]:
            made.result()
    whole = store.datasets.activities("local", "beer")
    ids = [each.id for each in whole]
    assert len(ids) == len(set(ids))
    kept = {part.name for parts in store.datasets._claimed() for part in parts}
    assert kept == {path.name for path in (data_dir / "datasets").iterdir()}


def test_a_file_that_is_deleted_while_it_is_read_is_gone_and_not_damaged(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"hops")
    folder = Folder(tmp_path)

    def read(*, deletes: bool) -> None:
        with folder.reading("f", checksum_of(tmp_path / "f")) as path:
            if deletes:
                path.unlink()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        read(deletes=False)
    with pytest.raises(FileNotFoundError):
        read(deletes=True)
