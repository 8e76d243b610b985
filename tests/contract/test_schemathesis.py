"""Every operation under schemathesis, all its checks on: what the description allows is done, the rest refused.

The same few requests each time, of those at the limits of each parameter a third; with `--hypothesis-seed`, many
others; with HYPOTHESIS_PROFILE=thorough, all. `make fuzz` does both.
"""

from __future__ import annotations

import itertools
import json
import re
import zlib
from contextlib import closing
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, core, settings
from schemathesis.checks import load_all_checks
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.generation.meta import CoveragePhaseData
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.python._constants.orchestrator import make_constants_value_source
from schemathesis.transport.requests import ManagedCookiesSession

from candor.scoring.activity import FIELDS
from candor.scoring.method import load_method
from candor.scoring.score import score
from candor.settings import Settings
from candor.store import open_store
from service.stack import Child, gunicorn_arguments, listen
from tests.contract.document import DOCUMENT
from tests.contract.test_owners import ALL, make_everything
from tests.effort import THOROUGH
from tests.kept_rows import row_of
from worker import jobs
from worker.context import CURRENT, WorkerContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from schemathesis import Case
    from schemathesis.core.transport import Response
    from schemathesis.specs.openapi.schemas import OpenApiSchema

    from candor.store import Store
    from candor.store.api_keys import ApiKey
    from candor.store.embedded import EmbeddedServer
    from tests.saved import SavedStates

