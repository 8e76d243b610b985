"""What README says to type works: its curl and its Python, against a running service, in the order they stand there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from candor.settings import Settings
from service.stack import temporary_stack

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
ADDRESS = "http://127.0.0.1:8421"
TO_BE_FILLED_IN = re.compile(r"\b(HANDLE|TOKEN|YOUR_\w+)\b")
CURL = 'curl() { command curl --silent --show-error --fail-with-body --write-out "\\n" "$@"; }\nset -e\n'


@dataclass(frozen=True)
class Block:
    """A block of code: on which line it begins, in what language, and what it says."""

    line: int
    language: str
    text: str

    @property
    def is_for_the_service(self) -> bool:
        """Whether it asks the service, and has nothing that its reader must fill in."""
        asks = self.language == "python" or re.search(r"^curl ", self.text, re.MULTILINE)
        return bool(asks) and not TO_BE_FILLED_IN.search(self.text)


def blocks(text: str) -> list[Block]:
    found = re.finditer(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [Block(text[: each.start()].count("\n") + 1, each[1], each[2]) for each in found]


BLOCKS = [block for block in blocks((ROOT / "README.md").read_text("utf-8")) if block.is_for_the_service]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A service of the tests' own."""
    with temporary_stack(Settings()) as stack:
        yield stack.url


def run(block: Block, url: str) -> str:
    """Type the block where the project lies, and return what it printed."""
    text = block.text.replace(ADDRESS, url)
    command = [sys.executable, "-c", text] if block.language == "python" else ["bash", "-c", f"S={url}\n{CURL}{text}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"README line {block.line}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def printed(url: str) -> dict[str, list[str]]:
    """What the blocks printed, by language: later ones use what earlier ones have made."""
    said: dict[str, list[str]] = {}
    for block in BLOCKS:
        said.setdefault(block.language, []).append(run(block, url))
    return said


def test_what_curl_gets_is_never_a_problem(printed):
    answers = [json.loads(line) for said in printed["sh"] for line in said.splitlines() if line.startswith("{")]
    assert answers
    assert [answer for answer in answers if "request_id" in answer] == []


def test_the_job_that_is_waited_for_succeeds(printed):
    answers = [json.loads(line) for said in printed["sh"] for line in said.splitlines() if line.startswith("{")]
    assert "succeeded" in {answer.get("status") for answer in answers}


def test_python_prints_a_score_part_by_part(printed):
    assert any("acknowledged_help" in said for said in printed["python"])


def test_what_is_not_run_says_what_its_reader_fills_in():
    text = 'curl "$S/v1/jobs" -d \'{"account": "HANDLE"}\'\n'
    asked = [Block(1, "sh", said).is_for_the_service for said in (text, text.replace("HANDLE", "ada"))]
    assert asked == [False, True]
