"""Fixtures of the service: an application on a real store, a clock that stands still, callers with keys."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from redis.backoff import NoBackoff
from redis.retry import Retry

from candor.settings import Settings
from candor.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from candor.store import Store
    from candor.store.models import Scope

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@dataclass
class Caller:
    """Asks with a key."""

    client: FlaskClient
    secret: str

    def __call__(self, method: str, path: str, **kwargs: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.secret}", **kwargs.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, **kwargs)


@pytest.fixture
def now() -> datetime:
    """The time that the service's clock shows."""
    return NOW


@pytest.fixture
def with_key() -> type[Caller]:
    """Makes a caller from a client and a secret."""
    return Caller


@pytest.fixture
def worker(store: Store) -> Iterator[None]:
    """This process does the work as well."""
    from candor.scoring.method import load_method  # noqa: PLC0415 # most tests need no worker
    from candor.scoring.score import score  # noqa: PLC0415
    from worker.context import CURRENT, WorkerContext  # noqa: PLC0415

    token = CURRENT.set(WorkerContext(store, load_method(), score))
    yield
    CURRENT.reset(token)


@pytest.fixture
def settings(data_dir: Path) -> Settings:
    return Settings(data_dir=data_dir, threads=4, max_inline=20, max_body_bytes=200_000)


@pytest.fixture
def app(share_app: Callable[..., Flask], settings: Settings, store: Store) -> Flask:
    return share_app(settings, store, lambda: NOW)


@pytest.fixture
def away(data_dir: Path) -> Iterator[Store]:
    """A store whose server is not there, given up at once: how long it is tried for is tested with the store."""
    with closing(open_store("redis://127.0.0.1:1", data_dir)) as opened:
        opened.redis.set_retry(Retry(NoBackoff(), 0))
        yield opened


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A caller on loopback, without a key."""
    return app.test_client()


@pytest.fixture
def kept_sample(client: FlaskClient, saved: Callable[..., Any]) -> None:
    """The built-in sample as the first caller on loopback finds it."""
    saved("sample", lambda: client.get("/v1/datasets/sample").json)


@pytest.fixture
def caller(client: FlaskClient, store: Store) -> Callable[..., Caller]:
    """Makes callers: each name is an owner of its own."""

    def make(owner: str, *scopes: Scope) -> Caller:
        _, secret = store.keys.create(owner, "test", scopes or ("read", "write", "admin"))
        return Caller(client, secret)

    return make


@pytest.fixture
def job() -> dict[str, Any]:
    """A job that is right in every way."""
    return {
        "accounts": [{"network": "custom:beer", "account": "u19"}],
        "topics": [{"id": "hops", "label": "Hops", "terms": ["hops"]}],
        "trust_root": "network",
        "as_of": "2026-10-31T00:00:00Z",
        "profile": "qa",
        "activities": [
            {
                "id": "a1",
                "actor": "u7",
                "type": "question",
                "published": "2026-10-01T12:00:00Z",
                "content": "Which hops?",
            },
            {"id": "a2", "actor": "u19", "type": "answer", "object": "a1", "published": "2026-10-01T13:00:00Z"},
        ],
    }
