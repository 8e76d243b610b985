"""Messages over HTTP: made by a job when first asked for, without who is suppressed or erased."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec
import pytest

from candor import sample
from candor.settings import Settings
from worker import erasures, jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient


ASKED = {"dataset": "town", "trust_root": "elders", "as_of": "2026-11-01T00:00:00Z"}
MESSAGES = f"/v1/topics/{sample.TOPIC}/messages?{urlencode(ASKED)}"
EARNED = f"/v1/accounts/{sample.NETWORK}/{sample.EXPERT}/messages?topic={sample.TOPIC}"


@pytest.fixture
def town(client: FlaskClient, worker: None, saved: Callable[..., Any]) -> None:
    """The sample, kept."""
    saved("the sample as a town", lambda: keep_town(client))


def keep_town(client: FlaskClient) -> None:
    """Upload the sample and whom to trust in it."""
    url = f"/v1/datasets/town?network={sample.NETWORK}&profile={sample.PROFILE}"
    body = sample.records_path().read_bytes()
    assert client.put(url, data=body, content_type="application/x-ndjson").status_code == 201
    root = msgspec.to_builtins(sample.trust_root())
    named = {name: root[name] for name in ("kind", "network")}
    accounts = [{"account": each["account"]} for each in root["accounts"]]
    assert client.put("/v1/trust-roots/elders", json={**named, "accounts": accounts}).status_code == 201


def found(client: FlaskClient, url: str) -> Any:
    """Ask for a list, have the job done that makes it, and ask again."""
    answer = client.get(url)
    if answer.status_code == 202:
        jobs.score("local", answer.json["id"])
        assert client.get(answer.headers["Location"]).json["error"] is None
        answer = client.get(url)
    assert answer.status_code == 200, answer.json
    return answer.json


@pytest.fixture
def ask_first(client: FlaskClient, town: None) -> Callable[[str], Any]:
    """Asks for a list where nothing was asked for before."""
    return partial(found, client)


@pytest.fixture
def ask(ask_first: Callable[[str], Any], saved: Callable[..., Any]) -> Callable[[str], Any]:
    """Asks for a list; those that most tests ask for were made before, and are kept."""
    often = MESSAGES, TOPICS_OF_EXPERT, TOPICS_OF_TOWN, STORY
    saved("the town with what was asked", lambda: [ask_first(url) for url in often])
    return ask_first


@pytest.fixture
def scored(client: FlaskClient, town: None, saved: Callable[..., Any]) -> dict[str, Any]:
    """A score of the expert."""
    found: dict[str, Any] = saved("the town with its expert scored", lambda: score_expert(client))
    return found


def score_expert(client: FlaskClient) -> dict[str, Any]:
    """Have the expert scored; return the document."""
    account = {"network": sample.NETWORK, "account": sample.EXPERT}
    body = {"accounts": [account], "topics": [sample.TOPIC], **ASKED}
    job = client.post("/v1/jobs", json=body).json
    jobs.score("local", job["id"])
    found: dict[str, Any] = client.get(client.get(job["urls"]["self"]).json["results"][0]["score_url"]).json
    return found


def test_the_first_who_asks_starts_a_job_that_leads_back_to_the_list(client, town):
    first, again = client.get(MESSAGES), client.get(MESSAGES)
    assert (first.status_code, again.json["id"]) == (202, first.json["id"])
    jobs.score("local", first.json["id"])
    ended = client.get(first.headers["Location"]).json
    assert (ended["status"], client.get(ended["result_url"]).json) == ("succeeded", client.get(MESSAGES).json)


def test_no_job_looks_for_a_message_with_an_id_that_no_record_can_have(client, town):
    assert client.get(f"/v1/datasets/town/messages/{'0' * 513}?trust_root=elders").status_code == 404
    assert client.get("/v1/jobs").json["data"] == []


def test_the_job_leads_back_to_as_many_messages_as_were_asked_for(client, town):
    job = client.get(f"{MESSAGES}&limit=2").json
    jobs.score("local", job["id"])
    assert len(client.get(job["result_url"]).json["data"]) == 2


def test_messages_stand_by_uptake_and_come_in_pages(client, ask):
    whole = ask(f"{MESSAGES}&limit=100")["data"]
    uptake = [row["uptake"] for row in whole]
    assert uptake == sorted(uptake, reverse=True)
    first = client.get(f"{MESSAGES}&limit=7").json
    second = client.get(f"{MESSAGES}&limit=7&cursor={first['next_cursor']}").json
    assert [row["rank"] for row in first["data"] + second["data"]] == list(range(1, 15))
    assert first["data"] + second["data"] == whole[:14]


def test_an_author_leads_to_their_scores(client, ask, scored):
    row = next(row for row in ask(f"{MESSAGES}&limit=100")["data"] if row["author"]["account"] == sample.EXPERT)
    assert client.get(row["scores_url"]).json["data"][0]["score_id"] == scored["id"]


def test_another_owner_sees_none_of_it(client, ask, caller):
    ask(MESSAGES)
    assert caller("other", "read", "write")("GET", MESSAGES).status_code == 404


def test_without_as_of_the_list_of_today_is_served(client, ask):
    url = MESSAGES.partition("&as_of")[0]
    assert ask(url)["data"] == client.get(url).json["data"]
    assert client.get(url).json["as_of"] == "2026-11-01T12:00:00Z"


def test_a_list_is_made_anew_when_records_are_added(client, ask):
    ask(MESSAGES)
    line = b'{"id":"new","type":"note","actor":"p02","published":"2026-10-30T00:00:00Z","content":"A rocket"}\n'
    assert client.post("/v1/datasets/town/records", data=line, content_type="application/x-ndjson").status_code == 200
    assert client.get(MESSAGES).status_code == 202


def test_who_is_suppressed_is_nobodys_author_from_then_on(store, ask):
    whole = ask(f"{MESSAGES}&limit=100")["data"]
    author = whole[0]["author"]["account"]
    store.suppression.add(sample.NETWORK, [author])
    left = ask(f"{MESSAGES}&limit=100")["data"]
    assert left
    assert author not in {row["author"]["account"] for row in left}


def test_a_list_that_speaks_of_somebody_who_is_erased_is_deleted(store, ask_first):
    author = ask_first(MESSAGES)["data"][0]["author"]["account"]
    kept = list(store.redis.scan_iter("candor:finding:*"))
    erasures.erase("local", store.erasures.create("local", sample.NETWORK, author).id)
    assert (len(kept), list(store.redis.scan_iter("candor:finding:*"))) == (1, [])


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"dataset": "none"}, 404),
        ({"trust_root": "nobody"}, 422),
        ({"as_of": "yesterday"}, 422),
        ({"method": "9"}, 422),
    ],
)
def test_what_cannot_be_asked_is_refused(client, town, change, status):
    assert client.get(f"/v1/topics/{sample.TOPIC}/messages?{urlencode(ASKED | change)}").status_code == status


def test_a_topic_that_is_not_there_is_not_found(client, town):
    assert client.get(f"/v1/topics/none/messages?{urlencode(ASKED)}").status_code == 404


def test_points_by_message_add_up_to_the_score_over_all_pages(client, scored):
    points, url = Decimal(0), f"{EARNED}&limit=5"
    while url:
        page = client.get(url).json
        points += sum(Decimal(repr(row["points"])) for row in page["data"])
        url = page["has_more"] and f"{EARNED}&limit=5&cursor={page['next_cursor']}"
    assert points == Decimal(repr(scored["expertise"]["score"])) == Decimal(repr(page["score"]))


def test_without_a_score_there_are_no_messages_that_earned_it(client, town, caller, scored):
    assert client.get(EARNED.replace(sample.EXPERT, "p02")).status_code == 404
    assert caller("other", "read")("GET", EARNED).status_code == 404


def test_a_list_about_messages_raises_no_score(client, ask, scored):
    ask(MESSAGES)
    account = {"network": sample.NETWORK, "account": sample.EXPERT}
    job = client.post("/v1/jobs", json={"accounts": [account], "topics": [sample.TOPIC], **ASKED}).json
    jobs.score("local", job["id"])
    assert client.get(job["urls"]["self"]).json["results"][0]["score_id"] == scored["id"]


TOPICS_OF_EXPERT = f"/v1/accounts/{sample.NETWORK}/{sample.EXPERT}/topics?{urlencode(ASKED)}"
TOPICS_OF_TOWN = f"/v1/datasets/town/topics?{urlencode({name: ASKED[name] for name in ('trust_root', 'as_of')})}"


def test_the_topics_of_an_account_have_the_numbers_of_its_score(client, ask, scored):
    row = next(row for row in ask(TOPICS_OF_EXPERT)["data"] if row["topic"] == sample.TOPIC)
    for side in ("expertise", "interest"):
        assert row[side]["score"] == pytest.approx(scored[side]["score"], abs=2e-6)


def test_a_job_for_topics_leads_back_to_them(client, town):
    for url in (TOPICS_OF_EXPERT, TOPICS_OF_TOWN):
        job = client.get(url).json
        jobs.score("local", job["id"])
        answer = client.get(client.get(job["urls"]["self"]).json["result_url"])
        assert (answer.status_code, answer.json) == (200, client.get(url).json)


def test_an_own_topic_is_among_the_topics_of_an_account_at_once(client, ask):
    before = {row["topic"] for row in ask(f"{TOPICS_OF_EXPERT}&limit=100")["data"]}
    body = {"label": "Orbits", "terms": ["orbit"]}
    assert client.put("/v1/topics/orbits", json=body).status_code == 201
    assert {row["topic"] for row in ask(f"{TOPICS_OF_EXPERT}&limit=100")["data"]} - before == {"orbits"}


def test_who_asked_not_to_be_indexed_has_no_topics(ask):
    answer = ask(TOPICS_OF_EXPERT.replace(sample.EXPERT, sample.DECLINED))
    assert (answer["status"], answer["data"]) == ("declined", [])


def test_topics_of_who_left_are_refused_as_those_of_somebody_who_was_never_there(client, store, ask):
    ask(TOPICS_OF_EXPERT)
    store.suppression.add(sample.NETWORK, [sample.EXPERT])
    nobody = TOPICS_OF_EXPERT.replace(sample.EXPERT, "nobody")
    left, unknown = client.get(TOPICS_OF_EXPERT), client.get(nobody)
    assert (left.status_code, left.json["detail"]) == (unknown.status_code, unknown.json["detail"])
    assert left.status_code == 404


def test_an_erased_person_is_in_no_list_of_topics(store, ask_first):
    first = ask_first(TOPICS_OF_TOWN)["data"][0]["holders"][0]["account"]
    ask_first(TOPICS_OF_EXPERT.replace(sample.EXPERT, first))
    erasures.erase("local", store.erasures.create("local", sample.NETWORK, first).id)
    assert list(store.redis.scan_iter("candor:finding:*")) == []
    assert first not in {each["account"] for row in ask_first(TOPICS_OF_TOWN)["data"] for each in row["holders"]}


def test_a_community_says_what_would_change_without_somebody(ask):
    row = ask(TOPICS_OF_TOWN)["data"][0]
    first = row["holders"][0]["account"]
    left = next(each for each in ask(f"{TOPICS_OF_TOWN}&without={first}")["data"] if each["topic"] == row["topic"])
    assert row["without"] is None
    assert left["without"]["people"] == row["people"] - 1
    assert left["without"]["share"] == pytest.approx(row["holders"][0]["help"] / row["help"], abs=1e-6)


def test_the_topics_of_a_data_set_are_its_owners(client, ask, caller):
    ask(TOPICS_OF_TOWN)
    assert caller("other", "read", "write")("GET", TOPICS_OF_TOWN).status_code == 404


def test_a_message_shows_who_passed_it_on_and_belongs_to_its_owner(client, ask, caller):
    first = ask(MESSAGES)["data"][0]
    url = first["message_url"]
    answer = ask(url)
    assert answer["message"]["author"] == first["author"]
    assert answer["data"][0]["id"] == first["id"]
    assert answer["message"]["recorded"]["steps"] + answer["message"]["unknown"] <= len(answer["data"])
    assert caller("other", "read")("GET", url).status_code == 404
    missing = client.get(url.replace(first["id"], "none"))
    jobs.score("local", missing.json["id"])
    assert client.get(url.replace(first["id"], "none")).status_code == 404


STORY = f"/v1/datasets/town/messages/s0007?{urlencode({name: ASKED[name] for name in ('trust_root', 'as_of')})}"


@pytest.fixture
def path(ask) -> dict[str, Any]:
    """The path of the message by somebody with six followers."""
    found: dict[str, Any] = ask(STORY)
    return found


@pytest.fixture
def stranger(share_app, store) -> FlaskClient:
    """Somebody from elsewhere, without a key."""
    return share_app(Settings(host="0.0.0.0"), store).test_client()


def test_a_path_is_drawn_in_both_languages(client, path):
    drawn = client.get(path["picture_url"], headers={"Accept-Language": "fr"})
    assert (drawn.status_code, drawn.mimetype) == (200, "image/svg+xml")
    assert "Chidi Okafor, par Abby Marchetti" in drawn.text
    assert "Chidi Okafor, through Abby Marchetti" in client.get(f"{path['picture_url']}?lang=en").text


def test_a_path_is_its_owners_alone(path, caller):
    other, link = caller("other", "read", "write"), f"/v1/paths/{path['path_id']}/link"
    assert other("GET", path["picture_url"]).status_code == 404
    assert [other(method, link).status_code for method in ("POST", "DELETE")] == [404, 404]


def test_a_list_of_messages_is_no_path(client, store, ask_first):
    ask_first(MESSAGES)
    (key,) = store.redis.scan_iter("candor:finding:*")
    assert client.get(f"/v1/paths/{key.decode().rpartition(':')[2]}/picture.svg").status_code == 404


def test_a_link_opens_the_picture_alone_until_it_is_revoked(client, stranger, path):
    address = f"/v1/paths/{path['path_id']}/link"
    shared = client.post(f"{address}?days=3").json
    assert shared["expires_at"] == "2026-11-04T12:00:00Z"
    shown = stranger.get(shared["picture_url"])
    assert (shown.status_code, shown.headers["Cross-Origin-Resource-Policy"]) == (200, "cross-origin")
    assert shown.data == client.get(path["picture_url"]).data
    token = shared["picture_url"].partition("?")[2]
    assert stranger.get(f"{STORY}&{token}").status_code == 401
    assert stranger.get(f"/v1/paths/fi_other/picture.svg?{token}").status_code == 404
    assert client.delete(address).status_code == 204
    assert stranger.get(shared["picture_url"]).status_code == 404


def test_a_link_to_a_path_is_listed_and_ends_no_later_than_what_it_opens(client, path):
    made = client.post(f"/v1/paths/{path['path_id']}/link?days=30000").json
    assert [(link["id"], link["resource_id"]) for link in client.get("/v1/links").json["data"]] == [
        (made["id"], path["path_id"])
    ]
    assert made["expires_at"] < "2027-11-01"
    assert client.delete(f"/v1/links/{made['id']}").status_code == 204


@pytest.mark.parametrize("account", [sample.NEWCOMER, "p34"])
def test_who_is_erased_is_gone_from_list_path_picture_and_link(client, stranger, store, ask, path, account):
    shared = client.post(f"/v1/paths/{path['path_id']}/link").json["picture_url"]
    ask(MESSAGES)
    erasures.erase("local", store.erasures.create("local", sample.NETWORK, account).id)
    assert [client.get(path["picture_url"]).status_code, stranger.get(shared).status_code] == [404, 404]
    assert account not in {row["author"]["account"] for row in ask(f"{MESSAGES}&limit=100")["data"]}
    if account == sample.NEWCOMER:
        jobs.score("local", client.get(STORY).json["id"])
        assert client.get(STORY).status_code == 404
    else:
        assert account not in {step["author"] and step["author"]["account"] for step in ask(STORY)["data"]}


def test_who_opts_out_is_at_once_named_in_no_picture_that_was_shared(client, stranger, store, ask, path):
    shared = client.post(f"/v1/paths/{path['path_id']}/link").json["picture_url"]
    assert "Abby Marchetti" in stranger.get(shared).text
    store.suppression.add(sample.NETWORK, ["p34"])
    assert "Abby Marchetti" not in stranger.get(shared).text
    assert "Abby Marchetti" not in str(ask(STORY))


def test_a_message_of_somebody_who_opts_out_is_no_longer_shared(client, stranger, store, path):
    shared = client.post(f"/v1/paths/{path['path_id']}/link").json["picture_url"]
    store.suppression.add(sample.NETWORK, [sample.NEWCOMER])
    assert [client.get(path["picture_url"]).status_code, stranger.get(shared).status_code] == [404, 404]


def test_a_message_loses_what_a_dispute_takes_out(client, ask, scored):
    row = next(row for row in ask(f"{MESSAGES}&limit=100")["data"] if row["author"]["account"] == sample.EXPERT)
    by = next(
        voice["by"]
        for voice in client.get(f"/v1/scores/{scored['id']}?evidence=all").json["expertise"]["evidence"]
        if any(act["of"] == row["id"] for act in voice["acts"])
    )
    opened = client.post(f"/v1/scores/{scored['id']}/disputes", json={"by": by, "reason": "Not about this."}).json
    decided = client.post(opened["urls"]["decision"], json={"decision": "accepted"})
    assert decided.status_code == 200, decided.json
    left = {each["id"]: each for each in ask(f"{MESSAGES}&limit=100")["data"]}
    assert row["id"] not in left or left[row["id"]]["people"] < row["people"]
