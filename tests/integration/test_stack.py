"""The whole stack as a user runs it: `candor up`, `demo` and `score`, stopped, killed and started again."""

from __future__ import annotations

import json
import os
import signal
import socket
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import requests

from candor import sample
from tests.integration.shell import Shell, free_port
from tests.integration.waiting import PATIENCE_S, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from candor.store import Store


@pytest.fixture
def root_file(tmp_path: Path) -> str:
    """The sample's trust root."""
    root = msgspec.to_builtins(sample.trust_root())
    path = tmp_path / "root.json"
    path.write_bytes(msgspec.json.encode({name: root[name] for name in ("kind", "network", "accounts")}))
    return str(path)


@pytest.fixture
def question(root_file: str) -> list[str]:
    """Two of the sample's people on its topic, as options of `candor score`."""
    return [
        f"--activities={sample.records_path()}",
        f"--network={sample.NETWORK}",
        f"--profile={sample.PROFILE}",
        f"--topic={sample.TOPIC}",
        f"--account={sample.EXPERT}",
        f"--account={sample.RING_CENTRE}",
        f"--trust-root={root_file}",
        f"--as-of={sample.AS_OF.isoformat()}",
    ]


class Up:
    """`candor up` in a shell of its own."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.start()

    def start(self) -> None:
        """Start it anew, on what it keeps."""
        self.process, self.url = self.shell.up()


@pytest.fixture(scope="module")
def lasting_up(bin_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    shell = Shell(tmp_path_factory.mktemp("up"), bin_dir)
    yield Up(shell)
    shell.close()


@pytest.fixture
def up(lasting_up: Up) -> Up:
    """One that runs, shared by the tests of this file: where one of them has ended it, it is started again."""
    if lasting_up.process.poll() is not None:
        lasting_up.start()
    return lasting_up


def post_job(url: str) -> dict[str, Any]:
    """Submit a small job, not waiting for it."""
    activities = [json.loads(line) for line in sample.records_path().read_text().splitlines()[:2000]]
    body = {
        "accounts": [{"network": sample.NETWORK, "account": f"p{number:02}"} for number in range(1, 41)],
        "topics": [sample.TOPIC],
        "trust_root": "network",
        "profile": sample.PROFILE,
        "activities": activities,
    }
    answer = requests.post(f"{url}/v1/jobs", json=body, timeout=PATIENCE_S)
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json()
    return job


def test_the_demo_ends_well_and_leaves_nothing_behind(shell: Shell) -> None:
    status, shown, said = shell.run("demo")
    assert status == 0, said
    assert (shell.running(), shell.files_left()) == ({}, [])
    assert max(map(len, shown.splitlines())) <= 100
    for words in (
        "an expert",
        "an enthusiast",
        "a brand",
        "centre of a ring",
        "unverified",
        "/docs",
        "Mara Ilves",
        "six followers",
    ):
        assert words in shown


def test_the_demo_stopped_half_way_leaves_nothing_behind(shell: Shell) -> None:
    process = shell.start("demo")
    until(shell.files_left)
    process.terminate()
    process.wait(PATIENCE_S)
    assert (process.returncode, shell.running(), shell.files_left()) == (130, {}, [])


def test_score_through_the_stack_prints_the_bytes_that_the_process_itself_makes(
    shell: Shell, question: list[str]
) -> None:
    here = shell.run("score", "--json", "--in-process", *question)
    there = shell.run("score", "--json", *question)
    assert (there[0], there[1]) == (0, here[1])
    assert (shell.running(), shell.files_left()) == ({}, [])


def test_score_with_more_records_than_a_job_takes_uploads_a_data_set(
    up: Up, question: list[str], tmp_path: Path
) -> None:
    many = tmp_path / "many.ndjson"
    fillers = (
        f'{{"id": "f{n}", "actor": "x{n}", "type": "note", "published": "2026-01-01T00:00:00Z", "content": "tea"}}\n'
        for n in range(10_000)
    )
    many.write_text(sample.records_path().read_text() + "".join(fillers))
    question = [f"--activities={many}", *question[1:]]
    here = up.shell.run("score", "--json", "--in-process", *question)
    there = up.shell.run("score", "--json", f"--server={up.url}", *question)
    assert (there[0], there[1]) == (0, here[1])
    assert "Uploading 13,718 records." in there[2]
    kept = (up.shell.folder / ".candor" / "datasets").iterdir()
    assert [path.name for path in kept] == ["directory-id"]


def test_what_a_service_refuses_is_said_in_its_words(up: Up, question: list[str]) -> None:
    status, shown, said = up.shell.run("score", f"--server={up.url}", *question, "--topic=not-there")
    assert (status, shown) == (2, "")
    assert "/topics/1: there is no topic 'not-there'" in said


def test_up_refuses_a_second_one_on_the_same_data(up: Up) -> None:
    status, _, said = up.shell.run("up", CANDOR_PORT=str(free_port()))
    assert status == 1
    assert "another process uses this data directory" in said


def test_keys_are_made_on_the_server_of_a_running_up(up: Up) -> None:
    secret = up.shell.run("keys", "create", "--name=laptop", "--owner=ada")[1].strip()
    answer = requests.get(f"{up.url}/v1/jobs", headers={"Authorization": f"Bearer {secret}"}, timeout=PATIENCE_S)
    assert answer.status_code == 200


def test_up_starts_its_server_again_where_it_ended_by_itself(up: Up) -> None:
    job = post_job(up.url)
    os.kill(next(pid for pid, command in up.shell.running().items() if "valkey-server" in command), signal.SIGKILL)
    until(lambda: "The embedded Valkey is back." in up.shell.said(up.process))

    def _ended() -> bool:
        answer = requests.get(up.url + job["urls"]["self"], timeout=PATIENCE_S)
        assert answer.status_code in {200, 503}
        return answer.status_code == 200 and answer.json()["status"] == "succeeded"

    until(_ended)
    assert up.process.poll() is None


def test_up_stops_at_sigterm_and_what_it_accepted_has_ended_or_is_finished_by_the_next(up: Up) -> None:
    assert requests.get(f"{up.url}/readyz", timeout=PATIENCE_S).json()["workers"] == 2
    job = post_job(up.url)
    stopped = up.process
    stopped.terminate()
    stopped.wait(PATIENCE_S)
    assert (stopped.returncode, up.shell.running(), up.shell.files_left()) == (0, {}, [])
    assert "Candor has stopped." in up.shell.said(stopped).splitlines()[-1]
    up.start()
    until(lambda: requests.get(up.url + job["urls"]["self"], timeout=PATIENCE_S).json()["status"] == "succeeded")


def test_up_killed_leaves_no_process(up: Up) -> None:
    assert len(up.shell.running()) >= 6
    up.process.kill()
    up.process.wait()
    until(lambda: not up.shell.running())


def test_up_ends_with_words_when_a_part_of_it_dies(up: Up) -> None:
    os.kill(next(pid for pid, command in up.shell.running().items() if "-m gunicorn" in command), signal.SIGKILL)
    up.process.wait(PATIENCE_S)
    assert up.process.returncode == 1
    assert "everything else was stopped" in up.shell.said(up.process)
    until(lambda: not up.shell.running())


def test_up_refuses_a_port_that_is_taken(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        status, _, said = shell.run("up", CANDOR_PORT=port)
    lines = [json.loads(line) for line in said.splitlines()]  # as all of its logs, where nobody reads along
    assert (status, [line["level"] for line in lines]) == (1, ["info", "critical"])
    assert lines[-1]["why"] == f"cannot listen on 127.0.0.1:{port}: Address already in use"


def test_up_refuses_to_be_reached_by_others_without_a_key(shell: Shell) -> None:
    status, _, said = shell.run("up", CANDOR_HOST="0.0.0.0")
    assert status == 2
    assert "there is no key: make one with `candor keys create`" in said
    assert "set CANDOR_OPERATOR_CONTACT" in said  # both at once


def test_up_refuses_to_be_reached_by_others_without_a_contact(shell: Shell) -> None:
    shell.run("keys", "create", "--name=first")
    status, _, said = shell.run("up", CANDOR_HOST="0.0.0.0")
    assert status == 2
    assert "set CANDOR_OPERATOR_CONTACT" in said


def test_up_is_reached_by_others_with_a_key_and_a_contact_on_a_server_that_is_there(
    shell: Shell, question: list[str], redis_url: str
) -> None:
    secret = shell.run("keys", "create", "--name=first", CANDOR_REDIS_URL=redis_url)[1].strip()
    _, url = shell.up(CANDOR_HOST="0.0.0.0", CANDOR_OPERATOR_CONTACT="ops@example.org", CANDOR_REDIS_URL=redis_url)
    assert not any("valkey-server" in line for line in shell.running().values())
    assert requests.get(f"{url}/v1/jobs", timeout=PATIENCE_S).status_code == 401
    status, shown, said = shell.run("score", "--json", f"--server={url}", *question, CANDOR_KEY=secret)
    assert status == 0, said
    assert {document["operator"]["contact"] for document in json.loads(shown)} == {"ops@example.org"}


def test_up_refuses_a_server_that_may_throw_jobs_away(shell: Shell, redis_url: str, store: Store) -> None:
    store.redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        status, _, said = shell.run("up", CANDOR_REDIS_URL=redis_url)
    finally:
        store.redis.config_set("maxmemory-policy", "noeviction")
    assert status == 1
    assert "maxmemory-policy is allkeys-lru" in said


def test_up_refuses_a_server_that_is_away(shell: Shell) -> None:
    status, _, said = shell.run("up", CANDOR_REDIS_URL=f"unix://{shell.folder}/none.sock")
    assert status == 1
    assert "the server at CANDOR_REDIS_URL will not do" in said
