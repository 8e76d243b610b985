"""Outbound: asks networks for a job, within its budget, and no faster than they like."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import msgspec

from candor.store import utc_now
from candor.telemetry.meters import OUTBOUND, Meters
from worker.outbound.cache import NOT_MODIFIED, Cache, HostResponse, conditions, error_in, reply_in
from worker.outbound.exchange import (
    AnswerTooLargeError,
    BadAnswerError,
    BudgetSpentError,
    CircuitOpenError,
    HostDownError,
    HostRequest,
    OutboundError,
    RefusedError,
    Reply,
    TooSlowError,
    WaitingError,
    attach,
)
from worker.outbound.rate_limit_headers import Politeness

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from candor.names.addresses import Target
    from candor.scoring.redaction import DataSubject
    from candor.store import Store
    from candor.store.response_cache import CachedResponse
    from worker.outbound.connection import Transport
    from worker.outbound.exchange import Credential, Guard


OUTCOMES = {2: "ok", 3: "moved", 4: "rejected", 5: "failed"}
ERRORS: tuple[tuple[type[OutboundError], str], ...] = (
    (TooSlowError, "too_slow"),
    (HostDownError, "unreachable"),
    (AnswerTooLargeError, "too_large"),
    (RefusedError, "refused_by_us"),
    (OutboundError, "bad_answer"),
)
LIMITED = 429
SHARED_HOSTS = frozenset(
    {
        "api.github.com",
        "api.stackexchange.com",
        "api.x.com",
        "gitlab.com",
        "oauth.reddit.com",
        "www.googleapis.com",
        "www.reddit.com",
        "hacker-news.firebaseio.com",
        "hn.algolia.com",
        "plc.directory",
        "public.api.bsky.app",
    }
)
"""Hosts named in metrics. Any other may be of one person, whom its name would name."""
OTHER_HOST = "other"

MOST_REDIRECTS = 3
STATUSES = frozenset({301, 302, 303, 307, 308})
HARMLESS_HEADERS = frozenset({"accept", "accept-language"})
SECRET_PARAMS = frozenset({"access_token", "api_key", "apikey", "auth", "client_secret", "key", "password", "token"})

MAX_REQUESTS = 500
RESTS_S = (0.5, 2.0)


class Count:
    """Counts for one job, on the meters of its process."""

    def __init__(self, meters: Meters | None) -> None:
        self._meters = meters or Meters()

    def answer(self, host: str, status: int) -> None:
        """Count an answer."""
        outcome = "limited" if status == LIMITED else OUTCOMES.get(status // 100, "bad_answer")
        self._meters.count(OUTBOUND, host if host in SHARED_HOSTS else OTHER_HOST, outcome)

    def error(self, host: str, error: OutboundError) -> None:
        """Count a request without an answer that could be read."""
        outcome = next(word for kind, word in ERRORS if isinstance(error, kind))
        self._meters.count(OUTBOUND, host if host in SHARED_HOSTS else OTHER_HOST, outcome)


def is_redirect(answer: HostResponse) -> bool:
    """Tell whether the answer sends us elsewhere."""
    return answer.status in STATUSES and "location" in answer.headers


def follow(request: HostRequest, target: Target, answer: HostResponse, guard: Guard) -> HostRequest:
    """Return the request to ask instead, its address checked. Raises RefusedError, BadAnswerError.

    Nothing that was posted is sent twice, and nobody leads us from https to http. Another host gets no credential, no
    header that could be one, and no query parameter that is one or is named like one.
    """
    if request.method != "GET":
        raise BadAnswerError(target.name, "redirects what was posted")
    try:
        found = guard.target(urljoin(target.url, answer.headers["location"]))
    except ValueError as error:
        raise BadAnswerError(target.name, "redirects to what is no address") from error
    if target.scheme == "https" and found.scheme == "http":
        raise RefusedError(target.name, "redirects from https to http")
    if (found.scheme, found.name) == (target.scheme, target.name):
        return msgspec.structs.replace(request, url=found.url)
    harmless = {name: value for name, value in request.headers.items() if name.lower() in HARMLESS_HEADERS}
    secret = request.credential.value if request.credential else None
    url = _without_secrets(found.url, secret)
    return msgspec.structs.replace(request, url=url, headers=harmless, credential=None)


def _without_secrets(url: str, secret: str | None) -> str:
    parts = urlsplit(url)
    if not parts.query:
        return url
    params = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in params if name.lower() not in SECRET_PARAMS and value != secret]
    return url if kept == params else parts._replace(query=urlencode(kept)).geturl()


class Outbound:
    """Asks for one job. A connector gets one of these and nothing else that reaches a network.

    `job_id` and `since`, when the job came, say which kept answers are its own; `owner` is told how its hosts do.
    `spent` counts the requests that left, beginning with those of the job's earlier attempts; a repeat or a redirect
    counts, an answer from the cache does not. `asked` counts the requests of this attempt, wherever their answers came
    from.
    """

    def __init__(
        self,
        transport: Transport,
        store: Store,
        *,
        job_id: str,
        since: datetime,
        owner: str = "",
        max_requests: int = MAX_REQUESTS,
        spent: int = 0,
        meters: Meters | None = None,
        clock: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._transport = transport
        self._count = Count(meters)
        self._cache = Cache(store.response_cache, job_id, since)
        self._politeness = Politeness(store.budgets, clock, sleep, owner=owner)
        self._clock = clock
        self._sleep = sleep
        self.max_requests = max_requests
        self.spent = spent
        self.asked = 0
        self._answered: dict[str, HostRequest] = {}
        self._failing: dict[str, str] = {}

    @property
    def hosts(self) -> set[str]:
        """Which hosts gave an answer to this attempt of the job, or an earlier one."""
        return set(self._answered)

    @property
    def requests_left(self) -> int:
        """How many requests the job may still make."""
        return max(0, self.max_requests - self.spent)

    def get_json(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        credential: Credential | None = None,
        part: str = "",
    ) -> Reply:
        """Ask with GET and return a 2xx answer in JSON.

        `part` names the part of the host's API that has a limit of its own: the method at Stack Exchange, the endpoint
        at X, `search` or `graphql` at GitHub. A limit that the host sets there stops no other part. The credential is
        left out when the URL is not at its host, so a Link to elsewhere is safe to follow. The answer is kept for a
        while; within a job the same request is not asked twice.

        Raises an OutboundError when there is no such answer (list its words as a gap and go on), BudgetSpentError
        when the job has used its requests up, WaitingError when the host says to wait (let both through).
        """
        return self._ask(
            HostRequest(
                method="GET",
                url=self._transport.guard.target(url).url,
                headers=headers or {},
                credential=credential,
                part=part,
            )
        )

    def post_json(
        self,
        url: str,
        body: Any,  # noqa: ANN401 JSON
        *,
        headers: Mapping[str, str] | None = None,
        credential: Credential | None = None,
        part: str = "",
    ) -> Reply:
        """Ask with POST, for GraphQL: as get_json, and a redirect is not followed. It may be sent more than once."""
        return self._ask(
            HostRequest(
                method="POST",
                url=self._transport.guard.target(url).url,
                headers={"Content-Type": "application/json", **(headers or {})},
                body=msgspec.json.encode(body),
                credential=credential,
                part=part,
            )
        )

    def get_fresh(self, url: str, *, accept: str = "application/json", redirects: bool = True) -> bytes:
        """Ask with GET past the cache, keep nothing of the answer, and return its body, of whatever type it is.

        Raises as get_json does; without `redirects` also where the address leads elsewhere.
        """
        request = HostRequest(method="GET", url=self._transport.guard.target(url).url, headers={"Accept": accept})
        target = self._transport.guard.target(url)
        answer = self._follow(request, {}) if redirects else self._insist(request, target, request.headers)
        if not 200 <= answer.status < 300:
            raise error_in(answer, self._clock())
        return answer.body

    def post_form(self, url: str, fields: Mapping[str, str], *, credential: Credential | None = None) -> Reply:
        """Ask with POST as a form does, for a token: as post_json, and the answer is kept nowhere."""
        return self._ask(
            HostRequest(
                method="POST",
                url=self._transport.guard.target(url).url,
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                body=urlencode(fields).encode(),
                credential=credential,
                is_kept=False,
            )
        )

    def forget(self, *replies: Reply) -> None:
        """Keep nothing of these answers: the account wants none of it kept, or is gone."""
        self._cache.forget(*replies)

    def forget_naming(self, *people: DataSubject) -> None:
        """Keep nothing of the answers since the last time that name one of these people, who are suppressed."""
        if people:
            self._cache.forget_naming(*people)

    def lost(self) -> dict[str, str]:
        """Return the hosts that answered the job before and by now answer nothing, with the reason; each is told once.

        A host whose last answer was none is asked once more what it answered first: one page may be all that fails.
        """
        failing, self._failing = self._failing, {}
        return {host: why for host, why in failing.items() if host in self._answered and not self._is_there(host)}

    def _is_there(self, host: str) -> bool:
        request = self._answered[host]
        if not self.requests_left:
            return True  # nobody can tell
        try:
            answer = self._send(request, self._transport.guard.target(request.url), request.headers)
            return is_redirect(answer) or bool(reply_in(answer, self._clock()))
        except (HostDownError, BadAnswerError):
            return False
        except OutboundError:
            return True

    def _ask(self, request: HostRequest) -> Reply:
        host = urlsplit(request.url).netloc
        try:
            reply = self._find(request)
        except (HostDownError, BadAnswerError) as error:
            self._failing[host] = error.reason
            raise
        except OutboundError:
            self._failing.pop(host, None)
            raise
        if not reply.from_cache:
            self._failing.pop(host, None)
        if request.method == "GET":
            self._answered.setdefault(host, request)
        return reply

    def _find(self, request: HostRequest) -> Reply:
        self.asked += 1
        if not request.is_kept:
            return reply_in(self._follow(request, {}), self._clock())
        key, kept = self._cache.find(request)
        if kept is not None and self._cache.is_fresh(kept, self._clock()):
            return _from_cache(key, kept)
        answer = self._follow(request, conditions(kept))
        now = self._clock()
        if kept is not None and answer.status == NOT_MODIFIED:
            return _from_cache(key, self._cache.confirm(key, kept, now))
        reply = reply_in(answer, now)
        return dataclasses.replace(reply, key=self._cache.keep(request, answer, now))

    def _follow(self, request: HostRequest, conditions: Mapping[str, str]) -> HostResponse:
        """Ask, and go where we are sent, three times at most."""
        guard = self._transport.guard
        for _ in range(1 + MOST_REDIRECTS):
            target = guard.target(request.url)
            answer = self._insist(request, target, {**request.headers, **conditions})
            if not is_redirect(answer):
                return answer
            request, conditions = follow(request, target, answer, guard), {}
        raise BadAnswerError(target.name, f"redirects more than {MOST_REDIRECTS} times")

    def _insist(self, request: HostRequest, target: Target, headers: Mapping[str, str]) -> HostResponse:
        """Ask up to three times: after a short pause that the host wants, and after what may pass by itself."""
        for rest_s in RESTS_S:
            try:
                return self._ask_once(request, target, headers)
            except WaitingError as error:
                if not self._politeness.sleeps_until(error.until):
                    raise
            except (CircuitOpenError, TooSlowError):
                raise
            except (HostDownError, BadAnswerError):
                self._sleep(rest_s)
        return self._ask_once(request, target, headers)

    def _ask_once(self, request: HostRequest, target: Target, headers: Mapping[str, str]) -> HostResponse:
        if not self.requests_left:
            raise BudgetSpentError(f"all {self.max_requests} requests are made")
        with self._politeness.permit(target.name, request.part):
            answer = self._send(request, target, headers)
        self._politeness.update(target.name, request.part, answer)
        if answer.status >= 500:
            raise error_in(answer, self._clock())
        return answer

    def _send(self, request: HostRequest, target: Target, headers: Mapping[str, str]) -> HostResponse:
        self.spent += 1
        to, headers = attach(request.credential, target, headers, self._transport.guard)
        try:
            answer = self._transport.send(request.method, to, headers, request.body)
        except OutboundError as error:
            self._count.error(target.name, error)
            if isinstance(error, HostDownError | BadAnswerError):
                self._politeness.failed(target.name, error.reason)
            raise
        self._count.answer(target.name, answer.status)
        return dataclasses.replace(answer, url=target.url)


def _from_cache(key: str, kept: CachedResponse) -> Reply:
    answer = HostResponse(urlsplit(kept.url).netloc, kept.url, kept.status, kept.headers, kept.body)
    return dataclasses.replace(reply_in(answer, kept.fetched_at), key=key, from_cache=True)
