"""What a key makes, only its owner sees: asked of every route that takes an id, from the contract itself."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from candor.questions.answering import QuestionRequest
from candor.questions.formula import load_formula
from candor.scoring.activity import Activity
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.score import score
from candor.scoring.topics import Topic, load_catalogue
from candor.scoring.trust_root import FACE_VALUE
from candor.settings import Settings
from candor.store.models import AskedRoot, BoardFacts, FindingFacts, FindingRequest, JobRequest
from candor.store.sources import AskedSource
from candor.store.webhooks import EVENTS
from service.api.followed_boards import FOLLOWED_BODY_EXAMPLE
from tests.contract.document import DOCUMENT
from tests.messages.test_path import path_of
from tests.messages.test_path import record as path_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from candor.scoring.document import ScoreDocument
    from candor.store import Store
    from candor.store.api_keys import ApiKey

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
OPERATIONS = [
    (method, path, operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    if method != "parameters" and operation["security"] and "key" in operation["security"][0]
]
BELONGING_TO_ALL = {"version", "formula_version"}
OF_NOBODY = {"receipt_id", "number"}  # a receipt is for whoever has it, a status list for everybody
ROUTES = [
    (method, path)
    for method, path, _ in OPERATIONS
    if method != "put" and (names := set(re.findall(r"{(\w+)}", path))) and not names <= BELONGING_TO_ALL
]
LISTS = [
    path
    for method, path, _ in OPERATIONS
    if method == "get" and "{" not in path and path not in {"/v1/comparisons", "/v1/scores"}
]
SAME_FOR_ALL = {"/v1/networks", "/metrics"}
OPEN_TO_ALL = {path for method, path, operation in OPERATIONS if method == "get" and {} in operation["security"]}
PUTS = {path for method, path, _ in OPERATIONS if method == "put"}
ERASE = ("delete", "/v1/accounts/{network}/{account}")  # answers the same whatever there is
ALL = ("read", "write", "erase", "admin")


@cache
def scored() -> ScoreDocument:
    """A score on the records."""
    question = Question(
        network="custom:beer",
        accounts=("u19",),
        topics=(Topic(id="tag:hops", label="hops"),),
        trust_root=FACE_VALUE,
        as_of=AS_OF,
        profile="qa",
    )
    return next(score(RECORDS, question, load_method()))


@dataclass
class Bob:
    """Somebody who has made one of everything."""

    client: FlaskClient
    store: Store
    key: ApiKey
    bearer: dict[str, str]

    def put(self, path: str, **body: Any) -> None:
        assert self.client.put(path, headers=self.bearer, **body).status_code in {200, 201}

    def score(self) -> str:
        document = scored()
        self.store.scores.put("bob", document)
        self.store.links.make("bob", document.id, "pictures", 60, AS_OF)
        return document.id

    def dispute(self) -> str:
        contested = {"by": "u7", "reason": "No."}
        place = f"/v1/scores/{self.score()}/disputes"
        return str(self.client.post(place, json=contested, headers=self.bearer).json["id"])

    def account(self) -> str:
        self.score()
        self.put("/v1/accounts/custom:beer/u19/kind", json={"kind": "bot", "why": "It says so."})
        return "u19"

    def topic(self) -> str:
        self.put("/v1/topics/malt", json={"label": "Malt", "terms": ["malt"]})
        return "malt"

    def root(self) -> str:
        self.put("/v1/trust-roots/brewers", json={"kind": "network"})
        return "brewers"

    def dataset(self) -> str:
        if self.store.datasets.get("bob", "beer") is not None:  # what was made of it would go with it
            return "beer"
        url = "/v1/datasets/beer?network=custom:beer&profile=qa"
        lines = [LINE, *map(msgspec.json.encode, RECORDS)]
        self.put(url, data=b"\n".join(lines), content_type="application/x-ndjson")
        asked = AskedSource(network="stackexchange:beer", max_requests=1, window_days=1)
        self.store.sources.follow("bob", "beer", asked)
        return "beer"

    def record(self) -> str:
        self.dataset()
        return str(json.loads(LINE)["id"])

    def job(self) -> str:
        return str(self.client.post("/v1/jobs", json=JOB, headers=self.bearer).json["id"])

    def board(self) -> str:
        self.dataset()
        request = JobRequest(
            accounts=(),
            topics=(Topic(id="malt", label="Malt", terms=("malt",)),),
            trust_root=AskedRoot.of(FACE_VALUE),
            as_of=AS_OF,
            network="custom:beer",
            profile="qa",
            dataset=self.dataset(),
        )
        method = load_method().version
        board = BoardFacts(
            id="bd_1", owner="bob", request=request, method=method, people=0, compared=0, largest_difference=0.0
        )
        self.store.boards.put(board, [])
        self.store.links.make("bob", board.id, "pictures", 60, AS_OF)
        return board.id

    def answer(self) -> str:
        body = {"text": "Which hops?", "dataset": self.dataset()}
        answer = self.client.post("/v1/questions", json=body, headers=self.bearer).json
        question = QuestionRequest(text="Which hops?", tags=(), network="custom:beer", profile="qa", as_of=AS_OF)
        finding = FindingRequest(kind="question", id="fi_1", question=question)
        request = JobRequest(
            accounts=(),
            topics=(),
            trust_root=AskedRoot.of(FACE_VALUE),
            as_of=AS_OF,
            network="custom:beer",
            finding=finding,
        )
        head = msgspec.Raw(msgspec.json.encode(answer))
        facts = FindingFacts(id="fi_1", owner="bob", request=request, method="1", total=1, head=head)
        self.store.findings.put(facts, ())
        return "fi_1"

    def path(self) -> str:
        asked = JobRequest(
            accounts=(),
            topics=(),
            trust_root=AskedRoot.of(FACE_VALUE),
            as_of=AS_OF,
            network="custom:beer",
            dataset="beer",
            finding=FindingRequest(kind="message", id="fi_2", message="r0"),
        )
        path, steps = path_of([path_record(0, "note", content="True."), path_record(1, "quote", object="r0")])
        facts = FindingFacts(
            id="fi_2",
            owner="bob",
            request=asked,
            method=load_method().version,
            total=len(steps),
            head=msgspec.Raw(msgspec.json.encode(path)),
        )
        self.store.findings.put(facts, steps)
        self.store.links.make("bob", facts.id, "pictures", 60, AS_OF)
        return facts.id

    def followed(self) -> str:
        self.dataset()
        asked = {"dataset": "beer", "topic": "tag:hops", "trust_root": "network"}
        self.put("/v1/followed-boards/hops", json=asked)
        return "hops"

    def ranked_dataset(self) -> str:
        dataset = self.dataset()
        self.board()
        return dataset


MAKERS: dict[str, Callable[[Bob], str]] = {
    "score_id": Bob.score,
    "dispute_id": Bob.dispute,
    "topic_id": Bob.topic,
    "root_id": Bob.root,
    "dataset_id": Bob.dataset,
    "record_id": Bob.record,
    "message_id": Bob.record,
    "board_id": Bob.board,
    "question_id": Bob.answer,
    "path_id": Bob.path,
    "job_id": Bob.job,
    "key_id": lambda bob: bob.key.id,
    "erasure_id": lambda bob: bob.store.erasures.create("bob", "custom:beer", "u99").id,
    "followed_id": Bob.followed,
    "webhook_id": lambda bob: bob.store.webhooks.create("bob", "https://hooks.example.org/candor", EVENTS).id,
    "link_id": lambda bob: bob.store.links.make("bob", bob.score(), "card", 60, AS_OF)[1].id,
    "network": lambda _bob: "custom:beer",
    "account": Bob.account,
}
"""What makes one of bob's things, by the name that its id has in addresses: a new one needs a line here."""
QUERIES: dict[str, Callable[[Bob], str]] = {
    "dataset": Bob.ranked_dataset,
    "topic": lambda _bob: "tag:hops",
    "trust_root": lambda _bob: "network",
}
"""The same for what a query must name."""


