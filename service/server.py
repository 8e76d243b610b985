"""gunicorn as we run it: threads, limits, time-outs, and problem documents where it would answer in HTML."""

from __future__ import annotations

import contextlib
import functools
import gc
import re
import secrets
import selectors
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from html import escape
from typing import TYPE_CHECKING, Any

import msgspec
from gunicorn.http import errors  # type: ignore[import-untyped] # gunicorn has no types
from gunicorn.http.wsgi import create  # type: ignore[import-untyped]
from gunicorn.util import close_graceful  # type: ignore[import-untyped]
from gunicorn.workers.gthread import (  # type: ignore[import-untyped] # gunicorn has no types
    TConn,
    ThreadWorker,
)

from candor.telemetry.logs import logger
from service.arrival import Need, TimedSocket, need_of
from service.context import REQUEST_ID_HEADER, context_of
from service.joined_response import JoinedResponse
from service.problem_kinds import BY_CODE, ProblemKind, kind_of_status
from service.problems import MEDIA_TYPE, problem_document
from service.rate_limits import caller_of
from service.request_log import note_unreadable
from service.words import language_of, words

if TYPE_CHECKING:
    import socket
    from concurrent.futures import Executor


STOP_ARRIVAL_S = 2.0
LINGER_S = 0.5

_ASIDE = 4
_PASSED_OVER_BYTES = 64 * 1024
_RETRY_AFTER_S = 2
_STATUS = (
    (errors.LimitRequestLine, 414),
    (errors.LimitRequestHeaders, 431),
    (errors.UnsupportedTransferCoding, 501),
    (errors.ExpectationFailed, 417),
    (errors.ParseException, 400),
)
_TOO_LONG = 414
_API_HEADS = tuple(f"{method} /v1/".encode() for method in ("GET", "HEAD", "POST", "PUT", "DELETE"))
_WANTS_HTML = re.compile(rb"(?im)^accept:[^\r\n]*text/html")
_LANGUAGES = re.compile(rb"(?im)^accept-language:([^\r\n]*)")
_log = logger(__name__)


class NoHostError(errors.ParseException):  # type: ignore[misc] # gunicorn has no types
    """A request in HTTP/1.1 does not say to which host (RFC 9112, 3.2)."""

    def __str__(self) -> str:
        return "A request in HTTP/1.1 needs the header Host."


class Connection(TConn):  # type: ignore[misc]
    """A connection that is ended aside, so that a caller who lingers holds up nobody."""

    def __init__(self, cfg: Any, sock: socket.socket, client: Any, server: Any, worker: WebWorker) -> None:
        timed = TimedSocket(fileno=sock.detach())
        timed.limit_s = cfg.timeout
        super().__init__(cfg, timed, client, server)
        self._worker = worker
        self.lane = worker.requests
        self.awaited_bytes = 0

    def set_arrival_timeout(self) -> None:
        """Let the time begin within which a head and a small body have to be here."""
        self.awaited_bytes = 0
        self.timeout = time.monotonic() + self.cfg.timeout

    def close(self, graceful: bool = False) -> None:  # noqa: FBT001, FBT002 # gunicorn calls it so
        """Close; gracefully means to wait a moment for the caller to have read everything."""
        self._worker.count(self.client, -1)
        if graceful:
            self.sock.settimeout(None)
            self._worker.aside.submit(close_graceful, self.sock, LINGER_S)
        else:
            super().close()


class Lane:
    """Threads for requests of one kind, and how many requests are with them or wait for them."""

    def __init__(self, pool: Executor, most_inside: int) -> None:
        self.pool = pool
        self.most_inside = most_inside
        self.inside = 0


