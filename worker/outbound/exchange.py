"""What may be asked of a network, with which secret, what comes back and links to, and what can go wrong."""

from __future__ import annotations

import dataclasses
import re
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, TypeAlias, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

import msgspec

from candor.formats.lenient import decode, decode_list
from candor.names.addresses import RefusedAddressError, Target, authority, literal, target_of, why_refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


_VALUE = r'"(?:[^"\\]|\\.)*+"|[^\s;,"]*+'
_PARAMS = rf"(?:\s*+;\s*+(?:[^\s=;,\"]++(?:\s*+=\s*+(?:{_VALUE}))?+)?+)*+"
_LINK = re.compile(rf"<([^<>]*+)>({_PARAMS})")
_PARAM = re.compile(rf";\s*+([^\s=;,\"]++)(?:\s*+=\s*+({_VALUE}))?+")
_ESCAPED = re.compile(r"\\(.)")

_LENGTH_OF_NOTHING = len("[]")
_GONE = 410
RESOLVE_S = 10.0
_NO_NAME_SERVER = "no name server says where it is, for now"

Resolver: TypeAlias = Callable[[str, int], list[str]]
T = TypeVar("T")

MALFORMED = (msgspec.MsgspecError, UnicodeError, RecursionError, OverflowError)
"""What decoding foreign JSON, or making a record of it, may raise."""


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """A secret of the operator's, sent to `host` alone (as in the URL, with its port if that is not the usual one).

    `value` goes into the header named, or into the query parameter when `param` names one. Over plain http it is sent
    to test hosts only.
    """

    host: str
    value: str
    header: str = "Authorization"
    param: str | None = None

    def __repr__(self) -> str:
        return f"Credential(host={self.host!r}, value=…)"


def with_query(url: str, params: Mapping[str, str]) -> str:
    """Add parameters to a URL."""
    base, _, _ = url.partition("#")
    return f"{base}{'&' if '?' in base else '?'}{urlencode(params)}"


def attach(
    credential: Credential | None, target: Target, headers: Mapping[str, str], guard: Guard
) -> tuple[Target, Mapping[str, str]]:
    """Put the credential into the query or the headers, if the target is where it belongs."""
    if credential is None or credential.host != target.name:
        return target, headers
    if target.scheme != "https" and not guard.is_test_host(target.host, target.port):
        return target, headers
    if credential.param is None:
        return target, {**headers, credential.header: credential.value}
    return dataclasses.replace(target, path=with_query(target.path, {credential.param: credential.value})), headers


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a name. Raises OSError; TimeoutError after ten seconds without an answer.

    The system may wait for minutes where a name server is silent, and nothing ends that: it waits in a thread.
    """
    answers: SimpleQueue[list[str] | OSError | UnicodeError] = SimpleQueue()
    Thread(target=lambda: answers.put(_resolved(host, port)), daemon=True, name="resolver").start()
    try:
        found = answers.get(timeout=RESOLVE_S)
    except Empty:
        raise TimeoutError("no name server has answered") from None
    if isinstance(found, OSError | UnicodeError):
        raise found
    return found


def _resolved(host: str, port: int) -> list[str] | OSError | UnicodeError:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return error
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
        except TimeoutError as error:
            raise TooSlowError(host, _NO_NAME_SERVER) from error
        except (OSError, UnicodeError) as error:
            is_unanswered = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
            why = _NO_NAME_SERVER if is_unanswered else "its name does not resolve"
            raise HostDownError(host, why) from error
        if not found:
            raise HostDownError(host, "its name leads nowhere")
        if not self.is_test_host(host, port):
            for address in found:
                if reason := why_refused(ip_address(address)):
                    raise RefusedError(host, f"its address is not a public one ({reason})")
        return found


class HostRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked: a URL with its query, a body for POST, and who asks. `part` as in Outbound.get_json.

    The answer is kept for a while unless it is not to be.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None
    credential: Credential | None = None
    part: str = ""
    is_kept: bool = True


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer in JSON. `url` is where it came from in the end; header names are in lower case; `body` is as it came.

    `links` are those of the Link header by their relation, absolute. Of an answer from the cache only the headers that
    matter there are known. `key` is the cache's name for it, empty when it is not kept.
    """

    url: str
    status: int
    body: bytes
    headers: Mapping[str, str]
    fetched_at: datetime
    from_cache: bool = False
    key: str = ""

    @property
    def host(self) -> str:
        """Who answered, with the port if it is not the usual one."""
        return urlsplit(self.url).netloc

    @property
    def links(self) -> dict[str, str]:
        """Where the Link header leads (RFC 8288), by relation; what is no address is left out."""
        return links_of(self.headers.get("link", ""), self.url)

    @cached_property
    def parts(self) -> Mapping[str, msgspec.Raw]:
        """What stands under each name of the answer, still encoded; empty where it is no object."""
        try:
            return msgspec.json.decode(self.body, type=dict[str, msgspec.Raw])
        except MALFORMED:
            return {}

    @property
    def shown(self) -> tuple[bytes, ...]:
        """What it lists, still encoded: itself, or what stands under names and is neither empty nor a mere value."""
        parts = map(bytes, self.parts.values()) if self.parts else (bytes(self.body.strip()),)
        return tuple(part for part in parts if part[:1] in {b"[", b"{"} and len(part) > _LENGTH_OF_NOTHING)

    def lists(self, under: str | None = None) -> bool:
        """Tell whether the answer is a list, or has one under a name, be it empty: Go writes null for that."""
        encoded = self.body if under is None else self.parts.get(under, b"")
        try:
            decode_list(encoded)
        except MALFORMED:
            return under is not None and bytes(encoded) == b"null"
        return True

    def length(self, under: str | None = None) -> int:
        """Return how many items the answer lists, itself or under a name; 0 where there is no list."""
        try:
            return len(decode_list(self.body if under is None else self.parts[under]))
        except (KeyError, *MALFORMED):
            return 0

    def part(self, name: str, kind: type[T]) -> T | None:
        """Decode what stands under a name, None where nothing of that kind does."""
        try:
            return decode(self.parts[name], kind) if name in self.parts else None
        except MALFORMED:
            return None


