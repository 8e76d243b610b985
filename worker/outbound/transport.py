"""Transport: sends one request and reads one answer, within limits of size and time."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

import requests
from requests import exceptions as failures
from urllib3.exceptions import HTTPError, ReadTimeoutError

from worker.outbound.answer import Answer
from worker.outbound.connection import Limits, Session
from worker.outbound.errors import BadAnswerError, HostDownError, OutboundError, TooLargeError, TooSlowError
from worker.outbound.guard import Guard, Resolver, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from candor.names.targets import Target

CHUNK_BYTES = 65_536


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
        limits: Limits = Limits(),  # noqa: B008 frozen
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

    def send(self, method: str, target: Target, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """Send and read. Raises RefusedError, HostDownError, TooSlowError, TooLargeError, BadAnswerError."""
        with self._exchange(method, target, headers, body) as response:
            received = {name.lower(): value for name, value in response.headers.items()}
            return Answer(target.name, target.url, response.status_code, received, self._read(target, response))

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
                raise TooLargeError(target.name, f"the answer is longer than {self._limits.max_bytes} bytes")
        return bytes(body)


def user_agent(contact: str | None) -> str:
    """Say who asks and whom to write to."""
    name = f"Candor/{version('candor')}"
    return f"{name} (+{contact})" if contact else name


def _ours(host: str, error: Exception) -> OutboundError:
    """Say in our words what requests and urllib3 say in theirs."""
    if isinstance(error, failures.Timeout) or any(isinstance(part, ReadTimeoutError) for part in error.args):
        return TooSlowError(host, "no answer in time")
    if isinstance(error, failures.SSLError):
        return HostDownError(host, "its certificate can not be verified")
    if isinstance(error, failures.ChunkedEncodingError):
        return BadAnswerError(host, "the answer broke off")
    if isinstance(error, failures.ContentDecodingError):
        return BadAnswerError(host, "the answer can not be unpacked")
    if isinstance(error, failures.ConnectionError):
        return HostDownError(host, "no connection, or it broke")
    return BadAnswerError(host, "this is no answer in HTTP")