class WebWorker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """A thread worker that slow callers cannot hold, that refuses early what it cannot do in time, and answers in
    problem documents what never reaches the application.

    A thread is given once head and a small body are there. Long bodies have threads of their own, half as many.
    """  # noqa: D205 # one sentence

    def init_process(self) -> None:
        """Get ready. Whoever is refused or lingers is dealt with aside, by threads that serve nobody else."""
        self.aside = ThreadPoolExecutor(_ASIDE)
        self.connections: Counter[str] = Counter()
        self.cfg.__dict__.update({name: setting.get() for name, setting in self.cfg.settings.items()})  # looked up less
        super().init_process()

    def load_wsgi(self) -> None:
        """Load the application. Nothing of it is garbage: to look for some takes an eighth of the CPU of a start."""
        gc.disable()
        super().load_wsgi()
        gc.freeze()
        gc.enable()

    def run(self) -> None:
        """Serve."""
        settings = context_of(self.wsgi).settings
        uploads = max(1, self.cfg.threads // 2)
        self.requests = Lane(self.tpool, self.cfg.threads + settings.max_pending)
        self.uploads = Lane(ThreadPoolExecutor(uploads), uploads + settings.max_pending)
        self.most_connections = 0 if settings.trusted_proxies else settings.address_connections
        super().run()
        self.uploads.pool.shutdown(wait=False)
        self.aside.shutdown(wait=False)

    def accept(self, listener: socket.socket) -> None:
        """Take a connection, unless its address has enough; where there is no room the one that is slowest goes."""
        try:
            accepted, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        if self.most_connections and self.connections[caller_of(address[0])] >= self.most_connections:
            _turn_away(accepted)
            return
        if self.nr_conns >= self.worker_connections - 1 and self.pending_conns:
            self._end(self.pending_conns[0])
        self.nr_conns += 1
        self.count(address, 1)
        self._await_request(Connection(self.cfg, accepted, address, listener.getsockname(), self))

    def count(self, client: tuple[str, int], change: int) -> None:
        """Count the connections of an address."""
        caller = caller_of(client[0])
        self.connections[caller] += change
        if not self.connections[caller]:
            del self.connections[caller]

    def _await_request(self, conn: Connection) -> None:
        """Buffer a request in the loop that holds no thread."""
        conn.sock.settimeout(0)
        conn.set_arrival_timeout()
        self._put_into_loop(conn)

    def on_client_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        """Buffer the next request of a connection that was kept: mostly all of it is there, and nothing is awaited."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        conn.set_arrival_timeout()
        need = self._receive(conn)
        if need is None or need is Need.MORE:
            self._put_into_loop(conn)
        if need is None:
            self._end(conn)
        elif need is not Need.MORE:
            self._hand_over(conn, need)

    def on_pending_socket_readable(self, conn: Connection, client: socket.socket) -> None:  # noqa: ARG002 # gunicorn calls it so
        """Take what has arrived, and give the request a thread when it has what it needs."""
        need = self._receive(conn)
        if need is None:
            self._end(conn)
        elif need is not Need.MORE:
            self._take_from_loop(conn)
            self._hand_over(conn, need)

    def _receive(self, conn: Connection) -> Need | None:
        """Take what has arrived; return what the request needs, None where the connection is broken."""
        try:
            ended = conn.sock.receive_available()
        except OSError:
            return None
        if len(conn.sock.buffer) < conn.awaited_bytes and not ended:
            return Need.MORE
        need, conn.awaited_bytes = need_of(conn.sock.buffer)
        return Need.THREAD if need is Need.MORE and ended else need

    def _hand_over(self, conn: Connection, need: Need) -> None:
        conn.data_ready = True
        if need is Need.REFUSAL:
            self._answer_aside(conn, kind_of_status(431))
            return
        conn.sock.wants_page = _language_of_page(conn.sock.buffer)
        conn.lane = self.uploads if need is Need.UPLOAD else self.requests
        self.enqueue_req(conn)

    def _put_into_loop(self, conn: Connection) -> None:
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, functools.partial(self.on_pending_socket_readable, conn))

    def _take_from_loop(self, conn: Connection) -> None:
        self.poller.unregister(conn.sock)
        self.pending_conns.remove(conn)

    def _end(self, conn: Connection) -> None:
        """End a connection whose request is not here: with 408 where only its body is missing, else without a word."""
        self._take_from_loop(conn)
        if conn.awaited_bytes:
            self._answer_aside(conn, BY_CODE["timeout"])
            return
        self.nr_conns -= 1
        conn.close()

    def _answer_aside(self, conn: Connection, kind: ProblemKind) -> None:
        done = self.aside.submit(self.refuse, conn, kind)
        done.add_done_callback(lambda _: self.method_queue.defer(self._close, conn))

    def _close(self, conn: Connection) -> None:
        self.nr_conns -= 1
        conn.close(graceful=True)

    def murder_pending(self) -> None:
        """End whose request does not arrive in time; while the worker stops it has a moment only."""
        spared_s = 0 if self.alive else self.cfg.timeout - STOP_ARRIVAL_S
        while self.pending_conns and self.pending_conns[0].timeout - spared_s <= time.monotonic():
            self._end(self.pending_conns[0])

    def enqueue_req(self, conn: Connection) -> None:
        """Let a thread handle the request, or refuse it when too many wait for one."""
        lane = conn.lane
        lane.inside += 1
        if lane.inside <= lane.most_inside:
            done = lane.pool.submit(self.handle, conn)
        else:
            done = self.aside.submit(self.refuse, conn, BY_CODE["overloaded"], f"Retry-After: {_RETRY_AFTER_S}")
        done.add_done_callback(lambda future: self.method_queue.defer(self.finish_request, conn, future))

    def finish_request(self, conn: Connection, fs: Future[Any]) -> None:
        """Go on with the connection; what was sent of the next request is buffered like the first."""
        conn.lane.inside -= 1
        if not fs.cancelled() and fs.exception() is None and fs.result() is True:
            ahead = conn.parser.unreader.take_buffered()
            conn.sock.buffer[:0] = ahead
            if conn.sock.buffer:
                self._await_request(conn)
                self.on_pending_socket_readable(conn, conn.sock)
                return
        super().finish_request(conn, fs)

    def handle(self, conn: Connection) -> Any:
        """Handle a request, for whose arrival the time begins."""
        conn.sock.begin()
        return super().handle(conn)

    def handle_request(self, req: Any, conn: Connection) -> bool:
        """Answer a request; tell whether the connection goes on. Where much of its body is left unread, it ends.

        Raises NoHostError for HTTP/1.1 without a host: what stands before us may take such a request for another's.
        """
        if req.version >= (1, 1) and not any(name == "HOST" for name, _ in req.headers):
            raise NoHostError
        reply, environ = create(req, conn.sock, conn.client, conn.server, self.cfg, JoinedResponse)
        environ["wsgi.multithread"] = True
        asked = req.should_close
        req.should_close = lambda: asked() or _has_unread(req.body.reader)
        if not self.alive or len(self.keepalived_conns) >= self.max_keepalived:
            reply.force_close()
        try:
            self._answer(environ, reply)
        except OSError:
            raise
        except (Exception, SystemExit):
            if not reply.headers_sent:
                raise
            self.log.exception("Error handling request")
            close_graceful(conn.sock)
            raise StopIteration from None
        return not reply.should_close()

    def _answer(self, environ: dict[str, Any], reply: JoinedResponse) -> None:
        """Have the application answer."""
        answer = self.wsgi(environ, reply.start_response)
        try:
            for part in answer:
                reply.write(part)
            reply.close()
        finally:
            if hasattr(answer, "close"):
                answer.close()

    def refuse(self, conn: Connection, kind: ProblemKind, *headers: str) -> bool:
        """Answer a problem without looking at the request."""
        named = secrets.token_hex(8)
        note_unreadable(kind.status, named)
        conn.sock.settimeout(None)
        with contextlib.suppress(OSError):
            conn.sock.sendall(_answer(kind, "", named, *headers))
        return False

    def handle_error(self, req: object, client: socket.socket, addr: object, exc: Exception) -> None:  # noqa: ARG002 # gunicorn calls it so
        """Answer what never reached the application."""
        status = next((status for kind, status in _STATUS if isinstance(exc, kind)), 500)
        named = secrets.token_hex(8)
        if status == 500:
            _log.error("unexpected error below the application", exc_info=exc, request_id=named)
        note_unreadable(status, named)
        said, language = str(exc) if status < 500 else "", getattr(client, "wants_page", "")
        try:
            client.sendall(
                _page(kind_of_status(status), language, named)
                if language and status == _TOO_LONG
                else _answer(kind_of_status(status), said, named)
            )
        except OSError:
            _log.info("client disconnected before the response", request_id=named)


def _has_unread(reader: Any) -> bool:
    """Tell whether more of a body is unread than gunicorn passes over before the next request."""
    return getattr(reader, "length", 0) > _PASSED_OVER_BYTES or getattr(reader, "parser", None) is not None


def _turn_away(accepted: socket.socket) -> None:
    """Refuse a connection without waiting for anything."""
    named = secrets.token_hex(8)
    note_unreadable(BY_CODE["overloaded"].status, named)
    said = _answer(
        BY_CODE["overloaded"], "This address has too many connections.", named, f"Retry-After: {_RETRY_AFTER_S}"
    )
    with accepted, contextlib.suppress(OSError):
        accepted.settimeout(0)
        accepted.send(said)


def _language_of_page(head: bytes | bytearray) -> str:
    """Return the language in which a browser asks for a page, empty for who asks for none."""
    if head.startswith(_API_HEADS) or not _WANTS_HTML.search(head):
        return ""
    accepted = _LANGUAGES.search(head)
    return language_of(accepted[1].decode("latin-1") if accepted else None)


def _page(kind: ProblemKind, language: str, named: str) -> bytes:
    """Answer a browser that a problem is shown to whom no page can be made for from its request."""
    t = words(language)
    title, detail = escape(t.translate(kind.title)), escape(t.translate(kind.meaning))
    html = (
        f'<!DOCTYPE html><html lang="{language}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title} – Candor</title><h1>{title}</h1>'
        f'<p>{detail}</p><p>{escape(t("problem.shorter"))}</p><p><a href="/">{escape(t("problem.home"))}</a></p></html>'
    )
    return _message(kind, "text/html; charset=utf-8", html.encode(), named)


def _answer(kind: ProblemKind, detail: str, named: str, *headers: str) -> bytes:
    body = msgspec.json.encode(problem_document(kind.code, detail[:200] or kind.meaning, (), named))
    return _message(kind, MEDIA_TYPE, body, named, *headers)


def _message(kind: ProblemKind, media_type: str, body: bytes, named: str, *headers: str) -> bytes:
    lines = [
        f"HTTP/1.1 {kind.status} {kind.title}",
        "Connection: close",
        f"Content-Type: {media_type}",
        f"Content-Length: {len(body)}",
        f"{REQUEST_ID_HEADER}: {named}",
        "X-Content-Type-Options: nosniff",
        "Cache-Control: no-store",
        *headers,
        "",
        "",
    ]
    return "\r\n".join(lines).encode("ascii") + body
