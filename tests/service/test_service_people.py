"""People of a data set over HTTP: found by name, suggested as those to trust, and topics to ask about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from candor import sample
from candor.scoring.method import load_method

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from candor.store import Store

AT = "2026-10-01T12:00:00Z"
PUT = "/v1/datasets/club?network=custom:club&profile=qa"


def account(name: str, called: str | None = None, **more: Any) -> dict[str, Any]:
    """What a record says of an account."""
    return {"type": "account", "actor": name, "published": AT, **({"name": called} if called else {}), **more}


def act(record_id: str, actor: str | None, of_type: str, on: str | None = None, **more: Any) -> dict[str, Any]:
    """A record of something done."""
    return {"id": record_id, "actor": actor, "type": of_type, "object": on, "published": AT, **more}


CLUB = [
    account("u1", "Élodie Marchand"),
    account("u2", "Tom Eloy"),
    account("u3", "Melody Ray", consent=False),
    account("bot", "Relay", kind="bot"),
    act("q1", "u2", "question", tags=["Dry-Hopping", "yeast"]),
    act("q2", "u4", "question", tags=["yeast"]),
    act("a1", "u1", "answer", "q1"),
    act("a2", "u3", "answer", "q1"),
    act("a3", "bot", "answer", "q2"),
    act("c1", "u2", "accept", "a1"),
    act("c2", "u2", "like", "a1"),
    act("c3", "u4", "like", "a1"),
    act("c4", "u4", "like", "a2"),
    act("c5", "u4", "accept", "a3"),
    act("c6", "u1", "like", "a1"),
]
CHANGES = [act(f"p{n}", "dev", "note") for n in range(3)] + [act(f"m{n}", "lead", "accept", f"p{n}") for n in range(3)]


@pytest.fixture
def club(client: FlaskClient, saved: Callable[..., Any]) -> Callable[[list[dict[str, Any]]], None]:
    """Uploads records as the data set `club`."""

    def upload(records: list[dict[str, Any]]) -> None:
        lines = msgspec.json.Encoder().encode_lines(
            [{k: v for k, v in each.items() if v is not None} for each in records]
        )
        answer = client.put(PUT, data=lines, content_type="application/x-ndjson")
        assert answer.status_code in {200, 201}, answer.json

    saved("a club of many names", lambda: upload(CLUB))
    return upload


@pytest.fixture
def find(client: FlaskClient, club: Any) -> Callable[[str], list[str]]:
    """Says which accounts are found."""

    def search(written: str) -> list[str]:
        answer = client.get("/v1/datasets/club/people", query_string={"q": written})
        assert answer.status_code == 200, answer.json
        return [person["account"] for person in answer.json["data"]]

    return search


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("elo", ["u2", "u1"]),
        ("ÉLODIE", ["u1"]),
        ("marchand", ["u1"]),
        ("u4", ["u4"]),
        ("eloy tom", []),
        ("nobody", []),
    ],
)
def test_people_are_found_by_a_part_of_their_name_whatever_its_case_and_accents(find, written, found):
    assert sorted(find(written)) == sorted(found)


def test_a_word_that_begins_so_comes_before_one_that_only_contains_it(find, club):
    club(
        [
            *CLUB,
            account("u9", "Caramelo"),
            act("x", "u9", "answer", "q2"),
            *(act(f"l{n}", f"v{n}", "like", "x") for n in range(9)),
        ]
    )
    assert find("elo") == ["u1", "u2", "u9"]


def test_everybody_comes_in_pages_the_most_recognised_first(client, club):
    first = client.get("/v1/datasets/club/people?limit=2").json
    said = [(each["account"], each["recognised_by"], each["acts"]) for each in first["data"]]
    assert said == [("u1", 2, 2), ("bot", 1, 1)]
    rest = client.get("/v1/datasets/club/people", query_string={"limit": 5, "cursor": first["next_cursor"]}).json
    assert [each["account"] for each in rest["data"]] == ["u4", "u2"]
    assert rest["has_more"] is False


def test_who_declined_or_is_suppressed_is_neither_found_nor_suggested(client, find, store: Store):
    assert find("melody") == []
    assert find("marchand") == ["u1"]
    store.suppression.add("custom:club", ["u1"])
    assert find("marchand") == []
    assert "u1" not in client.get("/v1/datasets/club/suggestions").get_data(as_text=True)


def test_records_that_are_added_are_found_at_once(client, find):
    assert find("grace") == []
    line = msgspec.json.Encoder().encode_lines([account("u8", "Grace"), act("n", "u8", "reply", "q1")])
    client.post("/v1/datasets/club/records", data=line, content_type="application/x-ndjson")
    assert find("grace") == ["u8"]


def test_tags_are_suggested_as_topics_by_how_many_posts_and_people_have_them(client, club):
    topics = client.get("/v1/datasets/club/suggestions").json["topics"]
    assert topics == [
        {"topic": "tag:yeast", "label": "yeast", "posts": 2, "people": 2},
        {"topic": "tag:Dry-Hopping", "label": "Dry-Hopping", "posts": 1, "people": 1},
    ]


def test_posts_that_do_not_say_whose_they_are_count_as_posts_and_as_nobody(client, club):
    club([act("q1", "u2", "question", tags=["yeast"]), *(act(f"n{n}", None, "note", tags=["yeast"]) for n in range(3))])
    (topic,) = client.get("/v1/datasets/club/suggestions").json["topics"]
    assert (topic["posts"], topic["people"]) == (4, 1)


def test_a_topic_of_the_catalogue_is_suggested_where_posts_are_on_it(client):
    topics = client.get("/v1/datasets/sample/suggestions").json["topics"]
    known = {each["topic"]: each for each in topics}
    assert known[sample.TOPIC]["people"] is None
    assert known[sample.TOPIC]["posts"] > 50


def test_the_most_recognised_people_are_suggested_and_no_bot(client, club):
    (root,) = client.get("/v1/datasets/club/suggestions").json["trust_roots"]
    assert (root["id"], [each["account"] for each in root["people"]]) == ("most_recognised", ["u1"])


def test_who_merged_changes_of_others_is_suggested_as_a_maintainer(client, club):
    club(CHANGES)
    roots = client.get("/v1/datasets/club/suggestions").json["trust_roots"]
    assert [(each["id"], [one["account"] for one in each["people"]]) for each in roots] == [
        ("maintainers", ["lead"]),
        ("most_recognised", ["dev"]),
    ]


def test_how_many_are_few_is_said_by_the_method_and_a_tenth_by_who_is_active(client):
    found = client.get("/v1/datasets/sample/suggestions").json
    assert found["few"] == load_method().status.few_people
    assert found["tenth"] == -(-found["active"] // 10)
    assert found["active"] > 50


def test_suggestions_say_when_the_records_begin_and_end(client, club):
    club([act("old", "u1", "note", published="2019-05-01T10:00:00Z"), act("new", "u1", "note")])
    found = client.get("/v1/datasets/club/suggestions").json
    assert (found["first"], found["last"]) == ("2019-05-01T10:00:00Z", AT)
    club([account("u1", "Ana")])
    found = client.get("/v1/datasets/club/suggestions").json
    assert (found["first"], found["last"]) == (None, None)


@pytest.mark.parametrize(
    ("dataset", "chosen", "day"),
    [
        ("club", "", 'value="2019-05-02"'),
        ("club", "&as_of=2019-04-01", 'value="2019-04-01"'),
        ("sample", "", f'value="{sample.AS_OF.date()}"'),
    ],
)
def test_the_page_asks_as_of_the_end_of_records_that_ended_long_ago(client, club, dataset, chosen, day):
    club([act("old", "u1", "note", published="2019-05-01T10:00:00Z")])
    page = client.get(f"/?dataset={dataset}&topic={sample.TOPIC}{chosen}").get_data(as_text=True)
    assert day in page[page.index('id="as_of"') :]


def test_of_a_data_set_that_is_not_there_nothing_is_found(client):
    assert client.get("/v1/datasets/nothing/people").status_code == 404
    assert client.get("/v1/datasets/nothing/suggestions").status_code == 404


def test_a_name_is_one_person_whichever_blanks_widths_and_invisible_characters_come_with_it(client, club):
    ways = ("Ada  L", " Ada L", "Ada\u00a0L\u200b", "\uff21da L")
    asked = [act("q", "u1", "question"), *(act(f"a{n}", name, "answer", "q") for n, name in enumerate(ways))]
    club([*asked, *(act(f"c{n}", name, "accept", "a0") for n, name in enumerate(ways))])

    def people() -> set[str]:
        return {each["account"] for each in client.get("/v1/datasets/club/people").json["data"]}

    assert people() == {"Ada L", "u1"}
    assert client.delete("/v1/accounts/custom:club/%EF%BC%A1da%20%20L%E2%80%8B").status_code == 202
    assert people() == {"u1"}
