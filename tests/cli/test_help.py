"""`candor --help`: names every command in the command's own words, and loads none of them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import click
import pytest

from candor import __version__
from service.cli import ENTRIES, main

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Candor

SHOWS_HELP = """
import sys
from service.cli import main
main(["--help"], standalone_mode=False)
print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def test_help_names_every_command(candor: Candor) -> None:
    shown = candor("--help").stdout
    assert [entry.name for entry in ENTRIES if f"  {entry.name} " not in shown] == []


def test_help_loads_no_library_that_it_does_not_need(bin_dir: Path, tmp_path: Path) -> None:
    command = [bin_dir / "python", "-c", SHOWS_HELP]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    heavy = {"numpy", "scipy", "flask", "marshmallow", "redis", "requests", "rq", "msgspec", "structlog"}
    assert heavy & set(ran.stderr.split()) == set()
    assert "click" in ran.stderr.split()


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry.name for entry in ENTRIES])
def test_what_help_says_of_a_command_is_what_the_command_says(entry):
    command = main.get_command(click.Context(main), entry.name)
    assert command.name == entry.name
    assert command.help.startswith(entry.short_help.removesuffix("."))


def test_an_unknown_command_is_said_to_be_unknown(candor: Candor) -> None:
    result = candor("scores")
    assert result.exit_code == 2
    assert "No such command 'scores'" in result.stderr


def test_the_command_says_its_version(candor: Candor) -> None:
    assert candor("--version").stdout == f"candor, version {__version__}\n"
