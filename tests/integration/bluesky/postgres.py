"""A Postgres of the test's own: on a socket file, as a user who is not root, gone when the test is gone."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.integration.waiting import PATIENCE_S, until

if TYPE_CHECKING:
    from types import TracebackType

DEBIANS = "usr/lib/postgresql/*/bin"
USER = "postgres"


class Postgres:
    """Keeps its data in `folder`, which has to be short enough for a socket's path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._programs = programs()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where to reach it."""
        return f"postgresql://{USER}@/postgres?host={self._folder}"

    def __enter__(self) -> Self:
        self._folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(self._folder, USER, USER)
        data = str(self._folder / "data")
        makes = ["initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run(self._as_nobody(*makes), check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE_S)
        with (self._folder / "log").open("wb") as log:
            serves = ["postgres", "-D", data, "-k", str(self._folder), "-F", "-c", "listen_addresses="]
            self._process = subprocess.Popen(self._as_nobody(*serves), stdout=log, stderr=log)
        until(self._ready)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "log").read_text()
        asks = [str(self._programs / "pg_isready"), "-q", "-h", str(self._folder), "-U", USER]
        return subprocess.run(asks, check=False).returncode == 0

    def _as_nobody(self, program: str, *options: str) -> list[str]:
        """Postgres refuses to be root. INT is its fast way to end, and it gets that when we die."""
        identity = [f"--reuid={USER}", f"--regid={USER}", "--init-groups"] if os.geteuid() == 0 else []
        return ["setpriv", *identity, "--pdeathsig=INT", str(self._programs / program), *options]


def programs() -> Path:
    """Return the folder of Postgres's programs, which Debian keeps off the path. Raises FileNotFoundError."""
    found = shutil.which("initdb")
    folders = sorted(Path("/").glob(DEBIANS), key=lambda folder: int(folder.parent.name))
    if found is None and not folders:
        raise FileNotFoundError("there is no Postgres here")
    return folders[-1] if folders else Path(found or "").parent
