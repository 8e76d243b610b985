"""Following a source: read whole, step by step, from where it stopped, without whoever declines."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from candor.scoring.method import load_method
from candor.scoring.score import score
from candor.scoring.trust_root import TrustRoot
from candor.store.sources import AskedSource
from tests.worker.forum import HOST, Forum
from worker import follow
from worker.context import CURRENT, WorkerContext

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
NETWORK = f"discourse:{HOST}"


@pytest.fixture
def forum(requests_mock):
    """Sixty-five topics of nine people, in three pages."""
    made = Forum()
    for number in range(1, 66):
        made.add(number, f"asker{number % 4}", f"helper{number % 5}")

    def answer(request, context):
        context.status_code, told = made.answer(request.url.partition(HOST)[2])
        return told

    requests_mock.get(re.compile(f"https://{HOST}/"), json=answer)
    return made


@pytest.fixture
def worker(store, no_sleep):
    token = CURRENT.set(WorkerContext(store, load_method(), score))
    yield
    CURRENT.reset(token)


@pytest.fixture
def followed(store):
    """Lets ada's data set follow the forum."""

    def follow_it(**more):
        asked = {"network": NETWORK, "max_requests": 1_000, "window_days": 365, **more}
        return store.sources.follow("ada", "forum", AskedSource(**asked))

    return follow_it


def records(store):
    return store.datasets.activities("ada", "forum")[:]


def read(store, source):
    """Let a worker read, as often as it gives the turn back; return what is known of the source then."""
    follow.read(source.owner, source.id)
    return store.sources.find(source.id)


def test_a_forum_is_read_whole(store, forum, worker, followed):
    source = read(store, followed())
    found = records(store)
    assert {record.type for record in found} == {"question", "reply", "accept", "account"}
    assert sum(record.type == "question" for record in found) == 65
    assert (forum.count("latest"), forum.count("t"), forum.count("u")) == (3, 65, 9)
    state = source.state
    assert (state.status, state.complete, state.error, state.gaps) == ("read", True, None, ())
    assert (state.requests, state.records) == (77, len(found))
    assert store.datasets.get("ada", "forum").network == NETWORK


def test_a_second_reading_asks_for_what_is_new_alone(store, forum, worker, followed):
    source = read(store, followed())
    forum.asked.clear()
    forum.add(66, "asker1", "newcomer")
    forum.add(3, "asker3", "helper3", "helper4", at=datetime(2026, 10, 30, tzinfo=UTC))
    read(store, store.sources.refresh(source))
    assert (forum.count("latest"), forum.count("t"), forum.count("u")) == (1, 3, 1)
    found = records(store)
    assert sum(record.type == "question" for record in found) == 66
    assert sum(record.actor == "newcomer" for record in found) == 2
    assert len({record.id for record in found}) == len(found)


def test_a_reading_stops_at_its_budget_and_the_next_goes_on(store, forum, worker, followed):
    source = read(store, followed(max_requests=40))
    assert (source.state.status, source.state.complete) == ("read", False)
    assert source.state.gaps == ("what came after: all 40 requests were made",)
    some = len(records(store))
    forum.asked.clear()
    source = read(store, store.sources.refresh(source))
    assert source.state.complete
    assert sum(record.type == "question" for record in records(store)) == 65 > some / 4
    assert forum.count("t") < 65 - 20


@pytest.mark.parametrize("status", [401, 405])
def test_a_topic_that_is_refused_to_strangers_keeps_no_other_away(
    store, forum, worker, followed, requests_mock, status
):
    newest = max(forum.topics)
    requests_mock.get(f"https://{HOST}/t/{newest}.json", status_code=status, json={})
    assert read(store, followed()).state.complete
    assert sum(record.type == "question" for record in records(store)) == len(forum.topics) - 1


def test_a_page_that_is_never_shown_keeps_nothing_newer_away(store, forum, worker, followed, requests_mock):
    source = followed()
    requests_mock.get(re.compile(rf"https://{HOST}/latest\.json.*page=1"), status_code=403, json={"errors": ["no"]})
    for number in range(66, 70):
        source = read(store, store.sources.refresh(source))
        forum.add(number, "asker1", "helper1")
    assert source.state.complete
    assert any("is given up" in gap for gap in source.state.gaps)
    source = read(store, store.sources.refresh(source))
    assert (source.state.complete, source.state.gaps) == (True, ())
    assert sum(record.type == "question" for record in records(store)) == 34  # a page, and four that came meanwhile


