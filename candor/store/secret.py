"""The service's own secret: made once beside the data and never in Redis, so that a copy of Redis forges nothing."""

from __future__ import annotations

import contextlib
import errno
import hmac
import os
import secrets
import stat
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from candor.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "secret"
_BYTES = 32
_NO_FILE = "is no file but a folder, a pipe or a device: put a back-up of the file in its place"
_NOWHERE = "is a link that leads nowhere: put a back-up of the file in its place"
_ODD = {errno.ELOOP: _NOWHERE, errno.ENXIO: _NO_FILE, errno.EISDIR: _NO_FILE}


class Secret:
    """Makes keyed digests (HMAC-SHA256), one key a purpose. All machines of a service have the same."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / NAME

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self._path.parent

    def digest(self, purpose: str, message: bytes) -> str:
        """Return the keyed digest in hexadecimal; the same purpose and message always give the same."""
        return self.digester(purpose)(message)

    def digester(self, purpose: str) -> Callable[[bytes], str]:
        """Return what makes the digests of one purpose, for many messages."""
        key = hmac.digest(random_file(self._path), purpose.encode(), "sha256")
        return lambda message: hmac.digest(key, message, "sha256").hex()

    def exists(self) -> bool:
        """Say whether it has been made."""
        return os.path.lexists(self._path)


class OddFileError(OSError, OperatorError):
    """What stands in the place of a file is none: a folder, a device, a pipe, or a link that leads nowhere."""

    def __str__(self) -> str:
        return f"{self.filename} {self.strerror}"


def private(path: str, flags: int) -> int:
    """Open a file to write, a new one readable by its owner alone: an `opener` for `open`. Raises as `regular` does."""
    return _open(path, flags, 0o600)


def regular(path: str, flags: int) -> int:
    """Open a file, and nothing that could be read without end or keep us waiting: an `opener` for `open`.

    Raises FileNotFoundError, OddFileError, OSError.
    """
    return _open(path, flags)


def _open(path: str, flags: int, mode: int = 0o777) -> int:
    try:
        descriptor = os.open(path, flags | os.O_NONBLOCK, mode)
    except OSError as error:
        if error.errno in _ODD:
            raise OddFileError(error.errno, _ODD[error.errno], path) from None
        raise
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OddFileError(errno.EINVAL, _NO_FILE, path)


def random_file(path: Path) -> bytes:
    """Return 32 random bytes that a file holds, which is made at the first time, readable by us alone.

    Raises OddFileError, OSError.
    """
    try:
        return _random(path)
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(path)
    try:
        return _random(path)
    except FileNotFoundError:
        raise OddFileError(errno.ENOENT, _NOWHERE, str(path)) from None


def _random(path: Path) -> bytes:
    with open(path, "rb", opener=regular) as file:
        found = file.read(_BYTES + 1)
    if len(found) != _BYTES:
        raise OddFileError(
            errno.EINVAL, f"does not hold {_BYTES} bytes, as it was made: put a back-up of it there", str(path)
        )
    return found


def _make(path: Path) -> None:
    """Write the file whole; of several who try at once, the first one's stays."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as file:
        try:
            file.write(secrets.token_bytes(_BYTES))
            file.flush()
            os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(file.name, path)
        finally:
            Path(file.name).unlink()
