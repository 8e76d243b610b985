"""Fixtures for every room: a real Valkey for the session, and a store on it that starts empty."""

from __future__ import annotations

import gc
import io
import json
import logging
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

import msgspec
import pytest
import structlog
from hypothesis import HealthCheck, settings
from redis import Redis

from candor.scoring import verify
from candor.scoring.method import known_versions, load_method
from candor.scoring.topics import Topic
from candor.scoring.trust_root import FACE_VALUE
from candor.store import Store, open_store, parts, utc_now
from candor.store.embedded import EmbeddedServer
from candor.store.models import AccountName, AskedRoot, Job, JobRequest, Progress
from candor.telemetry import logs
from tests.effort import THOROUGH, examples
from tests.installed import installed
from tests.kept_rows import row_of
from tests.saved import SavedStates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from flask import Flask

    from candor.settings import Settings

gc.disable()  # until everything is collected: nothing of that is garbage
settings.register_profile(
    "everyday",
    max_examples=examples(100),
    derandomize=not THOROUGH,  # a run that fails fails again
    database=None,
    deadline=None,  # how fast a shared machine is says nothing about us
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("everyday")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import no browser's library where none of its tests is wanted: each worker would."""
    return (collection_path.name == "browser" and "not browser" in config.option.markexpr) or None


def pytest_collection_finish() -> None:
    """Never look again through what was collected, nor often through the rest, for what nobody needs any more."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000, 50, 100)


@pytest.fixture(scope="session", autouse=True)
def one_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have parts of data sets read and written by one DuckDB: every test has a folder, and would open one for it."""
    scratch, open_at = tmp_path_factory.mktemp("duckdb"), parts._database
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "_database", lambda _, **more: open_at(scratch, **more))
        yield


@pytest.fixture(scope="session", autouse=True)
def published_digests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Have verify know the method as it is: that `make docs` was forgotten one test says, and not each document."""
    file = tmp_path_factory.mktemp("verify") / verify.PUBLISHED.name
    file.write_text(json.dumps({version: load_method(version).digest for version in known_versions()}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verify, "PUBLISHED", file)
        yield file


@pytest.fixture(scope="session")
def bin_dir() -> Path:
    """The folder of the installed commands, `candor` and its `python`: what users get, not the checkout."""
    return installed()


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """One embedded server for all tests of this process; it waits for no disk, as those of test_embedded.py do."""
    with EmbeddedServer(tmp_path_factory.mktemp("valkey")) as server, Redis.from_url(server.url) as redis:
        redis.config_set("appendfsync", "no")
        yield server


@pytest.fixture(scope="session")
def whole_server(valkey: EmbeddedServer) -> Iterator[Redis]:
    """A connection to the session's server, for what no store does."""
    with Redis.from_url(valkey.url) as redis:
        yield redis


@pytest.fixture
def redis_url(valkey: EmbeddedServer, whole_server: Redis) -> str:
    """The address of the session's server, emptied."""
    whole_server.flushall()
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
    keys = {key.decode() for key in opened.redis.scan_iter()}
    assert [key for key in keys if row_of(key) is None] == [], "nothing is kept that candor.store.kept does not list"
    opened.close()


@pytest.fixture(scope="session")
def saved_states(tmp_path_factory: pytest.TempPathFactory) -> SavedStates:
    """What tests of this process made in their stores for others."""
    return SavedStates(tmp_path_factory.mktemp("saved"))


@pytest.fixture
def saved(saved_states: SavedStates, store: Store, data_dir: Path) -> Callable[[str, Callable[[], Any]], Any]:
    """Has a state made in the store of whoever asks for its name first, and put into the stores of others."""
    return partial(saved_states, store, data_dir)


class ShareApp(Protocol):
    """Hands out the application with these settings, over the store and the clock that a test brings."""

    def __call__(self, settings: Settings, store: Store, now: Callable[[], datetime] = ...) -> Flask: ...


@pytest.fixture(scope="session")
def share_app(valkey: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShareApp]:
    """One application for each settings and all tests: to compile its routes and pages takes longer than most tests.

    What it remembers from request to request stands in its context, which every test gets anew. A test that needs two
    applications at once, or changes one, makes its own with `create_app`.
    """
    from service.app import create_app  # noqa: PLC0415 # most tests need no service
    from service.context import make_context  # noqa: PLC0415

    made: dict[Settings, Flask] = {}
    with closing(open_store(valkey.url, tmp_path_factory.mktemp("counters"))) as counters:  # of requests, for limits

        def share(settings: Settings, store: Store, now: Callable[[], datetime] = utc_now) -> Flask:
            kind = replace(settings, data_dir=Path())
            app = made[kind] if kind in made else made.setdefault(kind, create_app(settings, counters, now))
            app.extensions["candor"] = make_context(settings, store, now)
            return app

        yield share


class Log:
    """What was logged in this process as JSON, at level info."""

    def __init__(self) -> None:
        self.text = io.StringIO()

    def lines(self, event: str | None = None) -> list[dict[str, Any]]:
        """The lines, or those of one event."""
        lines = [json.loads(line) for line in self.text.getvalue().splitlines()]
        return [line for line in lines if event in (None, line["event"])]


@pytest.fixture
def log() -> Iterator[Log]:
    """The log of this process."""
    root = logging.getLogger()
    handlers, level, made = root.handlers[:], root.level, Log()
    structlog.contextvars.clear_contextvars()
    logs.configure("test", "info", "json", made.text)
    yield made
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses before another try take no time."""
    monkeypatch.setattr("worker.outbound.client.RESTS_S", (0.0, 0.0))


class NewJob(Protocol):
    """Makes a job over the accounts and topics named; `asked` are other fields of its request."""

    def __call__(self, *topics: str, accounts: Sequence[str] = ..., owner: str = ..., **asked: Any) -> Job: ...


@pytest.fixture(scope="session")
def new_job() -> NewJob:
    """A maker of jobs; whoever posts about rockets is on each topic."""

    def make(*topics: str, accounts: Sequence[str] = ("u1",), owner: str = "local", **asked: Any) -> Job:
        request = JobRequest(
            accounts=tuple(AccountName(network="custom:demo", account=account) for account in accounts),
            topics=tuple(Topic(id=topic, label=topic, terms=("rocket",)) for topic in topics or ("rockets",)),
            trust_root=AskedRoot.of(FACE_VALUE),
            as_of=datetime(2026, 11, 1, tzinfo=UTC),
            network="custom:demo",
            profile="forum",
            inline=asked.get("dataset") is None,
        )
        return Job(
            id=f"job_{uuid4().hex}",
            owner=owner,
            request=msgspec.structs.replace(request, **asked),
            created_at=utc_now(),
            progress=Progress(done=0, total=request.total, stage="queued"),
        )

    return make


@pytest.fixture(scope="session")
def posts() -> bytes:
    """Inline activities: two people, one post each."""
    return b"".join(
        b'{"id": "p%d", "type": "note", "actor": "u%d", "published": "2026-10-0%dT00:00:00Z", "content": "my rocket"}\n'
        % (number, number, number)
        for number in (1, 2)
    )