def test_a_worker_that_dies_in_the_middle_is_followed_by_one_that_goes_on(store, forum, worker, followed, monkeypatch):
    monkeypatch.setattr(follow, "KEEP_EVERY_S", 0.0)
    monkeypatch.setattr(follow, "KEPT_COST", 0)
    source, put = followed(), store.datasets.append

    def dies(*args, **named):
        if forum.count("t") == 30:
            raise KeyboardInterrupt
        return put(*args, **named)

    monkeypatch.setattr(store.datasets, "append", dies)
    with pytest.raises(KeyboardInterrupt):
        follow.read("ada", source.id)
    monkeypatch.setattr(store.datasets, "append", put)
    assert store.sources.find(source.id).state.status == "reading"
    assert store.sources.find(source.id).state.requests == 0
    source = read(store, source)
    assert (source.state.complete, source.state.attempts) == (True, 0)
    found = records(store)
    assert sum(record.type == "question" for record in found) == 65
    assert len({record.id for record in found}) == len(found)
    assert forum.count("t") == 65  # the topic that was lost came from the cache


def test_what_is_written_while_a_forum_is_read_is_not_missed(store, forum, worker, followed):
    answer = forum.answer

    def and_somebody_writes(path):
        told = answer(path)
        if forum.count("t") == 20 and 100 not in forum.topics:
            forum.add(100, "asker1", "late", at=datetime(2026, 10, 31, tzinfo=UTC))
        return told

    forum.answer = and_somebody_writes
    source = read(store, followed())
    assert sum(record.type == "question" for record in records(store)) == 65
    read(store, store.sources.refresh(source))
    assert sum(record.actor == "late" for record in records(store)) == 2


def test_nobody_who_hides_their_profile_is_kept(store, forum, worker, followed):
    forum.hidden.add("helper2")
    read(store, followed())
    (only,) = [record for record in records(store) if "helper2" in (record.actor, record.target_actor)]
    assert (only.type, only.consent, only.name, only.bio) == ("account", False, None, None)
    assert not any("helper2" in (record.content or "") for record in records(store))


def test_how_much_was_left_out_as_its_authors_hide_their_profile_is_told(store, forum, worker, followed):
    assert read(store, followed()).state.gaps == ()
    forum.hidden.add("helper2")
    before = len(records(store))
    store.sources.delete("ada", "forum")
    store.datasets.delete("ada", "forum")
    source = read(store, followed())
    (gap,) = source.state.gaps
    assert gap.startswith("left out: whoever made it hides their profile")
    assert gap.endswith(f" ({before - len(records(store))} times)")
    assert (source.state.complete, source.state.error) == (True, None)


def test_nobody_who_is_suppressed_is_asked_about_or_kept(store, forum, worker, followed):
    store.suppression.add(NETWORK, ["helper2"])
    read(store, followed())
    assert "/u/helper2.json" not in forum.asked
    assert not [record for record in records(store) if "helper2" in (record.actor, record.target_actor)]


def test_a_host_that_is_down_is_asked_again_and_nothing_is_passed_over(store, forum, worker, followed):
    forum.down.add("/t/40.json")
    source = read(store, followed())
    assert (source.state.status, source.state.waits_for) == ("waiting", f"{HOST}: failed (status 503)")
    assert source.state.next_read_at is not None
    forum.down.clear()
    store.budgets.record_success(HOST, "")
    source = read(store, store.sources.refresh(source))
    assert source.state.complete
    assert sum(record.type == "question" for record in records(store)) == 65


def read_when_its_time_has_come(store, source):
    store.redis.zadd("candor:sources", {source.id: 1.0})
    assert store.sources.resume() == (source.id,)
    store.budgets.record_success(HOST, "")
    return read(store, source)


@pytest.mark.parametrize("topics", [{40}, {40, 20}])
def test_a_topic_that_a_forum_never_shows_holds_up_no_other_after_three_attempts(
    store, forum, worker, followed, topics
):
    forum.down |= {f"/t/{number}.json" for number in topics}
    source = read(store, followed())
    while source.state.status == "waiting":
        source = read_when_its_time_has_come(store, source)
    assert (source.state.complete, source.state.error) == (True, None)
    assert sum(record.type == "question" for record in records(store)) == 65 - len(topics)
    times = f" ({len(topics)} times)" if len(topics) > 1 else ""
    assert source.state.gaps == (f"topics: {HOST}: failed (status 503){times}",)
    assert forum.asked.count("/t/40.json") == 3 * 3


def test_a_host_that_stays_down_is_not_read_past(store, forum, worker, followed):
    forum.down |= {f"/t/{number}.json" for number in range(41)}
    source = read(store, followed())
    while source.state.status == "waiting":
        source = read_when_its_time_has_come(store, source)
    assert (source.state.status, source.state.complete) == ("failed", False)
    assert sum(record.type == "question" for record in records(store)) == 25
    forum.down.clear()
    store.budgets.record_success(HOST, "")
    read(store, store.sources.refresh(source))
    assert sum(record.type == "question" for record in records(store)) == 65


def test_a_page_in_place_of_an_answer_is_waited_for_as_well(store, forum, worker, followed, requests_mock):
    requests_mock.get(f"https://{HOST}/t/40.json", text="<html>Back soon")
    source = read(store, followed())
    assert (source.state.status, source.state.waits_for) == ("waiting", f"{HOST}: did not answer in JSON")
    requests_mock.get(f"https://{HOST}/t/40.json", json=forum.topics[40])
    assert read(store, store.sources.refresh(source)).state.complete
    assert sum(record.type == "question" for record in records(store)) == 65


