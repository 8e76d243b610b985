"""Fixtures for what goes out: a clock that only sleep moves, misbehaving servers, a door to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from candor.store import Store, open_store
from tests.worker.outbound.misbehaving_server import MisbehavingServer
from worker.outbound import Outbound, ResponseLimits, Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from worker.outbound import Reply
    from worker.outbound.cache import HostResponse

SMALL = ResponseLimits(connect_s=5.0, read_s=5.0, total_s=10.0, max_bytes=100_000)
HASTY = ResponseLimits(connect_s=5.0, read_s=0.3, total_s=0.5, max_bytes=100_000)


def json_of(answer: Reply | HostResponse) -> Any:
    """What an answer says, decoded."""
    return msgspec.json.decode(answer.body)


@dataclass
class FakeTime:
    """The time, and how long was slept."""

    now: datetime = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    slept_s: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.pass_by(seconds=seconds)

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def time() -> FakeTime:
    """A clock of this test's own."""
    return FakeTime()


@pytest.fixture
def timed_store(redis_url: str, data_dir: Path, time: FakeTime) -> Iterator[Store]:
    """An empty store that goes by the test's clock."""
    opened = open_store(redis_url, data_dir, clock=time)
    yield opened
    opened.close()


@pytest.fixture
def server() -> Iterator[MisbehavingServer]:
    """A server on a test host."""
    with MisbehavingServer() as running:
        yield running


@pytest.fixture
def other_server() -> Iterator[MisbehavingServer]:
    """Another server on a test host."""
    with MisbehavingServer() as running:
        yield running


@pytest.fixture
def transport(server: MisbehavingServer, other_server: MisbehavingServer) -> Iterator[Transport]:
    """A transport that may go to the two servers, by an explicit setting, and reads little."""
    test_hosts = frozenset({server.name, other_server.name})
    opened = Transport(contact="https://operator.example", test_hosts=test_hosts, limits=SMALL)
    yield opened
    opened.close()


@pytest.fixture
def hasty_transport(server: MisbehavingServer) -> Iterator[Transport]:
    """A transport that does not wait long for an answer."""
    opened = Transport(test_hosts=frozenset({server.name}), limits=HASTY)
    yield opened
    opened.close()


@pytest.fixture
def make_outbound(transport: Transport, timed_store: Store, time: FakeTime) -> Callable[..., Outbound]:
    """Makes the door for a job that comes now."""

    def make(job_id: str = "job_1", **settings: object) -> Outbound:
        since = settings.pop("since", time.now)
        return Outbound(transport, timed_store, job_id=job_id, since=since, clock=time, sleep=time.sleep, **settings)

    return make


@pytest.fixture
def outbound(make_outbound: Callable[..., Outbound]) -> Outbound:
    """The door for a job that comes now."""
    return make_outbound()


@pytest.fixture
def hasty_outbound(hasty_transport: Transport, timed_store: Store, time: FakeTime) -> Outbound:
    """A door for a job that does not wait long for an answer."""
    return Outbound(hasty_transport, timed_store, job_id="job_1", since=time.now, clock=time, sleep=time.sleep)
