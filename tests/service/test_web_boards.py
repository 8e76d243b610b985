"""The same map on several days: who entered, who left, who has another place, and which is kept up to date."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from candor.scoring.sides import WARNING
from candor.store.jobs import part_id
from lab.speed.community import community
from service.board_notes import Ranked, changes_between
from service.words import words
from worker import jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask.testing import FlaskClient

    from candor.store import Store

HTML = {"Accept": "text/html"}
ROOT = {"kind": "accounts", "network": "custom:town", "accounts": [{"account": f"u{number}"} for number in range(10)]}
FIRST, NEXT = "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"


def praised(name: str, times: int) -> Iterator[dict[str, Any]]:
    """Somebody new, with a name of their own, whose answers many accept in October."""
    yield {"type": "account", "actor": name, "name": "Nora Newcomer", "published": "2026-10-02T00:00:00Z"}
    for number in range(times):
        at, asker = f"2026-10-{2 + number % 28:02}T12:00:00Z", f"u{number % 20}"
        yield {"id": f"{name}-q{number}", "type": "question", "actor": asker, "published": at, "tags": ["topic"]}
        said = {"object": f"{name}-q{number}", "published": at}
        yield {"id": f"{name}-a{number}", "type": "answer", "actor": name, **said}
        accept = {"object": f"{name}-a{number}", "target_actor": name, "published": at}
        yield {"id": f"{name}-k{number}", "type": "accept", "actor": asker, **accept}


def add(client: FlaskClient, records: list[Any]) -> None:
    """Bring more records."""
    lines = b"\n".join(msgspec.json.encode(each) for each in records)
    answer = client.post("/v1/datasets/town/records", data=lines, content_type="application/x-ndjson")
    assert answer.status_code == 200


def ranked(client: FlaskClient, as_of: str, root: str = "elders") -> str:
    """Rank everybody; return the board's id."""
    body = {"topics": ["tag:topic"], "dataset": "town", "trust_root": root, "as_of": as_of}
    job = client.post("/v1/jobs", json=body).json["id"]
    for name in (job, part_id(job, 0)):
        jobs.score("local", name)
    board: str = client.get(f"/v1/jobs/{job}").json["results"][0]["board_id"]
    return board


def read(client: FlaskClient, address: str, language: str = "en") -> str:
    """A page as it is read, without its tags."""
    answer = client.get(address, headers=HTML | {"Accept-Language": language})
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]+>", " ", answer.text))).replace(" ,", ",")


def keep_weeks(client: FlaskClient) -> list[str]:
    """Rank a town twice, with a month between."""
    url = "/v1/datasets/town?network=custom:town&profile=qa"
    records = b"\n".join(map(msgspec.json.encode, community(4_000)))
    assert client.put(url, data=records, content_type="application/x-ndjson").status_code == 201
    assert client.put("/v1/trust-roots/elders", json=ROOT).status_code == 201
    first = ranked(client, FIRST)
    add(client, list(praised("p99", 200)))
    return [first, ranked(client, NEXT)]


@pytest.fixture
def weeks(client: FlaskClient, worker: None, saved: Callable[..., Any]) -> list[str]:
    """The boards of two months, the earlier first."""
    boards: list[str] = saved("a town ranked twice", lambda: keep_weeks(client))
    return boards


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            [
                "What changed since 1 October 2026",
                "Changed: records, date (older acts count less).",
                "New among the first 10 Nora Newcomer now at place 1",
                "No longer among the first 10 u33 from place 9 to 11",
                "In a lower place than before",
                "from place 1 to 2",
                "Other days: 1 October 2026 .",
            ],
        ),
        (
            "fr",
            [
                "Ce qui a changé depuis le 1er octobre 2026",
                "Ont changé : données, date (les actes anciens comptent moins).",
                "Entrés dans les 10 premières places Nora Newcomer maintenant à la place 1",
                "Sortis des 10 premières places",
                "À une moins bonne place qu'avant",
                "de la place 1 à la 2",
                "Autres dates : 1er octobre 2026 .",
            ],
        ),
    ],
)
def test_a_map_says_who_entered_and_who_left_and_who_has_another_place_since_the_one_before(
    client, weeks, language, said
):
    page = read(client, f"/map?board={weeks[1]}", language).replace("\xa0", " ")
    assert [words for words in said if words not in page] == []
    assert "p99" not in page


