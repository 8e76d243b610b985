"""What README and docs/ say to type is there: every command of candor with its options, every target and module."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path

import click
import pytest

from service.cli import main

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^ *```[a-z]*\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")


def typed(page: Path) -> list[str]:
    """Every command that a page shows: the lines of its blocks, and code in a sentence."""
    text = page.read_text("utf-8")
    lines = [line.strip() for block in BLOCK.findall(text) for line in block.replace("\\\n", " ").splitlines()]
    return [*lines, *(re.sub(r"\s+", " ", code) for code in INLINE.findall(BLOCK.sub("", text)))]


def commands(page: Path) -> list[str]:
    return sorted({said[1] for line in typed(page) if (said := re.search(r"(?:^|\s)(candor [a-z].*)", line))})


WRITTEN = [(page.name, line) for page in PAGES for line in commands(page)]
MADE = sorted({found for page in PAGES for found in re.findall(r"\bmake ([a-z-]+)`", page.read_text("utf-8"))})
MODULES = sorted({found for page in PAGES for found in re.findall(r"python -m ([a-z_.]+)", page.read_text("utf-8"))})


def command_of(words: list[str]) -> tuple[click.Command, list[str]]:
    """Find the command that words name, and what is left of them."""
    found: click.Command = main
    while isinstance(found, click.Group) and words and not words[0].startswith("-"):
        inner = found.get_command(click.Context(found), words[0].partition("|")[0])
        assert inner is not None, f"there is no command {words[0]}"
        found, words = inner, words[1:]
    return found, words


@pytest.mark.parametrize(("page", "line"), WRITTEN, ids=[f"{page}: {line[:60]}" for page, line in WRITTEN])
def test_every_command_in_the_documentation_is_there_with_its_options(page, line):
    words = shlex.split(line.split(" | ")[0].split(" > ")[0], comments=True)
    found, rest = command_of(words[1:])
    known = {name for parameter in found.params for name in parameter.opts} | {"--help", "--version"}
    asked = [word.partition("=")[0] for word in rest if re.match(r"--?[a-z]", word)]
    assert [option for option in asked if option not in known] == []


@pytest.mark.parametrize("target", MADE)
def test_every_target_in_the_documentation_is_made(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("module", MODULES)
def test_every_module_in_the_documentation_is_there(module):
    assert importlib.util.find_spec(module) is not None


def test_there_is_something_to_type():
    assert len(WRITTEN) > 30
    assert len(MADE) > 4
