"""Jobs over HTTP: accepted, followed, listed, waited for and canceled."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from candor.scoring.method import load_method
from candor.scoring.topics import Topic
from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.store.models import JobResult
from service.submission import preferred_wait_s

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.store import Store

LINES = [b'{"id":"a1","actor":"u7","type":"note","published":"2026-10-01T12:00:00Z"}']


@pytest.fixture
def worker(store: Store) -> Iterator[None]:
    """Ends every job as soon as it is queued, as a worker would."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.01):
            for job_id in store.queue.waiting():
                store.queue.remove("interactive", job_id)
                job = store.jobs.start("local", job_id).job
                result = JobResult(account=job.request.accounts[0], topic=job.request.topics[0].id, score_id="sc_1")
                store.jobs.finish(job_id, "succeeded", (result,))

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stop.set()
    thread.join()


def put_dataset(store, owner="local", network="custom:beer", profile="forum", **more):
    return store.datasets.put(
        owner, "set", network=network, profile=profile, lines=LINES, **{"granted_rights": False, **more}
    )


def test_a_job_is_accepted_with_its_address_and_when_to_look(client, job):
    answer = client.post("/v1/jobs", json=job)
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/v1/jobs/{answer.json['id']}"
    assert answer.headers["Retry-After"] == "1"
    assert "Preference-Applied" not in answer.headers


def test_a_job_is_queued_and_can_be_read(client, job):
    made = client.post("/v1/jobs", json=job).json
    read = client.get(made["urls"]["self"])
    assert read.json == made
    assert (made["status"], made["progress"]["stage"]) == ("queued", "queued")
    assert (made["progress"]["done"], made["progress"]["total"]) == (0, 1)
    assert read.headers["Retry-After"] == "1"


def test_a_job_answers_with_what_was_asked_defaults_filled_in(client, job):
    del job["as_of"], job["trust_root"]
    asked = client.post("/v1/jobs", json=job).json["request"]
    assert asked["as_of"] == "2026-11-01T12:00:00Z"
    assert asked["window_days"] == 1825
    assert asked["trust_root"]["kind"] == "none"


@pytest.mark.parametrize(("last", "moment"), [("11:59", "12:00:00Z"), ("12:00", "12:34:56Z")])
def test_who_are_asked_about_within_an_hour_are_scored_as_of_one_moment_unless_something_came_since(
    store, share_app, settings, job, last, moment
):
    line = f'{{"id": "p", "type": "note", "actor": "u7", "published": "2026-11-01T{last}:00Z"}}'
    store.datasets.put(
        "local", "town", lines=[line.encode()], network="custom:beer", profile="qa", granted_rights=False
    )
    client = share_app(settings, store, lambda: datetime(2026, 11, 1, 12, 34, 56, tzinfo=UTC)).test_client()
    asked = {name: value for name, value in job.items() if name not in {"as_of", "activities", "profile"}}
    answer = client.post("/v1/jobs", json={**asked, "dataset": "town"})
    assert answer.status_code == 202, answer.json
    assert answer.json["request"]["as_of"] == f"2026-11-01T{moment}"


def test_a_whole_number_may_be_written_as_a_fraction(client, job):
    answer = client.post("/v1/jobs", json={**job, "window_days": 12.0})
    assert (answer.status_code, answer.json["request"]["window_days"]) == (202, 12)


@pytest.mark.parametrize("door", ["job", "preview", "upload"])
@pytest.mark.parametrize(("written", "taken"), [(12.0, True), (12.5, False)])
def test_a_whole_number_in_a_record_is_taken_at_every_door_and_no_other_fraction(client, job, door, written, taken):
    record = {"type": "account", "actor": "u1", "published": "2026-10-01T12:00:00Z", "followers": written}
    if door == "job":
        answer = client.post("/v1/jobs", json={**job, "activities": [*job["activities"], record]})
    elif door == "preview":
        answer = client.post("/v1/topics/preview", json={"topic": "tag:hops", "records": [record]})
    else:
        path = "/v1/datasets/d?network=custom:demo&profile=forum"
        answer = client.put(path, json=record, content_type="application/x-ndjson")
    assert (answer.status_code < 300) == taken, answer.text
    assert taken or answer.json["errors"][0]["pointer"].endswith("/followers")


