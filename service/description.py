"""The API's description (OpenAPI 3.1), made from its routes, schemas and structs, with the links between operations."""

from __future__ import annotations

import copy
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
import yaml
from flask import Flask
from flask_smorest import Api  # type: ignore[import-untyped]
from marshmallow import fields

from candor.scoring.activity import Activity
from candor.store.deliveries import Notification
from service import http
from service.api import (
    about_me,
    accounts,
    board_comparisons,
    boards,
    datasets,
    disputes,
    erasures,
    facts,
    followed_boards,
    jobs,
    keys,
    known_topics,
    maps,
    messages,
    paths,
    people,
    pictures,
    questions,
    scores,
    signed,
    topics,
    trust_roots,
    webhooks,
)
from service.api.webhooks import webhooks_section
from service.components import component_name, make_components
from service.idempotency import IDEMPOTENCY_KEY, REPLAYED_HEADER
from service.problem_kinds import PROBLEMS
from service.problems import MEDIA_TYPE, ProblemDocument, problem_document
from service.resource import problem_reference
from service.schemas.base import InstantField
from service.schemas.datasets import FollowBodySchema
from service.schemas.parameters import CHOICES_OF, EXAMPLES_OF, NEEDED_IN_QUERIES, PATH_PARAMETERS, PROBLEM_HEADERS
from service.schemas.topics import InlineTopicSchema

if TYPE_CHECKING:
    from apispec.ext.marshmallow.field_converter import FieldConverterMixin

VERSION = "1"
RESOURCES = (
    facts.start,
    jobs.resource,
    jobs.results,
    scores.resource,
    disputes.resource,
    pictures.resource,
    accounts.resource,
    accounts.kinds,
    erasures.resource,
    about_me.resource,
    signed.resource,
    topics.resource,
    boards.resource,
    board_comparisons.by_root,
    board_comparisons.by_dataset,
    followed_boards.resource,
    maps.resource,
    messages.resource,
    paths.resource,
    questions.resource,
    known_topics.resource,
    scores.comparisons,
    trust_roots.resource,
    facts.methods,
    facts.networks,
    datasets.resource,
    people.resource,
    webhooks.resource,
    keys.resource,
    facts.health,
    facts.metrics,
)
_ORDER = ("openapi", "info", "servers", "tags", "paths", "webhooks", "components")
_DESCRIPTION = """\
Candor says how well others recognise an account as knowing a topic, and how keen it is on that topic. These are two
scores, and every part of both is shown.

Three requests lead from nothing to a number with reasons. They use the sample, a made-up forum that is built in as
data set and trust root `sample`, and run as they stand (a hosted service asks for a key as well):

1. `POST /v1/jobs` with the first example: score one person.
2. `GET /v1/accounts/custom:demo/p03/scores?trust_root=sample&dataset=sample`: both scores, and the points that each is
   the sum of.
3. `GET /v1/scores?network=custom:demo&account=p03&topic=space-technology&trust_root=sample&dataset=sample`: the same
   with reasons and evidence.

Then bring a community of your own with `PUT /v1/datasets/{dataset_id}`, and name whom you trust in it.

Every error is a problem document (RFC 9457); its `type` is the address of a page that explains it. Lists come in pages:
send `next_cursor` of one page as `cursor` to get the next. Requests with a key are limited: `RateLimit-Policy` gives
the limits, `RateLimit` what is left, and `Retry-After` of a 429 or 503 when to try again. Every address answers
OPTIONS, and HEAD where it answers GET.
"""

