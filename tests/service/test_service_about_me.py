"""The people scored: each shows that an account is theirs, sees all that is held, contests it and leaves, alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from candor.scoring.activity import Activity
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.score import score
from candor.scoring.topics import Topic
from candor.scoring.trust_root import FACE_VALUE
from candor.settings import Settings
from worker import claims, erasures
from worker.context import CURRENT, WorkerContext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from candor.scoring.document import ScoreDocument
    from candor.store import Store

AS_OF = datetime(2026, 10, 1, tzinfo=UTC)
DAY = timedelta(days=1)
ADA, BO = "@ada@a.example", "@bo@a.example"
LOOKUP = "https://a.example/api/v1/accounts/lookup?acct=ada"
BEGIN = {"network": "mastodon", "account": "https://a.example/@Ada"}


def scored(account: str = ADA) -> ScoreDocument:
    """A score of ada's, or of somebody else's, that rests on the word of bo, or of ada."""
    other = BO if account == ADA else ADA
    records = [
        Activity(id="n", actor=account, type="note", published=AS_OF - DAY, tags=("hops",)),
        Activity(id="r", actor=other, type="reshare", object="n", published=AS_OF - DAY),
    ]
    question = Question(
        network="mastodon",
        accounts=(account,),
        topics=(Topic(id="tag:hops", label="hops"),),
        trust_root=FACE_VALUE,
        as_of=AS_OF,
    )
    return next(score(records, question, load_method()))


@dataclass
class Person:
    """Somebody without a key."""

    client: FlaskClient
    store: Store
    token: str = ""
    word: str = ""

    def __call__(self, method: str, path: str = "", **body: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.client.open(
            f"/v1/about-me{path}", method=method, headers=headers, **({"json": body} if body else {})
        )

    def begin(self, **body: str) -> Any:
        answer = self("POST", **(body or BEGIN))
        assert answer.status_code == 201, answer.json
        self.token, self.word = answer.json["token"], answer.json["word"]
        return answer.json

    def look(self, way: str = "profile", **more: str) -> Any:
        """Have the word looked for, as a worker does."""
        answer = self("POST", "/proof", way=way, **more)
        assert answer.status_code == 202, answer.json
        claims.check("", self.store.claims.find(self.token).id)
        return self("GET").json


@pytest.fixture
def settings() -> Settings:
    return Settings(
        host="0.0.0.0",
        operator_contact="scores@example.org",
        dispute_answer_days=9,
        claims_per_hour=30,
        own_disputes_per_day=3,
    )


@pytest.fixture
def person(client: FlaskClient, store: Store) -> Iterator[Person]:
    token = CURRENT.set(WorkerContext(store, load_method(), score, dns_resolver="https://dns.example/resolve"))
    yield Person(client, store)
    CURRENT.reset(token)


@pytest.fixture
def shown(person: Person, requests_mock: Any) -> Person:
    """Ada, who has put the word into her profile."""
    person.begin()
    requests_mock.get(LOOKUP, json={"note": f"<p>me {person.word}</p>", "fields": []})
    assert person.look()["status"] == "proven"
    return person


@pytest.fixture
def document(store: Store) -> ScoreDocument:
    """Ada's score, which two owners have; a third has one of bo's that rests on ada's word."""
    made = scored()
    store.scores.put("first-owner", made)
    store.scores.put("second-owner", made)
    store.scores.put("third-owner", scored(BO))
    return made


def test_nothing_is_told_before_the_account_is_shown(person, document):
    begun = person.begin()
    assert (begun["status"], begun["ways"]) == ("open", ["profile", "page", "domain", "operator"])
    for method, path in (
        ("GET", "/held"),
        ("GET", f"/scores/{document.id}"),
        ("POST", "/opt-out"),
        ("POST", "/erasure"),
    ):
        assert person(method, path).json["code"] == "not_proven", path
    assert person("POST", f"/scores/{document.id}/disputes", about="too_low", reason="No.").json["code"] == "not_proven"


