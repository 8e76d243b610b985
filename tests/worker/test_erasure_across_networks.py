"""Somebody who erases themselves on one network: jobs of other networks, and the words of an address, stay whole."""

from __future__ import annotations

from urllib.parse import quote

import msgspec
import pytest
from msgspec.structs import replace

from candor.scoring.activity import Activity
from candor.scoring.topics import Topic
from candor.store import redis_keys, utc_now
from candor.store.account_kinds import AccountKindRecord
from candor.store.client import seal, unpack
from candor.store.followed_boards import FollowedBoard
from candor.store.idempotency import IdempotentResponse
from candor.store.job_problems import INPUTS_GONE
from candor.store.jobs import part_id
from candor.store.models import AccountName, FindingRequest, JobResult
from candor.store.sources import AskedSource
from service.api.job_response import finding_url
from worker import erasures

TOPIC = Topic(id="space-technology", label="Space")
MESSAGES = "/v1/topics/space-technology/messages?dataset=town&trust_root=m"
WORDS = ("v1", "topics", "space-technology", "messages", "dataset", "town", "trust_root", "m")


@pytest.fixture
def leaves(store, worked):
    """Have somebody erased from everything of everybody."""

    def _leave(account, network="custom:elsewhere"):
        erasures.erase("", store.erasures.create(None, network, account).id)

    return _leave


@pytest.fixture
def keep(store, new_job):
    """Keep a job as the service does; return what it asks for, read again."""

    def _keep(*accounts, kind=None, activities=None, network="custom:town", **more):
        query = {"trust_root": "m"}
        finding = kind and FindingRequest(kind=kind, id="fi_1", query=query, message=more.pop("message", None))
        who = tuple(AccountName(network=network, account=account) for account in accounts)
        asked = {"network": network, "dataset": None if activities else "town", "finding": finding, **more}
        job = new_job(owner="bob", **asked)
        job = replace(job, request=replace(job.request, accounts=who))
        store.jobs.create(job, activities)
        return lambda: store.jobs.find(job.id).request

    return _keep


@pytest.fixture
def running(store, new_job):
    """Have a job that ranks everybody cut into parts; return their ids."""

    def _cut(topics):
        job = new_job(owner="bob", network="custom:town", dataset="town", topics=topics)
        job = replace(job, request=replace(job.request, accounts=()))
        store.jobs.create(job)
        store.job_parts.fan_out(job)
        return [part_id(job.id, number) for number in range(len(topics))]

    return _cut


def test_jobs_of_other_networks_keep_their_addresses(leaves, keep):
    job = keep(kind="messages", topics=(TOPIC,))
    for word in WORDS:
        leaves(word)
    assert finding_url(job()) == MESSAGES


def test_in_jobs_of_the_network_too_the_words_of_an_address_stay(leaves, keep):
    job = keep(kind="messages", topics=(TOPIC,))
    for word in WORDS:
        leaves(word, "custom:town")
    assert finding_url(job()) == MESSAGES


@pytest.mark.parametrize("kind", ["account_topics", "account_questions"])
def test_in_the_address_of_what_is_about_an_account_its_name_goes(leaves, keep, kind):
    job = keep("ada b", kind=kind)
    rest = f"{kind.removeprefix('account_')}?dataset=town&trust_root=m"
    assert finding_url(job()) == f"/v1/accounts/custom:town/ada%20b/{rest}"
    leaves("ada b", "custom:town")
    assert finding_url(job()) == f"/v1/accounts/custom:town/erased/{rest}"


@pytest.mark.parametrize(
    ("message", "left"), [("ada/1", "erased/1"), ("re_ada_1", "erased"), ("re:ada", "re:erased"), ("adab/1", "adab/1")]
)
def test_in_the_address_of_a_message_the_name_in_its_id_goes(leaves, keep, message, left):
    job = keep(kind="message", message=message)
    leaves("ada", "custom:town")
    assert job().finding.message == left
    assert finding_url(job()) == f"/v1/datasets/town/messages/{quote(left, safe=':')}?trust_root=m"


def test_a_part_that_has_ended_brings_no_name_back_into_the_results_of_its_job(store, leaves, running):
    topics = (Topic(id="a", label="a"), Topic(id="b", label="b"))
    ended, open_ = running(topics)
    store.jobs.fail(ended, replace(INPUTS_GONE, detail="ada/lists/1 cannot be read."))
    leaves("ada", "custom:town")
    store.jobs.fail(open_, INPUTS_GONE)
    whole = store.jobs.find(ended.partition("-")[0])
    assert [each.problem.detail for each in whole.results] == ["erased/lists/1 cannot be read.", INPUTS_GONE.detail]


@pytest.mark.parametrize("network", ["custom:elsewhere", "custom:demo"])
def test_a_job_that_waits_keeps_its_topic_when_somebody_of_that_name_leaves(leaves, keep, network):
    job = keep(network="custom:demo", topics=(Topic(id="tag:adcs", label="adcs"),))
    leaves("adcs", network)
    assert [(topic.id, topic.label) for topic in job().topics] == [("tag:adcs", "adcs")]


@pytest.mark.parametrize(("network", "left"), [("custom:elsewhere", 1), ("custom:town", 0)])
def test_records_that_came_with_a_job_go_only_where_they_are_the_persons(store, leaves, keep, network, left):
    note = Activity(id="n1", type="note", actor="ada", published=utc_now(), content="a rocket")
    keep("bo", activities=msgspec.json.encode(note))
    leaves("ada", network)
    (key,) = store.redis.scan_iter("candor:job:*:activities")
    assert unpack(store.redis.get(key)).count(b'"actor":"ada"') == left


