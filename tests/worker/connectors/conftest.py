"""Fixtures for connectors: the real way out, with requests-mock in place of the networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from candor.store import utc_now
from worker.connectors.gaps import Gaps
from worker.connectors.network_client import Access, NetworkClient
from worker.outbound import Outbound, Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from candor.store import Store

TOKENS = {
    "example.social": "mastodon-token",
    "api.github.com": "github-token",
    "gitlab.com": "gitlab-token",
    "chat.example": "me@a.example:zulip-key",
    "api.x.com": "x-token",
    "www.googleapis.com": "youtube-key",
    "oauth.reddit.com": "client:reddit-secret",
    "api.stackexchange.com": "stack-key",
}


@pytest.fixture
def outbound(store: Store) -> Iterator[Outbound]:
    """Asks at most 200 times, and never sleeps."""
    transport = Transport(contact="mailto:op@example.org")
    yield Outbound(transport, store, job_id="job_1", since=utc_now(), max_requests=200, sleep=lambda _: None)
    transport.close()


@pytest.fixture
def gaps() -> Gaps:
    return Gaps()


@pytest.fixture
def client(outbound: Outbound, gaps: Gaps) -> NetworkClient:
    return NetworkClient(outbound, gaps)


@pytest.fixture
def trusted_source(outbound: Outbound, gaps: Gaps) -> NetworkClient:
    """The operator has set a token for every host that takes one."""
    return NetworkClient(outbound, gaps, Access(tokens=TOKENS))


@pytest.fixture
def serve(requests_mock: Any) -> Callable[..., Any]:
    """Let an address answer: with `json`, or with text; each further answer in `then` comes at the next request."""

    def answer(url: str, json: Any = None, *then: dict[str, Any], status: int = 200, **more: Any) -> Any:
        first = {"status_code": status, **({} if "text" in more else {"json": json}), **more}
        return requests_mock.get(url, [first, *then])

    return answer