def test_an_account_that_is_known_is_answered_as_one_that_is_not(person, document, store):
    store.suppression.add("mastodon", ["@gone@a.example"])
    asked = ("@ada@a.example", "@gone@a.example", "@nobody@a.example")
    answers = [person("POST", network="mastodon", account=account) for account in asked]
    differ = {"token", "word", "account", "ends_at"}
    said = [{name: value for name, value in answer.json.items() if name not in differ} for answer in answers]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert said[0] == said[1] == said[2]


def test_beginning_looks_nothing_up(person, document, store, monkeypatch):
    for part in ("scores", "boards", "suppression", "jobs", "disputes", "history"):
        monkeypatch.setattr(store, part, None)
    assert person.begin()["status"] == "open"


def test_every_spelling_is_the_same_account(person):
    written = ("@Ada@a.example", "ada@A.example", "https://a.example/@ada", "https://a.example/users/ada")
    assert {person.begin(network="mastodon", account=each)["account"]["account"] for each in written} == {ADA}


def test_the_word_in_the_profile_shows_it(shown):
    assert shown("GET").json["gathered"]


def test_a_claim_leads_on_by_its_own_addresses(person, requests_mock, client, store):
    begun = person.begin()
    requests_mock.get(LOOKUP, json={"note": person.word, "fields": []})
    carried = {"Authorization": f"Bearer {begun['token']}"}
    assert client.post(begun["urls"]["proof"], json={"way": "profile"}, headers=carried).status_code == 202
    claims.check("", store.claims.find(begun["token"]).id)
    assert client.get(begun["urls"]["self"], headers=carried).json["status"] == "proven"
    assert client.get(begun["urls"]["held"], headers=carried).status_code == 200
    assert client.post(begun["urls"]["erasure"], headers=carried).json["kind"] == "erasure"


def test_without_the_word_nothing_is_shown_and_the_reason_is_said(person, requests_mock):
    person.begin()
    requests_mock.get(LOOKUP, json={"note": "<p>candor-anything</p>", "fields": []})
    told = person.look()
    assert (told["status"], told["why"]) == ("open", "the word was not found there")


def test_the_word_of_another_claim_does_not_do(person, requests_mock):
    first = person.begin()["word"]
    person.begin()
    requests_mock.get(LOOKUP, json={"note": first, "fields": []})
    assert person.look()["status"] == "open"


@pytest.fixture
def verified(requests_mock):
    """Ada's profile names a page that links back to it."""

    def name(page: str, verified_at: str | None = "2026-01-01") -> None:
        field = {"name": "Web", "value": f'<a href="{page}" rel="me">x</a>', "verified_at": verified_at}
        requests_mock.get(LOOKUP, json={"note": "", "fields": [field]})

    return name


@pytest.mark.parametrize(
    ("mark", "status"),
    [
        ('<link rel="me" href="https://scores.example/about-me#WORD">', "proven"),
        ('<a rel="nofollow me" href="#WORD">me</a>', "proven"),
        ('<meta name="candor" content="WORD">', "proven"),
        ("<p>a comment of somebody: WORD</p>", "open"),
        ('<a rel="nofollow" href="#WORD">a comment of somebody</a>', "open"),
    ],
)
def test_a_page_that_the_profile_names_shows_it_by_what_its_maker_alone_writes(
    person, requests_mock, verified, mark, status
):
    person.begin()
    verified("https://ada.example/me/")
    requests_mock.get("https://ada.example/me", text=f"<html>{mark.replace('WORD', person.word)}</html>")
    assert person.look("page", address="https://ADA.example/me")["status"] == status


def test_a_page_that_the_profile_does_not_name_is_not_even_asked(person, requests_mock, verified):
    person.begin()
    verified("https://ada.example/me", verified_at=None)
    told = person.look("page", address="https://ada.example/me")
    assert (told["status"], told["why"]) == ("open", claims.NOT_NAMED)
    assert [request.hostname for request in requests_mock.request_history] == ["a.example"]


