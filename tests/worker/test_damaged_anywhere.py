"""A flipped bit anywhere in a service that was used is told, stops nothing else, and leaves nobody who is erased."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from candor.store.credentials import Issued
from candor.telemetry.meters import Meters
from tests.worker.test_erasure_everywhere import Town, town
from worker import erasures
from worker.launcher import Reaper

if TYPE_CHECKING:
    from collections.abc import Iterator

    from candor.store import Store

__all__ = ["town"]
ASKED = "?dataset=town&trust_root=elders&as_of=2026-11-01T00:00:00Z"
QUERIES = {
    **dict.fromkeys(("/experts", "/map", "/messages", "<network>/<anything:account>/topics"), ASKED),
    "/datasets/<dataset_id>/topics": "?trust_root=elders&as_of=2026-11-01T00:00:00Z",
    "/history": "?topic=rockets",
}
FIELDS = (b"body", b"facts", b"0", b"answer", b"root", b"hers")
"""Names of fields without which nobody reads what they hold."""
DAY = timedelta(days=1)
PLACES, DOORS = 24, 12
RULES_WITHOUT = ("static", "/docs", "/problems", "openapi", "/method", "/guides", "livez", "sign-in", "/progress")


@dataclass
class Used:
    """A town with one of everything else, and what stands under each key, to be put back."""

    town: Town
    ids: dict[str, str]
    before: dict[bytes, bytes] = field(default_factory=dict)

    def put_back(self) -> None:
        """Have everything as it was."""
        redis = self.town.store.redis
        redis.flushdb()
        with redis.pipeline(transaction=False) as pipe:
            for key, value in self.before.items():
                pipe.restore(key, 0, value)
            pipe.execute()

    def doors(self) -> list[str]:
        """Addresses of everything that can be read, with ids of what is there."""
        rules = self.town.client.application.url_map.iter_rules()
        read = [
            rule for rule in rules if "GET" in (rule.methods or ()) and not any(w in rule.rule for w in RULES_WITHOUT)
        ]
        return [self.address(rule) for rule in read]

    def address(self, rule: Any) -> str:
        """An address with ids in it."""
        values = {name: self.ids.get(name, "1") for name in rule.arguments}
        path = rule.rule
        for name, value in values.items():
            for spelled in (f"<{name}>", f"<anything:{name}>"):
                path = path.replace(spelled, quote(value, safe=""))
        return path + next((query for part, query in QUERIES.items() if part in rule.rule), "")


@pytest.fixture
def used(town: Town) -> Used:
    store = town.store
    key, secret = store.keys.create("local", "mine", ("read", "admin"))
    store.keys.authenticate(secret)
    store.sessions.open(key)
    erasure = store.erasures.create("local", town.network, "@gone@b.example")
    receipt = store.receipts.make("erasure", due=DAY, kept=DAY, erasure=erasure.id)
    scored = ((job.id, each.score_id) for job in store.jobs.list("local")[0] for each in job.results if each.score_id)
    job_id, score_id = next(scored)
    etag = store.scores.etag("local", score_id) or ""
    until = store.now() + DAY
    store.credentials.note(Issued(owner="local", score_id=score_id, etag=etag, account="0" * 64, until=until))
    ids = {
        "dataset_id": "town",
        "root_id": "elders",
        "topic_id": "rockets",
        "followed_id": "weekly",
        "job_id": job_id,
        "score_id": score_id,
        "network": town.network,
        "account": town.fan(0),
        "erasure_id": erasure.id,
        "receipt_id": receipt.id,
        "message_id": "bo1",
        "version": "2.0.0",
        "webhook_id": store.webhooks.list("local")[0].id,
        "dispute_id": town.ask("GET", "/v1/disputes")["data"][0]["id"],
    }
    made = Used(town, ids)
    made.before = {key: store.redis.dump(key) for key in store.redis.scan_iter()}
    return made


def places(store: Store) -> Iterator[tuple[bytes, str, bytes]]:
    """Every value, field, name of a field and member that is kept: its key, what it is, and which."""
    for key in sorted(store.redis.scan_iter()):
        kind = store.redis.type(key).decode()
        if kind == "string":
            yield key, kind, b""
        elif kind == "hash":
            for name in sorted(store.redis.hkeys(key)):
                yield key, "hash", name
                yield key, "field", name
        elif kind == "zset":
            yield from ((key, kind, member) for member in sorted(store.redis.zrange(key, 0, -1)))
        elif kind == "set":
            yield from ((key, kind, member) for member in sorted(store.redis.smembers(key)))
        elif kind == "list":
            yield from ((key, kind, member) for member in store.redis.lrange(key, 0, -1))


def damage(store: Store, key: bytes, kind: str, name: bytes, chance: random.Random) -> None:
    """Flip a bit there."""
    redis = store.redis

    def flipped(value: bytes) -> bytes:
        changed = bytearray(value)
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        return bytes(changed)

    if kind == "string":
        redis.set(key, flipped(redis.get(key)), keepttl=True)
    elif kind == "hash":
        redis.hset(key, name, flipped(redis.hget(key, name)))
    elif kind == "field":
        value = redis.hget(key, name)
        redis.hdel(key, name)
        redis.hset(key, flipped(name), value)
    elif kind == "zset":
        score = redis.zscore(key, name)
        redis.zrem(key, name)
        redis.zadd(key, {flipped(name): score})
    elif kind == "set":
        redis.srem(key, name)
        redis.sadd(key, flipped(name))
    else:
        redis.lrem(key, 1, name)
        redis.lpush(key, flipped(name))


@pytest.mark.parametrize("town", ["mastodon"], indirect=True)
def test_a_flipped_bit_is_told_and_stops_nothing(used: Used):
    chance, store, doors = random.Random(0), used.town.store, used.doors()
    for place in chance.sample(list(places(store)), PLACES):
        damage(store, *place, chance)
        store.workers.heartbeat("w1")
        answers = {door: used.town.client.get(door) for door in chance.sample(doors, DOORS)}
        broken = {door for door, answer in answers.items() if answer.status_code >= 500 and not is_told(answer)}
        assert (place, broken) == (place, set())
        reaper = Reaper(store, Meters())
        for now_s in (0.0, 20.0, 40.0):
            reaper.run(now_s)
        used.put_back()


def is_told(answer: Any) -> bool:
    """Whether an answer says that something is damaged."""
    return "stored_damaged" in answer.text


@pytest.mark.parametrize("town", ["mastodon"], indirect=True)
def test_a_flipped_bit_leaves_nobody_who_is_erased(used: Used):
    chance, store = random.Random(15), used.town.store
    found = list(places(store))
    names = {
        (place[0].split(b":")[1], place[2]): place for place in found if place[1] == "field" and place[2] in FIELDS
    }
    for place in [*names.values(), *chance.sample(found, PLACES // 3)]:
        damage(store, *place, chance)
        asked = store.erasures.create(None, used.town.network, used.town.spellings[0])
        erasures.erase("", asked.id)
        assert (place, store.erasures.find(asked.id).status) == (place, "succeeded")
        assert (place, used.town.found()) == (place, set())
        used.put_back()
