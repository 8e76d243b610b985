"""Erasing what was fetched: under every name an account has, whoever dies or is still at work meanwhile."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from candor.scoring.redaction import DataSubject
from candor.scoring.vouches import Vouch
from candor.store import redis_keys, utc_now
from candor.store.client import DamagedValueError, seal, unpack
from candor.store.job_problems import ALIASES_UNKNOWN, ERASURE_FAILED
from candor.store.models import Progress
from candor.store.storage import DIRECTORY_ID
from candor.store.workers import LeaseLostError
from candor.telemetry.meters import Meters
from tests.worker.conftest import API, account
from worker import erasures
from worker.launcher import Reaper
from worker.process import Heartbeat

DID = "did:plc:z72i7hdynmk6r22z27h6tvur"
PROFILE = "https://public.api.bsky.app/xrpc/app.bsky.actor.getProfile"
RESOLVE = "https://public.api.bsky.app/xrpc/com.atproto.identity.resolveHandle"
AT = datetime(2026, 10, 1, tzinfo=UTC)
ADA, BO = "@ada@a.example", "@bo@a.example"


@pytest.fixture
def post():
    """A post of ada's that bo reshared."""
    return {
        "id": "p1",
        "uri": "https://a.example/posts/p1",
        "url": "https://a.example/@ada/p1",
        "created_at": "2026-10-01T12:00:00.000Z",
        "account": {"id": "id-ada", "username": "ada", "acct": "ada", "url": "https://a.example/@ada"},
        "visibility": "public",
        "content": "<p>ada on a rocket</p>",
        "reblogs_count": 1,
    }


@pytest.fixture
def fetched(fediverse, fetching, worked, post):
    """A job that fetched ada, asked for under another spelling."""
    fediverse.person("ada", post)
    fediverse.reshared("p1", "bo")
    return worked(fetching("ada@a.example"))


def held(store) -> bytes:
    """Everything in Redis but the names of keys, unpacked."""
    said = []
    for key in store.redis.scan_iter("candor:*"):
        kind = store.redis.type(key)
        if kind == b"string":
            said.append(store.redis.get(key))
        elif kind == b"hash":
            said += [part for field in store.redis.hgetall(key).items() for part in field]
        elif kind == b"zset":
            said += store.redis.zrange(key, 0, -1)
    for value in list(said):
        try:
            said.append(unpack(value))
        except DamagedValueError:
            continue
    return b"\n".join(said)


def erase(store, account, owner="local", network="mastodon"):
    """Ask for an erasure and run it as a worker does."""
    asked = store.erasures.create(owner, network, account)
    erasures.erase(owner or "", asked.id)
    return store.erasures.find(asked.id)


@pytest.mark.parametrize("name", [ADA, "ada@a.example"])
def test_either_spelling_erases_what_is_kept_under_both(store, fetched, name):
    assert b"ada@a.example" in held(store)
    assert erase(store, name).status == "succeeded"
    assert b"ada@a.example" not in held(store)


@pytest.mark.parametrize("name", [ADA, "ada@a.example"])
def test_either_spelling_keeps_both_out(store, fetched, name):
    erase(store, name)
    assert store.suppression.among("mastodon", [ADA, "ada@a.example"]) == {ADA, "ada@a.example"}


def test_what_networks_said_is_forgotten(store, fetched):
    assert store.response_cache.keys()
    assert erase(store, ADA).erased["cached_responses"] > 0
    assert store.response_cache.keys() == []


def test_in_a_fetched_document_a_voice_is_erased(store, fediverse, fetched):
    fediverse.person("bo")
    score_id = fetched.results[0].score_id
    assert b"bo@a.example" in store.scores.evidence("local", score_id).body
    assert erase(store, BO).erased["redacted"] == 1
    assert b"bo@a.example" not in store.scores.evidence("local", score_id).body


def test_vouches_go_on_both_sides(store, worked, no_sleep):
    pairs = (ADA, "@cy@a.example"), ("@cy@a.example", ADA), ("@cy@a.example", "@dee@a.example")
    store.vouches.keep("local", "mastodon", [Vouch(*pair, AT) for pair in pairs])
    assert erase(store, ADA).erased["vouches"] == 2
    assert store.vouches.between("local", "mastodon", AT, AT + timedelta(days=1)) == [pairs[2]]


def test_the_receipt_names_nobody(store, fetched):
    assert erase(store, ADA).names == ()