def test_a_page_that_leads_elsewhere_shows_nothing(person, requests_mock, verified):
    person.begin()
    verified("https://ada.example/me")
    elsewhere = {"Location": "https://evil.example/word"}
    requests_mock.get("https://ada.example/me", status_code=302, headers=elsewhere)
    requests_mock.get("https://evil.example/word", text=f'<meta name="candor" content="{person.word}">')
    assert person.look("page", address="https://ada.example/me")["status"] == "open"


@pytest.mark.parametrize(("record", "status"), [('"WORD"', "proven"), ('"another"', "open")])
def test_the_dns_of_a_domain_that_the_profile_names_shows_it(person, requests_mock, verified, record, status):
    person.begin()
    verified("https://ada.example/me")
    answer = {"Answer": [{"type": 16, "data": record.replace("WORD", person.word)}]}
    requests_mock.get("https://dns.example/resolve?name=_candor.ada.example&type=TXT", json=answer)
    assert person.look("domain", address="ada.example")["status"] == status


@pytest.mark.parametrize("account", ["@ada@127.0.0.1", "@ada@10.0.0.7", "@ada@[::1]", "@ada@169.254.169.254"])
def test_no_private_address_is_asked(person, requests_mock, account):
    answer = person("POST", network="mastodon", account=account)
    if answer.status_code == 201:
        person.token = answer.json["token"]
        assert person.look()["status"] == "open"
    assert requests_mock.request_history == []


OTHER_WAYS = [
    (
        {"network": "github", "account": "Ada"},
        "profile",
        {"https://api.github.com/users/ada": {"bio": "WORD", "blog": ""}},
    ),
    (
        {"network": "github", "account": "ada"},
        "post",
        {
            "https://api.github.com/users/ada": {"bio": "", "blog": ""},
            "https://api.github.com/users/ada/gists?per_page=30": [
                {"owner": {"login": "Ada"}, "description": "WORD", "files": {}}
            ],
        },
    ),
    (
        {"network": "bluesky", "account": "ada.example.org"},
        "post",
        {
            "https://public.api.bsky.app/xrpc/app.bsky.actor.getProfile?actor=ada.example.org": {
                "did": "did:plc:z72i7hdynmk6r22z27h6tvur",
                "handle": "ada.example.org",
            },
            "https://public.api.bsky.app/xrpc/app.bsky.feed.getAuthorFeed": {
                "feed": [
                    {
                        "post": {
                            "author": {"did": "did:plc:z72i7hdynmk6r22z27h6tvur", "handle": "ada.example.org"},
                            "record": {"text": "WORD"},
                        }
                    }
                ]
            },
        },
    ),
    (
        {"network": "gitlab", "account": "ada"},
        "profile",
        {
            "https://gitlab.com/api/v4/users?username=ada": [{"id": 7}],
            "https://gitlab.com/api/v4/users/7": {"bio": "WORD"},
        },
    ),
    (
        {"network": "hackernews", "account": "ada"},
        "profile",
        {"https://hacker-news.firebaseio.com/v0/user/ada.json": {"about": "<p>WORD"}},
    ),
    (
        {"network": "discourse:forum.example.org", "account": "ada"},
        "profile",
        {"https://forum.example.org/u/ada.json": {"user": {"bio_raw": "WORD"}}},
    ),
    (
        {"network": "stackexchange:travel", "account": "7"},
        "profile",
        {"https://api.stackexchange.com/2.3/users/7?site=travel": {"items": [{"location": "WORD"}]}},
    ),
]


