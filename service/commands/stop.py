"""Stop: turns the signals that end a program into an exception, so that what it started is ended first."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
STOPPED = 130


class Stopped(SystemExit):
    """Somebody told the program to stop; uncaught it ends it quietly."""

    def __init__(self) -> None:
        super().__init__(STOPPED)


@contextmanager
def stoppable() -> Iterator[None]:
    """Raise Stopped in the block at the first signal to stop; the following ones do not disturb the clearing up."""

    def stop(*_: object) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    before = {number: signal.signal(number, stop) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