def test_a_data_set_that_is_deleted_meanwhile_is_not_made_again(store, forum, worker, followed):
    source, answer = followed(), forum.answer

    def and_it_is_deleted(path):
        store.sources.delete("ada", "forum")
        return answer(path)

    forum.answer = and_it_is_deleted
    follow.read("ada", source.id)
    assert store.datasets.get("ada", "forum") is None
    assert store.sources.get("ada", "forum") is None


def test_a_source_is_read_again_when_its_time_has_come(store, forum, worker, followed):
    source = read(store, followed(every_minutes=30))
    assert source.state.next_read_at - source.state.last_read_at == timedelta(minutes=30)
    assert store.sources.resume() == ()
    assert store.sources.start("ada", source.id) is None
    store.redis.zadd("candor:sources", {source.id: 1.0})
    assert store.sources.resume() == (source.id,)
    assert store.sources.find(source.id).state.status == "queued"
    assert store.queue.waiting() == {source.id}


def test_a_source_that_a_dead_worker_had_is_found(store, followed):
    source = followed()
    store.queue.remove("batch", source.id)
    assert store.sources.orphans() == {source.id}
    store.sources.push(source.id)
    assert store.sources.orphans() == set()


def test_another_place_begins_anew_and_the_same_goes_on(store, forum, worker, followed):
    first = read(store, followed())
    same = followed(every_minutes=60)
    assert (same.state.cursor, same.asked.every_minutes) == (first.state.cursor, 60)
    other = followed(window_days=10)
    assert (other.state.cursor, other.state.kept) == ({}, False)


def looked_back_long_ago(store, source):
    cursor = {**source.state.cursor, "looked_back_at": "2026-10-01T00:00:00Z"}
    store.sources.save(replace(source, state=replace(source.state, cursor=cursor)))
    return store.sources.refresh(store.sources.find(source.id))


def test_an_answer_that_is_accepted_later_is_found_though_its_topic_stays_where_it_was(store, forum, worker, followed):
    forum.tells_solved = True
    forum.add(40, "asker0", "helper0", accepted=False)
    forum.add(41, "asker1", "helper1", accepted=False)
    source = read(store, followed())
    assert sum(record.type == "accept" for record in records(store)) == 63
    forum.add(40, "asker0", "helper0")
    forum.asked.clear()
    source = read(store, store.sources.refresh(source))
    assert (forum.count("latest"), forum.count("t")) == (1, 1)  # not yet
    source = read(store, looked_back_long_ago(store, source))
    assert source.state.complete
    assert sum(record.type == "accept" for record in records(store)) == 64
    assert forum.asked.count("/t/40.json") == 1
    assert "/t/41.json" not in forum.asked
    assert source.state.cursor["floor"] == forum.topics[65]["bumped_at"]


def test_a_look_back_that_its_budget_ends_goes_on(store, forum, worker, followed):
    forum.tells_solved = True
    for number in range(1, 60):
        forum.add(number, "asker0", "helper0", accepted=False)
    source = read(store, followed())
    for number in range(1, 60):
        forum.add(number, "asker0", "helper0")
    followed(max_requests=30)
    source = read(store, looked_back_long_ago(store, source))
    while not source.state.complete:
        source = read(store, store.sources.refresh(source))
    assert sum(record.type == "accept" for record in records(store)) == 65


def test_a_forum_that_accepts_no_answers_is_not_looked_through_again(store, forum, worker, followed):
    source = read(store, followed())
    forum.asked.clear()
    read(store, looked_back_long_ago(store, source))
    assert (forum.count("latest"), forum.count("t")) == (1, 1)


def test_whom_a_forum_trusts_becomes_a_trust_root_without_who_declines(store, forum, worker, followed):
    forum.moderators |= {"helper1", "helper2", "helper3"}
    forum.hidden.add("helper2")
    store.suppression.add(NETWORK, ["helper3"])
    for number in range(1, 66):
        forum.add(number, f"asker{number % 4}", f"helper{number % 5}")
    source = read(store, followed())
    assert source.state.trust_root == "forum-trusted"
    root = store.trust_roots.get("ada", "forum-trusted")
    assert [each.account for each in root.accounts] == ["helper1"]
    assert (root.kind, root.network) == ("accounts", NETWORK)
    assert store.trust_roots.list("bob") == []


def test_a_trust_root_that_somebody_made_otherwise_stays_as_it_is(store, forum, worker, followed):
    forum.add(65, "asker1", "helper1")
    forum.moderators.add("helper1")
    forum.add(66, "asker1", "helper1")
    made = TrustRoot(kind="network", id="forum-trusted")
    store.trust_roots.put("ada", "forum-trusted", made)
    read(store, followed())
    assert store.trust_roots.get("ada", "forum-trusted") == made
