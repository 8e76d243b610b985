"""History over HTTP: step by step, on one topic, with what changed."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from msgspec.structs import replace

from tests.service.test_service_scores import AWKWARD_ACCOUNTS, document
from tests.store.test_store_scores import scored

PATH = "/v1/accounts/custom%3Ademo/expert/history"


@pytest.fixture
def three(store):
    """Three scores, as of the first of three months; more people thanked from month to month."""
    made = [scored(datetime(2026, month, 1, tzinfo=UTC), thanks=thanks) for month, thanks in ((6, 5), (7, 9), (8, 9))]
    for each in made:
        store.scores.put("local", each)
    return made


def test_the_first_step_has_nothing_before_it(client, three):
    first = client.get(f"{PATH}?topic=rockets").json["data"][0]
    assert (first["score_id"], first["changed"], first["difference"]) == (three[0].id, [], None)
    assert first["score_url"] == f"/v1/scores/{three[0].id}"


def test_each_step_says_what_changed_and_what_came_of_it(client, three):
    _, second, third = client.get(f"{PATH}?topic=rockets").json["data"]
    assert (second["changed"], third["changed"]) == (["inputs"], [])
    gained = second["difference"]["expertise"]
    assert gained["score"] == pytest.approx(three[1].expertise.score - three[0].expertise.score, abs=1e-6)
    assert sum(gained["contributions"].values()) == pytest.approx(gained["score"], abs=1e-6)
    assert second["digests"]["inputs"] == three[1].inputs.digest


def test_a_step_of_the_same_day_that_reads_fewer_days_back_says_so_and_not_that_the_date_changed(client, three, store):
    store.scores.put("local", replace(three[2], id="sc_narrow", window_days=30))
    last = client.get(f"{PATH}?topic=rockets").json["data"][-1]
    assert (last["score_id"], last["changed"]) == ("sc_narrow", ["window"])
    page = client.get("/history/custom:demo/expert?topic=rockets&lang=en", headers={"Accept": "text/html"})
    assert "Changed: days read or type of community." in page.get_data(as_text=True)


def test_a_step_made_again_of_the_same_does_not_say_that_the_date_changed(client, three, store):
    store.scores.put("local", replace(three[2], id="sc_again"))
    page = client.get("/history/custom:demo/expert?topic=rockets&lang=en", headers={"Accept": "text/html"})
    said = page.get_data(as_text=True)
    assert said.count("Made again from the same records, method, trusted people and topic.") == 3
    assert said.count("Only the date changed up to which the records are read.") == 3


def test_pages_hold_every_step_once_and_keep_the_topic(client, three):
    seen, path = [], f"{PATH}?topic=rockets&limit=1"
    while path:
        answer = client.get(path)
        seen += answer.json["data"]
        path = answer.headers.get("Link", "").partition("<")[2].partition(">")[0]
    assert [step["score_id"] for step in seen] == [each.id for each in three]
    assert [step["changed"] for step in seen] == [[], ["inputs"], []]


def test_a_topic_is_to_be_named(client, three):
    answer = client.get(PATH)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == ["/topic"]


def test_without_a_score_on_the_topic_it_is_404(client, three):
    assert client.get(f"{PATH}?topic=hops").status_code == 404


def test_another_owner_sees_nothing(caller, three):
    assert caller("ada")("GET", f"{PATH}?topic=rockets").status_code == 404


@pytest.mark.parametrize("account", AWKWARD_ACCOUNTS)
def test_awkward_accounts_have_a_history(client, store, account):
    made = document(account)
    store.scores.put("local", made)
    answer = client.get(f"/v1/accounts/custom%3Abeer/{quote(account, safe='')}/history?topic=hops")
    assert [step["score_id"] for step in answer.json["data"]] == [made.id]


def test_steps_under_one_root_are_asked_for_apart_and_each_says_its_own(client, store, three):
    friends = replace(three[1].trust_root, id="friends", kind="accounts", digest="sha256:f")
    store.scores.put("local", replace(three[1], id="sc_friends", trust_root=friends), "town")
    assert len(client.get(f"{PATH}?topic=rockets").json["data"]) == 4
    for narrowed in ("trust_root=friends", "trust_root=sha256:f", "dataset=town"):
        (step,) = client.get(f"{PATH}?topic=rockets&{narrowed}").json["data"]
        assert (step["score_id"], step["trust_root"]["id"], step["dataset"]) == ("sc_friends", "friends", "town")
    steps = client.get(f"{PATH}?topic=rockets&trust_root=network").json["data"]
    assert [step["score_id"] for step in steps] == [each.id for each in three]
