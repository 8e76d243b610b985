"""Addresses on the web: takes a URL apart, refuses odd spellings and addresses that are not public."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

import idna

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet


REFUSED_V4 = (
    ("0.0.0.0/8", "unspecified: this network"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "shared by carrier-grade NAT"),
    ("127.0.0.0/8", "loopback"),
    ("168.63.129.16/32", "metadata of a cloud"),
    ("169.254.0.0/16", "link-local, where clouds keep their metadata"),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "reserved for protocols"),
    ("192.0.2.0/24", "for documentation"),
    ("192.88.99.0/24", "a 6to4 relay"),
    ("192.168.0.0/16", "private"),
    ("198.18.0.0/15", "for benchmarks"),
    ("198.51.100.0/24", "for documentation"),
    ("203.0.113.0/24", "for documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved, or broadcast"),
)
"""Blocks of the IANA registry of special-purpose IPv4 addresses that no stranger's service is at, and one host that a
cloud keeps for itself on an address that looks public."""

REFUSED_V6 = (
    ("::/128", "unspecified"),
    ("::1/128", "loopback"),
    ("::/96", "IPv4 inside IPv6"),
    ("::ffff:0:0/96", "IPv4 mapped into IPv6"),
    ("::ffff:0:0:0/96", "IPv4 translated into IPv6"),
    ("64:ff9b::/96", "IPv4 behind NAT64"),
    ("64:ff9b:1::/48", "IPv4 behind NAT64"),
    ("2001::/32", "IPv4 behind Teredo"),
    ("2001::/23", "reserved for protocols"),
    ("2001:db8::/32", "for documentation"),
    ("2002::/16", "IPv4 behind 6to4"),
    ("3fff::/20", "for documentation"),
    ("fc00::/7", "private"),
    ("fe80::/10", "link-local"),
    ("fec0::/10", "site-local"),
    ("ff00::/8", "multicast"),
)
"""The first that holds names the reason; what is outside 2000::/3 is refused in any case."""

_V4 = tuple((IPv4Network(block), words) for block, words in REFUSED_V4)
_V6 = tuple((IPv6Network(block), words) for block, words in REFUSED_V6)
_GLOBAL_V6 = ip_network("2000::/3")

USUAL_PORTS = {"http": 80, "https": 443}
LOWEST_OTHER_PORT = 1024
URL_MAX = 8192
NAME_MAX = 253
INTERNAL_NAMES = frozenset({"localhost", "local", "localdomain", "internal", "intranet", "lan", "arpa", "onion"})
_NOT_IN_A_URL = re.compile(r"[\x00-\x20\x7f\\]")
_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})+")
_HOST = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_BRACKETS = re.compile(r"\[[0-9a-f:.]{2,45}\](:[0-9]{1,5})?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


def why_refused(address: IPv4Address | IPv6Address) -> str | None:
    """Return why no request goes to this address, or None when it is public.

    The tables are ours because `ipaddress.is_global` differs between Python's patch releases. Every way to write an
    IPv4 address into an IPv6 one is refused, also when the inner address is public: nobody publishes those.
    """
    if isinstance(address, IPv4Address):
        return next((words for block, words in _V4 if address in block), None)
    if address.scope_id is not None:
        return "bound to an interface"
    known = next((words for block, words in _V6 if address in block), None)
    return known or (None if address in _GLOBAL_V6 else "not global unicast")


class RefusedAddressError(ValueError):
    """We do not go there; `reason` says why in words, without what may be secret in the URL."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(f"{host}: {reason}")
        self.host = host
        self.reason = reason


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
            return authority(self.host, self.port)
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def url(self) -> str:
        """The URL in the one spelling that is sent."""
        return f"{self.scheme}://{self.name}{self.path}"


