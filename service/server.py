"""gunicorn as we run it: threads, limits, time-outs, and problem documents where it would answer in HTML."""

from __future__ import annotations

import secrets
import socket
import struct
from typing import TYPE_CHECKING

import msgspec
from gunicorn.http import errors  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from service.problems import MEDIA_TYPE, kind_of_status, problem_body
from service.request_id import HEADER
from service.watch import note_unreadable
from telemetry.logs import logger

if TYPE_CHECKING:
    from service.settings import Settings

IDLE_TIMEOUT_S = 30
STOP_TIMEOUT_S = 30
_STATUS = (
    (errors.LimitRequestLine, 414),
    (errors.LimitRequestHeaders, 431),
    (errors.UnsupportedTransferCoding, 501),
    (errors.ExpectationFailed, 417),
    (errors.ParseException, 400),
)
_log = logger(__name__)


def gunicorn_arguments(settings: Settings) -> list[str]:
    """Return gunicorn's arguments, the application last. The environment must hold the same settings."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return [
        f"--bind={host}:{settings.port}",
        "--worker-class=service.server.Worker",
        f"--workers={settings.web_processes}",
        f"--threads={settings.threads}",
        f"--graceful-timeout={STOP_TIMEOUT_S}",
        f"--timeout={IDLE_TIMEOUT_S}",
        "--keep-alive=15",
        "--limit-request-line=8190",
        "--limit-request-fields=60",
        "--limit-request-field_size=8190",
        "--no-control-socket",
        "--logger-class=service.watch.GunicornLogger",
        "--name=candor",
        "service.wsgi:application()",
    ]


class Worker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """A thread worker that gives up on silent callers, and says in a problem document what it can not read."""

    def run(self) -> None:
        """Serve. Connections inherit the listener's time-outs, so that a silent caller frees its thread."""
        limit = struct.pack("ll", self.cfg.timeout, 0)
        for listener in self.sockets:
            listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
            listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        super().run()

    def handle_error(self, req: object, client: socket.socket, addr: object, exc: Exception) -> None:  # noqa: ARG002 # gunicorn calls it so
        """Answer what never reached the application."""
        status = next((status for kind, status in _STATUS if isinstance(exc, kind)), 500)
        named = secrets.token_hex(8)
        if status == 500:
            _log.error("unexpected error below the application", exc_info=exc, request_id=named)
        note_unreadable(status, named)
        try:
            client.sendall(_answer(status, str(exc) if status < 500 else "", named))
        except OSError:
            _log.info("the caller went away before the answer", request_id=named)


def _answer(status: int, detail: str, named: str) -> bytes:
    kind = kind_of_status(status)
    body = msgspec.json.encode(problem_body(kind.code, detail[:200] or kind.meaning, (), named))
    lines = [
        f"HTTP/1.1 {kind.status} {kind.title}",
        "Connection: close",
        f"Content-Type: {MEDIA_TYPE}",
        f"Content-Length: {len(body)}",
        f"{HEADER}: {named}",
        "X-Content-Type-Options: nosniff",
        "Cache-Control: no-store",
        "",
        "",
    ]
    return "\r\n".join(lines).encode("ascii") + body