@pytest.mark.parametrize("named", [{}, {"method": load_method().version}])
def test_a_job_says_which_version_of_the_method_it_is_scored_with(client, job, named):
    answer = client.post("/v1/jobs", json=job | named)
    assert answer.json["request"]["method"] == load_method().version


def test_a_job_that_names_an_unknown_version_of_the_method_is_told_which_there_is(client, job):
    answer = client.post("/v1/jobs", json=job | {"method": "0.1.0"})
    assert answer.status_code == 422
    assert answer.json["errors"] == [
        {"pointer": "/method", "detail": f"there is no method '0.1.0'; there is {load_method().version}"}
    ]


def test_with_prefer_wait_the_answer_is_the_finished_job(client, job, worker):
    answer = client.post("/v1/jobs", json=job, headers={"Prefer": "wait=30"})
    assert answer.status_code == 200
    assert answer.headers["Preference-Applied"] == "wait=30"
    assert answer.json["results"][0]["score_url"] == "/v1/scores/sc_1"


def test_a_wait_that_ends_too_early_is_still_202(client, job):
    answer = client.post("/v1/jobs", json=job, headers={"Prefer": "wait=1"})
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (202, "wait=1")


def test_without_a_free_seat_the_preference_is_ignored(app, client, job):
    seats = app.extensions["candor"].waiting_seats
    while seats.acquire(blocking=False):
        pass
    answer = client.post("/v1/jobs", json=job, headers={"Prefer": "wait=30"})
    assert answer.status_code == 202
    assert "Preference-Applied" not in answer.headers


def test_half_the_threads_may_wait(app, settings):
    seats = app.extensions["candor"].waiting_seats
    assert settings.threads == 4
    assert [seats.acquire(blocking=False) for _ in range(3)] == [True, True, False]


def test_a_seat_is_free_again_after_the_wait(app, client, job, worker):
    for _ in range(4):
        assert client.post("/v1/jobs", json=job, headers={"Prefer": "wait=30"}).status_code == 200


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("wait=10", 10),
        ("respond-async, wait=10", 10),
        ('wait="7"', 7),
        ("Wait = 3; foo=bar", 3),
        ("wait=100000", 60),
        ("wait=-1", 0),
        ("wait", 0),
        ("await=10", 0),
        ("wait=1e3", 0),
        ("", 0),
    ],
)
def test_the_wait_is_read_as_rfc_7240_writes_it(app, header, seconds):
    with app.test_request_context(headers={"Prefer": header}):
        assert preferred_wait_s() == seconds


def test_jobs_are_listed_newest_first_page_by_page(app, store, job):
    moments = iter(range(10))
    app.extensions["candor"] = _ticking(app.extensions["candor"], moments)
    client = app.test_client()
    made = [client.post("/v1/jobs", json=job).json["id"] for _ in range(3)]
    first = client.get("/v1/jobs?limit=2")
    assert [row["id"] for row in first.json["data"]] == made[:0:-1]
    assert first.json["has_more"]
    link, relation = first.headers["Link"].split("; ")
    assert relation == 'rel="next"'
    last = client.get(link.strip("<>"))
    assert [row["id"] for row in last.json["data"]] == made[:1]
    assert (last.json["has_more"], last.json["next_cursor"], "Link" in last.headers) == (False, None, False)


def _ticking(context, moments):
    start = context.now()
    return replace(context, now=lambda: start + timedelta(seconds=next(moments)))


def test_a_job_is_canceled_and_canceling_again_does_no_harm(client, job):
    made = client.post("/v1/jobs", json=job).json
    for _ in range(2):
        answer = client.post(made["urls"]["cancel"])
        assert (answer.status_code, answer.json["status"]) == (200, "canceled")


