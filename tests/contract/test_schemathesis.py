"""Every operation under schemathesis, all its checks on: what the description allows is done, the rest refused."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, settings
from schemathesis.core.failures import Failure, FailureGroup

from scoring.method import load_method
from scoring.score import score
from service.app import create_app
from service.openapi import served
from service.settings import Settings
from tests.contract.test_owners import ALL, MAKERS, QUERIES, Bob
from worker import jobs
from worker.context import CURRENT, WorkerContext

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from schemathesis import Case
    from schemathesis.core.transport import Response

    from store import Store

EXAMPLES = 3
STEPS = 10
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
FRESH = itertools.count()
# What no schema can say: rules between fields, between records, and about what there is. Anything else that the
# description allows must be done.
RULES = re.compile(
    "|".join(  # noqa: FLY002 # one rule a line
        [
            r"there is no (topic|data set|trust root|webhook) ",
            r"no network is called|needs a \w+: |takes nothing after the colon",
            r"choose qa, forum or microblog|always uses|says this for itself|reads either activities or a dataset",
            r"missing: (whom to score|a root of|every record|an account record)",
            r"a job that is not to fetch names one network|the root names accounts on|named twice|stands twice",
            r"in the future|in the past|already over|not a time|before 1970|needs an offset",
            r"is neither a slug|has neither terms nor hashtags|not all of them spaces|takes neither terms nor hashtags",
            r"kind \w+ names no|is not FROM:TO|this is an export of|is for records, not for an export",
            r"Candor (reads no lists of|does not read)|not an address that is told anything",
            r"is neither a zip nor a tar\.gz file",
            r"no act of that person|nobody of that name|Pointers begin with the number of the line",
        ]
    )
)
CONFIG = {
    "generation": {"deterministic": True, "max-examples": EXAMPLES, "database": "none"},
    "seed": 1,
    "operations": [
        {  # an account's id may end so as well: DELETE erases the account of that name
            "include-path": [f"/v1/accounts/{{network}}/{{account}}/{of}" for of in ("scores", "history")],
            "checks": {"unsupported_method": {"enabled": False}},
        }
    ],
    "checks": {
        "positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", 401, 403, 404, 409, 412, 422]},
        "negative_data_rejection": {"expected-statuses": [400, 401, 403, 404, 405, 409, 412, 413, 415, 422]},
    },
}
SCHEMA = schemathesis.openapi.from_dict(yaml.safe_load(served()), config=schemathesis.Config.from_dict(CONFIG))
quick = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@schemathesis.check
def refusals_name_a_rule(_ctx: Any, response: Response, case: Case) -> None:
    """What the description allows is refused by a rule that no schema can say, or not at all."""
    if response.status_code != 422 or case.meta is None or case.meta.generation.mode.is_negative:
        return
    problem = response.json()
    faults = [fault["detail"] for fault in problem.get("errors", [])] or [problem["detail"]]
    if unknown := [detail for detail in faults if not RULES.search(detail)]:
        raise Failure(operation=case.operation.label, title="Refused without a rule", message="\n".join(unknown))


@schemathesis.serializer("application/x-ndjson", "application/zip", "application/gzip")
def as_it_is(_ctx: Any, value: Any) -> bytes:
    """A file goes out as it was made."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


class Service:
    """The application with everything in it, at work: what is asked for is done before the answer is read."""

    def __init__(self, app: Flask, store: Store, names: dict[str, str]) -> None:
        self._app, self._store, self._names = app, store, names
        self.bearer = {"Authorization": names["authorization"]}
        self._context = WorkerContext(store, load_method(), score)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """Answer a request (WSGI)."""
        answer = self._app(environ, start_response)
        self._work()
        return answer

    def call(self, case: Case) -> Response:
        """Ask as the owner of everything, about what there is, and run all checks."""
        if case.meta is None or not case.meta.generation.mode.is_negative:
            self._point(case)
            self.hasten(case)
        return case.call_and_validate(headers=self.bearer)

    def _point(self, case: Case) -> None:
        """Name things that there are."""
        if case.operation.definition.raw["operationId"] == "revoke_key":  # not the one that is asked with
            self._names["key_id"] = self._store.keys.create("bob", "another", ("read",))[0].id
        for name in case.path_parameters.keys() & self._names.keys():
            case.path_parameters[name] = self._names[name]
        for name in case.query.keys() & self._names.keys():
            case.query[name] = self._names[name]
        for name in case.query.keys() & {"a", "b"}:
            case.query[name] = self._names["score_id"]

    def hasten(self, case: Case) -> None:
        """Ask for the first page, under a name of its own, with a body as it is, and wait for nothing."""
        case.query.pop("cursor", None)
        case.headers.pop("Content-Encoding", None)
        if "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = f"request-{next(FRESH)}"
        if case.headers.get("Prefer", "").startswith("wait="):
            case.headers["Prefer"] = "wait=0"

    def _work(self) -> None:
        token = CURRENT.set(self._context)
        try:
            for job in self._store.jobs.list("bob", limit=5)[0]:
                if job.request.fetch is None and job.request.trust_root.kind != "list":  # no network
                    jobs.score("bob", job.id)
        finally:
            CURRENT.reset(token)


class Door:
    """What schemathesis knocks at: it is told of one application, each test has its own."""

    service: Service

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """Answer a request (WSGI)."""
        return self.service(environ, start_response)


DOOR = Door()
SCHEMA.app = DOOR


@pytest.fixture
def service(store: Store) -> Service:
    app = create_app(Settings(host="0.0.0.0", key_requests=0, address_requests=0, failed_keys=0), store, lambda: NOW)
    store.workers.announce("w1")
    key, secret = store.keys.create("bob", "test", ALL)
    bob = Bob(app.test_client(), store, key, {"Authorization": f"Bearer {secret}"})
    names = (
        QUERIES | {"authorization": bob.bearer["Authorization"]} | {name: make(bob) for name, make in MAKERS.items()}
    )
    DOOR.service = Service(app, store, names)
    return DOOR.service


@SCHEMA.parametrize()
@quick
def test_every_operation_keeps_its_word(case: Case, service: Service) -> None:
    service.call(case)


def test_on_a_walk_over_the_links_every_operation_keeps_its_word(service: Service) -> None:
    class Walk(SCHEMA.as_state_machine()):  # type: ignore[misc] # made at run time
        def before_call(self, case: Case) -> None:
            service.hasten(case)

        def get_call_kwargs(self, _case: Case) -> dict[str, Any]:
            return {"headers": service.bearer}

        def validate_response(self, response: Response, case: Case, **_kwargs: Any) -> None:
            # where a walk leads hangs on the ids it meets, so it meets other rules each time
            case.validate_response(response, headers=service.bearer, excluded_checks=[refusals_name_a_rule])

    Walk.run(settings=settings(quick, stateful_step_count=STEPS, phases=[Phase.generate]))


def test_a_wrong_answer_is_caught(service: Service) -> None:
    case = SCHEMA["/livez"]["GET"].Case()
    answer = case.call()
    answer.content = b'{"status": 1}'
    with pytest.raises(FailureGroup) as caught:
        case.validate_response(answer)
    assert "Response violates schema" in str(caught.value.exceptions[0])
