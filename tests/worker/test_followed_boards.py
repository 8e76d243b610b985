"""Boards that follow their data set: made again when it changes, no more often than asked; who entered and who left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from candor.scoring.method import load_method
from candor.scoring.score import score
from candor.store import open_store
from candor.store.jobs import part_id
from lab.speed.community import community
from worker import jobs
from worker.context import CURRENT, WorkerContext
from worker.followed_boards import tend

URL = "/v1/followed-boards/experts"
ASKED = {"dataset": "town", "topic": "tag:topic", "trust_root": "network", "every": 60, "places": 5}


class Clock:
    """A clock that is moved by hand."""

    def __init__(self):
        self.now = datetime(2026, 11, 1, 12, tzinfo=UTC)

    def __call__(self):
        return self.now

    def pass_by(self, **time):
        self.now += timedelta(**time)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(redis_url, data_dir, clock):
    opened = open_store(redis_url, data_dir, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def client(share_app, store, clock, data_dir):
    from candor.settings import Settings  # noqa: PLC0415 # as other tests of the service

    return share_app(Settings(data_dir=data_dir), store, clock).test_client()


@pytest.fixture
def work(store, clock):
    """Let launcher and workers do what there is to do; jobs take no time."""
    token = CURRENT.set(WorkerContext(store, load_method(), score))

    def done():
        tend(store)
        for job in store.jobs.list("local", limit=5)[0]:
            jobs.score("local", job.id)
            jobs.score("local", part_id(job.id, 0))
        clock.pass_by(seconds=3)
        tend(store)

    yield done
    CURRENT.reset(token)


def upload(client, *more):
    lines = [msgspec.json.encode(each) for each in [*community(2_000), *more]]
    url = "/v1/datasets/town?network=custom:town&profile=qa"
    assert client.put(url, data=b"\n".join(lines), content_type="application/x-ndjson").status_code in {200, 201}


def praised(name, times):
    """Somebody new whose answers many accept."""
    for number in range(times):
        at = f"2026-10-{1 + number % 28:02}T12:00:00Z"
        asker = f"u{number % 20}"
        yield {"id": f"{name}-q{number}", "type": "question", "actor": asker, "published": at, "tags": ["topic"]}
        said = {"object": f"{name}-q{number}", "published": at}
        yield {"id": f"{name}-a{number}", "type": "answer", "actor": name, **said}
        accept = {"object": f"{name}-a{number}", "target_actor": name, "published": at}
        yield {"id": f"{name}-k{number}", "type": "accept", "actor": asker, **accept}


def test_a_board_is_made_at_once_and_says_who_is_first(client, work):
    upload(client)
    assert client.put(URL, json=ASKED).status_code == 201
    work()
    told = client.get(URL).json
    (update,) = told["updates"]
    assert (len(update["entered"]), update["left"], told["error"]) == (5, [], None)
    assert told["board_url"] == update["board_url"]
    assert client.get(told["board_url"]).json["board"]["dataset"] == "town"


def test_it_is_made_again_when_the_data_set_changes_and_no_more_often_than_asked(client, clock, work):
    upload(client)
    client.put(URL, json=ASKED)
    work()
    upload(client, *praised("newcomer", 200))
    clock.pass_by(minutes=30)
    work()
    assert len(client.get(URL).json["updates"]) == 1
    clock.pass_by(minutes=31)
    work()
    newest, oldest = client.get(URL).json["updates"]
    assert [each["account"] for each in newest["entered"]] == ["newcomer"]
    assert len(newest["left"]) == 1
    assert newest["left"][0]["account"] in {each["account"] for each in oldest["entered"]}
    assert newest["entered"][0]["rank"] <= 5


@pytest.mark.parametrize("deleted", [0, 1, 2])
def test_a_board_that_is_deleted_takes_no_other_with_it(client, clock, work, deleted):
    for times in (0, 100, 200):
        upload(client, *praised("newcomer", times), *praised(f"new-{times}", 200 + times))
        client.put(URL, json=ASKED)
        clock.pass_by(minutes=61)
        work()
    before = client.get(URL).json["updates"]
    assert client.delete(before[deleted]["board_url"]).status_code == 204
    told = client.get(URL).json
    kept = [each for place, each in enumerate(before) if place != deleted]
    assert [each["board_id"] for each in told["updates"]] == [each["board_id"] for each in kept]
    assert told["board_url"] == kept[0]["board_url"]
    newest, oldest = told["updates"]
    assert {each["account"] for each in newest["entered"]}.isdisjoint(each["account"] for each in oldest["entered"])
    assert len(newest["entered"]) == len(newest["left"]) < 5
    assert len(oldest["entered"]) == 5


def test_a_board_of_old_records_speaks_of_the_day_on_which_they_end(client, clock, store, work):
    upload(client)
    last = max(each.published for each in store.datasets.activities("local", "town") if each.type != "account")
    clock.now = last + timedelta(days=100)
    client.put(URL, json=ASKED)
    work()
    (update,) = client.get(URL).json["updates"]
    assert update["as_of"] == f"{last + timedelta(days=1):%Y-%m-%d}T00:00:00Z"
    assert client.get(update["board_url"]).json["board"]["as_of"] == update["as_of"]


def test_boards_under_other_trusted_people_are_not_compared(client, clock, work):
    upload(client)
    people = [{"account": f"u{number}"} for number in range(9)]
    root = {"kind": "accounts", "network": "custom:town", "accounts": people}
    client.put("/v1/trust-roots/elders", json=root)
    client.put(URL, json={**ASKED, "trust_root": "elders"})
    work()
    client.put("/v1/trust-roots/elders", json={**root, "accounts": people[:5]})
    upload(client, *praised("newcomer", 200))
    clock.pass_by(hours=2)
    work()
    newest, oldest = client.get(URL).json["updates"]
    assert newest["changed"] == ["inputs", "root", "time"]
    assert [newest[name] for name in ("entered", "left", "moved")] == [None] * 3
    assert (oldest["changed"], oldest["left"]) == ([], [])


def test_who_stayed_among_the_first_in_another_place_is_told(client, clock, work):
    upload(client)
    client.put(URL, json=ASKED)
    work()
    upload(client, *praised("newcomer", 200))
    clock.pass_by(hours=2)
    work()
    newest, oldest = client.get(URL).json["updates"]
    before = {each["account"]: each["rank"] for each in oldest["entered"]}
    assert {each["before"] for each in oldest["entered"]} == {None}
    assert newest["moved"]
    assert all(before[each["account"]] == each["before"] != each["rank"] for each in newest["moved"])


def test_nothing_is_made_while_the_data_set_is_the_same(client, clock, work, store):
    upload(client)
    client.put(URL, json=ASKED)
    for _ in range(4):
        work()
        clock.pass_by(hours=2)
    assert len(client.get(URL).json["updates"]) == 1
    assert len(store.jobs.list("local", limit=5)[0]) == 1


def test_webhooks_are_told_of_each_board_once_and_by_no_name(client, work, store):
    hook = store.webhooks.create("local", "https://hooks.example.org/candor", ["board.updated"])
    upload(client)
    client.put(URL, json=ASKED)
    work()
    tend(store)
    (told,) = store.deliveries.list("local", hook.id)[0]
    assert told.notification.type == "board.updated"
    assert msgspec.to_builtins(told.notification.data) == {"id": "experts", "url": URL}


def test_nobody_suppressed_is_named(client, work, store):
    upload(client)
    client.put(URL, json=ASKED)
    work()
    first = client.get(URL).json["updates"][0]["entered"][0]["account"]
    store.suppression.add("custom:town", [first])
    assert first not in {each["account"] for each in client.get(URL).json["updates"][0]["entered"]}


def test_a_launcher_that_dies_after_asking_makes_no_second_job(client, work, store, monkeypatch):
    upload(client)
    client.put(URL, json=ASKED)
    monkeypatch.setattr(store.followed_boards, "save", lambda *_args, **_named: False)
    tend(store)
    monkeypatch.undo()
    store.redis.zadd("candor:followed-boards", {'["local","experts"]': 1.0})
    work()
    assert len(store.jobs.list("local", limit=5)[0]) == 1
    assert len(client.get(URL).json["updates"]) == 1


def test_a_board_that_breaks_keeps_no_other_from_being_made(client, work, store, monkeypatch):
    upload(client)
    client.put(URL, json=ASKED)
    client.put("/v1/followed-boards/broken", json={**ASKED, "dataset": "sample", "topic": "space-technology"})
    get = store.datasets.get

    def breaks(owner, name):
        if name == "sample":
            raise OSError(5, "Input/output error")
        return get(owner, name)

    monkeypatch.setattr(store.datasets, "get", breaks)
    work()
    assert len(client.get(URL).json["updates"]) == 1


def test_the_same_board_asked_for_again_keeps_its_history(client, work):
    upload(client)
    client.put(URL, json=ASKED)
    work()
    again = client.put(URL, json={**ASKED, "every": 5, "places": 3})
    assert (again.status_code, again.json["every"], len(again.json["updates"][0]["entered"])) == (200, 5, 3)


@pytest.mark.parametrize(
    "other", [{"trust_root": "none"}, {"dataset": "sample"}, {"topic": "tag:other"}, {"window_days": 30}]
)
def test_a_followed_board_becomes_another_only_where_its_version_is_named(client, work, other):
    upload(client)
    tag = client.put(URL, json=ASKED).headers["ETag"]
    work()
    refused = client.put(URL, json={**ASKED, **other})
    assert (refused.status_code, [f"/{name}" for name in other]) == (
        422,
        [fault["pointer"] for fault in refused.json["errors"]],
    )
    assert "If-Match" in refused.json["errors"][0]["detail"]
    assert len(client.get(URL).json["updates"]) == 1
    assert client.put(URL, json={**ASKED, **other}, headers={"If-Match": tag}).status_code == 412  # it has a board now
    tag = client.get(URL).headers["ETag"]
    replaced = client.put(URL, json={**ASKED, **other}, headers={"If-Match": tag})
    assert (replaced.status_code, replaced.json["updates"]) == (200, [])


def test_a_data_set_that_goes_away_is_said(client, work):
    upload(client)
    client.put(URL, json=ASKED)
    client.delete("/v1/datasets/town")
    work()
    assert client.get(URL).json["error"] == "There is no such data set."


def test_what_is_no_more_followed_is_gone(client, work):
    upload(client)
    client.put(URL, json=ASKED)
    assert client.delete(URL).status_code == 204
    assert client.get(URL).status_code == client.delete(URL).status_code == 404
    work()
    assert client.get("/v1/followed-boards").json["data"] == []


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"dataset": "nowhere"}, "/dataset"),
        ({"trust_root": "nobody"}, "/trust_root"),
        ({"topic": "no-such-topic"}, "/topic"),
        ({"every": 0}, "/every"),
        ({"places": 1000}, "/places"),
    ],
)
def test_what_cannot_be_followed_is_refused_by_name(client, wrong, pointer):
    upload(client)
    answer = client.put(URL, json={**ASKED, **wrong})
    assert (answer.status_code, [fault["pointer"] for fault in answer.json["errors"]]) == (422, [pointer])
