"""Questions over HTTP: who would answer, without who is suppressed, and to the owner of the data set alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from markupsafe import escape

from candor.questions.formula import load_formula
from candor.questions.verify import findings
from candor.scoring.redaction import DataSubject
from service.commands.ask import verify_from_records
from service.commands.sources import HowWritten
from service.schemas.questions import QUESTION_BODY_EXAMPLE
from service.words import words
from tests.questions.town import NOW, TOWN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient

    from candor.store import Store

NETWORK = "custom:town"
LINES = msgspec.json.Encoder().encode_lines(list(TOWN))
UPLOAD: dict[str, Any] = {"data": LINES, "content_type": "application/x-ndjson"}
PUT = f"/v1/datasets/town?network={NETWORK}&profile=qa"
ASKED = {"text": "my sourdough starter smells", "tags": ["law"], "dataset": "town", "as_of": NOW.isoformat()}


@pytest.fixture
def town(client: FlaskClient, saved: Callable[..., Any]) -> None:
    assert saved("a town that asks", lambda: client.put(PUT, **UPLOAD).status_code) == 201


@pytest.fixture
def ask(client: FlaskClient, town: None) -> Callable[..., Any]:
    def _ask(**changed: Any) -> Any:
        answer = client.post("/v1/questions", json=ASKED | changed)
        assert answer.status_code == 200, answer.json
        return answer.json

    return _ask


def names(found: Any) -> list[str]:
    return [person["account"] for person in found["people"]]


def test_the_people_who_would_answer_come_with_a_sum_that_anybody_can_recompute(ask):
    found = ask(tags=[])
    assert names(found)[0] == "baker"
    assert findings(found) == []
    assert found["formula_digest"] == load_formula().digest
    assert found["dataset"] == "town"


def test_no_more_people_are_named_than_asked_for(ask):
    assert len(names(ask(limit=2))) == 2
    assert len(names(ask(limit=2.0))) == 2  # to JSON Schema a whole number too


def test_nothing_after_the_time_asked_about_is_read(ask):
    assert names(ask(as_of="2026-09-20T00:00:00Z")) == ["baker"]


def test_whoever_is_suppressed_is_not_named_though_the_index_was_at_hand(ask, store: Store):
    assert "baker" in names(ask())
    store.suppression.add(NETWORK, ["baker"])
    found = ask()
    assert "baker" not in names(found)
    assert "baker" not in str(found["alike"])


def test_records_that_are_added_count_at_once(ask, client: FlaskClient):
    assert names(ask())[0] != "newcomer"
    lines = [
        {
            "id": f"n{n}",
            "actor": "newcomer",
            "type": "answer",
            "object": "sourdough",
            "published": "2026-10-31T12:00:00Z",
        }
        for n in range(9)
    ]
    encoded = b"\n".join(map(msgspec.json.encode, lines))
    client.post("/v1/datasets/town/records", data=encoded, content_type="application/x-ndjson")
    assert names(ask())[0] == "newcomer"


def test_another_owner_cannot_ask_of_a_data_set(caller: Callable[..., Any]):
    ours, theirs = caller("us"), caller("them")
    assert ours("PUT", PUT, **UPLOAD).status_code == 201
    assert ours("POST", "/v1/questions", json=ASKED).status_code == 200
    assert theirs("POST", "/v1/questions", json=ASKED).status_code == 404
    assert theirs("GET", "/v1/datasets/town/questions").status_code == 404
    assert theirs("GET", f"/v1/accounts/{NETWORK}/baker/questions?dataset=town").status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"text": None, "tags": []}, {"limit": 0}, {"limit": 1.5}, {"limit": "2"}, {"text": ""}, {"tags": "law"}]
)
def test_a_question_that_asks_nothing_is_refused(client: FlaskClient, town: None, wrong):
    assert client.post("/v1/questions", json=ASKED | wrong).status_code == 422


def test_the_formula_is_published(client: FlaskClient):
    assert client.get(f"/v1/questions/formulas/{load_formula().version}").json == msgspec.json.decode(
        msgspec.json.encode(load_formula())
    )


def test_a_formula_that_there_is_not_is_not_found(client: FlaskClient):
    assert client.get("/v1/questions/formulas/0.1").status_code == 404


def test_what_waits_and_what_somebody_could_be_asked_are_listed(client: FlaskClient, town: None):
    new = {"id": "n", "actor": "x", "type": "question", "published": "2026-10-30T12:00:00Z", "content": "a worn chain"}
    body = msgspec.json.encode(new)
    client.post("/v1/datasets/town/records", data=body, content_type="application/x-ndjson")
    query = f"as_of={NOW:%Y-%m-%dT%H:%M:%SZ}"
    waiting = client.get(f"/v1/datasets/town/questions?{query}").json
    assert [(each["id"], each["invite"][0]["account"]) for each in waiting["waiting"]] == [("n", "cyclist")]
    mine = client.get(f"/v1/accounts/{NETWORK}/cyclist/questions?dataset=town&{query}").json
    assert [each["tag"] for each in mine["tags"]] == ["cycling", "baking"]
    assert [each["id"] for each in mine["waiting"]] == ["n"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_who_never_answered_could_be_asked_nothing_and_has_a_page_that_says_so(client: FlaskClient, town, language):
    asks = {"id": "n", "actor": "x", "type": "question", "published": "2026-10-30T12:00:00Z", "content": "a worn chain"}
    body = msgspec.json.encode(asks)
    client.post("/v1/datasets/town/records", data=body, content_type="application/x-ndjson")
    found = client.get(f"/v1/accounts/{NETWORK}/x/questions?dataset=town").json
    assert (found["account"], found["answers"], found["tags"], found["waiting"]) == ("x", 0, [], [])
    page = client.get(f"/questions/for/{NETWORK}/x?dataset=town", headers={"Accept-Language": language})
    assert page.status_code == 200
    assert escape(words(language)("questions.for.unknown")) in page.text


def test_an_account_that_left_is_answered_as_one_that_was_never_there(client: FlaskClient, town: None, store: Store):
    assert client.get(f"/v1/accounts/{NETWORK}/baker/questions?dataset=town").status_code == 200
    store.suppression.add(NETWORK, ["baker"])
    left, unknown = (client.get(f"/v1/accounts/{NETWORK}/{who}/questions?dataset=town") for who in ("baker", "nobody"))
    assert (left.status_code, left.json["code"]) == (404, "not_found")
    assert (unknown.status_code, unknown.json["detail"]) == (404, left.json["detail"])


@pytest.mark.parametrize(("language", "said"), [("en", "Who would answer"), ("fr", "Qui répondrait")])
def test_the_page_names_people_with_reasons_in_the_readers_language(client: FlaskClient, town: None, language, said):
    query = {"text": "sourdough starter <b>", "tags": "baking, law", "dataset": "town", "as_of": "2026-11-01"}
    page = client.get("/questions", query_string=query, headers={"Accept-Language": language})
    assert page.status_code == 200
    assert said in page.text
    assert "baker" in page.text
    assert {"en": "Last answered", "fr": "Dernière réponse"}[language] in page.text
    assert "sourdough starter &lt;b&gt;" in page.text


def test_the_page_without_a_question_is_a_form(client: FlaskClient):
    assert "<textarea" in client.get("/questions").text


def test_an_erased_person_is_in_no_answer_any_more(ask, client: FlaskClient, store: Store):
    assert "baker" in names(ask())
    store.suppression.add(NETWORK, ["baker"])
    store.dataset_erasure.erase(DataSubject(network=NETWORK, names=("baker",)), None)
    assert "baker" not in str(ask())


def test_the_built_in_sample_can_be_asked_as_the_example_does(client: FlaskClient):
    answer = client.post("/v1/questions", json=QUESTION_BODY_EXAMPLE)
    assert answer.status_code == 200
    assert names(answer.json)
    assert findings(answer.json) == []


def test_an_answer_of_the_service_can_be_made_anew_from_the_records_that_were_sent(ask, tmp_path: Path):
    records = tmp_path / "town.ndjson"
    records.write_bytes(LINES)
    assert verify_from_records(ask(), str(records), HowWritten({})) == 0
