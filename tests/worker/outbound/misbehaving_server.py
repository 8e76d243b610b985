"""A loopback server that misbehaves in every way we could think of, one path for each, byte by byte."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import socketserver
import struct
import threading
import time
import zlib
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

DRIP_S = 0.02
CHUNK = b"10000\r\n" + b" " * 0x10000 + b"\r\n"


def packed_zeros() -> bytes:
    """16 MiB of zeros in 16 KiB, made piece by piece."""
    packer = zlib.compressobj(1, wbits=31)
    return b"".join(packer.compress(bytes(2**20)) for _ in range(16)) + packer.flush()


@dataclass
class Heard:
    """A request as it arrived; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}


def answer(status: int = 200, body: object = None, **headers: str) -> bytes:
    """A well-behaved answer in JSON; underscores in header names are hyphens."""
    return raw(status, json.dumps({} if body is None else body).encode(), **headers)


def raw(status: int, body: bytes, **headers: str) -> bytes:
    """A well-behaved answer of any bytes."""
    fields = {"Content-Length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return f"HTTP/1.1 {status} Words\r\n{head}\r\n".encode() + body


@dataclass
class MisbehavingServer:
    """Listens on a port of its own. `script[path]` are answers given in turn, the last one again and again."""

    context: ssl.SSLContext | None = None
    heard: list[Heard] = field(default_factory=list)
    script: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"owner": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stopping = True
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def name(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.name}{path}"

    def says(self, path: str, *answers: bytes) -> str:
        """Script a path; returns its URL."""
        self.script[path] = list(answers)
        return self.url(path)

    def next_answer(self, path: str) -> bytes:
        answers = self.script[path]
        return answers.pop(0) if len(answers) > 1 else answers[0]


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    stopping = False

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that hang up are what is tested."""


class _Handler(socketserver.StreamRequestHandler):
    owner: MisbehavingServer
    answers = 0

    def setup(self) -> None:
        if self.owner.context is not None:
            self.request = self.owner.context.wrap_socket(self.request, server_side=True, do_handshake_on_connect=False)
        super().setup()

    def handle(self) -> None:
        self.request.settimeout(5.0)
        with contextlib.suppress(OSError):
            if self.owner.context is not None:
                self.request.do_handshake()
            while heard := self._read():
                self.owner.heard.append(heard)
                path = urlsplit(heard.path).path
                if path in self.owner.script:
                    self.request.sendall(self.owner.next_answer(path))
                elif WAYS[path](self, heard) is not KEEP_OPEN:
                    return

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()
        self.request.close()

    def _read(self) -> Heard | None:
        line = self.rfile.readline().decode()
        if not line.strip():
            return None
        method, path, _ = line.split(" ")
        headers = {}
        while head := self.rfile.readline().decode().strip():
            name, _, value = head.partition(":")
            headers[name.lower()] = value.strip()
        return Heard(method, path, headers, self.rfile.read(int(headers.get("content-length", "0"))))

    def send(self, data: bytes) -> None:
        self.request.sendall(data)

    def forever(self, data: bytes, pause_s: float = 0.0) -> None:
        while not self.server.stopping:
            self.send(data)
            time.sleep(pause_s)


KEEP_OPEN = object()


def slow_body(to: _Handler, heard: Heard) -> None:
    to.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    to.forever(b" ", DRIP_S)


def slow_headers(to: _Handler, heard: Heard) -> None:
    to.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    to.forever(b"x", DRIP_S)


def silent(to: _Handler, heard: Heard) -> None:
    to.rfile.read()


def endless_body(to: _Handler, heard: Heard) -> None:
    to.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    to.forever(CHUNK)


def endless_headers(to: _Handler, heard: Heard) -> None:
    to.send(b"HTTP/1.1 200 OK\r\n")
    to.forever(b"X-Filler: " + b"x" * 60_000 + b"\r\n")


def endless_continue(to: _Handler, heard: Heard) -> None:
    to.forever(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


def endless_redirect(to: _Handler, heard: Heard) -> None:
    to.send(b"HTTP/1.1 302 Found\r\nLocation: /good\r\nTransfer-Encoding: chunked\r\n\r\n")
    to.forever(CHUNK)


def negative_chunk(to: _Handler, heard: Heard) -> None:
    to.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n")
    to.forever(CHUNK)


def bomb(to: _Handler, heard: Heard) -> None:
    to.send(raw(200, packed_zeros(), Content_Encoding="gzip"))


def nested_bomb(to: _Handler, heard: Heard) -> None:
    to.send(raw(200, gzip.compress(packed_zeros()), Content_Encoding="gzip, gzip"))


def not_gzip(to: _Handler, heard: Heard) -> None:
    to.send(raw(200, b"this is not packed", Content_Encoding="gzip"))


def too_short(to: _Handler, heard: Heard) -> None:
    to.send(raw(200, b'{"a": 1}', Content_Length="1000"))


def too_long(to: _Handler, heard: Heard) -> None:
    to.send(raw(200, b'{"a": 1}' + b" and more" * 100, Content_Length="8"))


def promises_too_much(to: _Handler, heard: Heard) -> None:
    to.send(raw(200, b"", Content_Length=str(2**40)))
    to.forever(b" " * 65_536)


def reset(to: _Handler, heard: Heard) -> None:
    to.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    to.request.close()


def reset_halfway(to: _Handler, heard: Heard) -> None:
    to.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
    reset(to, heard)


def hang_up(to: _Handler, heard: Heard) -> None:
    pass


def garbage(to: _Handler, heard: Heard) -> None:
    to.send(b"\x00\x01\x02 220 mail.example.org ESMTP\r\n\r\n")


def html(to: _Handler, heard: Heard) -> None:
    to.send(raw(200, b"<!doctype html><title>Sign in</title>", Content_Type="text/html"))


def deep(to: _Handler, heard: Heard) -> None:
    to.send(raw(200, b"[" * 50_000))


def loop(to: _Handler, heard: Heard) -> None:
    to.send(answer(302, Location="/loop"))


def elsewhere(to: _Handler, heard: Heard) -> object:
    to.send(answer(int(heard.query.get("status", "302")), Location=heard.query["to"]))
    return KEEP_OPEN


def good(to: _Handler, heard: Heard) -> object:
    to.send(answer(200, {"path": heard.path, "headers": heard.headers, "method": heard.method}))
    return KEEP_OPEN


def one_a_connection(to: _Handler, heard: Heard) -> object:
    """Answer, and close without a word when a second request comes: as servers that keep nothing open for long."""
    if to.answers:
        return None
    to.answers += 1
    return good(to, heard)


WAYS: dict[str, Callable[[_Handler, Heard], object]] = {
    f"/{way.__name__.replace('_', '-')}": way
    for way in (
        slow_body, slow_headers, silent, endless_body, endless_headers, endless_continue, endless_redirect,
        negative_chunk, bomb, nested_bomb, not_gzip, too_short, too_long, promises_too_much, reset, reset_halfway,
        hang_up, garbage, html, deep, loop, elsewhere, good, one_a_connection,
    )
}  # fmt: skip
