"""The whole way: a job over HTTP, a real launcher with real workers, a score that adds up."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from candor.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from candor.store import Store

ROOT = {"kind": "accounts", "network": "custom:beer", "accounts": [{"account": f"u{i}"} for i in range(5)]}


def records() -> list[dict[str, str]]:
    """Five people ask about hops; u19 answers each, and each accepts."""
    made = []
    for number in range(5):
        day = f"2026-10-0{number + 1}T1"
        made += [
            {
                "id": f"q{number}",
                "actor": f"u{number}",
                "type": "question",
                "published": f"{day}0:00:00Z",
                "content": "Hops?",
            },
            {
                "id": f"a{number}",
                "actor": "u19",
                "type": "answer",
                "published": f"{day}1:00:00Z",
                "object": f"q{number}",
            },
            {
                "id": f"c{number}",
                "actor": f"u{number}",
                "type": "accept",
                "published": f"{day}2:00:00Z",
                "object": f"a{number}",
            },
        ]
    return made


@pytest.fixture
def workers(redis_url: str, data_dir: Path, store: Store) -> Iterator[None]:
    settings = Settings(redis_url=redis_url, data_dir=data_dir, operator_contact="ada@example.org")
    command = [sys.executable, "-m", "worker"]
    launcher = subprocess.Popen(command, env={**os.environ, **settings.environment()})
    yield
    launcher.terminate()
    launcher.wait(30)


def test_a_job_ends_with_scores_that_add_up(client, job, workers):
    job |= {"activities": records(), "trust_root": ROOT}
    answer = client.post("/v1/jobs", json=job, headers={"Prefer": "wait=60"})
    assert (answer.status_code, answer.json["status"]) == (200, "succeeded")
    score = client.get(answer.json["results"][0]["score_url"]).json
    expertise = score["expertise"]
    assert (expertise["status"], score["operator"]["contact"]) == ("ok", "ada@example.org")
    parts = sum(Decimal(str(feature["contribution"])) for feature in expertise["features"])
    assert Decimal(str(expertise["score"])) == parts
    assert len(client.get(score["urls"]["evidence"]).json["expertise"]["evidence"]) >= 5
    assert client.get(score["urls"]["method"]).json["digest"] == score["method"]["digest"]
    row = client.get("/v1/accounts/custom:beer/u19/scores").json["data"][0]
    assert row["expertise"]["score"] == expertise["score"]
    assert client.get("/readyz").status_code == 200
