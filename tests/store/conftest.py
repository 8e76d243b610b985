"""What several tests of the store have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from candor.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from candor.store import Store


@pytest.fixture
def elsewhere(store: Store, redis_url: str, data_dir: Path, tmp_path: Path) -> Iterator[Store]:
    """The same store on a machine where no table is at hand."""
    (tmp_path / "other").mkdir()
    (data_dir / "datasets").mkdir(parents=True, exist_ok=True)
    (tmp_path / "other" / "datasets").symlink_to(data_dir / "datasets")
    opened = open_store(redis_url, tmp_path / "other")
    yield opened
    opened.close()
