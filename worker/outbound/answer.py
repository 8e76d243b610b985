"""Answer: what came back, and what it means for whoever asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import msgspec

from worker.outbound.errors import (
    BadAnswerError,
    GoneError,
    HostDownError,
    OutboundError,
    RejectedError,
    UnauthorisedError,
)
from worker.outbound.reply import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

NOT_JSON: Final = object()
_KINDS: tuple[tuple[range, type[OutboundError], str], ...] = (
    (range(401, 402), UnauthorisedError, "shows this only to those who sign in"),
    (range(403, 404), UnauthorisedError, "does not show this to us"),
    (range(404, 405), GoneError, "knows no such thing"),
    (range(410, 411), GoneError, "has this no more"),
    (range(400, 500), RejectedError, "did not accept the question"),
    (range(500, 600), HostDownError, "failed"),
)


@dataclass(frozen=True)
class Answer:
    """What came back from `url` at `host`. Header names are in lower case, the body is unpacked."""

    host: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def json(self) -> Any:  # noqa: ANN401 whatever the network says
        """The body, decoded: None when empty, NOT_JSON when it is something else."""
        try:
            return msgspec.json.decode(self.body) if self.body.strip() else None
        except (ValueError, RecursionError):
            return NOT_JSON


def judge(answer: Answer, fetched_at: datetime) -> Reply:
    """Return a 2xx answer as a reply. Raises BadAnswerError when it is not JSON, and what any other status means."""
    if not 200 <= answer.status < 300:
        raise error_in(answer, fetched_at)
    if answer.json is NOT_JSON:
        raise BadAnswerError(answer.host, "did not answer in JSON")
    return _reply(answer, fetched_at)


def error_in(answer: Answer, fetched_at: datetime) -> OutboundError:
    """Return what a status that is not 2xx means."""
    reply = _reply(answer, fetched_at)
    for statuses, kind, words in _KINDS:
        if answer.status in statuses:
            return kind(answer.host, f"{words} (status {answer.status})", reply)
    return BadAnswerError(answer.host, f"answered with status {answer.status}", reply)


def _reply(answer: Answer, fetched_at: datetime) -> Reply:
    json = None if answer.json is NOT_JSON else answer.json
    return Reply(url=answer.url, status=answer.status, json=json, headers=answer.headers, fetched_at=fetched_at)
