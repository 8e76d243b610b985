"""What a key makes, only its owner sees: asked of every route that takes an id, from the contract itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from scoring.activity import Activity
from scoring.method import load_method
from scoring.question import Question
from scoring.score import score
from scoring.topics import Topic
from scoring.trust_root import FACE_VALUE
from service.app import create_app
from service.openapi import served
from service.settings import Settings
from store.models import BoardFacts, JobRequest
from store.webhooks import EVENTS

JOB = {
    "accounts": [{"network": "custom:beer", "account": "u19"}],
    "topics": ["tag:hops"],
    "profile": "qa",
    "activities": [],
}
LINE = b'{"id":"a1","actor":"u7","type":"note","published":"2026-10-01T12:00:00Z"}'
AS_OF = datetime(2026, 10, 1, tzinfo=UTC)
DAY = timedelta(days=1)
RECORDS = [
    Activity(id="q", actor="u7", type="question", published=AS_OF - DAY, tags=("hops",)),
    Activity(id="a", actor="u19", type="answer", object="q", published=AS_OF - DAY),
    Activity(id="c", actor="u7", type="accept", object="a", published=AS_OF - DAY),
]
DOCUMENT = yaml.safe_load(served())
ROUTES = [
    (method, path)
    for path, methods in DOCUMENT["paths"].items()
    for method in methods
    if method in {"get", "post", "delete"} and "{" in path and "version" not in path
]
ERASE = ("delete", "/v1/accounts/{network}/{account}")  # answers the same whatever there is


@pytest.fixture
def client(store):
    return create_app(Settings(host="0.0.0.0"), store).test_client()


@pytest.fixture
def bobs(store, client) -> dict[str, str]:
    """One of everything, made by bob: ids by the name they have in addresses."""
    key, secret = store.keys.create("bob", "test", ("read", "write", "erase", "admin"))
    bob = {"Authorization": f"Bearer {secret}"}
    question = Question(
        network="custom:beer",
        accounts=("u19",),
        topics=(Topic(id="tag:hops", label="hops"),),
        trust_root=FACE_VALUE,
        as_of=AS_OF,
        profile="qa",
    )
    document = next(score(RECORDS, question, load_method()))
    store.scores.put("bob", document)
    dispute = client.post(f"/v1/scores/{document.id}/disputes", json={"by": "u7", "reason": "No."}, headers=bob).json
    root = {"kind": "network"}
    topic = {"label": "Malt", "terms": ["malt"]}
    url = "/v1/datasets/beer?network=custom:beer&profile=qa"
    assert client.put("/v1/topics/malt", json=topic, headers=bob).status_code == 201
    assert client.put("/v1/trust-roots/brewers", json=root, headers=bob).status_code == 201
    assert client.put(url, data=LINE, content_type="application/x-ndjson", headers=bob).status_code == 201
    request = JobRequest(
        accounts=(),
        topics=(Topic(id="malt", label="Malt", terms=("malt",)),),
        trust_root=FACE_VALUE,
        as_of=AS_OF,
        network="custom:beer",
        profile="qa",
        dataset="beer",
    )
    board = BoardFacts(
        id="bd_1",
        owner="bob",
        request=request,
        method=load_method().version,
        people=0,
        compared=0,
        largest_difference=0.0,
    )
    store.boards.put(board, [])
    store.links.make("bob", document.id, 60)
    return {
        "authorization": bob["Authorization"],
        "job_id": client.post("/v1/jobs", json=JOB, headers=bob).json["id"],
        "score_id": document.id,
        "network": "custom:beer",
        "account": "u19",
        "topic_id": "malt",
        "topic": "tag:hops",
        "root_id": "brewers",
        "dataset_id": "beer",
        "dataset": "beer",
        "trust_root": "network",
        "board_id": board.id,
        "key_id": key.id,
        "erasure_id": store.erasures.create("bob", "custom:beer", "u99").id,
        "dispute_id": dispute["id"],
        "webhook_id": store.webhooks.create("bob", "https://hooks.example.org/candor", EVENTS).id,
    }


def ask(client: Any, method: str, path: str, names: dict[str, str], authorization: str) -> int:
    """Ask, see that the answer is one that the contract describes, and return its status."""
    parameters = DOCUMENT["paths"][path][method].get("parameters", [])
    query = {
        given["name"]: names[given["name"]] for given in parameters if given["in"] == "query" and given.get("required")
    }
    headers = {"Authorization": authorization}
    content = DOCUMENT["paths"][path][method].get("requestBody", {}).get("content", {})
    body = content.get("application/json", {}).get("example")
    answer = client.open(path.format(**names), method=method, headers=headers, query_string=query, json=body)
    described = DOCUMENT["paths"][path][method]["responses"][str(answer.status_code)]
    if "$ref" in described:
        described = DOCUMENT["components"]["responses"][described["$ref"].rpartition("/")[2]]
    for media_type, content in described.get("content", {}).items():
        assert answer.mimetype == media_type
        if not media_type.endswith("json"):
            continue
        Draft202012Validator({**content["schema"], "components": DOCUMENT["components"]}).validate(answer.json)
    return int(answer.status_code)


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route != ERASE])
def test_another_owners_anything_is_404(client, store, bobs, method, path):
    _, secret = store.keys.create("ada", "test", ("read", "write", "erase", "admin"))
    assert ask(client, method, path, bobs, f"Bearer {secret}") == 404


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_the_same_is_there_for_its_owner(client, bobs, method, path):
    assert ask(client, method, path, bobs, bobs["authorization"]) in {200, 201, 202, 204}


@pytest.mark.parametrize(
    "path", ["/v1/jobs", "/v1/trust-roots", "/v1/keys", "/v1/webhooks", "/v1/disputes", "/v1/topics?limit=100"]
)
def test_lists_show_nothing_of_others(client, store, bobs, path):
    _, secret = store.keys.create("ada", "test", ("read", "admin"))
    listed = client.get(path, headers={"Authorization": f"Bearer {secret}"}).get_data(as_text=True)
    assert not any(
        bobs[name] in listed for name in ("job_id", "topic_id", "root_id", "key_id", "webhook_id", "dispute_id")
    )


def test_who_erases_an_account_erases_nothing_of_others(client, store, bobs):
    _, secret = store.keys.create("ada", "test", ("erase",))
    assert ask(client, *ERASE, bobs, f"Bearer {secret}") == 202
    (pending,) = (
        name
        for name in store.erasures.strays() | store.queue.waiting()
        if name.startswith("er_") and name != bobs["erasure_id"]
    )
    store.eraser.run(store.erasures.begin(pending))
    assert store.scores.get("bob", bobs["score_id"]) is not None


def test_what_one_writes_under_anothers_id_is_ones_own(client, store, bobs):
    _, secret = store.keys.create("ada", "test", ("read", "write"))
    ada = {"Authorization": f"Bearer {secret}"}
    assert client.put("/v1/topics/malt", json={"label": "Mine", "terms": ["x"]}, headers=ada).status_code == 201
    assert store.topics.get("bob", "malt").label == "Malt"
