"""The address guard: which URLs we ask, and which addresses we connect to for them."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TypeAlias

from candor.names.public import why_refused
from candor.names.targets import RefusedAddressError, Target, authority, literal, target_of
from worker.outbound.errors import HostDownError, RefusedError

Resolver: TypeAlias = Callable[[str, int], list[str]]


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
        """Take the URL apart, as target_of does. Raises RefusedError."""
        try:
            return target_of(url, self.test_hosts)
        except RefusedAddressError as error:
            raise RefusedError(error.host, error.reason) from error

    def is_test_host(self, host: str, port: int) -> bool:
        """Tell whether the setting names this host and port."""
        return authority(host, port) in self.test_hosts

    def addresses(self, host: str, port: int) -> list[str]:
        """Resolve the host, once, and return the addresses to connect to. Raises RefusedError, HostDownError.

        One address that is not public refuses the host: a name that mixes the two is up to something.
        """
        try:
            found = [host] if literal(host) else self.resolver(host, port)
        except (OSError, UnicodeError) as error:
            raise HostDownError(host, "its name does not resolve") from error
        if not found:
            raise HostDownError(host, "its name leads nowhere")
        if not self.is_test_host(host, port):
            for address in found:
                if reason := why_refused(ip_address(address)):
                    raise RefusedError(host, f"its address is not a public one ({reason})")
        return found
