"""What is kept of a community that used everything there is: all of it ends, and an erasure leaves no name in it."""

from __future__ import annotations

import json
import os
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unicodedata import normalize
from urllib.parse import quote, unquote

import duckdb
import msgspec
import pytest

from candor.scoring.method import load_method
from candor.scoring.score import score
from candor.scoring.verify import verify
from candor.settings import Settings
from candor.store import open_store, redis_keys
from candor.store.client import DamagedValueError, pack, unpack
from candor.store.embedded import EmbeddedServer
from candor.store.kept import FILES, REDIS
from candor.store.models import Retention
from candor.store.redis_keys import Key
from service.app import create_app
from service.context import context_of
from tests.kept_rows import row_of, row_of_file
from worker import claims, erasures, jobs
from worker.context import CURRENT, WorkerContext

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from candor.store import Store

NAME = "iv\u00ff-erasable"
FANS = tuple(f"fan-{number}" for number in range(8))
DECOMPOSED = normalize("NFD", NAME)
ADDRESS = f"/v1/accounts/custom:town/{quote(NAME)}"
UPLOAD = "/v1/datasets/town?network=custom:town&profile=forum"
AS_OF = "2026-11-01T00:00:00Z"
ROOT = {
    "kind": "accounts",
    "network": "custom:town",
    "accounts": [{"account": who} for who in (NAME, *FANS)],
}


def records() -> list[dict[str, Any]]:
    """Ivy and bo post; everybody, they too, takes up posts of both."""
    posts = [
        {
            "id": f"post-of-{who}",
            "type": "note",
            "actor": who,
            "content": "my rocket",
            "url": f"https://town.example/{who}",
        }
        for who in (NAME, "bo")
    ]
    acts = [
        {"id": f"{who}-on-{whom}", "type": "reshare", "actor": who, "object": f"post-of-{whom}"}
        for whom in (NAME, "bo")
        for who in (NAME, "bo", *FANS)
        if who != whom
    ]
    claims = [{"type": "account", "actor": NAME, "name": f"The one and only {NAME}"}]
    return [{"published": f"2026-10-{10 + n % 15}T00:00:00Z", **each} for n, each in enumerate(posts + acts + claims)]


@contextmanager
def opened_at(folder: Path) -> Iterator[Store]:
    """A store with a server of its own, so that its files hold nothing else."""
    with EmbeddedServer(folder / "valkey") as server, closing(open_store(server.url, folder / "data")) as opened:
        token = CURRENT.set(WorkerContext(opened, load_method(), score))
        yield opened
        CURRENT.reset(token)


def client_of(store: Store, folder: Path) -> FlaskClient:
    return create_app(Settings(data_dir=folder / "data", threads=4), store).test_client()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened_at(tmp_path) as opened:
        yield opened


@pytest.fixture
def client(store: Store, tmp_path: Path) -> FlaskClient:
    return client_of(store, tmp_path)


def submit(client: FlaskClient, *topics: str, **more: Any) -> Any:
    """Submit a job, under an idempotency key so that its answer is kept too."""
    body = {
        "accounts": [{"network": "custom:town", "account": who} for who in (NAME, "bo")],
        "topics": [{"id": "rockets", "label": "Rockets", "terms": ["rocket"]}, *topics],
        "trust_root": "elders",
        "as_of": AS_OF,
        **more,
    }
    answer = client.post("/v1/jobs", json=body, headers={"Idempotency-Key": f"key-{len(str(more))}"})
    assert answer.status_code == 202, answer.json
    return answer.json


def run(store: Store, job_id: str) -> None:
    """Work on a job and its parts as workers do."""
    job = store.jobs.find(job_id)
    jobs.score(job.owner, job_id)
    for part in sorted(name for name in store.queue.waiting() if name.startswith(f"{job_id}-")):
        jobs.score(job.owner, part)


