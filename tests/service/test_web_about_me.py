"""The page for the people scored: from nothing to all that is held, a dispute and an erasure, without a key."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from candor.scoring.board_row import BoardRow, LastActive, Reachability, Side
from candor.scoring.document import Position
from candor.scoring.method import load_method
from candor.scoring.score import score
from candor.scoring.topics import Topic
from candor.settings import Settings
from candor.store.disputes import Dispute
from candor.store.models import AskedRoot, BoardFacts, JobRequest
from service.auth import CLAIM_COOKIE
from service.words import LANGUAGES, words
from tests.service.test_service_about_me import ADA, AS_OF, BO, LOOKUP, WRONG, scored
from worker import claims, erasures
from worker.context import CURRENT, WorkerContext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from candor.scoring.document import ScoreDocument
    from candor.store import Store
    from tests.conftest import ShareApp

STILL_COUNTS = "Evidence has been withdrawn since"
HTML = {"Accept": "text/html", "Accept-Language": "en"}


@pytest.fixture
def settings() -> Settings:
    return Settings(host="0.0.0.0", operator_contact="scores@example.org", dispute_answer_days=9)


@pytest.fixture
def document(store: Store) -> ScoreDocument:
    made = scored()
    store.scores.put("first-owner", made)
    return made


class Browser:
    """A browser without a key."""

    def __init__(self, client: FlaskClient, store: Store) -> None:
        self._client = client
        self._store = store

    def open(self, path: str = "/about-me", language: str = "en") -> str:
        answer = self._client.get(path, headers={**HTML, "Accept-Language": language})
        assert answer.status_code == 200, answer.status_code
        return answer.get_data(as_text=True)

    def send(self, path: str, seen: str = "/about-me", **fields: str) -> TestResponse:
        """Send a form of the page that was seen."""
        (token, *_) = re.findall(r'name="csrf" value="([^"]+)"', self.open(seen))
        return self._client.post(path, data={**fields, "csrf": token}, headers=HTML)

    def begin(self, account: str = "@Ada@a.example") -> str:
        assert self.send("/about-me", network="mastodon", account=account).status_code == 303
        return re.search(r"candor-[0-9a-f]{20}", self.open())[0]

    def work(self) -> None:
        """Do what a worker does."""
        claims.check("", self._store.claims.find(self._client.get_cookie(CLAIM_COOKIE).value).id)


@pytest.fixture
def browser(client: FlaskClient, store: Store) -> Iterator[Browser]:
    token = CURRENT.set(WorkerContext(store, load_method(), score))
    yield Browser(client, store)
    CURRENT.reset(token)


@pytest.fixture
def own_machine(share_app: ShareApp, store: Store) -> Browser:
    """A browser at a service that nobody but its own machine reaches, so that no contact is needed."""
    return Browser(share_app(Settings(), store).test_client(), store)


@pytest.fixture
def inside(browser: Browser, document: ScoreDocument, requests_mock: Any) -> Browser:
    """Ada, who has shown that the account is hers."""
    requests_mock.get(LOOKUP, json={"note": browser.begin(), "fields": []})
    assert browser.send("/about-me/proof", way="profile").status_code == 303
    browser.work()
    return browser


def test_the_way_begins_without_a_key_and_in_both_languages(browser):
    assert "Are you scored here?" in browser.open()
    assert "Êtes-vous noté ici" in browser.open(language="fr")


def test_an_address_stands_for_its_host_and_a_place_that_is_missing_is_asked_for_at_its_field(browser):
    assert browser.send("/about-me", network="discourse", site="", account="ada").status_code == 422
    page = browser.send("/about-me", network="discourse", site="", account="ada").get_data(as_text=True)
    assert 'id="site-fault"' in page
    begun = browser.send("/about-me", network="discourse", site="https://forum.example.org/u/ada", account="ada")
    assert begun.status_code == 303
    assert "Discourse, forum.example.org" in browser.open()


def test_what_can_be_no_account_is_told_at_its_field_and_what_was_typed_stays(browser):
    answer = browser.send("/about-me", network="mastodon", account="ada")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert re.search(r'id="account"[^>]*value="ada"[^>]*aria-invalid="true"', page)
    assert 'id="account-fault"' in page


def test_the_cookie_is_for_this_site_and_no_script_and_opens_no_api(browser, client):
    browser.begin()
    cookie = client.get_cookie(CLAIM_COOKIE)
    assert (cookie.http_only, cookie.same_site) == (True, "Strict")
    assert client.get("/v1/about-me").status_code == 401


def test_a_form_of_another_site_does_nothing(client):
    answer = client.post("/about-me", data={"network": "mastodon", "account": ADA})
    assert answer.json["code"] == "cross_site"
    answer = client.post("/about-me/leave", data={"how": "erase"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.json["code"] == "cross_site"


def test_a_word_that_is_not_found_is_said_and_can_be_looked_for_again(browser, requests_mock):
    browser.begin()
    requests_mock.get(LOOKUP, json={"note": "", "fields": []})
    browser.send("/about-me/proof", way="profile")
    assert "Looking for the word" in browser.open()
    browser.work()
    assert "We could not find it" in browser.open()
    assert "Nous ne l&#39;avons pas trouvé" in browser.open(language="fr")


def test_for_a_community_that_was_uploaded_only_the_operator_can_confirm(browser):
    browser.send("/about-me", network="custom", site="demo", account="p03")
    page = browser.open()
    assert "Only the operator can confirm" in page
    assert "one-time link:" in page
    assert "scores@example.org" in page
    assert "Show that the account is yours" not in page
    assert "candor subject link" not in page


def test_where_the_operator_has_no_address_the_page_says_what_to_do(own_machine):
    own_machine.send("/about-me", network="custom", site="demo", account="p03")
    page = own_machine.open()
    assert "who runs the service: only they can confirm" in page
    command = page.partition("<details")[2].partition("</details>")[0]  # of no use to the person, so folded away
    assert "Set CANDOR_OPERATOR_CONTACT" in command
    assert "candor subject link custom:demo p03" in command


def test_a_command_to_be_copied_quotes_names_with_spaces(own_machine):
    own_machine.send("/about-me", network="custom", site="Bread forum", account="lena")
    assert "candor subject link &#39;custom:bread forum&#39; lena" in own_machine.open()


def test_a_page_without_its_address_is_told_at_the_field(browser):
    browser.begin()
    answer = browser.send("/about-me/proof", way="page")
    assert answer.status_code == 422
    assert 'id="address-fault"' in answer.get_data(as_text=True)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_all_that_is_held_is_on_one_page(inside, document, language):
    page = inside.open(language=language)
    assert f"/about-me/score/{document.id}" in page
    assert "first-owner" not in page
    assert BO not in page
    assert {"en": "whose word counted", "fr": "qui l&#39;a soutenue"}[language] in page


def test_the_card_is_the_whole_card_and_leads_nowhere_that_needs_a_key(inside, client, document):
    page = inside.open(f"/about-me/score/{document.id}")
    main = page.partition("<main")[2].partition("</main")[0]
    addresses = {found.replace("&amp;", "&") for found in re.findall(r'(?:href|data-document)="(/[^"]*)"', main)}
    assert f"/about-me/score/{document.id}/json?evidence=all" in addresses
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 200)
    assert BO in page


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong["about"])
def test_anything_that_is_wrong_is_contested_with_a_receipt_to_keep(inside, store, document, wrong):
    form = f"/about-me/score/{document.id}/dispute"
    answer = inside.send(form, seen=form, **{"by": BO, "kind": "organisation", "url": "", **wrong})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    receipt = inside.open(answer.headers["Location"])
    assert "waiting for an answer" in receipt
    assert [each.about for each in store.disputes.all()] == [wrong["about"]]


def test_a_dispute_without_a_reason_is_told_at_its_field(inside, document):
    form = f"/about-me/score/{document.id}/dispute"
    answer = inside.send(form, seen=form, about="too_low", reason="")
    assert answer.status_code == 422
    assert 'id="reason-fault"' in answer.get_data(as_text=True)


@pytest.mark.parametrize(("how", "said"), [("opt_out", "Opt-out: done"), ("erase", "Erasure: under way")])
def test_who_leaves_has_a_receipt(inside, store, how, said):
    answer = inside.send("/about-me/leave", seen=f"/about-me/leave?how={how}", how=how)
    page = inside.open(answer.headers["Location"])
    assert said in page
    assert "If another community here" in page
    assert store.suppression.among("mastodon", [ADA]) == {ADA}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("This cannot be undone", "What other people wrote stays", "If another community here")),
        ("fr", ("C&#39;est irréversible", "Ce que d&#39;autres ont écrit reste", "une autre communauté")),
    ],
)
def test_leaving_is_asked_once_more_with_what_it_means_and_a_copy_offered(inside, store, language, said):
    assert 'method="get" action="/about-me/leave"' in inside.open()
    page = inside.open("/about-me/leave?how=erase", language)
    assert [each for each in said if each not in page] == []
    assert 'href="/about-me/held.json"' in page
    assert "scores" in json.loads(inside.open("/about-me/held.json"))
    assert store.suppression.among("mastodon", [ADA]) == set()


def test_the_receipt_of_an_erasure_says_how_much_of_what_was_erased_and_what_stays(
    inside, client, store, requests_mock
):
    requests_mock.get(LOOKUP, status_code=404)
    requests_mock.get("https://a.example/.well-known/webfinger", status_code=404)
    at = inside.send("/about-me/leave", seen="/about-me/leave?how=erase", how="erase").headers["Location"]
    (erasure_id,) = (raw.decode() for raw in store.redis.zrange("candor:erasures", 0, -1))
    erasures.erase("", erasure_id)
    page = inside.open(at)
    assert "Your scores: 1" in page
    assert "A coded fingerprint" in page
    assert "ada" not in page
    assert client.get(f"/v1/receipts/{at.rpartition('/')[2]}").json["erased"]["documents"] == 1
    assert "Vos notes\u00a0: 1" in inside.open(at, "fr")


@pytest.fixture
def forum(store: Store) -> None:
    """Forty-one acts of ada's and one of bo's towards her, in a data set."""
    line = '{{"id":"n{0}","actor":"{1}","type":"note","published":"2026-10-01T12:00:{0:02d}Z","content":"text {0}"}}'
    lines = [line.format(number, ADA).encode() for number in range(41)]
    answer = (
        b'{"id":"b","actor":"%s","type":"reply","object":"n1","published":"2026-10-02T00:00:00Z","content":"bo says"}'
    )
    facts = {"network": "mastodon", "profile": None, "granted_rights": False}
    store.datasets.put("first-owner", "town", lines=[*lines, answer % BO.encode()], **facts)


def test_records_are_shown_with_their_texts_in_pages_and_as_a_file_and_those_of_others_are_not(forum, inside):
    page, last = inside.open(), inside.open("/about-me?page=3")
    assert "text 40" in page
    assert "text 19" not in page
    assert "Page 3 of 3" in last
    assert "text 0<" in last
    held = json.loads(inside.open("/about-me/held.json"))
    assert {each["dataset"] for each in held["records"]} == {"town"}
    assert [each["content"] for each in held["records"]] == [f"text {number}" for number in reversed(range(41))]
    assert "bo says" not in page + last + json.dumps(held)


ACCEPTANCES = [
    {"id": "q", "actor": ADA, "type": "question", "content": "What may I compost?"},
    {"id": "381", "actor": BO, "name": "Élodie", "type": "answer", "object": "q", "content": "Peel and leaves."},
    {"id": "381:accepted", "actor": ADA, "type": "accept", "object": "381"},
    {"id": "382:accepted", "actor": ADA, "type": "accept", "object": "382"},
]
CHANGES = [
    {"id": "c", "actor": "@cy@a.example", "name": "Cy", "type": "note", "content": "A mend."},
    {"id": "c:accepted", "actor": ADA, "type": "accept", "object": "c"},
]


@pytest.mark.parametrize(
    ("records", "language", "said", "unsaid"),
    [
        (
            ACCEPTANCES,
            "en",
            ("you accepted an answer by Élodie", "Peel and leaves.", "you accepted an answer that is not kept"),
            ("382", ":accepted", "change"),
        ),
        (
            ACCEPTANCES,
            "fr",
            ("vous avez accepté une réponse d'Élodie", "Peel and leaves.", "une réponse qui n'est pas conservée ici"),
            ("382", ":accepted", "modification"),
        ),
        (
            [*ACCEPTANCES, *CHANGES],
            "en",
            ("you merged a change by Cy", "A mend.", "you accepted an answer or a change that is not kept"),
            (":accepted",),
        ),
    ],
)
def test_what_was_accepted_is_told_with_whose_it_is_and_its_text(inside, store, records, language, said, unsaid):
    lines = [json.dumps({**each, "published": "2026-10-01T12:00:00Z"}).encode() for each in records]
    store.datasets.put("first-owner", "town", network="mastodon", profile=None, granted_rights=False, lines=lines)
    inside.work()
    page = inside.open(language=language).partition('id="records"')[2]
    text = html.unescape(re.sub("<[^>]+>", "", page))
    assert [each for each in said if each not in text] == []
    assert [each for each in unsaid if each in text] == []


@pytest.fixture
def two_sets(store: Store) -> None:
    """One note of ada's, in two data sets."""
    line = (
        b'{"id":"n1","actor":"%s","type":"note","published":"2026-10-01T12:00:00Z","content":"said twice"}'
        % ADA.encode()
    )
    for name in ("town", "village"):
        facts = {"network": "mastodon", "profile": None, "granted_rights": False}
        store.datasets.put("first-owner", name, lines=[line], **facts)


