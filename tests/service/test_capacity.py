"""Capacity: beyond the bound on open jobs the service says so and loses nothing."""

from __future__ import annotations

from dataclasses import replace

from service.app import create_app


def test_when_too_many_jobs_have_not_ended_no_more_are_taken(settings, store, job):
    client = create_app(replace(settings, max_open_jobs=2), store).test_client()
    taken = [client.post("/v1/jobs", json={**job, "window_days": days}) for days in (1, 2, 3)]
    assert [answer.status_code for answer in taken] == [202, 202, 503]
    assert (taken[2].json["code"], taken[2].headers["Retry-After"]) == ("queue_full", "5")
    client.post(taken[0].json["urls"]["cancel"])
    assert client.post("/v1/jobs", json=job).status_code == 202


def test_a_repeated_request_gets_its_answer_although_no_more_are_taken(settings, store, job):
    client = create_app(replace(settings, max_open_jobs=1), store).test_client()
    answers = [client.post("/v1/jobs", json=job, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
