"""What the service says of itself: name, versions, whether it can work, its methods and networks, and its metrics."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Annotated

import msgspec
from flask import Response
from msgspec import Meta, Struct
from msgspec.structs import replace
from prometheus_client.exposition import generate_latest
from redis.exceptions import RedisError

from candor import __version__
from candor.names.networks import NETWORKS, NetworkFacts
from candor.scoring.method import UnknownMethodError, known_versions, load_method
from candor.scoring.published import PublishedMethod, published
from candor.store.budgets import HostHealth
from candor.store.embedded import NO_ROOM_FOR_STORE, is_full
from candor.store.kept import FILES, NO_PEOPLE, REDIS
from candor.telemetry import meters
from candor.telemetry.meters import families
from service.auth import owner
from service.components import fill
from service.context import context
from service.errors import STORAGE_AWAY
from service.http import tagged
from service.paging import Page
from service.problems import ProblemError
from service.resource import Resource
from service.schemas.parameters import ETAG_HEADER, IF_NONE_MATCH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.metrics_core import Metric

    from candor.store.metrics import Sample
    from service.context import Context

NAME = "Candor"

start = Resource("about", "Where to begin.")
health = Resource("health", "For whoever keeps the service running.")
methods = Resource("methods", "How the numbers are made. A new version never changes an old score.")
networks = Resource("networks", "Where records come from, and what each source cannot show.")


class AboutUrls(Struct, frozen=True, kw_only=True):
    """Where to go on from here."""

    self: Annotated[str, Meta(description="This answer.")] = "/v1"
    docs: Annotated[str, Meta(description="The API described for people, to try out.")] = "/docs"
    openapi: Annotated[str, Meta(description="The API described for programs (OpenAPI 3.1).")] = "/openapi.yaml"
    networks: Annotated[str, Meta(description="Where records can come from, and what each network cannot show.")] = (
        "/v1/networks"
    )
    methods: Annotated[str, Meta(description="How the numbers are made.")] = "/v1/methods"
    kept: Annotated[str, Meta(description="What this service keeps of people, and how long.")] = "/v1/kept"
    guides: Annotated[
        str, Meta(description="Pages to read: how numbers are made, which files are read, and others.")
    ] = "/guides/"
    formats: Annotated[str, Meta(description="Which files are read, and what becomes of them: a page.")] = (
        "/guides/formats"
    )
    model_card: Annotated[str, Meta(description="How good the numbers are, measured: a page.")] = "/guides/model-card"
    health: Annotated[str, Meta(description="Whether the service can work.")] = "/readyz"


class AboutResponse(Struct, frozen=True, kw_only=True):
    """What this service is."""

    name: Annotated[str, Meta(description=f"Always {NAME}.")]
    version: Annotated[str, Meta(description="The version of the software that answers.")]
    method: Annotated[str, Meta(description="The version of the method that it scores with unless asked for another.")]
    contact: Annotated[
        str | None, Meta(description="How to reach whoever runs this service; null where it says nothing.")
    ]
    urls: Annotated[AboutUrls, Meta(description="Where to go on from here.")] = AboutUrls()


def _about(contact: str | None = "scores@example.org") -> AboutResponse:
    return AboutResponse(name=NAME, version=__version__, method=load_method().version, contact=contact)


@start.operation("GET", "/v1", scope=None)
@start.response(200, AboutResponse, description="Name, versions and addresses.", example=_about)
def about() -> AboutResponse:
    """Name the service, its version and its method's, how to reach its operator, and where everything else is."""
    return _about(context().settings.operator_contact)


class KeptRow(Struct, frozen=True, kw_only=True):
    """A kind of thing that is kept."""

    what: Annotated[str, Meta(description="What it is.")]
    people: Annotated[str | None, Meta(description="What of a person may be in it; null for nothing.")]
    days: Annotated[int | None, Meta(description="For how many days it is kept here, where a setting says; else null.")]
    ends: Annotated[str, Meta(description="When it goes by itself; after `days`, where they are given.")]
    erased: Annotated[str | None, Meta(description="What an erasure does to it; null where nothing of a person is.")]


def kept_rows() -> list[KeptRow]:
    """Return every kind of thing that is kept, with how long this service keeps it."""
    retention = context().settings.retention
    return [
        KeptRow(
            what=kept.what,
            people=None if kept.people == NO_PEOPLE else kept.people,
            days=None if kept.setting is None else getattr(retention, kept.setting),
            ends=kept.ends,
            erased=None if kept.erased == NO_PEOPLE else kept.erased,
        )
        for kept in (*REDIS, *FILES)
    ]


_KEPT_EXAMPLE = Page(
    data=[
        KeptRow(
            what="histories of an account's scores",
            people="name, numbers",
            days=90,
            ends="after the last step",
            erased="deleted",
        )
    ]
)