def use_everything(client: FlaskClient, store: Store) -> dict[str, Any]:
    """Use everything there is once; return ids by what they are of."""
    lines = b"\n".join(map(msgspec.json.encode, records()))
    assert client.put(UPLOAD, data=lines, content_type="application/x-ndjson").status_code == 201
    assert client.put("/v1/trust-roots/elders", json=ROOT).status_code == 201
    from_set, board = submit(client, dataset="town"), submit(client, dataset="town", accounts=[])
    brought = {"profile": "forum", "activities": records()}
    inline, waiting = submit(client, **brought), submit(client, f"tag:{NAME}", **brought, window_days=100)
    for job in (from_set, board, inline):
        run(store, job["id"])
    ended = client.get(f"/v1/jobs/{from_set['id']}").json
    assert ended["status"] == "succeeded"
    ivys, bos = (result["score_url"] for result in ended["results"])
    assert client.post(f"{ivys}/link").status_code in {200, 201}
    for where, by, reason in ((bos, NAME, "A joke."), (ivys, "fan-0", "No."), (bos, "fan-1", f"Ask {DECOMPOSED}.")):
        assert client.post(f"{where}/disputes", json={"by": by, "reason": reason}).status_code == 201
    return {"ivys": ivys, "bos": bos, "job": from_set["id"], "waiting": waiting["id"], "inline": inline["id"]}


@pytest.fixture
def used(client: FlaskClient, store: Store) -> dict[str, Any]:
    return use_everything(client, store)


def test_readme_says_true_that_the_person_scored_sees_everything(client, store, used):
    """Of every kind that an erasure looks through, the person is told, and can open each score."""
    said = {"kind": "person", "why": "It is known."}
    assert client.put(f"{ADDRESS}/kind", json=said).status_code == 201
    code = store.claims.make_code("custom:town", NAME)
    token = client.post("/v1/about-me/code", json={"code": code}).json["token"]
    claims.check("", store.claims.find(token).id)
    bearer = {"Authorization": f"Bearer {token}"}
    held = client.get("/v1/about-me/held", headers=bearer).json
    told = {
        "documents": held["scores"],
        "histories": held["history"],
        "boards": held["rankings"],
        "disputes": held["disputes"],
        "account_kinds": held["kinds"],
        "datasets": held["other"].get("records"),
        **held["other"],
    }
    kept = {kind for kind, _ in store.eraser.kept_of("custom:town", NAME)} - {"claims"}
    assert kept >= {"documents", "histories", "boards", "disputes", "account_kinds", "datasets", "jobs", "trust_roots"}
    assert {kind for kind in kept if not told.get(kind)} == set()
    assert {f"/v1/scores/{each['score_id']}" for each in held["scores"]} >= {used["ivys"]}
    cards = [
        client.get(f"/v1/about-me/scores/{each['score_id']}?evidence=all", headers=bearer) for each in held["scores"]
    ]
    assert {card.status_code for card in cards} == {200}


def erase_ivy(client: FlaskClient, used: dict[str, Any]) -> dict[str, Any]:
    """Erase ivy; return the ids and the erasure; `before` is what bo's document was like."""
    before = client.get(f"{used['bos']}?evidence=all")
    answer = client.delete(ADDRESS)
    assert (answer.status_code, answer.json["status"]) == (202, "queued")
    erasures.erase("local", answer.json["id"])
    ended = client.get(answer.headers["Location"]).json
    assert ended["status"] == "succeeded", ended
    return {**used, "before": before, "erasure": ended}


@pytest.fixture
def erased(client: FlaskClient, used: dict[str, Any]) -> dict[str, Any]:
    return erase_ivy(client, used)


