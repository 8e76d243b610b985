"""The pages as they are sent: what a form submits, what a card says, and that nothing in it comes to life."""

from __future__ import annotations

import html
import io
import json
import math
import re
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from candor import sample
from candor.names.followed import PARTS
from candor.scoring.curves import curve
from candor.scoring.document import Fact, Position, ScoreDocument
from candor.scoring.method import load_method
from candor.scoring.question import Question
from candor.scoring.records import RecordReader
from candor.scoring.score import score
from candor.scoring.seals import sealed
from candor.scoring.topics import load_catalogue
from candor.settings import Settings
from candor.store.models import AccountName, JobResult, Problem
from candor.store.workers import ConnectorFacts
from service.app import create_app
from service.drawing.provenance import most_voices
from service.web.card import answers_and_questions, telling_reasons
from service.words import LANGUAGES, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from candor.scoring.document import Act, Expertise

HTML = {"Accept": "text/html", "Accept-Language": "en"}
STACK_EXCHANGE = ConnectorFacts(family="stackexchange", profile="qa", terms="t", limits="l", consent=(), unseen={})
HOSTILE = "<img src=x onerror=alert(1)>\u202e\"'</script>"
MBOX = b"""\
From a@b.example Thu Oct  1 00:00:00 2026
From: A <a@b.example>
Date: Thu, 1 Oct 2026 00:00:00 +0000
Message-ID: <1@b.example>
Subject: hops

Which hops?
"""
LINE = b'{"id": "n1", "actor": "u1", "type": "note", "published": "2026-10-01T00:00:00Z", "content": "hops"}\n'


@pytest.fixture(scope="session")
def documents() -> dict[str, ScoreDocument]:
    """The scores of four people of the sample, by account."""
    reader = RecordReader(sample.NETWORK)
    with sample.records_path().open("rb") as lines:
        reader.feed(lines)
    asked = Question(
        network=sample.NETWORK,
        accounts=(sample.EXPERT, sample.ENTHUSIAST, sample.RING_CENTRE, sample.DECLINED),
        topics=(load_catalogue()[sample.TOPIC],),
        trust_root=sample.trust_root(),
        as_of=sample.AS_OF,
        profile=sample.PROFILE,
    )
    return {made.account.account: made for made in score(reader.activities, asked, load_method())}


@pytest.fixture
def page_of(client, store, documents) -> Callable[..., str]:
    """Keeps a score, changed or not, and opens its card."""

    def open_card(who: str, language: str = "en", **changed: object) -> str:
        document = sealed(replace(documents[who], **changed))
        store.scores.put("local", document)
        answer = client.get(f"/card/{document.id}?lang={language}", headers=HTML)
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    return open_card


@pytest.mark.parametrize(
    ("who", "network", "links"),
    [(sample.EXPERT, "mastodon", 1), (sample.EXPERT, None, 0), (sample.DECLINED, "mastodon", 0)],
)
def test_the_card_leads_to_the_profile_that_a_network_has_for_everybody(page_of, documents, who, network, links):
    account = documents[who].account
    page = page_of(who, account=replace(account, network=network, account="@ada@a.example") if network else account)
    link = '<a href="https://a.example/@ada" rel="nofollow noopener noreferrer">Profile page</a>'
    assert (page.count(link), page.count("Profile page")) == (links, links)


def of_a_club(expertise: Expertise) -> Expertise:
    """Evidence as that of the sample, at addresses that a page may link."""

    def there(act: Act) -> Act:
        return replace(act, url=str(act.url).replace(sample.URL, "https://club.example/posts/"))

    voices = (replace(voice, acts=tuple(map(there, voice.acts))) for voice in expertise.evidence)
    return replace(expertise, evidence=tuple(voices))


@pytest.fixture
def token(client: FlaskClient, kept_sample: None) -> str:
    """What a form has to send back."""
    found = re.search(r'name="csrf" value="([\w-]+)"', client.get("/", headers=HTML).get_data(as_text=True))
    assert found
    return found[1]


@pytest.fixture
def upload(token: str) -> dict[str, object]:
    """The form that brings a file, filled in."""
    file = io.BytesIO(LINE), "club.ndjson"
    return {"csrf": token, "bring": "file", "kind": "records", "file": file, "community": "club", "profile": "qa"}


@pytest.fixture
def form(client: FlaskClient, token: str, saved: Callable[..., Any]) -> dict[str, object]:
    """The form of the last step, filled in for one person of a data set that was uploaded."""
    at = "/v1/datasets/club?network=custom:club&profile=qa"
    put = partial(client.put, at, data=LINE, content_type="application/x-ndjson")
    assert saved("club of one", lambda: put().status_code) == 201
    return {
        "csrf": token,
        "dataset": "club",
        "person": "u1",
        "topic": "own",
        "label": "Hops",
        "terms": "hops, dry hopping",
        "trust_root": "network",
        "as_of": "2026-10-31",
    }


def job_of(answer, store):
    """The job that an answer leads to."""
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return store.jobs.get("local", answer.headers["Location"].rpartition("/")[2])


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            [
                "2 of 3 records cannot be read; faults: 2.",
                "Record 2, type:",
                "did you mean",
                "Record 3:",
                "Leave out records that are wrong",
            ],
        ),
        ("fr", ["Contribution 2, type :", "vouliez-vous dire", "Contribution 3 :", "Rien n'a été gardé"]),
    ],
)
def test_faults_of_a_file_stand_at_their_lines_in_words(client, upload, language, said):
    wrong = b'{"id": "a", "actor": "u", "type": "notes", "published": "2026-10-01T00:00:00Z"}\nno json\n'
    body = upload | {"file": (io.BytesIO(LINE + wrong), "club.ndjson")}
    page = html.unescape(client.post(f"/community?lang={language}", data=body).text.replace("\xa0", " "))
    assert [words for words in said if words not in page] == []
    assert "Pointers begin" not in page


def test_what_is_wrong_in_a_file_can_be_left_out_at_the_form(client, store, upload):
    body = upload | {"file": (io.BytesIO(LINE + b"no json\n"), "club.ndjson"), "skip_bad": "true"}
    answer = client.post("/community", data=body)
    kept = store.datasets.get("local", "club")
    assert (answer.status_code, kept.records, kept.counts.bad) == (303, 1, 1)
    for page in (answer.headers["Location"], "/dataset/club"):
        assert "1 record was wrong and was left out." in client.get(page, headers=HTML).get_data(as_text=True)


def test_the_form_submits_what_a_program_would(client, store, form):
    request = job_of(client.post("/", data=form), store).request
    assert [(a.network, a.account) for a in request.accounts] == [("custom:club", "u1")]
    assert [(t.id, t.label, t.terms) for t in request.topics] == [("hops", "Hops", ("hops", "dry hopping"))]
    assert (request.trust_root.kind, request.profile, request.as_of.day) == ("network", "qa", 31)
    assert store.datasets.get("local", request.dataset).records == 1


def test_without_a_person_everybody_is_ranked(client, store, form):
    assert job_of(client.post("/", data=form | {"person": ""}), store).request.accounts == ()


def test_recent_requests_name_whom_they_were_about_as_they_call_themselves(client, store, documents, form):
    made = job_of(client.post("/", data=form), store)
    assert "<bdi>u1</bdi>" in client.get("/", headers=HTML).text.partition('id="recent"')[2]
    document = documents[sample.EXPERT]
    store.scores.put("local", document)
    store.jobs.start("local", made.id)
    (account,), (topic,) = made.request.accounts, made.request.topics
    result = JobResult(account=account, topic=topic.id, score_id=document.id)
    store.jobs.finish(made.id, "succeeded", (result,))
    recent = client.get("/", headers=HTML).text.partition('id="recent"')[2]
    assert f"<bdi>{document.account.name}</bdi>" in recent
    assert "<bdi>u1</bdi>" not in recent


def test_a_file_becomes_a_data_set_and_the_topic_comes_next(client, store, upload):
    answer = client.post("/community", data=upload)
    assert (answer.status_code, answer.headers["Location"].partition("-")[0]) == (303, "/?dataset=club")
    assert store.datasets.get("local", answer.headers["Location"].partition("=")[2]).records == 1
    page = client.get(answer.headers["Location"], headers=HTML).get_data(as_text=True)
    assert re.search(r'<li aria-current="step" class="now">\s*<h2 class="step-title"><span class="step">2<', page)


