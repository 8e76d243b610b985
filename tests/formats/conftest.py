"""Fixtures for archives: zip and tar.gz files made on the spot."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from candor.formats.dumps.dump import Run
from candor.formats.dumps.registry import FORMATS
from tests.formats.dump_files import NETWORKS, body_of, short

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from candor.scoring.activity import Activity


def packed(content: Any) -> bytes:
    return content if isinstance(content, bytes) else json.dumps(content).encode()


@pytest.fixture
def zipped() -> Callable[..., io.BytesIO]:
    """Make a zip file of entries by name: bytes as they are, the rest as JSON."""

    def make(entries: dict[str, Any]) -> io.BytesIO:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in entries.items():
                archive.writestr(name, packed(content))
        file.seek(0)
        return file

    return make


@pytest.fixture
def tarred() -> Callable[..., io.BytesIO]:
    """Make a tar.gz file of entries by name, and of members made elsewhere."""

    def make(entries: dict[str, Any], *members: tarfile.TarInfo) -> io.BytesIO:
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w:gz") as archive:
            for member in members:
                archive.addfile(member)
            for name, content in entries.items():
                info = tarfile.TarInfo(name)
                info.size = len(packed(content))
                archive.addfile(info, io.BytesIO(packed(content)))
        file.seek(0)
        return file

    return make


@pytest.fixture
def made_of(tmp_path: Path) -> Callable[..., tuple[list[Activity], Run]]:
    """Read a file of a dump, or a folder of several."""

    def found(form: str, content: Any, name: str = "dump.json") -> tuple[list[Activity], Run]:
        path = tmp_path / name
        if isinstance(content, dict) and all(isinstance(each, bytes | str | list) for each in content.values()):
            for file, text in content.items():
                (path / file).parent.mkdir(parents=True, exist_ok=True)
                (path / file).write_bytes(body_of(text))
        else:
            path.write_bytes(body_of(content))
        run = Run(NETWORKS.get(form, "custom:c"))
        records = list(FORMATS[form].records([path], run))
        run.left_out = +run.left_out
        return records, run

    return found


@pytest.fixture
def read(made_of: Callable[..., tuple[list[Activity], Run]]) -> Callable[..., tuple[list[str], Run]]:
    """Read as `made_of` does, and say in short words what it makes."""

    def found(form: str, content: Any, name: str = "dump.json") -> tuple[list[str], Run]:
        records, run = made_of(form, content, name)
        return [short(each) for each in records], run

    return found