def test_a_record_that_several_data_sets_hold_is_shown_once_with_all_of_them(two_sets, inside):
    page = re.sub("<[^>]+>", "", inside.open())
    assert page.count("said twice") == 1
    assert len(re.findall("town, village|village, town", page)) == 1
    assert len(json.loads(inside.open("/about-me/held.json"))["records"]) == 2


def test_a_place_is_that_of_the_card_and_who_asked_is_told_by_the_day_it_was_asked(inside, store):
    request = JobRequest(
        network="mastodon",
        accounts=(),
        topics=(Topic(id="tag:hops", label="hops"),),
        trust_root=AskedRoot(id=None, kind="none", digest="sha256:0", size=0),
        as_of=AS_OF,
    )
    asked = datetime(2026, 10, 20, tzinfo=UTC)
    facts = BoardFacts(
        id="bd_1",
        owner="an-app",
        request=request,
        method="2.0.0",
        people=12,
        compared=1,
        largest_difference=0,
        made_at=asked,
    )
    side = Side(status="ok", score=40.0, interval=None, contributions={})
    row = BoardRow(
        row=2,
        rank=2,
        position=Position(status="placed", rank=2, of=7),
        account=ADA,
        kind="person",
        name=None,
        standing="exact",
        expertise=side,
        interest=side,
        people=3,
        people_with_standing=2,
        reachability=Reachability(value=None, n=0),
        last_active=LastActive(on_topic=None, anywhere=None, answered=None),
    )
    store.boards.put(facts, [row])
    inside.work()
    page = inside.open()
    assert "Made on 20 October 2026 at 00:00 UTC" in page
    assert STILL_COUNTS not in page
    assert "Number 2 of 7" in page
    assert "The link or code you came with does not work twice" in page
    assert "People trusted: <bdi>" in page.partition("Number 2 of 7")[2]
    assert "last on 20 October 2026" in page
    assert "tag:hops" not in page
    store.disputes.open(
        Dispute(
            id="dsp_1",
            owner="an-app",
            score_id="sc_1",
            network="mastodon",
            account=ADA,
            topic="tag:hops",
            by=BO,
            of=None,
            reason="That is me.",
            contact=None,
            created_at=asked,
        )
    )
    store.disputes.decide("an-app", "dsp_1", accept=True, note=None)
    inside.work()
    assert inside.open().partition("Number 2 of 7")[2].count(STILL_COUNTS) == 1