def test_a_community_has_its_plain_name_and_is_replaced_only_by_choice(client, store, upload):
    def send(**more: str) -> TestResponse:
        file = io.BytesIO(LINE + LINE.replace(b"n1", b"n2") if more else LINE), "club.ndjson"
        return client.post("/community", data=upload | {"file": file} | more, headers=HTML)

    assert send().headers["Location"] == "/?dataset=club"
    again = send()
    assert (again.status_code, 'id="community-fault"' in again.get_data(as_text=True)) == (422, True)
    assert [each.records for each in store.datasets.all_of("local") if each.id.startswith("club")] == [1]
    assert send(replace="yes").headers["Location"] == "/?dataset=club"
    assert [each.records for each in store.datasets.all_of("local") if each.id.startswith("club")] == [2]


def test_a_community_is_replaced_by_itself_in_any_case_and_by_no_other_of_its_short_name(client, store, upload):
    def send(community: str) -> TestResponse:
        file = io.BytesIO(LINE), "club.ndjson"
        return client.post("/community", data=upload | {"file": file, "community": community, "replace": "yes"})

    assert [send(name).headers["Location"] for name in ("Club 7", "club 7")] == ["/?dataset=club-7"] * 2
    assert store.datasets.get("local", "club-7").network == "custom:club 7"
    refused = send("club-7")
    assert refused.status_code == 422
    said = "In addresses and lists this name is written club-7, as “club 7” is already: give another name."
    assert said in html.unescape(refused.get_data(as_text=True))


@pytest.mark.parametrize(
    ("language", "said", "refusal"),
    [
        (
            "en",
            "In addresses and lists “jardin d'été” is written jardin-dete.",
            "In addresses and lists this name is written jardin-dete, as “jardin d'été” is already",
        ),
        (
            "fr",
            "Dans les adresses et les listes, « jardin d'été » s'écrit jardin-dete.",
            "Dans les adresses et les listes, ce nom s'écrit jardin-dete, comme déjà « jardin d'été »",
        ),
    ],
)
def test_a_community_whose_name_is_written_otherwise_in_addresses_says_so(client, upload, language, said, refusal):
    def send(community: str) -> TestResponse:
        sent = upload | {"file": (io.BytesIO(LINE), "club.ndjson"), "community": community}
        return client.post(f"/community?lang={language}", data=sent, headers=HTML)

    def read(answer: TestResponse) -> str:
        return html.unescape(answer.get_data(as_text=True)).replace("\xa0", " ").replace("\u202f", " ")

    place = send("Jardin d'été").headers["Location"]
    assert place == "/?dataset=jardin-dete"
    for path in (f"{place}&lang={language}", f"/dataset/jardin-dete?lang={language}"):
        assert said in read(client.get(path, headers=HTML))
    assert refusal in read(send("Jardin dete"))
    assert said.partition(" “")[0].partition(" «")[0] not in read(client.get("/dataset/sample", headers=HTML))


def test_columns_that_are_filled_in_are_not_marked_as_wrong_and_the_missing_one_is(client, upload):
    table = "Nummer,Wer,Wann geschrieben,Was\n1,ada,2026-01-01,hi\n"
    sent = upload | {"kind": "records", "file": (io.BytesIO(table.encode()), "beer.csv")}
    filled = {"column_actor": "Wer", "column_content": "Was"}
    page = client.post("/community", data=sent | filled, headers=HTML).get_data(as_text=True)
    assert re.findall(r'id="column_(\w+)-fault"', page) == ["id", "published"]
    assert 'value="Wer"' in page


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        (
            "records",
            b"wer,wann,was\n1,2,3\n",
            [
                "Please correct these",
                "what each column of the table holds, and choose the file again. It has: wer, wann, was.",
                "Missing: say which column it is.",
            ],
        ),
        ("records", LINE.replace(b'"actor"', b'"author"'), ["Is it author?"]),
        ("records", LINE.replace(b'"actor"', b'"zzz"'), ["Missing: say which column it is"]),
        (
            "slack",
            b"wer,wann\n1,2\n",
            ["This file could not be read", "beer.csv is neither a folder nor a zip", "Check below that you chose"],
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_told_by_its_name_in_words_that_fit_a_form(client, upload, kind, body, said):
    sent = upload | {"kind": kind, "file": (io.BytesIO(body), "beer.csv")}
    answer = client.post("/community", data=sent, headers=HTML)
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code in {400, 422}
    assert [words for words in said if words not in page] == []
    assert "map=" not in page
    assert "`map`" not in page


def test_a_table_with_columns_of_its_own_is_kept_as_the_form_says_what_they_hold(client, store, upload):
    table = (
        b"nr;wer;wann;was;auf;art\n1;ada;2026-10-01 10:00;Which hops?;;Frage\n2;bob;2026-10-01 11:00;Saaz;1;Antwort\n"
    )
    columns = {"column_id": "nr", "column_actor": "wer", "column_published": "wann", "column_content": "was"}
    columns |= {"column_object": "auf", "column_type": "art", "types": "Frage=question, Antwort=answer"}
    sent = upload | columns | {"file": (io.BytesIO(table), "hops.csv")}
    answer = client.post("/community", data=sent, headers=HTML)
    dataset = answer.headers["Location"].partition("=")[2]
    records = list(store.datasets.activities("local", dataset))
    assert [(each.id, each.type, each.actor, each.object) for each in records] == [
        ("1", "question", "ada", None),
        ("2", "answer", "bob", "1"),
    ]
    wrong = client.post(
        "/community", data=sent | {"file": (io.BytesIO(table), "h.csv"), "types": "Frage=x"}, headers=HTML
    )
    assert (wrong.status_code, 'id="types-fault"' in wrong.get_data(as_text=True)) == (422, True)


@pytest.mark.parametrize("charset", ["utf-8", "windows-1250"])
def test_a_table_whose_columns_nobody_named_is_read_by_the_names_that_are_known(client, store, upload, charset):
    table = (
        "ID wpisu;Autor;Data;Treść;Odpowiedź na;Rozwiązanie\n1;Łukasz;2026-03-01;Jak ocieplić poddasze?;;\n"
        "2;Małgorzata;2026-03-02;Użyj wełny i zostaw szczelinę;1;tak\n"
    )
    sent = upload | {"file": (io.BytesIO(table.encode(charset)), "wpisy.csv")}
    dataset = client.post("/community", data=sent, headers=HTML).headers["Location"].partition("=")[2]
    records = [(each.type, each.actor, each.object) for each in store.datasets.activities("local", dataset)]
    assert records == [("question", "Łukasz", None), ("answer", "Małgorzata", "1"), ("accept", "Łukasz", "2")]


def test_a_table_that_names_posts_and_does_not_say_which_they_are_is_asked_about(client, store, upload):
    table = "Wo;Wer;Wann;Was;Antwort auf\n1;ada;2026-03-01;Wie?;\n2;bo;2026-03-02;So;1\n"
    columns = {
        "column_actor": "Wer",
        "column_published": "Wann",
        "column_content": "Was",
        "column_object": "Antwort auf",
    }
    sent = upload | columns | {"file": (io.BytesIO(table.encode()), "hops.csv")}
    answer = client.post("/community", data=sent, headers=HTML | {"Accept-Language": "fr"})
    page = html.unescape(answer.get_data(as_text=True))
    assert (answer.status_code, 'id="column_id-fault"' in page) == (400, True)
    assert "La colonne 'Antwort auf' nomme des messages, et aucune colonne ne donne leurs identifiants" in page


def test_the_form_is_told_what_the_beginning_of_a_file_holds(client, token):
    table = "編號,作者,時間,內容\n1,李明,2026-03-01,閣樓應該怎麼做保溫才不會潮濕\n".encode("big5")
    found = client.post("/columns", data=table, headers={"X-CSRF-Token": token}).json
    told = {"id": "編號", "actor": "作者", "published": "時間", "content": "內容"}
    assert (found["charset"], found["fields"]) == ("big5", told)
    chosen = client.post("/columns?charset=windows-1251", data=table, headers={"X-CSRF-Token": token}).json
    assert (chosen["charset"], chosen["fields"]) == ("windows-1251", {})
    assert client.post("/columns", data=table).status_code == 403


def test_the_dump_of_a_community_is_read_as_what_it_is(client, store, upload):
    dump = {"kind": "mbox", "file": (io.BytesIO(MBOX), "list.mbox"), "community": "brewers"}
    answer = client.post("/community", data=upload | dump)
    kept = store.datasets.get("local", answer.headers["Location"].partition("=")[2])
    assert (kept.network, kept.records, kept.archive is not None) == (
        "custom:brewers",
        2,
        True,
    )  # a mail, and who wrote it


def test_a_source_is_followed_where_a_worker_reads_it(client, store, token):
    asked = {"csrf": token, "bring": "source", "source": "stackexchange", "source_site": "beer", "tag": "hops"}
    page = client.post("/community", data=asked, headers=HTML).get_data(as_text=True)
    assert "Missing: choose what to follow." in page
    store.connectors.publish([STACK_EXCHANGE])
    answer = client.post("/community", data=asked)
    dataset = answer.headers["Location"].partition("=")[2]
    assert store.sources.get("local", dataset).asked.name == "hops"
    assert "Reading starts soon." in client.get(answer.headers["Location"], headers=HTML).get_data(as_text=True)
    without = client.post("/community", data=asked | {"source_site": ""}, headers=HTML).get_data(as_text=True)
    assert 'id="source_site-fault"' in without


def test_a_source_that_cannot_be_read_says_why_and_until_when_and_may_be_given_up(client, store, token):
    store.connectors.publish([STACK_EXCHANGE])
    asked = {"csrf": token, "bring": "source", "source": "stackexchange", "source_site": "beer"}
    address = client.post("/community", data=asked).headers["Location"]
    source = store.sources.get("local", "beer")
    until = datetime(2026, 11, 2, 9, 5, tzinfo=UTC)
    store.sources.postpone(source, until, waits_for="beer.stackexchange.com: its name does not resolve", attempts=1)
    page = html.unescape(client.get(f"{address}&lang=fr", headers=HTML).get_data(as_text=True))
    said = "(beer.stackexchange.com : ce nom n'est pas connu du DNS). Nouvel essai à 09:05 UTC."
    assert said in re.sub(r"\s", " ", page)
    client.post("/dataset/beer/delete", data={"csrf": token})
    assert store.sources.get("local", "beer") is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"file": (io.BytesIO(b'{"id": "1", "type": "x"}\n'), "a.ndjson")}, "Nothing was stored"),
        ({"file": (io.BytesIO(b""), "")}, 'id="file-fault"'),
        ({"community": "x" * 600}, 'id="community-fault"'),
        ({"community": "TU/Berlin"}, "olds no slash: call it &#39;tu-berlin&#39;"),
        ({"kind": "x", "file": (io.BytesIO(b"no zip"), "a.zip")}, "Nothing was stored"),
    ],
)
def test_a_wrong_upload_comes_back_with_the_reason(client, upload, wrong, said):
    answer = client.post("/community", data=upload | wrong, headers=HTML)
    text = answer.get_data(as_text=True)
    assert (answer.status_code, answer.mimetype) == (422, "text/html")
    assert said in text
    assert 'role="alert"' in text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"topic": "nothing"}, "There is no topic"),
        ({"dataset": "none"}, "There is no data set"),
        ({"dataset": "", "network": "mastodon", "account": "a@b.example"}, "Candor does not read mastodon"),
        ({"as_of": "2030-01-01"}, "In the future"),
        ({"dataset": "", "network": "nothing", "account": "a"}, "No network is called"),
        ({"terms": "", "label": ""}, 'id="terms-fault"'),
        ({"person": "Nobody Here"}, "Nobody here is called Nobody Here."),
        ({"person": "u1x"}, "Nobody here is called u1x: did you mean u1?"),
    ],
)
def test_a_wrong_form_comes_back_with_the_reason(client, form, wrong, said):
    answer = client.post("/", data=form | wrong, headers=HTML)
    text = answer.get_data(as_text=True)
    assert (answer.status_code, answer.mimetype) == (422, "text/html")
    assert said in text
    assert 'role="alert"' in text


