"""Fixtures for the command line: a runner of commands, and a small file of records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest
from click.testing import CliRunner, Result

from service.cli import main

if TYPE_CHECKING:
    from pathlib import Path

RECORDS = b"""\
{"id": "q1", "actor": "v", "type": "question", "published": "2020-01-01T00:00:00Z", "content": "which rocket?"}
{"id": "a1", "actor": "u", "type": "answer", "object": "q1", "published": "2020-01-01T00:00:01Z", "content": "this one"}
{"id": "k1", "actor": "v", "type": "accept", "object": "a1", "published": "2020-01-01T00:00:02Z"}
"""


class Candor(Protocol):
    """Runs a command as a user would."""

    def __call__(self, *arguments: str, stdin: bytes | None = ..., env: dict[str, str] | None = ...) -> Result: ...


@pytest.fixture
def candor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Candor:
    """A runner in a folder of its own; a traceback is a failure of the test."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, stdin: bytes | None = None, env: dict[str, str] | None = None) -> Result:
        result = CliRunner().invoke(main, arguments, input=stdin, env=env)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """A question, an answer and its acceptance."""
    path = tmp_path / "records.ndjson"
    path.write_bytes(RECORDS)
    return path


class Score(Protocol):
    """Runs `candor score --in-process` on the records, with options that stand for themselves unless given."""

    def __call__(self, *more: str, stdin: bytes | None = ..., **options: str | None) -> Result: ...


@pytest.fixture
def score(candor: Candor, records: Path) -> Score:
    """A runner of `candor score`; an option given as None is left out."""

    def run(*more: str, stdin: bytes | None = None, **options: str | None) -> Result:
        given: dict[str, str | None] = {
            "activities": str(records),
            "network": "github",
            "topic": "space-technology",
            "account": "u",
            "as_of": "2022-01-01",
            **options,
        }
        named = [f"--{name.replace('_', '-')}={value}" for name, value in given.items() if value is not None]
        return candor("score", "--in-process", *named, *more, stdin=stdin)

    return run