class OutboundError(Exception):
    """A request to `host` got no usable answer. `words` are for `inputs.gaps`; `reply` is what came.

    Whoever asks goes on with what there is and lists the words.
    """

    def __init__(self, host: str, reason: str, reply: Reply | None = None) -> None:
        super().__init__(f"{host}: {reason}")
        self.host = host
        self.reason = reason
        self.reply = reply

    @property
    def words(self) -> str:
        """The host and what happened, as one sentence without a full stop."""
        return str(self)

    @property
    def status(self) -> int | None:
        """The HTTP status, where there was an answer."""
        return None if self.reply is None else self.reply.status


class RefusedError(OutboundError):
    """We do not go there: the address is not a public one, or is spelled in a way that hides where it leads."""


class HostDownError(OutboundError):
    """The host cannot be reached, breaks the connection, or answers 5xx."""


class CircuitOpenError(HostDownError):
    """The host failed so often, or asks to wait so long, that it is not asked at all for now."""


class TooSlowError(HostDownError):
    """The host did not answer, or did not finish its answer, in time."""


class AnswerTooLargeError(OutboundError):
    """The answer is longer than we read."""


class BadAnswerError(OutboundError):
    """The answer is not what it should be: cut short, not JSON, a redirect without end."""


class UnauthorisedError(OutboundError):
    """The host shows this to nobody without other rights (401, 403)."""


class GoneError(OutboundError):
    """There is no such thing, or no more (404, 410)."""

    @property
    def is_told(self) -> bool:
        """Whether the software itself says so, in JSON: a page comes from whatever stands there in its place."""
        return self.reply is not None and (self.status == _GONE or self.reply.body.lstrip().startswith(b"{"))


class RejectedError(OutboundError):
    """The host understood and said no (any other 4xx); `reply` holds its reason where it gave one."""


class WaitingError(Exception):
    """A limit of `host` asks to wait until `until`, for longer than is slept: the job gives its worker back."""

    def __init__(self, host: str, until: datetime, words: str) -> None:
        super().__init__(f"{host}: {words}")
        self.host = host
        self.until = until
        self.words = words


class BudgetSpentError(Exception):
    """The job has made all the requests it may; what is left out is to be listed as truncated."""


def links_of(header: str, base: str) -> dict[str, str]:
    """Return the absolute targets by relation, in lower case; the first of a relation holds.

    A link may have several relations. One with an `anchor` is of another page than this one and is left out, and so is
    what is no address.
    """
    found: dict[str, str] = {}
    for target, params in _links(header):
        if "anchor" in params:
            continue
        with suppress(ValueError):
            url = _over_tls(urljoin(base, target.strip()), base)
            for relation in params.get("rel", "").lower().split():
                found.setdefault(relation, url)
    return found


def _over_tls(url: str, base: str) -> str:
    """Return the address as its page was asked for: behind a proxy software often takes its own https for http."""
    to, asked = urlsplit(url), urlsplit(base)
    if (asked.scheme, to.scheme, to.hostname) != ("https", "http", asked.hostname) or to.port not in {None, 80}:
        return url
    return to._replace(scheme="https", netloc=asked.netloc).geturl()


def _links(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each target with its parameters, of which the first of a name holds."""
    for target, written in _LINK.findall(header):
        params: dict[str, str] = {}
        for name, value in _PARAM.findall(written):
            params.setdefault(name.lower(), _unquoted(value))
        yield target, params


def _unquoted(value: str) -> str:
    return _ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value