def test_a_wrong_form_names_the_problem_in_the_readers_language(client, form):
    page = client.post("/?lang=fr", data=form | {"topic": "nothing"}, headers=HTML).get_data(as_text=True)
    assert "Corrigez le champ signalé." in page
    assert "Valeurs à corriger" not in page  # which says nothing beside that
    assert '<span class="fault" id="topic-fault"' in page
    assert "/topics/0" not in page


def third_step(client, dataset="sample", **more):
    """The page of the last step."""
    asked = {"dataset": dataset, "topic": "space-technology", **more}
    return client.get("/", query_string=asked, headers=HTML).get_data(as_text=True)


def test_neither_nobody_nor_everybody_is_whom_a_reader_trusts_unless_chosen(client):
    assert re.search(
        r'value="sample" checked> <span>People trusted in the sample\s+\(12 accounts named\)', third_step(client)
    )
    at = "/v1/datasets/club?network=custom:club&profile=qa"
    client.put(at, data=LINE, content_type="application/x-ndjson")
    assert 'value="named" checked>' in third_step(client, "club")
    mods = {"kind": "accounts", "network": "custom:club", "accounts": [{"account": "u1"}]}
    client.put("/v1/trust-roots/mods", json=mods)
    page = third_step(client, "club")
    assert 'value="mods" checked>' in page
    assert "With fewer than 5 people every score is a rough figure" in page
    assert 'value="none">' in page
    assert 'value="sample"' not in page


@pytest.mark.parametrize(("dataset", "is_said"), [("club", True), ("sample", False)])
@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Only weaker signs can count"), ("fr", "Seuls des signes plus faibles peuvent compter")],
)
def test_a_community_in_which_nobody_can_be_recognised_is_told_where_people_are_chosen(
    client, dataset, is_said, language, said
):
    at = "/v1/datasets/club?network=custom:club&profile=qa"
    client.put(at, data=LINE, content_type="application/x-ndjson")
    address = f"/?dataset={dataset}&topic={sample.TOPIC}&trust_root=named"
    page = client.get(address, headers=HTML | {"Accept-Language": language}).text
    assert (said in page) == is_said


def test_people_are_searched_for_and_picked_without_script(client, store, token):
    form = {"csrf": token, "dataset": "sample", "topic": "space-technology", "trust_root": "named"}
    found = client.post("/pick", data=form | {"q": "chidi"})
    assert "csrf" not in found.headers["Location"]
    page = client.get(found.headers["Location"], headers=HTML).get_data(as_text=True)
    assert re.search(r'name="pick" value="p06"> <bdi>Chidi Okafor</bdi>', page)
    again = client.post("/pick", data=form | {"q": "solheim", "pick": "p06"})
    page = client.get(again.headers["Location"], headers=HTML).get_data(as_text=True)
    assert re.search(r'name="pick" value="p06" checked> <bdi>Chidi Okafor</bdi>', page)
    assert "With fewer than 5 people every score is a rough figure" in page
    root = job_of(client.post("/", data=form | {"pick": ["p06", "p01"]}), store).request.trust_root
    assert (root.kind, root.size) == ("accounts", 2)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "You have no data set 'nope'."), ("fr", "Vous n'avez pas de jeu de données 'nope'.")],
)
def test_the_first_page_says_that_a_data_set_is_not_there(client, language, said):
    page = html.unescape(client.get(f"/?dataset=nope&lang={language}", headers=HTML).get_data(as_text=True))
    assert said in page
    assert said not in html.unescape(client.get("/?dataset=sample", headers=HTML).get_data(as_text=True))


def test_a_suggestion_is_picked_whole(client, token):
    form = {"csrf": token, "dataset": "sample", "topic": "space-technology", "trust_root": "named"}
    found = client.post("/pick", data=form | {"add": "most_recognised"})
    page = client.get(found.headers["Location"], headers=HTML).get_data(as_text=True)
    suggested = client.get("/v1/datasets/sample/suggestions").json["trust_roots"][0]["people"]
    assert page.count(" checked> <bdi>") == len(suggested) > 5
    assert re.search(r'<p class="warning" id="few" hidden>', page)


def test_who_is_suppressed_is_neither_found_nor_picked(client, store, token):
    store.suppression.add("custom:demo", ["p06"])
    page = third_step(client, q="chidi", pick="p06")
    assert "Nobody here is called that." in page
    assert "Chidi" not in page


def test_people_can_be_trusted_by_a_list_of_names(client, store, form, token):
    named = {
        "dataset": "sample",
        "person": "",
        "trust_root": "named",
        "trusted": "Ingrid Solheim, p02,, chidi okafor\n p04 ",
    }
    root = job_of(client.post("/", data=form | named), store).request.trust_root
    assert (root.kind, root.size) == ("accounts", 4)


