"""What ends `candor up`, `api` and `worker`: said once, in JSON where their logs are JSON, in a sentence elsewhere."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest

from worker.__main__ import main as launch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.conftest import Candor

SERVICES = ["up", "api", "worker"]
WRONG = {"CANDOR_PORT": "many"}


@pytest.fixture(autouse=True)
def own_log() -> Iterator[None]:
    """Leave the log of this process as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.mark.parametrize("command", SERVICES)
@pytest.mark.parametrize("asked", [{}, {"CANDOR_LOG_FORMAT": "json"}, {"CANDOR_LOG_FORMAT": "xml"}])
def test_a_wrong_setting_is_one_line_of_the_log(candor: Candor, command: str, asked: dict[str, str]) -> None:
    ended = candor(command, env=WRONG | asked)
    (line,) = [json.loads(line) for line in ended.stderr.splitlines()]
    assert ended.exit_code == 2
    assert (line["level"], line["process"], line["event"]) == ("critical", command, "stopped by an error")
    assert "CANDOR_" in line["why"]


@pytest.mark.parametrize("command", SERVICES)
def test_where_the_log_is_text_it_is_a_sentence(candor: Candor, command: str) -> None:
    ended = candor(command, env=WRONG | {"CANDOR_LOG_FORMAT": "text"})
    (line,) = ended.stderr.splitlines()
    assert (ended.exit_code, line.startswith("Error: CANDOR_PORT")) == (2, True)


def test_a_command_that_somebody_types_tells_its_errors_in_a_sentence(candor: Candor) -> None:
    ended = candor("keys", "list", env=WRONG | {"CANDOR_LOG_FORMAT": "json"})
    assert (ended.exit_code, ended.stderr.startswith("Error: CANDOR_PORT")) == (2, True)


def test_a_launcher_that_cannot_read_its_settings_says_so_in_a_line_of_the_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert launch(WRONG) == 1
    (line,) = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (line["level"], line["process"], line["event"]) == ("critical", "launcher", "cannot start")
