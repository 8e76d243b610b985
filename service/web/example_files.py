"""Example files: uploads that the documentation offers for the media types that cannot be written as text."""

from __future__ import annotations

import gzip
import io
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import msgspec

from service.schemas.uploads import NDJSON_EXAMPLE, STREAMS_EXAMPLE

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _as_parquet() -> bytes:
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as database:
        lines, rows = Path(folder) / "records.ndjson", Path(folder) / "records.parquet"
        lines.write_text(NDJSON_EXAMPLE, encoding="utf-8")
        database.execute(f"COPY (FROM read_json('{lines}')) TO '{rows}' (FORMAT parquet)")
        return rows.read_bytes()


def _as_export() -> bytes:
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("outbox.json", msgspec.json.encode(STREAMS_EXAMPLE))
        return file.getvalue()


EXAMPLE_FILES: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "example.parquet": ("application/vnd.apache.parquet", _as_parquet),
    "example.ndjson.gz": ("application/gzip", lambda: gzip.compress(NDJSON_EXAMPLE.encode())),
    "example.ndjson.zst": ("application/zstd", lambda: zstd.compress(NDJSON_EXAMPLE.encode())),
    "example.zip": ("application/zip", _as_export),
}
"""By name: its media type, and what makes it. The zip is somebody's export of Mastodon, the others are records."""