def test_while_the_network_cannot_say_what_a_handle_stands_for_an_erasure_waits_and_says_why(
    store, fediverse, worked, no_sleep
):
    fediverse.mock.get(PROFILE, status_code=500)
    store.vouches.keep("local", "bluesky", [Vouch(name, "cy.example", AT) for name in (DID, "ada.example")])
    waiting = erase(store, "ada.example", network="bluesky")
    assert (waiting.status, waiting.erased["vouches"], waiting.finished_at) == ("waiting", 1, None)
    assert "public.api.bsky.app" in waiting.waits_for
    fediverse.mock.get(PROFILE, json={"did": DID, "handle": "ada.example"})
    erasures.erase("local", waiting.id)
    ended = store.erasures.find(waiting.id)
    assert (ended.status, ended.erased["vouches"], ended.waits_for) == ("succeeded", 2, None)
    assert store.suppression.among("bluesky", [DID, "@Ada.example"]) == {DID, "@Ada.example"}


def test_a_did_takes_what_is_kept_under_its_handle_along(store, fediverse, worked):
    fediverse.mock.get(PROFILE, json={"did": DID, "handle": "ada.example"})
    assert erase(store, DID, network="bluesky").status == "succeeded"
    assert store.suppression.among("bluesky", ["ada.example"]) == {"ada.example"}


def test_of_an_account_that_is_shown_no_more_the_handle_still_says_the_did(store, fediverse, worked):
    fediverse.mock.get(PROFILE, status_code=400, json={"error": "AccountDeactivated"})
    fediverse.mock.get(RESOLVE, json={"did": DID})
    assert erase(store, "ada.example", network="bluesky").status == "succeeded"
    assert store.suppression.among("bluesky", [DID]) == {DID}


DOCUMENT = f"https://plc.directory/{DID}"


def test_a_did_whose_account_is_shown_no_more_takes_the_handle_along_that_still_stands_for_it(store, fediverse, worked):
    fediverse.mock.get(PROFILE, status_code=400, json={"error": "AccountDeactivated"})
    fediverse.mock.get(DOCUMENT, json={"alsoKnownAs": ["at://Ada.example", "at://bo.example"], "service": []})
    fediverse.mock.get(f"{RESOLVE}?handle=ada.example", json={"did": DID})
    fediverse.mock.get(f"{RESOLVE}?handle=bo.example", json={"did": "did:plc:bobobobobobobobobobobobo"})
    assert erase(store, DID, network="bluesky").status == "succeeded"
    assert store.suppression.among("bluesky", ["ada.example", "bo.example"]) == {"ada.example"}


def test_an_account_that_nobody_knows_has_no_other_names(store, fediverse, worked):
    for address in (PROFILE, RESOLVE):
        fediverse.mock.get(address, status_code=400, json={"error": "InvalidRequest"})
    assert erase(store, "ada.example", network="bluesky").status == "succeeded"


NEW, OWN = "https://b.example/users/ada", "https://a.example/users/ada"


def serve_move(fediverse, **new):
    """Ada of a.example says that she moved to b.example; what stands there is given."""
    fediverse.person("ada", moved={"id": "9", "acct": "ada@b.example"})
    fediverse.actor(OWN, movedTo=NEW)
    fediverse.finger("ada@b.example", NEW)
    fediverse.actor(NEW, **new)


def test_where_an_account_has_moved_to_it_is_erased_and_suppressed_too(store, fediverse, worked):
    serve_move(fediverse, alsoKnownAs=[OWN])
    assert erase(store, ADA).status == "succeeded"
    assert store.suppression.among("mastodon", ["https://b.example/@ada"]) == {"https://b.example/@ada"}


def test_from_where_an_account_has_moved_it_is_erased_too(store, fediverse, worked):
    serve_move(fediverse, alsoKnownAs=[OWN])
    fediverse.mock.get("https://b.example/api/v1/accounts/lookup", json={"id": "9", "acct": "ada"})
    fediverse.mock.get("https://b.example/api/v1/accounts/9/featured_tags", json=[])
    assert erase(store, "@ada@b.example").status == "succeeded"
    assert store.suppression.among("mastodon", [ADA]) == {ADA}


@pytest.mark.parametrize("said", [{}, {"alsoKnownAs": ["https://third.example/users/eve"]}, {"movedTo": None}])
def test_nobody_can_have_others_erased_by_saying_that_they_moved_there(store, fediverse, worked, said):
    serve_move(fediverse, **said)
    assert erase(store, ADA).status == "succeeded"
    assert store.suppression.among("mastodon", ["@ada@b.example"]) == set()