def test_a_decision_is_on_the_page_at_once_and_two_receipts_can_be_told_apart(inside, store, document):
    form = f"/about-me/score/{document.id}/dispute"
    kind = inside.send(form, seen=form, about="wrong_kind", kind="person", reason="I am one.").headers["Location"]
    word = inside.send(form, seen=form, about="evidence", by=BO, reason="That is me.").headers["Location"]
    for each in store.disputes.all("first-owner"):
        decided = store.disputes.decide("first-owner", each.id, accept=True, note=None)
        store.claims.collect_about(decided.network, decided.account)
    inside.work()
    assert inside.open().count("– accepted") == 2
    assert inside.open().count(STILL_COUNTS) == 1
    assert "What the account is has been put on record" in inside.open(kind)
    assert "the next score on this topic leaves this out" in inside.open(word)
    made_since = "A score or ranking made since is there already"
    assert made_since not in inside.open(word)
    store.scores.put("first-owner", replace(document, id=f"sc_{'8' * 32}"))
    assert made_since in inside.open(word)
    assert "<bdi>hops</bdi>" in inside.open(word)
    assert {each.id for each in store.disputes.all("first-owner")} <= set(
        re.findall(r"dsp_[0-9a-z]+", inside.open(kind) + inside.open(word))
    )
    assert "A piece of evidence should not count" in inside.open(word)
    assert "the next score on this topic leaves this out" in inside.open(f"/about-me/score/{document.id}")
    assert "Some of the evidence has been successfully disputed" in inside.open(f"/about-me/score/{document.id}")
    assert ">See the disputes</a>" in inside.open(f"/about-me/score/{document.id}")


