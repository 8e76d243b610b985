"""A forum of thousands of topics on this machine, followed by a data set, with its worker killed in the middle."""

# ruff: noqa: T201 -- the measured seconds are worth seeing

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.integration.answering_server import AnsweringServer, Told
from tests.integration.shell import Shell
from tests.integration.waiting import until
from tests.worker.forum import HOST, Forum

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TOPICS = int(os.environ.get("CANDOR_TEST_TOPICS", "150"))


@pytest.fixture(scope="module")
def forums() -> list[Forum]:
    """The forums of the tests so far: the last is the one that answers."""
    return []


@pytest.fixture
def forum(forums: list[Forum]) -> Forum:
    """A forum with many topics."""
    forums.append(made := Forum())
    for number in range(1, TOPICS + 1):
        made.add(number, f"asker{number % 97}", f"helper{number % 31}", f"helper{number % 53}")
    return made


@pytest.fixture(scope="module")
def up(forums: list[Forum], bin_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shell, str]]:
    """A shell with a Candor that reads the forum, and its address, for all tests of this file."""

    def answer(path: str, _headers: Mapping[str, str]) -> Told:
        status, told = forums[-1].answer(path)
        return Told(told, status)

    shell = Shell(tmp_path_factory.mktemp("up"), bin_dir)
    with AnsweringServer(answer) as server:
        places = {"CANDOR_TEST_PLACES": f"{HOST}=http://{server.place}", "CANDOR_TEST_HOSTS": server.place}
        yield shell, shell.up(**places)[1]
        shell.close()


def worker_of_batch(shell: Shell) -> int:
    """The worker that reads sources."""
    return next(pid for pid, command in shell.running().items() if "--queue batch" in command)


def test_a_forum_is_followed_and_a_killed_worker_s_work_goes_on(forum, up):
    shell, url = up
    began_s = time.monotonic()
    body = {"source": {"network": f"discourse:{HOST}", "max_requests": 20_000}}
    assert requests.put(f"{url}/v1/datasets/forum", json=body, timeout=10).status_code == 201

    def source() -> dict[str, Any]:
        told: dict[str, Any] = requests.get(f"{url}/v1/datasets/forum", timeout=10).json()["source"]
        return told

    until(lambda: forum.count("t") > TOPICS // 2)
    os.kill(worker_of_batch(shell), signal.SIGKILL)
    before = forum.count("t")
    until(lambda: source()["status"] == "read")
    found = source()
    print(
        f"{TOPICS} topics: {len(forum.asked)} requests in {time.monotonic() - began_s:.1f} s with a worker "
        f"killed after {before} topics; {found['records']} records"
    )
    assert (found["complete"], found["gaps"], found["error"]) == (True, [], None)
    assert forum.count("t") <= TOPICS + 1  # what the dead worker had in hand
    lines = requests.get(f"{url}/v1/datasets/forum/records", timeout=60).text.splitlines()
    records = [json.loads(line) for line in lines]
    assert sum(record["type"] == "question" for record in records) == TOPICS
    assert len({record["id"] for record in records}) == len(records) == found["records"]
    assert requests.delete(f"{url}/v1/datasets/forum", timeout=10).status_code == 204


def test_what_the_docs_say_to_type_ranks_the_people_of_a_forum(forum, up):
    _, url = up
    forum.moderators.add("helper1")
    for number in range(1, TOPICS + 1):
        helpers = (f"helper{number % 31}", "helper1")
        forum.add(number, f"asker{number % 97}", *helpers, text="The spacecraft reaches orbit by electric propulsion")
    page = (Path(__file__).parents[2] / "docs" / "following.md").read_text("utf-8")
    block = page.partition("```sh\n")[2].partition("```")[0]
    begun, ranked, asked = re.split(r"\n(?=curl )", block.strip())[-3:]

    def typed(command: str) -> dict[str, Any]:
        quiet = command.replace("curl ", "curl --silent --show-error ", 1)
        done = subprocess.run(
            ["bash", "-c", f"S={url}; {quiet}"], capture_output=True, text=True, check=True, timeout=60
        )
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    assert typed(begun)["source"]["status"] == "queued"
    until(lambda: typed(f"curl {url}/v1/datasets/forum")["source"]["status"] == "read")
    assert typed(ranked)["topic"] == "space-technology"
    until(lambda: typed(asked).get("data"))
    best = typed(asked)["data"][0]
    assert best["account"].startswith("helper")
    assert typed(f"curl {url}/v1/datasets/forum")["source"]["trust_root"] == "forum-trusted"
    trusting = ranked.replace('"network"', '"forum-trusted"').replace("boards/space", "boards/trusted")
    assert typed(trusting)["trust_root"] == "forum-trusted"