def test_the_people_chosen_can_be_kept_under_a_name_and_chosen_by_it_next_time(client, store, form):
    named = form | {"dataset": "sample", "person": "", "trust_root": "named", "trusted": "p01, p02, p04"}
    first = job_of(client.post("/", data=named | {"root_name": "Mes modérateurs"}), store).request.trust_root
    assert (first.id, first.size) == ("mes-moderateurs", 3)
    assert [each["account"] for each in client.get("/v1/trust-roots/mes-moderateurs").json["accounts"]] == [
        "p01",
        "p02",
        "p04",
    ]
    assert 'value="mes-moderateurs"' in third_step(client)
    again = form | {"dataset": "sample", "person": "", "trust_root": "mes-moderateurs"}
    assert job_of(client.post("/", data=again), store).request.trust_root == first


@pytest.mark.parametrize(
    ("language", "heading", "about"),
    [
        (
            "en",
            "Scores on Space technology",
            "2 accounts · The made-up sample · trusted people: those of the sample · as of 1 November 2026",
        ),
        (
            "fr",
            "Notes : Technologies spatiales",
            "2 comptes · L'exemple inventé · personnes de confiance : celles de l'exemple · au 1er novembre 2026",
        ),
    ],
)
def test_the_list_of_scores_says_whose_on_what_by_whose_trust_and_when(client, store, language, heading, about):
    body = {
        "accounts": [{"network": "custom:demo", "account": name} for name in ("p01", "p02")],
        "topics": ["space-technology"],
        "trust_root": "sample",
        "dataset": "sample",
        "as_of": "2026-11-01T00:00:00Z",
    }
    job = client.post("/v1/jobs", json=body).json["id"]
    store.jobs.start("local", job)
    failed = Problem(type="/problems/x", title="Scoring failed", status=500, detail="x", code="x")
    results = [
        JobResult(account=AccountName(network="custom:demo", account=name), topic="space-technology", problem=failed)
        for name in ("p01", "p02")
    ]
    store.jobs.finish(job, "succeeded", tuple(results))
    page = client.get(f"/progress/{job}?lang={language}", headers=HTML).get_data(as_text=True)
    said = html.unescape(re.sub(r"<[^>]+>", "", page)).replace("\u00a0", " ")
    assert heading in said
    assert about in said
    assert "Done" not in said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Mods", "In addresses and lists this name is written mods, which is that of other people"),
        *((name, "No letter or digit is in this name, or") for name in ("sample", "network", "named", "!?")),
    ],
)
def test_no_name_stands_for_two_choices_of_people(client, form, name, said):
    mods = {"kind": "accounts", "network": "custom:demo", "accounts": [{"account": "p05"}]}
    client.put("/v1/trust-roots/mods", json=mods)
    named = form | {"dataset": "sample", "person": "", "trust_root": "named", "trusted": "p01", "root_name": name}
    answer = client.post("/", data=named, headers=HTML)
    assert answer.status_code == 422
    fault = html.unescape(answer.get_data(as_text=True)).partition('id="root_name-fault">')[2]
    assert fault.strip().startswith(said)
    assert [each["account"] for each in client.get("/v1/trust-roots/mods").json["accounts"]] == ["p05"]


def test_people_chosen_are_kept_under_names_without_a_plain_letter(client, form, store):
    named = form | {"dataset": "sample", "person": "", "trust_root": "named", "trusted": "p01"}
    roots = {
        job_of(client.post("/", data=named | {"root_name": name}), store).request.trust_root.id
        for name in ("Модераторы", "Ведущие", "Модераторы")
    }
    assert len(roots) == 2
    assert all(re.fullmatch("people-[0-9a-f]{8}", root) for root in roots)


@pytest.mark.parametrize("named", ["", "Ingrid Solheim, Somebody Else"])
def test_whoever_names_nobody_who_is_there_is_told_so_at_the_field(client, form, named):
    asked = form | {"dataset": "sample", "person": "", "trust_root": "named", "trusted": named}
    page = client.post("/", data=asked, headers=HTML).get_data(as_text=True)
    assert 'id="trusted-fault"' in page
    assert ("Nobody here is called Somebody Else." in page) == bool(named)


def test_everything_that_can_be_followed_has_a_name_on_the_page(client, store):
    store.connectors.publish([replace(STACK_EXCHANGE, family=family) for family in PARTS])
    page = client.get("/", headers=HTML).get_data(as_text=True)
    kinds = re.findall(r'<option value="(github:[a-z_]+|discourse|mastodon:[a-z_]+|bluesky:[a-z_]+)"', page)
    assert {"discourse", "github:repository", "mastodon:hashtag", "bluesky:starter_pack"} <= set(kinds)


def test_a_part_of_a_network_is_followed(client, store, token):
    store.connectors.publish([replace(STACK_EXCHANGE, family="github")])
    asked = {"csrf": token, "bring": "source", "source": "github:repository", "source_site": "ada/engine"}
    dataset = client.post("/community", data=asked).headers["Location"].partition("=")[2]
    assert store.sources.get("local", dataset).asked.name == "ada/engine"
    page = client.post("/community", data=asked | {"source_site": "no repository"}, headers=HTML)
    assert 'id="source_site-fault"' in page.get_data(as_text=True)


def test_topics_are_those_of_the_data_set_first_and_can_be_searched(client, form):
    line = LINE.replace(b'"content"', b'"tags":["dry-hopping"],"content"')
    client.put("/v1/datasets/club?network=custom:club&profile=qa", data=line, content_type="application/x-ndjson")
    page = client.get("/?dataset=club", headers=HTML).get_data(as_text=True)
    assert re.findall(r'name="topic" value="([^"]+)"', page)[0] == "tag:dry-hopping"
    assert "1 post, 1 person" in page
    found = client.get("/?dataset=club&find=HOPP", headers=HTML).get_data(as_text=True)
    assert re.findall(r'name="topic" value="([^"]+)"', found) == ["tag:dry-hopping", "own"]


def test_no_topic_is_offered_that_nobody_writes_about_unless_it_is_sought(client, form):
    page = client.get("/?dataset=club", headers=HTML).get_data(as_text=True)
    assert re.findall(r'name="topic" value="([^"]+)"', page) == ["own"]
    assert "None of the topics that Candor knows occurs here" in page
    found = client.get("/?dataset=club&find=space", headers=HTML).get_data(as_text=True)
    assert "space-technology" in re.findall(r'name="topic" value="([^"]+)"', found)


def test_what_an_upload_lacks_is_said_before_a_topic_is_chosen(client, upload):
    nobody = LINE.replace(b'"n1", "actor"', b'"n2", "autor"')
    stray = LINE.replace(b'"n1"', b'"n3", "object": "elsewhere"').replace(b'"note"', b'"like"')
    private = LINE.replace(b'"n1"', b'"n4", "visibility": "private"')
    sent = upload | {"file": (io.BytesIO(LINE + nobody + stray + private), "club.ndjson")}
    address = client.post("/community", data=sent).headers["Location"]
    page = html.unescape(client.get(address, headers=HTML).get_data(as_text=True))
    for said in (
        "Check what was read",
        "1 record does not say whose it is: nobody gets credit for it.",
        "1 record is about something that is not among the records, such as elsewhere.",
        "autor (did you mean actor?)",
        "1 record was left out: it is private, hidden or deleted.",
    ):
        assert said in page
    assert "Vérifiez ce qui a été lu" in client.get(f"{address}&lang=fr", headers=HTML).get_data(as_text=True)


def test_accepted_answers_of_a_table_without_threads_are_said_to_belong_to_nobody(client, upload):
    rows = "id,actor,published,content,accepted\n1,ada,2026-01-01,Why?,\n2,bob,2026-01-02,So.,yes\n"
    sent = upload | {"file": (io.BytesIO(rows.encode()), "club.csv")}
    address = client.post("/community", data=sent).headers["Location"]
    page = html.unescape(client.get(address, headers=HTML).get_data(as_text=True))
    assert "1 accepted answer belongs to nobody: nothing that was read says which question it answers" in page
    assert "nobody gets credit for it" not in page


def test_an_upload_that_lacks_nothing_is_not_warned_of(client, form):
    assert "Check what was read" not in client.get("/?dataset=club", headers=HTML).get_data(as_text=True)


@pytest.mark.parametrize(
    ("people", "said"),
    [
        (4, None),
        (5, "Few people are active here (5)"),
        (12, "Of 12 a tenth is too few: choose 5 or more."),
        (60, "A tenth here: 6 of 60."),
    ],
)
def test_no_fewer_people_are_advised_than_make_a_figure_firm(client, people, said):
    records = (
        LINE.replace(b'"n1"', f'"n{person}-{number}"'.encode()).replace(b'"u1"', f'"u{person}"'.encode())
        for person in range(people)
        for number in range(3)
    )
    at = "/v1/datasets/club?network=custom:club&profile=qa"
    client.put(at, data=b"".join(records), content_type="application/x-ndjson")
    page = client.get("/?dataset=club&topic=own&terms=hops", headers=HTML).get_data(as_text=True)
    assert said in page if said else "In our measurements a tenth" not in page


