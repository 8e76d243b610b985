"""No request goes to an address that is not public, however it is spelled and whatever its name resolves to."""

from __future__ import annotations

import socket
import threading
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from candor.names.addresses import REFUSED_V4, REFUSED_V6, why_refused
from worker.outbound import HostDownError, RefusedError
from worker.outbound.exchange import Guard, TooSlowError

TABLE = Path(__file__).with_name("refused_urls.txt")


def refused_urls() -> list[str]:
    r"""The first column of the table; \u stands for characters that cannot be seen."""
    lines = [line for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return [line.split("  ")[0].rstrip().encode("raw_unicode_escape").decode("raw_unicode_escape") for line in lines]


def test_the_table_of_refused_spellings_is_long_and_has_none_twice() -> None:
    urls = refused_urls()
    assert len(urls) == len(set(urls)) > 140


@pytest.mark.parametrize("url", refused_urls(), ids=ascii)
def test_a_spelling_is_refused_before_anything_is_resolved(url: str) -> None:
    def resolver(host: str, port: int) -> list[str]:
        raise AssertionError(host)

    with pytest.raises(RefusedError):
        Guard(resolver=resolver).target(url)


@pytest.mark.parametrize("block", [block for block, _ in (*REFUSED_V4, *REFUSED_V6)])
def test_a_name_that_leads_into_a_refused_block_is_refused(block: str) -> None:
    network = ip_network(block)
    for address in (network[0], network[-1]):
        with pytest.raises(RefusedError, match="not a public one"):
            Guard(resolver=lambda _host, _port, found=str(address): [found]).addresses("example.org", 443)


@pytest.mark.parametrize("address", ["fe80::1%2", "::ffff:93.184.216.34", "5f00::1", "1::1"])
def test_other_addresses_that_are_not_global_are_refused(address: str) -> None:
    assert why_refused(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "93.184.216.34", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0",
     "223.255.255.255", "2606:2800:220:1:248:1893:25c8:1946", "2001:200::1", "2a00:1450:4001:81b::200e"],
)  # fmt: skip
def test_public_addresses_are_not_refused(address: str) -> None:
    assert why_refused(ip_address(address)) is None


def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    guard = Guard(resolver=lambda _host, _port: ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(RefusedError):
        guard.addresses("example.org", 443)


def test_a_name_without_an_address_is_down() -> None:
    with pytest.raises(HostDownError):
        Guard(resolver=lambda _host, _port: []).addresses("example.org", 443)


def test_a_name_server_that_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_args, **_named: answers.wait(60) and [])
    monkeypatch.setattr("worker.outbound.exchange.RESOLVE_S", 0.01)
    with pytest.raises(TooSlowError, match="no name server says where it is"):
        Guard().addresses("example.org", 443)
    answers.set()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(socket.EAI_NONAME, "x"), "does not resolve"),
        (socket.gaierror(socket.EAI_AGAIN, "x"), "no name server says where it is"),
        (TimeoutError("x"), "no name server says where it is"),
    ],
)
def test_a_name_that_nobody_has_is_told_apart_from_a_name_server_that_is_silent(error: OSError, words: str) -> None:
    def resolver(_host: str, _port: int) -> list[str]:
        raise error

    with pytest.raises(HostDownError, match=words):
        Guard(resolver=resolver).addresses("example.org", 443)


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://Example.ORG", "https://example.org/"),
        ("https://example.org:443/a?b=c#d", "https://example.org/a?b=c"),
        ("http://example.org:8080/", "http://example.org:8080/"),
        ("https://bücher.example.org/", "https://xn--bcher-kva.example.org/"),
        ("https://日本.example.org/", "https://xn--wgv71a.example.org/"),
        ("https://a_b.example.org/", "https://a_b.example.org/"),
        ("https://1.1.1.1/", "https://1.1.1.1/"),
        ("https://[2606:4700:0000::1111]/", "https://[2606:4700::1111]/"),
        ("https://123.example.org/", "https://123.example.org/"),
    ],
)
def test_public_addresses_have_one_spelling(url: str, sent: str) -> None:
    assert Guard().target(url).url == sent


def test_a_test_host_is_allowed_on_its_port_only() -> None:
    guard = Guard(frozenset({"127.0.0.1:8080", "localhost:2583", "[::1]:8080"}))
    for url in ("http://127.0.0.1:8080/", "http://localhost:2583/", "http://[::1]:8080/"):
        assert guard.target(url).url == url
    for url in ("http://127.0.0.1/", "http://127.0.0.1:8081/", "http://localhost:8080/", "http://127.1:8080/"):
        with pytest.raises(RefusedError):
            guard.target(url)


def test_a_refusal_does_not_repeat_a_password() -> None:
    with pytest.raises(RefusedError) as caught:
        Guard().target("https://user:secret@example.org/")
    assert "secret" not in caught.value.words
