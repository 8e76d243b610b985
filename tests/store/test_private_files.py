"""Files of the data directory are readable by their owner only, whatever the umask of whoever started Candor."""

from __future__ import annotations

import os
import stat
from contextlib import closing
from dataclasses import replace

from candor.settings import Settings
from candor.store import open_store
from candor.store.secret import Secret
from service.store_at_hand import embedded


def test_the_data_directory_and_all_in_it_are_readable_by_their_owner_only(tmp_path):
    before, folder = os.umask(0o022), tmp_path / "candor"
    try:
        with (
            embedded(replace(Settings(), data_dir=folder)) as server,
            closing(open_store(server.url, folder)) as store,
        ):
            Secret(folder).digest("test", b"")
            line = b'{"id": "1", "type": "note", "actor": "u", "published": "2026-10-01T00:00:00Z"}'
            facts = {"network": "custom:beer", "profile": "forum", "granted_rights": False}
            store.datasets.put("ada", "beer", lines=[line], **facts)
            made = [folder, *folder.rglob("*")]
            open_to_others = [path.name for path in made if stat.S_IMODE(path.stat().st_mode) & 0o077]
    finally:
        os.umask(before)
    assert {"url", "lock", "valkey.log"} <= {path.name for path in made}
    assert {".aof", ".parquet", ".columns"} <= {path.suffix for path in made}
    assert open_to_others == []
