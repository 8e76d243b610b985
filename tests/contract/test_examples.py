"""Every example of the description is sent as it stands, from nothing, and answered as its operation promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest

from candor.settings import Settings
from service.app import create_app
from service.schemas.datasets import EXAMPLE_FILE, NDJSON_EXAMPLE
from service.schemas.job_requests import SAMPLE_JOB_EXAMPLE
from tests.contract.conftest import AtWork
from tests.contract.document import DOCUMENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from werkzeug.test import TestResponse

    from candor.store import Store

# In this order, as somebody would: what makes something before what reads it, what takes it away last.
FIRST = (
    *("create_job", "write_dataset", "write_trust_root", "write_topic", "write_account_kind", "create_dispute"),
    *("create_webhook", "create_key", "write_followed_board"),
)
LAST = (
    *(
        "delete_followed_board",
        "delete_record",
        "delete_dataset",
        "delete_trust_root",
        "delete_topic",
        "delete_account_kind",
    ),
    *(
        "delete_link",
        "revoke_link",
        "revoke_board_link",
        "revoke_path_link",
        "delete_board",
        "cancel_job",
        "rotate_webhook_secret",
        "delete_webhook",
    ),
    *("erase_account", "read_erasure", "revoke_key"),
)
ELSEWHERE = {
    "ready",
    "cancel_job",
    "refresh_dataset",
    "read_answer",
    *("read_signed_score", "read_credential", "read_status_list", "read_did_document"),
}  # no worker is here, the job has ended, no source is followed, answers come without a job, no key to sign with
OF_THE_PEOPLE_SCORED = (
    "/v1/about-me",
    "/v1/receipts",
)  # who asks there has to show first whose the account is: tests/service does
COMMUNITY = ("custom:my-forum", "application/x-ndjson", NDJSON_EXAMPLE)
OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


def in_order() -> list[str]:
    theirs = {name for name, (_, path, _) in OPERATIONS.items() if path.startswith(OF_THE_PEOPLE_SCORED)}
    return [*FIRST, *(name for name in OPERATIONS if name not in {*FIRST, *LAST, *theirs}), *LAST]


def values(described: Mapping[str, Any]) -> dict[str, Any]:
    """The examples of a parameter or of a body, by name."""
    if "example" in described:
        return {"only": described["example"]}
    if EXAMPLE_FILE in described:
        return {"file": {EXAMPLE_FILE: described[EXAMPLE_FILE]}}
    return {name: example.get("value", example) for name, example in described.get("examples", {}).items()}


class Stranger:
    """Somebody who sends the examples, and takes ids from the answers as their descriptions say."""

    def __init__(self, app: Any, key: str) -> None:
        self._client, self._bearer = app.test_client(), {"Authorization": f"Bearer {key}"}
        self._service = app.test_client()
        self.ids: dict[str, str] = {"question_id": "fi_none"}

    def send(self, name: str) -> Iterator[tuple[str, TestResponse]]:
        """Send an operation with each example of its body, or once without any."""
        if name in {"delete_link", "revoke_link"}:
            list(self.send("make_link"))
        method, path, operation = OPERATIONS[name]
        content = operation.get("requestBody", {}).get("content", {})
        bodies = [(kind, which, body) for kind, said in content.items() for which, body in values(said).items()]
        for kind, which, body in bodies or [(None, "only", None)]:
            export = kind in ("application/zip", "application/activity+json")
            if name in {"append_records", "delete_record"}:
                self.upload(*(("mastodon", kind, body) if export else COMMUNITY))
            if name == "write_dataset":
                self.make_room()
            address = self.address(path, operation, "export" if export else "community")
            is_kept_apart = export and name in {"write_dataset", "append_records"}
            answer = self._client.open(
                address.replace("/my-forum", "/my-export") if is_kept_apart else address,
                method=method.upper(),
                headers=self._bearer | self.headers(operation) | ({"Content-Type": kind} if kind else {}),
                **self.body(body),
            )
            self.remember(name, answer)
            yield f"{name} {kind} {which}", answer

    def get(self, path: str) -> TestResponse:
        return self._client.get(path, headers=self._bearer)

    def score_another(self) -> None:
        """Score somebody else of the sample, to compare with."""
        body = SAMPLE_JOB_EXAMPLE | {"accounts": [{"network": "custom:demo", "account": "p08"}]}
        said = self._client.post("/v1/jobs", json=body, headers=self._bearer | {"Prefer": "wait=10"})
        self.ids["other_score_id"] = said.json["results"][0]["score_id"]

    def upload(self, network: str, kind: str, body: Any) -> None:
        """Upload the data set that is to be changed."""
        said = {"Content-Type": kind} | self._bearer
        profile = "&profile=forum" if network.startswith("custom:") else ""
        name = "my-forum" if profile else "my-export"
        self._client.put(f"/v1/datasets/{name}?network={network}{profile}", headers=said, **self.body(body))

    def make_room(self) -> None:
        """Delete the data set, as no other network takes the place of the one that it is of."""
        self._client.delete("/v1/datasets/my-forum", headers=self._bearer)

    def body(self, body: Any) -> dict[str, Any]:
        if isinstance(body, dict) and EXAMPLE_FILE in body:
            return {"data": self._service.get(body[EXAMPLE_FILE]).data}
        if isinstance(body, str):
            return {"data": body}
        return {} if body is None else {"json": body}

    def address(self, path: str, operation: dict[str, Any], which: str) -> str:
        query = []
        for parameter in operation.get("parameters", []):
            examples = values(parameter)
            example = examples.get(which, next(iter(examples.values()), None))
            if parameter["in"] == "path":
                value = self.ids[parameter["name"]] if example is None else example
                path = path.replace(f"{{{parameter['name']}}}", quote(value, safe=""))
            elif parameter["in"] == "query" and parameter["name"] == "score":
                query += [("score", self.ids["score_id"]), ("score", self.ids["other_score_id"])]
            elif parameter["in"] == "query" and example is not None:
                query.append((parameter["name"], example))
            else:
                assert not parameter.get("required"), f"{parameter['name']} has no example"
        return f"{path}?{urlencode(query)}"

    def headers(self, operation: dict[str, Any]) -> dict[str, str]:
        return {
            parameter["name"]: parameter["example"]
            for parameter in operation.get("parameters", [])
            if parameter["in"] == "header" and "example" in parameter
        }

    def remember(self, name: str, answer: TestResponse) -> None:
        made = {
            "create_dispute": "dispute_id",
            "create_webhook": "webhook_id",
            "create_key": "key_id",
            "make_link": "link_id",
        }
        made |= {"erase_account": "erasure_id", "create_job": "job_id"}
        said = answer.get_json(silent=True)
        if name == "read_message" and answer.status_code == 200:
            self.ids["path_id"] = said["path_id"]
        if name in made and answer.status_code < 300:
            self.ids[made[name]] = said["id"]
        if name == "create_job" and said["request"]["dataset"]:
            self.ids |= {id_: each[id_] for each in said["results"] for id_ in ("score_id", "board_id") if each[id_]}


@pytest.fixture
def stranger(store: Store, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Stranger:
    """Somebody with a key, on a service that is new; its worker works while they wait."""
    app = create_app(Settings(host="0.0.0.0", operator_contact="scores@example.org", data_dir=data_dir), store)
    at_work = AtWork(app, store, "bob")

    def wait(jobs: Any, owner: str, job_id: str, _timeout_s: float) -> Any:
        at_work.work()
        return jobs.get(owner, job_id)

    monkeypatch.setattr(type(store.jobs), "wait", wait)
    return Stranger(app, at_work.secret)


def test_every_example_is_answered_as_its_operation_promises(stranger):
    refused = []
    for name in in_order():
        for what, answer in stranger.send(name):
            promised = {status for status in OPERATIONS[name][2]["responses"] if status < "300"}
            if str(answer.status_code) not in promised and name not in ELSEWHERE:
                refused.append((what, answer.status_code, answer.text[-400:]))
        if name == "create_job":
            stranger.score_another()
    assert not refused, "\n".join(map(str, refused))


def test_the_quick_start_ends_in_a_number_with_reasons(stranger):
    for name in ("create_job", "list_account_scores", "read_newest_score"):
        score = next(answer for _, answer in stranger.send(name))
    assert score.status_code == 200, (score.request.url, score.json["errors"])
    assert score.json["expertise"]["score"] > 50
    assert score.json["expertise"]["reasons"]["up"]


def test_every_example_of_a_job_makes_a_number(stranger):
    for _, answer in stranger.send("create_job"):
        for result in answer.json["results"]:
            if result["score_url"]:
                score = stranger.get(result["score_url"]).json
                assert score["expertise"]["score"] is not None or score["interest"]["score"] is not None
