"""Connections that go to checked addresses only, send one request, read one answer, within limits of size and time."""

from __future__ import annotations

import http.client
import io
import logging
import time
from contextlib import contextmanager
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Self

import msgspec
import requests
from requests import exceptions as failures
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ProtocolError, ReadTimeoutError
from urllib3.util.connection import create_connection
from urllib3.util.retry import Retry

from worker.outbound.cache import HostResponse
from worker.outbound.exchange import (
    AnswerTooLargeError,
    BadAnswerError,
    Guard,
    HostDownError,
    OutboundError,
    Resolver,
    TooSlowError,
    resolve,
)

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Mapping

    from urllib3.response import BaseHTTPResponse

    from candor.names.addresses import Target


ADDRESSES_TRIED = 3
HOSTS_KEPT_OPEN = 32
WIRE_FACTOR = 2

CHUNK_BYTES = 65_536


class ResponseLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How long and how much: to connect, between two reads, for the whole answer; bytes after unpacking.

    The bytes on the wire, with headers and framing, may be twice `max_bytes`.
    """

    connect_s: float = 5.0
    read_s: float = 15.0
    total_s: float = 60.0
    max_bytes: int = 8 * 2**20


class Session(requests.Session):
    """A session that takes nothing from the environment, keeps no cookies and leaves redirects to its caller.

    Even when told not to follow, requests reads the whole body of a redirect to prepare the next request; a server
    with an endless one would fill the memory. Hence no redirect is recognised here.
    """

    def __init__(self, guard: Guard, limits: ResponseLimits, ca_bundle: str | None = None) -> None:
        super().__init__()
        self.trust_env = False
        self.verify = ca_bundle or True
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        adapter = _Adapter(guard, limits)
        self.mount("http://", adapter)
        self.mount("https://", adapter)

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Recognise none."""
        del resp
        return None


class _MeteredReader(io.RawIOBase):
    """Reads a socket until a deadline and up to a size, counted where the bytes arrive.

    A server that drips bytes never runs into a time-out between two of them, and one that lies about lengths (a
    chunk of -1 bytes) makes http.client read without end.
    """

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, host: str, limits: ResponseLimits) -> None:
        self._raw = raw
        self._sock = sock
        self._host = host
        self._bytes_left = WIRE_FACTOR * limits.max_bytes
        self._deadline_s = time.monotonic() + limits.total_s
        self._read_s = limits.read_s

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 the signature of io.RawIOBase
        """Read into `buffer`; return how many bytes. Raises TooSlowError and AnswerTooLargeError as limits are met."""
        left_s = self._deadline_s - time.monotonic()
        if left_s <= 0:
            raise TooSlowError(self._host, "no answer in time")
        if self._bytes_left <= 0:
            raise AnswerTooLargeError(self._host, "the answer has no end")
        self._sock.settimeout(min(left_s, self._read_s))
        count = self._raw.readinto(buffer)
        self._bytes_left -= count or 0
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _MeteredResponse(http.client.HTTPResponse):
    """A response whose status line, headers and body are metered from the moment the request was sent."""

    def __init__(self, host: str, limits: ResponseLimits, sock: socket.socket, *args: Any, **named: Any) -> None:  # noqa: ANN401
        super().__init__(sock, *args, **named)
        self.fp = io.BufferedReader(_MeteredReader(self.fp.detach(), sock, host, limits))


class _StaleConnectionError(ConnectionError):
    """A connection that was kept open broke before an answer began: the server had closed it since the last one."""


class _Connection(HTTPConnection):
    """A connection to an address that was checked. TLS, SNI and the Host header still go by the name."""

    _has_answered = False

    def __init__(self, *args: Any, guard: Guard, limits: ResponseLimits, **named: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **named)
        self._guard = guard
        name = self.host if self.port == self.default_port else f"{self.host}:{self.port}"
        self.response_class = partial(_MeteredResponse, name, limits)  # type: ignore[assignment]

    def _new_conn(self) -> socket.socket:
        """Resolve once, check every address, and connect to what was checked: a second answer of the name is not asked.

        Raises RefusedError, HostDownError, and urllib3's errors when nobody is there.
        """
        timed_out = False
        for address in self._guard.addresses(self.host, self.port)[:ADDRESSES_TRIED]:
            try:
                return create_connection((address, self.port), self.timeout, socket_options=self.socket_options)
            except OSError as error:
                timed_out = isinstance(error, TimeoutError)
        raise (ConnectTimeoutError if timed_out else NewConnectionError)(self, "nobody answers")

    def connect(self) -> None:
        super().connect()
        self._has_answered = False

    def getresponse(self) -> BaseHTTPResponse:  # type: ignore[override]
        """Read the head of the answer. Raises _StaleConnectionError where only the idle connection had ended."""
        try:
            response = super().getresponse()
        except ConnectionError as error:
            if self._has_answered:
                raise _StaleConnectionError from error
            raise
        self._has_answered = True
        return response


