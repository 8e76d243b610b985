"""Disputes as they are kept: by owner and account, decided, told of, kept on while they count, erased."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from candor.scoring.question import Contested
from candor.scoring.redaction import DataSubject
from candor.store.disputes import Dispute
from candor.store.webhooks import EVENTS
from tests.store.test_store_scores import scored

if TYPE_CHECKING:
    from candor.scoring.document import ScoreDocument
    from candor.store import Store

LIFE_S = 730 * 86_400


def dispute(number: int = 1, **changes: object) -> Dispute:
    made = Dispute(
        id=f"dsp_{number}",
        owner="local",
        score_id="sc_1",
        network="custom:demo",
        account="expert",
        topic="rockets",
        by="u3",
        of=None,
        reason="It is the same person.",
        contact="me@example.org",
        created_at=datetime(2026, 11, number, tzinfo=UTC),
    )
    return replace(made, **changes)


def document_of(disputed: Dispute) -> ScoreDocument:
    """The score that a dispute is about."""
    document = scored(datetime(2026, 10, 1, tzinfo=UTC), disputed.account)
    account = replace(document.account, network=disputed.network)
    return replace(document, id=disputed.score_id, account=account)


@pytest.fixture
def several(store: Store) -> list[Dispute]:
    """Two about one score, one about another of the same account."""
    made = [dispute(1), dispute(2, by="u4", of="a4"), dispute(3, score_id="sc_2")]
    for each in made[::-1]:
        store.disputes.open(each)
    return made


def contested(store: Store, *accounts: str) -> tuple[Contested, ...]:
    return store.disputes.contested("local", "custom:demo", accounts or ("expert", "other"))


def test_disputes_are_found_by_id_by_score_and_by_owner(store: Store, several: list[Dispute]) -> None:
    assert store.disputes.get("local", "dsp_2") == several[1]
    assert store.disputes.of_score("local", document_of(several[0])) == several[:2]
    assert store.disputes.all("local") == several
    assert sorted(each.id for each in store.disputes.all()) == ["dsp_1", "dsp_2", "dsp_3"]


def test_another_owner_has_none_of_them(store: Store, several: list[Dispute]) -> None:
    assert store.disputes.get("bob", "dsp_1") is None
    assert store.disputes.all("bob") == []
    assert store.disputes.of_score("bob", document_of(several[0])) == []
    assert store.disputes.decide("bob", "dsp_1", accept=True, note=None) is None
    store.disputes.decide("local", "dsp_1", accept=True, note=None)
    assert store.disputes.contested("bob", "custom:demo", ["expert"]) == ()


def test_only_accepted_ones_leave_something_out(store: Store, several: list[Dispute]) -> None:
    assert contested(store) == ()
    store.disputes.decide("local", "dsp_2", accept=True, note="Indeed.")
    store.disputes.decide("local", "dsp_3", accept=False, note=None)
    assert contested(store) == (Contested(account="expert", topic="rockets", by="u4", of="a4"),)
    assert contested(store, "other") == ()
    assert store.disputes.contested("local", "custom:other", ["expert"]) == ()
    assert store.disputes.contested("local", "custom:demo") == contested(store)
    assert store.disputes.contested("local", "custom:other") == ()


def test_a_later_decision_takes_the_place_of_an_earlier_one(store: Store, several: list[Dispute]) -> None:
    store.disputes.decide("local", "dsp_1", accept=True, note="Yes.")
    decided = store.disputes.decide("local", "dsp_1", accept=False, note="No.")
    assert (decided.status, decided.note) == ("rejected", "No.")
    assert contested(store) == ()


def test_who_was_disputed_with_success_since_a_time_is_known_for_some_or_all(
    store: Store, several: list[Dispute]
) -> None:
    store.disputes.open(dispute(4, account="other"))
    before = store.now()
    for number in (1, 4):
        store.disputes.decide("local", f"dsp_{number}", accept=True, note=None)
    store.disputes.decide("local", "dsp_2", accept=False, note=None)
    asked = ("local", "custom:demo", "rockets")
    assert store.disputes.accepted_since(before, *asked) == {"expert", "other"}
    assert store.disputes.accepted_since(before, *asked, ["other", "nobody"]) == {"other"}
    assert store.disputes.accepted_since(before, *asked, []) == set()
    assert store.disputes.accepted_since(store.now(), *asked) == set()
    assert store.disputes.accepted_since(before, "local", "custom:demo", "beer") == set()
    assert store.disputes.accepted_since(before, "bob", "custom:demo", "rockets") == set()


def test_who_asked_for_it_is_told(store: Store) -> None:
    told = store.webhooks.create("local", "https://hooks.example.org/", EVENTS)
    quiet = store.webhooks.create("local", "https://hooks.example.org/", ["job.failed"])
    others = store.webhooks.create("bob", "https://hooks.example.org/", EVENTS)
    disabled = store.webhooks.create("local", "https://hooks.example.org/", EVENTS)
    store.webhooks.disable("local", disabled.id, "a test")
    store.disputes.open(dispute())
    store.disputes.decide("local", "dsp_1", accept=True, note=None)
    logs = {hook.id: store.deliveries.list(hook.owner, hook.id)[0] for hook in (told, quiet, others, disabled)}
    assert [each.notification.type for each in logs[told.id]] == ["dispute.decided", "score.disputed"]
    assert {each.notification.data.url for each in logs[told.id]} == {"/v1/disputes/dsp_1"}
    assert [logs[hook.id] for hook in (quiet, others, disabled)] == [[], [], []]


def test_a_dispute_is_kept_on_while_it_leaves_something_out(store: Store, several: list[Dispute]) -> None:
    store.disputes.decide("local", "dsp_1", accept=True, note=None)
    for number in (1, 2):
        store.redis.expire(f"candor:dispute:local:dsp_{number}", 100)
    contested(store)
    assert store.redis.ttl("candor:dispute:local:dsp_1") == pytest.approx(LIFE_S, abs=60)
    assert store.redis.ttl("candor:dispute:local:dsp_2") <= 100


def test_a_dispute_whose_time_is_over_is_not_listed(store: Store, several: list[Dispute]) -> None:
    store.redis.delete("candor:dispute:local:dsp_1")
    assert [each.id for each in store.disputes.all("local")] == ["dsp_2", "dsp_3"]


def person(account: str, network: str = "custom:demo") -> DataSubject:
    """Who is to be erased."""
    return DataSubject(network=network, names=(account,))


@pytest.mark.parametrize(
    ("account", "left"), [("expert", []), ("u4", ["dsp_1", "dsp_3"]), ("u9", ["dsp_1", "dsp_2", "dsp_3"])]
)
def test_erasing_an_account_takes_every_dispute_that_names_it(
    store: Store, several: list[Dispute], account: str, left: list[str]
) -> None:
    assert store.disputes.erase(person(account), None) == {"disputes": 3 - len(left)}
    assert [each.id for each in store.disputes.all("local")] == left
    if not left:
        assert store.redis.keys("candor:disp*") == []


def test_erasing_can_be_with_one_owner_only(store: Store, several: list[Dispute]) -> None:
    store.disputes.open(dispute(4, owner="bob"))
    assert store.disputes.erase(person("expert", "custom:other"), None) == {"disputes": 0}
    assert store.disputes.erase(person("expert"), "bob") == {"disputes": 1}
    assert len(store.disputes.all("local")) == 3