def test_while_the_server_where_an_account_moved_to_is_away_an_erasure_waits(store, fediverse, worked, no_sleep):
    serve_move(fediverse)
    fediverse.mock.get(NEW, status_code=502)
    waiting = erase(store, ADA)
    assert (waiting.status, "b.example" in waiting.waits_for) == ("waiting", True)
    fediverse.actor(NEW, alsoKnownAs=[OWN])
    erasures.erase("local", waiting.id)
    assert store.suppression.among("mastodon", ["@ada@b.example"]) == {"@ada@b.example"}


@pytest.fixture
def own_domain(fediverse):
    """Ada goes by own.example and is served by a.example, which numbers its accounts as newer servers do."""
    fediverse.person("ada")
    numbered = "https://a.example/ap/users/115"
    for asked in ("ada@own.example", "ada@a.example"):
        fediverse.finger("ada@own.example", numbered, asked)
    fediverse.actor(numbered, preferredUsername="ada")
    fediverse.mock.get("https://own.example/api/v1/accounts/lookup", status_code=404)
    return ("@ada@own.example", ADA, "https://a.example/@ada", "https://a.example/users/ada", numbered)


@pytest.mark.parametrize("place", range(5))
def test_an_account_with_a_domain_of_its_own_is_erased_under_all_its_names_by_any(store, own_domain, worked, place):
    assert erase(store, own_domain[place]).status == "succeeded"
    assert store.suppression.among("mastodon", own_domain) == set(own_domain)


@pytest.mark.parametrize("place", range(5))
def test_while_its_domain_is_away_it_waits_unless_the_server_says_all(
    store, own_domain, worked, fediverse, place, no_sleep
):
    fediverse.mock.get("https://own.example/.well-known/webfinger", status_code=503)
    fediverse.mock.get("https://own.example/api/v1/accounts/lookup", status_code=503)
    waiting = erase(store, own_domain[place])
    assert (waiting.status, "own.example" in waiting.waits_for) == ("waiting", True)


@pytest.mark.parametrize("odd", ["https://[", "http://10.0.0.1/users/ada", "ftp://x", 7, None, "a" * 9000])
def test_odd_addresses_of_other_selves_stop_no_erasure(store, fediverse, worked, odd):
    fediverse.person("ada")
    fediverse.actor(OWN, movedTo=odd, alsoKnownAs=[odd, {"id": odd}])
    assert erase(store, ADA).status == "succeeded"
    fediverse.finger("ada@a.example", str(odd))
    assert erase(store, ADA).status == "succeeded"


def test_a_domain_cannot_have_the_account_of_another_server_erased_by_naming_it(store, fediverse, worked):
    fediverse.person("ada")
    fediverse.mock.get("https://evil.example/api/v1/accounts/lookup", status_code=404)
    fediverse.finger("ada@a.example", OWN, "ada@evil.example")
    assert erase(store, "@ada@evil.example").status == "succeeded"
    assert store.suppression.among("mastodon", [ADA]) == set()


def test_one_that_waited_as_long_as_jobs_are_kept_fails_and_keeps_no_name(store, fediverse, worked, no_sleep):
    fediverse.mock.get(PROFILE, status_code=500)
    waiting = erase(store, "ada.example", network="bluesky")
    long_ago = msgspec.structs.replace(waiting, created_at=waiting.created_at - timedelta(days=8))
    for key in (redis_keys.erasure(waiting.id), redis_keys.erasure_again(waiting.id)):
        store.redis.set(key, seal(long_ago, key))
    erasures.erase("local", waiting.id)
    ended = store.erasures.find(waiting.id)
    assert (ended.status, ended.error, ended.names, ended.waits_for) == ("failed", ALIASES_UNKNOWN, (), None)


def test_one_that_waits_is_run_again_later_and_not_at_once(store, fediverse, worked, no_sleep):
    fediverse.mock.get(PROFILE, status_code=500)
    waiting = erase(store, "ada.example", network="bluesky")
    store.queue.remove("batch", waiting.id)
    assert store.erasures.orphans() == set()
    due = store.redis.zscore("candor:erasures", waiting.id) - utc_now().timestamp()
    assert 0 < due <= 3600


def test_it_ends_only_after_jobs_that_were_running_when_it_was_asked_for(store, worked, new_job):
    job = new_job()
    store.jobs.create(job, b"")
    store.workers.hold("w1", job.id)
    asked = store.erasures.create("local", "custom:demo", "u1")
    erasures.erase("local", asked.id)
    assert store.erasures.find(asked.id).status == "running"
    store.workers.release("w1", job.id)
    erasures.erase("local", asked.id)
    assert store.erasures.find(asked.id).status == "succeeded"


