"""Names with what nobody sees: they are one account's, and whoever brings them is told, as somebody may pose as it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from redis import Redis

    from candor.store import Store

ADDRESS = "/v1/datasets/d"


def put(client: FlaskClient, *names: str) -> dict[str, object]:
    rows = [
        {"type": "note", "id": str(n), "actor": name, "published": "2026-01-05T00:00:00Z"}
        for n, name in enumerate(names)
    ]
    answer = client.put(
        ADDRESS,
        query_string={"network": "custom:c", "profile": "forum"},
        data="\n".join(map(json.dumps, rows)),
        content_type="application/x-ndjson",
    )
    assert answer.status_code in {200, 201}
    return answer.json


@pytest.mark.parametrize("odd", ["ada\u200blov", "\uff41dalov", "adalov\ufe0f", "adalov\u2800", "ada\x1blov"])
def test_whoever_brings_one_name_with_and_without_it_is_told(client: FlaskClient, odd: str) -> None:
    answer = put(client, "adalov", odd)
    assert answer["counts"]["looking_alike"] == ["adalov"]
    assert "check that nobody poses as them: 'adalov'." in answer["note"]


@pytest.mark.parametrize(
    "names", [("ada", "@ada", " ada "), ("ada\u200b", "bo"), ("Jos\u00e9", "Jose\u0301"), ("a", "A")]
)
def test_of_other_spellings_nothing_is_said(client: FlaskClient, names: tuple[str, ...]) -> None:
    answer = put(client, *names)
    assert answer["counts"]["looking_alike"] == []


def test_whoever_is_erased_is_not_named_there(client: FlaskClient, store: Store, whole_server: Redis) -> None:
    put(client, "adalov", "ada\u200blov", "bo")
    begun = store.erasures.start(store.erasures.create(None, "custom:c", "adalov").id)
    assert begun is not None
    assert store.eraser.run(begun).status == "succeeded"
    assert client.get(ADDRESS).json["counts"]["looking_alike"] == []
    kept = (whole_server.dump(key) or b"" for key in whole_server.scan_iter("*dataset*"))
    assert b"adalov" not in b"".join(kept)