def test_a_job_that_has_ended_can_not_be_canceled(client, job, worker):
    made = client.post("/v1/jobs", json=job, headers={"Prefer": "wait=30"}).json
    answer = client.post(made["urls"]["cancel"])
    assert (answer.status_code, answer.json["code"]) == (409, "already_ended")


def test_a_job_reads_a_data_set_and_takes_its_profile_and_rights(client, job, store):
    dataset = put_dataset(store, granted_rights=True)
    del job["activities"], job["profile"]
    made = client.post("/v1/jobs", json={**job, "dataset": "set"}).json
    assert (made["request"]["profile"], made["request"]["granted_rights"]) == ("forum", True)
    kept = store.jobs.get("local", made["id"]).request
    assert (kept.dataset, kept.dataset_digest, kept.inline) == ("set", dataset.digest, False)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"profile": "qa"}, "/profile"),
        ({"granted_rights": True}, "/granted_rights"),
        ({"activities": []}, "/dataset"),
        ({"accounts": [{"network": "custom:wine", "account": "u"}]}, "/accounts/0/network"),
    ],
)
def test_a_data_set_speaks_for_itself(client, job, store, changes, pointer):
    put_dataset(store)
    del job["activities"], job["profile"]
    answer = client.post("/v1/jobs", json={**job, "dataset": "set", **changes})
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json["errors"]]


@pytest.mark.parametrize(
    ("field", "pointer", "said"),
    [("author", "/activities/1/author", "did you mean `actor`?"), ("zzz", "/activities/0/actor", "missing")],
)
def test_a_job_whose_records_name_nobody_is_refused_with_the_field_that_was_meant(client, job, field, pointer, said):
    vote = {"id": "v1", "type": "vote", "published": "2026-10-01T12:00:00Z", "object": "r1", "value": 1}
    note = {"id": "r1", "type": "note", "published": "2026-10-01T12:00:00Z", field: "u7"}
    answer = client.post("/v1/jobs", json=job | {"activities": [vote, note]})
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_records")
    assert answer.json["errors"] == [{"pointer": pointer, "detail": said}]
    assert client.post("/v1/jobs", json=job | {"activities": [vote, note | {"actor": "u7"}]}).status_code == 202


def test_another_owners_data_set_is_unknown(client, job, store):
    put_dataset(store, owner="somebody-else")
    del job["activities"], job["profile"]
    assert client.post("/v1/jobs", json={**job, "dataset": "set"}).status_code == 422


def test_own_topics_and_roots_are_taken_as_they_are_now(client, job, store):
    store.topics.put("local", "malt", Topic(id="malt", label="Malt", terms=("malt",)))
    root = TrustRoot(kind="accounts", network="custom:beer", accounts=(RootAccount(account="p"),), id="brewers")
    store.trust_roots.put("local", "brewers", root)
    made = client.post("/v1/jobs", json={**job, "topics": ["malt", "tag:hops"], "trust_root": "brewers"}).json
    store.topics.delete("local", "malt")
    store.trust_roots.delete("local", "brewers")
    accepted = store.jobs.get("local", made["id"])
    assert [topic.id for topic in accepted.request.topics] == ["malt", "tag:hops"]
    assert store.jobs.trust_root(accepted) == root


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("network", "network"),
        ("none", "none"),
        (None, "none"),
        ({"kind": "network"}, "network"),
        (
            {"kind": "accounts", "network": "custom:beer", "accounts": [{"account": "p", "topics": ["hops"]}]},
            "accounts",
        ),
    ],
)
def test_a_trust_root_can_be_given_in_place(client, job, given, kind):
    assert client.post("/v1/jobs", json={**job, "trust_root": given}).json["request"]["trust_root"]["kind"] == kind


def test_few_scores_go_to_the_interactive_queue_and_many_to_the_batch_queue(client, job, store):
    few = client.post("/v1/jobs", json=job).json
    job["accounts"] = [{"network": "custom:beer", "account": f"u{i}"} for i in range(21)]
    many = client.post("/v1/jobs", json=job).json
    queues = [store.jobs.get("local", made["id"]).request.queue for made in (few, many)]
    assert queues == ["interactive", "batch"]