@pytest.mark.parametrize(("account", "way", "answers"), OTHER_WAYS, ids=lambda part: str(part)[:40])
@pytest.mark.parametrize(("word", "status"), [(None, "proven"), ("candor-another", "open")])
def test_each_network_leaves_a_way_open(person, requests_mock, account, way, answers, word, status):
    person.begin(**account)

    def filled(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: filled(inner) for name, inner in part.items()}
        if isinstance(part, list):
            return [filled(inner) for inner in part]
        return part.replace("WORD", word or person.word) if isinstance(part, str) else part

    for url, answer in answers.items():
        requests_mock.get(url, json=filled(answer))
    assert person.look(way)["status"] == status


def test_the_post_of_somebody_else_in_the_feed_shows_nothing(person, requests_mock):
    person.begin(network="bluesky", account="ada.example.org")
    base = "https://public.api.bsky.app/xrpc/app.bsky"
    requests_mock.get(f"{base}.actor.getProfile", json={"did": "did:plc:ada", "handle": "ada.example.org"})
    reshared = {"author": {"did": "did:plc:eve", "handle": "eve.example.org"}, "record": {"text": person.word}}
    requests_mock.get(f"{base}.feed.getAuthorFeed", json={"feed": [{"post": reshared}]})
    assert person.look("post")["status"] == "open"


@pytest.mark.parametrize("answer", [{"json": ["no profile"]}, {"text": "<html>"}, {"status_code": 404}, {"json": {}}])
def test_an_odd_answer_shows_nothing(person, requests_mock, answer):
    person.begin(network="bluesky", account="ada.example.org")
    requests_mock.get("https://public.api.bsky.app/xrpc/app.bsky.actor.getProfile", **answer)
    told = person.look()
    assert told["status"] == "open"
    assert told["why"]


def test_whoever_has_a_handle_that_is_no_longer_valid_can_leave_as_well(person, requests_mock, store):
    did = "did:plc:z72i7hdynmk6r22z27h6tvur"
    person.begin(network="bluesky", account=did)
    shown = {"did": did, "handle": "handle.invalid", "description": person.word}
    requests_mock.get("https://public.api.bsky.app/xrpc/app.bsky.actor.getProfile", json=shown)
    assert person.look()["status"] == "proven"
    assert person("POST", "/erasure").status_code == 202
    assert store.suppression.among("bluesky", [did, "handle.invalid"]) == {did}


def test_nothing_that_was_looked_at_is_kept(shown, store):
    assert store.response_cache.keys() == []


def test_where_no_way_is_open_the_operator_hands_out_a_link_that_works_once(person, store, document):
    assert person.begin(network="linkedin", account="ada")["ways"] == ["operator"]
    code = store.claims.make_code("mastodon", ADA)
    answer = person("POST", "/code", code=code)
    assert (answer.status_code, answer.json["status"]) == (201, "proven")
    person.token = answer.json["token"]
    claims.check("", store.claims.find(person.token).id)
    assert [each["score_id"] for each in person("GET", "/held").json["scores"]] == [document.id]
    assert person("POST", "/code", code=code).status_code == 404


def test_all_that_is_held_is_told_over_all_owners_and_none_of_them_named(person, store, document, requests_mock):
    store.trust_roots.put("second-owner", "brewers", FACE_VALUE)
    person.begin()
    requests_mock.get(LOOKUP, json={"note": person.word, "fields": []})
    person.look()
    answer = person("GET", "/held")
    held = answer.json
    assert [each["score_id"] for each in held["scores"]] == [document.id]
    assert [each["topic"] for each in held["history"]] == ["tag:hops"] * 2
    assert held["word_counted"] == {"tag:hops": 1}
    assert held["other"]["mentions"] == 1
    assert "-owner" not in answer.get_data(as_text=True)
    assert "@bo" not in answer.get_data(as_text=True)


