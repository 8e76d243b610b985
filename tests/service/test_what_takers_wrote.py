"""What people wrote when they took a message up: shown where its texts are, so that an objection can be told."""

from __future__ import annotations

import json
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from candor.store.jobs import part_id
from service.api.scores import decode_document
from service.board_notes import ON_REPLIES
from service.commands.text import show
from worker import jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

OBJECTION = "That is wrong, thank god I did not follow it."
NETWORK, WHO = "custom:garden", "rosie"
ASKED = "dataset=garden&trust_root=network&as_of=2026-10-30T00:00:00Z"
TOPIC = {"id": "mulch", "label": "Mulch", "terms": ["mulch"]}


def post(number: int, kind: str, actor: str, day: int, content: str = "", **more: Any) -> dict[str, Any]:
    published = f"2026-10-{day:02}T12:00:00Z"
    return {"id": f"r{number}", "type": kind, "actor": actor, "published": published, "content": content, **more}


def records() -> list[dict[str, Any]]:
    """Eight people ask about mulch, are answered by one account, and reply each in other words."""
    found = []
    for n in range(8):
        asker, q = f"asker{n}", 10 * n
        seen = {"visibility": "unlisted"} if n == 2 else {}
        found += [
            post(q, "question", asker, n + 1, f"Which mulch for bed {n}?"),
            post(q + 1, "answer", WHO, n + 2, f"Straw, for bed {n} it is the best of all.", object=f"r{q}"),
            post(q + 2, "reply", asker, n + 3, f"{OBJECTION} ({n})", object=f"r{q + 1}", **seen),
        ]
    consent = {"type": "account", "actor": "asker3", "published": "2026-10-01T00:00:00Z", "consent": False}
    return [*found, consent]


@pytest.fixture
def score_id(client: FlaskClient, worker: None, saved: Callable[..., Any]) -> str:
    """The id of the score of who answered."""
    return str(saved("a garden with objections", lambda: score_garden(client)))


def score_garden(client: FlaskClient) -> str:
    lines = b"\n".join(json.dumps(record).encode() for record in records())
    path = f"/v1/datasets/garden?network={NETWORK}&profile=forum"
    assert client.put(path, data=lines, content_type="application/x-ndjson").status_code == 201
    assert client.put("/v1/topics/mulch", json={"label": "Mulch", "terms": ["mulch"]}).status_code == 201
    return score_again(client)


def score_again(client: FlaskClient) -> str:
    asked = {"accounts": [{"network": NETWORK, "account": WHO}], "topics": ["mulch"], "dataset": "garden"}
    job = client.post("/v1/jobs", json={**asked, "trust_root": "network", "as_of": "2026-10-30T00:00:00Z"}).json
    jobs.score("local", job["id"])
    done: dict[str, Any] = client.get(job["urls"]["self"]).json
    assert done["error"] is None
    return str(done["results"][0]["score_id"])


def earned(client: FlaskClient) -> dict[str, list[dict[str, Any]]]:
    """What was written to each message that earned the score, by its id."""
    answer = client.get(f"/v1/accounts/{NETWORK}/{WHO}/messages?topic=mulch&limit=50").json
    return {row["id"]: row["wrote"] for row in answer["data"]}


def message(client: FlaskClient, record: str) -> Any:
    url = f"/v1/datasets/garden/messages/{record}?trust_root=network&as_of=2026-10-30T00:00:00Z"
    answer = client.get(url)
    if answer.status_code == 202:
        jobs.score("local", answer.json["id"])
        answer = client.get(url)
    assert answer.status_code == 200
    return answer.json["message"]


def page(client: FlaskClient, url: str, language: str = "en") -> str:
    answer = client.get(url, headers={"Accept": "text/html", "Accept-Language": language})
    if answer.status_code == 303:
        jobs.score("local", answer.headers["Location"].partition("?")[0].rpartition("/")[2])
        answer = client.get(url, headers={"Accept": "text/html", "Accept-Language": language})
    assert answer.status_code == 200
    return unescape(answer.text)


def test_a_message_that_earned_something_has_the_reply_by_which_it_did(client, score_id):
    assert earned(client)["r1"] == [
        {
            "kind": "thanked",
            "by": "asker0",
            "id": "r2",
            "at": "2026-10-03T12:00:00Z",
            "url": None,
            "text": f"{OBJECTION} (0)",
        }
    ]