class Things(dict[str, str]):
    """What bob has, by the name of its id; each is made when it is first asked for."""

    def __init__(self, bob: Bob) -> None:
        super().__init__(version=load_method().version, formula_version=load_formula().version)
        self._bob = bob

    def __missing__(self, name: str) -> str:
        self[name] = (MAKERS | QUERIES)[name](self._bob)
        return self[name]

    def make_all(self) -> Things:
        for name in MAKERS | QUERIES:
            self[name]
        return self


@pytest.fixture
def client(share_app, store):
    settings = Settings(host="0.0.0.0", signing_host="scores.example.org", signing_key="A" * 43)
    return share_app(settings, store).test_client()


def make_everything(client: FlaskClient, store: Store) -> tuple[ApiKey, dict[str, str], dict[str, str]]:
    """Make a key of bob's and one of everything; return the key, its header, and the id of each by its name."""
    key, secret = store.keys.create("bob", "test", ALL)
    bearer = {"Authorization": f"Bearer {secret}"}
    return key, bearer, Things(Bob(client, store, key, bearer)).make_all()


@pytest.fixture
def bob(store, client) -> Bob:
    key, secret = store.keys.create("bob", "test", ALL)
    return Bob(client, store, key, {"Authorization": f"Bearer {secret}"})


@pytest.fixture
def ada(store) -> dict[str, str]:
    """Somebody else, who may do everything and has made nothing: the header of her requests."""
    return {"Authorization": f"Bearer {store.keys.create('ada', 'test', ALL)[1]}"}


