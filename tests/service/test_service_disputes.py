"""Disputes over HTTP: contested, linked beside the score, decided, and left out of the next score."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from candor.scoring.document import encode
from candor.scoring.method import load_method
from candor.scoring.redaction import DataSubject
from candor.scoring.score import score
from candor.scoring.seals import brief
from candor.store import redis_keys
from candor.store.client import DamagedValueError
from service.app import create_app
from tests.store.test_store_scores import scored
from worker import jobs
from worker.context import CURRENT, WorkerContext

BODY = {"by": "u3", "reason": "This account is run by the same person.", "contact": "me@example.org"}


@pytest.fixture
def kept(store):
    """A score of the expert, whom thirty people thanked."""
    made = scored(datetime(2026, 6, 1, tzinfo=UTC))
    for owner in ("local", "ada"):
        store.scores.put(owner, made)
    return made


@pytest.fixture
def contest(client, kept):
    """Contests a piece of its evidence."""
    return lambda **changes: client.post(kept.urls.disputes, json={**BODY, **changes})


def test_a_dispute_is_taken_and_can_be_read(client, contest, kept):
    made = contest(of="a3")
    assert made.status_code == 201
    assert made.headers["Location"] == made.json["urls"]["self"]
    assert client.get(made.headers["Location"]).json == made.json
    assert {name: made.json[name] for name in BODY} == BODY
    assert (made.json["status"], made.json["topic"], made.json["of"]) == ("open", "rockets", "a3")
    assert made.json["account"] == {"network": "custom:demo", "account": "expert"}


def test_it_stands_beside_the_score_whose_bytes_stay(client, contest, kept):
    made = contest().json
    answer = client.get(f"/v1/scores/{kept.id}")
    assert answer.data == encode(brief(kept))
    link = answer.headers["Link"]
    assert link == f'<{kept.urls.disputes}>; rel="disputes"'
    assert client.get(kept.urls.disputes).json["data"] == [made]
    again = client.get(f"/v1/scores/{kept.id}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.headers["Link"]) == (304, link)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"by": "nobody"}, "/by"),
        ({"by": "erased"}, "/by"),
        ({"of": "a4"}, "/of"),
        ({"reason": ""}, "/reason"),
        ({"reason": "x" * 2001}, "/reason"),
        ({"status": "accepted"}, "/status"),
    ],
)
def test_what_is_not_in_the_evidence_can_not_be_contested(client, contest, store, changes, pointer):
    answer = contest(**changes)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]
    assert store.disputes.all("local") == []


def test_without_the_score_it_is_404(client):
    assert client.post("/v1/scores/sc_nothing/disputes", json=BODY).status_code == 404
    assert client.get("/v1/scores/sc_nothing/disputes").status_code == 404


def test_the_operator_decides_and_may_think_again(client, contest):
    urls = contest().json["urls"]
    accepted = client.post(urls["decision"], json={"decision": "accepted", "note": "Indeed."}).json
    assert (accepted["status"], accepted["note"]) == ("accepted", "Indeed.")
    assert accepted["decided_at"]
    assert client.post(urls["decision"], json={"decision": "rejected", "note": "No."}).json["status"] == "rejected"
    assert client.get(urls["self"]).json["note"] == "No."


def test_only_who_has_the_scope_admin_decides(caller, kept):
    ada, admin = caller("ada", "read", "write"), caller("ada", "admin")
    urls = ada("POST", kept.urls.disputes, json=BODY).json["urls"]
    assert ada("POST", urls["decision"], json={"decision": "accepted"}).status_code == 403
    assert admin("POST", urls["decision"], json={"decision": "accepted"}).status_code == 200
    assert caller("bob", "admin")("POST", urls["decision"], json={"decision": "accepted"}).status_code == 404


@pytest.mark.parametrize("decision", ["open", "perhaps", None])
def test_a_decision_is_yes_or_no(client, contest, decision):
    assert client.post(contest().json["urls"]["decision"], json={"decision": decision}).status_code == 422


def test_disputes_are_listed_by_status_page_by_page(client, contest):
    made = [contest(by=f"u{number}").json for number in range(3)]
    client.post(made[1]["urls"]["decision"], json={"decision": "rejected", "note": "No."})
    first = client.get("/v1/disputes?status=open&limit=1")
    rest = client.get(first.headers["Link"].partition("<")[2].partition(">")[0])
    listed = [row["id"] for answer in (first, rest) for row in answer.json["data"]]
    assert sorted(listed) == sorted([made[0]["id"], made[2]["id"]])
    assert not rest.json["has_more"]


@pytest.fixture
def run(settings, store, job):
    """Submits a job and runs it as a worker does; returns its document with every voice."""
    asked = create_app(settings, store).test_client()  # by the clock that the worker goes by

    def score_again(**changes):
        posted = asked.post("/v1/jobs", json={**job, **changes}).json
        token = CURRENT.set(WorkerContext(store, load_method(), score))
        jobs.score("local", posted["id"])
        CURRENT.reset(token)
        result = asked.get(posted["urls"]["self"]).json["results"][0]
        return msgspec.json.decode(asked.get(result["score_url"] + "?evidence=all").data)

    return score_again


THANKS = {"id": "c1", "actor": "u7", "type": "accept", "object": "a2", "published": "2026-10-02T00:00:00Z"}


def test_an_accepted_dispute_leaves_the_evidence_out_of_the_next_score(client, job, run):
    records = [*job["activities"], THANKS]
    first = run(activities=records)
    assert [voice["by"] for voice in first["expertise"]["evidence"] if voice["scope"] == "on_topic"] == ["u7"]
    dispute = client.post(first["urls"]["disputes"], json={**BODY, "by": "u7"}).json
    assert run(activities=records) == first, "while it is open the evidence counts"
    client.post(dispute["urls"]["decision"], json={"decision": "accepted"})
    after = run(activities=records)
    assert after["expertise"]["evidence"] == []
    assert after["inputs"]["gaps"] == ["left out after a dispute: 1 act by 1 person"]
    assert after["inputs"]["digest"] != first["inputs"]["digest"]
    (listed,) = client.get(after["urls"]["disputes"]).json["data"]
    assert (listed["id"], listed["score_id"], listed["status"]) == (dispute["id"], first["id"], "accepted")
    for language, effect, notice in (
        ("en", "This score was made after that, and leaves it out.", "this score still counts it"),
        ("fr", "Cette note a été établie ensuite, et laisse cela de côté.", "cette note les compte encore"),
    ):
        headers = {"Accept": "text/html", "Accept-Language": language}
        cards = {each["id"]: client.get(f"/card/{each['id']}", headers=headers).text for each in (first, after)}
        assert effect in cards[after["id"]]
        assert notice not in cards[after["id"]]
        assert notice in cards[first["id"]]
        assert effect not in cards[first["id"]]
    other = run(activities=records, topics=[{"id": "beer", "label": "Beer", "terms": ["hops"]}])
    assert other["expertise"]["evidence"], "another topic is another question"
    assert client.get(other["urls"]["disputes"]).json["data"] == []


def test_history_shows_the_step_that_a_dispute_made(client, job, run):
    records = [*job["activities"], THANKS]
    first = run(activities=records)
    dispute = client.post(first["urls"]["disputes"], json={**BODY, "by": "u7"}).json
    client.post(dispute["urls"]["decision"], json={"decision": "accepted"})
    run(activities=records)
    steps = client.get("/v1/accounts/custom%3Abeer/u19/history?topic=hops").json["data"]
    assert [step["changed"] for step in steps] == [[], ["inputs", "acts"]]


def test_a_job_begun_after_the_decision_never_takes_the_results_of_one_before(client, job, contest, store):
    before, after = (store.jobs.start("local", client.post("/v1/jobs", json=job).json["id"]).job for _ in range(2))
    assert store.job_dedup.claim(before)
    assert not store.job_dedup.claim(after)
    client.post(contest().json["urls"]["decision"], json={"decision": "accepted"})
    assert store.job_dedup.claim(store.jobs.start("local", after.id).job)


def test_evidence_is_contested_whichever_way_its_author_is_written(client, store):
    made = scored(datetime(2026, 6, 1, tzinfo=UTC))
    account = msgspec.structs.replace(made.account, network="github")
    store.scores.put("local", msgspec.structs.replace(made, account=account))
    answer = client.post(made.urls.disputes, json={**BODY, "by": "https://github.com/U3"})
    assert (answer.status_code, answer.json["by"]) == (201, "u3")


def test_open_ones_are_counted_until_they_are_decided_or_gone(client, contest, store):
    def shown():
        lines = (line.split() for line in client.get("/metrics").text.splitlines() if line.startswith("candor_dispute"))
        return {name: float(value) for name, value in lines}

    first, second = (contest(of=of).json["id"] for of in ("a3", None))
    assert shown()["candor_disputes_open"] == 2
    assert 0 <= shown()["candor_dispute_oldest_seconds"] < 60
    store.disputes.decide("local", first, accept=False, note=None)
    assert shown()["candor_disputes_open"] == 1
    store.disputes.erase(DataSubject(network="custom:demo", names=("expert",)), None)
    assert (store.disputes.get("local", second), shown()["candor_disputes_open"]) == (None, 0)


def test_a_damaged_one_is_left_out_of_the_list_and_no_score_is_made_without_it(client, contest, store):
    damaged, whole = (contest(of=of).json["id"] for of in ("a3", None))
    key = redis_keys.dispute("local", damaged)
    said = store.redis.get(key)
    store.redis.set(key, said[:-5] + bytes([said[-5] ^ 1]) + said[-4:], keepttl=True)
    assert [each["id"] for each in client.get("/v1/disputes").json["data"]] == [whole]
    assert [each.id for each in store.disputes.all()] == [whole]
    with pytest.raises(DamagedValueError):
        store.disputes.contested("local", "custom:demo")
