"""Fixtures for jobs that fetch: a made-up Mastodon server behind requests-mock, and a worker without sleep."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec
import pytest

from candor.scoring.method import load_method
from candor.scoring.score import score
from candor.scoring.topics import Topic
from candor.scoring.trust_root import FACE_VALUE, TrustRoot
from candor.store import utc_now
from candor.store.models import AccountName, AskedRoot, FetchBudget, Job, JobRequest, Progress
from worker import jobs
from worker.context import CURRENT, WorkerContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from candor.store import Store

HOST = "a.example"
API = f"https://{HOST}/api/v1"
AS_OF = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass
class Fediverse:
    """One server; people and their posts are said by name, and answered as Mastodon answers."""

    mock: Any
    statuses: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def person(self, name: str, *posts: dict[str, Any], **facts: Any) -> None:
        """Somebody with these posts, the newest first."""
        address = f"https://{HOST}/users/{name}"
        self.finger(f"{name}@{HOST}", address)
        self.actor(address)
        self.mock.get(f"{API}/accounts/lookup?acct={name}", json=account(name, **facts))
        self.mock.get(f"{API}/accounts/id-{name}/featured_tags", json=[])
        statuses = f"{API}/accounts/id-{name}/statuses"
        self.mock.get(statuses, json=list(posts), headers={"Link": f'<{statuses}?min_id=0>; rel="prev"'})
        self.mock.get(f"{API}/accounts/id-{name}/collections", json={"collections": []})

    def finger(self, subject: str, address: str, asked: str | None = None) -> None:
        """What WebFinger says of a name, at its own domain."""
        user, _, domain = (asked or subject).partition("@")
        query = f"resource=acct%3A{user}%40{domain}"
        said = {"subject": f"acct:{subject}", "links": [{"rel": "self", "href": address}]}
        self.mock.get(f"https://{domain}/.well-known/webfinger?{query}", json=said)

    def actor(self, address: str, **facts: Any) -> None:
        """An actor document, at its address."""
        user = address.rpartition("/")[2].removeprefix("@")
        self.mock.get(address, json={"id": address, "preferredUsername": user, **facts})

    def reshared(self, key: str, *names: str) -> None:
        """These people reshared the post."""
        self.mock.get(f"{API}/statuses/{key}/reblogged_by", json=[account(name) for name in names])

    def asked(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [request.path for request in self.mock.request_history]


def account(name: str, **facts: Any) -> dict[str, Any]:
    """An account as its server shows it."""
    shown = {"id": f"id-{name}", "username": name, "acct": name, "url": f"https://{HOST}/@{name}", "note": ""}
    return {**shown, "display_name": name, "indexable": True, "discoverable": True, "followers_count": 3, **facts}


def post(key: str, by: str, day: int = 1, **more: Any) -> dict[str, Any]:
    """A post about rockets, of a day in October."""
    return {
        "id": key,
        "uri": f"https://{HOST}/posts/{key}",
        "url": f"https://{HOST}/@{by}/{key}",
        "created_at": f"2026-10-{day:02}T12:00:00.000Z",
        "account": account(by),
        "visibility": "public",
        "content": f"<p>{by} on a rocket, {key}</p>",
        **more,
    }


def reshare(key: str, by: str, of: dict[str, Any]) -> dict[str, Any]:
    """A reshare as the feed of whoever reshared shows it."""
    return {**post(key, by, 20), "content": "", "reblog": of}


@pytest.fixture
def fediverse(requests_mock: Any) -> Fediverse:
    return Fediverse(requests_mock)


@pytest.fixture
def fetching(store: Store) -> Callable[..., Job]:
    """Makes and saves a job that fetches accounts of the made-up server."""

    def make(
        *names: str,
        network: str = "mastodon",
        root: TrustRoot | None = None,
        max_requests: int = 100,
        max_posts: int = 50,
        owner: str = "local",
    ) -> Job:
        request = JobRequest(
            accounts=tuple(AccountName(network=network, account=name) for name in names),
            topics=(Topic(id="rockets", label="Rockets", terms=("rocket",)),),
            trust_root=AskedRoot.of(root or FACE_VALUE),
            as_of=AS_OF,
            network=network,
            fetch=FetchBudget(max_requests=max_requests, max_posts=max_posts),
        )
        progress = Progress(done=0, total=request.total, stage="queued")
        job = Job(id=f"job_{uuid4().hex}", owner=owner, request=request, created_at=utc_now(), progress=progress)
        store.jobs.create(job, root=root)
        return job

    return make


@pytest.fixture
def bring_records(store: Store) -> Callable[[Job, str], Job]:
    """Turns a job that fetches into one that brings a post of its first account."""

    def bring(job: Job, content: str) -> Job:
        record = {"type": "note", "id": "p1", "actor": job.request.accounts[0].account, "content": content}
        record["published"] = "2026-10-01T00:00:00Z"
        brought = msgspec.structs.replace(
            job, id=f"{job.id}b", request=msgspec.structs.replace(job.request, fetch=None, inline=True)
        )
        store.jobs.create(brought, msgspec.json.encode(record))
        return brought

    return bring


@pytest.fixture
def worked(store: Store) -> Iterator[Callable[[Job], Job]]:
    """Runs a job as a worker does; returns it as it is then."""

    def run(job: Job) -> Job:
        jobs.score(job.owner, job.id)
        return store.jobs.find(job.id)

    token = CURRENT.set(WorkerContext(store, load_method(), score))
    yield run
    CURRENT.reset(token)


@pytest.fixture
def document(store: Store) -> Callable[..., Any]:
    """Reads the document of a job's first result, or of a later one."""

    def read(job: Job, place: int = 0) -> Any:
        return msgspec.json.decode(store.scores.evidence(job.owner, job.results[place].score_id).body)

    return read
