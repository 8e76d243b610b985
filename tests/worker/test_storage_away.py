"""The data sets are elsewhere for a time: nothing counts as gone, erased or damaged meanwhile, and all goes on."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from click.testing import CliRunner

from candor.scoring.method import load_method
from candor.scoring.score import score
from candor.settings import Settings
from candor.store import open_store, redis_keys
from candor.store.client import seal
from candor.store.job_problems import STORAGE_AWAY
from candor.store.sources import AskedSource
from candor.store.storage import StorageAwayError
from candor.telemetry.meters import Meters
from service.cli import main
from worker import erasures, follow, jobs
from worker.context import CURRENT, WorkerContext
from worker.follow import NO_STORAGE
from worker.launcher import Reaper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from candor.store import Store
    from candor.store.models import Job
    from tests.conftest import NewJob, ShareApp

NETWORK = "custom:demo"
LINES = b"".join(
    json.dumps(
        {"id": f"r{n}", "type": "note", "actor": f"u{n}", "published": f"2026-10-0{n}T12:00:00Z", "content": "hops"}
    ).encode()
    + b"\n"
    for n in range(1, 4)
)
UPLOAD = f"/v1/datasets/beer?network={NETWORK}&profile=forum"
PUT = {"data": LINES, "content_type": "application/x-ndjson"}


def folder_of_the_data_directory(data_dir: Path, _: Path) -> tuple[str | None, Path]:
    return None, data_dir / "datasets"


def a_storage_of_its_own(_: Path, tmp_path: Path) -> tuple[str | None, Path]:
    return f"file://{tmp_path}/storage", tmp_path / "storage"


@pytest.fixture(params=[folder_of_the_data_directory, a_storage_of_its_own])
def place(request: pytest.FixtureRequest, data_dir: Path, tmp_path: Path) -> tuple[str | None, Path]:
    """Where data sets lie: what CANDOR_STORAGE says, and the folder."""
    found: tuple[str | None, Path] = request.param(data_dir, tmp_path)
    return found


@pytest.fixture
def stored(redis_url: str, data_dir: Path, place: tuple[str | None, Path]) -> Iterator[Store]:
    with closing(open_store(redis_url, data_dir, storage=place[0])) as opened:
        opened.identity.check()
        opened.workers.heartbeat("w1")
        CURRENT.set(WorkerContext(opened, load_method(), score))
        yield opened


@pytest.fixture
def client(share_app: ShareApp, stored: Store, data_dir: Path, place: tuple[str | None, Path]) -> FlaskClient:
    made = share_app(Settings(data_dir=data_dir, storage=place[0]), stored).test_client()
    assert made.put(UPLOAD, **PUT).status_code == 201
    return made


def renamed(folder: Path) -> None:
    folder.rename(folder.parent / "elsewhere")


def unmounted(folder: Path) -> None:
    renamed(folder)
    folder.mkdir()


def another_in_its_place(folder: Path) -> None:
    unmounted(folder)
    for name in ("directory-id", "storage-id"):
        (folder / name).write_bytes(bytes(32))
    (folder / "of-others.parquet").write_bytes(b"whatever")


@pytest.fixture(params=[renamed, unmounted, another_in_its_place])
def away(
    request: pytest.FixtureRequest, client: FlaskClient, place: tuple[str | None, Path], data_dir: Path
) -> Callable[[], None]:
    """Takes the folder away, and returns what puts it back."""
    folder = place[1]
    request.param(folder)
    shutil.rmtree(data_dir / "cache")  # no table is at hand

    def put_back() -> None:
        for path in folder.glob("*"):
            path.unlink()
        if folder.exists():
            folder.rmdir()
        (folder.parent / "elsewhere").rename(folder)

    return put_back


def kept(stored: Store) -> int:
    return len(stored.datasets.activities("local", "beer"))


NEED_FILES = (
    ("PUT", UPLOAD.replace("beer?", "wine?")),
    ("POST", "/v1/datasets/beer/records"),
    ("DELETE", "/v1/datasets/beer"),
    ("GET", "/v1/datasets/beer/people?q=u"),
    ("DELETE", "/v1/datasets/beer/records/r1"),
)


def test_what_needs_the_files_is_503_and_changes_nothing(
    client: FlaskClient, stored: Store, away: Callable[[], None]
) -> None:
    for method, path in NEED_FILES:
        answer = client.open(path, method=method, **(PUT if method in {"PUT", "POST"} else {}))
        assert (path, answer.status_code, answer.json["code"]) == (path, 503, "store_unavailable")
    assert (client.get("/readyz").status_code, client.get("/v1/datasets").status_code) in {(503, 200), (503, 503)}
    away()
    assert client.get("/readyz").status_code == 200
    assert [each["id"] for each in client.get("/v1/datasets").json["data"]] == ["beer", "sample"]
    assert kept(stored) == 3


def test_an_erasure_waits_and_goes_on(stored: Store, away: Callable[[], None]) -> None:
    asked = stored.erasures.create("local", NETWORK, "u1")
    for _ in range(4):
        erasures.erase("local", asked.id)
    waiting = stored.erasures.find(asked.id)
    assert waiting is not None
    assert (waiting.status, waiting.waits_for) == ("waiting", NO_STORAGE)
    away()
    erasures.erase("local", asked.id)
    ended = stored.erasures.find(asked.id)
    assert ended is not None
    assert (ended.status, ended.erased["datasets"]) == ("succeeded", 1)
    assert kept(stored) == 2


def test_an_erasure_by_the_operator_says_that_it_is_not_done(
    stored: Store,
    away: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    redis_url: str,
    data_dir: Path,
    place: tuple[str | None, Path],
) -> None:
    monkeypatch.setenv("CANDOR_REDIS_URL", redis_url)
    monkeypatch.setenv("CANDOR_DATA_DIR", str(data_dir))
    if place[0] is not None:
        monkeypatch.setenv("CANDOR_STORAGE", place[0])
    stored.workers.leave("w1")  # which the command would wait for
    refused = CliRunner().invoke(main, ["subject", "erase", NETWORK, "u1"])
    assert refused.exit_code != 0
    assert "is suppressed from now on" not in refused.output
    away()
    assert CliRunner().invoke(main, ["subject", "erase", NETWORK, "u1"]).exit_code == 0
    assert kept(stored) == 2


def of_dataset(stored: Store, new_job: NewJob, *accounts: str) -> Job:
    found = stored.datasets.get("local", "beer")
    assert found is not None
    asked = {"dataset": "beer", "dataset_digest": found.digest, "network": NETWORK}
    return new_job("hops", accounts=accounts, **asked)


@pytest.fixture
def job(client: FlaskClient, stored: Store, new_job: NewJob) -> Job:
    """A job about the data set, asked for while it is there."""
    made = of_dataset(stored, new_job, "u1")
    stored.jobs.create(made)
    return made


def test_a_job_waits_and_is_done_afterwards(job: Job, stored: Store, away: Callable[[], None]) -> None:
    for _ in range(4):
        jobs.score("local", job.id)
    waiting = stored.jobs.find(job.id)
    assert waiting is not None
    assert (waiting.status, waiting.progress.stage, waiting.progress.waits_for, waiting.attempts) == (
        "queued",
        "waiting",
        "the storage of data sets",
        0,
    )
    away()
    jobs.score("local", job.id)
    assert stored.jobs.find(job.id).status == "succeeded"


def test_a_job_that_has_waited_for_an_hour_fails_and_says_why(
    job: Job, stored: Store, away: Callable[[], None]
) -> None:
    long_ago = seal(job.created_at - timedelta(hours=2))
    stored.redis.hset(redis_keys.job(job.id), "created_at", long_ago)
    jobs.score("local", job.id)
    ended = stored.jobs.find(job.id)
    assert ended is not None
    assert (ended.status, ended.error) == ("failed", STORAGE_AWAY)


def test_a_source_that_is_followed_waits(stored: Store, away: Callable[[], None], monkeypatch) -> None:
    source = stored.sources.follow(
        "local", "beer", AskedSource(network="discourse:forum.example", max_requests=9, window_days=9)
    )

    def read_the_data_set(_: object) -> None:
        stored.datasets.activities("local", "beer")

    monkeypatch.setattr(follow.SourceReading, "run", read_the_data_set)
    follow.read("local", source.id)
    state = stored.sources.find(source.id).state
    assert (state.status, state.waits_for, state.error) == ("waiting", NO_STORAGE, None)


def test_the_launcher_goes_on_and_deletes_nothing(
    stored: Store, away: Callable[[], None], place: tuple[str | None, Path]
) -> None:
    before = {path.name for path in place[1].glob("*")}
    reaper = Reaper(stored, Meters(), lambda: 0.0)
    reaper.run(0.0)
    reaper.run(70.0)
    assert {path.name for path in place[1].glob("*")} == before
    away()
    reaper.run(140.0)
    assert kept(stored) == 3


def test_a_stranger_to_the_store_is_told_that_the_storage_is_away(stored: Store, away: Callable[[], None]) -> None:
    with pytest.raises(StorageAwayError, match="is away"):
        stored.identity.confirm_storage()
    assert not stored.health().storage_ok
    assert stored.health().identity_ok
    away()
    stored.identity.confirm_storage()
    assert msgspec.structs.asdict(stored.health())["storage_ok"]
