"""The connection goes to the very address that was checked, and TLS still goes by the name."""

from __future__ import annotations

import gzip
import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
import trustme
from hypothesis import example, given
from hypothesis import strategies as st

from tests.worker.outbound.conftest import SMALL, json_of
from tests.worker.outbound.misbehaving_server import MisbehavingServer, answer
from worker.outbound import (
    HostDownError,
    OutboundError,
    RefusedError,
    ResponseLimits,
    TooSlowError,
    Transport,
    connection,
)
from worker.outbound.cache import HostResponse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PUBLIC = "93.184.216.34"


class FakeInternet:
    """Every address leads to one server; the addresses that were connected to are noted. Names are not understood."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.connected: list[str] = []
        self.server: MisbehavingServer | None = None
        self._connect = connection.create_connection
        monkeypatch.setattr(connection, "create_connection", self.connect)

    def connect(self, address: tuple[str, int], *args: object, **named: object) -> socket.socket:
        self.connected.append(address[0])
        assert self.server is not None
        return self._connect(("127.0.0.1", self.server.port), *args, **named)


class Resolver:
    """Answers in turn, the last one again and again."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, _port: int) -> list[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> FakeInternet:
    return FakeInternet(monkeypatch)


def send(transport: Transport, url: str) -> object:
    return json_of(transport.send("GET", transport.guard.target(url), {}))


@pytest.fixture
def closing() -> Iterator[list[Transport]]:
    opened: list[Transport] = []
    yield opened
    for transport in opened:
        transport.close()


def open_transport(closing: list[Transport], resolver: Resolver, ca_bundle: Path | None = None) -> Transport:
    transport = Transport(resolver=resolver, limits=SMALL, ca_bundle=str(ca_bundle) if ca_bundle else None)
    closing.append(transport)
    return transport


def test_a_connection_goes_to_the_address_that_was_checked(
    internet: FakeInternet, server: MisbehavingServer, closing: list[Transport]
) -> None:
    internet.server, resolver = server, Resolver([PUBLIC])
    send(open_transport(closing, resolver), "http://example.org/good")
    assert internet.connected == [PUBLIC]
    assert resolver.asked == ["example.org"]
    assert server.heard[0].headers["host"] == "example.org"


def test_a_name_that_resolves_to_a_private_address_the_second_time_gains_nothing(
    internet: FakeInternet, server: MisbehavingServer, closing: list[Transport]
) -> None:
    internet.server = server
    url = "http://example.org/once"
    server.says("/once", answer(200, Connection="close"))
    transport = open_transport(closing, Resolver([PUBLIC], ["127.0.0.1"]))
    send(transport, url)
    with pytest.raises(RefusedError):
        send(transport, url)
    assert internet.connected == [PUBLIC]


def test_a_connection_kept_open_is_still_the_checked_one(
    internet: FakeInternet, server: MisbehavingServer, closing: list[Transport]
) -> None:
    internet.server = server
    transport = open_transport(closing, Resolver([PUBLIC], ["127.0.0.1"]))
    send(transport, "http://example.org/good")
    send(transport, "http://example.org/good")
    assert internet.connected == [PUBLIC]


def test_proxies_and_passwords_of_the_environment_are_ignored(
    internet: FakeInternet,
    server: MisbehavingServer,
    closing: list[Transport],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine example.org login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    internet.server = server
    send(open_transport(closing, Resolver([PUBLIC])), "http://example.org/good")
    assert internet.connected == [PUBLIC]
    assert "authorization" not in server.heard[0].headers


def test_cookies_are_not_kept(internet: FakeInternet, server: MisbehavingServer, closing: list[Transport]) -> None:
    internet.server = server
    server.says("/cookie", answer(200, Set_Cookie="id=1; Path=/"))
    transport = open_transport(closing, Resolver([PUBLIC]))
    send(transport, "http://example.org/cookie")
    send(transport, "http://example.org/good")
    assert "cookie" not in server.heard[1].headers


def test_the_next_address_is_tried_when_nobody_is_at_the_first(
    monkeypatch: pytest.MonkeyPatch, server: MisbehavingServer, closing: list[Transport]
) -> None:
    internet = FakeInternet(monkeypatch)
    internet.server = server
    working = internet.connect

    def connect(address: tuple[str, int], *args: object, **named: object) -> socket.socket:
        if address[0] == PUBLIC:
            raise ConnectionRefusedError
        return working(address, *args, **named)

    monkeypatch.setattr(connection, "create_connection", connect)
    send(open_transport(closing, Resolver([PUBLIC, "1.1.1.1"])), "http://example.org/good")
    assert internet.connected == ["1.1.1.1"]


def test_a_handshake_that_never_comes_ends_in_time(closing: list[Transport]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        name = f"127.0.0.1:{deaf.getsockname()[1]}"
        transport = Transport(
            test_hosts=frozenset({name}), limits=ResponseLimits(connect_s=0.2, read_s=0.2, total_s=0.2)
        )
        closing.append(transport)
        with pytest.raises(TooSlowError):
            send(transport, f"https://{name}/")


HEADS = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 302 Found\r\n", b"HTTP/1.0 200\r\n", b"HTTP/9.9 9999 x\r\n", b"200 OK\r\n",
        b"HTTP/1.1 -1 OK\r\n", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n", b"\r\n", b"",
    ]
)  # fmt: skip
FIELDS = st.sampled_from(
    [
        b"Content-Length: 2\r\n", b"Content-Length: 99\r\n", b"Content-Length: -1\r\n", b"Content-Length: 1, 2\r\n",
        b"Content-Length: x\r\n", b"Content-Length: 99999999999999999999999\r\n", b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n", b"Content-Encoding: gzip\r\n", b"Content-Encoding: deflate\r\n",
        b"Content-Encoding: gzip, gzip, gzip, gzip, gzip, gzip, gzip\r\n", b"Content-Encoding: br\r\n",
        b"Location: http://[/\r\n", b"Location: \xff\xfe\r\n", b"Link: <\xc3\xa4>; rel=next\r\n", b": empty\r\n",
        b" folded\r\n", b"no colon\r\n", b"Set-Cookie: \x00=\xff\r\n", b"Content-Type: text/html; charset=\x01\r\n",
        b"Connection: close\r\n",
    ]
)  # fmt: skip
BODIES = st.sampled_from(
    [
        b"", b"{}", b"5\r\n12345\r\n0\r\n\r\n", b"-5\r\n12345", b"FFFFFFFFFFFFFFFFFF\r\nx", b"\r\n\r\n", b"zz\r\n",
        gzip.compress(b"{}"), gzip.compress(b"{}")[:-4], b"2\r\n{}\r\n0\r\nTrailer: x\r\n\r\n",
    ]
)  # fmt: skip


