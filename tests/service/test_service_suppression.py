"""Who is on the suppression list: named by nobody, and in nothing that is brought."""

from __future__ import annotations

import msgspec
import pytest

from candor.store.models import BoardFacts
from worker import erasures, jobs

UPLOAD = "/v1/datasets/beer?network=custom:beer&profile=qa"
LINES = (
    b'{"id":"a1","actor":"u7","type":"question","published":"2026-10-01T12:00:00Z"}\n'
    b'{"id":"a2","actor":"u8","type":"answer","object":"a1","published":"2026-10-01T13:00:00Z"}\n'
)
ROOT = {"kind": "accounts", "network": "custom:beer", "accounts": [{"account": "u8"}, {"account": "u7"}]}


@pytest.fixture
def u7_is_out(store):
    """u7 is suppressed on custom:beer."""
    store.suppression.add("custom:beer", ["u7"])


def upload(client):
    return client.put(UPLOAD, data=LINES, content_type="application/x-ndjson")


@pytest.mark.usefixtures("u7_is_out")
def test_a_job_that_names_the_account_is_refused_with_a_pointer(client, job):
    job["accounts"].append({"network": "custom:beer", "account": "u7"})
    answer = client.post("/v1/jobs", json=job)
    assert (answer.status_code, answer.json["code"]) == (403, "suppressed")
    assert [error["pointer"] for error in answer.json["errors"]] == ["/accounts/1/account"]


@pytest.mark.usefixtures("u7_is_out")
def test_nothing_is_kept_of_a_job_that_was_refused(client, job, store):
    job["accounts"] = [{"network": "custom:beer", "account": "u7"}]
    before = {key for key in store.redis.scan_iter() if b"limits" not in key}
    assert client.post("/v1/jobs", json=job).status_code == 403
    assert {key for key in store.redis.scan_iter() if b"limits" not in key} == before


@pytest.mark.usefixtures("u7_is_out")
def test_the_same_name_on_another_network_can_be_named(client, job):
    job["accounts"] = [{"network": "custom:wine", "account": "u7"}]
    assert client.post("/v1/jobs", json=job).status_code == 202


@pytest.mark.usefixtures("u7_is_out")
def test_records_that_come_with_a_job_are_dropped_and_counted(client, job, store):
    answer = client.post("/v1/jobs", json=job).json
    assert (answer["received"]["records"], answer["received"]["suppressed"]) == (2, 1)
    assert b"u7" not in store.jobs.activities(store.jobs.find(answer["id"]))


@pytest.mark.usefixtures("u7_is_out")
def test_records_of_an_upload_are_dropped_and_counted(client, store):
    answer = upload(client).json
    assert (answer["records"], answer["counts"]["suppressed"]) == (1, 1)
    (left,) = store.datasets.activities("local", "beer")
    assert (left.actor, left.object) == ("u8", None)


@pytest.mark.usefixtures("u7_is_out")
def test_an_act_of_another_on_the_account_itself_does_not_name_it(client, job, store):
    act = {"id": "a3", "actor": "u8", "type": "follow", "object": "u7", "published": "2026-10-01T13:00:00Z"}
    client.put(UPLOAD, data=msgspec.json.encode(act), content_type="application/x-ndjson")
    (left,) = store.datasets.activities("local", "beer")
    assert (left.actor, left.object) == ("u8", None)
    answer = client.post("/v1/jobs", json={**job, "activities": [*job["activities"], act]}).json
    assert b"u7" not in store.jobs.activities(store.jobs.find(answer["id"]))


@pytest.mark.usefixtures("u7_is_out")
@pytest.mark.parametrize("network", ["custom:Beer", "custom:%20BEER%20", "custom:\uff22eer"])
def test_a_community_written_another_way_is_the_same_community(client, store, network):
    answer = client.put(
        f"/v1/datasets/b2?network={network}&profile=qa", data=LINES, content_type="application/x-ndjson"
    )
    assert (answer.json["network"], answer.json["counts"]["suppressed"]) == ("custom:beer", 1)
    assert [record.actor for record in store.datasets.activities("local", "b2")] == ["u8"]


@pytest.mark.usefixtures("u7_is_out")
def test_the_same_upload_has_the_same_digest(client):
    assert upload(client).json["digest"] == upload(client).json["digest"]