SEED = core.global_force_seed
DEEP = SEED is not None or THOROUGH
EXAMPLES, STEPS = (50, 50) if DEEP else (3, 10)
ONE_OF = 1 if DEEP else 3  # so many of the requests at the limits of a parameter
FRESH = itertools.count()
OWNER = "bob"
# What no schema can say: rules between fields, between records, and about what there is. Anything else that the
# description allows must be done.
RULES = re.compile(
    "|".join(  # noqa: FLY002 # one rule a line
        [
            r"there is no (topic|data set|trust root|webhook) |delete it first, or choose another (name|id)",
            r"choose qa, forum or microblog|always uses|says this for itself|reads either activities or a dataset",
            r"missing: (whom to score|a root of|every record|an account record|which network)",
            r"a job that is not to fetch names one network|the root names accounts on|named twice",
            r"in the future|in the past|already over|not a time|before 1970|needs an offset",
            r"is neither a slug|has neither terms nor hashtags|not all of them spaces|takes neither terms nor hashtags",
            r"always scored from them|it cannot be read as|cannot be followed|has no tags to follow",
            r"kind \w+ names no|is not FROM=TO|this is an export of|is for records, not for an export",
            r"Candor (reads no lists of|does not read)|webhooks are not sent to this address|missing: a text, or tags",
            r"is neither a zip nor a tar\.gz file|there is no record in the upload",
            r"(is needed|only) where `about` is|say why: whoever|an account of .+ is written",
            r"\w+ needs a (host|site); |holds no slash",
            r"no act of that person|nobody of that name|Pointers begin with the number of the line",
        ]
    )
)
OTHER_NAMES = "None of its columns are ours"
UPLOADS = ("PUT /v1/datasets/{dataset_id}", "POST /v1/datasets/{dataset_id}/records")
ACCEPTED = ["2xx", "3xx", 401, 403, 404, 409, 412, 422]
CONFIG = {
    "generation": {"deterministic": SEED is None, "max-examples": EXAMPLES, "database": "none"},
    "seed": SEED or 1,
    "checks": {  # 412 is for If-Match, which is any text; of 400 and 422 refusals_name_a_rule says more
        "ignored_auth": {"enabled": False},  # two requests more for each; test_openapi.py asks every operation for it
        "positive_data_acceptance": {"expected-statuses": ACCEPTED},
        "negative_data_rejection": {"expected-statuses": [400, 401, 403, 404, 405, 409, 412, 413, 414, 415, 422, 431]},
    },
    "operations": [  # of JSON, whose names no schema can choose: refusals_name_a_rule says which bodies
        {"include-name": name, "checks": {"positive_data_acceptance": {"expected-statuses": [400, *ACCEPTED]}}}
        for name in UPLOADS
    ],
    "phases": {
        "coverage": {"unexpected-methods": []},  # test_methods.py asks every address for every other method
        # on a walk a link may put a right body in the place of a wrong one, and still a refusal is expected
        "stateful": {"checks": {"negative_data_rejection": {"enabled": False}}},
    },
}
OPERATIONS = [(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods]
quick = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=SEED is None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def may_say_that_no_name_is_ours(detail: str, operation: str, body: object) -> bool:
    """Whether that is said of what is brought as records, and indeed no name in it is one of a record's."""
    if not detail.startswith(OTHER_NAMES) or operation not in UPLOADS:
        return False
    if isinstance(body, bytes):
        body = body.decode(errors="replace")
    if isinstance(body, str):
        try:
            body = [json.loads(line) for line in body.splitlines() if line.strip()]
        except ValueError:  # it was read as a table: its head holds the names
            body = dict.fromkeys(re.split(r"[,;\t|]", body.partition("\n")[0]))
    each = body if isinstance(body, list) else [body]
    return FIELDS.isdisjoint(name for one in each if isinstance(one, dict) for name in one)


@schemathesis.check
def refusals_name_a_rule(_ctx: Any, response: Response, case: Case) -> None:
    """What the description allows is refused by a rule that no schema can say, or not at all."""
    if response.status_code not in {400, 422} or case.meta is None or case.meta.generation.mode.is_negative:
        return
    problem = response.json()
    if RULES.search(problem["detail"]) or may_say_that_no_name_is_ours(
        problem["detail"], case.operation.label, case.body
    ):
        return
    faults = [fault["detail"] for fault in problem.get("errors", [])] or [problem["detail"]]
    if unknown := [detail for detail in faults if not RULES.search(detail)]:
        raise Failure(operation=case.operation.label, title="Refused without a rule", message="\n".join(unknown))


@schemathesis.serializer(
    *("application/x-ndjson", "text/csv", "application/vnd.apache.parquet", "application/octet-stream"),
    *("application/zip", "application/gzip", "application/zstd"),
)
def as_it_is(_ctx: Any, value: Any) -> bytes:
    """A file goes out as it was made."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


class Service:
    """The service with everything in it, at work: what is asked for is done before the answer is looked at."""

    def __init__(
        self, url: str, store: Store, make: Callable[[], tuple[ApiKey, dict[str, str], dict[str, str]]]
    ) -> None:
        self.store = store
        self._make = make
        self._context = WorkerContext(store, load_method(), score)
        self._names: dict[str, str] = {}
        self._only_read = False
        self.reached: dict[str, Any] = {"base_url": url, "session": ManagedCookiesSession()}

    def begin(self) -> None:
        """Make one of everything, and nothing else."""
        self.store.redis.flushall()
        self.store.workers.heartbeat("w1")
        _, bearer, names = self._make()
        self.reached["headers"], self._names = bearer, dict(names)
        self._only_read = True

    def begin_where_changed(self) -> None:
        """Begin, unless nobody did more than read since: to make everything takes longer than to ask for it."""
        if not self._only_read or not self.store.redis.dbsize():
            self.begin()

    def call(self, case: Case) -> None:
        """Ask as the owner of everything, about what there is, and run all checks."""
        if case.meta is None or not case.meta.generation.mode.is_negative:
            self._point(case)
            self.hasten(case)
        self._wait_for_nothing(case)
        answer = case.call(**self.reached)  # over one connection
        self.work_on(answer)
        self.check(case, answer)

    def check(self, case: Case, answer: Response, **kwargs: Any) -> None:
        """Run all checks."""
        case.validate_response(answer, headers=self.reached["headers"], transport_kwargs=self.reached, **kwargs)

    def _point(self, case: Case) -> None:
        """Name things that there are."""
        if case.operation.definition.raw["operationId"] == "revoke_key":  # not the one that is asked with
            self._names["key_id"] = self.store.keys.create(OWNER, "another", ("read",))[0].id
        for name in case.path_parameters.keys() & self._names.keys():
            case.path_parameters[name] = self._names[name]
        for name in case.query.keys() & self._names.keys():
            case.query[name] = self._names[name]
        for name in case.query.keys() & {"a", "b"}:
            case.query[name] = self._names["score_id"]

    def hasten(self, case: Case) -> None:
        """Ask for the first page, under a name of its own, with a body as it is, and wait for nothing."""
        self._wait_for_nothing(case)
        case.query.pop("cursor", None)
        case.headers.pop("Content-Encoding", None)
        if "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = f"request-{next(FRESH)}"

    def _wait_for_nothing(self, case: Case) -> None:
        """Ask for no patience that the service would have: what is to be done is done once it has answered."""
        if re.fullmatch(r"wait=[0-9]{1,2}", str(case.headers.get("Prefer", ""))):
            case.headers["Prefer"] = "wait=0"

    def work_on(self, answer: Response) -> None:
        """Where the answer is that something will be done, do it, save what would ask a network."""
        self._only_read &= answer.request.method == "GET"
        if answer.status_code != 202:
            return
        token = CURRENT.set(self._context)
        try:
            for job in self.store.jobs.list(OWNER, limit=5)[0]:
                if job.request.fetch is None and job.request.trust_root.kind != "list":
                    jobs.score(OWNER, job.id)
        finally:
            CURRENT.reset(token)
        for name in self.store.queue.waiting():
            if name.startswith("er_") and (erasure := self.store.erasures.start(name)):
                self.store.eraser.run(erasure)


@pytest.fixture(scope="module")
def interface(valkey: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """What an interface runs by, under gunicorn, that asks for keys and limits nothing."""
    folder = tmp_path_factory.mktemp("interface")
    with closing(listen("127.0.0.1", 0)) as listener, (folder / "log").open("wb") as log:
        guarded = Settings(
            redis_url=valkey.url,
            data_dir=folder,
            port=listener.getsockname()[1],
            trusted_proxies=1,
            operator_contact="somebody@example.org",
            key_requests=0,
            address_requests=0,
            failed_keys=0,
        )
        with closing(open_store(valkey.url, folder)) as store:
            store.keys.create(OWNER, "the first", ALL)  # it does not start without one
        arguments = [part for part in gunicorn_arguments(guarded) if not part.startswith("--bind=")]
        bind = f"--bind=fd://{listener.fileno()}"
        child = Child("interface", ["-m", "gunicorn", bind, *arguments], guarded, log, [listener.fileno()])
        try:
            assert requests.get(f"http://127.0.0.1:{guarded.port}/livez", timeout=30).ok
            yield guarded
        finally:
            child.stop(30)


@pytest.fixture(scope="module")
def everything(interface: Settings, share_app: Callable[..., Flask], saved_states: SavedStates) -> Iterator[Service]:
    """The service, and what puts something into it: the interface's own store, so that it is found there."""
    with closing(open_store(interface.redis_url, interface.data_dir)) as store:

        def make() -> tuple[ApiKey, dict[str, str], dict[str, str]]:
            return make_everything(share_app(Settings(host="0.0.0.0"), store).test_client(), store)

        yield Service(
            f"http://127.0.0.1:{interface.port}",
            store,
            lambda: saved_states(store, interface.data_dir, "everything at the interface", make),
        )


@pytest.fixture
def service(everything: Service) -> Iterator[Service]:
    everything.begin_where_changed()
    yield everything
    keys = [key.decode() for key in everything.store.redis.scan_iter()]
    assert [key for key in keys if row_of(key) is None] == []


@pytest.fixture(scope="module")
def whole() -> OpenApiSchema:
    """The description: requests are made of it where they are sent, not in each worker before any test."""
    load_all_checks()
    return schemathesis.openapi.from_dict(deepcopy(DOCUMENT), config=schemathesis.Config.from_dict(CONFIG))


def is_left_out(case: Case) -> bool:
    """Whether a request at the limits is left for deeper runs: the same ones each time, others for each operation."""
    if case.meta is None or not isinstance(case.meta.phase.data, CoveragePhaseData):
        return False
    limit = f"{case.operation.label} {case.meta.phase.data.parameter} {case.meta.phase.data.description}"
    return zlib.crc32(limit.encode()) % ONE_OF != 0


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_operation_keeps_its_word(whole: OpenApiSchema, service: Service, path: str, method: str) -> None:
    def keeps_its_word(case: Case) -> None:
        if not is_left_out(case):
            service.call(case)

    build_operation_test(  # what `whole.parametrize` does while tests are collected
        config=whole.config,
        operation=whole[path][method],
        test_func=keeps_its_word,
        given_kwargs={},
        feedback=FeedbackSources(make_constants_value_source(whole)),
        explicit_settings=quick,
    )()


def test_on_a_walk_over_the_links_every_operation_keeps_its_word(service: Service, whole: OpenApiSchema) -> None:
    class Walk(whole.as_state_machine()):  # type: ignore[misc] # made at run time
        def setup(self) -> None:
            super().setup()
            service.begin()  # what a walk meets must not depend on the walks before it

        def before_call(self, case: Case) -> None:
            service.hasten(case)

        def get_call_kwargs(self, _case: Case) -> dict[str, Any]:
            return service.reached

        def after_call(self, response: Response, case: Case) -> None:
            super().after_call(response, case)
            service.work_on(response)

        def validate_response(self, response: Response, case: Case, **_kwargs: Any) -> None:
            # where a walk leads depends on the ids it meets, so it meets other rules each time
            service.check(case, response, recorder=self.recorder, excluded_checks=[refusals_name_a_rule])

    Walk.run(settings=settings(quick, stateful_step_count=STEPS, phases=[Phase.generate]))


@pytest.mark.parametrize(
    ("operation", "body", "may"),
    [
        (UPLOADS[0], {"x": 1}, True),
        (UPLOADS[1], [{"x": 1}, {"y": 2}], True),
        (UPLOADS[0], '{"x": 1}\n', True),
        (UPLOADS[0], b"number;who\n1;2\n", True),
        (UPLOADS[0], {"x": 1, "actor": "u7"}, False),
        (UPLOADS[0], '{"type": "note"}\n', False),
        ("POST /v1/jobs", {"x": 1}, False),
    ],
)
def test_that_no_name_is_ours_may_be_said_of_such_uploads_only(operation: str, body: object, *, may: bool) -> None:
    assert may_say_that_no_name_is_ours(f"{OTHER_NAMES} (id, …).", operation, body) == may
    assert not may_say_that_no_name_is_ours("It cannot be read.", operation, body)


def test_a_wrong_answer_is_caught(service: Service, whole: OpenApiSchema) -> None:
    case = whole["/livez"]["GET"].Case()
    answer = case.call(**service.reached)
    answer.content = b'{"status": 1}'
    with pytest.raises(FailureGroup) as caught:
        case.validate_response(answer)
    assert "Response violates schema" in str(caught.value.exceptions[0])