_JOB = {"job_id": "$response.body#/id"}
_SCORE = {"score_id": "$response.body#/results/0/score_id"}
_THIS_SCORE = {"score_id": "$request.path.score_id"}
_FIRST_SCORE = {"score_id": "$response.body#/data/0/score_id"}
_WHOSE = {"network": "$response.body#/account/network", "account": "$response.body#/account/account"}
_THIS_ACCOUNT = {"network": "$request.path.network", "account": "$request.path.account"}
_DISPUTE = {"dispute_id": "$response.body#/id"}
_TOPIC = {"topic_id": "$response.body#/id"}
_ROOT = {"root_id": "$response.body#/id"}
_DATASET = {"dataset_id": "$response.body#/id"}
_FOLLOWED = {"followed_id": "$response.body#/id"}
_WEBHOOK = {"webhook_id": "$response.body#/id"}
_THIS_WEBHOOK = {"webhook_id": "$request.path.webhook_id"}
_BOARD_ID = {"board_id": "$response.body#/board/id"}
_THIS_BOARD = {"board_id": "$request.path.board_id"}
_THIS_PATH = {"path_id": "$request.path.path_id"}
_BOARD = {
    "topic_id": "$request.path.topic_id",
    "dataset": "$request.query.dataset",
    "trust_root": "$request.query.trust_root",
}
_LINKS: dict[str, dict[str, dict[str, str]]] = {
    "create_job": {"read_job": _JOB, "cancel_job": _JOB},
    "read_job": {"read_score": _SCORE, "draw_chart": _SCORE, "draw_badge": _SCORE},
    "cancel_job": {"read_job": _JOB},
    "list_jobs": {"read_job": {"job_id": "$response.body#/data/0/id"}},
    "read_score": {
        "draw_chart": _THIS_SCORE,
        "draw_badge": _THIS_SCORE,
        "make_link": _THIS_SCORE,
        "create_dispute": _THIS_SCORE,
        "list_score_disputes": _THIS_SCORE,
        "list_account_scores": _WHOSE,
        "list_account_history": _WHOSE | {"topic": "$response.body#/topic/id"},
        "read_method": {"version": "$response.body#/method/version"},
    },
    "create_dispute": {"read_dispute": _DISPUTE, "decide_dispute": _DISPUTE},
    "list_disputes": {"read_dispute": {"dispute_id": "$response.body#/data/0/id"}},
    "make_link": {"revoke_link": _THIS_SCORE, "delete_link": {"link_id": "$response.body#/id"}},
    "list_links": {"delete_link": {"link_id": "$response.body#/data/0/id"}},
    "make_board_link": {"revoke_board_link": _THIS_BOARD},
    "make_path_link": {"revoke_path_link": _THIS_PATH, "delete_link": {"link_id": "$response.body#/id"}},
    "erase_account": {"read_erasure": {"erasure_id": "$response.body#/id"}},
    "list_account_scores": {"read_score": _FIRST_SCORE},
    "list_account_history": {"read_score": _FIRST_SCORE},
    "list_experts": {
        "explain_expert": _BOARD_ID | {"account": "$response.body#/data/0/account"},
        "read_map": _BOARD,
        "draw_map": _BOARD,
        "draw_board": _BOARD_ID,
        "make_board_link": _BOARD_ID,
    },
    "explain_expert": {"read_job": _JOB},
    "write_followed_board": {"read_followed_board": _FOLLOWED, "delete_followed_board": _FOLLOWED},
    "list_followed_boards": {"read_followed_board": {"followed_id": "$response.body#/data/0/id"}},
    "write_topic": {"read_topic": _TOPIC, "delete_topic": _TOPIC},
    "list_topics": {"read_topic": {"topic_id": "$response.body#/data/0/id"}},
    "write_account_kind": {"read_account_kind": _THIS_ACCOUNT, "delete_account_kind": _THIS_ACCOUNT},
    "write_trust_root": {"read_trust_root": _ROOT, "delete_trust_root": _ROOT},
    "write_dataset": {"read_dataset": _DATASET, "read_records": _DATASET, "delete_dataset": _DATASET},
    "refresh_dataset": {"read_dataset": _DATASET},
    "append_records": {"read_dataset": _DATASET, "read_records": _DATASET},
    "list_datasets": {"read_dataset": {"dataset_id": "$response.body#/data/0/id"}},
    "list_methods": {"read_method": {"version": "$response.body#/data/0/version"}},
    "create_webhook": {"read_webhook": _WEBHOOK, "ping_webhook": _WEBHOOK, "delete_webhook": _WEBHOOK},
    "read_webhook": {"rotate_webhook_secret": _WEBHOOK, "list_deliveries": _WEBHOOK},
    "ping_webhook": {"list_deliveries": _THIS_WEBHOOK},
    "create_key": {"revoke_key": {"key_id": "$response.body#/id"}},
}


