"""Records of Bluesky in repositories and Jetstream: what accounts ask for, delete, list and take out of quotes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from candor.formats.dumps.dump import Run
from candor.formats.dumps.registry import FORMATS
from tests.formats.test_car import ADA, AT, BO, POST, repository

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from candor.scoring.activity import Activity

    Read = Callable[..., tuple[list[Activity], Run]]

TIME = 1_767_600_000_000_000
NOTE = {"text": "orbits", "createdAt": AT}
NO_STRANGERS = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "!no-unauthenticated"}]}
LIST = f"at://{ADA}/app.bsky.graph.list/1"
PACK = f"at://{ADA}/app.bsky.graph.starterpack/9"
LISTS: dict[str, Any] = {
    "app.bsky.graph.list/1": {"purpose": "app.bsky.graph.defs#curatelist", "name": "Rockets", "createdAt": AT},
    "app.bsky.graph.list/2": {"purpose": "app.bsky.graph.defs#modlist", "name": "Noise", "createdAt": AT},
    "app.bsky.graph.list/3": {"purpose": "app.bsky.graph.defs#referencelist", "name": "-", "createdAt": AT},
    "app.bsky.graph.listitem/1": {"subject": BO, "list": LIST, "createdAt": AT},
    "app.bsky.graph.listitem/2": {"subject": BO, "list": f"at://{ADA}/app.bsky.graph.list/2", "createdAt": AT},
    "app.bsky.graph.listitem/3": {"subject": BO, "list": f"at://{ADA}/app.bsky.graph.list/3", "createdAt": AT},
    "app.bsky.graph.listitem/4": {"subject": BO, "list": f"at://{BO}/app.bsky.graph.list/1", "createdAt": AT},
    "app.bsky.graph.starterpack/9": {
        "name": "Space",
        "description": "who builds",
        "list": f"at://{ADA}/app.bsky.graph.list/3",
        "createdAt": AT,
    },
}


def event(key: str, record: Any = None, operation: str = "create", did: str = ADA, at: int = TIME) -> dict[str, Any]:
    collection, _, rkey = key.partition("/")
    commit = {"rev": "x", "operation": operation, "collection": collection, "rkey": rkey}
    return {
        "did": did,
        "time_us": at,
        "kind": "commit",
        "commit": commit if record is None else {**commit, "record": record},
    }


def events_of(records: dict[str, Any]) -> list[dict[str, Any]]:
    return [event(key, record) for key, record in records.items()]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read a repository's records by key, or a list of events, and return the records and the run."""

    def reading(content: Any) -> tuple[list[Activity], Run]:
        is_car = isinstance(content, dict)
        path = tmp_path / ("repo.car" if is_car else "events.jsonl")
        path.write_bytes(repository(content, rev="3l5ulfzu2qc2f") if is_car else b"\n".join(map(as_json, content)))
        run = Run("bluesky")
        made = list(FORMATS["car" if is_car else "jetstream"].records([path], run))
        run.left_out = +run.left_out
        return made, run

    return reading


def as_json(thing: Any) -> bytes:
    return json.dumps(thing).encode()


BOTH = pytest.mark.parametrize("packed", [dict, events_of], ids=["car", "jetstream"])


@BOTH
def test_of_who_asks_not_to_be_shown_to_strangers_nothing_is_read(read, packed):
    profile = {"displayName": "Ada", "labels": NO_STRANGERS, "createdAt": AT}
    made, run = read(packed({"app.bsky.feed.post/1": NOTE, "app.bsky.actor.profile/self": profile}))
    assert [(each.type, each.actor, each.consent, each.name) for each in made] == [("account", ADA, False, None)]
    assert run.left_out == {"private": 2}


@BOTH
def test_a_profile_says_what_an_account_is_called_and_that_it_is_a_bot(read, packed):
    profile = {"displayName": "Ada", "labels": {"values": [{"val": "bot"}]}}
    made, run = read(packed({"app.bsky.actor.profile/self": profile, "app.bsky.feed.post/1": NOTE}))
    assert [(each.name, each.kind, each.published.year) for each in made if each.type == "account"] == [
        ("Ada", "bot", 2024 if packed is dict else 2026)
    ]
    assert run.left_out == {}


@BOTH
def test_places_on_curated_lists_and_in_starter_packs_recommend_and_others_do_not(read, packed):
    made, run = read(packed(LISTS))
    assert [(each.type, each.object, each.target_actor, each.content) for each in made] == [
        ("list", LIST, BO, "Rockets"),
        ("list", PACK, BO, "Space\nwho builds"),
    ]
    assert run.left_out == {"other": 2}


@BOTH
def test_links_in_a_post_stand_in_full_and_a_quoted_feed_is_no_quote(read, packed):
    facet = {"index": {"byteStart": 4, "byteEnd": 14}, "features": [{"uri": "https://a.example/cubesats"}]}
    feed = {"record": {"uri": f"at://{BO}/app.bsky.feed.generator/g", "cid": "x"}}
    made, _ = read(
        packed({"app.bsky.feed.post/1": {**NOTE, "text": "see a.exampl...", "facets": [facet], "embed": feed}})
    )
    assert [(each.type, each.content) for each in made] == [("note", "see https://a.example/cubesats.")]
    assert made[0].url == f"https://bsky.app/profile/{ADA}/post/1"


