"""A client generated from the description, as others would make it, submits a job, follows it and reads its score."""

from __future__ import annotations

import importlib
import io
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import duckdb
import httpx
import pytest

from candor import sample
from service.openapi import PATH
from service.schemas.datasets import SOURCE_EXAMPLE
from service.schemas.job_requests import JOB_BODY_EXAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NAME = "candor_client"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a client is generated, here and now, once for all tests; `said` is what was said of it."""
    folder = tmp_path_factory.mktemp("generated")
    config = folder / "config.yaml"
    config.write_text("post_hooks: []\n")
    said = ["generate", "--meta=none", f"--path={PATH}", f"--config={config}", f"--output-path={folder / NAME}"]
    done = subprocess.run([sys.executable, "-m", "openapi_python_client", *said], check=True, capture_output=True)
    (folder / "said").write_bytes(done.stdout + done.stderr)
    return folder


@pytest.fixture(scope="module")
def module(folder: Path) -> Iterator[Callable[[str], Any]]:
    """Imports a module of the client."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield lambda name: importlib.import_module(f"{NAME}.{name}")


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


def test_all_that_a_generated_client_leaves_out_is_what_docs_says(folder):
    warnings = re.split(r"^WARNING parsing ", (folder / "said").read_text(), flags=re.MULTILINE)[1:]
    of_uploads = [each for each in warnings if "response will be omitted" not in each]
    assert {each.split()[1] for each in of_uploads} == {
        "/v1/datasets/{dataset_id}",
        "/v1/datasets/{dataset_id}/records",
    }
    others = {re.search(r"content_type ([\w/.+-]+)", each)[1] for each in warnings if each not in of_uploads}
    assert others <= {"image/svg+xml", "application/jose", "application/vc+jwt", "application/x-ndjson"}


LINES = (
    b'{"id":"a1","actor":"u7","type":"question","published":"2026-10-01T12:00:00Z","content":"Which hops?"}\n'
    b'{"id":"a2","actor":"u19","type":"answer","object":"a1","published":"2026-10-01T13:00:00Z","content":"Saaz."}\n'
)


def parquet(folder: Path) -> bytes:
    """The same records as Parquet."""
    (folder / "lines.ndjson").write_bytes(LINES)
    made = folder / "records.parquet"
    duckdb.sql(f"COPY (FROM read_json('{folder / 'lines.ndjson'}')) TO '{made}' (FORMAT parquet)")
    return made.read_bytes()


@pytest.mark.parametrize("form", ["ndjson", "parquet"])
def test_a_generated_client_uploads_and_appends_records(module, at_work, tmp_path, form):
    client = module("client").AuthenticatedClient(
        base_url="http://localhost",
        token=at_work.secret,
        httpx_args={"transport": httpx.WSGITransport(app=at_work)},
    )
    content = LINES if form == "ndjson" else parquet(tmp_path)
    profile = module("models.write_dataset_profile").WriteDatasetProfile.QA

    def file() -> Any:
        return module("types").File(payload=io.BytesIO(content))

    with client:
        kept = module("api.datasets.write_dataset").sync(
            "beer", client=client, body=file(), network="custom:beer", profile=profile
        )
        again = module("api.datasets.append_records").sync("beer", client=client, body=file())
    assert (kept.id, kept.records, again.records) == ("beer", 2, 2)


def test_a_generated_client_gets_from_nothing_to_a_number_with_reasons(module, at_work):
    client = module("client").AuthenticatedClient(
        base_url="http://localhost",
        token=at_work.secret,
        httpx_args={"transport": httpx.WSGITransport(app=at_work)},
    )
    profile = module("models.write_dataset_profile").WriteDatasetProfile.FORUM
    file = module("types").File(payload=io.BytesIO(sample.records_path().read_bytes()))
    with client:
        kept = module("api.datasets.write_dataset").sync(
            "town", client=client, body=file, network=sample.NETWORK, profile=profile
        )
        suggested = module("api.people.read_suggestions").sync("town", client=client)
        trusted = [{"account": each.account} for each in suggested.trust_roots[0].people[:12]]
        root = module("models.trust_root_body").TrustRootBody.from_dict(
            {"kind": "accounts", "network": sample.NETWORK, "accounts": trusted}
        )
        module("api.trust_roots.write_trust_root").sync("town", client=client, body=root)
        found = module("api.people.list_people").sync("town", client=client, q="vasile").data[0]
        asked = {
            "accounts": [{"network": sample.NETWORK, "account": found.account}],
            "topics": [sample.TOPIC],
            "trust_root": "town",
            "dataset": kept.id,
            "as_of": sample.AS_OF.isoformat(),
        }
        body = module("models.job_body").JobBody.from_dict(asked)
        accepted = module("api.jobs.create_job").sync(client=client, body=body)
        job = module("api.jobs.read_job").sync(accepted.id, client=client)
        document = module("api.scores.read_score").sync(job.results[0].score_id, client=client)
    assert document.account.name == "Teodora Vasile"
    assert 0 < document.expertise.score < 100
    assert document.expertise.reasons.up


def test_a_generated_client_lets_a_data_set_follow_a_source(module, at_work):
    client = module("client").AuthenticatedClient(
        base_url="http://localhost",
        token=at_work.secret,
        httpx_args={"transport": httpx.WSGITransport(app=at_work)},
    )
    body = module("models.follow_body").FollowBody.from_dict(SOURCE_EXAMPLE)
    with client:
        kept = module("api.datasets.write_dataset").sync("space", client=client, body=body)
    assert (kept.source.network, kept.source.status) == ("stackexchange:space", "queued")
