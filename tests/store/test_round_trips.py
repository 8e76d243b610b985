"""How often a worker asks the store: not once for every account that a job names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from candor.scoring.trust_root import RootAccount, TrustRoot
from candor.store import redis_keys, utc_now
from candor.store.account_kinds import AccountKindRecord
from candor.store.disputes import Dispute
from candor.store.models import AskedRoot

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis.connection import Connection

    from candor.store import Store
    from candor.store.models import Job
    from candor.store.started import Brought
    from tests.conftest import NewJob

NETWORK = "custom:demo"
MANY = [f"u{number}" for number in range(50)]
ROOT = TrustRoot(kind="accounts", network=NETWORK, accounts=(RootAccount(account="u1"),))
RECORDS = b'{"id":"a1"}'


@pytest.fixture
def job(store: Store, new_job: NewJob) -> Job:
    """One that brings its records, under a root."""
    return store.jobs.create(new_job(trust_root=AskedRoot.of(ROOT)), RECORDS, ROOT)


@pytest.fixture
def round_trips(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What is sent to the server from here on, one item a round trip."""
    store.redis.ping()
    kind, sent = type(store.redis.connection_pool.get_connection()), list[object]()
    send = kind.send_packed_command

    def note(self: Connection, command: object, check_health: bool = True) -> None:
        sent.append(command)
        send(self, command, check_health)

    monkeypatch.setattr(kind, "send_packed_command", note)
    store.redis.ping()
    store.redis.pipeline().ping().execute()  # connected as well by now
    sent.clear()
    return sent


@pytest.mark.parametrize(
    "ask",
    [
        lambda store, accounts: store.disputes.contested("local", NETWORK, accounts),
        lambda store, accounts: store.disputes.accepted_since(utc_now(), "local", NETWORK, "hops", accounts),
        lambda store, accounts: store.account_kinds.said("local", NETWORK, accounts),
    ],
    ids=["disputes", "disputes of a board", "kinds"],
)
def test_fifty_accounts_are_asked_about_at_once(
    store: Store, round_trips: list[object], ask: Callable[[Store, list[str]], object]
) -> None:
    ask(store, MANY[:1])  # the server is sent a script when it is first run
    round_trips.clear()
    ask(store, MANY)
    assert len(round_trips) == 1


def test_kinds_are_those_of_the_accounts_asked_about(store: Store) -> None:
    for account, kind in (("u3", "bot"), ("u7", "person"), ("other", "bot")):
        record = AccountKindRecord(
            network=NETWORK, account=account, kind=kind, said_by="operator", why="known", at=utc_now()
        )
        store.account_kinds.put("local", record)
    found = store.account_kinds.said("local", NETWORK, MANY)
    assert [(each.account, each.kind) for each in found] == [("u3", "bot"), ("u7", "person")]
    assert store.account_kinds.said("local", NETWORK, []) == ()


def started(store: Store, job: Job) -> Brought:
    """What a job brings that starts."""
    begun = store.jobs.start(job.owner, job.id)
    assert begun is not None
    assert begun.brought is not None
    return begun.brought


def test_what_a_job_with_records_is_scored_from_comes_with_the_job(
    store: Store, job: Job, round_trips: list[object]
) -> None:
    started(store, job)  # the server is sent a script when it is first run
    round_trips.clear()
    assert store.inline_inputs.read(job, started(store, job), NETWORK, MANY) == (RECORDS, ROOT, (), ())
    assert len(round_trips) == 1


def test_a_job_without_records_brings_nothing(store: Store, new_job: NewJob) -> None:
    job = store.jobs.create(new_job(trust_root=AskedRoot.of(ROOT)), None, ROOT)
    assert store.jobs.start(job.owner, job.id) == (store.jobs.find(job.id), None)


def test_read_at_once_it_is_what_is_read_one_by_one(store: Store, job: Job) -> None:
    record = AccountKindRecord(network=NETWORK, account="u3", kind="bot", said_by="operator", why="known", at=utc_now())
    store.account_kinds.put("local", record)
    dispute = Dispute(
        id="dsp_1",
        owner="local",
        score_id="sc_1",
        network=NETWORK,
        account="u7",
        topic="rockets",
        by="u1",
        of=None,
        reason="The same person.",
        contact=None,
        created_at=utc_now(),
    )
    store.disputes.open(dispute)
    store.disputes.decide("local", "dsp_1", accept=True, note=None)
    read = store.inline_inputs.read(job, started(store, job), NETWORK, MANY)
    assert read is not None
    assert [each.account for each in (*read.contested, *read.kinds)] == ["u7", "u3"]
    assert read == (
        store.jobs.activities(job),
        store.jobs.trust_root(job),
        store.disputes.contested("local", NETWORK, MANY),
        store.account_kinds.said("local", NETWORK, MANY),
    )


def test_while_anybody_is_suppressed_nothing_is_read_at_once(store: Store, job: Job) -> None:
    store.suppression.add("custom:elsewhere", ["somebody"])
    assert store.inline_inputs.read(job, started(store, job), NETWORK, MANY) is None


def test_a_root_that_is_gone_is_not_read_as_none(store: Store, job: Job) -> None:
    store.redis.delete(redis_keys.job_root(job.owner, ROOT.digest))
    with pytest.raises(LookupError):
        store.inline_inputs.read(job, started(store, job), NETWORK, MANY)


def test_a_job_that_has_ended_is_not_started(store: Store, job: Job) -> None:
    store.jobs.cancel("local", job.id)
    assert store.jobs.start(job.owner, job.id) is None
