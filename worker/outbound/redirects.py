"""Redirects: where one leads, and what of the question goes along."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import msgspec

from worker.outbound.errors import BadAnswerError, RefusedError

if TYPE_CHECKING:
    from candor.names.targets import Target
    from worker.outbound.answer import Answer
    from worker.outbound.guard import Guard
    from worker.outbound.reply import Question

MOST_REDIRECTS = 3
STATUSES = frozenset({301, 302, 303, 307, 308})
HARMLESS_HEADERS = frozenset({"accept", "accept-language"})
SECRET_PARAMS = frozenset({"access_token", "api_key", "apikey", "auth", "client_secret", "key", "password", "token"})


def is_redirect(answer: Answer) -> bool:
    """Tell whether the answer sends us elsewhere."""
    return answer.status in STATUSES and "location" in answer.headers


def follow(question: Question, target: Target, answer: Answer, guard: Guard) -> Question:
    """Return the question to ask instead, its address checked. Raises RefusedError, BadAnswerError.

    Nothing that was posted is sent twice, and nobody leads us from https to http. Another host gets no credential, no
    header that could be one, and no query parameter that is one or is named like one.
    """
    if question.method != "GET":
        raise BadAnswerError(target.name, "redirects what was posted")
    try:
        found = guard.target(urljoin(target.url, answer.headers["location"]))
    except ValueError as error:
        raise BadAnswerError(target.name, "redirects to what is no address") from error
    if target.scheme == "https" and found.scheme == "http":
        raise RefusedError(target.name, "redirects from https to http")
    if (found.scheme, found.name) == (target.scheme, target.name):
        return msgspec.structs.replace(question, url=found.url)
    harmless = {name: value for name, value in question.headers.items() if name.lower() in HARMLESS_HEADERS}
    secret = question.credential.value if question.credential else None
    url = _without_secrets(found.url, secret)
    return msgspec.structs.replace(question, url=url, headers=harmless, credential=None)


def _without_secrets(url: str, secret: str | None) -> str:
    parts = urlsplit(url)
    if not parts.query:
        return url
    params = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in params if name.lower() not in SECRET_PARAMS and value != secret]
    return url if kept == params else parts._replace(query=urlencode(kept)).geturl()
