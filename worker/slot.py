"""WorkerSlot: a queue and the worker process that serves it, started again when it dies."""

from __future__ import annotations

import os
import secrets
import subprocess
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from candor.store.models import QueueName

QUICK_DEATH_S = 5.0
FREE_RESTARTS = 3
LONGEST_PAUSE_S = 10.0


class WorkerSlot:
    """Runs `command` with the worker's name, its queue and this process's id behind it.

    A worker that dies is followed at once by another under a new name; after three quick deaths in a row, with a
    growing pause.
    """

    def __init__(self, command: Sequence[str], launcher: str, queue: QueueName) -> None:
        self._command = command
        self._launcher = launcher
        self._started_s = 0.0
        self._quick_deaths = 0
        self._restart_s = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self.queue = queue
        self.name = ""

    def start(self) -> None:
        """Start a worker."""
        self.name = f"{self._launcher}.{secrets.token_hex(4)}"
        self._started_s = time.monotonic()
        identity = ("--name", self.name, "--queue", self.queue, "--launcher-pid", str(os.getpid()))
        self._process = subprocess.Popen([*self._command, *identity], stdin=subprocess.DEVNULL)  # noqa: S603 our own

    def died(self) -> int | None:
        """Return the exit status of a worker that has ended since last asked, else None."""
        if self._process is None or (status := self._process.poll()) is None:
            return None
        self._process = None
        now_s = time.monotonic()
        quick = now_s - self._started_s < QUICK_DEATH_S
        self._quick_deaths = self._quick_deaths + 1 if quick else 0
        extra = max(0, self._quick_deaths - FREE_RESTARTS)
        self._restart_s = now_s + (min(LONGEST_PAUSE_S, 2.0 ** (extra - 1)) if extra else 0.0)
        return status

    def start_when_due(self) -> None:
        """Start the next worker if there is none and its pause is over."""
        if self._process is None and time.monotonic() >= self._restart_s:
            self.start()

    def signal(self, number: int) -> None:
        """Send the worker a signal, if it runs."""
        if self._process is not None:
            self._process.send_signal(number)

    def wait(self, timeout_s: float) -> bool:
        """Wait for the worker to end; False when it still runs after `timeout_s`."""
        try:
            if self._process is not None:
                self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True
