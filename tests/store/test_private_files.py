"""Files of the data directory are readable by their owner only, whatever the umask of whoever started Candor."""

from __future__ import annotations

import os
import stat
from dataclasses import replace

from candor.settings import Settings
from candor.store.column_file import write_columns
from candor.store.dataset_files import DatasetFiles
from candor.store.secret import Secret
from service.stack import embedded


def test_files_of_the_data_directory_are_readable_by_their_owner_only(tmp_path):
    before = os.umask(0o022)
    try:
        with embedded(replace(Settings(), data_dir=tmp_path)):
            Secret(tmp_path).digest("test", b"")
            with write_columns(DatasetFiles(tmp_path / "datasets").new("ada", "beer")):
                pass
            made = [path for path in tmp_path.rglob("*") if path.is_file()]
    finally:
        os.umask(before)
    assert {"url", "lock", "valkey.log"} <= {path.name for path in made}
    assert any(path.suffix == ".aof" for path in made)
    assert [path.name for path in made if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