def test_who_asked_is_told_by_kind_and_not_by_name(client, person, caller, store, requests_mock, job):
    asked = {**job, "accounts": [{"network": "mastodon", "account": ADA}], "activities": []}
    del asked["profile"]
    assert caller("the-buyer")("POST", "/v1/jobs", json=asked).status_code == 202
    person.begin()
    requests_mock.get(LOOKUP, json={"note": person.word, "fields": []})
    person.look()
    answer = person("GET", "/held")
    (row,) = answer.json["asked"]
    assert (row["by"], row["about"], row["times"]) == ("app", "you", 1)
    assert "the-buyer" not in answer.get_data(as_text=True)


@pytest.fixture
def seen(person, document, requests_mock) -> Person:
    """Ada, who has shown that the account is hers, where there is a score of hers."""
    person.begin()
    requests_mock.get(LOOKUP, json={"note": person.word, "fields": []})
    assert person.look()["status"] == "proven"
    return person


def test_a_score_of_ones_own_is_read_whole_with_whose_word_counted(seen, document, store):
    whole = seen("GET", f"/scores/{document.id}?evidence=all")
    assert whole.data == store.scores.evidence("first-owner", document.id).body
    assert {voice["by"] for voice in whole.json["expertise"]["evidence"]} == {BO}


def test_a_score_of_somebody_else_is_not_there(seen):
    assert seen("GET", f"/scores/{scored(BO).id}").status_code == 404


WRONG = [
    {"about": "evidence", "by": BO, "reason": "This account is run by a friend."},
    {"about": "missing", "url": "https://a.example/@ada/7", "reason": "It is about hops."},
    {"about": "wrong_person", "reason": "These are posts of somebody of the same name."},
    {"about": "wrong_kind", "kind": "organisation", "reason": "We are three people."},
    {"about": "wrong_topic", "reason": "Not these hops."},
    {"about": "too_low", "reason": "My answers count for nothing."},
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong["about"])
def test_anything_that_is_wrong_is_contested_with_everybody_who_has_the_score(seen, store, document, now, wrong):
    answer = seen("POST", f"/scores/{document.id}/disputes", **wrong)
    assert (answer.status_code, answer.json["status"]) == (201, "open")
    assert datetime.fromisoformat(answer.json["due_at"]) - datetime.fromisoformat(answer.json["created_at"]) == 9 * DAY
    opened = store.disputes.all()
    assert {(each.owner, each.about, each.status) for each in opened} == {
        ("first-owner", wrong["about"], "open"),
        ("second-owner", wrong["about"], "open"),
    }


def test_the_receipt_shows_the_answer_to_whoever_has_it_and_names_nobody(seen, client, store, document):
    made = seen("POST", f"/scores/{document.id}/disputes", **WRONG[0]).json
    first, second = store.disputes.all()
    store.disputes.decide(first.owner, first.id, accept=True, note="You are right.")
    assert client.get(f"/v1/receipts/{made['id']}").json["status"] == "open"
    store.disputes.decide(second.owner, second.id, accept=True, note="You are right.")
    told = client.get(f"/v1/receipts/{made['id']}")
    assert (told.json["status"], told.json["answer"]) == ("accepted", "You are right.")
    assert not any(name in told.get_data(as_text=True) for name in ("ada", "bo@", "-owner"))


def test_the_same_decision_again_keeps_the_answer_unless_it_has_another(seen, client, store, document):
    made = seen("POST", f"/scores/{document.id}/disputes", **WRONG[0]).json
    for note in ("You are right.", None, "It was a mirror."):
        for each in store.disputes.all():
            store.disputes.decide(each.owner, each.id, accept=True, note=note)
        answer = client.get(f"/v1/receipts/{made['id']}").json["answer"]
        assert answer == (note or "You are right.")