class CandorApi(Api):  # type: ignore[misc] # flask-smorest has no types
    """flask-smorest where each operation names its problems itself."""

    DEFAULT_ERROR_RESPONSE_NAME = None
    ERROR_SCHEMA: ClassVar[dict[str, Any]] = {}


def init_app(app: Flask) -> None:
    """Register every resource; describing them is left until somebody asks."""
    for resource in RESOURCES:
        app.register_blueprint(resource)


@cache
def as_yaml() -> str:
    """Return the description as it is served, in the order it was made.

    It says the same whatever the settings, takes half a second to make and is seldom asked for: so it is made once a
    process, when somebody asks.
    """
    return yaml.dump(describe(), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def describe() -> dict[str, Any]:
    """Make the description from the resources."""
    made = copy.deepcopy(_registered().spec.to_dict()) | {"webhooks": webhooks_section()}
    document: dict[str, Any] = {part: made[part] for part in _ORDER}
    del document["components"]["schemas"]["PaginationMetadata"]  # of flask-smorest's pages, not of ours
    described: dict[str, dict[str, Any]] = {}
    for operations in document["paths"].values():
        of_the_path = operations.pop("parameters", [])
        for operation in operations.values():
            named = [_path_parameter(parameter, operation["operationId"]) for parameter in of_the_path]
            given = [_given(parameter, operation["operationId"]) for parameter in operation.get("parameters", [])]
            if named or given:
                operation["parameters"] = [*named, *given]
            _describe_replays(operation)
            answers = sorted((str(status), answer) for status, answer in operation["responses"].items())
            operation["responses"] = {status: _finish(status, answer) for status, answer in answers}
            described[operation["operationId"]] = operation
    for schema in document["components"]["schemas"].values():
        _name_choices(schema)
    _add_links(described)
    return document


@cache
def as_json() -> bytes:
    """Return the description as it is served, as JSON."""
    return msgspec.json.encode(describe())


def _registered() -> CandorApi:
    """Register every resource with an application of the description's own, which answers nobody."""
    app = Flask("description", static_folder=None, template_folder=None)
    app.config.update(API_TITLE="Candor", API_VERSION=VERSION, OPENAPI_VERSION="3.1.0")
    http.init_routing(app)
    api = CandorApi(
        app,
        spec_kwargs={
            "info": {"description": _DESCRIPTION, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
            "servers": [{"url": "/"}],
        },
    )
    api.spec.components.security_scheme(
        "key", {"type": "http", "scheme": "bearer", "description": "A key (`ck_…`). None is needed on loopback."}
    )
    api.spec.components.security_scheme(
        "claim",
        {
            "type": "http",
            "scheme": "bearer",
            "description": "The token (`am_…`) of somebody who shows that an account is theirs: no key is needed.",
        },
    )
    for status in sorted({kind.status for kind in PROBLEMS}):
        api.spec.components.response(f"Problem{status}", _problem_response(status))
    api.register_field(InstantField, "string", "date-time")
    api.ma_plugin.converter.add_attribute_function(_property_names)
    api.spec.components.schema("InlineTopic", schema=InlineTopicSchema)
    api.spec.components.schema("FollowBody", schema=FollowBodySchema)
    structs = {kind: None for resource in RESOURCES for kind in resource.structs}
    for name, schema in make_components([*structs, ProblemDocument, Notification, Activity]).items():
        api.spec.components.schema(name, schema)
    for resource in RESOURCES:
        api.register_blueprint(resource)
    return api


def _problem_response(status: int) -> dict[str, Any]:
    """Describe the answer of a problem status, with each of its problems as an example."""
    kinds = [kind for kind in PROBLEMS if kind.status == status]
    examples = {
        kind.code: {"value": msgspec.to_builtins(problem_document(kind.code, kind.meaning, (), "5f2b1c9e0a774d13"))}
        for kind in kinds
    }
    content = {"schema": component_name(ProblemDocument), "examples": examples}
    return {
        "description": " / ".join(kind.title for kind in kinds),
        "headers": PROBLEM_HEADERS.get(status, {}),
        "content": {MEDIA_TYPE: content},
    }


def _property_names(converter: FieldConverterMixin, field: fields.Field[Any], **_given: Any) -> dict[str, Any]:
    """Describe the names that a mapping may hold, where not all may: apispec says nothing of them."""
    names = field.key_field if isinstance(field, fields.Dict) else None
    return {"propertyNames": converter.field2property(names)} if names is not None and names.validators else {}


class _Dumper(yaml.SafeDumper):
    """Writes repeated parts out instead of naming them."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 # the base class decides by data, we never alias
        return True


def _path_parameter(parameter: dict[str, Any], operation: str) -> dict[str, Any]:
    """Describe a part of an address, with an example that this operation finds or makes."""
    named = PATH_PARAMETERS[parameter["name"]]
    example = EXAMPLES_OF.get(operation, {}).get(parameter["name"], named.example)
    described = parameter | {"description": named.description, "schema": parameter["schema"] | named.schema}
    return described if example is None else described | {"example": example}


def _given(parameter: dict[str, Any], operation: str) -> dict[str, Any]:
    """Describe a parameter without the null that stands for one that is left out, which cannot be sent."""
    schema = dict(parameter["schema"])
    if schema.get("default", ...) is None:
        del schema["default"]
    if isinstance(schema.get("type"), list):
        (schema["type"],) = set(schema["type"]) - {"null"}
    if "enum" in schema:
        schema["enum"] = [each for each in schema["enum"] if each is not None]
    needed = parameter["in"] == "query" and parameter.get("required")
    example = NEEDED_IN_QUERIES.get(parameter["name"]) if needed else None
    if choices := CHOICES_OF.get(operation, {}).get(parameter["name"]):
        return parameter | {"schema": schema, "examples": {name: dict(choice) for name, choice in choices.items()}}
    return parameter | {"schema": schema} | ({"example": example} if example else {})


def _name_choices(schema: dict[str, Any]) -> None:
    """Have every choice among texts that may be null bear its field's name: generated clients call its type so."""
    for name, field in schema.get("properties", {}).items():
        if isinstance(field.get("type"), list) and "enum" in field:
            choices = [each for each in field.pop("enum") if each is not None]
            field["anyOf"] = [{"type": "string", "enum": choices}, {"type": "null"}]
            del field["type"]
        for option in field.get("anyOf", ()):
            if "enum" in option:
                option["title"] = name.title().replace("_", "")


def _describe_replays(operation: dict[str, Any]) -> None:
    """Describe the header of repeated answers where requests may be repeated."""
    if any(parameter["name"] == IDEMPOTENCY_KEY for parameter in operation.get("parameters", ())):
        for status, answer in operation["responses"].items():
            if str(status).startswith("2"):
                answer.setdefault("headers", {}).update(REPLAYED_HEADER)


def _finish(status: str, answer: dict[str, Any]) -> dict[str, Any]:
    """Name problems by number, as Python renames the phrases of HTTP between releases; write examples out."""
    if "$ref" in answer:
        return problem_reference(int(status))
    contents = answer.get("content", {})
    for media_type in [each for each in contents if each != "application/json"]:
        contents[media_type] = contents.pop(media_type)  # clients take the first that they can read
    for content in contents.values():
        if "example" in content:
            example = content["example"]
            content["example"] = msgspec.to_builtins(example() if callable(example) else example)
    return answer


def _add_links(operations: dict[str, dict[str, Any]]) -> None:
    """Give the answers of operations, by their ids, the links that lead on from them."""
    for name, targets in _LINKS.items():
        answers = operations[name]["responses"]
        for answer in (answers[status] for status in answers if status.startswith("2")):
            answer["links"] = {
                target: {
                    "operationId": target,
                    "description": operations[target]["summary"],
                    "parameters": dict(parameters),
                }
                for target, parameters in targets.items()
            }
