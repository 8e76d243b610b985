"""Shell: runs the installed `candor` as a user would, in a folder of its own, and finds what a command left behind."""

from __future__ import annotations

import re
import socket
import subprocess
from pathlib import Path
from uuid import uuid4

from tests.installed import environ
from tests.integration.waiting import PATIENCE_S, until

UP = re.compile(r"Candor is up: (http://\S+) ")


class Shell:
    """A user's shell in a folder of its own; `running` finds what its commands started."""

    def __init__(self, folder: Path, bin_dir: Path) -> None:
        self._mark = f"CANDOR_TEST_SHELL={uuid4().hex}"
        self.folder = folder
        self.bin_dir = bin_dir
        name, _, value = self._mark.partition("=")
        (folder / "tmp").mkdir()
        self.env = {**environ(), name: value, "TMPDIR": str(folder / "tmp"), "CANDOR_PORT": str(free_port())}
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str, **env: str) -> subprocess.Popen[str]:
        """Start a command."""
        with (self.folder / f"stderr-{len(self.started)}").open("w") as said:
            process = subprocess.Popen(
                [self.bin_dir / "candor", *arguments],
                cwd=self.folder,
                env={**self.env, **env},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
            )
        self.started.append(process)
        return process

    def run(self, *arguments: str, **env: str) -> tuple[int, str, str]:
        """Run a command to its end: exit status, stdout, stderr."""
        process = self.start(*arguments, **env)
        output, _ = process.communicate(timeout=PATIENCE_S)
        return process.returncode, output, self.said(process)

    def said(self, process: subprocess.Popen[str]) -> str:
        """What the command wrote on stderr."""
        return (self.folder / f"stderr-{self.started.index(process)}").read_text()

    def up(self, **env: str) -> tuple[subprocess.Popen[str], str]:
        """Run `candor up` until it is ready; return it and its address."""
        process = self.start("up", **env)
        until(lambda: UP.search(self.said(process)) or process.poll() is not None)
        found = UP.search(self.said(process))
        assert found, self.said(process)
        return process, found[1]

    def running(self) -> dict[int, str]:
        """The commands that run and were started from this shell, whoever their parent is now, by process id."""
        found = {int(path.name): self._command(path) for path in Path("/proc").iterdir() if path.name.isdigit()}
        return {pid: command for pid, command in sorted(found.items()) if command is not None}

    def files_left(self) -> list[str]:
        """What lies in the temporary directory."""
        return [path.name for path in Path(self.env["TMPDIR"]).iterdir()]

    def close(self) -> None:
        """Kill what still runs, and wait until what it started has ended as well."""
        for process in self.started:
            process.kill()
            process.wait()
            process.stdout.close()
        until(lambda: not self.running())

    def _command(self, process: Path) -> str | None:
        try:
            command = (process / "cmdline").read_text().replace("\0", " ").strip()
            ours = self._mark.encode() in (process / "environ").read_bytes().split(b"\0")
        except OSError:  # it has just ended
            return None
        return command if ours or str(self.folder) in command else None  # Valkey writes its title over its environment


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
