"""History over HTTP: step by step, on one topic, with what changed."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from msgspec.structs import replace

from candor.store import redis_keys
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
    assert (second["changed"], third["changed"]) == (["inputs", "acts", "time"], ["time"])
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


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Changed: records, date (older acts count less). No act that counts for expertise is new or gone"),
        ("fr", "Ont changé : données, date (les actes anciens comptent moins). Aucun acte qui compte pour l'expertise"),
    ],
)
def test_a_step_between_which_only_records_about_others_came_says_that_none_is_about_the_account(
    client, three, store, language, said
):
    others = replace(three[2].inputs, digest="sha256:more")
    store.scores.put("local", replace(three[2], id="sc_later", as_of="2026-09-01T00:00:00Z", inputs=others))
    *_, last = client.get(f"{PATH}?topic=rockets").json["data"]
    assert last["changed"] == ["inputs", "time"]
    page = client.get(f"/history/custom:demo/expert?topic=rockets&lang={language}", headers={"Accept": "text/html"})
    assert said in html.unescape(page.text).replace("\xa0", " ")
    assert f"/compare?score={three[2].id}&score=sc_later" in html.unescape(page.text)


def test_two_scores_of_one_account_at_two_times_are_compared_act_by_act(client, three):
    first, second, third = (each.id for each in three)
    found = client.get(f"/v1/comparisons?score={second}&score={first}").json
    acts = found["acts"]
    assert (acts["complete"], acts["new_total"], acts["gone_total"], acts["aged_total"]) == (True, 4, 0, 5)
    assert {act["by"] for act in acts["new"]} == {f"u{number}" for number in range(5, 9)}
    assert {act["before"] for act in acts["new"]} == {None}
    assert all(act["now"] < act["before"] for act in acts["aged"])
    assert (found["account_a"], found["account_b"]) == ("expert", "expert")
    assert found["expertise"]["words"][0].startswith("expert (2026-07-01) stands ")
    later = client.get(f"/v1/comparisons?score={second}&score={third}").json["acts"]
    assert (later["new"], later["gone"], later["aged_total"]) == ([], [], 9)


def test_without_the_whole_evidence_of_one_score_it_is_said_that_only_a_part_was_compared(client, three, store):
    store.redis.delete(redis_keys.evidence("local", three[0].id))
    query = f"score={three[0].id}&score={three[1].id}"
    assert client.get(f"/v1/comparisons?{query}").json["acts"]["complete"] is False
    page = client.get(f"/compare?{query}&lang=en", headers={"Accept": "text/html"}).text
    assert "The whole evidence of one score is no longer kept" in page


def test_the_page_of_two_times_names_both_days_and_lists_what_is_new(client, three):
    page = client.get(f"/compare?score={three[0].id}&score={three[1].id}&lang=en", headers={"Accept": "text/html"}).text
    said = " ".join(re.sub("<[^>]+>", " ", page).split())
    assert "expert (1 June 2026) and expert (1 July 2026)" in said
    assert "New (4) u" in said
    assert "Counting otherwise (5) u" in said


def test_two_accounts_at_two_times_are_not_compared(client, three, store):
    other = scored(datetime(2026, 7, 1, tzinfo=UTC), account="u3", thanks=9)
    store.scores.put("local", other)
    answer = client.get(f"/v1/comparisons?score={three[0].id}&score={other.id}")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["detail"] == "the two scores differ in their time"


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
    assert [step["changed"] for step in seen] == [[], ["inputs", "acts", "time"], ["time"]]


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