def test_what_such_a_job_still_writes_is_erased(store, worked, new_job, posts):
    job = new_job()
    store.jobs.create(job, posts)
    store.workers.hold("w1", job.id)
    asked = store.erasures.create("local", "custom:demo", "u1")
    erasures.erase("local", asked.id)
    waiting = Progress(done=0, total=1, stage="waiting", waits_for="of u1")
    store.redis.hset("candor:job:" + job.id, "progress", seal(waiting))
    store.workers.release("w1", job.id)
    erasures.erase("local", asked.id)
    assert store.jobs.find(job.id).progress.waits_for == "of erased"


def test_one_that_its_worker_lost_is_queued_again(store, worked):
    asked = store.erasures.create("local", "custom:demo", "u1")
    store.queue.remove("batch", asked.id)
    reaper = Reaper(store, Meters(), lambda: 0.0)
    reaper.run(0.0)
    reaper.run(4.0)
    assert store.queue.waiting() == {asked.id}


def test_one_that_waited_for_what_was_in_hand_goes_on_and_is_not_taken_for_lost(store, worked, new_job):
    job = new_job()
    store.jobs.create(job, b"")
    store.workers.hold("w1", job.id)
    asked = store.erasures.create(None, "custom:demo", "u1")
    erasures.erase("", asked.id)
    store.queue.remove("batch", asked.id)
    store.queue.remove("batch", job.id)
    Reaper(store, Meters()).run(0.0)
    assert asked.id not in store.queue.waiting()
    store.redis.zadd("candor:erasures", {asked.id: 0})
    Reaper(store, Meters()).run(0.0)
    assert asked.id in store.queue.waiting()
    assert store.erasures.resume() == ()


def test_one_whose_queueing_failed_is_found(store, worked, monkeypatch):
    def away(*_: object, **__: object) -> None:
        raise RedisConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(store.queue, "push", away)
        asked = store.erasures.create("local", "custom:demo", "u1")
    assert store.erasures.orphans() == {asked.id}


@pytest.mark.parametrize("messages", range(5))
def test_whoever_dies_while_asking_leaves_all_of_it_or_nothing(store, worked, messages):
    """A process of its own is killed when it is about to send Redis one message more."""
    if (child := os.fork()) == 0:
        store.redis.connection_pool.reset()
        store.redis.ping()
        left, way = iter(range(messages)), store.redis.connection_pool.connection_class
        send = way.send_packed_command

        def last_words(self, command, *more, **named):
            if next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)
            send(self, command, *more, **named)

        way.send_packed_command = last_words
        store.erasures.create("local", "custom:demo", "u1")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    saved = store.redis.zrange("candor:erasures", 0, -1)
    assert len(saved) == len(store.suppression.among("custom:demo", ["u1"]))
    assert store.erasures.orphans() | store.queue.waiting() == set(map(bytes.decode, saved))


def test_one_that_breaks_three_times_ends_as_failed_and_keeps_the_account_out(store, worked, monkeypatch):
    def broken(*_: object) -> None:
        raise ValueError("no")

    monkeypatch.setattr(store.eraser, "run", broken)
    asked = store.erasures.create("local", "custom:demo", "u1")
    for _ in range(3):
        erasures.erase("local", asked.id)
    assert store.erasures.find(asked.id).error == ERASURE_FAILED
    assert store.suppression.among("custom:demo", ["u1"]) == {"u1"}


def test_one_that_has_ended_is_not_run_again(store, worked):
    ended = erase(store, "u1", network="custom:demo")
    erasures.erase("local", ended.id)
    assert store.erasures.find(ended.id) == ended


def test_of_all_owners_everything_goes(store, worked, new_job, posts):
    jobs = [new_job(owner=owner) for owner in ("ada", "bob")]
    for job in jobs:
        store.jobs.create(job, posts)
        worked(job)
    assert erase(store, "u1", owner=None, network="custom:demo").erased["documents"] == 2
    assert list(store.redis.scan_iter("candor:score:*")) == []


