"""A client generated from the description, as others would make it, submits a job, follows it and reads its score."""

from __future__ import annotations

import importlib
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from service.openapi import PATH
from service.schemas.job_requests import JOB_BODY_EXAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAME = "candor_client"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Imports a module of a client that is generated here and now."""
    config = tmp_path / "config.yaml"
    config.write_text("post_hooks: []\n")
    said = ["generate", "--meta=none", f"--path={PATH}", f"--config={config}", f"--output-path={tmp_path / NAME}"]
    subprocess.run([sys.executable, "-m", "openapi_python_client", *said], check=True, capture_output=True)
    monkeypatch.syspath_prepend(tmp_path)
    return lambda name: importlib.import_module(f"{NAME}.{name}")


def test_a_generated_client_submits_a_job_follows_it_and_reads_its_score(module, at_work):
    client = module("client").AuthenticatedClient(
        base_url="http://localhost",
        token=at_work.secret,
        httpx_args={"transport": httpx.WSGITransport(app=at_work)},
    )
    body = module("models.job_body").JobBody.from_dict(JOB_BODY_EXAMPLE | {"topics": ["space-technology"]})
    with client:
        accepted = module("api.jobs.create_job").sync(client=client, body=body)
        job = module("api.jobs.read_job").sync(accepted.id, client=client)
        document = module("api.scores.read_score").sync(job.results[0].score_id, client=client)
    assert (accepted.status, job.status) == ("queued", "succeeded")
    assert document.account.account == "u19"
    assert sum(feature.contribution for feature in document.interest.features) > 0
