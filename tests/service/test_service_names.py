"""One person at every door: whichever way an account is written, it is the same one, and kept out if it is to be."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.score import score
from candor.scoring.topics import Topic
from candor.scoring.trust_root import FACE_VALUE, RootAccount, TrustRoot

DID = "did:plc:z72i7hdynmk6r22z27h6tvur"
OTHER_SPELLINGS = [
    ("mastodon", "@Ada1@A.example", "ada1@a.example"),
    ("mastodon", "@Ada1@A.example", "https://a.example/@ada1"),
    ("mastodon", "@Ada1@A.example", "https://a.example/users/ada1"),
    ("mastodon", "@Ada1@A.example", "@ada1@A.EXAMPLE"),
    ("github", "ada", "Ada"),
    ("github", "Ada", "https://github.com/ada"),
    ("x", "@Ada", "ada"),
    ("x", "ada", "https://twitter.com/Ada"),
    ("discourse:forum.example", "Ada", "@ada"),
    ("discourse:forum.example", "ada", "https://forum.example/u/Ada"),
    ("hackernews", "Ada", "https://news.ycombinator.com/user?id=Ada"),
    ("bluesky", "@Ada.bsky.social", "ada.bsky.social"),
    ("bluesky", DID, f"https://bsky.app/profile/{DID}"),
    ("stackexchange:travel", "19", "https://travel.stackexchange.com/users/19/ada"),
    ("custom:beer", "caf\u00e9", "cafe\u0301"),
]
other_spellings = pytest.mark.parametrize(("network", "erased", "written"), OTHER_SPELLINGS)
OTHERS = {
    "mastodon": "@bo@b.example",
    "bluesky": "bo.bsky.social",
    "stackexchange:travel": "7",
}


def address(network: str, account: str, more: str = "") -> str:
    return f"/v1/accounts/{quote(network, safe='')}/{quote(account, safe='')}{more}"


def acts(network: str, account: str) -> list[dict[str, str]]:
    """Somebody asks, the account answers."""
    at, other = "2026-10-01T12:00:00Z", OTHERS.get(network, "bo")
    return [
        {"id": "a1", "actor": other, "type": "question", "published": at, "content": "Which hops?"},
        {"id": "a2", "actor": account, "type": "answer", "object": "a1", "target_actor": other, "published": at},
    ]


def upload(client, network, records, name="set"):
    profile = "&profile=qa" if network.startswith("custom:") else ""
    lines = b"".join(json.dumps(record).encode() + b"\n" for record in records)
    path = f"/v1/datasets/{name}?network={quote(network, safe='')}{profile}"
    return client.put(path, data=lines, content_type="application/x-ndjson")


@pytest.fixture
def job_on(job):
    """A job of records of a network."""

    def make(network, asked, *records):
        named = [{"network": network, "account": asked}]
        profile = "qa" if network.startswith("custom:") else None
        return {**job, "accounts": named, "profile": profile, "activities": list(records)}

    return make


def pointers(answer):
    return [error["pointer"] for error in answer.json["errors"]]


@other_spellings
def test_who_was_erased_is_not_scored_under_another_spelling(client, job_on, network, erased, written):
    assert client.delete(address(network, erased)).status_code == 202
    answer = client.post("/v1/jobs", json=job_on(network, written, *acts(network, written)))
    assert (answer.status_code, answer.json["code"]) == (403, "suppressed")


@other_spellings
def test_inline_records_of_who_was_erased_are_dropped(client, job_on, network, erased, written):
    client.delete(address(network, erased))
    answer = client.post("/v1/jobs", json=job_on(network, OTHERS.get(network, "bo"), *acts(network, written)))
    assert (answer.status_code, answer.json["received"]["suppressed"]) == (202, 1)


@other_spellings
def test_uploaded_records_of_who_was_erased_are_dropped(client, network, erased, written):
    client.delete(address(network, erased))
    answer = upload(client, network, acts(network, written)).json
    assert (answer["records"], answer["counts"]["suppressed"]) == (1, 1)


@other_spellings
def test_a_trust_root_cannot_name_who_was_erased(client, job_on, network, erased, written):
    client.delete(address(network, erased))
    root = {"kind": "accounts", "network": network, "accounts": [{"account": written}]}
    assert client.put("/v1/trust-roots/friends", json=root).json["code"] == "suppressed"
    asked = job_on(network, OTHERS.get(network, "bo"), *acts(network, OTHERS.get(network, "bo")))
    assert client.post("/v1/jobs", json={**asked, "trust_root": root}).json["code"] == "suppressed"


@other_spellings
def test_records_under_two_spellings_are_of_one_person(client, store, network, erased, written):
    records = [
        {**record, "id": f"{n}{record['id']}"} for n in (1, 2) for record in acts(network, [erased, written][n - 1])
    ]
    assert upload(client, network, records).status_code == 201
    assert len({act.actor for act in store.datasets.activities("local", "set") if act.type == "answer"}) == 1


def test_github_logins_that_differ_by_case_are_one_person_scored_once(client, job_on):
    asked = job_on("github", "bo", *acts("github", "Bo"))
    asked["accounts"].append({"network": "github", "account": "Bo"})
    (fault,) = client.post("/v1/jobs", json=asked).json["errors"]
    assert (fault["pointer"], fault["detail"]) == ("/accounts/1", "'bo' is named twice, first in /accounts/0")


def test_the_account_of_a_job_is_shown_under_its_one_name(client, job_on):
    answer = client.post(
        "/v1/jobs", json=job_on("mastodon", "https://A.example/@Ada", *acts("mastodon", "ada@a.example"))
    )
    assert answer.json["request"]["accounts"][0]["account"] == "@ada@a.example"


def test_a_trust_root_names_a_person_once_and_is_shown_with_the_one_name(client):
    root = {"kind": "accounts", "network": "github", "accounts": [{"account": "@Ada"}]}
    assert client.put("/v1/trust-roots/friends", json=root).json["accounts"][0]["account"] == "ada"
    once = client.put("/v1/trust-roots/friends", json=root).json
    twice = {**root, "accounts": [{"account": "@Ada"}, {"account": "ada"}]}
    written = client.put("/v1/trust-roots/friends", json=twice).json
    assert (written["size"], written["digest"]) == (1, once["digest"])


def test_two_spellings_that_look_the_same_count_once_and_are_named_where_they_contradict(client):
    names = [{"account": "ana"}, {"account": "Jos\u00e9"}, {"account": "Jose\u0301"}]
    root = {"kind": "accounts", "network": "custom:club", "accounts": names}
    written = client.put("/v1/trust-roots/friends", json=root).json
    assert [each["account"] for each in written["accounts"]] == ["ana", "Jos\u00e9"]
    names[2]["weight"] = 0.5
    (fault,) = client.put("/v1/trust-roots/friends", json=root).json["errors"]
    assert fault["pointer"] == "/accounts/2"
    assert fault["detail"] == "'Jos\u00e9' is named twice, in /accounts/1 with another weight or other topics"


def test_a_trust_root_of_an_upload_counts_whichever_way_both_are_written(client, job_on, store):
    root = {"kind": "accounts", "network": "github", "accounts": [{"account": "https://github.com/Ada"}]}
    answer = client.post("/v1/jobs", json={**job_on("github", "bo", *acts("github", "ada")), "trust_root": root})
    named = store.jobs.trust_root(store.jobs.find(answer.json["id"]))
    assert named == TrustRoot(kind="accounts", network="github", accounts=(RootAccount(account="ada"),))


@pytest.mark.parametrize(
    ("network", "account", "expected"),
    [
        ("mastodon", "ada", "@user@host"),
        ("github", "a/b", "octocat"),
        ("stackexchange:travel", "ada", "number of the member"),
    ],
)
def test_what_can_be_no_account_is_refused_everywhere_and_told_how_one_is_written(
    client, job_on, network, account, expected
):
    asked = job_on(network, account, *acts(network, OTHERS.get(network, "bo")))
    root = {"kind": "accounts", "network": network, "accounts": [{"account": account}]}
    answers = {
        "/accounts/0/account": client.post("/v1/jobs", json=asked),
        "/accounts/0/account ": client.put("/v1/trust-roots/friends", json=root),
        "/activities/1/actor": client.post(
            "/v1/jobs", json=job_on(network, OTHERS.get(network, "bo"), *acts(network, account))
        ),
        "/2/actor": upload(client, network, acts(network, account)),
        "/account": client.delete(address(network, account)),
        "/account ": client.get(address(network, account, "/scores")),
        "/account  ": client.get(address(network, account, "/history?topic=hops")),
    }
    for pointer, answer in answers.items():
        (error,) = answer.json["errors"]
        assert (answer.status_code, error["pointer"]) == (422, pointer.strip())
        assert expected in error["detail"]


@pytest.fixture
def kept(store):
    """A score of an account of GitHub."""
    question = Question(
        network="github",
        accounts=("ada",),
        topics=(Topic(id="hops", label="Hops", terms=("hops",)),),
        trust_root=FACE_VALUE,
        as_of=datetime(2026, 10, 1, tzinfo=UTC),
    )
    made = next(score([], question, load_method()))
    store.scores.put("local", made)
    return made


@pytest.mark.parametrize("written", ["ada", "Ada", "@Ada", "https://github.com/ada/"])
@pytest.mark.parametrize("what", ["/scores", "/history?topic=hops"])
def test_scores_are_found_by_any_spelling(client, kept, written, what):
    assert client.get(address("github", written, what)).json["data"][0]["score_id"] == kept.id


@pytest.mark.parametrize("network", ["discourse:Forum.Example", "discourse:forum.example."])
def test_a_network_by_another_name_is_the_same(client, job_on, network):
    client.delete(address(network, "Ada"))
    answer = client.post("/v1/jobs", json=job_on("discourse:forum.example", "ada", *acts("x", "bo")))
    assert answer.json["code"] == "suppressed"
    assert upload(client, network, acts("x", "bo")).json["network"] == "discourse:forum.example"
