"""What README says to type works, in the order it stands there: curl, Python and candor, on what is installed."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.installed import environ
from tests.integration.shell import Shell

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
    def can_be_typed(self) -> bool:
        """Whether it is to be typed here, and has nothing that its reader must fill in."""
        commands = re.search(r"^(curl|candor) ", self.text, re.MULTILINE)
        return bool(self.language == "python" or commands) and not TO_BE_FILLED_IN.search(self.text)


def blocks(text: str) -> list[Block]:
    found = re.finditer(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [Block(text[: each.start()].count("\n") + 1, each[1], each[2]) for each in found]


BLOCKS = [block for block in blocks((ROOT / "README.md").read_text("utf-8")) if block.can_be_typed]


@pytest.fixture(scope="module")
def shell(bin_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A user's shell, with what is installed."""
    made = Shell(tmp_path_factory.mktemp("readme"), bin_dir)
    yield made
    made.close()


@pytest.fixture(scope="module")
def url(shell: Shell) -> str:
    """A service of the tests' own."""
    return shell.up()[1]


def run(block: Block, url: str, bin_dir: Path) -> str:
    """Type the block where the project lies, and return what it printed."""
    text = block.text.replace(ADDRESS, url)
    program = "python" if block.language == "python" else "bash"
    said = text if block.language == "python" else f"S={url}\n{CURL}{text}"
    env = {**environ(), "PATH": f"{bin_dir}{os.pathsep}{os.environ['PATH']}", "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        [program, "-c", said], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"README line {block.line}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def printed(url: str, bin_dir: Path) -> dict[str, list[str]]:
    """What the blocks printed, by language: later ones use what earlier ones have made."""
    said: dict[str, list[str]] = {}
    for block in BLOCKS:
        said.setdefault(block.language, []).append(run(block, url, bin_dir))
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


def test_candor_prints_the_score_that_the_service_gave(printed):
    text = "".join(printed["sh"])
    answers = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    (served,) = (row["expertise"]["score"] for each in answers for row in each.get("data", ()) if "expertise" in row)
    assert re.findall(r"^EXPERTISE +([\d.]+) of 100", text, re.MULTILINE) == [f"{served:.6f}"]


def test_what_is_not_run_says_what_its_reader_fills_in():
    text = 'curl "$S/v1/jobs" -d \'{"account": "HANDLE"}\'\n'
    asked = [Block(1, "sh", said).can_be_typed for said in (text, text.replace("HANDLE", "ada"))]
    assert asked == [False, True]
