"""An export as it is read: a zip, a tar, or a text in UTF-8, whatever it was packed with or written in."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, cast

from candor.formats.archive import TAR, TAR_AT, ArchiveError, ArchiveLimits
from candor.formats.compression import (
    CHUNK_BYTES,
    GZIP,
    ZSTD,
    UnreadableError,
    check_known,
    peek,
    unpacked,
    unpacked_head,
)
from candor.formats.encodings import as_utf_8, is_wide

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_START_BYTES = 1_000
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


@contextmanager
def bare_file(file: BinaryIO, folder: Path | None) -> Iterator[BinaryIO]:
    """Give a zip, a tar or a text in UTF-8 as it is; what is packed or in UTF-16 waits in a file without a name.

    Raises ArchiveError for what is packed in another way.
    """
    head = file.read(_START_BYTES)
    file.seek(0)
    is_packed_tar = head.startswith(GZIP) and unpacked_head(head, _START_BYTES)[TAR_AT:].startswith(TAR)
    try:
        check_known(head)
        if is_packed_tar or not (head.startswith((GZIP, ZSTD)) or is_wide(head)):
            yield file
            return
        with tempfile.TemporaryFile(dir=folder) as spool:
            chunks = unpacked(iter(partial(file.read, CHUNK_BYTES), b""), ArchiveLimits().wanted_bytes)
            first, chunks = peek(chunks, TAR_AT + len(TAR))
            is_whole = first.startswith(_ZIP) or first[TAR_AT:].startswith(TAR)
            spool.writelines(chunks if is_whole else as_utf_8(chunks))
            spool.seek(0)
            yield cast("BinaryIO", spool)
    except UnreadableError as error:
        raise ArchiveError(str(error)) from error
