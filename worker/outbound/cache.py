"""The cache as one job sees it: which kept answers may be used as they are, and which are asked for again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import Message
from typing import TYPE_CHECKING

import msgspec

from candor.store.response_cache import CachedResponse
from worker.outbound.exchange import (
    MALFORMED,
    BadAnswerError,
    GoneError,
    HostDownError,
    OutboundError,
    RejectedError,
    Reply,
    UnauthorisedError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from candor.scoring.redaction import DataSubject
    from candor.store.response_cache import ResponseCache
    from worker.outbound.exchange import HostRequest


_KINDS: tuple[tuple[range, type[OutboundError], str], ...] = (
    (range(401, 402), UnauthorisedError, "requires authentication"),
    (range(403, 404), UnauthorisedError, "access denied"),
    (range(404, 405), GoneError, "not found"),
    (range(410, 411), GoneError, "gone"),
    (range(400, 500), RejectedError, "rejected the request"),
    (range(500, 600), HostDownError, "failed"),
)

GUARD = b")]}'"
"""Stands before JSON of Gerrit and others, so that no page can run it as a script."""
FRESH = timedelta(minutes=5)
KEPT_HEADERS = ("etag", "last-modified", "link", "content-type")
NOT_MODIFIED = 304


@dataclass(frozen=True)
class HostResponse:
    """What came back from `url` at `host`. Header names are in lower case, the body is unpacked."""

    host: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


def reply_in(answer: HostResponse, fetched_at: datetime) -> Reply:
    """Return a 2xx answer as a reply. Raises BadAnswerError when it is not JSON, and what any other status means."""
    if not 200 <= answer.status < 300:
        raise error_in(answer, fetched_at)
    reply = _reply(answer, fetched_at)
    if reply.body.strip() and not _is_json(reply.body):
        raise BadAnswerError(answer.host, "did not answer in JSON")
    return reply


def error_in(answer: HostResponse, fetched_at: datetime) -> OutboundError:
    """Return what a status that is not 2xx means."""
    reply = _reply(answer, fetched_at)
    if answer.headers.get("cf-mitigated") == "challenge":
        return UnauthorisedError(answer.host, f"lets in no programs (status {answer.status}, Cloudflare)", reply)
    for statuses, kind, words in _KINDS:
        if answer.status in statuses:
            return kind(answer.host, f"{words} (status {answer.status})", reply)
    return BadAnswerError(answer.host, f"answered with status {answer.status}", reply)


def _is_json(body: bytes) -> bool:
    """Tell whether a body is JSON, without decoding it."""
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except MALFORMED:
        return False
    return True


def _mended(body: bytes, content_type: str) -> bytes:
    """Return JSON as it should have been written, where a text in it is broken, or other than UTF-8; else the body.

    Servers in JavaScript cut texts in the middle of a character, and one post must not lose its page.
    """
    said = Message()
    said["content-type"] = content_type
    try:
        text = body.decode(said.get_content_charset("utf-8"), "replace").removeprefix("\ufeff")
        found = json.loads(text, strict=False, parse_constant=lambda _: None)
    except (ValueError, LookupError, RecursionError):
        return body
    return json.dumps(found, ensure_ascii=False).encode(errors="replace")


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _reply(answer: HostResponse, fetched_at: datetime) -> Reply:
    body = answer.body.removeprefix(GUARD)
    if body.strip() and not (_is_utf8(body) and _is_json(body)):
        body = _mended(body, answer.headers.get("content-type", ""))
    return Reply(url=answer.url, status=answer.status, body=body, headers=answer.headers, fetched_at=fetched_at)


class Cache:
    """Kept answers, for the job `job_id` that came at `since`.

    What was fetched after that is not asked for again, so a job that waited or was put back goes on where it was. An
    answer that its host wants kept nowhere (`no-store`) is kept for this job alone.
    """

    def __init__(self, answers: ResponseCache, job_id: str, since: datetime) -> None:
        self._answers = answers
        self._job_id = job_id
        self._since = since
        self._fence = ""
        self._used: set[str] = set()

    def find(self, request: HostRequest) -> tuple[str, CachedResponse | None]:
        """Return what is kept of an answer to this request, for anybody or for this job, and its key."""
        self._fence = self._answers.fence()
        for key in (_digest(request), _digest(request, self._job_id)):
            if kept := self._answers.get(key):
                self._used.add(key)
                return key, kept
        return "", None

    def is_fresh(self, kept: CachedResponse, now: datetime) -> bool:
        """Tell whether the answer can be used as it is: it is of this job, or of the last five minutes."""
        return kept.fetched_at >= min(self._since, now - FRESH)

    def keep(self, request: HostRequest, answer: HostResponse, now: datetime) -> str:
        """Keep a good answer to the request that was looked for last; returns the key to forget it by."""
        mine = "no-store" in answer.headers.get("cache-control", "").lower()
        key = _digest(request, self._job_id if mine else "")
        headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
        kept = CachedResponse(url=answer.url, status=answer.status, headers=headers, body=answer.body, fetched_at=now)
        self._used.add(key)
        self._answers.put(key, kept, self._fence)
        return key

    def confirm(self, key: str, kept: CachedResponse, now: datetime) -> CachedResponse:
        """Keep an answer for longer that its host says is still true."""
        confirmed = msgspec.structs.replace(kept, fetched_at=now)
        self._answers.put(key, confirmed, self._fence)
        return confirmed

    def forget(self, *replies: Reply) -> None:
        """Keep these answers no longer."""
        self._answers.forget(reply.key for reply in replies if reply.key)

    def forget_naming(self, *people: DataSubject) -> None:
        """Keep those answers no longer that were used since the last time and name one of the people."""
        used, self._used = self._used, set()
        found = ((key, self._answers.get(key)) for key in sorted(used))
        self._answers.forget(key for key, kept in found if kept is not None and any(map(kept.names, people)))


def conditions(kept: CachedResponse | None) -> Mapping[str, str]:
    """Return the headers that ask for an answer only if it is another one than this (RFC 9110, 13.1)."""
    if kept is None:
        return {}
    named = {"If-None-Match": kept.headers.get("etag"), "If-Modified-Since": kept.headers.get("last-modified")}
    return {name: value for name, value in named.items() if value}


def _digest(request: HostRequest, job_id: str = "") -> str:
    """Name the request. Who asks is part of it: what one token may see is kept from others."""
    headers = sorted(request.headers.items())
    asked = (request.method, request.url, headers, request.body, request.credential, job_id)
    return hashlib.sha256(msgspec.msgpack.encode(asked)).hexdigest()
