"""The address guard: which URLs we ask, and which addresses we connect to for them."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_address
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

import idna

from worker.outbound.addresses import why_refused
from worker.outbound.errors import HostDownError, RefusedError

Resolver: TypeAlias = Callable[[str, int], list[str]]

USUAL_PORTS = {"http": 80, "https": 443}
LOWEST_OTHER_PORT = 1024
URL_MAX = 8192
NAME_MAX = 253
INTERNAL_NAMES = frozenset({"localhost", "local", "localdomain", "internal", "intranet", "lan", "arpa", "onion"})
_NOT_IN_A_URL = re.compile(r"[\x00-\x20\x7f\\]")
_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})+")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


@dataclass(frozen=True)
class Target:
    """Where a URL leads: `host` is in lower case and ASCII, without brackets; `path` is the rest, query included."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def name(self) -> str:
        """The host as budgets and credentials know it: with its port where that is not the usual one."""
        if self.port != USUAL_PORTS[self.scheme]:
            return _authority(self.host, self.port)
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def url(self) -> str:
        """The URL in the one spelling that is sent."""
        return f"{self.scheme}://{self.name}{self.path}"


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a name. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class Guard:
    """Lets through http and https to public addresses.

    `test_hosts` ("127.0.0.1:8080") may lead anywhere. They come from a setting, are empty for everyone but tests, and
    mean that host on that port only.
    """

    test_hosts: frozenset[str] = frozenset()
    resolver: Resolver = resolve

    def target(self, url: str) -> Target:
        """Take the URL apart. Raises RefusedError for other schemes, user names, odd ports and odd spellings.

        An address in any but its usual spelling is refused without asking what it means: decimal, octal, hex, short,
        with a dot behind, with a zone. So are names that mean something on our side of the fence only.
        """
        parts = _split(url)
        host, port = _host(parts), _port(parts)
        if not self.is_test_host(host, port):
            _check_port(host, port, parts.scheme)
            _check_host(host)
        rest = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Target(parts.scheme, host, port, rest)

    def is_test_host(self, host: str, port: int) -> bool:
        """Tell whether the setting names this host and port."""
        return _authority(host, port) in self.test_hosts

    def addresses(self, host: str, port: int) -> list[str]:
        """Resolve the host, once, and return the addresses to connect to. Raises RefusedError, HostDownError.

        One address that is not public refuses the host: a name that mixes the two is up to something.
        """
        try:
            found = [host] if _literal(host) else self.resolver(host, port)
        except (OSError, UnicodeError) as error:
            raise HostDownError(host, "its name does not resolve") from error
        if not found:
            raise HostDownError(host, "its name leads nowhere")
        if not self.is_test_host(host, port):
            for address in found:
                if reason := why_refused(ip_address(address)):
                    raise RefusedError(host, f"its address is not a public one ({reason})")
        return found


def _split(url: str) -> SplitResult:
    if len(url) > URL_MAX:
        raise RefusedError(url[:40], "the address is too long")
    if _NOT_IN_A_URL.search(url):
        raise RefusedError(ascii(url[:40]), "blanks, control characters and backslashes have no place in an address")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise RefusedError(url[:40], "this is no address") from error
    if parts.scheme not in USUAL_PORTS:
        raise RefusedError(parts.netloc.rpartition("@")[2], "only http and https are spoken")
    return parts


def _host(parts: SplitResult) -> str:
    shown, host = parts.netloc.rpartition("@")[2], parts.hostname or ""
    if "@" in parts.netloc:
        raise RefusedError(shown, "the address carries a user name")
    if "[" in parts.netloc:
        try:
            return str(IPv6Address(host))
        except AddressValueError as error:
            raise RefusedError(shown, "this is no IPv6 address") from error
    return host if host.isascii() else _ascii(host)


def _ascii(host: str) -> str:
    """Spell an international name in ASCII. Digits that only look like a number's are refused."""
    try:
        spelled = idna.encode(host, uts46=True, std3_rules=True).decode()
    except (idna.IDNAError, UnicodeError) as error:
        raise RefusedError(ascii(host), "this is no name") from error
    if _ends_in_number(spelled):
        raise RefusedError(ascii(host), "the host is spelled oddly")
    return spelled


def _port(parts: SplitResult) -> int:
    try:
        return USUAL_PORTS[parts.scheme] if parts.port is None else parts.port
    except ValueError as error:
        raise RefusedError(parts.hostname or "", "this is no port") from error


def _check_port(host: str, port: int, scheme: str) -> None:
    if port != USUAL_PORTS[scheme] and port < LOWEST_OTHER_PORT:
        raise RefusedError(host, f"no web service is asked on port {port}")


def _check_host(host: str) -> None:
    literal = _literal(host)
    if literal is not None:
        if reason := why_refused(literal):
            raise RefusedError(host, f"its address is not a public one ({reason})")
    elif _ends_in_number(host):
        raise RefusedError(host, "the address is spelled oddly")
    elif "." not in host or host.rpartition(".")[2] in INTERNAL_NAMES:
        raise RefusedError(host, "this name has a meaning on internal networks only")
    elif len(host) > NAME_MAX or not _NAME.fullmatch(host):
        raise RefusedError(host[:NAME_MAX], "the host is spelled oddly")


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _ends_in_number(host: str) -> bool:
    return _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]) is not None


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
