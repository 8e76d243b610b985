"""Scores over HTTP: stored bytes as they are, by id and by account."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from msgspec.structs import replace

from candor.scoring.document import ScoreDocument, encode
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.score import score
from candor.scoring.seals import brief
from candor.scoring.topics import Topic
from candor.scoring.trust_root import FACE_VALUE

AWKWARD_ACCOUNTS = [
    "u19",
    "ada@example.social",
    "https://example.social/users/ada",
    "a//b",
    "/a",
    "a/",
    "../x",
    "did:plc:z72i7",
    "スペース宇宙",
    "50% off?#x&y=z",
    "scores",
    "a/scores",
    "with space+plus",
    "é",
]


def document(account: str = "u19", topic: str = "hops", network: str = "custom:beer") -> ScoreDocument:
    question = Question(
        network=network,
        accounts=(account,),
        topics=(Topic(id=topic, label=topic, terms=(topic,)),),
        trust_root=FACE_VALUE,
        as_of=datetime(2026, 10, 1, tzinfo=UTC),
        profile="qa",
    )
    return next(score([], question, load_method()))


@pytest.fixture
def kept(store):
    made = document()
    store.scores.put("local", made)
    return made


def test_a_score_is_served_byte_for_byte(client, kept):
    answer = client.get(f"/v1/scores/{kept.id}")
    assert answer.data == encode(brief(kept))
    assert answer.mimetype == "application/json"


def test_evidence_all_serves_every_voice(client, kept):
    assert client.get(f"/v1/scores/{kept.id}?evidence=all").data == encode(kept)


def test_another_value_of_evidence_is_422(client, kept):
    assert client.get(f"/v1/scores/{kept.id}?evidence=some").status_code == 422


def test_a_score_has_an_entity_tag_and_stays_private(client, kept):
    headers = client.get(f"/v1/scores/{kept.id}").headers
    assert headers["ETag"].startswith('"')
    assert "private" in headers["Cache-Control"]


def test_who_has_the_score_already_gets_304(client, kept):
    etag = client.get(f"/v1/scores/{kept.id}").headers["ETag"]
    answer = client.get(f"/v1/scores/{kept.id}", headers={"If-None-Match": f'"other", {etag}'})
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", etag)


def test_who_has_another_version_gets_the_score(client, kept):
    assert client.get(f"/v1/scores/{kept.id}", headers={"If-None-Match": '"other"'}).status_code == 200


def test_an_unknown_score_is_404(client):
    assert client.get("/v1/scores/sc_nothing").status_code == 404


def test_an_accounts_scores_carry_their_contributions(client, kept):
    rows = client.get("/v1/accounts/custom:beer/u19/scores").json["data"]
    assert [row["score_url"] for row in rows] == [f"/v1/scores/{kept.id}"]
    assert rows[0]["expertise"]["contributions"].keys() == {f.id for f in kept.expertise.features}
    assert rows[0]["interest"]["status"] == "not_enough_evidence"


@pytest.mark.parametrize("account", AWKWARD_ACCOUNTS)
def test_every_account_id_can_stand_in_an_address(client, store, account):
    made = document(account)
    store.scores.put("local", made)
    answer = client.get(f"/v1/accounts/custom%3Abeer/{quote(account, safe='')}/scores")
    assert [row["score_id"] for row in answer.json["data"]] == [made.id]


def test_an_accounts_scores_come_in_pages_that_lead_on(client, store):
    account = "a/b é"
    for topic in ("hops", "malt", "yeast"):
        store.scores.put("local", document(account, topic))
    first = client.get(f"/v1/accounts/custom:beer/{quote(account, safe='')}/scores?limit=2")
    second = client.get(first.headers["Link"].split(";")[0].strip("<>"))
    assert [row["topic"] for row in first.json["data"] + second.json["data"]] == ["hops", "malt", "yeast"]


def test_an_account_without_scores_is_404(client):
    assert client.get("/v1/accounts/custom:beer/nobody/scores").status_code == 404


def test_a_score_that_answers_another_question_takes_no_place_of_the_first(client, store):
    made = document("u1", "hops")
    other = {
        "no_root": replace(made.trust_root, kind="none", digest="sha256:none"),
        "elders": replace(made.trust_root, id="elders", kind="accounts", digest="sha256:e"),
    }
    store.scores.put("local", made, "beer")
    store.scores.put("local", replace(made, id="sc_none", trust_root=other["no_root"]), "beer")
    store.scores.put("local", replace(made, id="sc_elders", trust_root=other["elders"]))
    address = "/v1/accounts/custom:beer/u1/scores"
    assert {row["score_id"] for row in client.get(address).json["data"]} == {made.id, "sc_none", "sc_elders"}
    for narrowed, ids in (
        ("trust_root=none", ["sc_none"]),
        ("trust_root=elders&topic=hops", ["sc_elders"]),
        ("dataset=beer&trust_root=network", [made.id]),
        (f"method={made.method.version}&dataset=beer&trust_root=none", ["sc_none"]),
    ):
        rows = client.get(f"{address}?{narrowed}").json["data"]
        assert [row["score_id"] for row in rows] == ids, narrowed
    assert client.get(f"{address}?method=0.0.1").status_code == 404


def test_a_score_that_is_not_as_it_was_written_is_not_shown(client, store, kept):
    key = f"candor:score:local:{kept.id}"
    body = bytearray(store.redis.hget(key, "body"))
    body[len(body) // 2] ^= 1
    store.redis.hset(key, "body", bytes(body))
    answer = client.get(f"/v1/scores/{kept.id}")
    assert (answer.status_code, answer.json["code"]) == (500, "stored_damaged")
