"""The storage of data sets is away: what needs it is 503 and says so, nothing blames the secret, and all goes on."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from candor.settings import Settings
from candor.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from candor.store import Store
    from tests.conftest import ShareApp

LINE = b'{"id": "r1", "type": "note", "actor": "u1", "published": "2026-10-01T12:00:00Z", "content": "hops"}\n'
PUT = {"data": LINE, "content_type": "application/x-ndjson"}
UPLOAD = "/v1/datasets/beer?network=custom:beer&profile=forum"
AWAY = "The storage of data sets (CANDOR_STORAGE, or `datasets` in the data directory) does not answer at the moment."


class EndpointConnectionError(Exception):
    """As boto's, which is no OSError."""


class Away:
    """What speaks to a place that is not there."""

    def __getattr__(self, name: str) -> Any:
        def asked(*_: object, **__: object) -> None:
            raise EndpointConnectionError('Could not connect to the endpoint URL: "http://127.0.0.1:9/candor"')

        return asked


@pytest.fixture
def stored(redis_url: str, data_dir: Path, tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(redis_url, data_dir, storage=f"file://{tmp_path}/storage")) as opened:
        opened.identity.check()
        opened.workers.heartbeat("w1")
        yield opened


@pytest.mark.parametrize(
    "error", [EndpointConnectionError("no"), PermissionError("the key is refused"), OSError("odd")]
)
def test_what_needs_the_storage_is_503_and_says_so(
    share_app: ShareApp, stored: Store, data_dir: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
):
    def refuse(*_: object, **__: object) -> None:
        raise error

    client = share_app(Settings(data_dir=data_dir), stored).test_client()
    assert client.put(UPLOAD, **PUT).status_code == 201
    monkeypatch.setattr("fsspec.core.url_to_fs", lambda *_, **__: (Away(), "/candor"))
    monkeypatch.setattr(Away, "__getattr__", lambda *_: refuse)
    answer = client.put(UPLOAD.replace("beer?", "wine?"), **PUT)
    assert (answer.status_code, answer.json["code"], answer.json["detail"]) == (503, "store_unavailable", AWAY)
    assert int(answer.headers["Retry-After"]) > 0
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["detail"]) == (503, AWAY)
    assert client.get("/v1/datasets/beer").status_code == 200
    monkeypatch.undo()
    assert client.put(UPLOAD.replace("beer?", "wine?"), **PUT).status_code == 201
    assert client.get("/readyz").status_code == 200


def test_of_open_disputes_and_erasures_metrics_say_how_many_and_how_old(
    share_app: ShareApp, stored: Store, data_dir: Path
):
    client = share_app(Settings(data_dir=data_dir), stored).test_client()

    def shown() -> dict[str, float]:
        lines = [line.split() for line in client.get("/metrics").text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, value in lines if "dispute" in name or "erasure" in name}

    assert set(shown().values()) == {0.0}
    assert len(shown()) == 4
    stored.erasures.create(None, "custom:beer", "u9")
    assert shown()["candor_erasures_open"] == 1
    assert 0 <= shown()["candor_erasure_oldest_seconds"] < 60
