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
    assert "word-14" not in shown.output
    assert "word-16" not in shown.output
    assert "from byte" in shown.output
    assert "nothing was changed" in shown.output
    assert log.read_bytes() == broken


def test_told_to_it_cuts_out_the_write_that_cannot_be_read_and_keeps_a_copy(log: Path, tmp_path: Path) -> None:
    broken = damage(log, b"word-15")
    assert repair("--yes").exit_code == 0
    with EmbeddedServer(tmp_path / "valkey") as server, Redis.from_url(server.url) as redis:
        assert (redis.dbsize(), redis.get("word-15"), redis.get("word-16")) == (19, None, b"kept")
    assert log.with_name(f"{log.name}.damaged").read_bytes() == broken


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        (b"SET\r\n$7\r\nword-15", b"SDT\r\n$7\r\nword-15"),
        (b"$7\r\nword-15", b"$6\r\nword-15"),
        (b"$7\r\nword-15", b"$7\r0word-15"),
        (b"*3\r\n$3\r\nSET\r\n$7\r\nword-15", b"*2\r\n$3\r\nSET\r\n$7\r\nword-15"),
    ],
)
def test_one_byte_in_the_midst_costs_one_write(log: Path, tmp_path: Path, said: bytes, instead: bytes) -> None:
    log.write_bytes(log.read_bytes().replace(said, instead))
    with pytest.raises(EmbeddedServerError, match="`candor repair`"):
        EmbeddedServer(tmp_path / "valkey").start()
    assert repair("--yes").exit_code == 0
    with EmbeddedServer(tmp_path / "valkey") as server, Redis.from_url(server.url) as redis:
        assert [number for number in range(20) if not redis.exists(f"word-{number}")] == [15]


def test_a_transaction_goes_whole_and_what_comes_after_a_second_break_stays(log: Path, tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path / "valkey") as server, Redis.from_url(server.url) as redis:
        for number in range(300):
            with redis.pipeline() as pipe:
                pipe.set(f"first-{number}", "kept").set(f"second-{number}", "kept").execute()
    for number in (20, 250):
        damage(log, b"second-%d\r" % number)
    assert "at least" in repair().output
    assert repair("--yes").exit_code == 0
    with EmbeddedServer(tmp_path / "valkey") as server, Redis.from_url(server.url) as redis:
        lost = [number for number in range(300) if not redis.exists(f"first-{number}")]
        assert (lost, redis.dbsize()) == ([20, 250], 20 + 2 * 298)
    assert "is whole" in repair().output


def test_a_damaged_snapshot_is_said_to_be_one_by_the_server_and_by_repair(log: Path, tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path / "valkey") as server, Redis.from_url(server.url) as redis:
        redis.bgrewriteaof()
        while redis.info("persistence")["aof_rewrite_in_progress"] or log.exists():
            pass
    (snapshot,) = log.parent.glob("*.base.rdb")
    said = snapshot.read_bytes()
    snapshot.write_bytes(said.replace(b"kept", b"lost", 1))
    with pytest.raises(EmbeddedServerError, match="a snapshot cannot be repaired"):
        EmbeddedServer(tmp_path / "valkey").start()
    shown = repair("--yes")
    assert (shown.exit_code, "a snapshot cannot be repaired" in shown.output) == (1, True)


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