@pytest.mark.parametrize(
    "address", ["/?dataset=sample&topic=tag:", "/?dataset=nothing", "/?network=no&account=a&topic=x"]
)
def test_an_address_that_says_nonsense_shows_a_step_all_the_same(client, address):
    assert client.get(address, headers=HTML).status_code == 200


def test_what_was_chosen_can_be_changed(client):
    page = third_step(client)
    assert 'href="/?"' in page
    assert 'href="/?dataset=sample"' in page


@pytest.mark.usefixtures("kept_sample")
def test_whoever_of_the_sample_is_suppressed_is_no_example(client, store, form):
    store.suppression.add(sample.NETWORK, [sample.EXPERT])
    page = client.get("/", headers=HTML).get_data(as_text=True)
    assert "Teodora" not in page
    assert "Score some people, then compare two" in page
    docs = client.get("/docs", headers=HTML).get_data(as_text=True)
    assert sample.EXPERT not in docs
    assert f"({sample.ENTHUSIAST})" in docs.replace("<code>", "").replace("</code>", "")
    for asked in ("card", "all"):
        answer = client.post("/sample", data={"csrf": form["csrf"], "open": asked})
        job = store.jobs.find(answer.location.rpartition("/")[2])
        assert job.request.accounts[0].account == sample.ENTHUSIAST


def test_the_sample_is_one_click_away_on_loopback(client, store, form):
    answer = client.post("/sample", data={"csrf": form["csrf"]})
    job = store.jobs.get("local", answer.headers["Location"].rpartition("/")[2])
    assert job.request.accounts[0].account == sample.EXPERT
    assert store.datasets.get("local", "sample").records > 2000


def test_a_job_can_be_watched_and_canceled(client, form):
    address = client.post("/", data=form).headers["Location"]
    assert "Waiting to start" in client.get(address, headers=HTML).get_data(as_text=True)
    client.post(f"{address}/cancel", data={"csrf": form["csrf"]})
    assert "Cancelled" in client.get(address, headers=HTML).get_data(as_text=True)


def test_a_card_has_both_numbers_every_reason_and_the_evidence(page_of, documents):
    document = documents[sample.EXPERT]
    expertise = of_a_club(document.expertise)
    page = page_of(sample.EXPERT, expertise=expertise)
    for side in (document.expertise, document.interest):
        assert f">{side.score:.1f}<" in page
        assert all(reason in page for reason in (*side.reasons.up, *side.reasons.down))
        assert all(feature.question.replace("'", "&#39;") in page for feature in side.features if feature.weight)
    assert f"Expertise would be {document.expertise.at_face_value.score:.1f} of 100" in page
    assert expertise.evidence[0].acts[0].url in page


def test_a_card_says_whose_trust_the_voices_rest_on(page_of, documents):
    document, page = documents[sample.EXPERT], page_of(sample.EXPERT)
    backers = [backer for backer in document.expertise.backers if backer.scope == "on_topic"]
    assert "Whose trust this rests on" in page
    assert backers
    for backer in backers:
        cut = rf" .*>{backer.trust:.2f} without the cap<" if f"{backer.trust:.2f}" != f"{backer.worth:.2f}" else "</th>"
        assert re.search(rf"<bdi>{backer.by}</bdi>{cut}.*<td>{backer.worth:.2f}</td>", page)
    assert f"No one of them counts for more than {document.expertise.totals.most_per_trusted:.2f} supporters" in page


def test_a_card_says_what_a_trusted_person_brings_where_the_cap_cuts_it(page_of, documents):
    first, *others = documents[sample.EXPERT].expertise.backers
    cut = replace(first, trust=first.worth + 1)
    page = page_of(sample.EXPERT, expertise=replace(documents[sample.EXPERT].expertise, backers=(cut, *others)))
    assert f"{cut.trust:.2f} without the cap" in page


@pytest.mark.parametrize(("language", "said"), [("en", "names this account"), ("fr", "ne nomme ce compte")])
def test_a_card_without_a_number_says_what_was_missing_where_it_says_so(page_of, documents, language, said):
    document = documents[sample.RING_CENTRE]
    inputs = replace(document.inputs, gaps=("no record that was read names this account",))
    page = page_of(sample.RING_CENTRE, language, inputs=inputs)
    assert said in page.partition('class="notice"')[2].partition("</div>")[0]


@pytest.mark.parametrize(
    ("language", "said", "trusted"),
    [
        ("en", "everyone counts equally", "Trust reaches"),
        ("fr", "chacun compte à égalité", "La confiance les atteint"),
    ],
)
def test_a_card_where_everyone_counts_equally_calls_nobody_trusted(page_of, documents, language, said, trusted):
    document = documents[sample.EXPERT]
    equal = replace(document.expertise, people_with_standing=document.expertise.people)
    page = page_of(sample.EXPERT, language, expertise=equal, trust_root=replace(document.trust_root, kind="network"))
    assert page.count(said) >= 2
    assert trusted not in page
    assert "those they vouch for count" not in page


@pytest.mark.parametrize(
    ("trusted", "said"), [(1, "Trust reaches this person"), (0, "Trust does not reach this person")]
)
def test_a_card_speaks_of_one_person_in_the_singular(page_of, documents, trusted, said):
    one = replace(documents[sample.EXPERT].expertise, people=1, people_with_standing=trusted)
    assert f"1 person used this person&#39;s help. {said}" in page_of(sample.EXPERT, expertise=one)


def test_a_card_says_among_how_many_a_place_is_and_how_many_have_none_and_counts_nobody_without_a_score_as_below(
    page_of, documents
):
    place = Position(status="placed", rank=1, tied=0, of=2, active=10, share_below=0.9)
    page = page_of(sample.EXPERT, expertise=replace(documents[sample.EXPERT].expertise, position=place))
    assert "By expertise: number 1 of the 2 who have a score; 8 others active on the topic have no score." in page
    assert "90%" not in page.partition('class="verdict"')[2].partition("</p>")[0]


@pytest.mark.parametrize(("score", "said"), [(0.0, "0.0"), (0.000027, "&lt; 0.1"), (0.04, "&lt; 0.1"), (0.06, "0.1")])
def test_a_score_that_would_round_to_nothing_is_shown_as_less_than_a_tenth(page_of, documents, score, said):
    page = page_of(sample.EXPERT, expertise=replace(documents[sample.EXPERT].expertise, score=score))
    assert f'class="verdict">Expertise {said} of 100.' in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("rank", "range_"), [(2, "upper"), (3, "middle"), (8, "lower")])
def test_a_card_says_beside_a_place_what_may_be_said_of_it(page_of, documents, language, rank, range_):
    place = Position(status="placed", rank=rank, tied=0, of=10, active=100, share_below=0.92, range=range_)
    page = page_of(sample.EXPERT, language, expertise=replace(documents[sample.EXPERT].expertise, position=place))
    verdict = plain(page.partition('class="verdict"')[2].partition("</p>")[0])
    assert f"{rank}" in verdict
    assert words(language)(f"position.range.{range_}") in verdict
    assert "90" in verdict


def test_a_card_says_when_the_root_holds_the_voices_down(page_of, documents):
    expertise = documents[sample.EXPERT].expertise
    totals = replace(expertise.totals, backed=expertise.totals.all_kinds - 1)
    page = page_of(sample.EXPERT, expertise=replace(expertise, totals=totals))
    assert f"so it counts as {totals.backed:.1f} supporters, not {totals.all_kinds:.1f}" in page
    assert "Not capped" not in page


def test_a_card_says_when_the_root_allows_all_the_voices_there_are(page_of, documents):
    totals = documents[sample.EXPERT].expertise.totals
    page = page_of(sample.EXPERT)
    assert f"Not capped: all {totals.all_kinds:.1f} supporters count." in page
    assert "Capped: too much" not in page


@pytest.mark.parametrize(("language", "said"), [("en", "it rests on 3 people"), ("fr", "il repose sur 3 personnes")])
def test_a_rough_figure_says_on_how_many_people_it_rests(page_of, documents, language, said):
    few = replace(documents[sample.EXPERT].expertise, little_evidence=True, people_with_standing=3)
    page = page_of(sample.EXPERT, language, expertise=few)
    assert said in page
    assert 'class="figure expertise rough"' in page


