"""The command line of the workers."""

from __future__ import annotations

from pathlib import Path

import pytest

from candor.store.models import Retention
from worker.options import parse, tokens

LEAST = ["--data-dir", "/data"]
SERVER = {"CANDOR_REDIS_URL": "redis://example:6379"}


def test_what_is_not_said_has_the_published_default() -> None:
    options = parse(LEAST, SERVER)
    assert (options.redis_url, options.data_dir) == ("redis://example:6379", Path("/data"))
    assert (options.workers, options.contact, options.grace_s, options.retention) == (2, None, 10.0, Retention())


def test_retention_is_set_in_days() -> None:
    assert parse([*LEAST, "--evidence-days", "3"], SERVER).retention == Retention(evidence_days=3)


@pytest.mark.parametrize("argv", [[], [*LEAST, "--workers", "many"], [*LEAST, "--nonsense"]])
def test_a_wrong_command_line_ends_the_process(argv: list[str]) -> None:
    with pytest.raises(SystemExit):
        parse(argv, SERVER)


@pytest.mark.parametrize("environ", [{}, {"CANDOR_REDIS_URL": " "}])
def test_without_an_address_of_redis_the_process_ends(environ: dict[str, str], capsys) -> None:
    with pytest.raises(SystemExit):
        parse(LEAST, environ)
    assert "CANDOR_REDIS_URL is not set" in capsys.readouterr().err


def test_tokens_come_from_the_environment_each_for_its_host() -> None:
    environ = {
        "CANDOR_GITHUB_TOKEN": " gh ",
        "CANDOR_X_TOKEN": "",
        "CANDOR_MASTODON_TOKENS": "a.example=one, b.example=t=",
    }
    assert tokens(environ) == {"api.github.com": "gh", "a.example": "one", "b.example": "t="}


def test_test_hosts_and_places_are_said_on_the_command_line() -> None:
    options = parse([*LEAST, "--test-host=localhost:2", "--test-place=plc.directory=http://localhost:2"], SERVER)
    assert options.test_hosts == {"localhost:2"}
    assert options.access.places == {"plc.directory": "http://localhost:2"}


def test_no_host_is_a_test_host_unless_said() -> None:
    assert parse(LEAST, SERVER).test_hosts == frozenset()