def test_a_receipt_knows_a_ranking_made_since_of_the_data_set_that_the_score_was_made_from(inside, store, document):
    store.scores.put("first-owner", document, dataset="town")
    form = f"/about-me/score/{document.id}/dispute"
    receipt = inside.send(form, seen=form, about="evidence", by=BO, reason="That is me.").headers["Location"]
    (dispute,) = store.disputes.all("first-owner")
    decided = store.disputes.decide("first-owner", dispute.id, accept=True, note=None)
    request = JobRequest(
        network="mastodon",
        accounts=(),
        topics=(Topic(id=document.topic.id, label="hops"),),
        trust_root=AskedRoot(id=None, kind="none", digest="sha256:0", size=0),
        as_of=AS_OF,
        dataset="town",
    )
    facts = BoardFacts(
        id="bd_2", owner="first-owner", request=request, method="2.0.0", people=0, compared=0, largest_difference=0
    )
    day = timedelta(days=1)
    for made_at, is_said in ((decided.decided_at - day, False), (decided.decided_at + day, True)):
        store.boards.put(replace(facts, made_at=made_at), [])
        assert ("A score or ranking made since is there already" in inside.open(receipt)) == is_said


def test_a_receipt_speaks_of_a_date_only_as_long_as_one_stands_on_it(inside, store, document):
    form = f"/about-me/score/{document.id}/dispute"
    receipt = inside.send(form, seen=form, about="evidence", by=BO, reason="That is me.").headers["Location"]
    assert "If the date has passed, write to" in inside.open(receipt)
    (dispute,) = store.disputes.all("first-owner")
    store.disputes.decide("first-owner", dispute.id, accept=False, note="No.")
    answered = inside.open(receipt)
    assert "If anything is unclear, write to" in answered
    assert "If the date has passed" not in answered