def test_a_figure_that_rests_on_many_is_not_called_rough(page_of):
    assert "ough figure" not in page_of(sample.EXPERT)


def test_a_figure_is_rough_where_few_are_trusted_at_all(page_of, documents):
    document = documents[sample.EXPERT]
    few = replace(document.expertise, little_evidence=True)
    page = page_of(sample.EXPERT, expertise=few, trust_root=replace(document.trust_root, size=4))
    assert "only 4 people are named as trusted" in page


def test_a_card_says_that_nobody_of_the_root_is_behind_the_ring(page_of):
    assert "None of the people you trust stands behind this account." in page_of(sample.RING_CENTRE)


def test_a_card_says_what_a_root_of_that_size_allows(page_of, documents):
    rule, size = load_method().backing, documents[sample.EXPERT].expertise.totals.trusted_people
    most = rule.alone * size + rule.together
    points = sum(f.weight * curve(most, f.curve.p50, f.curve.p90) for f in documents[sample.EXPERT].expertise.features)
    assert f"With all {size} trusted people behind it, the highest possible score here is {points:.1f}." in page_of(
        sample.EXPERT
    )


def test_what_corrupt_people_of_the_root_add_is_said_whatever_they_do(page_of, documents):
    page = page_of(sample.EXPERT)
    added = documents[sample.EXPERT].robustness.points_per_corrupt_standing
    assert added
    for people, points in added.items():
        who = "one" if people == "1" else people
        assert f"If {who} of the people you trust cheated for this account</th><td>+{points:.1f}</td>" in page
    assert "whatever they do and through however many accounts" in page


@pytest.mark.parametrize(
    ("language", "bar", "beneath", "two"),
    [
        ("en", "with the 4 other trusted people", "With all 4 other trusted people behind it", "If 2 of the people"),
        ("fr", "avec les 4 autres personnes de confiance", "les 4 autres personnes de confiance, la", "Si 2 personnes"),
    ],
)
def test_whoever_is_one_of_the_people_trusted_is_told_of_the_others(page_of, documents, language, bar, beneath, two):
    document = documents[sample.EXPERT]
    others = replace(document.expertise, totals=replace(document.expertise.totals, trusted_people=4))
    root = replace(document.trust_root, size=5)
    page = plain(page_of(sample.EXPERT, language, expertise=others, trust_root=root))
    assert (bar in page, beneath in page) == (True, True)
    assert (two in page, two.replace("2", "5") in page) == (True, False)


def test_points_that_nobody_misses_have_no_sign(page_of, documents):
    robustness = replace(documents[sample.EXPERT].robustness, largest_voice_points=-0.01, largest_five_points=-0.2)
    page = page_of(sample.EXPERT, robustness=robustness)
    assert "Without the person who counts most</th><td>0.0</td>" in page
    assert "Without the five who count most</th><td>+0.2</td>" in page


def test_a_number_that_is_missing_is_not_a_zero(page_of):
    page = page_of(sample.RING_CENTRE)
    assert "No score: unverified" in page
    assert "No score does not mean zero" in page
    assert "somebody you trust, or whom people you trust vouch for, who used this account&#39;s help" in page


def test_of_who_declined_nothing_is_said(page_of):
    page = page_of(sample.DECLINED)
    assert "asked not to be scored" in page
    assert "Piotr" not in page


def test_a_card_speaks_french_throughout(page_of, documents):
    page = page_of(sample.EXPERT, language="fr")
    english = [
        *documents[sample.EXPERT].expertise.reasons.up,
        *documents[sample.EXPERT].expertise.reasons.down,
        *documents[sample.EXPERT].interest.reasons.up,
        *(feature.question for feature in documents[sample.EXPERT].expertise.features),
        *("Space technology", "counted equally", "Method", "unknown", "Whose trust", "people you trust", "supporters"),
    ]
    assert [text for text in english if text.replace("'", "&#39;") in page] == []
    assert '<html lang="fr">' in page


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "A single trusted person who cheats could add at most {points} points."),
        ("fr", "Une personne de confiance qui triche y ajoute au plus {points} points."),
    ],
)
def test_a_card_says_before_anything_is_opened_what_one_trusted_person_could_add(page_of, documents, language, said):
    points = documents[sample.EXPERT].robustness.points_per_corrupt_standing["1"]
    page = html.unescape(page_of(sample.EXPERT, language=language))
    written = words(language).number(points, 1)
    assert said.format(points=written) in page.partition("<details")[0]


@pytest.mark.parametrize(("answers", "questions"), [(58, 1), (0, 2), (3, 3), (1, 0)])
def test_a_card_tells_how_many_answers_and_questions_there_are_and_not_their_quotient(answers, questions):
    both = answers + questions
    fact = Fact(value=(answers - questions) / math.sqrt(both), n=both)
    en, fr = (answers_and_questions(fact, words(language)) for language in ("en", "fr"))
    assert en == f"{answers} answer{'s' * (answers != 1)}, {questions} question{'s' * (questions != 1)}"
    assert fr == f"{answers} réponse{'s' * (answers > 1)}, {questions} question{'s' * (questions > 1)}"


def test_a_date_in_a_french_sentence_has_its_article(page_of):
    page = re.sub(r"<[^>]+>", "", page_of(sample.EXPERT, language="fr"))
    assert re.search(r"a accepté une réponse(?: ou une modification)? le \d", page)
    assert not re.search(r"modification \d", page)


def test_a_hostile_name_stays_text(page_of, documents):
    account = replace(documents[sample.EXPERT].account, name=HOSTILE)
    page = page_of(sample.EXPERT, account=account)
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_the_made_up_addresses_of_the_sample_are_no_links(page_of, documents):
    addresses = [act.url for voice in documents[sample.EXPERT].expertise.evidence for act in voice.acts]
    assert any(str(address).startswith(sample.URL) for address in addresses)
    assert sample.URL not in page_of(sample.EXPERT)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "{hits} of {trials} recent acts, {share}%; at least {least}% after allowing for chance."),
        ("fr", "{hits} actes récents sur {trials}, soit {share}\xa0%\xa0; au moins {least}\xa0% une fois"),
    ],
)
def test_activity_share_is_said_beside_its_lower_limit(page_of, documents, language, said):
    (part,) = (each for each in documents[sample.EXPERT].interest.features if each.id == "activity_share")
    assert part.hits
    assert part.trials
    hits, trials = (f"{value:.1f}".replace(".", "," if language == "fr" else ".") for value in (part.hits, part.trials))
    share, least = (f"{100 * value:.0f}" for value in (part.hits / part.trials, part.raw))
    assert said.format(hits=hits, trials=trials, share=share, least=least) in page_of(sample.EXPERT, language)


def test_records_without_a_text_are_counted_and_not_listed_by_their_ids(page_of, documents):
    matched = documents[sample.EXPERT].matched
    page = page_of(sample.EXPERT)
    assert not any(f"<bdi>{name}</bdi>" in page for name in matched.examples)
    assert f"{matched.records} of the account's own records are on the topic." in html.unescape(page)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example/x", 'HTTP://x" onclick="y'])
def test_only_addresses_of_the_web_become_links(page_of, documents, url):
    expertise = documents[sample.EXPERT].expertise
    voice = expertise.evidence[0]
    changed = replace(voice, acts=tuple(replace(act, url=url) for act in voice.acts))
    page = page_of(sample.EXPERT, expertise=replace(expertise, evidence=(changed, *expertise.evidence[1:])))
    assert f'href="{url}"' not in page
    assert "onclick=" not in page


@pytest.mark.parametrize(("language", "said"), [("en", "The links lead to"), ("fr", "Les liens mènent aux")])
@pytest.mark.parametrize("are_there", [False, True])
def test_links_are_spoken_of_where_there_are_some(page_of, documents, language, said, are_there):
    expertise = documents[sample.EXPERT].expertise  # whose addresses are made up, and no links
    page = page_of(sample.EXPERT, language, expertise=of_a_club(expertise) if are_there else expertise)
    assert (said in page) == are_there


