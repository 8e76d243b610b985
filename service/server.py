"""gunicorn as we run it: threads, limits, time-outs, and problem documents where it would answer in HTML."""

from __future__ import annotations

import contextlib
import errno
import functools
import secrets
import selectors
import socket
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import msgspec
from gunicorn.http import errors  # type: ignore[import-untyped] # gunicorn has no types
from gunicorn.util import close_graceful  # type: ignore[import-untyped]
from gunicorn.workers.gthread import (  # type: ignore[import-untyped] # gunicorn has no types
    TConn,
    ThreadWorker,
)

from candor.telemetry.logs import logger
from service.context import REQUEST_ID_HEADER, context_of
from service.problem_kinds import BY_CODE, ProblemKind, kind_of_status
from service.problems import MEDIA_TYPE, problem_document
from service.request_log import note_unreadable

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from candor.settings import Settings


SLOWEST_BYTES_S = 500
LINGER_S = 0.5

IDLE_TIMEOUT_S = 30
STOP_TIMEOUT_S = 30
_ASIDE = 4
_RETRY_AFTER_S = 2
_STATUS = (
    (errors.LimitRequestLine, 414),
    (errors.LimitRequestHeaders, 431),
    (errors.UnsupportedTransferCoding, 501),
    (errors.ExpectationFailed, 417),
    (errors.ParseException, 400),
)
_log = logger(__name__)


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
        "--logger-class=service.request_log.GunicornLogger",
        "--name=candor",
        "service.app:application()",
    ]


class Worker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """A thread worker that slow callers can not hold, that refuses early what it can not do in time, and answers in
    problem documents what never reaches the application.
    """  # noqa: D205 # one sentence

    def init_process(self) -> None:
        """Get ready. Whoever is refused or lingers is dealt with aside, by threads that serve nobody else."""
        self.aside = ThreadPoolExecutor(_ASIDE)
        self.inside = 0
        super().init_process()

    def run(self) -> None:
        """Serve."""
        self.most_inside = self.cfg.threads + context_of(self.wsgi).settings.max_pending
        super().run()
        self.aside.shutdown(wait=False)

    def accept(self, listener: socket.socket) -> None:
        """Take a connection; it takes a thread only once it has said something."""
        try:
            accepted, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        connection = Connection(self.cfg, accepted, address, listener.getsockname(), self.aside)
        connection.set_timeout()
        self.pending_conns.append(connection)
        heard = functools.partial(self.on_pending_socket_readable, connection)
        self.poller.register(connection.sock, selectors.EVENT_READ, heard)

    def enqueue_req(self, conn: Connection) -> None:
        """Let a thread handle the request, or refuse it when too many wait for one."""
        self.inside += 1
        if self.inside <= self.most_inside:
            done = self.tpool.submit(self.handle, conn)
        else:
            done = self.aside.submit(self.refuse, conn)
        done.add_done_callback(lambda future: self.method_queue.defer(self.finish_request, conn, future))

    def finish_request(self, conn: Connection, fs: Future[Any]) -> None:
        """Go on with the connection."""
        self.inside -= 1
        super().finish_request(conn, fs)

    def handle(self, conn: Connection) -> Any:
        """Handle a request, for whose arrival the time begins."""
        conn.sock.begin()
        return super().handle(conn)

    def refuse(self, conn: Connection) -> bool:
        """Answer 503 without looking at the request."""
        kind, named = BY_CODE["overloaded"], secrets.token_hex(8)
        note_unreadable(kind.status, named)
        conn.sock.settimeout(None)
        with contextlib.suppress(OSError):
            conn.sock.sendall(_answer(kind, "", named, f"Retry-After: {_RETRY_AFTER_S}"))
        return False

    def handle_error(self, req: object, client: socket.socket, addr: object, exc: Exception) -> None:  # noqa: ARG002 # gunicorn calls it so
        """Answer what never reached the application."""
        status = next((status for kind, status in _STATUS if isinstance(exc, kind)), 500)
        named = secrets.token_hex(8)
        if status == 500:
            _log.error("unexpected error below the application", exc_info=exc, request_id=named)
        note_unreadable(status, named)
        try:
            client.sendall(_answer(kind_of_status(status), str(exc) if status < 500 else "", named))
        except OSError:
            _log.info("the caller went away before the answer", request_id=named)


def _answer(kind: ProblemKind, detail: str, named: str, *headers: str) -> bytes:
    body = msgspec.json.encode(problem_document(kind.code, detail[:200] or kind.meaning, (), named))
    lines = [
        f"HTTP/1.1 {kind.status} {kind.title}",
        "Connection: close",
        f"Content-Type: {MEDIA_TYPE}",
        f"Content-Length: {len(body)}",
        f"{REQUEST_ID_HEADER}: {named}",
        "X-Content-Type-Options: nosniff",
        "Cache-Control: no-store",
        *headers,
        "",
        "",
    ]
    return "\r\n".join(lines).encode("ascii") + body
