"""How an answer leaves: its head together with the body, where gunicorn would send one packet for each."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

from gunicorn.http.wsgi import Response  # type: ignore[import-untyped] # gunicorn has no types
from gunicorn.util import http_date  # type: ignore[import-untyped]

from service.http import USUAL_HEADERS

_JOINED_BYTES = 256 * 1024  # more takes longer to copy than to send by itself


class JoinedResponse(Response):  # type: ignore[misc] # gunicorn has no types
    """Writes an answer, its head with the first part of its body."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.headers_sent = False
        self._head = b""

    def process_headers(self, headers: list[tuple[str, str]]) -> None:
        """Take headers, once they are looked over; what most answers say is known to be right."""
        for header in headers:
            if header in USUAL_HEADERS:
                self.headers.append(header)
            else:
                super().process_headers((header,))

    def default_headers(self) -> list[str]:
        """Return the first lines of an answer, with the date as it was written for the last one of this second."""
        version, connection = self.req.version, "close" if self.should_close() else "keep-alive"
        lines = [
            f"HTTP/{version[0]}.{version[1]} {self.status}\r\n",
            f"Server: {self.version}\r\n",
            f"Date: {_date(int(time.time()))}\r\n",
            f"Connection: {connection}\r\n",
        ]
        return [*lines, "Transfer-Encoding: chunked\r\n"] if self.chunked else lines

    def send_headers(self) -> None:
        """Keep the head until there is something to send it with, or nothing more to come."""
        if not self.headers_sent:
            lines = [*self.default_headers(), *(f"{name}: {value}\r\n" for name, value in self.headers), "\r\n"]
            self._head = "".join(lines).encode("latin-1")
            self.headers_sent = True

    def close(self) -> None:
        """End the answer. Raises OSError."""
        if not self.headers_sent:
            self.send_headers()
        if self.chunked:
            self._emit_body(b"")
        elif self._head:
            self.sock.sendall(self._head)

    def _emit_body(self, data: bytes) -> None:
        """Send a part of the body, behind the head if that is still here."""
        if self.chunked:
            data = b"%X\r\n%b\r\n" % (len(data), data)
        head, self._head = self._head, b""
        if len(data) <= _JOINED_BYTES:
            self.sock.sendall(head + data)
        else:
            self.sock.sendall(head)
            self.sock.sendall(data)


@lru_cache(1)
def _date(second: int) -> str:
    return str(http_date(second))