@dataclass(frozen=True)
class Town:
    """What there is after ivy was erased."""

    client: FlaskClient
    store: Store
    folder: Path
    erased: dict[str, Any]


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town for all tests that only look."""
    folder = tmp_path_factory.mktemp("town")
    with opened_at(folder) as store:
        client = client_of(store, folder)
        yield Town(client, store, folder, erase_ivy(client, use_everything(client, store)))


def everything(store: Store, *folders: Path) -> Iterator[tuple[str, bytes]]:
    """Every key, value and file, unpacked, with where it is."""
    for key in store.redis.scan_iter():
        place = unquote(key.decode())
        yield place, place.encode()
        raw = store.redis.dump(key) if store.redis.type(key) == b"stream" else b""
        for value in (raw, *values(store, key)):
            yield place, value
            yield place, unpacked(value)
    while store.redis.info("persistence")["aof_rewrite_in_progress"]:
        time.sleep(0.05)
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                yield path.name, read_part(path) if path.suffix == ".parquet" else path.read_bytes()


def values(store: Store, key: bytes) -> list[bytes]:
    kind = store.redis.type(key).decode()
    if kind == "string":
        return [store.redis.get(key)]
    if kind == "hash":
        return [part for field in store.redis.hgetall(key).items() for part in field]
    if kind == "zset":
        return store.redis.zrange(key, 0, -1)
    return list(store.redis.smembers(key)) if kind == "set" else store.redis.lrange(key, 0, -1)


def unpacked(value: bytes) -> bytes:
    try:
        return unpack(value)
    except DamagedValueError:
        return b""


def read_part(path: Path) -> bytes:
    """All that a part says: it is compressed, so its bytes show nothing."""
    with duckdb.connect() as connection:
        return repr(connection.execute(f"select * from read_parquet('{path}')").fetchall()).encode()


def places_of(name: str, store: Store, folder: Path) -> set[str]:
    """Where the name stands, in any of the encodings in which something is kept."""
    escaped = json.dumps(name)[1:-1]
    forms = (name, normalize("NFD", name), escaped, escaped.replace("\\u00ff", "\\u00FF"), quote(name, safe=""))
    sought = [form.encode() for form in dict.fromkeys(forms)]
    return {place for place, said in everything(store, folder) if any(form in said for form in sought)}


def test_before_the_name_is_in_many_places(store, used, tmp_path):
    found = places_of(NAME, store, tmp_path)
    kinds = (
        "score:",
        "evidence:",
        "newest:",
        "board:",
        "trust-roots:",
        "job:",
        "idempotency:",
        "dispute:",
        "disputes:about:",
        "history:",
        ":activities",
        ".columns",
        ".parquet",
    )
    assert [kind for kind in kinds if not any(kind in place for place in found)] == []


def test_after_it_the_name_is_nowhere_but_in_the_topic_that_a_job_asks_for(after):
    waiting = f"candor:job:{after.erased['waiting']}"
    assert places_of(NAME, after.store, after.folder) == {waiting}
    asked = after.client.get(f"/v1/jobs/{after.erased['waiting']}").json["request"]["topics"]
    kept = after.store.redis.hget(waiting, "request").decode()
    assert (asked[-1], kept.count(NAME)) == (f"tag:{NAME}", 2), "its id and its label"


def test_everybody_else_is_still_there(after):
    assert len(places_of("fan-3", after.store, after.folder)) > 5


def test_the_receipt_says_what_was_changed(after):
    counts = after.erased["erasure"]["erased"]
    assert [
        kind
        for kind in ("documents", "redacted", "disputes", "boards", "datasets", "jobs", "trust_roots")
        if not counts[kind]
    ] == []


def test_its_own_documents_are_gone(after):
    assert after.client.get(after.erased["ivys"]).status_code == 404
    assert after.client.get(f"{after.erased['ivys']}?evidence=all").status_code == 404
    assert after.client.get(f"{ADDRESS}/scores").status_code == 404


@pytest.mark.parametrize("form", ["", "?evidence=all"])
def test_in_the_documents_of_others_the_numbers_stay_and_meet(after, form):
    document = after.client.get(f"{after.erased['bos']}{form}").json
    assert "erased" in {voice["by"] for voice in document["expertise"]["evidence"]}
    assert document["expertise"]["score"] == after.erased["before"].json["expertise"]["score"]
    assert document["redacted_at"]
    assert verify(document) == []


def test_a_redacted_document_has_a_new_entity_tag(after):
    assert (
        after.client.get(f"{after.erased['bos']}?evidence=all").headers["ETag"]
        != after.erased["before"].headers["ETag"]
    )


def test_a_data_set_says_that_it_was_redacted_and_has_another_digest(client, store, used):
    before = store.datasets.get("local", "town")
    erasures.erase("local", client.delete(ADDRESS).json["id"])
    after = client.get("/v1/datasets/town").json
    assert after["digest"] != before.digest
    assert after["redacted_at"]
    assert after["records"] < before.records


def test_disputes_that_name_it_only_in_words_stay_without_the_name(after):
    (left,) = after.client.get("/v1/disputes").json["data"]
    assert (left["by"], left["reason"]) == ("fan-1", "Ask erased.")


def test_a_board_leaves_it_out_and_keeps_the_ranks(after):
    rows = after.client.get("/v1/topics/rockets/experts?dataset=town&trust_root=elders").json["data"]
    assert "bo" in {row["account"] for row in rows}
    assert NAME not in {row["account"] for row in rows}


def test_a_job_that_named_it_says_so_without_the_name(after):
    job = after.client.get(f"/v1/jobs/{after.erased['job']}").json
    assert [account["account"] for account in job["request"]["accounts"]] == ["erased", "bo"]
    assert job["results"][0]["problem"]["code"] == "suppressed"
    assert job["results"][1]["score_url"] == after.erased["bos"]


def test_a_job_that_was_waiting_is_done_for_the_others(client, store, erased):
    run(store, erased["waiting"])
    job = client.get(f"/v1/jobs/{erased['waiting']}").json
    assert job["status"] == "succeeded"
    assert [result["problem"] and result["problem"]["code"] for result in job["results"]] == [
        *["suppressed"] * 2,
        None,
        None,
    ]


def test_erasing_twice_changes_nothing_more(client, store, erased):
    again = client.delete(ADDRESS).json["id"]
    erasures.erase("local", again)
    counts = client.get(f"/v1/erasures/{again}").json["erased"]
    assert set(counts.values()) == {0}


def test_it_can_not_be_named_any_more(after):
    body = {"accounts": [{"network": "custom:town", "account": NAME}], "topics": ["tag:x"], "dataset": "town"}
    assert after.client.post("/v1/jobs", json=body).status_code == 403


def test_what_another_owner_has_stays(client, store, used):
    document = store.scores.get("local", used["ivys"].rpartition("/")[2])
    store.redis.hset("candor:score:bob:sc_1", mapping={"etag": '"x"', "body": pack(document.body)})
    erasures.erase("local", client.delete(ADDRESS).json["id"])
    assert store.scores.get("bob", "sc_1") is not None


def test_everything_that_is_kept_ends_by_itself_or_says_why_not(client, store, used):
    run(store, used["waiting"])
    erasures.erase("local", client.delete(ADDRESS).json["id"])
    endless = [key.decode() for key in store.redis.scan_iter() if store.redis.ttl(key) == -1]
    assert [key for key in endless if not row_of(key).lasts] == []


def test_nothing_is_kept_that_the_documentation_does_not_list(store, used, tmp_path):
    keys = [key.decode() for key in store.redis.scan_iter()]
    files = [str(path.relative_to(tmp_path / "data")) for path in (tmp_path / "data").rglob("*") if path.is_file()]
    of_server = [f"valkey/{path.name}" for path in (tmp_path / "valkey").rglob("*") if path.is_file()]
    assert len(keys) > 40
    assert len(files) >= 2
    assert [key for key in keys if row_of(key) is None] == []
    assert [path for path in files + of_server if row_of_file(path) is None] == []


def test_every_key_that_the_store_can_spell_is_listed():
    names = {name: place for name, place in vars(redis_keys).items() if isinstance(place, Key | str)}
    listed = {place for kept in REDIS for place in kept.places}
    prefixes = {place.rstrip("*") for place in listed if isinstance(place, str)}
    spelled = {place for place in names.values() if isinstance(place, Key) or place.startswith("candor:")}
    assert {place for place in spelled - listed if place not in prefixes} == {redis_keys.job_ended}  # a channel


def test_a_thing_that_has_no_end_of_its_own_says_so_and_no_setting_is_of_nothing():
    rows = (*REDIS, *FILES)
    assert {kept.setting for kept in rows} - {None} == set(Retention.__struct_fields__)
    assert [kept.what for kept in REDIS if kept.lasts and kept.setting] == []


def test_neither_the_log_nor_metrics_name_anybody(log, client, store, used):
    run(store, used["waiting"])
    erasures.erase("local", client.delete(ADDRESS).json["id"])
    context_of(client.application).meters.flush(store.metrics.add)
    said = log.text.getvalue() + client.get("/metrics").text
    assert len(log.lines("request")) > 10
    forms = [form for name in (NAME, DECOMPOSED, *FANS) for form in (name, json.dumps(name)[1:-1], quote(name))]
    assert [form for form in [*forms, "my rocket", "town.example"] if form in said] == []


def test_a_job_that_has_not_ended_is_all_that_outlasts_its_time(store, used):
    endless = {key.decode() for key in store.redis.scan_iter("candor:job:*") if store.redis.ttl(key) == -1}
    job = f"candor:job:{used['waiting']}"
    assert endless == {job, f"{job}:activities"}


def test_a_data_set_without_somebody_is_on_the_disk_no_longer_than_with_them(client, used, tmp_path):
    (path,) = (tmp_path / "data" / "datasets").iterdir()
    os.utime(path, (1e9, 1e9))
    erasures.erase("local", client.delete(ADDRESS).json["id"])
    (path,) = (tmp_path / "data" / "datasets").iterdir()
    assert path.stat().st_mtime == 1e9


LOGIN = "iv-erasable"
SPELLINGS = (
    LOGIN,
    f"@{LOGIN}",
    "Iv-Erasable",
    "IV-ERASABLE",
    f"https://github.com/{LOGIN}",
    "https://github.com/Iv-Erasable/",
)


@pytest.fixture
def on_github(client: FlaskClient, store: Store) -> None:
    """An account of a network, written in another way each time it is brought."""
    said = iter(SPELLINGS * 2)
    posts = [
        {"id": f"p{number}", "type": "note", "actor": next(said), "content": "my rocket", "url": "https://github.com/x"}
        for number in range(3)
    ]
    acts = [{"id": "r1", "type": "reshare", "actor": next(said), "object": "p9"}]
    acts += [{"id": f"r-{fan}", "type": "reshare", "actor": fan, "object": "p0"} for fan in FANS]
    posts.append({"id": "p9", "type": "note", "actor": "bo", "content": "my rocket"})
    brought = [{"published": f"2026-10-{10 + n:02}T00:00:00Z", **each} for n, each in enumerate(posts + acts)]
    lines = b"\n".join(map(msgspec.json.encode, brought))
    url = "/v1/datasets/town?network=github"
    assert client.put(url, data=lines, content_type="application/x-ndjson").status_code == 201
    root = {"kind": "accounts", "network": "github", "accounts": [{"account": who} for who in (next(said), *FANS)]}
    assert client.put("/v1/trust-roots/elders", json=root).status_code == 201
    named = {"accounts": [{"network": "github", "account": next(said)}, {"network": "github", "account": "bo"}]}
    whole, inline = submit(client, dataset="town", **named), submit(client, activities=brought, **named)
    board = submit(client, dataset="town", accounts=[])
    for job in (whole, inline, board):
        run(store, job["id"])
    of_bo = client.get(f"/v1/jobs/{whole['id']}").json["results"][1]["score_url"]
    reason = f"Ask {SPELLINGS[2]}, or look at {SPELLINGS[4]}."
    assert client.post(f"{of_bo}/disputes", json={"by": next(said), "reason": reason}).status_code == 201


@pytest.mark.usefixtures("on_github")
@pytest.mark.parametrize("asked", SPELLINGS)
def test_an_account_of_a_network_is_nowhere_whichever_way_it_was_written_and_is_erased(client, store, tmp_path, asked):
    assert len(occurrences(store, tmp_path)) > 10
    erasure = client.delete(f"/v1/accounts/github/{quote(asked, safe='')}").json
    erasures.erase("local", erasure["id"])
    assert store.erasures.get("local", erasure["id"]).status == "succeeded"
    assert occurrences(store, tmp_path) == set()


def occurrences(store: Store, folder: Path) -> set[str]:
    """Where the login stands, in upper case or lower."""
    return {place for place, said in everything(store, folder) if LOGIN.encode() in said.lower()}
