"""Files packed as 7z, unpacked piece by piece by a program of the machine: Python brings none, and has no need to."""

from __future__ import annotations

import re
import shutil
import subprocess
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, NamedTuple

from candor.formats.compression import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PLAIN = re.compile(r"(?:\w[\w. -]*/)*\w[\w. -]*")
"""A name that neither program takes for an option, a pattern or a list of names."""

MAGIC = b"7z\xbc\xaf\x27\x1c"
NO_PROGRAM = "this is packed as 7z: unpack it first, or install bsdtar (libarchive-tools) or 7z, which unpacks it here"
_DAMAGED = "the 7z file is damaged, or packed in a way that is not read here"


class _Program(NamedTuple):
    """How a program lists a file's entries, one a line after `before`, and how it writes one out."""

    name: str
    to_list: tuple[str, ...]
    before: str
    to_unpack: tuple[str, ...]


_PROGRAMS = (
    _Program("bsdtar", ("-tf",), "", ("-xOf",)),
    *(_Program(name, ("l", "-ba", "-slt"), "Path = ", ("x", "-so")) for name in ("7zz", "7z", "7za")),
)


class PackedFile:
    """A file in a 7z file, which is opened as a Path is."""

    def __init__(self, archive: Path, entry: str, program: _Program) -> None:
        self.name = entry.rpartition("/")[2]
        self._archive, self._entry, self._program = archive, entry, program

    @contextmanager
    def open(self, mode: str = "rb") -> Iterator[IO[bytes]]:
        """Unpack it as it is read. Raises UnreadableError where the program fails before all is read."""
        del mode
        with subprocess.Popen(  # noqa: S603 no shell, and no name that could be an option
            [self._program.name, *self._program.to_unpack, self._archive.absolute(), self._entry],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as running:
            if running.stdout is None:
                raise UnreadableError(_DAMAGED)
            try:
                yield running.stdout
                is_whole = not running.stdout.read(1)
            except GeneratorExit:
                is_whole = False
                raise
            finally:
                running.kill()
            if is_whole and running.wait() > 0:
                raise UnreadableError(_DAMAGED)


def is_packed(path: Path) -> bool:
    """Say whether a file is a 7z file."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def files_in(archive: Path) -> list[PackedFile]:
    """Return the files in a 7z file. Raises UnreadableError, which says what to install where no program is found."""
    program = next((each for each in _PROGRAMS if shutil.which(each.name)), None)
    if program is None:
        raise UnreadableError(NO_PROGRAM)
    ran = subprocess.run(  # noqa: S603 as above
        [program.name, *program.to_list, archive.absolute()],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if ran.returncode:
        raise UnreadableError(_DAMAGED)
    names = (line.removeprefix(program.before) for line in ran.stdout.splitlines() if line.startswith(program.before))
    return [PackedFile(archive, name, program) for name in names if _PLAIN.fullmatch(name)]
