"""An engine that cannot be used is told at the start: what is not installed, and where nobody listens."""

from __future__ import annotations

import socket

import pytest

from candor.boards import reachable
from candor.errors import OperatorError


@pytest.mark.parametrize("engine", ["memory", "duckdb"])
def test_engines_of_our_own_need_nothing(engine: str, caplog: pytest.LogCaptureFixture):
    reachable.check_engine(engine)
    assert caplog.text == ""


def test_without_what_reads_it_nothing_starts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reachable, "find_spec", lambda _: None)
    with pytest.raises(OperatorError, match="pip install pyspark-client"):
        reachable.check_engine("sc://127.0.0.1:15002")


def test_where_nobody_listens_the_log_says_so_without_the_token(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(reachable, "find_spec", lambda _: "there")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        reachable.check_engine(f"sc://127.0.0.1:{port}/;token=hidden")
        assert caplog.text == ""
    reachable.check_engine(f"sc://127.0.0.1:{port}/;token=hidden")
    assert f"127.0.0.1:{port} does not answer" in caplog.text
    assert "hidden" not in caplog.text
