"""Whom the trust root of a job names is kept once, for as long as anything needs it, and without whoever was erased."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from candor.scoring.redaction import DataSubject
from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.store import redis_keys
from candor.store.models import AskedRoot, BoardFacts

if TYPE_CHECKING:
    from collections.abc import Callable

    from candor.store import Store
    from candor.store.models import Job
    from tests.conftest import NewJob

NAMED = tuple(RootAccount(account=f"p{number}") for number in range(3))
ROOT = TrustRoot(kind="accounts", network="custom:demo", accounts=NAMED, id="elders")
SOMEBODY = DataSubject(network="custom:demo", names=("p1",))


@pytest.fixture
def asked(store: Store, new_job: NewJob) -> Callable[[], Job]:
    """Submit a job under the root."""
    return lambda: store.jobs.create(new_job(trust_root=AskedRoot.of(ROOT)), b"", ROOT)


def places(store: Store) -> list[bytes]:
    """Where roots of jobs are kept."""
    return list(store.redis.scan_iter("candor:job-root:*"))


def test_jobs_under_one_root_keep_it_once(store: Store, asked: Callable[[], Job]) -> None:
    jobs = [asked() for _ in range(3)]
    assert len(places(store)) == 1
    assert [store.jobs.trust_root(job) for job in jobs] == [ROOT] * 3


def test_a_job_is_read_and_listed_without_whom_its_root_names(store: Store, asked: Callable[[], Job]) -> None:
    job = asked()
    store.redis.delete(*places(store))
    assert store.jobs.list("local")[0] == [store.jobs.find(job.id)] == [job]
    assert (job.request.trust_root.size, job.request.trust_root.digest) == (3, ROOT.digest)


def test_a_root_stays_while_a_job_is_open_and_for_an_hour_then(store: Store, asked: Callable[[], Job]) -> None:
    first, second = asked(), asked()
    (place,) = places(store)
    store.jobs.finish(first.id, "succeeded", ())
    assert store.redis.ttl(place) == -1
    store.jobs.cancel("local", second.id)
    assert 3_500 < store.redis.ttl(place) <= 3_600
    asked()
    assert (store.redis.ttl(place), store.redis.hget(place, "open")) == (-1, b"1")


def test_a_root_stays_as_long_as_a_board_made_under_it(store: Store, asked: Callable[[], Job]) -> None:
    job = asked()
    facts = {"method": "1.0.0", "people": 0, "compared": 0, "largest_difference": 0.0}
    store.boards.put(BoardFacts(id="bd_1", owner="local", request=job.request, **facts), [])
    store.jobs.finish(job.id, "succeeded", ())
    (place,) = places(store)
    assert abs(store.redis.ttl(place) - store.boards.life_s("local", "bd_1")) <= 2


def test_nothing_is_kept_of_a_root_that_names_nobody(store: Store, new_job: NewJob) -> None:
    job = store.jobs.create(new_job(), b"")
    assert (places(store), store.jobs.trust_root(job).kind) == ([], "network")


def test_who_is_erased_is_in_no_root_and_back_in_one_that_names_them_again(
    store: Store, asked: Callable[[], Job]
) -> None:
    before = asked()
    assert [found for kind, found in store.eraser.kept_of("custom:demo", "p1") if kind == "job_roots"]
    store.eraser.run(store.erasures.create(None, "custom:demo", "p1"))
    assert [each.account for each in store.jobs.trust_root(before).accounts] == ["p0", "p2"]
    store.suppression.remove("custom:demo", "p1")
    assert store.jobs.trust_root(asked()) == ROOT


def test_owners_see_no_roots_of_each_other(store: Store, new_job: NewJob) -> None:
    for owner in ("ada", "bob"):
        store.jobs.create(new_job(owner=owner, trust_root=AskedRoot.of(ROOT)), b"", ROOT)
    assert len(places(store)) == 2


def test_the_list_of_a_data_sets_boards_says_no_root_and_no_topic_aloud(store: Store, new_job: NewJob) -> None:
    job = new_job("tag:ada", dataset="town", trust_root=replace(AskedRoot.of(ROOT), id="friends-of-ada"))
    numbers = {"method": "1", "people": 0, "compared": 0, "largest_difference": 0.0}
    facts = BoardFacts(id="bd_1", owner="local", request=job.request, **numbers)
    store.boards.put(facts, [])
    assert b"ada" not in b"".join(store.redis.hkeys(redis_keys.boards_of("local", "town")))
    assert store.boards.newest("local", "town", "tag:ada", "friends-of-ada", "1") == facts