def test_links_to_posts_tell_them_nothing(page_of, documents):
    page = page_of(sample.EXPERT, expertise=of_a_club(documents[sample.EXPERT].expertise))
    links = re.findall(r'<a href="https?://[^>]+>', page)
    assert links
    assert all('rel="noopener noreferrer nofollow"' in link for link in links)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/map",
        "/map?dataset=a&topic=b&trust_root=none",
        "/calculator",
        f"/method/{load_method().version}",
        "/sign-in",
        "/card/sc_1",
    ],
)
def test_every_page_is_strict_and_whole(client, path):
    answer = client.get(path, headers=HTML)
    page = answer.get_data(as_text=True)
    assert answer.mimetype == "text/html"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search(r"<script>|<style|style=|onload=|https?://(?!www\.w3\.org)", page)
    loaded = re.findall(r'(?:src|<link[^>]* href)="([^"]+)"', page)
    assert loaded
    assert all(client.get(address).status_code == 200 for address in loaded)


def test_files_are_kept_for_long_under_a_name_that_changes_with_them(client):
    page = client.get("/", headers=HTML).get_data(as_text=True)
    address = re.search(r'href="(/static/page.css\?[0-9a-f]{12})"', page)[1]
    assert "immutable" in client.get(address).headers["Cache-Control"]
    assert client.get("/static/site.py").status_code == 404


def test_a_problem_is_a_page_for_who_prefers_pages(client):
    answer = client.get("/card/sc_nothing", headers=HTML)
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert client.get("/v1/scores/sc_nothing", headers=HTML).mimetype == "application/problem+json"
    assert client.get("/card/sc_nothing").mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("asked", "cookie", "language"), [("fr-FR,fr;q=0.9,en;q=0.5", None, "fr"), ("de", None, "en"), ("en", "fr", "fr")]
)
def test_the_language_is_chosen_or_the_browsers(client, asked, cookie, language):
    if cookie:
        client.get(f"/?lang={cookie}", headers=HTML)
    answer = client.get("/", headers={"Accept": "text/html", "Accept-Language": asked})
    assert answer.headers["Content-Language"] == language


def test_a_comparison_says_where_the_difference_lies(client, store, documents):
    for account in (sample.EXPERT, sample.ENTHUSIAST):
        store.scores.put("local", documents[account])
    ids = "&".join(f"score={documents[account].id}" for account in (sample.EXPERT, sample.ENTHUSIAST))
    page = client.get(f"/compare?{ids}", headers=HTML).get_data(as_text=True)
    scores = [documents[who].expertise.score for who in (sample.EXPERT, sample.ENTHUSIAST)]
    assert page.count(f">+{round(scores[0], 2) - round(scores[1], 2):.2f}<") == 3  # at the scores and at both sums
    assert "Their intervals overlap" in page
    assert client.get(f"/compare?score={documents[sample.EXPERT].id}").json["code"] == "invalid"
    # Points by part and by what others did are the same twice: each has its sum.
    assert page.count("Sum: the score") == 3
    assert page.count(f">{documents[sample.EXPERT].expertise.score:.2f}<") == 2


def test_a_printed_card_says_which_document_it_is_and_where(client, store, documents):
    store.scores.put("local", documents[sample.EXPERT])
    name = documents[sample.EXPERT].id
    page = client.get(f"/card/{name}", headers=HTML).text
    assert f"Document {name}, at http://localhost/card/{name}" in page


def test_the_methods_page_has_every_feature_and_kind(client):
    published = client.get(f"/v1/methods/{load_method().version}").json
    page = client.get("/method", headers=HTML, follow_redirects=True).get_data(as_text=True)
    for feature in published["features"]:
        assert feature["facts"]["formula"] in page
        assert f'aria-labelledby="curve-{feature["facts"]["id"]}-title"' in page
    assert all(kind["facts"]["weakness"].replace("'", "&#39;") in page for kind in published["kinds"])


def test_the_methods_page_says_how_trust_flows_and_every_constant(client):
    method = load_method()
    page = client.get(f"/method/{method.version}", headers=HTML).get_data(as_text=True)
    standing, backing = method.standing, method.backing
    assert f"so {standing.half_at:g} of them give half of full trust" in page
    assert (
        f"c^{standing.steepness:g} / (c^{standing.steepness:g} + {standing.half_at:g}^{standing.steepness:g})" in page
    )
    assert f"at most {backing.through_one:g} supporters" in page
    assert f"at most {backing.alone:g} + {backing.together:g}/n × (k/n)^{backing.shared_power:g} supporters" in page
    assert f"<code>backing.alone</code></th><td>{json.dumps(backing.alone)}</td>" in page


def test_the_calculator_says_what_a_root_allows(client, store, documents):
    rule = load_method().backing
    page = client.get("/calculator", headers=HTML).get_data(as_text=True)
    assert f"With 10 of 10 trusted people behind: at most {10 * rule.alone + rule.together:.1f} supporters." in page
    half = 5 * (rule.alone + rule.together / 10 / 2**rule.shared_power)
    assert f"With 5 of 10 trusted people behind: at most {half:.1f} supporters." in page
    document = documents[sample.EXPERT]
    store.scores.put("local", document)
    of_score = client.get(f"/calculator?score={document.id}", headers=HTML).get_data(as_text=True)
    assert f"of {document.expertise.totals.trusted_people} trusted people behind" in of_score


def test_the_calculator_says_for_which_account_one_trusted_person_adds_little(client):
    page = client.get("/calculator", headers=HTML).get_data(as_text=True)
    assert (
        "To an account that none of the others supports, one of them can add only 0.6 supporters, or little more."
        in page
    )


def test_that_the_store_is_away_is_told_on_a_page(settings, away):
    answer = create_app(settings, away).test_client().get("/", headers=HTML)
    assert (answer.status_code, answer.mimetype) == (503, "text/html")


@pytest.fixture
def disputed(client, store, documents, form) -> tuple[ScoreDocument, str]:
    """A score with a dispute opened on its card, and where that led."""
    document = documents[sample.EXPERT]
    store.scores.put("local", document)
    said = {"csrf": form["csrf"], "by": document.expertise.evidence[0].by, "reason": "<b>the same person</b>"}
    return document, client.post(f"/card/{document.id}/dispute", data=said).headers["Location"]


