"""How connectors ask hosts and decode what these answer; what cannot be had or read becomes a gap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from candor.formats.lenient import decode_leniently, decode_list
from worker.outbound import MALFORMED, BadAnswerError, Credential, GoneError, OutboundError, UnauthorisedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from worker.connectors.gaps import Gaps
    from worker.outbound import Outbound, Reply

T = TypeVar("T")
UNEXPECTED = "unexpected response format"
MOST_EMPTY = MOST_REFUSED = 10
_NOTHING_TOLD: Mapping[str, str] = {}
_CLOSED = frozenset({401, 402, 405, 501})


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator set: a token by host, and where a host is to be found instead (of a test network)."""

    tokens: Mapping[str, str] = {}
    places: Mapping[str, str] = {}


class NetworkClient:
    """Asks hosts on behalf of a connector, and decodes what they answer. `outbound` is the only way out."""

    def __init__(self, outbound: Outbound, gaps: Gaps, access: Access = Access()) -> None:  # noqa: B008 frozen
        self.outbound = outbound
        self.gaps = gaps
        self._access = access
        self._closed: dict[tuple[str, str], str] = {}
        self._refused: Counter[tuple[str, str]] = Counter()

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

    def ask(
        self,
        what: str,
        url: str,
        *,
        gone: str = "",
        told: Mapping[str, str] = _NOTHING_TOLD,
        apart: bool = False,
        **named: Any,  # noqa: ANN401 as get_json of Outbound
    ) -> Reply | None:
        """Ask, or note a gap and return None. Lets BudgetSpentError and WaitingError through.

        What a host once said to show to nobody like us, or not to have at all, it is not asked for again; nor what it
        refused ten times in a row. `gone` are better words for what is not there, `told` for what a refusal says in
        its body: that is of this address alone. What stands `apart` says less of others: only ten in a row do.
        """
        place = (urlsplit(url).netloc, what)
        if closed := self._closed.get(place):
            note = self.gaps.add if self._refused[place] else self.gaps.add_once
            note(what, closed)
            return None
        try:
            reply = self.outbound.get_json(url, **named)
        except OutboundError as error:
            why = _why(error, told) or (gone if isinstance(error, GoneError) else "")
            self.gaps.add(what, f"{error.host}: {why}" if why else error.words)
            if _why(error, told):
                return None
            if error.status in _CLOSED and not apart:
                self._closed[place] = error.words
            elif error.status in _CLOSED or isinstance(error, UnauthorisedError):
                self._refused[place] += 1
                if self._refused[place] == MOST_REFUSED:
                    self._closed[place] = error.words
            return None
        self._refused.pop(place, None)
        return reply

    def ask_for(self, what: str, url: str, kind: type[T], **named: Any) -> T | None:  # noqa: ANN401 as `ask`
        """Ask for an answer of a shape, or note a gap and return None."""
        reply = self.ask(what, url, **named)
        return self.shape(what, reply.host, reply.body, kind) if reply else None

    def pages(
        self,
        what: str,
        first: str,
        following: Callable[[Reply], str | None],
        *,
        may_repeat: bool = False,
        **named: Any,  # noqa: ANN401 as `ask`
    ) -> Iterator[Reply]:
        """Ask for page after page. `following` finds the next address; a loop and a failed page end it with a gap.

        So does a page that shows what an earlier one did, unless it `may_repeat` it; a few empty ones do not.
        """
        url: str | None = first
        seen: set[str] = set()
        before: set[int] = set()
        empty = 0
        while url is not None and (reply := self.ask(what, url, **named)):
            yield reply
            seen.add(url)
            url, shown = following(reply), reply.shown
            if url is None:
                return
            if url in seen or (shown and hash(shown) in before and not may_repeat):
                self.gaps.add(what, f"{urlsplit(url).netloc}: pagination loop")
                return
            before.add(hash(shown))
            empty = 0 if shown else empty + 1
            if empty == MOST_EMPTY:
                self.gaps.add(what, f"{urlsplit(url).netloc}: {MOST_EMPTY} empty pages in a row")
                return

    def next_word(self, what: str, reply: Reply, name: str) -> str | None:
        """Return the word by which an answer says how to go on, None where it says that there is no more.

        A number is one too. What makes no sense there is a gap: reading ends early.
        """
        encoded = reply.parts.get(name, msgspec.Raw(b"null"))
        try:
            return str(msgspec.json.decode(encoded, type=str | int | None) or "") or None
        except MALFORMED:
            self.gaps.add(what, f"{reply.host}: {UNEXPECTED}")
            return None

    def items(self, what: str, reply: Reply, kind: type[T], under: str | None = None) -> list[T]:
        """Decode the list that an answer is, or has `under` a name; what is malformed is left out with a gap."""
        encoded = reply.body if under is None else reply.parts.get(under, b"")
        if under is not None and bytes(encoded) == b"null":  # an empty list, as Go writes it
            return []
        return self.shapes(what, reply.host, self.shape(what, reply.host, encoded, list[msgspec.Raw]) or (), kind)

    def counted(
        self, what: str, pages: Iterable[Reply], kind: type[T], counted: int, under: str | None = None
    ) -> Iterator[T]:
        """Yield what pages list, as `items`; a gap tells when it is less than the host itself counts."""
        shown, host = 0, None
        for reply in pages:
            shown, host = shown + reply.length(under), reply.host
            yield from self.items(what, reply, kind, under)
        if host is not None:
            self.gaps.add_hidden(what, host, shown, counted)

    def shapes(self, what: str, host: str, encoded: Iterable[msgspec.Raw], kind: type[T]) -> list[T]:
        """Decode each value; what is malformed is left out with a gap."""
        return [shape for each in encoded if (shape := self.shape(what, host, each, kind)) is not None]

    def shape(self, what: str, host: str, encoded: bytes | msgspec.Raw, kind: type[T]) -> T | None:
        """Decode one value, or note a gap and return None. What can be spared in it is left out, with a gap."""
        try:
            found, left_out = decode_leniently(encoded, kind)
        except MALFORMED:
            self.gaps.add(what, f"{host}: {UNEXPECTED}")
            return None
        for name in left_out:
            self.gaps.add(what, f"{host}: unexpected {name!r}, left out")
        return found


