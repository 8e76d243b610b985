"""The package as it is shipped: the Dockerfile's own steps, in an environment under build/ instead of an image.

`python3 -m tests.installed` makes it, anew when something that the Dockerfile copies has changed, and prints where its
`candor` is. It needs nothing but Python, so that a clean checkout can begin with it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import venv
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "installed"
OF_THIS_PROCESS = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")


@dataclass(frozen=True)
class Step:
    """An instruction of the Dockerfile: COPY what where, RUN what, and so on."""

    name: str
    rest: str

    @property
    def is_ours(self) -> bool:
        """Whether it makes the environment; users and directories are the image's own."""
        return self.name == "COPY" or (self.name == "RUN" and self.rest.startswith("python "))

    @property
    def copied(self) -> list[str]:
        """What it copies."""
        return shlex.split(self.rest)[:-1] if self.name == "COPY" else []


def dockerfile() -> list[Step]:
    """Return the instructions of the Dockerfile."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text("utf-8"))
    lines = [line.partition(" ") for line in text.splitlines() if line and not line.startswith("#")]
    return [Step(name, rest.strip()) for name, _, rest in lines]


def files_copied(steps: Sequence[Step]) -> list[Path]:
    """Return the files that the steps copy, as paths within the project, in order."""
    found = [path for step in steps for source in step.copied for path in _files(ROOT / source)]
    return sorted(path.relative_to(ROOT) for path in found)


def environ() -> dict[str, str]:
    """Return the environment for commands of the package: without what leads Python back to the checkout."""
    return {name: value for name, value in os.environ.items() if name not in OF_THIS_PROCESS}


def installed() -> Path:
    """Return the folder of the installed commands, `candor` and `python` among them, made first where need be.

    The locked dependencies stay as long as their lock does; the package is built and installed again when it changed.
    Where this process runs in the project's own environment, pip has put the same files there by the same lock: they
    are linked, without those that only the tests need, as pip takes most of a minute of CPU to unpack them again.
    """
    steps = [step for step in dockerfile() if step.is_ours]
    first = next(place for place, step in enumerate(steps) if step.name == "RUN") + 1
    dependencies, package = steps[:first], steps[first:]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _lock():
        if _is_new("dependencies", key := _digest(dependencies, sys.version)):
            shutil.rmtree(FOLDER / "env", ignore_errors=True)
            if locked := _locked_here():
                venv.create(FOLDER / "env")
                _link(locked)
            else:
                venv.create(FOLDER / "env", with_pip=True)
                _take(dependencies)
            _note("dependencies", key)
        if _is_new("package", key := _digest(package, key)):
            _take(package)
            _note("package", key)
    return FOLDER / "env" / "bin"


def _locked_here() -> list[metadata.Distribution]:
    """Return what the lock names, and pip, as this process has it; nothing where one is missing or another version."""
    try:
        from packaging.requirements import Requirement  # noqa: PLC0415 # a clean checkout begins without
    except ImportError:
        return []
    lines = (ROOT / "requirements" / "run.txt").read_text("utf-8").splitlines()
    named = [Requirement(line.rstrip("\\ ")) for line in lines if line[:1].isalnum()]
    wanted = [each for each in named if each.marker is None or each.marker.evaluate()]
    try:
        found = [metadata.distribution(each.name) for each in wanted]
        pip = metadata.distribution("pip")
    except metadata.PackageNotFoundError:
        return []
    fits = all(each.specifier.contains(here.version) for each, here in zip(wanted, found, strict=True))
    return [*found, pip] if fits else []


def _link(locked: Sequence[metadata.Distribution]) -> None:
    """Put the files of these distributions into the new environment; its commands are started as modules."""
    base = str(FOLDER / "env")
    place = Path(sysconfig.get_path("purelib", "venv", {"base": base, "platbase": base}))
    for file in (file for each in locked for file in each.files or () if ".." not in file.parts):
        source, target = Path(file.locate()), place / file
        if source.exists():  # bytecode may be gone
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                target.hardlink_to(source)
            except OSError:  # on another disk
                shutil.copy2(source, target)


def _take(steps: Sequence[Step]) -> None:
    """Take the steps one after the other in an empty directory, which is gone afterwards."""
    place = FOLDER / "app"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for step in steps:
        if step.name == "COPY":
            _copy(place, *shlex.split(step.rest))
        else:
            _run(place, step.rest)
    shutil.rmtree(place)


def _copy(place: Path, *parts: str) -> None:
    *sources, target = parts
    for source in sources:
        to = place / target / source if target.endswith("/") else place / target
        to.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, to, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(ROOT / source, to)


def _run(place: Path, command: str) -> None:
    path = f"{FOLDER / 'env' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, shell=True, cwd=place, env={**environ(), "PATH": path}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def _files(source: Path) -> list[Path]:
    found = source.rglob("*") if source.is_dir() else [source]
    return [path for path in found if path.is_file() and path.parent.name != "__pycache__"]


def _digest(steps: Sequence[Step], before: str) -> str:
    said = hashlib.sha256(f"{before}{steps}".encode())
    for path in files_copied(steps):
        said.update(f"{path}\0".encode())
        said.update(hashlib.sha256((ROOT / path).read_bytes()).digest())
    return said.hexdigest()


def _is_new(what: str, key: str) -> bool:
    note = FOLDER / f"{what}.key"
    return not note.exists() or note.read_text() != key


def _note(what: str, key: str) -> None:
    (FOLDER / f"{what}.key").write_text(key)


@contextmanager
def _lock() -> Iterator[None]:
    """Wait for others who make it too, as the workers of one test run do."""
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    print(installed())  # noqa: T201 # what it is for