def plain(page: str) -> str:
    """What a page says, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ").split())


@pytest.mark.parametrize(
    ("language", "status", "date"),
    [("en", "waiting for an answer", "Answer by {}"), ("fr", "en attente de réponse", "Réponse au plus tard le {}")],
)
def test_a_dispute_leads_to_a_receipt_with_reference_date_and_status(client, store, disputed, language, status, date):
    (dispute,) = store.disputes.all("local")
    document, receipt = disputed
    page = client.get(f"{receipt}&lang={language}", headers=HTML).get_data(as_text=True)
    receipt_id = receipt.partition("?")[0].rpartition("/")[2]
    due = words(language).date(client.get(f"/v1/receipts/{receipt_id}").json["due_at"])
    assert (status in plain(page), date.format(due) in plain(page)) == (True, True)
    assert f"<code>{receipt_id}</code>" in page
    assert f'href="/card/{document.id}#disputes"' in page
    store.disputes.decide("local", dispute.id, accept=False, note="It is not.")
    assert "It is not." in client.get(receipt, headers=HTML).get_data(as_text=True)


def test_a_receipt_leads_to_nothing_but_a_card(client, disputed):
    page = client.get(disputed[1].partition("?")[0] + "?card=//evil.example", headers=HTML).get_data(as_text=True)
    assert "evil.example/" not in page.replace("evil.example&", "")
    assert "/card/" not in page


@pytest.mark.parametrize(("language", "said"), [("en", "not decided yet"), ("fr", "pas encore décidé")])
def test_a_dispute_stands_on_the_card_with_reference_and_date(client, store, disputed, language, said):
    (dispute,) = store.disputes.all("local")
    page = client.get(f"/card/{disputed[0].id}?lang={language}", headers=HTML).get_data(as_text=True)
    assert "&lt;b&gt;the same person&lt;/b&gt;" in page
    assert f"<code>{dispute.id}</code>" in page
    assert words(language).date(dispute.answer_by.isoformat()) in page
    assert said in plain(page)
    assert dispute.answer_by - dispute.created_at == timedelta(days=Settings().dispute_answer_days)


def test_a_decision_stands_on_the_card_with_its_reason(client, store, disputed):
    (dispute,) = store.disputes.all("local")
    first = "Some of the evidence has been successfully disputed"
    assert first not in client.get(f"/card/{disputed[0].id}?lang=en", headers=HTML).text
    store.disputes.decide("local", dispute.id, accept=True, note="Both post from the same feed.")
    page = plain(client.get(f"/card/{disputed[0].id}?lang=en", headers=HTML).get_data(as_text=True))
    assert page.index(first) < page.index("Why, in short")
    assert "the next score on this topic leaves this out" in page
    assert "Answer: Both post from the same feed." in page


def test_an_older_card_tells_that_it_counts_what_was_disputed_in_another_score_with_success(client, store, disputed):
    (dispute,) = store.disputes.all("local")
    older = replace(disputed[0], id="sc_older")
    store.scores.put("local", older)
    address, said = f"/card/{older.id}?lang=en", "accepted , about another score of this account; this one still counts"
    assert "Disputed" not in plain(client.get(address, headers=HTML).get_data(as_text=True))
    store.disputes.decide("local", dispute.id, accept=True, note=None)
    assert said in plain(client.get(address, headers=HTML).get_data(as_text=True)).replace("accepted,", "accepted ,")
    (listed,) = client.get(f"/v1/scores/{older.id}/disputes").json["data"]
    assert (listed["id"], listed["score_id"]) == (dispute.id, disputed[0].id)
    voices = [voice for voice in older.expertise.evidence if voice.by != dispute.by]
    without = replace(older, id="sc_without", expertise=replace(older.expertise, evidence=tuple(voices)))
    store.scores.put("local", without)
    assert client.get(f"/v1/scores/{without.id}/disputes").json["data"] == []


def test_a_card_by_link_tells_of_disputes_and_how_to_contest_but_not_who_said_what(client, share_app, store, disputed):
    document, _ = disputed
    (dispute,) = store.disputes.all("local")
    address = client.post(f"/v1/scores/{document.id}/link?opens=card").json["card_url"]
    stranger = share_app(Settings(host="0.0.0.0"), store).test_client()
    page = stranger.get(f"{address}&lang=en", headers=HTML).get_data(as_text=True)
    assert f"<code>{dispute.id}</code>" in page
    assert "A piece of evidence should not count : not decided yet" in plain(page)
    assert "the same person" not in page
    (lead,) = re.findall(r'href="(/about-me\?[^"]+)">This is my account', page)
    form = stranger.get(html.unescape(lead), headers=HTML).get_data(as_text=True)
    network, _, site = document.account.network.partition(":")
    assert re.search(rf'<option value="{network}"[^>]* selected>', form)
    assert f'name="site" value="{site}"' in form
    assert f'name="account" value="{document.account.account}"' in form


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_badge_has_code_for_light_and_dark_pages_that_works_without_a_key(
    client, share_app, store, documents, form, language
):
    document = documents[sample.EXPERT]
    store.scores.put("local", document)
    address = f"/card/{document.id}/badge"
    assert "<textarea" not in client.get(address, headers=HTML).get_data(as_text=True)
    assert client.post(address, data={"csrf": form["csrf"]}).headers["Location"] == address
    page = client.get(f"{address}?lang={language}", headers=HTML).get_data(as_text=True)
    assert [len(re.findall(f'class="candor badge {shade}"', page)) for shade in ("light", "dark")] == [1, 1]
    light, dark, both = (
        html.unescape(code) for code in re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    )
    said = words(language)("badge.number", side="Expertise", score=words(language).number(document.expertise.score, 1))
    assert all(html.escape(said) in code for code in (light, dark, both))
    assert "prefers-color-scheme: dark" in both
    stranger = share_app(Settings(host="0.0.0.0"), store).test_client()
    for code, themes in ((light, ["light"]), (dark, ["dark"]), (both, ["dark", "light"])):
        pictures = [html.unescape(found) for found in re.findall(r'src(?:set)?="([^"]+)"', code)]
        shown = [stranger.get(picture.removeprefix("http://localhost")) for picture in pictures]
        assert [answer.status_code for answer in shown] == [200] * len(themes)
        assert [theme in answer.text.partition(">")[0] for answer, theme in zip(shown, themes, strict=True)] == [
            True
        ] * len(themes)
        (chart,) = re.findall(r'href="([^"]+)"', code)
        assert stranger.get(html.unescape(chart).removeprefix("http://localhost")).status_code == 200
    client.post(address, data={"csrf": form["csrf"], "revoke": "1"})
    assert stranger.get(pictures[0].removeprefix("http://localhost")).status_code == 404
    assert "<textarea" not in client.get(address, headers=HTML).get_data(as_text=True)


def test_a_hostile_name_stays_text_in_the_code_of_a_badge(client, store, documents, form):
    expert = documents[sample.EXPERT]
    document = sealed(replace(expert, account=replace(expert.account, name=HOSTILE + "{0.__class__}")))
    store.scores.put("local", document)
    client.post(f"/card/{document.id}/badge", data={"csrf": form["csrf"]})
    page = client.get(f"/card/{document.id}/badge", headers=HTML).get_data(as_text=True)
    assert "<img" not in page
    code = html.unescape(re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)[0])
    assert code.count("<img") == 1
    assert "{0.__class__}" in code


def test_a_history_shows_its_steps(client, store, documents):
    store.scores.put("local", documents[sample.EXPERT])
    page = client.get(f"/history/custom:demo/p03?topic={sample.TOPIC}", headers=HTML).get_data(as_text=True)
    assert "First score." in page
    assert f">{documents[sample.EXPERT].expertise.score:.1f}<" in page
    assert client.get("/history/custom:demo/nobody?topic=x").status_code == 404


def test_a_history_without_a_topic_leads_to_each_that_there_is(client, store, documents):
    store.scores.put("local", documents[sample.EXPERT])
    page = client.get("/history/custom:demo/p03", headers=HTML)
    assert page.status_code == 200
    (url,) = re.findall(r'href="(/history/[^"]*topic=[^"]*)"', page.text)
    assert "Space technology" in page.text
    assert "First score." in client.get(html.unescape(url), headers=HTML).text
    assert client.get("/history/custom:demo/nobody", headers=HTML).status_code == 404


def test_a_card_begins_with_its_three_most_telling_reasons_and_a_post_for_each(page_of, documents):
    expertise = of_a_club(documents[sample.EXPERT].expertise)
    page = page_of(sample.EXPERT, expertise=expertise)
    reasons = telling_reasons(expertise)
    assert len(reasons) == 3
    assert sorted(reason.points for reason in reasons)[::-1] == [reason.points for reason in reasons]
    assert all(reason.act is not None and reason.act.url in page for reason in reasons)


def test_the_example_of_a_reason_is_the_act_that_gave_most_and_none_of_somebody_whom_trust_does_not_reach(documents):
    expertise = of_a_club(documents[sample.EXPERT].expertise)
    nobody = {"by": "gus", "standing": 0.0, "voice": 0.0, "prominence": 1.0, "reciprocity": 1.0}
    for told in telling_reasons(expertise):
        loudest = replace(told.act, at="2026-10-30T00:00:00Z", strength=9.0, credited=True, url="https://a.example/")
        untrusted = replace(expertise.evidence[0], **nobody, help=9.0, acts=(loudest,))
        by_kind = {
            each.kind: each for each in telling_reasons(replace(expertise, evidence=(*expertise.evidence, untrusted)))
        }
        assert by_kind[told.kind] == told
        assert told.voice.voice > 0


def test_a_card_without_a_number_gives_no_telling_reasons(documents):
    assert telling_reasons(documents[sample.RING_CENTRE].expertise) == []


@pytest.mark.parametrize("more", [0, 1])
def test_who_is_trusted_is_told_that_the_own_word_does_not_count(page_of, documents, more):
    root = documents[sample.EXPERT].trust_root
    page = page_of(sample.EXPERT, trust_root=replace(root, size=root.size + more))
    assert ("this account is one of them, and its own word does not count here" in page) is bool(more)


@pytest.mark.parametrize("profile", ["qa", "forum", "microblog"])
@pytest.mark.parametrize("people", [4, 10])
def test_the_calculator_begins_with_an_example_in_the_middle_of_each_curve(client, profile, people):
    page = client.get(f"/calculator?profile={profile}&people={people}", headers=HTML).text
    parts = [
        {name: float(found) for name, found in re.findall(r'data-(p50|p90|raw|weight)="([\d.]+)"', part)}
        for part in re.findall(r"<li data-part=[^>]+>", page)
    ]
    assert sum(part["weight"] * curve(part["raw"], part["p50"], part["p90"]) for part in parts) == pytest.approx(100)
    begins = dict(re.findall(r'data-quantity="(\w+)" data-value="([\d.]+)"', page))
    assert {begins["behind"], begins["other_topics"]} == {str(people), "0.0"}
    assert float(begins["on_topic"]) == parts[0]["raw"] == parts[1]["raw"]
    most = most_voices(load_method().backing, people, people)
    assert float(begins["on_topic"]) < most
