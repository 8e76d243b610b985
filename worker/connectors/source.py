"""How connectors ask: pages, shapes and records, with whatever is missing put on a list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from candor.scoring.activity import Activity
from worker.outbound import BadAnswerError, Credential, OutboundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from worker.outbound import Outbound, Reply

T = TypeVar("T")
MALFORMED = (msgspec.MsgspecError, UnicodeError, RecursionError, OverflowError)
"""What reading a shape or making a record out of foreign JSON may raise."""


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator set: a token by host, and where a host is to be found instead (of a test network)."""

    tokens: Mapping[str, str] = {}
    places: Mapping[str, str] = {}


class Gaps:
    """What could not be read, counted: for `inputs.gaps`."""

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, str]] = Counter()

    def add(self, what: str, why: str) -> None:
        """Note that something was not to be had. `why` names the host."""
        self._seen[what, why] += 1

    def lines(self) -> tuple[str, ...]:
        """Say each thing once, with how often it happened, in the order in which it was met."""
        return tuple(
            f"{what}: {why}" + (f" ({count} times)" if count > 1 else "") for (what, why), count in self._seen.items()
        )


class Source:
    """Asks hosts on behalf of a connector. `outbound` is the only way out."""

    def __init__(self, outbound: Outbound, gaps: Gaps, access: Access = Access()) -> None:  # noqa: B008 frozen
        self.outbound = outbound
        self.gaps = gaps
        self._access = access

    def origin(self, host: str) -> str:
        """Return the scheme and authority under which a host is asked."""
        return self._access.places.get(host, f"https://{host}")

    def token(self, host: str) -> str | None:
        """Return the operator's token for a host, if there is one."""
        return self._access.tokens.get(host)

    def bearer(self, host: str) -> Credential | None:
        """Return the operator's token for a host as a header."""
        token = self.token(host)
        return Credential(host=urlsplit(self.origin(host)).netloc, value=f"Bearer {token}") if token else None

    def ask(self, what: str, url: str, **named: Any) -> Reply | None:  # noqa: ANN401 as get_json of Outbound
        """Ask, or note a gap and return None. Lets BudgetSpentError and WaitingError through."""
        try:
            return self.outbound.get_json(url, **named)
        except OutboundError as error:
            self.gaps.add(what, error.words)
            return None

    def pages(self, what: str, first: str, following: Callable[[Reply], str | None], **named: Any) -> Iterator[Reply]:  # noqa: ANN401
        """Ask for page after page. `following` finds the next address; a circle and a failed page end it with a gap."""
        url: str | None = first
        seen: set[str] = set()
        while url is not None and (reply := self.ask(what, url, **named)):
            yield reply
            seen.add(url)
            url = following(reply)
            if url in seen:
                self.gaps.add(what, f"{urlsplit(url).netloc}: its pages run in a circle")
                return

    def items(self, what: str, reply: Reply, kind: type[T], *path: str) -> list[T]:
        """Read the list that stands under `path` in an answer; what is malformed is left out with a gap."""
        found: Any = reply.json
        for step in path:
            found = found.get(step) if isinstance(found, dict) else None
        if not isinstance(found, list):
            self.malformed(what, urlsplit(reply.url).netloc)
            return []
        shapes = (self.shape(what, reply.url, item, kind) for item in found)
        return [shape for shape in shapes if shape is not None]

    def shape(self, what: str, url: str, value: Any, kind: type[T]) -> T | None:  # noqa: ANN401 JSON
        """Read one value as a shape, or note a gap and return None."""
        try:
            return msgspec.convert(value, kind, strict=False)
        except MALFORMED:
            self.malformed(what, urlsplit(url).netloc)
            return None

    def records(self, what: str, host: str, make: Callable[[], Iterable[Activity]]) -> list[Activity]:
        """Make the records of one thing: all, or none and a gap."""
        try:
            return list(make())
        except MALFORMED:
            self.malformed(what, host)
            return []

    def malformed(self, what: str, host: str) -> None:
        """Note that an answer is not of the shape it should have."""
        self.gaps.add(what, f"{host}: not of the shape that its interface promises")


def read(reply: Reply, kind: type[T]) -> T:
    """Read an answer that nothing can be said without. Raises BadAnswerError."""
    try:
        return msgspec.convert(reply.json, kind, strict=False)
    except MALFORMED as error:
        host = urlsplit(reply.url).netloc
        raise BadAnswerError(host, "its answer is not of the shape that its interface promises", reply) from error


def record(**fields: Any) -> Activity:  # noqa: ANN401 whatever JSON held
    """Make a record of what a network said, by way of its bytes, so that it is one that could have been uploaded.

    Raises one of MALFORMED: an id that is too long, a lone surrogate, a count below zero.
    """
    return msgspec.json.decode(msgspec.json.encode(fields), type=Activity)


def one(**fields: Any) -> tuple[Activity]:  # noqa: ANN401 as record
    """Make a single record, where `records` wants them in a row."""
    return (record(**fields),)


def next_link(reply: Reply) -> str | None:
    """Return the address that the Link header calls next."""
    return reply.links.get("next")
