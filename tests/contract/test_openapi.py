"""The contract: openapi.yaml is valid, complete, and exactly what is served; every route keeps owners apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from candor.settings import Settings
from service.api.scores import score_example
from service.auth import PAGES
from service.description import RESOURCES
from service.openapi import PATH, SAMPLE_PATH, make_example, make_sample_card
from service.schemas.datasets import EXAMPLE_FILE
from tests.contract.document import DOCUMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

OPERATIONS = [
    (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    if method != "parameters"
]
GUARDED = [row for row in OPERATIONS if row[2]["security"] and {} not in row[2]["security"]]
NAMES = [row[2]["operationId"] for row in OPERATIONS]
BESIDE_THE_INTERFACE = {"/docs", "/docs/<name>", "/problems/", "/problems/<code>", "/openapi.yaml", "/openapi.json"}


@pytest.fixture
def app(share_app, store) -> Flask:
    return share_app(Settings(host="0.0.0.0", failed_keys=0), store)


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference."""
    while "$ref" in part:
        found: Any = DOCUMENT
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = found
    return part


def answers() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, (_, _, operation) in zip(NAMES, OPERATIONS, strict=True):
        for status, answer in operation["responses"].items():
            yield name, status, resolved(answer)


def contents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every body that goes in or out, with where it stands."""
    for name, status, answer in answers():
        for content in answer.get("content", {}).values():
            yield f"{name} {status}", content
    for name, (_, _, operation) in zip(NAMES, OPERATIONS, strict=True):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            yield f"{name} body", content


def schemas(part: Any) -> Iterator[dict[str, Any]]:
    """Every object of the document, however deep."""
    if isinstance(part, dict):
        yield part
        for inner in part.values():
            yield from schemas(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from schemas(inner)


def test_openapi_yaml_is_what_is_served(app):
    assert PATH.read_text("utf-8") == app.test_client().get("/openapi.yaml").text, "run `make docs`"


def test_the_description_says_the_same_as_yaml_and_as_json(app):
    assert yaml.load(app.test_client().get("/openapi.yaml").text, yaml.CSafeLoader) == DOCUMENT


def test_openapi_yaml_is_valid():
    validate(DOCUMENT)


def test_every_route_is_described(app):
    described = {path.replace("{", "<").replace("}", ">") for path in DOCUMENT["paths"]}
    rules = (rule for rule in app.url_map.iter_rules() if not rule.endpoint.startswith(f"{PAGES}."))
    routes = {rule.rule.replace("anything:", "") for rule in rules}
    assert routes - BESIDE_THE_INTERFACE == described


def test_every_resource_has_operations():
    tags = {tag for _, _, operation in OPERATIONS for tag in operation["tags"]}
    assert tags == {resource.name for resource in RESOURCES} == {tag["name"] for tag in DOCUMENT["tags"]}


def test_operation_ids_are_unique():
    assert len(set(NAMES)) == len(NAMES)


def test_every_operation_says_what_it_does():
    for _, path, operation in OPERATIONS:
        name = operation["operationId"]
        assert operation["summary"].endswith("."), name
        assert operation["tags"], f"{name} is of no resource"
        assert all(parameter["description"] for parameter in operation.get("parameters", [])), name
        assert "parameters" not in DOCUMENT["paths"][path], f"{name} says what the parts of its address are"


def test_every_field_is_described():
    components = DOCUMENT["components"]["schemas"]
    assert [name for name, schema in components.items() if not schema.get("properties")] == []
    bare = [
        f"{name}.{field}"
        for name, schema in components.items()
        for field, described in schema["properties"].items()
        if not described.get("description")
    ]
    assert bare == [], "say what they are by Annotated[..., Meta(description=...)]"


def test_errors_are_problem_documents():
    for name, status, answer in answers():
        if status >= "400":
            assert list(answer["content"]) == ["application/problem+json"], name


def test_every_answer_has_an_example():
    for place, content in contents():
        assert content.get("example") is not None or content.get("examples") or EXAMPLE_FILE in content, place


def test_every_example_is_what_its_schema_says():
    for place, content in contents():
        schema = {**content["schema"], "components": DOCUMENT["components"]}
        examples = (
            [content["example"]]
            if "example" in content
            else [e["value"] for e in content.get("examples", {}).values() if "value" in e]
        )
        for example in examples:
            faults = [
                f"{place}: {fault.json_path} {fault.message}"
                for fault in Draft202012Validator(schema).iter_errors(example)
            ]
            assert faults == []


def test_the_example_of_a_score_is_what_the_method_makes():
    assert rounded(msgspec.json.decode(make_example())) == rounded(score_example()), "run `make docs`"


def test_the_card_of_the_first_page_is_what_the_method_makes():
    kept = msgspec.json.decode(SAMPLE_PATH.read_bytes())
    assert rounded(msgspec.json.decode(make_sample_card())) == rounded(kept), "run `make docs`"


def rounded(part: Any) -> Any:
    """The same with six places: across machines no more is promised."""
    if isinstance(part, dict):
        return {name: rounded(inner) for name, inner in part.items()}
    if isinstance(part, list):
        return [rounded(inner) for inner in part]
    return round(part, 6) if isinstance(part, float) else part


def test_no_answer_leaves_a_choice():
    assert [part for part in schemas(DOCUMENT) if "oneOf" in part] == []


PUBLIC = {
    "/v1/kept",
    "/v1/methods",
    "/v1/methods/{version}",
    "/v1/about-me/code",
    "/v1/receipts/{receipt_id}",
    "/v1/status-lists/{number}",
}


OPEN_TO_ALL = {
    ("get", "/v1/networks"),
    ("get", "/v1/topics"),
    ("get", "/v1/topics/{topic_id}"),
}  # with a key one's own are there too


def test_what_is_open_to_all_and_shows_more_with_a_key_says_so():
    said = {(method, path) for method, path, operation in OPERATIONS if {} in operation["security"]}
    assert said == OPEN_TO_ALL
    assert all(
        {"key": ["read"]} in operation["security"] for _, _, operation in OPERATIONS if {} in operation["security"]
    )


def test_everything_under_v1_but_what_is_public_names_one_scope_and_so_do_metrics():
    for name, (_, path, operation) in zip(NAMES, OPERATIONS, strict=True):
        if operation["security"] == [{"claim": []}] or name == "begin_claim":
            assert path.startswith("/v1/about-me"), name
            continue
        scopes = [scope for option in operation["security"] for scope in option.get("key", ())]
        needs_key = (path.startswith("/v1/") and path not in PUBLIC) or path == "/metrics"
        assert len(scopes) == (1 if needs_key else 0), name
        assert set(scopes) <= {"read", "write", "erase", "admin"}, name


@pytest.mark.parametrize("authorization", ["", "Bearer ck_wrong", "Bearer", "Basic Y2tfd3Jvbmc6"])
def test_nothing_is_answered_without_a_key(app, authorization):
    headers = {"Authorization": authorization} if authorization else {}
    client = app.test_client()
    for method, path, operation in GUARDED:
        answer = client.open(re.sub(r"[{}]", "", path), method=method.upper(), headers=headers)
        assert (answer.status_code, answer.json["code"]) == (401, "unauthorized"), operation["operationId"]