@pytest.fixture
def bobs(bob) -> Things:
    return Things(bob)


def test_everything_that_has_an_id_is_made_here():
    named = {name for path in DOCUMENT["paths"] for name in re.findall(r"{(\w+)}", path)}
    assert named == MAKERS.keys() | BELONGING_TO_ALL | OF_NOBODY


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_without_its_scope_a_key_opens_no_route(client, store, bobs, method, path, operation):
    (needed,) = (scope for option in operation["security"] for scope in option.get("key", []))
    _, secret = store.keys.create("bob", "test", [scope for scope in ALL if scope != needed])
    address = path.format_map(bobs)
    answer = client.open(address, method=method, headers={"Authorization": f"Bearer {secret}"})
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_a_stranger_reads_the_reference_data_and_nothing_of_an_owner(client, bob):
    bob.put("/v1/topics/malt", json={"label": "Malt", "terms": ["malt"]})
    listed, url = set(), "/v1/topics?limit=100"
    while url:
        page = client.get(url).json
        listed |= {row["id"] for row in page["data"]}
        url = page["next_cursor"] and f"/v1/topics?limit=100&cursor={page['next_cursor']}"
    assert listed == set(load_catalogue())
    assert client.get("/v1/topics/malt").status_code == 404
    assert client.get("/v1/topics/space-technology").json["built_in"] is True
    assert client.get("/v1/networks").json["hosts"] == []


@pytest.mark.parametrize("path", ["/v1/networks", "/v1/topics", "/v1/topics/space-technology"])
def test_a_key_that_does_not_work_is_refused_where_none_is_needed(client, path):
    answer = client.get(path, headers={"Authorization": "Bearer ck_wrong"})
    assert (answer.status_code, answer.json["code"]) == (401, "unauthorized")


def ask(client: Any, method: str, path: str, names: dict[str, str], bearer: dict[str, str]) -> int:
    """Ask, see that the answer is one that the contract describes, and return its status."""
    parameters = DOCUMENT["paths"][path][method].get("parameters", [])
    query = {
        given["name"]: names[given["name"]] for given in parameters if given["in"] == "query" and given.get("required")
    }
    content = DOCUMENT["paths"][path][method].get("requestBody", {}).get("content", {})
    body = content.get("application/json", {}).get("example")
    if isinstance(body, dict) and "by" in body:
        body = body | {"by": "u7"}  # somebody in bob's evidence, not in the sample's
    answer = client.open(path.format_map(names), method=method, headers=bearer, query_string=query, json=body)
    described = DOCUMENT["paths"][path][method]["responses"][str(answer.status_code)]
    if "$ref" in described:
        described = DOCUMENT["components"]["responses"][described["$ref"].rpartition("/")[2]]
    contents = described.get("content", {})
    assert answer.mimetype in contents or not contents
    if contents and answer.mimetype.endswith(("/json", "+json")):
        content = contents[answer.mimetype]
        Draft202012Validator({**content["schema"], "components": DOCUMENT["components"]}).validate(answer.json)
    return int(answer.status_code)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_anything_is_404_for_another_owner_and_there_for_its_own(client, bob, ada, bobs, method, path):
    if (method, path) != ERASE:
        assert ask(client, method, path, bobs, ada) == 404
    assert ask(client, method, path, bobs, bob.bearer) in {200, 201, 202, 204}


@pytest.mark.parametrize("path", LISTS)
def test_lists_show_what_is_ones_own_and_nothing_of_others(client, bob, ada, bobs, path):
    ids = {made for name, made in bobs.make_all().items() if name in MAKERS.keys() - {"network"}}

    def shown_to(bearer: dict[str, str]) -> set[str]:
        answer = client.get(path, headers=bearer)
        assert answer.status_code == 200
        return {made for made in ids if f'"{made}"' in answer.text}

    assert bool(shown_to(bob.bearer)) == (path not in SAME_FOR_ALL)
    assert shown_to(ada) == set()