@example(head=b"HTTP/1.1 200 OK\r\n", fields=[b"Transfer-Encoding: chunked\r\n"], body=b"-5\r\n12345")
@given(head=HEADS, fields=st.lists(FIELDS, max_size=4), body=BODIES | st.binary(max_size=64))
def test_whatever_bytes_come_only_our_own_errors_leave(
    head: bytes, fields: list[bytes], body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = socket.socketpair()
    monkeypatch.setattr(connection, "create_connection", lambda *_args, **_named: ours)
    transport = Transport(resolver=Resolver([PUBLIC]), limits=SMALL)
    with theirs:
        theirs.sendall(head + b"".join(fields) + b"\r\n" + body)
        theirs.shutdown(socket.SHUT_WR)
        with suppress(OutboundError):
            assert isinstance(transport.send("GET", transport.guard.target("http://example.org/"), {}), HostResponse)
        transport.close()
        ours.close()


class Authority:
    """A certificate authority, and servers with its certificates."""

    def __init__(self, folder: Path) -> None:
        self._ca = trustme.CA()
        self.bundle = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(str(self.bundle))
        self.named: list[str | None] = []

    def server_for(self, name: str) -> MisbehavingServer:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(name).configure_cert(context)
        context.sni_callback = lambda _socket, asked, _context: self.named.append(asked)
        return MisbehavingServer(context)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_tls_names_the_host_and_not_the_address(
    internet: FakeInternet, authority: Authority, closing: list[Transport]
) -> None:
    with authority.server_for("example.org") as internet.server:
        transport = open_transport(closing, Resolver([PUBLIC]), authority.bundle)
        assert send(transport, "https://example.org/good")
        transport.close()
    assert authority.named == ["example.org"]


def test_a_certificate_for_another_name_is_refused(
    internet: FakeInternet, authority: Authority, closing: list[Transport]
) -> None:
    with authority.server_for("example.com") as internet.server:
        with pytest.raises(HostDownError, match="certificate"):
            send(open_transport(closing, Resolver([PUBLIC]), authority.bundle), "https://example.org/good")
        assert internet.server.heard == []


def test_a_certificate_for_the_address_is_refused_when_a_name_was_asked_for(
    internet: FakeInternet, authority: Authority, closing: list[Transport]
) -> None:
    with authority.server_for(PUBLIC) as internet.server, pytest.raises(HostDownError, match="certificate"):
        send(open_transport(closing, Resolver([PUBLIC]), authority.bundle), "https://example.org/good")


def test_a_certificate_of_an_unknown_authority_is_refused(
    internet: FakeInternet, authority: Authority, closing: list[Transport], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))
    with authority.server_for("example.org") as internet.server, pytest.raises(HostDownError, match="certificate"):
        send(open_transport(closing, Resolver([PUBLIC])), "https://example.org/good")


def test_a_host_that_speaks_plain_http_is_not_said_to_have_a_certificate(
    internet: FakeInternet, server: MisbehavingServer, closing: list[Transport]
) -> None:
    internet.server = server
    with pytest.raises(HostDownError, match="no encrypted connection"):
        send(open_transport(closing, Resolver([PUBLIC])), "https://example.org/good")
