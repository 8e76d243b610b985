"""How a request arrives: buffered without a thread, by a clock that silence and trickles run down."""

from __future__ import annotations

import enum
import errno
import re
import socket
import time
from typing import Any

SLOWEST_BYTES_S = 500
LARGEST_HEAD_BYTES = 64 * 1024
_TELLS = re.compile(rb"\n(?:content-length|transfer-encoding|expect):", re.IGNORECASE)  # that there is a body
SMALL_BODY_BYTES = 16 * 1024


class TimedSocket(socket.socket):
    """A socket on which a caller may be silent for `limit_s`, counted over all its pauses, and earns time by sending.

    Each 500 bytes give a second back, never more than `limit_s` in all: silence ends the request, and so does a byte
    now and then, however much came before. What arrived before a thread was given is received first.
    """

    limit_s = 30.0

    def __init__(self, fileno: int) -> None:
        super().__init__(fileno=fileno)
        self.buffer = bytearray()
        self.wants_page = ""
        self._left_s = 0.0

    def begin(self) -> None:
        """Let the time for a request begin."""
        self._left_s = self.limit_s

    def receive_available(self) -> bool:
        """Take what has arrived without waiting; tell whether nothing more will. Raises OSError."""
        try:
            arrived = super().recv(LARGEST_HEAD_BYTES)
        except (BlockingIOError, InterruptedError):
            return False
        self.buffer.extend(arrived)
        return not arrived

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """Receive. Raises TimeoutError when the time for the request is over; gunicorn passes over such errors."""
        if self.buffer:
            received = bytes(self.buffer[:bufsize])
            del self.buffer[:bufsize]
            return received
        given, began = self.gettimeout(), time.monotonic()
        if self._left_s <= 0:
            raise TimeoutError(errno.ECONNRESET, "the request took too long to arrive")
        self.settimeout(self._left_s if given is None else min(given, self._left_s))
        try:
            received = super().recv(bufsize, flags)
        except TimeoutError:
            raise TimeoutError(errno.ECONNRESET, "the request stopped arriving") from None
        finally:
            self.settimeout(given)
        waited = time.monotonic() - began
        self._left_s = min(self.limit_s, self._left_s - waited + len(received) / SLOWEST_BYTES_S)
        return received

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send everything. Raises TimeoutError when it is taken too slowly."""
        given = self.gettimeout()
        self.settimeout(self.limit_s + len(data) / SLOWEST_BYTES_S)
        try:
            super().sendall(data, flags)
        except TimeoutError:
            raise TimeoutError(errno.EPIPE, "the answer was taken too slowly") from None
        finally:
            self.settimeout(given)


class Need(enum.Enum):
    """What a request that is arriving needs: more bytes, a thread, a thread for long bodies, or to be refused."""

    MORE = enum.auto()
    THREAD = enum.auto()
    UPLOAD = enum.auto()
    REFUSAL = enum.auto()


def need_of(arrived: bytearray) -> tuple[Need, int]:
    """Tell from its first bytes what a request needs, and how many bytes there will be where that is known, else 0.

    A body that is longer than 16 KiB, comes in chunks or waits for `100 Continue` is read by the thread that checks
    who sends it; any other has to be here first. What cannot be understood is for gunicorn to refuse.
    """
    end = arrived.find(b"\r\n\r\n")
    if end < 0:
        return (Need.MORE if len(arrived) < LARGEST_HEAD_BYTES else Need.REFUSAL), 0
    if not _TELLS.search(arrived, 0, end):
        return Need.THREAD, 0
    fields = [line.partition(b":") for line in bytes(arrived[:end]).lower().split(b"\r\n")[1:]]
    if any(name in {b"transfer-encoding", b"expect"} for name, _, _ in fields):
        return Need.UPLOAD, 0
    lengths = [value.strip() for name, _, value in fields if name == b"content-length"]
    if len(lengths) != 1 or not re.fullmatch(rb"[0-9]{1,15}", lengths[0]):
        return Need.THREAD, 0
    body, awaited = int(lengths[0]), end + 4 + int(lengths[0])
    if awaited <= len(arrived):
        return Need.THREAD, 0
    return (Need.MORE, awaited) if body <= SMALL_BODY_BYTES else (Need.UPLOAD, 0)