def test_the_newest_score_of_an_account_is_its_owners_alone(client, bob, ada, bobs):
    path = f"/v1/scores?network=custom:beer&account={bobs['account']}&topic=tag:hops"
    assert client.get(path, headers=bob.bearer).status_code == 200
    assert client.get(path, headers=ada).status_code == 404


def test_who_erases_an_account_erases_nothing_of_others(client, store, ada, bobs):
    kept = bobs["score_id"]
    assert ask(client, *ERASE, bobs, ada) == 202
    (pending,) = (name for name in store.erasures.orphans() | store.queue.waiting() if name.startswith("er_"))
    store.eraser.run(store.erasures.start(pending))
    assert store.scores.get("bob", kept) is not None


CHANGES: dict[str, dict[str, Any]] = {
    "/v1/topics/{topic_id}": {"json": {"label": "Mine", "terms": ["x"]}},
    "/v1/followed-boards/{followed_id}": {"json": FOLLOWED_BODY_EXAMPLE},
    "/v1/trust-roots/{root_id}": {"json": {"kind": "none"}},
    "/v1/accounts/{network}/{account}/kind": {"json": {"kind": "person", "why": "I know her."}},
    "/v1/datasets/{dataset_id}": {
        "data": LINE.replace(b"u7", b"u8"),
        "content_type": "application/x-ndjson",
        "query_string": {"network": "custom:beer", "profile": "qa"},
    },
}


def test_everything_that_can_be_written_is_written_here():
    assert CHANGES.keys() == PUTS


@pytest.mark.parametrize(("path", "change"), CHANGES.items())
def test_what_one_writes_under_anothers_id_is_ones_own(client, bob, ada, bobs, path, change):
    address = path.format_map(bobs)
    before = client.get(address, headers=bob.bearer).headers["ETag"]
    assert client.put(address, headers=ada, **change).status_code == 201
    assert client.get(address, headers=bob.bearer).headers["ETag"] == before


BY_LINK = {f"/v1/scores/{{score_id}}{part}" for part in ("", ".jws", "/credential", "/chart", "/badge")}


def what_is_said(answer: Any, names: dict[str, str]) -> tuple[int, str]:
    """Return the status of a problem and its words, whatever the ids in them are."""
    text = json.dumps({name: told for name, told in answer.json.items() if name != "request_id"})
    for made in sorted(names.values(), key=len, reverse=True):
        text = text.replace(made, "…")
    return answer.status_code, text


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route != ERASE])
def test_what_another_has_is_told_from_what_nobody_has_by_nothing(client, ada, bobs, method, path):
    names = {name: bobs[name] for name in re.findall(r"{(\w+)}", path)}
    nobodys = {
        name: made if name == "network" or name in BELONGING_TO_ALL else f"{made}0" for name, made in names.items()
    }
    given = DOCUMENT["paths"][path][method].get("parameters", [])
    query = {each["name"]: bobs[each["name"]] for each in given if each["in"] == "query" and each["name"] in QUERIES}

    def told(ids: dict[str, str]) -> tuple[int, str]:
        body = None if method == "get" else {"by": "u7", "reason": "No."}
        answer = client.open(path.format_map(ids), method=method, headers=ada, query_string=query, json=body)
        return what_is_said(answer, ids)

    assert told(names) == told(nobodys)


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in OPERATIONS if method != "get"])
def test_a_session_changes_nothing_without_the_token_of_its_page(client, store, bob, bobs, method, path):
    client.set_cookie("candor_session", store.sessions.open(bob.key))
    answer = client.open(path.format_map(bobs), method=method, headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, answer.json["code"]) == (403, "cross_site")


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in OPERATIONS])
def test_a_link_opens_what_it_is_to_and_nothing_else(client, store, bobs, method, path):
    token, _ = store.links.make("bob", bobs["score_id"], "card", 60, AS_OF)
    answer = client.open(path.format_map(bobs), method=method, query_string={"link": token})
    refused = (
        {422} if method == "get" and path in OPEN_TO_ALL else {401, 404}
    )  # a link is nothing that these are asked with
    assert answer.status_code in ({200} if path in BY_LINK else refused)