class _TLSConnection(_Connection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


class _Pools(PoolManager):
    def __init__(self, guard: Guard, limits: ResponseLimits) -> None:
        super().__init__(num_pools=HOSTS_KEPT_OPEN)
        self.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}
        self._for_connections = {"guard": guard, "limits": limits}

    def clear(self) -> None:
        """Close what is kept open, now rather than when the collector comes by."""
        for key in self.pools.keys():  # noqa: SIM118 urllib3's container cannot be iterated
            self.pools[key].close()
        super().clear()

    def _new_pool(
        self, scheme: str, host: str, port: int, request_context: dict[str, Any] | None = None
    ) -> HTTPConnectionPool:
        context = {**(request_context or self.connection_pool_kw), **self._for_connections}
        return super()._new_pool(scheme, host, port, context)


class _AgainIfStale(Retry):
    """Asks again, with GET, only on the next connection: servers close idle ones while the next request is on its way.

    Each try takes one kept connection away, and what breaks on a new one is not asked again.
    """

    def increment(self, *args: Any, error: Exception | None = None, **named: Any) -> Self:  # noqa: ANN401 as urllib3 calls it
        method = args[0]
        if method == "GET" and isinstance(error, ProtocolError) and isinstance(error.args[-1], _StaleConnectionError):
            return self
        return super().increment(*args, error=error, **named)  # type: ignore[misc]


class _Adapter(HTTPAdapter):
    def __init__(self, guard: Guard, limits: ResponseLimits) -> None:
        super().__init__(max_retries=_AgainIfStale(0, read=False))
        self.poolmanager = _Pools(guard, limits)


class Transport:
    """One shared session for a worker. It follows no redirect, repeats nothing and keeps no cookies.

    `contact` (a web or mail address of the operator) goes into the user agent. `ca_bundle` replaces the certificates
    that are trusted. `test_hosts` as in Guard.
    """

    def __init__(
        self,
        *,
        contact: str | None = None,
        test_hosts: frozenset[str] = frozenset(),
        limits: ResponseLimits = ResponseLimits(),  # noqa: B008 frozen
        ca_bundle: str | None = None,
        resolver: Resolver = resolve,
    ) -> None:
        logging.getLogger("urllib3").setLevel(logging.ERROR)  # its warnings show URLs, and keys stand in some
        self.guard = Guard(test_hosts, resolver)
        self._limits = limits
        self._session = Session(self.guard, limits, ca_bundle)
        self._session.headers.update(
            {"User-Agent": user_agent(contact), "Accept": "application/json", "Accept-Encoding": "gzip, deflate"}
        )

    def send(self, method: str, target: Target, headers: Mapping[str, str], body: bytes | None = None) -> HostResponse:
        """Send and read. Raises RefusedError, HostDownError, TooSlowError, AnswerTooLargeError, BadAnswerError."""
        with self._exchange(method, target, headers, body) as response:
            received = {name.lower(): value for name, value in response.headers.items()}
            return HostResponse(target.name, target.url, response.status_code, received, self._read(target, response))

    def tell(self, target: Target, headers: Mapping[str, str], body: bytes) -> int:
        """Send with POST and return the status, whatever else is answered. Raises as `send` does."""
        with self._exchange("POST", target, headers, body) as response:
            return response.status_code

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._session.close()

    @contextmanager
    def _exchange(
        self, method: str, target: Target, headers: Mapping[str, str], body: bytes | None
    ) -> Iterator[requests.Response]:
        try:
            with self._session.request(
                method,
                target.url,
                headers=dict(headers),
                data=body,
                timeout=(self._limits.connect_s, self._limits.read_s),
                stream=True,
                allow_redirects=False,
            ) as response:
                yield response
        except (failures.RequestException, HTTPError, ValueError) as error:  # a chunk of -5 bytes is a ValueError
            raise _ours(target.name, error) from error

    def _read(self, target: Target, response: requests.Response) -> bytes:
        """Read the body, unpacked. Content-Length is not believed: what counts is what comes out."""
        body = bytearray()
        for chunk in response.iter_content(CHUNK_BYTES):
            body += chunk
            if len(body) > self._limits.max_bytes:
                raise AnswerTooLargeError(target.name, f"the answer is longer than {self._limits.max_bytes} bytes")
        return bytes(body)


def user_agent(contact: str | None) -> str:
    """Say who asks and whom to write to."""
    name = f"Candor/{version('candor')}"
    return f"{name} (+{contact})" if contact else name


_NO_TLS = "no encrypted connection (https) can be made: what answers there may speak plain http alone"


def _ours(host: str, error: Exception) -> OutboundError:
    """Say in our words what requests and urllib3 say in theirs."""
    if isinstance(error, failures.Timeout) or any(isinstance(part, ReadTimeoutError) for part in error.args):
        return TooSlowError(host, "no answer in time")
    if isinstance(error, failures.SSLError):
        is_certificate = "certificate" in str(error).lower()
        return HostDownError(host, "its certificate cannot be verified" if is_certificate else _NO_TLS)
    if isinstance(error, failures.ChunkedEncodingError):
        return BadAnswerError(host, "the answer was cut off")
    if isinstance(error, failures.ContentDecodingError):
        return BadAnswerError(host, "the answer cannot be unpacked")
    if isinstance(error, failures.ConnectionError):
        return HostDownError(host, "no connection, or it broke")
    return BadAnswerError(host, "this is no answer in HTTP")
