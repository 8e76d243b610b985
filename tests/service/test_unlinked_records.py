"""Records of which none names another one, or most name what is not there: every place that shows them says so."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import msgspec
import pytest

from candor.store.jobs import part_id
from candor.store.models import Dataset
from service.link_notes import note_on_links
from worker import jobs

if TYPE_CHECKING:
    from flask.testing import FlaskClient

URL = "/v1/datasets/flux?network=custom:flux&profile=forum&map=id=id,actor=poster,published=posted,content=message"
HEAD = "id,poster,posted,message,topic_id,reply\n"
POSTS = HEAD + "1,ada,2026-10-01,Which hops?,t,\n2,bo,2026-10-02,Saaz hops.,t,77\n3,cy,2026-10-03,Any hops.,t,1\n"
NOTHING = "No record of this data set names another one as its `object`"


def put(client: FlaskClient, more: str = "") -> dict[str, object]:
    kept: dict[str, object] = client.put(URL + more, data=POSTS, content_type="text/csv").json
    return kept


def test_an_upload_in_which_no_record_names_another_says_so_until_one_does(client: FlaskClient) -> None:
    kept = put(client)
    assert str(kept["note"]).startswith(NOTHING)
    assert "send the table again with thread=topic_id in `map`" in str(kept["note"])
    assert kept["references"]["answering"] == 0  # type: ignore[index]
    answer = HEAD + "4,dee,2026-10-04,so,t,1\n"
    added = client.post(
        "/v1/datasets/flux/records?map=id=id,actor=poster,published=posted,content=message,object=reply",
        data=answer,
        content_type="text/csv",
    ).json
    assert (added["note"], added["references"]["answering"]) == (None, 1)


def test_an_upload_without_such_a_column_says_which_kind_is_missing(client: FlaskClient) -> None:
    table = "".join(",".join(row.split(",")[:4]) + "\n" for row in POSTS.splitlines())
    kept = client.put(URL, data=table, content_type="text/csv").json
    assert "object=COLUMN or thread=COLUMN" in kept["note"]


def test_an_upload_whose_titles_may_tell_threads_is_told_so(client: FlaskClient) -> None:
    table = "id,poster,posted,message,subject\n1,ada,2026-10-01,hops,Which?\n2,bo,2026-10-02,Saaz,Re: Which?\n"
    kept = client.put(f"{URL},title=subject", data=table, content_type="text/csv").json
    assert kept["note"].endswith("send the table again with thread=subject beside the rest of `map`.")
    kept = client.put(f"{URL},title=subject,thread=subject", data=table, content_type="text/csv").json
    assert (kept["note"], kept["references"]["answering"]) == (None, 1)


def test_a_table_that_calls_who_wrote_otherwise_is_told_which_column_it_is(client: FlaskClient) -> None:
    table = "id,published,content,poster_name\n1,2026-10-01,hops,ada\n"
    refused = client.put(URL.partition("&map")[0], data=table, content_type="text/csv").json
    assert [each["detail"] for each in refused["errors"]] == [
        "`poster_name`: did you mean `actor`? map=actor:poster_name"
    ]


def test_an_upload_whose_threads_are_told_has_nothing_to_say(client: FlaskClient) -> None:
    kept = put(client, ",thread=topic_id")
    assert (kept["note"], kept["references"]["answering"]) == (None, 2)  # type: ignore[index]


def test_an_upload_in_which_most_name_what_is_not_there_says_so(client: FlaskClient) -> None:
    table = POSTS.replace("hops.,t,1", "hops.,t,78")
    address = f"{URL},object=reply"
    kept = client.put(address, data=table, content_type="text/csv").json
    assert kept["note"] == (
        "Of 2 records that name another one as their `object`, 2 name one that is not in this data set, such as '77': "
        "compare these with the ids of its records."
    )
    page = html.unescape(client.get("/dataset/flux?lang=en", headers={"Accept": "text/html"}).text)
    assert "Of 2 records that answer, accept or share something, 2 name something that is not among the records" in page
    assert "Check which column holds the number or id of each post." in page
    assert client.put(address, data=POSTS, content_type="text/csv").json["note"] is None  # one of two is there


@pytest.mark.parametrize(
    ("language", "on_page", "on_map"),
    [
        ("en", "No record here says which other one it answers", NOTHING),
        (
            "fr",
            "Aucune contribution ne dit laquelle elle reprend",
            "Aucune contribution de ce jeu de données n'en désigne",
        ),
    ],
)
def test_a_board_and_the_pages_of_records_that_name_none_of_each_other_say_so(
    client: FlaskClient, worker: None, language: str, on_page: str, on_map: str
) -> None:
    put(client)
    topic = {"id": "hops", "label": "Hops", "terms": ["hops"]}
    job = client.post("/v1/jobs", json={"topics": [topic], "dataset": "flux", "trust_root": "network"}).json
    for name in (job["id"], part_id(job["id"], 0)):
        jobs.score("local", name)
    ended = client.get(f"/v1/jobs/{job['id']}").json
    board_id = ended["results"][0]["board_id"]
    assert client.get(f"/v1/boards/{board_id}").json["board"]["note"].startswith(NOTHING)
    assert ended["note"].startswith(NOTHING)
    for address, said in ((f"/map?board={board_id}", on_map), ("/dataset/flux?", on_page)):
        shown = client.get(f"{address}&lang={language}", headers={"Accept": "text/html"})
        assert said in html.unescape(shown.get_data(as_text=True))


def test_of_a_network_whose_columns_nobody_chose_no_column_is_asked_for(client: FlaskClient) -> None:
    line = '{"id":"https://m.example/%d","type":"reply","actor":"@ada@m.example","published":"2026-10-01T00:00:00Z","object":"%s"}'
    body = "\n".join(line % (at, f"https://other.example/{at}") for at in range(3))
    kept = client.put("/v1/datasets/toots?network=mastodon", data=body, content_type="application/x-ndjson").json
    assert kept["note"].endswith("name one that is not in this data set, such as 'https://other.example/0'.")
    page = html.unescape(client.get("/dataset/toots?lang=en", headers={"Accept": "text/html"}).text)
    assert "3 records are about something that is not among the records" in page
    assert "Check which column" not in page


def test_of_a_data_set_whose_links_were_not_counted_nothing_is_said() -> None:
    facts = {"id": "d", "owner": "local", "network": "custom:c", "profile": "forum", "granted_rights": False}
    counts = {"records": 2}
    rest = {"digest": "", "records": 2, "bytes": 0, "created_at": "2026-10-01T00:00:00Z"}
    kept = msgspec.convert({**facts, **rest, "counts": counts}, Dataset)
    assert note_on_links(kept) is None
    counted = msgspec.convert({**facts, **rest, "counts": counts, "references": {"answering": 0}}, Dataset)
    assert str(note_on_links(counted)).startswith(NOTHING)


COMMENTS = "id,poster,posted,message,reply\n" + "".join(
    f"{n},p{n % 7},2026-10-{1 + n // 12:02},Saaz hops?,{'' if n % 6 == 0 else n - n % 6}\n" for n in range(60)
)
NO_QUESTION = "No record of this data set is a `question`."


def test_an_upload_of_many_replies_and_no_question_says_that_trust_hardly_spreads(
    client: FlaskClient, worker: None
) -> None:
    kept = client.put(f"{URL},object=reply", data=COMMENTS, content_type="text/csv").json
    assert kept["references"]["asks"] is False
    assert kept["note"].startswith(NO_QUESTION)
    for language, said in (("en", "No record here is a question."), ("fr", "Aucune contribution n'est une question.")):
        page = html.unescape(client.get(f"/dataset/flux?lang={language}", headers={"Accept": "text/html"}).text)
        assert said in page
    asked = {"topics": [{"id": "hops", "label": "Hops", "terms": ["hops"]}], "dataset": "flux", "trust_root": "network"}
    made = client.post("/v1/jobs", json={**asked, "accounts": [{"network": "custom:flux", "account": "p1"}]}).json
    jobs.score("local", made["id"])
    assert NO_QUESTION in client.get(made["urls"]["self"]).json["note"]
    titled = client.put(
        f"{URL},object=reply,title=subject",
        data=COMMENTS.replace("reply\n", "reply,subject\n", 1).replace(",\n", ",,Hops?\n"),
        content_type="text/csv",
    ).json
    assert (titled["note"], titled["references"]["asks"]) == (None, True)


def test_a_question_that_is_added_ends_the_note(client: FlaskClient) -> None:
    client.put(f"{URL},object=reply", data=COMMENTS, content_type="text/csv")
    asks = {
        "id": "q",
        "type": "question",
        "actor": "ada",
        "published": "2026-10-09T00:00:00Z",
        "content": "Which hops?",
    }
    body = msgspec.json.encode(asks)
    added = client.post("/v1/datasets/flux/records", data=body, content_type="application/x-ndjson").json
    assert (added["note"], added["references"]["asks"]) == (None, True)
    client.delete("/v1/datasets/flux/records/q")
    assert client.get("/v1/datasets/flux").json["note"].startswith(NO_QUESTION)


def test_records_of_a_microblog_need_no_question(client: FlaskClient) -> None:
    kept = client.put(f"{URL.replace('forum', 'microblog')},object=reply", data=COMMENTS, content_type="text/csv").json
    assert (kept["note"], kept["references"]["asks"]) == (None, False)
