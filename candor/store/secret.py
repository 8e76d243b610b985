"""The service's own secret: made once beside the data and never in Redis, so that a copy of Redis forges nothing."""

from __future__ import annotations

import errno
import hmac
import os
import secrets
import stat
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "secret"
_BYTES = 32


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
        return self._path.exists()


def private(path: str, flags: int) -> int:
    """Open a file so that a new one is readable by its owner alone: an `opener` for `open`."""
    return os.open(path, flags, 0o600)


class OddFileError(OSError):
    """What stands in the place of a file is none: a folder, a device, a pipe, or a link that leads nowhere."""


def regular(path: str, flags: int) -> int:
    """Open a file, and nothing that could be read without end or keep us waiting: an `opener` for `open`.

    Raises FileNotFoundError, OddFileError, OSError.
    """
    try:
        descriptor = os.open(path, flags | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OddFileError(errno.ELOOP, "a link that leads nowhere", path) from None
        raise
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OddFileError(errno.EINVAL, "no file", path)


def random_file(path: Path) -> bytes:
    """Return 32 random bytes that a file holds, which is made at the first time, readable by us alone."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(path)
        return path.read_bytes()


def _make(path: Path) -> None:
    """Write the file whole; of several who try at once, the first one's stays."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as file:
        file.write(secrets.token_bytes(_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(file.name, path)
    except FileExistsError:
        pass
    finally:
        Path(file.name).unlink()