@pytest.mark.parametrize(
    ("language", "chance", "cheats"),
    [
        ("en", "their order may be chance", "a single trusted person can change these scores"),
        ("fr", "leur ordre peut être dû au hasard", "une seule personne de confiance peut changer ces notes"),
    ],
)
def test_a_map_says_above_its_list_what_may_be_chance_and_what_one_can_change(client, weeks, language, chance, cheats):
    page = read(client, f"/map?board={weeks[0]}", language)
    head, _, _ = page.partition(" 1 Open the card" if language == "en" else " 1 Ouvrir la fiche")
    assert (chance in head, cheats in head) == (True, True)


@pytest.mark.parametrize(("only", "says"), [("", True), ("&status=ok", False)])
def test_what_last_active_counts_is_explained_where_a_row_says_it(client, weeks, only, says):
    page = read(client, f"/map?board={weeks[0]}{only}")
    assert ("no answers here, last active" in page, "“Last active” counts" in page) == (says, says)


def test_a_card_of_a_community_that_merges_nothing_does_not_speak_of_merging(client, weeks):
    made = client.post(f"/v1/boards/{weeks[1]}/documents/u3").json
    jobs.score("local", made["id"])
    (first,) = client.get(made["urls"]["self"]).json["results"]
    assert "allowed to merge" in client.get(first["score_url"]).text
    assert "allowed to merge" not in read(client, f"/card/{first['score_id']}")


@pytest.mark.usefixtures("weeks")
def test_of_those_who_are_tied_nobody_enters_or_leaves(store: Store):
    facts, *_ = store.boards.of_dataset("local", "town")
    tied = {f"u{n}": 1 for n in range(12)}
    now, before = (
        Ranked(facts, dict.fromkeys(order), dict.fromkeys(order, 1), dict.fromkeys(order, 50.0))
        for order in (list(tied), list(reversed(tied)))
    )
    changes = changes_between(now, before, 10)
    assert (changes.entered, changes.left, changes.moved, changes.stayed) == ((), (), (), ())


@pytest.mark.usefixtures("weeks")
def test_who_kept_a_place_with_another_score_is_named_with_both(store: Store):
    facts, *_ = store.boards.of_dataset("local", "town")
    names, ranks = dict.fromkeys(["a", "b", "c"]), {"a": 1, "b": 2, "c": 3}
    before = Ranked(facts, names, ranks, {"a": 49.34, "b": 39.5, "c": 12.0})
    now = Ranked(facts, names, ranks, {"a": 48.5, "b": 39.55, "c": 12.0})
    (only,) = changes_between(now, before, 10).stayed or ()
    assert (only.account, only.rank, only.score_before, only.score) == ("a", 1, 49.34, 48.5)


@pytest.mark.usefixtures("weeks")
def test_whether_a_score_is_another_is_judged_as_it_is_shown(store: Store):
    facts, *_ = store.boards.of_dataset("local", "town")
    names, ranks = dict.fromkeys(["a", "b"]), {"a": 1, "b": 2}
    before = Ranked(facts, names, ranks, {"a": 24.04, "b": 2.94})
    now = Ranked(facts, names, ranks, {"a": 23.96, "b": 2.86})
    assert [each.account for each in changes_between(now, before, 10).stayed or ()] == []
    (moved, _) = changes_between(now, Ranked(facts, names, {"a": 2, "b": 1}, {"a": 23.9, "b": 2.94}), 10).moved or ()
    assert (moved.account, moved.is_higher, moved.has_shown_score) == ("a", True, False)


def test_who_has_another_place_with_the_score_shown_before_is_not_listed_as_lower(client, weeks):
    section = read(client, f"/map?board={weeks[1]}").partition("In a lower place")[2].partition("Where the ranges")[0]
    lower, _, others = section.partition("In another place with the same score, as others moved")
    points = re.compile(r"\(([\d.]+) → ([\d.]+) points\)")
    assert {before == now for before, now in points.findall(lower)} == {False}
    assert {before == now for before, now in points.findall(others.partition("In the same place")[0])} == {True}


