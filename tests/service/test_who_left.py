"""Whoever only reads cannot tell an account that left, by erasure or by opting out, from one that never was here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from tests.questions.town import NOW, TOWN

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from candor.store import Store

NETWORK = "custom:town"
ERASED, OPTED_OUT, NEVER, STAYS = "ada-was-one", "bob-was-two", "cyd-was-not", "baker"
SAID = f"dataset=town&trust_root=network&as_of={NOW:%Y-%m-%dT%H:%M:%SZ}"
QUERIES = {
    "list_account_scores": "",
    "list_account_history": "topic=law",
    "list_account_messages": "topic=law",
    "list_account_topics": SAID,
    "list_questions_for_account": f"dataset=town&as_of={NOW:%Y-%m-%dT%H:%M:%SZ}",
    "read_account_kind": "",
    "show_history": "topic=law",
    "show_questions_for": "dataset=town",
    "show_account_topics": "dataset=town&trust_root=network",
}


def line(number: int, actor: str) -> dict[str, Any]:
    """A question."""
    at = f"2026-09-{number:02}T00:00:00Z"
    return {"id": f"x{number}", "actor": actor, "type": "question", "published": at, "content": "may a landlord?"}


@pytest.fixture
def town(client: FlaskClient, store: Store) -> None:
    """A community that one person was erased from and another opted out of; nothing was asked about either."""
    lines = [*map(msgspec.to_builtins, TOWN), line(1, ERASED), line(2, OPTED_OUT)]
    put = {"data": msgspec.json.Encoder().encode_lines(lines), "content_type": "application/x-ndjson"}
    assert client.put(f"/v1/datasets/town?network={NETWORK}&profile=qa", **put).status_code == 201
    begun = store.erasures.start(store.erasures.create(None, NETWORK, ERASED).id)
    assert begun is not None
    assert store.eraser.run(begun).status == "succeeded"
    store.suppression.add(NETWORK, [OPTED_OUT])


def seen(answer: TestResponse, account: str) -> tuple[object, ...]:
    """All of an answer that somebody can compare, with the name that they asked about taken out."""
    headers = {name: value for name, value in answer.headers if name not in {"X-Request-Id", "Date", "RateLimit"}}
    said = answer.text.replace(answer.headers["X-Request-Id"], "id").replace(account, "?")
    return answer.status_code, said, str(headers).replace(account, "?")


def doors(app: Flask) -> dict[str, str]:
    """Every address that is read with the name of an account in it, by its view."""
    return {
        rule.endpoint.rpartition(".")[2]: rule.rule.replace("<network>", NETWORK)
        for rule in app.url_map.iter_rules()
        if "account" in rule.arguments and "GET" in (rule.methods or ())
    }


def test_every_door_that_is_read_with_the_name_of_an_account_is_tried_here(app: Flask) -> None:
    assert sorted(doors(app)) == sorted(QUERIES)


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize("door", QUERIES)
def test_who_left_is_answered_as_who_never_was(app: Flask, client: FlaskClient, store: Store, door: str) -> None:
    address = doors(app)[door]

    def _ask(account: str) -> TestResponse:
        return client.get(f"{address.replace('<anything:account>', account)}?{QUERIES[door]}")

    waiting = store.queue.waiting()
    never = _ask(NEVER)
    assert never.status_code == 404
    assert [seen(_ask(account), account) for account in (ERASED, OPTED_OUT)] == [seen(never, NEVER)] * 2
    assert client.get("/v1/jobs").json["data"] == []
    assert store.queue.waiting() == waiting


@pytest.mark.usefixtures("town")
def test_who_is_there_is_still_looked_up_by_a_job(app: Flask, client: FlaskClient) -> None:
    address = doors(app)["list_account_topics"].replace("<anything:account>", STAYS)
    assert client.get(f"{address}?{SAID}").status_code == 202


@pytest.mark.usefixtures("town")
def test_who_begins_to_show_that_an_account_is_theirs_learns_nothing_of_it(client: FlaskClient) -> None:
    words = ("token", "word", "ends_at")
    said = []
    for account in (ERASED, OPTED_OUT, NEVER, STAYS):
        answer = client.post("/v1/about-me", json={"network": NETWORK, "account": account})
        assert answer.status_code == 201
        said.append(
            {name: str(value).replace(account, "?") for name, value in answer.json.items() if name not in words}
        )
    assert said == said[:1] * 4


@pytest.mark.usefixtures("town")
def test_an_erasure_is_taken_alike_for_whomever(client: FlaskClient) -> None:
    said = [client.delete(f"/v1/accounts/{NETWORK}/{account}") for account in (ERASED, OPTED_OUT, NEVER, STAYS)]
    assert [(answer.status_code, answer.json["status"], answer.json["erased"]) for answer in said] == [
        (202, "queued", {})
    ] * 4


@pytest.mark.usefixtures("town")
def test_what_would_change_without_somebody_is_the_same_for_who_left_and_who_never_was(
    client: FlaskClient, worker: None
) -> None:
    from worker import jobs  # noqa: PLC0415 # most tests here need no worker

    asked = f"/v1/datasets/town/topics?{SAID.removeprefix('dataset=town&')}"
    made = client.get(asked)
    assert made.status_code == 202
    jobs.score("local", made.json["id"])
    said = [client.get(f"{asked}&without={account}") for account in (ERASED, OPTED_OUT, NEVER)]
    assert said[0].status_code == 200
    assert [seen(answer, account)[:2] for answer, account in zip(said, (ERASED, OPTED_OUT, NEVER), strict=True)] == [
        seen(said[0], ERASED)[:2]
    ] * 3
