"""Somebody of Mastodon or Bluesky, written in every way, in everything there is: erased by any, nothing stays."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import msgspec
import pytest

from candor.names.accounts import account_name
from candor.scoring.vouches import Vouch
from candor.settings import Settings
from candor.store import utc_now
from candor.store.client import DamagedValueError, unpack
from candor.store.deliveries import end_of
from candor.store.job_problems import INPUTS_GONE, PARTLY_UNREADABLE
from candor.store.kept import FILES, NO_PEOPLE, REDIS
from candor.store.models import Progress
from candor.store.response_cache import CachedResponse
from candor.store.sources import AskedSource
from tests.integration.test_what_is_kept import read_part
from tests.kept_rows import row_of, row_of_file
from tests.worker.conftest import account, post
from worker import claims, erasures, findings, jobs
from worker.connectors import connector_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from candor.store import Store
    from tests.conftest import ShareApp

WORDS = "zeppelin"
DID = "did:plc:adasought222222222222222"
MASTODON = (
    "@adasought@a.example",
    "@adasought@own.example",
    "https://a.example/@adasought",
    "https://a.example/users/AdaSought",
    "https://a.example/ap/users/115555",
    "@adasought@old.example",
)
BLUESKY = (DID, "adasought.example", "@AdaSought.example", f"at://{DID}", "https://bsky.app/profile/adasought.example")
SOUGHT = ("adasought", "115555", "ada lovely", WORDS)
APPVIEW = "https://public.api.bsky.app/xrpc"


class Town:
    """A community on a network that used everything there is; every mention of her is written in the next way."""

    def __init__(self, client: FlaskClient, store: Store, data_dir: Path, network: str) -> None:
        self.client, self.store, self.data_dir, self.network = client, store, data_dir, network
        self.spellings = spellings = MASTODON if network == "mastodon" else BLUESKY
        self._turn = iter(spellings * 100)
        store.connectors.publish([connector_for(network).facts])

    @property
    def she(self) -> str:
        """The next way in which she is written."""
        return next(self._turn)

    @property
    def between(self) -> str:
        """The id of a post, in which her name stands between underscores."""
        return f"re_{self.spellings[0 if self.network == 'mastodon' else 1]}_2"

    def fan(self, number: int) -> str:
        """Somebody else."""
        return f"@fan{number}@b.example" if self.network == "mastodon" else f"fan{number}.example"

    def records(self) -> list[dict[str, Any]]:
        """She posts, everybody takes her posts up and she theirs; some of it under ids that hold her name."""
        bo = self.fan(0)
        posts = [
            {"id": f"{self.she}/p{n}", "type": "note", "actor": self.she, "content": f"my rocket {WORDS} {n}"}
            for n in range(len(self.spellings))
        ]
        posts += [{"id": "bo1", "type": "note", "actor": bo, "content": "my rocket"}]
        acts = [
            {"id": f"r{n}", "type": "reshare", "actor": self.fan(n), "object": posts[n % 3]["id"]} for n in range(1, 8)
        ]
        acts += [{"id": f"b{n}", "type": "reshare", "actor": self.fan(n), "object": "bo1"} for n in range(1, 8)]
        acts += [{"id": f"l{n}", "type": "list", "actor": self.fan(n), "target_actor": self.she} for n in range(1, 4)]
        acts += [{"id": f"{self.she}#1", "type": "reshare", "actor": self.she, "object": "bo1"}]
        acts += [{"id": "stray", "type": "reshare", "actor": self.she, "object": f"{self.she}/elsewhere"}]
        acts += [{"id": f"o{n}", "type": "follow", "actor": self.fan(n), "object": self.she} for n in range(1, 8)]
        acts += [
            {"id": f"g{n}", "type": "reshare", "actor": self.fan(n), "object": f"{self.she}/gone"} for n in range(1, 8)
        ]
        acts += [{"type": "account", "actor": self.she, "name": "Ada Lovely", "bio": f"{WORDS}s", self.she: "a field"}]
        acts += [{"id": "lost", "type": "reply", "actor": bo, "object": self.between, "content": "a rocket"}]
        at = (f"2026-10-{10 + n % 15}T00:00:00Z" for n in range(100))
        return [{"published": next(at), **each} for each in posts + acts]

    def ask(self, method: str, path: str, *, key: str = "", **more: Any) -> Any:
        """Make a request that is answered as it should be, and return what came."""
        headers = {"Idempotency-Key": key} if key else {}
        answer = self.client.open(path, method=method, headers=headers, **more)
        assert answer.status_code < 300, answer.text
        return answer.json

    def work(self) -> None:
        """Do all that waits in the queues."""
        while waiting := sorted(self.store.queue.waiting()):
            for name in waiting:
                job = self.store.jobs.find(name)
                for queue in ("interactive", "batch"):
                    self.store.queue.remove(queue, name)
                if job is not None:
                    jobs.score(job.owner, name)
                else:
                    findings.keep_words("local", name)

    def use(self) -> None:
        """Use everything that names her."""
        lines = b"\n".join(map(msgspec.json.encode, self.records()))
        put = {"data": lines, "content_type": "application/x-ndjson"}
        self.ask("PUT", f"/v1/datasets/town?network={quote(self.network)}&profile=microblog", **put)
        trusted = [{"account": who} for who in (self.she, *map(self.fan, range(1, 8)))]
        root = {"kind": "accounts", "network": self.network, "accounts": trusted}
        self.ask("PUT", "/v1/trust-roots/elders", json=root, key="root")
        of_hers = {"kind": "list", "network": self.network, "list": f"{self.she}/lists/1"}
        self.ask("PUT", "/v1/trust-roots/hers", json=of_hers)
        self.jobs()
        self.people()
        self.around()
        self.reading()

    def jobs(self) -> None:
        """Scores, boards, records that come along, jobs that wait, lists made of a data set, questions."""
        who = [{"network": self.network, "account": name} for name in (self.she, self.fan(0))]
        self.ask("PUT", "/v1/topics/rockets", json={"label": "Rockets", "terms": ["rocket"]})
        about = {"topics": ["rockets"], "as_of": "2026-11-01T00:00:00Z"}
        asked = {"accounts": who, "trust_root": "elders", **about}
        self.scores = self.ask("POST", "/v1/jobs", json={**asked, "dataset": "town"}, key="dataset")
        self.ask("POST", "/v1/jobs", json={**asked, "dataset": "town", "accounts": []}, key="board")
        brought = {"activities": self.records(), "profile": "microblog"}
        self.ask("POST", "/v1/jobs", json={**asked, **brought}, key="inline")
        self.work()
        self.pages()
        self.ask("POST", "/v1/jobs", json={**asked, **brought, "window_days": 99, "trust_root": "hers"}, key="waits")
        of_town = "dataset=town&trust_root=elders&as_of=2026-11-01T00:00:00Z"
        her = quote(self.she, safe="")
        for path in (
            f"/v1/topics/rockets/messages?{of_town}",
            f"/v1/accounts/{self.network}/{her}/topics?{of_town}",
            "/v1/datasets/town/topics?trust_root=elders&as_of=2026-11-01T00:00:00Z",
        ):
            if "id" in (made := self.ask("GET", path)):
                jobs.score("local", made["id"])
        question = {"text": f"how did {self.she} launch a rocket?", "dataset": "town", "as_of": "2026-11-01T00:00:00Z"}
        self.ask("POST", "/v1/questions", json=question, key="question")

    def pages(self) -> None:
        """Look at every page whose address names her, before a job has made what it shows and after."""
        asked = "dataset=town&trust_root=elders&as_of=2026-10-31T00:00:00Z"
        her, post, between = (quote(name, safe="") for name in (self.she, f"{self.spellings[0]}/p0", self.between))
        score = self.ask("GET", self.scores["urls"]["self"])["results"][0]["score_id"]
        for path in (
            f"/topics/{self.network}/{her}?{asked}",
            f"/topics?{asked}&without={her}",
            f"/messages?topic=rockets&{asked}",
            *(f"/message/town/{name}?trust_root=elders&as_of=2026-10-31" for name in (post, between)),
            f"/questions/for/{self.network}/{her}?dataset=town&as_of=2026-10-31",
            f"/questions?dataset=town&text=how+did+{her}+launch+a+rocket",
            f"/history/{self.network}/{her}?topic=rockets",
            f"/?dataset=town&topic=rockets&trust_root=elders&person={her}",
            f"/card/{score}",
            f"/card/{score}/messages",
        ):
            for _ in range(2):
                answer = self.client.get(path)
                assert answer.status_code in {200, 303, 404}, (path, answer.text)
                self.work()
        made = (job.request.finding for job in self.store.jobs.list("local", limit=100)[0])
        assert {each.kind for each in made if each} == {"messages", "message", "account_topics", "dataset_topics"}

    def reading(self) -> None:
        """What is kept while workers read networks: answers, vouches, what a job waits for, why one came to nothing."""
        said = {"url": f"https://host.example/{self.she}", "status": 200, "headers": {}, "body": WORDS.encode()}
        self.store.response_cache.put(
            "a", CachedResponse(fetched_at=utc_now(), **said), self.store.response_cache.fence()
        )
        her = account_name(self.network, self.spellings[0])
        fan = account_name(self.network, self.fan(0))
        self.store.vouches.keep("local", self.network, [Vouch(her, fan, utc_now()), Vouch(fan, her, utc_now())])
        asked = {"topics": ["rockets", "tag:b"], "dataset": "town", "trust_root": "elders", "window_days": 98}
        whole = self.ask("POST", "/v1/jobs", json=asked)["id"]
        jobs.score("local", whole)
        lost = msgspec.structs.replace(INPUTS_GONE, detail=f"the list {self.she}/lists/1 is gone")
        self.store.jobs.fail(f"{whole}-0", lost)
        waits = self.ask("POST", "/v1/jobs", json={**asked, "accounts": [{"network": self.network, "account": fan}]})
        progress = Progress(done=0, total=2, stage="waiting", waits_for=f"answers of {self.she}")
        self.store.recovery.postpone(waits["id"], progress, utc_now() + timedelta(hours=1))

    def people(self) -> None:
        """Disputes, what accounts are, and people who look at what is held of them, her and somebody else."""
        self.made = self.ask("GET", self.scores["urls"]["self"])
        hers, bos = (result["score_url"] for result in self.made["results"])
        self.ask("POST", f"{hers}/link")
        voices = [voice["by"] for voice in self.ask("GET", f"{bos}?evidence=all")["expertise"]["evidence"]]
        her = next(voice for voice in voices if any(form in voice for form in SOUGHT))
        self.ask("POST", f"{hers}/disputes", json={"reason": "No.", "about": "too_low"})
        for by in (her, self.fan(3)):
            reason = f"Ask {self.she} or {self.she}."
            self.ask("POST", f"{bos}/disputes", json={"reason": reason, "by": by}, key=f"dispute-{by == her}")
        kind = {"kind": "person", "why": f"I know {self.she}."}
        for who in (self.she, self.fan(2)):
            self.ask("PUT", f"/v1/accounts/{self.network}/{quote(who, safe='')}/kind", json=kind)
        self.ask("POST", "/v1/about-me", json={"network": self.network, "account": self.she})
        self.store.claims.make_code(self.network, self.spellings[0])
        for who in (self.spellings[0], self.fan(0)):
            code = self.store.claims.make_code(self.network, account_name(self.network, who))
            self.ask("POST", "/v1/about-me/code", json={"code": code})
        self.work_on_claims()

    def work_on_claims(self) -> None:
        """Gather what is held of whoever has shown an account."""
        for name in sorted(self.store.queue.waiting()):
            if self.store.claims.get(name) is not None:
                self.store.queue.remove("interactive", name)
                claims.check("", name)

    def around(self) -> None:
        """What data sets and boards follow, what webhooks are told, what networks answered."""
        asked = AskedSource(network=self.network, part="account", name=self.she, max_requests=9, window_days=9)
        self.store.sources.follow("local", "hers", asked)
        source = self.store.sources.follow("local", "town", msgspec.structs.replace(asked, part=None, name=None))
        state = msgspec.structs.replace(source.state, gaps=(f"acts of {self.she}: gone",), waits_for=f"of {self.she}")
        self.store.sources.save(msgspec.structs.replace(source, state=state))
        board = {"dataset": "town", "topic": "rockets", "trust_root": "elders"}
        self.ask("PUT", "/v1/followed-boards/weekly", json=board)
        followed = self.store.followed_boards.get("local", "weekly")
        failed = msgspec.structs.replace(followed, error=f"no {self.she}")
        self.store.followed_boards.save(followed, failed, self.store.now())
        self.ask("POST", "/v1/webhooks", json={"url": "https://hooks.example/1", "events": ["job.succeeded"]})
        ended = self.store.jobs.find(self.made["id"])
        with self.store.redis.pipeline() as pipe:
            self.store.deliveries.enqueue(pipe, "local", end_of(ended))
            pipe.execute()

    def everything(self) -> Iterator[tuple[str, bytes]]:
        """Every key, value and file, unpacked, with where it is."""
        for key in self.store.redis.scan_iter():
            place = key.decode()
            for value in (key, unquote(place).encode(), *values(self.store, key)):
                yield place, value
                yield place, unpacked(value)
        for path in self.data_dir.rglob("*"):
            if path.is_file():
                place = str(path.relative_to(self.data_dir))
                yield place, read_part(path) if path.suffix == ".parquet" else path.read_bytes()

    def found(self) -> set[str]:
        """Where she or her words are."""
        sought = [form.encode() for form in SOUGHT]
        return {place for place, said in self.everything() if any(form in said.lower() for form in sought)}


def values(store: Store, key: bytes) -> list[bytes]:
    """What stands under a key."""
    kind, redis = store.redis.type(key).decode(), store.redis
    if kind == "hash":
        return [part for field in redis.hgetall(key).items() for part in field]
    if kind == "zset":
        return redis.zrange(key, 0, -1)
    if kind in {"set", "list"}:
        return [*redis.smembers(key)] if kind == "set" else redis.lrange(key, 0, -1)
    return [redis.get(key) if kind == "string" else redis.dump(key)]


def unpacked(value: bytes) -> bytes:
    """What was compressed."""
    try:
        return unpack(value)
    except DamagedValueError:
        return b""


def serve_mastodon(fediverse: Any) -> None:
    """Her server numbers its accounts; she goes by a domain of her own, and came from old.example."""
    numbered, old = "https://a.example/ap/users/115555", "https://old.example/users/adasought"
    fediverse.person("adasought", post("1", "adasought"))
    for asked in ("adasought@own.example", "adasought@a.example"):
        fediverse.finger("adasought@own.example", numbered, asked)
    fediverse.actor(numbered, preferredUsername="adasought", alsoKnownAs=[old])
    fediverse.finger("adasought@old.example", old)
    fediverse.actor(old, movedTo=numbered)
    fediverse.mock.get("https://own.example/api/v1/accounts/lookup", status_code=404)
    fediverse.mock.get(
        "https://old.example/api/v1/accounts/lookup",
        json={**account("adasought"), "moved": {"id": "9", "acct": "adasought@own.example"}},
    )
    fediverse.mock.get("https://old.example/api/v1/accounts/id-adasought/featured_tags", json=[])


def serve_bluesky(fediverse: Any) -> None:
    """What the AppView says."""
    profile = {"did": DID, "handle": "adasought.example", "displayName": "Ada Lovely", "labels": []}
    fediverse.mock.get(f"{APPVIEW}/app.bsky.actor.getProfile", json=profile)


@pytest.fixture(params=["mastodon", "bluesky"])
def town(
    request: Any, share_app: ShareApp, store: Store, data_dir: Path, fediverse: Any, worked: Any, saved: Any
) -> Town:
    """A community of either network."""
    (serve_mastodon if request.param == "mastodon" else serve_bluesky)(fediverse)
    app = share_app(Settings(data_dir=data_dir, threads=4, operator_contact="op@x"), store)
    made = Town(app.test_client(), store, data_dir, request.param)
    saved(request.param, made.use)
    return made


NOT_HERS = {
    "erasures": "of her own there is none yet",
    "limits and failures of hosts, and which hosts an owner's jobs asked": "no host is hers",
    "words and tags of the questions of a data set": "words stay where many said them, names do not",
    "the embedded server's log of writes and its messages": "is looked through by test_what_is_kept",
}


def kinds_that_may_name() -> set[str]:
    """Every kind of what is kept that the documentation says an erasure changes, as somebody may be named in it."""
    changed = (kept for kept in (*REDIS, *FILES) if kept.erased != NO_PEOPLE and "digest" not in kept.people)
    return {kept.what for kept in changed} - set(NOT_HERS)


def test_before_she_is_everywhere(town):
    found = town.found()
    kinds = [row_of(place) or row_of_file(place) for place in found]
    assert {kept and kept.what for kept in kinds} == kinds_that_may_name()


EACH = [("mastodon", name) for name in MASTODON] + [("bluesky", name) for name in BLUESKY]


@pytest.mark.parametrize(("town", "name"), EACH, indirect=["town"])
def test_erased_by_any_of_her_names_she_is_nowhere(town, name):
    asked = town.store.erasures.create(None, town.network, name)
    erasures.erase("", asked.id)
    assert town.store.erasures.find(asked.id).status == "succeeded"
    assert town.found() == set()
    assert len(town.store.suppression.among(town.network, town.spellings)) == len(town.spellings)


def test_what_is_held_of_somebody_else_is_gathered_anew_without_her(town):
    erasures.erase("", town.store.erasures.create(None, town.network, town.spellings[0]).id)
    town.work_on_claims()
    assert [place for place, _ in town.everything() if place.endswith(":held")]
    assert town.found() == set()


def flip(value: bytes) -> bytes:
    """A value with one bit changed: of a checksum that stands in front, or of the checksum of what is compressed."""
    at = -1 if value.startswith(b"\x28\xb5\x2f\xfd") else 0
    return value[:at] + bytes([value[at] ^ 1]) + (b"" if at == -1 else value[1:])


def damage(store: Store) -> int:
    """Flip a bit of everything that a checksum guards; how much that was."""
    damaged = 0
    for key in list(store.redis.scan_iter("candor:*")):
        kind, redis = store.redis.type(key), store.redis
        if kind == b"string" and is_guarded(redis.get(key)):
            redis.set(key, flip(redis.get(key)), keepttl=True)
            damaged += 1
        for field, value in redis.hgetall(key).items() if kind == b"hash" else ():
            if is_guarded(value):
                redis.hset(key, field, flip(value))
                damaged += 1
    return damaged


def is_guarded(value: bytes) -> bool:
    """Whether a checksum stands in front of the value, or it is compressed."""
    return bool(re.match(rb'[0-9a-f]{8}[\[{"\dnft]', value)) or value.startswith(b"\x28\xb5\x2f\xfd")


def test_where_everything_is_damaged_an_erasure_ends_and_she_is_nowhere(town):
    assert damage(town.store) > 50
    asked = town.store.erasures.create(None, town.network, town.spellings[0])
    erasures.erase("", asked.id)
    ended = town.store.erasures.find(asked.id)
    assert (ended.status, ended.error) == ("succeeded", None)
    assert ended.erased["damaged"] > 10
    assert town.found() == set()


def test_what_cannot_be_searched_keeps_her_in_nothing_else_and_is_reported(town, monkeypatch):
    def damaged(*_: object) -> None:
        raise DamagedValueError("no")

    monkeypatch.setattr(town.store.vouches, "erase", damaged)
    asked = town.store.erasures.create(None, town.network, town.spellings[0])
    erasures.erase("", asked.id)
    ended = town.store.erasures.find(asked.id)
    assert (ended.status, ended.error) == ("failed", PARTLY_UNREADABLE)
    assert {place for place in town.found() if "vouches" not in place} == set()