def test_the_newest_map_and_the_first_one_lead_to_each_other_and_the_first_has_nothing_before(client, weeks):
    for here, there in (weeks, weeks[::-1]):
        page = client.get(f"/map?board={here}", headers=HTML).text
        assert re.findall(r'href="/map\?board=(bd_\w+)"', page) == [there]
    assert "What changed" not in read(client, f"/map?board={weeks[0]}")
    newest = client.get("/map?dataset=town&topic=tag:topic&trust_root=elders", headers=HTML).text
    assert f"/map?board={weeks[0]}" in newest


def test_under_other_trusted_people_places_are_not_compared_and_it_is_said_why(client, weeks):
    changed = {**ROOT, "accounts": ROOT["accounts"][:5]}
    assert client.put("/v1/trust-roots/elders", json=changed).status_code == 200
    page = read(client, f"/map?board={ranked(client, '2026-11-01T01:00:00Z')}")
    assert "The places are not compared with those of 1 November 2026" in page
    assert "Changed: trusted people, date (older acts count less)." in page
    assert "New among" not in page


def test_a_map_under_another_root_is_not_among_the_other_days(client, weeks):
    alone = ranked(client, NEXT, "network")
    page = client.get(f"/map?board={alone}", headers=HTML).text
    assert [each for each in weeks if each in page] == []
    assert 'id="since"' not in page


def test_with_the_same_records_only_the_date_changed(client, weeks):
    page = read(client, f"/map?board={ranked(client, '2026-11-01T02:00:00Z')}")
    assert "Only the date changed up to which the records are read." in page
    assert "1 November 2026 (made at" in page  # two of one day are told apart


def test_nobody_suppressed_is_named_among_the_changes(client, store: Store, weeks):
    store.suppression.add("custom:town", ["p99"])
    section = read(client, f"/map?board={weeks[1]}").partition("What changed")[2].partition("Other days")[0]
    assert "Nora Newcomer" not in section


def test_the_page_of_a_data_set_lists_its_maps_and_keeps_one_up_to_date(client, store: Store, weeks):
    text = read(client, "/dataset/town")
    assert "topic, 1 November 2026 · People trusted: elders · earlier: 1 October 2026" in text
    page = client.get("/dataset/town", headers=HTML).text
    (action,) = re.findall(r'action="(/dataset/town/follow/bd_\w+)"', page)
    (token,) = set(re.findall(r'name="csrf" value="([\w-]+)"', page))
    answer = client.post(action, data={"csrf": token})
    assert answer.headers["Location"] == "/dataset/town#boards"
    (followed,) = store.followed_boards.list("local")
    assert (followed.dataset, followed.topic.id, followed.trust_root) == ("town", "tag:topic", "elders")
    store.followed_boards.put(msgspec.structs.replace(followed, error="told"))
    client.post(action, data={"csrf": token})  # as a second press on the button sends it
    assert store.followed_boards.list("local")[0].error == "told"
    page = client.get("/dataset/town", headers=HTML).text
    assert "Kept up to date, at most every 5 minutes." in page
    (stop,) = re.findall(r'action="(/dataset/town/unfollow/[\w-]+)"', page)
    client.post(stop, data={"csrf": token})
    assert store.followed_boards.list("local") == []


def test_people_without_a_name_of_their_own_cannot_be_asked_about_again(client, store: Store, weeks):
    body = {"topics": ["tag:topic"], "dataset": "town", "trust_root": ROOT, "as_of": NEXT}
    job = client.post("/v1/jobs", json=body).json["id"]
    for name in (job, part_id(job, 0)):
        jobs.score("local", name)
    board = client.get(f"/v1/jobs/{job}").json["results"][0]["board_id"]
    assert "give the people you trust a name" in read(client, "/dataset/town")
    token = re.findall(r'name="csrf" value="([\w-]+)"', client.get("/dataset/town", headers=HTML).text)[0]
    assert client.post(f"/dataset/town/follow/{board}", data={"csrf": token}, headers=HTML).status_code == 404


def test_a_data_set_of_which_there_is_no_map_says_so(client, worker):
    assert "None yet. Ask about this community" in read(client, "/dataset/sample")