def test_nothing_is_shown_of_a_text_that_was_not_public_to_all_nor_of_who_declined(client, score_id):
    assert {name for name, said in earned(client).items() if not said} == {"r21", "r31"}
    assert message(client, "r21")["taken_up"][0]["wrote"] == []


def test_nothing_is_shown_of_who_opted_out_since(client, store, score_id):
    store.suppression.add(NETWORK, ["asker0"])
    assert earned(client)["r1"] == []
    assert f"{OBJECTION} (0)" not in page(client, f"/card/{score_id}/messages")


def test_nothing_is_shown_of_a_text_that_is_gone(client, score_id):
    assert client.delete("/v1/datasets/garden/records/r2").status_code == 204
    assert earned(client)["r1"] == []
    client.delete("/v1/datasets/garden")
    assert {len(said) for said in earned(client).values()} == {0}


def test_the_path_of_a_message_has_what_those_wrote_who_took_it_up(client, score_id):
    (taken,) = message(client, "r1")["taken_up"]
    assert [(each["by"], each["text"]) for each in taken["wrote"]] == [("asker0", f"{OBJECTION} (0)")]


@pytest.mark.parametrize(
    ("language", "said"), [("en", "read whether it says thanks or objects"), ("fr", "si elle remercie ou conteste")]
)
def test_the_pages_show_the_replies_and_say_that_one_may_object(client, score_id, language, said):
    for url in (f"/card/{score_id}/messages", f"/message/garden/r1?trust_root=network&{ASKED.partition('&')[2]}"):
        shown = page(client, url, language)
        assert f"<q><bdi>{OBJECTION} (0)</bdi></q>" in shown
        assert said in shown.replace("\u00a0", " ")


def test_a_card_quotes_its_example_and_says_that_askers_replied_and_not_that_they_used_the_help(client, score_id):
    shown = page(client, f"/card/{score_id}")
    assert f"<q><bdi>{OBJECTION}" in shown
    assert "8 people who had asked replied to this person's answers; a reply may also object." in shown
    assert "used this person's help" not in shown
    french = page(client, f"/card/{score_id}", "fr").replace("\u00a0", " ")
    assert "8 personnes qui avaient posé une question ont réagi aux réponses de ce compte" in french


def test_a_card_opened_by_a_link_shows_no_text(client, store, score_id):
    link = client.post(f"/v1/scores/{score_id}/link?opens=card").json["card_url"]
    assert OBJECTION not in page(client, link)


def test_the_command_says_that_askers_replied(client, score_id):
    said = show(decode_document(client.get(f"/v1/scores/{score_id}").data))
    assert "8 people who had asked replied to this account's answers (a reply may also object)" in " ".join(
        said.split()
    )


def test_who_was_accepted_once_has_people_who_used_the_help(client, score_id):
    accept = {"type": "accept", "id": "x", "actor": "asker5", "object": "r51", "published": "2026-10-12T00:00:00Z"}
    sent = client.post("/v1/datasets/garden/records", data=json.dumps(accept), content_type="application/x-ndjson")
    assert sent.status_code == 200
    assert "8 people used this person's help." in page(client, f"/card/{score_again(client)}")


def test_a_message_where_nobody_was_named_does_not_say_that_it_reached_none_of_them(client, score_id):
    url = "/message/garden/r1?trust_root=network&as_of=2026-10-30T00:00:00Z"
    assert "it reached none of the people" not in page(client, url)


@pytest.mark.parametrize(
    ("language", "said"), [("en", "scores rest on replies"), ("fr", "les notes reposent sur des réponses")]
)
def test_a_board_and_its_map_say_that_scores_rest_on_replies_and_the_card_leads_to_them(
    client, score_id, language, said
):
    asked = {"topics": ["mulch"], "dataset": "garden", "trust_root": "network", "as_of": "2026-10-30T00:00:00Z"}
    job = client.post("/v1/jobs", json=asked).json
    for name in (job["id"], part_id(job["id"], 0)):
        jobs.score("local", name)
    ended = client.get(job["urls"]["self"]).json
    board = client.get(ended["results"][0]["board_url"]).json["board"]
    assert ON_REPLIES in board["note"]
    assert ON_REPLIES in ended["note"]
    assert said in page(client, f"/map?board={board['id']}", language).replace("\u00a0", " ")
    card = (
        page(client, f"/card/{score_id}", language)
        .partition('class="panel side expertise"')[2]
        .partition("</section>")[0]
    )
    assert f'href="/card/{score_id}/messages"' in card