@start.operation("GET", "/v1/kept", scope=None)
@start.response(200, Page[KeptRow], description="Every kind, on one page.", example=_KEPT_EXAMPLE)
def list_kept() -> Page[KeptRow]:
    """List what this service keeps, what of people is in it, when it goes, and what an erasure does to it."""
    return Page(data=kept_rows())


class LiveResponse(Struct, frozen=True, kw_only=True):
    """The process answers."""

    status: Annotated[str, Meta(description="Always ok.")] = "ok"


class ReadyResponse(LiveResponse, frozen=True, kw_only=True):
    """The service can do its work."""

    workers: Annotated[int, Meta(description="Job workers heard of within the last ten seconds.")]
    queues: Annotated[dict[str, int], Meta(description="Jobs waiting in each queue.")]


@health.operation("GET", "/livez", scope=None)
@health.response(200, LiveResponse, description="The process answers.", example=LiveResponse())
def live() -> LiveResponse:
    """Say that the process answers."""
    return LiveResponse()


@health.operation("GET", "/readyz", scope=None, problems=("not_ready",))
@health.response(
    200,
    ReadyResponse,
    description="The service can work.",
    example=ReadyResponse(workers=2, queues={"interactive": 0, "batch": 3}),
)
def ready() -> ReadyResponse:
    """Say whether the store answers and is used with this machine's data, and whether a worker is at work."""
    found = context().store.health()
    if not found.redis_ok:
        full = is_full(context().settings.data_dir)
        raise _not_ready(NO_ROOM_FOR_STORE if full else "The store does not answer.")
    if not found.storage_ok:
        raise _not_ready(STORAGE_AWAY)
    if not found.identity_ok:
        raise _not_ready("This machine has another secret or data directory than the store is used with.")
    if found.workers_alive == 0:
        raise _not_ready("No worker is running.")
    return ReadyResponse(workers=found.workers_alive, queues=found.queue_depths)


def _not_ready(detail: str) -> ProblemError:
    return ProblemError("not_ready", detail, headers={"Retry-After": "5"})


class MethodVersion(Struct, frozen=True, kw_only=True):
    """One version of the method."""

    version: Annotated[str, Meta(description="Its version.")]
    digest: Annotated[str, Meta(description="Digest of every figure in it.")]
    url: Annotated[str, Meta(description="Where the whole of it is.")]


def _method_page() -> Page[MethodVersion]:
    found = map(load_method, known_versions())
    return Page(data=[MethodVersion(version=m.version, digest=m.digest, url=f"/v1/methods/{m.version}") for m in found])


@methods.operation("GET", "/v1/methods", scope=None)
@methods.response(200, Page[MethodVersion], description="Every version, newest first.", example=_method_page)
def list_methods() -> Page[MethodVersion]:
    """List the versions of the method that this service scores with, newest first."""
    return _method_page()


def _method_example() -> PublishedMethod:
    """Return the current method, which is its own example but for the length of what was measured."""
    method = published(load_method())
    if method.measured is None:
        return method
    return replace(method, measured=replace(method.measured, accuracy=(), attacks=(), intervals=(), scale=()))


@methods.operation(
    "GET",
    "/v1/methods/<version>",
    scope=None,
    problems=("not_found", "precondition_failed"),
    parameters=[IF_NONE_MATCH],
)
@methods.response(200, PublishedMethod, description="The whole method.", example=_method_example, headers=ETAG_HEADER)
@methods.other_response(304, description="You have it already.", headers=ETAG_HEADER)
def read_method(version: str) -> Response:
    """Read a method: formulas, weights, control points, kinds of recognition and their weaknesses."""
    try:
        return tagged(_published(version))
    except UnknownMethodError as error:
        raise ProblemError("not_found", f"{error}.") from None


@cache
def _published(version: str) -> bytes:
    return msgspec.json.encode(published(load_method(version)))


class ConnectorResponse(Struct, frozen=True, kw_only=True):
    """How a network is read."""

    terms: Annotated[str, Meta(description="Under whose terms it is asked.")]
    limits: Annotated[str, Meta(description="How much it allows to be asked.")]
    consent: Annotated[tuple[str, ...], Meta(description="What counts as a refusal, or as an account that is gone.")]
    unseen: Annotated[
        dict[str, str], Meta(description="What cannot be seen there, with the reason: unknown, not zero.")
    ]
    operator_adds: Annotated[str | None, Meta(description="What a token of the operator's opens, if anything.")]
    tried: Annotated[
        str | None,
        Meta(description="Against what it has been tried, where that is less than the network itself."),
    ]


class NetworkResponse(NetworkFacts, frozen=True, kw_only=True):
    """A family of networks, and how it is read."""

    connector: Annotated[
        ConnectorResponse | None, Meta(description="How the workers read it; null where records must be brought.")
    ]


