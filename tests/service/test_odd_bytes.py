"""What odd bytes in ids cannot do: reach another file, or write a header."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

if TYPE_CHECKING:
    from pathlib import Path

OUTSIDE = ["..", "../../secret", "..%2f..%2fsecret", "%2e%2e", "/etc/passwd", "a/../../secret", "a\x00b", "..\\secret"]
BREAKS = ["a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\u2028X-Evil: 1", "a\x85X-Evil: 1", 'a";X-Evil="1']
UPLOAD = {
    "query_string": {"network": "custom:b", "profile": "qa"},
    "data": b'{"id":"a1","actor":"u7","type":"note","published":"2026-10-01T12:00:00Z"}',
    "content_type": "application/x-ndjson",
}


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_data_sets_id_leads_to_no_other_file(client, data_dir, name):
    (data_dir / "datasets").mkdir(parents=True)
    (data_dir.parent / "secret").write_bytes(b"mine")
    before, place = files(data_dir.parent), f"/v1/datasets/{quote(name, safe='')}"
    assert client.put(place, **UPLOAD).status_code in {404, 405, 422}
    assert client.get(place).status_code in {404, 405}
    assert client.delete(place).status_code in {404, 405}
    assert {path: data for path, data in files(data_dir.parent).items() if path in before} == before


@pytest.mark.parametrize("kind", ["topics", "trust-roots"])
@pytest.mark.parametrize("name", OUTSIDE)
def test_no_other_id_does_either(client, kind, name):
    answer = client.put(f"/v1/{kind}/{quote(name, safe='')}", json={"kind": "none"})
    assert answer.status_code in {404, 405, 422}


@pytest.mark.parametrize("name", OUTSIDE)
def test_an_account_may_be_called_anything_and_is_only_a_name(client, name):
    answer = client.get(f"/v1/accounts/custom:b/{quote(name, safe='')}/scores")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


@pytest.mark.parametrize("name", BREAKS)
def test_a_name_writes_no_header_into_the_answer(client, store, name):
    for place in (f"/v1/accounts/custom:b/{quote(name)}/scores", f"/v1/topics?limit=1&cursor={quote(name)}"):
        assert "X-Evil" not in client.get(place).headers
    assert "X-Evil" not in client.get("/v1/topics?limit=1", headers={"X-Request-Id": "a X-Evil: 1"}).headers


@pytest.mark.parametrize("name", BREAKS)
def test_a_name_writes_no_header_where_a_list_names_its_next_page(client, job, name):
    accounts = [{"network": "custom:beer", "account": f"{name}{number}"} for number in range(2)]
    for account in accounts:
        assert client.post("/v1/jobs", json={**job, "accounts": [account]}).status_code == 202
    answer = client.get("/v1/jobs?limit=1")
    assert 'rel="next"' in answer.headers["Link"]
    assert "X-Evil" not in answer.headers["Link"]
