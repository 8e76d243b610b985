"""A client that @hey-api/openapi-ts makes from the description uploads records, and gets to a number with reasons."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from candor import sample
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
def compiled(tmp_path) -> Callable[[str], Path]:
    """Compiles a program against a client that is made here and now, types checked."""
    run(TOOLS / "openapi-ts", "-i", PATH, "-o", tmp_path / "client", "-c", "@hey-api/client-fetch", "--no-log-file")

    def compile_program(name: str) -> Path:
        shutil.copy(HERE / f"{name}.ts", tmp_path)
        run(TOOLS / "tsc", *COMPILED, "--outDir", tmp_path / "made", tmp_path / f"{name}.ts")
        return tmp_path / "made" / f"{name}.js"

    return compile_program


@pytest.mark.typescript
def test_ndjson_and_parquet_are_uploaded_and_appended(compiled, tmp_path, url, at_work):
    program, file = compiled("upload"), tmp_path / "records"

    def uploaded(content: bytes, media_type: str) -> object:
        file.write_bytes(content)
        return json.loads(run("node", program, url, at_work.secret, file, media_type))

    assert uploaded(LINES, "application/x-ndjson") == [2, 2]
    assert uploaded(parquet(tmp_path), "application/vnd.apache.parquet") == [2, 2]


@pytest.mark.typescript
def test_from_nothing_to_a_number_with_reasons(compiled, url, at_work):
    said = json.loads(run("node", compiled("number"), url, at_work.secret, sample.records_path()))
    assert said["name"] == "Teodora Vasile"
    assert 0 < said["number"] < 100
    assert said["reasons"]