class NetworksResponse(Page[NetworkResponse], frozen=True, kw_only=True):
    """All networks, on one page."""

    hosts: Annotated[
        list[HostHealth],
        Meta(description="Hosts that your jobs lately wanted to ask, and that are not asked at the moment."),
    ]


_NETWORKS_EXAMPLE = NetworksResponse(
    data=[
        NetworkResponse(
            id="stackexchange",
            label="Stack Exchange",
            argument="site",
            profile="qa",
            unknown={"listed": "there are no public lists of people here"},
            connector=ConnectorResponse(
                terms="the public API",
                limits="300 requests a day",
                consent=("deleted",),
                unseen={"votes": "who voted is shown to nobody"},
                operator_adds="a key raises the limits",
                tried=None,
            ),
        )
    ],
    hosts=[
        HostHealth(
            host="api.stackexchange.com",
            state="circuit_open",
            asked_at=datetime(2026, 11, 1, 9, tzinfo=UTC),
            until=datetime(2026, 11, 1, 9, 2, tzinfo=UTC),
            why="answered 503",
        )
    ],
)


@networks.operation("GET", "/v1/networks", scope="read", open_to_all=True)
@networks.response(200, NetworksResponse, description="Every network.", example=_NETWORKS_EXAMPLE)
def list_networks() -> NetworksResponse:
    """List the networks that records can come from, and those of your hosts that are not to be asked at the moment.

    `connector` says how a network is read, and is null where records must be brought. Without a key `hosts` is empty.
    """
    store = context().store
    readers = {found.family: fill(ConnectorResponse, found) for found in store.connectors.all()}
    return NetworksResponse(
        data=[fill(NetworkResponse, network, connector=readers.get(network.id)) for network in NETWORKS],
        hosts=[host for host in store.budgets.health(owner()) if host.state != "well"],
    )


MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
EXAMPLE = """\
# HELP candor_workers_alive Worker processes heard of within ten seconds.
# TYPE candor_workers_alive gauge
candor_workers_alive 2.0
"""
metrics = Resource("metrics", "For Prometheus.")


@metrics.operation("GET", "/metrics", scope="admin")
@metrics.response(
    200, {"type": "string"}, content_type=MEDIA_TYPE, description="Prometheus' text format.", example=EXAMPLE
)
def show_metrics() -> Response:
    """Show what all processes have counted, and how full the queues and the store are."""
    return Response(generate_latest(_Page(context())), content_type=MEDIA_TYPE)


class _Page:
    """What is shown, as prometheus_client asks for it."""

    def __init__(self, at_hand: Context) -> None:
        self._at_hand = at_hand

    def collect(self) -> Iterator[Metric]:
        """Yield every metric; without Redis only that it is away, and what room is left: sums would seem to fall."""
        store = self._at_hand.store
        try:
            self._at_hand.meters.flush(store.metrics.add)
            sums = store.metrics.sums() | self._seen()
        except RedisError:
            known: dict[Sample, float] = {(meters.STORE_UP.name, ()): 0.0}
            known[meters.DATA_FREE_BYTES.name, ()] = self._free_bytes()
            return families((meters.STORE_UP, meters.DATA_FREE_BYTES), known)
        return families((*meters.SEEN, *meters.COUNTED), sums)

    def _seen(self) -> dict[Sample, float]:
        store = self._at_hand.store
        server, queues = store.metrics.server(), store.metrics.queues()
        disputes, erasures = store.disputes.open_since(), store.erasures.open_since()
        return {
            (meters.DISPUTES_OPEN.name, ()): len(disputes),
            (meters.DISPUTE_OLDEST.name, ()): self._age_s(disputes),
            (meters.ERASURES_OPEN.name, ()): len(erasures),
            (meters.ERASURE_OLDEST.name, ()): self._age_s(erasures),
            (meters.BUILD_INFO.name, (("version", __version__), ("method", load_method().version))): 1.0,
            (meters.STORE_UP.name, ()): 1.0,
            (meters.STORE_BYTES.name, ()): server.used_bytes,
            (meters.STORE_LIMIT_BYTES.name, ()): server.limit_bytes,
            (meters.DATA_FREE_BYTES.name, ()): self._free_bytes(),
            (meters.WORKERS_ALIVE.name, ()): len(store.workers.alive()),
            **{(meters.QUEUE_DEPTH.name, (("queue", name),)): queue.depth for name, queue in queues.items()},
            **{(meters.QUEUE_OLDEST.name, (("queue", name),)): queue.oldest_s for name, queue in queues.items()},
        }

    def _age_s(self, since: list[datetime]) -> float:
        return max(0.0, (self._at_hand.now() - since[0]).total_seconds()) if since else 0.0

    def _free_bytes(self) -> int:
        folder = self._at_hand.settings.data_dir
        return shutil.disk_usage(folder if folder.exists() else folder.absolute().parent).free