def test_an_address_of_somebody_elses_record_that_came_with_a_job_goes(store, leaves, keep):
    said = {"id": "n1", "type": "note", "actor": "cy", "published": utc_now(), "url": "https://git.example/ada/repo/1"}
    keep("bo", activities=msgspec.json.encode(Activity(**said)))
    leaves("ada", "custom:town")
    (key,) = store.redis.scan_iter("candor:job:*:activities")
    assert b"ada" not in unpack(store.redis.get(key))


@pytest.mark.parametrize(("network", "left"), [("custom:elsewhere", {"page": "2"}), ("zulip:chat.example", {})])
def test_a_source_is_read_from_the_start_again_only_where_it_is_of_the_persons_network(store, leaves, network, left):
    asked = AskedSource(network="zulip:chat.example", part=None, name=None, max_requests=9, window_days=9)
    source = store.sources.follow("bob", "town", asked)
    store.sources.save(replace(source, state=replace(source.state, cursor={"page": "2"})))
    leaves("page", network)
    assert store.sources.get("bob", "town").state.cursor == left


@pytest.fixture
def town(store):
    """A data set, a followed board of it, what accounts are, and an answer kept: all name somebody called error."""
    line = {"id": "e1", "actor": "bo", "type": "like", "object": "of/error", "published": "2026-10-01T00:00:00Z"}
    put = {"network": "custom:town", "profile": "forum", "granted_rights": False}
    store.datasets.put("bob", "town", lines=[msgspec.json.encode(line)], **put)
    asked = {"owner": "bob", "dataset": "town", "topic": Topic(id="tag:a", label="a"), "trust_root": "network"}
    board = FollowedBoard(id="weekly", window_days=9, every_minutes=9, places=3, error="no error here", **asked)
    store.followed_boards.put(board)
    record = {"network": "custom:town", "account": "bo", "kind": "person", "said_by": "operator"}
    store.account_kinds.put("bob", AccountKindRecord(why="I asked error.", at=utc_now(), **record))
    body = {"accounts": [{"network": "custom:town", "account": "bo"}], "error": None, "note": "of error"}
    lock = store.idempotency.begin("bob", "k", "f", 9)
    store.idempotency.keep(lock, IdempotentResponse(200, {}, msgspec.json.encode(body)))

    def _named():
        dataset = store.datasets.get("bob", "town")
        return {
            "dataset_examples": dataset is not None and dataset.references.unmatched_examples == ("of/error",),
            "followed_boards": store.followed_boards.get("bob", "weekly").error == "no error here",
            "account_kinds": store.account_kinds.get("bob", "custom:town", "bo").why == "I asked error.",
            "idempotent_responses": isinstance(store.idempotency.begin("bob", "k", "f", 9), IdempotentResponse),
        }

    return _named


@pytest.mark.parametrize(("network", "stays"), [("custom:elsewhere", True), ("custom:town", False)])
def test_what_names_somebody_in_words_loses_the_name_only_where_it_is_of_the_persons_network(
    leaves, town, network, stays
):
    leaves("error", network)
    assert set(town().values()) == {stays}


def test_why_a_board_of_a_data_set_that_is_gone_could_not_be_made_loses_the_name(store, leaves, town):
    store.datasets.delete("bob", "town")
    leaves("error")
    assert town()["followed_boards"] is False


@pytest.mark.parametrize(
    ("body", "stays"),
    [
        ({"network": "custom:town", "queued": "done"}, True),
        ({"data": [{"account": {"network": "custom:town", "account": "queued"}}]}, False),
        ({"reason": "They queued."}, False),
        (["queued"], False),
    ],
)
def test_an_answer_is_forgotten_for_a_name_in_its_values_and_not_in_what_its_members_are_called(
    store, leaves, body, stays
):
    lock = store.idempotency.begin("bob", "k", "f", 9)
    store.idempotency.keep(lock, IdempotentResponse(200, {}, msgspec.json.encode(body)))
    leaves("queued", "custom:town")
    assert isinstance(store.idempotency.begin("bob", "k", "f", 9), IdempotentResponse) is stays


@pytest.mark.parametrize(
    ("network", "detail", "left"),
    [
        ("custom:town", INPUTS_GONE.detail, INPUTS_GONE.detail),
        ("custom:town", "host.example: no records here.", "host.example: no erased here."),
        ("custom:elsewhere", "host.example: no records here.", "host.example: no records here."),
    ],
)
def test_why_a_result_is_missing_loses_a_name_of_its_network_but_sentences_always_the_same_stay(
    store, leaves, new_job, network, detail, left
):
    other = AccountName(network="custom:elsewhere", account="cy")
    bo = AccountName(network="custom:town", account="bo")
    asked = new_job(owner="bob", network=None, dataset="town")
    job = replace(asked, request=replace(asked.request, accounts=(bo, other)))
    store.jobs.create(job)
    problem = replace(INPUTS_GONE, detail=detail)
    results = (JobResult(account=bo, topic="t", problem=problem),)
    store.redis.hset(redis_keys.job(job.id), "results", seal(results))
    leaves("records", network)
    assert store.jobs.find(job.id).results[0].problem.detail == left
