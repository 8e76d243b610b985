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

    before = {number: signal.signal(number, stop) for number in _heard()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Put off signals to stop until the block has ended, so that nothing is half started or half ended."""
    noted: list[int] = []
    before = {number: signal.signal(number, lambda noticed, _: noted.append(noticed)) for number in _heard()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if noted:
            signal.raise_signal(noted[0])


def _heard() -> list[signal.Signals]:
    """Leave out what whoever started us had us ignore, as nohup does."""
    return [number for number in STOP_SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
