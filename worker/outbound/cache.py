"""The cache as one job sees it: which kept answers may be used as they are, and which are asked for again."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from candor.store.answers import KeptAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from candor.store.answers import Answers
    from worker.outbound.answer import Answer
    from worker.outbound.reply import Question, Reply

FRESH = timedelta(minutes=5)
KEPT_HEADERS = ("etag", "last-modified", "link", "content-type")
NOT_MODIFIED = 304


class Cache:
    """Kept answers, for the job `job_id` that came at `since`.

    What was fetched after that is not asked for again, so a job that waited or was put back goes on where it was. An
    answer that its host wants kept nowhere (`no-store`) is kept for this job alone.
    """

    def __init__(self, answers: Answers, job_id: str, since: datetime) -> None:
        self._answers = answers
        self._job_id = job_id
        self._since = since

    def find(self, question: Question) -> tuple[str, KeptAnswer | None]:
        """Return what is kept of an answer to this question, for anybody or for this job, and its key."""
        for key in (_digest(question), _digest(question, self._job_id)) if question.keep else ():
            if kept := self._answers.get(key):
                return key, kept
        return "", None

    def is_fresh(self, kept: KeptAnswer, now: datetime) -> bool:
        """Tell whether the answer can be used as it is: it is of this job, or of the last five minutes."""
        return kept.fetched_at >= min(self._since, now - FRESH)

    def keep(self, question: Question, answer: Answer, now: datetime) -> str:
        """Keep a good answer; returns the key to forget it by."""
        if not question.keep:
            return ""
        mine = "no-store" in answer.headers.get("cache-control", "").lower()
        key = _digest(question, self._job_id if mine else "")
        headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
        kept = KeptAnswer(url=answer.url, status=answer.status, headers=headers, body=answer.body, fetched_at=now)
        self._answers.put(key, kept)
        return key

    def confirm(self, key: str, kept: KeptAnswer, now: datetime) -> KeptAnswer:
        """Keep an answer for longer that its host says is still true."""
        confirmed = msgspec.structs.replace(kept, fetched_at=now)
        self._answers.put(key, confirmed)
        return confirmed

    def forget(self, *replies: Reply) -> None:
        """Keep these answers no longer."""
        self._answers.forget(reply.key for reply in replies if reply.key)


def conditions(kept: KeptAnswer | None) -> Mapping[str, str]:
    """Return the headers that ask for an answer only if it is another one than this (RFC 9110, 13.1)."""
    if kept is None:
        return {}
    named = {"If-None-Match": kept.headers.get("etag"), "If-Modified-Since": kept.headers.get("last-modified")}
    return {name: value for name, value in named.items() if value}


def _digest(question: Question, job_id: str = "") -> str:
    """Name the question. Who asks is part of it: what one token may see is kept from others."""
    headers = sorted(question.headers.items())
    asked = (question.method, question.url, headers, question.body, question.credential, job_id)
    return hashlib.sha256(msgspec.msgpack.encode(asked)).hexdigest()
