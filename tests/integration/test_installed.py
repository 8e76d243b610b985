"""What is shipped: the installed package holds all it needs and nothing else, and its commands run from anywhere."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from candor import __version__, sample
from tests.installed import dockerfile, files_copied

if TYPE_CHECKING:
    from tests.integration.shell import Shell

PACKAGES = {"candor", "service", "worker"}
LISTS_FILES = """
import importlib.metadata
print(*importlib.metadata.files("candor"), sep="\\n")
"""
IMPORTS_ALL = """
import importlib, pkgutil
for package in ("candor", "service", "worker"):
    for module in pkgutil.walk_packages([importlib.import_module(package).__path__[0]], f"{package}."):
        importlib.import_module(module.name)
"""


def python(bin_dir: Path, folder: Path, code: str) -> str:
    """What the code prints, run by the installed Python in an empty folder."""
    ran = subprocess.run([bin_dir / "python", "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_every_file_of_the_packages_is_installed_and_nothing_else(bin_dir: Path, tmp_path: Path) -> None:
    installed = {Path(line) for line in python(bin_dir, tmp_path, LISTS_FILES).splitlines()}
    beside = {path for path in installed if "__pycache__" in path.parts or ".dist-info" in path.parts[0]}
    copied = {path for path in files_copied(dockerfile()) if path.parts[0] in PACKAGES}
    assert sorted(copied - installed) == []
    assert sorted(installed - beside - copied) == [Path("../../../bin/candor")]


def test_every_module_can_be_imported_with_the_locked_dependencies_alone(bin_dir: Path, tmp_path: Path) -> None:
    python(bin_dir, tmp_path, IMPORTS_ALL)


def test_it_says_its_version(shell: Shell) -> None:
    assert shell.run("--version") == (0, f"candor, version {__version__}\n", "")


def test_it_scores_and_verifies_the_sample_without_any_server(shell: Shell) -> None:
    options = [f"--{name}={getattr(sample, name.upper())}" for name in ("network", "profile", "topic")]
    who = [f"--account={sample.EXPERT}", "--trust-root=network", f"--as-of={sample.AS_OF.isoformat()}"]
    status, printed, said = shell.run(
        "score", "--in-process", "--json", f"--activities={sample.records_path()}", *options, *who
    )
    assert status == 0, said
    (shell.folder / "documents.json").write_text(printed)
    assert json.loads(printed)[0]["account"]["account"] == sample.EXPERT
    assert shell.run("verify", "documents.json")[0] == 0


def test_topics_and_keys_are_kept_in_the_data_directory_without_any_service(shell: Shell) -> None:
    assert "space-technology\tSpace technology\tbuilt-in" in shell.run("topics", "list")[1]
    assert shell.run("keys", "create", "--name=laptop")[0] == 0
    assert "laptop" in shell.run("keys", "list")[1]