@pytest.mark.parametrize("path", ["/v1/trust-roots/brewers", "/v1/jobs"])
@pytest.mark.usefixtures("u7_is_out")
def test_a_trust_root_that_names_the_account_is_refused(client, job, path):
    method, body = ("PUT", ROOT) if "roots" in path else ("POST", {**job, "trust_root": ROOT})
    answer = client.open(path, method=method, json=body)
    assert (answer.status_code, answer.json["code"]) == (403, "suppressed")
    assert answer.json["errors"][0]["pointer"].endswith("/accounts/1/account")


def test_a_root_made_before_counts_without_the_account(client, job, store):
    assert client.put("/v1/trust-roots/brewers", json=ROOT).status_code == 201
    store.suppression.add("custom:beer", ["u7"])
    answer = client.post("/v1/jobs", json={**job, "trust_root": "brewers"}).json
    root = store.jobs.trust_root(store.jobs.find(answer["id"]))
    assert [account.account for account in root.accounts] == ["u8"]


def test_the_document_of_a_row_of_an_older_board_is_refused(client, store, new_job):
    request = new_job("rockets", dataset="beer").request
    facts = {"method": "1.0.0", "people": 0, "compared": 0, "largest_difference": 0.0}
    store.boards.put(BoardFacts(id="bd_1", owner="local", request=request, **facts), [])
    store.suppression.add("custom:demo", ["u/7"])
    answer = client.post("/v1/boards/bd_1/documents/u%2F7")
    assert (answer.status_code, answer.json["code"]) == (403, "suppressed")


def test_a_data_set_uploaded_before_is_read_without_the_account(client, store):
    assert upload(client).json["records"] == 2
    store.suppression.add("custom:beer", ["u7"])
    assert [record.actor for record in store.datasets.activities("local", "beer")] == ["u8"]


def test_reading_it_leaves_no_file_behind(client, store, data_dir):
    upload(client)
    before = set(data_dir.rglob("*"))
    store.suppression.add("custom:beer", ["u7"])
    store.datasets.activities("local", "beer")
    assert set(data_dir.rglob("*")) - before == {data_dir / "secret", data_dir / "left"}


@pytest.mark.usefixtures("worker")
def test_who_another_owner_erases_is_told_as_a_number_to_whose_records_that_leaves_out(caller, store, job):
    ours, rival = caller("ours", "read", "write"), caller("rival", "erase")
    assert ours("PUT", UPLOAD, data=LINES, content_type="application/x-ndjson").json["suppressed_now"] == 0
    begun = rival("DELETE", "/v1/accounts/custom:beer/u7")
    erasures.erase("rival", begun.json["id"])
    kept = ours("GET", "/v1/datasets/beer").json
    assert (kept["records"], kept["suppressed_now"], kept["counts"]["suppressed"]) == (2, 1, 0)
    assert [each["suppressed_now"] for each in ours("GET", "/v1/datasets").json["data"] if each["id"] == "beer"] == [1]
    asked = {name: job[name] for name in ("topics", "trust_root", "as_of")} | {"dataset": "beer"}
    made = ours("POST", "/v1/jobs", json={**asked, "accounts": [{"network": "custom:beer", "account": "u8"}]}).json
    jobs.score("ours", made["id"])
    (result,) = ours("GET", made["urls"]["self"]).json["results"]
    gaps = ours("GET", result["score_url"]).json["inputs"]["gaps"]
    assert "records left out, as people whom they are of opted out or were erased since: 1" in gaps
    for language, said in (("en", "1 record is left out"), ("fr", "1 contribution est laissée de côté")):
        assert said in ours("GET", "/dataset/beer", headers={"Accept": "text/html", "Accept-Language": language}).text
    store.suppression.remove("custom:beer", "u7")
    assert ours("GET", "/v1/datasets/beer").json["suppressed_now"] == 0


def test_what_is_left_out_of_a_data_set_is_counted_once_until_something_changes(client, store, monkeypatch):
    upload(client)
    store.suppression.add("custom:beer", ["u7"])
    read = []
    of_table = store.datasets.activities
    monkeypatch.setattr(store.datasets, "activities", lambda *name: read.append(name) or of_table(*name))
    counted = [client.get("/v1/datasets/beer").json["suppressed_now"] for _ in range(3)]
    assert (counted, len(read)) == ([1, 1, 1], 1)