def test_leaving_needs_a_choice(inside, store):
    assert inside.send("/about-me/leave").status_code == 422
    assert store.suppression.among("mastodon", [ADA]) == set()


def test_a_link_of_the_operators_is_used_by_pressing_and_not_by_looking(browser, store, document):
    code = store.claims.make_code("mastodon", ADA)
    for _ in range(2):
        assert code in browser.open(f"/about-me/code?code={code}")
    assert browser.send("/about-me/code", seen=f"/about-me/code?code={code}", code=code).status_code == 303
    browser.work()
    assert document.id in browser.open()


def test_the_page_says_as_of_when_it_is_and_can_be_made_anew(inside, store, document):
    page = inside.open()
    assert re.search(r"As of \d+ \w+ \d{4}, \d\d:\d\d UTC: anything later is not included\.", page)
    store.scores.put("first-owner", later := replace(document, id=f"sc_{'7' * 32}", as_of="2026-11-20T00:00:00Z"))
    assert later.id not in inside.open()
    assert inside.send("/about-me/anew").status_code == 303
    assert "Collecting what is held about you" in inside.open()
    inside.work()
    assert later.id in inside.open()


def test_who_closes_the_page_has_to_begin_again(inside):
    inside.send("/about-me/end")
    assert "Are you scored here?" in inside.open()