def test_a_deleted_data_set_forgets_which_boards_followed_one_another(client, store: Store, weeks):
    newest = store.boards.get("local", weeks[1])
    assert [each.id for each in store.boards.series(newest)] == weeks[::-1]
    client.delete("/v1/datasets/town")
    assert store.boards.series(newest) == []


@pytest.mark.parametrize(
    ("language", "said", "estimate"),
    [
        (
            "en",
            ["First score whose card was made.", "On maps of everyone", "1 November 2026, place 2 of"],
            "(estimate)",
        ),
        (
            "fr",
            ["Première note dont la fiche a été établie.", "Sur les cartes de tous", "1er novembre 2026, n° 2 sur"],
            "(estimation)",
        ),
    ],
)
def test_a_history_tells_places_on_maps_from_which_no_card_was_made(client, store, weeks, language, said, estimate):
    job = client.post(f"/v1/boards/{weeks[1]}/documents/u0").json["id"]
    jobs.score("local", job)
    page = read(client, "/history/custom:town/u0?topic=tag:topic", language).replace("\xa0", " ")
    assert [words for words in said if words not in page] == []
    rows = [store.boards.row_of(store.boards.get("local", board), "u0") for board in weeks]
    history = client.get("/v1/accounts/custom:town/u0/history?topic=tag:topic").json
    assert [each["board_id"] for each in history["boards"]] == weeks
    assert [(each["rank"], each["score"]) for each in history["boards"]] == [
        (row.rank, round(row.expertise.score, 6)) for row in rows
    ]
    assert len(history["data"]) == 1
    assert page.count(estimate) == sum(row.standing == "shared" for row in rows)


def test_an_estimate_in_a_history_is_marked_as_one(client, store: Store, weeks):
    job = client.post(f"/v1/boards/{weeks[1]}/documents/u0").json["id"]
    jobs.score("local", job)
    facts = store.boards.get("local", weeks[0])
    rows = [msgspec.structs.replace(row, standing="shared") for row in store.boards.rows(facts)]
    store.boards.put(facts, rows)
    page = read(client, "/history/custom:town/u0?topic=tag:topic")
    assert page.count("(estimate)") == 1


def test_a_history_under_other_trusted_people_tells_none_of_these_places(client, weeks):
    body = {"topics": ["tag:topic"], "dataset": "town", "trust_root": "network", "as_of": NEXT}
    job = client.post("/v1/jobs", json=body | {"accounts": [{"network": "custom:town", "account": "u0"}]}).json["id"]
    jobs.score("local", job)
    assert client.get("/v1/accounts/custom:town/u0/history?topic=tag:topic").json["boards"] == []
    assert "On maps of everyone" not in read(client, "/history/custom:town/u0?topic=tag:topic")


def sends(client: FlaskClient, address: str) -> set[str]:
    """Where the forms of a page send something, and what its buttons of sharing would make."""
    page = client.get(address, headers=HTML).text
    return {*re.findall(r'<form method="post"(?: action="([^"]*)")?', page), *re.findall(r'data-link="([^"]+)"', page)}


def test_who_may_only_read_is_shown_no_form_that_would_be_refused(share_app, settings, store, client, weeks):
    shown = ["/", "/dataset/town", f"/map?board={weeks[1]}", "/map?dataset=town&topic=cooking&trust_root=elders"]
    assert [address for address in shown if not sends(client, address)] == []
    reader = share_app(replace(settings, host="0.0.0.0", operator_contact="ada@example.org"), store).test_client()
    token = re.search(r'name="csrf" value="([\w-]+)"', reader.get("/sign-in", headers=HTML).text)
    key = store.keys.create("local", "page", ("read",))[1]
    assert reader.post("/sign-in", data={"key": key, "csrf": token and token[1], "next": "/"}).status_code == 303
    assert {address: sends(reader, address) for address in shown} == {address: {"/sign-out"} for address in shown}


