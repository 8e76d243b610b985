"""`candor repair`: a damaged log of the embedded server is explained, shown, and cut where it is told to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from redis import Redis

from candor.store.embedded import EmbeddedServer, EmbeddedServerError
from service.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The log of a server that was told twenty words."""
    monkeypatch.setenv("CANDOR_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("CANDOR_REDIS_URL", raising=False)
    with EmbeddedServer(tmp_path / "valkey") as server, Redis.from_url(server.url) as redis:
        for number in range(20):
            redis.set(f"word-{number}", "kept")
    (path,) = (tmp_path / "valkey" / "appendonlydir").glob("*.incr.aof")
    return path


def repair(*options: str) -> Result:
    return CliRunner().invoke(main, ["repair", *options])


def damage(log: Path, word: bytes) -> bytes:
    """Break the log before a word; return what it was then."""
    said = log.read_bytes()
    at = said.index(word) - 4
    log.write_bytes(broken := said[:at] + b"\0\0" + said[at + 2 :])
    return broken


def test_a_server_that_cannot_read_its_log_says_which_command_helps(log: Path, tmp_path: Path) -> None:
    damage(log, b"word-15")
    with pytest.raises(EmbeddedServerError, match="`candor repair`"):
        EmbeddedServer(tmp_path / "valkey").start()


def test_what_would_be_lost_is_shown_and_nothing_is_changed(log: Path) -> None:
    broken = damage(log, b"word-15")
    shown = repair()
    assert shown.exit_code == 1
    assert "  SET word-16\n" in shown.output
    assert "word-14" not in shown.output
    assert "nothing was changed" in shown.output
    assert log.read_bytes() == broken


def test_told_to_it_cuts_off_what_cannot_be_read_and_keeps_a_copy(log: Path, tmp_path: Path) -> None:
    broken = damage(log, b"word-15")
    assert repair("--yes").exit_code == 0
    with EmbeddedServer(tmp_path / "valkey") as server, Redis.from_url(server.url) as redis:
        assert (redis.dbsize(), redis.get("word-14")) == (15, b"kept")
    assert log.with_name(f"{log.name}.damaged").read_bytes() == broken


def test_zeros_behind_the_last_write_are_cut_off_and_nothing_is_lost(log: Path, tmp_path: Path) -> None:
    log.write_bytes(log.read_bytes() + bytes(512))
    assert repair("--yes").exit_code == 0
    with EmbeddedServer(tmp_path / "valkey") as server, Redis.from_url(server.url) as redis:
        assert redis.dbsize() == 20


def test_a_log_that_is_whole_is_said_to_be(log: Path) -> None:
    shown = repair("--yes")
    assert (shown.exit_code, "is whole" in shown.output) == (0, True)
    assert not log.with_name(f"{log.name}.damaged").exists()


def test_the_log_of_a_server_that_runs_is_left_alone(log: Path, tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path / "valkey"):
        shown = repair("--yes")
    assert (shown.exit_code, "another process uses" in shown.output) == (1, True)


def test_without_a_log_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANDOR_DATA_DIR", str(tmp_path / "none"))
    assert repair().exit_code == 1
