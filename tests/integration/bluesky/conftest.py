"""Fixtures for a real Bluesky: its servers and people once for all tests, and our connector on it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from candor.store import utc_now
from tests.integration.bluesky.network import Network
from tests.integration.bluesky.people import settle_in
from tests.integration.bluesky.postgres import Postgres
from tests.integration.shell import Shell
from worker.connectors.bluesky import Bluesky
from worker.connectors.gaps import Gaps
from worker.connectors.network_client import Access, NetworkClient
from worker.outbound import Outbound, Transport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.store import Store
    from tests.integration.bluesky.people import People


@pytest.fixture(scope="session")
def network() -> Iterator[Network]:
    """The servers; needs what `make test-network` sets up."""
    folder = Path(tempfile.mkdtemp(prefix="bluesky-", dir="/tmp"))
    folder.chmod(0o711)  # Postgres is somebody else where we are root, and has to get to its own
    try:
        with Postgres(folder / "db") as database:
            running = Network(database.url, folder)
            yield running
            running.close()
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def people(network: Network) -> People:
    """Everybody, with all they wrote."""
    return settle_in(network)


@pytest.fixture
def outbound(network: Network, store: Store) -> Iterator[Outbound]:
    """The way out, with the three servers allowed and no other that is not public."""
    transport = Transport(test_hosts=network.places.hosts)
    yield Outbound(transport, store, job_id="job_1", since=utc_now())
    transport.close()


@pytest.fixture
def gaps() -> Gaps:
    return Gaps()


@pytest.fixture
def bluesky(network: Network, outbound: Outbound, gaps: Gaps, people: People) -> Bluesky:
    """Our connector, before a network full of people."""
    return Bluesky(NetworkClient(outbound, gaps, Access(places=network.places.instead)), "bluesky")


@pytest.fixture(scope="session")
def url(network: Network, bin_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The whole service: interface, workers and store."""
    shell = Shell(tmp_path_factory.mktemp("stack"), bin_dir)
    hosts = ",".join(sorted(network.places.hosts))
    places = ",".join(f"{host}={url}" for host, url in network.places.instead.items())
    yield shell.up(CANDOR_TEST_HOSTS=hosts, CANDOR_TEST_PLACES=places)[1]
    shell.close()
