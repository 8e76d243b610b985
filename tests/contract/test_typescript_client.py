"""A client that @hey-api/openapi-ts makes from the description uploads and appends NDJSON and Parquet."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from service.openapi import PATH
from tests.contract.test_generated_client import LINES, parquet

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).with_name("typescript")
TOOLS = HERE / "node_modules" / ".bin"
COMPILED = (
    *("--module", "commonjs", "--moduleResolution", "node", "--target", "es2022", "--lib", "es2022,dom,dom.iterable"),
    *("--skipLibCheck", "--types", "node", "--typeRoots", str(HERE / "node_modules" / "@types")),
)


def run(*command: str | Path) -> str:
    """Run a command to its end; what it said is in the error if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def uploaded(tmp_path, url, at_work) -> Callable[[bytes, str], object]:
    """Uploads a file with a client that is made here and now, types checked, and appends it."""
    run(TOOLS / "openapi-ts", "-i", PATH, "-o", tmp_path / "client", "-c", "@hey-api/client-fetch", "--no-log-file")
    shutil.copy(HERE / "upload.ts", tmp_path)
    run(TOOLS / "tsc", *COMPILED, "--outDir", tmp_path / "made", tmp_path / "upload.ts")

    def upload(content: bytes, media_type: str) -> object:
        (tmp_path / "records").write_bytes(content)
        said = run("node", tmp_path / "made" / "upload.js", url, at_work.secret, tmp_path / "records", media_type)
        return json.loads(said)

    return upload


@pytest.mark.typescript
def test_ndjson_and_parquet_are_uploaded_and_appended(uploaded, tmp_path):
    assert uploaded(LINES, "application/x-ndjson") == [2, 2]
    assert uploaded(parquet(tmp_path), "application/vnd.apache.parquet") == [2, 2]
