"""Networks that answer at once: Outbound with made-up answers in place of the way out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

import msgspec

from worker.outbound import BudgetSpentError, Outbound
from worker.outbound.cache import HostResponse, reply_in
from worker.outbound.exchange import attach

if TYPE_CHECKING:
    from tests.worker.connectors.made_up import MadeUp
    from worker.outbound.exchange import HostRequest, Reply

NOW = datetime(2027, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Answered:
    """What an address answers, and what its Link header says."""

    body: bytes
    status: int = 200
    link: str = ""


class Answers:
    """The right answers, by address. Of those that come one after the other the first is given each time."""

    def __init__(self, tried: MadeUp) -> None:
        self._by_path: dict[str, list[tuple[set[tuple[str, str]], str]]] = {}
        self.right: dict[str, Answered] = {}
        for address, answer in tried.answers.items():
            base, _, query = address.partition("?")
            self._by_path.setdefault(base.removeprefix("POST "), []).append((set(parse_qsl(query)), address))
            first = answer[0] if isinstance(answer, tuple) else answer
            following = tried.following.get(address)
            link = f'<{following}>; rel="next"' if following else f'<{address}>; rel="first"'  # the last page says so
            self.right[address] = Answered(msgspec.json.encode(first), link=link)

    def address(self, url: str) -> str | None:
        """The address that answers a URL, None when none does."""
        base, _, query = url.partition("?")
        asked = set(parse_qsl(query))
        return next((address for needed, address in self._by_path.get(base, ()) if needed <= asked), None)


class Answering(Outbound):
    """One address answers something `wrong`; one that is not among the answers gets one that is meant for another.

    `sent` is what left, by host: an address, headers and a body, with the token that was put into them; `urls` is what
    was asked.
    """

    MOST: ClassVar = 60

    def __init__(self, *args: Any, answers: Answers, wrong: dict[str, Answered], **named: Any) -> None:
        super().__init__(*args, **named)
        self._answers, self._wrong = answers, wrong
        self.sent: list[tuple[str, str]] = []
        self.urls: list[str] = []

    def _ask(self, request: HostRequest) -> Reply:
        if len(self.sent) == self.MOST:
            raise BudgetSpentError("enough")
        self.urls.append(request.url)
        guard = self._transport.guard
        to, headers = attach(request.credential, guard.target(request.url), request.headers, guard)
        self.sent.append((urlsplit(request.url).netloc, f"{to} {headers} {request.body}"))
        address = self._answers.address(request.url) or next(iter(self._answers.right))
        found = self._wrong.get(address) or self._answers.right[address]
        return reply_in(HostResponse(to.name, request.url, found.status, {"link": found.link}, found.body), NOW)
