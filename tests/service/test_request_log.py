"""What is written and counted of requests: one line each, and nothing that a stranger chose."""

from __future__ import annotations

import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families

from candor.settings import Settings
from candor.telemetry import logs
from service.app import create_app
from service.request_log import FIELDS, note_unreadable


def counted(client):
    """The samples that /metrics shows, by name and labels."""
    text = client.get("/metrics").get_data(as_text=True)
    found = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(sample.name, *sample.labels.values()): sample.value for sample in found}


def test_a_request_is_one_line_with_the_id_of_its_answer(client, log):
    answer = client.get("/v1/topics")
    (line,) = log.lines("request")
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/topics", 200)
    assert line.keys() <= logs.FIELDS.keys() | FIELDS.keys()


def test_the_line_of_a_request_that_cannot_be_read_names_no_job_of_the_request_before_in_its_thread(log):
    structlog.contextvars.bind_contextvars(request_id="before", job_id="job_1")
    note_unreadable(400, "now")
    (line,) = log.lines("request")
    assert (line["request_id"], line["status"], line.get("job_id")) == ("now", 400, None)


def test_a_line_names_the_pattern_of_an_address_and_nobody_in_it(client, log):
    client.get("/v1/accounts/mastodon/ada@example.org/scores?limit=3")
    assert log.lines("request")[0]["route"] == "/v1/accounts/<network>/<account>/scores"
    assert "ada" not in log.text.getvalue()


def test_a_line_names_the_key_and_never_its_secret(caller, store, log):
    asks = caller("ada")
    asks("GET", "/v1/topics")
    assert log.lines("request")[0]["key_id"] == store.keys.list()[0].id
    assert asks.secret not in log.text.getvalue()


@pytest.mark.parametrize("path", ["/v1/jobs%0A%7B%22event%22%3A%22fake%22%7D", "/%1b%5b2J"])
def test_no_address_and_no_agent_gets_into_the_log(client, log, path):
    client.get(path, headers={"User-Agent": 'x"} {"event": "fake"}', "X-Request-Id": '{"event": "fake"}'})
    (line,) = log.lines("request")
    assert (line["route"], line["status"]) == ("none", 404)
    assert "fake" not in log.text.getvalue()


def test_an_unexpected_error_is_logged_under_the_id_of_the_answer(settings, store, log):
    app = create_app(settings, store)
    app.add_url_rule("/broken", "broken", lambda: 1 / 0)
    answer = app.test_client().get("/broken")
    (line,) = log.lines("unexpected error")
    assert line["request_id"] == answer.json["request_id"]
    assert line["error"][0]["type"] == "ZeroDivisionError"


def test_a_job_remembers_the_request_that_made_it(client, store, job, log):
    answer = client.post("/v1/jobs", json=job)
    assert store.jobs.find(answer.json["id"]).request_id == answer.headers["X-Request-Id"]
    assert log.lines("request")[0]["job_id"] == answer.json["id"]


def test_a_look_at_a_job_names_it(client, job, log):
    made = client.post("/v1/jobs", json=job).json
    client.get(made["urls"]["self"])
    assert [line["job_id"] for line in log.lines("request")] == [made["id"]] * 2


def test_what_a_request_was_about_is_forgotten_with_the_next(client, job, log):
    client.post("/v1/jobs", json=job)
    client.get("/v1/topics")
    assert "job_id" not in log.lines("request")[-1]


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_probes_do_not_fill_the_log(client, log, path):
    client.get(path)
    assert log.lines("request") == []


def test_requests_are_counted_by_route_and_status(client):
    client.get("/v1/topics")
    client.get("/v1/jobs/none")
    client.get("/nowhere")
    client.open("/v1/topics", method="BREW")
    seen = counted(client)
    assert seen["candor_http_requests_total", "GET", "/v1/topics", "200"] == 1
    assert seen["candor_http_requests_total", "GET", "/v1/jobs/<job_id>", "404"] == 1
    assert seen["candor_http_requests_total", "GET", "none", "404"] == 1
    assert seen["candor_http_requests_total", "other", "none", "405"] == 1
    assert seen["candor_http_request_seconds_count", "/v1/topics"] == 1


def test_jobs_are_counted_when_they_are_accepted_and_when_they_end(client, job):
    for _ in range(2):
        made = client.post("/v1/jobs", json=job).json
    client.post(made["urls"]["cancel"])
    client.post(made["urls"]["cancel"])
    seen = counted(client)
    assert seen["candor_jobs_created_total",] == 2
    assert seen["candor_jobs_ended_total", "canceled"] == 1


def test_metrics_show_queues_workers_store_and_disk(client, store, job):
    client.post("/v1/jobs", json=job | {"as_of": None})
    store.workers.heartbeat("w")
    seen = counted(client)
    assert (seen["candor_queue_depth", "interactive"], seen["candor_queue_depth", "batch"]) == (1, 0)
    assert (seen["candor_store_up",], seen["candor_workers_alive",]) == (1, 1)
    assert seen["candor_store_bytes",] > 0
    assert seen["candor_data_free_bytes",] > 0


def test_the_counts_of_other_processes_are_there_as_well(client, settings, store):
    other = create_app(settings, store).test_client()
    other.get("/v1/topics")
    counted(other)
    client.get("/v1/topics")
    assert counted(client)["candor_http_requests_total", "GET", "/v1/topics", "200"] == 2


def test_without_redis_metrics_say_that_it_is_away_and_nothing_else(settings, away):
    app = create_app(settings, away)
    found = counted(app.test_client())
    assert found.pop(("candor_data_free_bytes",)) > 0  # a full disk is what ends the embedded store
    assert found == {("candor_store_up",): 0.0}


def test_elsewhere_metrics_need_the_scope_admin(data_dir, store):
    settings = Settings(host="0.0.0.0", operator_contact="ada@example.org", data_dir=data_dir)
    client = create_app(settings, store).test_client()
    asked = {}
    for scope in ("read", "admin"):
        _, secret = store.keys.create("ops", "test", (scope,))
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {secret}"})
        asked[scope] = answer.status_code
    assert (client.get("/metrics").status_code, asked) == (401, {"read": 403, "admin": 200})