def test_a_receipt_outlives_the_dispute_that_was_erased_and_says_so(seen, client, store, document):
    made = seen("POST", f"/scores/{document.id}/disputes", **WRONG[0]).json
    for each in store.disputes.all():
        store.disputes.decide(each.owner, each.id, accept=True, note="You are right.")
    store.eraser.run(store.erasures.start(store.erasures.create(None, "mastodon", ADA).id))
    told = client.get(f"/v1/receipts/{made['id']}").json
    assert (told["status"], told["answer"], told["ended_at"]) == ("erased", None, None)
    page = client.get(f"/receipt/{made['id']}", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "erased, and its answer with it" in page
    assert "Answer by" not in page


def test_an_accepted_kind_is_on_record_as_the_persons_word(seen, store, document):
    seen("POST", f"/scores/{document.id}/disputes", **WRONG[3])
    first = store.disputes.all()[0]
    store.disputes.decide(first.owner, first.id, accept=True, note=None)
    record = store.account_kinds.get(first.owner, "mastodon", ADA)
    assert (record.kind, record.said_by, record.why) == ("organisation", "person", "in a dispute that was accepted")


def test_only_disputes_of_evidence_leave_evidence_out(seen, store, document):
    for wrong in WRONG:
        seen("POST", f"/scores/{document.id}/disputes", **wrong)
    for each in store.disputes.all("first-owner"):
        store.disputes.decide(each.owner, each.id, accept=True, note=None)
    assert [each.by for each in store.disputes.contested("first-owner", "mastodon", [ADA])] == [BO]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"about": "evidence", "reason": "x"}, "/by"),
        ({"about": "wrong_kind", "reason": "x"}, "/kind"),
        ({"about": "too_low", "by": BO, "reason": "x"}, "/by"),
        ({"about": "missing", "kind": "bot", "reason": "x"}, "/kind"),
        ({"about": "nothing", "reason": "x"}, "/about"),
        ({"about": "too_low"}, "/reason"),
    ],
)
def test_a_dispute_that_does_not_fit_is_told_at_its_field(seen, document, wrong, pointer):
    answer = seen("POST", f"/scores/{document.id}/disputes", **wrong)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_what_was_contested_is_among_what_is_held_without_whom_to_answer(seen, store, document):
    seen("POST", f"/scores/{document.id}/disputes", **WRONG[5], contact="ada@mail.example")
    claims.check("", store.claims.find(seen.token).id)
    answer = seen("GET", "/held")
    assert [each["about"] for each in answer.json["disputes"]] == ["too_low"] * 2
    assert "mail.example" not in answer.get_data(as_text=True)


def test_who_opts_out_is_suppressed_at_once_and_has_a_receipt(seen, client, store):
    made = seen("POST", "/opt-out").json
    assert store.suppression.among("mastodon", [ADA, BO]) == {ADA}
    assert client.get(f"/v1/receipts/{made['id']}").json["status"] == "done"


def test_who_is_erased_is_gone_from_every_owner_by_the_day_named(
    seen, client, store, document, settings, requests_mock
):
    shown = {"id": "1", "username": "ada", "acct": "ada", "url": "https://a.example/@ada"}
    requests_mock.get(LOOKUP, json=shown)
    requests_mock.get("https://a.example/api/v1/accounts/1/featured_tags", json=[])
    requests_mock.get("https://a.example/.well-known/webfinger", status_code=404)
    made = seen("POST", "/erasure").json
    assert made["status"] == "running"
    due = datetime.fromisoformat(made["due_at"]) - datetime.fromisoformat(made["created_at"])
    assert due == timedelta(days=settings.jobs_days)
    assert store.suppression.among("mastodon", [ADA]) == {ADA}
    (erasure_id,) = (raw.decode() for raw in store.redis.zrange("candor:erasures", 0, -1))
    erasures.erase("", erasure_id)
    told = client.get(f"/v1/receipts/{made['id']}")
    assert told.json["status"] == "done"
    assert "ada" not in told.get_data(as_text=True)
    assert [store.scores.get(owner, document.id) for owner in ("first-owner", "second-owner")] == [None, None]
    assert seen("GET").status_code == 401