QUOTE = {**NOTE, "embed": {"record": {"uri": POST, "cid": "x"}}}


@pytest.mark.parametrize(("by", "kind"), [(BO, "note"), (ADA, "quote")])
def test_a_post_that_its_author_took_out_of_a_quote_is_not_quoted(read, by, kind):
    gate = {"post": POST, "detachedEmbeddingUris": [f"at://{ADA}/app.bsky.feed.post/1"], "createdAt": AT}
    made, _ = read([event("app.bsky.feed.post/1", QUOTE), event("app.bsky.feed.postgate/1", gate, did=by)])
    assert [(each.type, each.object) for each in made] == [(kind, POST if kind == "quote" else None)]


OF_2024 = {
    "did": ADA,
    "time_us": TIME,
    "type": "com",
    "commit": {"type": "d", "collection": "app.bsky.feed.post", "rkey": "1"},
}


def state(at: int, *, active: bool) -> dict[str, Any]:
    return {"did": ADA, "time_us": at, "kind": "account", "account": {"active": active, "did": ADA, "seq": 1}}


@pytest.mark.parametrize(
    ("later", "left_out"),
    [
        ([event("app.bsky.feed.post/1", operation="delete")], {"deleted": 1, "other": 1}),
        ([event("app.bsky.feed.post/2", operation="delete")], {"other": 1}),
        ([event("app.bsky.feed.post/1", operation="delete", did=BO)], {"other": 1}),
        ([state(TIME + 1, active=False)], {"deleted": 1, "other": 1}),
        ([state(TIME + 1, active=False), state(TIME + 2, active=True)], {"other": 2}),
        (
            [{**OF_2024, "commit": {"type": "d", "collection": "app.bsky.feed.post", "rkey": "1"}}],
            {"deleted": 1, "other": 1},
        ),
    ],
    ids=["deleted", "another", "another's", "gone", "back", "2024"],
)
def test_what_events_delete_later_is_not_read(read, later, left_out):
    made, run = read([event("app.bsky.feed.post/1", NOTE), *later])
    assert (len(made), run.left_out) == (0 if "deleted" in left_out else 1, left_out)


def test_the_newest_profile_says_whether_an_account_is_read(read):
    asks = event("app.bsky.actor.profile/self", {"labels": NO_STRANGERS})
    allows = event("app.bsky.actor.profile/self", {"displayName": "Ada"}, "update", at=TIME + 1)
    made, run = read([event("app.bsky.feed.post/1", NOTE), allows, asks])
    assert ([each.type for each in made], run.left_out) == (["note", "account"], {})


LISTED = [{"uri": f"at://{ADA}/app.bsky.feed.post/1", "cid": "c", "value": {"text": "orbits", "createdAt": AT}}]


@pytest.mark.parametrize("content", [{"records": LISTED, "cursor": "1"}, LISTED, LISTED[0]])
def test_records_as_a_server_lists_them_are_read_like_the_repository(tmp_path, content):
    (tmp_path / "repo.json").write_text(json.dumps(content))
    made = list(FORMATS["car"].records([tmp_path / "repo.json"], Run("bluesky")))
    assert [(each.type, each.id, each.content) for each in made] == [("note", LISTED[0]["uri"], "orbits")]


def test_of_who_asks_not_to_be_shown_the_listed_records_are_left_out_too(tmp_path):
    labels = {"values": [{"val": "!no-unauthenticated"}]}
    profile = {"uri": f"at://{ADA}/app.bsky.actor.profile/self", "value": {"labels": labels, "createdAt": AT}}
    (tmp_path / "repo.json").write_text(json.dumps([*LISTED, profile]))
    run = Run("bluesky")
    made = list(FORMATS["car"].records([tmp_path / "repo.json"], run))
    assert ([(each.type, each.consent) for each in made], run.left_out["private"]) == ([("account", False)], 2)


@pytest.mark.parametrize("name", ["data", "value", "event"])
def test_events_in_rows_and_messages_of_a_queue_are_read(tmp_path, name):
    said = event("app.bsky.feed.post/1", {"text": "orbits", "createdAt": AT})
    (tmp_path / "events.json").write_text(json.dumps({"topic": "js", "offset": 1, name: said}))
    made = list(FORMATS["jetstream"].records([tmp_path / "events.json"], Run("bluesky")))
    assert [(each.type, each.content) for each in made] == [("note", "orbits")]


def test_a_bridged_post_is_read_in_full(tmp_path):
    post = {"text": "short", "bridgyOriginalText": "<p>a long text</p>", "createdAt": AT}
    (tmp_path / "ada.car").write_bytes(repository({"app.bsky.feed.post/1": post}))
    made = list(FORMATS["car"].records([tmp_path], Run("bluesky")))
    assert made[0].content == "a long text"


def test_beside_a_repository_nothing_else_is_read(tmp_path):
    (tmp_path / "ada.car").write_bytes(repository({"app.bsky.feed.post/1": LISTED[0]["value"]}))
    (tmp_path / "README.txt").write_text("Made up.")
    (tmp_path / "follows.json").write_text("[]")
    run = Run("bluesky")
    assert len(list(FORMATS["car"].records([tmp_path], run))) == 1
    assert run.left_out == {"files": 1}