def target_of(url: str, test_hosts: AbstractSet[str] = frozenset()) -> Target:
    """Take the URL apart. Raises RefusedAddressError for other schemes, user names, odd ports and odd spellings.

    An address in any but its usual spelling is refused without asking what it means: decimal, octal, hex, short,
    with a dot behind, with a zone. So are names that mean something on our side of the fence only. What a name leads
    to is not asked here. `test_hosts` ("127.0.0.1:8080") are let through.
    """
    parts = _split(url)
    host, port = _host(parts), _port(parts)
    if authority(host, port) not in test_hosts:
        _check_port(host, port, parts.scheme)
        _check_host(host)
    rest = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, rest)


def authority(host: str, port: int) -> str:
    """Write a host and its port."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@lru_cache(maxsize=4096)
def host_name(written: str, default_port: int = 443) -> str:
    """Return a host in its one spelling: lower case, ASCII, no dot behind, its port where it is not the default one.

    Nothing is said about whether it may be asked. Raises ValueError for what is no host.
    """
    name, colon, digits = written.partition(":") if not written.startswith("[") else (written, "", "")
    if colon and not (digits.isascii() and digits.isdigit() and 0 < int(digits) < 2**16):
        raise ValueError("this is no port")
    host = (name if name.isascii() else _ascii(name)).lower().removesuffix(".")
    if len(host) > NAME_MAX or not (_HOST.fullmatch(host) or _BRACKETS.fullmatch(host)):
        raise ValueError("this is no host")
    return f"{host}:{int(digits)}" if colon and int(digits) != default_port else host


def literal(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a host is spelled as, or None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _split(url: str) -> SplitResult:
    if len(url) > URL_MAX:
        raise RefusedAddressError(url[:40], "the address is too long")
    if _NOT_IN_A_URL.search(url):
        raise RefusedAddressError(
            ascii(url[:40]), "blanks, control characters and backslashes have no place in an address"
        )
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise RefusedAddressError(url[:40], "this is no address") from error
    if parts.scheme not in USUAL_PORTS:
        raise RefusedAddressError(parts.netloc.rpartition("@")[2] or url[:40], "only http and https are spoken")
    return parts


def _host(parts: SplitResult) -> str:
    shown, host = parts.netloc.rpartition("@")[2], parts.hostname or ""
    if "@" in parts.netloc:
        raise RefusedAddressError(shown, "the address carries a user name")
    if "[" in parts.netloc:
        try:
            return str(IPv6Address(host))
        except AddressValueError as error:
            raise RefusedAddressError(shown, "this is no IPv6 address") from error
    return host if host.isascii() else _ascii(host)


def _ascii(host: str) -> str:
    """Spell an international name in ASCII. Digits that only look like a number's are refused."""
    try:
        spelled = idna.encode(host, uts46=True, std3_rules=True).decode()
    except (idna.IDNAError, UnicodeError) as error:
        raise RefusedAddressError(ascii(host), "this is no name") from error
    if _ends_in_number(spelled):
        raise RefusedAddressError(ascii(host), "the host is spelled oddly")
    return spelled


def _port(parts: SplitResult) -> int:
    try:
        return USUAL_PORTS[parts.scheme] if parts.port is None else parts.port
    except ValueError as error:
        raise RefusedAddressError(parts.hostname or "", "this is no port") from error


def _check_port(host: str, port: int, scheme: str) -> None:
    if port != USUAL_PORTS[scheme] and port < LOWEST_OTHER_PORT:
        raise RefusedAddressError(host, f"no web service is asked on port {port}")


def _check_host(host: str) -> None:
    address = literal(host)
    if address is not None:
        if reason := why_refused(address):
            raise RefusedAddressError(host, f"its address is not a public one ({reason})")
    elif _ends_in_number(host):
        raise RefusedAddressError(host, "the address is spelled oddly")
    elif "." not in host or host.rpartition(".")[2] in INTERNAL_NAMES:
        raise RefusedAddressError(host, "this name has a meaning on internal networks only")
    elif len(host) > NAME_MAX or not _NAME.fullmatch(host):
        raise RefusedAddressError(host[:NAME_MAX], "the host is spelled oddly")


def _ends_in_number(host: str) -> bool:
    return _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]) is not None