def test_a_receipt_says_that_an_erasure_waits_for_the_network(seen, client, store, requests_mock, no_sleep):
    requests_mock.get(LOOKUP, status_code=503)
    requests_mock.get("https://a.example/.well-known/webfinger", status_code=503)
    made = seen("POST", "/erasure").json
    (erasure_id,) = (raw.decode() for raw in store.redis.zrange("candor:erasures", 0, -1))
    erasures.erase("", erasure_id)
    assert client.get(f"/v1/receipts/{made['id']}").json["status"] == "waiting"
    page = client.get(f"/receipt/{made['id']}").get_data(as_text=True)
    assert "waiting for your network to say whether the account has other names" in page


def test_a_session_is_short_and_ends_when_asked(shown, store):
    key = f"candor:claim:{store.claims.find(shown.token).id}"
    assert 0 < store.redis.ttl(key) <= 3600
    assert shown("DELETE").status_code == 204
    assert shown("GET").status_code == 401


def test_the_token_itself_is_not_kept(person, store):
    person.begin()
    kept = [store.redis.get(key) for key in store.redis.scan_iter("candor:claim:*")]
    assert len(kept) == 1
    assert person.token.encode() not in kept[0]
    assert not [key for key in store.redis.scan_iter("*") if person.token.encode() in key]


def test_trying_is_limited_by_address(person, settings):
    codes = [person("POST", **BEGIN).status_code for _ in range(settings.claims_per_hour + 1)]
    assert codes == [201] * settings.claims_per_hour + [429]


def test_disputes_of_one_account_are_limited_by_day_and_the_answer_says_until_when(
    seen, store, document, settings, now
):
    path, wrong = f"/scores/{document.id}/disputes", {"about": "too_low", "reason": "No."}
    assert seen("POST", path, **WRONG[0] | {"by": "@nobody@a.example"}).status_code == 422
    codes = [seen("POST", path, **wrong).status_code for _ in range(settings.own_disputes_per_day)]
    assert codes == [201] * 3
    count = len(store.disputes.all())
    answer = seen("POST", path, **wrong)
    assert (answer.status_code, answer.json["code"]) == (429, "rate_limited")
    assert 86_000 < int(answer.headers["Retry-After"]) <= 86_400
    again = datetime.fromisoformat(answer.json["detail"].rpartition(" ")[2].rstrip("."))
    assert timedelta(0) < again - now <= DAY
    assert len(store.disputes.all()) == count


def test_another_claim_to_the_same_account_opens_no_more_disputes(seen, document, settings):
    path, wrong = f"/scores/{document.id}/disputes", {"about": "too_low", "reason": "No."}
    for _ in range(settings.own_disputes_per_day):
        assert seen("POST", path, **wrong).status_code == 201
    token, claim = seen.store.claims.use_code(seen.store.claims.make_code("mastodon", ADA))
    claims.check("", claim.id)
    seen.token = token
    assert seen("POST", path, **wrong).status_code == 429


def test_a_word_is_looked_for_only_so_often(person, requests_mock):
    person.begin()
    requests_mock.get(LOOKUP, json={"note": "", "fields": []})
    assert [person.look()["status"] for _ in range(20)] == ["open"] * 20
    assert person("POST", "/proof", way="profile").status_code == 429


def test_no_key_opens_it_and_its_token_opens_nothing_else(shown, caller, client):
    bob = caller("bob", "read", "write", "erase", "admin")
    assert bob("GET", "/v1/about-me/held").status_code == 401
    headers = {"Authorization": f"Bearer {shown.token}"}
    assert [client.get(path, headers=headers).status_code for path in ("/v1/jobs", "/v1/disputes")] == [401, 401]


def test_an_owner_who_erases_somebody_ends_no_session_of_theirs(shown, store):
    store.eraser.run(store.erasures.start(store.erasures.create("first-owner", "mastodon", ADA).id))
    assert shown("GET").status_code == 200