def test_without_a_session_what_is_held_leads_to_the_beginning(client, document):
    for path in (f"/about-me/score/{document.id}", f"/about-me/score/{document.id}/dispute"):
        assert client.get(path, headers=HTML).headers["Location"] == "/about-me"
    assert client.get(f"/about-me/score/{document.id}/json").status_code == 401


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_thing_that_may_be_held_has_a_name(store, language):
    listed = {"documents", "histories", "boards", "account_kinds", "disputes", "claims"}  # each in a part of its own
    kinds = {"records" if kind == "datasets" else kind for kind in store.eraser.targets} - listed
    assert [kind for kind in sorted(kinds) if f"about_me.kept.{kind}" not in words(language).texts] == []


def test_a_receipt_says_whose_score_and_why_to_who_may_read_it_and_names_nobody_to_others(inside, client, document):
    form = f"/about-me/score/{document.id}/dispute"
    kept = inside.send(form, seen=form, about="evidence", by=BO, reason="That is me again.").headers["Location"]
    others = client.application.test_client().get(kept, headers=HTML).get_data(as_text=True)
    for named in (ADA, BO, "That is me again."):
        assert named in inside.open(kept)
        assert named not in others
    assert document.id in others
    assert "dsp_" in others


def test_a_receipt_calls_the_topic_as_the_score_does_also_for_who_only_has_the_link(
    browser, client, store, requests_mock
):
    made = scored()
    store.scores.put("first-owner", replace(made, topic=replace(made.topic, id="eolien", label="Éolien")))
    requests_mock.get(LOOKUP, json={"note": browser.begin(), "fields": []})
    browser.send("/about-me/proof", way="profile")
    browser.work()
    form = f"/about-me/score/{made.id}/dispute"
    kept = browser.send(form, seen=form, about="too_low", reason="More people used it.").headers["Location"]
    others = client.application.test_client().get(kept, headers=HTML).get_data(as_text=True)
    for page in (browser.open(kept), others):
        assert ("<dd><bdi>Éolien</bdi></dd>" in page, "eolien" in page) == (True, False)


def test_the_person_is_called_by_name_where_one_is_known(browser, store, requests_mock):
    made = scored()
    store.scores.put("first-owner", replace(made, account=replace(made.account, name="Ada Lovelace")))
    requests_mock.get(LOOKUP, json={"note": browser.begin(), "fields": []})
    browser.send("/about-me/proof", way="profile")
    browser.work()
    for path in ("/about-me", "/about-me/leave?how=erase", f"/about-me/score/{made.id}/dispute"):
        assert f"<bdi>Ada Lovelace</bdi> · <bdi>{ADA}</bdi>" in browser.open(path)