def _why(error: OutboundError, told: Mapping[str, str]) -> str:
    """Return what a refusal says in its body, by the words for that; empty where it says nothing of the kind."""
    body = b"" if error.reply is None else error.reply.body
    return next((why for word, why in told.items() if word.encode() in body), "")


def check_same(asked: str | None, found: str | None, reply: Reply) -> None:
    """Raise BadAnswerError where an answer is about another account than the one asked for."""
    if found != asked:
        raise BadAnswerError(reply.host, "answers with another account", reply)


def read(reply: Reply, kind: type[T]) -> T:
    """Decode an answer that nothing can be said without, as leniently as any. Raises BadAnswerError."""
    try:
        return decode_leniently(reply.body, kind)[0]
    except MALFORMED as error:
        raise BadAnswerError(reply.host, UNEXPECTED, reply) from error


def read_items(reply: Reply, kind: type[T], under: str | None = None) -> list[T]:
    """Decode the list that an answer is, or has `under` a name, as far as it can be read.

    An empty one says that there is nothing. Raises BadAnswerError where there is no list, or none of it can be read.
    """
    found: list[T] = []
    try:
        encoded = decode_list(reply.body if under is None else reply.parts.get(under, b""))
    except MALFORMED as error:
        raise BadAnswerError(reply.host, UNEXPECTED, reply) from error
    for each in encoded:
        with suppress(*MALFORMED):
            found.append(decode_leniently(each, kind)[0])
    if encoded and not found:
        raise BadAnswerError(reply.host, UNEXPECTED, reply)
    return found


def next_link(reply: Reply) -> str | None:
    """Return the address that the Link header calls next."""
    return reply.links.get("next")
