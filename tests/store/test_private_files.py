"""Files of the data directory are readable by their owner only, whatever the umask of whoever started Candor."""

from __future__ import annotations

import os
import stat
from contextlib import closing
from dataclasses import replace

from candor.settings import Settings
from candor.store import open_store
from candor.store.secret import Secret
from service.stack import embedded


def test_files_of_the_data_directory_are_readable_by_their_owner_only(tmp_path):
    before = os.umask(0o022)
    try:
        with (
            embedded(replace(Settings(), data_dir=tmp_path)) as server,
            closing(open_store(server.url, tmp_path)) as store,
        ):
            Secret(tmp_path).digest("test", b"")
            line = b'{"id": "1", "type": "note", "actor": "u", "published": "2026-10-01T00:00:00Z"}'
            facts = {"network": "custom:beer", "profile": "forum", "granted_rights": False}
            store.datasets.put("ada", "beer", lines=[line], **facts)
            made = [path for path in tmp_path.rglob("*") if path.is_file()]
    finally:
        os.umask(before)
    assert {"url", "lock", "valkey.log"} <= {path.name for path in made}
    assert {".aof", ".parquet", ".columns"} <= {path.suffix for path in made}
    assert [path.name for path in made if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
