"""Fixtures for archives: zip and tar.gz files made on the spot."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


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
