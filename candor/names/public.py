"""Which addresses are public. Everything that is not is refused, with the words for it."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

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
