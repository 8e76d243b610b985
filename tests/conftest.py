"""Fixtures for every room: a real Valkey for the session, and a store on it that starts empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from redis import Redis

from store import Store, open_store
from store.embedded import EmbeddedServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """One embedded server for all tests of this process."""
    with EmbeddedServer(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture
def redis_url(valkey: EmbeddedServer) -> str:
    """The address of the session's server, emptied."""
    with Redis.from_url(valkey.url) as redis:
        redis.flushall()
    return valkey.url


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data directory of this test's own."""
    return tmp_path / "data"


@pytest.fixture
def store(redis_url: str, data_dir: Path) -> Iterator[Store]:
    """An empty store."""
    opened = open_store(redis_url, data_dir)
    yield opened
    opened.close()
