"""Machines with data directories of their own and one storage for data sets: what one keeps, the others have."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import requests

from candor.scoring.method import load_method
from candor.scoring.redaction import DataSubject
from candor.scoring.score import score
from candor.scoring.topics import Topic
from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.store import open_store
from candor.store.identity import IdentityError
from candor.store.jobs import part_id
from candor.store.models import AskedRoot
from candor.store.secret import NAME
from candor.store.storage import DamagedFileError
from lab.speed.community import community
from tests.integration.conftest import Stack
from tests.integration.shell import Shell, free_port
from tests.integration.waiting import PATIENCE_S, until
from worker import jobs
from worker.context import CURRENT, WorkerContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from candor.store import Store
    from candor.store.models import Job
    from tests.conftest import NewJob

BIN = Path(sys.executable).parent
FACTS = {"network": "custom:demo", "profile": "forum", "granted_rights": False}
TOPICS = tuple(Topic(id=f"other-{n}", label=f"Other {n}", hashtags=(f"other-{n}",)) for n in range(4))
ROOT = TrustRoot(kind="accounts", accounts=tuple(RootAccount(account=f"u{n}") for n in range(10)))
AWS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A bucket at a server that speaks S3, on this machine."""
    missing = [name for name in ("s3fs", "moto") if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} not installed: pip install s3fs 'moto[s3]'")
    url = f"http://127.0.0.1:{free_port()}"
    log = tmp_path_factory.mktemp("s3") / "log"
    with log.open("wb") as said, pytest.MonkeyPatch.context() as patch:
        for name, value in {**AWS, "AWS_ENDPOINT_URL": url}.items():
            patch.setenv(name, value)
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", url.rpartition(":")[2]]
        server = subprocess.Popen(command, stdout=said, stderr=said)
        try:
            until(lambda: _answers(url))
            requests.put(f"{url}/candor", timeout=PATIENCE_S).raise_for_status()
            yield "s3://candor"
        finally:
            server.kill()
            server.wait()


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=PATIENCE_S).ok
    except requests.ConnectionError:
        return False


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.storage)])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An address that all machines see."""
    if request.param == "s3":
        return f"{request.getfixturevalue('bucket')}/{tmp_path.name}"
    return f"file://{tmp_path}/storage"


@pytest.fixture
def machine(redis_url: str, tmp_path: Path, storage: str) -> Iterator[Callable[[str], Store]]:
    """Opens the store as a machine does that has the secret, and a data directory of its own."""
    opened: list[Store] = []

    def open_as(name: str, address: str = storage) -> Store:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        if opened:
            shutil.copy(tmp_path / "one" / NAME, folder)
        opened.append(open_store(redis_url, folder, storage=address))
        opened[-1].identity.check()
        return opened[-1]

    yield open_as
    for store in opened:
        store.close()


def line(number: int, **more: object) -> bytes:
    record = {"id": f"r{number}", "actor": f"u{number}", "type": "note", "published": "2026-10-01T12:00:00Z", **more}
    return msgspec.json.encode(record)


def ids(store: Store) -> list[str | None]:
    return [record.id for record in store.datasets.activities("ada", "s")]


def kept(storage: str) -> list[str]:
    """What lies at the address."""
    from fsspec.core import url_to_fs  # noqa: PLC0415 # not where only S3 is asked for and nothing speaks to it

    files, root = url_to_fs(storage, use_listings_cache=False)
    return sorted(path for path in files.find(root) if path.endswith(".parquet"))


def damage(storage: str, change: Callable[[bytes], bytes]) -> None:
    """Change what lies at the address."""
    from fsspec.core import url_to_fs  # noqa: PLC0415

    files, _ = url_to_fs(storage, use_listings_cache=False)
    for path in kept(storage):
        files.pipe_file(path, change(files.cat_file(path)))


def test_what_one_machine_keeps_the_other_reads_adds_to_and_deletes(machine: Any, storage: str) -> None:
    one, two = machine("one"), machine("two")
    one.datasets.put("ada", "s", lines=[line(1), line(2)], **FACTS)
    assert ids(two) == ["r1", "r2"]
    two.datasets.append("ada", "s", [line(2, content="new"), line(3)])
    assert [record.content for record in one.datasets.activities("ada", "s")] == [None, "new", None]
    one.datasets.remove("ada", "s", "r1")
    assert ids(two) == ["r2", "r3"]
    assert two.datasets.delete("ada", "s")
    assert (one.datasets.get("ada", "s"), kept(storage)) == (None, [])


def test_after_an_erasure_nothing_is_left_at_the_address_or_on_any_machine(
    machine: Any, storage: str, tmp_path: Path
) -> None:
    one, two = machine("one"), machine("two")
    one.datasets.put("ada", "s", lines=[line(1, actor="eva-1"), line(2, target_actor="eva-1")], **FACTS)
    ids(two)
    two.drop_erased()
    one.dataset_erasure.erase(DataSubject(network="custom:demo", names=("eva-1",)), None)
    two.drop_erased()
    assert ids(two) == ["r2"]
    assert len(kept(storage)) == 1
    left = [path for name in ("one", "two") for path in (tmp_path / name).rglob("*.*") if b"eva-1" in path.read_bytes()]
    assert left == []


@pytest.mark.parametrize("change", [lambda said: said[:0], lambda said: said[:-1], lambda said: b"x" + said[1:]])
def test_a_damaged_part_is_not_read(machine: Any, storage: str, change: Any) -> None:
    machine("one").datasets.put("ada", "s", lines=[line(1), line(2)], **FACTS)
    damage(storage, change)
    with pytest.raises(DamagedFileError, match=storage):
        ids(machine("two"))


def test_a_missing_part_is_damage(machine: Any, storage: str) -> None:
    from fsspec.core import url_to_fs  # noqa: PLC0415

    machine("one").datasets.put("ada", "s", lines=[line(1)], **FACTS)
    files, _ = url_to_fs(storage)
    files.rm_file(*kept(storage))
    with pytest.raises(DamagedFileError, match="is gone"):
        ids(machine("two"))


def test_a_machine_with_another_storage_does_not_start(machine: Any, storage: str) -> None:
    machine("one")
    with pytest.raises(IdentityError, match="the storage"):
        machine("two", f"{storage}-other")


def test_a_machine_without_the_secret_does_not_start(
    machine: Any, storage: str, redis_url: str, tmp_path: Path
) -> None:
    machine("one")
    with pytest.raises(IdentityError, match="the secret in"):
        open_store(redis_url, tmp_path / "two", storage=storage).identity.check()


def test_parts_that_no_data_set_has_are_swept(machine: Any, storage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = machine("one")
    store.datasets.put("ada", "s", lines=[line(1)], **FACTS)
    store.redis.flushall()
    monkeypatch.setattr("candor.store.part_files.UNCLAIMED_S", -1)
    store.dataset_erasure.erase(DataSubject(network="custom:demo", names=("nobody",)), None)
    assert kept(storage) == []


@pytest.fixture
def apart(tmp_path: Path, new_job: NewJob, posts: bytes, storage: str) -> Iterator[Stack]:
    """A stack whose data sets lie at the address, run from the checkout: what is installed knows no fsspec."""
    made = Stack(tmp_path, BIN, new_job, posts, storage=storage)
    made.store.identity.check()
    yield made
    made.close()


def test_a_worker_killed_in_the_middle_of_a_board_loses_nothing_where_machines_share_only_the_storage(
    apart: Stack, new_job: NewJob, tmp_path: Path
) -> None:
    lines = [msgspec.json.encode(activity) for activity in community(5_000)]

    def submit(owner: str) -> Job:
        town = apart.store.datasets.put(owner, "town", lines=lines, **{**FACTS, "profile": "qa"})
        job = new_job(owner=owner, accounts=(), dataset=town.id, dataset_digest=town.digest)
        request = msgspec.structs.replace(job.request, topics=TOPICS, trust_root=AskedRoot.of(ROOT), profile="qa")
        job = msgspec.structs.replace(job, request=request)
        apart.store.jobs.create(job, root=ROOT)
        return job

    token = CURRENT.set(WorkerContext(apart.store, load_method(), score))
    alone = submit("alone")
    for name in (alone.id, *(part_id(alone.id, number) for number in range(len(TOPICS)))):
        jobs.score("alone", name)
    CURRENT.reset(token)
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        shutil.copy(apart.data_dir / NAME, tmp_path / name)
        apart.launch(CANDOR_DATA_DIR=str(tmp_path / name))
    both = submit("both")
    parts = {part_id(both.id, number) for number in range(len(TOPICS))}
    at_it: list[str] = []
    workers = apart.store.workers
    apart.until(lambda: at_it.extend(each for each in workers.alive() if workers.held_by(each) in parts) or at_it)
    os.kill(int(apart.store.redis.hget(f"rq:worker:{at_it[0]}", "pid")), signal.SIGKILL)
    assert apart.until_ended(both).status == "succeeded"
    boards = [
        [
            list(apart.store.boards.rows(apart.store.boards.get(job.owner, each.board_id)))
            for each in apart.job(job).results
        ]
        for job in (alone, both)
    ]
    assert boards[0] == boards[1]
    assert apart.job(alone).status == "succeeded"


@pytest.fixture
def shells(tmp_path: Path, storage: str) -> Iterator[list[Shell]]:
    """Shells on two machines, which know how to speak to the storage."""
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        made.append(Shell(tmp_path / name, BIN))
    yield made
    for shell in made:
        shell.close()


def test_what_is_uploaded_on_one_machine_is_scored_by_another(
    shells: list[Shell], redis_url: str, storage: str, posts: bytes
) -> None:
    one, two = shells
    shared = {"CANDOR_REDIS_URL": redis_url, "CANDOR_STORAGE": storage}
    one.start("api", **shared)
    url = f"http://127.0.0.1:{one.env['CANDOR_PORT']}"
    until(lambda: _answers(f"{url}/livez"))
    (two.folder / ".candor").mkdir()
    shutil.copy(one.folder / ".candor" / NAME, two.folder / ".candor")
    two.start("worker", **shared)
    upload = f"{url}/v1/datasets/posts?network=custom:demo&profile=forum"
    sent = requests.put(upload, posts, headers={"Content-Type": "application/x-ndjson"}, timeout=PATIENCE_S)
    assert sent.status_code == 201, sent.text
    asked = {
        "accounts": [{"network": "custom:demo", "account": "u1"}],
        "topics": [{"id": "rockets", "label": "Rockets", "terms": ["rocket"]}],
        "trust_root": {"kind": "none"},
        "dataset": "posts",
    }
    job = requests.post(f"{url}/v1/jobs", json=asked, timeout=PATIENCE_S).json()
    ended = {"succeeded", "failed"}
    until(lambda: requests.get(f"{url}/v1/jobs/{job['id']}", timeout=PATIENCE_S).json()["status"] in ended)
    assert requests.get(f"{url}/v1/jobs/{job['id']}", timeout=PATIENCE_S).json()["status"] == "succeeded"
    assert not (one.folder / ".candor" / "datasets").exists() or not list(
        (one.folder / ".candor" / "datasets").glob("*.parquet")
    )
