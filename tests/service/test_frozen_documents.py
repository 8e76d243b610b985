"""Documents stored earlier, one of each shape there ever was: whatever reads stored documents reads these too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from candor.scoring.comparison import compare
from candor.scoring.document import ScoreDocument
from candor.scoring.method import known_versions
from candor.scoring.redaction import DataSubject, redact_document
from candor.scoring.verify import main
from candor.store import redis_keys as keys
from candor.store.client import pack

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from candor.store import Store

FILES = sorted((Path(__file__).parents[1] / "frozen_documents").glob("*.json"))
HTML = {"Accept": "text/html", "Accept-Language": "en"}


@pytest.fixture(params=FILES, ids=lambda file: file.stem)
def frozen(request: pytest.FixtureRequest) -> bytes:
    """The bytes of a document as they were stored."""
    return request.param.read_bytes()


def read(body: bytes) -> ScoreDocument:
    try:
        return msgspec.json.decode(body, type=ScoreDocument)
    except msgspec.ValidationError as error:
        pytest.fail(
            f"a document stored earlier can no longer be read: {error}. What is new in a struct of the document "
            "needs a default, and what is gone must not be asked for, or every document kept until now is lost."
        )


@pytest.fixture
def stored(store: Store, frozen: bytes) -> ScoreDocument:
    """The document, stored as it was when it was made."""
    document = read(frozen)
    store.scores.put("local", document)
    for key in (keys.score("local", document.id), keys.evidence("local", document.id)):
        store.redis.hset(key, "body", pack(frozen))
    return document


def test_a_document_of_each_shape_is_read(frozen: bytes) -> None:
    assert read(frozen).expertise.score is not None


def test_its_bytes_are_served_as_they_were(client: FlaskClient, stored: ScoreDocument, frozen: bytes) -> None:
    assert client.get(f"/v1/scores/{stored.id}").data == frozen


@pytest.mark.parametrize("language", ["en", "fr"])
def test_its_card_is_shown(client: FlaskClient, stored: ScoreDocument, language: str) -> None:
    page = client.get(f"/card/{stored.id}?lang={language}", headers=HTML)
    assert page.status_code == 200
    assert str(stored.account.name) in page.get_data(as_text=True)


def test_the_card_of_another_method_says_nothing_of_whose_trust_it_is(
    client: FlaskClient, stored: ScoreDocument
) -> None:
    page = client.get(f"/card/{stored.id}", headers=HTML).get_data(as_text=True)
    assert ("Whose trust this rests on" in page) == (stored.method.version in known_versions())


@pytest.mark.parametrize("picture", ["chart", "badge"])
def test_its_pictures_are_drawn(client: FlaskClient, stored: ScoreDocument, picture: str) -> None:
    answer = client.get(f"/v1/scores/{stored.id}/{picture}")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")


def test_it_stands_in_the_history_of_its_account(client: FlaskClient, stored: ScoreDocument) -> None:
    steps = client.get("/v1/accounts/custom%3Agardens/ada/history?topic=roses").json["data"]
    assert [(step["score_id"], step["method"]) for step in steps] == [(stored.id, stored.method.version)]


def test_the_calculator_starts_with_its_values(client: FlaskClient, stored: ScoreDocument) -> None:
    assert client.get(f"/calculator?score={stored.id}", headers=HTML).status_code == 200


def test_it_is_compared_with_another_of_its_method(frozen: bytes) -> None:
    other = read(frozen.replace(b'"ada"', b'"eve"'))
    assert compare(read(frozen), other).expertise.difference == 0


def test_a_person_is_taken_out_of_its_evidence(frozen: bytes) -> None:
    document = json.loads(frozen)
    left = redact_document(document, DataSubject(network="custom:gardens", names=("asker1",)), "2026-11-02T00:00:00Z")
    assert left is not None
    assert "asker1" not in json.dumps(left)
    assert read(json.dumps(left).encode()).expertise.score == document["expertise"]["score"]


def test_that_it_cannot_be_verified_is_said_with_the_reason(tmp_path: Path, frozen: bytes, capsys: Any) -> None:
    file = tmp_path / "score.json"
    file.write_bytes(frozen)
    version = json.loads(frozen)["method"]["version"]
    why = f"made by method {version}, and only {', '.join(known_versions())} can be recomputed here"
    if version in known_versions():
        why = "it was made before documents carried the figures of their method"
    assert (main([str(file)]), f"cannot be verified: {why}" in capsys.readouterr().out) == (2, True)