@pytest.mark.parametrize("when", ["documents", "results"])
def test_a_worker_that_stood_still_past_its_lease_writes_nothing_of_who_was_erased_meanwhile(
    store, fediverse, fetching, worked, post, monkeypatch, when
):
    fediverse.person("ada", post)
    fediverse.reshared("p1", "bo")
    job = fetching("ada@a.example")

    def frozen(keep):
        def late(*given, **named):
            store.redis.delete(f"candor:job:{job.id}:lease")  # as after ten seconds
            assert erase(store, ADA).status == "succeeded"
            heartbeat._beat()
            return keep(*given, **named)

        return late

    kept, name = (store.scores, "put") if when == "documents" else (store.jobs, "finish")
    monkeypatch.setattr(kept, name, frozen(getattr(kept, name)))
    heartbeat = Heartbeat(store, "w1", os.getppid(), Meters())
    with heartbeat.holding(store.workers, job.id), pytest.raises(LeaseLostError):
        worked(job)
    left = store.jobs.find(job.id)
    assert (left.status, left.results) == ("running", ())
    assert list(store.scores.kept_of(DataSubject(network="mastodon", names=(ADA,)), None)) == []
    monkeypatch.undo()
    with heartbeat.holding(store.workers, job.id):
        assert worked(store.jobs.find(job.id)).status == "failed"
    assert b"ada@a.example" not in held(store)


def test_a_lease_that_ended_while_nobody_was_suppressed_is_taken_again(
    store, fediverse, fetching, worked, post, monkeypatch
):
    fediverse.person("ada", post)
    fediverse.reshared("p1", "bo")
    job, put = fetching("ada@a.example"), store.scores.put

    def late(*given):
        store.redis.delete(f"candor:job:{job.id}:lease")
        put(*given)

    monkeypatch.setattr(store.scores, "put", late)
    with Heartbeat(store, "w1", os.getppid(), Meters()).holding(store.workers, job.id):
        assert worked(job).status == "succeeded"


def test_a_worker_that_stood_still_does_not_say_for_which_host_its_job_waits(store, fetching, worked, no_sleep):
    job = fetching(ADA)
    waits = msgspec.structs.replace(job.progress, stage="waiting", waits_for="a.example: busy")
    with Heartbeat(store, "w1", os.getppid(), Meters()).holding(store.workers, job.id):
        store.redis.delete(f"candor:job:{job.id}:lease")
        erase(store, ADA)
        with pytest.raises(LeaseLostError):
            store.recovery.postpone(job.id, waits, utc_now())
    assert store.jobs.find(job.id).progress.waits_for is None


def test_an_answer_that_comes_while_somebody_is_erased_is_not_kept(store, fediverse, fetching, worked, post):
    fediverse.person("ada", post)
    fediverse.person("bo")

    def late(request, context):
        assert erase(store, "bo@a.example").status == "succeeded"
        return [account("bo")]

    fediverse.mock.get(f"{API}/statuses/p1/reblogged_by", json=late)
    assert worked(fetching("ada@a.example")).status == "succeeded"
    assert b"bo@a.example" not in held(store)
    assert b"https://a.example/@bo" not in held(store)


def test_what_a_network_still_says_of_somebody_suppressed_is_kept_no_longer_than_the_job(
    store, fediverse, fetching, worked, post
):
    fediverse.person("ada", post)
    fediverse.person("bo")
    fediverse.reshared("p1", "bo", "cy")
    assert erase(store, "bo@a.example").status == "succeeded"
    assert worked(fetching("ada@a.example")).status == "succeeded"
    assert b"https://a.example/@bo" not in held(store)
    assert b"https://a.example/@ada" in held(store)


def test_a_worker_that_stood_still_does_not_say_which_score_answers_for_somebody_erased(
    store, fediverse, fetching, worked, post, monkeypatch
):
    fediverse.person("ada", post)
    fediverse.reshared("p1", "bo")
    job, put = fetching("ada@a.example"), store.score_cache.put

    def late(*given):
        store.redis.delete(f"candor:job:{job.id}:lease")
        assert erase(store, ADA).status == "succeeded"
        put(*given)

    monkeypatch.setattr(store.score_cache, "put", late)
    with Heartbeat(store, "w1", os.getppid(), Meters()).holding(store.workers, job.id), pytest.raises(LeaseLostError):
        worked(job)
    assert store.redis.keys("candor:cached-score:*") == []


def test_nobody_counts_as_erased_while_the_data_sets_are_away(store, worked, data_dir):
    store.identity.check()
    asked = store.erasures.create("local", "custom:demo", "p12")
    mark = data_dir / "datasets" / DIRECTORY_ID
    mark.rename(data_dir / "away")
    erasures.erase("local", asked.id)
    assert store.erasures.find(asked.id).status != "succeeded"
    mark.unlink(missing_ok=True)
    (data_dir / "away").rename(mark)
    erasures.erase("local", asked.id)
    assert store.erasures.find(asked.id).status == "succeeded"