def test_a_first_card_is_compared_with_anybody_on_its_map(client, weeks):
    made = client.post(f"/v1/boards/{weeks[1]}/documents/u3").json
    jobs.score("local", made["id"])
    (first,) = client.get(made["urls"]["self"]).json["results"]
    page = client.get(f"/card/{first['score_id']}", headers=HTML).text
    form = re.search(rf'<form method="post" action="(/card/{first["score_id"]}/compare)".*?</form>', page, re.DOTALL)
    assert form
    offered = dict(re.findall(r'<option value="(\w+)">([^<]+)<', form[0]))
    assert offered["p99"] == "1. Nora Newcomer"
    assert "u3" not in offered
    fields = dict(re.findall(r'name="(\w+)" value="([^"]+)"', form[0]))
    waiting = client.post(form[1], data=fields | {"account": "p99"}, headers=HTML).headers["Location"]
    jobs.score("local", re.split(r"[/?]", waiting)[2])
    compared = client.get(waiting, headers=HTML, follow_redirects=True).text
    assert "Nora Newcomer" in compared
    assert "Sum: the score" in compared


def test_after_records_were_added_a_name_on_an_older_map_opens_a_card_of_the_records_as_they_are_now(client, weeks):
    assert "have changed since" not in read(client, f"/map?board={weeks[1]}")
    add(client, list(praised("p77", 3)))
    page = client.get(f"/map?board={weeks[1]}", headers=HTML).text
    assert "The records of this community have changed since this map was made." in page
    assert "/?dataset=town&amp;topic=tag%3Atopic&amp;trust_root=elders" in page
    made = client.post(f"/v1/boards/{weeks[1]}/documents/u3").json
    jobs.score("local", made["id"])
    assert client.get(made["urls"]["self"]).json["status"] == "succeeded"
    assert client.delete("/v1/datasets/town").status_code == 204
    assert "were deleted since this map was made" in read(client, f"/map?board={weeks[1]}")
    assert client.post(f"/v1/boards/{weeks[1]}/documents/u3").json["code"] == "not_found"


@pytest.mark.parametrize(
    ("language", "up", "unknown"),
    [
        ("en", "Higher up: knows more", "Nobody shown here has"),
        ("fr", "Plus haut", "Personne parmi les comptes montrés n'a de note d'expertise"),
    ],
)
def test_a_map_says_what_is_higher_up_only_where_it_has_that_axis(client, weeks, language, up, unknown):
    whole, part = (
        read(client, f"/map?board={weeks[1]}{only}", language) for only in ("", "&status=not_enough_evidence")
    )
    assert [(up in page, unknown in page.replace("\u00a0", " ")) for page in (whole, part)] == [
        (True, False),
        (False, True),
    ]


@pytest.mark.parametrize(
    ("language", "said"), [("en", "easy to manipulate"), ("fr", "facile à manipuler")], ids=["en", "fr"]
)
def test_where_everyone_counts_equally_the_map_its_picture_and_its_topics_say_that_it_is_easy_to_manipulate(
    client, weeks, language, said
):
    alone, headers = ranked(client, NEXT, "network"), HTML | {"Accept-Language": language}
    page = client.get(f"/map?board={alone}", headers=headers).text
    before_the_list, _, _ = page.partition('id="list"')
    assert f'<p class="notice">{html.escape(words(language).translate(WARNING))}' in before_the_list
    assert said in client.get(f"/v1/boards/{alone}/map.svg?lang={language}").text.replace("\xa0", " ")
    assert words(language).translate(WARNING) not in read(client, f"/map?board={weeks[1]}", language)


def test_after_a_map_on_which_nobody_had_a_score_nobody_came_in(client, weeks):
    ranked(client, "2019-01-01T00:00:00Z")
    page = read(client, f"/map?board={weeks[0]}")
    assert "On the map of 1 January 2019 nobody had an expertise score" in page
    assert "New among" not in page


def test_where_every_score_is_rough_a_map_does_not_say_that_who_stands_above_is_an_expert(client, weeks):
    assert "An expert stands above the others" in read(client, f"/map?board={weeks[1]}")
    assert client.put("/v1/trust-roots/elders", json=ROOT | {"accounts": ROOT["accounts"][:2]}).status_code == 200
    page = read(client, f"/map?board={ranked(client, '2026-11-01T01:00:00Z')}")
    assert "An expert stands above the others" not in page
    assert "every expertise score shown here is a rough figure" in page
