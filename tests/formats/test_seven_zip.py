"""The 7z of a Stack Exchange site: read by a program of the machine where there is one, refused in words elsewhere."""

from __future__ import annotations

import stat
import sys
from typing import TYPE_CHECKING

import pytest

from candor.formats.compression import MAGIC, UnreadableError
from candor.formats.dumps.dump import Run
from candor.formats.dumps.registry import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

POSTS = """<posts>
  <row Id="1" PostTypeId="1" CreationDate="2026-01-05T22:00:00.823" Body="Which?" OwnerUserId="10" />
</posts>
"""
COMMENTS = """<comments>
  <row Id="5" PostId="1" Text="This." CreationDate="2026-01-06T22:00:00.823" UserId="20" />
</comments>
"""
PROGRAM = f"""#!{sys.executable}
import sys
files = {{"travel/Posts.xml": {POSTS!r}, "travel/Comments.xml": {COMMENTS!r}}}
files |= {{"readme.txt": "hi", "-o/x/Users.xml": "", "@Users.xml": ""}}
how, entry = sys.argv[1], sys.argv[-1]
if b"damaged" in open(sys.argv[-1] if how in LISTS else sys.argv[-2], "rb").read():
    sys.exit(2)
print("\\n".join(PREFIX + name for name in files) if how in LISTS else files[entry], end="")
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch):
    """Put a program in the place of the real one, and nothing else."""

    def put(*names: str) -> None:
        folder = tmp_path / "bin"
        folder.mkdir()
        for name in names:
            prefix = "" if name == "bsdtar" else "Path = "
            text = PROGRAM.replace("PREFIX", repr(prefix)).replace("LISTS", "('-tf', 'l')")
            path = folder / name
            path.write_text(text)
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(folder))

    return put


@pytest.fixture
def read(tmp_path: Path):
    def reading(rest: bytes = b"") -> list[str]:
        path = tmp_path / "travel.stackexchange.com.7z"
        path.write_bytes(MAGIC + rest)
        records = FORMATS["stackexchange"].records([path], Run("stackexchange:travel"))
        return [f"{each.type} {each.actor}" for each in records]

    return reading


@pytest.mark.parametrize("program", ["bsdtar", "7zz", "7z", "7za"])
def test_the_files_of_a_site_are_unpacked_while_they_are_read(install, read, program):
    install(program)
    assert read() == ["question 10", "reply 20"]


def test_without_a_program_it_is_said_what_to_install(install, read):
    install()
    with pytest.raises(UnreadableError, match="bsdtar"):
        read()


@pytest.mark.parametrize("program", ["bsdtar", "7z"])
def test_a_damaged_file_is_refused(install, read, program):
    install(program)
    with pytest.raises(UnreadableError, match="damaged"):
        read(b"damaged")
