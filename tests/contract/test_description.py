"""What the interface's description says beyond being valid: units, types, closed answers, examples, links."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from service.problem_kinds import PROBLEMS
from service.schemas.parameters import PATH_PARAMETERS
from tests.contract.document import DOCUMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMAS: dict[str, dict[str, Any]] = DOCUMENT["components"]["schemas"]
OPERATIONS = {
    operation["operationId"]: (operation, [each for each in operation.get("parameters", []) if each["in"] == "path"])
    for operations in DOCUMENT["paths"].values()
    for operation in operations.values()
}
LINKS = [
    (f"{name} {status} {target}", link)
    for name, (operation, _) in OPERATIONS.items()
    for status, answer in operation["responses"].items()
    for target, link in answer.get("links", {}).items()
]
TAKEN = {"JobBody", "InlineTopic", "TopicBody", "TrustRootBody", "PreviewBody", "KeyBody", "WebhookBody", "Activity"}
TAKEN |= {"FollowBody", "FollowedSource", "FollowedBoardBody"}
# What a number is counted or measured in; scores are 0 to 100, shares and standing 0 to 1.
UNITS = re.compile(
    r"\b(0 to 100|0 to 1|0\.1 to 1|at most 1|points?|voices|seconds|days|bytes|share|strength|standing|people|accounts|"
    r"records|posts|requests|acts|documents|topics|jobs|workers|fields|lines|words|tags|vouches|rounds|deviations|place|"
    r"how many|number of|items|exponent|status|one half|nine tenths|the feature's unit|counted from 0)\b|\+1 or -1",
    re.IGNORECASE,
)


def fields() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, schema in SCHEMAS.items():
        for field, described in schema.get("properties", {}).items():
            yield f"{name}.{field}", described


def types(part: dict[str, Any]) -> set[str]:
    """The types that a value may have, those in lists and maps included."""
    said = part.get("type", [])
    inner = [*part.get("anyOf", []), part.get("items"), part.get("additionalProperties")]
    return {
        *([said] if isinstance(said, str) else said),
        *(kind for one in inner if isinstance(one, dict) for kind in types(one)),
    }


def parts(part: Any) -> Iterator[dict[str, Any]]:
    """Every object of a schema, however deep, but no example."""
    if isinstance(part, dict):
        yield part
        for name, inner in part.items():
            if name not in {"example", "examples", "default"}:
                yield from parts(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from parts(inner)


def test_every_number_says_what_it_is_counted_in():
    numbers = {name: field for name, field in fields() if types(field) & {"number", "integer"}}
    assert numbers
    assert [name for name, field in numbers.items() if not UNITS.search(field["description"])] == []


def test_every_answer_is_closed():
    answers = SCHEMAS.keys() - TAKEN
    assert [name for name in sorted(answers) if SCHEMAS[name]["additionalProperties"] is not False] == []


def test_no_field_is_without_a_type():
    assert [name for name, field in fields() if not {"type", "$ref", "anyOf"} & field.keys()] == []


def test_no_object_is_without_fields_and_no_list_without_items():
    objects = [part for part in parts(DOCUMENT) if part.get("type") == "object"]
    lists = [part for part in parts(DOCUMENT) if part.get("type") == "array"]
    untyped = [part for part in objects if not part.get("properties") and not part.get("additionalProperties")]
    assert untyped == []
    assert [part for part in lists if not part.get("items")] == []


def test_every_schema_is_used():
    used = {part["$ref"].rpartition("/")[2] for part in parts(DOCUMENT) if isinstance(part.get("$ref"), str)}
    assert SCHEMAS.keys() - used == set()


def test_every_problem_has_an_example():
    shown = {
        code
        for answer in DOCUMENT["components"]["responses"].values()
        for code in answer["content"]["application/problem+json"]["examples"]
    }
    assert shown == {kind.code for kind in PROBLEMS}


def test_every_part_of_an_address_that_callers_choose_has_an_example_that_its_schema_allows():
    for _, parameters in OPERATIONS.values():
        for parameter in parameters:
            made_here = PATH_PARAMETERS[parameter["name"]].example is None
            assert made_here or re.fullmatch(parameter["schema"].get("pattern", ".+"), parameter["example"])


def test_every_parameter_that_is_needed_has_an_example_unless_the_service_makes_it():
    needed = [each for operation, _ in OPERATIONS.values() for each in operation.get("parameters", ())]
    bare = {each["name"] for each in needed if each.get("required") and not {"example", "examples"} & each.keys()}
    assert bare == {name for name, part in PATH_PARAMETERS.items() if part.example is None} | {"score"}


def test_every_field_that_a_body_needs_is_in_its_example():
    for operation, _ in OPERATIONS.values():
        for content in operation.get("requestBody", {}).get("content", {}).values():
            name = content["schema"].get("$ref", "").rpartition("/")[2]
            for field in SCHEMAS.get(name, {}).get("required", ()):
                examples = content.get("examples") or {"only": {"value": content["example"]}}
                assert all(field in example["value"] for example in examples.values())


def test_no_parameter_repeats_a_request_that_somebody_edited():
    named = [each for operation, _ in OPERATIONS.values() for each in operation.get("parameters", ())]
    assert [each for each in named if each["name"] == "Idempotency-Key" and "example" in each] == []


def test_every_choice_has_a_name_that_generated_clients_can_use():
    for schema in SCHEMAS.values():
        for field in schema.get("properties", {}).values():
            assert not (isinstance(field.get("type"), list) and "enum" in field)
            assert all(option.get("title") for option in field.get("anyOf", ()) if "enum" in option)


def test_every_link_leads_to_an_operation_with_these_parameters():
    for name, link in LINKS:
        operation, of_the_path = OPERATIONS[link["operationId"]]
        known = {parameter["name"] for parameter in operation["parameters"]}
        assert set(link["parameters"]) <= known, name
        assert {parameter["name"] for parameter in of_the_path} <= set(link["parameters"]), name


def is_like(value: str, parameter: dict[str, Any]) -> bool:
    """Whether a value may be what a part of an address names: ids of our making begin with what they are ids of."""
    begins = PATH_PARAMETERS[parameter["name"]].begins
    return bool(re.fullmatch(parameter["schema"].get("pattern", ".+"), value)) and value.startswith(begins)


def test_every_link_points_at_what_the_answer_has():
    for name, link in LINKS:
        source, status, target = name.split()
        answer = OPERATIONS[source][0]["responses"][status]
        of_the_path = {parameter["name"]: parameter for parameter in OPERATIONS[target][1]}
        for named, pointer in link["parameters"].items():
            if pointer.startswith("$response.body#"):
                value = answer["content"]["application/json"]["example"]
                for step in pointer.removeprefix("$response.body#/").split("/"):
                    value = value[int(step) if isinstance(value, list) else step]
                assert isinstance(value, str), name
                assert named not in of_the_path or is_like(value, of_the_path[named]), name


def test_a_job_leads_to_its_score():
    links = OPERATIONS["read_job"][0]["responses"]["200"]["links"]
    assert links["read_score"]["parameters"] == {"score_id": "$response.body#/results/0/score_id"}


@pytest.mark.parametrize("event", DOCUMENT["webhooks"])
def test_every_notification_is_described_with_its_signature(event):
    described = DOCUMENT["webhooks"][event]["post"]
    assert {header["name"] for header in described["parameters"]} == {
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
    }
    assert described["requestBody"]["content"]["application/json"]["example"]["type"] == event
