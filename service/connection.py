"""Connections that slow callers can not hold: a request has to arrive, and its answer to be taken, in good time."""

from __future__ import annotations

import errno
import socket
import time
from typing import TYPE_CHECKING, Any

from gunicorn.util import close_graceful  # type: ignore[import-untyped] # gunicorn has no types
from gunicorn.workers.gthread import TConn  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from concurrent.futures import Executor

SLOWEST_BYTES_S = 500
LINGER_S = 0.5


class TimedSocket(socket.socket):
    """A socket that gives a caller `limit_s` for a request, and a second more for each 500 bytes that arrived.

    A time-out for each part alone would let a caller who sends a byte now and then keep a thread for ever.
    """

    limit_s = 30.0
    _deadline = 0.0

    def begin(self) -> None:
        """Let the time for a request begin."""
        self._deadline = time.monotonic() + self.limit_s

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """Receive. Raises TimeoutError when the time for the request is over; gunicorn passes over such errors."""
        given = self.gettimeout()
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError(errno.ECONNRESET, "the request took too long to arrive")
        self.settimeout(left if given is None else min(given, left))
        try:
            received = super().recv(bufsize, flags)
        except TimeoutError:
            raise TimeoutError(errno.ECONNRESET, "the request stopped arriving") from None
        finally:
            self.settimeout(given)
        self._deadline += len(received) / SLOWEST_BYTES_S
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


class Connection(TConn):  # type: ignore[misc]
    """A connection that is ended aside, so that a caller who lingers holds up nobody."""

    def __init__(self, cfg: Any, sock: socket.socket, client: Any, server: Any, aside: Executor) -> None:
        timed = TimedSocket(fileno=sock.detach())
        timed.limit_s = cfg.timeout
        super().__init__(cfg, timed, client, server)
        self._aside = aside

    def close(self, graceful: bool = False) -> None:  # noqa: FBT001, FBT002 # gunicorn calls it so
        """Close; gracefully means to wait a moment for the caller to have read everything."""
        if graceful:
            self.sock.settimeout(None)
            self._aside.submit(close_graceful, self.sock, LINGER_S)
        else:
            super().close()
